"""An S3 in a process of its own, for the demo: moto's server, kept in memory, gone with its parent.

It tells of uploads as Amazon's does: bucket notification → SNS topic → HTTP subscription.
"""

from __future__ import annotations

import sys
import threading


def serve(port: int) -> None:
    """Serve on 127.0.0.1:`port` until stdin ends, which it does with whoever started this, however that ended."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """The demo's own words are enough."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
