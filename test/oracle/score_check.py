#!/usr/bin/env python3
"""Scores against an algorithm of its own, over random schemes and records.

    score_check.py [SETS [SEED]]      default 60000 record sets, seed 1

Runs psql (its environment says where; the database needs the extension).  The
server settles records one by one in an order; here sums are formed by sets:
per rule and year, then per dimension, each cut at its bound.  Also compared:
the sum of the lines, rows in another order, two workers, a plus record more,
and records that must not count.
"""
import calendar
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from decimal import Decimal, ROUND_HALF_UP

UNIT = 10000
ITEMS = [f"item_{c}" for c in "abcdefgh"]
SEVERITIES = [None, "minor", "general", "serious"]
DEAD = ["disputed", "repaired", "withdrawn", "archived", "minor", "no_consent"]
PER_SCHEME = 500


def text(units):
    sign, units = ("-" if units < 0 else ""), abs(units)
    return f"{sign}{units // UNIT}.{units % UNIT:04d}"


def add_months(day, months):
    """The corresponding day of a later month, or that month's last."""
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# --- schemes ---------------------------------------------------------------------

def random_rule(rng, number, scheme):
    rule = {"id": f"rule_{number}", "items": rng.sample(ITEMS, rng.randint(1, 3)), "months": rng.choice([1, 6, 12, 18, 24, 36, 60]),
            "severity": rng.sample(SEVERITIES[1:], rng.randint(1, 3)) if rng.random() < 0.4 else None,
            "points": None, "tiers": None, "steps": None, "direct": None, "sum": rng.choice(["all", "year", "record"]),
            "cap": 0, "relapse": 0, "dimension": None, "overlap": None}
    kind = rng.choice(["points"] * 5 + ["tiers", "steps", "direct"])
    if kind == "points":
        rule["points"] = rng.choice([-1, -1, 1]) * rng.randint(1, 40 * UNIT) if rng.random() < 0.3 else rng.randint(-30, 30) * UNIT
        if rule["points"] < 0 and rng.random() < 0.4:
            rule["relapse"] = rng.randint(2, 4)
    elif kind == "tiers":
        starts = sorted(rng.sample(range(0, 60), rng.randint(1, 4)))
        rule["tiers"] = [(s * UNIT, rng.choice([5000, 10000, 25000, 30000, 33333]), rng.randint(0, 3 * UNIT)) for s in starts]
    elif kind == "steps":
        starts = sorted(rng.sample(range(0, 60), rng.randint(1, 4)))
        rule["steps"] = list(zip([s * UNIT for s in starts], sorted(rng.randint(0, 20 * UNIT) for _ in starts)))
    else:
        rule["direct"] = rng.choice(["B", "C", "D"])
    if kind != "direct" and rng.random() < 0.3:
        rule["cap"] = rng.randint(1, 60) * UNIT // 2
    if rng.random() < 0.4 and scheme["dimensions"]:
        rule["dimension"] = rng.choice(scheme["dimensions"])["id"]
    if rng.random() < 0.4:
        rule["overlap"] = rng.choice(["act_a", "act_b"])
    return rule


def is_minus(rule):
    return rule["direct"] is not None or (rule["points"] is not None and rule["points"] < 0)


def may_overlap(rule, others):
    """Merits of one overlap: fixed points, no cap, one dimension."""
    if rule["overlap"] is None or is_minus(rule):
        return True
    merits = [r for r in others if r["overlap"] == rule["overlap"] and not is_minus(r)]
    return not merits or all(r["points"] is not None and not r["cap"] and r["dimension"] == rule["dimension"] for r in merits + [rule])


