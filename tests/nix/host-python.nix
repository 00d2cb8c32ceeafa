/**
  nixpkgs' python3Packages, made of Debian's Python, which finds Debian's packages by itself.
  buildPythonApplication takes the arguments that nixpkgs documents, as a set or as a function of the
  final attributes, and refuses every other one: nothing that a package asks for is left out
  silently. What it does with them is in build-python-application.sh.

  pkgs/development/interpreters/python/mk-python-derivation.nix,
  pkgs/development/interpreters/python/python-packages-base.nix

  Type: { lib, mkDerivation, runCommand } -> attrs
*/
{
  lib,
  mkDerivation,
  runCommand,
}:

let
  modules = [
    "coverage"
    "cryptography"
    "hatchling"
    "h11"
    "httpx"
    "hypothesis"
    "idna"
    "jsonschema"
    "markdown-it-py"
    "mypy"
    "pyjwt"
    "pynacl"
    "pytest"
    "pytest-xdist"
    "pyyaml"
    "rich"
    "shtab"
    "sigstore"
    "tomli"
    "types-jsonschema"
    "types-pyyaml"
  ];

  # Debian 12 has older packages for tests than the tests take. PYTHON_TEST_PACKAGES names a directory
  # with pip's, for the same Python.
  pip = builtins.getEnv "PYTHON_TEST_PACKAGES";
  forTests = lib.optionalString (pip != "") (
    toString (
      builtins.path {
        name = "python3-packages-for-tests";
        path = /. + pip;
        filter =
          path: _type:
          let
            top = lib.head (lib.splitString "/" (lib.removePrefix "${pip}/" path));
          in
          baseNameOf path != "__pycache__"
          && builtins.match "(mypy|coverage|grimp|importlinter|pip|setuptools|pkg_resources|nixfetch_docker|.*-stubs|.*\\.pth).*" top == null;
      }
    )
  );

  hook =
    name: script:
    runCommand name { inherit script; } ''
      mkdir -p $out/nix-support
      echo "$script" > $out/nix-support/setup-hook
    '';

  # nixpkgs hands whatever else there is to the builder, as a variable that no hook may read. Here a
  # name must be one of these.
  known = [
    # of every derivation
    "pname"
    "version"
    "src"
    "nativeBuildInputs"
    "postInstall"
    "postFixup"
    "passthru"
    "meta"
    "__structuredAttrs"
    "__darwinAllowLocalNetworking"
    # of buildPythonApplication
    "pyproject"
    "build-system"
    "dependencies"
    "optional-dependencies"
    "makeWrapperArgs"
    "doCheck"
    "nativeCheckInputs"
    "pythonImportsCheck"
    # of pytestCheckHook
    "disabledTestPaths"
    "disabledTests"
    "enabledTestPaths"
    "pytestFlags"
  ];

  buildPythonApplication =
    given:
    mkDerivation (
      final:
      let
        attributes =
          if builtins.isFunction given then given (final // { finalPackage = final; }) else given;
        unknown = lib.attrNames (removeAttrs attributes known);
      in
      if unknown != [ ] then
        throw "buildPythonApplication: no hook reads ${lib.concatStringsSep ", " unknown}"
      else if attributes.pyproject or null != true then
        throw "buildPythonApplication: there is no format; set pyproject = true"
      else
        removeAttrs attributes [
          "build-system"
          "dependencies"
          "doCheck"
          "nativeCheckInputs"
          "optional-dependencies"
          "pyproject"
        ]
        // {
          args = [
            "-euc"
            "if [ -e .attrs.sh ]; then . ./.attrs.sh; out=\${outputs[out]}; fi; . ${./build-python-application.sh}"
          ];
          nativeBuildInputs = attributes.nativeBuildInputs or [ ] ++ attributes.build-system or [ ];
          propagatedBuildInputs = attributes.dependencies or [ ];
          # Python packages have no checkPhase; tests run against what is installed.
          doInstallCheck = attributes.doCheck or true;
          nativeInstallCheckInputs = attributes.nativeCheckInputs or [ ];
          mainProgram = attributes.meta.mainProgram or "";
          passthru = {
            build-system = attributes.build-system or [ ];
            dependencies = attributes.dependencies or [ ];
            optional-dependencies = attributes.optional-dependencies or { };
          }
          // attributes.passthru or { };
        }
    );
in
lib.genAttrs modules (name: runCommand "python3-${name}" { } "mkdir $out")
// {
  inherit buildPythonApplication;

  # pkgs/development/interpreters/python/hooks/pytest-check-hook.sh
  pytestCheckHook = hook "pytest-check-hook" ''
    pytestCheckPhase() {
      local one words=
      for one in "''${enabledTestPaths[@]}" "''${disabledTestPaths[@]}"; do
        if [ ! -e "$one" ]; then
          echo "Tests path glob '$one' does not match any paths. Aborting" >&2
          return 1
        fi
      done
      for one in "''${disabledTests[@]}"; do words="$words''${words:+ and }not $one"; done
      PYTHONPATH=$out/lib:${forTests} /usr/bin/python3 -m pytest \
        --numprocesses="$NIX_BUILD_CORES" \
        "''${disabledTestPaths[@]/#/--ignore-glob=}" ''${words:+-k "$words"} \
        "''${pytestFlags[@]}" "''${enabledTestPaths[@]}"
    }
    checkPhases+=(pytestCheckPhase)
  '';
}
