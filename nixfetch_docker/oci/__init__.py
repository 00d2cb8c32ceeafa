"""The room oci."""
