"""The options of Nix modules that name the images of containers, and how to evaluate each."""

from __future__ import annotations

from ...base.values import dataclass

_NIXOS = "nix eval --json .#nixosConfigurations.HOST.config."
_HOME = "nix eval --json .#homeConfigurations.USER.config."


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOption:
    """An option that has containers, or other things with an image, by their names.

    `keys` end its path. `image` is the path of the image below a name, and `files` are the
    attributes beside it that load an image from a file. `command` prints it as JSON. `is_sure`
    says that nothing else has such a path.
    """

    keys: tuple[str, ...]
    image: tuple[str, ...]
    command: str
    files: tuple[str, ...] = ()
    is_sure: bool = True


_FILES = ("imageFile", "imageStream")
# The command for containers of the usual kind.
EVALUATE = f"{_NIXOS}virtualisation.oci-containers.containers"
_QUADLET = f"{_NIXOS}virtualisation.quadlet"
_PODMAN = f"{_HOME}services.podman"
# Those with longer paths first: the others end like them.
# https://search.nixos.org/options?query=virtualisation.oci-containers
# https://seiarotg.github.io/quadlet-nix/
# https://nix-community.github.io/home-manager/options.xhtml#opt-services.podman.enable
# https://docs.hercules-ci.com/arion/options
CONTAINER_OPTIONS = (
    ContainerOption(
        keys=("oci-containers", "containers"), image=("image",), files=_FILES, command=EVALUATE
    ),
    ContainerOption(
        keys=("quadlet", "containers"),
        image=("containerConfig", "image"),
        command=f"{_QUADLET}.containers",
    ),
    ContainerOption(
        keys=("quadlet", "images"), image=("imageConfig", "image"), command=f"{_QUADLET}.images"
    ),
    ContainerOption(
        keys=("podman", "containers"), image=("image",), command=f"{_PODMAN}.containers"
    ),
    ContainerOption(keys=("podman", "images"), image=("image",), command=f"{_PODMAN}.images"),
    ContainerOption(
        keys=("docker-compose", "raw", "services"), image=("image",), command="arion cat"
    ),
    ContainerOption(
        keys=("docker-containers",), image=("image",), command=f"{_NIXOS}docker-containers"
    ),
    ContainerOption(
        keys=("containers",), image=("containerConfig", "image"), command=EVALUATE, is_sure=False
    ),
    ContainerOption(
        keys=("containers",), image=("image",), files=_FILES, command=EVALUATE, is_sure=False
    ),
    ContainerOption(
        keys=("images",), image=("imageConfig", "image"), command=_QUADLET, is_sure=False
    ),
    ContainerOption(
        keys=("services",), image=("service", "image"), command="arion cat", is_sure=False
    ),
)
