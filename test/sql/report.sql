-- Reports: what they show and to whom, the watermark, the page.
--
-- Seen failing without the defence: repaired_in_an_old_inquiry and
-- what_has_ended with credit_register.record in place of shown_record in
-- report_records(); forged_watermark with report_mark() that hashes without the
-- key; number_in_a_field without "fields - ..."; script_in_a_field and the texts
-- read back by XPath with html_text() that does not escape.  The page in a
-- browser, and the schema, are in test/t/160_report.pl.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
SELECT credit.create_register();
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
CREATE ROLE regress_window LOGIN;
CREATE ROLE regress_window_2 LOGIN;
CREATE ROLE regress_auditor LOGIN;
CREATE ROLE regress_citizen LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Office A', '370323'), ('b', 'Office B', '370323');
INSERT INTO credit_register.purpose (purpose, name, basis, categories, items) VALUES
  ('loan', 'A loan', 'law 1', '{financial_activity}', '{utility_arrears}');
SELECT credit.identity_store('370323198503129019', '赵青山') AS person, credit.identity_store('91350203M0001QKT19?', '一家公司') AS firm \gset
INSERT INTO credit_register.subject (subject, kind, division) VALUES (:'person', 'citizen', '370323'), (:'firm', 'organisation', '370323');
SELECT credit.grant_duty('regress_window', 'credit_window', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_window_2', 'credit_window', 'b', NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_auditor', 'credit_auditor', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_citizen', 'credit_citizen', NULL, NULL, NULL, 'real name checked', '[2020-01-01,)', subject => :'person') IS NOT NULL AS granted;
-- What is shown today, whatever today is, and what is not.
INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, conduct_end, provider, division, stance, state, minor, document_no, fields,
                                    final_on, basis, basis_in_force, fingerprint)
  SELECT s, item, severity::credit.severity, credit.today() - days, credit.today() - days, credit.today() - days, 'a', '370323',
         stance::credit.stance, state, minor, no, fields,
         credit.today() - days, 'county opinion (9)', '[2018-05-21,)', sha256(no::bytea)
    FROM (VALUES
  (:'person'::credit.pseudonym, 'administrative_penalty', 'general', 30, 'bad', 'active', false, 'p1', '{"violation": "v", "name": "赵青山", "subject_code": "370323198503129019"}'::jsonb),
  (:'person', 'commendation', NULL, 20, 'good', 'active', false, 'c1', '{"honour": "h"}'),
  (:'person', 'utility_arrears', NULL, 10, 'bad', 'active', false, 'u1', '{}'),
  (:'person', 'qualification', NULL, 40, 'neutral', 'active', false, 'q1', '{"occupation": "teacher", "certificate": "t"}'),
  (:'person', 'qualification', NULL, 40, 'neutral', 'active', false, 'q2', '{"occupation": "lawyer", "certificate": "l"}'),
  (:'person', 'administrative_penalty', 'minor', 2500, 'bad', 'active', false, 'ended', '{}'),
  (:'person', 'administrative_penalty', 'general', 30, 'bad', 'disputed', false, 'disputed', '{}'),
  (:'person', 'administrative_penalty', 'general', 30, 'bad', 'repaired', false, 'repaired', '{}'),
  (:'person', 'administrative_penalty', 'general', 30, 'bad', 'withdrawn', false, 'withdrawn', '{}'),
  (:'person', 'commendation', NULL, 30, 'good', 'active', true, 'minor', '{}'),
  -- item_gone_from_the_law: no basis any more, and no hindrance to the rest.
  (:'person', 'item_of_an_old_rulebook', NULL, 30, 'bad', 'active', false, 'gone', '{}'),
  (:'firm', 'market_penalty', 'general', 30, 'bad', 'active', false, 'f1', '{}')) AS v (s, item, severity, days, stance, state, minor, no, fields);

