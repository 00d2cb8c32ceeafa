/**
  The development shell, for `nix-shell` and `nix develop`. In it,
  `pytest tests/unit tests/registry` runs the tests that need nothing but Python.

  Type: { pkgs ? import <nixpkgs> { } } -> derivation
*/
{
  pkgs ? import <nixpkgs> { },
}:

let
  packages = import ./nix/lib/with-overlay.nix pkgs;
in
packages.mkShell {
  inputsFrom = [ packages.nixfetch-docker ];
  packages = [
    packages.docker-distribution
    packages.podman
    packages.ruff
    packages.skopeo
    packages.umoci
    packages.zstd
    packages.python3Packages.cryptography
    packages.python3Packages.hypothesis
    packages.python3Packages.jsonschema
    packages.python3Packages.mypy
    packages.python3Packages.pyjwt
    packages.python3Packages.pytest
    packages.python3Packages.pytest-xdist
    packages.python3Packages.pyyaml
  ];
  # The tests import the program from here.
  shellHook = ''
    export PYTHONPATH=$PWD''${PYTHONPATH:+:$PYTHONPATH}
  '';
}
