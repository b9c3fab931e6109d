"""`python -m tests.knative.lint FILE…`: name every fault of the manifests, and exit 1 if there is one."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from tests.knative.lint import World, lint
from tests.knative.rendering import cluster, documented


def main(paths: list[str]) -> int:
    """Lint each file by itself."""
    found = 0
    for path in paths:
        documents = yaml.safe_load_all(Path(path).read_text(encoding="utf-8"))
        for finding in lint(World.of(documents, cluster=cluster(), documented=documented())):
            print(f"{path}: {finding}")
            found += 1
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
