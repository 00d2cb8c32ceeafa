"""The first line of an images.toml, by which editors find the schema of its keys."""

from __future__ import annotations

SCHEMA_URL = (
    "https://raw.githubusercontent.com/OWNER/nixfetch-docker/main/docs/reference/images.schema.json"
)
# https://taplo.tamasfe.dev/configuration/directives.html#the-schema-directive
SCHEMA_LINE = f"#:schema {SCHEMA_URL}\n"
