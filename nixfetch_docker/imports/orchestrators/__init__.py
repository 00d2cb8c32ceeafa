"""Files of programs that run containers: `kubernetes`, `nomad`, and systemd with `quadlet`.

`hcl` refuses what Nomad reads beside JSON.
"""
