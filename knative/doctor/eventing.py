"""Eventing: the brokers that Triggers name, what serves their class, and whether they hold their producers up."""

from __future__ import annotations

from collections.abc import Iterator

from knative.doctor.kubectl import Document, Kubectl
from knative.doctor.manifests import EVENTING, Finding, Manifests, dig, judged

CLASS, CHANNEL = "eventing.knative.dev/broker.class", "MTChannelBasedBroker"
ASYNC = "messaging.knative.dev/async-handler"
#: Deployments that serve a class of brokers.
PARTS = {
    CHANNEL: ("mt-broker-controller", "mt-broker-ingress", "mt-broker-filter"),
    "RabbitMQBroker": ("rabbitmq-broker-controller",),
    "Kafka": ("kafka-controller",),
}
#: The feature by which Triggers and sources show who they are.
OIDC = "authentication-oidc"
#: The in-memory channel, which is what the channel broker keeps events in unless told otherwise.
IN_MEMORY = ("imc-controller", "imc-dispatcher")


def brokers(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Each is among the manifests or in the cluster already, and something serves its class."""
    wanted = {*dig(manifests.of("Trigger"), "spec.broker"), *_sinks(manifests)}
    ours = {broker["metadata"]["name"]: broker for broker in manifests.of("Broker")}
    for name in sorted(wanted | set(ours)):
        broker = ours.get(name) or cluster.get("broker", name, *cluster.namespace)
        if not broker:
            yield judged(
                False,
                f"broker {name}",
                "not there",
                "list components/broker, or name one that is there: kubectl get brokers",
            )
            continue
        yield from _served(name, broker, cluster)
        if name not in ours:
            yield _asynchronous(name, broker)


def identities(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Eventing shows tokens, where a Trigger names an audience."""
    if any(dig(manifests.of("Trigger"), "spec.subscriber.audience")):
        value = cluster.settings("config-features", EVENTING).get(OIDC, "disabled")
        found = f"{value}; events would come without the token that is asked for"
        mend = "read it, then kubectl apply --server-side -f knative/cluster-settings/events-audience.yaml"
        yield judged(value.lower() == "enabled", OIDC, value if value == "enabled" else found, mend)


def _sinks(manifests: Manifests) -> set[str]:
    """Brokers that SinkBindings and sources send to."""
    refs = dig(list(manifests.documents), "spec.sink.ref")
    return {ref["name"] for ref in refs if ref.get("kind") == "Broker" and "name" in ref}


def _class(broker: Document, cluster: Kubectl) -> str:
    """Its own, or the cluster's default."""
    said = (broker["metadata"].get("annotations") or {}).get(CLASS)
    if said:
        return str(said)
    told = cluster.settings("config-br-defaults", EVENTING).get("default-br-config", "")
    lines = [line.partition(":")[2].strip() for line in told.splitlines() if line.strip().startswith("brokerClass:")]
    return lines[0] if lines else CHANNEL


def _served(name: str, broker: Document, cluster: Kubectl) -> Iterator[Finding]:
    kind = _class(broker, cluster)
    parts = PARTS.get(kind, ())
    if kind == CHANNEL and "InMemoryChannel" in _template(cluster):
        parts += IN_MEMORY
    absent = [part for part in parts if part not in cluster.deployments(EVENTING)]
    found = f"{kind}, {'without ' + ', '.join(absent) if absent else 'served'}"
    mend = f"install the broker of class {kind} and its channel: https://knative.dev/docs/install/"
    yield judged(not absent, f"broker {name}", found, mend)


def _template(cluster: Kubectl) -> str:
    """What channel the channel broker makes; without a word of the cluster, the one in memory."""
    return cluster.settings("config-br-default-channel", EVENTING).get("channel-template-spec", "InMemoryChannel")


def _asynchronous(name: str, broker: Document) -> Finding:
    """Of a broker that is there already: whether a producer waits for delivery and all its retries."""
    notes = broker["metadata"].get("annotations") or {}
    good = notes.get(CLASS, CHANNEL) != CHANNEL or notes.get(ASYNC) == "true"
    mend = f"kubectl annotate broker {name} {ASYNC}=true   # and make its Triggers anew"
    found = "acknowledges at once" if good else "holds producers until delivery and all retries are over"
    return Finding("ok" if good else "advice", f"producers of {name}", found, mend)
