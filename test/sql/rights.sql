-- Rights and ethics as rules of the schema: E1 to E25, each with the query that a
-- sceptic would run.  What is "forged" or "changed" is written by a superuser who
-- goes around every function; the answer names the constraint that stopped him.
--
-- Seen failing, each defence taken away in a copy: E1 the CHECKs of record, delivery and
-- purpose; E2 has_reserved_field() on facts and on deliveries; E3 with a column face_id;
-- E4 record_finding; E5 record_adult, check_publication(); E6 the trigger of consent, the
-- purpose in the key of score, the DELETE in drop_scores(); E7 and E8 their CHECKs and the
-- key to the notice; E9 proportion, the keys to contexts; E10 isfinite() on boards, the
-- display in shown_record; E11 the finding; E12 "clean IS NULL OR"; E13 state and
-- answer_due in shown_record, state in compute_scores(); E14 'stop_use', check_as_of();
-- E15 with milder_reaches_back false; E16 with random() for a reason; E17 its CHECK; E18
-- inquiry_delay, the CHECK of delay; E19 with a GRANT to windows, without the budget; E20
-- without small cells and totals (either alone still withholds); E21 check_mandate() and the
-- report; E22 forget() that keeps the key; E23 with a column fee; E24 with 'dishonest' for
-- 'please verify'; E25 with a function predict_x().  The seams at the end: each
-- current_subject(), drop_scores() in move_rows(), refuse_market(), extended_until; shield_by_correction
-- without is_minor() in correct_record().
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS credit;
SELECT credit.create_register();
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
-- The law that ships; its calendar goes on with plain weeks, so that the test does not end with the year.
SELECT credit.adopt_rulebook('cn', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)') \gset

-- A small register: a person with good and bad records, another one, a minor, a firm; what follows from them.
CREATE FUNCTION pg_temp.code_of(born date, serial int DEFAULT 901) RETURNS credit.code LANGUAGE sql AS $$
  SELECT (d || substr('10X98765432', (SELECT sum(substr(d, i, 1)::int * (2 ^ (18 - i))::int)::int % 11 FROM generate_series(1, 17) i) + 1, 1))::credit.code
    FROM (SELECT '370323' || to_char(born, 'YYYYMMDD') || serial) AS t (d) $$;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; name text; n bigint; BEGIN
  EXECUTE statement;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n = 0 THEN RETURN 'NO ROW'; END IF;
  RAISE EXCEPTION 'nobody refused it' USING ERRCODE = 'ZZ000';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, name = CONSTRAINT_NAME;
  RETURN CASE state WHEN 'ZZ000' THEN 'NOT REFUSED' WHEN '22P02' THEN SQLERRM ELSE concat_ws(' ', state, nullif(name, '')) END;
