/**
  What stands in for nixpkgs where there is no network: a package set made of this machine's own
  tools (Debian's). It has what this project asks of nixpkgs, under nixpkgs' names and with nixpkgs'
  meaning, and is as strict: what nixpkgs refuses, it refuses. The comment at each part names the
  file of nixpkgs whose behaviour the part has. It is built from /usr and /bin, which the sandbox
  lets in.

  Type: { system ? …, crossSystem ? null, overlays ? [ ] } -> package set
*/
{
  # The system that builds.
  system ? builtins.currentSystem,
  # The system that the packages are for, where it is another one.
  crossSystem ? null,
  # The overlays, the first one first.
  overlays ? [ ],
}:

let
  # NIXPKGS_LIB names a checkout of nix-community/nixpkgs.lib, nixpkgs' own lib.
  lib =
    let
      checkout = builtins.getEnv "NIXPKGS_LIB";
    in
    if checkout == "" then import ./host-lib.nix else import (checkout + "/lib");

  isCross = crossSystem != null && crossSystem != system;
  hostSystem = if isCross then crossSystem else system;

  # lib/systems/default.nix
  platform = system: {
    inherit system;
    isLinux = lib.hasSuffix "-linux" system;
    isDarwin = lib.hasSuffix "-darwin" system;
  };

  # pkgs/stdenv/generic/make-derivation.nix, and `extendDerivation` of lib/customisation.nix: what
  # is in `passthru` is on each output and stays when attributes are overridden.
  mkDerivation =
    attributes:
    let
      function = if builtins.isFunction attributes then attributes else _final: attributes;
      given = function final;
      passthru = given.passthru or { };
      # Dependencies that run while the package is built are the build system's.
      native = map (one: one.__spliced.buildHost or one) (
        given.nativeBuildInputs or [ ]
        ++ lib.optionals (given.doInstallCheck or false) (given.nativeInstallCheckInputs or [ ])
      );
      drv = derivation (
        {
          inherit system;
          name = "${given.pname}-${given.version}";
          builder = "/bin/bash";
          PATH = "/usr/bin:/bin";
          args = [
            "-euc"
            "if [ -e .attrs.sh ]; then . ./.attrs.sh; fi; . \"$buildCommandPath\""
          ];
        }
        // removeAttrs given [
          "meta"
          "nativeInstallCheckInputs"
          "passthru"
          "pos"
        ]
        // lib.optionalAttrs (given ? nativeBuildInputs) { nativeBuildInputs = native; }
      );
      final =
        drv
        // {
          meta = given.meta or { };
          inherit passthru;
          overrideAttrs =
            changes:
            mkDerivation (
              next:
              let
                previous = function next;
              in
              previous
              // (
                if !builtins.isFunction changes then
                  changes
                else if builtins.isFunction (changes next) then
                  changes next previous
                else
                  changes previous
              )
            );
          out = final;
          all = [ final ];
        }
        // passthru;
    in
    final;

  packages = self: {
    inherit lib system;
    config = { };

    stdenv = {
      hostPlatform = platform hostSystem;
      buildPlatform = platform system // {
        # lib/systems/default.nix
        canExecute = other: other.system == system;
      };
      inherit mkDerivation;
      shellDryRun = "/bin/bash -n -O extglob";
    };

    # pkgs/stdenv/booter.nix: what runs while something is built. A native set is its own.
    buildPackages = if isCross then import ./host-nixpkgs.nix { inherit system overlays; } else self;

    # pkgs/top-level/stage.nix. Each of these evaluates a package set of its own.
    pkgsCross = builtins.mapAttrs (
      _name: crossSystem: import ./host-nixpkgs.nix { inherit system crossSystem overlays; }
    ) crossSystems;
    appendOverlays =
      more:
      import ./host-nixpkgs.nix {
        inherit system crossSystem;
        overlays = overlays ++ more;
      };
    extend = overlay: self.appendOverlays [ overlay ];

    # pkgs/top-level/splice.nix: in a cross set, a package has the build system's beside it.
    newScope =
      extra:
      let
        splice =
          name: value:
          let
            native = self.buildPackages.${name};
          in
          if !builtins.isAttrs value || !self.buildPackages ? ${name} then
            value
          else if value.type or null == "derivation" then
            value // { __spliced.buildHost = native; }
          else
            value;
        spliced = builtins.mapAttrs splice self // {
          inherit (self) buildPackages lib stdenv;
          python3Packages = builtins.mapAttrs (
            name: value:
            if value.type or null == "derivation" then
              value // { __spliced.buildHost = self.buildPackages.python3Packages.${name}; }
            else
              value
          ) self.python3Packages;
        };
      in
      lib.callPackageWith ((if isCross then spliced else self) // extra);
    callPackage = self.newScope { };

    # pkgs/build-support/trivial-builders/default.nix, from here to symlinkJoin. Which of these a
    # binary cache may bring, and which must be built: nixpkgs takes those for cheap.
    runCommand =
      name: attributes: buildCommand:
      mkDerivation (
        {
          inherit name buildCommand;
          enableParallelBuilding = true;
          passAsFile = [ "buildCommand" ] ++ attributes.passAsFile or [ ];
        }
        // removeAttrs attributes [ "passAsFile" ]
      );
    runCommandLocal =
      name: attributes:
      self.runCommand name (
        {
          preferLocalBuild = true;
          allowSubstitutes = false;
        }
        // attributes
      );

    writeTextFile =
      {
        name,
        text,
        executable ? false,
        destination ? "",
        checkPhase ? "",
        meta ? { },
        passthru ? { },
        allowSubstitutes ? false,
        preferLocalBuild ? true,
        derivationArgs ? { },
      }:
      self.runCommand name
        (
          {
            inherit
              text
              executable
              checkPhase
              meta
              passthru
              allowSubstitutes
              preferLocalBuild
              ;
            passAsFile = [ "text" ];
          }
          // derivationArgs
        )
        ''
          target=$out${destination}
          mkdir -p "$(dirname "$target")"
          cat "$textPath" > "$target"
          if [ -n "$executable" ]; then chmod +x "$target"; fi
          eval "$checkPhase"
        '';
    writeText =
      name: text:
      if builtins.isString text then
        self.writeTextFile { inherit name text; }
      else
        throw "pkgs.writeText \"${name}\": The second argument should be a string, but it's a ${builtins.typeOf text} instead";
    writeScript =
      name: text:
      self.writeTextFile {
        inherit name text;
        executable = true;
      };
    writeShellScript =
      name: text:
      self.writeTextFile {
        inherit name;
        executable = true;
        text = "#!${self.runtimeShell}\n${text}\n";
        checkPhase = "${self.stdenv.shellDryRun} \"$target\"";
      };
    writeShellApplication =
      {
        name,
        text,
        meta ? { },
        ...
      }:
      self.writeTextFile {
        inherit name meta;
        executable = true;
        destination = "/bin/${name}";
        allowSubstitutes = true;
        preferLocalBuild = false;
        text = "#!${self.runtimeShell}\nset -o errexit\nset -o nounset\nset -o pipefail\n\n${text}\n";
        checkPhase = "${self.stdenv.shellDryRun} \"$target\"";
      };

    linkFarm =
      name: entries:
      self.runCommand name
        {
          preferLocalBuild = true;
          allowSubstitutes = false;
          passthru.entries = entries;
        }
        ''
          mkdir -p $out
          cd $out
          ${lib.concatStrings (
            lib.mapAttrsToList (link: target: ''
              mkdir -p -- "$(dirname -- ${lib.escapeShellArg link})"
              ln -s -- ${lib.escapeShellArg "${target}"} ${lib.escapeShellArg link}
            '') entries
          )}
        '';
    symlinkJoin =
      {
        name,
        paths,
        postBuild ? "",
        ...
      }@given:
      self.runCommand name
        (
          {
            preferLocalBuild = true;
            allowSubstitutes = false;
          }
          // removeAttrs given [
            "name"
            "postBuild"
          ]
        )
        ''
          mkdir -p $out
          for path in $paths; do cp -rs --no-preserve=mode "$path/." $out; done
          ${postBuild}
        '';

    # pkgs/build-support/mkshell/default.nix
    mkShell =
      {
        name ? "nix-shell",
        packages ? [ ],
        inputsFrom ? [ ],
        ...
      }@given:
      mkDerivation (
        {
          inherit name;
          preferLocalBuild = true;
          nativeBuildInputs = packages ++ lib.concatMap (one: one.nativeBuildInputs or [ ]) inputsFrom;
          propagatedBuildInputs = lib.concatMap (one: one.propagatedBuildInputs or [ ]) inputsFrom;
          buildCommand = "echo $nativeBuildInputs > $out";
          passAsFile = [ "buildCommand" ];
        }
        // removeAttrs given [
          "inputsFrom"
          "packages"
        ]
      );

    # pkgs/build-support/setup-hooks, pkgs/top-level/all-packages.nix
    runtimeShell = if isCross then "${self.bash}/bin/bash" else "/bin/bash";

    # The sandbox has no /etc/ssl, but the certificates that Debian makes it from.
    cacert = self.runCommand "cacert" { } ''
      mkdir -p $out/etc/ssl/certs
      cat /usr/share/ca-certificates/mozilla/*.crt > $out/etc/ssl/certs/ca-bundle.crt
    '';

    # pkgs/by-name/in/installShellFiles: a setup hook with functions for postInstall.
    installShellFiles = self.runCommand "install-shell-files" { } ''
      mkdir -p $out/nix-support
      cat > $out/nix-support/setup-hook <<'END'
      installManPage() {
        local page
        for page; do
          install -D --mode=644 "$page" "$out/share/man/man''${page##*.}/''${page##*/}"
        done
      }
      installShellCompletion() {
        local command target
        while [ $# -gt 0 ]; do
          case $1 in
            --cmd) command=$2 ;;
            --bash) target=bash-completion/completions/$command.bash ;;
            --fish) target=fish/vendor_completions.d/$command.fish ;;
            --zsh) target=zsh/site-functions/_$command ;;
            *) echo "installShellCompletion: $1 is not known here" >&2; return 1 ;;
          esac
          if [ "$1" != --cmd ]; then
            mkdir -p "$(dirname "$out/share/$target")"
            cat "$2" > "$out/share/$target"
          fi
          shift 2
        done
      }
      END
    '';

    # pkgs/top-level/python-packages.nix
    python3Packages = import ./host-python.nix {
      inherit lib mkDerivation;
      inherit (self) runCommand;
    };

    # Not a path in the store, which would make the first line of a script too long for Linux.
    coreutils = "/usr";

    # pkgs/by-name/ut/util-linux
    util-linux = self.runCommand "util-linux" { } "mkdir -p $out/bin; ln -s ${
      if isCross then "/of/${hostSystem}" else "/usr/bin"
    }/{flock,setpriv} $out/bin/";

    # pkgs/by-name/ve/versionCheckHook
    versionCheckHook = self.runCommand "version-check-hook" { } ''
      mkdir -p $out/nix-support
      cat > $out/nix-support/setup-hook <<'END'
      versionCheckHook() {
        env -i "$out/bin/$mainProgram" --version | grep --fixed-strings --word-regexp "$version"
      }
      checkPhases+=(versionCheckHook)
      END
    '';

    # pkgs/by-name/ni/nix-update, pkgs/by-name/ni/nixfmt-tree
    nix-update-script = { }: [ "nix-update" ];
    nixfmt-tree = self.runCommand "nixfmt-tree" { } "mkdir $out";

    # pkgs/top-level/all-packages.nix
    nixos = import ./host-nixos.nix self;

    # pkgs/build-support/testers
    testers.runNixOSTest = import ./host-test.nix self;
  }
  // lib.mapAttrs (program self) programs
  // lib.optionalAttrs (builtins.getEnv "EROFS_UTILS" != "") { erofs-utils = newerErofs self; }
  # pkgs/top-level/aliases.nix: a package that was renamed does not evaluate under its old name.
  // lib.mapAttrs (
    old: new: throw "'${old}' has been renamed to/replaced by '${new}'"
  ) {
    docker-distribution = "distribution";
    nixfmt-rfc-style = "nixfmt";
  };

  # pkgs/by-name, and who can run it: packages of nixpkgs with the program that Debian has for each.
  programs = {
    bash = "/bin/bash";
    distribution = "/usr/bin/docker-registry";
    # Debian 12 has an older one than this project needs.
    erofs-utils = "/usr/bin/mkfs.erofs";
    gnutar = "/bin/tar";
    import-linter = "/usr/bin/lint-imports";
    podman = "/usr/bin/podman";
    ruff = "/usr/bin/ruff";
    scdoc = "/usr/bin/scdoc";
    skopeo = "/usr/bin/skopeo";
    umoci = "/usr/bin/umoci";
    zstd = "/usr/bin/zstd";
  };
  # A package with one program; one for another system does not run here.
  program =
    self: name: path:
    self.runCommand name { meta.platforms = lib.platforms.unix; } (
      if isCross then
        ''
          mkdir -p $out/bin
          echo "#!/a/loader/of/${hostSystem}" > $out/bin/${baseNameOf path}
          chmod +x $out/bin/${baseNameOf path}
        ''
      else
        "mkdir -p $out/bin; ln -s ${path} $out/bin/"
    );

  # Of a newer Debian, with its own libraries: see tests/support/machine/erofs_utils.py.
  newerErofs =
    self:
    self.runCommand "erofs-utils"
      {
        files = builtins.path {
          name = "erofs-utils-files";
          path = /. + builtins.getEnv "EROFS_UTILS";
        };
      }
      ''
        mkdir -p $out/bin
        echo '#!/bin/sh' > $out/bin/mkfs.erofs
        echo "exec $files/loader --library-path $files/libraries $files/mkfs.erofs \"\$@\"" >> $out/bin/mkfs.erofs
        chmod +x $out/bin/mkfs.erofs
      '';

  # lib/systems/examples.nix
  crossSystems = {
    aarch64-multiplatform = "aarch64-linux";
    armv7l-hf-multiplatform = "armv7l-linux";
    gnu64 = "x86_64-linux";
    riscv64 = "riscv64-linux";
  };

  # lib/fixed-points.nix
  final = builtins.foldl' (
    previous: overlay: previous // overlay final previous
  ) (packages final) overlays;
in
# As nixpkgs 26.11 does.
if lib.elem "x86_64-darwin" [ system hostSystem ] then
  throw "nixpkgs 26.11 has dropped support for x86_64-darwin"
else
  final
