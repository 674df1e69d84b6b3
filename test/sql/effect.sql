-- What a change of a record does elsewhere: receivers, lists and measures, other
-- rooms; and that everywhere() sees each path.
--
-- Seen failing without the defence: "told once, though it had it twice" grouped
-- by delivery in fan_out(); the minor's record and "overdue" without their lines
-- in shown_record; "before the dispute" without 'dispute' in everywhere_effect();
-- the repaired record corrected without the test of its state; the past without
-- the test in check_as_of().
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT credit.create_register();
SELECT credit.adopt_rulebook('cn', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)') \gset
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
INSERT INTO credit_register.receiver VALUES ('city', 'City platform', 'platform'), ('bank', 'A bank', 'bank'), ('idle', 'Never got anything', 'agency');
INSERT INTO credit_register.record (subject, record, item, severity, document_date, document_no, happened_on, final_on, provider, division, stance, state, minor, fields, basis)
  SELECT 'P000000000000101', format('00000000-0000-0000-0000-00000000000%s', n)::uuid, i, 'general', d, 'No ' || n, d, d, 'a', '370323', s::credit.stance, state, minor, f, 'law'
    FROM (VALUES (1, 'administrative_penalty', credit.today() - 10, 'bad', 'active', false, '{"violation": "x"}'::jsonb),
                 (2, 'commendation', credit.today() - 10, 'good', 'active', false, '{"honour": "x"}'),
                 (3, 'administrative_penalty', credit.today() - 1900, 'bad', 'active', false, '{}'),	-- its time is over
                 (4, 'commendation', credit.today() - 10, 'good', 'active', true, '{}'),			-- minor
                 (5, 'commendation', credit.today() - 10, 'good', 'repaired', false, '{}'),
                 (6, 'commendation', credit.today() - 10, 'good', 'withdrawn', false, '{}'),
                 (7, 'commendation', credit.today() - 10, 'good', 'disputed', false, '{}'),
                 (8, 'commendation', credit.today() - 10, 'good', 'archived', false, '{}')) AS v (n, i, d, s, state, minor, f);
\set r1 00000000-0000-0000-0000-000000000001
\set r2 00000000-0000-0000-0000-000000000002
SELECT right(record::text, 1) AS shown FROM credit_register.shown_record ORDER BY 1;
-- overdue
BEGIN; UPDATE credit_register.record SET answer_due = credit.today() - 1 WHERE record = :'r2'; SELECT right(record::text, 1) AS shown FROM credit_register.shown_record ORDER BY 1; ROLLBACK;
BEGIN; UPDATE credit_register.record SET answer_due = credit.today() WHERE record = :'r2'; SELECT right(record::text, 1) AS shown FROM credit_register.shown_record ORDER BY 1; ROLLBACK;

-- Told once, though it had it twice; who never had it, or only another one, learns nothing.
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, purpose, basis) VALUES
  ('P000000000000101', 'city', :'r1', 1, 'data', 'administration', 'agreement 1'), ('P000000000000101', 'city', :'r1', 1, 'data', 'administration', 'agreement 1'),
  ('P000000000000101', 'bank', :'r1', 1, 'data', 'consent', 'consent 1'), ('P000000000000101', 'city', :'r2', 1, 'data', 'administration', 'agreement 1');
SELECT path, place FROM credit.everywhere(:'r1') WHERE path IN ('display', 'receiver') ORDER BY 1, 2;
BEGIN;
SELECT credit.fan_out('P000000000000101', :'r1', 'stop_use', 'test') AS told, credit.fan_out('P000000000000101', :'r2', 'stop_use', 'test') AS told_2,
       credit.fan_out('P000000000000101', '00000000-0000-0000-0000-000000000005', 'stop_use', 'test') AS told_5;
SELECT receiver, right(record::text, 1) AS record, kind, record_version, purpose, basis, reason FROM credit_register.delivery WHERE kind <> 'data' ORDER BY 1, 2;
SELECT path, place FROM credit.everywhere(:'r1') WHERE path IN ('display', 'receiver') ORDER BY 1, 2;
ROLLBACK;
-- A score never travels (E7).
\set VERBOSITY terse
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis, content) VALUES ('P000000000000101', 'city', :'r1', 1, 'data', 'law 1', '{"score": 800}');
\set VERBOSITY default

-- A correction is a new version with what it now says, and until when it may be shown; the catalogue says what there is to correct.
SELECT credit.correct_record('P000000000000101', :'r1', '{"violation": "y", "amount": 20, "fulfilled_on": "2026-04-02"}', 'checked') AS told;
SELECT receiver, kind, record_version, content ->> 'amount' AS amount, content -> 'fields' AS fields, content ? 'subject' AS names_subject,
       shown_until = upper(credit.display_period(credit.rulebook_on(credit.today()), 'administrative_penalty', 'general', credit.today() - 10, NULL)) - 1 AS until
  FROM credit_register.delivery WHERE kind = 'correction' ORDER BY 1;
SELECT version, amount, fields, fulfilled_on FROM credit_register.record WHERE record = :'r1';
SELECT credit.correct_record('P000000000000101', :'r1', '{"income": 1}', 'checked');
SELECT credit.correct_record('P000000000000101', :'r1', '{"violation": "z", "subject": "P000000000000202"}', 'checked');
SELECT credit.correct_record('P000000000000101', :'r1', '[]', 'checked');
SELECT credit.correct_record('P000000000000101', :'r1', NULL, 'checked');
SELECT credit.correct_record('P000000000000101', '00000000-0000-0000-0000-000000000005', '{"honour": "y"}', 'checked');	-- repaired: nobody is sent it again
SELECT credit.correct_record('P000000000000202', :'r1', '{"violation": "z"}', 'checked');	-- another's

