"""`python -m function …`: the terminal's door."""

import sys

from function.doors.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
