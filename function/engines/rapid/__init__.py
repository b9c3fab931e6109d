"""The fast rung on a CPU: PP-OCRv6 small, the models that come inside the rapidocr wheel, without importing rapidocr.

From pixels to lines, one file a step: orientation (which way is up) → detection (where lines are) → crops (cut and
turned level) → recognition (what they say); engine.py lets pages overlap, runtime.py hides who multiplies the matrices.
"""
