"""The pages in docs/reference/ that are made of the sources: `make reference` writes them.

Tests compare the committed pages with what this writes.
"""
