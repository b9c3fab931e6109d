"""The manifests that are made from others: `python -m tests.manifests` renews them, tests/knative/ compares.

`knative/rendered/` holds each overlay as kubectl renders it, for readers and for machines whose kubectl cannot. The
flat files hold one Service for `kn service apply -f`, which takes no overlay: what it refers to in the overlay
(settings, an account) is written into it or left out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.reasons import Place, annotated, of_component, of_service, of_settings

KNATIVE = ROOT / "knative"
RENDERED = KNATIVE / "rendered"
#: Flat file → the overlay whose Service it is.
FLAT = {"service.yaml": "cpu", "service-gpu.yaml": "gpu"}
#: Left out of flat files: whoever only posts documents has no buckets, and somebody else may own those names.
PLACES = ("OCR_INBOX", "OCR_RESULTS")

_HEAD = """\
# Made by `make manifests` from overlays/{overlay}, with the reasons of base and components; change it there.
#
#   kn service apply --filename knative/{name}{wait}
#
# It needs Serving alone: no broker, no account, no settings beside it. It answers `POST /v1/parse` and nothing else
# until OCR_INBOX and OCR_RESULTS name buckets (`--env`); the Secret zeropage-s3 is used where it exists.
"""
_GPU = """\
# Before, once: the flags of knative/cluster-settings/settings.yaml, and weights on a volume by
#   kubectl apply -k knative/overlays/gpu -l app.kubernetes.io/name=zeropage-weights
"""


def overlays() -> list[str]:
    """Their names, sorted."""
    return sorted(path.parent.name for path in KNATIVE.glob("overlays/*/kustomization.yaml"))


def render(folder: Path) -> str:
    """What kubectl makes of a kustomization. Raises RuntimeError with kubectl's own words where it fails."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise RuntimeError(f"kubectl kustomize {folder}: {done.stderr.strip()}")
    return done.stdout


def flat(name: str, rendered: str) -> str:
    """The flat file of a name, from the rendering of its overlay."""
    documents = [document for document in yaml.safe_load_all(rendered) if document]
    settings = {d["metadata"]["name"]: d["data"] for d in documents if d["kind"] == "ConfigMap"}
    (service,) = (
        document
        for document in documents
        if document["apiVersion"] == "serving.knative.dev/v1" and document["metadata"]["name"] == "zeropage"
    )
    # Without buckets there is no door that asks for nothing, and what it is for is to be called.
    del service["metadata"]["labels"]["networking.knative.dev/visibility"]
    _inline(service["spec"]["template"]["spec"], settings)
    gpu = FLAT[name] == "gpu"
    # kn gives up after 600 s, the revision later.
    head = _HEAD.format(overlay=FLAT[name], name=name, wait=" --wait-timeout 1800" if gpu else "") + (
        _GPU if gpu else ""
    )
    return head + annotated(service, _reasons(FLAT[name]))


def _reasons(overlay: str) -> dict[Place, list[str]]:
    """Of everything that an overlay's Service is made from; a later component's reason replaces an earlier one."""
    manifest = KNATIVE / "base/function/service.yaml"
    service = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    found = of_service(manifest) | of_settings(KNATIVE / "base/settings/settings.env", "zeropage")
    folder = KNATIVE / "overlays" / overlay
    for component in yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8")).get("components", []):
        found |= of_component((folder / component).resolve(), service)
    return found


def _inline(pod: dict[str, Any], settings: dict[str, dict[str, str]]) -> None:
    """Settings become env, which wins over envFrom in the overlay and so does here; the account is left out."""
    del pod["serviceAccountName"]
    for container in pod["containers"]:
        if "envFrom" not in container:  # a server beside the function knows no settings of ours
            continue
        own = {entry["name"] for entry in container["env"]}
        kept: list[dict[str, Any]] = []
        values: dict[str, str] = {}
        for source in container["envFrom"]:
            if "configMapRef" in source:
                values |= settings[source["configMapRef"]["name"]]
            else:
                kept.append(source)
        container["envFrom"] = kept
        container["env"] += [
            {"name": name, "value": value} for name, value in sorted(values.items()) if name not in {*own, *PLACES}
        ]


def made() -> dict[Path, str]:
    """Every generated file and its text. Raises RuntimeError where kubectl fails."""
    rendered = {name: render(KNATIVE / "overlays" / name) for name in overlays()}
    files = {RENDERED / f"{name}.yaml": text for name, text in rendered.items()}
    return files | {KNATIVE / name: flat(name, rendered[overlay]) for name, overlay in FLAT.items()}


def main() -> int:
    """Write them all; remove renderings of overlays that have gone."""
    try:
        files = made()
    except (RuntimeError, OSError) as problem:
        print(f"{problem}\nkubectl 1.27 or later must be on the PATH: its kustomize knows components.", file=sys.stderr)
        return 1
    RENDERED.mkdir(exist_ok=True)
    for path in set(RENDERED.glob("*.yaml")) - files.keys():
        path.unlink()
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(files)} files in {KNATIVE.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
