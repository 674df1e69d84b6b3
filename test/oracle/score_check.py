#!/usr/bin/env python3
"""Score against a second implementation, over random rulebooks and records.

    score_check.py [SETS [SEED [PERSONS]]]      default 6000, seed 44, 1000000

Runs psql (its environment says where; the database needs the extension).  This
side computes with fractions, looks at all records at once where the extension
goes day by day, and asks for score and lines.  Then properties that need no
second implementation, in bulk: lines add up to the score, one person alone has
the score of the grouped query, plans and orders of rows have no influence,
records that do not count change nothing, a merit never lowers a score.
"""
import calendar
import csv
import io
import json
import random
import subprocess
import sys
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

DAY = timedelta(days=1)
DATA = Path(__file__).resolve().parent.parent / "data"
CLASSES = ["minor", "general", "serious"]
STATES = ["disputed", "repaired", "withdrawn", "archived", "minor", "no_consent"]
ITEMS = ["a", "b", "c", "d", "e", "f"]
BASIS = {"basis": {"document": "d"}, "confidence": "C"}


# --- random schemes and records -------------------------------------------------

def some_points(rng):
    return rng.choice([str(rng.randint(1, 60)), f"{rng.randint(0, 9)}.{rng.randint(1, 9999):04d}"])


def random_rule(rng, number, dimensions):
    rule = {"id": f"r{number}", "items": rng.sample(ITEMS, rng.randint(1, 3)), **BASIS}
    kind = rng.choice(["plus", "plus", "minus", "minus", "minus", "tiers", "steps", "direct"])
    if rng.random() < 0.3:
        rule["severity"] = rng.sample(CLASSES, rng.randint(1, 3))
    if kind in ("plus", "minus"):
        rule["points"] = some_points(rng) if kind == "plus" else "-" + some_points(rng)
    if kind == "minus" and rng.random() < 0.5:
        rule["relapse"] = rng.randint(2, 10)
    if kind in ("tiers", "steps"):
        at = sorted(rng.sample(range(0, 200), rng.randint(1, 4)))
        worth = sorted(rng.randint(0, 30) for _ in at)
        if kind == "tiers":
            rng.shuffle(worth)
            rule["tiers"] = [{"from": a, "per": rng.choice([1, 3, "0.5", 7]), "points": p} for a, p in zip(at, worth)]
        else:
            rule["steps"] = [{"at": a, "points": p} for a, p in zip(at, worth)]
        if rng.random() < 0.8:
            rule["sum"] = rng.choice(["record", "year", "all"])
    if kind == "direct":
        rule["direct"] = rng.choice(["B", "C"])
    if kind != "minus" or rng.random() < 0.6:
        rule["months"] = rng.choice([1, 6, 12, 24, 60])
    if dimensions and rng.random() < 0.5:
        rule["dimension"] = rng.choice(dimensions)["id"]
    if kind != "direct" and rng.random() < 0.3:
        rule["cap"] = rng.randint(1, 120)
    # Amounts of all years under a bound of a year are refused: more could give less.
    bounds = {d["id"]: d["per"] == "year" and "most_plus" in d for d in dimensions}
    if rule.get("sum", "all") == "all" and ("tiers" in rule or "steps" in rule) and \
            ("cap" in rule or bounds.get(rule.get("dimension"))):
        rule["sum"] = "year"
    if rng.random() < 0.4:
        # Merits share an overlap only under conditions; here each of them that could not has its own.
        free = kind == "plus" and "cap" not in rule and "dimension" not in rule
        rule["overlap"] = rng.choice(["x", "y"]) if kind in ("minus", "direct") or free else f"own{number}"
    return rule


