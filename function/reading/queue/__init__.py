"""Whose page is read next: slots for documents, turns for pages, batches for the engine."""
