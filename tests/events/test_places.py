from __future__ import annotations

from events.places import Place


def test_a_place_is_a_folder() -> None:
    """`out` never means `outlook.pdf`."""
    assert Place("b", "out") == Place("b", "out/")
    assert ("b", "out/a") in Place("b", "out")
    assert ("b", "outlook.pdf") not in Place("b", "out")
    assert ("c", "out/a") not in Place("b", "out")
    assert ("b", "anything") in Place("b")
