-- ---------------------------------------------------------------------------
-- report: what a person's file says today, as JSON and as a page
--
-- A report carries records, never a score (E7), and ends with a watermark that
-- leads from a leaked copy to the inquiry that drew it.  Only the person's own
-- copy has the score, with its lines.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_report() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ALTER TABLE credit_register.purpose ADD COLUMN IF NOT EXISTS items text[], ADD COLUMN IF NOT EXISTS categories text[];
  CREATE TABLE IF NOT EXISTS credit_register.report_kind (
    kind text COLLATE "C" PRIMARY KEY CHECK (kind ~ '^[a-z]+$' AND kind <> 'own'),
    zh text NOT NULL,
    en text NOT NULL,
    organisations bool,
    categories text[]
  );
  INSERT INTO credit_register.report_kind (kind, zh, en, organisations, categories) VALUES
    ('general', '公共信用信息报告', 'Public credit information report', NULL, NULL),
    ('occupational', '职业信用报告', 'Occupational credit report', false,
     '{identity_base,qualification,commendation,administrative_penalty,other}'),
    ('organisation', '单位公共信用信息报告', 'Public credit information report of an organisation', true, NULL)
    ON CONFLICT DO NOTHING;
  PERFORM credit.comment_tables(
$comments$purpose.items|Items of the catalogue that a report for it shows, besides those of the categories; both NULL: all
purpose.categories|Categories of the catalogue that a report for it shows; "other" is what has none
report_kind|Kinds of reports, and what each shows
report_kind.kind|Short name
report_kind.zh|Title in Chinese
report_kind.en|Title in English
report_kind.organisations|Of organisations (true), of persons (false), of both (NULL)
report_kind.categories|Categories that it shows; NULL: all$comments$);
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES ('report_kind', 'reference', 'report')
    ON CONFLICT DO NOTHING;
  PERFORM credit.make_policies('credit_register.report_kind', 'true', NULL);
  GRANT SELECT ON credit_register.report_kind TO credit_admin, credit_provider, credit_window, credit_reviewer,
    credit_publisher, credit_auditor, credit_analyst;
  GRANT EXECUTE ON FUNCTION credit.report(uuid, text, text) TO credit_window, credit_provider, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.my_report() TO credit_citizen;
  GRANT EXECUTE ON FUNCTION credit.leak_trace(text) TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.dashboard(int), credit.dashboard_html(text, int)
    TO credit_admin, credit_auditor, credit_analyst, credit_reviewer;
END
$$;
COMMENT ON FUNCTION credit.create_register_report() IS 'Step of create_register(): kinds of reports, and what a purpose lets one see';
REVOKE ALL ON FUNCTION credit.create_register_report() FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- the report
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.report_rows_of(room_table text, subject credit.pseudonym) RETURNS SETOF jsonb
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A report goes without what a register does not have.
  IF to_regclass(format('credit_register.%I', room_table)) IS NOT NULL THEN
    RETURN QUERY EXECUTE format('SELECT to_jsonb(t) FROM credit_register.%I t WHERE t.subject = $1', room_table) USING subject;
  END IF;
END
$$;
COMMENT ON FUNCTION credit.report_rows_of(text, credit.pseudonym) IS 'Rows of a subject in a table of another room, none if there is no such table; for reports alone';
REVOKE ALL ON FUNCTION credit.report_rows_of(text, credit.pseudonym) FROM PUBLIC;

-- rulebook_items() puts the basis of every item into words, which takes longer
-- than all the rest of a report.
CREATE FUNCTION credit.report_items(book jsonb) RETURNS TABLE (id text, zh text, en text, category text, basis jsonb, unit text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT i ->> 'id', i ->> 'zh', coalesce(i ->> 'en', i ->> 'zh'), coalesce(i ->> 'category', 'other'), i -> 'basis', coalesce(i ->> 'unit', 'CNY')
    FROM jsonb_array_elements(book -> 'items') i;
$$;
COMMENT ON FUNCTION credit.report_items(jsonb) IS 'Names, categories, bases and units of the items of a rulebook; "other" is what has no category';

CREATE FUNCTION credit.report_mark(inquiry uuid) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  -- Keyed inside and outside, as HMAC; both parts have a fixed length.
  SELECT inquiry || '-' || left(encode(sha256(k || sha256(k || uuid_send(inquiry))), 'hex'), 12)
    FROM decode(credit.token_secret('report watermark'), 'hex') k;
$$;
COMMENT ON FUNCTION credit.report_mark(uuid) IS 'The watermark of reports on an inquiry: its number, and twelve digits that only the holder of the keys can make';
REVOKE ALL ON FUNCTION credit.report_mark(uuid) FROM PUBLIC;

CREATE FUNCTION credit.report_subject(subject credit.pseudonym) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  -- Unsealed without the login's budget: an inquiry is registered already.
  SELECT jsonb_build_object(
           'name', CASE WHEN s.kind ~ 'organisation$' THEN v.name ELSE credit.mask_name(v.name) END,
           'number', credit.mask(v.code), 'kind', coalesce(s.kind, credit.code_kind(v.code)), 'division', s.division,
           'division_name', CASE WHEN s.division ~ '^\d{6}' THEN credit.division_full_name(left(s.division, 6), credit.today()) END)
    FROM (SELECT) one
    LEFT JOIN credit_register.subject s ON s.subject = report_subject.subject
    LEFT JOIN (SELECT credit.identity_unseal(i.subject, 'number', i.number, i.data_key)::credit.code AS code,
                      credit.identity_unseal(i.subject, 'name', i.name, i.data_key) AS name
                 FROM credit_register.identity i
                WHERE i.subject = report_subject.subject AND i.data_key IS NOT NULL) v ON true;
$$;
COMMENT ON FUNCTION credit.report_subject(credit.pseudonym) IS 'Whom a report is about: name and number masked, an organisation by its name; for reports alone';
REVOKE ALL ON FUNCTION credit.report_subject(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.report_records(subject credit.pseudonym, kind text, purpose text, occupation text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  book credit.rulebook := credit.rulebook_on(credit.today());
  law jsonb := credit.jsonb(book);
BEGIN
  RETURN (
    WITH statement AS (
      SELECT jsonb_object_agg(f.record, f.words) AS words
        FROM (SELECT t ->> 'record' AS record, jsonb_agg(jsonb_build_object('on', t ->> 'opened_on', 'text', t ->> 'ground') ORDER BY t ->> 'opened_on') AS words
                FROM credit.report_rows_of('case_file', report_records.subject) t
               WHERE t ->> 'kind' = 'statement' AND t ->> 'state' = 'recorded' AND t ->> 'record' IS NOT NULL
               GROUP BY 1) f
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'record', r.record, 'item', r.item, 'zh', coalesce(i.zh, r.item), 'en', coalesce(i.en, r.item),
             'category', coalesce(i.category, 'other'), 'stance', r.stance, 'severity', r.severity,
             'provider', r.provider, 'provider_name', coalesce(p.name, r.provider),
             'document_no', r.document_no, 'document_date', r.document_date, 'happened_on', r.happened_on,
             'amount', r.amount, 'unit', CASE WHEN r.amount IS NOT NULL THEN coalesce(i.unit, 'CNY') END, 'fulfilled_on', r.fulfilled_on,
             -- Who it is stands masked at the head.
             'fields', r.fields - '{name,subject_code}'::text[], 'basis', coalesce(r.basis, credit.rulebook_basis(law, i.basis)),
             'shown_from', lower(d.period), 'shown_until', upper(d.period) - 1, 'rule', e.rule, 'rule_basis', e.basis,
             'extended_until', credit.extended_until(r.subject, r.record), 'statements', coalesce(w.words -> r.record::text, '[]'))
             ORDER BY r.document_date DESC, r.record), '[]')
      FROM credit_register.shown_record r
      LEFT JOIN credit.report_items(law) i ON i.id = r.item
      LEFT JOIN credit_register.provider p ON p.provider = r.provider
      LEFT JOIN credit_register.purpose u ON u.purpose = report_records.purpose
      LEFT JOIN credit_register.report_kind k ON k.kind = report_records.kind
      LEFT JOIN LATERAL credit.display_period(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from) d (period) ON true
      LEFT JOIN LATERAL (SELECT x.rule, x.basis
                           FROM credit.explain_display(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from) x
                          LIMIT 1) e ON true
      LEFT JOIN statement w ON true
     WHERE r.subject = report_records.subject
       AND (u.items IS NULL AND u.categories IS NULL OR r.item = ANY (u.items) OR coalesce(i.category, 'other') = ANY (u.categories))
       AND (k.categories IS NULL OR coalesce(i.category, 'other') = ANY (k.categories))
       AND (report_records.occupation IS NULL OR r.fields ->> 'occupation' IS NULL OR r.fields ->> 'occupation' = report_records.occupation));
END
$$;
COMMENT ON FUNCTION credit.report_records(credit.pseudonym, text, text, text) IS
  'Records of a subject that are shown today, for this kind of report and this purpose, with display end, rule, and the person''s own words; for reports alone';
REVOKE ALL ON FUNCTION credit.report_records(credit.pseudonym, text, text, text) FROM PUBLIC;

-- Counts would say what must not be said: that there was a record which is over,
-- repaired, or closed to this purpose.  So an inquirer learns which kinds of
-- record a report like this leaves out, whether or not this person has any.
CREATE FUNCTION credit.report_left_out(kind text, purpose text, occupation text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  WITH category AS (
    SELECT c.code, c.zh, c.en, c.ordinal FROM credit.rulebook_codes(credit.rulebook_on(credit.today())) c WHERE c.list = 'information_category'
    UNION ALL SELECT 'other', '其他信息', 'other information', 1000
  ), closed AS (
    SELECT 1 AS place, 'purpose' AS reason, '此用途不得使用的类别' AS zh, 'Categories that are closed to this purpose' AS en,
           jsonb_agg(jsonb_build_object('code', c.code, 'zh', c.zh, 'en', c.en) ORDER BY c.ordinal) AS categories
      FROM category c JOIN credit_register.purpose u ON u.purpose = report_left_out.purpose
     WHERE (u.categories IS NOT NULL OR u.items IS NOT NULL) AND c.code <> ALL (coalesce(u.categories, '{}'))
    UNION ALL
    SELECT 2, 'kind', '此种报告不含的类别', 'Categories that this kind of report does not have',
           jsonb_agg(jsonb_build_object('code', c.code, 'zh', c.zh, 'en', c.en) ORDER BY c.ordinal)
      FROM category c JOIN credit_register.report_kind k ON k.kind = report_left_out.kind
     WHERE c.code <> ALL (k.categories)
    UNION ALL
    SELECT 3, 'occupation', '其他职业的资格', 'Qualifications of other occupations', NULL
     WHERE report_left_out.occupation IS NOT NULL
    UNION ALL
    SELECT 4, 'law', '已过展示期的、已修复的、已撤下的、异议处理中的以及未成年时的记录，一律不展示，也不说明有无',
           'Records past their display period, repaired, withdrawn, under objection, or of a minor are never shown, nor whether there are any', NULL
    UNION ALL
    SELECT 5, 'score', '积分和等级不在任何报告之中', 'Points and grades are in no report', NULL
  )
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('reason', c.reason, 'zh', c.zh, 'en', c.en, 'categories', c.categories)) ORDER BY c.place)
    FROM closed c WHERE c.place > 2 OR c.categories IS NOT NULL;