def random_scheme(rng):
    grades = sorted(rng.sample(range(700, 1300), 3), reverse=True)
    scheme = {"base": rng.choice([0, 100, 1000, 1000.5]), "rules": [], "dimensions": [], "grades": dict(zip("ABC", [g * UNIT for g in grades]))}
    scheme["base"] = int(scheme["base"] * UNIT)
    scheme["least"] = scheme["base"] - rng.randint(0, 80) * UNIT if rng.random() < 0.3 else None
    scheme["most"] = scheme["base"] + rng.randint(0, 80) * UNIT if rng.random() < 0.3 else None
    for name in rng.sample(["dim_a", "dim_b", "dim_c"], rng.randint(0, 3)):
        scheme["dimensions"].append({"id": name, "most_plus": rng.choice([0, rng.randint(1, 40) * UNIT]),
                                     "most_minus": rng.choice([0, rng.randint(1, 80) * UNIT]), "per": rng.choice(["year", "all"])})
    for number in range(rng.choice([1, 3, 8, 12, 80])):
        rule = random_rule(rng, number, scheme)
        if not may_overlap(rule, scheme["rules"]):
            rule["overlap"] = None
        scheme["rules"].append(rule)
    return scheme


def rulebook(number, scheme):
    basis = {"document": "d"}
    given = {"basis": basis, "confidence": "A"}
    rules = []
    for rule in scheme["rules"]:
        shown = {k: rule[k] for k in ("id", "items", "severity", "months", "direct", "dimension", "overlap") if rule[k]}
        if rule["points"] is not None:
            shown["points"] = text(rule["points"])
        if rule["tiers"]:
            shown.update(sum=rule["sum"], tiers=[{"from": text(a), "per": text(p), "points": text(x)} for a, p, x in rule["tiers"]])
        if rule["steps"]:
            shown.update(sum=rule["sum"], steps=[{"at": text(a), "points": text(x)} for a, x in rule["steps"]])
        if rule["cap"]:
            shown["cap"] = text(rule["cap"])
        if rule["relapse"]:
            shown["relapse"] = rule["relapse"]
        rules.append({**shown, **given})
    score = {"id": f"scheme_{number}", **given, "base": text(scheme["base"]), "rules": rules,
             "grades": [{"grade": g, "from": text(f)} for g, f in scheme["grades"].items()] + [{"grade": "D"}]}
    for key in ("least", "most"):
        if scheme[key] is not None:
            score[key] = text(scheme[key])
    if scheme["dimensions"]:
        score["dimensions"] = [{"id": d["id"], "zh": d["id"], "en": d["id"], "per": d["per"],
                                **{k: text(d[k]) for k in ("most_plus", "most_minus") if d[k]}} for d in scheme["dimensions"]]
    return json.dumps({
        "format": 1, "id": f"scheme-{number}", "version": "1", "title": {"zh": "试", "en": "test"},
        "documents": [{"id": "d", "zh": "试", "level": "standard", "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
        "items": [{"id": i, "zh": i, "en": i, "stance": "neutral", "subjects": ["person"], **given, "in_force": {"from": "2020-01-01"}} for i in ITEMS],
        "score": score})


# --- records ---------------------------------------------------------------------

def random_record(rng, as_of):
    day = as_of - datetime.timedelta(days=rng.choice([rng.randint(-40, 1200), rng.randint(0, 400), rng.randrange(0, 600, 60)]))
    amount = None
    if rng.random() < 0.9:
        amount = rng.choice([Decimal(rng.randint(-2, 80)), Decimal(rng.randint(0, 800000)) / UNIT, Decimal(rng.randint(0, 9999999)) / 100000])
    return [rng.choice(ITEMS), rng.choice(SEVERITIES), day, amount, "active" if rng.random() < 0.8 else rng.choice(DEAD)]


def total_of(scheme, as_of, records):
    """The score by sets; see the head of this file."""
    counting = []                                       # rule number, day, amount or points
    for number, rule in enumerate(scheme["rules"]):
        for item, severity, day, amount, state in records:
            if (state == "active" and item in rule["items"] and (rule["severity"] is None or severity in rule["severity"])
                    and day <= as_of <= add_months(day, rule["months"])):
                counting.append((number, day, amount))
    first = {}
    for number, day, _ in counting:
        first[number] = min(day, first.get(number, day))
    weighed = []                                        # rule number, day, weight
    for number, day, amount in counting:
        rule = scheme["rules"][number]
        if rule["points"] is not None:
            weighed.append((number, day, rule["points"] * (rule["relapse"] if rule["relapse"] and first[number] < day else 1)))
        elif rule["direct"]:
            weighed.append((number, day, scheme["grades"][chr(ord(rule["direct"]) - 1)] - 1))
        elif amount is not None and amount >= 0:
            weighed.append((number, day, int((amount * UNIT).to_integral_value(ROUND_HALF_UP))))
    acts, kept = defaultdict(list), []
    for one in weighed:
        rule = scheme["rules"][one[0]]
        if rule["overlap"]:
            acts[rule["overlap"], one[1], is_minus(rule)].append(one)
        else:
            kept.append(one)
    for (_, _, minus), ones in acts.items():
        direct = [o for o in ones if scheme["rules"][o[0]]["direct"]]
        kept.append(min(direct or ones, key=lambda o: o[2]) if minus else max(ones, key=lambda o: o[2]))
    return summed(scheme, kept)


def tier_value(rule, amount):
    if rule["steps"]:
        return max([points for at, points in rule["steps"] if at <= amount], default=0)
    ends = [start for start, _, _ in rule["tiers"][1:]] + [None]
    return sum((min(amount, end) if end is not None else amount) // per * points if start == 0 else
               max(0, (min(amount, end) if end is not None else amount) - start) // per * points
               for (start, per, points), end in zip(rule["tiers"], ends))


def summed(scheme, kept):
    years, ceiling = defaultdict(list), None
    for number, day, weight in kept:
        if scheme["rules"][number]["direct"]:
            ceiling = weight if ceiling is None else min(ceiling, weight)
        else:
            years[number, day.year].append(weight)
    bounded, total = defaultdict(int), scheme["base"]
    dimensions = {d["id"]: d for d in scheme["dimensions"]}
    before = defaultdict(lambda: (0, 0))          # amounts of earlier years, points for them
    for number, year in sorted(years):
        rule, weights = scheme["rules"][number], years[number, year]
        if rule["points"] is not None:
            points = sum(weights)
        elif rule["sum"] == "record":
            points = sum(tier_value(rule, w) for w in weights)
        elif rule["sum"] == "year":
            points = tier_value(rule, sum(weights))
        else:
            amounts, reached = before[number]
            before[number] = (amounts + sum(weights), tier_value(rule, amounts + sum(weights)))
            points = before[number][1] - reached
        if rule["cap"]:
            points = max(-rule["cap"], min(rule["cap"], points))
        if rule["dimension"]:
            per = year if dimensions[rule["dimension"]]["per"] == "year" else None
            bounded[rule["dimension"], per, points < 0] += points
        else:
            total += points
    for (name, _, minus), points in bounded.items():
        bound = dimensions[name]["most_minus" if minus else "most_plus"]
        if bound:
            points = max(-bound, points) if minus else min(bound, points)
        total += points
    for least_or_most, key in ((min, "most"), (max, "least")):
        if key == "most" and ceiling is not None:
            total = min(total, ceiling)
        if scheme[key] is not None:
            total = least_or_most(total, scheme[key])
    return total


# --- the server's answers --------------------------------------------------------

SQL = r"""
\set ON_ERROR_STOP on
SET client_min_messages = warning;
DROP TABLE IF EXISTS oracle_law, oracle_record;
CREATE TABLE oracle_law (scheme int PRIMARY KEY, book credit.rulebook);
CREATE TABLE oracle_record (scheme int, set int, as_of date, item text, severity credit.severity, happened_on date, amount numeric, state text);
\copy oracle_law FROM '{law}' WITH (FORMAT csv)
\copy oracle_record FROM '{records}' WITH (FORMAT csv)
ANALYZE;
ALTER TABLE oracle_record SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_sort = off;
\o {answers}
\pset format csv
\pset tuples_only
SELECT format('WITH book (b) AS MATERIALIZED (SELECT book FROM oracle_law WHERE scheme = %1$s),
  one AS (SELECT set, credit.score((SELECT b FROM book), as_of, item, severity, happened_on, amount, state) AS score FROM oracle_record WHERE scheme = %1$s GROUP BY set),
  ordered AS (SELECT set, credit.score((SELECT b FROM book), as_of, item, severity, happened_on, amount, state ORDER BY amount, random()) AS score,
                     credit.score((SELECT b FROM book), as_of, item, severity, happened_on, amount, state) FILTER (WHERE state = ''active'') AS active,
                     credit.score_lines((SELECT b FROM book), as_of, item, severity, happened_on, amount, state) AS lines
                FROM oracle_record WHERE scheme = %1$s GROUP BY set)
  SELECT %1$s, set, one.score, ordered.score, coalesce(active, (SELECT b::jsonb #>> ''{{score,base}}'' FROM book)::credit.points), (SELECT sum((l ->> ''points'')::numeric) FROM jsonb_array_elements(lines) AS l)
    FROM one JOIN ordered USING (set) ORDER BY set', scheme)
  FROM oracle_law ORDER BY scheme \gexec
"""


def generate(rng, sets, directory):
    """Writes schemes and records; returns what the sets are worth."""
    expected, pluses = {}, []
    with open(f"{directory}/law.csv", "w", encoding="utf-8") as law, open(f"{directory}/records.csv", "w", encoding="utf-8") as out:
        for number in range(max(1, sets // PER_SCHEME)):
            scheme = random_scheme(rng)
            law.write(f'{number},"{rulebook(number, scheme).replace(chr(34), chr(34) * 2)}"\n')
            merits = [i for i in ITEMS if all(not is_minus(r) for r in scheme["rules"] if i in r["items"])]
            as_of = datetime.date(2026, 1, 1) + datetime.timedelta(days=rng.randint(0, 400))
            records = []
            for n in range(PER_SCHEME):
                if n % 10 == 9 and merits:              # the set before, and a merit more
                    records = records + [[rng.choice(merits), rng.choice(SEVERITIES), as_of - datetime.timedelta(days=rng.randrange(0, 600, 60)),
                                          Decimal(rng.randint(0, 60)), "active"]]
                    pluses.append((number, n))
                else:
                    records = [random_record(rng, as_of) for _ in range(rng.choice([1, 3, 8, 8, 20]))]
                expected[number, n] = total_of(scheme, as_of, records)
                for item, severity, day, amount, state in records:
                    out.write(f"{number},{n},{as_of},{item},{severity or ''},{day},{'' if amount is None else amount},{state}\n")
    return expected, pluses


def main():
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 60000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with tempfile.TemporaryDirectory() as directory:
        expected, pluses = generate(rng, sets, directory)
        script = SQL.format(law=f"{directory}/law.csv", records=f"{directory}/records.csv", answers=f"{directory}/answers.csv")
        run = subprocess.run(["psql", "-X", "-q"], input=script, text=True, check=False, stdout=subprocess.DEVNULL,
                             env={**os.environ, "PGCLIENTENCODING": "UTF8"})
        if run.returncode:
            return 1
        wrong, seen = defaultdict(int), {}
        with open(f"{directory}/answers.csv", encoding="utf-8") as answers:
            for line in answers:
                number, n, *scores = line.strip().split(",")
                key = int(number), int(n)
                units = [int(Decimal(s) * UNIT) for s in scores]
                seen[key] = units[0]
                for what, found in zip(("another score", "another order", "only active records", "sum of lines"), units):
                    if found != expected[key]:
                        wrong[what] += 1
                        if wrong[what] <= 3:
                            print(f"  scheme {number}, set {n}: {what}: {text(found)}, expected {text(expected[key])}")
    wrong["no answer"] = len(expected) - len(seen)
    wrong["a plus lowered the score"] = sum(seen[k] < seen[k[0], k[1] - 1] for k in pluses if k in seen)
    bad = {what: count for what, count in wrong.items() if count}
    print(f"score: {len(expected)} record sets of {max(1, sets // PER_SCHEME)} schemes, {len(set(expected.values()))} different scores, "
          f"{len(pluses)} with a merit more: {bad or 'agreed'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
