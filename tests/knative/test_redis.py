"""The component redis: who is told of it, and that its server does what the manifest says."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from function.caches.base import CacheFailed
from function.caches.redis import RedisCache
from tests import redis_server
from tests.caches.conftest import eventually
from tests.knative.rendering import combined, kubectl
from tests.manifests import KNATIVE

renders = pytest.mark.skipif(kubectl() is not None, reason=str(kubectl()))


def told_of_the_cache(documents: list[dict[str, Any]]) -> dict[str, int]:
    """How often OCR_CACHE stands in the environment of each Service and Deployment of ours."""
    return {
        document["metadata"]["name"]: sum(
            entry["name"] == "OCR_CACHE"
            for container in document["spec"]["template"]["spec"]["containers"]
            for entry in container["env"]
        )
        for document in documents
        if "containers" in document.get("spec", {}).get("template", {}).get("spec", {})
    }


@renders
@pytest.mark.parametrize("component", ["redis", "redis-external"])
def test_whoever_reads_is_told_and_nobody_else(component: str) -> None:
    """Once each: the reader, and the front, which reads what callers post; not the archive of dead letters."""
    roles = combined(["base"], ["broker", "network-policy", "front-and-reader", "dead-letter", component])
    alone = combined(["base"], ["broker", component])
    plain = combined(["base/settings"], ["deployment", component])
    server = {"zeropage-redis": 0} if component == "redis" else {}

    assert told_of_the_cache(roles) == {"zeropage": 1, "zeropage-front": 1, "zeropage-deadletter": 0, **server}
    assert told_of_the_cache(alone) == {"zeropage": 1, **server}
    assert told_of_the_cache(plain) == {"zeropage": 1, **server}


@renders
def test_policies_let_the_function_through_and_nobody_else() -> None:
    """Out of its pods to Redis' port, and into Redis' pods from it alone."""
    documents = combined(["base"], ["broker", "network-policy", "redis"])
    policies = {d["metadata"]["name"]: d["spec"] for d in documents if d["kind"] == "NetworkPolicy"}

    assert {"ports": [{"port": 6379}, {"port": 6380}]} in policies["zeropage"]["egress"]
    assert policies["zeropage-redis"]["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "zeropage"}}}],
            "ports": [{"port": 6379}],
        }
    ]


def test_the_server_takes_its_arguments_and_asks_for_the_password() -> None:
    """Run as in the pod: bounded, the least used goes first, nothing on disk, nobody in without the password."""
    manifest = (KNATIVE / "components/redis/redis.yaml").read_text(encoding="utf-8")
    [container] = yaml.safe_load(manifest)["spec"]["template"]["spec"]["containers"]
    arguments = [word.replace("$(REDIS_PASSWORD)", "c0ffee") for word in container["args"]]

    with redis_server.running(arguments) as server:
        assert server.say(b"GET", b"a").startswith(b"-NOAUTH")
        caches = [
            RedisCache(url, namespace="n", seconds=60, timeout=30, max_bytes=1000)
            for url in (server.url.replace("//", "//:c0ffee@"), server.url)
        ]
        caches[0].put("key", b"value")
        eventually(lambda: caches[0].get("key") == b"value")
        with pytest.raises(CacheFailed):
            caches[1].get("key")
        told = server.say(b"AUTH", b"c0ffee", then=(b"CONFIG", b"GET", b"maxmemory*"))
        for cache in caches:
            cache.close()

    assert b"allkeys-lru" in told
    assert str(256 << 20).encode() in told
