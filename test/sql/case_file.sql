-- Cases: one machine of states for six kinds.
--
-- Seen failing without the defence: each line marked "seen"; a reviewer of
-- another division with has_duty() in place of may_see() in case_subject(); the
-- related reviewer without the test of mandates in check_decision(); the
-- objection dismissed after a repair without the state in end_dispute(); the
-- refusal of a repair whose conditions are met, without CR203.  Two people at
-- one case: test/isolation; killed in the middle: test/t/130_case_file.pl.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT credit.create_register();
-- The law that ships; its calendar goes on with plain weeks, so that the test does not end with the year.
SELECT credit.adopt_rulebook('cn', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2060), '[2018-01-01,)') \gset
CREATE ROLE regress_citizen LOGIN; CREATE ROLE regress_citizen_2 LOGIN; CREATE ROLE regress_window LOGIN; CREATE ROLE regress_window_2 LOGIN;
CREATE ROLE regress_reviewer LOGIN; CREATE ROLE regress_reviewer_2 LOGIN; CREATE ROLE regress_related LOGIN; CREATE ROLE regress_provider LOGIN;
CREATE ROLE regress_provider_2 LOGIN; CREATE ROLE regress_auditor LOGIN; CREATE ROLE regress_batch LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323'), ('b', 'Department B', '370323');
SELECT count(credit.grant_duty(g.login, g.duty, g.provider, g.divisions, NULL, 'decision 1', '[2020-01-01,)', subject => g.subject)) FROM (VALUES
  ('regress_citizen', 'credit_citizen', NULL, NULL::text[], 'P000000000000101'::credit.pseudonym), ('regress_citizen_2', 'credit_citizen', NULL, NULL, 'P000000000000202'),
  ('regress_window', 'credit_window', NULL, '{370323}', NULL), ('regress_window_2', 'credit_window', NULL, '{370322}', NULL),
  ('regress_reviewer', 'credit_reviewer', NULL, '{370323}', NULL), ('regress_reviewer_2', 'credit_reviewer', NULL, '{370322}', NULL),
  ('regress_related', 'credit_reviewer', NULL, '{370323}', NULL), ('regress_related', 'credit_citizen', NULL, NULL, 'P000000000000101'),
  ('regress_provider', 'credit_provider', 'a', NULL, NULL), ('regress_provider_2', 'credit_provider', 'b', NULL, NULL),
  ('regress_auditor', 'credit_auditor', NULL, NULL, NULL), ('regress_batch', 'credit_analyst', NULL, '{370323}', NULL)) AS g (login, duty, provider, divisions, subject);
INSERT INTO credit_register.subject (subject, kind, division) VALUES ('P000000000000101', 'citizen', '370323'), ('P000000000000202', 'citizen', '370323');
INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, final_on, document_no, provider, division,
    stance, amount, fields, basis)
  SELECT CASE WHEN n < 8 THEN 'P000000000000101'::credit.pseudonym ELSE 'P000000000000202' END, format('00000000-0000-0000-0000-0000000000%s', lpad(n::text, 2, '0'))::uuid,
         'administrative_penalty', 'general', credit.today() - 120, credit.today() - 150, credit.today() - 100, 'No ' || n, 'a', '370323', 'bad', 100, '{"violation": "x", "fine_amount": 100}', 'law 1'
    FROM generate_series(1, 9) n;
\set r1 00000000-0000-0000-0000-000000000001
\set r2 00000000-0000-0000-0000-000000000002
\set r3 00000000-0000-0000-0000-000000000003
\set r4 00000000-0000-0000-0000-000000000004
\set r5 00000000-0000-0000-0000-000000000005
\set r6 00000000-0000-0000-0000-000000000006
\set r7 00000000-0000-0000-0000-000000000007
\set r8 00000000-0000-0000-0000-000000000008
\set r9 00000000-0000-0000-0000-000000000009
-- Two receivers had each record, one of them twice; a third one another record.
INSERT INTO credit_register.receiver VALUES ('city', 'City platform', 'platform'), ('bank', 'A bank', 'bank'), ('other', 'Other', 'agency');
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis)
  SELECT r.subject, d, r.record, 1, 'data', 'law 1' FROM credit_register.record r, unnest('{city,bank,bank}'::text[]) d;
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis) VALUES ('P000000000000202', 'other', :'r8', 1, 'data', 'law 1');
CREATE VIEW told AS SELECT right(record::text, 1) AS record, receiver, kind, record_version AS version, content -> 'amount' AS amount, content -> 'statements' AS statements, (content ->> 'extended_until')::date = credit.today() + 30 AS extended
  FROM credit_register.delivery WHERE kind <> 'data';
