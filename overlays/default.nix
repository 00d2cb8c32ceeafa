# Adds the command and the functions that fetch what it locks.
final: _prev: {
  nixfetch-docker = final.callPackage ../nix/package.nix { };
  fetchDockerBlob = final.callPackage ../nix/fetch-docker-blob.nix { };
  fetchDocker = final.callPackage ../nix/fetch-docker.nix { };
  fetchDockerImages = final.callPackage ../nix/fetch-docker-images.nix { };
}
