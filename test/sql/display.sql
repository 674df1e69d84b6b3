-- How long a record may be shown, and why.
SET DateStyle = 'ISO, YMD';

-- A small law of our own: the national rules of four times, a market
-- regulator's from the first day shown, a province's caps, and inventions.
CREATE TEMP TABLE law (name text PRIMARY KEY, book credit.rulebook NOT NULL);
INSERT INTO law VALUES ('main', $json$
{"format": 1, "id": "test-display", "version": "1", "title": {"zh": "试", "en": "test"},
 "documents": [
  {"id": "d527", "zh": "发改办财金〔2019〕527号", "level": "normative", "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
  {"id": "o58", "zh": "信用信息修复管理办法（试行）", "number": "国家发展改革委令2023年第58号", "level": "department_rule", "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
  {"id": "o36", "zh": "信用修复管理办法", "number": "国家发展改革委令2025年第36号", "level": "department_rule", "in_force": {"from": "2026-04-01"}, "confidence": "A"},
  {"id": "o107", "zh": "市场监督管理信用修复管理办法", "number": "市场监管总局令第107号", "level": "department_rule", "in_force": {"from": "2025-12-25"}, "confidence": "B"},
  {"id": "sd", "zh": "山东省社会信用条例", "level": "local_regulation", "in_force": {"from": "2020-10-01"}, "confidence": "A"},
  {"id": "sd314", "zh": "山东省公共信用信息管理办法", "number": "山东省政府令第314号", "level": "local_policy", "in_force": {"from": "2018-05-01"}, "confidence": "B"}],
 "items": [
  {"id": "penalty", "zh": "行政处罚", "en": "penalty", "stance": "bad", "subjects": ["person", "organisation"], "basis": {"document": "o36"}, "in_force": {"from": "2018-01-01"}, "confidence": "A"},
  {"id": "market_penalty", "zh": "市场监管处罚", "en": "penalty of the market regulator", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "o107"}, "in_force": {"from": "2018-01-01"}, "confidence": "A"},
  {"id": "court_list", "zh": "失信被执行人", "en": "court list", "stance": "bad", "subjects": ["person", "organisation"], "public_persons": true, "basis": {"document": "sd"}, "in_force": {"from": "2018-01-01"}, "confidence": "A"},
  {"id": "warning", "zh": "警告", "en": "warning", "stance": "bad", "subjects": ["person"], "basis": {"document": "o58"}, "in_force": {"from": "2018-01-01"}, "confidence": "B"},
  {"id": "strict", "zh": "从旧", "en": "an invention: nothing reaches back", "stance": "bad", "subjects": ["person"], "basis": {"document": "sd"}, "in_force": {"from": "2018-01-01"}, "confidence": "B"},
  {"id": "commendation", "zh": "表彰", "en": "commendation", "stance": "good", "subjects": ["person"], "basis": {"document": "sd"}, "in_force": {"from": "2018-01-01"}, "confidence": "B"}],
 "display": [
  {"id": "d527_general", "items": ["penalty"], "severity": ["general"], "months": 12, "anchor": "document_date", "basis": {"document": "d527"}, "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
  {"id": "d527_serious", "items": ["penalty"], "severity": ["serious"], "months": 36, "anchor": "document_date", "basis": {"document": "d527"}, "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
  {"id": "o58_penalty", "items": ["penalty"], "months": 36, "anchor": "document_date", "basis": {"document": "o58", "article": "第十条"}, "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
  {"id": "o36_minor", "items": ["penalty"], "severity": ["minor"], "months": 3, "anchor": "document_date", "not_in_principle": true, "basis": {"document": "o36", "article": "第十二条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
  {"id": "o36_general", "items": ["penalty"], "severity": ["general"], "months": 12, "anchor": "document_date", "basis": {"document": "o36", "article": "第十二条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
  {"id": "o36_serious", "items": ["penalty"], "severity": ["serious"], "months": 36, "anchor": "document_date", "basis": {"document": "o36", "article": "第十二条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
  {"id": "market_old", "items": ["market_penalty"], "months": 36, "anchor": "displayed_from", "basis": {"document": "sd314"}, "in_force": {"from": "2021-09-01", "to": "2025-12-24"}, "confidence": "B"},
  {"id": "o107_minor", "items": ["market_penalty"], "severity": ["minor"], "months": 3, "anchor": "displayed_from", "basis": {"document": "o107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
  {"id": "o107_general", "items": ["market_penalty"], "severity": ["general"], "months": 12, "anchor": "displayed_from", "basis": {"document": "o107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
  {"id": "o107_serious", "items": ["market_penalty"], "severity": ["serious"], "months": 36, "anchor": "displayed_from", "basis": {"document": "o107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
  {"id": "court_2", "items": ["court_list"], "months": 24, "anchor": "document_date", "basis": {"document": "sd", "article": "法释〔2017〕7号 第二条"}, "in_force": {"from": "2017-05-01"}, "confidence": "A"},
  {"id": "warning_none", "items": ["warning"], "months": 0, "anchor": "document_date", "basis": {"document": "o58"}, "in_force": {"from": "2023-05-01"}, "confidence": "B"},
  {"id": "strict_old", "items": ["strict"], "months": 24, "anchor": "document_date", "milder_reaches_back": false, "basis": {"document": "sd314"}, "in_force": {"from": "2018-05-01", "to": "2022-12-31"}, "confidence": "B"},
  {"id": "strict_new", "items": ["strict"], "months": 6, "anchor": "document_date", "milder_reaches_back": false, "basis": {"document": "sd"}, "in_force": {"from": "2023-01-01"}, "confidence": "B"},
  {"id": "sd_cap", "months": 60, "anchor": "conduct_end", "cap": true, "basis": {"document": "sd", "article": "第三十八条"}, "in_force": {"from": "2020-10-01"}, "confidence": "A"},
  {"id": "sd314_cap", "months": 60, "anchor": "document_date", "cap": true, "basis": {"document": "sd314"}, "in_force": {"from": "2018-05-01"}, "confidence": "B"}],
 "repair": [
  {"id": "r58", "stances": ["bad"], "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "o58"}, "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
  {"id": "r36_any", "stances": ["bad"], "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "o36"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
  {"id": "r36_serious", "items": ["court_list"], "severity": ["serious"], "never": true, "basis": {"document": "o36"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"}],
 "score": {"id": "plain", "base": 1000, "basis": {"document": "sd"}, "confidence": "C",
  "grades": [{"grade": "A", "from": 900}, {"grade": "B"}],
  "rules": [{"id": "s_penalty", "items": ["penalty"], "points": -20, "months": 24, "basis": {"document": "sd"}, "confidence": "C"}]}
}
$json$);
SELECT book AS book FROM law WHERE name = 'main' \gset

-- The worked example: a general item, one year, the first day not counted.
SELECT credit.display_period(:'book', 'penalty', 'general', '2026-05-01', '2026-04-20');
SELECT d, credit.displayed_on(:'book', 'penalty', 'general', '2026-05-01', '2026-04-20', d)
  FROM unnest(ARRAY['2026-04-30', '2026-05-01', '2027-05-01', '2027-05-02']::date[]) d;
SELECT * FROM credit.explain_display(:'book', 'penalty', 'general', '2026-05-01', '2026-04-20');

-- Both sides of the days on which the law changed; the law of the document's day,
-- and later law only where it is milder.
SELECT severity, d, p, e.rule, e.until
  FROM law, unnest(ARRAY['2023-04-30', '2023-05-01', '2025-12-24', '2025-12-25', '2026-03-31', '2026-04-01']::date[]) d,
       unnest(enum_range(NULL::credit.severity) || NULL::credit.severity) severity,
       credit.display_period(book, 'penalty', severity, d, d) p,
       LATERAL (SELECT * FROM credit.explain_display(book, 'penalty', severity, d, d) LIMIT 1) e
 ORDER BY d, severity;
SELECT severity, d, p, e.rule, e.anchor, e.until
  FROM law, unnest(ARRAY['2025-12-24', '2025-12-25']::date[]) d,
       unnest(enum_range(NULL::credit.severity) || NULL::credit.severity) severity,
       credit.display_period(book, 'market_penalty', severity, d, d, d + 20) p,
       LATERAL (SELECT * FROM credit.explain_display(book, 'market_penalty', severity, d, d, d + 20) LIMIT 1) e
 ORDER BY d, severity;

-- A milder later law shortens from the day it enters into force, no earlier: a
-- minor penalty of 2025-01-10 had been shown longer than three months by then.
SELECT credit.display_period(:'book', 'penalty', 'minor', '2025-01-10', NULL),
       credit.display_period(:'book', 'penalty', 'minor', '2026-02-15', NULL) AS part_of_it;
SELECT * FROM credit.explain_display(:'book', 'penalty', 'minor', '2025-01-10', NULL);
-- A harsher later law never lengthens: a general penalty of 2022 had one year by
-- 527, three by order 58.
SELECT rule, until FROM credit.explain_display(:'book', 'penalty', 'general', '2022-08-01', '2022-07-01');
-- Where nothing reaches back, the law of the day alone decides.
SELECT d, credit.display_period(:'book', 'strict', NULL, d, NULL)
  FROM unnest(ARRAY['2022-12-31', '2023-01-01']::date[]) d;
-- Law that had ended never counts; before any law the later law decides alone.
SELECT rule, until FROM credit.explain_display(:'book', 'court_list', NULL, '2015-03-01', NULL);
SELECT credit.display_period(:'book', 'court_list', NULL, '2015-03-01', NULL);

-- Caps have anchors of their own; while the conduct continues a cap from its end says nothing.
SELECT * FROM credit.explain_display(:'book', 'penalty', 'serious', '2027-01-15', '2023-06-30');
SELECT * FROM credit.explain_display(:'book', 'penalty', 'serious', '2027-01-15', NULL);
-- A conduct that ended so long ago that nothing may be shown at all.
SELECT credit.display_period(:'book', 'penalty', 'serious', '2027-01-15', '2010-01-01') AS period,
       isempty(credit.display_period(:'book', 'penalty', 'serious', '2027-01-15', '2010-01-01')),
       credit.displayed_on(:'book', 'penalty', 'serious', '2027-01-15', '2010-01-01', '2027-01-15');

-- Display begins with displayed_from, but the period of another anchor does not wait for it.
SELECT credit.display_period(:'book', 'penalty', 'general', '2026-05-01', NULL, '2026-06-15') AS from_document,
       credit.display_period(:'book', 'market_penalty', 'general', '2026-05-01', NULL, '2026-06-15') AS from_display,
       credit.display_period(:'book', 'market_penalty', 'general', '2026-05-01', NULL) AS without_one,
       credit.display_period(:'book', 'penalty', 'general', '2026-05-01', NULL, '2028-01-01') AS too_late;
SELECT d, credit.displayed_on(:'book', 'penalty', 'general', '2026-05-01', NULL, '2026-06-15', d)
  FROM unnest(ARRAY['2026-05-01', '2026-06-14', '2026-06-15', '2027-05-01', '2027-05-02']::date[]) d;

-- No month of display: not a single day.
SELECT credit.display_period(:'book', 'warning', NULL, '2026-05-01', NULL),
       credit.displayed_on(:'book', 'warning', NULL, '2026-05-01', NULL, '2026-05-01');
SELECT rule, until FROM credit.explain_display(:'book', 'warning', NULL, '2026-05-01', NULL);

-- Months' ends and leap days (Civil Code art. 202); the upper bound is exclusive.
SELECT d, credit.display_period(:'book', 'penalty', 'minor', d, NULL) AS three_months,
       credit.display_period(:'book', 'penalty', 'general', d, NULL) AS one_year,
       credit.display_period(:'book', 'penalty', 'serious', d, NULL) AS three_years
  FROM unnest(ARRAY['2026-11-30', '2027-02-28', '2027-05-31', '2028-02-29', '2027-11-29', '2028-11-30', '2096-11-30', '2098-12-31', '2999-12-31']::date[]) d;
-- Across a day on which a longer law ended: the leap day itself.
SELECT credit.display_period(:'book', 'penalty', 'general', '2020-02-29', NULL);

-- What the public may see: persons only where the State provides it; unknown counts as a person.
SELECT item, person, credit.public_display(book, item, person, 'general', '2026-05-01', NULL, NULL, '2026-06-01')
  FROM law, unnest(ARRAY['penalty', 'court_list']) item, unnest(ARRAY[true, false, NULL]) person;
SELECT credit.public_display(:'book', 'court_list', true, 'general', '2026-05-01', NULL, '2026-06-02', '2026-06-01') AS not_yet;

-- What changes next: display begins; repair may be asked for; display has ended; the score no longer counts it.
WITH RECURSIVE step AS (
  SELECT credit.next_change(book, 'penalty', 'general', '2026-05-01', NULL, '2026-05-20', '2026-01-01') AS day FROM law
  UNION ALL
  SELECT credit.next_change(book, 'penalty', 'general', '2026-05-01', NULL, '2026-05-20', day) FROM law, step WHERE day IS NOT NULL)
SELECT day FROM step;
-- No repair: shorter than its minimum, or never.
WITH RECURSIVE step AS (
  SELECT item, severity, credit.next_change(book, item, severity, d, NULL, NULL, '-infinity') AS day, d
    FROM law, (VALUES ('penalty', 'minor'::credit.severity, date '2026-05-01'), ('court_list', 'serious', '2026-05-01'),
                      ('court_list', 'minor', '2023-01-01'), ('warning', NULL, '2026-05-01')) v (item, severity, d)
  UNION ALL
  SELECT item, severity, credit.next_change(book, item, severity, d, NULL, NULL, day), d FROM law, step WHERE day IS NOT NULL)
SELECT item, severity, array_agg(day ORDER BY day) FROM step GROUP BY 1, 2 ORDER BY 1, 2;
SELECT credit.next_change(:'book', 'penalty', 'general', '2026-05-01', NULL, NULL, 'infinity') IS NULL AS nothing;

-- NULL in, NULL out, except where NULL means something.
SELECT credit.display_period(NULL, 'penalty', NULL, '2026-05-01', NULL) IS NULL
   AND credit.display_period(:'book', NULL, NULL, '2026-05-01', NULL) IS NULL
   AND credit.display_period(:'book', 'penalty', NULL, NULL, NULL) IS NULL
   AND credit.displayed_on(:'book', 'penalty', NULL, '2026-05-01', NULL, NULL) IS NULL
   AND credit.displayed_on(:'book', 'penalty', NULL, NULL, NULL, NULL, '2026-05-01') IS NULL
   AND credit.next_change(:'book', 'penalty', NULL, '2026-05-01', NULL, NULL, NULL) IS NULL
   AND credit.public_display(:'book', NULL, true, NULL, '2026-05-01', NULL, NULL, '2026-05-01') IS NULL
   AND credit.display_period(:'book', 'penalty', NULL, '2026-05-01', NULL) IS NOT NULL AS nulls;
SELECT count(*) FROM credit.explain_display(NULL, 'penalty', NULL, '2026-05-01', NULL);

-- displayed_if_known: the same for what the book lists, false for what it does not.
SELECT count(*) FILTER (WHERE k) AS shown, count(*) FILTER (WHERE k IS DISTINCT FROM o) AS different
  FROM (SELECT credit.displayed_if_known(law.book, i, s, d::date, NULL, f, day::date) AS k, credit.displayed_on(law.book, i, s, d::date, NULL, f, day::date) AS o
          FROM law, unnest('{penalty,market_penalty,court_list,warning}'::text[]) i, unnest('{minor,general,serious,NULL}'::credit.severity[]) s,
               generate_series('2020-01-01'::timestamp, '2027-01-01', '7 months') d, unnest('{2024-05-05,NULL}'::date[]) f,
               generate_series('2020-01-01'::timestamp, '2027-01-01', '5 months') day WHERE law.name = 'main') x;
SELECT credit.displayed_if_known(:'book', 'no_such_item', NULL, '2026-05-01', NULL, NULL, '2026-05-01') AS unknown,
       credit.displayed_if_known(:'book', 'penalty', NULL, '2026-05-01', NULL, NULL, '2026-05-01') AS known,
       credit.displayed_if_known(:'book', NULL, NULL, '2026-05-01', NULL, NULL, '2026-05-01') IS NULL AS nothing;

-- Errors.
DO $$
DECLARE
  asked text;
BEGIN
  FOREACH asked IN ARRAY ARRAY[
    $q$display_period(book, 'no_such_item', NULL, '2026-05-01', NULL)$q$,
    $q$displayed_on(book, 'no_such_item', NULL, '2026-05-01', NULL, '2026-05-01')$q$,
    $q$explain_display(book, '', NULL, '2026-05-01', NULL)$q$,
    $q$display_period(book, 'commendation', NULL, '2026-05-01', NULL)$q$,
    $q$displayed_on(book, 'commendation', NULL, '2026-05-01', NULL, '2026-05-01')$q$,
    $q$explain_display(book, 'commendation', NULL, '2026-05-01', NULL)$q$,
    $q$next_change(book, 'commendation', NULL, '2026-05-01', NULL, NULL, '2026-05-01')$q$,
    $q$display_period(book, 'penalty', NULL, '3000-01-01', NULL)$q$,
    $q$display_period(book, 'penalty', NULL, 'infinity', NULL)$q$,
    $q$displayed_on(book, 'penalty', NULL, '-infinity', NULL, '2026-05-01')$q$,
    $q$displayed_on(book, 'penalty', NULL, 'infinity', NULL, '2026-05-01')$q$,
    $q$display_period(book, 'penalty', NULL, '2026-05-01', 'infinity')$q$,
    $q$display_period(book, 'penalty', NULL, '2026-05-01', NULL, '-infinity')$q$]
  LOOP
    DECLARE
      message text;
      detail text;
      hint text;
      state text;
    BEGIN
      EXECUTE 'SELECT credit.' || asked || ' FROM law WHERE name = ''main''';
      RAISE NOTICE '% : no error', asked;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
      RAISE NOTICE '%: % % | % | %', asked, state, message, detail, hint;
    END;
  END LOOP;
END $$;
-- Days asked about may be any.
SELECT d, credit.displayed_on(:'book', 'penalty', NULL, '2999-12-31', NULL, d) FROM unnest(ARRAY['-infinity', '4713-01-01 BC', '2999-12-31', '3004-12-31', '3005-01-01', '5874897-12-31', 'infinity']::date[]) d;
SELECT credit.display_period(:'book', 'penalty', NULL, '4713-01-01 BC', NULL);

-- The range is one that the server could have made.
SELECT bool_and(p = daterange(lower(p), upper(p)) AND hash_range(p) = hash_range(daterange(lower(p), upper(p))) AND pg_column_size(p) = 17) AS full,
       (SELECT credit.display_period(:'book', 'warning', NULL, '2026-05-01', NULL) = 'empty') AS empty
  FROM (SELECT credit.display_period(:'book', 'penalty', 'general', date '2020-01-01' + i, NULL) FROM generate_series(0, 400) i) s (p);

-- Many records: a constant, a subquery, a column, one book after another; and
-- every form agrees with every other.
CREATE TEMP TABLE fact AS
SELECT i, (ARRAY['penalty', 'market_penalty', 'court_list', 'warning', 'strict'])[1 + i % 5] AS item,
       (enum_range(NULL::credit.severity) || NULL::credit.severity)[1 + i / 5 % 4] AS severity,
       date '2014-01-01' + i * 7919 % 5000 AS document_date,
       CASE WHEN i % 3 > 0 THEN date '2014-01-01' + (i * 7919 % 5000 - i % 700) END AS conduct_end,
       CASE WHEN i % 7 > 3 THEN date '2014-01-01' + (i * 7919 % 5000 + i % 400 - 20) END AS displayed_from,
       date '2016-01-01' + i * 104729 % 6000 AS day
  FROM generate_series(1, 20000) i;
INSERT INTO law SELECT v.name, replace(book::text, '"months": 36', '"months": ' || months)::credit.rulebook
  FROM law, (VALUES ('other', 30), ('third', 37)) v (name, months) WHERE law.name = 'main';
SELECT count(*) FILTER (WHERE constant), count(*) FILTER (WHERE constant <> from_table) AS differ,
       count(*) FILTER (WHERE constant <> joined) AS differ_joined,
       count(*) FILTER (WHERE constant <> by_period) AS differ_period,
       count(*) FILTER (WHERE constant <> by_explain) AS differ_explain
  FROM (SELECT credit.displayed_on(:'book', item, severity, document_date, conduct_end, displayed_from, day) AS constant,
               credit.displayed_on((SELECT book FROM law WHERE name = 'main'), item, severity, document_date, conduct_end, displayed_from, day) AS from_table,
               credit.displayed_on(l.book, item, severity, document_date, conduct_end, displayed_from, day) AS joined,
               credit.display_period(l.book, item, severity, document_date, conduct_end, displayed_from) @> day AS by_period,
               day BETWEEN coalesce(displayed_from, document_date) AND
                 (SELECT min(until) FROM credit.explain_display(l.book, item, severity, document_date, conduct_end, displayed_from)) AS by_explain
          FROM fact, law l WHERE l.name = 'main') s;
-- The same day for all rows, at several days.
SELECT d.day, count(*) FILTER (WHERE credit.displayed_on(:'book', item, severity, document_date, conduct_end, displayed_from, d.day)) AS shown,
       count(*) FILTER (WHERE credit.displayed_on(:'book', item, severity, document_date, conduct_end, displayed_from, d.day)
                           <> credit.display_period(:'book', item, severity, document_date, conduct_end, displayed_from) @> d.day) AS differ,
       count(*) FILTER (WHERE credit.displayed_on(:'book', item, severity, document_date, conduct_end, d.day)
                           <> credit.display_period(:'book', item, severity, document_date, conduct_end) @> d.day) AS differ_short
  FROM (SELECT d::date AS day FROM generate_series(date '2016-02-29', '2030-12-31', interval '7 months') d) d
 CROSS JOIN LATERAL (SELECT * FROM fact OFFSET 0) r GROUP BY d.day ORDER BY d.day;
-- Books that take turns, row by row.
SELECT l.name, count(*) FILTER (WHERE credit.displayed_on(l.book, item, severity, document_date, conduct_end, displayed_from, '2026-05-01')) AS shown,
       count(*) FILTER (WHERE credit.displayed_on(l.book, item, severity, document_date, conduct_end, displayed_from, '2026-05-01')
                           <> credit.display_period(l.book, item, severity, document_date, conduct_end, displayed_from) @> date '2026-05-01') AS differ
  FROM fact r JOIN law l ON true GROUP BY l.name ORDER BY l.name;

-- More rules than a plan is made for: decided one by one, the same.
INSERT INTO law SELECT 'many', jsonb_set(jsonb_set(book::jsonb, '{id}', '"many"'), '{display}',
  (SELECT book::jsonb -> 'display' || jsonb_agg(jsonb_build_object('id', 'more_' || i, 'items', jsonb_build_array('penalty'), 'months', 20 + i % 7, 'cap', true,
     'anchor', 'document_date', 'basis', jsonb_build_object('document', 'sd'), 'confidence', 'B',
     'in_force', jsonb_build_object('from', date '2014-01-01' + i * 40, 'to', date '2014-01-01' + i * 40 + 39))) FROM generate_series(1, 100) i))::credit.rulebook
  FROM law WHERE name = 'main';
SELECT count(*) FILTER (WHERE shown), count(*) FILTER (WHERE shown <> by_period) AS differ, count(*) FILTER (WHERE shown <> by_explain) AS differ_explain
  FROM (SELECT credit.displayed_on(l.book, item, severity, document_date, conduct_end, displayed_from, day) AS shown,
               credit.display_period(l.book, item, severity, document_date, conduct_end, displayed_from) @> day AS by_period,
               day BETWEEN coalesce(displayed_from, document_date) AND
                 (SELECT min(until) FROM credit.explain_display(l.book, item, severity, document_date, conduct_end, displayed_from)) AS by_explain
          FROM fact, law l WHERE l.name = 'many') s;

-- A period is valid until the next one is asked for: whoever keeps periods gets
-- each its own.
CREATE TEMP TABLE kept AS SELECT i, item, severity, document_date, conduct_end, displayed_from,
  (daterange(coalesce(displayed_from, document_date), e.until + 1)) AS period
  FROM (SELECT * FROM fact WHERE i <= 3000) r, law l,
       LATERAL (SELECT greatest(until, coalesce(displayed_from, document_date) - 1) AS until
                  FROM credit.explain_display(l.book, item, severity, document_date, conduct_end, displayed_from) LIMIT 1) e
 WHERE l.name = 'main';
CREATE TEMP VIEW asked AS SELECT i, period, credit.display_period((SELECT book FROM law WHERE name = 'main'), item, severity, document_date, conduct_end, displayed_from) AS p FROM kept;
SELECT count(*) AS rows, count(*) FILTER (WHERE isempty(period)) AS empty, count(*) FILTER (WHERE p <> period) AS differ FROM asked;
SELECT array_agg(p ORDER BY i) = array_agg(period ORDER BY i) AS arrays, array_agg(p) = array_agg(period) AS unsorted,
       range_agg(p) = range_agg(period) AS multiranges, jsonb_agg(p) = jsonb_agg(period) AS jsonb,
       array_agg(DISTINCT p) = array_agg(DISTINCT period) AS distinct_ones, count(DISTINCT p) = count(DISTINCT period) AS counts FROM asked;
SELECT count(*) FILTER (WHERE a IS DISTINCT FROM b) AS lag_differs, count(*) FILTER (WHERE c IS DISTINCT FROM d) AS first_differs
  FROM (SELECT lag(p) OVER w AS a, lag(period) OVER w AS b, first_value(p) OVER w AS c, first_value(period) OVER w AS d FROM asked WINDOW w AS (ORDER BY i ROWS 7 PRECEDING)) s;
SELECT (SELECT count(*) FROM (SELECT p, count(*) FROM asked GROUP BY p EXCEPT SELECT period, count(*) FROM kept GROUP BY period) s) AS groups_differ,
       (SELECT count(*) FROM (SELECT DISTINCT ON (p) p FROM asked ORDER BY p) s) = (SELECT count(DISTINCT period) FROM kept) AS uniques,
       ARRAY(SELECT p FROM asked ORDER BY i) = ARRAY(SELECT period FROM kept ORDER BY i) AS sublinks;
SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) = (SELECT sum(n * n) FROM (SELECT count(*) AS n FROM kept GROUP BY period) s) AS merge_join FROM asked a JOIN asked b ON a.p = b.p;
RESET enable_hashjoin; SET enable_mergejoin = off;
SELECT count(*) = (SELECT sum(n * n) FROM (SELECT count(*) AS n FROM kept GROUP BY period) s) AS hash_join FROM asked a JOIN asked b ON a.p = b.p;
RESET enable_nestloop; RESET enable_mergejoin;
SET enable_hashagg = off;
SELECT count(*) AS sorted_groups_differ FROM (SELECT p, count(*) FROM asked GROUP BY p EXCEPT SELECT period, count(*) FROM kept GROUP BY period) s;
RESET enable_hashagg;
CREATE TEMP TABLE copied (i int, item text, severity credit.severity, document_date date, conduct_end date, displayed_from date,
  p daterange GENERATED ALWAYS AS (credit.display_period($json$ {"format": 1, "id": "one", "version": "1", "title": {"zh": "一", "en": "one"},
    "documents": [{"id": "d", "zh": "一", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
    "items": [{"id": "x", "zh": "一", "en": "one", "stance": "bad", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
    "display": [{"id": "x", "months": 1, "anchor": "document_date", "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}]} $json$,
    'x', severity, document_date, conduct_end, displayed_from)) STORED);
INSERT INTO copied SELECT i, item, severity, document_date, NULL, NULL FROM kept;
COPY copied (i, document_date) FROM stdin;
1	2026-01-31
2	2026-02-28
3	2028-01-31
\.
SELECT count(*) FILTER (WHERE p <> daterange(document_date, (document_date + interval '1 month')::date + 1)) AS generated_differ,
       (SELECT array_agg(p ORDER BY i) FROM copied WHERE item IS NULL) AS copied FROM copied;
DO $$
DECLARE
  r RECORD;
  one daterange;
  before daterange;
  expected daterange;
  wrong int := 0;
BEGIN
  FOR r IN SELECT k.*, l.book FROM kept k, law l WHERE l.name = 'main' AND i <= 500 LOOP
    one := credit.display_period(r.book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from);
    IF before IS DISTINCT FROM expected OR one <> r.period THEN
      wrong := wrong + 1;
    END IF;
    before := one;
    expected := r.period;
  END LOOP;
  RAISE NOTICE 'variables that differ: %', wrong;
END $$;

-- Every day of 1880 to 2110, by the server's own arithmetic of months: forwards
-- for the period, and each period's last day shown and the next one not.
INSERT INTO law SELECT 'months', jsonb_build_object('format', 1, 'id', 'months', 'version', '1', 'title', '{"zh": "月", "en": "months"}'::jsonb,
  'documents', '[{"id": "d", "zh": "月", "level": "law", "in_force": {"from": "1800-01-01"}, "confidence": "C"}]'::jsonb,
  'items', jsonb_agg(jsonb_build_object('id', 'm' || m, 'zh', '月', 'en', 'months', 'stance', 'bad', 'subjects', '["person"]'::jsonb,
     'basis', '{"document": "d"}'::jsonb, 'in_force', '{"from": "1800-01-01"}'::jsonb, 'confidence', 'C')),
  'display', jsonb_agg(jsonb_build_object('id', 'r' || m, 'items', jsonb_build_array('m' || m), 'months', m, 'anchor', 'document_date',
     'basis', '{"document": "d"}'::jsonb, 'in_force', '{"from": "1800-01-01"}'::jsonb, 'confidence', 'C')))::credit.rulebook
  FROM unnest(ARRAY[1, 3, 7, 12, 36, 1200]) m;
SELECT m, count(*), count(*) FILTER (WHERE period <> daterange(d, e + 1)) AS differ,
       count(*) FILTER (WHERE NOT credit.displayed_on(book, 'm' || m, NULL, d, NULL, e)) AS last_missing,
       count(*) FILTER (WHERE credit.displayed_on(book, 'm' || m, NULL, d, NULL, e + 1)) AS one_too_many
  FROM (SELECT d::date AS d FROM generate_series(date '1880-01-01', '2110-12-31', interval '1 day') d) s,
       unnest(ARRAY[1, 3, 7, 12, 36, 1200]) m, LATERAL (SELECT (d + make_interval(months => m))::date) e (e),
       (SELECT book FROM law WHERE name = 'months') l,
       LATERAL (SELECT credit.display_period(book, 'm' || m, NULL, d, NULL)) p (period)
 GROUP BY m ORDER BY m;
-- Backwards: on one day, the first document date that is still shown.
SELECT m, count(*) AS days, count(*) FILTER (WHERE shown <> right_count) AS differ
  FROM (SELECT m, day, count(*) FILTER (WHERE credit.displayed_on(book, 'm' || m, NULL, day - back, NULL, day)) AS shown,
               count(*) FILTER (WHERE (day - back + make_interval(months => m))::date >= day) AS right_count
          FROM (SELECT book FROM law WHERE name = 'months') l, unnest(ARRAY[1, 3, 7, 12, 36]) m,
               generate_series(0, 1100) WITH ORDINALITY b (back),
               (SELECT d::date AS day FROM generate_series(date '2024-01-01', '2025-03-05', interval '1 day') d
                 WHERE extract(day FROM d) IN (1, 2, 27, 28, 29, 30, 31)) s
         WHERE back BETWEEN m * 30 - 4 AND m * 31 + 4 GROUP BY m, day) t GROUP BY m ORDER BY m;

-- same_book_other_datum: one book from two places, in turn, with severities that were
-- not asked for before.  Seen failing: what was made of the first copy pointed into
-- freed memory, and the server crashed.
CREATE TEMP TABLE twice AS SELECT n, credit.shipped_rulebook('cn-370323') AS book FROM generate_series(1, 2) n;
CREATE TEMP TABLE ask AS SELECT row_number() OVER () AS k, g, i FROM generate_series(1, 2) g,
  LATERAL (SELECT id AS i FROM credit.rulebook_items(credit.shipped_rulebook('cn-370323')) WHERE stance = 'bad' AND g > 0 ORDER BY id LIMIT 20) x;
SELECT count(credit.display_period((SELECT book FROM twice WHERE n = g + 0 * length(repeat('~', 20000 + k::int * 1000))), i,
         CASE WHEN length(repeat('~', 65000 + k::int * 700) || repeat('~', 100000 + k::int * 700)) > 0
              THEN (CASE g WHEN 1 THEN 'general' ELSE 'serious' END)::credit.severity END, '2026-05-01', NULL)) > 0 AS asked
  FROM ask;
SELECT count(*) > 0 AS all_pass FROM credit.run_rule_cases(credit.shipped_rulebook('cn-370323')) c
UNION ALL SELECT count(*) > 0 FROM twice, credit.run_rule_cases(book) c;
DROP TABLE twice, ask;
