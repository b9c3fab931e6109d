"""Every metric in one list, and log lines."""
