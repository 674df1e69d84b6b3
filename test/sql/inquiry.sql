-- Register first, then read.
--
-- Seen failing without the defence: read_and_roll_back with inquiry_settled()
-- answering true (three rows came); another's inquiry without "i.person" in
-- inquiry_subject(); consent_twice without the test of used_by; own_review
-- without "i.person <> credit.person()"; what is displayed without
-- displayed_if_known() in report_rows() (six rows came).
-- What a crash, a kill, two phases, a standby and a pooler do to it is in
-- test/t/120_inquiry.pl.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT credit.create_register();
CREATE ROLE regress_window LOGIN;
CREATE ROLE regress_window_2 LOGIN;
CREATE ROLE regress_reviewer LOGIN;
CREATE ROLE regress_auditor LOGIN;
CREATE ROLE regress_citizen LOGIN;
CREATE ROLE regress_portal LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
SELECT credit.grant_duty('regress_window', 'credit_window', 'a', NULL, '{consent,administration,emergency,judicial}', 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_window_2', 'credit_window', NULL, NULL, '{administration}', 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_reviewer', 'credit_reviewer', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_auditor', 'credit_auditor', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_citizen', 'credit_citizen', NULL, NULL, NULL, 'real name checked', '[2020-01-01,)', subject => 'P000000000000101') IS NOT NULL AS granted;
-- Rows as the gate leaves them; former_item is of an older catalogue.
INSERT INTO credit_register.record (subject, item, document_date, displayed_from, stance, state, minor,
    provider, division, document_no, final_on, happened_on, basis, basis_in_force, fingerprint)
  SELECT v.*, 'a', '370323', 'n', credit.today(), v.document_date, 'document 1', '[2000-01-01,)', sha256(v::text::bytea) FROM (VALUES
    ('P000000000000101'::credit.pseudonym, 'penalty', credit.today() - 200, NULL::date, 'bad'::credit.stance, 'active', false),
    ('P000000000000101', 'penalty', credit.today() - 199, NULL, 'bad', 'repaired', false),
    ('P000000000000101', 'penalty', credit.today() - 198, NULL, 'bad', 'disputed', false),
    ('P000000000000101', 'penalty', credit.today() - 197, NULL, 'bad', 'withdrawn', false),
    ('P000000000000101', 'penalty', credit.today() - 196, NULL, 'bad', 'archived', false),
    ('P000000000000101', 'penalty', credit.today() - 368, NULL, 'bad', 'active', false),	-- over
    ('P000000000000101', 'commendation', credit.today() - 368, NULL, 'good', 'active', false),
    ('P000000000000101', 'former_item', credit.today() - 100, NULL, 'bad', 'active', false),
    ('P000000000000101', 'commendation', credit.today() - 195, NULL, 'good', 'active', true),
    ('P000000000000202', 'commendation', credit.today() - 100, NULL, 'good', 'active', false),
    ('P000000000000101', 'penalty', credit.today() - 3, credit.today() + 1, 'bad', 'active', false),	-- from tomorrow
    ('P000000000000101', 'penalty', credit.today() - 2, credit.today(), 'bad', 'active', false)) AS v (subject, item, document_date, displayed_from, stance, state, minor);
INSERT INTO credit_register.consent (subject, consent, given_to, purpose, document, valid) VALUES
  ('P000000000000101', '00000000-0000-0000-0000-000000000001', 'regress_window', 'consent', 'paper 1', '[2020-01-01,)'),
  ('P000000000000101', '00000000-0000-0000-0000-000000000002', 'regress_window', 'consent', 'paper 2', '[2020-01-01,2021-01-01)'),
  ('P000000000000202', '00000000-0000-0000-0000-000000000003', 'regress_window', 'consent', 'paper 3', '[2020-01-01,)'),
  ('P000000000000101', '00000000-0000-0000-0000-000000000004', 'regress_window_2', 'consent', 'paper 4', '[2020-01-01,)');

