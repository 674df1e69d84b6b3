-- The policy map: every requirement has its line, every object that a line names
-- is there, and what is taken away shows.  That the tests it names exist is
-- checked by the lint; that the page is what it prints, by the examples.
--
-- Seen failing: gone_object with policy_object() answering its argument.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT credit.create_register();

SELECT n AS requirement_without_line FROM generate_series(1, 58) n WHERE NOT EXISTS (SELECT FROM credit.policy_map m WHERE m.requirement = 'R' || n);
SELECT a.article AS article_without_line FROM generate_series(1, 22) a (article) WHERE NOT EXISTS (SELECT FROM credit.policy_map m WHERE m.article = a.article);
SELECT count(*), count(DISTINCT number) FROM credit.policy_lines();
SELECT number, o AS twice FROM credit.policy_lines(), unnest(objects) o GROUP BY 1, 2 HAVING count(*) > 1;
SELECT number FROM credit.policy_lines() WHERE cardinality(tests) = 0 OR cardinality(objects) = 0 OR zh !~ '\S' OR en !~ '\S' OR (gap_zh IS NULL) <> (gap_en IS NULL);
SELECT number, t AS no_test FROM credit.policy_lines(), unnest(tests) t WHERE t !~ '^test/(sql/\w+\.sql|t/\d+_\w+\.pl|isolation/specs/\w+\.spec)$';

-- Every object that is named is there.
SELECT DISTINCT o AS missing_object FROM credit.policy_map, unnest(missing) o ORDER BY 1;

-- What serves, with its arguments.
SELECT article, requirement, state, serves[1:3] AS first FROM credit.policy_map WHERE requirement IN ('R8', 'R12', 'R20') ORDER BY 1, 2;

-- gone_object: a constraint, a table, a function of the register taken away shows at once.
BEGIN;
ALTER TABLE credit_register.record DROP CONSTRAINT record_origin;
DROP TABLE credit_register.student_file;
SELECT requirement, m.state, 'credit_register.record:record_origin' = ANY (m.missing) AS origin, 'credit_register.student_file:student_file_minor_check' = ANY (m.missing) AS student
  FROM credit.policy_map m WHERE requirement IN ('R8', 'R20', 'R35') ORDER BY article, 1;
ROLLBACK;
-- Without a register all of its tables are gaps.
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
SELECT bool_and(credit.policy_object(o) IS NULL) AS gone FROM credit.policy_lines(), unnest(objects) o WHERE o LIKE 'credit\_register.%';

-- Both languages say the same lines.
SELECT lang, count(*) > 200 AS lines, count(*) = max(other) AS same FROM (VALUES ('zh'), ('en')) v (lang), credit.policy_page(lang) p,
  LATERAL (SELECT count(*) FROM credit.policy_page('en')) o (other) GROUP BY 1 ORDER BY 1;
SELECT count(*) AS of_no_language FROM credit.policy_page('fr');
