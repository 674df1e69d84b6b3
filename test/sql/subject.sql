-- Subjects: files opened once, identities verified, files merged, split and put
-- back, roles, attribution, students, practitioners, members.
--
-- Seen failing: merge_then_undo with the log of moved rows left out of the way
-- back (nothing returned), and with "t.subject = $1" alone as its condition
-- (what arrived later went along), and with left_behind() answering nothing (what
-- met a row of the survivor was deleted with what it rests on); guilt_by_title without the CHECK
-- record_origin; minor_student without the foreign key on (subject, minor);
-- lapsed_certificate without the condition in enter_as(); noted_twice without ON CONFLICT; name_oracle with
-- identity_spend() taken out of store_subject(); market_into_public with the
-- foreign key on (provider, kind) dropped; ended_with_its_origin without
-- record_changed_subject() in change_record().
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET DateStyle = ISO;
SELECT credit.create_register();
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
INSERT INTO credit_register.provider (provider, name, division, kind) VALUES ('police', 'Public security', '370323', 'department'),
  ('school', 'A school', '370323', 'department'), ('bar', 'Lawyers'' association', '370323', 'association'),
  ('cityauthority', 'City', '370300', 'department');
CREATE ROLE regress_police LOGIN;
CREATE ROLE regress_school LOGIN;
CREATE ROLE regress_bar LOGIN;
CREATE ROLE regress_reviewer LOGIN;
CREATE ROLE regress_elsewhere LOGIN;
CREATE ROLE regress_window LOGIN;
CREATE ROLE regress_admin LOGIN;
SELECT credit.grant_duty(l, d, p, v, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted
  FROM (VALUES ('regress_police', 'credit_provider', 'police', NULL::text[]), ('regress_school', 'credit_provider', 'school', NULL),
               ('regress_bar', 'credit_provider', 'bar', NULL), ('regress_reviewer', 'credit_reviewer', NULL, '{3703}'),
               ('regress_elsewhere', 'credit_reviewer', NULL, '{1101}'), ('regress_window', 'credit_window', NULL, NULL),
               ('regress_admin', 'credit_admin', NULL, NULL)) m(l, d, p, v);
SELECT credit.set_identity_budget(l, 20) FROM unnest('{regress_window,regress_police}'::text[]) l;
CREATE FUNCTION pg_temp.person(code text) RETURNS credit.pseudonym LANGUAGE sql AS $$ SELECT credit.pseudonym(code::credit.code) $$;

-- A file is opened once, by whom a mandate lets.
SELECT credit.add_subject('370323199503129013', '张三', '370323');	-- not entered
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.add_subject('370323199503129013', '张三', '370323') AS zhang, credit.add_subject('370323198503129019', '李四', '370323') AS li,
       credit.add_subject('914403001922038216', '一家公司', '370323') AS firm, credit.add_subject('91350203M0001QKT19?', '另一家公司', '370300') AS firm2,
       credit.add_subject('370323201203129011', '王小', '370323') AS child, credit.add_subject('370323197001011112', '买买提·艾力', '370323') AS ma \gset
SELECT credit.add_subject('370323199503129013', '张　三', '370323') = :'zhang' AS again;
COMMIT;
SELECT kind, division, minor, count(*) FROM credit_register.subject GROUP BY 1, 2, 3 ORDER BY 1, 2;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SAVEPOINT s;
SELECT credit.add_subject('370323199503129013', '张三', '37032');
ROLLBACK TO s; SELECT credit.add_subject('370323199503129013', ' ', '370323');
ROLLBACK TO s; SELECT credit.add_subject(credit.assigned_code(1), 'x', '370323');
ROLLBACK TO s; SELECT credit.add_subject('370323199503129013', '张五', '370323');	-- name_oracle
ROLLBACK TO s; SELECT credit.find_subject('370323199503129013') = :'zhang' AS found, credit.find_subject('11010519491231002X') IS NULL AS absent;
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_elsewhere; SELECT credit.enter();
SELECT credit.add_subject('370323199503129013', '张三', '370323');
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter();
SELECT credit.add_subject('370323199503129013', '张三', '370323');
ROLLBACK;
-- What the wrong names cost.
SELECT nextval(counter::regclass) % 16777216 AS used_and_this FROM credit_register.identity_budget WHERE login = 'regress_police';

-- Subjects without a code: the same document gives the same subject, however it is spelt.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.assign_subject('person', 'Jean Dupont', '370323', 'passport:FRA:12AB34567', '1980-05-06') AS jean,
       credit.assign_subject('person', 'Ann Lee', '370323', 'passport:GBR:12AB34567', (credit.today() - interval '17 years')::date) AS ann,
       credit.assign_subject('organisation', 'A mission', '370323', 'licence:1') AS mission \gset
SELECT credit.assign_subject('person', 'JEAN DUPONT', '370323', 'Passport:FRA:１２AB34567', '1980-05-06') = :'jean' AS same;
SAVEPOINT s;
SELECT credit.assign_subject('person', 'x', '370323', 'passport:FRA:1');
ROLLBACK TO s; SELECT credit.assign_subject('organisation', 'x', '370323', 'licence:2', '2000-01-01');
ROLLBACK TO s; SELECT credit.assign_subject('ship', 'x', '370323', 'licence:2');
ROLLBACK TO s; SELECT credit.assign_subject('organisation', 'x', '370323', ' ');
ROLLBACK TO s; SELECT credit.assign_subject('person', 'x', '370323', 'passport:FRA:2', 'infinity');
ROLLBACK TO s; COMMIT;
SELECT kind, minor, minor_until IS NOT NULL AS until, extract(day FROM minor_until) AS day, credit.code_kind(credit.reveal(subject)) FROM credit_register.subject
 WHERE kind LIKE 'assigned%' ORDER BY 1, 2;
SELECT count(*) AS hashes, count(*) FILTER (WHERE position('12AB'::bytea IN document) > 0) AS clear FROM credit_register.assigned_document;

-- Yes or no, and why: the same words for a number that is not kept and for another name.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter();
SELECT n, v.* FROM (VALUES (1, '370323199503129013', '张三'), (2, '370323199503129013', '张五'), (3, '11010519491231002X', '张三'),
  (4, '370323199503129014', '张三'), (5, '3703231995', '张三'), (6, '370323199503129013', NULL), (7, NULL, '张三'), (8, '370323197001011112', '买买提•艾力'),
  (9, '370323197001011112', '买买提 ．艾力'), (10, '370323197001011112', '')) t(n, code, name), credit.verify_identity(code, name) v ORDER BY n;
COMMIT;

-- merge_then_undo: what another room would add moves, too, by the layout alone.
INSERT INTO credit_register.layout VALUES ('regress_entry', 'subject', 'test'), ('regress_child', 'subject', 'test');
-- One of its foreign keys refers to more than a primary key.
ALTER TABLE credit_register.notice ADD CONSTRAINT regress_wide UNIQUE (subject, notice, record);
CREATE TABLE credit_register.regress_entry (subject credit.pseudonym, entry uuid DEFAULT gen_random_uuid(), record uuid NOT NULL, notice uuid NOT NULL, PRIMARY KEY (subject, entry),
  FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record), FOREIGN KEY (subject, notice, record) REFERENCES credit_register.notice (subject, notice, record));
