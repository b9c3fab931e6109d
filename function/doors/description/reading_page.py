"""The description as a page for people: made here, without a script, from the same data; nothing of other hosts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8886; }
details { margin: .5rem 0; border: 1px solid #8886; border-radius: .4rem; padding: .4rem .8rem; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5rem; }
code, pre { font: .9em ui-monospace, monospace; } pre { overflow: auto; padding: .6rem; background: #8882; }
table { border-collapse: collapse; width: 100%; }
td { text-align: left; vertical-align: top; padding: .2rem .6rem; border-top: 1px solid #8884; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: Nothing is loaded, nothing runs; the one style is known by its hash.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(told: dict[str, Any]) -> str:
    """HTML of a description."""
    info = told["info"]
    tags = "".join(f'<a href="#{escape(tag["name"])}">{escape(tag["name"])}</a>' for tag in told["tags"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}: API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{escape(info['title'])}</h1><p>{_prose(info['description'])}</p>"
        f'<p><a href="openapi.json">openapi.json</a>, <a href="v1/schema.json">the result\'s JSON schema</a></p>'
        f'<nav>{tags}<a href="#schemas">schemas</a></nav>'
        f"{''.join(_tag(tag, told['paths']) for tag in told['tags'])}"
        f'<h2 id="schemas">Schemas</h2>{"".join(map(_schema, told["components"]["schemas"].items()))}'
        "</main></body></html>"
    )


def _tag(tag: dict[str, str], paths: dict[str, dict[str, Any]]) -> str:
    found = [
        _operation(method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    return f'<h2 id="{escape(tag["name"])}">{escape(tag["name"])}: {escape(tag["description"])}</h2>{"".join(found)}'


def _operation(method: str, path: str, told: dict[str, Any]) -> str:
    parts = [_table("Parameters", [_parameter(one) for one in told.get("parameters", [])])]
    if body := told.get("requestBody"):
        parts.append(f"<h4>Body</h4><p>{_prose(body.get('description', ''))}</p>{_content(body['content'])}")
    rows = [
        [f"<code>{escape(status)}</code>", _prose(one["description"]), _content(one.get("content", {}))]
        for status, one in told["responses"].items()
    ]
    parts.append(_table("Answers", rows))
    return (
        f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code> {escape(told['summary'])}"
        f"</summary>{''.join(parts)}</details>"
    )


def _parameter(told: dict[str, Any]) -> list[str]:
    schema = told["schema"]
    may_be = ", ".join(map(str, schema.get("enum", []))) or schema.get("type", "")
    return [f"<code>{escape(told['name'])}</code>", escape(told["in"]), _prose(told["description"]), escape(may_be)]


def _content(content: dict[str, Any]) -> str:
    """Media types by what they hold."""
    rows = []
    for media_type, told in content.items():
        name = told["schema"].get("$ref", "").rpartition("/")[2]
        held = f' <a href="#schema-{escape(name)}">{escape(name)}</a>' if name else ""
        shown = json.dumps(told["example"], ensure_ascii=False, indent=1) if "example" in told else ""
        example = f"<details><summary>example</summary><pre>{escape(shown)}</pre></details>" if shown else ""
        rows.append(f"<div><code>{escape(media_type)}</code>{held}{example}</div>")
    return "".join(rows)


def _schema(named: tuple[str, dict[str, Any]]) -> str:
    name, schema = named
    text = escape(json.dumps(schema, ensure_ascii=False, indent=1))
    linked = re.sub(r"&quot;#/components/schemas/(\w+)&quot;", r'&quot;<a href="#schema-\1">\1</a>&quot;', text)
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code> '
        f"{_prose(schema.get('description', ''))}</summary><pre>{linked}</pre></details>"
    )


def _table(title: str, rows: list[list[str]]) -> str:
    if not rows:
        return ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<h4>{title}</h4><table>{body}</table>"


def _prose(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text)).replace("\n", "<br>")
