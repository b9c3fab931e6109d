"""Pages a second over HTTP against a raw loop over the same runtime and models, and against other people's readers.

In interleaved rounds, so that whatever else the machine does meets every way alike: the raw loop page by page and in
batches (`raw_loop`), the server with 1, 8 and 32 callers, the same models behind PaddleX serving and RapidOCR's API,
Tesseract. What counts are the ratios within a round. `ocr=always` keeps the engine at work; callers wait for each
answer before the next document. PDFs with a text layer are a comparison of their own: the server answers from it,
others draw and read. The documents are made on the spot.
"""