CREATE TABLE credit_register.regress_child (subject credit.pseudonym, entry uuid, n int, twice int GENERATED ALWAYS AS (2 * n) STORED,
  PRIMARY KEY (subject, entry, n), FOREIGN KEY (subject, entry) REFERENCES credit_register.regress_entry (subject, entry));
-- Of a kind one each: zhang's "a" meets li's and stays, and its leaf with it.
INSERT INTO credit_register.layout VALUES ('regress_kind', 'subject', 'test'), ('regress_leaf', 'subject', 'test');
CREATE TABLE credit_register.regress_kind (subject credit.pseudonym, id uuid, kind text, PRIMARY KEY (subject, id), UNIQUE (subject, kind));
CREATE TABLE credit_register.regress_leaf (subject credit.pseudonym, leaf text, id uuid, PRIMARY KEY (subject, leaf), FOREIGN KEY (subject, id) REFERENCES credit_register.regress_kind);
WITH k AS (INSERT INTO credit_register.regress_kind VALUES (:'zhang', gen_random_uuid(), 'a'), (:'zhang', gen_random_uuid(), 'b'), (:'li', gen_random_uuid(), 'a') RETURNING *)
INSERT INTO credit_register.regress_leaf SELECT subject, CASE subject WHEN :'zhang' THEN 'zhang ' ELSE 'li ' END || kind, id FROM k;
-- A child that meets one of li's keeps its parent, which would be deleted on with it.
INSERT INTO credit_register.layout VALUES ('regress_base', 'subject', 'test'), ('regress_result', 'subject', 'test');
CREATE TABLE credit_register.regress_base (subject credit.pseudonym, id uuid, PRIMARY KEY (subject, id));
CREATE TABLE credit_register.regress_result (subject credit.pseudonym, day date, id uuid, PRIMARY KEY (subject, day), FOREIGN KEY (subject, id) REFERENCES credit_register.regress_base ON DELETE CASCADE);
WITH b AS (INSERT INTO credit_register.regress_base VALUES (:'zhang', gen_random_uuid()), (:'zhang', gen_random_uuid()), (:'li', gen_random_uuid()) RETURNING *)
INSERT INTO credit_register.regress_result SELECT subject, '2026-01-01'::date + CASE subject WHEN :'zhang' THEN row_number() OVER (PARTITION BY subject) ELSE 1 END::int, id FROM b;
-- Zhang has two numbers: the files have 40 and 7 records.
INSERT INTO credit_register.receiver VALUES ('bank', 'A bank', 'bank');
CREATE SEQUENCE pg_temp.paper;
CREATE FUNCTION pg_temp.fill(whose credit.pseudonym, n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- With all that the gate adds: it would file a row of a merged subject with the other one.
  WITH r AS (INSERT INTO credit_register.record (subject, item, severity, document_no, document_date, happened_on, final_on, provider, division, stance, basis, basis_in_force, fingerprint)
    SELECT whose, 'administrative_penalty', 'general', 'penalty ' || nextval('paper'), '2026-01-01', '2025-12-01', '2026-01-05', 'police', '370323', 'bad', 'law 1', '[2018-01-01,)', sha256(uuid_send(gen_random_uuid()))
      FROM generate_series(1, n) RETURNING *),
  d AS (INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis) SELECT r.subject, 'bank', r.record, 1, 'data', 'law 1' FROM r),
  o AS (INSERT INTO credit_register.notice (subject, record, kind, reason) SELECT r.subject, r.record, 'filed', 'x' FROM r RETURNING *),
  e AS (INSERT INTO credit_register.regress_entry (subject, record, notice) SELECT o.subject, o.record, o.notice FROM o RETURNING *)
  INSERT INTO credit_register.regress_child SELECT e.subject, e.entry, i FROM e, generate_series(1, 3) i;
