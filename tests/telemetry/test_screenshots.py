"""The pictures of the dashboard in the runbook: whole SVGs, and none of a panel that is gone or was added since."""

from __future__ import annotations

from xml.etree import ElementTree

from tests import dashboard
from tests.telemetry.screenshots import FOLDER, picture

_TEXT, _LINE = "{http://www.w3.org/2000/svg}text", "{http://www.w3.org/2000/svg}polyline"


def test_a_row_shows_each_panel_to_scale_or_whose_series_it_needs() -> None:
    """The highest value is the top of its panel, and its figure stands there with the unit."""
    lines = {"P50 <fast>": [(10.0, 0.0), (15.0, 2.0), (20.0, 1.0)]}
    drawn = ElementTree.fromstring(
        picture("A & B", [("Wait", "s", "", lines), ("GPU at work", "percentunit", "a GPU", {})], 10.0, 20.0)
    )
    texts = [text.text for text in drawn.iter(_TEXT)]
    [points] = [line.attrib["points"].split() for line in drawn.iter(_LINE)]

    assert {"A & B", "Wait", "2 s", "0 s", "10 s", "P50 <fast>", "GPU at work"} <= set(texts)
    assert "no data here: needs a GPU" in texts
    assert [point.split(",") for point in points] == [["62", "164.0"], ["229", "34.0"], ["396", "99.0"]]


def test_the_pictures_are_of_the_present_dashboard() -> None:
    """After a panel is renamed, added or taken out: `python -m tests.telemetry.screenshots`, and look at them."""
    rows = {title: [panel.title for panel in row] for title, row in dashboard.ROWS.items()}
    shown = {}
    for path in FOLDER.glob("*.svg"):
        bold = [text for text in ElementTree.parse(path).iter(_TEXT) if text.get("font-weight") == "bold"]
        title, *panels = (text.text or "" for text in bold)
        shown[title] = panels

    assert len(shown) == 5
    assert shown == {title: rows.get(title) for title in shown}
