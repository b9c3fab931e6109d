#!/bin/sh
# install.sh PYTHON LOCK [OPTIONS OF PIP]: what a lock names, into that interpreter's environment. A package is told when
# it begins to come, with its size, so that nobody sits before a silent terminal; of a failure, pip's own last words.
set -eu

python=$1 lock=$2
shift 2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "==> installing the $(grep -c '==' "$lock") packages of $lock"
{
    # As a variable, because the pip of Python 3.10.4 (Ubuntu 22.04) knows no --root-user-action.
    PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore "$python" -m pip --disable-pip-version-check install \
        --require-hashes --progress-bar off "$@" -r "$lock" 2>&1 || echo failed
} | while read -r word rest; do
    echo "$word $rest" >>"$log"
    case $word in
    Downloading) echo "    $rest" ;;
    Installing) echo "    unpacking and compiling them, which may take minutes" ;;
    failed)
        grep -v -e '^WARNING' -e '^failed' "$log" | tail -n 20 >&2
        exit 1
        ;;
    esac
done
