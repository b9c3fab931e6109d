"""What a cluster lacks for what is about to be applied, with the command that mends it.

    make doctor OVERLAY=gpu                                        one of knative/rendered/
    kubectl kustomize my/overlay | python3 -m knative.doctor -     your own
    kubectl kustomize my/overlay | python3 -m knative.doctor - --offline     what strangers would reach; no cluster

It reads the manifests, asks the cluster only for what they need, and changes nothing: rights to get and list are
enough, and what they do not reach is called unknown. Needs kubectl, and of Python only its own library.

Exit codes: 0 nothing is missing, 1 something is, 2 usage, 75 the cluster cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from knative.doctor import eventing, nodes, serving
from knative.doctor.kubectl import Kubectl, UnreadableError
from knative.doctor.manifests import Finding, Manifests
from knative.doctor.strangers import strangers

RENDERED = Path(__file__).resolve().parent.parent / "rendered"
CHECKS: tuple[Callable[[Manifests, Kubectl], Iterator[Finding]], ...] = (
    serving.kinds,
    serving.versions,
    serving.features,
    serving.timeouts,
    serving.initial_scale,
    serving.autoscalers,
    serving.way_in,
    eventing.brokers,
    eventing.identities,
    nodes.gpus,
    nodes.selected_nodes,
    nodes.runtime_classes,
    nodes.storage,
    nodes.secrets,
)


def examine(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Every check; one that may not read what it needs is told as unknown, and the others go on."""
    for check in CHECKS:
        try:
            yield from check(manifests, cluster)
        except UnreadableError as problem:
            meant = (check.__doc__ or "").partition("\n")[0]
            yield Finding("unknown", check.__name__.replace("_", " "), str(problem), f"not checked: {meant}")


def report(findings: Sequence[Finding]) -> str:
    """A table, and under each line that is not ok what helps."""
    width = max((len(finding.what) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:8} {finding.what:{width}}  {finding.found}")
        if finding.state != "ok":
            lines.append(f"{'':8}   {finding.mend}")
    counts = {
        state: sum(finding.state == state for finding in findings) for state in ("ok", "missing", "advice", "unknown")
    }
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items() if count or state == "missing"))
    return "\n".join(lines)


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    overlays = sorted(path.stem for path in RENDERED.glob("*.yaml"))
    parser = argparse.ArgumentParser(prog="python3 -m knative.doctor", description=__doc__.partition("\n")[0])
    parser.add_argument("manifests", help=f"a file, - for standard input, or an overlay: {', '.join(overlays)}")
    parser.add_argument("--namespace", default="", help="where they go; the context's own unless said")
    parser.add_argument("--context", default="", help="of kubectl's configuration")
    parser.add_argument("--offline", action="store_true", help="ask no cluster: only what strangers would reach")
    parser.add_argument(
        "--trusted", action="store_true", help="whoever reaches the ingress is trusted: open doors are no fault"
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Examine, print, and tell by the exit code."""
    told = arguments(words)
    overlay = RENDERED / f"{told.manifests}.yaml"
    path = overlay if overlay.exists() else Path(told.manifests)
    cluster = Kubectl(["--context", told.context] if told.context else [], told.namespace)
    try:
        text = sys.stdin.read() if told.manifests == "-" else path.read_text(encoding="utf-8")
    except OSError as problem:
        print(f"{path}: {problem.strerror}. Name a file, -, or one of the overlays.", file=sys.stderr)
        return 2
    findings: list[Finding] = []
    unread = 0
    try:
        manifests = Manifests(cluster.documents(text) if text.strip() else [])
        if not manifests.documents:
            print(
                f"{path}: there are no manifests in it; `kubectl kustomize` says why it printed none.", file=sys.stderr
            )
            return 2
        findings += strangers(manifests, trusted=told.trusted)
        if not told.offline:
            cluster.run("get", "--raw", "/version")
            findings += examine(manifests, cluster)
    except UnreadableError as problem:
        print(f"The cluster cannot be read: {problem}", file=sys.stderr)
        print("kubectl must reach it: try `kubectl version`, `kubectl config get-contexts`.", file=sys.stderr)
        unread = 75
    if findings or not unread:
        print(report(findings))
    return int(any(finding.state == "missing" for finding in findings)) or unread


if __name__ == "__main__":
    sys.exit(main())
