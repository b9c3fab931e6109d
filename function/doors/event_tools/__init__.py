"""`python -m events`: what operators do with events at a terminal or in a CronJob."""
