"""Lines become blocks in reading order: columns, paragraphs, headings, lists, tables.

`arrange` is the only thing that the story calls.
"""
