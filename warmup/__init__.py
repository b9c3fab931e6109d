"""From cold to ready: the rungs of waking and their report, weights on a volume, and `pages/`, the sample documents.

Imports nothing of ours, but for `__main__`, which is a door.
"""
