#!/bin/sh
# What is shipped, as others want to know it: `sbom` writes out/sbom-*.cdx.json (CycloneDX) from the locks, `audit` asks
# OSV's database whether anything locked has a known vulnerability. Where there is no network the audit is skipped, and
# says so: nobody's check shall fail for somebody else's server. The tools are in an environment of their own.
set -eu
cd "$(dirname "$0")/.."
tools=build/supply
locks="cpu gpu"

skip() {
    echo "==> SKIPPED: the audit of dependencies: $1" >&2
    exit 0
}

install() {
    [ -x $tools/bin/cyclonedx-py ] && [ -x $tools/bin/pip-audit ] && return
    requirements/make-venv.sh $tools
    PIP_ROOT_USER_ACTION=ignore $tools/bin/python -m pip --disable-pip-version-check install -qq --retries 0 \
        "cyclonedx-bom>=7,<8" "pip-audit>=2.9,<3"
}

case "${1:-}" in
sbom)
    install
    mkdir -p out
    for lock in $locks; do
        $tools/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate \
            --output-file "out/sbom-$lock.cdx.json" "requirements/$lock.txt"
        echo "==> out/sbom-$lock.cdx.json"
    done
    ;;
audit)
    install >/dev/null 2>&1 || skip "pip-audit cannot be installed"
    for lock in $locks; do
        report=$(mktemp)
        if $tools/bin/pip-audit --vulnerability-service osv --timeout 5 --progress-spinner off --disable-pip \
            --require-hashes --requirement "requirements/$lock.txt" --format json --output "$report" 2>"$report.said"; then
            echo "==> no known vulnerability among requirements/$lock.txt"
        elif [ -s "$report" ]; then
            cat "$report" >&2
            exit 1
        else
            reason=$(tail -n 1 "$report.said" | cut -c 1-200)
            rm -f "$report" "$report.said"
            skip "$reason"
        fi
        rm -f "$report" "$report.said"
    done
    ;;
*)
    echo "usage: $0 sbom|audit" >&2
    exit 2
    ;;
esac
