#!/usr/bin/env python3
"""The shipped rulebook against a second implementation of what it says.

    law_check.py

Runs psql (its environment says where; the database needs the extension).

  * display_period and displayed_on: every item and class, every document date of
    2019 to 2028, with and without an end of the conduct and a later display;
  * working days: every day of data/holiday_calendar.csv (not of the rulebook),
    n from -30 to 30;
  * the rulebook's cases: their expected answers, asked of this side alone.

Months are counted here on a table of the days of each month, law by walking
through the rules, working days by a list of them: no arithmetic is shared with
the extension.
"""
import bisect
import calendar
import csv
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DAY = timedelta(days=1)
CLASSES = [None, "minor", "general", "serious"]
FIRST, LAST = date(2019, 1, 1), date(2028, 12, 31)
# By the number of the day: ends of the conduct before the document, begins of the display after it.
ENDED = [None, 1826, 1461, 30, -20]
SHOWN = [None, 9, 40]


def psql(script):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", ","], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return list(csv.reader(done.stdout.splitlines()))


def read_book():
    with open(os.path.join(TOP, "data", "credit_rulebook_cn-370323.json"), encoding="utf-8") as file:
        return json.load(file)


# --- display ---

@lru_cache(maxsize=None)
def last_day(start, months):
    """Civil Code arts 201, 202: the corresponding day, or the last of its month."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def concerns(rule, item, severity):
    wanted = item["id"] in rule["items"] if "items" in rule else item["stance"] in rule.get("stances", ["bad"])
    return wanted and ("severity" not in rule or severity in rule["severity"])


def rules_for(book, item, severity):
    """Of the rules of an item and class: (from, to, months, anchor, reaches back)."""
    return [(date.fromisoformat(r["in_force"]["from"]), date.fromisoformat(r["in_force"].get("to") or "9999-12-31"), r["months"], r["anchor"],
             r.get("milder_reaches_back", True)) for r in book["display"] if concerns(r, item, severity)]


def period(rules, document_date, conduct_end, displayed_from):
    """First and last day of display; the last before the first: none."""
    anchors = {"document_date": document_date, "conduct_end": conduct_end, "displayed_from": displayed_from or document_date}
    ends = []
    for begin, end, months, anchor, reaches_back in rules:
        if end < document_date or anchors[anchor] is None or begin > document_date and not reaches_back:
            continue
        until = last_day(anchors[anchor], months)
        ends.append(until if begin <= document_date else max(until, begin - DAY))
    return anchors["displayed_from"], min(ends)


def range_text(first, last):
    return f"[{first},{last + DAY})" if last >= first else "empty"


def check_display(book):
    items = {i["id"]: i for i in book["items"]}
    rules = {(i, s): rules_for(book, items[i], s) for i in items for s in CLASSES}
    offsets = "(ARRAY[%s]::int[])[1 + n %% %d]"
    ended = offsets % (",".join("NULL" if e is None else str(e) for e in ENDED), len(ENDED))
    shown = offsets % (",".join("NULL" if s is None else str(s) for s in SHOWN), len(SHOWN))
    answers = psql(f"""
