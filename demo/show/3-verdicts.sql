\echo '   planted: by the generator, which knows no database. exact: the same row, field'
\echo '   and place within the field. Anything else than three equal columns is an error.'
\echo
CREATE TEMP TABLE compared AS
SELECT coalesce(p.verdict, f.verdict) AS verdict,
       count(p.line) AS planted, count(f.line) AS found,
       count(*) FILTER (WHERE p.line IS NOT NULL AND f.line IS NOT NULL) AS exact
  FROM credit_demo.planted p
  FULL JOIN credit_demo.finding f
    ON (f.batch, f.line, f.field, f.verdict, coalesce(f.position, 0))
     = (p.batch, p.line, p.field, p.verdict, coalesce(p.position, 0))
 GROUP BY 1;

SELECT v.effect, c.verdict, v.zh AS "裁定", c.planted, c.found, c.exact,
       CASE WHEN c.planted = c.found AND c.found = c.exact THEN '✓' ELSE '✗' END AS " "
  FROM compared c JOIN credit_demo.verdict v USING (verdict)
 ORDER BY v.effect DESC, c.planted DESC, c.verdict;

DO $assert$
DECLARE
  wrong text;
BEGIN
  SELECT string_agg(format('%s: %s planted, %s found, %s at the right place', c.verdict, c.planted, c.found, c.exact), '; ')
    INTO wrong FROM compared c WHERE c.planted <> c.exact OR c.found <> c.exact;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the intake did not find exactly what was planted: %', wrong;
  END IF;

  -- A verdict that nothing was planted for has not been shown to work.
  SELECT string_agg(verdict, ', ') INTO wrong
    FROM credit_demo.verdict WHERE verdict NOT IN (SELECT verdict FROM compared);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'no row was planted for: %', wrong;
  END IF;

  -- Held are the rows with a planted defect, filed all others.
  IF EXISTS (SELECT FROM credit_demo.batch_row r
              WHERE (r.state = 'held') <> EXISTS (SELECT FROM credit_demo.planted p
                       WHERE p.batch = r.batch AND p.line = r.line AND p.effect = 'held')
                 OR r.state NOT IN ('filed', 'held')) THEN
    RAISE EXCEPTION 'rows are held without a planted defect, or filed with one';
  END IF;

  -- The value kept is the number that was given: birthday and sex read back.
  IF EXISTS (SELECT FROM credit_demo.subject s, substr(s.code::text, 7, 8) AS born
              WHERE credit.code_kind(s.code) <> 'organisation'
                AND (to_char(credit.birth_date(s.code), 'YYYYMMDD') <> born
                     OR (credit.sex(s.code) = 'male') <> (substr(s.code::text, 17, 1)::int % 2 = 1))) THEN
    RAISE EXCEPTION 'a birthday or sex does not read back from the number';
  END IF;
END
$assert$;
