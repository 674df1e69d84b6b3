# credit: a PostgreSQL extension for public-credit registers.
#
#   make            build              make demo        see it work on a throw-away server
#   make check      every test         make bench       measure it beside what people use today
#   make install    install            make installcheck  the tests, against a server of yours
#   make fuzz       SECONDS=60         make crosscheck  against independent implementations
#   make lint       make valgrind      make roots       PostgreSQL 17 and 18, in roots of their own
#   make check ROOTS="17 18" SECONDS=30   all of it in one run, as CI does
#
# On a bare Debian machine, as root, each of them first installs what it needs.
# Only `make install` writes outside this tree and the temporary directory.

EXTENSION = credit
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" credit.control)

# Debian packages by purpose; nothing is pinned.  Server and headers are always
# installed together: a library built with newer headers may need a symbol that
# an older server of the same major lacks.
NEED_server = postgresql-$(PG_MAJOR) postgresql-client-$(PG_MAJOR) postgresql-server-dev-$(PG_MAJOR)
NEED_build = $(NEED_server) gcc libc6-dev libicu-dev libssl-dev pkgconf
NEED_check = $(NEED_build) libipc-run-perl perl python3 clang libclang-rt-dev valgrind python3-stdnum python3-jsonschema shellcheck procps pgbouncer \
  chromium fonts-wqy-microhei poppler-utils faketime $(NEED_pgaudit)
# Debian has it for these.
NEED_pgaudit = $(if $(filter 15 17 18,$(PG_MAJOR)),postgresql-$(PG_MAJOR)-pgaudit)
NEED_bench = $(NEED_build) python3
NEED_demo = $(NEED_build) python3
NEED_fuzz = $(NEED_build) clang libclang-rt-dev python3
NEED_lint = $(NEED_build) clang python3 shellcheck
NEED_roots = mmdebstrap debian-archive-keyring iproute2