SELECT i.id, coalesce(s::text, ''), d, coalesce(lower(p)::text, ''), coalesce(upper(p)::text, ''),
       NOT isempty(p) AND (NOT credit.displayed_on(b, i.id, s, d, ce, df, lower(p)) OR NOT credit.displayed_on(b, i.id, s, d, ce, df, upper(p) - 1)
         OR credit.displayed_on(b, i.id, s, d, ce, df, lower(p) - 1) OR credit.displayed_on(b, i.id, s, d, ce, df, upper(p)))
  FROM credit.shipped_rulebook('cn-370323') AS b, credit.rulebook_items(b) AS i,
       unnest(ARRAY[NULL, 'minor', 'general', 'serious']::credit.severity[]) AS s, generate_series(0, {(LAST - FIRST).days}) AS n,
       LATERAL (SELECT '{FIRST}'::date + n, '{FIRST}'::date + n - {ended}, '{FIRST}'::date + n + {shown}) AS r (d, ce, df),
       LATERAL (SELECT credit.display_period(b, i.id, s, d, ce, df)) AS x (p);""")
    wrong = []
    for item, severity, day, lower, upper, inside in answers:
        document_date = date.fromisoformat(day)
        n = (document_date - FIRST).days
        ended_before, shown_after = ENDED[n % len(ENDED)], SHOWN[n % len(SHOWN)]
        first, last = period(rules[item, severity or None], document_date,
                             None if ended_before is None else document_date - DAY * ended_before,
                             None if shown_after is None else document_date + DAY * shown_after)
        ours = (str(first), str(last + DAY)) if last >= first else ("", "")
        if (lower, upper) != ours or inside == "t":
            wrong.append((item, severity, day, lower, upper, ours, inside))
    return report(f"{len(answers)} displays", len(answers), len(items) * len(CLASSES) * ((LAST - FIRST).days + 1), wrong)


def report(what, count, expected, wrong):
    for line in wrong[:10]:
        print("   ", *line)
    print(f"law: {what}, {len(wrong)} differ" + ("" if count == expected else f"; {expected} were expected"))
    return not wrong and count == expected


# --- working days ---

class Workdays:
    """By the CSV file: a sorted list of the working days."""

    def __init__(self):
        with open(os.path.join(TOP, "data", "holiday_calendar.csv"), encoding="utf-8", newline="") as file:
            named = {date.fromisoformat(r["day"]): r["status"] == "work" for r in csv.DictReader(file)}
        self.first, self.last = date(2007, 1, 1), date(2026, 12, 31)
        self.days = [self.first + DAY * n for n in range((self.last - self.first).days + 1)]
        self.work = [d for d in self.days if named.get(d, d.weekday() < 5)]
        self.set = set(self.work)

    def add(self, day, n):
        """None: outside."""
        at = bisect.bisect_right(self.work, day) + n - 1 if n > 0 else bisect.bisect_left(self.work, day) + n
        if n == 0:
            return day
        return self.work[at] if 0 <= at < len(self.work) else None

    def between(self, a, b):
        if b >= a:
            return sum(a < d <= b for d in self.work[bisect.bisect_left(self.work, a):bisect.bisect_right(self.work, b)])
        return -sum(b <= d < a for d in self.work[bisect.bisect_left(self.work, b):bisect.bisect_right(self.work, a)])


def check_workdays():
    ours = Workdays()
    answers = psql("""
