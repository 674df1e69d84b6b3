-- Working days by the calendar of a rulebook.
SET DateStyle = 'ISO, YMD';
CREATE TEMP TABLE law (name text PRIMARY KEY, book credit.rulebook NOT NULL);
INSERT INTO law SELECT name, format($json$
{"format": 1, "id": "test-%s", "version": "1", "title": {"zh": "试", "en": "test"},
 "documents": [{"id": "d", "zh": "试", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
 "items": [{"id": "x", "zh": "一", "en": "one", "stance": "good", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
 "objection": [
  {"id": "answer", "step": "answer", "procedure": "objection", "days": 7, "unit": "workday", "basis": {"document": "d"}, "in_force": {"from": "2020-01-01"}, "confidence": "C"},
  {"id": "at_once", "step": "mark", "procedure": "objection", "days": 0, "unit": "workday", "basis": {"document": "d"}, "in_force": {"from": "2020-01-01"}, "confidence": "C"},
  {"id": "review", "step": "provider", "procedure": "complaint", "days": 60, "unit": "day", "basis": {"document": "d"}, "in_force": {"from": "2020-01-01"}, "confidence": "C"},
  {"id": "three_days", "step": "own", "procedure": "complaint", "days": 3, "unit": "day", "basis": {"document": "d"}, "in_force": {"from": "2020-01-01", "to": "2026-06-30"}, "confidence": "C"}],
 "calendar": %s}$json$, name, calendar)::credit.rulebook
  FROM (VALUES
    ('two-years', $c${"from": "2025-01-01", "to": "2026-12-31", "weekend": [6, 7], "years": [
       {"year": 2025, "notice": "国办发明电〔2024〕12号", "off": ["2025-01-01", "2025-01-28/2025-02-04", "2025-04-04/2025-04-06", "2025-05-01/2025-05-05", "2025-05-31/2025-06-02", "2025-10-01/2025-10-08"],
        "work": ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]},
       {"year": 2026, "notice": "国办发明电〔2025〕7号", "off": ["2026-01-01/2026-01-03", "2026-02-15/2026-02-23", "2026-04-04/2026-04-06", "2026-05-01/2026-05-05", "2026-06-19/2026-06-21", "2026-09-25/2026-09-27", "2026-10-01/2026-10-07"],
        "work": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]}]}$c$),
    ('one-day', $c${"from": "2026-11-23", "to": "2026-11-23", "weekend": [6, 7], "years": [{"year": 2026}]}$c$),
    ('words', $c${"from": "2026-01-01", "to": "2026-03-05", "weekend": [], "years": [{"year": 2026, "off": []}]}$c$),
    ('sabbath', $c${"from": "1900-01-01", "to": "2099-12-31", "weekend": [1, 2, 3, 4, 5, 6], "plain_from": 1900, "years": [{"year": 1950, "notice": "a hundred days off", "off": ["1950-01-01/1999-12-31"], "work": []}]}$c$)) v (name, calendar);
INSERT INTO law SELECT 'none', (book::jsonb - 'calendar')::credit.rulebook FROM law WHERE name = 'one-day';
SELECT book FROM law WHERE name = 'two-years' \gset

-- A make-up Sunday, a holiday Monday, an ordinary weekend.
SELECT d, credit.is_workday(:'book', d) FROM unnest(ARRAY['2025-01-26', '2025-01-27', '2025-01-28', '2025-10-08', '2025-10-09', '2025-10-11', '2025-10-12', '2025-12-31', '2026-01-01', '2026-01-04', '2026-12-31']::date[]) d;
-- Seven working days over the National Day holiday, forwards and backwards.
SELECT n, credit.add_workdays(:'book', '2026-09-28', n) AS after, credit.add_workdays(:'book', '2026-10-12', -n) AS before FROM unnest(ARRAY[0, 1, 2, 3, 4, 7, 15]) n;
-- From a day off: the first working day after or before it; 0 stays where it is.
SELECT n, credit.add_workdays(:'book', '2026-10-03', n) FROM generate_series(-2, 2) n;
SELECT a, b, credit.workdays_between(:'book', a, b) FROM (VALUES
  (date '2026-09-30', date '2026-10-08'), ('2026-10-08', '2026-09-30'), ('2026-10-01', '2026-10-07'), ('2026-10-07', '2026-10-01'),
  ('2026-11-23', '2026-11-23'), ('2025-01-01', '2026-12-31'), ('2026-12-31', '2025-01-01')) v (a, b);

-- It undoes add_workdays from every day, working or not, as long as both lie inside.
SELECT name, count(*), count(*) FILTER (WHERE credit.workdays_between(book, d, credit.add_workdays(book, d, n)) <> n) AS differ,
       count(*) FILTER (WHERE n <> 0 AND NOT credit.is_workday(book, credit.add_workdays(book, d, n))) AS on_a_day_off,
       count(*) FILTER (WHERE (credit.add_workdays(book, d, n) - d) * n < 0) AS wrong_way
  FROM law, LATERAL (VALUES (date '2026-01-20', 2, 20), ('2025-09-01', 100, 100)) v (first, days, far),
       LATERAL (SELECT first + i AS d FROM generate_series(0, days) i) s, generate_series(-far, far) n
 WHERE name = 'two-years' OR name = 'sabbath' AND far = 100 OR name = 'words' AND far = 20 AND n BETWEEN -19 AND 20
 GROUP BY name ORDER BY name;
-- The other way round: the same day, if it is a working day or the start.
SELECT count(*), count(*) FILTER (WHERE (credit.add_workdays(:'book', a, credit.workdays_between(:'book', a, b)) = b)
                                     <> (a = b OR credit.is_workday(:'book', b))) AS differ
  FROM generate_series(0, 729, 7) i, generate_series(0, 729, 5) j, LATERAL (SELECT date '2025-01-01' + i, date '2025-01-01' + j) s (a, b);
-- The edges of words of 64 days; all days work.
SELECT credit.add_workdays(book, '2026-01-01', 63) AS last, credit.add_workdays(book, '2026-03-05', -63) AS first,
       credit.add_workdays(book, '2026-01-01', 62) AS before_last, credit.workdays_between(book, '2026-01-01', '2026-03-05') AS between
  FROM law WHERE name = 'words';
-- Over half a century without a working day.
SELECT credit.add_workdays(book, '1949-12-25', 1), credit.add_workdays(book, '2000-01-02', -1), credit.add_workdays(book, '1975-06-01', -2608),
       credit.workdays_between(book, '1949-12-25', '2000-01-02')
  FROM law WHERE name = 'sabbath';

-- Deadlines of people: the day itself does not count; a last day off gives way to the next working day.
SELECT id, d, credit.deadline(:'book', id, d) FROM (VALUES ('answer', date '2026-09-28'), ('at_once', '2026-10-03'), ('at_once', '2026-10-08'),
  ('three_days', '2026-04-30'), ('three_days', '2026-05-11'), ('review', '2026-08-02'), ('review', '2026-08-10')) v (id, d);

SELECT credit.is_workday(NULL, '2026-01-01') IS NULL AND credit.add_workdays(:'book', '2026-01-01', NULL) IS NULL
   AND credit.workdays_between(:'book', NULL, '2026-01-01') IS NULL AND credit.deadline(:'book', NULL, '2026-01-01') IS NULL AS nulls;

-- Outside the calendar is an error, never a guess.
CREATE FUNCTION pg_temp.told(law_name text, asked text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text; hint text; state text; answer text;
BEGIN
  EXECUTE 'SELECT credit.' || asked || ' FROM law WHERE name = $1' INTO answer USING law_name;
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN concat_ws(E'\n', state || ' ' || message, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
\x on
SELECT asked, pg_temp.told(name, asked) FROM (VALUES
  ('two-years', $q$is_workday(book, '2024-12-31')$q$), ('two-years', $q$is_workday(book, '2027-01-01')$q$),
  ('two-years', $q$is_workday(book, 'infinity')$q$), ('two-years', $q$add_workdays(book, '-infinity', 0)$q$),
  ('two-years', $q$add_workdays(book, '2026-12-30', 2)$q$), ('two-years', $q$add_workdays(book, '2025-01-02', -1)$q$),
  ('two-years', $q$add_workdays(book, '2026-12-30', 2147483647)$q$), ('two-years', $q$add_workdays(book, '2026-12-30', -2147483648)$q$),
  ('two-years', $q$workdays_between(book, '2026-12-30', '2027-01-04')$q$),
  ('two-years', $q$deadline(book, 'answer', '2026-12-28')$q$), ('two-years', $q$deadline(book, 'review', '2026-11-23')$q$),
  ('two-years', $q$deadline(book, 'three_days', '2026-07-01')$q$), ('two-years', $q$deadline(book, 'no such', '2026-07-01')$q$),
  ('one-day', $q$is_workday(book, '2026-11-23')$q$), ('one-day', $q$add_workdays(book, '2026-11-23', 1)$q$), ('one-day', $q$add_workdays(book, '2026-11-23', -1)$q$),
  ('none', $q$is_workday(book, '2026-11-23')$q$), ('none', $q$deadline(book, 'answer', '2026-11-23')$q$)) v (name, asked);
\x off

-- A constant, a subquery and a column give the same.
SELECT count(*), count(*) FILTER (WHERE credit.add_workdays(:'book', d, n) <> credit.add_workdays((SELECT book FROM law WHERE name = 'two-years'), d, n)) AS differ,
       count(*) FILTER (WHERE credit.add_workdays(:'book', d, n) <> credit.add_workdays(l.book, d, n)) AS differ_joined
  FROM law l, generate_series(1, 20000) i, LATERAL (SELECT date '2025-04-01' + i * 7919 % 500, i % 61 - 30) s (d, n) WHERE name = 'two-years';

-- No year without an entry of its own, if only an empty one: weekends alone are a guess, and the book says so.
CREATE FUNCTION pg_temp.read(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text; hint text; book credit.rulebook;
BEGIN
  book := (jsonb_set(credit.jsonb((SELECT l.book FROM law l WHERE name = 'two-years')), '{calendar}', (SELECT credit.jsonb(l.book) -> 'calendar' FROM law l WHERE name = 'two-years') || change::jsonb))::credit.rulebook;
  RETURN credit.is_workday(book, '2027-01-01');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(E'\n', SQLSTATE || ' ' || message, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
\x on
SELECT change, pg_temp.read(change) FROM unnest(ARRAY['{"to": "2027-12-31"}', '{"to": "2027-12-31", "plain_from": 2028}', '{"to": "2027-12-31", "plain_from": 2027}',
  '{"to": "2027-12-31", "plain_from": 1800}', '{"to": "2027-12-31", "plain_from": 2200}', '{"to": "2027-12-31", "plain_from": "2027"}', '{"years": [{"year": 2026}]}',
  '{"from": "2026-12-31", "to": "2027-01-01", "years": [{"year": 2027}, {"year": 2026}]}']) change;
\x off

-- The next year, with days that are made up; a day of December may be worked in return for it.
SELECT credit.with_calendar_year(:'book', 2027, 'made up', '{[2027-01-01,2027-01-03],[2027-02-05,2027-02-05]}', '{2027-01-09,2026-12-27}') AS next \gset
SELECT * FROM credit.rulebook_diff(:'book', :'next');
SELECT d, credit.is_workday(:'next', d) FROM unnest('{2026-12-27,2027-01-01,2027-01-04,2027-01-09,2027-02-05,2027-12-31}'::date[]) d;
SELECT credit.is_workday(:'next', '2028-01-01');
SELECT credit.is_workday(credit.with_calendar_year(:'next', 2028, 'none off', '{}'), '2028-01-03') AS without_any;
-- In the law that ships, too, whose cases tell where the calendar ends.
SELECT count(*) FILTER (WHERE NOT ok) AS failing, count(*) FROM credit.run_rule_cases(credit.with_calendar_year(credit.shipped_rulebook('cn-370323'), extract(year FROM (credit.jsonb(credit.shipped_rulebook('cn-370323')) #>> '{calendar,to}')::date)::int + 1, 'made up', '{}'));
SELECT count(*) FILTER (WHERE NOT ok) AS failing FROM credit.run_rule_cases(credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099));
SELECT change, path ~ 'cases' AS cases, new FROM credit.rulebook_diff(credit.shipped_rulebook('cn-370323'), credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099)) WHERE path !~ 'plain_from' ORDER BY path;
\x on
SELECT asked, pg_temp.told(name, asked) FROM (VALUES
  ('two-years', $q$with_calendar_year(book, 2026, 'made up', '{}')$q$), ('two-years', $q$with_calendar_year(book, 2028, 'made up', '{}')$q$),
  ('two-years', $q$with_calendar_year(book, 2027, ' ', '{}')$q$), ('two-years', $q$with_calendar_year(book, 2027, 'x', '{[2027-01-01,)}')$q$),
  ('two-years', $q$with_calendar_year(book, 2027, 'x', '{}', '{NULL}')$q$), ('two-years', $q$with_calendar_year(book, 2027, 'x', '{[2027-01-01,2027-01-01]}', '{2027-01-01}')$q$),
  ('two-years', $q$with_calendar_year(book, 2027, 'x', '{[2028-01-01,2028-01-01]}')$q$), ('two-years', $q$with_calendar_year(book, NULL, 'x', '{}')$q$),
  ('two-years', $q$with_plain_years(book, 2026)$q$), ('two-years', $q$with_plain_years(book, 2300)$q$),
  ('none', $q$with_calendar_year(book, 2027, 'x', '{}')$q$), ('none', $q$with_plain_years(book, 2027)$q$)) v (name, asked);
\x off

-- The last day from which every deadline can be counted: from the next one on, one of them fails.
CREATE FUNCTION pg_temp.counts(book credit.rulebook, day date) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  PERFORM credit.deadline(book, d ->> 'id', day) FROM jsonb_array_elements(credit.jsonb(book) -> 'objection') d
    WHERE day BETWEEN (d #>> '{in_force,from}')::date AND coalesce((d #>> '{in_force,to}')::date, 'infinity');
  RETURN true;
EXCEPTION WHEN datetime_field_overflow THEN
  RETURN false;
END $$;
SELECT name, until, pg_temp.counts(book, until) AS then, pg_temp.counts(book, until + 1) AS next_day FROM (
  SELECT name, book, credit.countable_until(book, '2026-12-01') FROM law WHERE name IN ('two-years', 'sabbath')
  UNION ALL SELECT 'next', :'next', credit.countable_until(:'next', '2026-12-01')
  UNION ALL SELECT 'days', b, credit.countable_until(b, '2026-12-01') FROM CAST(jsonb_set(credit.jsonb(:'book'::credit.rulebook), '{calendar}', credit.jsonb(:'book'::credit.rulebook) -> 'calendar' || '{"to": "2026-12-20"}') #- '{objection,0}' AS credit.rulebook) b
  UNION ALL SELECT 'workdays', b, credit.countable_until(b, '2026-12-01') FROM CAST(jsonb_set(credit.jsonb(:'book'::credit.rulebook), '{calendar}', credit.jsonb(:'book'::credit.rulebook) -> 'calendar' || '{"to": "2026-12-19"}') #- '{objection,2}' AS credit.rulebook) b) x (name, book, until);
SELECT name, credit.countable_until(book, '2026-12-01') FROM law WHERE name IN ('one-day', 'words', 'none') ORDER BY name;

-- guard_report() and duty_list() say so 60 days before, of the rulebooks of these days alone.
SET client_min_messages = warning;
SELECT credit.create_register() \gset
CREATE ROLE regress_calendar LOGIN;
SELECT credit.grant_duty('regress_calendar', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') \gset
CREATE FUNCTION pg_temp.law_until(ends date) RETURNS credit.rulebook LANGUAGE sql AS $$
  SELECT jsonb_set(credit.jsonb(book), '{calendar}', jsonb_build_object('from', '2020-01-01', 'to', ends, 'weekend', '[]'::jsonb, 'years', (SELECT jsonb_agg(jsonb_build_object('year', y)) FROM generate_series(2020, extract(year FROM ends)::int) y))) #- '{objection,3}'
    FROM law WHERE name = 'two-years' $$;
CREATE VIEW pg_temp.said AS
  SELECT finding, object, regexp_replace(why, '\d{4}-\d\d-\d\d', 'DAY', 'g') AS why, regexp_replace(mend, ', \d{4}, ', ', YEAR, ') AS mend FROM credit.guard_report() WHERE finding IN ('calendar ends', 'plain weeks');
CREATE VIEW pg_temp.owed AS SELECT duty, owner, what, count, due - credit.today() AS days_left, overdue FROM credit.duty_list();
-- 60 calendar days are the longest deadline here.
BEGIN; SELECT credit.adopt_rulebook('a', pg_temp.law_until(credit.today() + 120), '[2020-01-01,)'); TABLE said; SELECT FROM credit.enter_as('regress_calendar', NULL) \gset
TABLE owed; ROLLBACK;
BEGIN; SELECT credit.adopt_rulebook('a', pg_temp.law_until(credit.today() + 119), '[2020-01-01,)'); TABLE said; SELECT FROM credit.enter_as('regress_calendar', NULL) \gset
TABLE owed; ROLLBACK;
BEGIN; SELECT credit.adopt_rulebook('a', pg_temp.law_until(credit.today() + 50), '[2020-01-01,)'); SELECT FROM credit.enter_as('regress_calendar', NULL) \gset
TABLE owed; ROLLBACK;
-- One that ended, one that ends before, and one that follows; the mend ends what is in force.
BEGIN;
SELECT credit.adopt_rulebook('was', pg_temp.law_until('2021-12-31'), '[2020-01-01,2021-01-01)'), credit.adopt_rulebook('is', pg_temp.law_until(credit.today() + 70), daterange('2021-01-01', credit.today() + 10)),
       credit.adopt_rulebook('comes', pg_temp.law_until(credit.today() + 90), daterange(credit.today() + 10, NULL));
SELECT object, mend = format('SELECT credit.end_rulebook(''comes'', date %2$L); SELECT credit.adopt_rulebook(''…'', credit.with_calendar_year(credit.rulebook_on(date %2$L), %1$s, notice => ''…'', off => ''{…}'', work => ''{…}''), daterange(date %2$L + 1, NULL));',
  extract(year FROM credit.today() + 90) + 1, credit.today() + 10) AS mend FROM credit.guard_report() WHERE finding = 'calendar ends'; SELECT FROM credit.enter_as('regress_calendar', NULL) \gset
TABLE owed; ROLLBACK;
-- A guess is named for as long as it is in force, and the entry of its first year makes the next one the first.
BEGIN;
SELECT credit.adopt_rulebook('a', credit.with_plain_years(pg_temp.law_until(make_date(extract(year FROM credit.today())::int, 12, 31)), 2099), '[2020-01-01,)');
SELECT finding, object, why = format('Days from %s on are plain weekends, not the published schedule: a deadline that reaches them is a guess.', extract(year FROM credit.today()) + 1) AS why FROM credit.guard_report() WHERE finding = 'plain weeks'; SELECT FROM credit.enter_as('regress_calendar', NULL) \gset
TABLE owed;
SELECT credit.end_rulebook('a', credit.today()), credit.adopt_rulebook('b', credit.with_calendar_year(credit.rulebook_on(credit.today()), extract(year FROM credit.today())::int + 1, 'made up', '{}'), daterange(credit.today() + 1, NULL));
SELECT object, why = format('Days from %s on are plain weekends, not the published schedule: a deadline that reaches them is a guess.', extract(year FROM credit.today()) + 2) AS next FROM credit.guard_report() WHERE finding = 'plain weeks' ORDER BY object;
ROLLBACK;
-- Refused with the reason: a case that tells where the calendar ends.
SELECT credit.adopt_rulebook('a', jsonb_set(jsonb_set(credit.jsonb(credit.shipped_rulebook('cn-370323')), '{calendar,to}', '"2027-12-31"'), '{calendar,plain_from}', '2027')::credit.rulebook, '[2018-01-01,)');
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_calendar;
DROP ROLE regress_calendar;
