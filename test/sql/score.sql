-- Points for records: every kind of rule, line by line; states of scores; errors.
SET DateStyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.fails(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  value text;
BEGIN
  EXECUTE 'SELECT (' || expression || ')::text' INTO value;
  RETURN 'no error: ' || coalesce(value, 'null');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE FUNCTION pg_temp.book(score jsonb) RETURNS credit.rulebook LANGUAGE sql AS $$
  SELECT jsonb_build_object('format', 1, 'id', 'test-score', 'version', '1', 'title', '{"zh": "测试", "en": "Test"}'::jsonb,
    'documents', '[{"id": "d", "zh": "办法", "level": "local_policy", "in_force": {"from": "2020-01-01"}, "confidence": "C"}]'::jsonb,
    'items', (SELECT jsonb_agg(jsonb_build_object('id', i, 'zh', i, 'en', i, 'stance', 'neutral', 'subjects', '["person"]'::jsonb,
       'basis', '{"document": "d"}'::jsonb, 'in_force', '{"from": "2020-01-01"}'::jsonb, 'confidence', 'C'))
       FROM unnest(ARRAY['merit', 'merit2', 'minus', 'minus2', 'hours', 'steps', 'both', 'fall', 'unruled']) i),
    'score', '{"id": "test", "basis": {"document": "d"}, "confidence": "C", "base": 100,
       "grades": [{"grade": "A", "from": 90}, {"grade": "B", "from": 40}, {"grade": "C"}]}'::jsonb || score)::credit.rulebook $$;
CREATE FUNCTION pg_temp.rules(rules jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('rules', jsonb_agg('{"basis": {"document": "d"}, "confidence": "C", "months": 24}'::jsonb || r || jsonb_build_object('id', 'r' || n) ORDER BY n))
    FROM jsonb_array_elements(rules) WITH ORDINALITY AS x (r, n) $$;

-- Records as text: "item/severity day amount state", apart by semicolons; - for null.
CREATE FUNCTION pg_temp.records(records text) RETURNS TABLE (item text, severity credit.severity, happened_on date, amount numeric, state text) LANGUAGE sql AS $$
  SELECT split_part(w[1], '/', 1), nullif(split_part(w[1], '/', 2), '')::credit.severity, nullif(w[2], '-')::date, nullif(w[3], '-')::numeric, w[4]
    FROM (SELECT string_to_array(btrim(r, E' \n'), ' ') AS w FROM string_to_table(records, ';') r) x WHERE w[1] <> '' $$;
CREATE FUNCTION pg_temp.score(score jsonb, records text, as_of date DEFAULT '2026-06-30') RETURNS credit.points LANGUAGE sql AS $$
  SELECT credit.score(pg_temp.book(score), as_of, item, severity, happened_on, amount, state) FROM (VALUES (1)) p LEFT JOIN pg_temp.records(records) ON true $$;
CREATE FUNCTION pg_temp.lines(score jsonb, records text, as_of date DEFAULT '2026-06-30')
RETURNS TABLE (record text, rule text, points numeric, cap text, counts_until text, why text, total credit.points) LANGUAGE sql AS $$
  SELECT concat_ws(' ', l->'record'->>'item', l->'record'->>'severity', l->'record'->>'happened_on', l->'record'->>'amount'), l->>'rule', (l->>'points')::numeric,
         l->>'cap', l->>'counts_until', l->>'why', pg_temp.score(score, records, as_of)
    FROM (SELECT credit.score_lines(pg_temp.book(score), as_of, item, severity, happened_on, amount, state) AS lines
            FROM (VALUES (1)) p LEFT JOIN pg_temp.records(records) ON true) x, jsonb_array_elements(lines) WITH ORDINALITY AS y (l, n) ORDER BY n $$;

-- Fixed points; only active records count, from their day to the corresponding day, both included.
SELECT pg_temp.rules('[{"items": ["merit"], "points": 8, "months": 6}, {"items": ["minus"], "points": "-2.5", "severity": ["serious"]}, {"items": ["minus"], "points": -1}]') AS s \gset
SELECT * FROM pg_temp.lines(:'s', 'merit 2026-06-01; merit 2026-06-30; merit 2026-07-01; merit 2025-12-30; merit 2025-12-29; merit - ; minus/serious 2026-01-01; minus/minor 2026-01-01;
  merit 2026-06-01 - disputed; merit 2026-06-01 - repaired; merit 2026-06-01 - withdrawn; merit 2026-06-01 - archived; merit 2026-06-01 - minor; merit 2026-06-01 - no_consent; merit 2026-06-01 - active;
  unruled 2026-06-01; merit infinity; merit -infinity');
-- A month without the day ends on its last day.
SELECT d, pg_temp.score(:'s', 'merit 2025-08-31', d) FROM unnest('{2025-08-30,2025-08-31,2026-02-28,2026-03-01}'::date[]) d;
-- Without "months" a minus stays as long as the table says.
SELECT d, pg_temp.score('{"validity": [{"up_to": 10, "months": 12}, {"months": 24}], "rules": [
  {"id": "small", "items": ["minus"], "points": -10, "basis": {"document": "d"}, "confidence": "C"}, {"id": "large", "items": ["minus2"], "points": "-10.0001", "basis": {"document": "d"}, "confidence": "C"}]}',
  'minus 2024-01-31; minus2 2024-01-31', d) FROM unnest('{2025-01-31,2025-02-01,2026-01-31,2026-02-01}'::date[]) d;

-- Relapse: an earlier one of the same rule that counts; not on the same day, not a disputed one.
SELECT pg_temp.rules('[{"items": ["minus", "minus2"], "points": -5, "relapse": 3, "months": 12}]') AS s \gset
SELECT * FROM pg_temp.lines(:'s', 'minus 2026-05-01; minus2 2026-03-01; minus 2026-03-01; minus 2025-01-01; minus 2026-02-01 - disputed');

-- Of one act the greatest; plus and minus apart; other days apart.
SELECT pg_temp.rules('[{"items": ["minus"], "points": -5, "overlap": "act"}, {"items": ["minus2"], "points": -7, "overlap": "act"}, {"items": ["merit"], "points": 3, "overlap": "act"},
  {"items": ["merit2"], "points": 9, "overlap": "act"}, {"items": ["both"], "points": -6, "overlap": "act"}, {"items": ["both"], "points": 3, "overlap": "act"}]') AS s \gset
SELECT * FROM pg_temp.lines(:'s', 'minus 2026-05-01; minus2 2026-05-01; merit 2026-05-01; merit2 2026-05-01; both 2026-05-01; minus 2026-05-02; both 2026-05-03; merit 2026-05-03');

-- Caps: a rule's in a calendar year, a dimension's by years or for all.
SELECT pg_temp.rules('[{"items": ["merit"], "points": 4, "cap": 10}, {"items": ["minus"], "points": -4, "cap": 6}]') AS s \gset
SELECT * FROM pg_temp.lines(:'s', 'merit 2026-01-01; merit 2026-02-01; merit 2026-03-01; merit 2026-04-01; merit 2025-12-31; minus 2026-01-01; minus 2026-01-02');
SELECT per, l.* FROM (VALUES ('year'), ('all')) v (per), pg_temp.lines(jsonb_build_object('dimensions', jsonb_build_array(jsonb_build_object('id', 'good', 'zh', '善', 'en', 'good', 'most_plus', 10,
  'most_minus', 6, 'per', per))) || pg_temp.rules('[{"items": ["merit"], "points": 4, "dimension": "good"}, {"items": ["merit2"], "points": 5, "dimension": "good"},
  {"items": ["minus"], "points": -4, "dimension": "good"}]'), 'merit 2026-01-02; merit2 2026-01-01; merit 2026-03-01; merit 2025-12-31; minus 2026-01-03; minus 2026-01-03') l;

-- Tiers and steps: amounts of a record, of a year, of all.
SELECT sum, l.* FROM (VALUES ('record'), ('year'), ('all')) v (sum), pg_temp.lines(pg_temp.rules(jsonb_build_array(
  jsonb_build_object('items', '["hours"]'::jsonb, 'tiers', '[{"from": 0, "per": 2, "points": 1}, {"from": 10, "per": 5, "points": 1}]'::jsonb, 'sum', sum),
  jsonb_build_object('items', '["steps"]'::jsonb, 'steps', '[{"at": 10, "points": 2}, {"at": 20, "points": 5}]'::jsonb, 'sum', sum))),
  'hours 2026-01-01 7; hours 2026-01-02 8.99999; hours 2025-05-05 1; steps 2026-01-01 15; steps 2026-01-02 5; steps 2025-01-01 9.99995; hours 2026-01-05; hours 2026-01-05 -3; hours 2026-01-05 NaN; hours 2026-01-05 Infinity') l;

-- Bounds of the whole.
SELECT * FROM pg_temp.lines('{"least": 95, "most": 110}' || pg_temp.rules('[{"items": ["merit"], "points": 8}, {"items": ["minus"], "points": -6}]'), 'merit 2026-01-01; merit 2026-01-02');
SELECT * FROM pg_temp.lines('{"least": 95, "most": 110}' || pg_temp.rules('[{"items": ["merit"], "points": 8}, {"items": ["minus"], "points": -6}]'), 'minus 2026-01-01');
-- A direct grade: the strongest takes what the sum is above it, and only that.
SELECT pg_temp.rules('[{"items": ["fall"], "direct": "B"}, {"items": ["minus"], "points": -60}, {"items": ["minus2"], "direct": "C"}]') AS s \gset
SELECT * FROM pg_temp.lines(:'s', 'fall 2026-01-01; minus2 2026-01-02; fall 2026-01-03');
SELECT * FROM pg_temp.lines(:'s', 'fall 2026-01-01; minus 2026-01-01');

-- The answer as it comes, text and numbers as they were given.
SELECT jsonb_pretty(credit.score_lines(pg_temp.book(:'s'), '2026-06-30', item, severity, happened_on, amount, state)) FROM pg_temp.records('minus 2026-01-01 2.50');

-- Published schemes.
\set weihai `cat test/data/weihai_haibei.json`
\set wendeng `cat test/data/wendeng_2020.json`
\set fuzhou `cat test/data/fuzhou_moli.json`
CREATE TEMP TABLE schemes AS SELECT * FROM (VALUES ('weihai', :'weihai'::credit.rulebook), ('wendeng', :'wendeng'), ('fuzhou', :'fuzhou')) v (name, book);
SELECT hours, credit.score(book, '2026-06-30', 'volunteer_hours', NULL, '2026-01-01', hours, NULL)
  FROM schemes, unnest('{0,1,19.9,20,22,80,83,200,204}'::numeric[]) hours WHERE name = 'weihai' GROUP BY hours ORDER BY hours;
SELECT n, credit.score(book, '2026-06-30', 'volunteer_service', NULL, '2026-01-01', NULL, 'active')
  FROM schemes, generate_series(1, 8) n, generate_series(1, n) WHERE name = 'fuzhou' GROUP BY n ORDER BY n;
-- Wendeng: a direct grade by a court list, lifted when performed (repaired), -50 from then.
SELECT d, x.points, credit.grade(book, x.points) FROM schemes, unnest('{2025-02-28,2025-03-01,2030-03-01,2030-03-02}'::date[]) d, LATERAL (
  SELECT credit.score(book, d, item, severity, happened_on, amount, state) AS points
    FROM pg_temp.records('blood_donation 2025-02-01; court_defaulter 2025-03-01; breach_small 2025-03-01')) x WHERE name = 'wendeng';
SELECT d, x.points, credit.grade(book, x.points) FROM schemes, unnest('{2026-03-31,2026-04-01,2028-04-01,2028-04-02}'::date[]) d, LATERAL (
  SELECT credit.score(book, d, item, severity, happened_on, amount, state) AS points
    FROM pg_temp.records('court_defaulter 2025-03-01 - repaired; court_defaulter_performed 2026-04-01')) x WHERE name = 'wendeng';
SELECT p, credit.grade(book, p) FROM schemes, unnest('{2000,1050,1049.9999,1030,960,959.9999,850,600,599.9999,-5}'::credit.points[]) WITH ORDINALITY AS x (p, n) WHERE name = 'wendeng' ORDER BY n;

-- Nobody, and somebody without records.
SELECT credit.score(book, '2026-06-30', 'donation', NULL, '2026-01-01', 1, NULL), credit.score_lines(book, '2026-06-30', 'donation', NULL, '2026-01-01', 1, NULL) FROM schemes WHERE false;
CREATE TEMP TABLE kept (person int, item text, severity credit.severity, happened_on date, amount numeric, state text);
INSERT INTO kept VALUES (1, 'donation', NULL, '2026-01-01', 1400, NULL), (1, 'donation', NULL, '2026-02-01', 100000, 'active'), (3, 'breach_large', NULL, '2026-02-01', NULL, 'active'), (3, 'breach_large', NULL, '2026-02-03', NULL, NULL);
SELECT person, credit.score(book, '2026-06-30', item, severity, happened_on, amount, state), credit.grade(book, credit.score(book, '2026-06-30', item, severity, happened_on, amount, state))
  FROM schemes, generate_series(1, 3) person LEFT JOIN kept USING (person) WHERE name = 'wendeng' GROUP BY person, book ORDER BY person;
-- A window moves: what leaves it is forgotten.
SELECT person, item, amount, credit.score(book, '2026-06-30', item, severity, happened_on, amount, state) OVER (ORDER BY person, happened_on ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  FROM schemes, kept WHERE name = 'wendeng' ORDER BY person, happened_on;

-- Errors.
CREATE FUNCTION pg_temp.one(item text, state text DEFAULT NULL, amount numeric DEFAULT NULL, as_of date DEFAULT '2026-06-30', name text DEFAULT 'wendeng', fn text DEFAULT 'score') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.fails(format('SELECT credit.%I(book, %L, %L, NULL, ''2026-01-01'', %L, %L) FROM (SELECT book FROM schemes WHERE name = %L UNION ALL SELECT NULL WHERE %L IS NULL) b', fn, as_of, item, amount, state, name, name)) $$;
SELECT fn, pg_temp.one('donation', 'deleted', fn => fn) AS state, pg_temp.one('donation', 'Active', fn => fn) AS letters, pg_temp.one('donation', '', fn => fn) AS empty, pg_temp.one('no_such', fn => fn) AS item,
       pg_temp.one('', fn => fn) AS no_item, pg_temp.one('donation', amount => 1e15, fn => fn) AS amount, pg_temp.one('donation', as_of => NULL, fn => fn) AS no_day,
       pg_temp.one('donation', as_of => 'infinity', fn => fn) AS endless, pg_temp.one('donation', name => NULL, fn => fn) AS no_book
  FROM unnest(ARRAY['score', 'score_lines']) fn \gx
SELECT pg_temp.fails($$SELECT credit.score(book, '2026-06-30', 'volunteer_hours', NULL, '2026-01-01', 1, NULL) FROM schemes WHERE name <> 'fuzhou'$$) AS two_books,
       pg_temp.fails($$SELECT credit.score(book, '2026-06-30'::date + n, 'volunteer_hours', NULL, '2026-01-01', 1, NULL) FROM schemes, generate_series(1, 2) n WHERE name = 'weihai'$$) AS two_days,
       pg_temp.fails($$SELECT credit.score((book::jsonb - 'score')::credit.rulebook, '2026-06-30', 'donation', NULL, '2026-01-01', 1, NULL) FROM schemes WHERE name = 'wendeng'$$) AS no_scheme,
       pg_temp.fails($$SELECT credit.grade((book::jsonb - 'score')::credit.rulebook, 1) FROM schemes WHERE name = 'wendeng'$$) AS no_grades \gx
SELECT pg_temp.rules('[{"items": ["hours"], "tiers": [{"from": 0, "per": 1, "points": 1000}]}]') AS s \gset
SELECT pg_temp.score(:'s', 'hours 2026-01-01 900000000000');
DO $$BEGIN
  PERFORM pg_temp.score(pg_temp.rules('[{"items": ["hours"], "tiers": [{"from": 0, "per": 1, "points": 1000}]}]'), 'hours 2026-01-01 900000000000000');
EXCEPTION WHEN numeric_value_out_of_range THEN
  RAISE NOTICE '% %', SQLSTATE, SQLERRM;
END$$;

-- States of scores: text, binary form and back give the same answer; parts add up.
CREATE TEMP TABLE parts AS SELECT n % 2 AS part, credit.score_transition(NULL, book, '2026-06-30', item, severity, happened_on, amount, state) AS s,
       credit.score_lines_transition(NULL, book, '2026-06-30', item, severity, happened_on, amount, state) AS l
  FROM schemes, (SELECT row_number() OVER () AS n, * FROM kept) k WHERE name = 'wendeng';
SELECT part, credit.score_final(s), credit.score_final(s::text::credit.score_state) AS again, s::text::credit.score_state::text = s::text AS same,
       credit.score_lines_final(l::text::credit.score_state) = credit.score_lines_final(l) AS lines FROM parts;
SELECT credit.score_final(credit.score_combine(a.s, b.s)), credit.score_final(credit.score_combine(b.s, a.s)), credit.score_final(credit.score_combine(a.s, NULL)), credit.score_final(credit.score_combine(NULL, b.s)),
       credit.score_combine(NULL, NULL) IS NULL AS nothing, credit.score_lines_final(credit.score_combine(a.l, b.l)) = credit.score_lines_final(credit.score_combine(b.l, a.l)) AS lines
  FROM (SELECT s, l FROM parts OFFSET 0 LIMIT 1) a, (SELECT s, l FROM parts OFFSET 1 LIMIT 1) b;
SELECT pg_temp.fails('SELECT credit.score_combine(s, l) FROM parts LIMIT 1') AS mixed, pg_temp.fails('SELECT credit.score_lines_final(s) FROM parts LIMIT 1') AS no_lines;
-- Hostile input: any byte changed or cut off is read as a state or refused, and what is read can be used.
SELECT t, pg_temp.fails(quote_literal(t) || '::credit.score_state') FROM unnest(ARRAY['', '0', 'zz', '00', '01', '02', repeat('0', 90), repeat('f', 90)]) t;
CREATE FUNCTION pg_temp.attempt(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  s credit.score_state;
BEGIN
  s := t::credit.score_state;
  IF s::text::credit.score_state::text <> s::text THEN RETURN 'differs'; END IF;
  BEGIN
    PERFORM credit.score_final(s), credit.score_final(credit.score_combine(s, s));
    PERFORM credit.score_lines_final(s) WHERE substr(t, 3, 2) = '01';
  EXCEPTION WHEN numeric_value_out_of_range THEN RETURN 'read or refused'; END;
  RETURN 'read or refused';
EXCEPTION
  WHEN invalid_binary_representation OR protocol_violation OR invalid_parameter_value OR invalid_text_representation OR character_not_in_repertoire OR numeric_value_out_of_range THEN RETURN 'read or refused';
  WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP TABLE states AS
  SELECT DISTINCT t FROM parts, LATERAL (VALUES (s::text), (l::text)) v (t)
  UNION ALL SELECT credit.score_lines_transition(NULL, pg_temp.book('{"dimensions": [{"id": "good", "zh": "善", "en": "good", "most_plus": 10, "per": "year"}]}' ||
    pg_temp.rules('[{"items": ["hours"], "tiers": [{"from": 0, "per": 2, "points": 1}], "sum": "year", "dimension": "good"}]')), '2026-06-30', 'hours', 'minor', '2026-01-01', 5, NULL)::text;
SELECT pg_temp.attempt(overlay(t PLACING byte FROM at * 2 + 1 FOR 2)), count(*) > 1000 AS many
  FROM states, generate_series(0, length(t) / 2 - 1) at, unnest(ARRAY['00', '01', '7f', '80', 'ff']) byte GROUP BY 1;
SELECT pg_temp.attempt(left(t, n)) FROM states, generate_series(0, length(t) - 1) n GROUP BY 1;
