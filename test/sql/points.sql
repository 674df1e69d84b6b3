-- Points of a score: text, binary form, order, arithmetic, casts, indexes.
SET DateStyle = 'ISO, YMD';

-- What an expression raises: SQLSTATE and message.
CREATE FUNCTION pg_temp.fails(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  value text;
BEGIN
  EXECUTE 'SELECT (' || expression || ')::text' INTO value;
  RETURN 'no error: ' || coalesce(value, 'null');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- The shortest text; zeros behind the fourth decimal say nothing.
SELECT t, t::credit.points FROM unnest(ARRAY['0', '-0', '+7', ' 12.50 ', '.5', '5.', '-.0001', '0.0001', '1000', '1.50000000', '007',
  '922337203685477.5807', '-922337203685477.5808', '000000000000000000000000000001.0']) WITH ORDINALITY AS x (t, n) ORDER BY n;
-- Errors: syntax 22P02, more decimals than four 22023, range 22003.
SELECT t, pg_temp.fails(quote_literal(t) || '::credit.points') FROM unnest(ARRAY['', ' ', '.', '-', '+-1', '1e3', '1,000', '1.2.3', '1 2', 'NaN', 'Infinity', '０',
  '0.00001', '1.23456', '922337203685477.5808', '-922337203685477.5809', '99999999999999999999', '99999999999999999999x', '99999999999999999999.00001']) WITH ORDINALITY AS x (t, n) ORDER BY n;

-- Eight bytes, most significant first.
SELECT p, credit.points_send(p) FROM unnest(ARRAY['0', '1', '-0.0001', '922337203685477.5807', '-922337203685477.5808']::credit.points[]) WITH ORDINALITY AS x (p, n) ORDER BY n;
SELECT typlen, typbyval, typalign, typcategory FROM pg_type WHERE oid = 'credit.points'::regtype;

-- Order.
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, credit.points_cmp(a, b)
  FROM unnest(ARRAY['-1', '0', '0.0001', '-922337203685477.5808']::credit.points[]) WITH ORDINALITY AS x (a, n),
       unnest(ARRAY['0', '922337203685477.5807']::credit.points[]) WITH ORDINALITY AS y (b, m) ORDER BY n, m;
SELECT array_agg(p ORDER BY p), min(p), max(p), sum(p) FROM unnest(ARRAY['3', '-2.5', '0.0001', '10']::credit.points[]) p;
SELECT min(p), max(p), sum(p) FROM unnest('{}'::credit.points[]) p;
SELECT p, sum(p) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM unnest(ARRAY['1.5', '-2', '0.25']::credit.points[]) WITH ORDINALITY AS x (p, n);

-- Frozen: the hash decides where rows lie.
SELECT p, credit.points_hash(p), credit.points_hash_extended(p, 0), credit.points_hash_extended(p, 44),
       credit.points_hash_extended(p, 0)::bit(32) = credit.points_hash(p)::bit(32) AS agree
  FROM unnest(ARRAY['0', '1', '-1', '0.0001', '922337203685477.5807']::credit.points[]) WITH ORDINALITY AS x (p, n) ORDER BY n;

-- Arithmetic: exact or an error.
SELECT '1.1'::credit.points + '2.2'::credit.points AS plus, '1'::credit.points - '0.0001'::credit.points AS minus, - '2.5'::credit.points AS negated,
       '1'::credit.points + 1 AS with_integer, '1'::credit.points + 0.5 AS with_numeric, pg_typeof('1'::credit.points + 0.5);
SELECT e, pg_temp.fails(e) FROM unnest(ARRAY[
  $$'922337203685477.5807'::credit.points + '0.0001'::credit.points$$,
  $$'-922337203685477.5808'::credit.points - '0.0001'::credit.points$$,
  $$- '-922337203685477.5808'::credit.points$$,
  $$(SELECT sum(p) FROM unnest(ARRAY['922337203685477.5807', '1']::credit.points[]) p)$$]) e;

-- Casts: never a rounded value.
SELECT 1.5000000::credit.points, 7::credit.points, (-922337203685477)::bigint::credit.points, 1e3::credit.points, '2.50'::credit.points::numeric,
       '-922337203685477.5808'::credit.points::numeric, 2147483647::credit.points, (-2147483648)::credit.points;
SELECT e, pg_temp.fails(e) FROM unnest(ARRAY['1.00001::credit.points', '''NaN''::numeric::credit.points', '''-Infinity''::numeric::credit.points', '1e30::credit.points',
  '922337203685478::bigint::credit.points', '(-922337203685478)::bigint::credit.points', '1.5::float8::credit.points', '''1''::text::credit.points']) WITH ORDINALITY AS x (e, n) ORDER BY n;
CREATE TEMP TABLE assigned (p credit.points);
INSERT INTO assigned VALUES (1), (2.5), (3::bigint), (NULL);
SELECT p, coalesce(p, 0) AS or_zero, p * 2 AS twice, round(p) AS rounded FROM assigned;

-- Indexes: btree and hash, equal values are the same bytes.
CREATE TABLE points_kept (p credit.points);
INSERT INTO points_kept SELECT (n % 500 - 250)::credit.points FROM generate_series(1, 5000) n;
CREATE INDEX points_kept_btree ON points_kept (p);
CREATE INDEX points_kept_hash ON points_kept USING hash (p);
ANALYZE points_kept;
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM points_kept WHERE p < -248 ORDER BY p;
SELECT p, count(*) FROM points_kept WHERE p < -248 GROUP BY p ORDER BY p;
SELECT min(p), max(p) FROM points_kept;
DROP INDEX points_kept_btree;
EXPLAIN (COSTS OFF) SELECT * FROM points_kept WHERE p = 17;
SELECT count(*) FROM points_kept WHERE p = 17;
RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;
SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) FROM points_kept a JOIN points_kept b ON a.p = b.p WHERE a.p > 240;
RESET enable_hashjoin; RESET enable_nestloop;
SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT count(*) FROM points_kept a JOIN points_kept b ON a.p = b.p WHERE a.p > 240;
RESET enable_mergejoin; RESET enable_nestloop;
CREATE TABLE points_parts (p credit.points) PARTITION BY HASH (p);
CREATE TABLE points_parts_0 PARTITION OF points_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE points_parts_1 PARTITION OF points_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO points_parts SELECT n::credit.points FROM generate_series(1, 20) n;
SELECT tableoid::regclass, array_agg(p ORDER BY p) FROM points_parts GROUP BY 1 ORDER BY 1;
DROP TABLE points_parts;
-- Left for pg_amcheck.
DROP INDEX points_kept_hash;
CREATE INDEX points_kept_btree ON points_kept (p);
