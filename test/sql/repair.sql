-- When a record may be repaired: conditions, days, law.
SET DateStyle = 'ISO, YMD';

CREATE TEMP TABLE law AS SELECT $json${
  "format": 1, "id": "test-repair", "version": "1", "title": {"zh": "测试", "en": "Test"},
  "documents": [
    {"id": "d527", "zh": "527号文", "level": "normative", "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
    {"id": "d58", "zh": "信用修复管理办法（试行）", "number": "令2023年第58号", "level": "department_rule", "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
    {"id": "d36", "zh": "信用修复管理办法", "number": "令2025年第36号", "level": "department_rule", "in_force": {"from": "2026-04-01"}, "confidence": "A"},
    {"id": "s45", "zh": "市场监管总局令第45号", "level": "department_rule", "in_force": {"from": "2021-09-01", "to": "2025-12-24"}, "confidence": "A"},
    {"id": "s107", "zh": "市场监管总局令第107号", "level": "department_rule", "in_force": {"from": "2025-12-25"}, "confidence": "B"}
  ],
  "items": [
    {"id": "penalty", "zh": "行政处罚", "en": "Penalty", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "market", "zh": "市场监管处罚", "en": "Market penalty", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "s45"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "closure", "zh": "责令关闭", "en": "Closure", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "s45"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "revoked", "zh": "吊销许可证件", "en": "Licence revoked", "stance": "bad", "subjects": ["organisation"], "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "arrears", "zh": "欠缴", "en": "Arrears", "stance": "bad", "subjects": ["person"], "basis": {"document": "d36"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "honour", "zh": "表彰", "en": "Honour", "stance": "good", "subjects": ["person"], "basis": {"document": "d36"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}
  ],
  "display": [
    {"id": "all", "months": 36, "anchor": "document_date", "basis": {"document": "d58"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}
  ],
  "repair": [
    {"id": "d527_general", "items": ["penalty"], "severity": ["minor", "general"], "min_months": 3, "needs": ["fulfilled", "commitment"],
     "basis": {"document": "d527"}, "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
    {"id": "d527_serious", "items": ["penalty"], "severity": ["serious"], "min_months": 6, "needs": ["fulfilled", "commitment"],
     "basis": {"document": "d527"}, "in_force": {"from": "2019-07-01", "to": "2023-04-30"}, "confidence": "B"},
    {"id": "d58_any", "items": ["penalty"], "min_months": 3, "needs": ["fulfilled", "commitment"], "false_papers_months": 36,
     "basis": {"document": "d58", "article": "第十六条"}, "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
    {"id": "d36_minor", "items": ["penalty"], "severity": ["minor"], "min_months": 0, "needs": ["fulfilled", "commitment"], "false_papers_months": 12,
     "basis": {"document": "d36", "article": "第十条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
    {"id": "d36_general", "items": ["penalty"], "severity": ["general"], "min_months": 3, "needs": ["fulfilled", "commitment"], "false_papers_months": 36,
     "basis": {"document": "d36", "article": "第十条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
    {"id": "d36_serious", "items": ["penalty"], "severity": ["serious"], "min_months": 12, "needs": ["fulfilled", "commitment"], "false_papers_months": 36,
     "basis": {"document": "d36", "article": "第十条"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
    {"id": "s45_any", "items": ["market"], "min_months": 6, "anchor": "displayed_from", "needs": ["fulfilled", "harm_removed", "no_new_penalty", "not_listed"],
     "basis": {"document": "s45", "article": "第十四条"}, "in_force": {"from": "2021-09-01", "to": "2025-12-24"}, "confidence": "A"},
    {"id": "s107_minor", "items": ["market"], "severity": ["minor"], "min_months": 3, "anchor": "displayed_from", "without_application": true,
     "basis": {"document": "s107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
    {"id": "s107_general", "items": ["market"], "severity": ["general"], "min_months": 3, "anchor": "displayed_from", "needs": ["fulfilled", "harm_removed"],
     "basis": {"document": "s107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
    {"id": "s107_serious", "items": ["market"], "severity": ["serious"], "min_months": 12, "anchor": "displayed_from", "needs": ["fulfilled", "harm_removed"],
     "basis": {"document": "s107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
    {"id": "s45_never", "items": ["closure"], "never": true, "basis": {"document": "s45", "article": "第十四条"}, "in_force": {"from": "2021-09-01", "to": "2025-12-24"}, "confidence": "A"},
    {"id": "s107_closure", "items": ["closure"], "min_months": 12, "needs": ["fulfilled"], "basis": {"document": "s107"}, "in_force": {"from": "2025-12-25"}, "confidence": "B"},
    {"id": "d58_revoked", "items": ["revoked"], "min_months": 3, "needs": ["fulfilled"], "basis": {"document": "d58"}, "in_force": {"from": "2023-05-01", "to": "2026-03-31"}, "confidence": "B"},
    {"id": "d36_revoked", "items": ["revoked"], "never": true, "basis": {"document": "d36"}, "in_force": {"from": "2026-04-01"}, "confidence": "B"},
    {"id": "arrears_all", "items": ["arrears"], "min_months": 2, "anchor": "conduct_end", "needs": ["fulfilled"], "basis": {"document": "d36"}, "in_force": {"from": "2020-01-01"}, "confidence": "B"},
    {"id": "arrears_new", "items": ["arrears"], "min_months": 1, "anchor": "document_date", "needs": ["harm_removed", "not_listed"], "basis": {"document": "s107"}, "in_force": {"from": "2025-01-01"}, "confidence": "B"}
  ]
}$json$::credit.rulebook AS book;

-- A general item of 2026-05-01 under order 36: three months are full with 2026-08-01.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, '2026-06-10', '{"commitment": true}', '2026-08-01') c;
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, '2026-06-10', '{"commitment": true}', '2026-08-02') c;
-- Nothing known: what is missing, and from when the rest holds.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, NULL, NULL, '2026-05-20') c;
-- A minor class has no minimum: it may be asked for at once.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'minor', '2026-05-01', NULL, '2026-05-03', '{"commitment": true}', '2026-05-03') c
 WHERE c.condition IN ('minimum_display', 'fulfilled');

-- Both sides of 2023-05-01 and 2026-04-01, serious: a later, milder minimum
-- helps (six months become three), a harsher one (twelve) never reaches back.
SELECT d::date AS document_date, a::date AS as_of, c.met, c.earliest, c.basis
  FROM law, unnest('{2019-06-30,2022-10-01,2022-11-30,2023-04-30,2023-05-01,2025-12-31,2026-03-31,2026-04-01}'::date[]) d,
       unnest('{2022-12-01,2023-06-01,2026-04-01,2026-07-01,2027-04-02}'::date[]) a,
       credit.repair_check(book, 'penalty', 'serious', d, NULL, NULL, NULL, a) c
 WHERE c.condition = 'minimum_display' AND a >= d
 ORDER BY 1, 2;
-- Both sides of 2025-12-25: the procedure follows the day of asking, and a
-- display begins when it begins.
SELECT a::date AS as_of, c.*
  FROM law, unnest('{2025-12-24,2025-12-25}'::date[]) a,
       credit.repair_check(book, 'market', 'general', '2025-11-03', NULL, '2025-11-20',
                           '{"displayed_from": "2025-11-24", "harm_removed": true, "on_abnormal_list": true, "new_penalty_on": "2025-12-01"}', a) c;
SELECT c.* FROM law, credit.repair_check(book, 'market', 'minor', '2026-02-01', NULL, NULL, '{"displayed_from": "2026-02-10"}', '2026-05-11') c;
-- Without displayed_from the display is taken to begin with the document.
SELECT c.earliest FROM law, credit.repair_check(book, 'market', 'minor', '2026-02-01', NULL, NULL, NULL, '2026-05-11') c WHERE condition = 'minimum_display';

-- Before every rule: no right yet, but it is told from when.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2018-05-01', NULL, '2018-06-01', '{"commitment": true}', '2019-01-01') c;
-- The document comes after the day of asking.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, '2026-05-01', '{"commitment": true}', '2026-03-01') c;
-- No class was given, and the present rules know only classes.
SELECT c.* FROM law, credit.repair_check(book, 'penalty', NULL, '2024-05-01', NULL, '2024-05-01', '{"commitment": true}', '2025-03-01') c;
SELECT c.* FROM law, credit.repair_check(book, 'penalty', NULL, '2024-05-01', NULL, '2024-05-01', '{"commitment": true}', '2026-05-01') c;
-- An item without any repair rule.
SELECT c.* FROM law, credit.repair_check(book, 'honour', NULL, '2024-05-01', NULL, NULL, NULL, '2026-05-01') c;

-- Never: only if the law of the document and that of the day of asking say so (E15).
SELECT i, d::date AS document_date, a::date AS as_of, c.met, c.earliest, c.basis
  FROM law, (VALUES ('closure', '2021-08-31', '2025-12-24'), ('closure', '2021-08-31', '2025-12-25'), ('closure', '2021-09-01', '2026-12-01'),
                    ('closure', '2025-12-25', '2026-12-26'), ('revoked', '2026-03-31', '2026-03-31'), ('revoked', '2026-03-31', '2026-04-01'),
                    ('revoked', '2026-04-01', '2026-04-01')) v (i, d, a),
       credit.repair_check(book, i, 'serious', d::date, NULL, '2022-01-01', NULL, a::date) c
 WHERE condition = 'repairable';

-- Several rules at once: all their needs, the least of their minimums, also
-- where the anchor of one is not known.
SELECT c.* FROM law, credit.repair_check(book, 'arrears', NULL, '2025-01-31', '2025-03-31', '2025-03-31', '{"harm_removed": true}', '2025-03-31') c;
SELECT e::date AS conduct_end, a::date AS as_of, c.earliest, c.basis
  FROM law, unnest('{2024-03-31,NULL}'::date[]) e, unnest('{2024-12-31,2025-06-01}'::date[]) a,
       credit.repair_check(book, 'arrears', NULL, '2024-02-29', e, NULL, NULL, a) c
 WHERE condition = 'minimum_display' ORDER BY 2, 1;

-- False papers: the last of several counts, the bar is the milder of the law of
-- that day and of the day of asking, and what lies ahead has not happened.
SELECT f, a::date AS as_of, c.met, c.earliest, c.basis
  FROM law, (VALUES ('null', '2026-08-02'), ('"2026-08-01"', '2026-08-02'), ('"2026-08-01"', '2027-08-01'), ('"2026-08-01"', '2027-08-02'), ('"2026-08-03"', '2026-08-02'),
                    ('["2026-02-28", "2024-02-29"]', '2026-08-02'), ('["2026-02-28", "2024-02-29"]', '2026-03-01'), ('"2022-06-01"', '2023-06-01')) v (f, a),
       credit.repair_check(book, 'penalty', 'minor', '2022-05-01', NULL, NULL, jsonb_build_object('false_papers_on', f::jsonb), a::date) c
 WHERE condition = 'no_false_papers';

-- A new penalty counts from the day after the document to the day of asking.
SELECT n, c.met, c.earliest
  FROM law, unnest('{null,"\"2024-05-01\"","\"2024-05-02\"","\"2024-06-01\"","\"2024-06-02\"","[\"2024-06-02\", \"2024-05-30\"]","[]"}'::text[]) n,
       credit.repair_check(book, 'market', 'general', '2024-05-01', NULL, NULL, jsonb_build_object('new_penalty_on', n::jsonb), '2024-06-01') c
 WHERE condition = 'no_new_penalty';
SELECT f, c.met, c.earliest
  FROM law, unnest(ARRAY['{}', '{"on_abnormal_list": false, "on_serious_list": null}', '{"on_abnormal_list": true}', '{"on_serious_list": true}']) f,
       credit.repair_check(book, 'market', 'general', '2024-05-01', NULL, NULL, f::jsonb, '2024-06-01') c
 WHERE condition = 'not_listed';

-- A minor's act is not displayed and needs no repair, not even where none may be repaired.
SELECT c.* FROM law, credit.repair_check(book, 'closure', 'serious', '2024-05-01', NULL, NULL, '{"minor": true}', '2024-06-01') c;
SELECT c.condition, c.basis FROM law, credit.repair_check(jsonb_set(book::jsonb, '{documents,5}',
       '{"id": "minors", "zh": "未成年人保护法（2024修正）", "level": "law", "in_force": {"from": "2021-06-01"}, "confidence": "A"}')::credit.rulebook,
       'penalty', 'general', '2026-05-01', NULL, NULL, '{"minor": true}', '2026-06-01') c WHERE c.condition = 'minor_protected';
SELECT c.* FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, NULL, '{"minor": false}', '2026-06-01') c;

-- One day instead of rows: the greatest of the days, NULL if one cannot be told.
SELECT credit.repairable_from(book, 'penalty', 'general', '2026-05-01', NULL, '2026-06-10', '{"commitment": true}', '2026-06-15') AS not_yet,
       credit.repairable_from(book, 'penalty', 'general', '2026-05-01', NULL, '2026-06-10', '{"commitment": true}', '2026-12-01') AS told_late,
       credit.repairable_from(book, 'penalty', 'general', '2026-05-01', NULL, '2026-06-10', '{}', '2026-12-01') AS no_commitment,
       credit.repairable_from(book, 'closure', 'serious', '2024-05-01', NULL, '2026-06-10', '{}', '2026-12-01') AS lifted,
       credit.repairable_from(book, 'closure', 'serious', '2024-05-01', NULL, NULL, '{"minor": true}', '2026-12-01') AS minor
  FROM law;
SELECT count(*), count(*) FILTER (WHERE f IS DISTINCT FROM w) AS wrong
  FROM (SELECT credit.repairable_from(book, i, s, d::date, d::date + 20, d::date + 40, f::jsonb, a::date) AS f,
               (SELECT CASE WHEN bool_and(c.earliest IS NOT NULL) THEN max(c.earliest) END
                  FROM credit.repair_check(book, i, s, d::date, d::date + 20, d::date + 40, f::jsonb, a::date) c) AS w
          FROM law, unnest('{penalty,market,closure,revoked,arrears,honour}'::text[]) i, unnest(enum_range(NULL::credit.severity) || NULL::credit.severity) s,
               generate_series('2018-01-01'::date, '2027-01-01', '77 days') d, generate_series('2019-01-01'::date, '2027-06-01', '173 days') a,
               unnest('{"{}","{\"commitment\": true, \"harm_removed\": true}","{\"minor\": true}"}'::text[]) f) x;
-- met is nothing but earliest, seen from the day of asking.
SELECT count(*) > 0 AS asked, count(*) FILTER (WHERE c.met IS DISTINCT FROM coalesce(c.earliest <= a, false)) AS wrong
  FROM law, unnest('{penalty,market,closure,arrears}'::text[]) i, generate_series('2018-01-01'::date, '2027-01-01', '77 days') d,
       generate_series('2019-01-01'::date, '2027-06-01', '173 days') a,
       credit.repair_check(book, i, 'general', d::date, NULL, d::date + 40, '{"commitment": true}', a::date) c;

-- next_change() knows the same first day: nothing between the document and it but the begin of display.
SELECT credit.next_change(book, 'penalty', 'serious', '2026-03-31', NULL, NULL, '2026-04-10'),
       credit.next_change(book, 'closure', 'serious', '2024-05-01', NULL, NULL, '2024-05-01') AS lifted_later,
       credit.next_change(book, 'market', 'minor', '2026-02-01', NULL, NULL, '2026-02-01') AS by_itself_only_ends
  FROM law;
SELECT count(*) > 1000 AS asked, count(*) FILTER (WHERE n IS DISTINCT FROM w) AS wrong
  FROM (SELECT (SELECT max(c.earliest) FROM credit.repair_check(book, i, s, d::date, d::date, NULL, NULL, '2029-01-01') c
                 WHERE c.condition IN ('repairable', 'minimum_display') HAVING bool_and(c.met)) AS w,
               credit.next_change(book, i, s, d::date, d::date, NULL, d::date) AS n, d::date AS d, i, s
          FROM law, unnest('{penalty,market,closure}'::text[]) i, unnest(enum_range(NULL::credit.severity)) s,
               generate_series('2018-01-01'::date, '2027-01-01', '7 days') d) x
 WHERE w > d AND w < d + 1000 AND NOT (i = 'market' AND s = 'minor');	-- which ends by itself

-- What is missing has no answer.
SELECT (SELECT count(*) FROM credit.repair_check(NULL, 'penalty', 'minor', '2024-05-01', NULL, NULL, NULL, '2024-06-01')) AS book,
       (SELECT count(*) FROM credit.repair_check(book, NULL, 'minor', '2024-05-01', NULL, NULL, NULL, '2024-06-01')) AS item,
       (SELECT count(*) FROM credit.repair_check(book, 'penalty', 'minor', NULL, NULL, NULL, NULL, '2024-06-01')) AS document_date,
       (SELECT count(*) FROM credit.repair_check(book, 'penalty', 'minor', '2024-05-01', NULL, NULL, NULL, NULL)) AS as_of,
       credit.repairable_from(book, 'penalty', 'minor', '2024-05-01', NULL, NULL, NULL, NULL) AS day
  FROM law;
SELECT count(*) AS rules_of_none FROM law, credit.repair_check((book::jsonb - 'repair')::credit.rulebook, 'penalty', 'minor', '2024-05-01', NULL, NULL, NULL, '2024-06-01') WHERE NOT met;

-- Errors name the key and what is expected, never the value.
\set VERBOSITY verbose
\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.try(facts jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d text; h text; m text;
BEGIN
  PERFORM credit.repairable_from(book, 'penalty', 'general', '2026-05-01', NULL, NULL, facts, '2026-06-01') FROM law;
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, m, nullif(d, ''), left(nullif(h, ''), 40));
END $$;
SELECT f, pg_temp.try(f::jsonb)
  FROM unnest(ARRAY['null', '[]', '"x"', '{"comitment": true}', '{"Commitment": true}', '{"370323199001010011": true}', '{"": true}',
                    '{"commitment": "true"}', '{"commitment": 1}', '{"commitment": null}', '{"minor": {"commitment": true}}', '{"harm_removed": [true]}',
                    '{"on_serious_list": "no"}', '{"false_papers_on": true}', '{"false_papers_on": "2026-02-30"}', '{"false_papers_on": "2026-2-3"}',
                    '{"false_papers_on": "20260203"}', '{"false_papers_on": "2024-02-29"}', '{"false_papers_on": "2023-02-29"}',
                    '{"false_papers_on": "0000-01-01"}', '{"false_papers_on": "infinity"}', '{"new_penalty_on": ["2026-05-03", 7]}',
                    '{"new_penalty_on": [["2026-05-03"]]}', '{"new_penalty_on": [{"on": "2026-05-03"}]}', '{"new_penalty_on": {}}',
                    '{"displayed_from": ["2026-05-03"]}', '{"displayed_from": "2026-13-01"}']) f;
\set VERBOSITY default
SELECT credit.repairable_from(book, 'nothing', 'general', '2026-05-01', NULL, NULL, NULL, '2026-06-01') FROM law;
SELECT credit.repairable_from(book, 'penalty', 'general', '2026-05-01', 'infinity', NULL, NULL, '2026-06-01') FROM law;
SELECT credit.repairable_from(book, 'penalty', 'general', 'infinity', NULL, NULL, NULL, '2026-06-01') FROM law;
SELECT * FROM law, credit.repair_check(book, 'penalty', 'general', '2026-05-01', NULL, NULL, NULL, '-infinity');

-- DateStyle is nobody's business.
SET DateStyle = 'SQL, DMY';
SELECT c.earliest = make_date(2027, 3, 5) AS same FROM law, credit.repair_check(book, 'penalty', 'minor', '2022-05-01', NULL, NULL, '{"false_papers_on": "2026-03-04"}', make_date(2026, 8, 1)) c
 WHERE condition = 'no_false_papers';
