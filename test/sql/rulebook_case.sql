-- A rulebook that carries its own tests.
SET DateStyle = 'ISO, YMD';

CREATE TEMP TABLE law AS SELECT $json${
  "format": 1, "id": "test-cases", "version": "1", "title": {"zh": "测试", "en": "Test"},
  "documents": [{"id": "d36", "zh": "信用修复管理办法", "number": "令2025年第36号", "level": "department_rule", "in_force": {"from": "2026-04-01"}, "confidence": "A"}],
  "items": [
    {"id": "penalty", "zh": "行政处罚", "en": "Penalty", "stance": "bad", "subjects": ["person", "organisation"], "basis": {"document": "d36"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
    {"id": "hours", "zh": "志愿服务", "en": "Volunteer hours", "stance": "good", "subjects": ["person"], "basis": {"document": "d36"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}
  ],
  "display": [{"id": "year", "months": 12, "anchor": "document_date", "basis": {"document": "d36"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
  "repair": [{"id": "three", "min_months": 3, "needs": ["fulfilled", "commitment"], "basis": {"document": "d36", "article": "第十条"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
  "objection": [{"id": "own", "step": "own", "procedure": "objection", "days": 3, "unit": "workday", "basis": {"document": "d36"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
  "score": {"id": "s", "basis": {"document": "d36"}, "confidence": "A", "base": 1000,
            "grades": [{"grade": "A", "from": 1000}, {"grade": "B"}],
            "rules": [{"id": "minus", "items": ["penalty"], "points": -10, "months": 24, "basis": {"document": "d36"}, "confidence": "A"},
                      {"id": "plus", "items": ["hours"], "points": 2.5, "months": 24, "basis": {"document": "d36"}, "confidence": "A"}]},
  "calendar": {"from": "2026-01-01", "to": "2026-12-31", "weekend": [6, 7],
               "years": [{"year": 2026, "notice": "n", "off": ["2026-10-01/2026-10-07"], "work": ["2026-10-10"]}]},
  "cases": [
    {"name": "period", "article": "民法典 第二百零二条", "ask": "display_period", "given": {"item": "penalty", "severity": "general", "document_date": "2026-05-01"}, "expect": "[2026-05-01,2027-05-02)"},
    {"name": "last day", "article": "a", "ask": "displayed_on", "given": {"item": "penalty", "document_date": "2026-05-01", "day": "2027-05-01"}, "expect": true},
    {"name": "next change", "article": "a", "ask": "next_change", "given": {"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-09-01"}, "expect": "2027-05-02"},
    {"name": "repair, one condition", "article": "a", "ask": "repair",
     "given": {"item": "penalty", "document_date": "2026-05-01", "fulfilled_on": "2026-05-04", "as_of": "2026-06-01"},
     "expect": {"minimum_display": {"met": false, "earliest": "2026-08-02"}, "commitment": {"met": false, "earliest": null}, "harm_removed": null, "repairable_from": null}},
    {"name": "repair, one day", "article": "a", "ask": "repair",
     "given": {"item": "penalty", "document_date": "2026-05-01", "fulfilled_on": "2026-05-04", "facts": {"commitment": true}, "as_of": "2026-06-01"},
     "expect": {"repairable_from": "2026-08-02", "fulfilled": {"basis": "信用修复管理办法（令2025年第36号） 第十条"}}},
    {"name": "over the holiday", "article": "a", "ask": "add_workdays", "given": {"day": "2026-09-30", "n": 2}, "expect": "2026-10-09"},
    {"name": "outside the calendar", "article": "a", "ask": "add_workdays", "given": {"day": "2026-12-30", "n": 2}, "expect": {"error": "22008"}},
    {"name": "made up for", "article": "a", "ask": "is_workday", "given": {"day": "2026-10-10"}, "expect": true},
    {"name": "between", "article": "a", "ask": "workdays_between", "given": {"from_day": "2026-09-30", "to_day": "2026-10-12"}, "expect": 4},
    {"name": "deadline", "article": "a", "ask": "deadline", "given": {"deadline": "own", "day": "2026-09-30"}, "expect": "2026-10-10"},
    {"name": "score", "article": "a", "ask": "score", "given": {"as_of": "2026-06-01", "records": [
      {"item": "penalty", "severity": "general", "happened_on": "2026-05-01", "state": "active"}, {"item": "hours", "happened_on": "2026-05-01", "amount": 3, "state": "active"}]}, "expect": 992.50},
    {"name": "grade of records", "article": "a", "ask": "grade", "given": {"as_of": "2026-06-01", "records": [{"item": "hours", "happened_on": "2026-05-01", "state": "active"}]}, "expect": "A"},
    {"name": "grade of points", "article": "a", "ask": "grade", "given": {"points": "999.9999"}, "expect": "B"},
    {"name": "no public display of a person", "article": "a", "ask": "public_display",
     "given": {"item": "penalty", "natural_person": true, "severity": "general", "document_date": "2026-05-01", "day": "2026-06-01"}, "expect": false},
    {"name": "of an organisation", "article": "a", "ask": "public_display",
     "given": {"item": "penalty", "natural_person": false, "severity": "general", "document_date": "2026-05-01", "day": "2026-06-01"}, "expect": true}
  ]
}$json$::credit.rulebook AS book;

SELECT c.* FROM law, credit.run_rule_cases(book) c;

-- What is wrong shows as wrong: other answers, other errors, errors where none is expected, and none where one is.
CREATE FUNCTION pg_temp.case_of(ask text, given jsonb, expect jsonb) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT c.ok, c.got, c.expected FROM law, credit.run_rule_cases(jsonb_set(book::jsonb, '{cases}', jsonb_build_array(
    jsonb_build_object('name', 'n', 'article', 'a', 'ask', ask, 'given', given, 'expect', expect)))::credit.rulebook) c $$;
SELECT v.ask, v.given, c.*
  FROM (VALUES ('display_period', '{"item": "penalty", "document_date": "2026-05-01"}', '"[2026-05-01,2027-05-01)"'),
               ('display_period', '{"item": "penalty"}', 'null'),
               ('display_period', '{"item": "penalty", "document_date": "2026-02-30"}', '{"error": "22023"}'),
               ('display_period', '{"item": "nothing", "document_date": "2026-05-01"}', '{"error": "22008"}'),
               ('display_period', '{"item": "penalty", "document_day": "2026-05-01"}', '{"error": "22023"}'),
               ('displayed_on', '{"item": "penalty", "document_date": "2026-05-01", "day": "2026-05-01"}', '{"error": "22023"}'),
               ('displayed_on', '{"item": "penalty", "document_date": "2026-05-01", "day": "2026-05-01"}', '"true"'),
               ('repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-06-01"}', '{"minimum_display": {"met": true}, "fulfiled": {"met": true}}'),
               ('repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-06-01"}', '{"minimum_display": {"meet": true}}'),
               ('repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-06-01"}', '"2026-08-02"'),
               ('repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-06-01", "facts": {"commited": true}}', '{"repairable_from": "2026-08-02"}'),
               ('repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-06-01", "facts": null}', '{"repairable_from": null}'),
               ('add_workdays', '{"day": "2026-09-30", "n": 2.5}', '"2026-10-09"'),
               ('deadline', '{"deadline": "nothing", "day": "2026-09-30"}', '{"error": "22023"}'),
               ('score', '{"as_of": "2026-06-01", "records": []}', 'null'),
               ('grade', '{"points": 1000}', '"B"')) v (ask, given, expect),
       pg_temp.case_of(v.ask, v.given::jsonb, v.expect::jsonb) c (ok boolean, got text, expected text);

-- The same words outside of cases.
CREATE FUNCTION pg_temp.said(book credit.rulebook, ask text, given jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN credit.answer_case(book, ask, given);
EXCEPTION WHEN OTHERS THEN RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
\set SHOW_CONTEXT never
SELECT credit.answer_case(book, 'displayed_on', '{"item": "penalty", "document_date": "2026-05-01", "day": "2027-05-02"}') FROM law;
SELECT credit.answer_case(book, 'repair', '{"item": "penalty", "document_date": "2026-05-01", "as_of": "2026-09-01"}') FROM law;
SELECT credit.answer_case(book, 'fate', '{}') FROM law;
SELECT credit.answer_case(book, 'is_workday', '{"day": "2026-05-05", "date": "2026-05-05"}') FROM law;
SELECT credit.answer_case(book, 'score', '{"as_of": "2026-05-05", "records": [{"item": "penalty", "date": "2026-05-05"}]}') FROM law;
-- in_another_form: no cast of a case shows, as 22008 is what a calendar says.
SELECT ask, given, pg_temp.said(book, ask, given) FROM law, (VALUES ('repair', '{"fulfilled_on": {}}'), ('repair', '{"document_date": "2026-02-30"}'), ('is_workday', '{"day": "infinity"}'),
  ('is_workday', '{"day": 20260505}'), ('display_period', '{"severity": "grave"}'), ('add_workdays', '{"n": "x"}'), ('public_display', '{"natural_person": "perhaps"}'), ('grade', '{"points": "many"}'),
  ('grade', '{"points": 1e40}'), ('deadline', '{"deadline": []}'), ('score', '{"records": {}}'), ('score', '{"records": [1]}'), ('score', '{"records": [{"happened_on": "today"}]}'), ('score', '{"records": null}'),
  ('score', '[]'), ('score', '1')) v (ask, say), LATERAL (SELECT say::jsonb) g (given);
SELECT count(*) AS no_cases FROM law, credit.run_rule_cases((book::jsonb - 'cases')::credit.rulebook);
SELECT count(*) AS no_book FROM credit.run_rule_cases(NULL);

-- Neither DateStyle, search_path nor a user's operators change an answer.
CREATE SCHEMA trap;
CREATE FUNCTION trap.never(jsonb, jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.= (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = trap.never);
SET DateStyle = 'SQL, DMY';
SET search_path = trap, pg_catalog, public;
SELECT count(*), count(*) FILTER (WHERE c.ok) AS ok FROM pg_temp.law, credit.run_rule_cases(book) c;
RESET search_path;
RESET DateStyle;
DROP OPERATOR trap.= (jsonb, jsonb);
DROP FUNCTION trap.never;
DROP SCHEMA trap;
BEGIN READ ONLY;
SELECT count(*) FILTER (WHERE c.ok) AS ok FROM law, credit.run_rule_cases(book) c;
COMMIT;