END $$;
-- A copy of a row with some of its columns changed.
CREATE FUNCTION pg_temp.forged(relation text, change jsonb, which text DEFAULT 'true') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.refused(format('INSERT INTO credit_register.%I SELECT (jsonb_populate_record(t, %L)).* FROM credit_register.%I t WHERE %s LIMIT 1', relation, change, relation, which)) $$;
CREATE FUNCTION pg_temp.new_record(change jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.forged('record', jsonb_build_object('record', gen_random_uuid(), 'fingerprint', '\x01') || change, $q$document_no = 'penalty'$q$) $$;
CREATE TABLE public.regress_note (name text PRIMARY KEY, value text);
CREATE FUNCTION public.regress_note(n text) RETURNS text LANGUAGE sql STABLE AS 'SELECT value FROM public.regress_note WHERE name = n';
GRANT SELECT, INSERT ON public.regress_note TO PUBLIC;
INSERT INTO public.regress_note VALUES ('zhang', '370323199503129013'), ('li', '372828196503129010'), ('firm', '914403001922038216'),
  ('minor', pg_temp.code_of((credit.today() - interval '16 years')::date)::text),
  ('grown', pg_temp.code_of((credit.today() - interval '18 years 10 days')::date)::text), ('twin', '370323198503129019');
INSERT INTO credit_register.provider (provider, name, division, kind) VALUES ('a', 'Office A', '370323', 'department'), ('b', 'Office B', '370323', 'court'), ('guild', 'Guild', '370323', 'association');
INSERT INTO credit_register.receiver VALUES ('city', 'City platform', 'platform');
SELECT format('CREATE ROLE regress_%s LOGIN', r) FROM unnest('{office,reviewer,second,window,citizen,twin,publisher,auditor,analyst,guild}'::text[]) r \gexec
SELECT count(credit.set_identity_budget('regress_' || r, 1000)::text) AS budgets FROM unnest('{office,window}'::text[]) r;
SELECT count(credit.grant_duty('regress_' || g.login, 'credit_' || g.duty, g.provider, g.divisions, NULL, 'decision 1', '[2018-01-01,)', subject => credit.pseudonym(public.regress_note(g.whom)::credit.code))) FROM (VALUES
  ('office', 'provider', 'a', NULL::text[], NULL), ('reviewer', 'reviewer', NULL, '{370323}', NULL), ('second', 'reviewer', NULL, '{370323}', NULL),
  ('window', 'window', NULL, '{370323}', NULL), ('citizen', 'citizen', NULL, NULL, 'zhang'), ('twin', 'citizen', NULL, NULL, 'twin'), ('publisher', 'publisher', NULL, NULL, NULL),
  ('auditor', 'auditor', NULL, NULL, NULL), ('analyst', 'analyst', NULL, '{370323}', NULL), ('guild', 'provider', 'guild', NULL, NULL)) AS g (login, duty, provider, divisions, whom);
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter();
INSERT INTO public.regress_note
  SELECT v.note, credit.file_record(public.regress_note(v.whom)::credit.code, v.item, credit.today() - v.ago, v.note, credit.today() - v.ago - 5, credit.today() - v.ago + 5,
           v.severity::credit.severity, fields => v.fields::jsonb, name => v.name, fulfilled_on => CASE v.note WHEN 'arrears' THEN credit.today() - 150 END)::text
    FROM (VALUES ('penalty', 'zhang', 'administrative_penalty', 90, 'general', '{"violation": "x"}', '张三'), ('court', 'zhang', 'court_defaulter', 80, 'serious', '{"court": "c"}', '张三'),
                 ('arrears', 'zhang', 'utility_arrears', 200, NULL, '{"fee_kind": "water"}', '张三'),
                 ('medal', 'zhang', 'youth_medal', 70, NULL, '{}', '张三'), ('old', 'zhang', 'administrative_penalty', 1500, 'general', '{"violation": "y"}', '张三'),
                 ('hers', 'li', 'administrative_penalty', 60, 'general', '{"violation": "x"}', '买买提·阿不都热合曼'),
                 ('firms', 'firm', 'administrative_penalty', 50, 'serious', '{"violation": "x"}', '一家公司')) AS v (note, whom, item, ago, severity, fields, name);
INSERT INTO public.regress_note SELECT 'merit', credit.file_record(public.regress_note('minor')::credit.code, 'volunteer_hours', credit.today() - 30, 'merit', fields => '{"hours": "9"}', name => '小明');
INSERT INTO public.regress_note SELECT 'served', credit.serve_notice(public.regress_note('court')::uuid, 'by hand', credit.today() - 60)::text;
COMMIT;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score() IS NOT NULL AS agreed; SELECT credit.authorize('regress_window', 'consent', credit.today() + 9) AS consent \gset
COMMIT;
RESET SESSION AUTHORIZATION;
CALL credit.score_all();
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter();
SELECT credit.enter_list(public.regress_note('court')::uuid, 'court_judgment_defaulter', '法释〔2017〕7号', public.regress_note('served')::uuid, 'file 7') AS entry \gset
SELECT count(*) > 0 AS measures FROM credit.assign_measures(:'entry', 'a');
COMMIT;
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT credit.subscribe('city', i, 'administration', 'agreement 1', daterange(credit.today(), credit.today() + 99)) FROM unnest('{administrative_penalty,court_defaulter,utility_arrears}'::text[]) i;
SELECT fresh FROM credit.push('city');
SELECT count(*) FROM credit.fetch_deliveries('city');
SELECT credit.publish(public.regress_note('court')::uuid, 'case', 'campaign', credit.today() + 30);
COMMIT;
RESET SESSION AUTHORIZATION;
INSERT INTO credit_register.market_record (subject, provider, item, stance, document_date, document_no, basis, valid_until, filed_by)
  SELECT subject, 'guild', 'dues', 'bad', credit.today(), '1', 'rule 1', credit.today() + 9, 'x' FROM credit_register.subject WHERE kind = 'organisation';
SELECT pg_temp.new_record('{}') AS a_whole_copy;	-- what follows is refused for its own fault

-- E1  No basis, no row: and one that was in force on the day of the act.
SELECT pg_temp.new_record('{"basis": " "}') AS blank, pg_temp.new_record('{"basis_in_force": "[2100-01-01,)"}') AS not_yet, pg_temp.new_record('{"happened_on": "2017-01-01"}') AS before_it,
       pg_temp.new_record('{"basis": null, "item": "wish"}') AS of_no_item;
SELECT bool_and(attnotnull) AS never_null FROM pg_attribute WHERE attrelid = 'credit_register.record'::regclass AND attname IN ('basis', 'basis_in_force', 'happened_on');
SELECT pg_temp.forged('purpose', '{"purpose": "x", "basis": null}') AS purpose, pg_temp.forged('subscription', '{"purpose": "emergency", "basis": ""}') AS subscription,
       pg_temp.forged('delivery', jsonb_build_object('delivery', gen_random_uuid(), 'basis', NULL)) AS delivery, pg_temp.forged('measure', '{"measure": "x", "basis": ""}') AS measure,
       pg_temp.forged('list_entry', jsonb_build_object('entry', gen_random_uuid(), 'basis', '')) AS entry, pg_temp.forged('measure_task', jsonb_build_object('task', gen_random_uuid(), 'provider', 'b', 'basis', '')) AS task;
SELECT pg_temp.refused($$SELECT (credit.jsonb(credit.shipped_rulebook('cn-370323')) #- '{items,0,basis}')::credit.rulebook$$) AS item_without_one,
       pg_temp.refused($$SELECT jsonb_set(credit.jsonb(credit.shipped_rulebook('cn-370323')), '{items,0,basis,document}', '"nobody"')::credit.rulebook$$) AS item_with_none_of_the_documents;
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('zhang')::credit.code, 'administrative_penalty', '2020-10-02', 'x', '2017-01-01', '2020-10-03', 'general'); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS rows_without_a_basis FROM credit_register.record r WHERE NOT r.basis_in_force @> r.happened_on OR r.basis !~ '\S';

-- E2  Only what the catalogue lists; and what is reserved is not expressible, not even in a catalogue.
SELECT bool_and(credit.reserved_field(f)) AS all_reserved, count(*) FROM unnest('{religion,genes,fingerprint,blood_type,illness,political_opinion,family,petition,宗教信仰,指纹,血型,病史}'::text[]) f;
SELECT count(*) AS reserved_in_the_catalogue FROM credit.catalogue(credit.rulebook_on(credit.today())) c, unnest(c.fields) f WHERE credit.reserved_field(f);
SELECT pg_temp.refused($$SELECT jsonb_insert(credit.jsonb(credit.shipped_rulebook('cn-370323')), '{items,0,fields,0}', '"religion"')::credit.rulebook$$) AS in_a_new_catalogue,
       pg_temp.new_record('{"fields": {"religion": "x"}}') AS field, pg_temp.new_record('{"fields": {"note": {"blood_type": "x"}}}') AS deep, pg_temp.new_record('{"facts": {"illness": "x"}}') AS fact,
       pg_temp.forged('delivery', jsonb_build_object('delivery', gen_random_uuid(), 'content', '{"fields": {"genes": 1}}'::jsonb)) AS delivered;
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('zhang')::credit.code, 'youth_medal', credit.today(), 'x', fields => '{"hobby": "x"}'); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('zhang')::credit.code, 'youth_medal', credit.today(), 'x', fields => '{"religion": "x"}'); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- E3  No biometrics: the one column that sounds like it is a hash of a report.
SELECT format('%s.%s: %s', c.relname, a.attname, col_description(c.oid, a.attnum)) AS sounds_biometric
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace IN ('credit'::regnamespace, 'credit_register'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'c') AND a.attnum > 0
   AND a.attname ~* '(finger|face|facial|iris|retina|voice|palm|gait|dna|gene|biomet|photo|portrait|指纹|人脸)' ORDER BY 1;
