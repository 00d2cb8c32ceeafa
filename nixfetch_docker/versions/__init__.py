"""The room versions."""
