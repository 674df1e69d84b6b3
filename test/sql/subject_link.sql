-- Merges, splits and the way back, with what was decided about the records and
-- what is delivered meanwhile.
--
-- Seen failing: repaired_twin without set_twins_aside() (the repaired one was
-- shown again, and its case gone from the person's view) and undone_twin without
-- take_twins_back(); case_about_twin without the lines in record_changed_subject();
-- filed_meanwhile without note_filed() (an innocent person kept the other's
-- penalty), or in pass_gate(); split_stays with parted() that does not look at what was merged, and without it in settled(); open_objection without open_disputes() in resume_attributed(), and
-- its second part without the origin in end_dispute(); own_file without
-- own_case() in lock_pair(), standing_entry(), review_inquiry() and forward_case();
-- told_both without tell_both(); forgotten_whole without merged_with();
-- undone_in_order without refuse_before() (a record stayed archived for ever, or
-- with another, and the link was marked undone); split_twin without
-- set_twins_aside() in split_subject() (CR124, whatever was named), its by_fingerprint
-- without set_aside in parted(); stays_not without the look in undo_link() ("moved 0");
-- minor_by_merge on the tree before (the act of the man was the boy's, and shown), and
-- minor_by_either_number (filed under the number of the man, and by hand under that of the boy);
-- shield_of_a_chain, erased_child, minor_in_the_middle, shield_by_correction and
-- attributed_by_number on the tree before each.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET DateStyle = ISO;
SELECT credit.create_register();
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
SELECT credit.adopt_rulebook('cn-370323', (credit.shipped_rulebook('cn-370323')::jsonb - 'cases')::credit.rulebook, '[2018-01-01,)');
INSERT INTO credit_register.provider (provider, name, division) VALUES ('police', 'Public security', '370323');
INSERT INTO credit_register.receiver VALUES ('bank', 'A bank', 'bank');
CREATE ROLE regress_police LOGIN;
CREATE ROLE regress_reviewer LOGIN;
CREATE ROLE regress_both LOGIN;	-- a reviewer, and a citizen as others are
CREATE ROLE regress_zhang LOGIN;
CREATE ROLE regress_li LOGIN;
CREATE FUNCTION who(name text) RETURNS credit.pseudonym LANGUAGE sql SECURITY DEFINER AS $$ SELECT credit.pseudonym(CASE name WHEN 'zhang' THEN '370323199503129013'
  WHEN 'li' THEN '370323198503129019' WHEN 'ma' THEN '370323197001011112' WHEN 'firm' THEN '914403001922038216' END::credit.code) $$;
SELECT count(credit.grant_duty(l, d, p, v, NULL, 'decision 1', '[2020-01-01,)', subject => who(s))) AS granted
  FROM (VALUES ('regress_police', 'credit_provider', 'police', NULL::text[], NULL), ('regress_reviewer', 'credit_reviewer', NULL, '{3703}', NULL),
               ('regress_both', 'credit_reviewer', NULL, '{3703}', NULL), ('regress_both', 'credit_citizen', NULL, NULL, 'ma'),
               ('regress_zhang', 'credit_citizen', NULL, NULL, 'zhang'), ('regress_li', 'credit_citizen', NULL, NULL, 'li')) m(l, d, p, v, s);
SELECT credit.set_identity_budget('regress_police', 100);
-- What each was told and has: of whom, document, state, and whether the gate would know it.
CREATE FUNCTION standing() RETURNS TABLE (document_no text, states text) LANGUAGE sql AS $$
  SELECT r.document_no, string_agg(w || ' ' || state || CASE WHEN EXISTS (SELECT FROM credit_register.shown_record s WHERE s.record = r.record) THEN ', shown' ELSE '' END,
                                   '; ' ORDER BY w, state)
    FROM unnest('{zhang,li,ma,firm}'::text[]) w JOIN credit_register.record r ON r.subject = who(w) GROUP BY 1 ORDER BY 1 $$;
CREATE FUNCTION file(code credit.code, no text) RETURNS uuid LANGUAGE sql AS $$
  SELECT credit.file_record(code, 'administrative_penalty', credit.today() - 100, no, credit.today() - 120, credit.today() - 90, 'general', 100, credit.today() - 120) $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT count(credit.add_subject(c::credit.code, n, '370323')) FROM (VALUES ('370323199503129013', '张三'), ('370323198503129019', '李四'), ('370323197001011112', '买买提'), ('914403001922038216', '一家公司')) v (c, n);
SELECT file('370323199503129013', 'repaired') AS zhang_repaired, file('370323198503129019', 'repaired') AS li_repaired,
       file('370323199503129013', 'disputed') AS zhang_disputed, file('370323198503129019', 'disputed') AS li_disputed,
       file('370323199503129013', 'both stand') AS zhang_stands, file('370323198503129019', 'both stand') AS li_stands,
       file('370323199503129013', 'withdrawn') AS zhang_withdrawn, file('370323198503129019', 'withdrawn') AS li_withdrawn,
       file('370323199503129013', 'his alone') AS zhang_alone \gset
COMMIT;
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis) SELECT r.subject, 'bank', r.record, 1, 'data', 'law 1' FROM credit_register.record r;
-- Zhang repairs and objects; li's was withdrawn.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_zhang; SELECT credit.enter();
SELECT credit.open_dispute(:'zhang_disputed', 'not me') AS objection, credit.open_dispute(:'zhang_alone', 'nor this') AS objection_2 \gset
COMMIT;
SELECT credit.change_record(who('zhang'), :'zhang_repaired', 'repaired', 'paid'), credit.change_record(who('li'), :'li_withdrawn', 'withdrawn', 'a mistake');
SELECT * FROM standing();

-- repaired_twin: an act that both files have stands once, as it was decided; receivers hear of it.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link, moved > 0 AS moved, stayed FROM credit.merge_subjects(who('zhang'), who('li'), 'one person', 'household register') \gset merged_
SELECT :'merged_moved' AS moved, :'merged_stayed' AS stayed;
COMMIT;
SELECT * FROM standing();
SELECT r.document_no, r.record = ANY (ARRAY[:'li_repaired', :'li_disputed', :'li_stands', :'li_withdrawn']::uuid[]) AS of_li, r.state, string_agg(d.kind, ', ' ORDER BY d.queued_at) AS bank
  FROM credit_register.record r JOIN credit_register.delivery d USING (subject, record) GROUP BY 1, 2, 3 ORDER BY 1, 2;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_li; SELECT credit.enter();	-- and whoever enters with the one number or the other
SELECT kind, state, record = :'zhang_disputed' AS disputed, record = :'zhang_alone' AS alone FROM credit.my_cases() ORDER BY 3;
SELECT document_no, state, shown FROM credit.my_records() ORDER BY 1, 2;
COMMIT;
-- Nothing comes back by the next file, under neither number.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT file('370323198503129019', 'repaired') = :'zhang_repaired' AS there, file('370323199503129013', 'repaired') = :'zhang_repaired' AS there_2, file('370323199503129013', 'both stand') = :'li_stands' AS there_3;
SAVEPOINT s; SELECT file('370323199503129013', 'withdrawn');
ROLLBACK TO s; COMMIT;
-- Told both, and both in one view; nothing of the other one, nor of the reviewer's words.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_zhang; SELECT credit.enter();
SELECT kind, replace(reason, :'merged_link', 'L') AS told_both FROM credit.my_notices() WHERE kind = 'files_merged';
COMMIT;

-- case_about_twin: what was set aside still has a case that is decided; the act is withdrawn, however often it stands there.
BEGIN;
SELECT credit.change_record(who('li'), :'zhang_stands', 'withdrawn', 'as if a case of it were upheld');
SELECT * FROM standing() WHERE document_no = 'both stand';
ROLLBACK;

-- undone_twin: each has what was his, as it was, and what was decided meanwhile.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT credit.decide_dispute(:'objection', 'dismissed', '{file}', NULL, 'it was him');
SELECT moved > 0 AS moved FROM credit.undo_link(:'merged_link', 'two persons');
COMMIT;
SELECT * FROM standing();
SELECT w, count(*) AS told_both FROM unnest('{zhang,li}'::text[]) w JOIN credit_register.notice n ON n.subject = who(w) WHERE n.kind = 'link_undone' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS with_its_fingerprint FROM credit_register.record r
 WHERE fingerprint = credit.record_fingerprint(provider, item, severity::text, document_no, document_date, happened_on, conduct_end, amount, fields);
SELECT r.document_no, string_agg(d.kind, ', ' ORDER BY d.queued_at) AS bank FROM credit_register.record r JOIN credit_register.delivery d USING (subject, record)
 WHERE r.record IN (:'zhang_stands', :'li_repaired', :'li_disputed') GROUP BY 1 ORDER BY 1;

-- filed_meanwhile: what was filed under a number goes with it, along the whole chain.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'one person', 'papers') \gset
SELECT link AS second FROM credit.merge_subjects(who('li'), who('ma'), 'one person', 'papers') \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT file('370323199503129013', 'filed meanwhile') AS meanwhile, file('370323198503129019', 'of li') AS of_li, file('370323197001011112', 'of ma') AS of_ma \gset
COMMIT;
-- Also by hand.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
INSERT INTO credit_register.record (subject, division, provider, item, document_date, document_no, happened_on, final_on)
  VALUES (who('zhang'), '370323', 'police', 'traffic_violation', credit.today() - 100, 'of zhang by hand', credit.today() - 120, credit.today() - 90);
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_zhang; SELECT credit.enter();
SELECT credit.authorize('bank', 'consent', credit.today()) AS consent, credit.open_case('complaint', NULL, 'I am not li') AS complaint \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.open_inquiry('370323199503129013', 'administration', 'case 1') AS inquiry \gset
COMMIT;
SELECT * FROM standing() WHERE document_no ~ 'meanwhile|of ';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT credit.undo_link(:'second', 'two persons') > 0 AS back, credit.undo_link(:'first', 'three persons') > 0 AS back_2;
COMMIT;
SELECT * FROM standing() WHERE document_no ~ 'meanwhile|of ';
SELECT (SELECT subject FROM credit_register.consent WHERE consent = :'consent') = who('zhang') AS consent, (SELECT subject FROM credit_register.case_file WHERE case_file = :'complaint') = who('zhang') AS complaint,
       (SELECT subject FROM credit_register.inquiry WHERE inquiry = :'inquiry') = who('zhang') AS inquiry;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT file('370323199503129013', 'filed meanwhile') = :'meanwhile' AS there;
