/**
  What makes an engine run another image than the locked one, among the options and labels of a
  container.

  Type: { lib } -> { pulls, updaters }
*/
{ lib }:

{
  /**
    The options of `podman run` and `docker run` that ask for a pull, as they are written: the last
    of several `--pull` counts, and `never` alone pulls nothing.

    Type: [ string ] -> [ string ]
  */
  pulls =
    arguments:
    let
      # An option may have its value in the argument that follows. Without one, it takes the image's name.
      following = lib.tail arguments ++ [ "" ];
      written =
        argument: next:
        if argument == "--pull" then
          lib.optional (next != "never") (lib.removeSuffix " " "--pull ${next}")
        else
          lib.optional (
            builtins.match "--pull[[:space:]=].*" argument != null
            && !lib.elem argument [
              "--pull=never"
              "--pull never"
            ]
          ) argument;
    in
    if arguments == [ ] then [ ] else lib.concatLists (lib.zipListsWith written arguments following);

  /**
    The labels by which a program that updates containers pulls another image, with the program.

    Type: { labels, arguments } -> [ { label, program } ]
  */
  updaters =
    {
      # Labels, by their names.
      labels,
      # Options of `podman run` or `docker run`, which may have more of them.
      arguments,
    }:
    let
      watchtower = "com.centurylinklabs.watchtower";
      asked = lib.mapAttrsToList (name: value: "${name}=${value}") labels ++ map labelOf arguments;
      labelOf =
        argument:
        let
          found = builtins.match "(--label=|-l=?)(.*)" argument;
        in
        if found == null then argument else lib.last found;

      # With "local", podman takes what the engine has: it pulls nothing.
      auto = lib.filter (
        label:
        lib.elem label [
          "io.containers.autoupdate=registry"
          "io.containers.autoupdate=image"
        ]
      ) asked;
      watched = lib.filter (label: label == "${watchtower}.enable=true") asked;
      leftAlone =
        lib.elem "${watchtower}.monitor-only=true" asked || lib.elem "${watchtower}.no-pull=true" asked;
    in
    map (label: {
      inherit label;
      program = "podman auto-update";
    }) auto
    ++ lib.optionals (!leftAlone) (
      map (label: {
        inherit label;
        program = "watchtower";
      }) watched
    );
}