$$;
COMMENT ON FUNCTION credit.report_left_out(text, text, text) IS 'What a report for a purpose leaves out and why, the same for every subject; for reports alone';
REVOKE ALL ON FUNCTION credit.report_left_out(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.report_rights() RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  law jsonb := credit.jsonb(credit.rulebook_on(credit.today()));
BEGIN
  RETURN (
    -- The terms that a case will get, from the table that gives them.
    WITH term AS (
      SELECT d.kind, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('state', d.state, 'days', (r ->> 'days')::int, 'unit', r ->> 'unit',
               'basis', credit.rulebook_basis(law, r -> 'basis'), 'items', d.items)) ORDER BY d.state DESC, d.items IS NOT NULL, d.deadline) AS terms
        FROM (SELECT c.kind, c.state, c.deadline,
                     jsonb_agg(jsonb_build_object('code', i.id, 'zh', i.zh, 'en', i.en) ORDER BY i.id) FILTER (WHERE c.item <> '') AS items
                FROM credit_register.case_deadline c LEFT JOIN credit.report_items(law) i ON i.id = c.item
               WHERE c.state IN ('open', 'forwarded') AND (c.item = '' OR i.id IS NOT NULL)
               GROUP BY c.kind, c.state, c.deadline, c.item = '') d
        JOIN jsonb_array_elements(law -> 'objection') r ON r ->> 'id' = d.deadline
       WHERE credit.today() >= (r #>> '{in_force,from}')::date AND (r #>> '{in_force,to}' IS NULL OR credit.today() <= (r #>> '{in_force,to}')::date)
       GROUP BY d.kind
    ), rights (place, id, kind, zh, en) AS (VALUES
      (1, 'know', NULL, '您有权知道谁查询过您的信息、为何查询：登录后即可看到每一次查询。',
       'You may know who asked about you and why: every inquiry is listed for you.'),
      (2, 'object', 'objection', '您认为信息有误、不全、过期或不应采集的，可以提出异议；不收费，不影响办理其他事项。',
       'If a record is wrong, incomplete, over or unlawful, you may object, free of charge and without any disadvantage.'),
      (3, 'explain', NULL, '您可以为任何一条记录附上自己的说明；说明随记录一同展示、一同共享。',
       'You may add your own words to any record; they travel with it wherever it goes.'),
      (4, 'repair', 'repair', '义务已履行、影响已消除的，可以申请信用修复；修复后所有展示和共享一并停止。',
       'What was made good can be repaired; after repair every display and every use ends at once.'),
      (5, 'consent', NULL, '您给出的授权可以随时撤回；不授权不因此受到不利对待。',
       'You may take a consent back at any time; refusing one is no disadvantage.'),
      (6, 'complain', 'complaint', '对处理不服的，可以向信用管理部门申诉，也可以依法申请行政复议或者提起诉讼。',
       'If you disagree with a decision you may complain to the credit authority, and use the remedies of the law.'))
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('right', g.id, 'zh', g.zh, 'en', g.en, 'terms', t.terms)) ORDER BY g.place)
      FROM rights g LEFT JOIN term t ON t.kind = g.kind);
END
$$;
COMMENT ON FUNCTION credit.report_rights() IS 'Rights of the person and how to use them, with the terms that a case about it would get today; for reports alone';
REVOKE ALL ON FUNCTION credit.report_rights() FROM PUBLIC;

