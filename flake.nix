{
  description = "Pin container images in a lockfile and fetch them into the Nix store, layer by layer";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems =
        function:
        nixpkgs.lib.genAttrs systems (
          system: function (nixpkgs.legacyPackages.${system}.extend self.overlays.default)
        );
    in
    {
      overlays.default = import ./overlays;

      # By its path, so that a module that is imported twice is one.
      nixosModules.default.imports = [ ./nix/nixos/module.nix ];

      templates.default = {
        path = ./templates/default;
        description = "A NixOS machine whose containers start from a lock and never pull";
        welcomeText = "Read README.md: name images in images.toml, then `nix run .#update-images`.";
      };

      packages = forAllSystems (pkgs: {
        inherit (pkgs) nixfetch-docker;
        default = pkgs.nixfetch-docker;
      });

      checks = forAllSystems (pkgs: {
        inherit (pkgs) nixfetch-docker;
      });

      apps = forAllSystems (pkgs: {
        # Works in the directory where it is called: a flake offers it as its own by
        # `apps = nixfetch-docker.apps;`.
        update-images = {
          type = "app";
          program = toString (
            pkgs.writeShellScript "update-images" ''
              exec ${pkgs.nixfetch-docker}/bin/nixfetch-docker update "$@"
            ''
          );
        };
      });

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ pkgs.nixfetch-docker ];
          packages = [
            pkgs.docker-distribution
            pkgs.podman
            pkgs.ruff
            pkgs.skopeo
            pkgs.umoci
            pkgs.zstd
            pkgs.python3Packages.hypothesis
            pkgs.python3Packages.mypy
            pkgs.python3Packages.pytest
            pkgs.python3Packages.pytest-xdist
          ];
        };
      });
    };
}
