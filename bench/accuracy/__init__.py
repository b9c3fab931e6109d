"""How well documents are read: ours next to plain RapidOCR and Debian's Tesseract, on documents whose text is known.

`python -m bench.accuracy FOLDER` prints the table; `measure` gives the same figures to tests.

    corpus ─► readers (ours, rapidocr, tesseract; kept in a cache) ─► scores ─► table, JSON, page of differences
"""
