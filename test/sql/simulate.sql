-- The same records under two rulebooks.
SET DateStyle = 'ISO, YMD';

CREATE TEMP TABLE law (name text PRIMARY KEY, book credit.rulebook);
INSERT INTO law VALUES ('old', $json${
  "format": 1, "id": "test-old", "version": "1", "title": {"zh": "旧", "en": "Old"},
  "documents": [{"id": "d58", "zh": "信用修复管理办法（试行）", "number": "令2023年第58号", "level": "department_rule", "in_force": {"from": "2023-05-01"}, "confidence": "A"}],
  "items": [
    {"id": "penalty", "zh": "行政处罚", "en": "Penalty", "stance": "bad", "subjects": ["person", "organisation"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "arrears", "zh": "欠缴", "en": "Arrears", "stance": "bad", "subjects": ["person", "organisation"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "closure", "zh": "责令关闭", "en": "Closure", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}
  ],
  "display": [{"id": "d58_all", "months": 36, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
  "repair": [{"id": "d58_any", "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
  "score": {"id": "s", "basis": {"document": "d58"}, "confidence": "A", "base": 1000,
            "grades": [{"grade": "A", "from": 970}, {"grade": "B", "from": 930}, {"grade": "C"}],
            "rules": [{"id": "minus", "items": ["penalty", "arrears", "closure"], "points": -10, "months": 36, "basis": {"document": "d58"}, "confidence": "A"}]}
}$json$);
-- It no longer knows arrears, and a closure is never repaired, and costs less.
INSERT INTO law SELECT 'new', ((replace(book::text, '"test-old"', '"test-new"')::jsonb
    || '{"display": [{"id": "d58_all", "months": 36, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
                     {"id": "d36_minor", "severity": ["minor"], "months": 3, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2026-04-01"}, "confidence": "A"},
                     {"id": "d36_general", "severity": ["general"], "months": 12, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2026-04-01"}, "confidence": "A"}],
         "repair": [{"id": "d58_any", "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01", "to": "2026-03-31"}, "confidence": "A"},
                    {"id": "closed", "items": ["closure"], "never": true, "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
                    {"id": "d36_minor", "severity": ["minor"], "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2026-04-01"}, "confidence": "A"},
                    {"id": "d36_general", "severity": ["general"], "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2026-04-01"}, "confidence": "A"},
                    {"id": "d36_serious", "severity": ["serious"], "min_months": 12, "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2026-04-01"}, "confidence": "A"}]}')
    #- '{items,1}' || jsonb_build_object('score', jsonb_set(book::jsonb -> 'score', '{rules}',
  '[{"id": "minus", "items": ["penalty"], "points": -10, "months": 36, "basis": {"document": "d58"}, "confidence": "A"},
    {"id": "closed", "items": ["closure"], "points": -1, "months": 36, "basis": {"document": "d58"}, "confidence": "A"}]')))::credit.rulebook
  FROM law WHERE name = 'old';

CREATE TABLE record AS
SELECT n * n % 101 AS subject, (ARRAY['penalty', 'arrears', 'closure', 'gift'])[1 + n % 4 - (n % 4 = 3 AND n % 40 <> 3)::int] AS item,
       (enum_range(NULL::credit.severity) || NULL::credit.severity)[1 + n / 7 % 4] AS severity,
       CASE WHEN n % 97 > 0 THEN '2023-05-01'::date + n * 3 END AS document_date, '2023-05-01'::date + n * 3 - n % 300 AS conduct_end,
       CASE WHEN n % 3 > 0 THEN '2023-05-01'::date + n * 3 + n % 200 END AS fulfilled_on,
       CASE WHEN n % 50 = 0 THEN '{"minor": true}'::jsonb END AS facts, 'active' AS state
  FROM generate_series(1, 500) n;
SELECT count(*), count(DISTINCT item), min(document_date), max(document_date) FROM record;

SELECT s.* FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'record') s WHERE a.name = 'old' AND b.name = 'new';
-- A book against itself: the same everywhere.
SELECT DISTINCT s.aspect, s.change, s.most_days FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'record') s WHERE a.name = 'old' ORDER BY 1, 2;
-- Turned round: what was earlier is later.
SELECT count(*) AS rows, sum(s.records) FROM law a, law b, credit.simulate(b.book, a.book, '2026-06-01', 'record') s
 WHERE a.name = 'old' AND b.name = 'new' AND (s.change IN ('later', 'new') OR s.aspect = 'grade');

-- Equal to asking row by row.
CREATE TEMP VIEW by_row AS
SELECT 'display_end' AS aspect, item, severity, upper(da) AS a, upper(db) AS b
  FROM record r, law o, law n,
       LATERAL (SELECT CASE WHEN item <> 'gift' THEN credit.display_period(o.book, item, severity, document_date, conduct_end, NULL) END,
                       CASE WHEN item NOT IN ('gift', 'arrears') THEN credit.display_period(n.book, item, severity, document_date, conduct_end, NULL) END) x (da, db)
 WHERE o.name = 'old' AND n.name = 'new'
UNION ALL
SELECT 'repair', item, severity,
       CASE WHEN item <> 'gift' THEN (SELECT CASE WHEN bool_and(c.earliest IS NOT NULL) THEN max(c.earliest) END
          FROM credit.repair_check(o.book, item, severity, document_date, conduct_end, fulfilled_on, facts, '2026-06-01') c) END,
       CASE WHEN item NOT IN ('gift', 'arrears') THEN (SELECT CASE WHEN bool_and(c.earliest IS NOT NULL) THEN max(c.earliest) END
          FROM credit.repair_check(n.book, item, severity, document_date, conduct_end, fulfilled_on, facts, '2026-06-01') c) END
  FROM record r, law o, law n
 WHERE o.name = 'old' AND n.name = 'new';
CREATE TEMP VIEW wanted AS
SELECT aspect, item, severity, count(*) AS records, count(*) FILTER (WHERE b < a) AS earlier, count(*) FILTER (WHERE b > a) AS later,
       count(*) FILTER (WHERE a IS NOT NULL AND b IS NULL) AS never, count(*) FILTER (WHERE a IS NULL AND b IS NOT NULL) AS new, max(abs(b - a)) AS most_days
  FROM by_row GROUP BY aspect, item, severity;
CREATE TEMP VIEW got AS
SELECT s.aspect, s.item, s.severity, sum(s.records)::bigint AS records, coalesce(sum(s.records) FILTER (WHERE change = 'earlier'), 0)::bigint AS earlier,
       coalesce(sum(s.records) FILTER (WHERE change = 'later'), 0)::bigint AS later, coalesce(sum(s.records) FILTER (WHERE change = 'never'), 0)::bigint AS never,
       coalesce(sum(s.records) FILTER (WHERE change = 'new'), 0)::bigint AS new, max(s.most_days) AS most_days
  FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'record') s
 WHERE a.name = 'old' AND b.name = 'new' AND s.aspect <> 'grade' GROUP BY 1, 2, 3;
SELECT (SELECT count(*) FROM wanted) AS groups, (SELECT count(*) FROM (TABLE wanted EXCEPT TABLE got) x) AS missing, (SELECT count(*) FROM (TABLE got EXCEPT TABLE wanted) x) AS wrong;
WITH person AS (
  SELECT subject, (SELECT credit.grade(o.book, credit.score(o.book, '2026-06-01', item, severity, document_date, NULL, state)) FROM record r WHERE r.subject = p.subject AND item <> 'gift') AS a,
         (SELECT credit.grade(n.book, credit.score(n.book, '2026-06-01', item, severity, document_date, NULL, state)) FROM record r WHERE r.subject = p.subject AND item NOT IN ('gift', 'arrears')) AS b
    FROM (SELECT DISTINCT subject FROM record) p, law o, law n WHERE o.name = 'old' AND n.name = 'new'),
got AS (SELECT s.change, s.records FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'record') s WHERE a.name = 'old' AND b.name = 'new' AND s.aspect = 'grade'),
wanted AS (SELECT coalesce(a, 'none') || ' -> ' || coalesce(b, 'none') AS change, count(*) AS records FROM person GROUP BY 1)
SELECT (SELECT count(*) FROM wanted) > 0 AS graded, (SELECT count(*) FROM (TABLE wanted EXCEPT TABLE got) x) AS missing, (SELECT count(*) FROM (TABLE got EXCEPT TABLE wanted) x) AS wrong;

\set SHOW_CONTEXT never
-- Columns by name: what is not there is NULL; without a subject nobody is graded.
CREATE VIEW bare AS SELECT document_date, item FROM record;
SELECT s.* FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'bare') s WHERE a.name = 'old' AND b.name = 'new';
-- What no display rule is for is not displayed, and no error.
CREATE TEMP TABLE kept AS SELECT item, s AS severity, '2026-05-01'::date AS document_date FROM unnest('{penalty,praise}'::text[]) item, unnest(enum_range(NULL::credit.severity) || NULL::credit.severity) s;
CREATE TEMP TABLE with_praise AS
SELECT jsonb_set(book::jsonb - 'score', '{items,1}', '{"id": "praise", "zh": "表扬", "en": "Praise", "stance": "good", "subjects": ["person"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}') AS j
  FROM law WHERE name = 'old';