COMMIT;

-- split_stays: what was found to be another's is not filed again by the next delivery of the same file.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS split FROM credit.split_subject(who('zhang'), who('li'), ARRAY[:'meanwhile'::uuid], 'the file of another', 'papers') \gset
COMMIT;
SELECT w, count(*) AS told_both FROM unnest('{zhang,li}'::text[]) w JOIN credit_register.notice n ON n.subject = who(w) WHERE n.kind = 'file_split' GROUP BY 1 ORDER BY 1;
SELECT w, d, credit.parted(who(w), 'police', 'administrative_penalty', d, f) IS NOT NULL AS parted, credit.parted(who(w), 'police', 'administrative_penalty', 'another', f) IS NOT NULL AS by_fingerprint
  FROM (SELECT r.fingerprint AS f FROM credit_register.record r WHERE r.record = :'meanwhile') r, unnest('{zhang,li,ma}'::text[]) w, unnest('{filed meanwhile,of li}'::text[]) d ORDER BY 1, 2;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS merged FROM credit.merge_subjects(who('zhang'), who('ma'), 'x', 'papers') \gset
COMMIT;
SELECT credit.parted(who('ma'), 'police', 'administrative_penalty', 'filed meanwhile', '') IS NOT NULL AS parted_from_what_was_merged;
-- The gate: not by the next file, under neither number, nor by hand; certified, once.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SAVEPOINT s; SELECT file('370323199503129013', 'filed meanwhile');
ROLLBACK TO s; SELECT file('370323197001011112', 'Filed  meanwhile');
ROLLBACK TO s; INSERT INTO credit_register.record (subject, division, provider, item, document_date, document_no, happened_on, final_on)
  VALUES (who('zhang'), '370323', 'police', 'administrative_penalty', credit.today() - 100, 'filed meanwhile', credit.today() - 120, credit.today() - 90);
