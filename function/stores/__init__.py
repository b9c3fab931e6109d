"""Where uploads lie and results go, empty so far: a base and one file a kind (S3, disk, memory)."""
