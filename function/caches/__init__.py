"""Answers that need not be read twice, empty so far: a base and one file a kind (none, memory, Redis)."""
