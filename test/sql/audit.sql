-- Audit: who changed what from what to what; seals; tampering.  How a test was
-- seen failing without the defence stands beside it.
SET client_min_messages = warning;
SELECT credit.create_register_audit();
RESET client_min_messages;

CREATE ROLE regress_audit_app;
CREATE ROLE regress_audit_other;
GRANT CREATE ON SCHEMA public TO regress_audit_app;
GRANT EXECUTE ON FUNCTION credit.audit_table(regclass, name, name[]), credit.unaudit_table(regclass),
  credit.audit_changes(regclass, timestamptz, timestamptz, text) TO regress_audit_app, regress_audit_other;

CREATE VIEW new_event AS		-- what one can compare
  SELECT operation, changes, role, relation, subject, person, duty
    FROM credit_register.audit_event ORDER BY xid, n;
CREATE FUNCTION shown(relation regclass, p_since timestamptz DEFAULT '-infinity') RETURNS SETOF text LANGUAGE sql AS
  $$ SELECT concat_ws(' ', operation, row_key, column_name, format('%s -> %s', coalesce(old_value, 'NULL'), coalesce(new_value, 'NULL')))
       FROM credit.audit_changes(relation, p_since) $$;

-- A table of a user's own.
SET ROLE regress_audit_app;
CREATE TABLE fact (id int PRIMARY KEY, subject text, sev int, note text, number text);
SELECT credit.audit_table('fact', 'subject', '{number}');
INSERT INTO fact VALUES (1, 'a', 1, 'first', '110105194912310021'), (2, 'b', 2, NULL, NULL);
UPDATE fact SET sev = sev + 1, number = '370323199001010011' WHERE id = 1;
UPDATE fact SET note = note;						-- nothing changes, and yet it was done
DELETE FROM fact WHERE id = 2;
SELECT * FROM shown('fact');
SELECT count(*) FROM credit.audit_changes('fact', subject => 'b');
-- Subject moved: found under both.
UPDATE fact SET subject = 'c' WHERE id = 1;
SELECT subject, operation, old_value, new_value FROM credit.audit_changes('fact', subject => 'c')
 CROSS JOIN (VALUES ('c')) v(subject);
SELECT count(*) FROM credit.audit_changes('fact', subject => 'a') WHERE column_name = 'subject' AND new_value = 'c';

-- After ALTER TABLE the past reads as it was.
ALTER TABLE fact DROP COLUMN note, ALTER COLUMN sev TYPE numeric(5,1), ADD COLUMN tags text[];
UPDATE fact SET tags = '{x,y}', sev = 3.5;
SELECT * FROM shown('fact') WHERE shown ~ 'note|sev|tags';

-- Types whose stored form holds OIDs are kept as text: enum, row, range of one's own, regclass.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN short AS varchar(10);
CREATE TABLE kind (id bigint PRIMARY KEY, m mood, p pair, r int4range, g regclass, ms mood[], d short, u uuid, b bool,
  f float8, t timestamptz, j jsonb, by bytea, nm name, ch "char");
SELECT credit.audit_table('kind');
INSERT INTO kind VALUES (1, 'good', '(1,x)', '[1,5)', 'pg_class', '{good,bad}', 'dd', '00000000-0000-0000-0000-000000000001', true,
  1.5, '2026-01-01 00:00+08', '{"a": [1, null]}', '\x00ff', 'nn', 'c');
SELECT column_name, new_value FROM credit.audit_changes('kind') WHERE operation = 'I';
-- Settings of the session do not move the answer (U31).
SET DateStyle = 'German'; SET bytea_output = 'escape'; SET TimeZone = 'America/New_York';
SELECT column_name, new_value FROM credit.audit_changes('kind') WHERE column_name IN ('t', 'by');
RESET DateStyle; RESET bytea_output; RESET TimeZone;
-- Long values: fetched when changed, left out when not.
CREATE TABLE long (id int PRIMARY KEY, v text, w int);
ALTER TABLE long ALTER COLUMN v SET STORAGE EXTERNAL;
SELECT credit.audit_table('long');
INSERT INTO long VALUES (1, repeat('x', 100000), 1);
UPDATE long SET w = 2;
UPDATE long SET v = repeat('y', 50000);
SELECT operation, column_name, length(old_value), length(new_value), left(new_value, 1) FROM credit.audit_changes('long') WHERE column_name = 'v';
RESET ROLE;
SELECT operation, length(image) < 20 AS small FROM credit_register.audit_event WHERE relation = 'public.long' AND operation = 'U' ORDER BY xid;

