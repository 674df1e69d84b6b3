#!/usr/bin/env python3
"""Repair against a second implementation, over random rulebooks.

    repair_check.py [QUESTIONS [SEED]]      default 30000, seed 58

Runs psql (its environment says where; the database needs the extension).  Rules
begin and end around the days on which the real law changed, documents and days
of asking lie around them and at ends of months.  This side keeps the law as a
table from day to day and counts months on a calendar, so it shares neither
arithmetic nor the order of decisions with the extension.
"""
import calendar
import csv
import io
import json
import random
import subprocess
import sys
from datetime import date, timedelta

DAY = timedelta(days=1)
CHANGES = [date(2019, 7, 1), date(2021, 9, 1), date(2023, 5, 1), date(2025, 12, 25), date(2026, 4, 1)]
NEEDS = ["fulfilled", "commitment", "harm_removed", "no_new_penalty", "not_listed"]
CLASSES = ["minor", "general", "serious"]
HORIZON = [date(2017, 1, 1) + DAY * n for n in range(4600)]
ITEMS = ["a", "b", "c"]


def near(rng, days):
    """A day at or around one of these, an end of a month, or any day."""
    day = rng.choice(days) + DAY * rng.randint(-2, 2)
    kind = rng.random()
    if kind < 0.2:
        year, month = rng.randint(2018, 2027), rng.randint(1, 12)
        day = date(year, month, calendar.monthrange(year, month)[1])
    elif kind < 0.5:
        day = rng.choice(HORIZON)
    return day


def random_rule(rng, number):
    begins = rng.choice(CHANGES) if rng.random() < 0.8 else near(rng, CHANGES)
    later = [c - DAY for c in CHANGES if c > begins]
    rule = {
        "id": f"r{number}", "items": rng.sample(ITEMS, rng.randint(1, 3)),
        "basis": {"document": "d", "article": f"<r{number}>"}, "confidence": "C",
        "in_force": {"from": begins.isoformat()},
    }
    if later and rng.random() < 0.7:
        rule["in_force"]["to"] = rng.choice(later).isoformat()
    if rng.random() < 0.6:
        rule["severity"] = rng.sample(CLASSES, rng.randint(1, 3))
    if rng.random() < 0.08:
        rule["never"] = True
        return rule
    rule["min_months"] = rng.choice([0, 1, 3, 6, 12, 36])
    rule["needs"] = rng.sample(NEEDS, rng.randint(0, 5))
    if not rule["needs"]:
        del rule["needs"]
    if rng.random() < 0.5:
        rule["anchor"] = rng.choice(["document_date", "conduct_end", "displayed_from"])
    if rng.random() < 0.5:
        rule["false_papers_months"] = rng.choice([1, 12, 36])
    return rule


