-- The police see what was held and why, by code and field, never by value; mend it from their own file; hand it in again.
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT v.code, v.field, v.message, count(*) AS lines FROM credit_register.batch_verdict v GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT 8;
ANALYZE line;
CREATE TEMP TABLE fault AS
  SELECT b.batch, b.name, v.line, l.raw FROM credit_register.batch_verdict v JOIN credit_register.batch b USING (batch)
    JOIN line l ON l.batch = b.name AND l.line = v.line
   WHERE v.code = 'CR102' AND l.raw -> 'fields' ? 'note';
SELECT count(credit.correct_row(f.batch, f.line, f.raw #- '{fields,note}')) AS mended FROM fault f \gset
COMMIT;
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
CREATE TEMP TABLE filed (n bigint);
DO $$
DECLARE b record;
BEGIN
  FOR b IN SELECT DISTINCT batch FROM fault LOOP
    INSERT INTO filed SELECT l.filed FROM credit.load_batch(b.batch) l;
  END LOOP;
END $$;
SELECT demo.holds('what was mended is filed, and nothing else', sum(n) = :mended, format('%s of %s', sum(n), :mended)) FROM filed \g (tuples_only=on format=unaligned)
COMMIT;
