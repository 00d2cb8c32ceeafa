# The images of an images.toml, with the host's `pkgs`:
# nix-build images.nix --arg file /abs/images.toml -A redis
{
  file,
  platform ? null,
}:
let
  pkgs = import ./host-pkgs.nix;
in
pkgs.fetchDockerImages (
  { inherit file; } // (if platform == null then { } else { inherit platform; })
)