CREATE VIEW shown AS SELECT string_agg(right(record::text, 1), ' ' ORDER BY record) AS records FROM credit_register.shown_record;
SELECT * FROM shown;

-- --- Objection ---------------------------------------------------------------
-- Nobody without a context, for another's record, at a window without a paper or elsewhere; all strangers are told the same.
SELECT credit.open_dispute(:'r1', 'wrong');
SET SESSION AUTHORIZATION regress_citizen_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'wrong'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute('00000000-0000-0000-0000-000000000099', 'wrong'); ROLLBACK;
SET SESSION AUTHORIZATION regress_window_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'wrong', to_jsonb(repeat('a', 64))); ROLLBACK;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'wrong'); ROLLBACK;
-- window_of_an_office: whose records it takes cases about its divisions say; a bank's window has the bank's.
RESET SESSION AUTHORIZATION;
BEGIN; INSERT INTO credit_register.provider VALUES ('hall', 'Hall', '370323', 'department'), ('bank', 'A bank', '370323', 'bank');
SELECT count(credit.revoke_duty(l, 'credit_window', 'x')) AS revoked FROM unnest('{regress_window,regress_window_2}'::text[]) l;
SELECT count(credit.grant_duty(l, 'credit_window', p, '{370323}', NULL, 'decision 2', '[2020-01-01,)')) AS granted FROM (VALUES ('regress_window', 'hall'), ('regress_window_2', 'bank')) g (l, p);
SAVEPOINT s; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT FROM credit.enter();
SELECT credit.open_dispute(:'r1', 'wrong', to_jsonb(repeat('a', 64))) IS NOT NULL AS opened; ROLLBACK TO s;
SET LOCAL SESSION AUTHORIZATION regress_window_2; SELECT FROM credit.enter();
SELECT credit.open_dispute(:'r1', 'wrong', to_jsonb(repeat('a', 64))) IS NOT NULL AS opened; ROLLBACK;
SET SESSION AUTHORIZATION regress_batch;
SELECT credit.open_dispute(:'r1', 'wrong');
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('wish', :'r1', 'wrong'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('objection', NULL, 'wrong'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', ' '); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'wrong', '["my receipt"]'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'already paid', to_jsonb(repeat('a', 64))) AS c1 \gset
SELECT state, opened_on = credit.today() AS today, due = credit.add_workdays(credit.rulebook_on(credit.today()), credit.today(), 3) AS three_workdays, overdue FROM credit.my_cases();
SELECT kind FROM credit.my_notices();
SELECT credit.open_dispute(:'r1', 'again'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'already paid', to_jsonb(repeat('a', 64))) AS c1 \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state, version FROM credit_register.record WHERE record = :'r1';
SELECT * FROM shown;
SELECT record, receiver, kind, version FROM told ORDER BY 1, 2, 3;
SELECT * FROM credit.everywhere(:'r1');	-- not even at the receivers, while it is disputed

-- Only a reviewer of the division, named, with evidence and a reason, and not the person himself.
SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', reason => 'x');	-- a superuser is nobody
SET SESSION AUTHORIZATION regress_batch;
SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', reason => 'x');
SET SESSION AUTHORIZATION regress_provider;
SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', reason => 'x');
SET SESSION AUTHORIZATION regress_reviewer_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', reason => 'x'); ROLLBACK;
SET SESSION AUTHORIZATION regress_related;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}'); ROLLBACK;
SET SESSION AUTHORIZATION regress_reviewer;
SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', reason => 'x');
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute('00000000-0000-0000-0000-000000000099', 'dismissed', '{receipt}', reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', NULL, reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{}', reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{{a,b},{c,d}}', reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{" "}', reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'granted', '{receipt}', reason => 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt}', '{"amount": 1}', 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}', '{"religion": "x"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}', '{}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}', '{"fulfilled_on": "Zhang San"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}', '{"amount": "Zhang San"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}', '{"document_date": null}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c1', 'granted', '{receipt}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c1', 'upheld', '{receipt}', 'x'); ROLLBACK;

