"""The page that a person opens in a browser, empty so far: static files that a door serves."""
