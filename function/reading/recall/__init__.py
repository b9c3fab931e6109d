"""What need not be read again: answers and pages that are kept, and those being read just now."""