ROLLBACK TO s; SELECT count(DISTINCT credit.file_record('370323199503129013', 'administrative_penalty', credit.today() - 100, 'filed meanwhile', credit.today() - 120, credit.today() - 90, 'general', 100, credit.today() - 120, certified_by => c)) AS certified
  FROM unnest('{head,clerk}'::text[]) c;
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.undo_link(:'merged', 'x') > 0 AS back, credit.undo_link(:'split', 'x') > 0 AS back_2; COMMIT;
SELECT credit.parted(who('zhang'), 'police', 'administrative_penalty', 'filed meanwhile', '') IS NULL AS parted_no_more;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT link AS split FROM credit.split_subject(who('zhang'), who('li'), ARRAY[:'meanwhile'::uuid], 'the file of another', 'papers') \gset
COMMIT;

-- own_file: nobody decides about his own file, whatever the function is called.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.file_record('370323197001011112', 'court_defaulter', credit.today() - 100, 'court 1', credit.today() - 120, credit.today() - 90, 'serious', 100, credit.today() - 120) AS judged \gset
SELECT credit.serve_notice(:'judged', 'letter', credit.today() - 60) AS notice, credit.open_inquiry('370323197001011112', 'judicial', 'case 6') AS asked \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT credit.enter_list(:'judged', 'court_judgment_defaulter', 'art 1', :'notice', 'file 7') AS entry \gset
SELECT link AS of_his FROM credit.merge_subjects(who('ma'), who('zhang'), 'x', 'y') \gset
SELECT credit.undo_link(:'of_his', 'x') > 0 AS back;
SELECT link AS of_his FROM credit.split_subject(who('ma'), who('zhang'), ARRAY[:'of_ma'::uuid], 'x', 'y') \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_both; SELECT credit.enter();
SELECT credit.open_dispute(:'of_ma', 'it was not me');	-- another's now
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_both; SELECT credit.enter();
SELECT credit.open_repair(:'judged', '{"commitment": true}') AS case_file \gset
COMMIT;
CREATE FUNCTION refused(n bigint, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE command;
  RETURN n || ' allowed';
EXCEPTION WHEN OTHERS THEN
  RETURN n || ' ' || SQLSTATE || ' ' || SQLERRM;
END $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_both; SELECT credit.enter();
SELECT refused(n, format(c, :'of_his', :'entry', :'case_file', :'asked', :'judged', :'notice')) FROM (VALUES
  (1, $$SELECT credit.split_subject(who('ma'), who('zhang'), ARRAY['%5$s'::uuid], 'x', 'y')$$), (2, $$SELECT credit.merge_subjects(who('ma'), who('zhang'), 'x', 'y')$$),
  (3, $$SELECT credit.merge_subjects(who('zhang'), who('ma'), 'x', 'y')$$), (4, $$SELECT credit.undo_link('%1$s', 'x')$$), (5, $$SELECT credit.follow_link('%1$s')$$),
  (6, $$SELECT credit.leave_list('%2$s', 'x')$$), (7, $$SELECT credit.assign_measure('%2$s', 'high_consumption')$$), (8, $$SELECT credit.assign_measures('%2$s')$$),
  (9, $$SELECT credit.forward_case('%3$s', 'x')$$), (10, $$SELECT credit.prolong_case('%3$s', 'x')$$), (11, $$SELECT credit.decide_repair('%3$s', 'granted', '{x}')$$),
  (12, $$SELECT credit.review_inquiry('%4$s', false, 'x')$$), (13, $$SELECT credit.enter_list('%5$s', 'court_judgment_defaulter', 'art 1', '%6$s', 'file 7')$$)) v (n, c) ORDER BY n;
COMMIT;

-- open_objection: a suspended record is not taken up again while the person himself objects, nor by the end of that alone.
INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, final_on, provider, division, stance, document_no, basis, basis_in_force, fields)
  VALUES (who('firm'), '00000000-0000-0000-0000-000000000001', 'key_field_penalty', 'serious', '2026-03-01', '2025-06-01', '2026-05-20', 'police', '370323', 'bad', 'penalty 1', 'law, article 1', '[2021-01-01,)', '{"violation": "x"}');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.add_org_role(who('firm'), who('li'), 'principal', '[2020-01-01,)', 'registration 1');
