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
      inherit (import ./default.nix { }) homeModules nixosModules overlays;

      # The images of an images.toml with any package set, which needs no overlay:
      # `nixfetch-docker.lib.fetchDockerImages pkgs ./images.toml`.
      lib.fetchDockerImages = pkgs: (import ./nix/lib/scope.nix pkgs).fetchDockerImages;

      templates.default = {
        path = ./templates/default;
        description = "A NixOS machine whose containers start from a lock and never pull";
        welcomeText = "Read README.md: name images in images.toml, `git add .`, then `nix run .#update-images`.";
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

      # `nix fmt`. It is written in Haskell, which few systems have.
      formatter = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ] (system: nixpkgs.legacyPackages.${system}.nixfmt-tree);

      devShells = forAllSystems (pkgs: {
        default = import ./shell.nix { inherit pkgs; };
      });
    };
}
