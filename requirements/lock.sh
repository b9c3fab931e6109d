#!/bin/sh
# Resolves requirements/*.txt anew from pyproject.toml, in an environment of its own (build/lock). One lock for all four
# Pythons; no index is named in it, so that anybody's mirror will do.
set -eu
cd "$(dirname "$0")/.."
requirements/make-venv.sh build/lock
build/lock/bin/python -m pip install --quiet uv

lock() { # lock NAME EXTRA... [-- OPTION...]: requirements/NAME.txt with these extras
    output=requirements/$1.txt
    shift
    extras=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        extras="$extras --extra $1"
        shift
    done
    [ $# -eq 0 ] || shift
    echo "==> $output"
    # shellcheck disable=SC2086 - each extra is two words
    build/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.10 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade $extras --output-file "$output" "$@"
}

lock cpu cpu queue
lock gpu gpu queue -- --no-emit-package opencv-python-headless
lock paddle paddle
# These hold what the ones before them hold, in the same versions.
lock otel cpu queue otel -- --constraint requirements/cpu.txt
lock demo cpu queue demo -- --constraint requirements/cpu.txt
lock dev cpu queue otel demo dev -- --constraint requirements/demo.txt --constraint requirements/otel.txt
