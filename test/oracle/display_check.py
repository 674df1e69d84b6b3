#!/usr/bin/env python3
"""The display room against an independent oracle, on rule sets made up for it.

    display_check.py [SETS [SEED]]       default 12 random rule sets, seed 1

Runs psql (its environment says where; the database needs the extension).

  * every start day of 2019 to 2028 by every length of a period in use, from each
    anchor: display_period, and displayed_on on the first and last day and one
    day outside them;
  * random rule sets (lengths, anchors, caps, ranges in force, law that does and
    does not reach back) by random records around the days on which the law
    changes: the period, the filter on one day for all records, the explanation
    row by row, and every day on which something changes.

Months are counted one by one on a table of the days of each month, and every
rule is walked through for every record: no arithmetic is shared.
"""
import csv
import json
import random
import subprocess
import sys
from datetime import date, timedelta

DAY = timedelta(days=1)
LENGTHS = [0, 1, 3, 6, 12, 24, 36, 48, 60]
ANCHORS = ["document_date", "conduct_end", "displayed_from"]
CLASSES = [None, "minor", "general", "serious"]
ITEMS = ["alpha", "beta_of_more_than_sixteen_characters", "beta_of_more_than_sixteen_characterz", "g", "delta_eight"]


def psql(script):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", ","], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return list(csv.reader(done.stdout.splitlines()))


def in_month(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def last_day(start, months):
    """Civil Code arts 201, 202; a period of no months has no last day but the one before."""
    if months == 0:
        return start - DAY
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(start.day, in_month(year, month)))


def ends(rules, record):
    """(last day or None, place of the rule) of each rule that counts, the deciding one first."""
    item, severity, document, conduct_end, displayed_from = record
    anchors = {"document_date": document, "conduct_end": conduct_end, "displayed_from": displayed_from or document}
    found = []
    for place, rule in enumerate(rules):
        if item not in rule["items"] or "severity" in rule and severity not in rule["severity"]:
            continue
        begin, end = date.fromisoformat(rule["in_force"]["from"]), date.fromisoformat(rule["in_force"].get("to", "9999-12-31"))
        if document > end or document < begin and not rule.get("milder_reaches_back", True):
            continue
        until = anchors[rule["anchor"]] and last_day(anchors[rule["anchor"]], rule["months"])
        if until and document < begin:
            until = max(until, begin - DAY)
        found.append((until, place))
    return sorted(found, key=lambda e: (e[0] is None, e[0] or date.max, e[1]))


