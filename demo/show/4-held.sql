\echo '   SELECT * FROM credit_demo.held_row;    -- a few kinds; all are in held-rows.csv'
\echo
\pset format unaligned
\pset tuples_only on
SELECT DISTINCT ON (verdict)
       format(E'   %s, line %s: %s%s%s\n      %s %s: %s\n      → %s',
              batch, line, field, ' ' || value, ', place ' || position, zh, verdict, message, remedy)
  FROM credit_demo.held_row
 WHERE verdict IN ('bad_character', 'bad_check', 'document_before_conduct', 'forbidden_field', 'malformed_amount',
                   'malformed_date', 'minors_act', 'name_differs', 'no_finding_document', 'unknown_subject')
   AND batch <> 'published-organisations'
 ORDER BY verdict, batch, line;
\pset format aligned
\pset tuples_only off

\echo
\echo '   The two published codes that are held: one that its office really issued with a'
\echo '   wrong check character (with ? behind it, it would be filed), and one trap.'
\echo
SELECT h.line, h.value, h.position AS at, f.expected AS "would fit", h.verdict, h.zh
  FROM credit_demo.held_row h JOIN credit_demo.finding f USING (batch, line, field, verdict)
 WHERE batch = 'published-organisations' ORDER BY h.line;

\echo '   Slips of the pen: credit.suggest_code(text) lists the codes one slip away; asking'
\echo '   which of them is registered under the same name mostly leaves one.'
\echo
SELECT verdict, count(*) AS "rows", round(avg(n), 1) AS "suggestions", count(*) FILTER (WHERE same = 1) AS "one of the same name"
  FROM (SELECT h.verdict, h.batch, h.line, count(s) AS n,
               count(*) FILTER (WHERE p.name_key = credit.name_key(r.raw ->> 'name')) AS same
          FROM credit_demo.held_row h
          JOIN credit_demo.batch_row r USING (batch, line)
          LEFT JOIN LATERAL credit.suggest_code(r.raw ->> 'subject') s ON true
          LEFT JOIN credit_demo.subject p ON p.code = s
         WHERE h.verdict IN ('bad_length', 'bad_character', 'bad_check', 'bad_date')
           AND h.batch <> 'published-organisations'
         GROUP BY 1, 2, 3) t
 GROUP BY verdict ORDER BY verdict;