-- Dismissed: shown again, and receivers learn that, too.
BEGIN; SELECT FROM credit.enter(); SELECT kind, state, overdue FROM credit.case_queue(); SELECT credit.decide_dispute(:'c1', 'dismissed', '{receipt,ledger}', reason => 'paid too late'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c1', 'upheld', '{receipt}'); ROLLBACK;	-- decided once
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.case_queue(); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT kind, state, decided_by, evidence_seen, reason, closed_at IS NOT NULL AS closed FROM credit_register.case_file WHERE case_file = :'c1';
SELECT from_state, to_state, person, note FROM credit_register.case_event WHERE case_file = :'c1' ORDER BY at;
SELECT record, receiver, kind, version, amount FROM told ORDER BY record, version, receiver;
SELECT kind, regexp_replace(reason, '[0-9a-f-]{10,}', '…', 'g') AS reason FROM credit_register.notice WHERE record = :'r1' ORDER BY given_at;
SELECT * FROM shown;
SELECT path, place FROM credit.everywhere(:'r1') WHERE path IN ('display', 'receiver') ORDER BY 1, 2;
-- evergreen_objection: not for ever by the same papers.  Seen: without the test of CR204 it was open again.
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'I said so', to_jsonb(repeat('a', 64))); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'I said so'); ROLLBACK;

