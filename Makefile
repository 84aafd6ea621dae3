# Everything runs in .venv, which the first target makes. PYTHON chooses the interpreter, PORT the port of demo and serve.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make requirements"

JAVASCRIPT := tests/javascript/node_modules/.package-lock.json

# Tests of what always holds, on inputs drawn at random: soak draws many.
DRAWN := tests/activity tests/rules tests/rewards tests/leaderboard tests/model tests/test_document.py \
	$(addprefix tests/operations/, test_aliases.py test_claim_properties.py test_close_properties.py test_joint.py test_kept.py \
	test_mean_properties.py test_meaning.py test_mirror_properties.py test_move.py test_programme_properties.py \
	test_properties.py test_reading.py test_simulate_properties.py test_strip_properties.py test_transfer.py test_undone.py \
	test_warnings.py)

.PHONY: demo serve test coverage bench soak schema requirements clean

demo: .venv/installed  ## a made-up company to look at
	@$(BIN)/python app.py demo

serve: .venv/installed  ## the service, without demo data
	@$(BIN)/python app.py serve

test: .venv/installed-dev $(JAVASCRIPT)  ## every check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(BIN)/python -m pytest -n 3 --dist worksteal

coverage: .venv/installed-dev $(JAVASCRIPT)  ## what the tests run of the domains and operations; takes longer than they do
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

soak: .venv/installed-dev  ## the long proofs
	$(BIN)/python -m pytest -m soak
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2 --dist worksteal $(DRAWN)

bench: .venv/installed-dev  ## the benchmarks: ours, the bare driver's, and the ratio
	$(BIN)/python -m bench

schema: .venv/installed  ## schema.graphql, from the code
	$(BIN)/python app.py schema > schema.graphql

requirements:  ## both requirements files, from their .in files; needs uv
	@command -v uv > /dev/null || { echo "make requirements needs uv: https://docs.astral.sh/uv/"; exit 1; }
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt

clean:  ## the environment, the demo and what the tools left behind
	rm -rf .venv .demo .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/javascript/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: requirements.txt .venv/made
	@echo "Installing what Laurels needs; this happens once."
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the checks need; this happens once."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(JAVASCRIPT): tests/javascript/package-lock.json
	@command -v npm > /dev/null || { echo "The checks need Node 20 or later, with npm: https://nodejs.org"; exit 1; }
	@cd tests/javascript && npm ci --silent
	@touch $@

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || \
		{ echo "Laurels needs Python 3.11 or later as $(PYTHON); name another with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || \
		{ echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@
