"""The room lockfile."""
