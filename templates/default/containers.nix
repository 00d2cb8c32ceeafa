# One container. It runs the image that images.lock.toml pins, out of the Nix store.
{
  virtualisation.dockerImages.file = ./images.toml;

  virtualisation.oci-containers.containers.redis = {
    locked = "redis";
    ports = [ "127.0.0.1:6379:6379" ];
  };
}
