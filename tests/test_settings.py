"""Settings: what the environment may say, and what happens when it says something else."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.setting_values import GIB, MIB, shown
from function.settings import Description, Settings, SettingsError, describe, unknown_variables

ENTRIES = list(describe())
every_setting = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.variable)


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set, and a variable set to nothing counts as not set."""
    assert Settings.from_environment({}) == Settings() == Settings.from_environment({"OCR_DPI": "", "PORT": ""})


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the variables of the process count."""
    monkeypatch.setenv("PORT", "9090")

    assert Settings.from_environment().port == 9090


@pytest.mark.parametrize(
    ("variable", "field", "raw", "value"),
    [
        ("PORT", "port", "0", 0),
        ("OCR_DPI", "dpi", "150", 150.0),
        ("OCR_DPI", "dpi", " 96.5 ", 96.5),
        ("OCR_RUNTIME", "runtime", "onnxruntime", "onnxruntime"),
        ("OCR_WEIGHTS", "weights", "/weights", "/weights"),
        ("OCR_MAX_BYTES", "max_bytes", "1048576", MIB),
        ("OCR_MAX_BYTES", "max_bytes", "50MiB", 50 * MIB),
        ("OCR_MAX_BYTES", "max_bytes", "64M", 64 * MIB),
        ("OCR_MAX_BYTES", "max_bytes", "2g", 2 * GIB),
        ("OCR_MAX_BYTES", "max_bytes", "16 kB", 16 * 1024),
        ("OCR_MAX_PAGES", "max_pages", "7", 7),
    ],
)
def test_a_variable_is_read_into_its_field(variable: str, field: str, raw: str, value: object) -> None:
    """Numbers, words, paths, and sizes with a unit."""
    assert getattr(Settings.from_environment({variable: raw}), field) == value


@given(st.integers(min_value=1, max_value=1 << 40), st.sampled_from([("", 0), ("k", 10), ("MiB", 20), ("g", 30)]))
def test_any_size_means_what_its_unit_says(number: int, unit: tuple[str, int]) -> None:
    """Units are powers of 1024, whatever their spelling."""
    suffix, shift = unit

    assert Settings.from_environment({"OCR_MAX_BYTES": f"{number}{suffix}"}).max_bytes == number << shift


@every_setting
def test_a_wrong_value_is_named_in_one_line(entry: Description) -> None:
    """The start stops with the variable, its value, and what it may be."""
    variable, default = entry.variable, entry.default
    wrong = "no such thing at all"
    if get_args(entry.type)[0] is str:  # free text; what it says is judged where it is used
        assert getattr(Settings.from_environment({variable: wrong}), entry.field) == wrong
        return

    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: wrong})

    message = str(caught.value)
    assert message.startswith(f"{variable}={wrong!r}")
    assert f"the default is {shown(default, entry.unit)}" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("variable", "raw", "said"),
    [
        ("OCR_RUNTIME", "OpenVINO", "it is one of auto, openvino, onnxruntime; did you mean openvino? It means"),
        ("OCR_LOG_FORMAT", "xml", "it is one of auto, json, text. It means"),
        ("PORT", "http", "it is a whole number, from 0 to 65535."),
        ("OCR_SLOTS", "2.5", "it is a whole number of documents, from 1 to 1000."),
        ("OCR_DPI", "many", "it is a number of dots/inch, from 36 to 1200."),
        ("OCR_MAX_PAGES", "0", "it is a whole number of pages, at least 1."),
        ("OCR_CHILD_BYTES", "lots", "it is a size in bytes, or one such as 500K, 64M or 2GiB, at least 256 MiB."),
        ("OCR_SNS_VERIFY", "maybe", "it is true or false."),
    ],
)
def test_a_wrong_value_is_told_in_words_what_it_may_be(variable: str, raw: str, said: str) -> None:
    """Choices, ranges and units, not the types of a programming language."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: raw})

    assert f"{variable}={raw!r} is wrong: {said}" in str(caught.value)


@pytest.mark.parametrize(("raw", "value"), [("yes", True), ("On", True), ("1", True), ("no", False), ("FALSE", False)])
def test_a_switch_is_whatever_people_write_for_it(raw: str, value: bool) -> None:
    """As YAML, shells and people have it."""
    assert Settings.from_environment({"OCR_STRICT_EVENTS": raw}).strict_events is value


@pytest.mark.parametrize(
    ("variable", "raw"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "8080.5"),
        ("OCR_DPI", "35"),
        ("OCR_DPI", "nan"),
        ("OCR_DPI", "inf"),
        ("OCR_SLOTS", "0"),
        ("OCR_SLOTS", "2 slots"),
        ("OCR_RUNTIME", "OpenVINO"),
        ("OCR_FAST_ENGINE", "none"),
        ("OCR_MAX_BYTES", "0"),
        ("OCR_MAX_BYTES", "-5M"),
        ("OCR_MAX_BYTES", "5 pages"),
        ("OCR_MAX_BYTES", "1.5G"),
        ("OCR_MAX_PIXELS", "9999"),
    ],
)
def test_a_value_out_of_bounds_is_refused(variable: str, raw: str) -> None:
    """No start with a value that cannot work."""
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: raw})


@every_setting
def test_a_setting_describes_itself(entry: Description) -> None:
    """Variable, unit and meaning are there for the table, and the default is itself allowed."""
    variable, default, meaning = entry.variable, entry.default, entry.meaning

    # K_ is what a SinkBinding sets; the others are standards.
    assert variable in {"PORT", "OTEL_EXPORTER_OTLP_ENDPOINT"} or variable.startswith(("OCR_", "K_"))
    assert meaning
    assert not meaning.endswith(".")
    assert Settings.from_environment({variable: str(default)}) == Settings()


def test_every_variable_is_one_setting() -> None:
    """No two fields share a variable."""
    assert len({entry.variable for entry in ENTRIES}) == len(ENTRIES)


def test_a_misspelt_variable_is_warned_of_with_the_name_that_was_meant() -> None:
    """A typing error must not be silent."""
    assert unknown_variables({"OCR_SLOT": "4", "OCR_DPI": "150", "PATH": "/bin"}) == [
        "OCR_SLOT is set but is no setting; did you mean OCR_SLOTS?"
    ]


def test_an_unknown_variable_without_a_likeness_is_warned_of_plainly() -> None:
    """No guess where there is nothing to guess."""
    assert unknown_variables({"OCR_ZZZZZZZZZZ": "1"}) == ["OCR_ZZZZZZZZZZ is set but is no setting"]
    assert unknown_variables({"OCR_TYPO": "1"}) == ["OCR_TYPO is set but is no setting"], "all begin with OCR_"


def test_what_kubernetes_sets_for_a_service_called_ocr_is_no_mistake() -> None:
    """Its links share our prefix."""
    links = {"OCR_SERVICE_HOST": "10.0.0.1", "OCR_SERVICE_PORT": "80", "OCR_PORT": "tcp://10.0.0.1:80"}

    assert unknown_variables({**links, "OCR_PORT_80_TCP_ADDR": "10.0.0.1"}) == []


def test_settings_cannot_be_changed() -> None:
    """One frozen object, read once."""
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