def random_book(rng, number):
    dimensions = []
    for n in range(rng.randint(0, 3)):
        d = {"id": f"dim{n}", "zh": "维", "en": "dimension", "per": rng.choice(["year", "all"])}
        if rng.random() < 0.7:
            d["most_plus"] = rng.randint(1, 150)
        if rng.random() < 0.7:
            d["most_minus"] = rng.randint(1, 150)
        dimensions.append(d)
    score = {"id": f"s{number}", **BASIS, "base": rng.choice([0, 100, "99.5"]),
             "grades": [{"grade": "A", "from": 90}, {"grade": "B", "from": 40}, {"grade": "C"}],
             "validity": [{"up_to": 10, "months": 12}, {"months": 36}],
             "rules": [random_rule(rng, n, dimensions) for n in range(rng.randint(1, 9))]}
    if dimensions:
        score["dimensions"] = dimensions
    if rng.random() < 0.4:
        score["least"] = -50
    if rng.random() < 0.4:
        score["most"] = 130
    return {"format": 1, "id": f"book-{number}", "version": "1", "title": {"zh": "本", "en": "book"},
            "documents": [{"id": "d", "zh": "法", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
            "items": [{"id": i, "zh": i, "en": i, "stance": "neutral", "subjects": ["person"],
                       "in_force": {"from": "2000-01-01"}, **BASIS} for i in ITEMS],
            "score": score}


def random_record(rng, items, as_of):
    back = rng.choice([rng.randint(-40, 400), rng.randint(0, 2200)])
    day = as_of - DAY * back
    if rng.random() < 0.4:  # the same few days meet, and ends of months
        year = rng.randint(2022, 2026)
        month = rng.choice([2, 3, 8])
        day = date(year, month, calendar.monthrange(year, month)[1])
    amount = rng.choice([None, str(rng.randint(0, 250)), f"{rng.randint(0, 90)}.{rng.randint(0, 999999):06d}"] * 3 + ["-1", "NaN"])
    return {"item": rng.choice(items), "severity": rng.choice(CLASSES + [None, None]),
            "happened_on": day if rng.random() < 0.97 else None, "amount": amount,
            "state": rng.choice(["active", None]) if rng.random() < 0.85 else rng.choice(STATES)}


# --- the second implementation ---------------------------------------------------

def last_day(day, months):
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def number(value):
    return Fraction(str(value))


def months_of(scheme, rule):
    if "months" in rule:
        return rule["months"]
    size = -number(rule["points"])
    return next(v["months"] for v in scheme["validity"] if "up_to" not in v or size <= number(v["up_to"]))


def is_merit(rule):
    return "tiers" in rule or "steps" in rule or ("points" in rule and number(rule["points"]) >= 0)


def ceiling(scheme, rule):
    names = [g["grade"] for g in scheme["grades"]]
    return number(scheme["grades"][names.index(rule["direct"]) - 1]["from"]) - Fraction(1, 10000)


def by_amount(rule, amount):
    if "steps" in rule:
        return max((number(s["points"]) for s in rule["steps"] if amount >= number(s["at"])), default=Fraction(0))
    points = Fraction(0)
    ends = [number(t["from"]) for t in rule["tiers"][1:]] + [None]
    for tier, end in zip(rule["tiers"], ends):
        part = (amount if end is None else min(amount, end)) - number(tier["from"])
        if part > 0:
            points += part // number(tier["per"]) * number(tier["points"])
    return points


def clip(value, left):
    return max(-left, min(left, value))


def reaches(rule, item, severity):
    return item in rule["items"] and ("severity" not in rule or severity in rule["severity"])


def answer(scheme, records, as_of):
    """Score, and (rule, day, points) of every record that counts, before bounds of the whole."""
    rules = scheme["rules"]
    live = []
    for r in records:
        for n, rule in enumerate(rules):
            if r["state"] not in (None, "active") or r["happened_on"] is None or not reaches(rule, r["item"], r["severity"]):
                continue
            if not r["happened_on"] <= as_of <= last_day(r["happened_on"], months_of(scheme, rule)):
                continue
            amount = Fraction(0)
            if "tiers" in rule or "steps" in rule:
                if r["amount"] is None or r["amount"] == "NaN" or Decimal(r["amount"]) < 0:
                    continue
                amount = Fraction(Decimal(r["amount"]).quantize(Decimal("0.0001"), ROUND_HALF_UP))
            live.append({"day": r["happened_on"], "rule": n, "amount": amount})
    for e in live:
        rule = rules[e["rule"]]
        e["worth"] = number(rule.get("points", 0))
        if any(o["rule"] == e["rule"] and o["day"] < e["day"] for o in live):
            e["worth"] *= rule.get("relapse", 1)
    live.sort(key=lambda e: (e["day"], e["rule"], e["amount"]))

    winners = []
    for place, e in enumerate(live):
        rule = rules[e["rule"]]
        rank = lambda e: (1, -ceiling(scheme, rules[e["rule"]])) if "direct" in rules[e["rule"]] else (0, abs(e["worth"]) or e["amount"])
        rivals = [(rank(o), -at) for at, o in enumerate(live) if "overlap" in rule and rules[o["rule"]].get("overlap") == rule["overlap"]
                  and o["day"] == e["day"] and is_merit(rules[o["rule"]]) == is_merit(rule)]
        if not rivals or max(rivals) == (rank(e), -place):
            winners.append(e)

    dimensions = {d["id"]: d for d in scheme.get("dimensions", [])}
    sums, used, taken = {}, {}, {}
    out, directs = [], []
    for e in winners:
        rule, year = rules[e["rule"]], e["day"].year
        if "direct" in rule:
            directs.append(ceiling(scheme, rule))
            continue
        points = e["worth"]
        if "tiers" in rule or "steps" in rule:
            key = (e["rule"], {"record": id(e), "year": year, "all": None}[rule.get("sum", "all")])
            before = sums.get(key, Fraction(0))
            sums[key] = before + e["amount"]
            points = by_amount(rule, sums[key]) - (by_amount(rule, before) if before else by_amount(rule, Fraction(0)) * (key in taken))
            taken[key] = True
        if number(rule.get("cap", 0)):
            key = (e["rule"], year)
            points = clip(points, number(rule["cap"]) - used.get(key, 0))
            used[key] = used.get(key, 0) + abs(points)
        if "dimension" in rule:
            d = dimensions[rule["dimension"]]
            side = "most_minus" if points < 0 else "most_plus"
            if number(d.get(side, 0)):
                key = (d["id"], side, year if d.get("per") == "year" else None)
                points = clip(points, number(d[side]) - used.get(key, 0))
                used[key] = used.get(key, 0) + abs(points)
        out.append((rule["id"], e["day"].isoformat(), points))
    total = number(scheme["base"]) + sum(p for _, _, p in out)
    total = min([total] + directs)
    total = min(total, number(scheme.get("most", total)))
    return max(total, number(scheme.get("least", total))), sorted(x for x in out if x[2])


# --- asking the extension ----------------------------------------------------------

def psql(script):
    p = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=script, check=True, stdout=subprocess.PIPE, text=True)
    return p.stdout


def copy(out, table, rows):
    out.write(f"COPY {table} FROM STDIN (FORMAT csv);\n")
    csv.writer(out, lineterminator="\n").writerows(rows)
    out.write("\\.\n")


def ask_extension(books, sets):
    out = io.StringIO()
    out.write("SET DateStyle = ISO;\nCREATE TEMP TABLE b (n int PRIMARY KEY, book credit.rulebook);\n"
              "CREATE TEMP TABLE s (id int, n int, as_of date);\nCREATE TEMP TABLE r (id int, item text,"
              " severity credit.severity, happened_on date, amount numeric, state text);\n")
    copy(out, "b", ([n, json.dumps(b)] for n, b in enumerate(books)))
    copy(out, "s", ([s["id"], s["book"], s["as_of"]] for s in sets))
    copy(out, "r", ([s["id"], *r.values()] for s in sets for r in s["records"]))
    out.write("COPY (SELECT id, credit.score(book, as_of, item, severity, happened_on, amount, state),"
              " credit.score_lines(book, as_of, item, severity, happened_on, amount, state)"
              " FROM s JOIN b USING (n) LEFT JOIN r USING (id) GROUP BY id) TO STDOUT (FORMAT csv);\n")
    return {int(i): (Fraction(p), json.loads(lines, parse_float=str, parse_int=str))
            for i, p, lines in csv.reader(io.StringIO(psql(out.getvalue())))}


def compare(count, rng):
    shipped = [json.loads((DATA / f).read_text()) for f in ("weihai_haibei.json", "fuzhou_moli.json", "wendeng_2020.json")]
    books = shipped + [random_book(rng, n) for n in range(max(20, count // 40))]
    sets = []
    for n in range(count):
        at = n % 3 if n < count // 4 else rng.randrange(3, len(books))
        items = [i["id"] for i in books[at]["items"]]
        as_of = rng.choice([date(2026, 2, 28), date(2024, 2, 29), date(2025, 12, 31), date(2026, 8, 31) - DAY * rng.randint(0, 700)])
        records = [random_record(rng, items, as_of) for _ in range(rng.choice([0, 1, 2, 5, 9, 50]))]
        sets.append({"id": n, "book": at, "as_of": as_of, "records": records})
    got, wrong, moved, seen = ask_extension(books, sets), 0, 0, set()
    # The same sets with one merit more.
    more = []
    for s in sets:
        rules = books[s["book"]]["score"]["rules"]
        merits = [i["id"] for i in books[s["book"]]["items"] if any(reaches(r, i["id"], None) for r in rules)
                  and all(is_merit(r) for r in rules if reaches(r, i["id"], None))]
        if merits:
            record = random_record(rng, merits, s["as_of"])
            record.update(severity=None, state="active")
            more.append({**s, "records": s["records"] + [record]})
    raised = ask_extension(books, more)
    for s in sets:
        scheme = books[s["book"]]["score"]
        score, lines = got[s["id"]]
        wanted, counted = answer(scheme, s["records"], s["as_of"])
        plain = sorted((l["rule"], l["record"]["happened_on"], Fraction(l["points"])) for l in lines
                       if l["record"] and Fraction(l["points"]) and not l["why"].startswith("direct "))
        seen.update(l["why"].split(" ")[0] for l in lines)
        moved += wanted != number(scheme["base"])
        faults = [what for what, bad in (("score", score != wanted), ("lines", plain != counted),
                                         ("sum", sum(Fraction(l["points"]) for l in lines) != score)) if bad]
        if faults:
            wrong += 1
            if wrong <= 5:
                print("WRONG:", *faults, "got", score, plain, "wanted", wanted, counted, "\n   ", s["as_of"],
                      [[str(v) for v in r.values()] for r in s["records"]], "\n   ", json.dumps(scheme))
    lower = [s for s in more if raised[s["id"]][0] < got[s["id"]][0]]
    for s in lower[:3]:
        print("WRONG: lowered by a merit:", got[s["id"]][0], raised[s["id"]][0], s["as_of"],
              [[str(v) for v in r.values()] for r in s["records"]], json.dumps(books[s["book"]]["score"]))
    unseen = {"base", "counts", "relapse", "cap", "direct", "another", "lesser", "expired", "not", "no", "least", "most"} - seen
    print(f"score: {count} sets over {len(books)} rulebooks ({moved} off the base), {wrong} wrong; {len(more)} with one merit more, "
          f"{len(lower)} lowered" + (f"; never seen: {sorted(unseen)}" if unseen else ""))
    return wrong + len(lower) + len(unseen)


# --- properties in bulk --------------------------------------------------------------

BULK = r"""
SET DateStyle = ISO; SET client_min_messages = warning; SET jit = off;
DROP SCHEMA IF EXISTS score_check CASCADE; CREATE SCHEMA score_check; SET search_path = score_check, public;
CREATE UNLOGGED TABLE b (n int, book credit.rulebook);
CREATE UNLOGGED TABLE i (n int, place int, item text, merit bool);
%(copies)s
SELECT setseed(0.44);
CREATE UNLOGGED TABLE r AS SELECT p, p %% %(books)s AS n, item, (ARRAY['minor','general','serious',NULL])[1 + (random() * 3)::int]::credit.severity AS severity,
  date '2026-06-30' - (random() ^ 2 * 1500)::int AS happened_on, round((random() * 120)::numeric, 2) AS amount,
  CASE WHEN random() < 0.9 THEN 'active' END AS state, (random() * 1e9)::int AS shuffle
  FROM (SELECT p, (random() * 1000)::int AS k FROM generate_series(1, %(persons)s) p, generate_series(1, 1 + p %% 5)) x
  JOIN (SELECT n AS bn, count(*)::int AS c FROM i GROUP BY n) c ON bn = p %% %(books)s JOIN i ON i.n = bn AND place = k %% c;
CREATE INDEX ON r (p); ANALYZE r;
CREATE UNLOGGED TABLE serial (n int, p int, score credit.points);
"""
ROWS = "item, severity, happened_on, amount, state"
SCORE = f"credit.score(book, date '2026-06-30', {ROWS})"
PARALLEL = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2; SET enable_sort = off;"
TOTAL = "(SELECT sum((l->>'points')::numeric) FROM jsonb_array_elements(lines) l)"


def bulk(persons, rng):
    books = [json.loads((DATA / "fuzhou_moli.json").read_text()), json.loads((DATA / "wendeng_2020.json").read_text())]
    books += [random_book(rng, n) for n in range(8)]
    copies = io.StringIO()
    copy(copies, "b", ([n, json.dumps(b)] for n, b in enumerate(books)))
    copy(copies, "i", ([n, at, i["id"], any(reaches(r, i["id"], None) for r in b["score"]["rules"]) and
                        all(is_merit(r) for r in b["score"]["rules"] if reaches(r, i["id"], None))]
                       for n, b in enumerate(books) for at, i in enumerate(b["items"])))
    script = BULK % {"copies": copies.getvalue(), "persons": persons, "books": len(books)}
    few = f"p <= {persons // 8}"
    script += "SET max_parallel_workers_per_gather = 0;\n"
    for n in range(len(books)):
        script += f"INSERT INTO serial SELECT n, p, {SCORE} FROM r JOIN b USING (n) WHERE n = {n} GROUP BY n, p;\n"
    script += PARALLEL
    ask = lambda name, sql: f"SELECT '{name}', count(*), count(*) FILTER (WHERE wrong IS NOT FALSE) FROM ({sql}) x;\n"
    joined = lambda sub: f"SELECT s.score <> t.score AS wrong FROM serial s LEFT JOIN ({sub}) t USING (p) WHERE s.{few}"
    script += ask("sum of lines", f"SELECT s.score::numeric <> {TOTAL} AS wrong FROM serial s LEFT JOIN (SELECT p, credit.score_lines(book, '2026-06-30', {ROWS})"
                  " AS lines FROM r JOIN b USING (n) GROUP BY p) t USING (p)")
    script += f"EXPLAIN (COSTS OFF) SELECT p, {SCORE} AS score FROM r JOIN b USING (n) GROUP BY p;\n"
    script += ask("parallel", f"SELECT s.score <> t.score AS wrong FROM serial s LEFT JOIN (SELECT p, {SCORE} AS score FROM r JOIN b USING (n) GROUP BY p) t USING (p)")
    script += "RESET ALL; SET search_path = score_check, public; SET jit = off;\n"
    script += ask("alone", f"SELECT s.score <> (SELECT {SCORE} FROM r WHERE r.p = s.p) AS wrong FROM serial s JOIN b USING (n) WHERE p <= {persons // 50}")
    shuffled = SCORE.replace("state)", "state ORDER BY shuffle)")
    script += ask("order", joined(f"SELECT p, {shuffled} AS score FROM r JOIN b USING (n) WHERE {few} GROUP BY p"))
    columns = "p, n, item, severity, happened_on, amount, state"
    noise = (f"SELECT {columns} FROM r WHERE {few} UNION ALL SELECT p, n, item, severity, happened_on, amount,"
             f" (ARRAY['disputed','minor','repaired','withdrawn','archived','no_consent'])[1 + shuffle %% 6] FROM r WHERE {few}"
             f" UNION ALL SELECT p, n, item, severity, date '2026-07-01' + shuffle %% 500, amount, state FROM r WHERE {few}"
             f" UNION ALL SELECT p, n, item, severity, date '2021-06-29' - shuffle %% 500, amount, state FROM r WHERE {few}").replace("%%", "%")
    script += ask("noise", joined(f"SELECT p, {SCORE} AS score FROM ({noise}) r JOIN b USING (n) GROUP BY p"))
    merit = (f"SELECT {columns} FROM r WHERE {few} UNION ALL SELECT p, n, i.item, NULL, happened_on - 3, amount, 'active' FROM"
             f" (SELECT DISTINCT ON (p) * FROM r WHERE {few} ORDER BY p, shuffle) r JOIN LATERAL"
             " (SELECT item FROM i WHERE i.n = r.n AND merit ORDER BY (place * 7 + shuffle) % 5 LIMIT 1) i ON true")
    script += ask("merit", f"SELECT t.score < s.score AS wrong FROM serial s JOIN (SELECT p, {SCORE} AS score FROM ({merit}) r JOIN b USING (n) GROUP BY p) t USING (p)")
    script += "SELECT 'distinct', count(DISTINCT score), 0 FROM serial;\nSET client_min_messages = warning; DROP SCHEMA score_check CASCADE;\n"
    out = psql(script)
    results = [line.split("|") for line in out.splitlines() if line.count("|") == 2]
    wrong = sum(int(r[2]) for r in results)
    print("score: " + ", ".join(f"{name} {count}" + (f" ({bad} WRONG)" if bad != "0" else "") for name, count, bad in results))
    if "Partial" not in out:
        wrong += 1
        print("score: no plan divided the work:", out)
    return wrong


def main(count=6000, seed=44, persons=1000000):
    rng = random.Random(seed)
    wrong = compare(count, rng)
    return 1 if wrong + bulk(persons, rng) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
