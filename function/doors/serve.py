"""`serve`: the HTTP door under gunicorn, in this very process, so that SIGTERM reaches it as PID 1."""

from __future__ import annotations

import logging
import os
import sys
import threading
from concurrent.futures import Future
from ipaddress import ip_address
from typing import TYPE_CHECKING

from gunicorn.app.wsgiapp import WSGIApplication

from function.doors.ports import why_not
from function.errors import EXIT_DONE, EXIT_FAILED
from function.settings import Settings, unknown_variables
from function.wiring import Function, build
from warmup.phases import this_start

if TYPE_CHECKING:
    from flask import Flask

#: A worker that ends with 3 stops gunicorn's master; any other code would be respawned, and fail, forever.
BOOT_FAILED = 3


def application() -> Flask:
    """What gunicorn loads in its worker. The function wakes up meanwhile: models compile while Flask is imported."""
    for warning in unknown_variables():
        logging.getLogger(__name__).warning(warning)
    function = build(Settings.from_environment())
    this_start().reached("worker")
    doors_open = threading.Event()
    function.start(warm_up=True, doors_open=doors_open).add_done_callback(_end_if_failed)
    from function.doors.app import create_app

    app = create_app(function)
    doors_open.set()
    warn_of_callers(function)
    return app


def _end_if_failed(woken: Future[None]) -> None:
    if woken.exception() is not None:
        logging.getLogger(__name__).error("the start failed, the server ends: %s", woken.exception())
        os._exit(BOOT_FAILED)


def warn_of_callers(function: Function) -> None:
    """Without a file of keys whoever reaches the port may have documents read; with an empty one nobody may.

    In Knative its ingress decides who does, so there it is told, not warned of.
    """
    settings = function.settings
    if function.keys is not None and function.keys.count == 0 and "parse" in function.doors:
        logging.getLogger(__name__).warning(
            "OCR_API_KEYS_FILE=%s holds no keys, so every caller gets 401: add one with "
            "`python -m function key NAME >> %s`; the file is read again when it changes",
            settings.api_keys_file,
            settings.api_keys_file,
        )
    if function.keys is not None or "parse" not in function.doors or _is_loopback(settings.host):
        return
    logging.getLogger(__name__).log(
        logging.INFO if settings.knative_service else logging.WARNING,
        "whoever reaches %s:%d may have documents read, for OCR_API_KEYS_FILE is not set: make keys with "
        "`python -m function key NAME`, or listen on this machine alone with OCR_HOST=127.0.0.1",
        settings.host,
        settings.port,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(settings: Settings) -> int:
    """Serve until SIGTERM; returns only where the port cannot be opened, with the exit code."""
    if reason := why_not(settings.host, settings.port):
        sys.stderr.write(f"{reason}\n")
        return EXIT_FAILED
    this_start().reached("imports")
    sys.argv = ["zeropage", "--config", "python:function.gunicorn_conf", "function.doors.serve:application()"]
    WSGIApplication("%(prog)s [OPTIONS]").run()
    return EXIT_DONE
