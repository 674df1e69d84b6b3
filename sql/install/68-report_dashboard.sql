-- ---------------------------------------------------------------------------
-- the county's page
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.dashboard_cell(n bigint, min_cell int) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN n OPERATOR(pg_catalog.=) 0 OR n OPERATOR(pg_catalog.>=) min_cell THEN n END;
COMMENT ON FUNCTION credit.dashboard_cell(bigint, int) IS 'A number of persons'' records that may be shown, NULL where it is small';

CREATE FUNCTION credit.dashboard_months(first_month date, months int, counted jsonb, min_cell int) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_agg(jsonb_build_object('label', to_char(m, 'YYYY-MM'),
           'count', credit.dashboard_cell(coalesce((counted ->> to_char(m, 'YYYY-MM'))::bigint, 0), min_cell)) ORDER BY m)
    FROM generate_series(first_month::timestamp, first_month + make_interval(months => months - 1), interval '1 month') m;
$$;
COMMENT ON FUNCTION credit.dashboard_months(date, int, jsonb, int) IS 'Counts by month with every month there, small ones withheld; for dashboard() alone';
REVOKE ALL ON FUNCTION credit.dashboard_months(date, int, jsonb, int) FROM PUBLIC;

CREATE FUNCTION credit.dashboard(min_cell int DEFAULT 10) RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  book credit.rulebook;
  this_month date := date_trunc('month', credit.today());
  counted jsonb;
  sections jsonb := '[]';
  shown bigint;
