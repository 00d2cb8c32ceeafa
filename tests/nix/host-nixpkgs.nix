# What stands in for nixpkgs where there is no network: a package set made of this machine's own
# tools (Debian's). It has what the overlay asks of nixpkgs, under nixpkgs' names and with nixpkgs'
# meaning, built from /usr and /bin, which the sandbox lets in.
{
  system ? builtins.currentSystem,
}:

let
  lib = import ./host-lib.nix;

  derive =
    attributes:
    derivation (
      {
        inherit system;
        builder = "/bin/bash";
        PATH = "/usr/bin:/bin";
      }
      // attributes
    );

  base = self: {
    inherit lib system;

    stdenv = {
      hostPlatform = {
        inherit system;
        isLinux = true;
      };
      buildPlatform = { inherit system; };
    };
    buildPackages = self;
    callPackage =
      file: arguments:
      let
        function = if builtins.isFunction file then file else import file;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) self // arguments);
    extend = overlay: fix (extended: base extended // overlay extended (base extended));

    runCommand =
      name: attributes: buildCommand:
      derive (
        {
          inherit name buildCommand;
          passAsFile = [ "buildCommand" ];
          args = [
            "-euc"
            ". \"$buildCommandPath\""
          ];
        }
        // attributes
      );

    writeText =
      name: text:
      self.runCommand name {
        inherit text;
        passAsFile = [
          "buildCommand"
          "text"
        ];
      } "cat \"$textPath\" > $out";

    writeShellScript =
      name: text:
      self.runCommand name {
        text = "#!/bin/bash\n${text}";
        passAsFile = [
          "buildCommand"
          "text"
        ];
      } "cat \"$textPath\" > $out; chmod +x $out";

    linkFarm =
      name: entries:
      self.runCommand name { } (
        builtins.concatStringsSep "" (
          lib.mapAttrsToList (link: target: ''
            mkdir -p "$out/$(dirname '${link}')"
            ln -s '${target}' "$out/${link}"
          '') entries
        )
      );

    gnutar = self.runCommand "gnutar" { } "mkdir -p $out/bin; ln -s /bin/tar $out/bin/tar";

    # The sandbox has no /etc/ssl, but the certificates that Debian makes it from.
    cacert = self.runCommand "cacert" { } ''
      mkdir -p $out/etc/ssl/certs
      cat /usr/share/ca-certificates/mozilla/*.crt > $out/etc/ssl/certs/ca-bundle.crt
    '';

    # As pkgs/by-name/in/installShellFiles: a setup hook with functions for postInstall.
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
            install -D --mode=644 "$2" "$out/share/$target"
          fi
          shift 2
        done
      }
      END
    '';

    mkShell =
      { packages, inputsFrom, ... }:
      self.runCommand "shell" { inputs = packages ++ inputsFrom; } "echo $inputs > $out";

    python3Packages = {
      # Debian's own, which the interpreter finds by itself.
      hatchling = "/usr/lib/python3/dist-packages/hatchling";
      httpx = "/usr/lib/python3/dist-packages/httpx";
      rich = "/usr/lib/python3/dist-packages/rich";
      shtab = "/usr/lib/python3/dist-packages/shtab";
      tomli = "/usr/lib/python3/dist-packages/tomli";
      cryptography = "/usr/lib/python3/dist-packages/cryptography";
      hypothesis = "/usr/lib/python3/dist-packages/hypothesis";
      jsonschema = "/usr/lib/python3/dist-packages/jsonschema";
      mypy = "/usr/lib/python3/dist-packages/mypy";
      pyjwt = "/usr/lib/python3/dist-packages/jwt";
      pytest = "/usr/lib/python3/dist-packages/pytest";
      pytest-xdist = "/usr/lib/python3/dist-packages/xdist";
      pyyaml = "/usr/lib/python3/dist-packages/yaml";

      buildPythonApplication =
        {
          pname,
          version,
          src,
          nativeBuildInputs,
          postInstall,
          postFixup,
          pythonImportsCheck,
          meta,
          ...
        }:
        self.runCommand "${pname}-${version}"
          {
            inherit
              src
              nativeBuildInputs
              postInstall
              postFixup
              pythonImportsCheck
              ;
            command = meta.mainProgram;
          }
          ''
            export HOME=$TMPDIR
            cp -r $src source
            chmod -R u+w source
            cd source
            /usr/bin/python3 -c 'from hatchling.build import build_wheel; build_wheel(".")'
            /usr/bin/python3 -m zipfile --extract *.whl $out/lib
            /usr/bin/python3 -m compileall -q --invalidation-mode unchecked-hash $out/lib
            mkdir $out/bin
            cat > $out/bin/$command <<END
            #!/usr/bin/python3
            import sys
            sys.path.insert(0, "$out/lib")
            from nixfetch_docker.cli import main
            sys.exit(main())
            END
            chmod +x $out/bin/$command
            for input in $nativeBuildInputs; do
              if [ -e $input/nix-support/setup-hook ]; then . $input/nix-support/setup-hook; fi
            done
            eval "$postInstall"
            mv $out/bin/$command $out/bin/.$command-wrapped
            printf '#!/bin/sh\nexec "%s" "$@"\n' $out/bin/.$command-wrapped > $out/bin/$command
            chmod +x $out/bin/$command
            eval "$postFixup"
            for module in $pythonImportsCheck; do
              PYTHONPATH=$out/lib /usr/bin/python3 -c "import $module"
            done
          '';
    };

    coreutils = "/usr";
    scdoc = "/usr/bin/scdoc";

    # Named by the development shell alone.
    docker-distribution = "/usr/bin/docker-registry";
    podman = "/usr/bin/podman";
    ruff = "/usr/bin/ruff";
    skopeo = "/usr/bin/skopeo";
    umoci = "/usr/bin/umoci";
    zstd = "/usr/bin/zstd";
  };
  fix =
    function:
    let
      self = function self;
    in
    self;
in
fix base
