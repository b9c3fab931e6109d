"""Which doors are open: OCR_DOORS, by which one image serves as public front, as reader, or as archive of dead letters.

A role in which nothing is read needs no engine: it is ready at once and small. Doors that are closed still answer, with
the setting that closed them (`function/doors/closed.py`).
"""

from __future__ import annotations

from function.settings import Settings, SettingsError
from function.spelling import nearest

#: Every door that can be closed, by the name of its file below `function/doors/`.
DOORS = ("parse", "paddlex", "jobs", "events", "hooks", "deadletter")
#: Names for several doors at once. A front takes what strangers send and hands it on; a reader does the reading.
ROLES = {"all": DOORS, "front": ("jobs", "hooks"), "reader": ("parse", "paddlex", "events")}
#: What a front opens besides where another deployment reads for it (OCR_REMOTE_URL).
FRONT_READS = ("parse", "paddlex")
#: Doors behind which documents are read, so that an engine is loaded for them.
READING = frozenset({"parse", "paddlex", "events"})


def open_doors(settings: Settings) -> frozenset[str]:
    """The doors that OCR_DOORS opens.

    `all`, the default, opens what the other settings allow. A door that is named must be able to work: who asks for it
    and forgets what it needs should hear so at the start, not from the first upload.

    Raises:
        SettingsError: an unknown name, or a door without what it needs.
    """
    names = [name.strip().lower() for name in settings.doors.split(",") if name.strip()]
    doors = frozenset(door for name in names for door in _meant(name, settings))
    if not doors:
        raise _wrong(settings, f"it opens no door. There are {_all_names()}")
    if "all" not in names:
        _require(settings, doors)
    handing_on = " and ".join(sorted(doors & {"hooks", "jobs"}))
    if handing_on and not doors & READING and not settings.sink:
        raise _wrong(
            settings,
            f"it opens {handing_on} without a door that reads, so uploads are handed on to K_SINK, and that is not "
            "set. Set K_SINK (a SinkBinding does), or open events or parse as well",
        )
    return doors


def reads(doors: frozenset[str]) -> bool:
    """Whether documents are read behind any of these doors, so that an engine is needed."""
    return bool(doors & READING)


def asks_elsewhere(settings: Settings) -> bool:
    """Whether another deployment reads pages for this one."""
    return "remote" in (settings.fast_engine, settings.accurate_engine)


def _meant(name: str, settings: Settings) -> tuple[str, ...]:
    if name == "front" and asks_elsewhere(settings):
        return (*ROLES[name], *FRONT_READS)
    if name in ROLES:
        return ROLES[name]
    if name in DOORS:
        return (name,)
    hint = nearest(name, [*DOORS, *ROLES]) or "."
    raise _wrong(settings, f"there is no door {name!r}{hint} There are {_all_names()}")


def _require(settings: Settings, doors: frozenset[str]) -> None:
    for door in sorted(doors & {"events", "hooks", "jobs"}):
        if not settings.inbox:
            raise _wrong(settings, f"it opens {door}, which needs OCR_INBOX and OCR_RESULTS. Set both")
    if "deadletter" in doors and not settings.results:
        raise _wrong(settings, "it opens deadletter, which needs OCR_RESULTS. Set it")


def _wrong(settings: Settings, why: str) -> SettingsError:
    return SettingsError(f"OCR_DOORS={settings.doors!r} is wrong: {why}.")


def _all_names() -> str:
    roles = ", ".join(f"{role} ({' and '.join(doors)})" for role, doors in ROLES.items() if role != "all")
    return f"the doors {', '.join(DOORS)} and the roles all, {roles}"
