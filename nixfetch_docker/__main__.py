"""The program, as `python -m nixfetch_docker` starts it."""

import sys

from .cli.main import main

sys.exit(main())
