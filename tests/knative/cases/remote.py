"""Pages sent from one Service to another."""

from __future__ import annotations

from tests.knative.scene import LETTERS, SPEC, Case, Edit, put, variable

OUT = "NetworkPolicy/reader"
NOT_THIS_ONE = put(OUT, "spec/podSelector", {"matchLabels": {"part": "reader"}})
READS = variable("OCR_ACCURATE_ENGINE", "stub")
WAITS = put(LETTERS, f"{SPEC}/timeoutSeconds", 600)


def asks(url: str) -> tuple[Edit, Edit]:
    """`letters` sends there what its own engine cannot read."""
    return variable("OCR_ACCURATE_ENGINE", "remote", LETTERS), variable("OCR_REMOTE_URL", url, LETTERS)


WELL = (*asks("http://reader"), READS, WAITS)

BAD: list[Case] = [
    ("remote-exists", *asks("http://raeder"), READS, WAITS),
    ("remote-exists", *asks("http://raeder.documents.svc.cluster.local"), READS, WAITS),
    ("remote-exists", asks("")[0], READS, WAITS),
    ("remote-reads", *WELL, variable("OCR_DOORS", "events")),
    ("remote-reads", *asks("http://reader"), WAITS),
    (
        "remote-reads",
        *WELL[:2],
        variable("OCR_ACCURATE_ENGINE", "remote"),
        variable("OCR_REMOTE_URL", "http://letters"),
    ),
    ("remote-timeout", *asks("http://reader"), READS),
    ("remote-fills", *WELL, variable("OCR_REMOTE_PARALLEL", "2", LETTERS)),
    ("remote-egress", *WELL),
]

FINE: list[Case] = [
    ("remote-exists", *WELL),
    ("remote-exists", *asks("http://reader.documents.svc.cluster.local")),
    ("remote-exists", *asks("https://ocr.example.com")),
    ("remote-exists", variable("READS", "reader", LETTERS), *asks("http://$(READS)")),
    ("remote-reads", *WELL),
    ("remote-reads", *WELL, variable("OCR_DOORS", "parse")),
    ("remote-timeout", *WELL),
    ("remote-fills", *WELL, variable("OCR_REMOTE_PARALLEL", "4", LETTERS)),
    ("remote-egress", *WELL, NOT_THIS_ONE),
    ("remote-egress", *WELL, put(OUT, "spec/egress/-", {"ports": [{"port": 8081}]})),
]
