"""httpx without its command line.

Where the package click is there, httpx imports its own command line with rich and pygments. They
take as long as all the rest of it. Without that module it does as it does where click is missing.
"""

import sys

_COMMAND_LINE = "httpx._main"

_is_hidden = sys.modules.setdefault(_COMMAND_LINE, None) is None  # type: ignore[arg-type]
try:
    import httpx
finally:
    if _is_hidden:
        del sys.modules[_COMMAND_LINE]

__all__ = ["httpx"]
