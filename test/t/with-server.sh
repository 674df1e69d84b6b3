#!/usr/bin/env bash
# test/with-server leaves nothing behind: no process, no file, however it ends.
# Prints TAP.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit
ws=$PWD/test/with-server
unset CREDIT_TMP CREDIT_AS PGHOST PGPORT PGUSER PGDATABASE
# Where the directories go, so that other runs at the same time are not counted.
spot=$(mktemp -d "${TMPDIR:-/tmp}/ws.XXXXXX")
chmod 1777 "$spot"
trap 'rm -rf "$spot"' EXIT
export TMPDIR=$spot
n=0 bad=0

is() { # description, got, wanted
  n=$((n + 1))
  if [ "$2" = "$3" ]; then echo "ok $n - $1"; else
    echo "not ok $n - $1"
    printf '#   got: %s\n#   not: %s\n' "$2" "$3"
    bad=1
  fi
}

# Everything that a run left in our directory, and every process that names it
# in its command line, its place or its environment.
left() {
  ls -A "$spot"
  pgrep -af "$spot" | grep -v pgrep
  grep -lszF "$spot/credit." /proc/[0-9]*/environ | grep -v "/$$/"
  find /proc/[0-9]*/cwd -maxdepth 0 -lname "$spot/*" 2>/dev/null
}
settled() { # waits for the last ones to be gone; says what is still there
  for _ in $(seq 100); do
    [ -n "$(left)" ] || break
    sleep 0.1
  done
  left
}

out=$("$ws" psql -XAtc 'SELECT 6 * 7' 2>&1)
is 'success: status' $? 0
is 'success: prints what the command prints, and nothing else' "$out" 42
is 'success: nothing left' "$(settled)" ''

out=$("$ws" sh -c 'exit 7' 2>&1)
is 'failure: the status of the command' $? 7
is 'failure: silent' "$out" ''
is 'failure: nothing left' "$(settled)" ''

out=$("$ws" no-such-command-here 2>&1)
is 'unknown command: status' $? 127
is 'unknown command: nothing left' "$(settled)" ''

out=$("$ws" --conf 'no_such_setting = 1' true 2>&1)
is 'a server that cannot start: status' $? 1
is 'a server that cannot start: says why' "$(grep -c no_such_setting <<<"$out")" 1
is 'a server that cannot start: nothing left' "$(settled)" ''

