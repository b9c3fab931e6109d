"""The reasons that the flat files carry over from what they are made of."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import manifests
from tests.reasons import annotated, of_component, of_service, of_settings

SERVICE = """\
spec:
  template:
    spec:
      # As many as fit.
      containerConcurrency: 8

      # Apart from the line below.

      timeoutSeconds: 300
      containers:
        # The only one.
        - name: main
          # Which one.
          image: here
"""
COMPONENT = """\
patches:
  - target: {kind: Service}
    patch: |-
      # As many as a GPU reads.
      - op: replace
        path: /spec/template/spec/containerConcurrency
        value: 4
      # Where they lie.
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {name: WEIGHTS, value: /weights}
  - target: {kind: Trigger}
    patch: |-
      # Not of the Service.
      - op: replace
        path: /spec/template/spec/containers
        value: []
"""
POD = ("spec", "template", "spec")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A manifest with comments."""
    path = tmp_path / "service.yaml"
    path.write_text(SERVICE, encoding="utf-8")
    return path


def test_a_comment_belongs_to_the_line_below_it(service: Path) -> None:
    """An empty line between them parts them; an item of a list goes by its name."""
    assert of_service(service) == {
        (*POD, "containerConcurrency"): ["# As many as fit."],
        (*POD, "containers", "main"): ["# The only one."],
        (*POD, "containers", "main", "image"): ["# Which one."],
    }


def test_a_patch_gives_its_place_another_reason(tmp_path: Path, service: Path) -> None:
    """Patches to other kinds give none."""
    (tmp_path / "kustomization.yaml").write_text(COMPONENT, encoding="utf-8")

    assert of_component(tmp_path, yaml.safe_load(service.read_text(encoding="utf-8"))) == {
        (*POD, "containerConcurrency"): ["# As many as a GPU reads."],
        (*POD, "containers", "main", "env", "WEIGHTS"): ["# Where they lie."],
    }


def test_a_setting_keeps_its_reason_as_a_variable(tmp_path: Path) -> None:
    """A heading that an empty line parts from it is not its reason."""
    path = tmp_path / "settings.env"
    path.write_text("# All of them.\n\n# Eight.\nOCR_SLOTS=8\nOCR_DPI=200\n", encoding="utf-8")

    assert of_settings(path, "main") == {(*POD, "containers", "main", "env", "OCR_SLOTS"): ["# Eight."]}


def test_reasons_stand_above_their_lines_and_change_nothing(service: Path) -> None:
    """What is written means what it meant."""
    document: dict[str, Any] = yaml.safe_load(service.read_text(encoding="utf-8"))

    text = annotated(document, of_service(service))

    assert yaml.safe_load(text) == document
    assert "      # As many as fit.\n      containerConcurrency: 8\n" in text
    assert "      # The only one.\n      - name: main\n        # Which one.\n        image: here\n" in text


@pytest.mark.parametrize("name", manifests.FLAT)
def test_every_annotation_of_a_flat_file_says_why(name: str) -> None:
    """Who copies a number should know what it was chosen for."""
    lines = (manifests.KNATIVE / name).read_text(encoding="utf-8").splitlines()
    bare = [
        line.strip()
        for above, line in itertools.pairwise(lines)
        if ".knative.dev/" in line and not line.lstrip().startswith("#") and not above.lstrip().startswith("#")
    ]

    assert bare == []
