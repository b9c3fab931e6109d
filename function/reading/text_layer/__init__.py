"""Whether a page's own text can be trusted, and what it says."""
