"""Serving: its kinds and version, feature flags, time limits, the way in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from knative.doctor.flags import FIELDS, MAX_TIMEOUT, ON_BY_DEFAULT, PROBES, VOLUMES, WRITE
from knative.doctor.kubectl import Kubectl
from knative.doctor.manifests import EVENTING, SERVING, Finding, Manifests, dig, judged, patch

#: What the manifests were run on; older versions may do, but nobody has tried.
TRIED = {SERVING: ("controller", (1, 23)), EVENTING: ("eventing-controller", (1, 22))}
INSTALL = "https://knative.dev/docs/install/"
#: Who brings the kinds of a group.
MAKERS = {
    "cert-manager.io": "install cert-manager, or leave components/https out",
    "keda.sh": "install KEDA, or leave the component that scales by it out",
    "monitoring.coreos.com": "install the Prometheus operator, or leave components/metrics out",
}
#: Kinds of extensions, in groups of Knative's own.
EXTENSIONS = {
    "CephSource": "install Knative's extension eventing-ceph, or use components/sources/webhooks",
    "RabbitmqBrokerConfig": "install Knative's extension eventing-rabbitmq, or use components/broker",
}


def kinds(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Kinds that are not Kubernetes' own are served."""
    wanted = sorted({(item["apiVersion"], item["kind"]) for item in manifests.documents})
    for version, kind in wanted:
        group = version.partition("/")[0]
        if group not in manifests.groups():
            continue
        told = json.loads(cluster.run("get", "--raw", f"/apis/{version}") or "{}")
        served = {resource["kind"] for resource in told.get("resources", [])}
        knative = f"install Knative, or a newer one: {INSTALL}"
        mend = MAKERS.get(group, knative if group.endswith(".knative.dev") else f"install what serves {version}")
        mend = EXTENSIONS.get(kind, mend)
        yield judged(kind in served, f"kind {kind}", version, mend)


def versions(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Serving and Eventing are there, in versions that were tried."""
    for namespace, (name, tried) in TRIED.items():
        if not manifests.uses(namespace):
            continue
        labels = dig(cluster.deployments(namespace).get(name), "metadata.labels")
        found = labels[0].get("app.kubernetes.io/version", "of no known version") if labels else "not installed"
        number = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
        state = "missing" if not labels else "ok" if number >= tried else "advice"
        mend = f"{INSTALL} ({'.'.join(map(str, tried))} was tried; older ones may do)"
        yield Finding(state, namespace, found, mend)


def features(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Each flag that a field of a Service needs is on."""
    wanted: dict[str, str] = {}
    for spec in manifests.revisions():
        wanted |= {FIELDS[field]: field for field in spec if field in FIELDS}
        for volume in spec.get("volumes") or []:
            wanted |= {VOLUMES[kind]: kind for kind in volume if kind in VOLUMES}
            if "persistentVolumeClaim" in volume and not volume["persistentVolumeClaim"].get("readOnly"):
                wanted[WRITE] = "a claim that is not read-only"
        beside = [container for container in spec.get("containers") or [] if not container.get("ports")]
        if len(spec.get("containers") or []) > 1 and any("Probe" in key for container in beside for key in container):
            wanted[PROBES] = "a probe of a second container"
    for flag, field in sorted(wanted.items()):
        default = "enabled" if flag in ON_BY_DEFAULT else "disabled"
        value = cluster.settings("config-features", SERVING).get(flag, default)
        on = value.lower() in {"enabled", "allowed"}
        yield judged(on, flag, f"{value}; {field} needs it", patch("config-features", flag, "enabled"))


def timeouts(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The longest timeoutSeconds is allowed, and the activator lives long enough to keep it."""
    longest = max((spec.get("timeoutSeconds", 300) for spec in manifests.revisions()), default=0)
    if not longest:
        return
    key = "max-revision-timeout-seconds"
    allowed = int(cluster.settings("config-defaults", SERVING).get(key, MAX_TIMEOUT))
    yield judged(allowed >= longest, key, f"{allowed}, {longest} needed", patch("config-defaults", key, str(longest)))
    grace = dig(cluster.deployments(SERVING).get("activator"), "spec.template.spec.terminationGracePeriodSeconds")
    change = json.dumps({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": longest}}}})
    mend = f"kubectl patch deployment activator --namespace {SERVING} --patch '{change}'"
    found = f"{grace[0] if grace else 'no'} s, {longest} needed"
    yield judged(grace and grace[0] >= longest, "grace period of the activator", found, mend)


def initial_scale(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """A Service that starts with no pod is allowed, where there is one."""
    key = "allow-zero-initial-scale"
    notes = dig(manifests.services(), "spec.template.metadata.annotations")
    if any(found.get("autoscaling.knative.dev/initial-scale") == "0" for found in notes):
        value = cluster.settings("config-autoscaler", SERVING).get(key, "false")
        yield judged(value == "true", key, value, patch("config-autoscaler", key, "true"))


def autoscalers(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The class hpa is an extension of Serving, where a Service asks for it."""
    notes = dig(manifests.services(), "spec.template.metadata.annotations")
    if any(found.get("autoscaling.knative.dev/class", "").startswith("hpa.") for found in notes):
        there = "autoscaler-hpa" in cluster.deployments(SERVING)
        mend = f"install Serving's extension for the class hpa: {INSTALL}"
        yield judged(there, "autoscaler-hpa", "there" if there else "not installed", mend)


def way_in(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The networking layer that config-network names is installed, and addresses have a domain."""
    if not manifests.uses(SERVING):
        return
    told = cluster.settings("config-network", SERVING)
    name = (told.get("ingress-class") or told.get("ingress.class") or "istio").partition(".")[0]
    kourier = patch("config-network", "ingress-class", "kourier.ingress.networking.knative.dev")
    mend = f"install net-{name}, or name the one that is there, for Kourier: {kourier}"
    # OpenShift keeps it in a namespace of its own.
    there = any(f"net-{name}-controller" in cluster.deployments(place) for place in (SERVING, f"{SERVING}-ingress"))
    yield judged(there, "networking layer", name, mend)
    domains = [domain for domain in cluster.settings("config-domain", SERVING) if not domain.startswith("_")]
    named = domains not in ([], ["example.com"], ["svc.cluster.local"])
    mend = f"{patch('config-domain', 'YOUR.DOMAIN', '')}; until then addresses work only inside"
    yield Finding("ok" if named else "advice", "domain", ", ".join(domains) or "none", mend)
    key = "autocreate-cluster-domain-claims"
    if manifests.of("DomainMapping") and not manifests.of("ClusterDomainClaim"):
        yield judged(told.get(key) == "true", key, told.get(key, "false"), patch("config-network", key, "true"))
