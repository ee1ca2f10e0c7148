# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What each target does is in tests/tools; everything that is made lies in .cache.
PYTHON ?= python3

.PHONY: help demo check test docs conformance bench tools clean

help:
	@echo "make demo         build and install the collection, and take the example inventory from nothing to a patched fleet, twice"
	@echo "make check        style, types and unit tests: for daily work"
	@echo "make test         everything, on every ansible-core that a Python here can run"
	@echo "make docs         the documentation as a site, in .cache/docs/html"
	@echo "make conformance  the engine against the real programs; DOCUMENTS=20000 for each fuzzer"
	@echo "make bench        speed, as ratios to other ways to the same end; PARTS=node for that part"
	@echo "make tools        build butane, ignition-validate, vcsim and the like, and install Azurite and kubernetes.core"
	@echo "make clean        remove .cache"

demo:
	@$(PYTHON) tests/tools/demo.py

check:
	@$(PYTHON) tests/tools/check.py

test:
	@$(PYTHON) tests/tools/suite.py

docs:
	@$(PYTHON) tests/tools/docs.py

conformance:
	@$(PYTHON) tests/tools/conformance.py

bench:
	@$(PYTHON) tests/tools/bench.py

tools:
	@$(PYTHON) tests/tools/gotools.py
	@$(PYTHON) tests/tools/azurite.py
	@$(PYTHON) tests/tools/peers.py

clean:
	rm -rf .cache