SELECT count(*) AS types FROM pg_type t WHERE t.typnamespace IN ('credit'::regnamespace, 'credit_register'::regnamespace) AND t.typname ~* '(finger|face|iris|voice|dna|biomet|photo)';

-- E4  No bad record from rumour; a tip has no way to a record.
SELECT pg_temp.new_record('{"document_no": null}') AS no_document, pg_temp.new_record('{"document_no": " "}') AS blank, pg_temp.new_record('{"final_on": null}') AS not_final;
SELECT string_agg(DISTINCT confrelid::regclass::text, ', ') AS tip_refers_to, count(*) FILTER (WHERE confrelid = 'credit_register.tip'::regclass) AS refer_to_tips
  FROM pg_constraint WHERE contype = 'f' AND 'credit_register.tip'::regclass IN (conrelid, confrelid);
SELECT count(*) AS of_a_subject_or_record FROM pg_attribute WHERE attrelid = 'credit_register.tip'::regclass AND attnum > 0 AND (attname IN ('subject', 'record') OR atttypid = 'credit.pseudonym'::regtype);
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('zhang')::credit.code, 'administrative_penalty', credit.today(), 'x', credit.today(), severity => 'general'); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- E5  Adults only: the number, not a flag, is counted.
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('grown')::credit.code, 'administrative_penalty', credit.today(), 'x', credit.today() - 20, credit.today(), 'general'); ROLLBACK;
-- minor_by_correction: nor does a correction put an act under age on record.
BEGIN; SELECT FROM credit.enter();
SELECT credit.file_record(public.regress_note('grown')::credit.code, 'administrative_penalty', credit.today(), 'grown', credit.today() - 5, credit.today(), 'general') AS grown \gset
RESET SESSION AUTHORIZATION;
SELECT pg_temp.refused(format('SELECT credit.correct_record(%L, %L, jsonb_build_object(''happened_on'', credit.today() - 20), ''x'')', r.subject, r.record)) AS under_age,
       pg_temp.refused(format('SELECT credit.correct_record(%L, %L, jsonb_build_object(''happened_on'', credit.today() - 9), ''x'')', r.subject, r.record)) AS of_age
  FROM credit_register.record r WHERE r.record = :'grown';
ROLLBACK;
RESET SESSION AUTHORIZATION;
-- shield_by_correction: nor does it take the shield off where the age is that of a child, or not known.
BEGIN;
INSERT INTO credit_register.record SELECT (jsonb_populate_record(t, '{"subject": "P000000000000101", "record": "00000000-0000-4000-8000-000000000001", "minor": true}')).* FROM credit_register.record t WHERE t.document_no = 'merit';
SELECT count(credit.correct_record(r.subject, r.record, jsonb_build_object('happened_on', credit.today() - 40), 'x')) FROM credit_register.record r WHERE r.document_no = 'merit';
SELECT r.minor, credit.today() - r.happened_on AS days FROM credit_register.record r WHERE r.document_no = 'merit';
ROLLBACK;
CREATE VIEW minors WITH (security_invoker = true) AS
  SELECT count(*) FILTER (WHERE r.stance = 'bad') AS bad_records,
         count(*) FILTER (WHERE EXISTS (SELECT FROM credit_register.score s WHERE s.subject = r.subject AND r.record = ANY (s.records))) AS score_lines,
         count(*) FILTER (WHERE EXISTS (SELECT FROM credit_register.list_entry e WHERE e.subject = r.subject AND e.record = r.record)) AS list_entries,
         count(*) FILTER (WHERE EXISTS (SELECT FROM credit_register.publication p WHERE p.subject = r.subject AND p.record = r.record)) AS publications,
         count(*) FILTER (WHERE EXISTS (SELECT FROM credit_register.shown_record v WHERE v.subject = r.subject AND v.record = r.record)) AS shown, count(*) > 0 AS there_are_some
    FROM credit_register.record r JOIN credit_register.subject s ON s.subject = r.subject
   WHERE s.kind = 'citizen' AND credit.age_on(credit.reveal(r.subject), r.happened_on) < 18;
SELECT * FROM minors;
SELECT pg_temp.new_record('{"minor": true}') AS record, pg_temp.forged('score', jsonb_build_object('as_of', credit.today() - 1, 'adult', false)) AS score,
       pg_temp.forged('publication', jsonb_build_object('subject', r.subject, 'record', r.record)) AS publication,
       pg_temp.forged('market_record', jsonb_build_object('subject', r.subject, 'minor', true)) AS market, pg_temp.forged('market_record', jsonb_build_object('subject', r.subject)) AS market_2,
       pg_temp.refused(format('INSERT INTO credit_register.student_file (subject, provider, opened_on, closes_on, basis, opened_by) VALUES (%L, ''a'', credit.today(), credit.today() + 9, ''x'', ''x'')', r.subject)) AS student_file,
       pg_temp.refused(format('INSERT INTO credit_register.record (subject, provider, division, item, severity, document_no, document_date, happened_on, final_on) VALUES (%L, ''a'', ''370323'', ''administrative_penalty'', ''general'', ''x'', credit.today(), credit.today(), credit.today())', r.subject)) AS by_hand
  FROM credit_register.record r WHERE r.document_no = 'merit';
BEGIN;	-- who forges the flag, too, is not stopped by a constraint, as the number is sealed; the count finds him
INSERT INTO credit_register.record SELECT (jsonb_populate_record(t, jsonb_build_object('record', gen_random_uuid(), 'subject', credit.pseudonym(public.regress_note('minor')::credit.code)))).* FROM credit_register.record t WHERE t.document_no = 'penalty';
SELECT bad_records FROM minors;
ROLLBACK;

