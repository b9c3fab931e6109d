"""The outside world's words, empty so far.

CloudEvent envelopes, one file for each sender's shape of "an object arrived", our own event types and the sink they
go to come to stand here, with one sample event a shape that tests, commands and documentation share. Imports nothing
of ours, so that it could be lifted out.
"""
