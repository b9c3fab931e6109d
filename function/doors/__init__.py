"""Doors turn outside words into ours and back, and decide nothing: one file a door."""
