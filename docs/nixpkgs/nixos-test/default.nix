# Containers that start from a lock, with podman and with docker, on machines without a network.
{ lib, ... }:

let
  machine = backend: {
    virtualisation.dockerImages.file = ./images.toml;
    virtualisation.oci-containers = {
      inherit backend;
      containers.hello = {
        locked = "hello";
        cmd = [
          "sleep"
          "infinity"
        ];
      };
    };
  };
in
{
  name = "nixfetch-docker";
  meta.maintainers = [ ];

  nodes = lib.genAttrs [
    "docker"
    "podman"
  ] machine;

  testScript =
    { nodes, ... }:
    let
      inherit (nodes.podman.virtualisation.dockerImages.images.hello) imageId imageName;
    in
    ''
      start_all()


      def loads(machine, unit):
          """How often the unit loaded the image since the machine booted."""
          return machine.succeed(f"journalctl --boot --unit={unit} --output=cat").count("loaded ${imageName}")


      for machine, engine in ((podman, "podman"), (docker, "docker")):
          unit = f"{engine}-hello.service"
          running = f"{engine} exec hello sleep 0"

          with subtest(f"{engine} runs the image of the lock, which was loaded from the store"):
              machine.wait_for_unit(unit)
              machine.wait_until_succeeds(running)
              image = machine.succeed(f"{engine} container inspect --format '{{{{.Image}}}}' hello")
              assert image.strip().removeprefix("sha256:") == "${lib.removePrefix "sha256:" imageId}", image
              assert loads(machine, unit) == 1

          with subtest("a restart loads nothing"):
              machine.succeed(f"systemctl restart {unit}")
              machine.wait_until_succeeds(running)
              assert loads(machine, unit) == 1

          with subtest("the next boot loads nothing"):
              machine.shutdown()
              machine.start()
              machine.wait_for_unit(unit)
              machine.wait_until_succeeds(running)
              assert loads(machine, unit) == 0

          with subtest("what is loaded stays, for it is locked"):
              machine.succeed("systemctl start remove-superseded-images.service")
              machine.succeed(f"{engine} image inspect ${imageId}")
    '';
}
