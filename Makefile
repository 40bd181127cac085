# Two commands: `make demo` shows it, `make test` checks it. Both set everything up first, once.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: setup demo test test-arm64 lint bench instructions clean
setup:
	@test -n "$(PYTHON)" || { echo "Glasspath needs Python 3.11 or newer: sudo apt-get install -y python3"; exit 1; }
	@$(PYTHON) .ci/setup.py

demo: setup
	@.venv/bin/edge demo

test: setup lint
	@.venv/bin/python -m pytest

lint: setup
	@if [ -x .venv/bin/ruff ]; then .venv/bin/ruff check . && .venv/bin/ruff format --check -q . && .venv/bin/mypy; fi

bench: setup
	@for b in loop idle replay accuracy; do .venv/bin/python -m benchmarks.$$b --quick || exit 1; done

instructions: setup
	@.venv/bin/python -m benchmarks.instructions --check

clean:
	rm -rf .venv out build dist *.egg-info

test-arm64: setup
	@.venv/bin/python .ci/arm64.py
