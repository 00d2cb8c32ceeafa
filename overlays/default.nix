# Adds the command, the functions that fetch the images of a lock, and those for expressions that
# docker2nix wrote.
final: prev: {
  # Without its tests, which take a minute: whoever builds an image waits for the command. They are a
  # check of the flake.
  nixfetch-docker =
    let
      tested = final.callPackage ../nix/package.nix { };
    in
    tested.overrideAttrs (previous: {
      src = (import ../nix/source.nix { inherit (prev) lib; }).command;
      doInstallCheck = false;
      passthru = previous.passthru // {
        tests = previous.passthru.tests // {
          unit = tested;
        };
      };
    });
  # The command runs while a blob is fetched: on the machine that builds.
  fetchDockerBlob = final.callPackage ../nix/fetchers/fetch-docker-blob.nix {
    inherit (final.buildPackages) nixfetch-docker;
  };
  fetchDocker = final.callPackage ../nix/fetchers/fetch-docker.nix {
    inherit (final.buildPackages) nixfetch-docker;
  };
  dockerImageStore = final.callPackage ../nix/fetchers/docker-image-store.nix {
    inherit (final.buildPackages) nixfetch-docker;
  };
  fetchDockerImages = final.callPackage ../nix/fetchers/fetch-docker-images.nix { };

  fetchdocker = final.callPackage ../nix/compat/fetchdocker.nix { };
  fetchDockerConfig = final.callPackage ../nix/compat/fetch-docker-config.nix { };
  fetchDockerLayer = final.callPackage ../nix/compat/fetch-docker-layer.nix { };
}