-- E6  No consent, no score; gone at once when it is taken back; no path to measures.
SELECT pg_temp.forged('score', jsonb_build_object('subject', credit.pseudonym(public.regress_note('li')::credit.code))) AS of_another, pg_temp.forged('score', jsonb_build_object('as_of', credit.today() - 1, 'consent', NULL)) AS without,
       pg_temp.forged('score', jsonb_build_object('as_of', credit.today() - 1, 'consent', :'consent')) AS consent_to_something_else;
SELECT count(*) AS scores_of_those_who_did_not_ask FROM credit_register.score s LEFT JOIN credit_register.consent c ON c.subject = s.subject AND c.consent = s.consent AND c.purpose = 'scoring' AND c.withdrawn_at IS NULL WHERE c.subject IS NULL;
SELECT count(*) > 0 AS scored FROM credit_register.score;
BEGIN; UPDATE credit_register.consent SET withdrawn_at = now() WHERE purpose = 'scoring'; SELECT count(*) AS after_a_hand_took_it_back FROM credit_register.score; ROLLBACK;
SELECT consent AS scoring FROM credit_register.consent WHERE purpose = 'scoring' \gset
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.withdraw_consent(:'scoring'); SELECT count(*) AS after_withdraw_consent FROM credit.my_score(); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.leave_score() AS left_behind; SELECT count(*) AS after_leave_score FROM credit.my_score(); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS keys_to_scores FROM pg_constraint WHERE contype = 'f' AND confrelid = 'credit_register.score'::regclass;
SELECT string_agg(p.proname, ' ' ORDER BY p.proname) AS read_scores FROM pg_proc p WHERE p.pronamespace = 'credit'::regnamespace AND p.prosrc ~ '(credit_register\.score\M|report_rows_of\(''score)';

-- E7  A score never travels.
SELECT pg_temp.forged('delivery', jsonb_build_object('delivery', gen_random_uuid(), 'content', jsonb_build_object(k, 1))) AS delivered FROM unnest('{score,points,grade}'::text[]) k;
SELECT string_agg(DISTINCT c.relname, ', ') AS tables_with_points FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND (a.attname IN ('score', 'points', 'grade') OR a.atttypid = 'credit.points'::regtype);
SELECT count(*) AS may_read_them FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> 'credit_owner' AND has_any_column_privilege(r.oid, 'credit_register.score', 'SELECT') AND r.rolname !~ '^pg_';