SELECT credit.attribute_to_person('00000000-0000-0000-0000-000000000001', who('li'), 'principal', 'finding 3') AS attributed \gset
COMMIT;
SELECT credit.change_record(who('firm'), '00000000-0000-0000-0000-000000000001', 'disputed', 'objection of the firm');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_li; SELECT credit.enter(); SELECT credit.open_dispute(:'attributed', 'I was not there') AS own \gset
COMMIT;
SELECT credit.change_record(who('firm'), '00000000-0000-0000-0000-000000000001', 'active', 'dismissed');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SAVEPOINT s; SELECT credit.resume_attributed(:'attributed', 'the firm''s objection was dismissed');
ROLLBACK TO s; COMMIT;
SELECT * FROM standing() WHERE document_no = 'penalty 1';
SELECT credit.change_record(who('firm'), '00000000-0000-0000-0000-000000000001', 'disputed', 'another objection of the firm');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_li; SELECT credit.enter(); SELECT credit.withdraw_case(:'own'); COMMIT;
SELECT * FROM standing() WHERE document_no = 'penalty 1';
SELECT credit.change_record(who('firm'), '00000000-0000-0000-0000-000000000001', 'active', 'dismissed');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.resume_attributed(:'attributed', 'both are decided'); COMMIT;
SELECT * FROM standing() WHERE document_no = 'penalty 1';

