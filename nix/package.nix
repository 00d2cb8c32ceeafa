# The command, as nixpkgs packages Python applications.
{
  lib,
  python3Packages,
  stdenv,
  zstd,
}:

let
  # The version stands in one place, where Python reads it too.
  versionLine = builtins.match ".*__version__ = \"([^\"]+)\".*" (
    builtins.readFile ../nixfetch_docker/__init__.py
  );
in
python3Packages.buildPythonApplication {
  pname = "nixfetch-docker";
  version = lib.head versionLine;
  pyproject = true;

  # Only what the command is made of: a change elsewhere in the repository rebuilds nothing.
  src = lib.sourceByRegex ../. [
    "pyproject\\.toml"
    "README\\.md"
    "LICENSE"
    "nixfetch_docker"
    "nixfetch_docker/[a-z/]*"
    "nixfetch_docker/.*\\.py"
    "nixfetch_docker/py\\.typed"
  ];

  # Not `build-system` and `dependencies`, which nixpkgs 23.11 does not know.
  nativeBuildInputs = [ python3Packages.hatchling ];
  propagatedBuildInputs = [
    python3Packages.httpx
    python3Packages.rich
    python3Packages.tomli
  ];

  # Not by installShellFiles: the command has them as text, and the places are the same everywhere.
  # A program for another machine cannot be asked.
  postInstall = lib.optionalString (stdenv.buildPlatform.system == stdenv.hostPlatform.system) ''
    mkdir -p $out/share
    pushd $out/share
    mkdir -p bash-completion/completions zsh/site-functions fish/vendor_completions.d man/man1
    $out/bin/nixfetch-docker completion bash > bash-completion/completions/nixfetch-docker
    $out/bin/nixfetch-docker completion zsh > zsh/site-functions/_nixfetch-docker
    $out/bin/nixfetch-docker completion fish > fish/vendor_completions.d/nixfetch-docker.fish
    $out/bin/nixfetch-docker manual > man/man1/nixfetch-docker.1
    popd
  '';

  # For `layer --decompress`, where the person has none.
  makeWrapperArgs = [
    "--suffix"
    "PATH"
    ":"
    (lib.makeBinPath [ zstd ])
  ];

  pythonImportsCheck = [ "nixfetch_docker.cli" ];

  meta = {
    description = "Pin container images in a lockfile and fetch them layer by layer";
    license = lib.licenses.asl20;
    mainProgram = "nixfetch-docker";
    platforms = lib.platforms.unix;
  };
}