SELECT s.*
  FROM with_praise w, LATERAL (SELECT w.j::credit.rulebook AS a, (w.j
    || '{"display": [{"id": "praised", "stances": ["good", "bad"], "severity": ["minor", "serious"], "months": 12, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
                     {"id": "any", "months": 36, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}]}')::credit.rulebook AS b) x,
       credit.simulate(a, b, '2026-06-01', 'kept') s
 WHERE s.aspect = 'display_end';
CREATE TEMP TABLE kinds (subject uuid, item varchar(20), document_date date, amount int, happened_on date);
SELECT count(*) AS none FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'kinds') s;
CREATE TEMP TABLE lacks_item (document_date date);
CREATE TEMP TABLE lacks_date (item text, document_day date);
CREATE TEMP TABLE wrong_date (item text, document_date timestamptz);
CREATE TEMP TABLE wrong_severity (item text, document_date date, severity text);
CREATE SEQUENCE no_table;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'lacks_item') s;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'lacks_date') s;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'wrong_date') s;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'wrong_severity') s;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'no_table') s;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 999999999) s;
SELECT count(*) AS nothing_asked FROM law a, credit.simulate(a.book, NULL, '2026-06-01', 'record') s;

-- A name is only a name.
CREATE TABLE "x; DROP TABLE record; --""' %s $1" AS SELECT * FROM record LIMIT 5;
SELECT sum(s.records) FROM law a, credit.simulate(a.book, a.book, '2026-06-01', '"x; DROP TABLE record; --""'' %s $1"') s WHERE s.aspect = 'repair' AND a.name = 'old';
SELECT count(*) FROM record;
-- Neither a table of that name in pg_temp nor the caller's path leads elsewhere.
CREATE SCHEMA other;
CREATE TABLE other.record AS SELECT * FROM record LIMIT 7;
CREATE TEMP TABLE record AS SELECT * FROM public.record LIMIT 3;
SET search_path = other, public;
SELECT r, (SELECT sum(s.records) FROM pg_temp.law a, credit.simulate(a.book, a.book, '2026-06-01', r) s WHERE s.aspect = 'repair' AND a.name = 'old')
  FROM unnest('{record,public.record,other.record,pg_temp.record}'::regclass[]) r;