-- E8  Every negative effect: served notice, hearing, reason, law, end.
CREATE FUNCTION pg_temp.entry(change jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.forged('list_entry', jsonb_build_object('entry', gen_random_uuid()) || change) $$;
CREATE FUNCTION pg_temp.task(change jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.forged('measure_task', jsonb_build_object('task', gen_random_uuid(), 'provider', 'b') || change) $$;
SELECT pg_temp.entry('{}') AS a_whole_copy, pg_temp.task('{}') AS a_whole_task, pg_temp.entry('{"notice": null}') AS no_notice, pg_temp.entry('{"served_at": null}') AS unserved,
       pg_temp.entry(jsonb_build_object('notice', gen_random_uuid())) AS another_notice, pg_temp.entry(jsonb_build_object('record', public.regress_note('penalty'))) AS about_another_record,
       pg_temp.entry(jsonb_build_object('heard_until', credit.today())) AS unheard, pg_temp.entry('{"ends_on": null}') AS endless, pg_temp.entry('{"evidence": ""}') AS no_evidence,
       pg_temp.task(jsonb_build_object('entry', gen_random_uuid())) AS measure_without_entry, pg_temp.task('{"basis": " "}') AS without_law;
SELECT count(*) AS entries_without_served_notice FROM credit_register.list_entry e LEFT JOIN credit_register.notice n ON n.subject = e.subject AND n.notice = e.notice AND n.served_at < e.entered_on WHERE n.reason IS NULL;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT bool_and(reason ~ '\S' AND law ~ '\S' AND until > credit.today() AND how_to_object ~ 'open_dispute') AS told_all, count(*) > 1 AS there_are_some FROM credit.my_measures(); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- E9  No measure heavier than the finding, none in another context.
SELECT pg_temp.task('{"severity": "minor"}') AS not_the_findings, pg_temp.task('{"least_severity": "minor"}') AS not_the_laws, pg_temp.task('{"context": "honours"}') AS another_context,
       pg_temp.task('{"measure": "public_shaming"}') AS another_measure, pg_temp.entry('{"severity": "general"}') AS another_severity;
SELECT min(measure) AS measure FROM credit_register.measure_task \gset
SELECT count(*) AS heavier FROM credit_register.measure_task t JOIN credit_register.list_entry e USING (subject, entry) JOIN credit_register.record r USING (subject, record) WHERE t.least_severity > r.severity;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.assign_measure(:'entry', :'measure', 'b', 'kindergarten'); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- E10  Everything ends.
SELECT pg_temp.entry('{"ends_on": "infinity"}') AS entry, pg_temp.task('{"ends_on": "infinity"}') AS task, pg_temp.forged('publication', '{"board": "black", "ends_on": "infinity"}') AS publication,
       pg_temp.forged('subscription', '{"purpose": "emergency", "valid": "[2026-01-01,infinity)"}') AS subscription, pg_temp.forged('market_record', jsonb_build_object('market_record', gen_random_uuid(), 'valid_until', 'infinity')) AS market,
       pg_temp.refused($$SELECT jsonb_set(credit.jsonb(credit.shipped_rulebook('cn-370323')), '{display}', '[]')::credit.rulebook$$) AS law_without_end;
SELECT count(*) AS shown_after_their_range, bool_or(r.document_no = 'old') AS old FROM credit_register.shown_record r
 WHERE NOT credit.display_period(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from) @> credit.today();
SELECT count(*) AS kept, count(*) FILTER (WHERE EXISTS (SELECT FROM credit_register.shown_record v WHERE v.record = r.record)) AS shown FROM credit_register.record r WHERE document_no = 'old';

-- E11  Nobody inherits: who else a row names, and what it takes to name a person for an organisation.
SELECT string_agg(c.relname || '.' || a.attname, ' ' ORDER BY c.relname, a.attname) AS names_another FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.atttypid = 'credit.pseudonym'::regtype AND a.attname <> 'subject';
SELECT count(*) AS of_kin FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relname || ' ' || a.attname ~* '(famil|kin\M|kinship|relative|parent|spouse|child|contact|friend|neighbo)';
CREATE FUNCTION pg_temp.attributed(change jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.new_record(jsonb_build_object('severity', 'serious', 'origin', credit.pseudonym(public.regress_note('firm')::credit.code), 'origin_record', public.regress_note('firms'), 'origin_role', 'principal',
    'origin_role_valid', '[2018-01-01,)', 'finding', '责认 1') || change) $$;
SELECT pg_temp.attributed('{}') AS with_all, pg_temp.attributed('{"finding": " "}') AS no_finding, pg_temp.attributed('{"finding": null}') AS null_finding, pg_temp.attributed('{"origin_role_valid": "[2018-01-01,2018-02-01)"}') AS not_on_the_day,
       pg_temp.attributed('{"origin_role": "cousin"}') AS no_such_role, pg_temp.attributed('{"severity": "general"}') AS not_serious;
SELECT count(*) AS from_organisations_without_finding FROM credit_register.record WHERE origin IS NOT NULL AND (finding !~ '\S' OR NOT origin_role_valid @> happened_on);

-- E12  No data is no disadvantage.
SELECT credit.shipped_rulebook('cn-370323') AS book, jsonb_insert(b, '{items,0}', b #> '{items,0}' || '{"id": "nothing_yet"}')::credit.rulebook AS wider
  FROM credit.jsonb(credit.shipped_rulebook('cn-370323')) b \gset
SELECT credit.score(:'book'::credit.rulebook, credit.today(), r.item, r.severity, r.document_date, r.amount, r.state)
       = credit.score(:'wider'::credit.rulebook, credit.today(), r.item, r.severity, r.document_date, r.amount, r.state) AS same_with_an_empty_category FROM credit_register.record r;
SELECT x.points = (credit.jsonb(:'book'::credit.rulebook) #>> '{score,base}')::numeric AS nobody_has_the_base
  FROM credit.compute_scores('cn', credit.today(), ARRAY[credit.pseudonym(credit.code '11010519491231002X')], NULL) x;
SELECT i, credit.score(:'book'::credit.rulebook, credit.today(), i, NULL, d, NULL, 'active')::numeric >= (credit.jsonb(:'book'::credit.rulebook) #>> '{score,base}')::numeric AS a_missing_value_takes_nothing
  FROM unnest('{charity_donation,volunteer_hours,qualification}'::text[]) i, (VALUES (credit.today()), (NULL)) v (d) GROUP BY i ORDER BY 1;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry('11010519491231002X', 'administration', 'desk 1') IS NOT NULL AS registered; COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT ok AS open_to_whom_nobody_knows FROM credit.green_channel('11010519491231002X'); ROLLBACK;
RESET SESSION AUTHORIZATION;

-- E13  While it is disputed it does not count, and an overdue answer suspends it.
SELECT count(*) AS scores_with_it_before FROM credit_register.score WHERE public.regress_note('penalty')::uuid = ANY (records);
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_dispute(public.regress_note('penalty')::uuid, 'paid', to_jsonb(repeat('a', 64))) AS dispute, credit.ask_extension(public.regress_note('court')::uuid, credit.today() + 30, 'more time', to_jsonb(repeat('b', 64))) AS extension \gset
COMMIT;
RESET SESSION AUTHORIZATION;
CREATE VIEW open_disputes WITH (security_invoker = true) AS
  SELECT count(DISTINCT r.record) AS open, count(v.record) AS shown, count(s.subject) AS in_scores FROM credit_register.record r
    LEFT JOIN credit_register.shown_record v ON v.record = r.record LEFT JOIN credit_register.score s ON r.record = ANY (s.records) WHERE r.state = 'disputed';
SELECT * FROM open_disputes;
CALL credit.score_all();
SELECT * FROM open_disputes;
BEGIN;
SELECT count(*) AS shown_before FROM credit_register.shown_record WHERE record = public.regress_note('court')::uuid;
UPDATE credit_register.case_file SET opened_on = credit.today() - 40, due = credit.today() - 1 WHERE case_file = :'extension';
SELECT count(*) AS shown_when_overdue FROM credit_register.shown_record WHERE record = public.regress_note('court')::uuid;
ROLLBACK;

-- E14  Repaired is gone from every path; looking back is an audit.
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_repair(public.regress_note('arrears')::uuid, '{"commitment": true}') AS repair \gset
COMMIT;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) > 1 AS paths_before FROM credit.everywhere(public.regress_note('arrears')::uuid);
SELECT credit.decide_repair(:'repair', 'granted', '{receipt}', '{"commitment": true, "harm_removed": true}');
SELECT count(*) AS paths_after FROM credit.everywhere(public.regress_note('arrears')::uuid); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT count(*) FROM credit.overdue_cases(credit.today() - 1); ROLLBACK;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.green_channel('11010519491231002X', credit.today() - 1); ROLLBACK;
SELECT credit.score_begin(credit.today() - 1);
RESET SESSION AUTHORIZATION;
SELECT count(*) FILTER (WHERE kind = 'stop_use') AS told_to_stop FROM credit_register.delivery WHERE record = public.regress_note('arrears')::uuid;
-- What else takes a day and may be called: none of it gives a person's records of that day.
SELECT p.proname, pg_get_function_result(p.oid) AS gives FROM pg_proc p
 WHERE p.pronamespace = 'credit'::regnamespace AND p.prosecdef AND pg_get_function_identity_arguments(p.oid) ~ '\m(day|as_of) date' AND p.prosrc !~ '(check_as_of|inquired_subject)'
   AND EXISTS (SELECT FROM aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname ~ '^credit_' AND r.rolname <> 'credit_owner') ORDER BY 1;

-- E15  A harsher law never reaches back; a milder one does.
SELECT coalesce(sum(s.records) FILTER (WHERE s.change IN ('later', 'new')), 0) AS longer, coalesce(sum(s.records) FILTER (WHERE s.change = 'earlier'), 0) > 0 AS shorter, d.months
  FROM (VALUES (1), (120)) d (months), credit.jsonb(:'book'::credit.rulebook) b,
       LATERAL credit.simulate(b::credit.rulebook, (jsonb_set(b, '{display}', b -> 'display' || jsonb_build_object('id', 'new_law', 'items', '["administrative_penalty", "court_defaulter"]'::jsonb, 'months', d.months,
         'anchor', 'document_date', 'basis', b #> '{display,0,basis}', 'confidence', 'A', 'in_force', jsonb_build_object('from', credit.today()))) - 'cases')::credit.rulebook, credit.today(), 'credit_register.record') s
 WHERE s.aspect = 'display_end' GROUP BY d.months ORDER BY d.months;

-- E16  Reasons are made of the lines that count, and of nothing else.
CALL credit.score_all();
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); CREATE TEMP TABLE told AS SELECT * FROM credit.my_score(); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT count(*) > 1 AS there_are_some, sum(line_points::numeric) = min(points::numeric) AS they_add_up, bool_and(reason ~ '\S' AND (article ~ '\S' OR line_points = 0)) AS reason_and_article,
       count(*) FILTER (WHERE reason NOT IN (SELECT credit.score_reason(credit.jsonb(b.book), l) FROM credit_register.score s JOIN credit_register.rulebook b ON b.name = s.rulebook, jsonb_array_elements(s.lines) l)) AS of_no_line FROM told;
SELECT string_agg(attname, ' ' ORDER BY attname) AS free_text_of_a_score FROM pg_attribute WHERE attrelid = 'credit_register.score'::regclass AND attnum > 0 AND atttypid = 'text'::regtype;

-- E17  A person decides what is adverse, and is named.
SELECT pg_temp.refused(format($$UPDATE credit_register.case_file SET former_state = 'open', state = 'dismissed', closed_at = now() %s WHERE case_file = '%s'$$, how, :'dispute')) AS dismissed
  FROM (VALUES (''), (', decided_at = now(), evidence_seen = ''{x}'', reason = ''x'''), (', decided_by = ''regress_reviewer'', decided_at = now(), reason = ''x'''), (', decided_by = opened_by, decided_at = now(), evidence_seen = ''{x}'', reason = ''x''')) v (how);
SELECT pg_temp.entry('{"decided_by": " "}') AS entry, pg_temp.task('{"assigned_by": ""}') AS task;
SET SESSION AUTHORIZATION regress_analyst;
BEGIN; SELECT FROM credit.enter(); SELECT credit.enter_list(public.regress_note('court')::uuid, 'court_judgment_defaulter', 'x', public.regress_note('served')::uuid, 'x'); ROLLBACK;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.decide_dispute(:'dispute', 'dismissed', '{receipt}', reason => 'paid late'); SELECT credit.decide_case(:'extension', 'granted', '{request}', 'sick'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS decisions, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM credit_register.mandate m WHERE m.login = d.who AND m.duty = 'credit_reviewer')) AS of_no_reviewer
  FROM (SELECT decided_by FROM credit_register.case_file WHERE state IN ('dismissed', 'refused') UNION ALL SELECT decided_by FROM credit_register.list_entry UNION ALL SELECT assigned_by FROM credit_register.measure_task) d (who);

-- E18  Register, then read; the person sees it; a delay is approved by another and ends.
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry(public.regress_note('zhang')::credit.code, 'administration', 'desk 2') AS inquiry \gset
SELECT credit.report(:'inquiry'); COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry(public.regress_note('zhang')::credit.code, 'administration', 'desk 2') AS inquiry \gset
COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT credit.report(:'inquiry') AS report \gset
ROLLBACK;
SELECT jsonb_array_length(:'report'::jsonb -> 'records') > 0 AS read_something, :'report' ~ '"(score|points|grade)":' AS with_a_score;
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT 1 - count(*) AS reads_without_a_row FROM credit.my_inquiries() WHERE authorisation = 'desk 2'; ROLLBACK;
RESET SESSION AUTHORIZATION;
CREATE FUNCTION pg_temp.asked(change jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.forged('inquiry', jsonb_build_object('inquiry', gen_random_uuid()) || change) $$;
SELECT pg_temp.asked('{}') AS a_whole_copy, pg_temp.asked('{"shown_from": "infinity", "state": "pending"}') AS never_shown, pg_temp.asked(jsonb_build_object('shown_from', now() + interval '30 days')) AS late_and_nobody_approved,
       pg_temp.asked(jsonb_build_object('shown_from', now() + interval '30 days', 'reviewed_by', 'regress_window')) AS late_and_approved_by_himself, pg_temp.asked('{"authorisation": null}') AS no_ground,
       pg_temp.forged('purpose', '{"purpose": "x", "delay": "1 day"}', $$purpose = 'administration'$$) AS purpose_with_a_delay, pg_temp.forged('purpose', '{"purpose": "x", "delay": "2 years"}', $$purpose = 'judicial'$$) AS purpose_without_end;

-- E19  Base tables have no rights for those who ask; look-ups have a budget.
SELECT count(*) AS tables_a_query_point_or_citizen_reads FROM credit_register.layout l, unnest('{credit_window,credit_citizen}'::name[]) r WHERE l.kind = 'subject'
   AND has_any_column_privilege(r, 'credit_register.' || l.table_name, 'SELECT');
SELECT count(*) AS tables_with_clear_identity FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'credit.code'::regtype;
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT credit.find_subject('370323199503129013'); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT finding, object FROM credit.guard_report() WHERE finding NOT IN ('setting', 'no key file', 'login without a password', 'calendar ends', 'plain weeks');

-- E20  No cell under k, whatever is asked.
BEGIN;
CREATE TEMP TABLE crowd AS SELECT credit.pseudonym(pg_temp.code_of('1970-01-01', 100 + n)) AS subject, CASE WHEN n <= 12 THEN '370302' WHEN n <= 25 THEN '370303' WHEN n <= 28 THEN '370304' ELSE '370305' END AS division
  FROM generate_series(1, 60) n;
INSERT INTO credit_register.subject (subject, kind, division) SELECT subject, 'citizen', division FROM crowd;
INSERT INTO credit_register.record (subject, item, document_date, document_no, provider, division) SELECT subject, 'volunteer_hours', credit.today() - 1, 'x', 'a', division FROM crowd;
SET LOCAL SESSION AUTHORIZATION regress_analyst;
SELECT FROM credit.enter();
SELECT count(*) > 0 AS told, min(c) FILTER (WHERE c > 0) >= 10 AS at_least_ten, bool_or(area = '370304' AND coalesce(good, total) IS NOT NULL) AS three_people_told
  FROM credit.area_stats('county', credit.today() - 1), unnest(ARRAY[good, neutral, bad, total]) c;
SELECT count(*) FROM credit.area_stats('county', credit.today() - 1, 4);
ROLLBACK;

-- E21  Nobody is above the log.
SELECT count(*) AS logins_with_two_duties FROM (SELECT login FROM credit_register.mandate WHERE ended_at IS NULL AND duty <> 'credit_citizen' GROUP BY login HAVING count(DISTINCT duty) > 1) x;
SELECT count(*) AS owners FROM pg_auth_members WHERE roleid = 'credit_owner'::regrole;
SELECT pg_temp.refused($$SELECT credit.grant_duty('regress_analyst', 'credit_auditor', NULL, NULL, NULL, 'x', '[2018-01-01,)')$$) AS two_duties;
BEGIN; GRANT credit_auditor TO regress_analyst; SELECT finding, object FROM credit.guard_report() WHERE object ~ 'regress_analyst' AND finding <> 'login without a password'; ROLLBACK;
SELECT count(*) AS open_without_review FROM credit_register.purpose WHERE break_glass AND (daily_limit IS NULL OR needs_review);
SELECT credit.seal_audit() IS NOT NULL AS sealed;
SELECT credit.checkpoint() AS checkpoint \gset
SELECT bool_and(ok) AS untouched FROM credit.verify_audit(:'checkpoint');
SELECT pg_temp.refused('DELETE FROM credit_register.audit_event') AS by_hand;
BEGIN;	-- a superuser can do anything, and is found
ALTER TABLE credit_register.audit_event DISABLE TRIGGER ALL;
DELETE FROM credit_register.audit_event WHERE (xid, n) = (SELECT xid, n FROM credit_register.audit_event ORDER BY xid, n LIMIT 1);
SELECT bool_and(ok) AS untouched FROM credit.verify_audit(:'checkpoint');
ROLLBACK;

-- E22  Erasure, provable, and without a word of what was erased.
SELECT credit.pseudonym(public.regress_note('li')::credit.code) AS li \gset
SELECT pg_temp.refused(format('SELECT credit.forget(%L, '' '')', :'li')) AS without_a_basis;
SELECT count(*) AS events FROM credit_register.audit_event WHERE relation ~ '\midentity$' \gset
SELECT credit.forget(:'li', 'court order 1') AS erased;
SELECT num_nulls(data_key, number, name) AS gone, forgotten_basis FROM credit_register.identity WHERE subject = :'li';
SELECT count(*) - :events AS noted, bool_or(position(convert_to('买买提', 'UTF8') IN image) > 0 OR position(convert_to('372828196503129010', 'UTF8') IN image) > 0) AS with_name_or_number FROM credit_register.audit_event WHERE relation ~ '\midentity$';
SELECT bool_and(ok) AS seals_hold FROM credit.verify_audit(:'checkpoint');
SELECT pg_temp.refused(format('UPDATE credit_register.identity SET number = ''\x00'' WHERE subject = %L', :'li')) AS half_remembered;

-- E23  No fee, no agent, no quota; charity never the only way.
SELECT count(*) AS of_money_or_agents FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relname ~ '^case' AND a.attname ~* '(fee|price|pay|charge|cost|agent|broker|quota|deposit|invoice)';
SELECT count(*) AS rules, count(*) FILTER (WHERE n && '{charity,donation,volunteering,volunteer_hours,payment}') AS asking_for_charity, array_agg(DISTINCT w ORDER BY w) FILTER (WHERE w IS NOT NULL) AS what_rules_ask_for
  FROM jsonb_array_elements(credit.jsonb(credit.shipped_rulebook('cn-370323')) -> 'repair') r, LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(r -> 'needs'))) x (n) LEFT JOIN LATERAL unnest(x.n) w ON true;
SELECT pg_temp.refused($$SELECT jsonb_set(credit.jsonb(credit.shipped_rulebook('cn-370323')), '{repair,0,needs}', '["donation"]')::credit.rulebook$$) AS a_law_of_donations;

-- E24  Every lawful number and name; a doubt is a request to verify.
SELECT bool_and(c.ok) AS all_taken, count(DISTINCT credit.code_kind(v::credit.code)) AS kinds FROM unnest('{11010519491231002X,370323199503129013,810000199408230021,830000199201300022,911124198108030024,914403001922038216}'::text[] || credit.assigned_code(7)::text) v, LATERAL (SELECT verdict = 'valid' AS ok FROM credit.check_code(v, credit.today())) c;
BEGIN;
SET LOCAL SESSION AUTHORIZATION regress_office;
SELECT FROM credit.enter();
SELECT bool_and((credit.verify_identity(c, n)).ok) AS all_agree FROM (SELECT pg_temp.code_of('1980-01-01', 100 + (row_number() OVER ())::int)::text, n, credit.add_subject(pg_temp.code_of('1980-01-01', 100 + (row_number() OVER ())::int), n, '370323')
  FROM unnest(ARRAY['张三', '买买提·阿不都热合曼', '欧阳𠮷', '㛃', 'О''Брайен-Muñoz', repeat('古丽娜尔·', 20) || '江']) n) x (c, n, s);
SELECT * FROM credit.verify_identity('370323199503129013', '张四') UNION ALL SELECT * FROM credit.verify_identity('370323198503129019', '张四');
ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS words_of_blame FROM pg_proc WHERE pronamespace = 'credit'::regnamespace AND proname ~ 'verify|check_code' AND prosrc ~* '(dishonest|失信)';

-- E25  No function predicts, profiles or ranks.
SELECT proname FROM pg_proc WHERE pronamespace = 'credit'::regnamespace AND (proname ~* '(predict|forecast|profil|propens|likel|rank|segment|behaviou?r|neighbou?r)' OR obj_description(oid) ~* '(predict|profil|propensity)');

-- What one room does the others hear of: a merged number is one file, whoever asks.
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter(); INSERT INTO public.regress_note SELECT 'twins', credit.file_record(public.regress_note('twin')::credit.code, 'commendation', credit.today() - 20, 'twins', name => '张三')::text; COMMIT;
SET SESSION AUTHORIZATION regress_twin;
BEGIN; SELECT FROM credit.enter(); SELECT credit.consent_to_score() IS NOT NULL AS agreed; COMMIT;
RESET SESSION AUTHORIZATION;
CALL credit.score_all();
SELECT count(*) AS scores FROM credit_register.score;
SELECT credit.pseudonym(public.regress_note('zhang')::credit.code) AS zhang, credit.pseudonym(public.regress_note('twin')::credit.code) AS twin \gset
SET SESSION AUTHORIZATION regress_reviewer;
BEGIN; SELECT FROM credit.enter(); SELECT link FROM credit.merge_subjects(:'twin', :'zhang', 'one person', 'file 9') \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS scores_after_the_merger FROM credit_register.score;
SET SESSION AUTHORIZATION regress_office;
BEGIN; SELECT FROM credit.enter();
SELECT credit.file_record(public.regress_note('twin')::credit.code, 'commendation', credit.today() - 10, 'later', name => '张三') AS later \gset
SELECT credit.file_record(public.regress_note('twin')::credit.code, 'commendation', credit.today() - 10, 'later') = :'later' AS the_same_again, credit.open_batch() AS batch \gset
SELECT credit.add_batch_rows(:'batch', jsonb_build_array(jsonb_build_object('subject', public.regress_note('twin'), 'item', 'commendation', 'document_no', 'by batch', 'document_date', credit.today() - 9)));
SELECT filed FROM credit.load_batch(:'batch'); COMMIT;
SET SESSION AUTHORIZATION regress_guild;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_batch(); ROLLBACK;
BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record(public.regress_note('zhang')::credit.code, 'commendation', credit.today(), 'x'); ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT pg_temp.refused(format('INSERT INTO credit_register.record (subject, provider, division, item, document_date) VALUES (%L, ''guild'', ''370323'', ''commendation'', credit.today())', :'zhang')) AS an_associations_by_hand;
SELECT :'the_same_again' AS the_same_again, count(*) FILTER (WHERE subject = :'zhang') AS with_the_survivor, count(*) FILTER (WHERE subject = :'twin') AS left_behind
  FROM credit_register.record WHERE document_no IN ('twins', 'later', 'by batch');
CALL credit.score_all();
-- The person by either login.
SET SESSION AUTHORIZATION regress_citizen;
BEGIN; SELECT FROM credit.enter(); SELECT credit.add_statement(public.regress_note('court')::uuid, 'I am paying') IS NOT NULL AS said; COMMIT;
SET SESSION AUTHORIZATION regress_twin;
BEGIN; SELECT FROM credit.enter();
SELECT (SELECT count(*) FROM credit.my_records()) AS records, (SELECT count(*) FROM credit.my_cases()) AS cases, (SELECT count(*) > 3 FROM credit.my_notices()) AS notices, (SELECT count(*) FROM credit.my_inquiries()) AS inquiries,
       (SELECT count(*) > 0 FROM credit.my_measures()) AS measures, (SELECT count(*) > 1 FROM credit.my_score()) AS score, jsonb_array_length(credit.my_report() -> 'records') AS in_the_report,
       credit.add_statement(public.regress_note('penalty')::uuid, 'mine, too') IS NOT NULL AS may_speak;
COMMIT;
SET SESSION AUTHORIZATION regress_window;
BEGIN; SELECT FROM credit.enter(); SELECT credit.open_inquiry(public.regress_note('twin')::credit.code, 'administration', 'desk 3') AS inquiry \gset
COMMIT;
BEGIN; SELECT FROM credit.enter(); SELECT ok IS NOT NULL AS answered FROM credit.green_channel(public.regress_note('twin')::credit.code);
SELECT r ->> 'statements' ~ 'I am paying' AS statement, (r ->> 'extended_until')::date = credit.today() + 30 AS extension FROM jsonb_array_elements(credit.report(:'inquiry') -> 'records') r WHERE r ->> 'document_no' = 'court';
-- The same answer for who is not there and who is not yours.
SELECT count(*) AS listed FROM credit.public_status(public.regress_note('twin')::credit.code);
SELECT count(*) AS rows FROM credit.public_status(public.regress_note('firm')::credit.code) UNION ALL SELECT count(*) FROM credit.public_status('91350203M0001QKT19?');
SELECT * FROM credit.verify_identity('370323199503129013', '张四') UNION ALL SELECT * FROM credit.verify_identity('11010519491231002X', '张四');
SAVEPOINT s; SELECT credit.green_channel('372828196503129010'); ROLLBACK TO s; SELECT credit.green_channel('370323198503129027'); ROLLBACK;
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter(); SELECT fresh >= 0 AS pushed FROM credit.push('city'); COMMIT;
RESET SESSION AUTHORIZATION;
INSERT INTO credit_register.receiver VALUES ('late', 'Late platform', 'platform');
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter(); SELECT credit.subscribe('late', 'court_defaulter', 'administration', 'agreement 2', daterange(credit.today(), credit.today() + 99)); SELECT fresh FROM credit.push('late'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT receiver, content ->> 'statements' AS statements, (content ->> 'extended_until')::date = credit.today() + 30 AS extension FROM credit_register.delivery d
 WHERE record = public.regress_note('court')::uuid AND queued_at = (SELECT max(x.queued_at) FROM credit_register.delivery x WHERE x.record = d.record AND x.receiver = d.receiver) ORDER BY receiver;
SET SESSION AUTHORIZATION regress_second;
BEGIN; SELECT FROM credit.enter(); SELECT moved > 0 AS moved FROM credit.undo_link(:'link', 'two persons after all'); COMMIT;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS scores_after_the_undoing FROM credit_register.score;

-- Nothing is left.
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', rolname) FROM pg_roles WHERE rolname ~ '^regress_' ORDER BY rolname \gexec
DROP TABLE public.regress_note;
DROP FUNCTION public.regress_note(text);
