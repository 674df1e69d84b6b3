\echo '   credit_demo.display_period(severity, document_date, conduct_end): the classes of'
\echo '   order 36 (in force 2026-04-01), cut by the five years of 山东省社会信用条例 art. 38.'
\echo '   Both ends are days; the first is not counted (民法典 art. 201).'
\echo
SELECT severity, document_date, conduct_end,
       credit_demo.display_period(severity, document_date, conduct_end) AS "the range",
       upper(credit_demo.display_period(severity, document_date, conduct_end)) - 1 AS "last day", why
  FROM (VALUES ('minor'::credit_demo.severity, date '2026-05-01', date '2026-04-20', '3 months, and not shown in principle'),
               ('general', '2026-05-01', '2026-04-20', '1 year'),
               ('general', '2024-02-29', '2024-02-01', '1 year: there is no 29 February in 2025'),
               ('serious', '2026-05-01', '2026-04-20', '3 years'),
               ('serious', '2026-05-01', '2023-03-10', 'the provincial 5 years end first'))
         AS v (severity, document_date, conduct_end, why);

\echo '   Adverse records on 2026-06-30. Persons'' records are never public (art. 20): shown'
\echo '   means shown to authorised inquiries. Nothing has to run for a record to expire.'
\echo
SELECT severity, count(*) AS records,
       count(*) FILTER (WHERE shown @> date '2026-06-30') AS "in their period",
       count(*) FILTER (WHERE NOT shown @> date '2026-06-30') AS "ended",
       count(*) FILTER (WHERE rule <> 'order 36') AS "cut by the province",
       min(until) FILTER (WHERE shown @> date '2026-06-30') AS "next last day",
       CASE severity WHEN 'minor' THEN 'not shown in principle 原则上不公示' ELSE 'shown to authorised inquiries' END AS note
  FROM credit_demo.adverse_record GROUP BY severity ORDER BY severity;

\echo '   First form: today''s classes are applied to older documents too. How those carry'
\echo '   over is not settled by a published text, so it becomes a rule that can be changed.'
