"""`serve`: the HTTP door under gunicorn, in this very process, so that SIGTERM reaches it as PID 1."""

from __future__ import annotations

import logging
import sys
from ipaddress import ip_address

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication

from function.doors.app import create_app
from function.settings import Settings, unknown_variables
from function.wiring import Function, build
from warmup.phases import this_start


def application() -> Flask:
    """What gunicorn loads in its worker; the engine warms up afterwards, beside the open port."""
    for warning in unknown_variables():
        logging.getLogger(__name__).warning(warning)
    function = build(Settings.from_environment())
    warn_if_open(function)
    return create_app(function)


def warn_if_open(function: Function) -> None:
    """Without keys whoever reaches the port may have documents read.

    In Knative its ingress decides who does, so there it is told, not warned of.
    """
    settings = function.settings
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


def serve() -> None:
    """Serve until SIGTERM; does not return."""
    this_start().reached("imports")
    sys.argv = ["zeropage", "--config", "python:function.gunicorn_conf", "function.doors.serve:application()"]
    WSGIApplication("%(prog)s [OPTIONS]").run()
