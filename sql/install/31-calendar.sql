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

-- The calendar's next year.

CREATE FUNCTION credit.moved_calendar(book jsonb, years int) RETURNS credit.rulebook
  LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 100000
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- What expects an error outside the calendar tells where it ends.
  ended text[] := ARRAY(SELECT c.name FROM credit.run_rule_cases(book::credit.rulebook) c WHERE NOT c.ok AND c.expected = 'error 22008');
BEGIN
  IF ended = '{}' THEN
    RETURN book;
  END IF;
  RETURN jsonb_set(book, '{cases}', (
    SELECT jsonb_agg(CASE WHEN c ->> 'name' = ANY (ended) THEN jsonb_set(c, '{given}', c -> 'given' || (
             SELECT coalesce(jsonb_object_agg(g.key, (g.value::date + make_interval(years => moved_calendar.years))::date), '{}')
               FROM jsonb_each_text(c -> 'given') g WHERE g.key IN ('day', 'from_day', 'to_day'))) ELSE c END ORDER BY n)
      FROM jsonb_array_elements(book -> 'cases') WITH ORDINALITY AS e (c, n)));
END
$$;
COMMENT ON FUNCTION credit.moved_calendar(jsonb, int) IS
  'A rulebook whose calendar now ends years later: its cases about that end move along; for with_calendar_year() and with_plain_years()';

CREATE FUNCTION credit.calendar_of(book credit.rulebook) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  calendar jsonb := credit.jsonb(book) -> 'calendar';
BEGIN
  IF calendar IS NULL THEN
    RAISE EXCEPTION 'rulebook "%" has no calendar', credit.jsonb(book) ->> 'id' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Use a rulebook with a section "calendar".';
  END IF;
  RETURN calendar;
END
$$;
COMMENT ON FUNCTION credit.calendar_of(credit.rulebook) IS 'Section calendar of a rulebook; 55000 without one';

CREATE FUNCTION credit.with_calendar_year(book credit.rulebook, year int, notice text, off datemultirange, work date[] DEFAULT '{}') RETURNS credit.rulebook
  LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 100000
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  calendar jsonb := credit.calendar_of(book);
  ends date := calendar ->> 'to';
  entry jsonb;
BEGIN
  IF notice !~ '\S' OR lower_inf(off) OR upper_inf(off) OR EXISTS (SELECT FROM unnest(work) d WHERE d IS NULL) THEN
    RAISE EXCEPTION 'a year of the calendar has a notice, and days that are known' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Name the notice of the State Council that announces the days.';
  ELSIF year NOT BETWEEN 1800 AND 2199 THEN
    RAISE EXCEPTION 'a calendar has years from 1800 to 2199' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF jsonb_path_exists(calendar, '$.years[*].year ? (@ == $year)', jsonb_build_object('year', year)) THEN
    RAISE EXCEPTION 'the calendar has the year % already', year USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Where a later notice changed its days, change its entry in the JSON of the rulebook.';
  END IF;
  entry := jsonb_build_object('year', year, 'notice', notice,
    'off', (SELECT coalesce(jsonb_agg(to_char(lower(r), 'YYYY-MM-DD') || CASE WHEN upper(r) - lower(r) > 1 THEN to_char(upper(r) - 1, '"/"YYYY-MM-DD') ELSE '' END ORDER BY r), '[]')
              FROM unnest(off) r),
    'work', (SELECT coalesce(jsonb_agg(to_char(d, 'YYYY-MM-DD') ORDER BY d), '[]') FROM unnest(work) d));
  RETURN credit.moved_calendar(
    jsonb_set(credit.jsonb(book), '{calendar}', calendar || jsonb_build_object(
      'to', greatest(ends, make_date(year, 12, 31)),
      'years', (SELECT jsonb_agg(y ORDER BY (y ->> 'year')::int) FROM jsonb_array_elements(calendar -> 'years' || entry) y))),
    greatest(year - extract(year FROM ends)::int, 0));
END
$$;
COMMENT ON FUNCTION credit.with_calendar_year(credit.rulebook, int, text, datemultirange, date[]) IS
  'The rulebook with the next year of its calendar: days off and days worked in return as a notice announces them; its cases about the end of the calendar move along';

CREATE FUNCTION credit.with_plain_years(book credit.rulebook, last_year int) RETURNS credit.rulebook
  LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 100000
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  calendar jsonb := credit.calendar_of(book);
  ends date := calendar ->> 'to';
BEGIN
  IF last_year <= extract(year FROM ends) THEN
    RAISE EXCEPTION 'the calendar reaches the year % already', last_year USING ERRCODE = 'invalid_parameter_value';
  ELSIF last_year > 2199 THEN
    RAISE EXCEPTION 'a calendar has years from 1800 to 2199' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN credit.moved_calendar(
    jsonb_set(credit.jsonb(book), '{calendar}', jsonb_build_object('plain_from', extract(year FROM ends)::int + 1) || calendar
                                                || jsonb_build_object('to', make_date(last_year, 12, 31))),
    last_year - extract(year FROM ends)::int);
