"""What the ladder's thresholds cost and bring: a folder of documents whose text is known, read once, judged often.

`python -m bench.ladder FOLDER …` reads every page with the fast engine, writes down its signs, and then replays `auto`
with thresholds moved one by one, which costs nothing.

    corpus ─► pages (fast text, signs, seconds; accurate text) ─► sweep of thresholds ─► table, JSON, SVG
                                                                         └► halves: one teaches, the other judges
"""
