-- credit.code in indexes, joins, partitions and under row policies, on 100,000
-- random codes made by an SQL oracle of the standards' check characters.

SELECT setseed(0.370323);

-- GB 11643: ISO 7064 MOD 11-2 over 17 digits
CREATE FUNCTION citizen(p17 text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT p17 || substr('10X98765432', 1 + (SELECT sum(substr(p17, i::int, 1)::int * w)::int
    FROM unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY AS u (w, i)) % 11, 1)
$$;
-- GB 11714 over 8 characters, then GB 32100 over 17
CREATE FUNCTION organisation(p8 text, body text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT p17 || substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (31 - (SELECT
      sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(p17, i::int, 1)) - 1) * w)::int
    FROM unnest('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[]) WITH ORDINALITY AS u (w, i)) % 31) % 31, 1)
  FROM (SELECT p8 || body || substr('0X987654321', 1 + (SELECT
      sum((strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(body, i::int, 1)) - 1) * w)::int
    FROM unnest('{3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY AS u (w, i)) % 11, 1) AS p17) AS x
$$;

CREATE TABLE text_code AS
SELECT row_number() OVER (ORDER BY r, i) AS id, t FROM (
  SELECT i, random() AS r,
    CASE WHEN i % 10 < 4 THEN
      citizen((ARRAY['370323','372828','370302','110105','650102','810000'])[1 + floor(random() * 6)] ||
              to_char(date '1800-01-01' + floor(random() * 146097)::int, 'YYYYMMDD') ||
              lpad(floor(random() * 1000)::int::text, 3, '0'))
    ELSE
      organisation((ARRAY['91','92','93','99','12','51','54','A1','N2','Y1'])[1 + floor(random() * 10)] ||
                   (ARRAY['3703','1000','1101','4403','6501'])[1 + floor(random() * 5)] || lpad(floor(random() * 100)::int::text, 2, '0'),
        CASE WHEN i % 10 < 7 THEN lpad(floor(random() * 100000000)::int::text, 8, '0')
             ELSE (ARRAY['MA','M0','L1','99','0Y'])[1 + floor(random() * 5)] ||
                  translate(lpad(to_hex(floor(random() * 16777216)::int), 6, '0'), 'abcdef', 'ARTUWY') END)
    END AS t
  FROM generate_series(1, 100000) AS i) AS g;

CREATE TABLE code_index (id bigint, c credit.code, t text COLLATE "C");
INSERT INTO code_index SELECT id, t::credit.code, t FROM text_code;
SELECT count(*), count(*) FILTER (WHERE c::text = t) AS same_text, count(*) FILTER (WHERE credit.is_regular(c)) AS regular,
       count(DISTINCT c) = count(DISTINCT t) AS one_to_one FROM code_index;

-- Order within each kind is the order of the texts.
SELECT kind, count(*) > 1000 AS many, count(*) FILTER (WHERE by_code <> by_text) AS out_of_order
  FROM (SELECT credit.code_kind(c) AS kind, dense_rank() OVER w_code AS by_code, dense_rank() OVER w_text AS by_text
          FROM code_index
        WINDOW w_code AS (PARTITION BY credit.code_kind(c) ORDER BY c),
               w_text AS (PARTITION BY credit.code_kind(c) ORDER BY t)) AS r
 GROUP BY kind ORDER BY kind;

-- Every operator by index and by sequential scan, in both orders.
CREATE INDEX code_btree ON code_index (c);
CREATE INDEX code_hash ON code_index USING hash (c);
CREATE INDEX code_brin ON code_index USING brin (c);
CREATE INDEX code_bloom ON code_index USING brin (c credit.code_bloom_ops);
ANALYZE code_index;

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; node text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    node := coalesce(node, (regexp_match(line, '((?:Index Only|Index|Bitmap Heap|Seq) Scan|Merge Join|Hash Join|Nested Loop)'))[1]);
  END LOOP;
  RETURN node;
END $$;

CREATE FUNCTION digest(query text, OUT node text, OUT rows bigint, OUT sum bigint) LANGUAGE plpgsql AS $$
BEGIN
  node := plan_of(query);
  EXECUTE format('SELECT count(*), coalesce(sum(hashtext(q::text)), 0) FROM (%s) AS q', query) INTO rows, sum;
END $$;

CREATE FUNCTION differences(condition text, OUT by_index text, OUT differ int, OUT rows_found boolean) LANGUAGE plpgsql AS $$
DECLARE k text; a record; b record;
BEGIN
  differ := 0; rows_found := false;
  FOR k IN SELECT c::text FROM code_index WHERE id % 5000 = 1 ORDER BY id LOOP
    PERFORM set_config('enable_seqscan', 'off', true);
    SELECT * INTO a FROM digest(format('SELECT id FROM code_index WHERE ' || condition, k));
    PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true),
            set_config('enable_indexonlyscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
    SELECT * INTO b FROM digest(format('SELECT id FROM code_index WHERE ' || condition, k));
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_indexonlyscan', 'on', true),
            set_config('enable_bitmapscan', 'on', true);
    IF b.node <> 'Seq Scan' THEN RAISE EXCEPTION 'compared with %', b.node; END IF;
    by_index := a.node;
    differ := differ + ((a.rows, a.sum) IS DISTINCT FROM (b.rows, b.sum))::int;
    rows_found := rows_found OR a.rows > 0;
  END LOOP;
END $$;

BEGIN;
SELECT 'btree' AS index, condition, d.* FROM unnest(ARRAY['c = %1$L', 'c < %1$L', 'c <= %1$L', 'c >= %1$L', 'c > %1$L',
  '%1$L < c', '%1$L >= c', 'c BETWEEN ''370323190001010003'' AND %1$L', 'c IN (%1$L, ''370323199503129013'')']) AS condition, LATERAL differences(condition) AS d;
DROP INDEX code_btree;
SELECT 'hash' AS index, condition, d.* FROM unnest(ARRAY['c = %1$L']) AS condition, LATERAL differences(condition) AS d;
DROP INDEX code_hash, code_bloom;
SELECT 'brin' AS index, condition, d.* FROM unnest(ARRAY['c = %1$L', 'c < %1$L', 'c <= %1$L', 'c >= %1$L', 'c > %1$L']) AS condition, LATERAL differences(condition) AS d;
DROP INDEX code_brin;
CREATE INDEX ON code_index USING brin (c credit.code_bloom_ops);
SELECT 'bloom' AS index, condition, d.* FROM unnest(ARRAY['c = %1$L']) AS condition, LATERAL differences(condition) AS d;
ROLLBACK;

-- Every kind of join and grouping gives the same.
CREATE TABLE code_key AS SELECT DISTINCT c FROM code_index WHERE id % 7 = 0;
ALTER TABLE code_key ADD PRIMARY KEY (c);
ANALYZE code_key;
BEGIN;
SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off;
CREATE TEMP TABLE join_result AS SELECT d.* FROM digest('SELECT a.id FROM code_index a JOIN code_key k ON a.c = k.c ORDER BY 1') AS d;
SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashjoin = on;
INSERT INTO join_result SELECT d.* FROM digest('SELECT a.id FROM code_index a JOIN code_key k USING (c) ORDER BY 1') AS d;
SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = on;
INSERT INTO join_result SELECT d.* FROM digest('SELECT a.id FROM code_index a WHERE a.c IN (SELECT c FROM code_key) ORDER BY 1') AS d;
SELECT node FROM join_result ORDER BY 1;
SELECT count(DISTINCT (rows, sum)) AS results, bool_and(rows > 10000) AS many FROM join_result;
COMMIT;
SELECT (SELECT count(*) FROM (SELECT c FROM code_index GROUP BY c) AS g) = count(DISTINCT t) AS grouped,
       min(c) = (SELECT c FROM code_index ORDER BY c LIMIT 1) AS min,
       max(c) = (SELECT c FROM code_index ORDER BY c DESC LIMIT 1) AS max
  FROM code_index;

-- The hash spreads: distinct values as of 32 random bits, buckets even.
SELECT count(DISTINCT c) - count(DISTINCT credit.code_hash(c)) < 20 AS few_collisions FROM code_index;
SELECT max(n) < 1.2 * avg(n) AND min(n) > 0.8 * avg(n) AS even_buckets
  FROM (SELECT count(*) AS n FROM code_index GROUP BY credit.code_hash(c) & 63) AS b;

-- Equal values deduplicate in a btree (equalimage).
CREATE TABLE code_same AS SELECT c FROM code_key, generate_series(1, 20) WHERE c IN (SELECT c FROM code_key ORDER BY c LIMIT 1000);
CREATE INDEX code_same_dedup ON code_same (c);
CREATE INDEX code_same_plain ON code_same (c) WITH (deduplicate_items = off);
SELECT pg_relation_size('code_same_dedup') < pg_relation_size('code_same_plain') / 2 AS deduplicated;

-- Hash and range partitions take and find their rows.
CREATE TABLE code_hashed (c credit.code, id bigint) PARTITION BY HASH (c);
SELECT format('CREATE TABLE code_hashed_%s PARTITION OF code_hashed FOR VALUES WITH (MODULUS 4, REMAINDER %1$s)', i) FROM generate_series(0, 3) AS i \gexec
INSERT INTO code_hashed SELECT c, id FROM code_index;
SELECT tableoid::regclass, count(*) BETWEEN 24000 AND 26000 AS even FROM code_hashed GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM code_hashed h JOIN code_index i ON h.c = i.c AND h.id = i.id;
EXPLAIN (COSTS OFF) SELECT * FROM code_hashed WHERE c = '370323199503129013';
CREATE TABLE code_ranged (c credit.code) PARTITION BY RANGE (c);
CREATE TABLE code_ranged_person PARTITION OF code_ranged FOR VALUES FROM (MINVALUE) TO ('91110000600037341L');
CREATE TABLE code_ranged_other PARTITION OF code_ranged DEFAULT;
INSERT INTO code_ranged SELECT c FROM code_index;
SELECT tableoid::regclass, max(c) < '91110000600037341L' AS below FROM code_ranged GROUP BY 1 ORDER BY 1;

-- An equality under a row policy uses the index, for = is leakproof.
CREATE ROLE regress_credit_reader;
CREATE TABLE code_owned (c credit.code PRIMARY KEY, owner text);
INSERT INTO code_owned SELECT c, 'regress_credit_reader' FROM code_key;
ALTER TABLE code_owned ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON code_owned USING (owner = current_user AND owner LIKE 'r%');
GRANT SELECT ON code_owned TO regress_credit_reader;
ANALYZE code_owned;
SET ROLE regress_credit_reader;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM code_owned WHERE c = '370323199503129013';
EXPLAIN (COSTS OFF) SELECT * FROM code_owned WHERE c BETWEEN '370323199503129013' AND '370323199503129369?';
RESET enable_bitmapscan;
RESET ROLE;

-- The operators are found with an empty path, where SQL cannot qualify them.
SET search_path = '';
SELECT '370323199503129013'::credit.code IS DISTINCT FROM '372828196503129010'::credit.code AS differ,
       NULLIF('370323199503129013'::credit.code, '370323199503129013'::credit.code) AS none,
       CASE '370323199503129013'::credit.code WHEN '370323199503129013' THEN 'found' END AS found;
RESET search_path;

DROP TABLE text_code, code_index, code_key, code_same, code_hashed, code_ranged, code_owned, join_result;
DROP FUNCTION citizen, organisation, plan_of, digest, differences;
DROP ROLE regress_credit_reader;