-- forgotten_whole: an erasure reaches all numbers of a person, whichever is named, and nobody else's.
CREATE FUNCTION kept() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(w, ' ' ORDER BY w) FROM unnest('{zhang,li,ma,firm}'::text[]) w JOIN credit_register.identity i ON i.subject = who(w) WHERE i.number IS NOT NULL $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT link FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
COMMIT;
BEGIN; SELECT credit.forget(who('zhang'), 'court order 1'), kept(); ROLLBACK;
BEGIN; SELECT credit.forget(who('li'), 'court order 1'), kept(); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.undo_link(:'link', 'x') > 0 AS back; COMMIT;
BEGIN; SELECT credit.forget(who('li'), 'court order 1'), kept(); ROLLBACK;

-- undone_in_order: what a later decision moved, or set aside, waits for that to be undone; others need not.
SELECT md5(string_agg(s::text, ';')) AS before FROM standing() s \gset
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
SELECT link AS second FROM credit.merge_subjects(who('ma'), who('li'), 'x', 'papers') \gset
SELECT credit.undo_link(:'first', 'x') > 0 AS independent, credit.undo_link(:'second', 'x') > 0 AS back; COMMIT;
SELECT md5(string_agg(s::text, ';')) = :'before' AS as_before FROM standing() s;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT file('370323199503129013', 'in order') AS zhang_order, file('370323197001011112', 'in order') AS ma_order \gset
COMMIT;
-- Both active; then the later one disputed, which set the first one aside.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
SELECT link AS second FROM credit.merge_subjects(who('ma'), who('li'), 'x', 'papers') \gset
SELECT refused(14, format('SELECT credit.undo_link(%L, %L)', :'first', 'x'));
SELECT credit.undo_link(:'second', 'x') > 0 AS back, credit.undo_link(:'first', 'x') > 0 AS back_2; COMMIT;
SELECT * FROM standing() WHERE document_no = 'in order';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_both; SELECT credit.enter(); SELECT credit.open_dispute(:'ma_order', 'not me') IS NOT NULL AS opened; COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
SELECT link AS second FROM credit.merge_subjects(who('ma'), who('li'), 'x', 'papers') \gset
SELECT refused(15, format('SELECT credit.undo_link(%L, %L)', :'first', 'x'));
SELECT credit.undo_link(:'second', 'x') > 0 AS back, credit.undo_link(:'first', 'x') > 0 AS back_2; COMMIT;
SELECT * FROM standing() WHERE document_no = 'in order';
-- A record that was split away, and its act that came by another split; and one that was split from where a merge took it.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.split_subject(who('zhang'), who('li'), ARRAY[:'zhang_order'::uuid], 'x', 'papers') \gset
SELECT link AS second FROM credit.split_subject(who('ma'), who('zhang'), ARRAY[:'ma_order'::uuid], 'x', 'papers') \gset
SELECT refused(16, format('SELECT credit.undo_link(%L, %L)', :'first', 'x'));
SELECT credit.undo_link(:'second', 'x') > 0 AS back, credit.undo_link(:'first', 'x') > 0 AS back_2;
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
SELECT link AS second FROM credit.split_subject(who('li'), who('ma'), ARRAY[:'zhang_alone'::uuid], 'x', 'papers') \gset
SELECT refused(17, format('SELECT credit.undo_link(%L, %L)', :'first', 'x'));
SELECT credit.undo_link(:'second', 'x') > 0 AS back, credit.undo_link(:'first', 'x') > 0 AS back_2; COMMIT;
SELECT * FROM standing() WHERE document_no IN ('in order', 'his alone');