def book(rules, score):
    basis = {"document": "d"}
    return json.dumps({
        "format": 1, "id": "oracle", "version": "1", "title": {"zh": "x", "en": "x"},
        "documents": [{"id": "d", "zh": "x", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
        "items": [{"id": i, "zh": "x", "en": "x", "stance": "bad", "subjects": ["person"], "basis": basis,
                   "in_force": {"from": "2000-01-01"}, "confidence": "C"} for i in ITEMS],
        "display": [{**r, "basis": basis, "confidence": "C"} for r in rules],
        "score": {"id": "s", "base": 0, "basis": basis, "confidence": "C", "grades": [{"grade": "A"}],
                  "rules": [{"id": "s", "items": [ITEMS[0]], "points": -1, "months": score, "basis": basis, "confidence": "C"}]}})


def rows(records):
    return ",\n".join(f"({n}," + ",".join("NULL" if v is None else f"'{v}'" for v in record) + ")" for n, record in enumerate(records))


def ask(rules, records, days, score=24):
    """What the extension says: periods, filters, explanations, changes."""
    facts = "item, severity, document_date, conduct_end, displayed_from"
    out = psql(f"""
CREATE TEMP TABLE law AS SELECT $json${book(rules, score)}$json$::credit.rulebook AS book;
CREATE TEMP TABLE r (n int, item text, severity credit.severity, document_date date, conduct_end date, displayed_from date);
INSERT INTO r VALUES {rows(records)};
SELECT 'period', n, lower(p), upper(p), isempty(p) FROM r, law, LATERAL (SELECT credit.display_period(book, {facts})) s (p);
SELECT 'shown', '{{}}', n FROM r WHERE false;
{"".join(f"SELECT 'shown', '{d}', n FROM r WHERE credit.displayed_on((SELECT book FROM law), {facts}, '{d}');" for d in days)}
SELECT 'edge', n, credit.displayed_on(book, {facts}, lower(p) - 1), credit.displayed_on(book, {facts}, lower(p)),
       credit.displayed_on(book, {facts}, upper(p) - 1), credit.displayed_on(book, {facts}, upper(p))
  FROM r, law, LATERAL (SELECT credit.display_period(book, {facts})) s (p) WHERE NOT isempty(p);
SELECT 'why', n, e.rule, e.anchor, e.until FROM r, law, credit.explain_display(book, {facts}) WITH ORDINALITY e ORDER BY n, e.ordinality;
WITH RECURSIVE c AS (
  SELECT n, credit.next_change(book, {facts}, '-infinity') AS day FROM r, law
  UNION ALL SELECT n, credit.next_change(book, {facts}, c.day) FROM c JOIN r USING (n), law WHERE c.day IS NOT NULL)
SELECT 'change', n, day FROM c WHERE day IS NOT NULL ORDER BY n, day;
""")
    return [[row[1:] for row in out if row[0] == kind] for kind in ("period", "shown", "edge", "why", "change")]


class Tally:
    def __init__(self):
        self.asked, self.wrong = {}, []

    def compare(self, what, record, found, expected):
        self.asked[what] = self.asked.get(what, 0) + 1
        if found != expected:
            self.wrong.append(f"{what} of {record}: {found}, expected {expected}")


def check(tally, rules, records, days, score=24):
    periods, shown, edges, why, changes = ask(rules, records, days, score)
    period_of = {int(p[0]): p[1:] for p in periods}
    shown_of = {(d, int(n)) for d, n in shown}
    edge_of = {int(e[0]): e[1:] for e in edges}
    why_of, change_of = {}, {}
    for n, rule, anchor, until in why:
        why_of.setdefault(int(n), []).append([rule, anchor, until])
    for n, day in changes:
        change_of.setdefault(int(n), []).append(day)
    for n, record in enumerate(records):
        found = ends(rules, record)
        start, until = record[4] or record[2], found[0][0]
        empty = until < start
        tally.compare("period", record, period_of[n], ["", "", "t"] if empty else [str(start), str(until + DAY), "f"])
        tally.compare("edges", record, edge_of.get(n), None if empty else ["f", "t", "t", "f"])
        for day in days:
            tally.compare("filter", (day, record), (str(day), n) in shown_of, start <= day <= until)
        tally.compare("explanation", record, why_of[n], [[rules[p]["id"], rules[p]["anchor"], str(u or "")] for u, p in found])
        changing = set() if empty else {start, until + DAY}
        if record[0] == ITEMS[0]:
            changing.add(last_day(record[2], score) + DAY)
        tally.compare("changes", record, change_of.get(n, []), [str(d) for d in sorted(changing)])


def grid(tally):
    """Every start day by every length, from the document, the end of conduct, the first display."""
    first, last = date(2019, 1, 1), date(2028, 12, 31)
    for months in LENGTHS:
        wide = [{"id": f"wide_{a}", "items": [i], "months": 1200, "anchor": "document_date", "in_force": {"from": "2000-01-01"}}
                for a, i in zip(ANCHORS, ITEMS)]
        wide += [{"id": f"rest_{i}", "items": [i], "months": 12, "anchor": "document_date", "in_force": {"from": "2000-01-01"}} for i in ITEMS[3:]]
        rules = wide + [{"id": a, "items": [i], "months": months, "anchor": a, "cap": True, "in_force": {"from": "2000-01-01"}} for a, i in zip(ANCHORS, ITEMS)]
        records = []
        day = first
        while day <= last:
            records += [(ITEMS[0], None, day, None, None), (ITEMS[1], None, day - DAY, day, None), (ITEMS[2], None, day - DAY, None, day)]
            day += DAY
        check(tally, rules, records, [])


def same_records(a, b):
    """The book refuses two rules for the same records at the same time."""
    def of(rule):
        return set(rule["items"]), set(rule.get("severity", CLASSES)), rule["anchor"], rule.get("cap", False)
    return of(a) == of(b) and (a["in_force"]["from"] <= b["in_force"].get("to", "9") and b["in_force"]["from"] <= a["in_force"].get("to", "9"))


def random_rules(rng):
    changes = sorted(rng.sample([date(2018, 5, 1), date(2019, 7, 1), date(2020, 2, 29), date(2020, 10, 1), date(2023, 5, 1),
                                 date(2025, 12, 25), date(2026, 4, 1), date(2027, 1, 31)], 4))
    rules = [{"id": f"base_{i}", "items": [i], "months": rng.choice(LENGTHS[2:]), "anchor": rng.choice(["document_date", "displayed_from"]),
              "in_force": {"from": str(rng.choice(changes))}} for i in ITEMS]
    for n in range(rng.randrange(10, 40)):
        begin = rng.randrange(len(changes))
        rule = {"id": f"r{n}", "items": rng.sample(ITEMS, rng.randrange(1, 4)), "months": rng.choice(LENGTHS), "anchor": rng.choice(ANCHORS),
                "cap": rng.random() < 0.3, "milder_reaches_back": rng.random() < 0.7, "in_force": {"from": str(changes[begin])}}
        if rng.random() < 0.6:
            rule["in_force"]["to"] = str((changes + [date(2028, 2, 29)])[begin + 1] - DAY)
        if rng.random() < 0.6:
            rule["severity"] = rng.sample(CLASSES[1:], rng.randrange(1, 3))
        rules.append(rule)
    kept = []
    for rule in rules:
        if not any(same_records(k, rule) for k in kept):
            kept.append(rule)
    return kept, changes


def random_records(rng, changes, count):
    for _ in range(count):
        document = rng.choice(changes) + DAY * rng.choice([-1, 0, 1, rng.randrange(-900, 900)])
        yield (rng.choice(ITEMS), rng.choice(CLASSES), document,
               None if rng.random() < 0.3 else document - DAY * rng.randrange(-60, 2500),
               None if rng.random() < 0.5 else document + DAY * rng.choice([0, 1, rng.randrange(-30, 400)]))


def main():
    sets, seed = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 12), (2, 1)))
    tally = Tally()
    grid(tally)
    rng = random.Random(seed)
    for _ in range(sets):
        rules, changes = random_rules(rng)
        days = [rng.choice(changes) + DAY * rng.randrange(-40, 1500) for _ in range(4)] + changes[-2:]
        check(tally, rules, list(random_records(rng, changes, 2000)), days, rng.choice([1, 12, 60]))
    for line in tally.wrong[:20]:
        print("display: " + line)
    print(f"display: {sum(tally.asked.values())} answers of {len(LENGTHS)} lengths and {sets} rule sets compared ("
          + ", ".join(f"{n} {k}" for k, n in tally.asked.items()) + f"), {len(tally.wrong)} mismatches")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
