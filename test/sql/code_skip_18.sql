-- A btree skips over its leading column (PostgreSQL 18 and later) and finds the
-- same rows as a scan of the table.
CREATE TABLE code_skipped AS
SELECT credit.assigned_code(i % 20) AS c, i / 20 AS n FROM generate_series(1, 100000) AS i;
CREATE INDEX ON code_skipped (c, n);
VACUUM ANALYZE code_skipped;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM code_skipped WHERE n = 4711;
SELECT count(*), count(DISTINCT c) FROM code_skipped WHERE n = 4711;
RESET enable_seqscan;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SELECT count(*), count(DISTINCT c) FROM code_skipped WHERE n = 4711;
RESET enable_indexscan;
RESET enable_indexonlyscan;
RESET enable_bitmapscan;
SELECT amprocnum, amproc::regproc FROM pg_amproc p JOIN pg_opfamily f ON f.oid = p.amprocfamily
 WHERE f.opfname = 'code_ops' AND amprocnum = 6;
DROP TABLE code_skipped;
