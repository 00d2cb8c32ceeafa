"""The room endpoints."""
