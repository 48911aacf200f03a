# Two commands do everything on a fresh machine: make demo, make test. Both set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup demo test unit clients check fmt bench scenarios clean

UV_VERSION := 0.13.9
UV := .tools/bin/uv
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

help: ## Show these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 12

setup: .venv/.ready ## Create the environment (the other targets do it by themselves)

demo: setup ## Let a synthetic caller phone the survey persona, offline, and show what came of it
	@$(RUN)/nova-agent demo

test: setup unit ## Run every test
	@$(RUN)/pytest -q tests/e2e

clients: setup ## Prepare and try other people's clients of Nova Sonic: Python, Node, Java, LiveKit, pipecat
	@bash .ci/clients --java
	@$(RUN)/pytest -q tests/e2e/clients

unit: setup ## Run the quick tests only
	@$(RUN)/pytest -q tests/unit tests/contract

check: setup ## Check format, lint, types and layering
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

fmt: setup ## Format, and mend what the linter can mend
	@$(RUN)/ruff format .
	@$(RUN)/ruff check --fix .

bench: setup ## Measure latency, time to first audio and CPU per call
	@$(RUN)/python -m benchmarks

scenarios: setup ## Let all scripted callers call, and grade the rows they leave
	@$(RUN)/nova-agent scenarios tests/scenarios

clean: ## Remove the environment and the data of demos
	rm -rf .venv .tools data

.venv/.ready: pyproject.toml uv.lock .tools/.ready
	@$(UV) sync --quiet --locked --all-extras --python "$$(cat .tools/.python)"
	@touch $@

.tools/.ready: .ci/bootstrap
	@bash .ci/bootstrap $(UV_VERSION)
	@touch $@
