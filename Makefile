# credit: a PostgreSQL extension for public-credit registers.
#   make            build          make demo     see it work on a throw-away server
#   make install    install        make check    every test, on throw-away servers

EXTENSION = credit
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" credit.control)
MODULE_big = credit
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA_built = credit--$(EXTVERSION).sql
DATA = $(wildcard sql/updates/credit--*--*.sql)
REGRESS = $(notdir $(basename $(sort $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test --expecteddir=. --load-extension=credit
EXTRA_CLEAN = credit--$(EXTVERSION).sql

PG_MAJOR ?= 15
PG_CONFIG ?= /usr/lib/postgresql/$(PG_MAJOR)/bin/pg_config
PG_CPPFLAGS = -Wall -Wextra -Wno-unused-parameter -DCREDIT_VERSION=\"$(EXTVERSION)\" $(shell pkg-config --cflags icu-i18n icu-uc)
SHLIB_LINK = $(shell pkg-config --libs icu-i18n icu-uc)
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
include $(PGXS)

# The pieces in order, with the rows of data/*.csv in their places.
credit--$(EXTVERSION).sql: $(sort $(wildcard sql/install/*.sql)) sql/expand.awk $(wildcard data/*.csv)
	awk -f sql/expand.awk $(filter sql/install/%.sql,$^) >$@.new && mv $@.new $@