END
$$;
COMMENT ON FUNCTION credit.with_plain_years(credit.rulebook, int) IS
  'The rulebook with a calendar that goes on to the end of a year with plain weeks, for trials: guard_report() names it where it is in force';

CREATE FUNCTION credit.countable_until(book credit.rulebook, as_of date) RETURNS date
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  law jsonb := credit.jsonb(book);
  first date := law #>> '{calendar,from}';
  last date := law #>> '{calendar,to}';
  works int;
BEGIN
  IF last IS NULL THEN
    RETURN NULL;
  END IF;
  works := credit.is_workday(book, last)::int - credit.workdays_between(book, last, first);
  IF works = 0 THEN
    RETURN first - 1;
  END IF;
  IF NOT credit.is_workday(book, last) THEN
    last := credit.add_workdays(book, last, -1);
  END IF;
  RETURN (SELECT coalesce(min(CASE WHEN d.unit = 'day' OR d.days = 0 THEN last - d.days
                                   WHEN d.days > works THEN first - 1
                                   ELSE credit.add_workdays(book, last, 1 - d.days) - 1 END), last)
            FROM jsonb_to_recordset(law -> 'objection') d (days int, unit text, in_force jsonb)
           WHERE as_of BETWEEN (d.in_force ->> 'from')::date AND coalesce((d.in_force ->> 'to')::date, 'infinity'));
END
$$;
COMMENT ON FUNCTION credit.countable_until(credit.rulebook, date) IS
  'The last day from which each deadline that is in force on a day can be counted within the calendar; NULL without a calendar';

CREATE FUNCTION credit.calendars_that_end(ahead int DEFAULT 60) RETURNS TABLE (name text, in_force daterange, countable_until date, ends date)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.rulebook') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT b.name::text, b.in_force, c.until, (credit.jsonb(b.book) #>> '{calendar,to}')::date
      FROM credit_register.rulebook b, LATERAL (SELECT credit.countable_until(b.book, greatest(credit.today(), lower(b.in_force)))) c (until)
     WHERE b.in_force && daterange(credit.today(), credit.today() + ahead, '[]')
       AND c.until < least(upper(b.in_force) - 1, credit.today() + ahead);
END
$$;
COMMENT ON FUNCTION credit.calendars_that_end(int) IS
  'Rulebooks in force within so many days by whose calendar some deadline cannot be counted on a day of these; for guard_report() and duty_list()';
REVOKE ALL ON FUNCTION credit.calendars_that_end(int) FROM PUBLIC;

CREATE FUNCTION credit.guard_calendar() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- The days are those of a notice: nothing that could be run as it is.
  mend CONSTANT text := 'SELECT credit.end_rulebook(%1$L, %2$s); SELECT credit.adopt_rulebook(''…'', '
    'credit.with_calendar_year(credit.rulebook_on(%2$s), %3$s, notice => ''…'', off => ''{…}'', work => ''{…}''), daterange(%2$s + 1, %4$L));';
BEGIN
  IF to_regclass('credit_register.rulebook') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT 'calendar ends', format('rulebook %s', e.name),
           format('From %s on its longest deadline runs beyond %s: no case with such a deadline can be opened.',
                  to_char(e.countable_until + 1, 'YYYY-MM-DD'), to_char(e.ends, 'YYYY-MM-DD')),
           format(mend, e.name, d.last, extract(year FROM e.ends) + 1, upper(e.in_force))
      FROM credit.calendars_that_end() e, LATERAL (SELECT CASE WHEN lower(e.in_force) > credit.today() THEN format('date %L', lower(e.in_force)) ELSE 'credit.today()' END) d (last)
    UNION ALL
    SELECT 'plain weeks', format('rulebook %s', b.name),
           format('Days from %s on are plain weekends, not the published schedule: a deadline that reaches them is a guess.', y.first),
           format(mend, b.name, d.last, y.first, upper(b.in_force))
      FROM credit_register.rulebook b, LATERAL (SELECT credit.jsonb(b.book) -> 'calendar') k (calendar),
           LATERAL (SELECT CASE WHEN lower(b.in_force) > credit.today() THEN format('date %L', lower(b.in_force)) ELSE 'credit.today()' END) d (last),
           LATERAL (SELECT min(g.year) FROM generate_series(extract(year FROM greatest(lower(b.in_force), credit.today()))::int,
                                                            left(k.calendar ->> 'to', 4)::int) g (year)
                     WHERE NOT jsonb_path_exists(k.calendar, '$.years[*].year ? (@ == $year)', jsonb_build_object('year', g.year))) y (first)
     WHERE (upper_inf(b.in_force) OR upper(b.in_force) > credit.today()) AND y.first IS NOT NULL;
END
$$;
COMMENT ON FUNCTION credit.guard_calendar() IS 'Findings of guard_report() about calendars that end within 60 days, or go on without a schedule';
REVOKE ALL ON FUNCTION credit.guard_calendar() FROM PUBLIC;
