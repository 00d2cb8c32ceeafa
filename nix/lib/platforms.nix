/**
  Platforms of images, such as "linux/arm64", in normal form.

  Several names can mean one platform: "linux/arm64/v8" is "linux/arm64". The normal form is the one
  that containerd's platforms.Normalize gives; a lock has its platforms under this form. The same
  rules stand in nixfetch_docker/oci/platform.py (`Platform.normal`), because evaluation starts no
  program; tests/end_to_end/test_platforms.py compares the two.

  Type: { lib } -> { normalize, ofHost }
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };

  # The names of CPUs in Nix (`stdenv.hostPlatform.system`) and of other tools, where images have
  # another one.
  architectures = {
    aarch64 = "arm64";
    armel = "arm/v6";
    armhf = "arm/v7";
    armv5tel = "arm/v5";
    armv6l = "arm/v6";
    armv7a = "arm/v7";
    armv7l = "arm/v7";
    i386 = "386";
    i686 = "386";
    loongarch64 = "loong64";
    mips64el = "mips64le";
    mipsel = "mipsle";
    powerpc64le = "ppc64le";
    x86_64 = "amd64";
  };

  # https://github.com/containerd/platforms/blob/v0.2.1/database.go, normalizeArch
  variants = {
    "amd64/v1" = "amd64";
    "arm" = "arm/v7";
    "arm64/v8" = "arm64";
    "arm64/v8.0" = "arm64";
    "arm64/v9.0" = "arm64/v9";
  };

  # The platform of a Nix system, such as "aarch64-linux", or of a triple; null for other texts. Containers
  # are Linux's, also on a Mac.
  systemOf =
    system:
    let
      fields = builtins.match "([A-Za-z0-9_]+)-([a-z0-9_]+-)?(linux|darwin|freebsd|windows)[a-z0-9.]*(-.*)?" system;
      cpu = builtins.elemAt fields 0;
      kernel = builtins.elemAt fields 2;
      os = if kernel == "darwin" then "linux" else kernel;
    in
    if fields == null then null else normalize "${os}/${cpu}";

  shown =
    value:
    if builtins.isString value && !text.hasLogin value then
      "'${text.visible (builtins.substring 0 200 value)}'"
    else
      text.shown value;

  normalize =
    platform:
    let
      isString = builtins.isString platform && lib.stringLength platform <= 200;
      fields = if isString then builtins.match "([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)(/[A-Za-z0-9_.-]+)?" platform else null;
      os = builtins.elemAt fields 0;
      cpu = builtins.elemAt fields 1;
      variant = builtins.elemAt fields 2;
      architecture = (architectures.${cpu} or cpu) + lib.optionalString (variant != null) variant;
    in
    if isString && systemOf platform != null then
      throw "'${platform}' is not a platform; that is a Nix system; write ${systemOf platform}"
    else if fields == null then
      throw "${shown platform} is not a platform; write it as \"linux/amd64\" or \"linux/arm/v7\""
    else
      "${os}/${variants.${architecture} or architecture}";
in
{
  /**
    The normal form of a platform.

    Type: string -> string
  */
  inherit normalize;

  /**
    The platform of the containers that a host runs, from its `stdenv.hostPlatform`. Containers are
    Linux's, also on a Mac, where a virtual machine of the same CPU runs them.

    Type: attrs -> string
  */
  ofHost = hostPlatform: normalize "linux/${lib.head (lib.splitString "-" hostPlatform.system)}";
}
