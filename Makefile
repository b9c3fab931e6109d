# Everything starts here; `make` alone lists it. Nothing needs to be installed beforehand but Python 3.10-3.13 (on Debian
# `apt-get install python3-venv`, once, as root) and, for `make accuracy` alone, Tesseract to compare with
# (`apt-get install tesseract-ocr`, as root; without it that column stays empty).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export PORT ?= 8080
export PYTHON
# Each of the hundreds of servers that tests start would compile our modules anew.
unexport PYTHONDONTWRITEBYTECODE
# Of the embedded S3 that `make run` starts; 0 takes a free one.
STORE_PORT ?= 9000

VENV   := .venv
# paddlex brings another OpenCV than rapidocr, under the same name; so both cannot be in one environment.
PADDLE := build/paddle
PY     := $(VENV)/bin/python
SETUP   = @requirements/make-venv.sh $(VENV) && requirements/install.sh $(PY) $<
# Two cores are kept busy by two workers; more than four would only load the models into memory more often.
PYTEST := $(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile
CODE   := $(wildcard function events warmup bench knative tests)
# For `make test`: `paddle` runs the tests of PaddleOCR and PaddleOCR-VL, in an environment of their own (1.8 GB).
SUITE  ?=
PADDLES := $(filter paddle,$(SUITE))
OF_PADDLE := -o filterwarnings=ignore tests/engines/paddle
PAGES  := $(sort $(wildcard warmup/pages/*.pdf warmup/pages/*.png warmup/pages/*.jpg))
# For `make accuracy`: files with NAME.txt beside each; empty takes the collection beside the repository, else our samples.
DOCUMENTS ?=
# For `make load`: more options, as LOAD="--users 5 20 --seconds 20".
LOAD   ?=
# For `make doctor`: one of knative/rendered/, or a file.
OVERLAY ?= cpu

.PHONY: help run test test-long chaos soak check accuracy load tune ladder-report sbom image image-gpu manifests doctor gpu-check

help:
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z -]+:.*## / {sub(" ", "|", $$1); printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.demo ## upload samples to an embedded S3, show their results, then stay up on $PORT (8080)
	$(PY) -m function demo --store-port $(STORE_PORT) $(PAGES)

test: $(if $(PADDLES),$(PADDLE)/.ready,$(VENV)/.dev) ## the tests, in reduced sizes, in parallel; TESTS='PATH -k NAME': some; SUITE=paddle: PaddleOCR's
	$(if $(PADDLES),$(PADDLE)/bin/python -m pytest -q -m 'paddle and not long' $(OF_PADDLE),$(PYTEST) $(TESTS))

test-long: $(VENV)/.dev $(PADDLE)/.ready ## the tests that take minutes each
	$(PY) -m pytest -m 'long and not paddle' -o faulthandler_timeout=7200
	$(PADDLE)/bin/python -m pytest -m 'paddle and long' $(OF_PADDLE)

chaos: $(VENV)/.dev ## the whole system amid disasters: SEED=any MINUTES=2; needs redis-server, with RabbitMQ if there
	$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

soak: $(VENV)/.dev ## pages through one server for MINUTES=30, its memory, descriptors, threads and latency drawn in out/
	$(PY) -m bench.soak --minutes $(or $(MINUTES),30)

check: $(VENV)/.dev ## style (mended with FIX=1), types, import ladder, documentation, licences, known vulnerabilities
	$(PY) -m ruff check $(if $(FIX),--fix) $(CODE)
	$(PY) -m ruff format $(if $(FIX),,--check) $(CODE)
	$(PY) -m mypy
	$(PY) -m pytest -q tests/test_architecture.py tests/test_docs.py tests/test_licences.py
	@requirements/supply-chain.sh audit

gpu-check: ## on a machine with a GPU and weights: load, read, compare, measure the accurate tier; PYTHON= with paddleocr
	$(or $(PYTHON),python3) -m bench.gpu_check

accuracy: $(VENV)/.dev ## compare with other readers on DOCUMENTS=folder; report in out/
	$(PY) -m bench.accuracy $(DOCUMENTS)

load: $(VENV)/.dev ## users in stages against URL=, or against our own server: key figures, charts, verdict in out/load
	$(PY) -m bench.load_test $(if $(URL),--url $(URL)) $(LOAD)

tune: $(VENV)/.dev ## try the knobs of batches on DOCUMENTS=folder with the engine that is set, and print the best
	$(PY) -m bench.tune $(or $(DOCUMENTS),$(PAGES))

ladder-report: $(VENV)/.dev ## cost against accuracy of the ladder's thresholds: DOCUMENTS=folder ACCURATE=URL
	$(PY) -m bench.ladder $(DOCUMENTS) $(if $(ACCURATE),--accurate $(ACCURATE))

sbom: ## what is shipped, from the locks: CycloneDX in out/
	requirements/supply-chain.sh sbom

image image-gpu: ## build the CPU image, or the one with PaddleOCR-VL: IMAGE= TAG= PUSH=true CPU_BASE= GPU_BASE= PADDLE_INDEX=
	knative/image/build.sh $(if $(filter %-gpu,$@),gpu,cpu)

manifests: $(VENV)/.dev ## render knative/overlays, and the flat files for `kn service apply -f`
	$(PY) -m tests.manifests

doctor: ## read a cluster through kubectl: what it lacks for OVERLAY=cpu, in NAMESPACE=the context's
	$(or $(PYTHON),python3) -m knative.doctor $(OVERLAY) $(if $(NAMESPACE),--namespace $(NAMESPACE))

# The stamps: installed again when a lock changes, at once otherwise. dev contains demo, to the same versions.

$(VENV)/.demo: requirements/demo.txt
	$(SETUP)
	@touch $@

$(VENV)/.dev: requirements/dev.txt
	$(SETUP)
	@touch $@ $(VENV)/.demo

$(PADDLE)/.ready: requirements/paddle.txt
	@requirements/make-venv.sh $(PADDLE) && requirements/install.sh $(PADDLE)/bin/python $<
	@# The models that come inside of rapidocr's wheel, without its OpenCV.
	@sed -n '/^rapidocr==/,/[^\\]$$/p' requirements/cpu.txt >$(PADDLE)/rapidocr.txt
	@requirements/install.sh $(PADDLE)/bin/python $(PADDLE)/rapidocr.txt --no-deps
	@touch $@
