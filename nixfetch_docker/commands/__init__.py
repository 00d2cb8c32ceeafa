"""The commands, one a module.

Each has `HELP`, `configure(parser)` and `run(arguments)`, which returns the exit status.
They import what they need when they run, so that the others start without it.
"""
