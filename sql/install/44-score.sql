-- ---------------------------------------------------------------------------
-- score: points for a subject's records, line by line (doc/score.md)
-- ---------------------------------------------------------------------------

-- The aggregates' state is a type of its own, so that workers and shards can send it.

CREATE TYPE credit.score_state;

CREATE FUNCTION credit.score_state_in(cstring) RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_state_in(cstring) IS 'I/O: what no aggregate can have made is refused (22P03)';

CREATE FUNCTION credit.score_state_out(credit.score_state) RETURNS cstring
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_state_out(credit.score_state) IS 'I/O: the binary form in hexadecimal digits';

CREATE FUNCTION credit.score_state_recv(internal) RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_state_recv(internal) IS 'I/O: what no aggregate can have made is refused (22P03)';

CREATE FUNCTION credit.score_state_send(credit.score_state) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_state_send(credit.score_state) IS 'I/O: field by field, the same on every machine';

CREATE TYPE credit.score_state (
  INPUT = credit.score_state_in, OUTPUT = credit.score_state_out,
  RECEIVE = credit.score_state_recv, SEND = credit.score_state_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE credit.score_state IS 'Unfinished score of a subject: what the aggregates credit.score and credit.score_lines hold between rows';

CREATE FUNCTION credit.score_transition(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text)
  RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_transition(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text) IS 'Part of credit.score: adds a row';

CREATE FUNCTION credit.score_inverse(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text)
  RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_inverse(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text) IS 'Part of credit.score: a row leaves the frame of a window';

CREATE FUNCTION credit.score_lines_transition(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text)
  RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_lines_transition(credit.score_state, credit.rulebook, date, text, credit.severity, date, numeric, text) IS 'Part of credit.score_lines: adds a row';

CREATE FUNCTION credit.score_combine(credit.score_state, credit.score_state) RETURNS credit.score_state
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_combine(credit.score_state, credit.score_state) IS 'Part of credit.score and credit.score_lines: two parts of one group; either may be NULL';

CREATE FUNCTION credit.score_final(credit.score_state) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_final(credit.score_state) IS 'Part of credit.score: the score; NULL without a row';

CREATE FUNCTION credit.score_lines_final(credit.score_state) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.score_lines_final(credit.score_state) IS 'Part of credit.score_lines: the lines; NULL without a row';

CREATE AGGREGATE credit.score(book credit.rulebook, as_of date, item text, severity credit.severity, happened_on date, amount numeric, state text) (
  SFUNC = credit.score_transition, STYPE = credit.score_state, SSPACE = 256,
  COMBINEFUNC = credit.score_combine,
  FINALFUNC = credit.score_final, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = credit.score_transition, MINVFUNC = credit.score_inverse, MSTYPE = credit.score_state, MSSPACE = 256,
  MFINALFUNC = credit.score_final, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit.score(credit.rulebook, date, text, credit.severity, date, numeric, text) IS
  'Score of a subject on a day by a rulebook; a row whose item is NULL is no record; NULL without a row';

CREATE AGGREGATE credit.score_lines(book credit.rulebook, as_of date, item text, severity credit.severity, happened_on date, amount numeric, state text) (
  SFUNC = credit.score_lines_transition, STYPE = credit.score_state, SSPACE = 2048,
  COMBINEFUNC = credit.score_combine,
  FINALFUNC = credit.score_lines_final, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit.score_lines(credit.rulebook, date, text, credit.severity, date, numeric, text) IS
  'The lines of credit.score: base, each record with its points and the reason, bounds; their points add up to the score';

CREATE FUNCTION credit.grade(book credit.rulebook, points credit.points) RETURNS text
  AS 'MODULE_PATHNAME', 'score_grade' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.grade(credit.rulebook, credit.points) IS 'The grade that a score reaches in the scheme of a rulebook';
