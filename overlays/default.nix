# Adds the command, the functions that fetch what it locks, and those that docker2nix wrote for.
final: _prev: {
  nixfetch-docker = final.callPackage ../nix/package.nix { };
  fetchDockerBlob = final.callPackage ../nix/fetch-docker-blob.nix { };
  fetchDocker = final.callPackage ../nix/fetch-docker.nix { };
  fetchDockerImages = final.callPackage ../nix/fetch-docker-images.nix { };

  fetchdocker = final.callPackage ../nix/fetchdocker.nix { };
  fetchDockerConfig = final.callPackage ../nix/fetch-docker-config.nix { };
  fetchDockerLayer = final.callPackage ../nix/fetch-docker-layer.nix { };
}
