"""The room archives."""
