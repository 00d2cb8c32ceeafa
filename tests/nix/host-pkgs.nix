# A `pkgs` made of this machine's own tools, with the overlay applied.
(import ./host-nixpkgs.nix { }).extend (import ../../overlays)
