-- ---------------------------------------------------------------------------
-- coverage, lateness, scorecards
--
-- Four days tell what was late where: of the act (happened_on), of the decision
-- (document_date), of handing in (received_at), of filing (registered_at).
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.overseen_providers() RETURNS SETOF text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM credit.grants() g WHERE g.duty IN ('credit_admin', 'credit_provider', 'credit_reviewer', 'credit_auditor')) THEN
    RAISE EXCEPTION 'no mandate to look at collection' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  RETURN QUERY SELECT p.provider FROM credit_register.provider p
    WHERE credit.may_see(credit.duty_mask('{credit_admin,credit_provider,credit_reviewer,credit_auditor}'), p.division, p.provider, false);
END
$$;
COMMENT ON FUNCTION credit.overseen_providers() IS 'Providers that the mandates of this transaction reach; 42501 without any';
REVOKE ALL ON FUNCTION credit.overseen_providers() FROM PUBLIC;

CREATE FUNCTION credit.month_of(day date) RETURNS date
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  -- Timestamps end before dates do; infinity has no month.
  RETURN coalesce(day OPERATOR(pg_catalog.-) EXTRACT(day FROM day)::int OPERATOR(pg_catalog.+) 1, day);
COMMENT ON FUNCTION credit.month_of(date) IS 'The first day of the month of a day';

CREATE FUNCTION credit.month_asked(day date) RETURNS date
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF day IS NULL OR day NOT BETWEEN '1800-01-01' AND '2199-12-31' THEN
    RAISE EXCEPTION 'a month is missing, or out of range' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass any day of the month, in the years 1800 to 2199.';
  END IF;
  RETURN credit.month_of(day);
END
$$;
COMMENT ON FUNCTION credit.month_asked(date) IS 'The first day of the month that a caller names by a day; 22023 if there is none, or outside the years of the calendar';

CREATE FUNCTION credit.day_of(at timestamptz) RETURNS date
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  RETURN (at AT TIME ZONE 'Asia/Shanghai')::date;
COMMENT ON FUNCTION credit.day_of(timestamptz) IS 'The day of a moment in Asia/Shanghai, whatever the session''s time zone';

CREATE FUNCTION credit.nil_return(provider text, item text, month date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first_day date := credit.month_asked(month);
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.provider p JOIN credit_register.duty_item d ON d.provider = p.provider
                  WHERE p.provider = nil_return.provider AND d.item = nil_return.item
                    AND d.owed && daterange(first_day, (first_day + interval '1 month')::date)
                    AND credit.may_hand_in(p.provider, p.division)) THEN
    RAISE EXCEPTION 'this provider does not owe this item in that month' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit_register.duty_item lists what is owed.';
  END IF;
  IF first_day + interval '1 month' > credit.today() THEN
    RAISE EXCEPTION 'the month is not over' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'That there was nothing is said from the first day of the next month on.';
  END IF;
  IF EXISTS (SELECT FROM credit_register.record r WHERE r.provider = nil_return.provider AND r.item = nil_return.item
              AND credit.month_of(r.document_date) = first_day) THEN
    RAISE EXCEPTION 'records of this month were filed' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'A nil return is for a month without any; credit.coverage() counts them.';
  END IF;
  INSERT INTO credit_register.nil_return (provider, item, month, person)
    VALUES (nil_return.provider, nil_return.item, first_day, credit.person()) ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.nil_return(text, text, date) IS
  'Definer, as departments do not write returns by hand: says that there was nothing to report in a month that is over';
