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
      inherit (import ./default.nix { }) nixosModules overlays;

      templates.default = {
        path = ./templates/default;
        description = "A NixOS machine whose containers start from a lock and never pull";
        welcomeText = "Read README.md: name images in images.toml, then `nix run .#update-images`.";
      };

      packages = forAllSystems (pkgs: {
        inherit (pkgs) nixfetch-docker;
        default = pkgs.nixfetch-docker;
      });

      checks = forAllSystems (pkgs: import ./nix/checks.nix { inherit pkgs; });

      apps = forAllSystems (pkgs: {
        # Updates the images of the directory where it runs. Another flake offers it as its own by
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
        default = import ./shell.nix { inherit pkgs; };
      });
    };
}
