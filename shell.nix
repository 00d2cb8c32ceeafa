/**
  The development shell, for `nix-shell` and `nix develop`. In it,
  `pytest tests/unit tests/registry` runs the tests that need nothing but Python, and ruff, mypy and
  lint-imports look at the code.

  Type: { pkgs ? import <nixpkgs> { } } -> derivation
*/
{
  pkgs ? import <nixpkgs> { },
}:

let
  inherit (pkgs) lib python3Packages;
  inherit (import ./nix/lib/scope.nix pkgs) nixfetch-docker;
in
pkgs.mkShell {
  inputsFrom = [ nixfetch-docker ];
  # What the dev extra of pyproject.toml has, and the programs of end-to-end tests that nixpkgs has for
  # this system.
  packages = lib.filter (lib.meta.availableOn pkgs.stdenv.hostPlatform) [
    pkgs.distribution
    pkgs.import-linter
    pkgs.podman
    pkgs.ruff
    pkgs.skopeo
    pkgs.umoci
    pkgs.zstd
    python3Packages.coverage
    python3Packages.hypothesis
    python3Packages.jsonschema
    python3Packages.markdown-it-py
    python3Packages.mypy
    python3Packages.pyjwt
    python3Packages.pytest
    python3Packages.pytest-xdist
    python3Packages.pyyaml
    python3Packages.shtab
    python3Packages.sigstore
    python3Packages.types-jsonschema
    python3Packages.types-pyyaml
  ];
  # The tests import the program from here.
  shellHook = ''
    export PYTHONPATH=$PWD''${PYTHONPATH:+:$PYTHONPATH}
  '';
}