REVOKE ALL ON FUNCTION credit.nil_return(text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.coverage(month date) RETURNS TABLE (provider text, item text, state text, records bigint, last_received timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 200
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Looked at even where nothing is owed.
  first_day date := credit.month_asked(month);
BEGIN
  RETURN QUERY
  WITH filed AS (
    SELECT r.provider, r.item, count(*) AS records, max(r.received_at) AS last_received
      FROM credit_register.record r
     WHERE r.document_date >= first_day
       AND r.document_date < first_day + interval '1 month'
     GROUP BY r.provider, r.item
  )
  SELECT d.provider, d.item,
         CASE WHEN f.records > 0 THEN 'filed' WHEN n.provider IS NOT NULL THEN 'nil' ELSE 'missing' END,
         coalesce(f.records, 0), f.last_received
    FROM credit_register.duty_item d
    JOIN credit.overseen_providers() o (provider) ON o.provider = d.provider
    LEFT JOIN filed f ON f.provider = d.provider AND f.item = d.item
    LEFT JOIN credit_register.nil_return n ON n.provider = d.provider AND n.item = d.item AND n.month = first_day
   WHERE d.owed && daterange(first_day, (first_day + interval '1 month')::date)
   ORDER BY d.provider, d.item;
END
$$;
COMMENT ON FUNCTION credit.coverage(date) IS
  'Definer, as overseers do not read all records: what each provider owed for a month, by the day of the document: filed, nil or missing';
REVOKE ALL ON FUNCTION credit.coverage(date) FROM PUBLIC;

CREATE FUNCTION credit.late_records(month date)
RETURNS TABLE (provider text, item text, record uuid, happened_on date, document_date date, received_on date, registered_on date, due_on date, days_late int)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 1000
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.provider, r.item, r.record, r.happened_on, r.document_date, credit.day_of(r.received_at), credit.day_of(r.registered_at),
         r.document_date + c.fresh_days, credit.day_of(r.received_at) - r.document_date - c.fresh_days
    FROM credit_register.record r
    JOIN credit.catalogue(credit.rulebook_on(credit.today())) c ON c.item = r.item
    JOIN credit.overseen_providers() o (provider) ON o.provider = r.provider
   WHERE r.received_at >= credit.month_asked(late_records.month)::timestamp AT TIME ZONE 'Asia/Shanghai'
     AND r.received_at < (credit.month_asked(late_records.month) + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
     AND credit.day_of(r.received_at) > r.document_date + c.fresh_days
   ORDER BY r.provider, r.item, r.document_date, r.record;
$$;
COMMENT ON FUNCTION credit.late_records(date) IS
  'Definer, as overseers do not read all records: those handed in in a month later than the item''s fresh_days allow, on the four days that tell it';
REVOKE ALL ON FUNCTION credit.late_records(date) FROM PUBLIC;

CREATE FUNCTION credit.provider_scorecard(month date)
RETURNS TABLE (provider text, batches bigint, read_rows bigint, filed_rows bigint, already_there bigint, held_rows bigint, corrected_rows bigint,
               discarded_rows bigint, still_held bigint, error_rate numeric, timed bigint, late bigint, on_time numeric, owed bigint, missing bigint)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 50
  SET search_path = pg_catalog, pg_temp AS $$
  WITH span AS (
    SELECT credit.month_asked(provider_scorecard.month)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since,
           (credit.month_asked(provider_scorecard.month) + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS until
  ), handed AS (
    SELECT b.provider, count(*) AS batches, sum(b.read_rows) AS read_rows, sum(b.filed_rows) AS filed_rows, sum(b.there_rows) AS there_rows,
           sum(b.held_rows) AS held_rows, sum(b.corrected_rows) AS corrected_rows, sum(b.discarded_rows) AS discarded_rows,
           sum((SELECT count(*) FROM credit_register.batch_row w WHERE w.batch = b.batch AND w.held)) AS still_held
      FROM credit_register.batch b, span s
     WHERE b.received_at >= s.since AND b.received_at < s.until
     GROUP BY b.provider
  ), timed AS (
    SELECT r.provider, count(*) AS timed, count(*) FILTER (WHERE credit.day_of(r.received_at) > r.document_date + c.fresh_days) AS late
      FROM span s, credit_register.record r
      JOIN credit.catalogue(credit.rulebook_on(credit.today())) c ON c.item = r.item AND c.fresh_days IS NOT NULL
     WHERE r.received_at >= s.since AND r.received_at < s.until
     GROUP BY r.provider
  ), covered AS (
    SELECT c.provider, count(*) AS owed, count(*) FILTER (WHERE c.state = 'missing') AS missing
      FROM credit.coverage(provider_scorecard.month) c GROUP BY c.provider
  )
  SELECT o.provider, coalesce(h.batches, 0), coalesce(h.read_rows, 0)::bigint, coalesce(h.filed_rows, 0)::bigint, coalesce(h.there_rows, 0)::bigint,
         coalesce(h.held_rows, 0)::bigint, coalesce(h.corrected_rows, 0)::bigint, coalesce(h.discarded_rows, 0)::bigint, coalesce(h.still_held, 0)::bigint,
         round(h.held_rows / nullif(h.read_rows, 0), 4), coalesce(t.timed, 0), coalesce(t.late, 0),
         round((t.timed - t.late) / nullif(t.timed, 0)::numeric, 4), coalesce(c.owed, 0), coalesce(c.missing, 0)
    FROM credit.overseen_providers() o (provider)
    LEFT JOIN handed h ON h.provider = o.provider
    LEFT JOIN timed t ON t.provider = o.provider
    LEFT JOIN covered c ON c.provider = o.provider
   ORDER BY o.provider;
$$;
COMMENT ON FUNCTION credit.provider_scorecard(date) IS
  'Definer, as overseers do not read all records: of each provider, what a month''s batches were worth, how much of it was in time, what it owes';
REVOKE ALL ON FUNCTION credit.provider_scorecard(date) FROM PUBLIC;
