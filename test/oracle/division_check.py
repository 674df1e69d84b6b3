#!/usr/bin/env python3
"""Divisions against data/division_history.csv, read independently.

Runs psql (its environment says where; the database needs the extension and no
local rows) and compares, for every code of the lists and every code that ends
in 00 or 01, in every year from 1979 to 2027: listed, name and full name; and
for random windows of years: listed.  Works with sets of years, not intervals.
"""
import csv
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "data", "division_history.csv")
FIRST, LAST = 1979, 2027
LO, HI = 1890, 2110                     # years that windows may name


def read_lists():
    """code -> year -> name, with the open ends filled out."""
    lists = {}
    with open(DATA, encoding="utf-8", newline="") as f:
        rows = sorted(csv.DictReader(f), key=lambda r: int(r["first_year"]))
    for r in rows:                      # later first years overwrite
        first = int(r["first_year"])
        last = int(r["last_year"]) if r["last_year"] else HI + 2
        years = lists.setdefault(r["code"], {})
        for y in range(LO - 2 if first == 1980 else first, last + 1):
            years[y] = r["name"]
    return lists


def with_slack(years):
    return {y + d for y in years for d in (-1, 0, 1)}


def heading_years(lists, code):
    """Years (with slack) and name of a heading that the lists leave out."""
    if code[4:] == "01" and code[2:4] != "00":
        parent = lists.get(code[:4] + "00", {})
        return with_slack(y for y, n in parent.items() if n.endswith("市")), "市辖区"
    if code[4:] != "00":
        return set(), None
    name = None
    if code[2:4] == "90":
        autonomous = code[:2] in ("15", "45", "54", "64", "65")
        name = ("自治区" if autonomous else "省") + "直辖县级行政区划"
    elif code[:2] in ("11", "12", "31", "50"):
        name = {"01": "市辖区", "02": "县"}.get(code[2:4])
        if code[:4] == "5003":
            name = "市"
    if not name:
        return set(), None
    below = [lists[c] for c in lists if c[:4] == code[:4]]
    return set().union(*(with_slack(b) for b in below)), name


class Oracle:
    def __init__(self):
        self.lists = read_lists()
        self.memo = {}

    def facts(self, code):
        if code not in self.memo:
            names = dict(self.lists.get(code, {}))
            listed = with_slack(names)
            for y in range(LO, HI):     # a hole of one year
                if y not in names and names.get(y - 1) and names.get(y - 1) == self.lists[code].get(y + 1):
                    names[y] = names[y - 1]
            heading, title = heading_years(self.lists, code)
            self.memo[code] = (names, listed | heading, heading, title)
        return self.memo[code]

    def listed(self, code, a, b):
        years = self.facts(code)[1]
        return any(y in years for y in range(a, b + 1))

    def name(self, code, year):
        names, _, heading, title = self.facts(code)
        return names.get(year) or (title if year in heading else None)

    def near(self, code, year):
        return self.name(code, year) or self.name(code, year + 1) or self.name(code, year - 1)

    def full_name(self, code, year):
        own = self.name(code, year)
        if not own:
            return None
        text = ""
        for above in dict.fromkeys((code[:2] + "0000", code[:4] + "00")):
            _, _, heading, _ = self.facts(above)
            is_heading = year in heading and not self.lists.get(above, {}).get(year)
            if above != code and not is_heading:
                text += self.near(above, year) or ""
        return text + own


def psql(query):
    p = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", query],
                       check=True, capture_output=True, text=True)
    return p.stdout.splitlines()


def main():
    oracle = Oracle()
    wrong = asked = 0

    def complain(*words):
        nonlocal wrong
        wrong += 1
        if wrong <= 20:
            print("WRONG:", *words)

    rows = psql(f"""COPY (
        SELECT c, y, credit.division_listed(c, y, y), credit.division_name(c, make_date(y, 12, 31)),
               credit.division_full_name(c, make_date(y, 1, 1))
          FROM (SELECT code AS c FROM credit.division_history
                UNION SELECT lpad(n::text, 4, '0') || e FROM generate_series(0, 9999) n, unnest('{{00,01}}'::text[]) e) s,
               generate_series({FIRST}, {LAST}) y) TO STDOUT (FORMAT csv)""")
    for code, y, listed, name, full in csv.reader(rows):
        asked += 1
        want = (oracle.listed(code, int(y), int(y)), oracle.name(code, int(y)) or "", oracle.full_name(code, int(y)) or "")
        if (listed == "t", name, full) != want:
            complain(code, y, (listed, name, full), "wanted", want)

    random.seed(2260)
    codes = sorted(oracle.lists)
    windows = []
    for _ in range(100000):
        code = random.choice(codes)
        if random.random() < 0.3:       # neighbours, mostly unlisted
            code = f"{random.choice(codes)[:4]}{random.randrange(100):02d}"
        a = random.randrange(LO + 1, HI - 1)
        windows.append((code, a, min(a + int(random.expovariate(1 / 8)), HI - 2)))
    for i in range(0, len(windows), 5000):
        part = windows[i:i + 5000]
        values = ",".join(f"('{c}',{a},{b})" for c, a, b in part)
        got = psql(f"SELECT credit.division_listed(c, a, b) FROM (VALUES {values}) v(c, a, b)")
        for (c, a, b), answer in zip(part, got, strict=True):
            asked += 1
            if (answer == "t") != oracle.listed(c, a, b):
                complain(c, a, b, answer)
    print(f"divisions: {asked} answers compared, {wrong} wrong")
    return 1 if wrong or asked < 1000000 else 0


if __name__ == "__main__":
    sys.exit(main())
