/**
  The sources of the package.

  Type: { lib } -> { command, tested }
*/
{ lib }:

{
  # What the command is made of: a change elsewhere in the repository rebuilds nothing.
  # One expression, as each is tried on each file by whoever evaluates an image.
  command = lib.sourceByRegex ../. [
    (lib.concatStringsSep "|" [
      "pyproject\\.toml"
      "hatch_build\\.py"
      "README\\.md"
      "LICENSE"
      "docs"
      "docs/nixfetch-docker\\.1\\.scd"
      "nixfetch_docker"
      "nixfetch_docker/[a-z_/]*"
      "nixfetch_docker/.*\\.py"
      "nixfetch_docker/py\\.typed"
      "nixfetch_docker/cli/completion\\.(bash|fish|zsh)"
    ])
  ];

  # With the tests, which hold the documentation to the program too. Hidden files are caches.
  tested = builtins.path {
    name = "source";
    path = ../.;
    filter = path: _type: !lib.hasPrefix "." (baseNameOf path) && baseNameOf path != "__pycache__";
  };
}