-- split_twin: what is split away stands once with an act that the other file has, as after a merge.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT file('370323199503129013', 'split twin') AS zhang_twin, file('370323198503129019', 'split twin') AS li_twin \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS split, moved > 0 AS moved FROM credit.split_subject(who('zhang'), who('li'), ARRAY[:'zhang_twin'::uuid], 'x', 'papers') \gset
COMMIT;
SELECT :'moved' AS moved, s.* FROM standing() s WHERE document_no = 'split twin';
SELECT credit.parted(who('zhang'), 'police', 'administrative_penalty', 'another', r.fingerprint) = :'zhang_twin' AS by_fingerprint FROM credit_register.record r WHERE r.record = :'li_twin';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT refused(18, $$SELECT file('370323199503129013', 'split twin')$$), file('370323198503129019', 'split twin') = :'li_twin' AS there; COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.undo_link(:'split', 'x') > 0 AS back; COMMIT;
SELECT * FROM standing() WHERE document_no = 'split twin';

-- followed_later: what follow_link() set aside for a record of a later merge makes it the later decision.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter(); SELECT file('370323197001011112', 'late act') AS ma_late \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(who('zhang'), who('li'), 'x', 'papers') \gset
COMMIT;
BEGIN; UPDATE credit_register.subject_link SET undone_at = now(), undone_by = 'x', undone_reason = 'x' WHERE link = :'first';	-- by somebody who had not heard of it
SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter(); SELECT file('370323199503129013', 'late act') AS zhang_late \gset
RESET SESSION AUTHORIZATION; UPDATE credit_register.subject_link SET undone_at = NULL, undone_by = NULL, undone_reason = NULL WHERE link = :'first'; COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS second FROM credit.merge_subjects(who('ma'), who('li'), 'x', 'papers') \gset
SELECT credit.follow_link(:'first') > 0 AS followed; COMMIT;
SELECT * FROM standing() WHERE document_no = 'late act';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(20, format('SELECT credit.undo_link(%L, %L)', :'second', 'x'));
SELECT credit.undo_link(:'first', 'x') > 0 AS back, credit.undo_link(:'second', 'x') > 0 AS back_2; COMMIT;
SELECT * FROM standing() WHERE document_no IN ('late act', 'in order');

-- stays_not: no link is undone while a record of it stays where it is; the other way about it goes.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS split FROM credit.split_subject(who('zhang'), who('li'), ARRAY[:'zhang_order'::uuid], 'x', 'papers') \gset
COMMIT;
BEGIN; UPDATE credit_register.record r SET fingerprint = m.fingerprint FROM credit_register.record m WHERE m.record = :'zhang_order' AND r.record = :'zhang_alone';	-- corrected, say
SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(19, format('SELECT credit.undo_link(%L, %L)', :'split', 'x'));
SELECT moved > 0 AS moved FROM credit.split_subject(who('li'), who('zhang'), ARRAY[:'zhang_order'::uuid], 'x', 'papers');
RESET SESSION AUTHORIZATION; SELECT * FROM standing() WHERE document_no IN ('in order', 'his alone');
ROLLBACK;