-- New evidence, forwarded to the provider, who answers; a correction of what is in columns and what is in fields.
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r1', 'half of it', jsonb_build_array(repeat('b', 64))) AS c2 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_provider;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.case_queue(); SELECT credit.answer_case(:'c2', 'wrong', 'half was paid'); ROLLBACK;	-- not asked yet
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.forward_case(:'c2', 'please look'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.forward_case(:'c2', 'please look'); ROLLBACK;	-- once
BEGIN; SELECT FROM credit.enter(); SELECT credit.prolong_case(:'c2', 'it is much'); ROLLBACK;	-- objections are not prolonged
SET SESSION AUTHORIZATION regress_provider_2;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.case_queue(); SELECT credit.answer_case(:'c2', 'wrong', 'half was paid'); ROLLBACK;
SET SESSION AUTHORIZATION regress_provider;
BEGIN; SELECT FROM credit.enter(); SELECT state, ground, due = credit.add_workdays(credit.rulebook_on(credit.today()), credit.today(), 7) AS seven_workdays FROM credit.case_queue();
SELECT credit.answer_case(:'c2', 'perhaps', 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.answer_case(:'c2', 'wrong', 'half was paid'); COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT state, answer FROM credit.case_queue();
-- infinite_correction, and what else no file may say.
CREATE FUNCTION pg_temp.corrected(case_file uuid, correction jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM credit.decide_dispute(case_file, 'upheld', '{receipt}', correction);
  RETURN 'corrected';
EXCEPTION WHEN OTHERS THEN RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
SELECT c, pg_temp.corrected(:'c2', c) FROM unnest(ARRAY['{"conduct_end": "infinity"}', '{"fulfilled_on": "2199-01-01"}', '{"conduct_end": "2199-01-01"}', '{"amount": "NaN"}',
  '{"amount": -1}', '{"violation": {"a": 1}}', '{"document_number": null}', '{"final_on": "2026-02-30"}', '{"religion": "x"}']::jsonb[]) c;
SELECT credit.decide_dispute(:'c2', 'upheld', '{receipt}', '{"amount": 50, "fine_amount": 50, "fulfilled_on": "2026-04-02", "document_number": "No 1a"}'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state, version, amount, fields, fulfilled_on, document_no FROM credit_register.record WHERE record = :'r1';
SELECT receiver, kind, version, amount FROM told WHERE record = '1' AND version = (SELECT max(version) FROM told) ORDER BY 1;
SELECT shown_until = upper(credit.display_period(credit.rulebook_on(credit.today()), 'administrative_penalty', 'general', credit.today() - 120, NULL)) - 1 AS until
  FROM credit_register.delivery WHERE record = :'r1' AND kind = 'correction' GROUP BY 1;
SELECT outcome FROM credit_register.case_file WHERE case_file = :'c2';

-- Upheld without a correction: the record is withdrawn, everywhere.
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r2', 'not me', to_jsonb(repeat('c', 64))) AS c3 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
-- A record goes by a word, and not for want of an argument.
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c3', 'upheld', '{passport}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c3', 'upheld', '{passport}', withdraw => NULL); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c3', 'upheld', '{passport}', '{"amount": 1}', withdraw => true); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c3', 'dismissed', '{passport}', reason => 'x', withdraw => true); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c3', 'upheld', '{passport}', withdraw => true); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state FROM credit_register.record WHERE record = :'r2';
SELECT receiver, kind FROM told WHERE record = '2' ORDER BY version, receiver;
SELECT count(*) FROM credit.everywhere(:'r2');
SELECT on_behalf, opened_by FROM credit_register.case_file WHERE case_file = :'c3';
-- refiled_after_deletion: not without certification.
INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, final_on, document_no, provider, division, stance, amount, fields)
  SELECT subject, item, severity, document_date, happened_on, final_on, document_no, provider, division, stance, amount, fields FROM credit_register.record WHERE record = :'r2';
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r2', 'again'); ROLLBACK;	-- nothing to object to any more
-- Taken back by the person, for whom the window or he himself opened it; not by another one.
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r3', 'hm') AS c4 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_citizen_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_case(:'c4'); ROLLBACK;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_case(:'c4'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_case(:'c4'); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT * FROM shown;

-- --- Overdue ------------------------------------------------------------------
-- Hidden by the calendar alone: nothing runs between these statements but time (the days of the case are moved back).
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r3', 'hm', to_jsonb(repeat('d', 64))) AS c5 \gset
SELECT credit.open_case('complaint', :'r4', 'nobody answers') AS c6 \gset
SELECT credit.open_case('complaint', NULL, 'the window was closed') AS c7 \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT * FROM shown;	-- a complaint hides nothing yet
SELECT kind, workdays_late FROM credit.overdue_cases((SELECT due FROM credit_register.case_file WHERE case_file = :'c5'));
SELECT kind, workdays_late FROM credit.overdue_cases((SELECT credit.add_workdays(credit.rulebook_on(due), due, 1) FROM credit_register.case_file WHERE case_file = :'c5'));
UPDATE credit_register.case_file SET opened_on = opened_on - (due - credit.today()), due = credit.today() WHERE closed_at IS NULL;
SELECT * FROM shown;	-- the last day
SELECT count(*) FROM credit.overdue_cases();
UPDATE credit_register.case_file SET opened_on = opened_on - 1, due = due - 1 WHERE closed_at IS NULL;
SELECT * FROM shown;	-- seen: without answer_due in shown_record, and without the trigger of case_file, record 4 stayed
SELECT kind, right(record::text, 1) AS record FROM credit.overdue_cases() ORDER BY 1, 2;
SELECT path, place FROM credit.everywhere(:'r4') WHERE path = 'display';
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT kind, state, overdue FROM credit.my_cases() WHERE overdue ORDER BY 1; SELECT right(record::text, 1) AS record, state, shown FROM credit.my_records() ORDER BY record; ROLLBACK;
-- overdue_then_forwarded: no time is bought when it is too late.  Seen: forwarded without the test of due.
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.forward_case(:'c5', 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT count(*), bool_and(overdue) FROM credit.case_queue(); SELECT count(*) FROM credit.overdue_cases(); SELECT count(*) FROM credit.overdue_cases(credit.today() - 1); ROLLBACK;	-- E14
SET SESSION AUTHORIZATION regress_reviewer_2;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.case_queue(); SELECT count(*) FROM credit.overdue_cases(); ROLLBACK;
SET SESSION AUTHORIZATION regress_auditor;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.overdue_cases(credit.today() - 1); SELECT count(*) FROM credit_register.case_file; ROLLBACK;
SET SESSION AUTHORIZATION regress_reviewer;
-- A complaint, too, withdraws a record by a word alone.
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c6', 'dismissed', '{file}', 'x', withdraw => true); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c6', 'upheld', '{file}', 'x', '{"amount": 1}', true); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c6', 'upheld', '{file}', 'x', '{}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c6', 'upheld', '{file}', 'x', withdraw => true); SELECT state FROM credit_register.record WHERE record = :'r4'; ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c5', 'dismissed', '{file}', reason => 'it is right'), credit.decide_case(:'c6', 'dismissed', '{file}', 'it was answered'),
  credit.decide_case(:'c7', 'upheld', '{roster}', 'it was closed'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT * FROM shown;	-- answered: shown again

-- --- Repair -------------------------------------------------------------------
UPDATE credit_register.record SET severity = 'serious', document_date = credit.today() - 400, happened_on = credit.today() - 410, fulfilled_on = credit.today() - 50 WHERE record = :'r5';
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.serve_notice(:'r5', 'letter', credit.today() - 60) AS n \gset
SELECT credit.enter_list(:'r5', 'close_supervision', 'art 17', :'n', 'file 8', credit.today() + 30) AS e \gset
SELECT count(*) > 0 AS measures FROM credit.assign_measures(:'e', 'a'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT DISTINCT path FROM credit.everywhere(:'r5') WHERE path IN ('display', 'list', 'measure', 'receiver') ORDER BY 1;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"payment": 300}'); ROLLBACK;	-- E23
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"minor": true}'); ROLLBACK;	-- nor what only an office knows
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"commitment": "yes"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"fulfilled_on": "Zhang San"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"fulfilled_on": "2026-02-30"}'); ROLLBACK;	-- no such day, and not shown
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{"fulfilled_on": "2199-01-01"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', jsonb_build_object('fulfilled_on', credit.today() + 1)); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(:'r5', '{}') AS c8 \gset
SELECT credit.open_repair(:'r6', '{"commitment": true}') AS c9 \gset
SELECT due = credit.add_workdays(credit.rulebook_on(credit.today()), credit.today(), 10) AS ten_workdays FROM credit.my_cases() WHERE kind = 'repair'; COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT condition, met FROM credit.repair_conditions(:'c8'); SELECT credit.decide_repair(:'c8', 'granted', '{receipt}'); ROLLBACK;	-- no commitment
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c9', 'granted', '{receipt}'); ROLLBACK;	-- not fulfilled
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c9', 'granted', '{receipt}', jsonb_build_object('fulfilled_on', credit.today() - 1, 'commitment', true)); SELECT count(*) FROM credit.everywhere(:'r6'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c8', 'refused', '{receipt}', '{"commitment": true}', 'I do not like it'); ROLLBACK;	-- a right
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c8', 'granted', NULL, '{"commitment": true}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c9', 'refused', '{ledger}', reason => 'nothing was paid'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.prolong_case(:'c8', 'tests take time'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.prolong_case(:'c8', 'still'); ROLLBACK;	-- once
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c8', 'granted', '{receipt,commitment}', '{"commitment": true}'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state, facts, answer_due FROM credit_register.record WHERE record IN (:'r5', :'r6') ORDER BY record;
SELECT state, reason FROM credit_register.case_file WHERE case_file IN (:'c8', :'c9') ORDER BY state;
SELECT receiver, kind FROM told WHERE record = '5' ORDER BY 1;
SELECT DISTINCT left_on = credit.today() AS left_today, left_reason, state, release_reason FROM credit_register.list_entry JOIN credit_register.measure_task USING (subject, entry);
SELECT kind, count(*) FROM credit_register.notice WHERE record = :'r5' AND kind LIKE 'case%' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM credit.everywhere(:'r5');
-- A repair while the record is disputed; the objection that is dismissed afterwards does not bring it back.
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r6', 'wrong') AS c10 \gset
SELECT credit.open_repair(:'r6', jsonb_build_object('commitment', true, 'fulfilled_on', credit.today())) AS c11 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
-- withdrawn_stays_withdrawn: a repair that was open does not take it out of certification (the crowd's run found it repaired).
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c10', 'upheld', '{file}', withdraw => true), credit.decide_repair(:'c11', 'granted', '{receipt}');
SELECT state FROM credit_register.record WHERE record = :'r6'; ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_repair(:'c11', 'granted', '{receipt}'), credit.decide_dispute(:'c10', 'dismissed', '{file}', reason => 'it was right'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state FROM credit_register.record WHERE record = :'r6';

-- --- Correction, statement, extension -------------------------------------------
SET SESSION AUTHORIZATION regress_provider_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r7', 'annulled'); ROLLBACK;	-- not its record
SET SESSION AUTHORIZATION regress_provider;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('objection', :'r7', 'annulled'); ROLLBACK;	-- not its kind of case
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r7', 'the decision was annulled') AS c12 \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state FROM credit_register.record WHERE record = :'r7';	-- who supplied it says that it is wrong: hidden at once
-- Two disputes at once: the record is back when the last one ends, and then receivers get what was corrected meanwhile.
SET SESSION AUTHORIZATION regress_provider;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r9', 'we mistyped the amount') AS c17 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r9', 'wrong', to_jsonb(repeat('e', 64))) AS c21 \gset
COMMIT;	-- the person may object all the same
SET SESSION AUTHORIZATION regress_citizen_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(:'r8', 'wrong', to_jsonb(repeat('e', 64))) AS c18 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_provider;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r8', 'we mistyped the amount') AS c19 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c17', 'dismissed', '{decision}', reason => 'the amount is right'), credit.decide_dispute(:'c19', 'upheld', '{decision}', '{"amount": 7}'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state, amount FROM credit_register.record WHERE record IN (:'r8', :'r9') ORDER BY record;	-- seen: each active without its open_disputes()
SET SESSION AUTHORIZATION regress_citizen_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_case(:'c21'); COMMIT;	-- what the window opened for him
RESET SESSION AUTHORIZATION;
SELECT state FROM credit_register.record WHERE record = :'r9';
SELECT count(*) FROM told WHERE record = '8' AND amount = '7';
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c18', 'dismissed', '{file}', reason => 'corrected already'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state FROM credit_register.record WHERE record = :'r8';
SELECT receiver FROM told WHERE record = '8' AND amount = '7' ORDER BY 1;
-- Performance: what the person says is the correction.  A complaint at a window, for a person, about no record.
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('complaint', :'r4', 'x', facts => '{"fulfilled_on": "2026-05-01"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r4', 'x', facts => '{"commitment": true}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('correction', :'r4', 'x', facts => '{"amount": 450}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('objection', :'r4', 'x', facts => '{"amount": 450}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('repair', :'r4', 'x', facts => '{"amount": 450}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('complaint', NULL, 'x', subject => 'P000000000000202'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.report_performance(:'r4', '2026-05-01', to_jsonb(repeat('f', 64))) AS c20 \gset
COMMIT;
SET SESSION AUTHORIZATION regress_window_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('complaint', NULL, 'x', to_jsonb(repeat('f', 64)), subject => 'P000000000000202'); ROLLBACK;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_case('complaint', NULL, 'x', to_jsonb(repeat('f', 64)), subject => 'P000000000000202') IS NOT NULL AS opened; ROLLBACK;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c20', 'upheld', '{receipt}'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT state, fulfilled_on = '2026-05-01' AS performed FROM credit_register.record WHERE record = :'r4';
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'c12', 'upheld', '{judgment}', withdraw => true); COMMIT;
RESET SESSION AUTHORIZATION;
-- Receivers are told what kind of case it was.
SELECT right(record::text, 1) AS record, kind, reason, count(*) AS receivers FROM credit_register.delivery WHERE reason ~ 'upheld|dismissed' GROUP BY 1, 2, 3 ORDER BY 1, 3;
SET SESSION AUTHORIZATION regress_citizen_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.add_statement(:'r8', '罚款已于当日缴清') AS c13 \gset
SELECT credit.ask_extension(:'r8', credit.today(), 'ill'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.ask_extension(:'r8', 'infinity', 'ill'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.add_statement(:'r8', '罚款已于当日缴清') AS c13 \gset
SELECT credit.add_statement(:'r8', 'paid the same day') AS c14 \gset
SELECT credit.ask_extension(:'r8', credit.today() + 30, 'ill') AS c15 \gset
SELECT credit.ask_extension(:'r9', credit.today() + 30, 'ill') AS c16 \gset
SELECT statements, extended_until FROM credit.my_records() WHERE cardinality(statements) > 0; COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c14', 'upheld', '{x}', 'x'); ROLLBACK;	-- nobody decides about words
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_case(:'c15', 'granted', '{certificate}', 'ill until then'), credit.decide_case(:'c16', 'refused', '{certificate}', 'no reason'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT kind, statements, extended, count(*) AS receivers FROM told WHERE record = '8' AND statements IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 2, 3;
SELECT kind, state, outcome - 'until' AS outcome, (outcome ->> 'until')::date = asked_until AS until FROM credit_register.case_file WHERE case_file IN (:'c12', :'c13', :'c14', :'c15', :'c16') ORDER BY 1, 2;
SELECT credit.statements_on('P000000000000202', :'r8');
SELECT part, who, basis IS NOT NULL AS based, document = 'No 7' AS document FROM credit.who_is_answerable(:'r7');
SELECT count(*) FROM credit.who_is_answerable('00000000-0000-0000-0000-000000000099');
SET SESSION AUTHORIZATION regress_citizen_2;
SELECT credit.everywhere(:'r8');
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_case(:'c14'); SELECT count(*) FROM credit.my_records() WHERE cardinality(statements) > 0; COMMIT;
SELECT * FROM credit.my_records();
BEGIN; SELECT FROM credit.enter(); SELECT notice AS n FROM credit.my_notices() LIMIT 1 \gset
SELECT credit.confirm_notice(:'n'); SELECT count(served_at) FROM credit.my_notices(); COMMIT;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.confirm_notice(:'n'); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- --- What even a superuser's own SQL cannot write (E17, E8) -----------------------
\set VERBOSITY terse
BEGIN;
CREATE TEMP TABLE c AS SELECT * FROM credit_register.case_file WHERE case_file = :'c1';
UPDATE c SET case_file = gen_random_uuid();
SAVEPOINT s; INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"decided_by": null}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"evidence_seen": null}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"evidence_seen": []}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"reason": null}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"decided_by": "regress_citizen"}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"closed_at": null}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"due": null}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"state": "granted"}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"former_state": "withdrawn"}')).* FROM c; ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT (jsonb_populate_record(c, '{"record": "00000000-0000-0000-0000-000000000008"}')).* FROM c; ROLLBACK TO s;	-- another's record
INSERT INTO credit_register.case_event (subject, case_file, kind, from_state, to_state, person) VALUES ('P000000000000101', :'c1', 'objection', 'dismissed', 'upheld', 'x'); ROLLBACK TO s;
INSERT INTO credit_register.case_file SELECT c.* FROM c; ROLLBACK TO s;	-- as it was, it is written
-- No column for money, agents or numbers of repairs (E23).
SELECT column_name FROM information_schema.columns WHERE table_schema = 'credit_register' AND table_name LIKE 'case\_%' AND column_name ~ 'fee|paid|pay|price|agent|quota|count|amount';
COMMIT;
\set VERBOSITY default

