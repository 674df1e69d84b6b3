-- Score: points for a subject's records, line by line.
SET DateStyle = 'ISO, YMD';
\set VERBOSITY default
\set wendeng `cat "$PG_ABS_SRCDIR/data/wendeng_2020.json"`
\set weihai `cat "$PG_ABS_SRCDIR/data/weihai_haibei.json"`
\set fuzhou `cat "$PG_ABS_SRCDIR/data/fuzhou_moli.json"`
CREATE TEMP TABLE law (name text PRIMARY KEY, book credit.rulebook NOT NULL);
INSERT INTO law VALUES ('wendeng', :'wendeng'), ('weihai', :'weihai'), ('fuzhou', :'fuzhou');

-- A scheme with everything: "full".  And one where records do not meet: "plain".
INSERT INTO law
SELECT 'full', jsonb_build_object('format', 1, 'id', 'full', 'version', '1', 'title', '{"zh": "试", "en": "test"}'::jsonb,
  'documents', '[{"id": "d", "zh": "试行办法", "number": "1号", "level": "normative", "in_force": {"from": "2020-01-01"}, "confidence": "A"}]'::jsonb,
  'items', (SELECT jsonb_agg(jsonb_build_object('id', i, 'zh', i, 'en', i, 'stance', 'neutral', 'subjects', '["person"]'::jsonb,
             'basis', '{"document": "d"}'::jsonb, 'in_force', '{"from": "2020-01-01"}'::jsonb, 'confidence', 'A'))
             FROM unnest('{fine,late,theft,barred,outlawed,hours,gift,medal,prize,course,talk,nothing}'::text[]) AS i),
  'score', jsonb_build_object('id', 'full', 'basis', '{"document": "d", "article": "第1条"}'::jsonb, 'confidence', 'A', 'base', 100,
    'grades', '[{"grade": "A", "from": 120}, {"grade": "B", "from": 90}, {"grade": "C", "from": 60}, {"grade": "D"}]'::jsonb,
    'validity', '[{"up_to": 5, "months": 12}, {"months": 24}]'::jsonb,
    'dimensions', '[{"id": "learning", "zh": "学", "en": "learning", "most_plus": 6, "per": "year"},
                    {"id": "duty", "zh": "责", "en": "duty", "most_minus": 50, "per": "all"}]'::jsonb,
    'least', 0, 'most', 150,
    'rules', (SELECT jsonb_agg(r || jsonb_build_object('basis', jsonb_build_object('document', 'd', 'article', '第' || n || '条'), 'confidence', 'A') ORDER BY n)
      FROM jsonb_array_elements($json$[
       {"id": "fine_minor", "items": ["fine"], "severity": ["minor"], "points": -2.5, "relapse": 2, "overlap": "act", "dimension": "duty"},
       {"id": "fine", "items": ["fine"], "severity": ["general", "serious"], "points": -10, "relapse": 3, "overlap": "act", "dimension": "duty"},
       {"id": "late", "items": ["late"], "points": -1, "cap": 3},
       {"id": "theft", "items": ["theft"], "points": -20, "overlap": "act", "dimension": "duty"},
       {"id": "theft_report", "items": ["theft"], "points": -3},
       {"id": "barred", "items": ["barred"], "direct": "C", "months": 36, "overlap": "act"},
       {"id": "outlawed", "items": ["outlawed"], "direct": "D", "months": 60},
       {"id": "hours", "items": ["hours"], "tiers": [{"from": 0, "per": 1, "points": 1}, {"from": 20, "per": 2.5, "points": 1.5}], "sum": "year", "months": 24, "cap": 30},
       {"id": "gift", "items": ["gift"], "steps": [{"at": 100, "points": 1}, {"at": 1000, "points": 3}], "sum": "record", "months": 12},
       {"id": "medal", "items": ["medal"], "points": 10, "months": 36, "overlap": "merit"},
       {"id": "prize", "items": ["prize"], "points": 20, "months": 12, "overlap": "merit"},
       {"id": "course", "items": ["course"], "points": 4, "months": 24, "cap": 5, "dimension": "learning"},
       {"id": "talk", "items": ["talk"], "points": 3, "months": 24, "dimension": "learning"}
      ]$json$) WITH ORDINALITY AS e (r, n))))::credit.rulebook;