def random_book(rng, number):
    basis = {"document": "d"}
    return {
        "format": 1, "id": f"book-{number}", "version": "1", "title": {"zh": "本", "en": "book"},
        "documents": [{"id": "d", "zh": "法", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
        # Neutral, so that rules may leave gaps.
        "items": [{"id": i, "zh": i, "en": i, "stance": "neutral", "subjects": ["person"], "basis": basis,
                   "in_force": {"from": "2000-01-01"}, "confidence": "C"} for i in ITEMS],
        "repair": [random_rule(rng, n) for n in range(rng.randint(1, 9))],
    }


def random_facts(rng):
    facts = {}
    for key in ("commitment", "harm_removed"):
        if rng.random() < 0.7:
            facts[key] = rng.random() < 0.8
    for key in ("on_abnormal_list", "on_serious_list"):
        if rng.random() < 0.3:
            facts[key] = rng.choice([True, False, None])
    if rng.random() < 0.05:
        facts["minor"] = rng.random() < 0.7
    if rng.random() < 0.3:
        facts["displayed_from"] = near(rng, CHANGES).isoformat()
    for key in ("new_penalty_on", "false_papers_on"):
        if rng.random() < 0.3:
            days = [near(rng, CHANGES).isoformat() for _ in range(rng.randint(1, 3))]
            facts[key] = days if len(days) > 1 or rng.random() < 0.3 else days[0]
    return facts


def random_question(rng, number, books):
    document = near(rng, CHANGES)
    maybe = lambda day, chance: day if rng.random() < chance else None
    return {
        "id": number, "book": rng.randrange(books), "item": rng.choice(ITEMS),
        "severity": rng.choice(CLASSES + [None]), "document_date": document,
        "conduct_end": maybe(document - DAY * rng.randint(0, 400), 0.7),
        "fulfilled_on": maybe(document + DAY * rng.randint(-30, 900), 0.7),
        "facts": maybe(random_facts(rng), 0.9),
        "as_of": near(rng, CHANGES) if rng.random() < 0.4 else document + DAY * rng.randint(-60, 1600),
    }


# --- the second implementation -------------------------------------------------

def last_day_of(anchor, months):
    """Month by month on the calendar: the corresponding day, or the month's last."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for row in calendar.monthcalendar(year, month):
        if anchor.day in row:
            return date(year, month, anchor.day)
    return max(date(year, month, d) for row in calendar.monthcalendar(year, month) for d in row if d)


def first_after(anchor, months):
    return anchor if months == 0 else last_day_of(anchor, months) + DAY


class Law:
    """The rules of one item and class, day by day."""

    def __init__(self, book, item, severity):
        self.rules = [r for r in book["repair"] if item in r["items"] and
                      ("severity" not in r or severity in r["severity"])]
        self.memo = {}

    def on(self, day):
        if day not in self.memo:
            self.memo[day] = [r for r in self.rules if r["in_force"]["from"] <= day.isoformat() <= r["in_force"].get("to", "9999")]
        return self.memo[day]

    def never(self, day):
        return [r for r in self.on(day) if r.get("never")]

    def open(self, day, document):
        """The rules to repair by; what forbids it counts only if the law of the document forbade it too (E15)."""
        if self.never(day) and self.never(document):
            return []
        return [r for r in self.on(day) if not r.get("never")]


def days_of(value):
    return [date.fromisoformat(v) for v in (value if isinstance(value, list) else [value] if value else [])]


def longest_bar(rules):
    return max((r.get("false_papers_months", 0) for r in rules), default=None)


def earliest_by(rule, q, facts):
    anchor = {"document_date": q["document_date"], "conduct_end": q["conduct_end"],
              "displayed_from": date.fromisoformat(facts["displayed_from"]) if facts.get("displayed_from") else q["document_date"],
              }[rule.get("anchor", "document_date")]
    if anchor is None:
        return None
    return max(first_after(anchor, rule["min_months"]), date.fromisoformat(rule["in_force"]["from"]))


def answer(law, q):
    """condition -> (earliest, acceptable sets of rules)"""
    facts = q["facts"] or {}
    document, as_of = q["document_date"], q["as_of"]
    if facts.get("minor"):
        return {c: (document, None) for c in ("repairable", "minimum_display", "no_false_papers", "minor_protected")}
    asked = max(as_of, document)
    open_on = lambda d: law.open(d, document)
    day = asked if open_on(asked) else \
        document if law.never(asked) and open_on(document) else \
        next((d for d in HORIZON if d > asked and open_on(d)), None)
    regime = open_on(day) if day else []
    names = lambda rules: frozenset(r["id"] for r in rules)

    barred = law.never(document) + [r for r in law.never(asked) if r not in law.never(document)]
    if law.never(document) and law.never(asked):
        out = {"repairable": (None, [names(barred)])}
    else:
        first = day if day is None or day > asked else next(
            d for d in HORIZON + [asked] if d >= document and any(not r.get("never") for r in law.on(d)))
        out = {"repairable": (first, [names(regime)])}

    known = [r for r in law.rules if not r.get("never") and r["in_force"].get("to", "9999") >= document.isoformat() and
             (day is None or r["in_force"]["from"] <= day.isoformat())]
    by = {r["id"]: earliest_by(r, q, facts) for r in known}
    least = min((e for e in by.values() if e), default=None)
    out["minimum_display"] = (least, [frozenset([r]) for r, e in by.items() if e == least] if least else [names(regime)])

    happened = [d for d in days_of(facts.get("new_penalty_on")) if document < d <= as_of]
    value = {
        "fulfilled": q["fulfilled_on"],
        "commitment": as_of if facts.get("commitment") else None,
        "harm_removed": as_of if facts.get("harm_removed") else None,
        "no_new_penalty": None if happened else document,
        "not_listed": None if facts.get("on_abnormal_list") or facts.get("on_serious_list") else as_of,
    }
    for need in NEEDS:
        asking = [r for r in regime if need in r.get("needs", [])]
        if asking:
            out[need] = (value[need], [names(asking)])

    papers = [d for d in days_of(facts.get("false_papers_on")) if d <= as_of]
    bars = [longest_bar(regime)]
    if papers:
        bars.append(longest_bar([r for r in law.on(max(papers)) if not r.get("never")]))
    months = min((b for b in bars if b is not None), default=0)
    if months == 0:
        out["no_false_papers"] = (document, [frozenset()])
    else:
        sources = regime + (law.on(max(papers)) if papers else [])
        out["no_false_papers"] = (first_after(max(papers), months) if papers else document,
                                  [frozenset([r["id"]]) for r in sources if r.get("false_papers_months", 0) == months])
    return out


# --- asking the extension ------------------------------------------------------

def psql(script):
    p = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=script, check=True, capture_output=True, text=True)
    return p.stdout


def ask_extension(books, questions):
    out = io.StringIO()
    out.write("SET DateStyle = ISO;\nCREATE TEMP TABLE b (n int PRIMARY KEY, book credit.rulebook);\nCOPY b FROM STDIN (FORMAT csv);\n")
    writer = csv.writer(out, lineterminator="\n")
    for n, book in enumerate(books):
        writer.writerow([n, json.dumps(book)])
    out.write("\\.\nCREATE TEMP TABLE q (id int, n int, item text, severity credit.severity, document_date date, conduct_end date,"
              " fulfilled_on date, facts jsonb, as_of date);\nCOPY q FROM STDIN (FORMAT csv);\n")
    for q in questions:
        writer.writerow([q["id"], q["book"], q["item"], q["severity"], q["document_date"], q["conduct_end"],
                         q["fulfilled_on"], None if q["facts"] is None else json.dumps(q["facts"]), q["as_of"]])
    out.write("\\.\nCOPY (SELECT id, condition, met, earliest, basis,"
              " credit.repairable_from(book, item, severity, document_date, conduct_end, fulfilled_on, facts, as_of)"
              " FROM q JOIN b USING (n), credit.repair_check(book, item, severity, document_date, conduct_end, fulfilled_on, facts, as_of)"
              " WITH ORDINALITY AS c (condition, met, earliest, basis, place) ORDER BY n, id, place) TO STDOUT (FORMAT csv);\n")
    rows = {}
    for number, condition, met, earliest, basis, whole in csv.reader(io.StringIO(psql(out.getvalue()))):
        rows.setdefault(int(number), []).append((condition, met == "t", earliest, basis, whole))
    return rows


ORDER = ["repairable", "minimum_display"] + NEEDS + ["no_false_papers", "minor_protected"]


def differences(q, rows, wanted):
    """What of one answer is not as wanted."""
    if [r[0] for r in rows] != [c for c in ORDER if c in wanted]:
        yield "conditions", [r[0] for r in rows], list(wanted)
        return
    for condition, met, earliest, basis, _ in rows:
        day, sources = wanted[condition]
        if (earliest or None) != (day.isoformat() if day else None) or met != (day is not None and day <= q["as_of"]):
            yield condition, (met, earliest), day
        named = frozenset(part.split(">")[0] for part in basis.split("<")[1:])
        if sources is not None and named not in sources:
            yield condition + " basis", basis, sources
    days = [day for day, _ in wanted.values()]
    whole = None if None in days else max(days).isoformat()
    if (rows[0][4] or None) != whole:
        yield "repairable_from", rows[0][4], whole


def main(count=30000, seed=58):
    rng = random.Random(seed)
    books = [random_book(rng, n) for n in range(max(10, count // 300))]
    questions = [random_question(rng, n, len(books)) for n in range(count)]
    rows = ask_extension(books, questions)
    laws, wrong, conditions = {}, 0, 0
    seen = {}
    for q in questions:
        key = (q["book"], q["item"], q["severity"])
        if key not in laws:
            laws[key] = Law(books[q["book"]], q["item"], q["severity"])
        wanted = answer(laws[key], q)
        for condition, (day, _) in wanted.items():
            conditions += 1
            seen.setdefault(condition, set()).add(day is not None and day <= q["as_of"])
        for what in differences(q, rows.get(q["id"], []), wanted):
            wrong += 1
            if wrong <= 10:
                print("WRONG:", *what, "\n   ", {k: str(v) for k, v in q.items()}, "\n   ",
                      json.dumps(laws[key].rules))
    # A grid that never meets a condition, or always does, tests nothing.
    one_sided = [c for c in ORDER if seen.get(c) != {True, False} and c not in ("minor_protected",)]
    print(f"repair: {count} questions over {len(books)} rulebooks, {conditions} conditions compared, {wrong} wrong"
          + (f"; one-sided: {one_sided}" if one_sided else ""))
    return 1 if wrong or one_sided else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
