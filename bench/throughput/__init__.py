"""Pages a second over HTTP against a raw loop over the same runtime and models: `python -m bench.throughput`.

In interleaved rounds, so that whatever else the machine does meets every way alike: the raw loop page by page and in
batches (`raw_loop`), the server with one caller and with eight. What counts are the ratios within a round. `ocr=always`
keeps the engine at work; one caller waits for each answer before the next document. The documents are made on the spot.
"""
