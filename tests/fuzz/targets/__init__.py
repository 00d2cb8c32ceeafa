"""What is fuzzed: a function for each kind of foreign bytes, by its name.

A target gives its input to the parsers that read this kind of bytes, as the program does. It may
raise the package's own errors; any other exception is a fault, and so is a broken promise, which it
asserts. The inputs to start from are in corpus/NAME/.
"""

from __future__ import annotations

from collections.abc import Mapping

from fuzz.targets import (
    archives,
    attestations,
    base,
    endpoints,
    files,
    imports,
    layers,
    logins,
    oci,
    policies,
    registry,
    signatures,
    versions,
)
from fuzz.trial import Target

TARGETS: Mapping[str, Target] = {
    **archives.TARGETS,
    **attestations.TARGETS,
    **base.TARGETS,
    **endpoints.TARGETS,
    **files.TARGETS,
    **imports.TARGETS,
    **layers.TARGETS,
    **logins.TARGETS,
    **oci.TARGETS,
    **policies.TARGETS,
    **registry.TARGETS,
    **signatures.TARGETS,
    **versions.TARGETS,
}

# Those that start programs, which tests outside tests/end_to_end/ may not.
STARTING_PROGRAMS = frozenset({"zstd", "helper"})
