"""The story: a document is opened, its pages are read, the result is built — told once, whoever knocked."""
