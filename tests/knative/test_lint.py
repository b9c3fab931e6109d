"""Each rule of the linter finds what it is for, and lets pass what is right: one that cannot fail is worth nothing."""

from __future__ import annotations

import pytest

from tests.knative.cases import accurate, audience, eventing, ours, queues, remote, scaling, serving
from tests.knative.lint import RULES, lint
from tests.knative.lint.model import Resource
from tests.knative.scene import Case, Scene, after, put

THEMES = (serving, scaling, eventing, audience, ours, queues, accurate, remote)
BAD = [case for theme in THEMES for case in theme.BAD]
FINE = [case for theme in THEMES for case in theme.FINE]


def named(cases: list[Case]) -> list[str]:
    """A name a case, by its rule."""
    return [f"{case[0]}-{index}" for index, case in enumerate(cases)]


def test_the_good_world_passes_every_rule() -> None:
    """What the cases break is whole beforehand, so a finding is the edit's."""
    assert [str(finding) for finding in lint(after([]))] == []


@pytest.mark.parametrize("case", BAD, ids=named(BAD))
def test_a_rule_finds_what_breaks_it(case: Case) -> None:
    """One edit, and the rule speaks; it names the resource, the field, the reason, the remedy and its fact."""
    rule, *edits = case
    world = after(edits)
    faults = list(RULES[rule].check(world))

    assert faults
    for fault in faults:
        assert fault.resource in world.resources
        assert all((fault.path, fault.reason, fault.remedy))


@pytest.mark.parametrize("case", FINE, ids=named(FINE))
def test_a_rule_lets_pass_what_is_right(case: Case) -> None:
    """Near the fault, but none."""
    rule, *edits = case

    assert [fault.reason for fault in RULES[rule].check(after(edits))] == []


@pytest.mark.parametrize("part", ["spec", "metadata", "data"])
def test_a_manifest_with_holes_is_judged_too(part: str) -> None:
    """Parts that are missing or empty are for the rules to find, one by one, never for a traceback."""
    for document in Scene().documents:
        name = str(Resource(document))
        if part in document and part != "metadata":
            lint(after([put(name, part, None)]))
            lint(after([put(name, part, {})]))
        elif part == "metadata":
            lint(after([put(name, "metadata", {"name": document["metadata"]["name"]})]))


def test_every_rule_has_a_case_that_breaks_it() -> None:
    """No rule is taken on trust."""
    assert sorted(RULES) == sorted({case[0] for case in BAD})


def test_every_rule_says_where_it_comes_from() -> None:
    """A fact and a docstring; nobody obeys a rule without a reason."""
    assert [rule.name for rule in RULES.values() if not rule.fact or not rule.check.__doc__] == []


def test_a_finding_reads_as_one_line() -> None:
    """Resource, path, reason, remedy, rule and fact, for a person at a terminal."""
    [finding] = [found for found in lint(after(ours.BAD[0][1:])) if found.rule.name == ours.BAD[0][0]]

    assert str(finding) == (
        "Service/letters spec.template.spec.containers[0].securityContext.runAsNonRoot: may run as root. Say true. "
        "[restricted-user: Pod Security restricted: runAsNonRoot; a numeric user lets the kubelet see it]"
    )
