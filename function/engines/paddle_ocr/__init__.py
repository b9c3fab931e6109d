"""The fast rung through PaddleOCR's own pipeline: PP-OCRv5 and v6 in any of their languages, on a GPU or a CPU.

models.py finds and checks the models' folders, engine.py owns the pipeline, lines.py turns its results into ours.
"""
