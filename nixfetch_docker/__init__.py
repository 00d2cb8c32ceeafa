"""Pin and fetch container images for Nix, layer by layer."""

__version__ = "0.1.0"
