"""Deliveries that show a token of the cluster."""

from __future__ import annotations

from function.event_tokens import ACCOUNT
from tests.knative.scene import FIRST, LETTERS, READER, SPEC, Case, Edit, Scene, add, drop, put, variable

TRIGGER, RABBIT, OUT = "Trigger/uploads", "Broker/rabbit", "NetworkPolicy/reader"
SUBSCRIBER, SINK = "spec/subscriber/audience", "spec/delivery/deadLetterSink/audience"
SOURCES = [
    {"serviceAccountToken": {"path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
]
BINDING = """{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: judged},
              roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"},
              subjects: [{kind: ServiceAccount, name: reader, namespace: documents}]}"""
BOUND = "ClusterRoleBinding/judged"
OPEN = put(OUT, "spec/egress/-", {"ports": [{"port": 6443}]})


def enabled(scene: Scene) -> None:
    """The flag of Eventing."""
    scene.eventing["authentication-oidc"] = "enabled"


MOUNTED: tuple[Edit, ...] = (
    put(READER, f"{SPEC}/volumes/-", {"name": "api", "projected": {"sources": SOURCES}}),
    put(READER, f"{FIRST}/volumeMounts/-", {"name": "api", "mountPath": str(ACCOUNT)}),
)
NO_AUTHORITY = put(READER, f"{SPEC}/volumes/-", {"name": "api", "projected": {"sources": SOURCES[:1]}})
ASKS = variable("OCR_EVENTS_AUDIENCE", "a")
SHOWS, QUEUED = put(TRIGGER, SUBSCRIBER, "a"), put("Trigger/queued", SUBSCRIBER, "a")
LETTERS_ASK = variable("OCR_EVENTS_AUDIENCE", "a", LETTERS)

BAD: list[Case] = [
    ("audience-shown", ASKS),
    ("audience-shown", ASKS, put(TRIGGER, SUBSCRIBER, "b")),
    ("audience-shown", SHOWS),
    ("audience-shown", LETTERS_ASK, put(TRIGGER, SINK, "a")),
    ("audience-broker", QUEUED),
    ("audience-feature", ASKS, SHOWS),
    ("audience-judged", ASKS, *MOUNTED),
    ("audience-judged", ASKS, add(BINDING)),
    ("audience-judged", ASKS, *MOUNTED, add(BINDING), drop(BOUND, "subjects/0/namespace")),
    ("audience-judged", ASKS, *MOUNTED, add(BINDING), put(BOUND, "roleRef/name", "view")),
    ("audience-judged", ASKS, NO_AUTHORITY, MOUNTED[1], add(BINDING)),
    ("audience-egress", ASKS),
]

FINE: list[Case] = [
    ("audience-shown", ASKS, SHOWS, QUEUED),
    ("audience-shown", LETTERS_ASK, put(TRIGGER, SINK, "a"), put(RABBIT, SINK, "a")),
    ("audience-broker", SHOWS),
    ("audience-feature", ASKS, SHOWS, enabled),
    ("audience-judged", ASKS, *MOUNTED, add(BINDING)),
    ("audience-judged", ASKS, variable("OCR_DOORS", "parse")),
    ("audience-egress", ASKS, OPEN),
]
