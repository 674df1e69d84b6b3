"""A register of records with their stored ends, and the questions put to it.

The law is the rulebook that ships, given as a constant and read from a table.
Records: every item of it, any class, documents of 2015 to 2026 in the order of
their dates give or take 20 days; four of five have an end of the conduct.
"""
from collections import namedtuple

Variant = namedtuple("Variant", "name sql right most rate", defaults=(None, None, None))
Group = namedtuple("Group", "title baseline variants")

SHIPPED = "credit.shipped_rulebook('cn-370323')"

RECORDS = """
create table law (book credit.rulebook);
insert into law values ({book});
create unlogged table r as
select i as subject, item, s as severity, d as document_date, case when i % 5 > 0 then d - (h2 % 300)::int end as conduct_end
  from (select i, h2, date '2015-01-01' + (i * 4300 / {rows} + h1 % 20)::int as d,
               (enum_range(null::credit.severity) || null::credit.severity)[1 + h2 % 4] as s,
               items[1 + h1 / 32 % cardinality(items)] as item
          from generate_series(1::bigint, {rows}) i, hashint8extended(i, 1) a, hashint8extended(i, 2) b,
               abs(a % 1000003) h1, abs(b % 1000003) h2,
               (select array_agg(id order by id) from credit.rulebook_items({book})) i2 (items)) g;
create unlogged table register as
select r.*, upper(period) - 1 as display_until, period
  from r, lateral (select credit.display_period((select book from law), item, severity, document_date, conduct_end) offset 0) p (period);
drop table r;
vacuum (freeze, analyze) register;
"""


def display(session, rows):
    session.ask(RECORDS.format(book=SHIPPED, rows=rows))
    facts = "item, severity, document_date, conduct_end"
    for day in ("2026-11-23", "2018-03-01"):
        stored = f"select count(*) from register where document_date <= '{day}' and display_until >= '{day}';"
        right = session.ask(stored)
        variants = [Variant("stored", stored, right)]
        variants.append(Variant("stored again", stored, right))
        variants.append(Variant("stored end alone", f"select count(*) from register where display_until >= '{day}';"))
        variants.append(Variant("stored range", f"select count(*) from register where period @> date '{day}';", right))
        for kind, law in (("constant", SHIPPED), ("from a table", "(select book from law)")):
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
insert into law values ({SHIPPED});
create unlogged table step as
select date '2007-06-01' + (i * 7919 % 6900)::int as day, (i % 61 - 30)::int as n, date '2007-06-01' + (i * 104729 % 6900)::int as other
  from generate_series(1::bigint, {rows}) i;
vacuum (freeze, analyze) step;""")
    variants = [Variant("day + n", "select count(day + n) from step;")]
    for kind, law in (("constant", SHIPPED), ("from a table", "(select book from law)")):
        for call in ("add_workdays({}, day, n)", "is_workday({}, day)", "workdays_between({}, day, other)"):
            variants.append(Variant(f"{call.split('(')[0]}, book {kind}",
                                    f"select count(credit.{call.format(law)}) from step;", rate=3_000_000))
    yield Group("Working days", "day + n", variants)


def groups(what, session, rows):
    return {"display": display, "calendar": calendar}[what](session, rows)
