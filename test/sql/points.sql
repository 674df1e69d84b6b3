-- Points of a score: exact decimals.
\set VERBOSITY terse

-- The shortest text, whatever came in.
SELECT t, t::credit.points AS points
  FROM unnest(ARRAY['0', '-0', '+12.50', ' 1000 ', '12.5000000', '.5', '5.', '-0.0001', '0.1', '100.0100',
                    '922337203685477.5807', '-922337203685477.5808']) AS t;

-- What is no number of points.
SELECT ''::credit.points;
SELECT '-'::credit.points;
SELECT '.'::credit.points;
SELECT '1 2'::credit.points;
SELECT '1e3'::credit.points;
SELECT '1,5'::credit.points;
SELECT '1.2.3'::credit.points;
SELECT 'NaN'::credit.points;
SELECT '922337203685477.5808'::credit.points;
SELECT '-922337203685477.5809'::credit.points;
SELECT '99999999999999999999'::credit.points;
SELECT '0.00001'::credit.points;

-- Binary: eight bytes.
SELECT credit.points_send('12.5'::credit.points), credit.points_send('-0.0001'::credit.points);

-- Casts: nothing is rounded in silence.
SELECT '12.5'::credit.points::numeric AS n, 12.5000000::credit.points AS p, 1000::credit.points AS i, (-5)::bigint::credit.points AS b;
SELECT pg_typeof('1'::credit.points + 1) AS with_int, pg_typeof('1'::credit.points + 0.5) AS with_numeric,
       '1'::credit.points + 0.5 AS sum, '1.5'::credit.points * 2 AS product, round('2.5'::credit.points) AS rounded,
       coalesce(NULL::credit.points, 0) AS nothing;
SELECT 1.00001::credit.points;
SELECT 922337203685477.5808::credit.points;
SELECT 'NaN'::numeric::credit.points;
SELECT 'infinity'::numeric::credit.points;
SELECT 922337203685478::credit.points;
SELECT count(*) FILTER (WHERE (n / 10000.0)::credit.points::numeric IS DISTINCT FROM n / 10000.0) AS lost
  FROM generate_series(-30000, 30000, 7) AS n;

-- Comparison: as numeric orders them; with whole numbers, too.
SELECT count(*) AS pairs,
       bool_and((a < b) = (a::numeric < b::numeric) AND (a <= b) = (a::numeric <= b::numeric) AND (a = b) = (a::numeric = b::numeric)
                AND (a <> b) = (a::numeric <> b::numeric) AND (a >= b) = (a::numeric >= b::numeric) AND (a > b) = (a::numeric > b::numeric)
                AND credit.points_cmp(a, b) = CASE WHEN a::numeric < b::numeric THEN -1 WHEN a::numeric > b::numeric THEN 1 ELSE 0 END) AS agree
  FROM (SELECT v::credit.points FROM unnest(ARRAY['-922337203685477.5808', '-1', '-0.0001', '0', '0.0001', '1', '922337203685477.5807']) AS v) AS x (a),
       (SELECT v::credit.points FROM unnest(ARRAY['-922337203685477.5808', '-1', '-0.0001', '0', '0.0001', '1', '922337203685477.5807']) AS v) AS y (b);
SELECT '1000'::credit.points = 1000 AS equal, '999.9999'::credit.points < 1000 AS less, '1000.0001'::credit.points > 1000.00001 AS more;

-- Arithmetic is exact or an error.
SELECT '0.1'::credit.points + '0.2' = '0.3' AS exact, '1'::credit.points - '0.0001' AS difference, - '2.5'::credit.points AS negated;
SELECT '922337203685477.5807'::credit.points + '0.0001';
SELECT '-922337203685477.5808'::credit.points - '0.0001';
SELECT - '-922337203685477.5808'::credit.points;

-- Aggregates, also over frames of a window.
SELECT sum(p), min(p), max(p), avg(p) FROM unnest('{1.5,-0.25,NULL,3}'::credit.points[]) AS p;
SELECT sum(p) FROM unnest('{}'::credit.points[]) AS p;
SELECT sum(p) FROM unnest('{922337203685477,922337203685477}'::credit.points[]) AS p;
SELECT n, sum((n / 4.0)::credit.points) OVER (ORDER BY n ROWS 1 PRECEDING) FROM generate_series(1, 4) AS n;

-- Frozen hash values: they decide where rows lie.
SELECT p, credit.points_hash(p) AS hash, credit.points_hash_extended(p, 1) AS extended
  FROM unnest('{0,1,-1,1000.5}'::credit.points[]) AS p;

-- Indexes answer as the table does.
CREATE TABLE points_test AS
SELECT ((n * 7919 % 20011) / 16.0)::numeric(12, 4)::credit.points AS p FROM generate_series(1, 20000) AS n;
CREATE INDEX points_test_btree ON points_test (p);
CREATE INDEX points_test_hash ON points_test USING hash (p);
ANALYZE points_test;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM points_test WHERE p BETWEEN 100 AND 200;
SELECT count(*) FROM points_test WHERE p BETWEEN 100 AND 200;
SELECT min(p), max(p) FROM points_test;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_seqscan = on;
SELECT count(*) FROM points_test WHERE p BETWEEN 100 AND 200;
RESET enable_indexscan;
RESET enable_indexonlyscan;
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT count(*) = 20000 AS hash_join FROM points_test AS a WHERE EXISTS (SELECT FROM points_test AS b WHERE a.p = b.p);