END $$;
SELECT pg_temp.fill(:'zhang', 40), pg_temp.fill(:'li', 7);
INSERT INTO credit_register.consent (subject, given_to, purpose, document, valid) VALUES (:'zhang', 'bank', 'consent', 'd', '[2026-01-01,)');
INSERT INTO credit_register.student_file VALUES (:'zhang', 'school', false, '2026-01-01', '2027-01-01', 'b', 'x'), (:'li', 'school', false, '2025-01-01', '2027-01-01', 'c', 'x');
-- What stands in all tables of subjects, and how many rows of each of the two.
CREATE FUNCTION pg_temp.contents() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  t record; one text; whole text := '';
BEGIN
  FOR t IN SELECT l.table_name FROM credit_register.layout l WHERE l.kind = 'subject' AND l.table_name NOT IN ('subject_link', 'moved_row') ORDER BY 1 LOOP
    -- But what both were told of it.
    EXECUTE format('SELECT md5(string_agg(x::text, E''\n'' ORDER BY x::text)) FROM credit_register.%I x WHERE %L <> ''notice'' OR to_jsonb(x) ->> ''kind'' !~ ''^(file|link)''', t.table_name, t.table_name) INTO one;
    whole := whole || t.table_name || coalesce(one, '-');
  END LOOP;
  RETURN md5(whole);
END $$;
CREATE FUNCTION pg_temp.rows_of(whose credit.pseudonym) RETURNS TABLE (records bigint, deliveries bigint, notices bigint, entries bigint, children bigint, consents bigint, schools bigint) LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM credit_register.record WHERE subject = whose), (SELECT count(*) FROM credit_register.delivery WHERE subject = whose),
         (SELECT count(*) FROM credit_register.notice WHERE subject = whose), (SELECT count(*) FROM credit_register.regress_entry WHERE subject = whose),
         (SELECT count(*) FROM credit_register.regress_child WHERE subject = whose),
         (SELECT count(*) FROM credit_register.consent WHERE subject = whose), (SELECT count(*) FROM credit_register.student_file WHERE subject = whose) $$;
SELECT pg_temp.contents() AS before \gset
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link, moved, stayed FROM credit.merge_subjects(:'zhang', :'li', 'the same person', 'household register') \gset
SELECT :moved AS moved, :stayed AS stayed;	-- the school's file: li has one of that school, so zhang's stays; "a" and its leaf; a result and its base
COMMIT;
SELECT day, b.subject = :'li' AS of_li FROM credit_register.regress_result r JOIN credit_register.regress_base b USING (subject, id) ORDER BY 1, 2;
SELECT leaf, k.kind, l.subject = :'li' AS of_li FROM credit_register.regress_leaf l JOIN credit_register.regress_kind k USING (subject, id) ORDER BY 1;
SELECT w, r.* FROM (VALUES ('zhang', :'zhang'::credit.pseudonym), ('li', :'li')) v(w, p), pg_temp.rows_of(p) r;
SELECT credit.current_subject(:'zhang') = :'li' AS kept_under_li, credit.current_subject(:'li') = :'li' AS itself;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.add_subject('370323199503129013', '张三', '370323') = :'li' AS filed_under_li, credit.find_subject('370323199503129013') = :'li' AS found;
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SAVEPOINT s; SELECT credit.merge_subjects(:'zhang', :'li', 'again', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'li', :'zhang', 'the other way', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', :'zhang', 'into what was merged', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', :'firm', 'no', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', :'ma', 'itself', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', :'li', ' ', 'x');
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', :'li', 'x', NULL);
ROLLBACK TO s; SELECT credit.merge_subjects(:'ma', NULL, 'x', 'y');
ROLLBACK TO s; SELECT credit.undo_link(gen_random_uuid(), 'x');
ROLLBACK TO s; SELECT credit.undo_link(:'link', ' ');
ROLLBACK TO s; SELECT moved = :moved AS all_back FROM credit.undo_link(:'link', 'two persons after all');
SAVEPOINT s; SELECT credit.undo_link(:'link', 'again');
ROLLBACK TO s; COMMIT;
SELECT pg_temp.contents() = :'before' AS merge_then_undo;
SELECT kind, reason, evidence, decided_by, undone_by, undone_reason FROM credit_register.subject_link;
-- Again; meanwhile the survivor gets rows of its own, and a moved record changes and gets a new notice.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.merge_subjects(:'zhang', :'li', 'the same person', 'household register') \gset
COMMIT;
SELECT r.record AS moved_record FROM credit_register.moved_row m JOIN credit_register.record r ON r.record = (m.key ->> 'record')::uuid
 WHERE m.link = :'link' AND m.table_name = 'record' AND r.document_no = 'penalty 1' \gset
