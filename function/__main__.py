"""`python -m function …`: the terminal's door."""

import sys

from warmup.phases import this_start

this_start().reached("interpreter")

from function.doors.cli import main  # noqa: E402 - what comes before it is to be measured

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
