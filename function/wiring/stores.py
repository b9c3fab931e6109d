"""Which store holds a place."""

from __future__ import annotations

from collections.abc import Sequence

from function import event_settings
from function.settings import Settings
from function.stores.base import Location, Store
from function.wiring.threads import SPARE_THREADS


def open_store(settings: Settings, variable: str, url: str) -> tuple[Store, Location]:
    """A place that somebody names, and the store that has it. Raises SettingsError, naming `variable`."""
    place = event_settings.location(variable, url)
    return store_at(settings, place), place


def stores_of(settings: Settings, places: Sequence[Location], target: Location) -> tuple[Store, Store]:
    """Of uploads and of results, which may be one."""
    uploads = store_at(settings, places[0])
    return uploads, uploads if target.folder == places[0].folder else store_at(settings, target)


def store_at(settings: Settings, place: Location) -> Store:
    """The store that holds a place: a folder's or S3's."""
    if place.folder:
        from function.stores.disk import DiskStore

        return DiskStore(place.folder)
    from function.stores.s3 import Connection, S3Store

    return S3Store(
        Connection(
            path_style={"auto": None, "path": True, "virtual": False}[settings.s3_addressing],
            connect_seconds=settings.s3_connect_seconds,
            read_seconds=settings.s3_read_seconds,
            attempts=settings.s3_attempts,
            connections=settings.slots + SPARE_THREADS,
            public_endpoint=settings.s3_public_url or None,
        )
    )