SELECT pg_temp.fill(:'li', 5), pg_temp.fill(:'zhang', 1);	-- the latter by somebody who had not heard of it
-- left_under_a_merged_number: it is owed until it is sent after the others.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT d.owner, d.what, d.count FROM credit.duty_list() d WHERE d.what LIKE '%follow_link%';
SELECT credit.follow_link(:'link'), credit.follow_link(:'link');
SELECT count(*) AS owed FROM credit.duty_list() d WHERE d.what LIKE '%follow_link%';
COMMIT;
SELECT credit.give_notice(:'li', :'moved_record', 'later', 'x') \gset
SELECT credit.change_record(:'li', :'moved_record', 'repaired', 'paid');
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT moved FROM credit.undo_link(:'link', 'two persons');
SAVEPOINT s; SELECT credit.follow_link(:'link');
ROLLBACK TO s; COMMIT;
SELECT w, r.* FROM (VALUES ('zhang', :'zhang'::credit.pseudonym), ('li', :'li')) v(w, p), pg_temp.rows_of(p) r;
SELECT state, version, (SELECT count(*) FROM credit_register.notice n WHERE n.subject = r.subject AND n.record = r.record) AS notices,
       (SELECT string_agg(d.kind, ',' ORDER BY d.kind) FROM credit_register.delivery d WHERE d.subject = r.subject AND d.record = r.record) AS deliveries
  FROM credit_register.record r WHERE record = :'moved_record' AND subject = :'zhang';
-- A chain is undone from its end.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link AS first FROM credit.merge_subjects(:'zhang', :'li', 'a', 'x') \gset
SELECT link AS second FROM credit.merge_subjects(:'li', :'ma', 'b', 'x') \gset
SAVEPOINT s; SELECT credit.undo_link(:'first', 'too early');
ROLLBACK TO s; ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_elsewhere; SELECT credit.enter();
SELECT credit.merge_subjects(:'zhang', :'li', 'x', 'y');
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.merge_subjects(:'zhang', :'li', 'x', 'y');
ROLLBACK;
-- Split: two of a mixed file's records, with what hangs on them, and back.
SELECT pg_temp.contents() AS before, array_agg(record) AS two FROM credit_register.record WHERE subject = :'zhang' AND document_no IN ('penalty 1', 'penalty 2') \gset
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.split_subject(:'zhang', :'ma', :'two', 'filed under the wrong person', 'both came in') \gset
SAVEPOINT s; SELECT credit.split_subject(:'zhang', :'ma', :'two', 'again', 'x');
ROLLBACK TO s; SELECT credit.split_subject(:'zhang', :'ma', '{}', 'none', 'x');
ROLLBACK TO s; COMMIT;
SELECT w, r.* FROM (VALUES ('zhang', :'zhang'::credit.pseudonym), ('ma', :'ma')) v(w, p), pg_temp.rows_of(p) r;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT moved > 0 AS back FROM credit.undo_link(:'link', 'no'); COMMIT;
SELECT pg_temp.contents() = :'before' AS split_then_undo;

-- From here on refusals with their SQLSTATE, one a line.
CREATE FUNCTION refused(n bigint, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE command;
  RETURN n || ' allowed';
EXCEPTION WHEN OTHERS THEN
  RETURN n || ' ' || SQLSTATE || ' ' || SQLERRM;
END $$;

-- Occupations and licences: the body that issued a certificate, and the list of the opinion.
SELECT count(*), count(DISTINCT occupation), bool_or(occupation = 'credit_agency_staff') AS agency_staff FROM credit.occupations(credit.today());
SELECT set_config('regress.zhang', :'zhang', false) IS NOT NULL AND set_config('regress.firm', :'firm', false) IS NOT NULL
   AND set_config('regress.child', :'child', false) IS NOT NULL AND set_config('regress.ma', :'ma', false) IS NOT NULL
   AND set_config('regress.ann', :'ann', false) IS NOT NULL AND set_config('regress.firm2', :'firm2', false) IS NOT NULL AS set;
CREATE FUNCTION who(name text) RETURNS credit.pseudonym LANGUAGE sql STABLE AS $$ SELECT current_setting('regress.' || name)::credit.pseudonym $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_school; SELECT credit.enter();
SELECT credit.add_occupation(who('zhang'), 'teacher', 'T-1', '[2020-01-01,2027-01-01)', 'school'), credit.add_occupation(who('zhang'), 'credit_agency_staff', 'A-1', '[2024-01-01,)', 'school'),
       credit.add_licence(who('firm'), 'food_service', 'L-1', '[2020-01-01,2030-01-01)', 'school');
SELECT credit.add_occupation(who('zhang'), 'teacher', 'T-1', '[2020-01-01,2028-01-01)', 'school');	-- renewed
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.add_occupation(who('zhang'), 'astrologer', 'x', '[2020-01-01,)', 'school')$$),
  (2, $$SELECT credit.add_occupation(who('firm'), 'teacher', 'x', '[2020-01-01,)', 'school')$$),
  (3, $$SELECT credit.add_occupation(who('zhang'), 'teacher', 'x', '[2020-01-01,)', 'police')$$),
  (4, $$SELECT credit.add_occupation(who('zhang'), 'teacher', 'x', '(,2020-01-01)', 'school')$$),
  (5, $$SELECT credit.add_occupation('P000000000000000', 'teacher', 'x', '[2020-01-01,)', 'school')$$),
  (6, $$SELECT credit.add_licence(who('firm'), 'x y', 'x', '[2020-01-01,)', 'school')$$),
  (7, $$SELECT credit.end_occupation(who('zhang'), 'teacher', 'T-2', credit.today(), 'x')$$),
  (8, $$SELECT credit.end_occupation(who('zhang'), 'teacher', 'T-1', '2010-01-01', 'x')$$)) v(n, c) ORDER BY n;