INSERT INTO law
SELECT 'plain', jsonb_set(jsonb_set(book::jsonb, '{score}', (book::jsonb -> 'score') - 'least' - 'most' - 'dimensions'), '{score,rules}',
                          '[{"id": "fine", "items": ["fine"], "points": -10, "basis": {"document": "d"}, "confidence": "A"},
                            {"id": "medal", "items": ["medal"], "points": 2.5, "months": 36, "basis": {"document": "d"}, "confidence": "A"}]')::credit.rulebook
  FROM law WHERE name = 'full';

-- Records as text: "item severity happened_on amount state", "-" for NULL, one a line.
CREATE FUNCTION pg_temp.records(t text)
RETURNS TABLE (item text, severity credit.severity, happened_on date, amount numeric, state text)
LANGUAGE sql AS $$
SELECT nullif(w[1], '-'), nullif(w[2], '-')::credit.severity, nullif(w[3], '-')::date, nullif(w[4], '-')::numeric, nullif(w[5], '-')
  FROM regexp_split_to_table(trim(t, E' \n'), E'\\s*\n\\s*') AS line, regexp_split_to_array(line, ' +') AS w
 WHERE line <> ''
$$;
CREATE FUNCTION pg_temp.score(law text, as_of date, t text) RETURNS credit.points LANGUAGE sql AS $$
SELECT credit.score((SELECT book FROM law AS l WHERE l.name = $1), as_of, item, severity, happened_on, amount, state) FROM pg_temp.records(t)
$$;
CREATE FUNCTION pg_temp.lines(law text, as_of date, t text)
RETURNS TABLE (item text, happened_on text, rule text, points numeric, cap text, until date, why text) LANGUAGE sql AS $$
SELECT l #>> '{record,item}', l #>> '{record,happened_on}', l ->> 'rule', (l ->> 'points')::numeric, l ->> 'cap', (l ->> 'counts_until')::date, l ->> 'why'
  FROM (SELECT credit.score_lines((SELECT book FROM law AS l WHERE l.name = $1), as_of, item, severity, happened_on, amount, state) AS s
          FROM pg_temp.records(t)) AS x, jsonb_array_elements(s) AS l
$$;

-- ---------------------------------------------------------------------------
-- Published schemes

-- Weihai: one point an hour, then 2, 3 and 4 hours a point.
SELECT hours, pg_temp.score('weihai', '2026-11-23', format('volunteer_hours - 2026-01-01 %s active', hours)) AS points
  FROM unnest('{0.9,1,19.9,20,21,22,80,83,200,203.9999,204}'::numeric[]) AS hours;
