"""Files in HCL, the language of Nomad and Terraform, which are told and not read."""

from __future__ import annotations

import re

from ...base.regex import regex
from ..found.image import ADD_IT, NotImportable

SUFFIXES = (".hcl", ".nomad", ".tf")
_JOB = regex(r"^[ \t]*+job[ \t]++(?:\"[^\"\n]*+\"|[\w-]++)[ \t]*+\{", re.MULTILINE)


def is_nomad_job(text: str) -> bool:
    """Whether a text has a job of Nomad in HCL."""
    return _JOB.search(text) is not None


def refuse_hcl(text: str) -> NotImportable:
    """The error about a text in HCL, which says how it becomes JSON."""
    job = _JOB.search(text)
    if job is None:
        return NotImportable("this is HCL, which is not read", hint=ADD_IT)
    line = text.count("\n", 0, job.start()) + 1
    return NotImportable(
        "this is a job in HCL, which is not read",
        hint="import what `nomad job run -output FILE` prints",
    ).at(f"line {line}")
