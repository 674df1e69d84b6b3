#!/usr/bin/env python3
"""credit.score beside sum(int8), grouped the same way: one run, interleaved.

  bench/score.py                     1 million persons x 10 records, 11 repetitions
  bench/score.py --persons 100000    a smaller register
  bench/score.py --instructions      instructions of the backend (perf) instead of its CPU time

Schemes: "simple" has a base, points for twelve items and their validity; "full"
has relapse, caps of rules and dimensions, tiers, steps, acts under several
items, a direct grade and bounds as well.  The rulebook is read from a table, in
a sub-query.  Starts its own throw-away server; touches nothing else.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from statistics import median

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
top = os.path.dirname(here)
sys.path.insert(0, here)

import report                                                       # noqa: E402
from server import Server, Session, settings                        # noqa: E402

ITEMS = [f"item_{n:02d}" for n in range(12)]
ROWS_EACH = 10
GOALS = {"simple": 1.10, "full": 2.00}
SCORE = ("credit.score((SELECT book FROM law WHERE name = '{}'), '2026-11-23', "
         "item, severity, happened_on, amount, state)")


def rulebook(name):
    basis = {"document": "d"}
    rules = []
    for n, item in enumerate(ITEMS):
        rule = {"id": item, "items": [item], "months": 12 * (1 + n % 5), "basis": basis, "confidence": "A",
                "points": n - 7 if n != 7 else 3}
        if name == "full" and n < 7:
            rule.update({"relapse": 2, "dimension": "duty"} if n < 3 else {"overlap": "act"})
        elif name == "full" and n < 9:
            del rule["points"]
            rule.update(sum="year", cap=40, tiers=[{"from": 0, "per": 1, "points": 1}, {"from": 20, "per": 2, "points": 1},
                                                   {"from": 80, "per": 3, "points": 1}])
        elif name == "full" and n == 9:
            del rule["points"]
            rule["steps"] = [{"at": 10, "points": 2}, {"at": 50, "points": 5}, {"at": 100, "points": 9.5}]
        elif name == "full" and n == 10:
            rule.update(dimension="merit", cap=15)
        elif name == "full":
            del rule["points"]
            rule["direct"] = "C"
        rules.append(rule)
    dimensions = [{"id": "duty", "zh": "义务", "en": "duty", "most_minus": 30, "per": "year"},
                  {"id": "merit", "zh": "善行", "en": "merit", "most_plus": 25, "per": "all"}]
    score = {"id": name, "basis": basis, "confidence": "A", "base": 1000, "rules": rules,
             "grades": [{"grade": "A", "from": 960}, {"grade": "B", "from": 900}, {"grade": "C"}]}
    if name == "full":
        score.update(dimensions=dimensions, least=0, most=1100)
    return json.dumps({
        "format": 1, "id": name, "version": "1", "title": {"zh": "测", "en": "bench"},
        "documents": [{"id": "d", "zh": "测", "level": "standard", "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
        "items": [{"id": i, "zh": i, "en": i, "stance": "neutral", "subjects": ["person"], "basis": basis,
                   "in_force": {"from": "2020-01-01"}, "confidence": "A"} for i in ITEMS],
        "score": score})


# Nine tenths of the records are active; amounts have decimals now and then.
TABLE = """
CREATE TABLE record (person bigint, happened_on date, severity credit.severity, v8 bigint, amount numeric, item text, state text);
SELECT setseed(0.5);
INSERT INTO record
SELECT (random() * {persons})::bigint, '2026-11-22'::date - (random() * 1500)::int,
       (ARRAY['minor', 'general', 'serious', NULL])[1 + (random() * 3)::int]::credit.severity,
       (random() * 1000)::bigint, CASE WHEN n % 4 = 0 THEN round((random() * 50)::numeric, 1) ELSE (random() * 50)::int END,
       'item_' || lpad(((random() * 12)::int % 12)::text, 2, '0'),
       CASE WHEN n % 10 = 0 THEN 'repaired' ELSE 'active' END
  FROM generate_series(1, {rows}) n;