-- --- Deadlines against a walk through the calendar, a year of opening dates --------
CREATE TEMP TABLE day AS
  WITH c AS (SELECT credit.jsonb(credit.rulebook_on('2026-05-01')) -> 'calendar' AS calendar),
  span AS (SELECT k.key, split_part(s, '/', 1)::date AS first, coalesce(nullif(split_part(s, '/', 2), ''), s)::date AS last
             FROM c, jsonb_array_elements(calendar -> 'years') y, LATERAL (VALUES ('off'), ('work')) k (key), jsonb_array_elements_text(y -> k.key) s)
  SELECT d::date AS day, EXISTS (SELECT FROM span WHERE key = 'work' AND d::date BETWEEN first AND last)
         OR extract(isodow FROM d) < 6 AND NOT EXISTS (SELECT FROM span WHERE key = 'off' AND d::date BETWEEN first AND last) AS works
    FROM generate_series('2025-01-01'::date, '2026-12-31', '1 day') d;
CREATE TEMP TABLE nth AS SELECT day, row_number() OVER (ORDER BY day) AS n FROM day WHERE works;
SELECT count(*), count(*) FILTER (WHERE due IS DISTINCT FROM expected) AS wrong FROM (
  SELECT credit.case_due(k.kind, k.state, k.item, d.day) AS due,
         CASE WHEN k.workdays > 0 THEN (SELECT n.day FROM nth n WHERE n.n = k.workdays + (SELECT count(*) FROM nth p WHERE p.day <= d.day))
              ELSE (SELECT min(n.day) FROM nth n WHERE n.day >= d.day - k.workdays) END AS expected
    FROM day d, (VALUES ('objection', 'open', NULL, 3), ('objection', 'forwarded', NULL, 7), ('correction', 'open', NULL, 3), ('repair', 'open', 'tax_dishonesty', 10),
                        ('repair', 'prolonged', 'market_penalty', 10), ('repair', 'open', 'market_penalty', 7), ('complaint', 'open', NULL, -30), ('extension', 'open', NULL, 7)) k (kind, state, item, workdays)
   WHERE d.day BETWEEN '2025-12-25' AND '2026-11-25') x;
