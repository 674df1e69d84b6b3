-- Scores of those who asked for one, their receipts, and the way out.
--
-- Seen failing: minor with the age taken out of consent_to_score(), too_young_then
-- with it taken out of score_chunk(); disputed and repaired without drop_scores()
-- in change_record(); changed_law with rulebook_on(as_of) in replay(); left without
-- the DELETE in drop_scores().  What a kill does to a job, and who leaves meanwhile,
-- is in test/t/130_scoring.pl.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
SELECT credit.create_register();
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) AS key_file \gset
SELECT credit.create_key_file();
SELECT current_database() AS database \gset
ALTER DATABASE :"database" SET credit.key_file = :'key_file';
-- Two laws: the second gives another base.
SELECT credit.adopt_rulebook('first', credit.shipped_rulebook('cn-370323'), daterange('2018-01-01', credit.today() - 30));
SELECT credit.adopt_rulebook('second', (jsonb_set(jsonb_set(credit.shipped_rulebook('cn-370323')::jsonb, '{score,base}', '120'), '{score,least}', '120') - 'cases')::credit.rulebook,
                             daterange(credit.today() - 30, NULL));
-- The code of somebody born on a day.
CREATE FUNCTION pg_temp.code_of(born date) RETURNS credit.code LANGUAGE sql AS $$
  SELECT (d || substr('10X98765432', (SELECT sum(substr(d, i, 1)::int * (2 ^ (18 - i))::int)::int % 11 FROM generate_series(1, 17) i) + 1, 1))::credit.code
    FROM (SELECT '370323' || to_char(born, 'YYYYMMDD') || '901') AS t (d) $$;
CREATE TABLE public.regress_person (login text, subject credit.pseudonym);
INSERT INTO public.regress_person
  SELECT l, credit.pseudonym(c) FROM (VALUES ('regress_rich', credit.code '370323199503129013'), ('regress_plain', '11010519491231002X'), ('regress_firm', '914403001922038216'),
    ('regress_minor', pg_temp.code_of((credit.today() - interval '17 years 11 months')::date)),
    ('regress_young', pg_temp.code_of((credit.today() - interval '18 years 20 days')::date))) AS v (l, c);
SELECT format('CREATE ROLE %I LOGIN', login) FROM public.regress_person \gexec
CREATE ROLE regress_auditor LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
SELECT count(credit.grant_duty(login, 'credit_citizen', NULL, NULL, NULL, 'real name checked', '[2020-01-01,)', subject => subject)) FROM public.regress_person;
SELECT credit.grant_duty('regress_auditor', 'credit_auditor', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted;
INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, provider, division, stance, state, minor, fields, amount, document_no, final_on)
  SELECT p.subject, v.item, v.severity::credit.severity, credit.today() - v.ago, credit.today() - v.ago, 'a', '370323', v.stance::credit.stance, v.state, v.minor, v.fields::jsonb, v.amount, 'n' || v.ago, credit.today() - v.ago
    FROM public.regress_person p,
         (VALUES ('volunteer_hours', NULL, 50, 'good', 'active', false, '{"hours": "40"}', NULL), ('commendation', NULL, 45, 'good', 'active', false, '{}', NULL),
                 ('charity_donation', NULL, 60, 'good', 'active', false, '{}', 1000), ('commendation_province', NULL, 3000, 'good', 'active', false, '{}', NULL),
                 ('blood_donation', NULL, 47, 'good', 'disputed', false, '{}', NULL), ('labour_model', NULL, 48, 'good', 'active', true, '{}', NULL),
                 ('youth_medal', NULL, 46, 'good', 'repaired', false, '{}', NULL), ('administrative_penalty', 'general', 42, 'bad', 'active', false, '{}', NULL),
                 ('administrative_penalty', 'general', 2000, 'bad', 'active', false, '{}', NULL)) AS v (item, severity, ago, stance, state, minor, fields, amount)
   WHERE p.login = 'regress_rich';
GRANT SELECT ON public.regress_person TO PUBLIC;

-- Nobody asked, nobody is scored.
CALL credit.score_all();
SELECT count(*) FROM credit_register.score;
SELECT credit.consent_to_score();	-- nobody else may

