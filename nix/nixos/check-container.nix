/**
  The assertions and warnings about one locked container, whatever declares it: that no argument of the
  engine, no label and no policy lets another image than the locked one take its place.

  Type: { lib } -> { container, argumentsOption, … } -> { assertions, warnings }
*/
{ lib }:

let
  unpinned = import ./unpinned.nix { inherit lib; };
in

{
  # The option that declares the container: "virtualisation.oci-containers.containers.redis".
  container,
  # The name of the option that has arguments of `podman run` or `docker run`, and its value.
  argumentsOption,
  arguments,
  # Labels, by their names.
  labels,
  # The policy of pulls, null where there is none.
  pull,
  # The policy of podman's quadlet for `podman auto-update`, or null.
  autoUpdate ? null,
}:

let
  pulls = unpinned.pulls arguments;
  updated =
    { label, program }:
    "${container} has `locked`, and the label ${label}, by which ${program} replaces the locked image by another; remove the label, or `locked`";
in
{
  assertions = [
    {
      assertion = pulls == [ ];
      message = "${container} has `locked`, and ${argumentsOption} with ${lib.concatStringsSep " and " pulls}, which pulls another image than the locked one; remove it";
    }
  ];

  warnings =
    map updated (unpinned.updaters { inherit labels arguments; })
    ++
      lib.optional (autoUpdate == "registry")
        "${container} has `locked`, and autoUpdate = \"registry\", by which podman auto-update replaces the locked image by another; remove it, or `locked`"
    # By force: without it, the definition contradicts that of `locked`.
    ++
      lib.optional (pull != "never")
        "${container} has `locked`, and pull = \"${toString pull}\" by force, with which the engine may pull another image than the locked one";
}
