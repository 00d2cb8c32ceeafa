{
  lib,
  stdenv,
  python3Packages,
  coreutils,
  fetchFromGitHub,
  installShellFiles,
  nix-update-script,
  nixosTests,
  scdoc,
  versionCheckHook,
  zstd,
}:

python3Packages.buildPythonApplication (finalAttrs: {
  pname = "nixfetch-docker";
  version = "0.2.0";
  pyproject = true;

  __structuredAttrs = true;

  src = fetchFromGitHub {
    owner = "OWNER";
    repo = "nixfetch-docker";
    tag = "v${finalAttrs.version}";
    hash = lib.fakeHash;
  };

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
      # The module on machines that boot.
      inherit (nixosTests) nixfetch-docker;
    };
    updateScript = nix-update-script { };
  };

  meta = {
    description = "Pin container images in a lockfile and fetch them layer by layer";
    homepage = "https://github.com/OWNER/nixfetch-docker";
    changelog = "https://github.com/OWNER/nixfetch-docker/blob/${finalAttrs.src.tag}/CHANGELOG.md";
    license = lib.licenses.asl20;
    maintainers = [ ];
    mainProgram = "nixfetch-docker";
    platforms = lib.platforms.unix;
  };
})