-- checked_first: what a constraint would refuse with the row is refused in words of its own; infinity is no day.
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.add_licence(who('firm'), NULL, 'L', '[2026-01-01,)', 'school')$$), (2, $$SELECT credit.add_licence(who('firm'), 'Food!', 'L', '[2026-01-01,)', 'school')$$),
  (3, $$SELECT credit.add_licence(who('firm'), 'food', 'L', '[2026-01-01,infinity)', 'school')$$), (4, $$SELECT credit.add_licence(who('firm'), 'food', 'L', '[-infinity,2026-01-01)', 'school')$$),
  (5, $$SELECT credit.add_licence(who('firm'), repeat('x', 300000), 'L', '[2026-01-01,)', 'school')$$), (6, $$SELECT credit.add_occupation(who('zhang'), 'teacher', 'L', '[2026-01-01,infinity]', 'school')$$),
  (7, $$SELECT credit.end_occupation(who('zhang'), 'teacher', 'T-1', 'infinity', 'x')$$), (8, $$SELECT credit.add_occupation(who('zhang'), NULL, 'L', '[2026-01-01,)', 'school')$$),
  (9, $$SELECT credit.add_licence(who('firm'), 'food', 'L', '[2026-01-01,)', NULL)$$)) v(n, c) ORDER BY n;
SELECT credit.end_occupation(who('zhang'), 'teacher', 'T-1', '2026-06-30', 'left'), credit.end_licence(who('firm'), 'food_service', 'L-1', '2026-06-30', 'given back');
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT refused(1, $$SELECT credit.end_occupation(who('zhang'), 'credit_agency_staff', 'A-1', '2026-06-30', 'not his to end')$$);
ROLLBACK;
SELECT occupation, certificate, valid, provider, noted_by, end_reason FROM credit_register.occupation ORDER BY 1;
SELECT licence, certificate, valid, provider, end_reason FROM credit_register.licence;

-- Roles, and no guilt by title.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT credit.add_org_role(who('firm'), who('zhang'), 'legal_representative', '[2020-01-01,2026-01-01)', 'registration 1'),
       credit.add_org_role(who('firm'), who('ma'), 'legal_representative', '[2026-01-01,)', 'registration 2'),
       credit.add_org_role(who('firm'), who('ma'), 'directly_responsible', '[2024-01-01,)', 'appointment 7'),
       credit.add_org_role(who('firm'), who('child'), 'principal', '[2024-01-01,)', 'a mistake of the register of firms');
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.add_org_role(who('firm'), who('ma'), 'legal_representative', '[2025-01-01,2025-06-01)', 'two at a time')$$),
  (2, $$SELECT credit.add_org_role(who('firm'), who('ma'), 'owner', '[2025-01-01,)', 'x')$$),
  (3, $$SELECT credit.add_org_role(who('firm'), who('firm2'), 'principal', '[2025-01-01,)', 'x')$$),
  (4, $$SELECT credit.add_org_role(who('zhang'), who('ma'), 'principal', '[2025-01-01,)', 'x')$$),
  (5, $$SELECT credit.add_org_role(who('firm'), who('ma'), 'principal', '[2025-01-01,)', ' ')$$),
  (6, $$SELECT credit.add_org_role(who('firm'), who('ma'), 'directly_responsible', '[2025-01-01,)', 'overlaps')$$),
  (7, $$SELECT credit.end_org_role(who('firm'), who('zhang'), 'principal', '2025-01-01')$$)) v(n, c) ORDER BY n;
SELECT credit.end_org_role(who('firm'), who('ma'), 'directly_responsible', '2026-06-30');
COMMIT;
SELECT role, valid, basis FROM credit_register.org_role WHERE subject = :'firm' ORDER BY 1, 2;
INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, final_on, provider, division, stance, document_no, basis, basis_in_force, fields)
  SELECT who('firm'), ('00000000-0000-0000-0000-00000000000' || n)::uuid, item, severity, greatest(happened_on, '2026-03-01'), happened_on, '2026-05-20', 'police', '370323', stance, 'penalty ' || n, 'law, article 1', '[2021-01-01,)', CASE item WHEN 'key_field_penalty' THEN '{"violation": "x"}' ELSE '{}' END::jsonb
    FROM (VALUES (1, 'key_field_penalty', 'serious'::credit.severity, '2025-06-01'::date, 'bad'::credit.stance), (2, 'key_field_penalty', 'general', '2025-06-01', 'bad'),
                 (3, 'abnormal_list_entry', 'serious', '2026-04-10', 'bad'), (5, 'commendation', 'serious', '2025-06-01', 'good')) v(n, item, severity, happened_on, stance);
