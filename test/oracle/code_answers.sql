-- What the extension says of every case; code_compare.py reads the answers.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
CREATE TEMP TABLE cases (id int, family text, text text, published text);
\copy cases FROM pstdin WITH (FORMAT csv)

-- The input function itself decides what is accepted.  Only a data exception
-- (class 22) is a refusal: any other error ends the run.
CREATE FUNCTION pg_temp.try_code(t text) RETURNS credit.code
LANGUAGE plpgsql AS $$
BEGIN
  RETURN t::credit.code;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

CREATE TEMP TABLE answers AS
SELECT c.id, r.verdict, r."position", r.expected, pg_temp.try_code(c.text) AS code
  FROM cases c, credit.check_code(c.text, date '2199-12-31') r;

\copy (SELECT id, verdict, coalesce("position", 0), coalesce(expected, ''), coalesce(code::text, ''), coalesce(encode(credit.code_send(code), 'hex'), ''), coalesce(credit.code_kind(code)::text, ''), credit.is_regular(code), CASE WHEN code IS NOT NULL THEN row_number() OVER (ORDER BY code) END FROM answers ORDER BY id) TO pstdout WITH (FORMAT csv)
