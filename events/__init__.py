"""The outside world's words: CloudEvent envelopes, senders' shapes of "an object arrived", our own events.

A door asks three functions: `envelope.decode` (an HTTP message → CloudEvents), `senders.read_event` and
`senders.read_hook` (what a sender says → uploads, or why there is nothing to do). `ours` and `writing` speak back.
Imports nothing of ours, so that it could be lifted out; every exception is an `errors.EventError`.
"""
