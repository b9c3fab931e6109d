from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from bench.accuracy import differences, report
from bench.accuracy.__main__ import main
from bench.accuracy.cache import Cache
from bench.accuracy.corpus import Sample, load
from bench.accuracy.measure import ALL, Result, means, measure
from bench.accuracy.readers.base import Reading


class Parrot:
    """A reader that says what it was taught, or fails."""

    def __init__(self, name: str, says: dict[str, list[str]], *, kept: bool = True) -> None:
        self.name, self.version, self.kept = name, "1", kept
        self._says = says
        self.asked: list[str] = []

    def start(self) -> None:
        """Told."""
        self.asked.append("start")

    def read(self, sample: Sample, pages: int) -> Reading:
        """What it was taught."""
        self.asked.append(sample.name)
        if sample.name not in self._says:
            return Reading([], 2.0, error="cannot <b>read</b>")
        return Reading(self._says[sample.name][:pages], 2.0)

    def close(self) -> None:
        """Told."""
        self.asked.append("close")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents of known text, one without, and a manifest above that tells classes."""
    good = tmp_path / "good"
    good.mkdir()
    for name in ("a.png", "b.png", "untold.png"):
        Image.new("RGB", (40, 20), "white").save(good / name)
    (good / "a.txt").write_text("one\ftwo\f", encoding="utf-8")
    (good / "a.facts.jsonl").write_text('{"type": "present", "text": "two", "page": 2}\n', encoding="utf-8")
    (good / "b.txt").write_text("<script>alert(1)</script>", encoding="utf-8")
    entries = [{"file": "good/a.png", "classes": ["english", "scan"], "ground_truth_kind": "typed"}]
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"entries": entries}), encoding="utf-8")
    return good


@pytest.fixture
def results(folder: Path) -> list[Result]:
    """One reader that is right about a and fails on b, one that is wrong about a and right about b."""
    readers = [
        Parrot("ours", {"a.png": ["one", "two"]}),
        Parrot("other", {"a.png": ["one", "tvo"], "b.png": ["<script>alert(1)</script>"]}),
    ]
    return measure(load(folder), readers, pages=10)


def test_a_folder_gives_the_documents_whose_text_lies_beside_them(folder: Path) -> None:
    """Pages are split at form feeds, classes and facts found, what has no text is no sample."""
    a, b = load(folder)

    assert (a.name, a.truth, a.classes, a.truth_kind) == ("a.png", ["one", "two"], ["english", "scan"], "typed")
    assert [fact["text"] for fact in a.facts] == ["two"]
    assert (b.name, b.classes) == ("b.png", ["unclassified"])


def test_a_sample_cut_to_its_first_pages_loses_the_facts_beyond(folder: Path) -> None:
    """What was not to be read is not asked about."""
    first = load(folder)[0].first(1)

    assert (first.truth, first.facts) == (["one"], [])


def test_a_folder_without_ground_truth_is_told(tmp_path: Path) -> None:
    """The message says what is expected there."""
    with pytest.raises(FileNotFoundError, match=r"NAME\.txt"):
        load(tmp_path)


def test_every_reader_reads_every_document_and_a_failure_is_the_worst_score(results: list[Result]) -> None:
    """A reader that fails on a document is not spared it."""
    figures = {(result.reader, result.sample.name): result.scores for result in results}

    assert figures["ours", "a.png"].cer == 0
    assert (figures["ours", "b.png"].cer, figures["ours", "b.png"].f1_free) == (1, 0)
    assert figures["other", "a.png"].cer == 1 / 6
    assert figures["other", "b.png"].cer == 0


def test_means_count_each_document_once_in_each_of_its_classes(results: list[Result]) -> None:
    """Ours over all documents: (0 + 1) / 2; over the class of a alone: 0."""
    found = {(mean.name, mean.reader): mean for mean in means(results)}

    assert found[ALL, "ours"].scores.cer == 0.5
    assert found["scan", "ours"].scores.cer == 0
    assert (found[ALL, "other"].facts.passed, found[ALL, "other"].facts.judged) == (0, 1)
    assert found["scan", "ours"].seconds_a_page == 1.0


def test_readings_are_kept_and_failures_are_not(folder: Path, tmp_path: Path) -> None:
    """The second run asks only for what failed; a reader that may not be kept is asked again."""
    says = {"a.png": ["one", "two"]}
    cache = Cache(tmp_path / "cache")
    measure(load(folder), [Parrot("kept", says), Parrot("never", says, kept=False)], pages=10, cache=cache)
    again = [Parrot("kept", says), Parrot("never", says, kept=False)]

    results = measure(load(folder), again, pages=10, cache=cache)

    assert again[0].asked == ["start", "b.png", "close"]
    assert again[1].asked == ["start", "a.png", "b.png", "close"]
    assert results[0].scores.cer == 0


def test_a_reading_is_kept_for_its_bytes_its_version_and_its_number_of_pages(folder: Path, tmp_path: Path) -> None:
    """Change any of them and it is read anew."""
    cache, sample = Cache(tmp_path / "cache"), load(folder)[0]
    cache.put("reader", "1", sample, 10, Reading(["text"], 1.5, ["fast"]))

    assert cache.get("reader", "1", sample, 10) == Reading(["text"], 1.5, ["fast"])
    assert cache.get("reader", "2", sample, 10) is None
    assert cache.get("reader", "1", sample, 9) is None
    sample.path.write_bytes(b"other")
    assert cache.get("reader", "1", load(folder)[0], 10) is None


def test_the_report_holds_every_figure_as_table_and_as_json(results: list[Result]) -> None:
    """Best figures are bold; the JSON holds the same for programs."""
    versions = {"ours": "x", "other": "y"}

    text = report.markdown(results, versions, 10)
    told = json.loads(report.as_json(results, versions, 10))

    assert "| a.png    | 2     | ours   | **0.000**" in text
    assert "first 10 pages" in text
    assert len(told["documents"]) == 4
    assert told["documents"][0]["cer"] == 0
    assert {mean["name"] for mean in told["means"]} == {ALL, "english", "scan", "unclassified"}


def test_the_page_of_differences_shows_the_worst_first_and_escapes_everything(
    results: list[Result], tmp_path: Path
) -> None:
    """No document and no error message may script the page of who looks at it; nothing is fetched from elsewhere."""
    differences.write(tmp_path / "page.html", [*results[2:], *results[:2]])

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.index("a.png, page 2") < page.index("b.png, page 1")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page
    assert "<del>two</del><ins>tvo</ins>" in page
    assert "http" not in page
    assert page.count("data:image/jpeg;base64,") == 1
    assert page.count("no picture") == 1, "a.png has no second page to draw, which must not cost the report"


def test_the_command_says_which_readers_there_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt reader ends with 2 and the known names."""
    assert main([str(folder), "--readers", "tesserakt"]) == 2
    assert "rapidocr" in capsys.readouterr().err