CREATE FUNCTION pg_temp.add(b credit.rulebook, d date, n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN RETURN credit.add_workdays(b, d, n); EXCEPTION WHEN datetime_field_overflow THEN RETURN ''; END $$;
SELECT d::date, n, CASE WHEN d BETWEEN '2007-04-01' AND '2026-09-30' THEN credit.add_workdays(b, d::date, n)::text ELSE pg_temp.add(b, d::date, n) END,
       credit.is_workday(b, d::date), credit.workdays_between(b, d::date, least(greatest(d + n * interval '1 day', '2007-01-01'), '2026-12-31')::date)
  FROM credit.shipped_rulebook('cn-370323') AS b, generate_series('2007-01-01'::date, '2026-12-31', '1 day') AS d, generate_series(-30, 30) AS n;""")
    wrong = []
    for day, n, added, is_work, between in answers:
        d, k = date.fromisoformat(day), int(n)
        moved = ours.add(d, k)
        mine = ("" if moved is None else str(moved), "t" if d in ours.set else "f", str(ours.between(d, min(max(d + DAY * k, ours.first), ours.last))))
        if (added, is_work, between) != mine:
            wrong.append((day, n, added, is_work, between, mine))
    return report(f"{len(answers)} steps of working days", len(answers), len(ours.days) * 61, wrong)


# --- the cases ---

class Answers:
    """What this side says to the question of a case; errors as cases write them."""

    def __init__(self, book):
        self.book, self.items, self.workdays = book, {i["id"]: i for i in book["items"]}, Workdays()

    def known(self, name):
        return "ask_" + name in dir(self)

    def ask(self, name, given):
        return getattr(self, "ask_" + name)(given)

    def period(self, given):
        item, dates = self.items[given["item"]], [given.get(k) and date.fromisoformat(given[k]) for k in ("document_date", "conduct_end", "displayed_from")]
        return period(rules_for(self.book, item, given.get("severity")), *dates)

    def ask_display_period(self, given):
        return {"error": "22023"} if given["item"] not in self.items else range_text(*self.period(given))

    def ask_displayed_on(self, given):
        first, last = self.period(given)
        return first <= date.fromisoformat(given["day"]) <= last

    def ask_public_display(self, given):
        hidden = given.get("natural_person") is not False and not self.items[given["item"]].get("public_persons")
        return not hidden and self.ask_displayed_on(given)

    def in_calendar(self, day):
        return self.workdays.first <= day <= self.workdays.last

    def ask_is_workday(self, given):
        day = date.fromisoformat(given["day"])
        return day in self.workdays.set if self.in_calendar(day) else {"error": "22008"}

    def ask_add_workdays(self, given):
        moved = self.workdays.add(date.fromisoformat(given["day"]), given["n"])
        return {"error": "22008"} if moved is None else str(moved)

    def ask_workdays_between(self, given):
        return self.workdays.between(date.fromisoformat(given["from_day"]), date.fromisoformat(given["to_day"]))

    def ask_deadline(self, given):
        rule = next(r for r in self.book["objection"] if r["id"] == given["deadline"])
        if not rule["in_force"]["from"] <= given["day"] <= (rule["in_force"].get("to") or "9999"):
            return {"error": "22023"}
        day = date.fromisoformat(given["day"])
        day = self.workdays.add(day, rule["days"]) if rule["unit"] == "workday" else day + DAY * rule["days"]
        return str(day if day in self.workdays.set else self.workdays.add(day, 1))

    def ask_score(self, given):
        return float(score(self.book["score"], given["as_of"], given["records"]))

    def ask_grade(self, given):
        points = Decimal(str(given["points"])) if "points" in given else score(self.book["score"], given["as_of"], given["records"])
        return next(g["grade"] for g in self.book["score"]["grades"] if "from" not in g or points >= Decimal(str(g["from"])))


def counted(scheme, as_of, records):
    """Pairs of a record and a rule that counts it, by day."""
    today = date.fromisoformat(as_of)
    for record in sorted(records, key=lambda r: r.get("happened_on") or ""):
        if record["item"] is None or record.get("state", "active") != "active":
            continue
        day = date.fromisoformat(record["happened_on"])
        for rule in scheme["rules"]:
            if record["item"] in rule["items"] and day <= today <= last_day(day, rule["months"]):
                yield record, rule


def tiers_of(rule, amount):
    points = Decimal(0)
    for tier, after in zip(rule["tiers"], rule["tiers"][1:] + [None]):
        top = amount if after is None else min(amount, Decimal(str(after["from"])))
        if top > tier["from"]:
            points += (top - tier["from"]) // Decimal(str(tier["per"])) * Decimal(str(tier["points"]))
    return points


def score(scheme, as_of, records):
    """Only what the shipped scheme uses: plus points, tiers by year, overlap, caps."""
    pairs = list(counted(scheme, as_of, records))
    best = {}
    for record, rule in pairs:
        if "overlap" in rule:
            key = (rule["overlap"], record["happened_on"])
            best[key] = max(best.get(key, Decimal(0)), Decimal(str(rule["points"])))
    by_rule, dimensions = {}, {d["id"]: d for d in scheme["dimensions"]}
    for record, rule in pairs:
        year = record["happened_on"][:4]
        points = by_rule.setdefault((rule["id"], year), [rule, Decimal(0), Decimal(0)])
        if "tiers" in rule:
            points[1] += Decimal(str(record["amount"]))
        elif "overlap" not in rule or best.pop((rule["overlap"], record["happened_on"]), None) == Decimal(str(rule["points"])):
            points[2] += Decimal(str(rule["points"]))
    sums = {}
    for (_, year), (rule, amount, points) in by_rule.items():
        points += tiers_of(rule, amount) if "tiers" in rule else 0
        points = min(points, Decimal(str(rule.get("cap", points))))
        per = year if dimensions[rule["dimension"]].get("per") == "year" else ""
        sums[rule["dimension"], per] = sums.get((rule["dimension"], per), Decimal(0)) + points
    total = Decimal(str(scheme["base"])) + sum(min(v, Decimal(str(dimensions[d]["most_plus"]))) for (d, _), v in sums.items())
    return min(max(total, Decimal(str(scheme["least"]))), Decimal(str(scheme["most"])))


def check_cases(book):
    answers, wrong, asked = Answers(book), [], 0
    for case in book["cases"]:
        if not answers.known(case["ask"]):      # repair has an oracle of its own, next_change follows from it
            continue
        asked += 1
        ours = answers.ask(case["ask"], case["given"])
        if ours != case["expect"]:
            wrong.append((case["name"], ours, case["expect"]))
    return report(f"{asked} of {len(book['cases'])} cases", len(book["cases"]) >= 80, True, wrong)


def main():
    book = read_book()
    fine = [check_cases(book), check_workdays(), check_display(book)]
    sys.exit(not all(fine))


if __name__ == "__main__":
    main()
