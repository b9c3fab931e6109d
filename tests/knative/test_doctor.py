"""`make doctor`: a good cluster has nothing to hear; whatever is missing is named, with the command that mends it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from knative.doctor import __main__ as doctor
from tests import manifests as made
from tests.conftest import ROOT
from tests.knative.fake_cluster import EVENTING, SERVING, FakeCluster, deployment, named
from tests.knative.rendering import Documents, committed, kubectl, parse

#: Everything that any overlay asks of a cluster: GPU and volume of one, certificates, keys and monitors of the other.
EVERYTHING: Documents = [*committed("gpu"), *committed("production")]

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run the doctor on a fake cluster: its exit code and all that it says."""

    def run(cluster: FakeCluster, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("PATH", f"{cluster.write(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}")
        code = doctor.main(["gpu", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_a_good_cluster_lacks_nothing(ask: Ask) -> None:
    """Exit code 0, and each thing looked at is a line."""
    code, told = ask(FakeCluster.good(EVERYTHING))

    assert code == 0, told
    states = [line.split()[0] for line in told.splitlines()[:-1]]
    assert set(states) == {"ok"}
    assert len(states) > 20
    assert told.splitlines()[-1] == f"{len(states)} ok, 0 missing"


def flag(name: str) -> Callable[[FakeCluster], object]:
    """Turn a feature off, as it comes."""
    return lambda cluster: cluster.settings[SERVING, "config-features"].pop(f"kubernetes.podspec-{name}")


def gone(namespace: str, name: str) -> Callable[[FakeCluster], object]:
    """Something was never installed."""
    return lambda cluster: cluster.deployments.pop((namespace, name))


def unserved(version: str) -> Callable[[FakeCluster], object]:
    """A group or version that the server does not know."""
    return lambda cluster: cluster.kinds.pop(version)


def changed(attribute: str, value: object) -> Callable[[FakeCluster], object]:
    """Another value of the fake's."""
    return lambda cluster: setattr(cluster, attribute, value)


def setting(name: str, **values: str) -> Callable[[FakeCluster], object]:
    """Lines of a ConfigMap of Serving; `_` stands for a dash."""
    told = {key.replace("_", "-"): value for key, value in values.items()}
    return lambda cluster: cluster.settings.setdefault((SERVING, name), {}).update(told)


MISSING = [
    (flag("nodeselector"), "kubernetes.podspec-nodeselector", "kubectl patch configmap config-features"),
    (flag("tolerations"), "kubernetes.podspec-tolerations", '"enabled"'),
    (flag("runtimeclassname"), "kubernetes.podspec-runtimeclassname", "config-features"),
    (flag("persistent-volume-claim"), "kubernetes.podspec-persistent-volume-claim", "config-features"),
    (
        lambda cluster: cluster.settings[SERVING, "config-features"].pop("multi-container-probing"),
        "multi-container-probing",
        "kubectl patch configmap config-features",
    ),
    (setting("config-defaults", max_revision_timeout_seconds="300"), "max-revision-timeout-seconds", '"600"'),
    (
        lambda cluster: cluster.deployments.update({(SERVING, "activator"): deployment("activator", "1.23.0", 300)}),
        "grace period of the activator",
        "kubectl patch deployment activator",
    ),
    (gone(SERVING, "activator"), "grace period of the activator", "kubectl patch deployment activator"),
    (gone(SERVING, "controller"), SERVING, "https://knative.dev/docs/install/"),
    (gone(EVENTING, "eventing-controller"), EVENTING, "https://knative.dev/docs/install/"),
    (gone(SERVING, "net-kourier-controller"), "networking layer", "kourier.ingress.networking.knative.dev"),
    (setting("config-network", autocreate_cluster_domain_claims="false"), "autocreate-cluster-domain-claims", "patch"),
    (unserved("serving.knative.dev/v1"), "kind Service", "install Knative"),
    (unserved("sources.knative.dev/v1"), "kind SinkBinding", "install Knative"),
    (unserved("monitoring.coreos.com/v1"), "kind PodMonitor", "install the Prometheus operator"),
    (unserved("cert-manager.io/v1"), "kind Certificate", "install cert-manager"),
    (lambda cluster: cluster.kinds["eventing.knative.dev/v1"].discard("Trigger"), "kind Trigger", "install Knative"),
    (gone(EVENTING, "mt-broker-ingress"), "broker zeropage", "install the broker of class MTChannelBasedBroker"),
    (gone(EVENTING, "imc-dispatcher"), "broker zeropage", "and its channel"),
    (lambda cluster: cluster.nodes.pop(), "nvidia.com/gpu", "GPU operator"),
    (
        lambda cluster: cluster.nodes[1]["metadata"].pop("labels"),
        "nodes with nvidia.com/gpu.present=true",
        "kubectl label",
    ),
    (lambda cluster: cluster.names.remove("runtimeclass nvidia"), "runtime class nvidia", "GPU operator"),
    (changed("storage", [named("slow")]), "storage for zeropage-weights", "storageClassName"),
    (
        lambda cluster: cluster.names.remove("secret zeropage-api-keys"),
        "secret zeropage-api-keys",
        "kubectl create secret",
    ),
]


@pytest.mark.parametrize(
    ("take_away", "what", "mend"), MISSING, ids=[f"{case[1]}-{n}" for n, case in enumerate(MISSING)]
)
def test_what_is_missing_is_named(take_away: Callable[[FakeCluster], object], what: str, mend: str, ask: Ask) -> None:
    """One thing taken from a good cluster: exit code 1, its line, and what helps under it."""
    cluster = FakeCluster.good(EVERYTHING)
    take_away(cluster)

    code, told = ask(cluster)

    assert code == 1
    found = re.search(rf"^missing +{re.escape(what)}  .*\n +(.*)$", told, re.MULTILINE)
    assert found, told
    assert mend in found[1]


@pytest.mark.parametrize(("value", "code"), [("enabled", 0), ("disabled", 1)])
def test_an_audience_needs_eventing_to_show_tokens(value: str, code: int, ask: Ask) -> None:
    """Without it every delivery would be refused; the flag is named where a Trigger has an audience, and only there."""
    documents: Documents = json.loads(json.dumps(EVERYTHING))
    for document in documents:
        if document["kind"] == "Trigger":
            document["spec"]["subscriber"]["audience"] = "ours"
    cluster = FakeCluster.good(documents)
    cluster.settings[EVENTING, "config-features"] = {"authentication-oidc": value}

    found, told = ask(cluster)

    assert found == code, told
    assert re.search(rf"^{'missing' if code else 'ok'} +authentication-oidc +{value}", told, re.MULTILINE)
    assert ("cluster-settings/events-audience.yaml" in told) == bool(code)


ADVICE = [
    (lambda cluster: cluster.names.remove("secret zeropage-s3"), "secret zeropage-s3", "kubectl create secret"),
    (
        lambda cluster: cluster.deployments.update({(SERVING, "controller"): deployment("controller", "1.19.4")}),
        SERVING,
        "older ones may do",
    ),
    (
        changed("nodes", [named("a", metadata={"labels": {"nvidia.com/gpu.present": "true"}})]),
        "nvidia.com/gpu",
        "say so",
    ),
    (
        lambda cluster: cluster.settings.pop((SERVING, "config-domain")),
        "domain",
        "kubectl patch configmap config-domain",
    ),
]


@pytest.mark.parametrize(("change", "what", "mend"), ADVICE, ids=[case[1] for case in ADVICE])
def test_what_may_do_is_advice(change: Callable[[FakeCluster], object], what: str, mend: str, ask: Ask) -> None:
    """Older versions, GPU nodes that come on demand, no domain yet: said, and no reason to fail."""
    cluster = FakeCluster.good(EVERYTHING)
    setting("config-deployment", pod_is_always_schedulable="true")(cluster)
    change(cluster)

    code, told = ask(cluster)

    assert code == 0, told
    assert re.search(rf"^advice +{re.escape(what)}  .*\n.*{re.escape(mend)}", told, re.MULTILINE), told


HPA = {"autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev", "autoscaling.knative.dev/initial-scale": "0"}
SPECIAL: Documents = [
    {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "special"},
        "spec": {"template": {"metadata": {"annotations": HPA}, "spec": {"timeoutSeconds": 300}}},
    },
    {"apiVersion": "sources.knative.dev/v1alpha1", "kind": "CephSource", "metadata": {"name": "ceph"}},
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i"},
        "spec": {"tls": [{"secretName": "tls"}]},
    },
]


@pytest.mark.parametrize(
    ("what", "mend"),
    [
        ("autoscaler-hpa", "extension for the class hpa"),
        ("allow-zero-initial-scale", "kubectl patch configmap config-autoscaler"),
        ("kind CephSource", "eventing-ceph"),
        ("secret tls", "kubectl create secret"),
    ],
)
def test_what_few_need_is_asked_where_it_is_needed(what: str, mend: str, ask: Ask) -> None:
    """Another autoscaler, a start without pods, extensions, an Ingress's certificate."""
    cluster = FakeCluster.good(SPECIAL)
    unserved("sources.knative.dev/v1alpha1")(cluster)

    code, told = ask(cluster)

    assert code == 1
    found = re.search(rf"^missing +{re.escape(what)}  .*\n +(.*)$", told, re.MULTILINE)
    assert found, told
    assert mend in found[1]


def test_the_networking_layer_may_live_apart(ask: Ask) -> None:
    """OpenShift has it in a namespace of its own."""
    cluster = FakeCluster.good(EVERYTHING)
    cluster.deployments[f"{SERVING}-ingress", "net-kourier-controller"] = cluster.deployments.pop(
        (SERVING, "net-kourier-controller")
    )

    code, told = ask(cluster)

    assert code == 0, told


def test_only_what_the_manifests_need_is_asked(ask: Ask) -> None:
    """A cluster without GPUs, volumes and operators will do for the small overlay."""
    cluster = FakeCluster.good(committed("cpu"))
    cluster.nodes, cluster.storage, cluster.names, cluster.settings = [], [], {"secret zeropage-s3"}, {}
    setting("config-network", ingress_class="kourier.ingress.networking.knative.dev")(cluster)

    code, told = ask(cluster)

    assert code == 0, told
    assert "gpu" not in told


def test_a_broker_may_be_there_already(ask: Ask) -> None:
    """It is looked up, and one that blocks its producers is spoken of."""
    cluster = FakeCluster.good([item for item in EVERYTHING if item["kind"] != "Broker"])
    cluster.brokers = {"zeropage": named("zeropage")}

    code, told = ask(cluster)

    assert code == 0, told
    assert "advice   producers of zeropage" in told
    assert "kubectl annotate broker zeropage messaging.knative.dev/async-handler=true" in told


def test_a_broker_that_is_nowhere_is_missing(ask: Ask) -> None:
    """Its Triggers would wait forever."""
    code, told = ask(FakeCluster.good([item for item in EVERYTHING if item["kind"] != "Broker"]))

    assert code == 1
    assert re.search(r"^missing +broker zeropage ", told, re.MULTILINE)


def test_a_broker_of_the_clusters_own_class_needs_that_class(ask: Ask) -> None:
    """config-br-defaults says what a broker without a class becomes."""
    cluster = FakeCluster.good([item for item in EVERYTHING if item["kind"] != "Broker"])
    cluster.brokers = {"zeropage": named("zeropage")}
    cluster.settings[EVENTING, "config-br-defaults"] = {"default-br-config": "clusterDefault:\n  brokerClass: Kafka\n"}

    code, told = ask(cluster)

    assert code == 1
    assert "Kafka, without kafka-controller" in told


def test_what_may_not_be_read_is_unknown(ask: Ask) -> None:
    """Fewer rights than needed: the other checks go on, and nothing is called good or missing."""
    cluster = FakeCluster.good(EVERYTHING)
    cluster.failures["get nodes --output json"] = 'Error from server (Forbidden): nodes is forbidden: User "me"\n'

    code, told = ask(cluster)

    assert code == 0
    assert re.search(r"^unknown +gpus +Error from server \(Forbidden\): nodes is forbidden", told, re.MULTILINE)
    assert "ok       storage for zeropage-weights" in told


def test_a_cluster_that_cannot_be_reached_is_said_plainly(ask: Ask) -> None:
    """Kubectl's own last line, what to try, and the code for `later`."""
    cluster = FakeCluster.good(EVERYTHING)
    noise = 'E1122 memcache.go:265] "Unhandled Error"\n'
    cluster.failures["get --raw /version"] = noise + "The connection to the server localhost:8080 was refused\n"

    code, told = ask(cluster)

    assert code == 75
    assert "The cluster cannot be read: The connection to the server localhost:8080 was refused" in told.splitlines()
    assert "kubectl config get-contexts" in told


def test_without_kubectl_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert doctor.main(["cpu"]) == 75
    assert "kubectl is not installed" in capsys.readouterr().err


def test_an_unknown_overlay_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It names the file that is not there."""
    assert doctor.main(["gpus"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_nothing_at_all_is_not_called_good(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What a `kubectl kustomize` that failed hands on."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))

    assert doctor.main(["-"]) == 2
    assert "there are no manifests in it" in capsys.readouterr().err


def test_the_namespace_and_the_context_are_passed_on(ask: Ask) -> None:
    """Secrets are looked for where the manifests go."""
    cluster = FakeCluster.good(committed("gpu"))
    cluster.failures["--context staging get --raw /version"] = "error: no context exists with the name: staging\n"
    cluster.failures["--context staging label --local --filename - doctor=asks --output json"] = "error: no context\n"

    code, told = ask(cluster, "--context", "staging")

    assert (code, "no context" in told) == (75, True)


@pytest.mark.skipif(kubectl() is not None, reason=f"{kubectl()}")
@pytest.mark.parametrize("overlay", ["cpu", "production"])
def test_kubectl_itself_turns_yaml_into_json(overlay: str) -> None:
    """Without a server, for kinds that it does not know, and as PyYAML reads it."""
    from knative.doctor.kubectl import Kubectl

    text = (made.RENDERED / f"{overlay}.yaml").read_text(encoding="utf-8")
    told = Kubectl().documents(text)
    for document in told:
        assert document["metadata"]["labels"].pop("doctor") == "asks"

    assert [item["metadata"]["name"] for item in told] == [item["metadata"]["name"] for item in parse(text)]
    assert [item.get("spec") for item in told] == [item.get("spec") for item in parse(text)]


def test_it_stands_alone(tmp_path: Path) -> None:
    """Any Python 3.10 will do: nothing of ours, nothing from a package index."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); import knative.doctor.__main__",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
