"""What a reading gives: the values users get, and one writer a format."""