-- minor_by_merge: no act becomes one of a child by a merge or a split; what is not bad gets the shield, and loses it on the way back.
-- The numbers of one boy: his own, and one that makes him a man.
CREATE FUNCTION code_of(born date) RETURNS credit.code LANGUAGE sql AS $$
  SELECT (d || substr('10X98765432', (SELECT sum(substr(d, i, 1)::int * (2 ^ (18 - i))::int)::int % 11 FROM generate_series(1, 17) i) + 1, 1))::credit.code
    FROM (SELECT '370323' || to_char(born, 'YYYYMMDD') || '901') AS t (d) $$;
SELECT code_of((credit.today() - interval '16 years')::date) AS boy, code_of((credit.today() - interval '30 years')::date) AS man \gset
SELECT credit.pseudonym(:'boy'::credit.code) AS the_boy, credit.pseudonym(:'man'::credit.code) AS the_man \gset
CREATE FUNCTION of_both(boy credit.pseudonym, man credit.pseudonym) RETURNS TABLE (no text, whose text, stance credit.stance, minor bool, state text, shown bool) LANGUAGE sql AS $$
  SELECT r.document_no, CASE r.subject WHEN boy THEN 'boy' ELSE 'man' END, r.stance, r.minor, r.state, EXISTS (SELECT FROM credit_register.shown_record s WHERE s.record = r.record)
    FROM credit_register.record r WHERE r.subject IN (boy, man) ORDER BY 1 $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT count(credit.add_subject(c, '小明', '370323')) FROM (VALUES (:'boy'::credit.code), (:'man')) v (c);
SELECT file(:'man', 'of the man') AS bad, credit.file_record(:'man', 'commendation', credit.today() - 10, 'praise', credit.today() - 10) AS good \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(21, format('SELECT credit.merge_subjects(%L, %L, %L, %L)', :'the_man', :'the_boy', 'x', 'papers'));
SELECT refused(22, format('SELECT credit.split_subject(%L, %L, %L, %L, %L)', :'the_man', :'the_boy', ARRAY[:'bad']::uuid[], 'x', 'papers'));
SELECT moved FROM credit.split_subject(:'the_man', :'the_boy', ARRAY[:'good']::uuid[], 'x', 'papers'); RESET SESSION AUTHORIZATION;
SELECT * FROM of_both(:'the_boy', :'the_man'); ROLLBACK;
SELECT credit.change_record(:'the_man', :'bad', 'withdrawn', 'an act of a child');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS merged FROM credit.merge_subjects(:'the_man', :'the_boy', 'x', 'papers') \gset
COMMIT;
SELECT * FROM of_both(:'the_boy', :'the_man');
-- minor_by_either_number: the gate asks the number that is said and the file that is kept, whichever way a row comes.
CREATE FUNCTION by_hand(whom credit.pseudonym) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO credit_register.record (subject, division, provider, item, severity, document_date, document_no, happened_on, final_on)
                   VALUES (%L, %L, %L, %L, %L, credit.today(), %L, credit.today() - 1, credit.today())', whom, '370323', 'police', 'administrative_penalty', 'general', 'later') $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT refused(23, format('SELECT file(%L, %L)', :'man', 'later')), refused(24, by_hand(:'the_man')), refused(25, format('SELECT file(%L, %L)', :'boy', 'later')); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT credit.undo_link(:'merged', 'x') > 0 AS back; COMMIT;
