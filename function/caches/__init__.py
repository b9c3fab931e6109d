"""Answers that need not be read twice: a base, and one file or folder a kind (memory, Redis); without one, none."""