CREATE FUNCTION credit.report_frame(kind text, zh text, en text, subject credit.pseudonym, records jsonb) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('format', 1, 'kind', kind, 'zh', zh, 'en', en,
           'made_at', to_char(statement_timestamp() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'), 'day', credit.today(),
           'subject', credit.report_subject(subject), 'records', records,
           'counts', (SELECT jsonb_build_object('good', count(*) FILTER (WHERE r ->> 'stance' = 'good'),
                               'neutral', count(*) FILTER (WHERE r ->> 'stance' = 'neutral'), 'bad', count(*) FILTER (WHERE r ->> 'stance' = 'bad'))
                        FROM jsonb_array_elements(records) r),
           'rights', credit.report_rights(),
           'law', (SELECT jsonb_build_object('rulebook', b.name, 'digest', encode(credit.rulebook_digest(b.book), 'hex'))
                     FROM credit_register.rulebook b WHERE b.in_force @> credit.today()),
           'note', jsonb_build_object('zh', '报告只列依法可以展示的记录，不评价、不预测任何人；没有记录不等于不良。',
                                      'en', 'A report lists records that may lawfully be shown. It judges and predicts nobody; having no records is neutral.'));
$$;
COMMENT ON FUNCTION credit.report_frame(text, text, text, credit.pseudonym, jsonb) IS 'What every report has; for reports alone';
REVOKE ALL ON FUNCTION credit.report_frame(text, text, text, credit.pseudonym, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.report(inquiry uuid, kind text DEFAULT 'general', occupation text DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.inquiry_subject(inquiry);
  written credit.pseudonym := whom;
  asked pg_catalog.record;
  shape pg_catalog.record;
  is_organisation bool;
BEGIN
  SELECT i.*, coalesce(p.name, i.application) AS provider_name, u.name AS purpose_name INTO STRICT asked
    FROM credit_register.inquiry i
    LEFT JOIN credit_register.provider p ON p.provider = i.provider
    LEFT JOIN credit_register.purpose u ON u.purpose = i.purpose
   WHERE i.inquiry = report.inquiry AND i.subject = written;
  -- The file of a number that was merged into another is that one's.
  IF to_regprocedure('credit.current_subject(credit.pseudonym)') IS NOT NULL THEN
    EXECUTE 'SELECT credit.current_subject($1)' INTO whom USING written;
  END IF;
  SELECT k.* INTO shape FROM credit_register.report_kind k WHERE k.kind = report.kind;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such kind of report' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit_register.report_kind lists them.';
  END IF;
  IF (kind = 'occupational') <> (occupation IS NOT NULL)
     OR occupation IS NOT NULL AND NOT EXISTS (SELECT FROM credit.rulebook_codes(credit.rulebook_on(credit.today())) c
                                                WHERE c.list = 'key_occupation' AND c.code = report.occupation) THEN
    RAISE EXCEPTION 'an occupational report, and no other, names an occupation of the rulebook' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'SELECT code, zh FROM credit.rulebook_codes(credit.rulebook_on(credit.today())) WHERE list = ''key_occupation'';';
  END IF;
  SELECT s.kind ~ 'organisation$' INTO is_organisation FROM credit_register.subject s WHERE s.subject = whom;
  IF is_organisation <> shape.organisations THEN
    RAISE EXCEPTION 'this kind of report is about %', CASE WHEN shape.organisations THEN 'organisations' ELSE 'persons' END
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN credit.report_frame(kind, shape.zh, shape.en, whom, credit.report_records(whom, kind, asked.purpose, occupation))
    || jsonb_build_object('inquiry', jsonb_build_object('number', inquiry, 'person', asked.person, 'provider_name', asked.provider_name,
         'purpose', asked.purpose, 'purpose_name', asked.purpose_name, 'authorisation', asked.authorisation,
         'opened_at', to_char(asked.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')),
       'left_out', credit.report_left_out(kind, asked.purpose, occupation), 'watermark', credit.report_mark(inquiry))
    || CASE WHEN occupation IS NULL THEN '{}' ELSE
         (SELECT jsonb_build_object('occupation', jsonb_build_object('code', c.code, 'zh', c.zh, 'en', c.en))
            FROM credit.rulebook_codes(credit.rulebook_on(credit.today())) c WHERE c.list = 'key_occupation' AND c.code = report.occupation) END;
END
$$;
COMMENT ON FUNCTION credit.report(uuid, text, text) IS
  'Definer, as query points have functions only: the report on the subject of an inquiry, cut to its purpose, without score, with watermark';
REVOKE ALL ON FUNCTION credit.report(uuid, text, text) FROM PUBLIC;

CREATE FUNCTION credit.my_report() RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.own_subject();
  score jsonb;
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR whom IS NULL THEN
    RAISE EXCEPTION 'only a person asks for his own report' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  IF to_regprocedure('credit.current_subject(credit.pseudonym)') IS NOT NULL THEN
    EXECUTE 'SELECT credit.current_subject($1)' INTO whom USING whom;
  END IF;
  SELECT jsonb_build_object('as_of', t ->> 'as_of', 'points', t ->> 'points', 'grade', t ->> 'grade', 'lines',
           (SELECT coalesce(jsonb_agg(jsonb_build_object('points', l -> 'points', 'why', l -> 'why', 'basis', l -> 'basis', 'counts_until', l -> 'counts_until',
                                                         'rule', l -> 'rule', 'zh', i.zh, 'en', i.en) ORDER BY e.place), '[]')
              FROM jsonb_array_elements(t -> 'lines') WITH ORDINALITY e (l, place)
              LEFT JOIN credit.report_items(credit.jsonb(credit.rulebook_on(credit.today()))) i ON i.id = l #>> '{record,item}'))
    INTO score FROM credit.report_rows_of('score', whom) t ORDER BY t ->> 'as_of' DESC LIMIT 1;
  RETURN credit.report_frame('own', '本人公共信用信息报告', 'Your own public credit information', whom,
                             credit.report_records(whom, NULL, NULL, NULL))
    || jsonb_build_object(
         'inquiries', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                'opened_at', to_char(i.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
                                'provider_name', i.provider, 'purpose', i.purpose, 'purpose_name', u.name,
                                'authorisation', i.authorisation, 'state', i.state) ORDER BY i.opened_at DESC), '[]')
                         FROM (SELECT m.* FROM credit.my_inquiries() m ORDER BY m.opened_at DESC LIMIT 200) i
                         LEFT JOIN credit_register.purpose u ON u.purpose = i.purpose),
         'left_out', (SELECT coalesce(jsonb_agg(jsonb_build_object('reason', n.reason, 'zh', n.zh, 'en', n.en, 'count', n.count) ORDER BY n.place), '[]')
                        FROM (SELECT w.place, w.reason, w.zh, w.en, count(*) AS count
                                FROM credit_register.record r
                                JOIN (VALUES (1, 'disputed', '异议处理中，暂停展示', 'Under objection: display is suspended'),
                                             (2, 'repaired', '已修复，不再展示', 'Repaired: no longer shown'),
                                             (3, 'withdrawn', '已撤下', 'Withdrawn'),
                                             (4, 'archived', '已归档', 'Archived'),
                                             (5, 'minor', '未成年时的记录，封存', 'Of a minor: sealed'),
                                             (6, 'active', '不在展示期内', 'Outside its display period')) AS w (place, reason, zh, en)
                                  ON w.reason = CASE WHEN r.minor THEN 'minor' ELSE r.state END
                               WHERE r.subject = whom
                                 AND NOT EXISTS (SELECT FROM credit_register.shown_record s WHERE s.subject = r.subject AND s.record = r.record)
                               GROUP BY 1, 2, 3, 4) n))
    || CASE WHEN score IS NULL THEN '{}' ELSE jsonb_build_object('score', score) END;
END
$$;
COMMENT ON FUNCTION credit.my_report() IS
  'Definer, as citizens have functions only: the own file of the person who entered, who asked, what is not shown and why, and the score with its lines if there is one';
REVOKE ALL ON FUNCTION credit.my_report() FROM PUBLIC;

CREATE FUNCTION credit.leak_trace(watermark text)
  RETURNS TABLE (inquiry uuid, genuine bool, person text, application text, provider text, purpose text, authorisation text, opened_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digits text := regexp_replace(lower(watermark), '[^0-9a-f]', '', 'g');
BEGIN
  IF NOT credit.has_duty('credit_auditor') THEN
    RAISE EXCEPTION 'tracing a leaked report is for auditors' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  IF digits IS NULL OR length(digits) NOT BETWEEN 8 AND 44 THEN
    RAISE EXCEPTION 'a watermark has 44 hexadecimal digits, of which the first 8 are needed' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY
    SELECT i.inquiry,
           CASE WHEN length(digits) = 44 THEN replace(credit.report_mark(i.inquiry), '-', '') = digits END,
           i.person, i.application, i.provider, i.purpose, i.authorisation, i.opened_at
      FROM credit_register.inquiry i
     -- A range of the index, also for what is left of a torn page.
     WHERE i.inquiry BETWEEN rpad(left(digits, 32), 32, '0')::uuid AND rpad(left(digits, 32), 32, 'f')::uuid
     ORDER BY i.inquiry;
END
$$;
COMMENT ON FUNCTION credit.leak_trace(text) IS
  'Definer, as only the owner reads inquiries: which inquiry drew a report, by its watermark or 8 digits of it; genuine: did the keys make it (NULL: too little is left)';
REVOKE ALL ON FUNCTION credit.leak_trace(text) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- the page
--
-- Everything that is not written here passes credit.html_text(); the page has
-- no script, loads nothing, and its own policy forbids both.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.html_text(value text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT '<bdi>' OPERATOR(pg_catalog.||)
      pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
        pg_catalog.regexp_replace(coalesce(value, '—'), '[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]', '', 'g'),
        '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;')
      OPERATOR(pg_catalog.||) '</bdi>';
  END;
COMMENT ON FUNCTION credit.html_text(text) IS 'A text as HTML: escaped, without control characters, its direction of writing kept to itself; a dash for NULL';

CREATE FUNCTION credit.html_plain(value text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT pg_catalog.replace(pg_catalog.replace(
      pg_catalog.regexp_replace(credit.html_text(value), '[‎‏‪-‮⁦-⁩]', '', 'g'), '<bdi>', ''), '</bdi>', '');
  END;
COMMENT ON FUNCTION credit.html_plain(text) IS 'A text for titles and SVG, where no element may stand: escaped, and without marks of direction';

CREATE FUNCTION credit.html_words(language text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF language = 'zh' THEN
    RETURN '{"lang": "zh-CN", "subject": "主体", "name": "姓名或名称", "number": "证件号码", "kind": "类别", "division": "档案所在地", "made": "出具时间",
      "purpose": "用途", "asked_by": "查询人", "authorisation": "依据", "asked_at": "查询时间", "inquiry_no": "查询编号", "good": "良好", "neutral": "中性",
      "bad": "不良", "minor": "轻微", "general": "一般", "serious": "严重", "citizen": "居民", "hmt_resident": "港澳台居民",
      "permanent_resident": "外国人（永久居留）", "organisation": "组织", "assigned": "赋码主体", "assigned_person": "赋码个人",
      "assigned_organisation": "赋码组织", "records_today": "今日可以展示的记录", "timeline": "展示期限",
      "timeline_say": "每条线从展示之日到最后一日；实心为已过，空心为所余，竖线为今日。", "today": "今日", "until": "展示至", "from": "自",
      "open": "行为终止之日起算", "records": "记录", "none": "没有可以展示的记录。没有记录不等于不良。", "source": "提供单位", "document": "文书",
      "act_day": "行为日期", "amount": "金额", "fulfilled": "履行日期", "extended": "准予延期至", "basis": "采集依据", "rule": "展示依据", "statement": "本人说明", "score": "积分明细",
      "score_say": "积分只用于激励，只有本人可见；各行之和即为积分。", "points": "分值", "grade": "等级", "why": "原因", "counts_until": "计至", "base": "基础分",
      "as_of": "截至", "who_asked": "谁查询过，为何查询", "nobody_asked": "没有人查询过。", "this_inquiry": "本次查询", "left_out": "未列入的内容", "count": "条数",
      "rights": "本人权利", "workday": "个工作日", "day": "日", "reply_in": "答复期限", "reply_in_forwarded": "须由提供单位核查的，答复期限", "law": "规则集", "watermark": "水印",
      "watermark_say": "本报告仅供上述用途。水印可追溯至本次查询；转让、泄露须承担法律责任。", "own_say": "本人自查，仅供本人使用。", "occupation": "职业",
      "document_number": "文书号", "deciding_office": "决定机关", "violation": "违法事实", "penalty_kind": "处罚种类", "fine_amount": "罚款金额",
      "confiscated_amount": "没收金额", "honour": "荣誉", "level": "级别", "granting_office": "授予单位", "granted_on": "授予日期", "certificate": "证书",
      "certificate_number": "证书编号", "issuing_office": "发证单位", "issued_on": "发证日期", "valid_until": "有效期至", "valid_from": "起始日期",
      "fee_kind": "费用种类", "arrears_amount": "欠缴金额", "due_on": "应缴日期", "fulfilled_on": "履行日期", "obligation_kind": "义务种类",
      "overdue_since": "逾期起始", "hours": "时长", "organiser": "组织单位", "quantity": "数量", "CNY": "元", "hour": "小时", "time": "次",
      "Administrative licensing, procurement, awards": "行政许可、政府采购、评优评先", "With the consent of the person": "经本人授权",
      "Courts and supervision, reviewed before": "司法和监督（事前审查）", "Danger to life: read at once, reviewed afterwards": "危及生命的紧急情况（事后审查）",
      "To be scored, at one''s own wish": "本人自愿参与积分", "A person''s good record counts for the organisation he leads": "个人优良记录用于其负责的组织",
      "counts": "计入", "no rule": "无计分规则", "disputed": "异议处理中，不计", "expired": "已过计分期", "cap": "已到上限", "relapse": "再次发生，加倍",
      "direct": "直接定级", "lesser": "同一行为只计较高的一项", "not yet": "尚未发生", "no date": "没有日期", "no amount": "没有数量",
      "no consent": "未经同意，不计", "another": "已有更低的直接定级", "least": "下限", "most": "上限", "when": "时间", "unverified": "（待律师核实）",
      "state": "状态", "pending": "待审", "refused": "未准", "county": "信用信息看板", "intake": "入库记录", "intake_say": "近十二个月每月登记的记录数",
      "coverage": "提供单位覆盖", "coverage_say": "近三个月报送过信息的提供单位", "reported": "已报送", "silent": "未报送", "cases": "事项与期限",
      "in_time": "期限内", "overdue": "已超期", "ends": "展示到期", "ends_say": "今后十二个月每月停止展示的记录数", "inquiries": "查询",
      "inquiries_say": "近三十日各用途的查询次数", "suppressed": "不足 {k} 的数不公布", "shown_now": "今日展示", "subjects": "主体", "small": "少于"}';
  ELSIF language = 'en' THEN
    RETURN '{"lang": "en", "subject": "Subject", "name": "Name", "number": "Number", "kind": "Kind", "division": "File kept at", "made": "Made at", "purpose": "Purpose",
      "asked_by": "Asked by", "authorisation": "Authorisation", "asked_at": "Asked at", "inquiry_no": "Inquiry", "good": "good", "neutral": "neutral",
      "bad": "adverse", "minor": "minor", "general": "general", "serious": "serious", "citizen": "resident",
      "hmt_resident": "resident of Hong Kong, Macao or Taiwan", "permanent_resident": "foreign permanent resident", "organisation": "organisation",
      "assigned": "assigned code", "assigned_person": "person (assigned code)", "assigned_organisation": "organisation (assigned code)",
      "records_today": "Records that may be shown today", "timeline": "How long they are shown",
      "timeline_say": "Each line runs from the first day of display to the last: filled is past, hollow is left, the upright line is today.", "today": "today",
      "until": "shown until", "from": "from", "open": "runs from the end of the conduct", "records": "Records",
      "none": "There are no records to show. Having no records is neutral.", "source": "Provided by", "document": "Document", "act_day": "Day of the act",
      "amount": "Amount", "fulfilled": "Fulfilled on", "extended": "Time to perform until", "basis": "Collected under", "rule": "Shown under", "statement": "In the person’s own words",
      "score": "Points, line by line", "score_say": "Points only reward, and nobody else sees them. The lines add up to the points.", "points": "points",
      "grade": "Grade", "why": "Why", "counts_until": "counts until", "base": "base", "as_of": "as of", "who_asked": "Who asked, and why",
      "nobody_asked": "Nobody has asked.", "this_inquiry": "This inquiry", "left_out": "What is left out", "count": "Number",
      "rights": "Rights, and how to use them", "workday": "working days", "day": "days", "reply_in": "answered within", "reply_in_forwarded": "if the provider has to verify, answered within", "law": "Rulebook", "watermark": "Watermark",
      "watermark_say": "For the purpose named above alone. The watermark leads from any copy to this inquiry; passing it on has legal consequences.",
      "own_say": "Your own copy, for you alone.", "occupation": "Occupation", "document_number": "document number", "deciding_office": "decided by",
      "violation": "violation", "penalty_kind": "penalty", "fine_amount": "fine", "confiscated_amount": "confiscated", "honour": "honour", "level": "level",
      "granting_office": "granted by", "granted_on": "granted on", "certificate": "certificate", "certificate_number": "certificate number",
      "issuing_office": "issued by", "issued_on": "issued on", "valid_until": "valid until", "valid_from": "valid from", "fee_kind": "fee",
      "arrears_amount": "arrears", "due_on": "due on", "fulfilled_on": "fulfilled on", "obligation_kind": "obligation", "overdue_since": "overdue since",
      "hours": "hours", "organiser": "organised by", "quantity": "Quantity", "CNY": "yuan", "hour": "hours", "time": "times", "when": "When", "unverified": "[to be confirmed by a lawyer]", "state": "State",
      "pending": "pending", "refused": "refused", "county": "Credit information dashboard", "intake": "Records taken in",
      "intake_say": "Records registered in each of the last twelve months", "coverage": "Coverage",
      "coverage_say": "Providers that handed something in during the last three months", "reported": "reported", "silent": "silent", "cases": "Cases and deadlines",
      "in_time": "in time", "overdue": "overdue", "ends": "Display ends ahead", "ends_say": "Records whose display ends in each of the next twelve months",
      "inquiries": "Inquiries", "inquiries_say": "Inquiries of the last thirty days by purpose", "suppressed": "numbers below {k} are withheld",
      "shown_now": "Shown today", "subjects": "Subjects", "small": "under"}';
  END IF;
  RAISE EXCEPTION 'pages are written in zh and en' USING ERRCODE = 'invalid_parameter_value';
END
$$;
COMMENT ON FUNCTION credit.html_words(text) IS 'The words of the pages in Chinese (zh) or English (en)';

CREATE FUNCTION credit.html_page(title text, language text, body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($page$<!DOCTYPE html>
<html lang="%s">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" />
<meta name="robots" content="noindex, noarchive" />
<meta name="color-scheme" content="light" />
<title>%s</title>
<style>
:root { --ink: #1d2528; --soft: #59676c; --line: #d9dfe0; --wash: #f5f7f7; --accent: #1c5d68; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%%; }
body { margin: 0; background: #fff; color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.7 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", system-ui, sans-serif; }
main, .foot { max-width: 50rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 4.5rem 0 2.25rem; border-bottom: 2px solid var(--accent); }
h1 { margin: 0; font-size: 2rem; line-height: 1.3; font-weight: 600; letter-spacing: .01em; }
header p { margin: .5rem 0 0; color: var(--soft); }
h2 { margin: 0 0 1.25rem; font-size: 1.25rem; line-height: 1.4; font-weight: 600; color: var(--accent); }
h3 { margin: 0; font-size: 1.0625rem; line-height: 1.5; font-weight: 600; }
section { padding: 3rem 0 0; }
.say { margin: -.75rem 0 1.5rem; color: var(--soft); font-size: .875rem; }
dl { margin: 0; display: grid; gap: .375rem 2rem; }
dl > div { display: grid; grid-template-columns: 7rem 1fr; column-gap: 1rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.facts { padding-top: 2rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3.5rem; margin: 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 2.5rem; line-height: 1.2; font-weight: 400; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); }
svg { display: block; width: 100%%; overflow: visible; }
svg.sign { display: inline-block; width: .8em; height: .8em; margin-right: .5em; vertical-align: -.04em; }
.track { stroke: var(--line); }
.past, .mark, .sign path { fill: var(--accent); }
.left { fill: #fff; stroke: var(--accent); stroke-width: 1.5; }
.now { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.tick { stroke: var(--line); }
svg text { font-size: 12px; fill: var(--soft); font-family: inherit; }
svg .strong { fill: var(--ink); }
.rows { margin: 0; padding: 0; list-style: none; }
.rows > li { display: grid; grid-template-columns: 2fr 3fr; column-gap: 2rem; align-items: center; }
.figures + .rows { margin-top: 1.5rem; }
.bars > li { grid-template-columns: 1fr 3fr; }
.bars .label { overflow-wrap: break-word; }
.rows .label { padding: .5rem 0; line-height: 1.45; font-size: .9375rem; }
.rows small { display: block; color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
article { padding: 1.75rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
article:last-child { border-bottom: 1px solid var(--line); }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 2rem; margin-bottom: 1rem; }
.tag { color: var(--soft); font-size: .875rem; white-space: nowrap; }
.end { font-variant-numeric: tabular-nums; white-space: nowrap; }
article dl { grid-template-columns: 1fr 1fr; font-size: .9375rem; }
article dl > div { grid-template-columns: 6rem 1fr; }
article dl > .wide { grid-column: 1 / -1; }
:lang(en) dl > div { grid-template-columns: 9rem 1fr; }
blockquote { margin: 1.25rem 0 0; padding: .125rem 0 .125rem 1rem; border-left: 3px solid var(--accent); }
blockquote p { margin: 0; }
blockquote cite { display: block; color: var(--soft); font-size: .8125rem; font-style: normal; }
table { width: 100%%; border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 400; color: var(--soft); font-size: .8125rem; }
th, td { padding: .625rem 1.25rem .625rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; padding-right: 0; white-space: nowrap; }
td[data-name="%s"] { white-space: nowrap; }
.list { margin: 0; padding: 0 0 0 1.25rem; }
.list li { padding: 0 0 .625rem .25rem; }
.list small { display: block; color: var(--soft); }
.foot { margin-top: 4rem; padding-top: 1.25rem; padding-bottom: 3rem; color: var(--soft); font-size: .8125rem; }
.foot p { margin: 0 0 .375rem; max-width: 50rem; }
.code { font-family: ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; font-size: .8125rem; }
.stamp { display: none; }
@media (max-width: 40rem) {
  main, .foot { padding-left: 1.25rem; padding-right: 1.25rem; }
  header { padding-top: 2.5rem; padding-bottom: 1.5rem; }
  h1 { font-size: 1.625rem; }
  article dl { grid-template-columns: 1fr; }
  dl > div, article dl > div, :lang(en) dl > div { grid-template-columns: 6.5rem 1fr; }
  .figures { gap: 1rem 2.5rem; }
  .rows > li { grid-template-columns: 1fr; padding-bottom: .75rem; }
  .bars > li { grid-template-columns: 1fr 2fr; column-gap: 1rem; padding-bottom: 0; }
  .figures + .rows { margin-top: 1.5rem; }
.bars > li { grid-template-columns: 1fr 3fr; }
.bars .label { overflow-wrap: break-word; }
.rows .label { padding-bottom: 0; }
  table.cards, .cards tbody, .cards tr, .cards td { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%%); }
  .cards tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .cards td, .cards td.n { display: grid; grid-template-columns: 6.5rem 1fr; column-gap: 1rem; padding: .125rem 0; border: 0; text-align: left; white-space: normal; }
  .cards td::before { content: attr(data-name); color: var(--soft); }
}
@media print {
  @page { size: A4; margin: 18mm 14mm 18mm 18mm; }
  body { font-size: 10.5pt; line-height: 1.55; }
  main, .foot { max-width: none; padding-left: 0; padding-right: 0; }
  header { padding: 0 0 5mm; }
  h1 { font-size: 19pt; }
  h2 { font-size: 12.5pt; margin-bottom: 3mm; break-after: avoid; }
  section { padding-top: 8mm; }
  .say { margin-top: -2mm; break-after: avoid; }
  .figures b { font-size: 22pt; }
  .rows > li, tr, .list li { break-inside: avoid; }
  article { padding: 4mm 0; }
  .foot { margin-top: 8mm; padding-bottom: 0; }
  .marked main, .marked .foot { padding-right: 8mm; }
  .stamp { display: block; position: fixed; top: 0; right: 0; writing-mode: vertical-rl; color: #8a9599; font-size: 7.5pt; line-height: 1; }
}
</style>
</head>
<body>
%s
</body>
</html>
$page$, credit.html_words(language) ->> 'lang', credit.html_plain(title), credit.html_words(language) ->> 'when', body);
$$;
COMMENT ON FUNCTION credit.html_page(text, text, text) IS
  'A page around a body that is HTML already: responsive, for print, in one accent colour, without script and without any request';

CREATE FUNCTION credit.html_sign(stance text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- Told apart by shape: a disc, a square, a diamond.
  SELECT format('<path d="%s"/>', CASE stance WHEN 'good' THEN 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0' WHEN 'bad' THEN 'M0 -6L6 0L0 6L-6 0Z'
                                              ELSE 'M-4.5 -4.5H4.5V4.5H-4.5Z' END);
$$;
COMMENT ON FUNCTION credit.html_sign(text) IS 'The shape of a stance: good a disc, neutral a square, bad a diamond';

CREATE FUNCTION credit.html_share(part numeric, whole numeric) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT round(100 * least(greatest(part / nullif(whole, 0), 0), 1), 2) || '%';
$$;
COMMENT ON FUNCTION credit.html_share(numeric, numeric) IS 'A part of a whole as a length in SVG';

CREATE FUNCTION credit.html_day(value text) RETURNS date
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- ISO days alone: another text is no day, and no setting may change what it is.
  SELECT d.day FROM (SELECT left(value, 4)::int AS y, substr(value, 6, 2)::int AS m, substr(value, 9, 2)::int AS d
                       WHERE value ~ '^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])') p,
         LATERAL (SELECT make_date(p.y, p.m, 1) + p.d - 1 AS day) d
   WHERE extract(month FROM d.day) = p.m;
$$;
COMMENT ON FUNCTION credit.html_day(text) IS 'The day at the head of a text in ISO form, NULL if there is none';

CREATE FUNCTION credit.html_facts(rows text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- What is long takes the width of the page.
  SELECT '<dl>' || coalesce(string_agg(format('<div%s><dt>%s</dt><dd>%s</dd></div>', CASE WHEN octet_length(rows[n][2]) > 40 THEN ' class="wide"' ELSE '' END,
                                              credit.html_plain(rows[n][1]), credit.html_text(rows[n][2])), E'\n' ORDER BY n)
                              FILTER (WHERE rows[n][2] ~ '\S'), '') || '</dl>'
    FROM generate_subscripts(rows, 1) n;
$$;
COMMENT ON FUNCTION credit.html_facts(text[]) IS 'Pairs of name and value as a list; a pair without value is left out';

-- What is drawn was looked at first: an error object must not become a clean page.
-- In a shape a text lists types of JSON (count: a whole number from 0), an array has
-- elements of one shape, and a key with ? may be missing.

CREATE FUNCTION credit.shape_fault(value jsonb, shape jsonb, path text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part record;
  fault text;
BEGIN
  IF jsonb_typeof(value) IS DISTINCT FROM jsonb_typeof(shape) THEN
    RETURN path;
  ELSIF jsonb_typeof(shape) = 'array' THEN
    FOR part IN SELECT e.value, e.ordinality - 1 AS n FROM jsonb_array_elements(value) WITH ORDINALITY e LOOP
      fault := credit.shape_fault(part.value, shape -> 0, path || '[' || part.n || ']');
      EXIT WHEN fault IS NOT NULL;
    END LOOP;
    RETURN fault;
  END IF;
  FOR part IN SELECT s.name, s.shape, v.value, v.value IS NULL OR jsonb_typeof(s.shape) = 'string' AS wrong
                FROM (SELECT rtrim(e.key, '?') AS name, e.key ~ '\?$' AS optional, e.value AS shape FROM jsonb_each(shape) e) s,
                     LATERAL (SELECT shape_fault.value -> s.name AS value) v
               WHERE NOT (s.optional AND v.value IS NULL)
                 AND NOT coalesce(jsonb_typeof(s.shape) = 'string'
                   AND (jsonb_typeof(v.value) = ANY (string_to_array(s.shape #>> '{}', '|')) OR s.shape #>> '{}' ~ 'count' AND v.value::text ~ '^\d{1,15}$'), false) LOOP
    fault := CASE WHEN part.wrong THEN path || '.' || part.name ELSE credit.shape_fault(part.value, part.shape, path || '.' || part.name) END;
    EXIT WHEN fault IS NOT NULL;
  END LOOP;
  RETURN fault;
END
$$;
COMMENT ON FUNCTION credit.shape_fault(jsonb, jsonb, text) IS 'The first place in a JSON value that is missing or of another type than its shape says; NULL: none';

CREATE FUNCTION credit.report_shape() RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '{
    "format": "count", "kind": "string", "zh": "string", "en": "string", "made_at": "string", "day": "string",
    "subject": {"name": "string|null", "number": "string|null", "kind": "string|null", "division": "string|null", "division_name": "string|null"},
    "occupation?": {"code": "string", "zh": "string", "en": "string"},
    "records": [{"record": "string", "item": "string", "zh": "string", "en": "string", "category": "string", "stance": "string", "severity": "string|null",
      "provider": "string", "provider_name": "string", "document_no": "string|null", "document_date": "string", "happened_on": "string|null",
      "amount": "number|null", "unit": "string|null", "fulfilled_on": "string|null", "fields": {}, "basis": "string|null", "shown_from": "string",
      "shown_until": "string|null", "rule": "string|null", "rule_basis": "string|null", "extended_until": "string|null",
      "statements": [{"on": "string|null", "text": "string"}]}],
    "counts": {"good": "count", "neutral": "count", "bad": "count"},
    "rights": [{"right": "string", "zh": "string", "en": "string",
      "terms?": [{"state": "string", "days": "count", "unit": "string", "basis": "string", "items?": [{"code": "string", "zh": "string", "en": "string"}]}]}],
    "law": {"rulebook": "string", "digest": "string"},
    "note": {"zh": "string", "en": "string"},
    "left_out": [{"reason": "string", "zh": "string", "en": "string", "categories?": [{"code": "string", "zh": "string", "en": "string"}], "count?": "count"}],
    "inquiry?": {"number": "string", "person": "string", "provider_name": "string", "purpose": "string", "purpose_name": "string", "authorisation": "string",
      "opened_at": "string"},
    "watermark?": "string",
    "inquiries?": [{"opened_at": "string", "provider_name": "string", "purpose": "string", "purpose_name": "string|null", "authorisation": "string",
      "state": "string"}],
    "score?": {"as_of": "string", "points": "string", "grade": "string|null",
      "lines": [{"points": "number", "why": "string", "rule?": "string|null", "basis?": "string|null", "counts_until?": "string|null", "zh?": "string|null", "en?": "string|null"}]}
  }'::jsonb;
COMMENT ON FUNCTION credit.report_shape() IS 'What format 1 of a report has, as shape_fault() reads it; doc/report.schema.json says it in full';

CREATE FUNCTION credit.checked_report(report jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fault text := credit.shape_fault(report, credit.report_shape(), '$');
BEGIN
  IF jsonb_typeof(report -> 'format') = 'number' AND report ->> 'format' <> '1' THEN
    RAISE EXCEPTION 'a report of an unknown format' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'This release knows format 1.';
  -- To others: on an inquiry, marked.  The own one: with all who asked.
  ELSIF fault IS NULL AND NOT (report ?& '{inquiry,watermark}' AND NOT report ?| '{inquiries,score}'
                               OR report ? 'inquiries' AND NOT report ?| '{inquiry,watermark}') THEN
    fault := '$.inquiry';
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'this is not a report' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('%s is missing, or not what a report has there.', fault), HINT = 'Pass what credit.report() or credit.my_report() gave, whole.';
  END IF;
  RETURN report;
END
$$;
COMMENT ON FUNCTION credit.checked_report(jsonb) IS 'The report, if it is one of a known format; 22023 names the first part that it lacks';

CREATE FUNCTION credit.checked_dashboard(dashboard jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fault text := credit.shape_fault(dashboard, '{"format": "count", "day": "string", "min_cell": "count", "figures": [{"label": "string", "count": "count|null"}],
    "sections": [{"section": "string", "rows": [{"label": "string", "count": "count|null"}]}]}', '$');
BEGIN
  IF fault IS NULL AND dashboard ->> 'format' <> '1' THEN
    fault := '$.format';
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'this is not a dashboard' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('%s is missing, or not what a dashboard has there.', fault), HINT = 'Pass what credit.dashboard() gave, whole.';
  END IF;
  RETURN dashboard;
END
$$;
COMMENT ON FUNCTION credit.checked_dashboard(jsonb) IS 'The dashboard, if it is one of format 1; 22023 names the first part that it lacks';

CREATE FUNCTION credit.report_html_timeline(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w),
  bar AS (
    SELECT r.ordinality AS place, r.value ->> 'stance' AS stance, r.value ->> language AS label,
           credit.html_day(r.value ->> 'shown_from') AS first_day, credit.html_day(r.value ->> 'shown_until') AS last_day,
           r.value ->> 'shown_from' AS first, left(r.value ->> 'shown_until', 10) AS last,
           credit.html_day(report ->> 'day') AS today
      FROM jsonb_array_elements(report -> 'records') WITH ORDINALITY r
  ), span AS (
    SELECT min(least(first_day, today)) AS starts, greatest(max(last_day), max(today) + 30) + 1 AS ends, max(today) AS today FROM bar
  ), year AS (
    SELECT y, make_date(y, 1, 1) AS day
      FROM span, generate_series(extract(year FROM starts)::int, extract(year FROM ends)::int,
                                 greatest(1, ceil((ends - starts) / 365.25 / 5)::int)) y
     WHERE make_date(y, 1, 1) BETWEEN starts AND ends
  )
  SELECT format('<section><h2>%s</h2><p class="say">%s</p><ol class="rows">'
           || '<li aria-hidden="true"><span></span><svg height="30">%s<line class="now" x1="%s" x2="%s" y1="22" y2="30"/></svg></li>%s'
           || '<li aria-hidden="true"><span></span><svg height="22"><text class="strong" x="%s" y="14" text-anchor="%s">%s %s</text></svg></li></ol></section>',
           w ->> 'timeline', w ->> 'timeline_say',
           (SELECT string_agg(format('<line class="tick" x1="%1$s" x2="%1$s" y1="22" y2="30"/><text x="%1$s" y="16" text-anchor="middle">%2$s</text>',
                                     credit.html_share(day - s.starts, s.ends - s.starts), y), '') FROM year, span s),
           credit.html_share(s.today - s.starts, s.ends - s.starts), credit.html_share(s.today - s.starts, s.ends - s.starts),
           (SELECT string_agg(format(
              '<li><span class="label">%1$s<small>%10$s</small></span><svg height="48" role="img" aria-label="%2$s"><title>%2$s</title><desc>%11$s</desc>'
              || '<line class="track" x1="0" x2="100%%" y1="24" y2="24"/><rect class="past" x="%3$s" y="20" width="%4$s" height="8"/>'
              || '<rect class="left" x="%5$s" y="20" width="%6$s" height="8"/><line class="now" x1="%7$s" x2="%7$s" y1="0" y2="48"/>'
              || '<svg x="%3$s" y="24" width="1" height="1"><g class="mark">%8$s</g></svg>'
              || '<line stroke="#1c5d68" stroke-width="2" x1="%9$s" x2="%9$s" y1="16" y2="32"/></svg></li>',
              credit.html_text(b.label),
              credit.html_plain(format('%s: %s %s', b.label, w ->> 'until', coalesce(b.last, w ->> 'open'))),
              credit.html_share(b.first_day - s.starts, s.ends - s.starts),
              credit.html_share(least(s.today, coalesce(b.last_day, s.ends)) - b.first_day, s.ends - s.starts),
              credit.html_share(greatest(s.today, b.first_day) - s.starts, s.ends - s.starts),
              credit.html_share(greatest(coalesce(b.last_day, s.ends) - greatest(s.today, b.first_day), 0), s.ends - s.starts),
              credit.html_share(s.today - s.starts, s.ends - s.starts),
              credit.html_sign(b.stance),
              credit.html_share(coalesce(b.last_day, s.ends) - s.starts, s.ends - s.starts),
              credit.html_plain(format('%s · %s %s', coalesce(w ->> b.stance, b.stance), w ->> 'until', coalesce(b.last, w ->> 'open'))),
              credit.html_plain(format('%s %s, %s %s', w ->> 'from', left(b.first, 10), w ->> 'until', coalesce(b.last, w ->> 'open')))),
              E'\n' ORDER BY b.last_day, b.place) FROM bar b WHERE b.first_day IS NOT NULL),
           credit.html_share(s.today - s.starts, s.ends - s.starts),
           CASE WHEN (s.today - s.starts) * 4 < s.ends - s.starts THEN 'start' WHEN (s.today - s.starts) * 4 > 3 * (s.ends - s.starts) THEN 'end' ELSE 'middle' END,
           w ->> 'today', to_char(s.today, 'YYYY-MM-DD'))
    FROM word, span s WHERE s.starts IS NOT NULL;
$$;
COMMENT ON FUNCTION credit.report_html_timeline(jsonb, text) IS 'Display periods of a report''s records on a time line, the first to end on top; for report_html() alone';

CREATE FUNCTION credit.report_html_records(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w)
  SELECT format('<section><h2>%s</h2>%s</section>', w ->> 'records', coalesce(
    (SELECT string_agg(format(
       '<article id="r-%s"><div class="head"><h3><svg class="sign" viewBox="-6 -6 12 12" aria-hidden="true">%s</svg>%s <span class="tag">%s</span></h3>'
       || '<div class="end">%s <strong>%s</strong></div></div>%s%s</article>',
       credit.html_plain(r ->> 'record'), credit.html_sign(r ->> 'stance'), credit.html_text(r ->> language),
       credit.html_plain(concat_ws(' · ', w ->> (r ->> 'stance'), w ->> (r ->> 'severity'))),
       w ->> 'until', credit.html_plain(coalesce(r ->> 'shown_until', w ->> 'open')),
       credit.html_facts(ARRAY[
         [w ->> 'source', r ->> 'provider_name'], [w ->> 'document', concat_ws(' · ', r ->> 'document_no', r ->> 'document_date')],
         [w ->> 'act_day', r ->> 'happened_on'], 
         -- Fields that say the same stand below.
         [w ->> CASE r ->> 'unit' WHEN 'CNY' THEN 'amount' ELSE 'quantity' END,
          CASE WHEN r ->> 'amount' IS NOT NULL AND NOT (r ->> 'unit' = 'CNY' AND r ->> 'fields' ~ '_amount"')
               THEN concat_ws(' ', r ->> 'amount', coalesce(w ->> (r ->> 'unit'), r ->> 'unit')) END],
         [w ->> 'fulfilled', r ->> 'fulfilled_on'], [w ->> 'extended', r ->> 'extended_until']]
         || coalesce((SELECT array_agg(ARRAY[coalesce(w ->> f.key, f.key), f.value] ORDER BY f.key COLLATE "C")
                        FROM jsonb_each_text(CASE WHEN jsonb_typeof(r -> 'fields') = 'object' THEN r -> 'fields' ELSE '{}' END) f), '{}')
         || ARRAY[[w ->> 'basis', r ->> 'basis'], [w ->> 'rule', replace(r ->> 'rule_basis', '[unverified]', w ->> 'unverified')]]),
       coalesce((SELECT string_agg(format('<blockquote><p>%s</p><cite>%s %s</cite></blockquote>',
                                           credit.html_text(t ->> 'text'), w ->> 'statement', credit.html_plain(t ->> 'on')), '')
                   FROM jsonb_array_elements(r -> 'statements') t), '')), E'\n' ORDER BY place)
       FROM jsonb_array_elements(report -> 'records') WITH ORDINALITY e (r, place)),
    format('<p>%s</p>', w ->> 'none')))
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html_records(jsonb, text) IS 'The records of a report, with their source, ground, end and the person''s own words; for report_html() alone';

CREATE FUNCTION credit.report_html_score(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w),
  line AS (
    SELECT e.place, e.l ->> 'why' AS why, e.l ->> 'basis' AS basis, e.l ->> 'counts_until' AS until,
           coalesce(e.l ->> language, e.l ->> 'rule') AS label,
           CASE WHEN e.l ->> 'points' ~ '^-?\d{1,12}(\.\d{1,9})?$' THEN (e.l ->> 'points')::numeric END AS points
      FROM jsonb_array_elements(report #> '{score,lines}') WITH ORDINALITY e (l, place)
  ), span AS (
    SELECT least(min(points), 0) AS low, greatest(max(points), 1) AS high FROM line WHERE why IS DISTINCT FROM 'base'
  )
  SELECT format('<section><h2>%s</h2><p class="say">%s</p><ul class="figures">'
           || '<li><b>%s</b><span>%s %s</span></li><li><b>%s</b><span>%s</span></li></ul><ol class="rows chart">%s</ol></section>',
           w ->> 'score', w ->> 'score_say', credit.html_text(report #>> '{score,points}'), w ->> 'as_of', credit.html_plain(left(report #>> '{score,as_of}', 10)),
           credit.html_text(report #>> '{score,grade}'), w ->> 'grade',
           (SELECT string_agg(CASE WHEN l.why = 'base' THEN
                format('<li><span class="label">%s</span><svg height="34" role="img" aria-label="%1$s %2$s"><title>%1$s %2$s</title>'
                       || '<text class="strong" x="0" y="21">%2$s</text></svg></li>', w ->> 'base', l.points)
              ELSE format(
                '<li><span class="label">%1$s<small>%2$s</small></span><svg height="48" role="img" aria-label="%3$s"><title>%3$s</title><desc>%2$s</desc>'
                || '<svg x="0" width="86%%" height="48"><line class="tick" x1="%4$s" x2="%4$s" y1="4" y2="44"/>'
                || '<rect class="%5$s" x="%6$s" y="18" width="%7$s" height="12"/></svg>'
                || '<text class="strong" x="100%%" y="28" text-anchor="end">%8$s</text></svg></li>',
                credit.html_text(coalesce(l.label, l.why)),
                credit.html_plain(concat_ws(' · ', coalesce(w ->> l.why, w ->> split_part(l.why, ' ', 1), l.why), (w ->> 'counts_until') || ' ' || l.until)),
                credit.html_plain(format('%s: %s %s', coalesce(l.label, l.why), l.points, w ->> 'points')),
                credit.html_share(0 - s.low, s.high - s.low),
                CASE WHEN l.points < 0 THEN 'left' ELSE 'past' END,
                credit.html_share(least(l.points, 0) - s.low, s.high - s.low), credit.html_share(abs(l.points), s.high - s.low),
                CASE WHEN l.points > 0 THEN '+' ELSE '' END || l.points) END, E'\n' ORDER BY l.place) FROM line l))
    FROM word, span s
   WHERE report #> '{score,lines,0}' IS NOT NULL;
$$;
COMMENT ON FUNCTION credit.report_html_score(jsonb, text) IS 'The lines of the score as a chart, in the person''s own report alone; for report_html() alone';

CREATE FUNCTION credit.report_html_asked(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w)
  SELECT CASE
    WHEN report ? 'inquiry' THEN
      format('<section><h2>%s</h2>%s</section>', w ->> 'this_inquiry', credit.html_facts(ARRAY[
        [w ->> 'asked_by', concat_ws(' · ', report #>> '{inquiry,provider_name}', report #>> '{inquiry,person}')],
        [w ->> 'purpose', coalesce(w ->> (report #>> '{inquiry,purpose_name}'), report #>> '{inquiry,purpose_name}', report #>> '{inquiry,purpose}')],
        [w ->> 'authorisation', report #>> '{inquiry,authorisation}'],
        [w ->> 'asked_at', replace(left(report #>> '{inquiry,opened_at}', 16), 'T', ' ')], [w ->> 'inquiry_no', report #>> '{inquiry,number}']]))
    WHEN report #> '{inquiries,0}' IS NULL THEN format('<section><h2>%s</h2><p>%s</p></section>', w ->> 'who_asked', w ->> 'nobody_asked')
    ELSE format('<section><h2>%1$s</h2><table class="cards"><thead>'
      || '<tr><th scope="col">%2$s</th><th scope="col">%3$s</th><th scope="col">%4$s</th><th scope="col">%5$s</th></tr></thead><tbody>%6$s</tbody></table></section>',
      w ->> 'who_asked', w ->> 'when', w ->> 'asked_by', w ->> 'purpose', w ->> 'authorisation',
      (SELECT string_agg(format('<tr><td data-name="%s">%s</td><td data-name="%s">%s</td><td data-name="%s">%s%s</td><td data-name="%s">%s</td></tr>',
                w ->> 'when', credit.html_plain(replace(left(i ->> 'opened_at', 16), 'T', ' ')), w ->> 'asked_by', credit.html_text(i ->> 'provider_name'),
                w ->> 'purpose', credit.html_text(coalesce(w ->> (i ->> 'purpose_name'), i ->> 'purpose_name', i ->> 'purpose')),
                CASE WHEN i ->> 'state' IN ('pending', 'refused') THEN format(' (%s)', w ->> (i ->> 'state')) ELSE '' END,
                w ->> 'authorisation', credit.html_text(i ->> 'authorisation')), E'\n' ORDER BY place)
         FROM jsonb_array_elements(report -> 'inquiries') WITH ORDINALITY e (i, place)))
    END
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html_asked(jsonb, text) IS 'The inquiry that a report answers, or, in the person''s own, everybody who asked; for report_html() alone';

CREATE FUNCTION credit.report_html(report jsonb, language text DEFAULT 'zh') RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- From here on "report" is the one that was checked: a column hides an argument.
  WITH word AS MATERIALIZED (SELECT credit.html_words(language) AS w, credit.checked_report(report) AS report)
  SELECT credit.html_page(report ->> language, language, concat_ws(E'\n',
    CASE WHEN report ? 'watermark' THEN '<div class="marked"><main>' ELSE '<div><main>' END,
    format('<header><h1>%s</h1><p>%s %s</p></header>', credit.html_text(report ->> language), w ->> 'made',
           credit.html_plain(replace(left(report ->> 'made_at', 16), 'T', ' '))),
    format('<section class="facts" aria-label="%s">%s</section>', w ->> 'subject', credit.html_facts(ARRAY[
      [w ->> 'name', report #>> '{subject,name}'], [w ->> 'number', report #>> '{subject,number}'],
      [w ->> 'kind', coalesce(w ->> (report #>> '{subject,kind}'), report #>> '{subject,kind}')],
      [w ->> 'division', coalesce(report #>> '{subject,division_name}', report #>> '{subject,division}')],
      [w ->> 'occupation', report #>> ARRAY['occupation', language]]])),
    format('<section><h2>%s</h2><ul class="figures">%s</ul></section>', w ->> 'records_today',
           (SELECT string_agg(format('<li><b>%s</b><svg class="sign" viewBox="-6 -6 12 12" aria-hidden="true">%s</svg><span>%s</span></li>',
                     credit.html_plain(coalesce(report #>> ARRAY['counts', s], '0')), credit.html_sign(s), w ->> s), '' ORDER BY n)
              FROM unnest('{good,neutral,bad}'::text[]) WITH ORDINALITY u (s, n))),
    credit.report_html_timeline(report, language),
    credit.report_html_records(report, language),
    credit.report_html_score(report, language),
    credit.report_html_asked(report, language),
    (SELECT format('<section><h2>%s</h2><ul class="list">%s</ul></section>', w ->> 'left_out',
              string_agg(format('<li>%s%s%s</li>', credit.html_text(l ->> language), CASE WHEN l ? 'count' THEN ': ' || credit.html_text(l ->> 'count') ELSE '' END,
                coalesce((SELECT '<small>' || string_agg(credit.html_text(c ->> language), ' · ') || '</small>' FROM jsonb_array_elements(l -> 'categories') c), '')),
                '' ORDER BY place))
       FROM jsonb_array_elements(report -> 'left_out') WITH ORDINALITY e (l, place) HAVING count(*) > 0),
    (SELECT format('<section><h2>%s</h2><ol class="list">%s</ol></section>', w ->> 'rights',
              string_agg(format('<li>%s%s</li>', credit.html_text(g ->> language),
                (SELECT string_agg(format('<small>%s%s %s %s · %s</small>',
                          (SELECT string_agg(credit.html_text(i ->> language), ' · ') || ': ' FROM jsonb_array_elements(t -> 'items') i),
                          w ->> CASE t ->> 'state' WHEN 'forwarded' THEN 'reply_in_forwarded' ELSE 'reply_in' END, credit.html_plain(t ->> 'days'),
                          credit.html_plain(coalesce(w ->> (t ->> 'unit'), t ->> 'unit')), credit.html_plain(t ->> 'basis')), '' ORDER BY n)
                   FROM jsonb_array_elements(g -> 'terms') WITH ORDINALITY u (t, n))),
                '' ORDER BY place))
       FROM jsonb_array_elements(report -> 'rights') WITH ORDINALITY e (g, place) WHERE jsonb_typeof(g) = 'object' HAVING count(*) > 0),
    '</main>',
    format('<footer class="foot"><p>%s</p><p>%s</p>%s<p>%s <span class="code">%s</span></p></footer>',
           credit.html_text(report #>> ARRAY['note', language]), CASE WHEN report ? 'watermark' THEN w ->> 'watermark_say' ELSE w ->> 'own_say' END,
           CASE WHEN report ? 'watermark' THEN format('<p>%s <span class="code">%s</span></p>', w ->> 'watermark', credit.html_plain(report ->> 'watermark')) ELSE '' END,
           w ->> 'law', credit.html_plain(concat_ws(' ', report #>> '{law,rulebook}', left(report #>> '{law,digest}', 12)))),
    CASE WHEN report ? 'watermark' THEN format('<div class="stamp code" aria-hidden="true">%s</div>', credit.html_plain(report ->> 'watermark')) ELSE '' END, '</div>'))
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html(jsonb, text) IS
  'A report as a page that stands alone: for paper, phone and screen, without colour, script or request; language zh or en; everything in it escaped; 22023 for what is no report';

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

CREATE FUNCTION credit.everywhere_report(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A report is drawn anew each time: nothing is kept that could go on showing it.
  RETURN QUERY
    SELECT 'report'::text, e ->> 'item'
      FROM jsonb_array_elements(credit.report_records(everywhere_report.subject, NULL, NULL, NULL)) e
     WHERE e ->> 'record' = everywhere_report.record::text;
END
$$;
COMMENT ON FUNCTION credit.everywhere_report(credit.pseudonym, uuid) IS 'Of everywhere(): is a record in a report that is drawn now?';
REVOKE ALL ON FUNCTION credit.everywhere_report(credit.pseudonym, uuid) FROM PUBLIC;
