-- What good records open: nominations, the green channel, incentives, bonuses; and
-- what is apart from records: commitments and tips.
--
-- Seen failing: nominator_verifies without "nominated_by <> me.provider";
-- expired_counts without displayed_on() in clean_since(); without_trace without
-- inquiry_subject() in inquired_subject(); without_consent without the join of consent
-- in org_bonus(); revoked without release_incentives() in release_measures(); nominated_twice
-- without the look for an open nomination; honour_corrected without record_changed_measure().
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
SELECT credit.create_register();
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) AS key_file \gset
SELECT credit.create_key_file();
SELECT current_database() AS database \gset
ALTER DATABASE :"database" SET credit.key_file = :'key_file';
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
CREATE ROLE regress_a LOGIN;
CREATE ROLE regress_b LOGIN;
CREATE ROLE regress_window LOGIN;
CREATE ROLE regress_person LOGIN;
CREATE ROLE regress_admin LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Association A', '370323'), ('b', 'Bureau B', '370323');
SELECT credit.pseudonym(credit.code '370323199503129013') AS person, credit.pseudonym(credit.code '11010519491231002X') AS other,
       credit.pseudonym(credit.code '914403001922038216') AS firm \gset
SELECT credit.grant_duty('regress_a', 'credit_provider', 'a', '{370323}', '{administration}', 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_b', 'credit_provider', 'b', '{370323}', '{administration}', 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_window', 'credit_window', NULL, NULL, '{administration}', 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_admin', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_person', 'credit_citizen', NULL, NULL, NULL, 'real name checked', '[2020-01-01,)', subject => :'person') IS NOT NULL AS granted;

-- Nominations have no effect until another department verifies them.
\c - regress_a
\set SHOW_CONTEXT never
SELECT credit.nominate('370323199503129013', 'moral_model', 'newspaper of May');	-- no context
BEGIN; SELECT FROM credit.enter(); SELECT credit.nominate('370323199503129013', 'administrative_penalty', 'x'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.nominate('370323199503129013', 'moral_model', 'newspaper of May') AS nomination \gset
SELECT credit.nominate('11010519491231002X', 'moral_model', 'newspaper of May') AS nomination_2 \gset
SELECT count(*) FROM credit.open_nominations(); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination', 'doc 1', '2026-01-01'); ROLLBACK;	-- nominator_verifies
BEGIN; SELECT FROM credit.enter(); SELECT credit.nominate('370323199503129013', 'moral_model', 'newspaper of June'); ROLLBACK;	-- nominated_twice
\c - postgres
SELECT count(*) AS records FROM credit_register.record;
\c - regress_b
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT item, nominated_by, document FROM credit.open_nominations() ORDER BY subject; ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination', NULL, '2026-01-01'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination', 'doc 1', '2017-01-01'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination', 'doc 1', credit.today() - 30) AS honour \gset
SELECT credit.nominate('11010519491231002X', 'moral_model', 'another department may') IS NOT NULL AS nominated;
ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination', 'doc 1', credit.today() - 30) AS honour \gset
SELECT credit.refuse_nomination(:'nomination_2'); COMMIT;
\c - regress_a
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.nominate('11010519491231002X', 'moral_model', 'newspaper of June') IS NOT NULL AS once_decided; ROLLBACK;
\c - regress_b
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.verify_nomination(:'nomination_2', 'doc 1', credit.today()); ROLLBACK;
\c - postgres
SELECT subject = :'person' AS subject, item, stance, provider, document_no, basis IS NOT NULL AS basis FROM credit_register.record;

-- The green channel: by a good record, or by time; by an inquiry that the person sees.
INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, provider, division, stance, state, document_no, final_on)
  SELECT :'other', 'administrative_penalty', 'general', credit.today() - v.ago, credit.today() - v.ago, 'b', '370323', 'bad', v.state, 'doc' || v.ago, credit.today() - 50
    FROM (VALUES (100, 'repaired'), (101, 'disputed'), (500, 'active')) AS v (ago, state);
\c - regress_window
\set SHOW_CONTEXT never
SELECT * FROM credit.green_channel('370323199503129013');
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.green_channel('370323199503129013'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry('370323199503129013', 'administration', 'licence 5') IS NOT NULL AS opened;
SELECT * FROM credit.green_channel('370323199503129013'); ROLLBACK;	-- without_trace
BEGIN; SELECT FROM credit.enter(); SELECT count(credit.open_inquiry(c, 'administration', 'licence 5')) FROM unnest('{370323199503129013,11010519491231002X,914403001922038216}'::credit.code[]) c; COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT ok, reason, since - credit.today() AS since FROM credit.green_channel('370323199503129013', credit.today()); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.green_channel('11010519491231002X'); ROLLBACK;	-- expired_counts: nothing of it does
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.green_channel('370323199503129013', credit.today() - 1); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.green_channel('370323199503129013', credit.today() + 1); ROLLBACK;
\c - postgres
INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, provider, division, stance, document_no, final_on)
  VALUES (:'other', 'administrative_penalty', 'serious', credit.today() - 100, credit.today() - 100, 'b', '370323', 'bad', 'doc', credit.today() - 50);
SELECT credit.clean_since(:'other') - credit.today() AS clean_since, credit.clean_since(:'person') IS NULL AS nothing;
\c - regress_window
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT ok, reason, since - credit.today() AS since FROM credit.green_channel('11010519491231002X'); ROLLBACK;
\c - regress_person
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT purpose, authorisation FROM credit.my_inquiries(); ROLLBACK;

