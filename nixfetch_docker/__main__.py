"""`python -m nixfetch_docker`."""

import sys

from .cli import main

sys.exit(main())