VACUUM (ANALYZE, FREEZE) record;
"""


def note(text):
    print(text, file=sys.stderr, flush=True)


def instructions_clock(session):
    """Instructions in user space, of one backend, by perf; None where it cannot be counted."""
    def measure(sql):
        perf = subprocess.Popen(["perf", "stat", "-x,", "-e", "instructions:u", "-p", str(session.pid)],
                                stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        output = session.ask(sql)
        perf.send_signal(2)
        counted = perf.communicate()[1].split(",")[0].strip()
        if not counted.isdigit():
            raise SystemExit("bench: perf counts no instructions here")
        return int(counted), output
    return measure


def grouped(what, how):
    """Grouped by person: hashed, or in the order of an index."""
    return f"SELECT count(*) FROM (SELECT person, {what} AS s FROM record GROUP BY person OFFSET 0) AS t WHERE s IS NOT NULL;", how


class Bench:
    def __init__(self, options, session):
        self.options, self.session = options, session
        self.rows = options.persons * ROWS_EACH
        if options.instructions:
            self.measure, self.clock_name = instructions_clock(session), "instructions"
        else:
            self.measure, self.clock_name = session.timed, session.clock_name

    def interleave(self, title, variants, before, wall=False):
        """{variant: {repetition: per row}}: neighbours in time, turning order."""
        note(title)
        found = {name: {} for name in variants}
        names = list(variants)
        for rep in range(self.options.reps):
            for name in names[rep % len(names):] + names[:rep % len(names)]:
                self.session.ask(before)
                start = time.perf_counter_ns()
                spent, _ = self.measure(variants[name])
                found[name][rep] = (time.perf_counter_ns() - start if wall else spent) / self.rows
        return found

    def variants(self):
        names = {"sum(int8)": "sum(v8)", "score, simple": SCORE.format("simple"), "score, full": SCORE.format("full")}
        return {name: grouped(what, None)[0] for name, what in names.items()}


def print_table(title, unit, found):
    print(report.table([f"{title}, {unit}", *found], [
        ["median; ratio to sum(int8)"] + [report.cell(found[name], found["sum(int8)"]) for name in found]]))


def ratio(found, name):
    return median(report.ratios(found[name], found["sum(int8)"]))


def run(options, machine):
    hash_only = "SET enable_sort = off; SET enable_hashagg = on; SET max_parallel_workers_per_gather = 0;"
    parallel = ("SET enable_sort = off; SET max_parallel_workers_per_gather = {}; SET parallel_setup_cost = 0; "
                "SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;")
    with Session() as session:
        session.ask("CREATE EXTENSION credit; CREATE TABLE law (name text, book credit.rulebook);")
        for name in GOALS:
            session.ask(f"INSERT INTO law VALUES ('{name}', $b${rulebook(name)}$b$);")
        note(f"making {options.persons * ROWS_EACH:,} records")
        session.ask(TABLE.format(persons=options.persons, rows=options.persons * ROWS_EACH))
        bench = Bench(options, session)
        version = session.ask("SHOW server_version;")
        variants = bench.variants()
        for name, sql in variants.items():
            plan = session.ask(hash_only + "EXPLAIN (COSTS OFF) " + sql)
            if "HashAggregate" not in plan:
                raise SystemExit(f"bench: {name} is not hashed\n{plan}")
        unit = "instructions a row" if options.instructions else "ns a row, CPU time of the backend"
        print(f"`{' '.join(['bench/score.py', *sys.argv[1:]])}`\n\n{options.persons:,} persons x {ROWS_EACH} records; "
              f"{options.reps} interleaved repetitions, medians; ratios are of the pairs of one repetition, with their extremes.\n\n"
              f"* PostgreSQL {version}; {machine}\n")
        hashed = bench.interleave("hashed", variants, hash_only)
        print_table("hashed, no workers", unit, hashed)
        whole = {name: sql.replace("person, ", "").replace(" GROUP BY person", "") for name, sql in variants.items()}
        one = bench.interleave("one group", {k: v for k, v in whole.items() if "full" not in k}, hash_only)
        print_table("the whole table as one group", unit, one)
        goals = [report.goal_row(f"{name} scheme to sum(int8)", ratio(hashed, f"score, {name}"), goal)
                 for name, goal in GOALS.items()]
        if not options.instructions:
            speed = {}
            for workers in (0, 2):
                walls = bench.interleave(f"{workers} workers", {k: v for k, v in variants.items() if "full" not in k},
                                         parallel.format(workers), wall=True)
                print_table(f"hashed, {workers} workers", "ns a row, wall time", walls)
                speed[workers] = walls
            gain = {name: median(speed[0][name].values()) / median(speed[2][name].values()) for name in speed[0]}
            print(f"Speed-up by 2 workers: sum(int8) {gain['sum(int8)']:.2f}, score {gain['score, simple']:.2f}.\n")
            goals.append(report.goal_row("speed-up by 2 workers, score to sum(int8)",
                                         gain["score, simple"] / gain["sum(int8)"], 0.95, higher=True))
        print(report.table(["goal", "wanted", "found", ""], goals))
        return all(row[3] == "met" for row in goals)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=11)
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--strict", action="store_true", help="status 1 if a goal is missed")
    options = parser.parse_args()
    if "CREDIT_TMP" not in os.environ:
        os.execv(f"{top}/test/with-server", ["with-server", os.path.abspath(__file__), *sys.argv[1:]])
    server = Server()
    machine = report.machine()
    server.configure({**settings(options.persons * ROWS_EACH), "max_worker_processes": "8", "work_mem": "4GB",
                      "hash_mem_multiplier": "2"})
    met = run(options, machine)
    return 1 if options.strict and not met else 0


if __name__ == "__main__":
    sys.exit(main())
