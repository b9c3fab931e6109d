"""`serve`: the HTTP door under gunicorn, in this very process, so that SIGTERM reaches it as PID 1."""

from __future__ import annotations

import logging
import sys

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication

from function.doors.app import create_app
from function.settings import Settings, unknown_variables
from function.wiring import build


def application() -> Flask:
    """What gunicorn loads in its worker; the engine warms up afterwards, beside the open port."""
    for warning in unknown_variables():
        logging.getLogger(__name__).warning(warning)
    return create_app(build(Settings.from_environment()))


def serve() -> None:
    """Serve until SIGTERM; does not return."""
    sys.argv = ["zeropage", "--config", "python:function.gunicorn_conf", "function.doors.serve:application()"]
    WSGIApplication("%(prog)s [OPTIONS]").run()