INSERT INTO credit_register.record (subject, record, item, severity, document_no, document_date, happened_on, final_on, provider, division, stance)
  VALUES (who('ma'), '00000000-0000-0000-0000-000000000006', 'key_field_penalty', 'serious', 'penalty 6', '2026-03-01', '2025-06-01', '2026-03-20', 'police', '370323', 'bad');
CREATE FUNCTION attribute(n int, whom text, role text, finding text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT credit.attribute_to_person(''00000000-0000-0000-0000-00000000000%s'', who(%L), %L, %L)', n, whom, role, finding) $$;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT refused(n, c) FROM (VALUES (1, attribute(1, 'ma', 'legal_representative', 'finding 3')),	-- his title is later than the act
  (2, attribute(1, 'zhang', 'principal', 'finding 3')), (3, attribute(1, 'zhang', 'legal_representative', NULL)), (4, attribute(1, 'zhang', 'legal_representative', ' ')),
  (5, attribute(2, 'zhang', 'legal_representative', 'finding 3')), (6, attribute(3, 'zhang', 'legal_representative', 'finding 3')),
  (8, attribute(5, 'zhang', 'legal_representative', 'finding 3')),
  (9, attribute(6, 'zhang', 'legal_representative', 'finding 3')), (10, attribute(1, 'child', 'principal', 'finding 3')),
  (11, attribute(1, 'firm2', 'principal', 'finding 3')), (12, attribute(9, 'zhang', 'legal_representative', 'finding 3')),
  (13, attribute(1, 'zhang', 'owner', 'finding 3'))) v(n, c) ORDER BY n;
SELECT credit.attribute_to_person('00000000-0000-0000-0000-000000000001', who('zhang'), 'legal_representative', '鲁沂责认〔2026〕3号') AS zhang_record,
       credit.attribute_to_person('00000000-0000-0000-0000-000000000001', who('ma'), 'directly_responsible', '鲁沂责认〔2026〕4号') AS ma_record \gset
SELECT refused(1, attribute(1, 'zhang', 'legal_representative', 'finding 5'));
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_school; SELECT credit.enter();
SELECT refused(1, attribute(1, 'zhang', 'legal_representative', 'finding 5'));	-- another department's record, as one that is not there
ROLLBACK;
SELECT item, severity, stance, state, document_no, happened_on, origin = :'firm' AS of_firm, origin_record, origin_role, origin_role_valid, finding, fields, amount
  FROM credit_register.record WHERE record IN (:'zhang_record', :'ma_record') ORDER BY origin_role;
SELECT kind, reason FROM credit_register.notice WHERE record IN (:'zhang_record', :'ma_record') ORDER BY reason;
-- guilt_by_title, by a superuser's own hand.
SELECT refused(n, 'UPDATE credit_register.record SET ' || c || ' WHERE origin_role = ''legal_representative''') FROM (VALUES (1, 'finding = NULL'), (2, 'finding = '' '''),
  (3, 'origin_role = NULL'), (4, 'origin_role_valid = ''[2026-01-01,)'''), (6, 'severity = ''general'''), (7, 'origin = NULL'),
  (8, 'origin = subject'), (10, 'origin_role = ''spouse'''), (11, 'stance = ''neutral'''), (12, 'severity = NULL')) v(n, c) ORDER BY n;
SELECT refused(1, $$UPDATE credit_register.record SET finding = 'of nobody' WHERE origin IS NULL$$);
-- E11 in one query.
SELECT count(*) AS without_finding FROM credit_register.record r WHERE origin IS NOT NULL AND (finding IS NULL OR NOT origin_role_valid @> happened_on);

-- ended_with_its_origin: a dispute suspends, a person takes up again, a repair ends.
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000001', 'disputed', 'objection 1');
SELECT credit.change_record(:'ma', :'ma_record', 'withdrawn', 'ma was not there');	-- for himself alone
SELECT origin_role, state, version FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(1, format('SELECT credit.resume_attributed(%L, %L)', :'zhang_record', 'objection 1 was rejected'));	-- the origin is not upheld yet
ROLLBACK;
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000001', 'active', 'rejected');
SELECT origin_role, state FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;	-- nothing adverse by itself
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(1, format('SELECT credit.resume_attributed(%L, %L)', :'ma_record', 'x')), refused(2, format('SELECT credit.resume_attributed(%L, %L)', :'zhang_record', ''));
SELECT credit.resume_attributed(:'zhang_record', 'objection 1 was rejected');
COMMIT;
SELECT origin_role, state FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;
-- A corrected origin suspends; taken up again it says the corrected; and not at all where the role no longer covers the act.
UPDATE credit_register.record SET happened_on = '2025-07-01' WHERE record = '00000000-0000-0000-0000-000000000001';
SELECT credit.record_changed_subject(:'firm', '00000000-0000-0000-0000-000000000001', 'the act was in July');
SELECT origin_role, state, happened_on FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT credit.resume_attributed(:'zhang_record', 'correction 2'); COMMIT;
SELECT origin_role, state, happened_on FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;
SELECT path, place = :'zhang_record' AS zhang FROM credit.everywhere_subject(:'firm', '00000000-0000-0000-0000-000000000001');
BEGIN;
UPDATE credit_register.record SET happened_on = '2026-02-01' WHERE record = '00000000-0000-0000-0000-000000000001';
SELECT credit.record_changed_subject(:'firm', '00000000-0000-0000-0000-000000000001', 'the act was in 2026');
SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT refused(1, format('SELECT credit.resume_attributed(%L, %L)', :'zhang_record', 'correction 3'));
ROLLBACK;
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000001', 'repaired', 'paid');
SELECT origin_role, state FROM credit_register.record WHERE origin IS NOT NULL ORDER BY 1;
SELECT kind, reason FROM credit_register.notice WHERE subject = :'zhang' AND record = :'zhang_record' ORDER BY given_at;

