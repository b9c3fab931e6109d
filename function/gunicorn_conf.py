"""How gunicorn runs the function: one process, threads for OCR_SLOTS documents and for probes beside them.

One process, because the engine's weights and threads exist once; gthread, because a probe must be answered while
every slot is held (a sync worker busy with a page makes the pod NotReady under load).
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn import glogging

from function.settings import Settings
from function.telemetry.logs import configure
from function.wiring import SPARE_THREADS
from warmup.phases import begin_again, this_start

_settings = Settings.from_environment()

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = 1
#: gthread, which does not wait for slow clients for ever.
worker_class = "function.doors.receiving.Worker"
threads = _settings.slots + SPARE_THREADS
#: After SIGTERM what was accepted finishes; gunicorn's own 30 s would cut long documents.
graceful_timeout = int(_settings.request_seconds)
#: gthread's main loop beats by itself, so this bounds a frozen process, not a long document.
timeout = 120
#: Longer than a proxy keeps its idle connections, so that it never sends into one that we are closing.
keepalive = 120
#: The main loop touches a file at each turn; on a disk that others keep busy, requests would wait for that.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - not a name of ours
#: A socket in the home folder would need a writable one; nothing here uses it.
control_socket_disable = True
accesslog = None
loglevel = _settings.log_level
logger_class = "function.gunicorn_conf.OurLogger"


class OurLogger(glogging.Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own lines in the same shape as ours, instead of a second format on the same stream."""

    def setup(self, cfg: Any) -> None:
        """Hand every line to the root logger."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        configure(_settings.log_level, _settings.log_format)


def when_ready(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """In the master, when the port is open."""
    this_start().reached("port_open")


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """In the worker, first of all; one that takes the place of another has a start of its own."""
    if worker.age > 1:
        begin_again()


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """After the last request: end the engine thread and the render children."""
    if getattr(worker, "wsgi", None) is not None and not worker.wsgi.extensions["zeropage"].stop():
        os._exit(0)
