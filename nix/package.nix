# The command, as nixpkgs packages Python applications.
{
  coreutils,
  installShellFiles,
  lib,
  python3Packages,
  scdoc,
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
    "nixfetch_docker/cli/completion\\.(bash|fish|zsh)"
  ];

  # Not `build-system` and `dependencies`, which nixpkgs 23.11 does not know.
  nativeBuildInputs = [
    installShellFiles
    python3Packages.hatchling
    python3Packages.shtab
    scdoc
  ];
  propagatedBuildInputs = [
    python3Packages.httpx
    python3Packages.rich
    python3Packages.tomli
  ];

  # shtab reads the parser and not the program, which may be for another machine. It writes scripts
  # for fish from 1.9 on, which older nixpkgs do not have.
  postInstall = ''
    scdoc < ${../docs/nixfetch-docker.1.scd} > nixfetch-docker.1
    installManPage nixfetch-docker.1

    for kind in bash zsh; do
      shtab --shell $kind --error-unimportable \
        --preamble "$(cat nixfetch_docker/cli/completion.$kind)" \
        nixfetch_docker.cli.completion.parser > completion.$kind
    done
    installShellCompletion --cmd nixfetch-docker --bash completion.bash --zsh completion.zsh \
      --fish nixfetch_docker/cli/completion.fish
  '';

  # For `layer --decompress`, where the person has none.
  makeWrapperArgs = [
    "--suffix"
    "PATH"
    ":"
    (lib.makeBinPath [ zstd ])
  ];

  # Python shows a traceback where Ctrl-C comes while it starts. So SIGINT waits until the program
  # takes it, which is in its first line.
  postFixup = ''
    sed -i '1s|^#!|#!${coreutils}/bin/env -S --block-signal=INT |' $out/bin/.nixfetch-docker-wrapped
  '';

  pythonImportsCheck = [ "nixfetch_docker.cli" ];

  meta = {
    description = "Pin container images in a lockfile and fetch them layer by layer";
    license = lib.licenses.asl20;
    mainProgram = "nixfetch-docker";
    platforms = lib.platforms.unix;
  };
}