-- Incentives: given for a reason, with an end, by a department, with feedback.
\c - regress_b
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry('370323199503129013', 'administration', 'fund 7') AS inquiry \gset
SELECT credit.open_inquiry('11010519491231002X', 'administration', 'fund 7') AS inquiry_2 \gset
COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.grant_incentive(:'inquiry', 'market_access', credit.today() + 100); ROLLBACK;	-- no incentive
BEGIN; SELECT FROM credit.enter(); SELECT credit.grant_incentive(:'inquiry_2', 'fund_priority', credit.today() + 100); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.grant_incentive(:'inquiry', 'fund_priority', NULL); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.grant_incentive(:'inquiry', 'fund_priority', credit.today() + 100) AS award \gset
SELECT credit.grant_incentive(:'inquiry', 'green_channel', credit.today() + 100) AS award_2 \gset
COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.give_incentive_feedback(:'award', 'liked'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.give_incentive_feedback(:'award', 'used'); COMMIT;
\c - regress_a
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.give_incentive_feedback(:'award_2', 'used'); ROLLBACK;	-- another's
BEGIN; SELECT FROM credit.enter(); SELECT credit.revoke_honour(:'honour', 'mistaken'); ROLLBACK;

-- A bonus for an organisation: its leader's good record, his consent, his role on the day.
\c - postgres
SET client_min_messages = warning;
INSERT INTO credit_register.org_role (subject, person, role, valid, basis, noted_by) VALUES
  (:'firm', :'person', 'legal_representative', '[2020-01-01,)', 'licence', 'x'), (:'firm', :'other', 'principal', '[2020-01-01,)', 'licence', 'x');
\c - regress_window
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.org_bonus('914403001922038216'); ROLLBACK;	-- without_consent
\c - regress_person
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_bonus('914403001922038216', credit.today() + 100) IS NOT NULL AS agreed; COMMIT;
\c - regress_window
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.org_bonus('914403001922038216'); ROLLBACK;
\c - postgres
UPDATE credit_register.org_role SET valid = '[2020-01-01,2020-02-01)' WHERE person = :'person';
\c - regress_window
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT bonus FROM credit.org_bonus('914403001922038216'); ROLLBACK;	-- he leads it no more; the other's bad record is no malus
\c - regress_person
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.leave_bonus(); SELECT credit.leave_bonus(); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT incentive, reason, department, ended FROM credit.my_incentives(); ROLLBACK;

-- honour_corrected: what rested on an honour that was over when the incentive was given; another number changes nothing.
\c - postgres
BEGIN;
SELECT credit.correct_record(:'person', :'honour', '{"document_no": "doc 2"}', 'misread');
SELECT measure, record IS NULL AS moved, end_reason FROM credit_register.incentive_grant ORDER BY 1;
SELECT credit.correct_record(:'person', :'honour', jsonb_build_object('document_date', credit.today() - 1000, 'happened_on', credit.today() - 1000), 'it is older');
SELECT measure, record IS NULL AS moved, end_reason FROM credit_register.incentive_grant ORDER BY 1;
ROLLBACK;

-- revoked: what rested on the honour is looked at again: one ends, one is open by time.
\c - regress_b
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.revoke_honour(:'honour', ' '); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.revoke_honour(:'honour', 'the finding was annulled'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.revoke_honour(:'honour', 'again'); COMMIT;
\c - postgres
SELECT measure, record IS NULL AS moved, reason, end_reason FROM credit_register.incentive_grant ORDER BY 1;
SELECT kind, reason FROM credit_register.notice ORDER BY 1, 2;
SELECT e.path FROM credit_register.record r, credit.everywhere_incentive(r.subject, r.record) e WHERE r.record = :'honour';

-- Commitments: of one's own will, by a known text, with an end.
\c - regress_admin
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.add_commitment_template('village_pact', 1, '村规民约承诺书', '我承诺守信。', '沂源县意见（三）'); COMMIT;
\c - regress_person
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT credit.sign_commitment('village_pact', 2, 'x', credit.today() + 365); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.sign_commitment('village_pact', 1, 'x', NULL); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.sign_commitment('village_pact', 1, 'x', 'infinity'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_bonus('914403001922038216', 'infinity'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.sign_commitment('village_pact', 1, '我承诺守信。签名', credit.today() + 365) IS NOT NULL AS signed;
SELECT title, version, digest = sha256(convert_to('我承诺守信。签名', 'UTF8')) AS digest FROM credit.my_commitments(); COMMIT;

-- Tips: no key leads from them to a record, nothing in them names anybody.
BEGIN; SELECT FROM credit.enter(); SELECT credit.give_tip('b', 'food_drug', '某店出售过期食品') AS tip \gset
COMMIT;
SELECT credit.give_tip('b', 'food_drug', 'x');
\c - regress_a
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.open_tips(); SELECT credit.close_tip(:'tip', 'no_finding'); ROLLBACK;
\c - regress_b
\set SHOW_CONTEXT never
BEGIN; SELECT FROM credit.enter(); SELECT field, digest = sha256(convert_to('某店出售过期食品', 'UTF8')) AS digest FROM credit.open_tips(); SELECT credit.close_tip(:'tip', 'record'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.close_tip(:'tip', 'no_finding'); COMMIT;
\c - postgres
SELECT column_name FROM information_schema.columns WHERE table_schema = 'credit_register' AND table_name = 'tip' ORDER BY ordinal_position;
SELECT confrelid::regclass FROM pg_constraint WHERE conrelid = 'credit_register.tip'::regclass AND contype = 'f';

SET client_min_messages = warning;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_a, regress_b, regress_window, regress_person, regress_admin;
DROP ROLE regress_a, regress_b, regress_window, regress_person, regress_admin;
SELECT current_setting('credit.key_file') AS key_file, current_database() AS database \gset
ALTER DATABASE :"database" RESET credit.key_file;
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE"