# The newest major installed here with which extensions can be built; on a bare
# machine the one that this Debian carries.
PG_MAJOR ?= $(or \
  $(patsubst /usr/lib/postgresql/%/lib/pgxs/src/makefiles/pgxs.mk,%,$(lastword $(sort \
    $(wildcard /usr/lib/postgresql/*/lib/pgxs/src/makefiles/pgxs.mk)))), \
  $(shell . /etc/os-release 2>/dev/null; case "$$VERSION_ID" in (12) echo 15 ;; (13) echo 17 ;; (*) echo 18 ;; esac))
PG_CONFIG ?= $(firstword $(wildcard /usr/lib/postgresql/$(PG_MAJOR)/bin/pg_config) pg_config)
# libpq-dev alone brings a pg_config that names a file which is not there.
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
NEED = test/need
SECONDS ?= 60
ROOTS ?=
export PG_MAJOR

# Goals that PGXS does not have, or has only to refuse (check).  They run scripts
# that build and test through this Makefile, so PGXS is not read for them.
OURS = bench check crosscheck demo fuzz lint need-build need-check need-demo roots valgrind
ifneq ($(filter $(OURS),$(MAKECMDGOALS)),)

.NOTPARALLEL:
.PHONY: $(MAKECMDGOALS)
BUILD = $(MAKE) --no-print-directory all
need-build:
	@$(NEED) $(NEED_build)
need-demo:
	@$(NEED) $(NEED_demo)
need-check:
	@$(NEED) $(NEED_check)
demo: need-demo
	@$(BUILD) -s
	@PG_CONFIG=$(PG_CONFIG) test/with-server --conf fsync=on --conf shared_preload_libraries=credit \
	  --conf max_wal_size=4GB --conf shared_buffers=512MB demo/run
# Fuzzing takes 20 seconds unless told otherwise.  Without what roots need they
# are skipped, with that reason.
check: need-check
	@[ -z "$(ROOTS)" ] || $(NEED) $(NEED_roots) || true
	@$(BUILD) -s
	@PG_CONFIG=$(PG_CONFIG) CREDIT_FUZZ_SECONDS=$(if $(filter command,$(origin SECONDS)),$(SECONDS),20) \
	  test/run-checks $(if $(ROOTS),$(shell test/run-suite --list) $(ROOTS:%=root-%))
crosscheck valgrind: need-check
	@$(BUILD) -s
	@PG_CONFIG=$(PG_CONFIG) test/run-checks $@
lint:
	@$(NEED) $(NEED_lint)
	@$(BUILD) -s
	@PG_CONFIG=$(PG_CONFIG) test/run-checks lint lint-self warnings-gcc warnings-clang catalogue
fuzz:
	@$(NEED) $(NEED_fuzz)
	@$(BUILD) -s
	test/fuzz/run $(SECONDS)
roots:
	@$(NEED) $(NEED_roots)
	@test/run-checks root-17 root-18
bench:
	@$(NEED) $(NEED_bench)
	@$(BUILD) -s
	PG_CONFIG=$(PG_CONFIG) test/with-server bench/run
	PG_CONFIG=$(PG_CONFIG) test/with-server bench/audit
# The rest of a mixed command line (make clean check), in its order.
$(filter-out $(OURS),$(MAKECMDGOALS)):
	@$(MAKE) --no-print-directory $@

else ifeq ($(PGXS),)		# a bare machine: install, then read this file anew

.PHONY: all clean install installcheck uninstall
all install installcheck uninstall:
	@[ -z "$(CREDIT_TRIED)" ] || { echo "No PostgreSQL to build with was found: say PG_CONFIG=/path/to/pg_config" >&2; exit 1; }
	@$(NEED) $(NEED_build)
	@$(MAKE) --no-print-directory $@ CREDIT_TRIED=1 PG_CONFIG=/usr/lib/postgresql/$(PG_MAJOR)/bin/pg_config
clean:
	rm -rf src/*.o src/*.d src/*.bc credit.so credit--$(EXTVERSION).sql .built-with

else

MODULE_big = credit
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA_built = credit--$(EXTVERSION).sql
# Rulebooks are installed beside the control file, as credit_rulebook_NAME.json.
SHIPPED = $(wildcard data/credit_rulebook_*.json)
DATA = $(wildcard sql/updates/credit--*--*.sql) $(SHIPPED)

# installcheck: test/sql with expected, test/isolation, test/t.
# A test whose name ends in _NN needs PostgreSQL NN or later.
REGRESS = $(filter-out $(foreach v,16 17 18 19,$(if $(shell [ 0$(MAJORVERSION) -ge $v ] || echo later),%_$v)), \
  $(notdir $(basename $(sort $(wildcard test/sql/*.sql)))))
# pg_regress of 15 finds expected/ by itself and does not know the option.
REGRESS_OPTS = --inputdir=test $(if $(filter 15,$(MAJORVERSION)),,--expecteddir=.) --load-extension=credit
ISOLATION = $(notdir $(basename $(sort $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=output_iso --load-extension=credit
PROVE_TESTS = $(sort $(wildcard test/t/*.pl))
TAP_TESTS = $(if $(PROVE_TESTS),1)
EXTRA_CLEAN = src/*.d .built-with

# libcrypto only where a room uses it.
LIBS_USED = icu-i18n icu-uc $(if $(shell grep -l 'include <openssl/' src/*.c 2>/dev/null),libcrypto)
PG_CPPFLAGS = -Wall -Wextra -Wno-unused-parameter -DCREDIT_VERSION=\"$(EXTVERSION)\" \
  $(shell pkg-config --cflags $(LIBS_USED))
PG_CFLAGS = -MMD -MP
SHLIB_LINK = $(shell pkg-config --libs $(LIBS_USED))
include $(PGXS)

print-%:
	@echo '$($*)'

# Ours must come before PGXS's first goal where packages may be missing: one
# dpkg-query, and nothing else when all is there.
ifeq ($(filter clean,$(MAKECMDGOALS)),)
ifneq ($(shell pkg-config --exists $(LIBS_USED) 2>/dev/null && command -v $(firstword $(CC)) && echo ok),)
else
$(shell $(NEED) $(NEED_build) >&2)
ifneq ($(.SHELLSTATUS),0)
$(error packages are missing)
endif
endif
endif

# Objects know their headers (-MMD) and what they were built with: another
# compiler, other flags or another server's headers build them anew (KEEP_BUILD:
# install what is built, with whatever it was built).
-include $(OBJS:.o=.d)
BUILT_WITH = $(VERSION) $(EXTVERSION) $(CC) $(CFLAGS) $(LIBS_USED)
$(OBJS): .built-with
$(OBJS:.o=.bc): %.bc: %.o
.built-with: $(if $(KEEP_BUILD),,FORCE)
	@echo '$(BUILT_WITH)' | cmp -s - $@ || echo '$(BUILT_WITH)' 2>/dev/null >$@ || \
	  { echo "This tree was built by another user; run make clean as that user, or clone it anew." >&2; exit 1; }
.PHONY: FORCE
FORCE:

# The pieces in order, with the rows of data/*.csv in their places.  Also when a
# piece was taken away: the list of pieces is part of the state.
credit--$(EXTVERSION).sql: $(sort $(wildcard sql/install/*.sql)) sql/install sql/expand.awk $(wildcard data/*) credit.control
	awk -f sql/expand.awk $(filter sql/install/%.sql,$^) >$@.new && mv $@.new $@

endif