SELECT * FROM of_both(:'the_boy', :'the_man');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS merged FROM credit.merge_subjects(:'the_boy', :'the_man', 'x', 'papers') \gset
SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.leave(); SELECT credit.enter();
SELECT refused(26, format('SELECT file(%L, %L)', :'boy', 'later')), refused(27, by_hand(:'the_boy')); ROLLBACK;
-- minor_in_the_middle: nor is a number forgotten that lies between the one that is said and the file.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.merge_subjects(:'the_man', :'the_boy', 'x', 'papers') \gset
SELECT link FROM credit.merge_subjects(:'the_boy', who('li'), 'x', 'papers') \gset
SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.leave(); SELECT credit.enter();
SELECT refused(30, format('SELECT file(%L, %L)', :'man', 'later')), refused(31, by_hand(:'the_man')); RESET SESSION AUTHORIZATION;
ROLLBACK;
-- Nor does a decision bring an act back as a child's.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.merge_subjects(:'the_man', :'the_boy', 'x', 'papers') \gset
RESET SESSION AUTHORIZATION;
SELECT refused(33, format('SELECT credit.change_record(%L, %L, %L, %L)', :'the_boy', :'bad', 'active', 'x'));
-- shield_by_correction: what came by a child's number keeps the shield, whatever the file's own number says.
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.file_record(:'boy', 'commendation', credit.today() - 9, 'of the boy', credit.today() - 9) AS praised \gset
SELECT credit.leave(); SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.merge_subjects(:'the_boy', :'the_man', 'x', 'papers') \gset
RESET SESSION AUTHORIZATION;
SELECT credit.correct_record(:'the_man', :'praised', jsonb_build_object('happened_on', credit.today() - 10), 'x') >= 0 AS corrected, minor FROM credit_register.record WHERE record = :'praised';
SELECT minor FROM credit_register.record WHERE record = :'praised';
-- attributed_by_number: a firm's record neither, and a role goes with the number that it was noted under.
INSERT INTO credit_register.record (subject, record, item, severity, document_no, document_date, happened_on, final_on, provider, division)
  VALUES (who('firm'), '00000000-0000-0000-0000-0000000000f1', 'key_field_penalty', 'serious', 'firm', credit.today() - 10, credit.today() - 20, credit.today() - 10, 'police', '370323');
SET LOCAL SESSION AUTHORIZATION regress_reviewer;
SELECT credit.add_org_role(who('firm'), :'the_boy', 'principal', daterange(credit.today() - 100, NULL), 'papers');
SELECT refused(34, format('SELECT credit.attribute_to_person(%L, %L, %L, %L)', '00000000-0000-0000-0000-0000000000f1', :'the_boy', 'principal', 'finding'));
RESET SESSION AUTHORIZATION; SELECT count(*) AS of_the_boy FROM credit_register.org_role WHERE person = :'the_boy'; ROLLBACK;
-- Nor does what only adults have: in words of its own, which name nobody.
BEGIN; UPDATE credit_register.provider SET kind = 'agency' WHERE provider = 'police';
INSERT INTO credit_register.student_file (subject, provider, opened_on, closes_on, basis, opened_by) VALUES (:'the_man', 'police', credit.today(), credit.today() + 1, 'b', 'x');
SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(28, format('SELECT credit.merge_subjects(%L, %L, %L, %L)', :'the_man', :'the_boy', 'x', 'papers')); ROLLBACK;
-- shield_of_a_chain: a link that is undone takes no shield off that another, or the row itself, has put there.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.file_record(:'boy', 'commendation', credit.today() - 9, 'of the boy', credit.today() - 9) AS praised, file(:'man', 'still of the man') AS stands \gset
COMMIT;
UPDATE credit_register.record SET minor = true WHERE record = :'good';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(:'the_boy', :'the_man', 'x', 'papers') \gset
SELECT link AS second FROM credit.merge_subjects(:'the_man', who('li'), 'x', 'papers') \gset
SELECT credit.undo_link(:'second', 'x') > 0 AS back; RESET SESSION AUTHORIZATION;
SELECT no, minor, shown FROM of_both(:'the_boy', :'the_man') WHERE no IN ('of the boy', 'praise');
SET LOCAL SESSION AUTHORIZATION regress_reviewer;
SELECT credit.undo_link(:'first', 'x') > 0 AS back; RESET SESSION AUTHORIZATION;
SELECT no, whose, minor, shown FROM of_both(:'the_boy', :'the_man') WHERE no IN ('of the boy', 'praise'); ROLLBACK;
-- erased_child: nor is who was erased a man by that.
BEGIN; SELECT FROM credit.forget(:'the_boy', 'asked for'); SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(29, format('SELECT credit.merge_subjects(%L, %L, %L, %L)', :'the_man', :'the_boy', 'x', 'papers')); ROLLBACK;
DROP FUNCTION code_of, of_both, by_hand;

SELECT current_setting('credit.key_file') AS key_file \gset
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
DROP FUNCTION kept, who, standing, file, refused;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_police, regress_reviewer, regress_both, regress_zhang, regress_li;
DROP ROLE regress_police, regress_reviewer, regress_both, regress_zhang, regress_li;
