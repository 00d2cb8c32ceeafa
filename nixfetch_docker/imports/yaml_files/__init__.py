"""YAML as compose reads it: the `documents` of a text, within bounds, and compose's own `tags`."""
