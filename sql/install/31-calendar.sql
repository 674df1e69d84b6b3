-- calendar: working days by the calendar of a rulebook

CREATE FUNCTION credit.is_workday(book credit.rulebook, day date) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.is_workday(credit.rulebook, date) IS
  'Is it a working day, make-up days included? Outside the calendar an error (22008)';

CREATE FUNCTION credit.add_workdays(book credit.rulebook, day date, n int) RETURNS date
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.add_workdays(credit.rulebook, date, int) IS
  'The n-th working day strictly after a day, strictly before it if n is negative; 0: the day itself';

CREATE FUNCTION credit.workdays_between(book credit.rulebook, from_day date, to_day date) RETURNS int
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.workdays_between(credit.rulebook, date, date) IS
  'Working days after from_day up to and with to_day; backwards minus those from to_day up to the day before from_day';

CREATE FUNCTION credit.deadline(book credit.rulebook, deadline_id text, day date) RETURNS date
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.deadline(credit.rulebook, text, date) IS
  'Last day of a deadline of section objection that runs from a day (Civil Code arts 201 and 203)';
