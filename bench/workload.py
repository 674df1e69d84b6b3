"""What is measured: the types side by side, and the statements put to each."""
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Variant:
    key: str                    # part of table and file names
    title: str
    type: str                   # column type, with constraint if any
    file: str                   # which file of rows it reads
    share: int = 1              # loads every share-th part of the rows
    peer: bool = True           # neither the baseline nor ours: fewer repetitions
    binary: bool = True         # has send and receive functions


BASELINE = Variant("bigint", "bigint", "bigint", "bigint", peer=False)
OURS = Variant("code", "credit.code", "credit.code", "code", peer=False)
CHECKED_TEXT = Variant("checked", "text + PL/pgSQL check",
                       'text collate "C" check (bench.is_credit_code(c))', "code", share=20, binary=False)
VARIANTS = (
    BASELINE,
    # The baseline a second time, on a table of its own: what its ratio is off
    # 1.00 is what this machine cannot tell apart.
    Variant("again", "bigint again", "bigint", "bigint", peer=False),
    OURS,
    Variant("uuid", "uuid", "uuid", "uuid"),
    Variant("text", 'text COLLATE "C"', 'text collate "C"', "code"),
    Variant("ean13", "ean13 (isn)", "ean13", "ean13", binary=False),
    CHECKED_TEXT,
)


@dataclass(frozen=True)
class Operation:
    """One timed statement.  {v} names the variant's tables, {type} is its column
    type, {text} and {binary} are its files, {rows} is the number of rows."""
    key: str
    title: str
    timed: str
    per: str = "rows"           # what a time is divided by: rows or probes
    before: str = ""
    after: str = ""
    off: tuple = ()             # planner settings turned off for it
    plan: tuple = ()            # what its plan must name, or the run is void
    right: Callable = None      # of (answer, rows, probes): is the answer right?
    goal: float = 0.0           # highest ratio to bigint that is wanted
    checked: bool = False       # also for the text that PL/pgSQL checks
    binary: bool = False        # only where there is a binary form

    def applies(self, variant):
        return (self.checked or variant is not CHECKED_TEXT) and (variant.binary or not self.binary)

    def text(self, template, variant, names):
        return template.format(v=names["v"], type=variant.type, **{k: names[k] for k in ("text", "binary", "rows")})

    def setup(self):
        return " ".join(f"set {name} = off;" for name in self.off)


def all_found(answer, rows, probes):
    return int(answer) >= probes


def nearly_all_differ(answer, rows, probes):
    return 0.99 * rows <= int(answer) <= rows


SCANS_OFF = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
NEW_TABLE = "begin; create unlogged table w_{v} (c {type});"

OPERATIONS = (
    Operation("copy_in", "COPY in, text", "copy w_{v}(c) from '{text}';",
              before=NEW_TABLE, after="rollback;", goal=1.12, checked=True),
    Operation("copy_in_binary", "COPY in, binary", "copy w_{v}(c) from '{binary}' (format binary);",
              before=NEW_TABLE, after="rollback;", binary=True),
    Operation("copy_out", "COPY out, text", "copy b_{v}(c) to '/dev/null';", goal=1.08),
    Operation("copy_out_binary", "COPY out, binary", "copy b_{v}(c) to '/dev/null' (format binary);", binary=True),
    Operation("sort", "ORDER BY", "select c from b_{v} order by c offset {rows};",
              off=SCANS_OFF, plan=("Sort", "Seq Scan"), goal=1.03),
    Operation("create_index", "CREATE INDEX (btree)", "create index w_{v}_c on b_{v} (c);",
              before="begin;", after="rollback;", goal=1.03),
    Operation("hash_join", "hash join with a tenth", "select count(*) from b_{v} a join p_{v} p on a.c = p.c;",
              off=SCANS_OFF + ("enable_mergejoin", "enable_nestloop"), plan=("Hash Join",),
              right=all_found, goal=1.03),
    Operation("probe", "index probe", "select count(*) from b_{v} a join p_{v} p on a.c = p.c;", per="probes",
              off=("enable_mergejoin", "enable_hashjoin", "enable_bitmapscan", "enable_memoize", "enable_material"),
              plan=("Nested Loop", "Index Only Scan using b_{v}_c"), right=all_found, goal=1.03),
    Operation("distinct", "count(DISTINCT)", "select count(distinct c) from b_{v};",
              off=SCANS_OFF, plan=("Aggregate", "Seq Scan"), right=nearly_all_differ, goal=1.03),
    Operation("hash_aggregate", "GROUP BY (hash)", "select count(*) from (select c from b_{v} group by c) s;",
              off=SCANS_OFF + ("enable_sort",), plan=("HashAggregate",), right=nearly_all_differ),
)

CHECKS_WANTED = 2_000_000       # rows per second and core that check_code must reach
CHECKS = (                      # (title, share of the rows, statement that returns the rows found good)
    ("credit.check_code", 1,
     "select count(*) from b_text where (credit.check_code(c, date '2026-01-01')).verdict = 'valid';"),
    ("PL/pgSQL function", 20,
     "select count(*) from (select c from b_text limit {rows}) s where bench.is_credit_code(c);"),
)


def load(variant, names, probes):
    """Tables that stay for the whole run: b_ with its index, and p_, every row
    of which b_ has, in another order (the same for every variant).  The count
    at the end brings b_ into shared buffers."""
    v = names["v"]
    binary = f"copy b_{v} (c) to '{names['binary']}' (format binary);" if variant.binary else ""
    return f"""
create unlogged table b_{v} (c {variant.type});
copy b_{v} (c) from '{names["text"]}';
{binary}
create unlogged table p_{v} as select c from (select c, row_number() over () as n from b_{v}) s
  order by hashint8(n) limit {probes};
create index b_{v}_c on b_{v} (c);
vacuum (freeze, analyze) b_{v};
vacuum (freeze, analyze) p_{v};
select count(*) from b_{v};
"""
