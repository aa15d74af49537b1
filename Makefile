# Two commands do all the set-up on a machine with Go: `make demo` and `make test`.

GO      ?= go
BIN     := bin/whatsapp_sla_exporter
TOOLS   := .cache/tools/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PKG     := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(PKG).Version=$(VERSION) -X $(PKG).Revision=$(shell git rev-parse HEAD 2>/dev/null) \
           -X $(PKG).Branch=$(shell git rev-parse --abbrev-ref HEAD 2>/dev/null)

.PHONY: all
all: build

.PHONY: build
build: ## the binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/whatsapp_sla_exporter

.PHONY: demo
demo: build ## the exporter on built-in simulators: no credentials, no network
	$(BIN) demo $(ARGS)

.PHONY: demo-full
demo-full: build ## the demo with a real Prometheus and Alertmanager
	tools/build.sh prometheus alertmanager
	deploy/demo-full.sh $(BIN) $(TOOLS)

.PHONY: test
test: tools unit rules e2e ## everything that CI runs
	@echo "all tests passed"

# Packages that also measure something large, which would take ten times as long with the race detector.
MEASURED = $(addprefix ./,$(sort $(dir $(shell grep -rl --include='*_test.go' '^//go:build !race' internal))))

.PHONY: unit
unit: ## unit tests, race detector, fuzz seeds
	$(GO) vet ./...
	$(GO) test -race ./...
	$(GO) test -run '^Test(Cost|Accuracy)' $(MEASURED)

.PHONY: rules
rules: tools ## alert rules and Alertmanager configuration, by the real promtool and amtool
	$(TOOLS)/promtool check rules alerts/rules/*.yaml
	$(TOOLS)/promtool test rules alerts/rules/tests/*.yaml
	$(TOOLS)/amtool check-config alerts/alertmanager.yml

# Most of what these tests do is wait: more of them run at once than there are cores. Results are not kept, because go does
# not see the exporter's binary among what they depend on.
.PHONY: e2e
e2e: build tools ## real Prometheus, Alertmanager and Chromium, in the nested module
	tools/build.sh source
	test/board/install.sh
	$(GO) vet -C test ./...
	$(GO) test -C test -count=1 -parallel 4 ./...

.PHONY: test-rt
test-rt: ## against a real Request Tracker 5 from Debian's packages; needs root there
	test/rt/run.sh

.PHONY: tools
tools: ## the pinned promtool, amtool, Prometheus and Alertmanager, built once
	tools/build.sh

.PHONY: bench
bench: ## benchmarks, each with its baseline in the same run
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-10s} $$p || exit 1; \
	  done; \
	done

LINT := .cache/bin/golangci-lint
.PHONY: lint
lint: ## linters and formatting
	@test -x $(LINT) || GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	$(LINT) run ./...
	cd test && ../$(LINT) run ./...

.PHONY: generate
generate: ## the checked-in generated files
	$(GO) generate ./...

.PHONY: help
help:
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12
