# The command, as nixpkgs packages Python applications. docs/nixpkgs/package.nix is the same file for nixpkgs
# itself; a test compares the two. nixpkgs 25.11 is the oldest that has all that is used here.
{
  lib,
  stdenv,
  python3Packages,
  coreutils,
  installShellFiles,
  nix-update-script,
  scdoc,
  testers,
  versionCheckHook,
  zstd,
}:

python3Packages.buildPythonApplication (finalAttrs: {
  pname = "nixfetch-docker";
  # The version stands in one place, where Python reads it too.
  version = lib.head (
    builtins.match ".*__version__ = \"([^\"]+)\".*" (builtins.readFile ../nixfetch_docker/__init__.py)
  );
  pyproject = true;

  __structuredAttrs = true;

  src = (import ./source.nix { inherit lib; }).tested;

  build-system = [ python3Packages.hatchling ];

  nativeBuildInputs = [
    installShellFiles
    python3Packages.shtab
    scdoc
  ];

  dependencies = with python3Packages; [
    cryptography
    h11
    httpx
    idna
    pynacl
    pyyaml
    rich
    tomli
  ];

  optional-dependencies = with python3Packages; {
    completion = [ shtab ];
    # For signed-by with an identity; it is imported only then.
    keyless = [ sigstore ];
  };

  # The wheel brings the manual page, which scdoc makes.
  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    installShellCompletion --cmd nixfetch-docker \
      --bash <($out/bin/nixfetch-docker completion bash) \
      --fish <($out/bin/nixfetch-docker completion fish) \
      --zsh <($out/bin/nixfetch-docker completion zsh)
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

  nativeCheckInputs = [
    versionCheckHook
  ]
  ++ (with python3Packages; [
    hypothesis
    jsonschema
    markdown-it-py
    pyjwt
    pytest-xdist
    pytestCheckHook
    sigstore
  ]);

  # The others need registries, engines and Nix.
  enabledTestPaths = [ "tests/unit" ];
  disabledTestPaths = [
    # They start Python in an environment of its own, which does not know where the packages are.
    "tests/unit/cli"
    "tests/unit/test_startup.py"
    # It measures time.
    "tests/unit/test_linear.py"
    # The workflows of the forge are no part of the package.
    "tests/unit/test_workflows.py"
  ];
  disabledTests = [
    # It changes the owner of a file, which a build may not.
    "test_an_empty_directory_stays_the_same_directory"
  ];

  # The tests connect to servers of their own.
  __darwinAllowLocalNetworking = true;

  pythonImportsCheck = [ "nixfetch_docker" ];

  passthru = {
    tests = {
      # What a minute of tests does not have: a scripted registry, and the corpus of the fuzzer.
      registry = finalAttrs.finalPackage.overrideAttrs {
        enabledTestPaths = [
          "tests/registry"
          "tests/fuzz"
        ];
      };
      # The module on machines that boot; it needs KVM, and one image of Docker Hub.
      nixfetch-docker = testers.runNixOSTest {
        imports = [ ../docs/nixpkgs/nixos-test ];
        defaults.imports = [ ./nixos/module.nix ];
      };
    };
    updateScript = nix-update-script { };
  };

  meta = {
    description = "Pin container images in a lockfile and fetch them layer by layer";
    homepage = "https://github.com/OWNER/nixfetch-docker";
    changelog = "https://github.com/OWNER/nixfetch-docker/blob/v${finalAttrs.version}/CHANGELOG.md";
    license = lib.licenses.asl20;
    maintainers = [ ];
    mainProgram = "nixfetch-docker";
    platforms = lib.platforms.unix;
  };
})