-- U9 personal data in the audit: a secret column and columns of credit.code are
-- not in the image.  (With secret columns kept as others the numbers were found.)
SELECT count(*) FROM credit_register.audit_event
 WHERE position('110105194912310021'::bytea IN image) > 0 OR position('370323199001010011'::bytea IN image) > 0;
CREATE TABLE coded (c credit.code PRIMARY KEY, cs credit.code[]);
SELECT credit.audit_table('coded', 'c');
INSERT INTO coded VALUES ('11010519491231002X', '{11010519491231002X}');
SELECT operation, subject, length(image) FROM credit_register.audit_event WHERE relation = 'public.coded' AND operation = 'I';
SELECT * FROM shown('coded');

-- Every way to write: COPY, ON CONFLICT, MERGE, TRUNCATE, partitions, replication role.
CREATE TABLE way (id int, v int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE way_1 PARTITION OF way FOR VALUES FROM (0) TO (100);
SELECT credit.audit_table('way');
CREATE TABLE way_2 (v int, id int NOT NULL);
ALTER TABLE way ATTACH PARTITION way_2 FOR VALUES FROM (100) TO (200);
COPY way FROM STDIN;
1	1
2	2
\.
INSERT INTO way VALUES (1, 5), (3, 3) ON CONFLICT (id) DO UPDATE SET v = excluded.v;
MERGE INTO way USING (VALUES (2), (4), (3)) s(id) ON way.id = s.id
  WHEN MATCHED AND way.id = 3 THEN DELETE
  WHEN MATCHED THEN UPDATE SET v = 20
  WHEN NOT MATCHED THEN INSERT VALUES (s.id, 40);
INSERT INTO way_2 VALUES (7, 101);			-- past the root, other order of columns
UPDATE way SET id = 102 WHERE id = 4;		-- from partition to partition
SET session_replication_role = replica;		-- A37 (with an ordinary trigger no event was found)
UPDATE way SET v = 0 WHERE id = 1;
RESET session_replication_role;
SELECT * FROM shown('way');
TRUNCATE way_1;								-- A14
TRUNCATE way;
SELECT operation, count(*) FROM credit_register.audit_event WHERE relation = 'public.way' AND operation = 'T' GROUP BY 1;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ '^credit_audit' AND tgenabled <> 'A';

-- One event a statement; who: session, role, context.  A rolled-back part leaves none (U2 for changes).
CREATE TABLE who (id serial PRIMARY KEY);
GRANT ALL ON who, who_id_seq TO regress_audit_app;
SELECT credit.audit_table('who');
BEGIN;
INSERT INTO who SELECT FROM generate_series(1, 3);
SAVEPOINT a;
INSERT INTO who SELECT FROM generate_series(1, 4);
ROLLBACK TO a;
INSERT INTO who DEFAULT VALUES;
SAVEPOINT b;
SET LOCAL ROLE regress_audit_app;
INSERT INTO who DEFAULT VALUES;
RELEASE b;
COMMIT;
DO $$ BEGIN
  FOR i IN 1..3 LOOP
    BEGIN
      INSERT INTO who DEFAULT VALUES;
      IF i = 2 THEN RAISE division_by_zero; END IF;
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
  END LOOP;
END $$;
SELECT operation, changes, role FROM credit_register.audit_event WHERE relation = 'public.who' ORDER BY xid, n;
-- Many changes: several events, none lost.
INSERT INTO who SELECT FROM generate_series(1, 10000);
SELECT count(*) > 5 AS packed, sum(changes) FROM credit_register.audit_event
 WHERE relation = 'public.who' AND xid = (SELECT max(xid) FROM credit_register.audit_event);

-- Under which duty: from the signed context, which anybody can set and only
-- credit.enter() can sign.  (When the setting was kept as it stood, the false
-- one was shown.)
CREATE TABLE duty (id serial PRIMARY KEY, v text);
SELECT credit.audit_table('duty');
CREATE FUNCTION told() RETURNS TABLE (session_role bool, person text, duty text, application bool, new_value text) LANGUAGE sql AS
  $$ SELECT c.session_role = session_user, c.person, c.duty, c.application = session_user, c.new_value FROM credit.audit_changes('duty') c WHERE c.column_name = 'v' $$;
INSERT INTO duty (v) VALUES ('none');
BEGIN;
SET LOCAL credit.context = 'anything that a user likes: credit_admin';
INSERT INTO duty (v) VALUES ('false');
COMMIT;
BEGIN;
SELECT credit.sign_context('clerk 7', '', 600, '{credit_window,credit_provider}', '{NULL,NULL}', '{NULL,NULL}', '{f,f}', '{NULL,NULL}');
INSERT INTO duty (v) VALUES ('clerk');
DO $$ BEGIN
  INSERT INTO duty (v) VALUES ('clerk again');
  PERFORM credit.leave();
  PERFORM credit.sign_context('clerk 8', '', 600, '{credit_reviewer}', '{NULL}', '{NULL}', '{f}', '{NULL}');
  INSERT INTO duty (v) VALUES ('another in one statement');
  PERFORM credit.leave();
  INSERT INTO duty (v) VALUES ('left');
END $$;
COMMIT;
INSERT INTO duty (v) VALUES ('after');
SELECT * FROM told();
-- U12 what comes from outside stays one value of one row: line ends, quotes, escapes, 10 kB.
BEGIN;
SELECT credit.sign_context(E'clerk\n2026-01-01 superuser\x1b[2J\'"\\', '', 600, '{credit_window}', '{NULL}', '{NULL}', '{f}', '{NULL}');
INSERT INTO duty (v) VALUES (E'one\nline'), (repeat('x', 10000));
COMMIT;
SELECT count(*), count(DISTINCT person), max(length(person)), max(length(new_value)) FROM credit.audit_changes('duty') WHERE person LIKE '%superuser%' AND column_name = 'v';
DROP FUNCTION told();

-- A partition attached later: reported until auditing is renewed, with the same
-- subject and secret columns.  (Before the renewal its TRUNCATE left no event.)
CREATE TABLE late (id int, s text, secret text) PARTITION BY LIST (id);
SELECT credit.audit_table('late', 's', '{secret}');
CREATE TABLE late_1 PARTITION OF late FOR VALUES IN (1);
SELECT finding, object, mend FROM credit.guard_report() WHERE finding ~ 'emptied' AND object ~ 'late';
TRUNCATE late_1;
SELECT count(*) FROM credit_register.audit_event WHERE relation = 'public.late' AND operation = 'T';
SELECT credit.renew_audit('public.late');
SELECT finding, object, mend FROM credit.guard_report() WHERE finding ~ 'emptied' AND object ~ 'late';
TRUNCATE late_1;
SELECT count(*) FROM credit_register.audit_event WHERE relation = 'public.late' AND operation = 'T';
INSERT INTO late VALUES (1, 'a', 'hidden');
SELECT operation, column_name, new_value FROM credit.audit_changes('late', subject => 'a');
SELECT credit.renew_audit('pg_class');
SELECT finding, object IS NOT NULL AS object FROM credit.guard_report() WHERE finding ~ 'seal|partition of the audit';

-- Only one's own.
SET ROLE regress_audit_other;
SELECT credit.audit_table('fact');
SELECT credit.unaudit_table('fact');
SELECT * FROM credit.audit_changes('fact');
CREATE TRIGGER mine AFTER INSERT ON fact FOR EACH ROW EXECUTE FUNCTION credit.audit_change();
RESET ROLE;
SELECT credit.audit_table('who', 'nobody');
SELECT credit.audit_table('credit_register.audit_event');
SELECT credit.audit_table('new_event');

-- U26 forged event: refused, also to the tables' owner.  (With an ordinary
-- table's grants, and row security not forced, a duplicate key was all that
-- stopped the owner's INSERT.)
SET ROLE credit_owner;
INSERT INTO credit_register.audit_event SELECT * FROM credit_register.audit_event;
UPDATE credit_register.audit_event SET role = 'x';
DELETE FROM credit_register.audit_event;
TRUNCATE credit_register.audit_seal;
RESET ROLE;
UPDATE credit_register.audit_event SET role = 'x';
DELETE FROM credit_register.audit_event;
SET session_replication_role = replica;
DELETE FROM credit_register.audit_event_default;
TRUNCATE credit_register.audit_event;
DELETE FROM credit_register.audit_layout;
RESET session_replication_role;

-- Seals.
SELECT credit.checkpoint();
SELECT credit.seal_audit() > 20 AS sealed;
SELECT ok, finding, seal FROM credit.verify_audit();
SELECT credit.checkpoint() AS first_checkpoint \gset
SELECT credit.seal_audit();
INSERT INTO who DEFAULT VALUES;
SELECT credit.seal_audit();
SELECT ok, finding, seal FROM credit.verify_audit(:'first_checkpoint');
SELECT ok, finding, seal, left(detail, 23) FROM credit.verify_audit(since => 1);
SELECT credit.checkpoint(1) AS second_checkpoint \gset
SELECT credit.check_checkpoint(:'second_checkpoint', :'first_checkpoint');
SELECT credit.check_checkpoint(:'second_checkpoint', ((:'first_checkpoint')::jsonb || jsonb_build_object('tree', repeat('00', 32)))::text);
SELECT credit.check_checkpoint(:'first_checkpoint', :'second_checkpoint');
-- no_checkpoint: of a stranger no word is a corruption of the audit
SELECT credit.check_checkpoint('{"proof": [', :'second_checkpoint');
SELECT credit.check_checkpoint(:'second_checkpoint', '{"seal": "one", "tree": "00"}');
SELECT credit.audit_proves(1, 2, '\x00', '\x00', '{}');
SELECT credit.audit_proves(1, 2, sha256('a'), sha256('b'), '{NULL}');
-- The tree and its proofs against an oracle that follows the definitions of
-- RFC 6962, and no proof leads from another head.  (Without the comparison of the
-- roots in proof_holds() other heads passed.)
CREATE FUNCTION mth(d bytea[]) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE n int := cardinality(d); k int := 1;
BEGIN
  IF n = 1 THEN RETURN d[1]; END IF;
  WHILE k * 2 < n LOOP k := k * 2; END LOOP;
  RETURN sha256('\x01'::bytea || mth(d[1:k]) || mth(d[k + 1:n]));
END $$;
WITH d AS (SELECT array_agg(sha256(i::text::bytea) ORDER BY i) AS d FROM generate_series(1, 35) i)
SELECT count(*), bool_and(credit.audit_tree(d[1:n]) = mth(d[1:n])) AS tree,
       bool_and(credit.audit_proves(m, n, mth(d[1:m]), mth(d[1:n]), credit.audit_proof(d[1:n], m))) AS proof,
       bool_or(m < n AND credit.audit_proves(m, n, mth(d[1:m]), mth(d[2:n + 1]), credit.audit_proof(d[1:n], m))) AS other_end,
       bool_or(credit.audit_proves(m, n, mth(d[2:m + 1]), mth(d[1:n]), credit.audit_proof(d[1:n], m))) AS other_begin,
       bool_or(m < n AND credit.audit_proves(m, n, mth(d[1:m]), mth(d[1:n]), (credit.audit_proof(d[1:n], m))[2:])) AS short,
       max(cardinality(credit.audit_proof(d[1:n], m))) AS longest
  FROM d, generate_series(1, 34) n, generate_series(1, 34) m WHERE m <= n;
DROP FUNCTION mth(bytea[]);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT credit.seal_audit();
ROLLBACK;

-- Tampering by a superuser who takes the triggers away.  Each part is undone.
-- (Without the comparison with the seal's root U22 was not found.)
CREATE FUNCTION tampered(command text, checkpoint text DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE place text := (SELECT format('xid = %s AND n = %s', xid, n) FROM credit_register.audit_event
                        WHERE relation = 'public.fact' AND operation = 'D');
        of_place text := (SELECT xid || ':' || n FROM credit_register.audit_event WHERE relation = 'public.fact' AND operation = 'D');
        r record;
BEGIN
  BEGIN
    PERFORM set_config('client_min_messages', 'warning', true);
    EXECUTE (SELECT string_agg(format('ALTER TABLE %s DISABLE TRIGGER ALL', c.oid::regclass), ';')
               FROM pg_class c WHERE relnamespace = 'credit_register'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'audit%');
    EXECUTE replace(command, 'PLACE', place);
    FOR r IN SELECT * FROM credit.verify_audit(checkpoint) LOOP
      RETURN NEXT concat_ws(' | ', r.ok, r.finding, 'seal ' || r.seal, CASE WHEN r.event = of_place THEN 'the event' END);
    END LOOP;
    RAISE 'undo';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
END $$;
-- U20 one field of a middle event
SELECT * FROM tampered($$UPDATE credit_register.audit_event SET role = 'someone' WHERE PLACE$$);
SELECT * FROM tampered($$UPDATE credit_register.audit_event SET image = set_byte(image, 3, 65) WHERE PLACE$$);
SELECT * FROM tampered($$UPDATE credit_register.audit_event SET hash = '\x' WHERE PLACE$$);
-- U21 two events swapped
SELECT * FROM tampered($$UPDATE credit_register.audit_event SET n = n + 5 WHERE PLACE$$);
-- U22 one taken away in the middle
SELECT * FROM tampered($$DELETE FROM credit_register.audit_event WHERE PLACE$$);
-- U26 one put in: in a sealed transaction, and in another month
SELECT * FROM tampered($$INSERT INTO credit_register.audit_event SELECT node, xid, n + 9, changes, at, operation, session_role, role,
  person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE PLACE$$);
SELECT * FROM tampered($$INSERT INTO credit_register.audit_event SELECT node, xid, n + 9, changes, at - interval '1 year', operation,
  session_role, role, person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE PLACE$$);
-- and between two seals of its month, and after the last one of it, where only another month was sealed.  (Before what
-- lies between seals was looked at, neither was found: the month had seals.)
SELECT * FROM tampered($$SELECT credit.audit_add_seal('events', credit.audit_node(), b, b + 1000, credit.audit_month(now() + '1 month'), 0, 0, sha256('')),
    credit.audit_add_seal('events', credit.audit_node(), b + 1000, b + 2000, credit.audit_month(now()), 0, 0, sha256(''))
    FROM (SELECT max(before_xid) AS b FROM credit_register.audit_seal) s;
  INSERT INTO credit_register.audit_event SELECT node, (SELECT max(before_xid) - 1500 FROM credit_register.audit_seal), n, changes, at, operation,
    session_role, role, person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE PLACE$$);
SELECT * FROM tampered($$SELECT credit.audit_add_seal('events', credit.audit_node(), b, b + 1000, credit.audit_month(now() + '1 month'), 0, 0, sha256(''))
    FROM (SELECT max(before_xid) AS b FROM credit_register.audit_seal) s;
  INSERT INTO credit_register.audit_event SELECT node, (SELECT max(before_xid) - 500 FROM credit_register.audit_seal), n, changes, at, operation,
    session_role, role, person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE PLACE$$);
-- U23 the last ones cut off: without a checkpoint "complete up to the last seal" is all that can be said
SELECT credit.checkpoint() AS last_checkpoint \gset
SELECT * FROM tampered($$DELETE FROM credit_register.audit_event WHERE xid >= (SELECT from_xid FROM credit_register.audit_seal WHERE number = 2);
  DELETE FROM credit_register.audit_seal WHERE number = 2$$);
SELECT * FROM tampered($$DELETE FROM credit_register.audit_event WHERE xid >= (SELECT from_xid FROM credit_register.audit_seal WHERE number = 2);
  DELETE FROM credit_register.audit_seal WHERE number = 2$$, :'last_checkpoint');
-- U24, U25 everything written anew: only a checkpoint kept elsewhere tells
SELECT * FROM tampered($$DELETE FROM credit_register.audit_event WHERE PLACE; DELETE FROM credit_register.audit_seal; SELECT credit.seal_audit()$$);
SELECT * FROM tampered($$DELETE FROM credit_register.audit_event WHERE PLACE; DELETE FROM credit_register.audit_seal; SELECT credit.seal_audit()$$,
  :'first_checkpoint');
-- A seal, and a layout
SELECT * FROM tampered($$UPDATE credit_register.audit_seal SET events = events + 1 WHERE number = 1$$);
SELECT * FROM tampered($$DELETE FROM credit_register.audit_seal WHERE number = 1$$);
SELECT * FROM tampered($$UPDATE credit_register.audit_layout SET names[1] = 'other' WHERE relation = 'public.who'$$);
SELECT * FROM tampered($$SELECT 1$$, :'last_checkpoint');

-- U24 `chain_recomputed_from_an_edited_entry_fails_the_signed_checkpoint`: who
-- rewrites all can compute every hash and make a checkpoint of his own, but he
-- cannot sign it: he has the database (a copy, a backup, its storage), not the key
-- file.  (Seen failing without audit_check_signature(): the forged and the
-- unsigned checkpoint of the new chain passed.)
SELECT format('/tmp/credit_regress_audit_%s.key', gen_random_uuid()) AS key_file \gset
SET credit.key_file = :'key_file';
SELECT credit.create_key_file();
SELECT credit.checkpoint() AS signed_checkpoint \gset
SELECT j ->> 'signed' AS signed, j ->> 'key' AS key, length(j ->> 'signature') AS signature FROM (VALUES ((:'signed_checkpoint')::jsonb)) v(j);
SELECT ok, finding, seal, detail FROM credit.verify_audit(:'signed_checkpoint');
CREATE FUNCTION rewritten(p_checkpoint text, p_take text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE forged jsonb; r record;
BEGIN
  BEGIN
    EXECUTE (SELECT string_agg(format('ALTER TABLE %s DISABLE TRIGGER ALL', c.oid::regclass), ';')
               FROM pg_class c WHERE relnamespace = 'credit_register'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'audit%');
    DELETE FROM credit_register.audit_event WHERE relation = 'public.fact' AND operation = 'D';
    DELETE FROM credit_register.audit_seal;
    PERFORM credit.seal_audit();
    -- The file is out of his reach, so he makes his own without it.
    SET LOCAL credit.key_file = '';
    forged := credit.checkpoint()::jsonb;
    PERFORM set_config('credit.key_file', p_take, true);
    FOR r IN SELECT * FROM credit.verify_audit(CASE p_checkpoint
        WHEN 'unsigned' THEN forged::text
        WHEN 'forged' THEN (forged || jsonb_build_object('signed', true, 'key', 1, 'signature', repeat('ab', 32)))::text
        ELSE p_checkpoint END) LOOP
      RETURN NEXT concat_ws(' | ', r.ok, r.finding);
    END LOOP;
    RAISE 'undo';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
END $$;
SELECT * FROM rewritten(:'signed_checkpoint', :'key_file');
SELECT * FROM rewritten('unsigned', :'key_file');
SELECT * FROM rewritten('forged', :'key_file');
-- A signature covers every field, and another key does not make it.
SELECT k AS field, ok, finding FROM jsonb_object_keys((:'signed_checkpoint')::jsonb) k,
  LATERAL credit.verify_audit(((:'signed_checkpoint')::jsonb || jsonb_build_object(k, CASE WHEN k = 'signature' THEN to_jsonb(repeat('cd', 32)) WHEN k = 'seal' THEN '1' ELSE '0' END))::text) v
 WHERE k IN ('seal', 'hash', 'tree', 'timeline', 'node', 'sealed_at', 'events', 'signature', 'key') AND finding ~ 'forged|not checked' ORDER BY 1;
-- U32 the key is rotated inside one chain: both checkpoints hold, and prove one another.
SELECT credit.add_key('audit'), credit.add_key('audit');
SELECT credit.add_key('pseudonym');
INSERT INTO who DEFAULT VALUES;
SELECT credit.seal_audit();
SELECT credit.checkpoint(((:'signed_checkpoint')::json ->> 'seal')::bigint) AS rotated_checkpoint \gset
SELECT c.name, (c.text::json ->> 'key') AS key, v.ok, v.finding FROM (VALUES ('old', :'signed_checkpoint'), ('new', :'rotated_checkpoint')) c(name, text),
  LATERAL credit.verify_audit(c.text) v;
SELECT credit.check_checkpoint(:'rotated_checkpoint', :'signed_checkpoint');
-- Where the key is not, the signature is not called good.
SET credit.key_file = '';
SELECT ok, finding FROM credit.verify_audit(:'signed_checkpoint');
\setenv KEY_FILE :key_file
\! rm -f "$KEY_FILE"

-- U31 the canonical form: parts cannot slide into one another, NULL is not empty.
SELECT credit.audit_link('{a|b,c}') = credit.audit_link('{a,b|c}'), credit.audit_link('{ab,c}') = credit.audit_link('{a,bc}'),
       credit.audit_link('{NULL}') = credit.audit_link('{""}'), encode(credit.audit_link('{}'), 'hex');

-- long_value_at_the_end_of_a_buffer: marks of one byte each fill it to its last bytes, and the value that follows needs more.
-- Seen: without counting those bytes it was written past the end ("could not find block containing chunk").
BEGIN;
CREATE TABLE edge (head text, a int, b int, c int, d int, e int, f int, g int, h int, tail text);
CREATE TABLE other (n int);
SELECT credit.audit_table('edge'), credit.audit_table('other');
DO $$ BEGIN
  FOR n IN 900 .. 1100 LOOP
    BEGIN
      INSERT INTO edge (head, tail) VALUES (repeat('x', n), repeat('y', 500));
      INSERT INTO other VALUES (n);
    EXCEPTION WHEN division_by_zero THEN NULL;	-- a subtransaction for each
    END;
  END LOOP;
END $$;
SELECT count(*) AS whole FROM credit.audit_changes('edge') WHERE column_name = 'tail' AND new_value = repeat('y', 500);
ROLLBACK;

-- Retention: never below the law.
SELECT credit.retain_audit('2 years');
SELECT credit.retain_audit('5 months', 'cybersecurity');
SELECT credit.retain_audit('4 years', 'shenzhen');
SELECT credit.retain_audit('3 years', 'whim');
SELECT credit.retain_audit(NULL);
SELECT credit.retain_audit('3 years');
-- U33 a month goes; the chain goes on.  (An old month is made up here.)
SET client_min_messages = warning;
CREATE TABLE credit_register.audit_event_202001 PARTITION OF credit_register.audit_event
  FOR VALUES FROM ('2020-01-01 00:00+08') TO ('2020-02-01 00:00+08');
INSERT INTO credit_register.audit_event SELECT node, xid, n + 9, changes, '2020-01-15 00:00+08', operation, session_role, role,
  person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE relation = 'public.who' LIMIT 1;
RESET client_min_messages;
SELECT credit.retain_audit('3 years');		-- not as it was sealed
DROP TABLE credit_register.audit_event_202001;
CREATE TABLE credit_register.audit_event_202001 PARTITION OF credit_register.audit_event
  FOR VALUES FROM ('2020-01-01 00:00+08') TO ('2020-02-01 00:00+08');
SELECT credit.retain_audit('3 years');
SELECT kind, events FROM credit_register.audit_seal WHERE kind = 'retired';
-- As many events as were sealed, but not the same ones: kept.  (Counted alone, it was taken away.)
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE credit_register.audit_event_202001 PARTITION OF credit_register.audit_event
  FOR VALUES FROM ('2020-01-01 00:00+08') TO ('2020-02-01 00:00+08');
INSERT INTO credit_register.audit_event SELECT node, 7, n, changes, '2020-01-15 00:00+08', operation, session_role, role,
  person, duty, client, relation, layout, subject, image, hash FROM credit_register.audit_event WHERE relation = 'public.who' LIMIT 1;
SELECT credit.audit_add_seal('events', credit.audit_node(), 7, 8, '2020-01-01 00:00+08', 1, 1, sha256('')) IS NOT NULL AS sealed;
SET LOCAL client_min_messages = notice;
SELECT credit.retain_audit('3 years');
ROLLBACK;
SELECT ok, finding, seal FROM credit.verify_audit();

-- The end of auditing is an event.
SELECT credit.unaudit_table('way');
SELECT credit.unaudit_table('way');
SELECT operation FROM credit_register.audit_event WHERE relation = 'public.way' ORDER BY xid DESC, n DESC LIMIT 1;
SELECT count(*) FROM pg_trigger WHERE tgname ~ '^credit_audit' AND tgrelid IN ('way'::regclass, 'way_1'::regclass, 'way_2'::regclass);

-- A register taken away: what cannot be audited cannot be changed.
BEGIN;
SET LOCAL client_min_messages = warning;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
INSERT INTO who DEFAULT VALUES;
ROLLBACK;

SET client_min_messages = warning;
DROP VIEW new_event;
DROP FUNCTION shown(regclass, timestamptz), tampered(text, text), rewritten(text, text);
DROP TABLE fact, kind, long, coded, way, who, duty, late;
DROP DOMAIN short;
DROP TYPE mood, pair;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_audit_app, regress_audit_other;
DROP ROLE regress_audit_app, regress_audit_other;
DROP ROLE credit_owner;
