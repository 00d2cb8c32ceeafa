"""Compose files: their services with variables, and with what they extend, include and override.

`surroundings` has the variables of a project and reads other files, `files` those of compose;
`project` merges services, which `services` reads from a file; `images` finds their images.
"""
