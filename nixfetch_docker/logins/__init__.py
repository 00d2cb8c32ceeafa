"""The room logins."""
