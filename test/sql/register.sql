-- create_register(): who may, again and again, over what somebody prepared, and
-- what DROP EXTENSION leaves.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
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

-- Data of persons is not dropped with the extension by accident.
\set VERBOSITY terse
DROP EXTENSION credit;
\set VERBOSITY default
DROP SCHEMA credit_register CASCADE;
SELECT credit.register_version() IS NULL AS none;
DROP ROLE regress_plain;