-- minor_student: 18 and over, by the day of the call, and by the constraint.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_school; SELECT credit.enter();
SELECT credit.open_student_file(who('ma'), 'school', 'school rule 5', credit.today() + 365);
SELECT credit.open_student_file(who('ma'), 'school', 'school rule 5', credit.today() + 365);	-- once
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.open_student_file(who('child'), 'school', 'r', credit.today() + 9)$$),
  (2, $$SELECT credit.open_student_file(who('ann'), 'school', 'r', credit.today() + 9)$$), (3, $$SELECT credit.open_student_file(who('firm'), 'school', 'r', credit.today() + 9)$$),
  (4, $$SELECT credit.open_student_file(who('zhang'), 'school', '', credit.today() + 9)$$), (5, $$SELECT credit.open_student_file(who('zhang'), 'school', 'r', NULL)$$),
  (6, $$SELECT credit.open_student_file(who('zhang'), 'school', 'r', 'infinity')$$), (7, $$SELECT credit.open_student_file(who('zhang'), 'police', 'r', credit.today() + 9)$$)) v(n, c) ORDER BY n;
COMMIT;
SELECT refused(1, $$INSERT INTO credit_register.student_file VALUES (who('child'), 'school', false, '2026-01-01', '2027-01-01', 'r', 'x')$$),
       refused(2, $$INSERT INTO credit_register.student_file VALUES (who('child'), 'school', true, '2026-01-01', '2027-01-01', 'r', 'x')$$);
-- The shield falls with the birthday, and only by it.
INSERT INTO credit_register.subject VALUES (pg_temp.person('370323200102280033'), 'citizen', '370323', true);	-- 18 since 2019
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_admin; SELECT credit.enter(); SELECT credit.refresh_minors(); SELECT credit.refresh_minors(); COMMIT;
SELECT kind, minor, count(*) FROM credit_register.subject WHERE kind IN ('citizen', 'assigned') GROUP BY 1, 2 ORDER BY 1, 2;
UPDATE credit_register.subject SET minor = false WHERE subject = :'child';	-- by a superuser's hand
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_school; SELECT credit.enter();
SELECT refused(1, $$SELECT credit.open_student_file(who('child'), 'school', 'r', credit.today() + 9)$$);
ROLLBACK;
UPDATE credit_register.subject SET minor = true WHERE subject = :'child';

-- lapsed_certificate: who is a practitioner queries with a certificate in force, or not at all.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter(); SELECT duty FROM credit.grants(); COMMIT;	-- not registered: by mandate alone
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_admin; SELECT credit.enter();
SELECT credit.add_practitioner('regress_window', 'XY-2025-031', '[2025-01-01,2026-01-01)', 'commitment-2025', sha256('signed')),
       credit.add_practitioner('regress_reviewer', 'XY-2025-032', '[2025-01-01,2026-01-01)'), credit.add_practitioner('regress_police', 'XY-2025-033', '[2025-01-01,2026-01-01)');
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.add_practitioner('regress_window', 'x', '[2025-01-01,)')$$), (2, $$SELECT credit.add_practitioner('regress_window', '', '[2025-01-01,2026-01-01)')$$),
  (3, $$SELECT credit.add_practitioner('regress_window', 'x', '[2025-01-01,2026-01-01)', 'template')$$), (4, $$SELECT credit.add_practitioner('regress_window', 'x', '[2025-01-01,2026-01-01)', 't', '\x00')$$),
  (5, $$SELECT credit.end_practitioner('regress_window', 'x', '2025-02-01')$$),
  (6, $$SELECT credit.add_practitioner('regress_window', 'XY-2025-031', '[2025-06-01,2026-06-01)')$$)) v(n, c) ORDER BY n;	-- noted_twice
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter(); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter(); SELECT duty FROM credit.grants(); ROLLBACK;	-- a department files all the same
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_admin; SELECT credit.enter();
SELECT credit.add_practitioner('regress_window', 'XY-2026-031', daterange(credit.today(), credit.today() + 100));
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter(); SELECT duty FROM credit.grants(); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_admin; SELECT credit.enter(); SELECT credit.end_practitioner('regress_window', 'XY-2026-031', credit.today()); COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter(); SELECT refused(1, $$SELECT credit.add_practitioner('x', 'x', '[2025-01-01,2026-01-01)')$$); ROLLBACK;	-- its last day is in