-- As every reader: register, commit, then read.
SET SESSION AUTHORIZATION regress_window;
SELECT credit.report('00000000-0000-0000-0000-000000000001');
BEGIN; SELECT FROM credit.enter();
SELECT credit.open_inquiry_on(:'person', 'administration', 'licence 5') AS inquiry, credit.open_inquiry_on(:'person', 'loan', 'contract 6') AS loan,
       credit.open_inquiry_on(:'firm', 'administration', 'licence 7') AS firm_inquiry, credit.open_inquiry_on('P000000000000303', 'loan', 'contract 8') AS absent \gset
SELECT credit.report(:'inquiry');
ROLLBACK;
BEGIN; SELECT FROM credit.enter();
SELECT credit.open_inquiry_on(:'person', 'administration', 'licence 5') AS inquiry, credit.open_inquiry_on(:'person', 'loan', 'contract 6') AS loan,
       credit.open_inquiry_on(:'firm', 'administration', 'licence 7') AS firm_inquiry, credit.open_inquiry_on('P000000000000303', 'loan', 'contract 8') AS absent \gset
COMMIT;
SET SESSION AUTHORIZATION regress_window_2;
BEGIN; SELECT FROM credit.enter(); SELECT credit.report(:'inquiry'); ROLLBACK;
SET SESSION AUTHORIZATION regress_window;
BEGIN READ ONLY; SELECT FROM credit.enter();
SELECT credit.report(:'inquiry') AS report, credit.report(:'loan') AS loan_report, credit.report(:'absent') AS absent_report \gset
ROLLBACK;

-- what_has_ended, and all else that is not shown, is not there; what is there says until when and why.
SELECT r ->> 'document_no' AS document_no, r ->> 'item' AS item, r ->> 'zh' AS zh, r ->> 'en' AS en, r ->> 'provider_name' AS provider,
       r ->> 'stance' AS stance, r -> 'fields' AS fields
  FROM jsonb_array_elements(:'report'::jsonb -> 'records') r ORDER BY 1;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS records,
       bool_and((r ->> 'shown_until')::date = upper(d.p) - 1) AS same_end, bool_and((r ->> 'shown_from')::date = lower(d.p)) AS same_start,
       bool_and(credit.displayed_on(b, s.item, s.severity, s.document_date, s.conduct_end, s.displayed_from, (r ->> 'shown_until')::date)) AS on_last_day,
       bool_or(credit.displayed_on(b, s.item, s.severity, s.document_date, s.conduct_end, s.displayed_from, (r ->> 'shown_until')::date + 1)) AS on_next_day,
       bool_and(r ->> 'rule_basis' = (SELECT e.basis FROM credit.explain_display(b, s.item, s.severity, s.document_date, s.conduct_end, s.displayed_from) e LIMIT 1)) AS same_basis
  FROM jsonb_array_elements(:'report'::jsonb -> 'records') r JOIN credit_register.record s ON s.record = (r ->> 'record')::uuid,
       (SELECT credit.shipped_rulebook('cn-370323')) AS k (b),
       LATERAL (SELECT credit.display_period(b, s.item, s.severity, s.document_date, s.conduct_end, s.displayed_from)) AS d (p);
SELECT :'report'::jsonb -> 'counts' AS counts, :'report'::jsonb -> 'subject' AS subject, :'report'::jsonb #>> '{inquiry,provider_name}' AS provider,
       :'report'::jsonb #>> '{inquiry,purpose}' AS purpose, :'report'::jsonb #>> '{inquiry,authorisation}' AS authorisation;
-- The terms are those that a case gets when it is opened, and when the provider has to verify.
SELECT r ->> 'right' AS "right", t ->> 'state' AS state, t ->> 'days' AS days, t ->> 'unit' AS unit, jsonb_path_query_array(t, '$.items[*].code') AS items
  FROM jsonb_array_elements(:'report'::jsonb -> 'rights') r LEFT JOIN LATERAL jsonb_array_elements(r -> 'terms') t ON true;
