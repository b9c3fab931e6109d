"""A pod: the real server with the stub engine, buckets that keep every version, and a broker in front; killed at will.

with Broker(backoff=0.01) as broker, Pod(s3_server, broker) as pod:
    upload = pod.upload("a.png", stamped_png("a"))
    broker.send(ours.to_event(upload))
    broker.wait()
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.request import urlopen

from bench import processes
from events.uploads import DocumentUploaded
from tests.broker import Broker
from tests.s3_server import ENVIRONMENT, S3Server
from tests.server import stub_server


class Pod:
    """Use it in a `with`.

    Args:
        s3: the store.
        broker: whose subscriber and dead-letter sink it is, whenever it is ready.
        store: the address at which it finds the store, where a proxy stands between.
        settings: variables besides.
    """

    def __init__(self, s3: S3Server, broker: Broker, *, store: str = "", **settings: str) -> None:
        self.s3: Any = s3.s3
        self.inbox, self.results = s3.bucket(versioned=True), s3.bucket(versioned=True)
        self.broker = broker
        places = {"OCR_INBOX": f"s3://{self.inbox}/in", "OCR_RESULTS": f"s3://{self.results}/out"}
        ours = {"K_SINK": broker.url, "OCR_SINK_TIMEOUT": "60", "AWS_ENDPOINT_URL": store or s3.url}
        self._settings = {**ENVIRONMENT, **places, **ours, **settings}
        self.server = stub_server(**self._settings)

    def start(self) -> None:
        """Until it is ready; then the broker may deliver."""
        self.server.start()
        self.broker.dead_letters = f"{self.server.url}/deadletter"
        self.broker.subscriber = self.server.url

    def kill(self) -> None:
        """SIGKILL for the server, whereupon its render children end by themselves; the broker holds what comes next."""
        self.broker.subscriber = ""
        pids = processes.tree(self.server.pid)
        self.server.kill()
        deadline = time.monotonic() + 60
        while left := [pid for pid in pids if _runs(pid)]:
            assert time.monotonic() < deadline, f"processes {left} outlived the kill of their server"
            time.sleep(0.01)

    def start_again(self, **settings: str) -> None:
        """End in order, and start with other settings."""
        self.broker.subscriber = ""
        self.server.stop()
        self._settings.update(settings)
        self.server = stub_server(**self._settings)
        self.start()

    def upload(self, key: str, body: bytes, **metadata: str) -> DocumentUploaded:
        """Put an object, and what its sender would say of it."""
        answer = self.s3.put_object(Bucket=self.inbox, Key=f"in/{key}", Body=body, Metadata=metadata)
        etag = answer["ETag"].strip('"')
        return DocumentUploaded(self.inbox, f"in/{key}", answer["VersionId"], etag, size=len(body))

    def versions(self) -> list[str]:
        """Every result ever written, as often as it was written or deleted; in order of keys."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.results)
        found = [
            entry["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for entry in page.get(kind, ())
        ]
        return sorted(key.removeprefix("out/") for key in found if "/.zeropage" not in key)

    def result(self, key: str) -> tuple[bytes, dict[str, str]]:
        """What stands in the results, and its metadata."""
        answer = self.s3.get_object(Bucket=self.results, Key=f"out/{key}")
        with answer["Body"] as body:
            return body.read(), answer["Metadata"]

    def stands(self, key: str) -> bool:
        """Whether the results hold it."""
        return bool(self.s3.list_objects_v2(Bucket=self.results, Prefix=f"out/{key}").get("Contents"))

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's present values; 0 where there is none."""
        with urlopen(f"{self.server.url}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        rows = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
        return sum(float(v) for told, v in rows if all(f'{k}="{value}"' in told for k, value in labels.items()))

    def __enter__(self) -> Pod:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.broker.subscriber = ""
        self.server.__exit__(kind, problem, trace)


def _runs(pid: int) -> bool:
    """A zombie whose parent (init) has not looked yet runs no more."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}
