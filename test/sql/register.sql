-- create_register(): who may, again and again, over what somebody prepared, and
-- what DROP EXTENSION leaves.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SELECT credit.register_version() IS NULL AS none;
CREATE ROLE regress_plain LOGIN;

-- prepared_schema: somebody else's schema of that name is not taken over.
CREATE SCHEMA credit_register AUTHORIZATION regress_plain;
SELECT credit.create_register();
DROP SCHEMA credit_register;

-- owner_with_members, duty_role_that_logs_in
SELECT credit.create_duty_roles();
GRANT credit_owner TO regress_plain;
SELECT credit.create_register();
REVOKE credit_owner FROM regress_plain;
ALTER ROLE credit_window LOGIN;
SELECT credit.create_register();
ALTER ROLE credit_window NOLOGIN;
SET SESSION AUTHORIZATION regress_plain;
SELECT credit.create_register();
RESET SESSION AUTHORIZATION;

SELECT credit.create_register();
-- A table that was lost comes back; what is there stays as it is.
DROP TABLE credit_register.job;
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
ALTER TABLE credit_register.provider ADD COLUMN site_note text;
UPDATE credit_register.purpose SET name = 'changed' WHERE purpose = 'consent';
SELECT credit.create_register(), credit.register_version();
SELECT count(*) FROM credit_register.job;
SELECT p.*, u.name AS purpose FROM credit_register.provider p, credit_register.purpose u WHERE u.purpose = 'consent';
SELECT count(*) AS not_owned FROM pg_class c WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relowner <> 'credit_owner'::regrole;
SELECT has_schema_privilege('regress_plain', 'credit_register', 'USAGE') AS usage;

