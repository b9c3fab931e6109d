# The function as an image: `make image` (what reads on a CPU) and `make image-gpu` (PaddleOCR-VL beside it).
# knative/image/build.sh finds the builder of this machine and passes what this file asks for; knative/README.md, "The image".
#
#   base ──► dependencies ──► cpu           gpu-base ──► gpu-dependencies ──► gpu
#
# Kept out of the results: pip's cache, compilers, sources of tests, weights. (The fast rung's models, 31 MB, come inside
# the package rapidocr; everything larger is mounted.) The result writes to /tmp alone, so a read-only root will do.

# Pin them by digest where builds must repeat: python:3.11-slim@sha256:…, or name a copy in your own registry.
ARG CPU_BASE=python:3.11-slim
# `base` brings the driver's hooks and the CUDA runtime; cuBLAS, cuDNN and NCCL come as dependencies of paddlepaddle-gpu.
ARG GPU_BASE=nvidia/cuda:12.6.3-base-ubuntu24.04

# ---------------------------------------------------------------------------------------------------------------------
FROM ${CPU_BASE} AS base
USER 0
# Python's own images come without the standard library's bytecode, which a read-only root could never add: without this
# every cold start compiles it anew. Debian's Python has it already, and is left alone.
RUN ["python3", "-c", "import compileall, py_compile, re, sysconfig; \
compileall.compile_dir(sysconfig.get_path('stdlib'), quiet=2, workers=0, rx=re.compile('-packages/|/tests?/'), \
invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)"]

# ---------------------------------------------------------------------------------------------------------------------
FROM base AS dependencies
# python:3.11-slim has a pip; a bare Debian gets one here, which stays behind in this stage.
RUN python3 -m pip --version 2>/dev/null || \
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-pip; }
RUN python3 -m venv --without-pip /venv
COPY requirements/cpu.txt /requirements/
# Secrets, so that a mirror's password is in no layer: pip.conf names your index (and `cert = /run/secrets/ca.pem`).
# Wheels only: nothing is compiled. No index is named here, and every file's hash is checked, wherever it came from.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.pem,target=/run/secrets/ca.pem \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /venv/bin/python install --quiet --no-compile --only-binary=:all: --require-hashes \
    -r /requirements/cpu.txt
COPY knative/image/slim.py /requirements/
RUN python3 /requirements/slim.py cpu /venv
# unchecked-hash: files' times, which change between here and a node, cannot make the bytecode stale.
RUN /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib
COPY LICENSE /app/
COPY events /app/events
COPY warmup /app/warmup
COPY function /app/function
# A clone made under umask 077 must be readable by the image's user too.
RUN chmod -R u=rwX,go=rX /app && \
    /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app

# ---------------------------------------------------------------------------------------------------------------------
FROM base AS cpu
COPY --from=dependencies /venv /venv
COPY --from=dependencies /app /app
WORKDIR /app
# HOME: the user has no entry in passwd, and libraries that look for a home find the only writable folder.
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
# A number, for Kubernetes cannot tell whether a name is root (runAsNonRoot).
USER 65532:65532
EXPOSE 8080
# No shell in between: PID 1 is gunicorn's master, which handles SIGTERM. No HEALTHCHECK: Kubernetes probes /readyz.
ENTRYPOINT ["python", "-m", "function"]
CMD ["serve"]
# Last, so that another revision of the same files reuses every layer.
ARG CPU_BASE
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="zeropage" \
      org.opencontainers.image.description="Reads PDFs and images into JSON, Markdown or text, on a CPU" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${CPU_BASE}"

# ---------------------------------------------------------------------------------------------------------------------
FROM ${GPU_BASE} AS gpu-base
USER 0
# libGL and glib: paddlex insists on opencv-contrib-python, whose cv2 is linked against a desktop's libraries. A base of
# your own that has all this (behind a wall without a mirror of Ubuntu's packages) is left alone.
RUN { command -v python3 && ldconfig -p | grep -q libGL.so.1; } >/dev/null || \
    { apt-get update -qq && \
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
          ca-certificates python3 libgl1 libglib2.0-0 libgomp1 && \
      rm -rf /var/lib/apt/lists/* /var/cache/apt/*; }

# ---------------------------------------------------------------------------------------------------------------------
FROM gpu-base AS gpu-dependencies
RUN python3 -m pip --version 2>/dev/null || \
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-pip; }
RUN python3 -m venv --without-pip /venv
COPY requirements/gpu.txt /requirements/
# --no-deps: the lock is complete, and rapidocr (here for its models) would bring a second cv2 over paddlex's.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.pem,target=/run/secrets/ca.pem \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /venv/bin/python install --quiet --no-compile --only-binary=:all: --require-hashes \
    --no-deps -r /requirements/gpu.txt
# paddlepaddle-gpu 3 is on its makers' own index alone, one for each CUDA release: PaddlePaddle's installation page names
# it. PADDLE_INDEX is that index, your mirror of it, or a folder of wheels; empty takes whatever pip.conf names.
# PADDLE=none leaves it out: beside a server that holds the model (knative/components/vlm-server) nothing needs it, and the image is
# the smaller for it.
ARG PADDLE=paddlepaddle-gpu==3.3.1
ARG PADDLE_INDEX=
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.pem,target=/run/secrets/ca.pem \
    --mount=type=cache,target=/root/.cache/pip \
    [ "$PADDLE" = none ] || python3 -m pip --python /venv/bin/python install --quiet --no-compile --only-binary=:all: \
    ${PADDLE_INDEX:+--extra-index-url "$PADDLE_INDEX"} "$PADDLE" || \
    { echo "$PADDLE was not found or not fetched: name its makers' index by PADDLE_INDEX, or leave it out by PADDLE=none" >&2; exit 1; }
COPY knative/image/slim.py /requirements/
RUN python3 /requirements/slim.py gpu /venv
RUN /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib
COPY LICENSE /app/
COPY events /app/events
COPY warmup /app/warmup
COPY function /app/function
RUN chmod -R u=rwX,go=rX /app && \
    /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app

# ---------------------------------------------------------------------------------------------------------------------
FROM gpu-base AS gpu
COPY --from=gpu-dependencies /venv /venv
COPY --from=gpu-dependencies /app /app
WORKDIR /app
# PADDLE_PDX_CACHE_HOME: importing paddlex makes folders there. The two others are NVIDIA's container runtime's.
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    PADDLE_PDX_CACHE_HOME=/tmp/paddlex NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "function"]
CMD ["serve"]
ARG GPU_BASE
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="zeropage-gpu" \
      org.opencontainers.image.description="Reads PDFs and images into JSON, Markdown or text, on a GPU" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${GPU_BASE}"
