# The names in images.toml that begin with $1. Not by `compgen -W`, which expands the words.
_nixfetch_docker_names() {
  local name
  nixfetch-docker image-names "$COMP_LINE" 2>/dev/null | while IFS= read -r name; do
    if [[ $name == "$1"* ]]; then
      printf '%s\n' "$name"
    fi
  done
}