# initdb that fails: in a copy of the server's tree, as Debian's can be moved.
real=${PG_CONFIG:-}
if [ -z "$real" ]; then
  for f in /usr/lib/postgresql/*/bin/pg_config; do real=$f; done
fi
bindir=$("$real" --bindir) libdir=$("$real" --pkglibdir) sharedir=$("$real" --sharedir)
touch "$spot.mark"
broken=$spot/broken
mkdir -p "$broken${bindir%/*}" "$broken${sharedir%/*}"
cp -a "$bindir" "$broken$bindir"
ln -s "$libdir" "$broken$libdir"
ln -s "$sharedir" "$broken$sharedir"
rm "$broken$bindir/initdb"
printf '#!/bin/sh\necho no room for a cluster >&2\nexit 3\n' >"$broken$bindir/initdb"
chmod -R a+rx "$broken"
out=$("$ws" --pg-config "$broken$bindir/pg_config" true 2>&1)
is 'initdb fails: its status' $? 3
is 'initdb fails: says why' "$out" 'no room for a cluster'

# A server that cannot be moved: its directories would be written to.
printf '#!/bin/sh\ncase $1 in --bindir) echo "%s" ;; *) exec "%s" "$@" ;; esac\n' "$broken/bin" "$real" >"$broken/pg_config"
mv "$broken$bindir" "$broken/bin"
chmod a+rx "$broken/pg_config"
out=$("$ws" --pg-config "$broken/pg_config" true 2>&1)
is 'a server that cannot be moved: status' $? 1
is 'a server that cannot be moved: refused' "$(grep -c 'cannot be copied' <<<"$out")" 1
is 'a server that cannot be moved: nothing is written to it' \
  "$(find "$libdir" "$sharedir" -newer "$spot.mark" 2>/dev/null)" ''
rm -rf "$broken" "$spot.mark"
is 'initdb fails: nothing left' "$(settled)" ''

# What the command leaves running: in its group, and in a session of its own.
"$ws" sh -c 'sleep 1000 & setsid sleep 1000 & psql -qXc "SELECT pg_sleep(1000)" >/dev/null 2>&1 & exit 0' >/dev/null 2>&1
is 'background processes: status' $? 0
is 'background processes: nothing left' "$(settled)" ''

# A second server of the command's own, as TAP tests start them.
# shellcheck disable=SC2016
"$ws" sh -c '$CREDIT_AS initdb -D "$CREDIT_TMP/second" -A trust >/dev/null 2>&1 &&
  $CREDIT_AS pg_ctl -D "$CREDIT_TMP/second" -o "-c listen_addresses= -k $CREDIT_TMP -p 5433" -l "$CREDIT_TMP/second/log" -w start >/dev/null'
is 'a second server: status' $? 0
is 'a second server: nothing left' "$(settled)" ''

# Signals, early and late: in the copy, in initdb, in the start, in the command;
# to the script alone (kill) and to its whole group (Ctrl-C).  With set -m each
# is started with SIGINT as a terminal has it, in a group of its own.
set -m
for signal in INT TERM HUP; do
  case $signal in INT) want=130 ;; TERM) want=143 ;; HUP) want=129 ;; esac
  for after in 0.1 0.3 0.5 1.5; do
    for whom in '' -; do
      case $signal$whom in TERM- | HUP-) continue ;; esac
      "$ws" sh -c 'sleep 1000 & sleep 1000' >"$spot.out" 2>&1 &
      pid=$!
      sleep "$after"
      kill -"$signal" -- "$whom$pid"
      wait "$pid"
      is "$signal to ${whom:+the group }after $after s: status" $? "$want"
      is "$signal to ${whom:+the group }after $after s: nothing left" "$(settled)" ''
      is "$signal to ${whom:+the group }after $after s: silent" "$(cat "$spot.out")" ''
    done
  done
done
rm -f "$spot.out"

# Killed outright: nobody is left to remove the directory, but the server goes.
# (exec: the command tells its process id, and can be ended by it.)
# shellcheck disable=SC2016
"$ws" sh -c 'echo $$ >"$CREDIT_TMP/pid"; exec sleep 1000' >/dev/null 2>&1 &
pid=$!
for _ in $(seq 100); do
  [ ! -s "$(echo "$spot"/credit.*/pid)" ] || break
  sleep 0.1
done
command=$(cat "$spot"/credit.*/pid)
kill -KILL "$pid"
wait "$pid" 2>/dev/null
kill "$command"
set +m
for _ in $(seq 50); do
  pgrep -f "$spot.*postgres" >/dev/null || break
  sleep 0.1
done
is 'KILL: no server' "$(pgrep -af "$spot.*/postgres")" ''
rm -rf "$spot"/credit.*

# --keep keeps the directory, not the server.
out=$("$ws" --keep true 2>&1)
kept=$(sed -n 's/^kept: \([^ ]*\) .*/\1/p' <<<"$out")
is '--keep: log and data are there' "$(find "$kept/log" "$kept/data" -maxdepth 0 | wc -l)" 2
is '--keep: no server' "$(pgrep -af "$kept")" ''
rm -rf "$kept"

# Directories that make or a socket's name cannot take.
for odd in "$spot/with space" "$spot/$(printf 'long%.0s' $(seq 40))"; do
  mkdir -p "$odd"
  is "TMPDIR ${odd:0:60}" "$(TMPDIR=$odd "$ws" psql -XAtc 'SELECT 1' 2>&1)" 1
  rm -rf "$odd"
done

# The tree itself may lie in such a directory.
mkdir "$spot/a tree"
tar -c --exclude=./.git . | tar -C "$spot/a tree" -x
is 'a tree whose path has a space' \
  "$(cd "$spot/a tree" && test/with-server psql -XAtc 'CREATE EXTENSION credit' -c 'SELECT extname FROM pg_extension WHERE extname = $$credit$$' 2>&1)" "CREATE EXTENSION
credit"
rm -rf "$spot/a tree"

# Two at once do not meet.
"$ws" psql -XAtc 'CREATE TABLE t(); SELECT pg_sleep(1)' >/dev/null 2>&1 &
one=$!
is 'two at once' "$("$ws" psql -XAtc "SELECT to_regclass('t') IS NULL")" t
wait $one
is 'two at once: the other' $? 0
is 'two at once: nothing left' "$(settled)" ''

echo "1..$n"
exit $bad
