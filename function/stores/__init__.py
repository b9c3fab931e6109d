"""Where uploads lie and results go: the seam is `base`, and each other module is a kind."""
