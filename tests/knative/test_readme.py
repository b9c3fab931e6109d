"""Whoever follows knative/README.md types nothing that does not exist, and reads no value that has changed since."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from events import samples
from events.senders import HOOKS
from function.doors.event_tools import cli
from tests import tables
from tests.conftest import ROOT
from tests.knative import kn, readme
from tests.knative.rendering import OVERLAYS, committed, flat
from tests.manifests import KNATIVE

COMPONENTS = {
    str(path.parent.relative_to(KNATIVE / "components")) for path in KNATIVE.glob("components/**/kustomization.yaml")
}
MANIFESTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(KNATIVE.rglob("*.yaml")))


def test_links_within_the_page_lead_somewhere() -> None:
    """Each #anchor is a heading's, as GitHub makes it."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", readme.TEXT, flags=re.DOTALL | re.MULTILINE), re.M)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", readme.TEXT)) - anchors == set()


def test_kn_is_called_with_flags_that_it_has() -> None:
    """Of kn 1.23, command by command."""
    called = list(readme.commands("kn"))
    wrong = [
        (words, word)
        for words in called
        for word in words
        if word.startswith("--") and word not in kn.FLAGS[" ".join(words[:2])]
    ]

    assert len(called) >= 10
    assert wrong == []


def differences(one: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where two documents differ: path → both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        parts = [differences(one.get(key), other.get(key), f"{path}.{key}".strip(".")) for key in keys]
        return {key: value for part in parts for key, value in part.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = [differences(a, b, path) for a, b in zip(one, other, strict=True)]
        return {key: value for part in parts for key, value in part.items()}
    return {} if one == other else {path: (one, other)}


def _sorted_env(service: dict[str, Any]) -> dict[str, Any]:
    """The order of variables means nothing here."""
    for container in service["spec"]["template"]["spec"]["containers"]:
        container["env"] = sorted(container["env"], key=lambda entry: str(entry["name"]))
    return service


def test_flags_alone_make_the_service_of_the_file() -> None:
    """But for what kn has no flags for, all of which the page tells."""
    [words] = readme.commands("kn", "service", "create")
    [service, *_] = flat("service.yaml")
    pod = "spec.template.spec"
    lacking = differences(_sorted_env(kn.create(words)), _sorted_env(service))
    image = lacking.pop(f"{pod}.containers.image")

    assert "registry.example.com" in image[0]
    assert set(lacking) == {
        f"{pod}.automountServiceAccountToken",
        f"{pod}.containers.envFrom.secretRef.optional",
        f"{pod}.containers.name",
        f"{pod}.containers.securityContext.readOnlyRootFilesystem",
        f"{pod}.enableServiceLinks",
        f"{pod}.responseStartTimeoutSeconds",
    }
    told = readme.TEXT.split("has no flags for", 1)[1].split("\n\n", 1)[0]
    assert [path for path in lacking if path.rpartition(".")[2] not in told.replace("container's name", "name")] == []
    # What is left to Knative's default must be what the file says.
    assert lacking[f"{pod}.responseStartTimeoutSeconds"] == (None, 300)
    assert lacking[f"{pod}.enableServiceLinks"] == (None, False)


def _values(words: list[str], *flags: str) -> list[str]:
    return [words[place + 1] for place, word in enumerate(words[:-1]) if word in flags]


def test_what_kubectl_is_given_exists() -> None:
    """Overlays, files, and the folder that the page tells to make."""
    called = list(readme.commands("kubectl"))
    folders = {value for words in called for value in _values(words, "-k")}
    folders |= {words[1] for words in readme.commands("kubectl", "kustomize") if len(words) > 1}
    files = {value for words in called for value in _values(words, "-f", "--filename")} - {"-"}

    assert len(called) > 50
    assert {folder for folder in folders if not (ROOT / folder / "kustomization.yaml").exists()} == {"site"}
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert {f"knative/overlays/{name}" for name in ("cpu", "local", "kubernetes")} <= folders


@functools.cache
def _flags(command: str) -> str:
    done = subprocess.run(
        ["kubectl", *command.split(), "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kubectl_is_called_with_flags_that_it_has() -> None:
    """As its own help lists them; `--namespace` is of every command."""
    wrong = []
    for words in readme.commands("kubectl"):
        plain = [word for word in words if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")]
        command = " ".join(plain[: {"create": 2, "config": 2, "set": 2, "rollout": 2}.get(plain[0], 1)])
        if command == "create secret":
            command = " ".join(plain[:3])
        wanted = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--namespace"}
        wrong += [(words, flag) for flag in wanted if not re.search(rf"^ +(-\w, )?{flag}[=\[]", _flags(command), re.M)]

    assert wrong == []


def test_what_is_asked_for_by_name_is_made_by_something() -> None:
    """`ksvc/zeropage`, `job/zeropage-weights`, Secrets: some manifest has that name, or asks for it."""
    words = {word for command in readme.commands("kubectl") for word in command}
    names = {name for word in words for name in re.findall(r"(?:^|/|=)(zeropage[a-z0-9-]*)$", word)}

    assert {"zeropage", "zeropage-s3", "zeropage-reconcile"} <= names
    assert [name for name in sorted(names) if not re.search(rf"[nN]ame: {name}$", MANIFESTS, re.MULTILINE)] == []
    selected = {value for command in readme.commands("kubectl") for value in _values(command, "-l", "--selector")}
    labels = {"zeropage", "zeropage-weights", "zeropage-job", "zeropage-reconcile"}
    assert {label.partition("=")[2] for label in selected} == labels


def test_every_secret_that_manifests_ask_for_is_told() -> None:
    """And none is made that nothing asks for."""
    pattern = r"create secret (?:generic|tls|docker-registry) ([a-z0-9-]+)"
    made = {name for block in readme.blocks("sh") for name in re.findall(pattern, block)}
    in_table = {code for row in readme.table("Component") for code in codes_of(row, 3)}
    asked = set(re.findall(r"secretName: (zeropage-\S+)", MANIFESTS))
    asked |= set(
        re.findall(
            r"\b(?:secretRef|secretKeyRef|ref|imagePullSecrets):?\s+(?:value:\s+)?(?:- )?name: (zeropage-\S+)",
            MANIFESTS,
        )
    )

    assert made == asked
    assert in_table == made - {"zeropage-s3"}


def codes_of(row: list[str], column: int) -> list[str]:
    """The codes in a cell."""
    return readme.codes(row[column])


def test_the_table_of_components_is_complete() -> None:
    """Each folder once, none that has gone; overlays and `base/` are told, too."""
    told = [code for row in readme.table("Component") for code in codes_of(row, 0)]

    assert sorted(told) == sorted(COMPONENTS)
    assert {code.removeprefix("overlays/") for row in readme.table("Overlay") for code in codes_of(row, 0)} == set(
        OVERLAYS
    )


def test_the_flags_in_the_table_are_those_of_cluster_settings() -> None:
    """All that an administrator is asked for, and by whom, is in the one folder."""
    asked = {flag for row in readme.table("Component") for flag in re.split(r", ", row[4]) if flag}
    texts = [path.read_text(encoding="utf-8") for path in (KNATIVE / "cluster-settings").glob("*.yaml")]
    parts = [part for text in texts for part in yaml.safe_load_all(text)]
    offered = {key.rpartition("podspec-")[2] for part in parts for key in part["data"]}

    assert asked == offered


def test_every_hook_and_sample_exists() -> None:
    """Addresses of webhooks, tokens' senders, and the command that tries them."""
    hooks = set(re.findall(r"/hooks/([a-z0-9]+)", readme.TEXT))
    sent = [words for words in readme.commands("python", "-m", "events") if words and words[0] == "send"]

    assert hooks - set(HOOKS) == set()
    assert {"minio", "rustfs", "ceph", "sns", "eventbridge", "gcs", "seaweedfs"} <= hooks
    assert sent
    for words in sent:
        told = cli._parser().parse_args(words)
        assert told.message in {path.stem for path in samples.FOLDER.glob("*.json")}


def test_no_sample_names_a_bucket_that_somebody_here_is_told_to_have() -> None:
    """The test that needs no bucket must read nothing: neither with the overlays, nor with the names on this page."""
    texts = [path.read_text(encoding="utf-8") for path in samples.FOLDER.glob("*.json")]
    named = {name for text in texts for name in re.findall(r'"bucket": "([^"/]+)"', text)}

    assert "inbox" in named
    assert "/zeropage-uploads" in MANIFESTS
    assert [name for name in sorted(named) if re.search(rf"s3://{re.escape(name)}\b", readme.TEXT + MANIFESTS)] == []


def test_json_that_is_to_be_pasted_is_json() -> None:
    """Of the cloud's command lines, policies within strings included."""
    pasted = [word for words in readme.commands("aws") for word in words if word.startswith(("{", "["))]

    assert len(pasted) >= 9
    for text in pasted:
        told = json.loads(text)
        for value in told.values() if isinstance(told, dict) else []:
            if isinstance(value, str) and value.startswith("{"):
                json.loads(value)


def _scaled(overlay: str) -> dict[str, Any]:
    """Everything that the table of scaling can name."""
    [service] = [d for d in committed(overlay) if d["kind"] == "Service" and d["metadata"]["name"] == "zeropage"]
    template = service["spec"]["template"]
    notes = {key.partition("/")[2]: value for key, value in template["metadata"]["annotations"].items()}
    return notes | template["spec"] | {"class": notes["class"].partition(".")[0]}


@pytest.mark.parametrize(("column", "overlay"), [(1, "cpu"), (2, "gpu")])
def test_the_values_of_scaling_are_those_of_the_manifests(column: int, overlay: str) -> None:
    """Row by row."""
    there = _scaled(overlay)
    rows = readme.table("Annotation or field")
    wrong = []
    for row in rows:
        names = [code for code in codes_of(row, 0) if not code.startswith("OCR_")]
        cell = row[1] if row[column] == "the same" else row[column]
        values = cell.split(", ") * (len(names) if ", " not in cell else 1)
        wrong += [(n, v, there[n]) for n, v in zip(names, values, strict=True) if str(there[n]) != v]

    assert wrong == []
    told = {code for row in rows for code in codes_of(row, 0)}
    assert {name for name in _scaled(overlay) if name in _scaled("cpu") and name.endswith(("scale", "window"))} <= told


def test_each_symptom_has_a_cause_and_a_cure() -> None:
    """Three cells a row, none empty; problems by the names that answers carry."""
    rows = readme.table("You see")
    problems = {row.split("`")[1] for row in tables.problems()[2:]}
    named = {code for row in rows for code in re.findall(r"\b[45]\d\d `([a-z-]+)`", row[0])}

    assert len(rows) >= 25
    assert [row for row in rows if len(row) != 3 or not all(row)] == []
    assert named - problems == set()


def test_argo_cd_ignores_what_the_sink_binding_sets() -> None:
    """And takes the folder that the page tells to make, in the namespace it tells."""
    text = (KNATIVE / "gitops/application.yaml").read_text(encoding="utf-8")
    application = yaml.safe_load(text)
    [ignored] = application["spec"]["ignoreDifferences"]
    [expression] = ignored["jqPathExpressions"]

    assert (ignored["group"], ignored["kind"]) == ("serving.knative.dev", "Service")
    assert set(re.findall(r'"(\w+)"', expression)) == {"K_SINK", "K_CE_OVERRIDES"}
    assert "RespectIgnoreDifferences" not in str(application["spec"]["syncPolicy"])
    assert application["spec"]["source"]["path"] == "site"
    assert application["spec"]["destination"]["namespace"] == "documents"


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_the_expression_finds_these_variables_and_no_other() -> None:
    """By jq itself, as Argo CD uses it: to delete paths."""
    application = yaml.safe_load((KNATIVE / "gitops/application.yaml").read_text(encoding="utf-8"))
    [expression] = application["spec"]["ignoreDifferences"][0]["jqPathExpressions"]
    [service] = [d for d in committed("local") if d["kind"] == "Service"]
    env = service["spec"]["template"]["spec"]["containers"][0]["env"]
    before = json.dumps(env)
    env += [{"name": "K_SINK", "value": "http://broker"}, {"name": "K_CE_OVERRIDES", "value": ""}]
    done = subprocess.run(
        ["jq", f"del({expression})"], input=json.dumps(service), capture_output=True, text=True, timeout=60, check=True
    )

    assert json.loads(done.stdout)["spec"]["template"]["spec"]["containers"][0]["env"] == json.loads(before)
