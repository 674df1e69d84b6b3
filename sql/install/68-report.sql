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
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kept pg_catalog.record;
  code credit.code;
  name text;
  kind text;
BEGIN
  SELECT i.number, i.name, i.data_key INTO kept FROM credit_register.identity i WHERE i.subject = report_subject.subject;
  IF NOT FOUND THEN
    -- Nobody's pseudonym may read as a code; one that was never issued is none.
    IF coalesce(current_setting('credit.key_file', true), '') <> '' THEN
      SELECT c INTO code FROM credit.code_behind(subject) c WHERE credit.is_regular(c);
    END IF;
  ELSIF kept.data_key IS NOT NULL THEN
    -- Unsealed without the login's budget: an inquiry is registered already.
    code := credit.identity_unseal(subject, 'number', kept.number, kept.data_key);
    name := credit.identity_unseal(subject, 'name', kept.name, kept.data_key);
  END IF;
  SELECT s.kind, s.division INTO kept FROM credit_register.subject s WHERE s.subject = report_subject.subject;
  kind := coalesce(kept.kind, credit.code_kind(code));
  -- What an organisation is called and its code are public.
  RETURN jsonb_build_object(
    'name', CASE WHEN kind ~ 'organisation$' THEN name ELSE credit.mask_name(name) END,
    'number', CASE WHEN kind ~ 'organisation$' THEN rtrim(credit.code_text(code), '?') ELSE credit.mask(code) END, 'kind', kind, 'division', kept.division,
    'division_name', CASE WHEN kept.division ~ '^\d{6}' THEN credit.division_full_name(left(kept.division, 6), credit.today()) END);
END
$$;
COMMENT ON FUNCTION credit.report_subject(credit.pseudonym) IS
  'Whom a report is about: name and number masked, an organisation by its name and code; without a file, what the number tells; for reports alone';
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
             'amount', trim_scale(r.amount), 'unit', CASE WHEN r.amount IS NOT NULL THEN coalesce(i.unit, 'CNY') END, 'fulfilled_on', r.fulfilled_on,
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
  frame jsonb;
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
  frame := credit.report_frame(kind, shape.zh, shape.en, whom, credit.report_records(whom, kind, asked.purpose, occupation));
  IF (frame #>> '{subject,kind}') ~ 'organisation$' <> shape.organisations THEN
    RAISE EXCEPTION 'this kind of report is about %', CASE WHEN shape.organisations THEN 'organisations' ELSE 'persons' END
      USING ERRCODE = 'invalid_parameter_value', HINT = 'credit_register.report_kind says which kinds there are, and about whom.';
  END IF;
  RETURN frame
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