-- market_into_public: associations file apart, and consent joins.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bar; SELECT credit.enter();
SELECT credit.add_member(who('zhang'), 'bar', 'M-1', '[2024-01-01,)'),
       credit.file_market_record(who('zhang'), 'bar', 'arbitration_ignored', 'bad', '2026-02-01', 'bar 7', 'statute of the association, article 9', credit.today() + 365) IS NOT NULL AS filed,
       credit.file_market_record(who('zhang'), 'bar', 'arbitration_ignored', 'bad', '2024-02-01', 'bar 3', 'statute of the association, article 9', '2025-02-01') IS NOT NULL AS over;
SELECT refused(n, c) FROM (VALUES (1, $$SELECT credit.file_market_record(who('ma'), 'bar', 'x', 'bad', '2026-02-01', 'bar 7', 'b', '2027-01-01')$$),
  (2, $$SELECT credit.file_market_record(who('zhang'), 'bar', 'x', 'bad', '2023-02-01', 'bar 7', 'b', '2027-01-01')$$), (3, $$SELECT credit.file_market_record(who('zhang'), 'bar', 'x', 'bad', '2026-02-01', 'bar 7', ' ', '2027-01-01')$$),
  (4, $$SELECT credit.file_market_record(who('zhang'), 'bar', 'x', 'bad', '2026-02-01', 'bar 7', 'b', NULL)$$), (5, $$SELECT credit.file_market_record(who('zhang'), 'police', 'x', 'bad', '2026-02-01', 'bar 7', 'b', '2027-01-01')$$),
  (6, $$SELECT credit.file_market_record(who('child'), 'bar', 'x', 'bad', '2026-02-01', 'bar 7', 'b', '2027-01-01')$$)) v(n, c) ORDER BY n;
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_police; SELECT credit.enter();
SELECT refused(1, $$SELECT credit.add_member(who('zhang'), 'police', 'M', '[2024-01-01,)')$$), refused(2, $$SELECT credit.add_member(who('zhang'), 'bar', 'M', '[2024-01-01,)')$$);
ROLLBACK;
SELECT refused(1, $$UPDATE credit_register.market_record SET provider = 'police'$$), refused(2, $$UPDATE credit_register.provider SET kind = 'department' WHERE provider = 'bar'$$),
       refused(3, $$UPDATE credit_register.market_record SET provider_kind = 'department'$$), refused(4, $$UPDATE credit_register.market_record SET subject = who('child')$$);
SELECT count(*) AS in_public_paths FROM credit_register.record WHERE provider = 'bar';
UPDATE credit_register.practitioner SET valid = '[2025-01-01,2999-01-01)';
INSERT INTO credit_register.consent (subject, consent, given_to, purpose, document, valid, single_use)
  VALUES (who('zhang'), '00000000-0000-0000-0000-0000000000c1', 'regress_window', 'consent', 'signed paper 1', '[2026-01-01,)', true);
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter();
SELECT credit.open_inquiry('370323199503129013', 'consent', '00000000-0000-0000-0000-0000000000c1') AS with_consent, credit.open_inquiry('370323199503129013', 'administration', 'permit 4') AS without \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_window; SELECT credit.enter();
SELECT provider, item, stance, document_date, document_no FROM credit.market_records(:'with_consent');
SELECT refused(1, format('SELECT credit.market_records(%L)', :'without')), refused(2, format('SELECT credit.market_records(%L)', gen_random_uuid()));
COMMIT;

-- An inquiry by the number of a merged file is one about the survivor.
UPDATE credit_register.practitioner SET valid = '[2025-01-01,2999-01-01)';
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter();
SELECT link FROM credit.merge_subjects(:'zhang', :'li', 'same', 'papers') \gset
SELECT credit.open_inquiry('370323199503129013', 'administration', 'permit 5') AS asked \gset
COMMIT;
SELECT subject = :'li' AS about_the_survivor FROM credit_register.inquiry WHERE inquiry = :'asked';

-- E3: no biometrics anywhere; nothing of this room is open to a login by itself.
SELECT count(*) AS biometric FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'credit_register'::regnamespace AND a.attname ~ 'iris|facial|dna|blood|photo|voice|biometr|palm'
    OR c.relnamespace = 'credit_register'::regnamespace AND a.attname ~ 'finger' AND a.atttypid <> 'bytea'::regtype;	-- record.fingerprint is a hash of the report
SELECT p.oid::regprocedure AS open_to_all FROM pg_proc p WHERE p.pronamespace = 'credit'::regnamespace AND p.prosecdef AND has_function_privilege('regress_bar', p.oid, 'EXECUTE')
   AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee::regrole::text LIKE 'credit%') ORDER BY 1;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bar; SELECT credit.enter();
SELECT refused(n, 'SELECT count(*) FROM credit_register.' || t) FROM unnest('{subject_link,moved_row,occupation,org_role,student_file,practitioner,member,market_record,assigned_document}'::text[]) WITH ORDINALITY u(t, n) ORDER BY n;
ROLLBACK;

SELECT current_setting('credit.key_file') AS key_file \gset
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
DROP FUNCTION refused, attribute, who;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_police, regress_school, regress_bar, regress_reviewer, regress_elsewhere, regress_window, regress_admin;
DROP ROLE regress_police, regress_school, regress_bar, regress_reviewer, regress_elsewhere, regress_window, regress_admin;
