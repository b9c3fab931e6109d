"""Scalers of RabbitMQ queues, and who reads them."""

from __future__ import annotations

from tests.knative.scene import Case, drop, put

SCALER, PLAIN = "ScaledObject/plain", "Deployment/plain"
CONTAINER = "spec/template/spec/containers/0"

BAD: list[Case] = [
    ("queue-scale-bounded", drop(SCALER, "spec/maxReplicaCount")),
    ("queue-name", put(SCALER, "spec/triggers/0/metadata/queueName", "another")),
    ("queue-name", put(PLAIN, f"{CONTAINER}/env/1/value", "another")),
    ("queue-cooldown", put(SCALER, "spec/cooldownPeriod", 60)),
    ("queue-cooldown", put(PLAIN, f"{CONTAINER}/env/-", {"name": "OCR_REQUEST_SECONDS", "value": "600"})),
    ("queue-url-secret", put(PLAIN, f"{CONTAINER}/env/-", {"name": "OCR_QUEUE_URL", "value": "amqp://u:p@h"})),
    ("queue-url-secret", put("ConfigMap/settings", "data/OCR_QUEUE_URL", "amqp://u:p@h")),
    ("queue-url-secret", drop(PLAIN, f"{CONTAINER}/envFrom/1")),
    ("queue-url-secret", put(PLAIN, f"{CONTAINER}/envFrom/1/secretRef/optional", True)),
]
FINE: list[Case] = [
    ("queue-scale-bounded", drop(SCALER, "spec/triggers/0")),
    ("queue-name", put(SCALER, "spec/triggers/0/type", "prometheus")),
    ("queue-cooldown", put(SCALER, "spec/cooldownPeriod", 900)),
    ("queue-url-secret", put(PLAIN, f"{CONTAINER}/args", ["serve"]), drop(PLAIN, f"{CONTAINER}/envFrom/1")),
]
