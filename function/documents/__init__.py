"""Bytes become a document: its type, limits, page count, pages drawn on demand, text layers — in sandboxed children."""