SET DateStyle = 'ISO, YMD';
-- Rulebooks: one law for a day, and none that fails its own cases.
SELECT credit.rulebook_on('2026-05-01');	-- none yet
CREATE FUNCTION pg_temp.book(months int) RETURNS credit.rulebook LANGUAGE sql AS $$
  SELECT format($json${"format": 1, "id": "test-register", "version": "%1$s", "title": {"zh": "测试", "en": "Test"},
    "documents": [{"id": "d", "zh": "办法", "level": "department_rule", "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
    "items": [{"id": "penalty", "zh": "处罚", "en": "Penalty", "stance": "bad", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
    "display": [{"id": "most", "months": %1$s, "anchor": "document_date", "basis": {"document": "d"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
    "cases": [{"name": "a year", "article": "1", "ask": "displayed_on", "given": {"item": "penalty", "document_date": "2026-05-01", "day": "2027-05-01"}, "expect": true}]
    }$json$, months)::credit.rulebook $$;
SELECT credit.adopt_rulebook('first', pg_temp.book(12), daterange('2026-01-01', NULL)) \gset
SELECT credit.adopt_rulebook('second', pg_temp.book(6), daterange('2030-01-01', NULL));	-- fails its case
SELECT credit.adopt_rulebook('second', pg_temp.book(24), daterange('2030-01-01', NULL));	-- overlaps
SELECT credit.adopt_rulebook('first', pg_temp.book(24), daterange('2020-01-01', '2021-01-01'));
SELECT credit.adopt_rulebook('second', pg_temp.book(24), '(,2020-01-01)');
SELECT credit.adopt_rulebook('second', NULL, daterange('2020-01-01', '2021-01-01'));
SELECT credit.end_rulebook('first', credit.today() - 1);	-- the past stays
SELECT credit.end_rulebook('none', '2999-12-31');
SELECT credit.end_rulebook('first', '2999-12-31') \gset
SELECT credit.adopt_rulebook('second', pg_temp.book(24), daterange('3000-01-01', NULL)) \gset
SELECT d, credit.jsonb(credit.rulebook_on(d)) ->> 'version' AS version
  FROM (VALUES ('2026-01-01'::date), ('2999-12-31'), ('3000-01-01'), (NULL)) AS t (d);
SELECT credit.rulebook_on('2025-12-31');
SELECT name, in_force, adopted_by = session_user AS me FROM credit_register.rulebook ORDER BY in_force;
CREATE ROLE regress_lawgiver LOGIN;
SELECT credit.grant_duty('regress_lawgiver', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted;
CREATE ROLE regress_reader LOGIN;
SELECT credit.grant_duty('regress_reader', 'credit_window', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted;
SET SESSION AUTHORIZATION regress_lawgiver;
INSERT INTO credit_register.rulebook SELECT 'by hand', pg_temp.book(24), daterange('2020-01-01', '2021-01-01');
SELECT credit.adopt_rulebook('third', credit.shipped_rulebook('cn-370323'), daterange('2020-01-01', '2021-01-01'));	-- not entered
BEGIN; SELECT credit.enter(); SELECT credit.adopt_rulebook('third', credit.shipped_rulebook('cn-370323'), daterange('2020-01-01', '2021-01-01')); COMMIT;
SET SESSION AUTHORIZATION regress_reader;
SELECT credit.adopt_rulebook('fourth', credit.shipped_rulebook('cn-370323'), daterange('2019-01-01', '2020-01-01'));
SELECT credit.end_rulebook('first', '2998-01-01');
SELECT credit.rulebook_digest(credit.rulebook_on('2020-06-01')) = credit.rulebook_digest(credit.shipped_rulebook('cn-370323')) AS shipped;
RESET SESSION AUTHORIZATION;
REVOKE credit_admin FROM regress_lawgiver;
REVOKE credit_window FROM regress_reader;
DROP ROLE regress_lawgiver, regress_reader;

-- A county is set up by its admin: no superuser after the first mandate.  Seen: raw "permission denied", which grant_duty()'s own hint led to.
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
CREATE ROLE regress_head LOGIN; CREATE ROLE regress_desk LOGIN; CREATE ROLE regress_zhang LOGIN;
SELECT credit.grant_duty('regress_head', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted;
SELECT count(*) AS events FROM credit_register.audit_event \gset before_
SET SESSION AUTHORIZATION regress_head;
SELECT credit.add_provider('tax', 'Tax bureau', '370323');	-- not entered
BEGIN; SELECT credit.enter() \gset
SELECT credit.adopt_rulebook('county', credit.shipped_rulebook('cn-370323'), daterange('2021-01-01', '2026-01-01')) \gset
SELECT credit.add_provider('tax', 'Tax bureua', '370323'), credit.add_provider('guild', 'Guild', '370323', 'association'), credit.change_provider('tax', 'Tax bureau');
SELECT credit.add_receiver('city', 'City', 'platform'), credit.rename_receiver('city', 'City platform');
SELECT credit.add_purpose('housing', 'Public housing', 'article 7', needs_consent => true, items => '{administrative_penalty}');
SELECT credit.grant_duty('regress_desk', 'credit_provider', 'tax', '{370323}', '{housing}', 'decision 2', '[2020-01-01,)') IS NOT NULL AS granted;
SELECT credit.set_identity_budget('regress_desk', 10);
SELECT credit.grant_citizen('regress_zhang', '370323199503129013', 'real name checked', '[2020-01-01,)') IS NOT NULL AS granted;
SELECT provider, name, division, kind FROM credit_register.provider ORDER BY 1;
SELECT receiver, name, kind FROM credit_register.receiver;
SELECT name, basis, needs_consent, items FROM credit_register.purpose WHERE purpose = 'housing';
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT subject = credit.pseudonym(credit.code '370323199503129013') AS his, duty, granted_by FROM credit_register.mandate WHERE login = 'regress_zhang';
-- Each is an event of the audit.
SELECT relation, operation, count(*) FROM (SELECT * FROM credit_register.audit_event ORDER BY xid, n OFFSET :before_events) e WHERE relation !~ 'audit' GROUP BY 1, 2 ORDER BY 1, 2;
SET SESSION AUTHORIZATION regress_desk;
BEGIN; SELECT credit.enter() \gset
SELECT credit.find_subject('370323199503129013') IS NULL AS budget_spent_on_nobody;
ROLLBACK;
SELECT credit.add_provider('x', 'X', '370323');
SELECT credit.grant_citizen('regress_desk', '370323199503129013', 'x', '[2020-01-01,)');
SELECT credit.set_identity_budget('regress_desk', 1000);
-- What is refused, in words of ours.
SET SESSION AUTHORIZATION regress_head;
\set VERBOSITY terse
SELECT credit.set_identity_budget('regress_desk', 1000);	-- not entered
SELECT credit.grant_citizen('regress_zhang', '370323199503129013', 'x', '[2020-01-01,)');
CREATE FUNCTION pg_temp.refused(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT ' || call;
  RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
  RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
BEGIN; SELECT credit.enter() \gset
SELECT call, pg_temp.refused('credit.' || call) FROM unnest(ARRAY[$$add_provider('tax', 'Again', '370323')$$, $$add_provider(' ', 'X', '370323')$$, $$add_provider('x', NULL, '370323')$$, $$add_provider('x', 'X', '3703')$$, $$add_provider('x', 'X', '999999')$$,
  $$add_provider('x', 'X', NULL)$$, $$add_provider('x', 'X', '370323', 'church')$$, $$add_provider('x', 'X', '370323', NULL)$$, $$change_provider('none', 'X')$$, $$change_provider('tax', ' ')$$, $$change_provider('tax', division => 'x')$$,
  $$add_receiver('city', 'Again', 'platform')$$, $$add_receiver('x', 'X', 'paper')$$, $$add_receiver('x', '', 'bank')$$, $$rename_receiver('none', 'X')$$,
  $$add_purpose('housing', 'X', 'x')$$, $$add_purpose('Housing', 'X', 'x')$$, $$add_purpose('x', 'X', ' ')$$, $$add_purpose('x', 'X', 'x', delay => '1 day')$$, $$add_purpose('x', 'X', 'x', needs_review => true, delay => '2 years')$$,
  $$add_purpose('x', 'X', 'x', valid_for => '0')$$, $$add_purpose('x', 'X', 'x', daily_limit => 0)$$,
  $$add_duty_item('none', 'x', 'x', '[2026-01-01,)')$$, $$add_duty_item('tax', 'x', ' ', '[2026-01-01,)')$$, $$add_duty_item('tax', 'x', 'x', '(,2026-01-01)')$$, $$end_duty_item('tax', 'x', '2026-01-01')$$,
  $$grant_citizen('regress_zhang', NULL, 'x', '[2020-01-01,)')$$, $$grant_citizen('regress_zhang', '91350203M0001QKT19?', 'x', '[2020-01-01,)')$$, $$grant_citizen('nobody', '370323199503129013', 'x', '[2020-01-01,)')$$,
  $$set_identity_budget('regress_desk', -1)$$]) call;
ROLLBACK;
\set VERBOSITY default
-- What a provider owes; it ends, and may begin again.
RESET SESSION AUTHORIZATION;
DELETE FROM credit_register.rulebook;
SELECT credit.adopt_rulebook('ours', credit.shipped_rulebook('cn-370323'), '[2020-01-01,)') \gset
SET SESSION AUTHORIZATION regress_head;
BEGIN; SELECT credit.enter() \gset
SELECT credit.add_duty_item('tax', 'tax_dishonesty', 'article 9', '[2026-01-01,)');
SELECT pg_temp.refused($$credit.add_duty_item('tax', 'tax_dishonesty', 'article 9', '[2027-01-01,)')$$), pg_temp.refused($$credit.add_duty_item('tax', 'no_such', 'article 9', '[2026-01-01,)')$$);
SELECT credit.end_duty_item('tax', 'tax_dishonesty', '2026-06-30'); SELECT credit.add_duty_item('tax', 'tax_dishonesty', 'article 10', '[2027-01-01,)');
SELECT * FROM credit_register.duty_item;
ROLLBACK;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_head, regress_desk, regress_zhang;
REVOKE credit_admin FROM regress_head; REVOKE credit_provider FROM regress_desk; REVOKE credit_citizen FROM regress_zhang;
DROP ROLE regress_head, regress_desk, regress_zhang;

-- Data of persons is not dropped with the extension by accident.
\set VERBOSITY terse
DROP EXTENSION credit;
\set VERBOSITY default
-- drop_of_the_schema: no more than the extension, with all that is in it.
DROP SCHEMA credit_register CASCADE;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
SELECT credit.register_version() IS NULL AS none;
DROP ROLE regress_plain;