-- A change of state; the same state again is an error; other rooms are told through functions that are found by name.
CREATE TABLE heard (room text, subject credit.pseudonym, record uuid, reason text);
CREATE FUNCTION credit.record_changed_test(credit.pseudonym, uuid, text) RETURNS void LANGUAGE sql AS $$ INSERT INTO public.heard VALUES ('test', $1, $2, $3) $$;
CREATE FUNCTION credit.everywhere_test(credit.pseudonym, uuid) RETURNS TABLE (path text, place text) LANGUAGE sql AS $$ SELECT 'test', 'still here' WHERE $2 = '00000000-0000-0000-0000-000000000002' $$;
SELECT credit.change_record('P000000000000101', :'r1', 'active', 'again');
SELECT credit.change_record('P000000000000101', '00000000-0000-0000-0000-000000000099', 'active', 'x');
\set VERBOSITY terse
SELECT credit.change_record('P000000000000101', :'r1', 'gone', 'x');
\set VERBOSITY default
SELECT credit.change_record('P000000000000101', :'r1', 'disputed', 'objection') \gset
SELECT count(*) FROM credit.everywhere(:'r1');	-- before the dispute was told, now nobody may use it
SELECT credit.change_record('P000000000000101', :'r1', 'active', 'dismissed') \gset
SELECT path, place FROM credit.everywhere(:'r1') WHERE path IN ('display', 'receiver') ORDER BY 1, 2;
SELECT credit.change_record('P000000000000101', :'r1', 'repaired', 'repaired') \gset
SELECT count(*) FROM credit.everywhere(:'r1');
SELECT path, place FROM credit.everywhere(:'r2') WHERE path IN ('display', 'receiver', 'test') ORDER BY 1, 2;
SELECT receiver, string_agg(kind || ' ' || record_version, ', ' ORDER BY queued_at) AS received FROM credit_register.delivery WHERE record = :'r1' GROUP BY 1 ORDER BY 1;
SELECT room, right(record::text, 1) AS record, reason FROM heard;
DROP FUNCTION credit.record_changed_test, credit.everywhere_test;
DROP TABLE heard;

-- Who may ask; the past is for auditors.
CREATE ROLE regress_window LOGIN; CREATE ROLE regress_reviewer LOGIN; CREATE ROLE regress_far LOGIN; CREATE ROLE regress_auditor LOGIN; CREATE ROLE regress_auditor_2 LOGIN;
INSERT INTO credit_register.purpose (purpose, name, basis) VALUES ('audit', 'Audit', 'law 1') ON CONFLICT DO NOTHING;
SELECT count(credit.grant_duty(g.login, g.duty, NULL, g.divisions, g.purposes, 'decision 1', '[2020-01-01,)')) FROM (VALUES
  ('regress_window', 'credit_window', NULL::text[], NULL::text[]), ('regress_reviewer', 'credit_reviewer', '{370323}', NULL), ('regress_far', 'credit_reviewer', '{3702}', NULL),
  ('regress_auditor', 'credit_auditor', NULL, NULL), ('regress_auditor_2', 'credit_auditor', NULL, '{administration}')) AS g (login, duty, divisions, purposes);
SET SESSION AUTHORIZATION regress_window;
SELECT credit.everywhere(:'r2');
SELECT credit.who_is_answerable(:'r2');
SELECT credit.change_record('P000000000000101', :'r2', 'repaired', 'mine');
SELECT credit.fan_out('P000000000000101', :'r2', 'stop_use', 'mine');
SELECT credit.give_notice('P000000000000101', :'r2', 'x', 'mine');
SELECT count(*) FROM credit_register.delivery;
SET SESSION AUTHORIZATION regress_reviewer;
SELECT credit.everywhere(:'r2');	-- not entered
BEGIN; SELECT FROM credit.enter(); SELECT path FROM credit.everywhere(:'r2') WHERE path IN ('display', 'receiver') ORDER BY 1; SELECT part FROM credit.who_is_answerable(:'r2'); ROLLBACK;
SET SESSION AUTHORIZATION regress_far;
BEGIN; SELECT FROM credit.enter(); SELECT credit.everywhere(:'r2'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.who_is_answerable(:'r2'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.who_is_answerable('00000000-0000-0000-0000-000000000099'); ROLLBACK;
SET SESSION AUTHORIZATION regress_auditor;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) > 0 AS seen FROM credit.everywhere(:'r2'); SELECT count(*) FROM credit_register.delivery; ROLLBACK;
RESET SESSION AUTHORIZATION;
-- check_as_of() is called by functions of the register; here with the rights of its owner.
GRANT EXECUTE ON FUNCTION credit.check_as_of(date) TO credit_auditor, credit_reviewer;
SET SESSION AUTHORIZATION regress_auditor;
BEGIN; SELECT FROM credit.enter(); SELECT credit.check_as_of(credit.today() - 1) = credit.today() - 1 AS past; ROLLBACK;
SET SESSION AUTHORIZATION regress_auditor_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.check_as_of(credit.today() - 1); ROLLBACK;	-- for another purpose
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.check_as_of(credit.today()) = credit.today() AS today, credit.check_as_of(credit.today() + 1) > credit.today() AS later, credit.check_as_of(NULL) IS NULL AS none;
SELECT credit.check_as_of(credit.today() - 1); ROLLBACK;
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON FUNCTION credit.check_as_of(date) FROM credit_auditor, credit_reviewer;

SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_window, regress_reviewer, regress_far, regress_auditor, regress_auditor_2;
DROP ROLE regress_window, regress_reviewer, regress_far, regress_auditor, regress_auditor_2;
