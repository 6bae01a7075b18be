# `make demo` and `make test` set up everything they need; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup web plugin demo test check check-slow format reference errors bench evaluate wheel system clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QGIS_PYTHON ?= /usr/bin/python3
QGIS_VENV := .venv-qgis
QGIS_READY := $(QGIS_VENV)/.ready
QT6_READY := $(VENV)/.qt6
DEMO_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
EVALUATE_ARGS ?= --runs 1000 --r-runs 100
export AUDAN_DATA ?= $(wildcard $(abspath ../shared/data))

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ —/' 

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

# What runs inside QGIS has Debian's Python; without QGIS there is nothing to set up, and its tests say so.
$(QGIS_READY): pyproject.toml constraints.txt
	@if $(QGIS_PYTHON) -c 'import qgis.core' 2>/dev/null; then \
	  $(QGIS_PYTHON) -m venv --system-site-packages $(QGIS_VENV) && \
	  $(QGIS_VENV)/bin/pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt \
	    pytest pytest-qgis pytest-timeout && touch $@; \
	fi

$(QT6_READY): $(READY)
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt --editable '.[qt6]'
	touch $@

setup: $(READY) ## make the virtual environment

web: $(READY) ## build the web map (Node of the machine, or from a wheel)
	$(BIN)/python tile_server/web/build.py

plugin: $(READY) ## check the QGIS plugin as its repository does, and pack it into dist/
	$(BIN)/python -m qgis_plugin.package

demo: web ## build the demo area and serve it on http://127.0.0.1:8000
	$(BIN)/audan demo $(DEMO_ARGS)

test: web $(QGIS_READY) ## run the tests (under 15 minutes on two cores; three workers, since many wait, each with one thread of linear algebra)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not slow" $(PYTEST_ARGS)

check: $(READY) ## formatting, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

check-slow: web $(QGIS_READY) $(QT6_READY) ## what takes longer than CI may: full scenarios on the real data
	$(BIN)/pytest -m slow --timeout 3600 $(PYTEST_ARGS)

format: $(READY) ## let ruff format and mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(READY) ## write the generated parts of the documentation
	$(BIN)/python docs/generate.py

bench: web ## measure beside other software, and write the page of figures
	$(BIN)/audan bench $(BENCH_ARGS) --output benchmarks/results.json
	$(BIN)/python docs/generate.py

evaluate: $(READY) ## false alarms, what is found and how well months are foretold; hours, fewer with EVALUATE_ARGS
	$(BIN)/audan evaluate config/areas/london/area.toml --from 2015-04 --without 2020-03..2021-06 --leave-out fraud \
	  --output evaluation $(EVALUATE_ARGS)

errors: $(READY) ## write the page of errors from the catalogue of bad input
	$(BIN)/python docs/errors.py

wheel: web ## build the wheel, with areas, messages and the web map inside
	$(BIN)/python -m build --wheel --outdir dist

system: ## install the Debian packages that the full test run needs (as root)
	.ci/install-system

clean: ## remove what was built
	rm -rf $(VENV) $(QGIS_VENV) build dist *.egg-info tile_server/web/node_modules tile_server/web/dist
