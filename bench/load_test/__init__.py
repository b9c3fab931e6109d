"""The load test: users by Locust in stages, a mix of documents from a file, key figures with charts and a verdict."""
