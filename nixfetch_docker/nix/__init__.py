"""The room nix."""