SELECT credit.case_due('statement', 'recorded', NULL, credit.today()) IS NULL AS none;
-- Outside the calendar: an error, never a guess, and nothing is opened.
SELECT credit.case_due('objection', 'open', NULL, '2060-12-30');
BEGIN; UPDATE credit_register.rulebook SET book = jsonb_set(credit.jsonb(book), '{calendar,to}', to_jsonb(credit.today() + 1))::credit.rulebook;
SET SESSION AUTHORIZATION regress_citizen_2;
SELECT FROM credit.enter();
\set VERBOSITY sqlstate
SELECT credit.open_dispute(:'r9', 'wrong');
\set VERBOSITY default
ROLLBACK;
RESET SESSION AUTHORIZATION;
-- What the register says of open cases is what the cases say.
SELECT count(*) AS differ FROM credit_register.record r
 WHERE r.answer_due IS DISTINCT FROM (SELECT min(c.due) FROM credit_register.case_file c WHERE c.subject = r.subject AND c.record = r.record AND c.closed_at IS NULL);

-- The assessment counts what was decided about records, not what receivers were told.
SELECT provider, corrected, stopped, upheld, corrected = (SELECT count(DISTINCT c.record) FROM credit_register.case_file c WHERE c.provider = a.provider AND c.outcome ? 'corrected') AS as_the_cases_say
  FROM (SELECT credit.sign_context('x', '', 60, '{credit_auditor}', '{NULL}', '{NULL}', '{t}', '{NULL}') OFFSET 0) e, credit.monthly_assessment(credit.today()) a WHERE upheld + corrected + stopped > 0;

BEGIN; DELETE FROM credit_register.case_event; DELETE FROM credit_register.case_file; SELECT count(answer_due) FROM credit_register.record; ROLLBACK;

DROP VIEW told, shown;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_citizen, regress_citizen_2, regress_window, regress_window_2, regress_reviewer, regress_reviewer_2, regress_related,
  regress_provider, regress_provider_2, regress_auditor, regress_batch;
DROP ROLE regress_citizen, regress_citizen_2, regress_window, regress_window_2, regress_reviewer, regress_reviewer_2, regress_related,
  regress_provider, regress_provider_2, regress_auditor, regress_batch;
