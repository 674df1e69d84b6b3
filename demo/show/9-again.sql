\echo '   The same calls again, and a whole file handed in a second time under another name:'
\echo
CREATE TEMP TABLE again AS
SELECT CASE WHEN b.batch LIKE '%-again' THEN 'police-2026-06 under another name' ELSE 'every file, taken in again' END AS what, t.*
  FROM credit_demo.batch b, credit_demo.take_in(b.batch) t;
SELECT what, sum(read) AS "read", sum(filed) AS filed, sum(already_there) AS "already there", sum(held) AS "held, as before"
  FROM again GROUP BY what ORDER BY what;

DO $assert$
BEGIN
  IF (SELECT sum(filed) FROM again) <> 0 THEN
    RAISE EXCEPTION 'a row was filed twice';
  END IF;
END
$assert$;
