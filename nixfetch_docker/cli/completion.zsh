# The names in images.toml.
_nixfetch_docker_names() {
  local -a names=(${(f)"$(nixfetch-docker image-names "$BUFFER" 2>/dev/null)"})
  compadd -a names
}

# Of an argument that repeats, shtab completes the first: ours complete them all.
() {
  local options
  for options in ${(k)parameters[(I)_shtab_nixfetch_docker_*_options]}; do
    set -A $options "${(@)${(@P)options}/#\(\*\)::/*:}"
  done
}
