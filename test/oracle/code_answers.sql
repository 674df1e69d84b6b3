-- What the extension says of every case; code_compare.py reads the answers.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
CREATE TEMP TABLE cases (id int, family text, text text, published text);
\copy cases FROM pstdin WITH (FORMAT csv)

-- The input function itself decides what is accepted.  Only a data exception
-- (class 22) is a refusal: any other error ends the run.
CREATE FUNCTION pg_temp.try_code(t text, OUT code credit.code, OUT said text)
LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  code := t::credit.code;
EXCEPTION WHEN data_exception THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  said := concat_ws(' ', SQLSTATE, SQLERRM, detail, hint);
END $$;

CREATE TEMP TABLE answers AS
SELECT c.id, r.verdict, r.field, r."position", r.expected, r.message, t.code, t.said
  FROM cases c, credit.check_code(c.text, date '2199-12-31') r,
       pg_temp.try_code(c.text) t;

\copy (SELECT id, verdict, field, coalesce("position", 0), coalesce(expected, ''), coalesce(code::text, ''), coalesce(encode(credit.code_send(code), 'hex'), ''), credit.code_kind(code), credit.is_regular(code), CASE WHEN code IS NOT NULL THEN row_number() OVER (ORDER BY code) END, message, said FROM answers ORDER BY id) TO pstdout WITH (FORMAT csv)
