-- Pseudonyms: the type, the way from a code and back, and who may go it.
-- Key files as attackers leave them are in test/t/100_pseudonym.pl, with the
-- vectors of NIST for the cipher.
\set VERBOSITY default
SET client_min_messages = warning;

-- A key file of our own, with known keys; /tmp is sticky, so it may lie there.
SELECT format('/tmp/credit_regress_%s.key', gen_random_uuid()) AS key_file \gset

-- Without a key: a clear error, and nothing half done.
CREATE TABLE half (p credit.pseudonym);
INSERT INTO half SELECT credit.pseudonym(credit.code '370323199503129013');
SELECT count(*) FROM half;
SET credit.key_file = 'relative/path';
SELECT set_config('credit.key_file', current_setting('data_directory') || '/credit.key', false) IS NOT NULL AS set;
\set VERBOSITY sqlstate
SELECT credit.create_key_file();	-- key_in_base_backup: refused in the data directory
\set VERBOSITY default

SET credit.key_file = :'key_file';
-- COPY writes into the file that is there, and leaves it its mode.
SELECT credit.create_key_file();
COPY (SELECT unnest(ARRAY[
    'credit-keys 1', '# of the tests',
    'pseudonym 1 2026-11-26 2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94 d48467',
    'identity 1 2026-11-26 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f b05e3c'])) TO :'key_file';
SELECT * FROM credit.keys();

-- Frozen: code, scope, pseudonym, its bytes and its hashes.  A change here loses every subject.
CREATE TABLE frozen (id int, c credit.code, scope text);
INSERT INTO frozen VALUES (1, '370323199503129013', 'register'), (2, '11010519491231002X', 'register'), (3, '91350203M0001QKT19?', 'register'),
  (4, credit.assigned_code(0), 'register'), (5, credit.assigned_code(999999999999999), 'register'),
  (6, '370323199503129013', 'bank'), (7, '370323199503129013', 'a'), (8, '370323199503129013', '0123456789_0123456789_0123456789_0123456789_0123456789_01234567');
SELECT id, p, credit.pseudonym_send(p), credit.pseudonym_hash(p), credit.pseudonym_hash_extended(p, 42),
       credit.reveal(p, scope) = c AS back
  FROM frozen, LATERAL (SELECT credit.pseudonym(c, scope) AS p) x ORDER BY id;

-- A permutation: no two codes meet, all come back, and scopes share nothing.
CREATE TABLE many AS
  SELECT c, credit.pseudonym(c) AS p, credit.pseudonym(c, 'bank') AS q
    FROM (SELECT credit.suggest_code('370323' || to_char(date '1930-01-01' + i, 'YYYYMMDD') || lpad((i % 1000)::text, 3, '0')) AS c
            FROM generate_series(1, 30000, 37) i
          UNION ALL SELECT credit.assigned_code(i) FROM generate_series(1, 5000) i) x;
SELECT count(*) > 5000 AS many, count(*) = count(DISTINCT c) AND count(*) = count(DISTINCT p) AND count(*) = count(DISTINCT q) AS apart,
       bool_and(credit.reveal(p) = c AND credit.reveal(q, 'bank') = c) AS back,
       bool_and(p::text::credit.pseudonym = p) AS text_back
  FROM many;
SELECT count(*) AS joined_between_scopes FROM many a JOIN many b ON a.p = b.q;
-- The order of codes does not show: about half of the neighbours stand the other way about.
SELECT count(*) FILTER (WHERE p > before) BETWEEN 0.45 * count(*) AND 0.55 * count(*) AS mixed
  FROM (SELECT p, lag(p) OVER (ORDER BY c) AS before FROM many) x;

-- Both ways again with the scope changing from row to row.
SELECT bool_and(credit.reveal(credit.pseudonym(c, s), s) = c) AS back, count(DISTINCT credit.pseudonym(c, s)) = count(*) AS apart
  FROM (SELECT c, (ARRAY['a', 'bb', 'a_scope_of_more_than_sixteen_bytes'])[1 + (row_number() OVER ()) % 3] AS s FROM many) x;

-- Scopes that could be mistaken for another are refused.
SELECT credit.pseudonym(credit.code '370323199503129013', '');
SELECT credit.pseudonym(credit.code '370323199503129013', 'Register');
SELECT credit.pseudonym(credit.code '370323199503129013', repeat('a', 64));
SELECT credit.pseudonym(NULL) IS NULL AS n1, credit.pseudonym(credit.code '370323199503129013', NULL) IS NULL AS n2, credit.reveal(NULL) IS NULL AS n3;

-- wrong_scope: never the code; a number that no code has is refused, and that is 15 of 100.
CREATE FUNCTION reveals(p credit.pseudonym, scope text) RETURNS credit.code LANGUAGE plpgsql AS $$
BEGIN
  RETURN credit.reveal(p, scope);
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN NULL;
END $$;
SELECT count(*) FILTER (WHERE r = c) AS same, round(100.0 * count(*) FILTER (WHERE r IS NULL) / count(*)) BETWEEN 12 AND 18 AS refused
  FROM (SELECT c, reveals(p, 'bank') AS r FROM many) x;
-- code_behind() is reveal() that says NULL for an error.
SELECT count(*) FILTER (WHERE credit.code_behind(p, 'bank') IS DISTINCT FROM reveals(p, 'bank')) AS differ,
       count(*) FILTER (WHERE credit.code_behind(p, 'bank') IS NULL) > 0 AS some_have_none FROM many;

