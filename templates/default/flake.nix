{
  description = "A NixOS machine whose containers start from a lock and never pull";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixfetch-docker.url = "github:OWNER/nixfetch-docker";
    nixfetch-docker.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, nixfetch-docker, ... }:
    {
      # `nix run .#update-images` writes images.lock.toml.
      inherit (nixfetch-docker) apps;

      # `nix run .#redis.load.podman` loads an image into your own podman; so do docker and containerd.
      packages.x86_64-linux =
        nixfetch-docker.lib.fetchDockerImages nixpkgs.legacyPackages.x86_64-linux
          ./images.toml;

      nixosConfigurations.server = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          nixfetch-docker.nixosModules.default
          ./containers.nix
          ./machine.nix
        ];
      };
    };
}
