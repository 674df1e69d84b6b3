SELECT credit.code_kind(code) AS "credit.code_kind(code)", count(*) AS subjects,
       count(*) FILTER (WHERE NOT credit.is_regular(code)) AS "irregular, as issued",
       min(credit.birth_date(code)) AS "oldest", max(credit.birth_date(code)) AS youngest,
       pg_size_pretty(sum(pg_column_size(code))) AS "codes in all"
  FROM credit_demo.subject GROUP BY 1 ORDER BY 2 DESC;

\echo '   A number keeps the division of its first registration for life. Yiyuan was 372828'
\echo '   until 1988, and most of its people carry that; a check against today''s list alone'
\echo '   would refuse them.'
\echo
SELECT credit.division(code) AS division,
       credit.division_full_name(credit.division(code), '1988-06-30') AS "its name in 1988",
       credit.division_full_name(credit.division(code), '2026-06-30') AS "today",
       count(*) AS persons
  FROM credit_demo.subject
 WHERE credit.code_kind(code) = 'citizen'
 GROUP BY 1 ORDER BY 4 DESC LIMIT 6;
