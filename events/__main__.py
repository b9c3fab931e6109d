"""`python -m events …`: the door to samples, sending, replay and reconciliation."""

import sys

from function.doors.event_tools.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
