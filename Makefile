# videogend: see README.md. `make run` and `make test` are all one needs to begin with.

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
PROMPT ?= A lighthouse in a storm, waves breaking over the rocks
SWIFT ?= swift
SECONDS ?= 60
RELEASE := .build-release
RELEASE_FLAGS := -c release --scratch-path $(RELEASE) -Xswiftc -static-stdlib
PROGRAMS := videogend videogenctl nanogpt-simulator

# A build or a test must never see a real key.
ifneq ($(REAL),1)
unexport NANOGPT_API_KEY
endif

# By the environment, where no quote in it can end a word.
export PROMPT

.PHONY: run test soak test-systemd fuzz manual build install uninstall deb bench lint format clean packages test-packages

run: packages
	@scripts/run.sh

# They keep every core busy, so nothing that waits for another thread runs beside them.
BUSY_TESTS := ^(JobCoreTests|JobEngineTests|FuzzTests)\.
# Two sides that answer each other within a time limit: one test after the other, so that no side waits for a thread.
NETWORK_TESTS := ^(ControlTransportTests|NanoGPTAPITests|RemoteAPITests|NanoGPTSimulatorTests)\.

test: test-packages
	env -u NANOGPT_API_KEY $(SWIFT) build --build-tests
	env -u NANOGPT_API_KEY $(SWIFT) test --skip-build --skip EndToEndTests --skip '$(BUSY_TESTS)' --skip '$(NETWORK_TESTS)'
	env -u NANOGPT_API_KEY $(SWIFT) test --skip-build --no-parallel --filter '$(NETWORK_TESTS)'
	env -u NANOGPT_API_KEY $(SWIFT) test --skip-build --filter '$(BUSY_TESTS)'
	env -u NANOGPT_API_KEY $(SWIFT) test --skip-build --filter EndToEndTests

# Simulated worlds from fresh seeds for so many seconds (docs/reliability.md).
soak: test-packages
	env -u NANOGPT_API_KEY $(SWIFT) build --build-tests
	env -u NANOGPT_API_KEY SOAK_SECONDS=$(SECONDS) $(SWIFT) test --skip-build --filter WorldTests.soak

# Under the real systemd, from the package; as root, on any machine (Tests/Systemd/lab).
test-systemd: deb
	@scripts/packages.sh systemd dbus libnss-systemd dbus-user-session procps socat lintian man-db
	@Tests/Systemd/run.sh

# At least five minutes, half of them guided by coverage (libFuzzer); FUZZ_SECONDS for each of the targets.
FUZZ_SECONDS ?= 60
fuzz: packages
	Tests/FuzzTests/libfuzzer/run.sh $(FUZZ_SECONDS)
	$(SWIFT) build --build-tests
	VIDEOGEND_FUZZ_SECONDS=$(FUZZ_SECONDS) VIDEOGEND_FUZZ_SEED=$$(date +%s) $(SWIFT) test --skip-build --filter FuzzTests

# Manual pages and documents, from man/templates, docs/templates and the programs.
manual: packages
	$(SWIFT) build --build-tests
	VIDEOGEND_WRITE_MANUAL=1 $(SWIFT) test --skip-build --filter upToDate

build: packages
	$(SWIFT) build $(RELEASE_FLAGS) --product videogend
	$(SWIFT) build $(RELEASE_FLAGS) --product videogenctl
	$(SWIFT) build $(RELEASE_FLAGS) --product nanogpt-simulator

install:
	@scripts/install.sh "$(RELEASE)/release" "$(DESTDIR)" "$(PREFIX)"

uninstall:
	@scripts/uninstall.sh "$(DESTDIR)" "$(PREFIX)"

deb: build
	@scripts/packages.sh dpkg-dev binutils
	@scripts/deb.sh "$(RELEASE)/release"

bench: packages
	@env -u NANOGPT_API_KEY Tests/Benchmarks/run.sh

lint:
	@scripts/lint.sh

format:
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

clean:
	rm -rf .build $(RELEASE) run *.deb

packages:
	@scripts/packages.sh libsystemd-dev libsqlite3-dev zlib1g-dev ca-certificates

test-packages:
	@scripts/packages.sh libsystemd-dev libsqlite3-dev zlib1g-dev ca-certificates socat ffmpeg openssl procps \
		curl jq nodejs python3 tmux zsh fish strace
