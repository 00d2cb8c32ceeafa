# What a build of buildPythonApplication does in nixpkgs, with Debian's Python: host-python.nix has
# sourced the attributes as variables of bash.
# shellcheck shell=bash disable=SC2154,SC1091
export HOME=/homeless-shelter out
export PATH
# Without structured attributes these are strings.
for name in nativeBuildInputs propagatedBuildInputs makeWrapperArgs pythonImportsCheck \
  enabledTestPaths disabledTestPaths disabledTests pytestFlags; do
  if ! declare -p "$name" 2> /dev/null | grep -q '^declare -a'; then
    eval "read -r -a _list <<< \"\${$name-}\" || true; unset $name; declare -a $name=(\"\${_list[@]}\")"
  fi
done

checkPhases=()
for input in "${nativeBuildInputs[@]}"; do
  PATH=$PATH:$input/bin
  if [ -e "$input/nix-support/setup-hook" ]; then . "$input/nix-support/setup-hook"; fi
done

cp -r "$src" source
chmod -R u+w source
cd source

# pypa-build-hook, pypa-install-hook
/usr/bin/python3 -c 'from hatchling.build import build_wheel; build_wheel(".")'
/usr/bin/python3 -m zipfile --extract ./*.whl "$out/lib"
# The data of a wheel go below the prefix that it is installed to.
for data in "$out"/lib/*.data/data; do
  if [ -d "$data" ]; then
    cp -r "$data/." "$out"
    rm -r "${data%/data}"
  fi
done
/usr/bin/python3 -m compileall -q --invalidation-mode unchecked-hash "$out/lib"

# python-runtime-deps-check-hook: the package names what the wheel needs, and besides only what an extra
# for users has.
metadata=$(echo "$out"/lib/*.dist-info/METADATA)
requirement='s/^Requires-Dist: \([A-Za-z0-9-]*\).*/\1/p'
needed=$(sed -n "/; extra == /d; $requirement" "$metadata" | sort)
extra=$(sed -n "/; extra == /!d; /'dev'/d; $requirement" "$metadata" | sort)
named=$(for one in "${propagatedBuildInputs[@]}"; do one=${one##*/}; echo "${one#*-python3-}"; done | sort)
if [ -n "$(comm -23 <(echo "$needed") <(echo "$named"))" ] ||
  [ -n "$(comm -13 <(printf '%s\n' "$needed" "$extra" | sort) <(echo "$named"))" ]; then
  echo "the wheel needs" $needed ", and dependencies are" $named >&2
  exit 1
fi

mkdir "$out/bin"
cat > "$out/bin/$mainProgram" << END
#!/usr/bin/python3
import sys
sys.path.insert(0, "$out/lib")
from nixfetch_docker.cli import main
sys.exit(main())
END
chmod +x "$out/bin/$mainProgram"

eval "${postInstall-}"

# wrapPythonPrograms, with makeWrapper's --suffix and --prefix.
wrapped=$out/bin/.$mainProgram-wrapped
mv "$out/bin/$mainProgram" "$wrapped"
{
  echo '#!/bin/bash'
  for ((n = 0; n < ${#makeWrapperArgs[@]}; n += 4)); do
    variable=${makeWrapperArgs[n + 1]} separator=${makeWrapperArgs[n + 2]} value=${makeWrapperArgs[n + 3]}
    case ${makeWrapperArgs[n]} in
      --prefix) echo "export $variable='$value'\${$variable:+'$separator'}\$$variable" ;;
      --suffix) echo "export $variable=\$$variable\${$variable:+'$separator'}'$value'" ;;
      *) echo "makeWrapper: ${makeWrapperArgs[n]} is not known here" >&2; exit 1 ;;
    esac
  done
  echo "exec '$wrapped' \"\$@\""
} > "$out/bin/$mainProgram"
chmod +x "$out/bin/$mainProgram"
eval "${postFixup-}"

# python-imports-check-hook
for module in "${pythonImportsCheck[@]}"; do
  PYTHONPATH=$out/lib /usr/bin/python3 -c "import $module"
done

if [ -n "${doInstallCheck-}" ]; then
  for phase in "${checkPhases[@]}"; do
    "$phase"
  done
fi
