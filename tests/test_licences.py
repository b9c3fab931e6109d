"""Whatever is shipped may be shipped: licences of the locked packages against a list, without a network."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from tests.conftest import ROOT

#: Ways to say a licence that asks for no more than its text beside the files, or, as the MPL, for changes to those very
#: files: which nobody makes here.
ALLOWED = (
    "0BSD", "3-Clause BSD", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "dependency licenses", "MIT", "MIT License", "MIT-CMU", "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "PSF-2.0", "Zlib",
)  # fmt: skip
LOCKS = ("cpu", "otel")


def locked(lock: str) -> list[str]:
    """Packages of a lock file."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)))


def licences(name: str) -> list[str]:
    """What a package says of itself: an SPDX expression, else classifiers, else free words."""
    said = metadata.metadata(name)
    if expression := said.json.get("license_expression"):
        return re.split(r" AND | OR ", expression.replace("(", "").replace(")", ""))
    classifiers = [entry.rpartition(" :: ")[2] for entry in said.get_all("Classifier", []) if "License ::" in entry]
    named = [entry for entry in classifiers if entry != "OSI Approved"]
    return named or re.split(r"\s*,\s*| AND | OR ", (said.json.get("license") or "none told").removesuffix(" License"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_that_is_shipped_has_a_licence_that_allows_it(lock: str) -> None:
    """A new one is a decision, made here; those for other systems or Pythons are not installed, so not looked at."""
    found = {}
    for name in locked(lock):
        try:
            found[name] = licences(name)
        except metadata.PackageNotFoundError:
            continue

    assert len(found) > 30
    assert {name: said for name, said in found.items() if not said or set(said) - set(ALLOWED)} == {}
