"""The load test: its mix, its figures and verdicts from recorded answers, and, where Locust is there, a small run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.autoscaling.traces import services_of
from bench.load_test import __main__ as load_test
from bench.load_test import arithmetic, kpi, mix, run, watch
from bench.load_test.kpi import Watched
from bench.load_test.report import Report
from bench.load_test.run import Recorded
from bench.load_test.stages import at, stages
from bench.load_test.words import found, words

_PLAN = stages([2, 8], 10, warm_up=5, recovery_users=1, recovery=5)


def _answer(at_second: float, seconds: float = 1.0, **more: Any) -> dict[str, Any]:
    told = {"right": True, "rungs": ["fast", "text"], "cached": False, "service": 0.5}
    return {"at": at_second, "seconds": seconds, "kind": "scans", "status": 200, "tries": 0, **told, **more}


def _turned_away(at_second: float, retry_after: float | None = 3.0, tries: int = 0) -> dict[str, Any]:
    return {
        "at": at_second, "seconds": 0.1, "kind": "scans", "status": 429, "tries": tries, "retry_after": retry_after,
    }  # fmt: skip


def _recorded() -> Recorded:
    """A warm-up, ten quiet seconds, ten crowded ones, and a newcomer."""
    quiet = [_answer(5.0 + index, 1.0) for index in range(10)]
    crowded = [_answer(15.0 + index / 2, 1.2, cached=index % 2 == 0) for index in range(20)]
    away = [_turned_away(16.0), _turned_away(17.0), _turned_away(20.0, tries=1)]
    back = [_answer(22.0, 1.1, tries=1), _answer(23.0, 1.1, tries=1)]
    late = [_turned_away(25.5), _answer(26.0, 1.0)]
    watched = [Watched(float(second), 1.5, 2.0**30, pages=(second * 10.0, second * 5.0)) for second in range(30)]
    return Recorded(_PLAN, [_answer(1.0, 9.0), *quiet, *crowded, *away, *back, *late], watched)


def test_stages_follow_each_other() -> None:
    """Warm-up, the crowd in steps, and few newcomers at the end."""
    assert [(stage.name, stage.users) for stage in _PLAN] == [
        ("warm-up", 2), ("2 users", 2), ("8 users", 8), ("recovery", 1),
    ]  # fmt: skip
    stage, within = at(_PLAN, 16.0) or (None, None)
    assert (stage, within) == (_PLAN[2], 1.0)
    assert at(_PLAN, 30.0) is None


def test_figures_are_those_of_each_stage() -> None:
    """Right answers a second, percentiles of the accepted, 429 apart from errors, what the server took."""
    warm_up, quiet, crowded, _ = kpi.figures(_PLAN, _recorded().samples, _recorded().watched)

    assert warm_up.p95 == 9.0
    assert (quiet.qps, quiet.p50, quiet.p95, quiet.shed, quiet.errors) == (1.0, 1.0, 1.0, 0, 0)
    assert crowded.qps == pytest.approx(2.2)
    assert (crowded.sent, crowded.shed, crowded.errors) == (25, 3, 0)
    assert (crowded.came_back, crowded.served) == (3, 2)
    assert crowded.cached == pytest.approx(10 / 22)
    assert crowded.rungs == {"fast": 22, "text": 22}
    assert (crowded.cpu, crowded.rss, crowded.gpu) == (1.5, 2.0**30, None)
    assert crowded.page_hits == pytest.approx(0.5)


def test_wrong_text_and_silence_are_errors() -> None:
    """A fast answer with the wrong words is no answer."""
    of = _recorded()
    of.samples.append(_answer(6.0, right=False, why="40% of the expected words"))
    of.samples.append({"at": 7.0, "seconds": 1.0, "status": 0, "why": "connection reset", "tries": 0})
    report = Report(of, "title", gpus=0)

    assert report.rows[1].errors == 2
    assert "40% of the expected words" in report.markdown()
    assert {each.goal: each.met for each in report.overload}["nothing else fails"] is False


def test_verdicts_tell_what_a_run_cannot_tell() -> None:
    """Without a GPU neither its use nor answers a second a GPU are judged."""
    report = Report(_recorded(), "title", gpus=0)

    assert [each.met for each in report.goals] == [None, True, None, True]
    assert [each.met for each in report.overload] == [True, True, False, True, True], "2 of 3 who came back were read"


def test_goals_are_judged_where_there_is_a_gpu() -> None:
    """2.2 a second on one GPU is less than 8; 90 % busy is more than 85."""
    of = _recorded()
    busy = Recorded(of.plan, of.samples, [Watched(each.at, gpu=90.0) for each in of.watched])

    assert [each.met for each in Report(busy, "title", gpus=1).goals] == [False, True, False, True]


@pytest.mark.parametrize(
    ("goal", "samples"),
    [
        ("accepted requests keep", [_answer(16.0, 5.0) for _ in range(30)]),
        ("every 429", [_turned_away(16.0, retry_after=None)]),
        ("Retry-After is honest", [_turned_away(18.0, tries=1) for _ in range(5)]),
        ("newcomers", [{**_turned_away(29.0), "seconds": 2.0}]),
    ],
)
def test_bad_behaviour_under_overload_is_seen(goal: str, samples: list[dict[str, Any]]) -> None:
    """Each of the promises can be broken, and is then told as missed."""
    of = _recorded()
    report = Report(Recorded(_PLAN, [*of.samples, *samples], of.watched), "title", gpus=0)

    assert [each.met for each in report.overload if each.goal.startswith(goal)] == [False]


def test_the_arithmetic_of_the_mix() -> None:
    """8 a second with 2.43 accurate and 100 fast pages a second: v/2.43 + (1 - v)/100 <= 1/8, so v <= 0.286."""
    assert arithmetic.most_accurate(8.0) == pytest.approx(0.286, abs=5e-4)
    assert arithmetic.most_accurate(8.0, pages=20) < 0, "not even fast pages alone"
    assert arithmetic.most_accurate(8.0, hits=0.5) == pytest.approx((0.25 - 0.01) / (1 / 2.43 - 0.01))
    half = arithmetic.traffic({"accurate": 1, "fast": 1}, hits=0.0, answers=2)
    assert arithmetic.documents_a_second(half) == pytest.approx(1 / (0.5 / 2.43 + 0.5 / 100))


def test_the_report_is_one_file_and_can_be_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """HTML without anything from elsewhere, JSON that the autoscaler's simulation takes, and the run itself."""
    Report(_recorded(), "2 users <and> 8", gpus=0).write(tmp_path)

    page = (tmp_path / "load.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "2 users &lt;and&gt; 8" in page
    assert "src=" not in page
    assert json.loads((tmp_path / "load.json").read_text())["stages"][0]["stage"]["name"] == "warm-up"
    assert services_of(tmp_path / "load.json") == [0.5, 0.5]
    assert load_test.main(["--again", str(tmp_path / "run.json"), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "load.md").read_text() == (tmp_path / "load.md").read_text()
    assert "2 users <and> 8" in capsys.readouterr().out


def test_words_are_compared_with_their_number() -> None:
    """Once read what stands twice is half of it."""
    assert words("Total: 12.50 €, total") == ["total", "12", "50", "total"]
    assert found(["total", "total"], "the Total") == 0.5
    assert found([], "anything") == 1.0


def test_the_default_mix_has_what_its_names_say(tmp_path: Path) -> None:
    """Born-digital letters, scans, tables, and one document again and again."""
    kinds = {kind.name: kind for kind in mix.read(mix.DEFAULT).kind}
    assert kinds["repeats"].count == 1

    few = mix.Mix([mix.Kind(kind.name, kind.share, kind.make, count=2) for kind in kinds.values()])
    told: list[Any] = mix.write(few, tmp_path, tmp_path)

    assert [kind["name"] for kind in told] == ["born-digital", "scans", "tables and formulas", "repeats"]
    for kind in told:
        assert len(kind["documents"]) == 2
        assert all(Path(document["file"]).stat().st_size and document["words"] for document in kind["documents"])
    assert json.loads((tmp_path / "mix.json").read_text()) == told


def test_a_mix_takes_files_with_their_texts(tmp_path: Path) -> None:
    """And says which file lacks its text."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "mix.toml").write_text('[[kind]]\nname = "mine"\nshare = 1\nfiles = ["*.pdf"]\n')
    of = mix.read(tmp_path / "mix.toml")

    with pytest.raises(ValueError, match=r"a\.pdf has no text beside it"):
        mix.write(of, tmp_path, tmp_path)
    (tmp_path / "a.txt").write_text("seven words")
    (told,) = mix.write(of, tmp_path, tmp_path)
    assert told["documents"] == [{"file": str(tmp_path / "0-0-a.pdf"), "words": ["seven", "words"]}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "kind"),
        ('[[kind]]\nname = "x"\nshare = 1\n', "needs either"),
        ('[[kind]]\nname = "x"\nshare = 0\nmake = "scan"\n', "positive"),
        ('[[kind]]\nname = "x"\nshare = 1\nmak = "scan"\n', "mak"),
    ],
)
def test_a_wrong_mix_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    """By the field's name."""
    path = tmp_path / "mix.toml"
    path.write_text(text)

    with pytest.raises(ValueError, match=says):
        mix.read(path)


def test_the_gpu_is_seen_by_whoever_tells_of_it() -> None:
    """DCGM's exporter counts MiB and per cent, our metrics bytes and a share; without either there is none."""
    dcgm: watch.Metrics = [("DCGM_FI_DEV_GPU_UTIL", 'gpu="0"', 70.0), ("DCGM_FI_DEV_FB_USED", 'gpu="0"', 2048.0)]
    ours: watch.Metrics = [("zeropage_gpu_busy_ratio", 'gpu="0"', 0.7)]
    ours += [("zeropage_gpu_memory_bytes", f'gpu="0",part="{part}"', 2.0**31) for part in ("used", "total")]

    assert watch.gpu_of_exporter(dcgm) == (70.0, 2048 * 2.0**20)
    assert watch.gpu_of_server(ours) == (70.0, 2.0**31)
    assert watch.gpu_of_server([]) == watch.gpu_of_exporter([]) == (None, None)


_LOCUST = run.FOLDER / "bin" / "python"


@pytest.mark.skipif(not _LOCUST.exists(), reason="Locust's environment is absent: python -m bench.load_test makes it")
def test_users_are_served_by_the_real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five users, a few seconds: every answer right, the repeats from the cache, the newcomer served."""
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")
    (tmp_path / "mix.toml").write_text(
        '[[kind]]\nname = "letters"\nshare = 3\nmake = "born-digital"\ncount = 30\nleast = 0.99\n'
        '[[kind]]\nname = "again"\nshare = 1\nmake = "born-digital"\ncount = 1\nleast = 0.99\n'
    )
    given = "--users 5 --seconds 4 --warm-up 1 --recovery 4 --think 0.05 0.1".split()

    assert load_test.main([*given, "--mix", str(tmp_path / "mix.toml"), "--out", str(tmp_path)]) == 0

    told = json.loads((tmp_path / "load.json").read_text())
    assert [stage["stage"]["name"] for stage in told["stages"]] == ["warm-up", "5 users", "recovery"]
    assert sum(stage["errors"] for stage in told["stages"]) == 0
    assert all(stage["qps"] > 0 and set(stage["rungs"]) == {"text"} for stage in told["stages"][1:])
    assert told["stages"][1]["cached"] > 0
