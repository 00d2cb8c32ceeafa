"""`make bench`: what the program costs beside the tools that do the same."""
