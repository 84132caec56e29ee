"""`python -m salesml.cli` does what `salesml` does."""

import sys

from salesml.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
