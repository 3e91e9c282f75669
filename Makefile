# SPDX-License-Identifier: Apache-2.0
# `make demo` and `make test` do everything on a fresh machine; `make help` lists the rest.
SHELL := /bin/bash
export JAVA_HOME := $(shell tools/jdk)
MVN := mvn -B -ntp -q
JAVA_SOURCES := $(shell find src/main -type f) pom.xml
READINGS := functions-samples/readings
GO_SOURCES := $(shell find runtime -name '*.go' -not -name '*_test.go') runtime/go.mod runtime/go.sum

.DEFAULT_GOAL := help
.PHONY: help demo test build lab deploy down format bench bench-continuity bench-gateway bench-events test-nodes clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

demo: deploy ## start the lab, deploy, move a user's function between sites, show what happened
	demo/run

test: ## every test of every tier; ends with "N passed, N failed"
	tools/test

build: target/quarkus-app/quarkus-run.jar target/carovana-runc target/carovana-install $(READINGS)/target/quarkus-app/quarkus-run.jar ## the application, the runtime wrapper, the node installer, the sample in Java

target/quarkus-app/quarkus-run.jar: $(JAVA_SOURCES)
	$(MVN) -DskipTests package
	@touch $@

$(READINGS)/target/quarkus-app/quarkus-run.jar: $(shell find $(READINGS)/src/main -type f) $(READINGS)/pom.xml
	$(MVN) -f $(READINGS) -DskipTests package
	@touch $@

target/carovana-runc: $(GO_SOURCES)
	@mkdir -p target
	cd runtime && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../target/carovana-runc .

target/carovana-install: $(GO_SOURCES)
	@mkdir -p target
	cd runtime && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../target/carovana-install ./installer

lab: ## three clusters with Liqo on this machine
	lab/up

deploy: build lab ## Carovana into the lab
	lab/deploy

down: ## end the lab
	lab/down

format: ## format Java and Go
	$(MVN) spotless:apply
	gofmt -w runtime bench

# no translation of addresses is measured
bench bench-continuity bench-gateway: export CAROVANA_LAB_NETWORK := routed

bench: deploy ## measure the freeze against the stock path: bench/results
	bench/freeze/run

bench-continuity: deploy ## measure what users see of moves: calls that fail, are lost or doubled, and pauses
	bench/continuity/run

bench-gateway: deploy ## measure what a gateway adds to a call, beside nginx and HAProxy
	bench/gateway/run

bench-events: build ## measure mobility events against a real kube-apiserver, without the lab
	lab/build && tools/kube-api-test
	bench/events/run

test-nodes: build ## what works on virtual nodes: kernels, cgroups, users, agents (an hour or more): bench/results/nodes.csv
	lab/vm/test-nodes

clean: ## remove what was built here (not the lab's cache)
	rm -rf target $(READINGS)/target
