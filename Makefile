# `make demo`: install, run the demo, make its page and its report.   `make test`: install and run the tests.
# `make site`: the documentation as a website.   `make gallery`: run the simulated agents of its pictures, take these.
# `make fuzz`: ten times as many generated cases of hostile input as the tests try, others each time (20 minutes of a core).
# `make scale`: tables of a million fits, and plans of the paper's grid, within their bounds of memory and time.
# `make bench`: time the fitting engine (20 minutes of one core); with RAW=FOLDER on public data too.
PYTHON ?= python3.11
VENV   ?= .venv
CORES  ?= 2
BIN    := $(VENV)/bin
LOCK   := --quiet --upgrade --upgrade-package torch==2.13.0 --strip-extras --no-annotate --no-header \
          --no-emit-index-url --no-emit-find-links

# keys of config/bench.yaml: RAW=folder of public data, TUTORIAL=file of trials
KEYS   := $(if $(RAW),raw="$(RAW)") $(if $(TUTORIAL),tutorial="$(TUTORIAL)")
BENCH  := --snakefile workflow/bench/Snakefile --cores 1 --quiet host rules reason $(if $(strip $(KEYS)),--config $(KEYS))

# the documentation's theme tells of its successor otherwise
export NO_MKDOCS_2_WARNING := 1

.PHONY: demo test test-slurm test-kills quick fuzz scale bench bench-optimisers bench-cognitive bench-dimensionality
.PHONY: bench-strategies bench-distillation agents lint docs site gallery lock install clean

demo: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake --cores $(CORES)
	PATH="$(abspath $(BIN)):$$PATH" snakemake --report results/demo/report.html
	@echo "The page is results/demo/index.html, the report results/demo/report.html; figures are in results/demo/figures, tables in results/demo/tables."

test: $(VENV)/.dev
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -n $(CORES) --dist loadgroup

quick: $(VENV)/.dev
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -n $(CORES) --dist loadgroup -m "not slow"

# as root, with Debian's munge, slurmctld, slurmd and slurm-client: it starts a SLURM and stops it
test-slurm: $(VENV)/.dev
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -rs tests/slurm

# a run killed at 20 moments, where `make test` takes 6
test-kills: $(VENV)/.dev
	PATH="$(abspath $(BIN)):$$PATH" TINYCOG_KILLS=20 $(BIN)/python -m pytest tests/workflow/test_interruptions.py

fuzz: $(VENV)/.dev
	TINYCOG_FUZZ=10 $(BIN)/python -m pytest -n $(CORES) tests/unit/test_hostile_input.py

scale: $(VENV)/.dev
	TINYCOG_FITS=1000000 $(BIN)/python -m pytest tests/workflow/test_many_fits.py tests/workflow/test_scale.py

bench: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake all $(BENCH)
	cp results/bench/tables/costs.csv resources/costs.csv
	@cat results/bench/tables/engine.md

bench-optimisers: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake optimisers $(BENCH)
	@cat results/bench/tables/optimisers.md

bench-cognitive: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake cognitive $(BENCH)
	@cat results/bench/tables/cognitive.md

bench-dimensionality: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake dimensionality $(BENCH)
	@cat results/bench/tables/dimensionality.md

# a whole run of a distillation against its fits one at a time (half an hour)
bench-distillation: $(VENV)/.run
	rm -rf results/bench-distillation
	PATH="$(abspath $(BIN)):$$PATH" python -m tinycog bench distillation config/experiments/distill-small.yaml \
	  --config run=bench-distillation --cores $(CORES) --output results/bench/tables/distillation
	@cat results/bench/tables/distillation.md

bench-strategies: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake results/strategies/tables/strategy.parquet --cores $(CORES) --scheduler greedy --configfile config/strategies.yaml
	$(BIN)/python -m tinycog bench strategies --root results/strategies --output results/bench/tables/strategies
	@cat results/bench/tables/strategies.md

# known agents on every run's page
agents: $(VENV)/.run
	PATH="$(abspath $(BIN)):$$PATH" snakemake tables --cores $(CORES) --scheduler greedy --configfile config/agents.yaml
	$(BIN)/python -m tinycog page-agents --root results/agents --output workflow/src/tinycog/page/agents.json

lint: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/snakemake --lint --snakefile workflow/bench/Snakefile
	$(BIN)/mkdocs build --quiet --strict

docs: $(VENV)/.run
	$(BIN)/python -m tinycog docs

site: $(VENV)/.dev
	$(BIN)/mkdocs build --strict

gallery: $(VENV)/.run
	set -e; for run in gallery gallery-tasks; do PATH="$(abspath $(BIN)):$$PATH" snakemake $$($(BIN)/python docs/gallery.py $$run) \
	  --cores $(CORES) --scheduler greedy --configfile config/experiments/$$run.yaml; done
	$(BIN)/python docs/gallery.py

# newest versions within the ranges of pyproject.toml; torch stays where it is and comes without its GPU libraries
lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/python -m piptools compile $(LOCK) --extra slurm --extra symbolic --output-file requirements.lock pyproject.toml
	$(BIN)/python -m piptools compile $(LOCK) --extra slurm --extra generic --extra symbolic --extra dev --output-file requirements-dev.lock pyproject.toml
	sed -i -E 's/^(torch==[0-9.]+)\+cpu/\1/; /^(nvidia|triton|cuda)/d' requirements.lock requirements-dev.lock

install: $(VENV)/.run

$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

clean:
	rm -rf results/demo .snakemake $(VENV)