-- Functions only: the query point reads no table.
\c - regress_window
\set VERBOSITY default
SELECT count(*) FROM credit_register.record;
SELECT count(*) FROM credit_register.inquiry;
SELECT credit.open_inquiry_on('P000000000000101', 'administration', 'licence 5');	-- no context
SELECT credit.open_inquiry('370323199503129013', 'administration', 'licence 5');
SELECT credit.inquiry_subject('00000000-0000-0000-0000-000000000001');
SELECT credit.inquiry_settled('3');

-- read_and_roll_back
BEGIN; SELECT credit.enter();
SELECT credit.open_inquiry_on('P000000000000101', 'administration', 'licence 5') AS inquiry \gset
SAVEPOINT s;
SELECT * FROM credit.report_rows(:'inquiry');
ROLLBACK TO s;
SAVEPOINT s2;
SELECT credit.open_inquiry_on('P000000000000101', 'administration', 'licence 5') AS inner \gset
RELEASE s2;
SELECT * FROM credit.report_rows(:'inner');
ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT * FROM credit.report_rows(:'inquiry'); ROLLBACK;	-- gone, and so is the answer

-- Registered, committed, then read; as often as it is open.
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'administration', 'licence 5') AS inquiry \gset
COMMIT;
-- Whoever lost its number finds it: his own, through the same application, and not about whom.
BEGIN; SELECT credit.enter(); SELECT inquiry = :'inquiry' AS is_it, state, purpose, authorisation, expires_at > opened_at AS answers FROM credit.open_inquiries(); ROLLBACK;
SELECT count(*) FROM credit.open_inquiries();	-- without a context
\set VERBOSITY sqlstate
BEGIN; SELECT credit.enter(); SELECT item FROM credit.report_rows(:'inquiry'); ROLLBACK;	-- no law in force
\set VERBOSITY default
\c - postgres
SELECT credit.adopt_rulebook('test', $json${"format": 1, "id": "test-inquiry", "version": "1", "title": {"zh": "测试", "en": "Test"},
  "documents": [{"id": "d", "zh": "办法", "level": "department_rule", "in_force": {"from": "2000-01-01"}, "confidence": "A"}],
  "items": [{"id": "penalty", "zh": "处罚", "en": "Penalty", "stance": "bad", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
            {"id": "commendation", "zh": "表彰", "en": "Commendation", "stance": "good", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}],
  "display": [{"id": "bad", "items": ["penalty"], "months": 12, "anchor": "document_date", "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"},
              {"id": "good", "items": ["commendation"], "months": 12, "anchor": "document_date", "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "A"}]
  }$json$, daterange('2000-01-01', NULL)) \gset
\c - regress_window
-- Only what the law displays today: not what is over or begins tomorrow, is repaired, disputed, withdrawn, archived,
-- a minor's, or of an item that the law no longer lists.
BEGIN; SELECT credit.enter();
SELECT item, credit.today() - document_date AS days, credit.today() - displayed_from AS shown_for, state, stance FROM credit.report_rows(:'inquiry');
ROLLBACK;
BEGIN READ ONLY; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'inquiry'); ROLLBACK;
SELECT * FROM credit.report_rows(:'inquiry');	-- without a context
-- What waits for an answer that is overdue is not displayed, here neither.
\c - postgres
BEGIN;
UPDATE credit_register.record SET answer_due = credit.today() - 1 WHERE item = 'commendation';
SET SESSION AUTHORIZATION regress_window;
SELECT FROM credit.enter();
SELECT count(*) FILTER (WHERE item = 'commendation') AS overdue, count(*) > 0 AS others FROM credit.report_rows(:'inquiry');
ROLLBACK;
\c - regress_window
\c - regress_window_2
\set SHOW_CONTEXT never
BEGIN; SELECT credit.enter(); SELECT * FROM credit.report_rows(:'inquiry'); ROLLBACK;	-- another's inquiry
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000004'); ROLLBACK;	-- not his purpose
\c - regress_window
-- Nobody there is answered as somebody without records is.
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000303', 'administration', 'licence 6') AS absent \gset
COMMIT;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'absent'); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'administration', ' '); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'administration', repeat('x', 1001)); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on(NULL, 'administration', 'x'); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', NULL, 'x'); ROLLBACK;