-- The hours of all records are added up, in whatever order they come.
SELECT pg_temp.score('weihai', '2026-11-23', 'volunteer_hours - 2026-01-01 70 -
                                              volunteer_hours - 2025-01-01 70 -
                                              volunteer_hours - 2026-05-01 60 -') AS "200 hours";

-- Wendeng: steps of hours, donations with a cap a year, blood.
SELECT hours, pg_temp.score('wendeng', '2026-11-23', format('volunteer_hours - 2026-01-01 %s active', hours)) AS score
  FROM unnest('{9.9999,10,49,50,299,300,5000}'::numeric[]) AS hours;
SELECT yuan, pg_temp.score('wendeng', '2026-11-23', format('donation - 2026-01-01 %s active', yuan)) - 1000 AS points
  FROM unnest('{99,100,1000,1399,1400,5000,5500,10000,11000,20000,1000000}'::numeric[]) AS yuan;
SELECT * FROM pg_temp.lines('wendeng', '2026-11-23', 'donation - 2025-12-31 30000 -
                                                      donation - 2026-01-01 10000 -
                                                      donation - 2026-02-01 30000 -
                                                      blood_donation - 2026-02-01 - -');
-- A minus of up to 40 counts one year, a larger one two; the same kind again while valid is doubled.
SELECT * FROM pg_temp.lines('wendeng', '2026-11-23', 'breach_small general 2025-11-22 - active
                                                      breach_small general 2025-11-23 - active
                                                      breach_large general 2024-11-22 - active
                                                      breach_large general 2024-11-23 - active
                                                      breach_small general 2026-03-01 - active');
-- Court list: grade D while listed; after performance the record is repaired, and -50 stays two years.
SELECT what, score, credit.grade(book, score)
  FROM law, (VALUES (1, 'listed', 'court_defaulter serious 2025-03-01 - active'),
                    (2, 'listed, with a merit', E'court_defaulter serious 2025-03-01 - active\nbone_marrow - 2026-01-01 - active'),
                    (3, 'performed', E'court_defaulter serious 2025-03-01 - repaired\ncourt_defaulter_performed - 2026-02-01 - active'),
                    (4, 'performed long ago', E'court_defaulter serious 2022-03-01 - repaired\ncourt_defaulter_performed - 2024-11-22 - active')) AS v (n, what, t),
       LATERAL pg_temp.score('wendeng', '2026-11-23', t) AS score
 WHERE name = 'wendeng' ORDER BY n;
-- Direct grades end after 2, 3 and 5 years.
SELECT item, happened_on, pg_temp.score('wendeng', '2026-11-23', format('%s serious %s - active', item, happened_on)) AS score
  FROM (VALUES ('grade_b_breach', '2024-11-22'), ('grade_b_breach', '2024-11-23'), ('grade_c_breach', '2023-11-22'), ('grade_c_breach', '2023-11-23'),
               ('court_defaulter', '2021-11-22'), ('court_defaulter', '2021-11-23')) AS v (item, happened_on);
-- Fuzhou: volunteer items at most 50 points.
SELECT * FROM pg_temp.lines('fuzhou', '2026-11-23', (SELECT string_agg(format('volunteer_service - %s - active', '2026-01-01'::date + n), E'\n') FROM generate_series(1, 8) AS n));

-- Grades.
SELECT p, credit.grade(book, p) FROM law, unnest('{1100,1050,1049.9999,1030,1029.9999,960,850,600,599.9999,-5}'::credit.points[]) AS p WHERE name = 'wendeng';
SELECT credit.grade(NULL, 1000), credit.grade(book, NULL), credit.grade(book, 1000) FROM law WHERE name = 'wendeng';

-- ---------------------------------------------------------------------------
-- What each line says

-- Only active records count, from their day to the last day of their time.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'medal - 2026-01-01 - -
                                                   medal - 2026-01-02 - disputed
                                                   medal - 2026-01-03 - repaired
                                                   medal - 2026-01-04 - withdrawn
                                                   medal - 2026-01-05 - archived
                                                   medal - 2026-01-06 - minor
                                                   medal - 2026-01-07 - no_consent
                                                   medal - 2026-11-23 - active
                                                   medal - 2026-11-24 - active
                                                   medal - 2023-11-23 - active
                                                   medal - 2023-11-22 - active
                                                   medal - - - active
                                                   nothing - 2026-01-08 - active');
-- The last day of February.
SELECT as_of::date, pg_temp.score('full', as_of::date, 'late - 2024-02-29 - active') AS year, pg_temp.score('full', as_of::date, 'medal - 2024-02-29 - active') AS three_years
  FROM unnest('{2024-02-28,2024-02-29,2025-02-28,2025-03-01,2027-02-28,2027-03-01}'::text[]) AS as_of;
-- Relapse: by severity's rule, not on the same day, not after an expired, disputed or repaired one.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'fine minor 2025-11-22 - active
                                                   fine minor 2026-01-01 - active
                                                   fine minor 2026-02-01 - active
                                                   fine general 2026-03-01 - disputed
                                                   fine general 2026-04-01 - active
                                                   fine general 2026-04-01 - active
                                                   fine serious 2026-05-01 - active
                                                   fine - 2026-05-02 - active');
-- One act under several rules: the direct grade, else the greatest minus; of merits the greatest.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'fine general 2026-01-01 - active
                                                   theft - 2026-01-01 - active
                                                   barred - 2026-02-01 - active
                                                   theft - 2026-02-01 - active
                                                   medal - 2026-03-01 - active
                                                   prize - 2026-03-01 - active
                                                   medal - 2024-03-01 - active
                                                   prize - 2024-03-01 - active');
-- Caps: of a rule a year, of a dimension a year or in all.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'late - 2026-01-01 - active
                                                   late - 2026-01-02 - active
                                                   late - 2026-01-03 - active
                                                   late - 2026-01-04 - active
                                                   course - 2025-06-01 - active
                                                   course - 2025-06-02 - active
                                                   talk - 2025-06-03 - active
                                                   talk - 2025-06-04 - active
                                                   talk - 2026-06-04 - active
                                                   theft - 2025-01-01 - active
                                                   theft - 2025-01-02 - active
                                                   theft - 2026-01-03 - active
                                                   theft - 2026-01-04 - active');
-- Tiers by years, with decimals; steps by records; amounts that are none.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'hours - 2025-06-01 19.5 active
                                                   hours - 2025-06-02 0.49999 active
                                                   hours - 2025-06-03 0.00005 active
                                                   hours - 2025-06-04 2.5 active
                                                   hours - 2026-06-01 45 active
                                                   hours - 2026-06-02 - active
                                                   hours - 2026-06-03 -5 active
                                                   hours - 2026-06-04 NaN active
                                                   hours - 2026-06-05 Infinity active
                                                   gift - 2026-06-01 999 active
                                                   gift - 2026-06-02 1000 active
                                                   gift - 2026-06-03 99.99995 active');
-- The strongest of direct grades; bounds of the whole.
SELECT * FROM pg_temp.lines('full', '2026-11-23', 'barred - 2024-01-01 - active
                                                   outlawed - 2023-01-01 - active
                                                   outlawed - 2024-01-01 - active
                                                   barred - 2023-11-22 - active');
SELECT * FROM pg_temp.lines('full', '2026-11-23', (SELECT string_agg(format('prize - %s - active', '2026-01-01'::date + n), E'\n') FROM generate_series(1, 4) AS n));
SELECT points, why FROM pg_temp.lines('full', '2026-11-23', (SELECT string_agg(format('theft - %s - active', '2026-01-01'::date + n), E'\n') FROM generate_series(1, 30) AS n)) WHERE item IS NULL;
-- A line in full.
SELECT jsonb_pretty(credit.score_lines(book, '2026-11-23', 'hours', 'minor', '2026-01-31', 12.50, NULL) -> 1) FROM law WHERE name = 'full';

-- ---------------------------------------------------------------------------
-- Absence is neutral: no records, no row, no scheme
SELECT credit.score(book, '2026-11-23', item, severity, happened_on, amount, state) AS score,
       credit.score_lines(book, '2026-11-23', item, severity, happened_on, amount, state) AS lines
  FROM law, (SELECT 1) AS person (id) LEFT JOIN pg_temp.records('') AS r ON true WHERE name = 'full';
SELECT credit.score(book, '2026-11-23', item, severity, happened_on, amount, state) AS score,
       credit.score_lines(book, '2026-11-23', item, severity, happened_on, amount, state) AS lines
  FROM law, pg_temp.records('') AS r;
SELECT credit.score(NULL, '2026-11-23', 'fine', NULL, '2026-01-01', NULL, NULL);
SELECT credit.score(book, NULL, 'fine', NULL, '2026-01-01', NULL, NULL) FROM law WHERE name = 'full';
SELECT credit.score(book, 'infinity', 'fine', NULL, '2026-01-01', NULL, NULL) FROM law WHERE name = 'full';
SELECT credit.score(book, '2026-11-23', 'crime', NULL, '2026-01-01', NULL, NULL) FROM law WHERE name = 'full';
SELECT credit.score(book, '2026-11-23', 'fine', NULL, '2026-01-01', NULL, 'Active') FROM law WHERE name = 'full';
SELECT credit.score_lines(book, '2026-11-23', 'fine', NULL, '2026-01-01', NULL, '') FROM law WHERE name = 'full';
SELECT credit.score(book, '2026-11-23', 'fine', NULL, '2026-01-01', NULL, NULL) FROM law WHERE name IN ('full', 'plain');
SELECT credit.score(book, d, 'fine', NULL, '2026-01-01', NULL, NULL) FROM law, generate_series('2026-01-01'::date, '2026-01-02', '1 day') AS g (t), CAST(t AS date) AS d WHERE name = 'full';
SELECT credit.score(book, '2026-11-23', 'hours', NULL, '2026-01-01', 1e15, NULL) FROM law WHERE name = 'full';
SELECT credit.score(jsonb_set(book::jsonb - 'score', '{id}', '"bare"')::credit.rulebook, '2026-11-23', 'fine', NULL, '2026-01-01', NULL, NULL) FROM law WHERE name = 'full';
SELECT credit.grade(jsonb_set(book::jsonb - 'score', '{id}', '"bare"')::credit.rulebook, 1) FROM law WHERE name = 'full';
-- Merits that exclude each other must not be cut by different caps.
SELECT jsonb_set(book::jsonb, '{score,rules,10,cap}', '15')::credit.rulebook FROM law WHERE name = 'full';
SELECT jsonb_set(book::jsonb, '{score,rules,11,overlap}', '"merit"')::credit.rulebook FROM law WHERE name = 'full';

-- ---------------------------------------------------------------------------
-- Properties, on records drawn at random
SELECT setseed(0.25);
CREATE TABLE score_record AS
SELECT n, n % 700 AS subject, (random() * 1e9)::int AS shuffle,
       ('{fine,fine,late,late,late,theft,hours,hours,hours,gift,gift,medal,medal,prize,course,course,talk,talk,nothing,barred,outlawed}'::text[])[1 + floor(random() * random() * 20.99)::int] AS item,
       ('{minor,general,serious,NULL}'::text[])[1 + floor(random() * 3.99)::int]::credit.severity AS severity,
       '2026-12-31'::date - floor(random() * random() * 1500)::int / CASE WHEN n % 3 = 0 THEN 30 ELSE 1 END * CASE WHEN n % 3 = 0 THEN 30 ELSE 1 END AS happened_on,
       CASE WHEN random() < 0.9 THEN round((random() * random() * 300)::numeric, (random() * 5)::int) END AS amount,
       CASE WHEN random() < 0.8 THEN 'active' ELSE ('{disputed,repaired,withdrawn,archived,minor,no_consent,NULL}'::text[])[1 + floor(random() * 6.99)::int] END AS state
  FROM generate_series(1, 7000) AS n
 WHERE n % 700 <> 0;
ALTER TABLE score_record ADD PRIMARY KEY (n);
CREATE INDEX score_record_subject ON score_record (subject);
ANALYZE score_record;
CREATE TABLE score_law AS SELECT * FROM law;
\set book '(SELECT book FROM score_law WHERE name = ''full'')'

CREATE TABLE score_once AS
SELECT subject, credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS score,
       credit.score_lines(:book, '2026-11-23', item, severity, happened_on, amount, state) AS lines
  FROM score_record GROUP BY subject;
SELECT count(*) AS subjects, count(DISTINCT score) > 50 AS varied FROM score_once;
-- The lines add up.
SELECT count(*) FROM score_once WHERE score::numeric IS DISTINCT FROM (SELECT sum((l ->> 'points')::numeric) FROM jsonb_array_elements(lines) AS l);
SELECT regexp_replace(why, ' on .*', ' on …') AS why, count(*) > 0 AS seen
  FROM score_once, jsonb_array_elements(lines) AS l, LATERAL (SELECT l ->> 'why') AS w (why) GROUP BY 1 ORDER BY min(why) COLLATE "C";
-- The order of rows does not matter, neither for points nor for lines.
SELECT count(*) FROM score_once JOIN
  (SELECT subject, credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state ORDER BY shuffle) AS score,
          credit.score_lines(:book, '2026-11-23', item, severity, happened_on, amount, state ORDER BY shuffle DESC) AS lines
     FROM score_record GROUP BY subject) AS s USING (subject)
 WHERE s.score <> score_once.score OR s.lines <> score_once.lines;
-- Single = bulk.
SELECT count(*) FROM score_once, LATERAL (
  SELECT credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS score
    FROM score_record AS r WHERE r.subject = score_once.subject) AS s
 WHERE s.score <> score_once.score;
-- Records that do not count change nothing.
SELECT count(*) FROM score_once JOIN
  (SELECT subject, credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS score
     FROM (SELECT subject, item, severity, happened_on, amount, state FROM score_record
            UNION ALL
           SELECT subject, item, severity, happened_on - 3000, amount, 'active' FROM score_record
            UNION ALL
           SELECT subject, item, severity, '2026-11-24', amount, 'active' FROM score_record
            UNION ALL
           SELECT subject, item, severity, happened_on, amount, s
             FROM score_record, unnest('{disputed,repaired,withdrawn,archived,minor,no_consent}'::text[]) AS s) AS more
    GROUP BY subject) AS s USING (subject)
 WHERE s.score <> score_once.score;
-- A plus never lowers a score.
SELECT m.item, count(*) FILTER (WHERE s.score < score_once.score) AS lower, count(*) FILTER (WHERE s.score > score_once.score) > 0 AS higher
  FROM unnest('{hours,gift,medal,prize,course,talk}'::text[]) AS m (item), score_once, LATERAL (
  SELECT credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS score
    FROM (SELECT r.item, severity, happened_on, amount, state FROM score_record AS r WHERE r.subject = score_once.subject
           UNION ALL
          SELECT m.item, NULL, '2026-11-23'::date - score_once.subject % 300 / 30 * 30, 400, 'active') AS more) AS s
 GROUP BY m.item ORDER BY m.item;
-- A stored answer replays to the digit.
SELECT count(*) FROM score_once WHERE lines::text <> (lines::text)::jsonb::text OR score <> score::text::credit.points;

-- Parallel workers, and states that travel.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE score_record SET (parallel_workers = 2);
CREATE FUNCTION pg_temp.plan_has(node text, query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    IF line LIKE '%' || node || '%' THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;
SELECT pg_temp.plan_has('Partial HashAggregate', 'SELECT subject, credit.score(' || :'book' || ', ''2026-11-23'', item, severity, happened_on, amount, state) FROM score_record GROUP BY subject') AS partial;
SELECT count(*) FROM score_once JOIN
  (SELECT subject, credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS score,
          credit.score_lines(:book, '2026-11-23', item, severity, happened_on, amount, state) AS lines
     FROM score_record GROUP BY subject OFFSET 0) AS s USING (subject)
 WHERE s.score <> score_once.score OR s.lines <> score_once.lines;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- As a shard would: states by parts, sent as text, combined.
CREATE AGGREGATE pg_temp.part(credit.rulebook, date, text, credit.severity, date, numeric, text) (SFUNC = credit.score_transition, STYPE = credit.score_state);
CREATE AGGREGATE pg_temp.lines_part(credit.rulebook, date, text, credit.severity, date, numeric, text) (SFUNC = credit.score_lines_transition, STYPE = credit.score_state);
CREATE AGGREGATE pg_temp.joined(credit.score_state) (SFUNC = credit.score_combine, STYPE = credit.score_state);
CREATE TABLE score_part AS
SELECT subject, n % 3 AS shard, pg_temp.part(:book, '2026-11-23', item, severity, happened_on, amount, state) AS part,
       pg_temp.lines_part(:book, '2026-11-23', item, severity, happened_on, amount, state) AS lines_part
  FROM score_record GROUP BY 1, 2;
SELECT count(*) FROM score_once JOIN
  (SELECT subject, credit.score_final(pg_temp.joined(part)) AS score, credit.score_final(pg_temp.joined(lines_part)) AS by_lines,
          credit.score_final(pg_temp.joined(part::text::credit.score_state)) AS by_text,
          credit.score_lines_final(pg_temp.joined(lines_part::text::credit.score_state)) AS lines
     FROM score_part GROUP BY subject) AS s USING (subject)
 WHERE s.score <> score_once.score OR s.by_text <> score_once.score OR s.by_lines <> score_once.score OR s.lines <> score_once.lines;
SELECT count(*) FROM score_part WHERE part::text <> part::text::credit.score_state::text OR encode(credit.score_state_send(lines_part), 'hex') <> lines_part::text;
SELECT credit.score_combine(NULL, NULL) IS NULL AS neither, credit.score_combine(part, NULL)::text = part::text AS first, credit.score_combine(NULL, part)::text = part::text AS second
  FROM score_part ORDER BY subject, shard LIMIT 1;
SELECT credit.score_final(NULL), credit.score_lines_final(NULL);
SELECT credit.score_combine(part, lines_part) FROM score_part LIMIT 1;
SELECT credit.score_lines_final(part) FROM score_part LIMIT 1;
-- A state in hand is not changed.
SELECT part::text = before AS kept
  FROM (SELECT part, part::text AS before, credit.score_transition(part, :book, '2026-11-23', 'late', NULL, '2026-01-01', NULL, NULL) AS after
          FROM score_part ORDER BY subject, shard LIMIT 1 OFFSET 5) AS x
 WHERE after::text <> before;

-- Hostile states: every byte of two states changed, and every length cut.
CREATE FUNCTION pg_temp.attack(state credit.score_state) RETURNS TABLE (answers bigint, refusals bigint) LANGUAGE plpgsql AS $$
DECLARE good bytea := credit.score_state_send(state); bad bytea; value credit.score_state;
BEGIN
  answers := 0; refusals := 0;
  FOR i IN 0 .. length(good) * 4 - 1 LOOP
    bad := CASE i % 4 WHEN 0 THEN set_byte(good, i / 4, (get_byte(good, i / 4) + 1) % 256) WHEN 1 THEN set_byte(good, i / 4, get_byte(good, i / 4) # 128)
                      WHEN 2 THEN set_byte(good, i / 4, 255) ELSE substr(good, 1, i / 4) END;
    BEGIN
      value := encode(bad, 'hex')::credit.score_state;
      PERFORM credit.score_final(value), credit.score_final(credit.score_combine(value, value));
      IF get_byte(bad, 1) = 1 THEN PERFORM credit.score_lines_final(value); END IF;
      answers := answers + 1;
    EXCEPTION WHEN invalid_binary_representation OR numeric_value_out_of_range OR protocol_violation OR character_not_in_repertoire
                   OR invalid_text_representation OR invalid_parameter_value THEN
      refusals := refusals + 1;
    END;
  END LOOP;
  RETURN NEXT;
END $$;
SELECT sum(answers) > 500 AS some_mean_something, sum(refusals) > 500 AS others_are_refused
  FROM (SELECT part FROM score_part WHERE subject = 42 UNION ALL SELECT lines_part FROM score_part WHERE subject = 42) AS x (state), pg_temp.attack(state);
SELECT 'zz'::credit.score_state;
SELECT ''::credit.score_state;
SELECT '01'::credit.score_state;

-- Frames of a window: what leaves is taken out again.
SELECT count(*) FILTER (WHERE moving <> again) AS wrong, count(DISTINCT moving) > 100 AS varied
  FROM (SELECT n, subject, credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state)
                             OVER (PARTITION BY subject % 20 ORDER BY n ROWS BETWEEN 6 PRECEDING AND 2 FOLLOWING) AS moving
          FROM score_record) AS m
  JOIN LATERAL (SELECT credit.score(:book, '2026-11-23', item, severity, happened_on, amount, state) AS again
                  FROM (SELECT *, row_number() OVER (ORDER BY n) AS place FROM score_record AS r WHERE r.subject % 20 = m.subject % 20) AS r
                 WHERE place BETWEEN (SELECT count(*) FROM score_record AS b WHERE b.subject % 20 = m.subject % 20 AND b.n <= m.n) - 6
                                 AND (SELECT count(*) FROM score_record AS b WHERE b.subject % 20 = m.subject % 20 AND b.n <= m.n) + 2) AS a ON true
 WHERE n <= 1500;
