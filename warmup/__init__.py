"""From cold to ready; so far only `pages/`, the sample documents that `make run` reads.

The rungs of a cold start and their times, and the weights (fetched, verified, preloaded from a volume), come to stand
here. Imports nothing of ours.
"""
