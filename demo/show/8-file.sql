-- Somebody with good, neutral and adverse records, shown and ended.
SELECT subject AS code
  FROM credit_demo.record r JOIN credit_demo.item USING (item)
  LEFT JOIN credit_demo.adverse_record a USING (subject, item, document_number)
 WHERE credit.division(subject) = '372828'
 GROUP BY subject
HAVING count(*) BETWEEN 5 AND 6 AND count(DISTINCT stance) = 3
   AND count(DISTINCT r.severity) >= 2 AND count(DISTINCT a.shown @> date '2026-06-30') = 2
 ORDER BY count(DISTINCT r.severity) DESC, count(DISTINCT item) DESC, subject
 LIMIT 1
\gset
SELECT credit.mask_name(name) AS "姓名 name", credit.mask(code) AS "号码 number",
       credit.age_on(code, '2026-06-30') AS age, credit.sex(code) AS sex, town,
       credit.division_full_name(credit.division(code), credit.birth_date(code)) AS "first registered in"
  FROM credit_demo.subject WHERE code = :'code';
SELECT item, stance, document_date AS document, severity, "shown to inquiries", shown_until AS "at most until", basis
  FROM credit_demo.person_file(:'code', '2026-06-30');
