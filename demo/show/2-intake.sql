\echo '   SELECT * FROM credit_demo.take_in(batch);    -- one set-based call per file'
\echo
-- Who the records are about comes first.
CREATE TEMP TABLE taken AS
SELECT b.batch, t.*
  FROM credit_demo.batch b, credit_demo.take_in(b.batch) t
 WHERE b.batch IN ('persons-2026-06', 'organisations-2026-06', 'published-organisations');
ANALYZE credit_demo.subject;
INSERT INTO taken
SELECT b.batch, t.*
  FROM credit_demo.batch b, credit_demo.take_in(b.batch) t
 WHERE b.batch NOT IN (SELECT batch FROM taken);
ANALYZE credit_demo.batch_row, credit_demo.finding, credit_demo.record;

SELECT coalesce(t.batch, 'all files') AS "file", CASE WHEN grouping(t.batch) = 0 THEN max(p.zh) END AS "from",
       sum(read) AS "read", sum(filed) AS filed, sum(held) AS held
  FROM taken t JOIN credit_demo.batch USING (batch) JOIN credit_demo.provider p USING (provider)
 GROUP BY ROLLUP (t.batch)
 ORDER BY t.batch IS NULL, sum(read) DESC, t.batch;
