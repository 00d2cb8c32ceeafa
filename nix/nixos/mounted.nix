/**
  What `virtualisation.dockerImages.mount` means on this machine: which images root's podman runs out
  of the Nix store, the script that stands before their containers in place of a loader, and the store
  of images that storage.conf names.

  An image is loaded as ever for another engine, and for the podman of another user; all are where
  this machine's podman cannot mount any.

  Type: { config, lib, packages } -> {
    isUsed, isMounted, isSure, script, stores, files, warningsOf }
*/
{
  # The configuration of the machine.
  config,
  lib,
  # By ../lib/scope.nix.
  packages,
}:

let
  inherit (config.virtualisation.dockerImages) mount mountFallback;
  option = "virtualisation.dockerImages.mount";

  # The oldest podman that was seen to do it.
  oldest = "5.4";
  podman = config.virtualisation.podman.package.version or "";
  driver = config.virtualisation.containers.storage.settings.storage.driver or "overlay";
  refusal =
    if podman != "" && !lib.versionAtLeast podman oldest then
      "podman ${podman} does not mount images, which ${oldest} does"
    else if driver != "overlay" then
      "podman's storage driver is ${driver}, and only overlay mounts images"
    else
      null;

  # Linux has it since 6.10, and nixpkgs' kernels since https://github.com/NixOS/nixpkgs/pull/526017.
  kernel = config.boot.kernelPackages.kernel or { };
  readsZstd =
    lib.versionAtLeast (kernel.version or "") "6.10"
    && (kernel.commonStructuredConfig or { } // kernel.structuredExtraConfig or { }) ? EROFS_FS_ZIP_ZSTD;
  compression =
    if builtins.isString mount then
      mount
    else if readsZstd then
      "zstd"
    else
      "lz4";

  podmanMount = packages.callPackage ./podman-mount.nix { owner = "nixos"; };
  mountedImage = packages.callPackage ./mounted-image.nix { };
in
rec {
  /**
    Whether images are mounted on this machine.
  */
  isUsed = mount != false && refusal == null;

  /**
    Whether the image of an element of the option `loads` is mounted, and not loaded.
  */
  isMounted = load: isUsed && load.engine == "podman" && load.user == "root";

  /**
    Whether all that may refuse to mount an image is known here, and does not. Kernels of nixpkgs'
    have `features`, and what modules of NixOS need of a kernel (nixos/modules/system/boot/kernel.nix).
  */
  isSure =
    podman != ""
    && kernel ? features
    && (compression != "zstd" || readsZstd)
    && !(config.boot.isContainer or false);

  /**
    The script to run before a container of an image.
  */
  script =
    image:
    podmanMount {
      inherit image;
      hasBlobs = mountFallback;
    };

  /**
    What storage.conf has of these images, and /etc beside it.
  */
  stores =
    images:
    lib.optional (isUsed && images != [ ]) "${
      packages.dockerImageStore { inherit images compression; }
    }";
  files =
    images:
    lib.listToAttrs (
      map (
        image:
        lib.nameValuePair "nixfetch-docker/mounted/${lib.removePrefix "sha256:" image.imageId}" {
          source = mountedImage { inherit image compression; };
        }
      ) images
    );

  # `loads` is all that is loaded on this machine, as the option has it.
  warningsOf =
    loads:
    lib.optional (
      mount != false && refusal != null
    ) "${option}: ${refusal}; images are loaded as without it"
    ++ lib.optional (isUsed && lib.filter isMounted loads == [ ])
      "${option}: no locked image is for root's podman, so that none is mounted; images for docker, for containerd and for other users are loaded"
    ++ lib.optional (isUsed && mount == "zstd" && kernel ? commonStructuredConfig && !readsZstd)
      "${option}: the kernel ${kernel.version} of this nixpkgs does not read zstd in EROFS; write \"lz4\", or true for what it reads";
}
