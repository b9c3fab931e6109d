"""An S3 in a process of its own, for the demo: moto's server, kept in memory, gone with its parent.

It tells of uploads as Amazon's does: bucket notification → SNS topic → HTTP subscription, and only of what it holds
complete. Moto itself tells while it still stores, when the object has no metadata yet, so that whoever is told and
looks would read it without the options that its uploader chose.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from function.doors.demo.run import INBOX
from function.doors.inputs import is_document
from function.event_settings import listed
from function.settings import Settings

#: Uploads that the function itself makes: it answers its caller without waiting until they have been read.
_JOBS = "jobs/"


def _telling_afterwards(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Have `app` tell of uploads when its answer is made: before the uploader has it, or for jobs beside that."""
    from moto.s3 import notifications

    suffixes = [suffix.lower() for suffix in listed(Settings.from_environment().suffixes)]
    tell, waiting = notifications.send_event, threading.local()

    def remember(*args: Any, **kwargs: Any) -> None:
        waiting.calls.append((args, kwargs))

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        waiting.calls = []
        response = app(environ, start_response)
        for args, kwargs in waiting.calls:
            event, bucket, key = args[1], args[2], kwargs.get("key", args[-1])
            if event.startswith("s3:ObjectCreated") and bucket.name == INBOX and not is_document(key.name, suffixes):
                sys.stderr.write(f"{INBOX}/{key.name} is left alone: its ending is none of OCR_SUFFIXES\n")
            telling = threading.Thread(target=tell, args=args, kwargs=kwargs, daemon=True)
            telling.start()
            if not key.name.startswith(_JOBS):
                telling.join()
        return response

    notifications.send_event = remember
    return answer


def serve(port: int) -> None:
    """Serve on 127.0.0.1:`port` until stdin ends, which it does with whoever started this, however that ended."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """The demo's own words are enough."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    app = _telling_afterwards(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    # Ctrl-C reaches every process of the terminal; this one ends with its stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
