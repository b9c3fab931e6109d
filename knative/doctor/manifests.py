"""What is about to be applied, and one line of the report about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from knative.doctor.kubectl import Document

SERVING, EVENTING = "knative-serving", "knative-eventing"


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        state: `ok`; `missing`, without which it will not work; `advice`; `unknown`, where the cluster did not tell.
        what: is asked about.
        found: in the cluster.
        mend: the command, or the sentence, that helps.
    """

    state: str
    what: str
    found: str
    mend: str = ""


def judged(good: object, what: str, found: object, mend: str) -> Finding:
    """`ok` or `missing`."""
    return Finding("ok" if good else "missing", what, str(found), mend)


def patch(name: str, key: str, value: str, namespace: str = SERVING) -> str:
    """The command that sets one line of a ConfigMap."""
    change = json.dumps({"data": {key: value}}, separators=(",", ":"))
    return f"kubectl patch configmap {name} --namespace {namespace} --type merge --patch '{change}'"


def dig(data: Any, path: str) -> list[Any]:
    """Everything at a dotted path; lists are gone through, and what is not there gives nothing."""
    found = data if isinstance(data, list) else [data]
    for key in path.split("."):
        found = [item[key] for item in found if isinstance(item, dict) and item.get(key) is not None]
        found = [inner for item in found for inner in (item if isinstance(item, list) else [item])]
    return found


class Manifests:
    """Documents, by what checks ask of them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents

    def of(self, kind: str, group: str = "") -> list[Document]:
        """All of a kind; of a group, where several have it."""
        return [item for item in self.documents if item["kind"] == kind and item["apiVersion"].startswith(group)]

    def services(self) -> list[Document]:
        """Knative's."""
        return self.of("Service", "serving.knative.dev/")

    def revisions(self) -> list[Document]:
        """The pods' specs of Knative Services."""
        return dig(self.services(), "spec.template.spec")

    def pods(self) -> list[Document]:
        """Every pod's spec."""
        paths = ("spec.template.spec", "spec.jobTemplate.spec.template.spec")
        return [spec for path in paths for spec in dig(list(self.documents), path)]

    def groups(self) -> set[str]:
        """API groups that are not Kubernetes' own."""
        found = {item["apiVersion"].partition("/")[0] for item in self.documents if "/" in item["apiVersion"]}
        return {group for group in found if "." in group and not group.endswith(".k8s.io")}

    def uses(self, namespace: str) -> bool:
        """Whether Serving, or Eventing, is needed."""
        serving = "serving.knative.dev"
        others = {group for group in self.groups() if group.endswith(".knative.dev")} - {serving}
        return serving in self.groups() if namespace == SERVING else bool(others)
