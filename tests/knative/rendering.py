"""What there is to check: overlays and components as kubectl renders them, and the renderings that are committed.

Where no kubectl of 1.27 or later is at hand (its kustomize is the first that knows all we use) the committed ones are
checked instead, and the tests that would have compared the two skip, visibly.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests import manifests
from tests.knative.lint.cluster import Cluster
from tests.manifests import KNATIVE, RENDERED

OVERLAYS = manifests.overlays()
FLAT = sorted(manifests.FLAT)
OLDEST = (1, 27)

Documents = list[dict[str, Any]]


@functools.cache
def kubectl() -> str | None:
    """Why kubectl cannot render here; None where it can."""
    if not shutil.which("kubectl"):
        return "kubectl is not installed"
    done = subprocess.run(
        ["kubectl", "version", "--client", "--output", "json"], capture_output=True, text=True, timeout=60, check=False
    )
    version = json.loads(done.stdout or "{}").get("clientVersion", {}) if done.returncode == 0 else {}
    found = tuple(int(re.sub(r"\D", "", version.get(part, "")) or 0) for part in ("major", "minor"))
    wanted = ".".join(map(str, OLDEST))
    return None if found >= OLDEST else f"kubectl is {'.'.join(map(str, found))}, older than {wanted}"


def parse(text: str) -> Documents:
    """Every document of a YAML text; empty ones do not count."""
    return [document for document in yaml.load_all(text, Loader=_LOADER) if document]


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def combined(bases: Sequence[str], components: Sequence[str], **more: Any) -> Documents:
    """A folder elsewhere that lists ours, as an overlay of somebody else's would; `more` are its further fields."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        lists = {"resources": bases, "components": [f"components/{name}" for name in components]}
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **{key: [os.path.relpath(KNATIVE / name, place) for name in names] for key, names in lists.items()},
            **more,
        }
        place.joinpath("kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
        return parse(manifests.render(place))


@functools.cache
def committed(overlay: str) -> Documents:
    """The rendering of an overlay that stands in the repository."""
    return parse((RENDERED / f"{overlay}.yaml").read_text(encoding="utf-8"))


def flat(name: str) -> Documents:
    """A flat file, with the claims that its head tells to apply beforehand."""
    claims = [document for document in committed(manifests.FLAT[name]) if document["kind"] == "PersistentVolumeClaim"]
    return parse((KNATIVE / name).read_text(encoding="utf-8")) + claims


@functools.cache
def cluster() -> Cluster:
    """What knative/cluster-settings turns on."""
    return Cluster.of(
        document
        for path in sorted((KNATIVE / "cluster-settings").rglob("*.yaml"))
        for document in parse(path.read_text())
    )


@functools.cache
def documented() -> frozenset[str]:
    """Secrets that the instructions, or a comment in a manifest, tell to create."""
    texts = [path.read_text(encoding="utf-8") for path in KNATIVE.rglob("*") if path.suffix in {".md", ".yaml", ".env"}]
    found = re.findall(r"create secret (?:generic|tls|docker-registry)\s+([a-z0-9][a-z0-9.-]*)", "\n".join(texts))
    return frozenset(found)
