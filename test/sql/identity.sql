-- The identity vault: storing, looking up, opening, forgetting; envelopes that
-- were tampered with; the budget; who may what.  Rotation, dumps and what lies
-- on disk are in test/t/101_identity.pl.
--
-- Seen failing: envelope_and_key_swapped_between_rows without the subject in
-- what the tag covers, and envelope_renamed_to_another_column without the head;
-- budget_undone_by_rollback with the count in a row of identity_budget;
-- forgotten_comes_back without "data_key IS NOT NULL" in identity_store;
-- restored_without_its_key without key_check_noted() in site_begin();
-- reader_with_pg_read_all_data without row security.
SET client_min_messages = warning;
\set VERBOSITY terse

SELECT to_regnamespace('credit_register') IS NULL AS alone \gset
\if :alone
SELECT credit.create_register_identity();	-- before the register is there
SELECT to_regrole('credit_owner') IS NULL AS no_owner \gset
\if :no_owner
CREATE ROLE credit_owner NOLOGIN;
\endif
CREATE SCHEMA credit_register AUTHORIZATION credit_owner;
\endif
SELECT credit.create_register_identity();
SELECT credit.create_register_identity();	-- again: nothing
SELECT c.relname, pg_get_userbyid(relowner) AS owner, relrowsecurity AS secured, relforcerowsecurity AS forced,
       EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') AS member
  FROM pg_class c WHERE relnamespace = 'credit_register'::regnamespace AND relname IN ('identity', 'identity_budget', 'identity_key') ORDER BY 1;

-- Without a key nothing is half done.
SELECT credit.identity_store('370323199503129013', '张三');
SELECT count(*) FROM credit_register.identity;

SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();

-- Storing is idempotent, and writes only what is new.
SELECT credit.identity_store('370323199503129013', '张三') = credit.pseudonym(credit.code '370323199503129013') AS stored;
CREATE TEMP TABLE before AS SELECT ctid AS place, * FROM credit_register.identity;
SELECT credit.identity_store('370323199503129013', '张三') IS NOT NULL AS again, credit.identity_store('370323199503129013') IS NOT NULL AS without_name;
SELECT count(*) AS unchanged FROM before b JOIN credit_register.identity i ON i.ctid = b.place AND i.name = b.name;
SELECT credit.identity_store('370323199503129013', '张三丰') IS NOT NULL AS renamed;
SELECT i.name <> b.name AS name_changed, i.number = b.number AND i.data_key = b.data_key AS rest_kept FROM before b, credit_register.identity i;
SELECT credit.identity_store('11010519491231002X') IS NOT NULL AS nameless;
SELECT credit.identity_store('91350203M0001QKT19?', '一家公司') IS NOT NULL AS irregular;
SELECT credit.identity_store(NULL, 'nobody');
SELECT credit.identity_store('11010519491231002X', repeat('x', 1001));
SELECT credit.identity_store('11010519491231002X', '') IS NOT NULL AS empty_name;
SELECT count(*) FROM credit_register.identity;

-- Envelopes: two of the same are not the same bytes, and names of many lengths have one length.
SELECT count(DISTINCT length(e)) AS lengths, count(DISTINCT e) AS envelopes
  FROM credit_register.identity i, LATERAL (SELECT credit.identity_seal(i.subject, 'name', repeat('x', n), i.data_key) AS e FROM generate_series(0, 30) n) x
 WHERE i.subject = credit.pseudonym(credit.code '370323199503129013');
SELECT count(*) AS clear_in_table FROM credit_register.identity i
 WHERE position('370323'::bytea IN i.number) > 0 OR position('张三'::bytea IN i.name) > 0;

-- The budget: none, then three an hour, and a rollback takes nothing back.
SELECT credit.identity_lookup('370323199503129013');
SELECT credit.set_identity_budget(session_user::text, 3);
SELECT credit.identity_lookup('370323199503129013') = credit.pseudonym(credit.code '370323199503129013') AS known;
BEGIN;
SELECT credit.identity_lookup('370323199503129021') IS NULL AS unknown;
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT code, name FROM credit.identity_open(credit.pseudonym(credit.code '370323199503129013'));
ROLLBACK TO s;
COMMIT;
SELECT credit.identity_lookup('370323199503129013');	-- enumeration: budget_undone_by_rollback
SELECT credit.identity_open(credit.pseudonym(credit.code '370323199503129013'));
SELECT credit.set_identity_budget(session_user::text, 0);
SELECT credit.identity_lookup('370323199503129013');
SELECT credit.set_identity_budget(session_user::text, -1);
SELECT credit.set_identity_budget(session_user::text, 10000);
SELECT code, name FROM credit.identity_open(credit.pseudonym(credit.code '91350203M0001QKT19?'));
SELECT code, name IS NULL AS nameless FROM credit.identity_open(credit.pseudonym(credit.code '11010519491231002X'));
SELECT code, name FROM credit.identity_open(credit.pseudonym(credit.code '370323199503129021'));

