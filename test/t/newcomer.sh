#!/usr/bin/env bash
# What a newcomer does first, as an ordinary user in a fresh copy of the tree:
# make demo, to its end and ended with Ctrl-C; a suite; install; clean.  Nothing
# is left behind but what the README names.  Prints TAP.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit
unset CREDIT_TMP CREDIT_AS PGHOST PGPORT PGUSER PGDATABASE MAKEFLAGS MAKELEVEL MFLAGS
spot=$(mktemp -d "${TMPDIR:-/tmp}/newcomer.XXXXXX")
trap 'rm -rf "$spot"' EXIT
tree=$spot/tree
mkdir -p "$tree" "$spot/tmp" "$spot/home"
tar -c --exclude=./.git --exclude='*.o' --exclude='*.d' --exclude='*.bc' --exclude='*.so' --exclude=__pycache__ \
  --exclude=./.built-with --exclude='./credit--*.sql' --exclude=./tmp_check --exclude=./results --exclude=./output_iso \
  --exclude=./demo-output --exclude=./bench/out --exclude='./regression.*' . | tar -C "$tree" -x --no-same-owner
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --init-groups --)
  chown -R postgres "$spot"
  chmod 755 "$spot"
fi
export TMPDIR=$spot/tmp HOME=$spot/home CREDIT_SLOTS=1 CREDIT_DEMO_PERSONS=1000
cd "$tree" || exit
n=0 bad=0

is() { # description, got, wanted
  n=$((n + 1))
  if [ "$2" = "$3" ]; then echo "ok $n - $1"; else
    echo "not ok $n - $1"
    printf '#   got: %s\n#   not: %s\n' "$2" "$3"
    bad=1
  fi
}
shows() { # description, file, pattern
  n=$((n + 1))
  if grep -qE "$3" "$2"; then echo "ok $n - $1"; else
    echo "not ok $n - $1"
    tail -n 30 "$2" | sed 's/^/# /'
    bad=1
  fi
}
files() { find . -type f | sort; }
# What is left in the temporary directory, and what still runs from there.
left() {
  ls -A "$spot/tmp"
  pgrep -af "$spot/tmp"
}
settled() {
  for _ in $(seq 100); do
    [ -n "$(left)" ] || break
    sleep 0.1
  done
  left
}

files >"$spot/before"
"${as[@]}" make demo >"$spot/demo" 2>&1 </dev/null
is 'make demo: status' $? 0
shows 'make demo: exactly what was planted' "$spot/demo" '✓ exactly the planted lines are held'
shows 'make demo: all that it asserts holds' "$spot/demo" 'All as asserted, in '
is 'make demo: nothing left' "$(settled)" ''
is 'make demo: the results are there' "$(cd demo-output && echo *)" 'dashboard.en.html dashboard.zh.html report.en.html report.zh.html summary.txt times.csv'

"${as[@]}" make clean >/dev/null 2>&1 </dev/null
is 'make clean: status' $? 0
files | grep -v '^./demo-output/' >"$spot/after"
is 'make clean: the tree is as it came' "$(diff "$spot/before" "$spot/after")" ''

# Ctrl-C goes to the whole group: while it builds, early and late in the demo.
set -m
for place in 'build' '━━ 2' '━━ 5'; do
  "${as[@]}" make demo >"$spot/demo" 2>&1 </dev/null &
  pid=$!
  if [ "$place" = build ]; then sleep 1; else
    for _ in $(seq 600); do
      ! grep -q "^$place" "$spot/demo" || break
      sleep 0.1
    done
  fi
  kill -INT -- "-$pid"
  wait "$pid" 2>/dev/null
  is "Ctrl-C at $place: ended, and said so" "$(($? > 0)) $(grep -c 'All as asserted' "$spot/demo")" '1 0'
  is "Ctrl-C at $place: nothing left" "$(settled)" ''
done
set +m

"${as[@]}" make >"$spot/out" 2>&1 </dev/null
is 'make: status' $? 0
"${as[@]}" make install DESTDIR="$spot/tmp/dest" >"$spot/out" 2>&1 </dev/null
is 'make install DESTDIR=: status' $? 0
is 'make install: library, control file and script' \
  "$(cd "$spot/tmp/dest" 2>/dev/null && find . -name 'credit*' -type f ! -name '*.bc' -printf '%f\n' | sort | paste -sd ' ')" \
  "$(basename credit--*.sql) credit.control credit.so credit_rulebook_cn-370323.json"
rm -rf "$spot/tmp/dest"

"${as[@]}" test/run-checks regress >"$spot/out" 2>&1 </dev/null
is 'a suite: status' $? 0
shows 'a suite: the closing line' "$spot/out" '^[1-9][0-9]* passed, 0 failed$'
is 'a suite: nothing left' "$(settled)" ''

echo "1..$n"
exit $bad
