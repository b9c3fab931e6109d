"""`python -m function …`: the terminal's door."""

import os
import signal
import sys

from warmup.phases import this_start

this_start().reached("interpreter")
if sys.argv[1:2] in (["serve"], ["consume"]):
    # gunicorn listens for SIGTERM only when everything is imported, `consume` when it is ready. Until then process 1 of
    # a container would not hear it at all, and its pod would stay for as long as the longest request may take.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

from function.doors.cli import main  # noqa: E402 - what comes before it is to be measured

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
