"""Documents of hundreds of pages: divided into ranges, read by many instances, joined."""