-- consent_twice, one that is over, another's, none.
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000001') AS consented \gset
COMMIT;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'consented'); ROLLBACK;
BEGIN; SELECT credit.enter();
SAVEPOINT s; SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000001'); ROLLBACK TO s;
SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000002'); ROLLBACK TO s;
SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000003'); ROLLBACK TO s;
SELECT credit.open_inquiry_on('P000000000000101', 'consent', '00000000-0000-0000-0000-000000000004'); ROLLBACK TO s;
SELECT credit.open_inquiry_on('P000000000000101', 'consent', 'I swear'); ROLLBACK;

-- Reviewed before: own_review is refused, another's opens it.
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'judicial', 'case 7') AS judicial \gset
SELECT credit.open_inquiry_on('P000000000000202', 'judicial', 'case 8') AS other \gset
COMMIT;
BEGIN; SELECT credit.enter(); SELECT * FROM credit.report_rows(:'judicial'); ROLLBACK;
SELECT credit.review_inquiry(:'judicial', true, 'fine');
\c - regress_reviewer
BEGIN; SELECT credit.enter(); SELECT credit.review_inquiry(:'judicial', true, 'order seen'), credit.review_inquiry(:'other', false, 'no order'); COMMIT;
BEGIN; SELECT credit.enter(); SELECT credit.review_inquiry(:'judicial', true, 'again'); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000202', 'judicial', 'my own') AS own \gset
COMMIT;
BEGIN; SELECT credit.enter(); SELECT credit.review_inquiry(:'own', true, 'I am sure'); ROLLBACK;
\c - regress_window
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'judicial'); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'other'); ROLLBACK;

-- Break-glass: at once, noticed, limited, judged afterwards.
BEGIN; SELECT credit.enter();
SELECT count(credit.open_inquiry_on('P000000000000202', 'emergency', 'fire at the school')) FROM generate_series(1, 5);
SELECT credit.open_inquiry_on('P000000000000202', 'emergency', 'fire at the school') AS glass;
ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000202', 'emergency', 'fire at the school') AS glass \gset
COMMIT;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'glass'); ROLLBACK;
\c - regress_reviewer
BEGIN; SELECT credit.enter(); SELECT credit.review_inquiry(:'glass', false, 'there was no fire'); COMMIT;

-- The person sees all of it, and what is delayed later.
\c - regress_citizen
SELECT * FROM credit.my_inquiries();
BEGIN; SELECT credit.enter(); SELECT provider, purpose, authorisation, state FROM credit.my_inquiries(); ROLLBACK;
\c - postgres
UPDATE credit_register.inquiry SET shown_from = clock_timestamp() WHERE purpose = 'judicial';
\c - regress_citizen
BEGIN; SELECT credit.enter(); SELECT provider, purpose, authorisation, state FROM credit.my_inquiries(); ROLLBACK;
\c - regress_window
SELECT * FROM credit.my_inquiries();
SELECT * FROM credit.inquiry_risks('2020-01-01');
\c - regress_auditor
BEGIN; SELECT credit.enter(); SELECT person, inquiries, subjects, refused, break_glass, overdue FROM credit.inquiry_risks('2020-01-01') ORDER BY person; SELECT count(*) FROM credit_register.inquiry; ROLLBACK;
-- An inquiry is over after its time.
\c - postgres
UPDATE credit_register.inquiry SET expires_at = clock_timestamp() WHERE inquiry = :'inquiry';
\c - regress_window
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'inquiry'); ROLLBACK;

\c - postgres
SET client_min_messages = warning;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_window, regress_window_2, regress_reviewer, regress_auditor, regress_citizen, regress_portal;
DROP ROLE regress_window, regress_window_2, regress_reviewer, regress_auditor, regress_citizen, regress_portal;