RESET SESSION AUTHORIZATION;
SELECT bool_and(credit.case_due(k.kind, t ->> 'state', t #>> '{items,0,code}', credit.today())
                = credit.add_workdays(credit.rulebook_on(credit.today()), credit.today(), (t ->> 'days')::int)) AS as_the_case, count(*) AS terms
  FROM jsonb_array_elements(:'report'::jsonb -> 'rights') r JOIN (VALUES ('object', 'objection'), ('repair', 'repair'), ('complain', 'complaint')) k ("right", kind) ON k."right" = r ->> 'right',
       jsonb_array_elements(r -> 'terms') t WHERE t ->> 'unit' = 'workday';

-- number_in_a_field: neither number nor name, wherever a provider put them.
SELECT :'report' ~ '198503129019|青山' AS identified, :'report' ~ :'person' AS pseudonym_travels;
-- score_in_a_report: no key of that kind, at any depth.
SELECT jsonb_path_exists(:'report'::jsonb, '$.** ? (@.score != null || @.points != null || @.grade != null)') AS has_score;

-- Cut to the purpose; left_out_tells_nothing: the same for a person without any record.
SELECT jsonb_path_query_array(:'loan_report'::jsonb, '$.records[*].item') AS for_a_loan,
       jsonb_path_query_array(:'loan_report'::jsonb, '$.left_out[*].reason') AS reasons,
       jsonb_path_query_array(:'loan_report'::jsonb, '$.left_out[0].categories[*].code') AS categories;
SELECT :'loan_report'::jsonb -> 'left_out' = :'absent_report'::jsonb -> 'left_out' AS left_out_tells_nothing, :'absent_report'::jsonb -> 'records' AS absent;

-- Kinds.
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter();
SELECT jsonb_path_query_array(credit.report(:'inquiry', 'occupational', 'teacher'), '$.records[*].document_no') AS teacher,
       credit.report(:'inquiry', 'occupational', 'teacher') #>> '{occupation,zh}' AS occupation,
       jsonb_path_query_array(credit.report(:'firm_inquiry', 'organisation'), '$.records[*].document_no') AS firm,
       credit.report(:'firm_inquiry', 'organisation') #>> '{subject,name}' AS name;
SAVEPOINT s;
SELECT credit.report(:'inquiry', 'organisation'); ROLLBACK TO s;
SELECT credit.report(:'firm_inquiry', 'occupational', 'teacher'); ROLLBACK TO s;
SELECT credit.report(:'inquiry', 'occupational'); ROLLBACK TO s;
SELECT credit.report(:'inquiry', 'occupational', 'astrologer'); ROLLBACK TO s;
SELECT credit.report(:'inquiry', 'general', 'teacher'); ROLLBACK TO s;
SELECT credit.report(:'inquiry', 'own'); ROLLBACK TO s;
SELECT credit.report(:'inquiry', NULL); ROLLBACK TO s;
SELECT credit.my_report(); ROLLBACK TO s;
SELECT credit.leak_trace(:'report'::jsonb ->> 'watermark'); ROLLBACK TO s;
SELECT credit.dashboard(); ROLLBACK TO s;
SELECT credit.dashboard_html(); ROLLBACK TO s;
SELECT credit.report_mark(:'inquiry'); ROLLBACK TO s;
SELECT credit.report_records(:'person', NULL, NULL, NULL);
ROLLBACK;

-- repaired_in_an_old_inquiry: the report is drawn anew, and the record is gone from it.
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT credit.change_record(subject, record, 'repaired', 'case 1') FROM credit_register.record WHERE document_no = 'p1';
SET SESSION AUTHORIZATION regress_window;
SELECT FROM credit.enter();
SELECT count(*) FILTER (WHERE r ->> 'document_no' = 'p1') AS repaired, count(*) AS rest FROM jsonb_array_elements(credit.report(:'inquiry') -> 'records') r;
ROLLBACK;

-- The watermark leads to the inquiry: whole, forged_watermark, torn, of no inquiry, too little.
SET SESSION AUTHORIZATION regress_auditor;
SELECT * FROM credit.leak_trace(:'report'::jsonb ->> 'watermark');
BEGIN; SELECT FROM credit.enter();
SELECT inquiry = :'inquiry' AS found, genuine, person, application, provider, purpose, authorisation FROM credit.leak_trace(:'report'::jsonb ->> 'watermark');
SELECT inquiry = :'inquiry' AS found, genuine FROM credit.leak_trace(upper(:'report'::jsonb ->> 'watermark') || E' \n');
SELECT inquiry = :'inquiry' AS found, genuine FROM credit.leak_trace(:'inquiry' || '-' || left(encode(sha256(uuid_send(:'inquiry')), 'hex'), 12));
SELECT inquiry = :'inquiry' AS found, genuine FROM credit.leak_trace(left(:'inquiry', 13));
SELECT count(*) FROM credit.leak_trace('ffffffff-ffff-ffff-ffff-ffffffffffff-ffffffffffff');
SELECT :'report'::jsonb ->> 'watermark' <> :'loan_report'::jsonb ->> 'watermark' AS another;
SAVEPOINT s;
SELECT credit.leak_trace('1234567'); ROLLBACK TO s;
SELECT credit.leak_trace(NULL); ROLLBACK TO s;
-- The county's page: numbers of few persons are withheld.
SELECT credit.dashboard(2); ROLLBACK TO s;
SELECT s ->> 'section' AS section, CASE WHEN s ->> 'section' <> 'inquiries' THEN jsonb_array_length(s -> 'rows') END AS rows,
       jsonb_path_query_array(s, '$.rows[*].count ? (@ != 0)') AS counts
  FROM jsonb_array_elements(credit.dashboard() -> 'sections') s;
SELECT jsonb_path_query_array(s, '$.rows[*].count ? (@ != 0)') AS counts
  FROM jsonb_array_elements(credit.dashboard(3) -> 'sections') s WHERE s ->> 'section' = 'intake';
SELECT l AS language, xml_is_well_formed_document(replace(credit.dashboard_html(l), '<!DOCTYPE html>', '')) AS well_formed FROM unnest('{zh,en}'::text[]) l;
ROLLBACK;

-- The person's own words go wherever the record goes.  Consent to a score, and one is made.
SET SESSION AUTHORIZATION regress_citizen;
SELECT r ->> 'record' AS p1 FROM jsonb_array_elements(:'report'::jsonb -> 'records') r WHERE r ->> 'document_no' = 'p1' \gset
BEGIN; SELECT FROM credit.enter();
SELECT credit.add_statement(:'p1', 'paid the same day <b>') IS NOT NULL AS said, credit.consent_to_score() IS NOT NULL AS agreed;
COMMIT;
RESET SESSION AUTHORIZATION;
CALL credit.score_all();
SET SESSION AUTHORIZATION regress_window;
BEGIN READ ONLY; SELECT FROM credit.enter();
SELECT credit.report(:'inquiry') AS report \gset
ROLLBACK;
SELECT jsonb_path_query_array(:'report'::jsonb, '$.records[*].statements[*].text') AS statements, credit.report_html(:'report', 'en') ~ 'paid the same day &lt;b&gt;' AS on_the_page,
       jsonb_path_exists(:'report'::jsonb, '$.** ? (@.score != null || @.points != null || @.grade != null)') AS has_score;

-- Their own: all of it, with what is not shown and why, and who asked.
SET SESSION AUTHORIZATION regress_citizen;
SELECT credit.my_report();
BEGIN READ ONLY; SELECT FROM credit.enter();
SELECT credit.my_report() AS own \gset
ROLLBACK;
SELECT :'own'::jsonb ->> 'kind' AS kind, jsonb_array_length(:'own'::jsonb -> 'records') AS records, :'own'::jsonb ? 'watermark' AS watermark, :'own'::jsonb ? 'score' AS score;
SELECT (:'own'::jsonb #>> '{score,points}')::numeric = sum((l ->> 'points')::numeric) AS lines_add_up, count(*) AS lines, count(l ->> 'zh') AS named
  FROM jsonb_array_elements(:'own'::jsonb #> '{score,lines}') l;
SELECT l ->> 'reason' AS reason, l ->> 'zh' AS zh, l ->> 'count' AS count FROM jsonb_array_elements(:'own'::jsonb -> 'left_out') l;
SELECT i ->> 'provider_name' AS provider, i ->> 'purpose' AS purpose, i ->> 'authorisation' AS authorisation FROM jsonb_array_elements(:'own'::jsonb -> 'inquiries') i ORDER BY 3;
RESET SESSION AUTHORIZATION;

-- ---------------------------------------------------------------------------
-- The page.  It is XML, too, so an independent parser says whether it holds together.
-- ---------------------------------------------------------------------------
CREATE FUNCTION pg_temp.page(report jsonb, language text) RETURNS xml LANGUAGE sql AS
  $$ SELECT xmlparse(DOCUMENT replace(credit.report_html(report, language), '<!DOCTYPE html>', '')) $$;
SELECT l AS language, (xpath('count(//ol[contains(@class, "chart")]/li)', pg_temp.page(:'own', l)))[1] AS score_lines FROM unnest('{zh,en}'::text[]) l;
SELECT l AS language, (xpath('string(/html/@lang)', p))[1] AS lang, (xpath('string(//h1)', p))[1] AS h1,
       (xpath('count(//article)', p))[1] AS records, (xpath('count(//section/h2)', p))[1] AS sections,
       (xpath('count(//svg[@role="img"][not(title) or not(@aria-label)])', p))[1] AS images_without_name,
       (xpath('count(//th[not(@scope)])', p))[1] AS heads_without_scope,
       (xpath('count(//script|//link|//img|//iframe|//object|//a|//form)', p))[1] AS foreign_parts,
       (xpath('count(//@*[starts-with(name(), "on") or name() = "href" or name() = "src"])', p))[1] AS handlers
  FROM unnest('{zh,en}'::text[]) l, LATERAL (SELECT pg_temp.page(:'report', l) AS p) x;
SELECT credit.report_html(:'report', 'zh') ~ '(url\(|@import|https?://|//[a-z])' AS loads_something,
       credit.report_html(:'report', 'zh') ~ (:'report'::jsonb ->> 'watermark') AS has_watermark;
SELECT credit.report_html(:'report', 'fr');
-- error_object_as_a_report: no clean page of what is none.
SELECT credit.report_html(NULL) IS NULL AS of_nothing, credit.report_html(:'report', NULL) IS NULL AS in_no_language;
SELECT credit.report_html('{"a": 1}');
SELECT credit.report_html('[]');
SELECT credit.report_html('{"format": 2}');
SELECT credit.report_html(:'report'::jsonb - 'watermark');
SELECT credit.report_html(:'own'::jsonb || '{"watermark": "x"}');
SELECT credit.report_html(jsonb_set(:'report', '{records,0,statements}', '1'));
-- Whatever part is missing, or is something else: refused in the same words, never raw.
CREATE FUNCTION pg_temp.refused(report jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM credit.report_html(report);
  RETURN 'drawn';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.paths(value jsonb, path text[] DEFAULT '{}') RETURNS SETOF text[] LANGUAGE sql AS $$
  SELECT p FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END) e, LATERAL (SELECT path || e.key UNION ALL SELECT pg_temp.paths(e.value, path || e.key)) x (p)
  UNION ALL SELECT p FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) WITH ORDINALITY e,
    LATERAL (SELECT pg_temp.paths(e.value, path || (e.ordinality - 1)::text)) x (p) $$;
SELECT pg_temp.refused(r #- p) AS without, count(*) > 50 AS many
  FROM (SELECT r FROM unnest(ARRAY[:'report', :'own']::jsonb[]) r) x, LATERAL (SELECT DISTINCT pg_temp.paths(r)) y (p)
 WHERE p[cardinality(p)] !~ '^(terms|items|categories|count|score|basis|rule|counts_until|zh|en)$' AND p[3] IS DISTINCT FROM 'fields' GROUP BY 1;
SELECT pg_temp.refused(jsonb_set(r, p, v)) AS as_another, count(*) > 100 AS many
  FROM (SELECT r FROM unnest(ARRAY[:'report', :'own']::jsonb[]) r) x, LATERAL (SELECT DISTINCT pg_temp.paths(r)) y (p), unnest(ARRAY['{"a": 1}', '[1]', '-1.5', 'true']::jsonb[]) v
 WHERE p[3] IS DISTINCT FROM 'fields' AND jsonb_typeof(r #> p) NOT IN (jsonb_typeof(v), 'null') AND NOT (p[array_upper(p, 1)] = 'amount') GROUP BY 1;
SELECT credit.dashboard_page(NULL, 'en') IS NULL AS of_nothing;
SELECT credit.dashboard_page('{"a": 1}', 'en');
SELECT credit.dashboard_page('{"format": 1, "day": "x", "min_cell": 10, "figures": [{"label": "subjects", "count": 1.5}], "sections": []}', 'en');
SELECT credit.dashboard_page('{"format": 1, "day": "x", "min_cell": 10, "figures": [], "sections": []}', 'en') ~ '<h1>' AS drawn;

-- hours_as_money: what an amount counts is said by its item.
SELECT jsonb_set(:'own', '{records}', jsonb_build_array(:'own'::jsonb #> '{records,0}' || '{"amount": 40, "unit": "hour", "fields": {}}',
         :'own'::jsonb #> '{records,0}' || '{"amount": 200, "unit": "CNY", "fields": {}}', :'own'::jsonb #> '{records,0}' || '{"amount": 7, "fields": {"fine_amount": 7}}')) AS counted \gset
SELECT l AS language, n, (xpath('string(//article[' || n || ']//div[dt="' || q || '"])', p))[1] AS said
  FROM unnest('{zh,en}'::text[]) l, LATERAL (SELECT pg_temp.page(:'counted', l) AS p) x, unnest(CASE l WHEN 'zh' THEN '{金额,数量}' ELSE '{Amount,Quantity}'::text[] END) q, generate_series(1, 3) n
 WHERE xpath_exists('//article[' || n || ']//div[dt="' || q || '"]', p) ORDER BY 1, 2;
BEGIN;
INSERT INTO credit_register.record (subject, item, document_date, happened_on, provider, division, stance, document_no, amount, fields, final_on, basis, basis_in_force, fingerprint)
  VALUES (:'person', 'volunteer_hours', credit.today() - 9, credit.today() - 9, 'a', '370323', 'good', 'h1', 40, '{}', credit.today() - 9, 'law', '[2018-05-21,)', sha256('h1')),
         (:'person', 'charity_donation', credit.today() - 9, credit.today() - 9, 'a', '370323', 'good', 'd1', 40, '{}', credit.today() - 9, 'law', '[2018-05-21,)', sha256('d1'));
SELECT r ->> 'item' AS item, r ->> 'amount' AS amount, r ->> 'unit' AS unit, c ->> 'unit' AS to_receivers
  FROM jsonb_array_elements(credit.report_records(:'person', NULL, NULL, NULL)) r, LATERAL (SELECT credit.record_content(:'person', (r ->> 'record')::uuid)) x (c)
 WHERE r ->> 'amount' IS NOT NULL OR r ->> 'item' = 'commendation' ORDER BY 1;
ROLLBACK;
-- Every purpose has a name in Chinese.
SELECT p.purpose FROM credit_register.purpose p WHERE p.purpose <> 'loan' AND NOT credit.html_words('zh') ? p.name;

-- script_in_a_field, quote_in_a_name, direction_in_a_name: every text of a report, hostile.
CREATE TEMP TABLE hostile (n int, words text);
INSERT INTO hostile VALUES
  (1, '<script>alert(1)</script>'), (2, '"><img src=x onerror=alert(1)>'), (3, ''' onload=''alert(1)'), (4, '</style></title></svg><script>'), (5, '&lt;b&gt; &amp; &#60;'),
  (6, U&'\202Etxt.exe\202C \2066\05D0\05D1\2069'), (7, U&'a\0001\0008\000B\001Bb'), (8, ']]><!-- --><![CDATA['), (9, '%1$s %s %% {k}'), (10, U&'\+020000\+01F600 買·艾買提');
CREATE FUNCTION pg_temp.poisoned(value jsonb, words text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(value)
    WHEN 'object' THEN (SELECT jsonb_object_agg(k, CASE WHEN k IN ('day', 'shown_from', 'shown_until', 'stance') THEN v
                                                      ELSE pg_temp.poisoned(v, words) END) FROM jsonb_each(value) e (k, v))
    WHEN 'array' THEN (SELECT jsonb_agg(pg_temp.poisoned(v, words)) FROM jsonb_array_elements(value) v)
    WHEN 'string' THEN to_jsonb(words) ELSE value END $$;
\set full '{"statements": [{"on": "x", "text": "y"}], "severity": "x", "basis": "x", "amount": 1, "fields": {"a": "b"}}'
SELECT n, l AS language, (xpath('count(//*)', p))[1]::text = (xpath('count(//*)', q))[1]::text AS same_elements,
       (xpath('count(//@*)', p))[1]::text = (xpath('count(//@*)', q))[1]::text AS same_attributes,
       (xpath('string(//article[1]/blockquote/p)', p))[1]::text
         = replace(replace(replace(regexp_replace(words, '[\x01-\x08\x0b\x0c\x0e-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]', '', 'g'), '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS reads_back
  FROM hostile, unnest('{zh,en}'::text[]) l,
       LATERAL (SELECT jsonb_set(:'own', '{records}', (SELECT jsonb_agg(r || :'full') FROM jsonb_array_elements(:'own'::jsonb -> 'records') r))
                    || '{"score": {"as_of": "x", "points": "1", "grade": "x", "lines": [{"points": 1, "why": "x", "basis": "x", "counts_until": "x", "zh": "x", "en": "x"}]}}' AS report) f,
       LATERAL (SELECT pg_temp.page(pg_temp.poisoned(report, words), l) AS p, pg_temp.page(pg_temp.poisoned(report, repeat('x', octet_length(words))), l) AS q) x ORDER BY n, l;
-- Keys of fields are texts of others, too.
SELECT (xpath('count(//script)', pg_temp.page(jsonb_set(:'report', '{records,0,fields}', '{"<script>alert(1)</script>": 1}'), 'zh')))[1] AS scripts;

-- Ends on the line are where the days are: half of a span is half of the width.
SELECT (xpath('string(//li/svg/rect[@class="left"]/@x)', p))[1] AS today_at, (xpath('string(//li/svg/rect[@class="left"]/@width)', p))[1] AS rest,
       (xpath('string(//li/svg/title)', p))[1] AS title
  FROM (SELECT pg_temp.page(:'own' || jsonb_build_object('day', '2026-01-01', 'records', jsonb_build_array(:'own'::jsonb #> '{records,0}'
          || '{"zh": "一", "en": "one", "stance": "bad", "shown_from": "2025-01-01", "shown_until": "2026-12-31"}')), 'en') AS p) x;
SELECT v, credit.html_day(v) FROM unnest('{2026-02-28,2026-02-29,2024-02-29T08:00,2026-04-31,2026-13-01,today,infinity,0026-01-01,2026-12-31x,2026-01-00}'::text[]) v;

-- A number without a file: the report says of which number it says nothing.
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter();
SELECT credit.open_inquiry('34052419800101001X', 'administration', 'licence 9') AS unfiled, credit.open_inquiry('914403001922038216', 'administration', 'licence 9') AS unfiled_firm \gset
COMMIT;
BEGIN; SELECT FROM credit.enter();
SELECT credit.report(:'unfiled') -> 'subject' AS person, credit.report(:'unfiled_firm', 'organisation') -> 'subject' AS firm,
       credit.report_html(credit.report(:'unfiled'), 'en') ~ 'Neither a name nor a file' AS said;
SELECT credit.report(:'unfiled', 'organisation');
ROLLBACK;
RESET SESSION AUTHORIZATION;

SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_window, regress_window_2, regress_auditor, regress_citizen;
DROP ROLE regress_window, regress_window_2, regress_auditor, regress_citizen;
SELECT current_setting('credit.key_file') AS key_file \gset
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
