"""`make gpu-check`: whether the accurate tier works on this machine, how well it reads, and how fast.

missing.py says what is not here, gpu.py asks the graphics card, run.py reads sample pages through the real server,
report.py writes the block to paste.
"""
