"""Waits of the main thread, which alone hears signals, for other threads."""

from __future__ import annotations

# So often, in seconds, a wait looks up: Python hears a signal between two of its steps, and no
# wait ends by one that the system gave to another thread, or that came just before it.
LOOK_UP_SECONDS = 0.2
