"""A register of records with their stored ends, and the questions put to it."""
import json
from collections import namedtuple

Variant = namedtuple("Variant", "name sql right most rate", defaults=(None, None, None))
Group = namedtuple("Group", "title baseline variants")

ITEMS = [f"{kind}_{field}" for kind in ("penalty", "arrears", "list", "default")
         for field in ("tax", "food_and_drugs", "safety", "labour")]

# Months by class: the national rules of three times, and a province's caps.
RULES = [("d527", (12, 12, 36), "2019-07-01", "2023-04-30"),
         ("o58", (36, 36, 36), "2023-05-01", "2026-03-31"),
         ("o36", (3, 12, 36), "2026-04-01", None)]
CLASSES = ("minor", "general", "serious")


def book():
    """The rulebook as JSON: 16 items, their display rules, a calendar of 20 years."""
    basis = {"document": "law"}
    display = [{"id": f"{law}_{name}", "severity": [name], "months": months[place], "anchor": "document_date",
                "basis": basis, "in_force": {"from": since, **({"to": to} if to else {})}, "confidence": "C"}
               for law, months, since, to in RULES for place, name in enumerate(CLASSES)]
    display += [{"id": "any", "months": 36, "anchor": "document_date", "basis": basis,
                 "in_force": {"from": "2014-01-01"}, "confidence": "C"},
                {"id": "cap", "months": 60, "anchor": "conduct_end", "cap": True, "basis": basis,
                 "in_force": {"from": "2020-10-01"}, "confidence": "C"}]
    years = [{"year": y, "notice": "made up", "off": [f"{y}-01-01/{y}-01-03", f"{y}-10-01/{y}-10-07"],
              "work": []} for y in range(2007, 2027)]
    return json.dumps({
        "format": 1, "id": "bench", "version": "1", "title": {"zh": "测", "en": "bench"},
        "documents": [{"id": "law", "zh": "测试", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
        "items": [{"id": item, "zh": item, "en": item, "stance": "bad", "subjects": ["person", "organisation"],
                   "basis": basis, "in_force": {"from": "2000-01-01"}, "confidence": "C"} for item in ITEMS],
        "display": display,
        "calendar": {"from": "2007-01-01", "to": "2026-12-31", "weekend": [6, 7], "years": years}})


RECORDS = """
create table law (book credit.rulebook);
insert into law values ('{book}');
create unlogged table r as
select i as subject, item, s as severity, d as document_date, case when i % 5 > 0 then d - (h2 % 300)::int end as conduct_end
  from (select i, h2, date '2015-01-01' + (i * 4300 / {rows} + h1 % 20)::int as d,
               (enum_range(null::credit.severity) || null::credit.severity)[1 + h2 % 4] as s,
               ('{items}'::text[])[1 + h1 / 32 % 16] as item
          from generate_series(1::bigint, {rows}) i, hashint8extended(i, 1) a, hashint8extended(i, 2) b,
               abs(a % 1000003) h1, abs(b % 1000003) h2) g;
create unlogged table register as
select r.*, upper(period) - 1 as display_until, period
  from r, lateral (select credit.display_period((select book from law), item, severity, document_date, conduct_end) offset 0) p (period);
drop table r;
vacuum (freeze, analyze) register;
"""


def display(session, rows):
    session.ask(RECORDS.format(book=book(), rows=rows, items="{" + ",".join(ITEMS) + "}"))
    constant = "'" + session.ask("select book from law;") + "'"
    facts = "item, severity, document_date, conduct_end"
    for day in ("2026-11-23", "2018-03-01"):
        stored = f"select count(*) from register where document_date <= '{day}' and display_until >= '{day}';"
        right = session.ask(stored)
        variants = [Variant("stored", stored, right)]
        variants.append(Variant("stored again", stored, right))
        variants.append(Variant("stored end alone", f"select count(*) from register where display_until >= '{day}';"))
        variants.append(Variant("stored range", f"select count(*) from register where period @> date '{day}';", right))
        for kind, law in (("constant", constant), ("from a table", "(select book from law)")):
            variants.append(Variant(f"displayed_on, book {kind}",
                                    f"select count(*) from register where credit.displayed_on({law}, {facts}, '{day}');",
                                    right, 1.15))
            variants.append(Variant(f"display_period @> day, book {kind}",
                                    f"select count(*) from register where credit.display_period({law}, {facts}) @> date '{day}';",
                                    right, 1.8))
        share = int(right) * 100 / rows
        yield Group(f"On {day} ({share:.1f} % shown)", "stored", variants)


def calendar(session, rows):
    session.ask(f"""
create table law (book credit.rulebook);
insert into law values ('{book()}');
create unlogged table step as
select date '2007-06-01' + (i * 7919 % 6900)::int as day, (i % 61 - 30)::int as n, date '2007-06-01' + (i * 104729 % 6900)::int as other
  from generate_series(1::bigint, {rows}) i;
vacuum (freeze, analyze) step;""")
    constant = "'" + session.ask("select book from law;") + "'"
    variants = [Variant("day + n", "select count(day + n) from step;")]
    for kind, law in (("constant", constant), ("from a table", "(select book from law)")):
        for call in ("add_workdays({}, day, n)", "is_workday({}, day)", "workdays_between({}, day, other)"):
            variants.append(Variant(f"{call.split('(')[0]}, book {kind}",
                                    f"select count(credit.{call.format(law)}) from step;", rate=3_000_000))
    yield Group("Working days", "day + n", variants)


def groups(what, session, rows):
    return {"display": display, "calendar": calendar}[what](session, rows)
