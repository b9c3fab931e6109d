"""What serving costs where reading costs nothing: our request path next to other servers with the same idle handler."""
