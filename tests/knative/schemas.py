"""JSON schemas: Kubernetes' own kinds by kubernetes-validate, the others by the schemas beside the repository.

A custom resource's schema says which fields there are, and the API server refuses any other (kubectl validates strictly
since 1.27). The schema as JSON leaves them open, so it is closed here.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema
import kubernetes_validate

from tests.knative.rendering import Documents
from tests.shared import ROOT

SCHEMAS = ROOT.parent / "shared" / "schemas"
#: The version that the project was run on.
KUBERNETES = "1.34"


def complaints(documents: Documents) -> Iterator[str]:
    """What a schema says against each document; nothing of kinds without a schema here."""
    for document in documents:
        if reason := _complaint(json.dumps(document, sort_keys=True)):
            yield f"{document.get('kind')}/{document['metadata'].get('name')} {reason}"


def unchecked(documents: Documents) -> set[str]:
    """Kinds of other projects, whose schemas are not at hand."""
    kinds = {(str(document["apiVersion"]), str(document["kind"])) for document in documents}
    return {f"{version} {kind}" for version, kind in kinds if custom(version) and not custom_schema(version, kind)}


def custom(version: str) -> bool:
    """Whether an apiVersion is of another project than Kubernetes."""
    group = version.partition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


@functools.cache
def _complaint(text: str) -> str | None:
    document = json.loads(text)
    version, kind = str(document["apiVersion"]), str(document["kind"])
    try:
        if not custom(version):
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        elif schema := custom_schema(version, kind):
            jsonschema.Draft202012Validator(schema).validate(document)
    except jsonschema.ValidationError as problem:
        return f"{problem.json_path.removeprefix('$.')}: {problem.message[:300]}"
    return None


@functools.cache
def custom_schema(version: str, kind: str) -> dict[str, Any] | None:
    """The closed schema of a custom kind; None where there is none."""
    path = SCHEMAS / f"{version.replace('/', '_')}_{kind.lower()}.json"
    if not path.exists():
        return None
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    closed = _closed(schema)
    # The server adds these three itself, whatever the schema says of them.
    closed.setdefault("properties", {}).update(dict.fromkeys(("apiVersion", "kind", "metadata"), True))
    return closed


def _closed(schema: Any) -> Any:
    """Fields that a schema does not name are refused, unless it says that it keeps them."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    names = schema.get("properties")
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(names, dict) and schema.get("type") == "object" and not open_ended:
        closed["additionalProperties"] = False
    return closed


def flatten(groups: Iterable[Documents]) -> Documents:
    """All documents of several renderings."""
    return [document for group in groups for document in group]