BEGIN
  IF NOT (credit.has_duty('credit_admin') OR credit.has_duty('credit_auditor') OR credit.has_duty('credit_analyst')
          OR credit.has_duty('credit_reviewer')) THEN
    RAISE EXCEPTION 'the dashboard is for admins, auditors, analysts and reviewers' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  IF min_cell IS NULL OR min_cell < 3 THEN
    RAISE EXCEPTION 'cells below 3 single persons out' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  book := credit.rulebook_on(credit.today());
  SELECT coalesce(jsonb_object_agg(m.month, m.n), '{}') INTO counted
    FROM (SELECT to_char(r.registered_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month, count(*) AS n FROM credit_register.record r
           WHERE r.registered_at >= (this_month - interval '11 months') AT TIME ZONE 'Asia/Shanghai' GROUP BY 1) m;
  sections := sections || jsonb_build_object('section', 'intake', 'rows', credit.dashboard_months((this_month - interval '11 months')::date, 12, counted, min_cell));
  -- Providers are offices, not persons: their number is never small.
  SELECT jsonb_build_array(jsonb_build_object('label', 'reported', 'count', count(*) FILTER (WHERE p.reported)),
                           jsonb_build_object('label', 'silent', 'count', count(*) FILTER (WHERE NOT p.reported))) INTO counted
    FROM (SELECT EXISTS (SELECT FROM credit_register.record r WHERE r.provider = v.provider
                            AND r.registered_at >= (this_month - interval '2 months') AT TIME ZONE 'Asia/Shanghai') AS reported
            FROM credit_register.provider v) p;
  sections := sections || jsonb_build_object('section', 'coverage', 'rows', counted);
  IF to_regclass('credit_register.case_file') IS NOT NULL THEN
    EXECUTE $q$SELECT jsonb_build_array(jsonb_build_object('label', 'in_time', 'count', credit.dashboard_cell(count(*) FILTER (WHERE c.due >= credit.today()), $1)),
                                        jsonb_build_object('label', 'overdue', 'count', credit.dashboard_cell(count(*) FILTER (WHERE c.due < credit.today()), $1)))
                 FROM credit_register.case_file c WHERE c.closed_at IS NULL$q$
      INTO counted USING min_cell;
    sections := sections || jsonb_build_object('section', 'cases', 'rows', counted);
  END IF;
  SELECT coalesce(jsonb_object_agg(m.month, m.n) FILTER (WHERE m.month < to_char(this_month + interval '12 months', 'YYYY-MM')), '{}'), coalesce(sum(m.n), 0) INTO counted, shown
    FROM (SELECT coalesce(to_char(upper(d.period) - 1, 'YYYY-MM'), '9999') AS month, count(*) AS n
            FROM credit_register.shown_record r,
                 LATERAL credit.display_period(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from) d (period)
           GROUP BY 1) m;
  sections := sections || jsonb_build_object('section', 'ends', 'rows', credit.dashboard_months(this_month, 12, counted, min_cell));
  SELECT coalesce(jsonb_agg(jsonb_build_object('label', q.name, 'count', credit.dashboard_cell(q.n, min_cell)) ORDER BY q.n DESC, q.name), '[]') INTO counted
    FROM (SELECT u.name, count(i.inquiry) AS n FROM credit_register.purpose u
            LEFT JOIN credit_register.inquiry i ON i.purpose = u.purpose AND i.opened_at > statement_timestamp() - interval '30 days'
           GROUP BY u.name) q;
  sections := sections || jsonb_build_object('section', 'inquiries', 'rows', counted);
  RETURN jsonb_build_object('format', 1, 'day', credit.today(), 'min_cell', min_cell, 'sections', sections,
    'figures', jsonb_build_array(
      jsonb_build_object('label', 'subjects', 'count', credit.dashboard_cell((SELECT count(*) FROM credit_register.subject), min_cell)),
      jsonb_build_object('label', 'shown_now', 'count', credit.dashboard_cell(shown, min_cell))));
END
$$;
COMMENT ON FUNCTION credit.dashboard(int) IS
  'Definer, as it counts over all subjects: intake, coverage, cases, display ends ahead, inquiries by purpose; counts of persons'' records below min_cell are NULL';
REVOKE ALL ON FUNCTION credit.dashboard(int) FROM PUBLIC;

CREATE FUNCTION credit.dashboard_page(dashboard jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS MATERIALIZED (SELECT credit.html_words(language) AS w, format('< %s', d.dashboard ->> 'min_cell') AS small, d.dashboard
                               FROM (SELECT credit.checked_dashboard(dashboard)) AS d (dashboard))
  SELECT credit.html_page(w ->> 'county', language, format('<main><header><h1>%s</h1><p>%s</p></header>'
    || '<section><ul class="figures">%s</ul></section>%s</main><footer class="foot"><p>%s</p></footer>',
    w ->> 'county', credit.html_plain(dashboard ->> 'day'),
    (SELECT string_agg(format('<li><b>%s</b><span>%s</span></li>',
              credit.html_plain(coalesce(to_char((f ->> 'count')::bigint, 'FM999,999,999,999'), small)), credit.html_plain(w ->> (f ->> 'label'))), '')
       FROM jsonb_array_elements(dashboard -> 'figures') f),
    (SELECT string_agg(format('<section><h2>%s</h2><p class="say">%s</p><ol class="rows bars">%s</ol></section>',
              credit.html_plain(w ->> (s ->> 'section')), credit.html_plain(coalesce(w ->> ((s ->> 'section') || '_say'), '')),
              (SELECT string_agg(format('<li><span class="label">%1$s</span><svg height="28" role="img" aria-label="%2$s: %3$s"><title>%2$s: %3$s</title>'
                        || '<line class="track" x1="0" x2="82%%" y1="14" y2="14"/><svg width="82%%" height="28"><rect class="past" x="0" y="9" width="%4$s" height="10"/></svg>'
                        || '<text class="strong" x="100%%" y="18" text-anchor="end">%3$s</text></svg></li>',
                        credit.html_text(coalesce(w ->> (r ->> 'label'), r ->> 'label')), credit.html_plain(coalesce(w ->> (r ->> 'label'), r ->> 'label')),
                        credit.html_plain(coalesce(to_char((r ->> 'count')::bigint, 'FM999,999,999,999'), small)),
                        credit.html_share(coalesce((r ->> 'count')::numeric, 0),
                          (SELECT max((x ->> 'count')::numeric) FROM jsonb_array_elements(s -> 'rows') x))), '' ORDER BY n)
                 FROM jsonb_array_elements(s -> 'rows') WITH ORDINALITY y (r, n))), E'\n' ORDER BY place)
       FROM jsonb_array_elements(dashboard -> 'sections') WITH ORDINALITY e (s, place)),
    replace(w ->> 'suppressed', '{k}', credit.html_plain(dashboard ->> 'min_cell'))))
  FROM word;
$$;
COMMENT ON FUNCTION credit.dashboard_page(jsonb, text) IS 'A dashboard as a page of its own; 22023 for what is none; for dashboard_html() alone';

CREATE FUNCTION credit.dashboard_html(language text DEFAULT 'zh', min_cell int DEFAULT 10) RETURNS text
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT credit.dashboard_page(credit.dashboard(min_cell), language);
$$;
COMMENT ON FUNCTION credit.dashboard_html(text, int) IS 'The county''s page: credit.dashboard() as a page that stands alone, language zh or en';
REVOKE ALL ON FUNCTION credit.dashboard_html(text, int) FROM PUBLIC;