RESET search_path;
DROP TABLE pg_temp.record;
DROP SCHEMA other CASCADE;

-- It writes nothing, and the caller's own rights and rows count.
BEGIN READ ONLY;
SELECT sum(s.records) FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'record') s WHERE s.aspect = 'repair' AND a.name = 'old' AND b.name = 'new';
COMMIT;
CREATE ROLE regress_credit_simulate;
GRANT SELECT ON law TO regress_credit_simulate;
SET ROLE regress_credit_simulate;
SELECT s.* FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'record') s;
RESET ROLE;
GRANT SELECT ON record TO regress_credit_simulate;
ALTER TABLE record ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON record USING (subject = 9);
SET ROLE regress_credit_simulate;
SELECT sum(s.records), (SELECT count(*) FROM record) AS visible FROM law a, credit.simulate(a.book, a.book, '2026-06-01', 'record') s WHERE s.aspect = 'display_end' AND a.name = 'old';
RESET ROLE;
\set VERBOSITY terse
SET client_min_messages = warning;
DROP VIEW by_row, wanted, got;
DROP VIEW bare;
DROP TABLE record, "x; DROP TABLE record; --""' %s $1";
DROP SEQUENCE no_table;
DROP OWNED BY regress_credit_simulate;
DROP ROLE regress_credit_simulate;
