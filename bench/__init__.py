"""Measurements: accuracy against ground truth and against peers, throughput against a raw loop, memory over time."""
