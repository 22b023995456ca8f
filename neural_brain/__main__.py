"""`python -m neural_brain` is the `neural-brain` command."""

import sys

from neural_brain.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
