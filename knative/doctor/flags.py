"""Which feature flag of Serving a field needs (v1.23, pkg/apis/serving/fieldmask.go); the linter reads this, too."""

from __future__ import annotations

#: Fields of a Knative Service's pod.
FIELDS = {
    "affinity": "kubernetes.podspec-affinity",
    "dnsConfig": "kubernetes.podspec-dnsconfig",
    "dnsPolicy": "kubernetes.podspec-dnspolicy",
    "hostAliases": "kubernetes.podspec-hostaliases",
    "hostIPC": "kubernetes.podspec-hostipc",
    "hostNetwork": "kubernetes.podspec-hostnetwork",
    "hostPID": "kubernetes.podspec-hostpid",
    "initContainers": "kubernetes.podspec-init-containers",
    "nodeSelector": "kubernetes.podspec-nodeselector",
    "priorityClassName": "kubernetes.podspec-priorityclassname",
    "runtimeClassName": "kubernetes.podspec-runtimeclassname",
    "schedulerName": "kubernetes.podspec-schedulername",
    "securityContext": "kubernetes.podspec-securitycontext",
    "shareProcessNamespace": "kubernetes.podspec-shareprocessnamespace",
    "tolerations": "kubernetes.podspec-tolerations",
    "topologySpreadConstraints": "kubernetes.podspec-topologyspreadconstraints",
}
#: Kinds of volumes; secret, configMap and projected need none.
VOLUMES = {
    "emptyDir": "kubernetes.podspec-volumes-emptydir",
    "persistentVolumeClaim": "kubernetes.podspec-persistent-volume-claim",
    "image": "kubernetes.podspec-volumes-image",
    "csi": "kubernetes.podspec-volumes-csi",
    "ephemeral": "kubernetes.podspec-volumes-ephemeral",
    "hostPath": "kubernetes.podspec-volumes-hostpath",
}
#: Probes of a container beside the one that has the port.
PROBES = "multi-container-probing"
#: A claim that is not read-only.
WRITE = "kubernetes.podspec-persistent-volume-write"
#: config/core/configmaps/features.yaml: everything else is off until an administrator turns it on.
ON_BY_DEFAULT = ("multi-container", "kubernetes.podspec-volumes-emptydir")
#: Seconds; the largest timeoutSeconds unless config-defaults raises it (pkg/apis/config/defaults.go).
MAX_TIMEOUT = 600
