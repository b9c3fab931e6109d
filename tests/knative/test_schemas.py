"""The schemas bite: a misspelt field is found, as the API server would find it."""

from __future__ import annotations

import pytest

from tests.knative import schemas
from tests.knative.rendering import Documents

SERVICE = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "a"},
    "spec": {"template": {"spec": {"containers": [{"image": "a:1"}]}}},
}
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"A": "b"}}

needs_schemas = pytest.mark.skipif(not schemas.SCHEMAS.exists(), reason="the schemas are not at ../shared/schemas")


def test_a_core_kind_is_held_to_its_schema() -> None:
    """A field that Kubernetes does not know, a number where text belongs."""
    assert list(schemas.complaints([CONFIG])) == []
    assert len(list(schemas.complaints([CONFIG | {"dates": {}}, CONFIG | {"data": {"A": 1}}]))) == 2


@needs_schemas
def test_a_custom_kind_is_held_to_its_schema() -> None:
    """A misspelt field of a Knative Service, which a plain JSON schema would let pass."""
    wrong = {**SERVICE, "spec": {"template": {"spec": {"containers": [{"image": "a:1"}], "timeoutSecond": 1}}}}

    assert list(schemas.complaints([SERVICE])) == []
    [said] = schemas.complaints([wrong])
    assert "timeoutSecond" in said
    assert schemas.unchecked([SERVICE]) == set()


def test_a_kind_without_schema_is_named() -> None:
    """What could not be checked is told, never passed over."""
    unknown: Documents = [{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}}]

    assert schemas.unchecked(unknown) == {"example.com/v1 Thing"}
    assert list(schemas.complaints(unknown)) == []
