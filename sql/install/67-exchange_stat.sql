-- ---------------------------------------------------------------------------
-- exchange, numbers: areas, months, queues, uses
-- ---------------------------------------------------------------------------

-- Which rows of a table of persons by area and class are withheld.  The first
-- digits of an area are its parent.  A row with a class of 1 to k - 1 persons is
-- small.  It is withheld in all its classes, together with as many of its
-- siblings, the least first, as make two rows whose sums by class are 0 or at
-- least k: then every withheld number has a partner in its row and in its
-- column, and no difference of what is published gives one of them.  A parent
-- that is withheld as such a sibling withholds two of its children, too.  Totals
-- of less than k go the same way.
CREATE FUNCTION credit.withhold_level(counts jsonb, min_cell int, hidden_parents text[], hidden_totals text[], forced jsonb)
  RETURNS TABLE (area text, hidden bool, total_hidden bool)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH cell AS (
    SELECT c ->> 'area' AS area, c ->> 'parent' AS parent, (c ->> 'good')::bigint AS good, (c ->> 'neutral')::bigint AS neutral, (c ->> 'bad')::bigint AS bad,
           coalesce((forced #>> ARRAY[c ->> 'area', 'hidden'])::bool, false) AS forced, coalesce((forced #>> ARRAY[c ->> 'area', 'total'])::bool, false) AS forced_total
      FROM jsonb_array_elements(counts) c
  ), small AS (
    SELECT x.*, x.good + x.neutral + x.bad AS total,
           x.forced OR x.good BETWEEN 1 AND min_cell - 1 OR x.neutral BETWEEN 1 AND min_cell - 1 OR x.bad BETWEEN 1 AND min_cell - 1 AS is_small,
           x.forced_total OR x.good + x.neutral + x.bad BETWEEN 1 AND min_cell - 1 AS is_small_total
      FROM cell x WHERE x.good + x.neutral + x.bad > 0
  ), summed AS (
    SELECT m.*, row_number() OVER w AS n, sum(m.good) OVER w AS goods, sum(m.neutral) OVER w AS neutrals, sum(m.bad) OVER w AS bads,
           count(*) FILTER (WHERE m.is_small) OVER (PARTITION BY m.parent) AS smalls,
           row_number() OVER t AS nt, sum(m.total) OVER t AS totals, count(*) FILTER (WHERE m.is_small_total) OVER (PARTITION BY m.parent) AS small_totals,
           count(*) OVER (PARTITION BY m.parent) AS siblings
      FROM small m
    WINDOW w AS (PARTITION BY m.parent ORDER BY NOT m.is_small, m.total, m.area),
           t AS (PARTITION BY m.parent ORDER BY NOT m.is_small_total, m.total, m.area)
  ), reach AS (
    SELECT s.parent, s.siblings,
           CASE WHEN s.smalls > 0 OR s.parent = ANY (hidden_parents) THEN
             coalesce(min(s.n) FILTER (WHERE s.n >= greatest(s.smalls, 2) AND (s.goods = 0 OR s.goods >= min_cell)
                                         AND (s.neutrals = 0 OR s.neutrals >= min_cell) AND (s.bads = 0 OR s.bads >= min_cell)), s.siblings) ELSE 0 END AS upto,
           CASE WHEN s.small_totals > 0 OR s.parent = ANY (hidden_totals) THEN
             coalesce(min(s.nt) FILTER (WHERE s.nt >= greatest(s.small_totals, 2) AND s.totals >= min_cell), s.siblings) ELSE 0 END AS upto_totals
      FROM summed s GROUP BY s.parent, s.siblings, s.smalls, s.small_totals
  )
  SELECT s.area, s.n <= r.upto OR s.nt <= r.upto_totals, s.nt <= r.upto_totals
    FROM summed s JOIN reach r ON r.parent = s.parent;
$$;
COMMENT ON FUNCTION credit.withhold_level(jsonb, int, text[], text[], jsonb) IS 'Of withhold(): the areas of one level, when those of the level above are known';
REVOKE ALL ON FUNCTION credit.withhold_level(jsonb, int, text[], text[], jsonb) FROM PUBLIC;

CREATE FUNCTION credit.withhold(counts jsonb, level int, min_cell int, forced jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digits int;
  hidden_rows text[] := '{}';
  hidden_totals text[] := '{}';
  answer jsonb := '{}';
BEGIN
  FOREACH digits IN ARRAY '{2,4,6,9,12}'::int[] LOOP
    EXIT WHEN digits > level;
    SELECT coalesce(array_agg(w.area) FILTER (WHERE w.hidden), '{}'), coalesce(array_agg(w.area) FILTER (WHERE w.total_hidden), '{}'),
           answer || coalesce(jsonb_object_agg(w.area, jsonb_build_object('hidden', w.hidden, 'total', w.total_hidden)), '{}')
      INTO hidden_rows, hidden_totals, answer
      FROM credit.withhold_level(
        (SELECT jsonb_agg(to_jsonb(a)) FROM (
           SELECT left(c ->> 'area', digits) AS area, left(c ->> 'area', CASE digits WHEN 2 THEN 0 WHEN 9 THEN 6 WHEN 12 THEN 9 ELSE digits - 2 END) AS parent,
                  sum((c ->> 'good')::bigint) AS good, sum((c ->> 'neutral')::bigint) AS neutral, sum((c ->> 'bad')::bigint) AS bad
             FROM jsonb_array_elements(counts) c GROUP BY 1, 2) a), min_cell, hidden_rows, hidden_totals, forced) w;
  END LOOP;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION credit.withhold(jsonb, int, int, jsonb) IS
  'Of a table of persons by area (good, neutral, bad): which rows and totals are withheld, level by level down to one of so many digits; what is forced is withheld in any case';
REVOKE ALL ON FUNCTION credit.withhold(jsonb, int, int, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.area_stats(level text, month date, min_cell int DEFAULT 10)
  RETURNS TABLE (area text, name text, good bigint, neutral bigint, bad bigint, total bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digits int := CASE level WHEN 'province' THEN 2 WHEN 'prefecture' THEN 4 WHEN 'county' THEN 6 WHEN 'town' THEN 9 WHEN 'village' THEN 12 END;
  least_cell CONSTANT int := 5;
  first_day date;
  counts jsonb;
  marks jsonb;
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  first_day := credit.month_asked(month);
  IF digits IS NULL OR min_cell IS NULL OR min_cell < least_cell THEN
    RAISE EXCEPTION 'statistics take a level (province, prefecture, county, town, village) and cells of at least %', least_cell
      USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT * FROM credit.area_stats(''county'', date_trunc(''month'', credit.today())::date);';
  END IF;
  -- Each person once: by the worst of his records of the month, so that classes add up.
  SELECT coalesce(jsonb_agg(to_jsonb(a)), '[]') INTO counts FROM (
    SELECT p.division AS area, count(*) FILTER (WHERE p.class = 0) AS good, count(*) FILTER (WHERE p.class = 1) AS neutral, count(*) FILTER (WHERE p.class = 2) AS bad
      FROM (SELECT r.subject, min(s.division) AS division, max(CASE r.stance WHEN 'bad' THEN 2 WHEN 'neutral' THEN 1 ELSE 0 END) AS class
              FROM credit_register.shown_record r JOIN credit_register.subject s ON s.subject = r.subject
             WHERE r.document_date >= first_day AND r.document_date < (first_day + interval '1 month')::date
               AND s.kind !~ 'organisation$'
             GROUP BY r.subject) p
     GROUP BY p.division) a;
  -- Whatever cell size is asked for, what the least one withholds stays withheld: two answers must not make a third.
  marks := credit.withhold(counts, digits, min_cell, credit.withhold(counts, digits, least_cell));
  RETURN QUERY
    SELECT t.area, CASE WHEN t.area ~ '^\d+$' THEN credit.division_full_name(left(rpad(t.area, 6, '0'), 6), credit.today()) END,
           CASE WHEN NOT t.hidden THEN t.good END, CASE WHEN NOT t.hidden THEN t.neutral END, CASE WHEN NOT t.hidden THEN t.bad END,
           CASE WHEN NOT t.total_hidden THEN t.good + t.neutral + t.bad END
      FROM (SELECT left(c ->> 'area', digits) AS area, sum((c ->> 'good')::bigint)::bigint AS good, sum((c ->> 'neutral')::bigint)::bigint AS neutral,
                   sum((c ->> 'bad')::bigint)::bigint AS bad,
                   coalesce((marks #>> ARRAY[left(c ->> 'area', digits), 'hidden'])::bool, false) AS hidden,
                   coalesce((marks #>> ARRAY[left(c ->> 'area', digits), 'total'])::bool, false) AS total_hidden
              FROM jsonb_array_elements(counts) c GROUP BY 1) t
     ORDER BY t.area;
END
$$;
COMMENT ON FUNCTION credit.area_stats(text, date, int) IS
  'Definer, as it counts over all subjects: persons of an area by the worst of their records of a month that are shown; small numbers, and what would give them away, are NULL';
REVOKE ALL ON FUNCTION credit.area_stats(text, date, int) FROM PUBLIC;

CREATE FUNCTION credit.month_range(month date) RETURNS tstzrange
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT tstzrange(m.first_day::timestamp AT TIME ZONE 'Asia/Shanghai', (m.first_day + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
    FROM (SELECT credit.month_asked(month) AS first_day) m;
$$;
COMMENT ON FUNCTION credit.month_range(date) IS 'The moments of the month of a day, in Asia/Shanghai';

CREATE FUNCTION credit.monthly_assessment(month date)
  RETURNS TABLE (provider text, name text, filed bigint, median_days int, corrected bigint, stopped bigint, upheld bigint,
                 tasks_due bigint, tasks_in_time bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  span tstzrange;
  cases jsonb := '{}';
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  span := credit.month_range(month);
  -- Only what does not change any more: the same month gives the same answer on any day.
  IF to_regclass('credit_register.case_file') IS NOT NULL THEN
    -- What was decided about records; what their receivers are told has other reasons, too.
    EXECUTE $q$SELECT coalesce(jsonb_object_agg(x.provider, to_jsonb(x)), '{}') FROM (
                 SELECT c.provider, count(*) FILTER (WHERE c.state = 'upheld') AS upheld, count(DISTINCT c.record) FILTER (WHERE c.outcome ? 'corrected') AS corrected,
                        count(DISTINCT c.record) FILTER (WHERE c.outcome ? 'withdrawn' OR c.kind = 'repair' AND c.state = 'granted') AS stopped
                   FROM credit_register.case_file c WHERE c.decided_at <@ $1 GROUP BY c.provider) x$q$ INTO cases USING span;
  END IF;
  RETURN QUERY
    SELECT v.provider, v.name, coalesce(f.n, 0), f.days, coalesce((cases #>> ARRAY[v.provider, 'corrected'])::bigint, 0),
           coalesce((cases #>> ARRAY[v.provider, 'stopped'])::bigint, 0), coalesce((cases #>> ARRAY[v.provider, 'upheld'])::bigint, 0), coalesce(t.due, 0), coalesce(t.in_time, 0)
      FROM credit_register.provider v
      LEFT JOIN (SELECT r.provider, count(*) AS n,
                        (percentile_disc(0.5) WITHIN GROUP (ORDER BY (r.registered_at AT TIME ZONE 'Asia/Shanghai')::date - r.document_date))::int AS days
                   FROM credit_register.record r WHERE r.registered_at <@ span GROUP BY r.provider) f ON f.provider = v.provider
      LEFT JOIN (SELECT k.provider, count(*) AS due, count(*) FILTER (WHERE k.feedback_on <= k.feedback_due) AS in_time
                   FROM credit_register.measure_task k
                  WHERE k.feedback_due >= date_trunc('month', month)::date AND k.feedback_due < (date_trunc('month', month) + interval '1 month')::date
                  GROUP BY k.provider) t ON t.provider = v.provider
     ORDER BY v.provider;
END
$$;
COMMENT ON FUNCTION credit.monthly_assessment(date) IS
  'Definer, as it counts over all subjects: per provider what it filed in a month, how late, of how many records it was decided to correct or to stop them (repaired, withdrawn), cases upheld, feedback on measures';
REVOKE ALL ON FUNCTION credit.monthly_assessment(date) FROM PUBLIC;

CREATE FUNCTION credit.duty_list() RETURNS TABLE (duty text, owner text, what text, count bigint, due date, overdue bool)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  cases text := 'SELECT NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::date WHERE false';
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_reviewer,credit_publisher}');
  IF to_regclass('credit_register.case_file') IS NOT NULL THEN
    cases := $q$SELECT 'credit_reviewer', c.division, 'case: ' || c.kind, count(*), min(c.due)
                  FROM credit_register.case_file c WHERE c.closed_at IS NULL GROUP BY c.division, c.kind$q$;
  END IF;
  -- By hand, or in the very moment of the merge: who looks in the survivor's file does not find them.
  IF to_regclass('credit_register.subject_link') IS NOT NULL THEN
    cases := cases || $q$
    UNION ALL
    SELECT 'credit_reviewer', s.division, 'records and cases under a merged number, to be sent after it by credit.follow_link()', count(*), NULL::date
      FROM credit_register.subject_link l
      JOIN (SELECT r.subject FROM credit_register.record r WHERE r.state <> 'archived' UNION ALL SELECT c.subject FROM credit_register.case_file c WHERE c.record IS NULL) x ON x.subject = l.subject
      JOIN credit_register.subject s ON s.subject = l.subject
     WHERE l.kind = 'merged_into' AND l.undone_at IS NULL GROUP BY s.division$q$;
  END IF;
  RETURN QUERY EXECUTE format($q$
    SELECT q.duty, q.owner, q.what, q.count, q.due, q.due < credit.today() FROM (
      SELECT 'credit_reviewer' AS duty, NULL::text AS owner, 'inquiries to approve' AS what, count(*) AS count,
             min((i.opened_at AT TIME ZONE 'Asia/Shanghai')::date) AS due
        FROM credit_register.inquiry i WHERE i.state = 'pending' AND i.expires_at >= clock_timestamp()
      UNION ALL
      SELECT 'credit_reviewer', NULL, 'break-glass inquiries to judge', count(*), min((i.review_due AT TIME ZONE 'Asia/Shanghai')::date)
        FROM credit_register.inquiry i WHERE i.review_due IS NOT NULL AND i.reviewed_at IS NULL
      UNION ALL
      SELECT 'credit_provider', t.provider, 'feedback on measures', count(*), min(t.feedback_due)
        FROM credit_register.measure_task t WHERE t.state = 'open' GROUP BY t.provider
      UNION ALL
      SELECT 'credit_publisher', d.receiver, 'deliveries to send: ' || d.kind, count(*), min((d.queued_at AT TIME ZONE 'Asia/Shanghai')::date) + 1
        FROM credit_register.delivery d WHERE d.acknowledged_at IS NULL GROUP BY d.receiver, d.kind
      UNION ALL
      SELECT 'credit_publisher', s.receiver, 'subscriptions that end within 30 days', count(*), min(upper(s.valid)) - 1
        FROM credit_register.subscription s WHERE upper(s.valid) - 1 BETWEEN credit.today() AND credit.today() + 30 GROUP BY s.receiver
      UNION ALL
      SELECT 'credit_admin', NULL, 'next year of the calendar', count(*), min(e.countable_until) FROM credit.calendars_that_end() e
      UNION ALL %s) q (duty, owner, what, count, due)
     WHERE q.count > 0 ORDER BY q.due, q.duty, q.owner, q.what$q$, cases);
END
$$;
COMMENT ON FUNCTION credit.duty_list() IS
  'Definer, as it counts over all subjects: who owes what until when, from the queues as they are; nothing is entered here, so nothing is forgotten';
REVOKE ALL ON FUNCTION credit.duty_list() FROM PUBLIC;

CREATE FUNCTION credit.usage_report(month date) RETURNS TABLE (kind text, who text, purpose text, uses bigint, refused bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  span tstzrange;
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  span := credit.month_range(month);
  RETURN QUERY
    SELECT 'inquiry', coalesce(i.provider, i.application), i.purpose, count(*), count(*) FILTER (WHERE i.state = 'refused')
      FROM credit_register.inquiry i WHERE i.opened_at <@ span GROUP BY 2, 3
    UNION ALL
    SELECT 'delivery', d.receiver, coalesce(d.purpose, d.kind), count(*), 0::bigint
      FROM credit_register.delivery d WHERE d.queued_at <@ span GROUP BY 2, 3
    ORDER BY 1, 2, 3;
END
$$;
COMMENT ON FUNCTION credit.usage_report(date) IS
  'Definer, as it counts over all subjects: inquiries and deliveries of a month by who used them and for which purpose; of offices, not of persons';
REVOKE ALL ON FUNCTION credit.usage_report(date) FROM PUBLIC;