-- Text: case and what people read wrong do not matter; everything else does.
SELECT p, lower(p::text)::credit.pseudonym = p AS lower, translate(p::text, '01', 'OL')::credit.pseudonym = p AS confused
  FROM frozen, LATERAL (SELECT credit.pseudonym(c, scope) AS p) x ORDER BY id LIMIT 3;
CREATE FUNCTION refused(t text) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  PERFORM t::credit.pseudonym;
  RETURN false;
EXCEPTION WHEN invalid_text_representation THEN
  RETURN position(t IN SQLERRM) = 0 OR t = '';
END $$;
-- Every wrong character at every place, and every two neighbours of the digits swapped.
SELECT bool_and(refused(overlay(t PLACING d FROM i FOR 1))) AS all_slips_found, count(*) AS slips
  FROM (SELECT credit.pseudonym(c)::text AS t FROM frozen WHERE id = 1) x, generate_series(1, 16) i,
       regexp_split_to_table('0123456789ABCDEFGHJKMNPQRSTVWXYZU-', '') d
 WHERE d <> substr(t, i, 1);
SELECT bool_and(refused(overlay(t PLACING substr(t, i + 1, 1) || substr(t, i, 1) FROM i FOR 2))) AS all_swaps_found
  FROM (SELECT p::text AS t FROM many LIMIT 200) x, generate_series(2, 13) i
 WHERE substr(t, i, 1) <> substr(t, i + 1, 1);
SELECT t, refused(t) FROM unnest(ARRAY['', 'P', '370323199503129013', '91350203M0001QKT1H', 'PG000000000000000', 'PZZZZZZZZZZZZZ00', 'P00000000000000 ', 'PＯ0000000000000', '1099511627776']) t;
-- code_for_pseudonym: refused, with a hint, and not repeated
SELECT credit.pseudonym('370323199503129013');
-- pseudonym_as_code: no text of one is a text of the other
SELECT count(*) FROM many WHERE (credit.check_code(p::text, '2026-11-26')).verdict <> 'bad_length';
SELECT castsource::regtype, casttarget::regtype, castcontext FROM pg_cast
 WHERE 'credit.pseudonym'::regtype IN (castsource, casttarget) ORDER BY 1, 2;

-- Order, indexes, joins, partitions.
CREATE INDEX many_p ON many (p);
CREATE INDEX many_hash ON many USING hash (p);
ANALYZE many;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT c FROM many WHERE p = credit.pseudonym(credit.code '370323199503129013');
RESET enable_seqscan;
SELECT count(*) FROM many a JOIN many b USING (p);
SELECT min(p) = (SELECT p FROM many ORDER BY p LIMIT 1) AS least, max(p) = (SELECT p FROM many ORDER BY p DESC LIMIT 1) AS greatest FROM many;
SELECT bool_and(p >= before AND p::text COLLATE "C" >= before::text) AS text_order FROM (SELECT p, lag(p) OVER (ORDER BY p) AS before FROM many) x WHERE before IS NOT NULL;
SELECT credit.pseudonym_cmp('P000000000000000', 'PFZZZZZZZZZZZZDG') AS cmp;
CREATE TABLE parted (p credit.pseudonym PRIMARY KEY) PARTITION BY HASH (p);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT p FROM many;
SELECT tableoid::regclass, count(*) FROM parted GROUP BY 1 ORDER BY 1;
SELECT p IS DISTINCT FROM NULLIF(p, p) AS qualified FROM many LIMIT 1;

-- Who may: not everybody (dictionary_attack: 36.5 million numbers of a county take half a minute).
CREATE ROLE credit_test_clerk;
SET ROLE credit_test_clerk;
SELECT credit.pseudonym(credit.code '370323199503129013');
SELECT credit.reveal('P000000000000000');
SELECT credit.create_key_file();
SELECT credit.add_key();
SELECT * FROM credit.keys();
\set VERBOSITY sqlstate
SHOW credit.key_file;
SET credit.key_file = '/tmp/other';
\set VERBOSITY default
SELECT count(*) FROM pg_settings WHERE name = 'credit.key_file' AND setting <> '';
RESET ROLE;
-- Granted by name it is still the superuser's: the functions look themselves.
GRANT EXECUTE ON FUNCTION credit.create_key_file(), credit.add_key(), credit.keys() TO credit_test_clerk;
SET ROLE credit_test_clerk;
SELECT credit.create_key_file();
SELECT credit.add_key();
SELECT * FROM credit.keys();
RESET ROLE;
REVOKE EXECUTE ON FUNCTION credit.create_key_file(), credit.add_key(), credit.keys() FROM credit_test_clerk;
DROP ROLE credit_test_clerk;

-- A new key of identity leaves pseudonyms as they are; a file in place is never overwritten.
SELECT credit.add_key();
SELECT purpose, version, current FROM credit.keys() ORDER BY purpose, version;
SELECT count(*) FROM many WHERE credit.pseudonym(c) <> p;
\set VERBOSITY sqlstate
SELECT credit.create_key_file();
\set VERBOSITY default

-- The keys are gone: the next statement fails, whatever this session had read.
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
\set VERBOSITY sqlstate
SELECT credit.pseudonym(credit.code '370323199503129013');
\set VERBOSITY default
DROP TABLE half, frozen, many, parted;
DROP FUNCTION refused(text), reveals(credit.pseudonym, text);