\c - regress_rich
\set SHOW_CONTEXT never
SELECT credit.consent_to_score();	-- no context
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score() AS consent \gset
SELECT credit.consent_to_score() = :'consent' AS same, (SELECT count(*) FROM credit.my_score()) AS lines; COMMIT;
\c - regress_plain
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score() IS NOT NULL AS agreed; COMMIT;
\c - regress_young
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score() IS NOT NULL AS agreed; COMMIT;
\c - regress_minor
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score(); COMMIT;	-- minor
\c - regress_firm
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score(); COMMIT;
CALL credit.score_all();

\c - postgres
\set SHOW_CONTEXT never
BEGIN; CALL credit.score_all(); ROLLBACK;
CALL credit.score_all(NULL, 0);
CALL credit.score_all(credit.today() + 1);
CALL credit.score_all('2017-01-01');	-- no law then
CALL credit.score_all(NULL, 1);
CALL credit.score_all(credit.today() - 40, 2);	-- too_young_then
CREATE VIEW public.regress_result AS
  SELECT p.login, s.as_of - credit.today() AS day, s.rulebook, s.points, s.grade, cardinality(s.records) AS records, jsonb_array_length(s.lines) AS lines
    FROM credit_register.score s JOIN public.regress_person p USING (subject);
SELECT * FROM public.regress_result ORDER BY 1, 2;
SELECT kind, state, done, total, finished_at IS NOT NULL AS finished FROM credit_register.job WHERE total > 0;
-- The oracle: the same by one query, and the lines add up.
SELECT count(*) FILTER (WHERE o.score IS DISTINCT FROM s.points) AS differ, count(*) FILTER (WHERE l.sum IS DISTINCT FROM s.points::numeric) AS not_the_sum
  FROM credit_register.score s
  JOIN credit_register.rulebook b ON b.in_force @> s.as_of,
  LATERAL (SELECT credit.score(b.book, s.as_of, r.item, r.severity, r.document_date, coalesce(r.amount, (r.fields ->> 'hours')::numeric),
                               CASE WHEN r.minor THEN 'minor' ELSE r.state END)
             FROM (SELECT 1) o LEFT JOIN credit_register.record r ON r.subject = s.subject) o,
  LATERAL (SELECT sum((l ->> 'points')::numeric) FROM jsonb_array_elements(s.lines) l) l;
-- Neither a minor's act nor what is disputed, repaired or over is in a line.
SELECT l -> 'record' ->> 'item' AS item, l ->> 'points' AS points, split_part(l ->> 'why', ' on ', 1) AS why
  FROM credit_register.score s, jsonb_array_elements(s.lines) l
 WHERE s.as_of = credit.today() AND jsonb_typeof(l -> 'record') = 'object' ORDER BY 1, 2;

-- The person sees the lines in words, and nobody else does.
\c - regress_rich
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter();
SELECT points, grade, line, line_points, regexp_replace(reason, '\d{4}-\d\d-\d\d', 'DAY', 'g') AS reason, article IS NOT NULL AS article, counts_until IS NOT NULL AS ends FROM credit.my_score();
SELECT max(points)::numeric = sum(line_points::numeric) AS adds_up FROM credit.my_score();
SELECT improve FROM credit.my_score() WHERE line = 1; ROLLBACK;
SELECT * FROM credit.my_score();
SELECT count(*) FROM credit_register.score;
\c - regress_auditor
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit_register.score; ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT x.* FROM credit_register.scoring_job j, credit.replay(j.job) x WHERE j.scored > 0 ORDER BY 1; ROLLBACK;
SELECT credit.replay('00000000-0000-0000-0000-000000000001');
\c - regress_plain
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT points, line, reason FROM credit.my_score(); ROLLBACK;	-- absence is neutral
SELECT credit.drop_scores('P000000000000101');

-- changed_law: what was computed by the first law replays by it; new records change nothing of it.
\c - postgres
\set SHOW_CONTEXT never
UPDATE credit_register.rulebook SET in_force = '[2018-01-01,2018-02-01)' WHERE name = 'first';
UPDATE credit_register.rulebook SET in_force = '[2018-02-01,)' WHERE name = 'second';
INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance)
  SELECT subject, 'moral_model', credit.today() - 44, 'a', '370323', 'good' FROM public.regress_person WHERE login = 'regress_rich';
