{
  description = "Pin container images in a lockfile and fetch them into the Nix store, layer by layer";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    let
      # The systems of nixpkgs that the program runs on. nixpkgs 26.11 throws for x86_64-darwin.
      systems = nixpkgs.lib.subtractLists [
        "x86_64-darwin"
        "x86_64-freebsd"
      ] nixpkgs.lib.systems.flakeExposed;
      forAllSystems =
        function:
        nixpkgs.lib.genAttrs systems (
          system:
          let
            pkgs = nixpkgs.legacyPackages.${system};
          in
          function (pkgs // import ./nix/lib/scope.nix pkgs)
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
          meta.description = "Update the lock of the container images in this directory";
        };
      });

      devShells = forAllSystems (pkgs: {
        default = import ./shell.nix { inherit pkgs; };
      });
    };
}
