"""PaddleOCR-VL: a layout model finds the blocks of a page, a vision-language model reads each.

models      which folders of weights a pipeline needs, checked before anything is loaded
pipeline    paddleocr's PaddleOCRVL, built from those folders alone
reins       what bounds the reading of a block: tokens, time, callers that have gone
server      the same for a server, and what its errors mean
wishes      options of the API as arguments of the pipeline
tiles       pages that are far longer than wide, in parts
prepared    the picture that was really read: turned, flattened
convert     what the pipeline found as our blocks
recycling   when to load everything anew, so that memory stays bounded over days
engine      all of it behind engines/base.py
"""