SELECT j.rulebook, x.* FROM credit_register.scoring_job j, credit.replay(j.job) x WHERE j.scored > 0 ORDER BY 1;
SELECT * FROM credit.replay('00000000-0000-0000-0000-000000000001');
-- What was changed by hand is found: a score, and a record.
BEGIN; UPDATE credit_register.score SET points = points + credit.points(1) WHERE as_of = credit.today();
SELECT j.rulebook, x.* FROM credit_register.scoring_job j, credit.replay(j.job) x WHERE j.scored > 0 ORDER BY 1; ROLLBACK;
BEGIN; UPDATE credit_register.record SET amount = 2000 WHERE item = 'charity_donation';
SELECT j.rulebook, x.* FROM credit_register.scoring_job j, credit.replay(j.job) x WHERE j.scored > 0 ORDER BY 1; ROLLBACK;

-- Again for the same day: another job, no second row.
CALL credit.score_all(NULL, 2);
SELECT count(*) AS jobs, count(DISTINCT as_of) AS days FROM credit_register.scoring_job WHERE scored > 0;
SELECT login, day, points FROM public.regress_result WHERE day = 0 ORDER BY 1;

-- repaired, disputed: the stored score goes with it, and the next one is without.
SELECT subject, record FROM credit_register.record WHERE item = 'charity_donation' \gset
SELECT path FROM credit.everywhere_scoring(:'subject', :'record');
SELECT credit.change_record(:'subject', :'record', 'disputed', 'objection');
SELECT path FROM credit.everywhere_scoring(:'subject', :'record');
SELECT login, count(*) FROM public.regress_result GROUP BY 1 ORDER BY 1;
CALL credit.score_all();
SELECT points, records FROM public.regress_result WHERE login = 'regress_rich';
SELECT credit.change_record(:'subject', :'record', 'active', 'objection refused');
CALL credit.score_all();
SELECT points, records FROM public.regress_result WHERE login = 'regress_rich';

-- superuser_*: no score without consent, of nobody under age, and none outlives its consent.
\set VERBOSITY terse
INSERT INTO credit_register.score (subject, as_of, consent, adult, rulebook, book_digest, points, lines, records, input_digest, job)
  SELECT 'P000000000000101', as_of, consent, adult, rulebook, book_digest, points, lines, records, input_digest, job FROM credit_register.score LIMIT 1;
INSERT INTO credit_register.score (subject, as_of, consent, adult, rulebook, book_digest, points, lines, records, input_digest, job)
  SELECT subject, as_of - 1, NULL, adult, rulebook, book_digest, points, lines, records, input_digest, job FROM credit_register.score LIMIT 1;
INSERT INTO credit_register.score (subject, as_of, consent, adult, rulebook, book_digest, points, lines, records, input_digest, job)
  SELECT subject, as_of - 1, consent, false, rulebook, book_digest, points, lines, records, input_digest, job FROM credit_register.score LIMIT 1;
BEGIN; DELETE FROM credit_register.consent; SELECT count(*) FROM credit_register.score; ROLLBACK;
\set VERBOSITY default

-- left: at once, all of it, and for good.
\c - regress_rich
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.leave_score(); SELECT count(*) FROM credit.my_score(); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.leave_score(); COMMIT;
\c - postgres
\set SHOW_CONTEXT never
SELECT login, count(*) FROM credit_register.score JOIN public.regress_person USING (subject) GROUP BY 1 ORDER BY 1;
CALL credit.score_all();
SELECT login, count(*) FROM credit_register.score JOIN public.regress_person USING (subject) GROUP BY 1 ORDER BY 1;
-- No number of a person stands in what was stored.
SELECT count(*) FROM credit_register.score s WHERE s::text ~ '370323199503129013|11010519491231002X';

SET client_min_messages = warning;
DROP VIEW public.regress_result;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', login) FROM public.regress_person \gexec
DROP OWNED BY regress_auditor; DROP ROLE regress_auditor;
DROP TABLE public.regress_person;
SELECT current_setting('credit.key_file') AS key_file, current_database() AS database \gset
ALTER DATABASE :"database" RESET credit.key_file;
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE"
