-- A plain CSV file comes in through a temporary table: its lines are numbered in
-- the order of the file, and each becomes one JSON object.  Reads standard input.

CREATE TEMP TABLE published (
  line int GENERATED ALWAYS AS IDENTITY,
  code text, name text, kind text, mod31_ok bool, org_code_ok bool, dept_category_ok bool,
  expected_check text, source text, confidence text
);
\copy published (code, name, kind, mod31_ok, org_code_ok, dept_category_ok, expected_check, source, confidence) FROM pstdin WITH (FORMAT csv, HEADER)

INSERT INTO credit_demo.batch VALUES ('published-organisations', 'market', '2026-06-30');
INSERT INTO credit_demo.batch_row (batch, line, raw)
SELECT 'published-organisations', line,
       jsonb_build_object('item', 'organisation', 'subject', code, 'name', name)
  FROM published;

ANALYZE credit_demo.batch_row;
