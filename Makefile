# drover: make run opens it, make test tests it.

ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
# Where the person stands: with `make -C` too, for which PWD is still the caller's directory.
HERE := $(or $(DIR),$(PWD),$(CURDIR))
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Nothing looks for our own symbols while running; thousands of them exported would slow every start.
RELEASE := --package-path "$(ROOT)" -c release --static-swift-stdlib -Xlinker --no-export-dynamic
BIN := $(ROOT)/.build/release
SUPPORT := $(ROOT)/Tests/support

.PHONY: help run build release test check bench install uninstall deps format docs clean

help:
	@echo "make run       build drover and open it in the directory you stand in (DIR=… for another)"
	@echo "make test      everything that .ci/run tests; needs the real opencode for the program tests"
	@echo "make check     format, architecture, fast tests: before every commit"
	@echo "make bench     measure against the numbers of docs/performance.md"
	@echo "make install   to PREFIX ($(PREFIX)); DESTDIR is put in front"
	@echo "make deps      install the Debian packages that are missing"
	@echo "make format    lay out the sources as make check wants them"
	@echo "make docs      write the generated documents anew"
	@echo "make clean     remove everything that was built"

deps:
	@"$(SUPPORT)/deps" build

build: deps
	@cd "$(ROOT)" && $(SWIFT) build

release: deps
	@$(SWIFT) build $(RELEASE) --product drover
	@$(SWIFT) build $(RELEASE) --product fake-opencode

run: release
	@cd "$(HERE)" && exec "$(BIN)/drover"

test:
	@"$(SUPPORT)/deps" test
	@cd "$(ROOT)" && Tests/support/run-tests all

check:
	@"$(SUPPORT)/deps" build
	@cd "$(ROOT)" && $(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	@cd "$(ROOT)" && Tests/support/run-tests fast

format:
	@cd "$(ROOT)" && $(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

docs:
	@cd "$(ROOT)" && DROVER_WRITE_DOCS=1 $(SWIFT) test --filter GeneratedDocuments

bench: release
	@$$(command -v cc || command -v clang) -O2 -o "$(BIN)/bench-floor" "$(SUPPORT)/floor.c" -lncursesw
	@"$(BIN)/drover" bench

install: release
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/drover/themes" "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 755 "$(BIN)/drover" "$(BIN)/fake-opencode" "$(DESTDIR)$(PREFIX)/bin/"
	for theme in "$(ROOT)"/themes/*.json; do [ ! -e "$$theme" ] || install -m 644 "$$theme" "$(DESTDIR)$(PREFIX)/share/drover/themes/"; done
	install -m 644 "$(ROOT)/examples/config.schema.json" "$(DESTDIR)$(PREFIX)/share/drover/"
	install -m 644 "$(ROOT)/docs/drover.1" "$(DESTDIR)$(PREFIX)/share/man/man1/"
	install -d "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	"$(BIN)/drover" completions bash > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/drover"
	"$(BIN)/drover" completions zsh > "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_drover"
	"$(BIN)/drover" completions fish > "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/drover.fish"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/drover" "$(DESTDIR)$(PREFIX)/bin/fake-opencode" "$(DESTDIR)$(PREFIX)/share/man/man1/drover.1"
	rm -f "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/drover" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_drover"
	rm -f "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/drover.fish"
	rm -rf "$(DESTDIR)$(PREFIX)/share/drover"

clean:
	rm -rf "$(ROOT)/.build" "$(ROOT)/.cache"
