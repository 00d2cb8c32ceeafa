# The names in images.toml.
_nixfetch_docker_names() {
  local -a names=(${(f)"$(nixfetch-docker image-names "$BUFFER" 2>/dev/null)"})
  compadd -a names
}

# Of an argument that repeats, shtab completes the first: ours complete them all. An option and its
# value may also be one word: --file=images.toml.
() {
  setopt local_options extended_glob
  local options
  local -a specs
  for options in ${(k)parameters[(I)_shtab_nixfetch_docker*_options]}; do
    specs=("${(@)${(@P)options}/#\(\*\)::/*:}")
    specs=("${(@)specs/(#b)(#s)(--[a-z-]##)(\[*\]:*)/$match[1]=$match[2]}")
    set -A $options "${(@)specs}"
  done
}
