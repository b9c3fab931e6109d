"""What the settings of the event doors mean: places, names of results, formats. Read by the wiring alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from function.reading.uploads.naming import result_name
from function.results.writers import WRITERS
from function.settings import Settings, SettingsError
from function.spelling import nearest
from function.stores.base import Location


def places(settings: Settings) -> tuple[list[Location], Location]:
    """Where uploads lie and results go."""
    places = [location("OCR_INBOX", url.strip()) for url in settings.inbox.split(",")]
    if not settings.results:
        raise SettingsError("OCR_RESULTS is missing: OCR_INBOX is set, so results need a place, such as s3://results.")
    target = location("OCR_RESULTS", settings.results)
    if any(target.contains(place) for place in places):
        raise SettingsError(
            f"OCR_RESULTS={settings.results!r} is wrong: it is or contains OCR_INBOX={settings.inbox!r}, so results "
            "would be read as uploads. Write results to another bucket, or below a prefix of their own."
        )
    if len({place.folder for place in places}) > 1:
        raise SettingsError(f"OCR_INBOX={settings.inbox!r} is wrong: its places must be in one store.")
    return places, target


def formats(settings: Settings) -> list[str]:
    """Formats written besides JSON. Raises SettingsError for one that there is not."""
    formats, known = listed(settings.formats), [form for form in WRITERS if form != "json"]
    if wrong := [form for form in formats if form not in known]:
        raise SettingsError(
            f"OCR_FORMATS={settings.formats!r} is wrong: {wrong[0]!r} is not one of {', '.join(known)}"
            f"{nearest(wrong[0], known) or '.'}"
        )
    return formats


def naming(settings: Settings, places: Sequence[Location], target: Location) -> Callable[[Location, str], str]:
    """Results are called by OCR_RESULT_KEY; of several inboxes by bucket and whole key, lest two meet in one name.

    Raises:
        SettingsError: the template lacks {key}, without which two uploads would share a result.
    """
    template = settings.result_key
    try:
        tried = template.format(key="a.pdf", bucket="inbox")
    except (KeyError, IndexError, ValueError):
        tried = ""
    if "{key}" not in template or "a.pdf" not in tried:
        raise SettingsError(
            f"OCR_RESULT_KEY={template!r} is wrong: it holds {{key}}, perhaps {{bucket}}, and no other braces."
        )

    def name(place: Location, key: str) -> str:
        below = place.name(key) if len(places) == 1 else f"{place.bucket}/{key}"
        return target.key(result_name(template.format(key=below, bucket=place.bucket), prefix=target.prefix))

    return name


def result_metadata(settings: Settings) -> dict[str, str]:
    """Raises SettingsError where OCR_RESULT_METADATA is no list of NAME=VALUE, or takes one of our own names."""
    pairs = [entry.partition("=") for entry in listed(settings.result_metadata)]
    metadata = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if wrong := [name for name in metadata if not re.fullmatch(r"[a-z0-9-]{1,64}", name) or name.startswith("ocr-")]:
        raise SettingsError(
            f"OCR_RESULT_METADATA={settings.result_metadata!r} is wrong: {wrong[0]!r} is no name of letters, digits "
            "and dashes that does not begin with ocr-."
        )
    return metadata


def location(variable: str, url: str) -> Location:
    """One place. Raises SettingsError naming `variable`."""
    try:
        return Location.parse(url)
    except ValueError as problem:
        raise SettingsError(f"{variable}={url!r} is wrong: {problem}.") from None


def listed(text: str) -> list[str]:
    """The parts between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
