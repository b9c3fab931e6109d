#!/bin/sh
# make-venv.sh FOLDER: a virtual environment of Python 3.10-3.13 with pip, by whichever way this machine has.
# An environment that already works is left alone. $PYTHON names the interpreter to use; unset, the first that will do.
set -eu

folder=$1

right_version() { # of the interpreter in $1, and able to import the modules that follow
    "$1" - "$@" 2>/dev/null <<'PYTHON'
import importlib, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PYTHON
}

works() { right_version "$folder/bin/python" pip; }

if works; then exit 0; fi
# What does not work is mended by the ways below; it is not deleted, for it may be somebody's.

pick() { # the first interpreter that can import $@
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10 python}; do
        if command -v "$candidate" >/dev/null && right_version "$candidate" ssl zlib ctypes venv "$@"; then
            echo "$candidate"
            return
        fi
    done
}

python=$(pick ensurepip)
if [ -z "$python" ] && [ -z "${PYTHON:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "==> no Python 3.10-3.13 with venv here; as root: apt-get install python3 python3-venv"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv
    python=$(pick ensurepip)
fi
if [ -n "$python" ]; then
    echo "==> $("$python" --version) makes $folder"
    "$python" -m venv "$folder"
    works && exit 0
fi

# Without root on a Debian that lacks python3-venv: other tools do the same.
python=$(pick || true)
if [ -n "$python" ]; then
    for way in "uv venv --seed --allow-existing --python $python" "virtualenv --python $python" "$python -m virtualenv"; do
        if $way "$folder" >/dev/null 2>&1 && works; then
            echo "==> $way $folder"
            exit 0
        fi
    done
    if "$python" -m venv --without-pip "$folder" && "$python" -m pip --python "$folder/bin/python" install --quiet pip && works; then
        echo "==> $python -m venv --without-pip $folder, and pip by pip"
        exit 0
    fi
fi

if [ -n "${PYTHON:-}" ]; then echo "PYTHON=$PYTHON will not do: it must be Python 3.10-3.13 with venv." >&2; fi
echo "This needs Python 3.10-3.13 with venv, once. On Debian and Ubuntu, as root:" >&2
echo "    apt-get install python3 python3-venv" >&2
echo "Elsewhere, name an interpreter: make run PYTHON=/path/to/python3.12" >&2
exit 1
