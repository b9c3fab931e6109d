"""How many threads serve, and how many callers may wait in them."""

from __future__ import annotations

#: Callers that may wait for a slot at once, and deliveries for a turn. With OCR_SLOTS + 24 server threads, 8 stay free
#: for probes.
WAITING_CALLERS = 8
#: Server threads beyond the slots.
SPARE_THREADS = 24
