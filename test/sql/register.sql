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

-- Data of persons is not dropped with the extension by accident.
\set VERBOSITY terse
DROP EXTENSION credit;
\set VERBOSITY default
DROP SCHEMA credit_register CASCADE;
SELECT credit.register_version() IS NULL AS none;
DROP ROLE regress_plain;