-- Envelopes that were changed, cut or moved do not open (A51).
CREATE FUNCTION pg_temp.opens(s credit.pseudonym, f text, e bytea, k bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN 'opened: ' || credit.identity_unseal(s, f, e, k);
EXCEPTION WHEN data_corrupted OR invalid_parameter_value OR object_not_in_prerequisite_state THEN
  RETURN SQLSTATE;
END $$;
CREATE TEMP TABLE a AS SELECT i.* FROM credit_register.identity i WHERE subject = credit.pseudonym(credit.code '370323199503129013');
CREATE TEMP TABLE b AS SELECT i.* FROM credit_register.identity i WHERE subject = credit.pseudonym(credit.code '91350203M0001QKT19?');
SELECT pg_temp.opens(subject, 'name', name, data_key) AS itself FROM a;
SELECT pg_temp.opens(a.subject, 'name', b.name, a.data_key) AS envelope_swapped_between_rows FROM a, b;
SELECT pg_temp.opens(a.subject, 'name', b.name, b.data_key) AS envelope_and_key_swapped_between_rows FROM a, b;
SELECT pg_temp.opens(a.subject, 'name', a.number, a.data_key) AS envelope_swapped_between_columns FROM a;
SELECT pg_temp.opens(a.subject, 'name', set_byte(a.number, 1, ascii('A')), a.data_key) AS envelope_renamed_to_another_column FROM a;
SELECT pg_temp.opens(a.subject, 'name', a.data_key, a.data_key) AS key_for_a_name FROM a;
SELECT pg_temp.opens(a.subject, 'secret', a.name, a.data_key) AS unknown_field FROM a;
SELECT pg_temp.opens(subject, 'name', set_byte(name, n, get_byte(name, n) # 1), data_key) AS envelope_byte_flipped, count(*) FROM a, generate_series(0, length(name) - 1) n GROUP BY 1 ORDER BY 1;
SELECT pg_temp.opens(subject, 'name', name, set_byte(data_key, n, get_byte(data_key, n) # 1)) AS key_byte_flipped, count(*) FROM a, generate_series(0, length(data_key) - 1) n GROUP BY 1 ORDER BY 1;
SELECT pg_temp.opens(subject, 'name', substr(name, 1, n), data_key) AS envelope_cut, count(*) FROM a, generate_series(0, length(name) - 1) n GROUP BY 1 ORDER BY 1;
SELECT pg_temp.opens(subject, 'name', name || '\x00', data_key) AS envelope_longer FROM a;
SELECT pg_temp.opens(subject, 'name', name, set_byte(data_key, 5, 77)) AS unknown_master_key FROM a;

-- Forgetting destroys the key; the row stays and says why; it does not come back by itself.
SELECT credit.forget(subject, ' ') FROM a;
SELECT credit.forget(subject, 'decision 2026-17') AS forgotten FROM a;
SELECT credit.forget(subject, 'decision 2026-18') AS again FROM a;
SELECT num_nulls(i.data_key, i.number, i.name) AS erased, i.forgotten_basis FROM credit_register.identity i JOIN a USING (subject);
SELECT o.code, o.name FROM a, credit.identity_open(a.subject) o;
SELECT credit.identity_lookup('370323199503129013') IS NULL AS no_longer_known;
SELECT credit.identity_store('370323199503129013', '张三');	-- forgotten_comes_back
SELECT credit.forget(credit.pseudonym(credit.code '370323199503129021'), 'unknown') AS unknown;

-- Who may: nobody by himself, and no reader of all tables.
CREATE ROLE credit_test_reader;
GRANT pg_read_all_data TO credit_test_reader;
SET ROLE credit_test_reader;
SELECT count(*) AS reader_with_pg_read_all_data FROM credit_register.identity;
SELECT credit.identity_store('11010519491231002X', 'x');
SELECT credit.identity_lookup('11010519491231002X');
SELECT credit.identity_open('P000000000000000');
SELECT credit.forget('P000000000000000', 'x');
SELECT credit.set_identity_budget('credit_test_reader', 1000000);
SELECT credit.identity_unseal('P000000000000000', 'name', '\x00', '\x00');
SELECT credit.identity_current_version();
CALL credit.rotate_keys();
SELECT credit.create_register_identity();
RESET ROLE;
-- With the duty of looking up alone he has that, and none of the pieces below it.
GRANT EXECUTE ON FUNCTION credit.identity_lookup(credit.code) TO credit_test_reader;
SET ROLE credit_test_reader;
SELECT credit.identity_lookup('91350203M0001QKT19?') IS NOT NULL AS known;
SELECT credit.pseudonym(credit.code '91350203M0001QKT19?');
SELECT nextval(counter) FROM credit_register.identity_budget;
RESET ROLE;
-- A function of his own in front of the search path is not called by the definer.
CREATE SCHEMA credit_test_trap;
CREATE FUNCTION credit_test_trap.nextval(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
CREATE FUNCTION credit_test_trap.floor(numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
SET search_path = credit_test_trap, pg_catalog;
SELECT credit.identity_lookup('91350203M0001QKT19?') IS NOT NULL AS search_path_trap;
RESET search_path;
DROP SCHEMA credit_test_trap CASCADE;
REVOKE EXECUTE ON FUNCTION credit.identity_lookup(credit.code) FROM credit_test_reader;
DROP ROLE credit_test_reader;

-- Rotation is not for transaction blocks; here it has nothing left to do.
BEGIN;
CALL credit.rotate_keys();
ROLLBACK;
CALL credit.rotate_keys(0);
SELECT credit.add_key();
SET client_min_messages = notice;
CALL credit.rotate_keys();
CALL credit.rotate_keys(chunk => 1);
SET client_min_messages = warning;
SELECT DISTINCT credit.identity_key_version(data_key) FROM credit_register.identity WHERE data_key IS NOT NULL;
SELECT code, name FROM credit.identity_open(credit.pseudonym(credit.code '91350203M0001QKT19?'));

-- The register knows its keys again: they were noted when they were first used.
SELECT n.purpose, n.version, n.mark = k.mark AS same FROM credit_register.identity_key n JOIN credit.keys() k USING (purpose, version) ORDER BY 1, 2;
CREATE TEMP VIEW key_report AS SELECT finding, object, mend FROM credit.guard_report() WHERE finding ~ 'key( file|$)';
SELECT * FROM key_report;
SELECT current_setting('credit.key_file') AS key_file \gset
-- Without the file nothing proposes fresh keys, and none are made.
\set VERBOSITY default
SET credit.key_file = '';
SELECT * FROM key_report;
SELECT credit.pseudonym(credit.code '11010519491231002X');
SELECT format('/tmp/credit_regress_%s.key', gen_random_uuid()) AS other_file \gset
SET credit.key_file = :'other_file';
SELECT * FROM key_report;
\set VERBOSITY terse
SELECT credit.create_key_file();
\set VERBOSITY default
-- restored_without_its_key: with other keys nobody is stored, looked for or revealed, whoever had made them.
\setenv CREDIT_OTHER_FILE :other_file
SET credit.key_file = :'key_file';
BEGIN; DELETE FROM credit_register.identity_key; SET LOCAL credit.key_file = :'other_file'; SELECT credit.create_key_file(); ROLLBACK;
SET credit.key_file = :'other_file';
SELECT * FROM key_report;
SELECT credit.identity_store('370323199503129021', 'Second Zhang');
\set VERBOSITY terse
SELECT credit.identity_lookup('11010519491231002X');
SELECT credit.pseudonym(credit.code '11010519491231002X', 'bank');
SELECT credit.reveal('P000000000000000');
SELECT credit.add_key();
SELECT credit.note_keys();
SELECT count(*) FROM credit_register.identity WHERE number IS NOT NULL;
-- Keys of identity have versions: an older copy of the file gets no second key of a version.
SET credit.key_file = :'key_file';
BEGIN;
UPDATE credit_register.identity_key SET version = 7 WHERE version = 2;
SELECT * FROM key_report;
SELECT credit.add_key();
ROLLBACK;
BEGIN;
UPDATE credit_register.identity_key SET mark = sha256('other') WHERE version = 2;
SELECT * FROM key_report;
SELECT credit.identity_lookup('11010519491231002X') IS NOT NULL AS found;
SELECT credit.identity_store('370323199503129021', 'Second Zhang');
ROLLBACK;
-- A vault from before keys were noted notes those that open it, and no others.
BEGIN;
DROP TABLE credit_register.identity_key;
SELECT credit.create_register_identity();
SELECT purpose, version FROM credit_register.identity_key ORDER BY 1, 2;
ROLLBACK;
BEGIN;
DROP TABLE credit_register.identity_key;
SET LOCAL credit.key_file = :'other_file';
SELECT credit.create_register_identity();
ROLLBACK;
COPY (SELECT WHERE false) TO :'other_file';
\! rm -f "$CREDIT_OTHER_FILE" 2>/dev/null
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
TRUNCATE credit_register.identity, credit_register.identity_key;
DELETE FROM credit_register.identity_budget WHERE login = session_user;
DO $$ BEGIN EXECUTE 'DROP SEQUENCE credit_register.identity_use_' || left(md5(session_user), 16); END $$;
\if :alone
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
\if :no_owner
DROP ROLE credit_owner;
\endif
\endif
