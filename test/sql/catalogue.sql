-- What every member of the extension owes its users, as one view of findings.
-- The first query must return no row; the last part makes one bad object for
-- each rule and shows that the rule sees it.

-- Written lists.  A name is added here on purpose, with its reason, or not at all.
CREATE TEMP TABLE leakproof_list (name text PRIMARY KEY);
INSERT INTO leakproof_list VALUES	-- comparisons of credit.code and credit.points: they neither raise nor log
  ('code_eq'), ('code_ne'), ('code_lt'), ('code_le'), ('code_gt'), ('code_ge'),
  ('code_cmp'), ('code_hash'), ('code_hash_extended'),
  ('points_eq'), ('points_ne'), ('points_lt'), ('points_le'), ('points_gt'), ('points_ge'),
  ('points_cmp'), ('points_hash'), ('points_hash_extended'),
  -- of credit.pseudonym: the same C functions
  ('pseudonym_eq'), ('pseudonym_ne'), ('pseudonym_lt'), ('pseudonym_le'), ('pseudonym_gt'), ('pseudonym_ge'),
  ('pseudonym_cmp'), ('pseudonym_hash'), ('pseudonym_hash_extended');
CREATE TEMP TABLE volatile_list (name text, reason text NOT NULL);
INSERT INTO volatile_list VALUES ('create_key_file', 'writes a file'), ('add_key', 'writes a file'),
  ('identity_new_key', 'random'), ('identity_rewrap', 'random'), ('identity_seal', 'random'),
  ('identity_store', 'writes'), ('forget', 'writes'), ('set_identity_budget', 'writes'), ('create_register_identity', 'writes'), ('note_keys', 'writes'),
  ('identity_spend', 'counts'), ('identity_lookup', 'counts'), ('identity_open', 'counts'),
  ('rotate_keys_chunk', 'writes'), ('rotate_keys', 'writes'), ('record_number', 'random');
CREATE TEMP TABLE parallel_unsafe_list (name text, reason text NOT NULL);
INSERT INTO parallel_unsafe_list VALUES ('run_rule_cases', 'an error of a case is caught in a subtransaction'),
  ('can_see', 'an error of display is caught in a subtransaction'), ('guard_key_file', 'an error of the key file is caught in a subtransaction'),
  ('guard_report', 'asks guard_key_file()'), ('verify_audit', 'an error of a cast is caught in a subtransaction'), ('check_checkpoint', 'an error of a cast is caught in a subtransaction'),
  ('moved_calendar', 'asks run_rule_cases()'), ('with_calendar_year', 'asks run_rule_cases()'), ('with_plain_years', 'asks run_rule_cases()');
-- Rooms access, inquiry and register.
WITH added AS (INSERT INTO parallel_unsafe_list VALUES
  ('sign_context', 'changes a setting'), ('leave', 'changes a setting'), ('enter', 'changes a setting'), ('enter_as', 'changes a setting'),
  ('hold_mandates', 'locks'), ('grant_duty', 'writes'), ('grant_citizen', 'writes'), ('revoke_duty', 'writes'), ('add_provider', 'writes'), ('change_provider', 'writes'),
  ('add_receiver', 'writes'), ('rename_receiver', 'writes'), ('add_purpose', 'writes'), ('add_duty_item', 'writes'), ('end_duty_item', 'writes'), ('make_policies', 'makes policies'), ('drop_policies', 'drops policies'),
  ('protect_table', 'makes policies'), ('unprotect_table', 'drops policies'), ('make_masking_view', 'makes a view'),
  ('inquiry_settled', 'asks whose transaction wrote a row'), ('inquiry_subject', 'asks inquiry_settled()'), ('report_rows', 'asks inquiry_settled()'),
  ('open_inquiry', 'writes'), ('open_inquiry_on', 'writes'), ('review_inquiry', 'writes'), ('use_consent', 'writes'),
  ('create_duty_roles', 'makes roles'), ('create_register', 'makes tables'), ('create_register_access', 'makes tables'),
  ('begin_register', 'makes roles'), ('complete_register', 'makes tables'), ('upgrade_register', 'makes tables'), ('upgrade_register_2', 'makes tables'), ('set_audit_aside', 'makes tables'),
  ('comment_register', 'writes comments'), ('adopt_rulebook', 'writes'), ('end_rulebook', 'writes'), ('protect_register', 'makes policies'), ('extend_protection', 'makes policies'), ('refuse_drop', 'an event trigger') RETURNING *)
INSERT INTO volatile_list SELECT * FROM added;
INSERT INTO parallel_unsafe_list VALUES ('identity_store', 'writes'), ('forget', 'writes'), ('set_identity_budget', 'writes'),
  ('create_register_identity', 'writes'), ('note_keys', 'writes'), ('identity_spend', 'writes'), ('identity_lookup', 'writes'), ('identity_open', 'writes'),
  ('rotate_keys_chunk', 'writes'), ('rotate_keys', 'writes');
INSERT INTO volatile_list
SELECT unnest('{audit_mark,audit_table,renew_audit,unaudit_table,audit_protect,audit_months,create_register_audit,audit_add_seal,seal_audit,retain_audit}'::text[]),
       'writes the audit';
INSERT INTO parallel_unsafe_list SELECT name, reason FROM volatile_list WHERE reason = 'writes the audit';
-- Room collection.
WITH added AS (INSERT INTO parallel_unsafe_list SELECT unnest('{create_record_gate,create_register_collection,protect_collection,refuse,open_batch,own_batch,judge_names_anew,hold_current,
  add_batch_rows,load_batch,correct_row,drop_batch_rows,forget_lines,discard_row,discard_batch,discard_old_rows,file_record,nil_return}'::text[]), 'collection: writes or locks' RETURNING *)
INSERT INTO volatile_list SELECT * FROM added;
-- Room subject.
WITH added AS (INSERT INTO parallel_unsafe_list
  SELECT unnest('{create_register_subject,comment_subject,refresh_minors,store_subject,add_subject,assign_subject,find_subject,verify_identity,
    insert_moved,move_rows,lock_pair,set_twins_aside,take_twins_back,note_filed,tell_both,merge_subjects,follow_link,split_subject,undo_link,add_occupation,end_occupation,add_licence,end_licence,add_org_role,end_org_role,
    attribute_to_person,record_changed_subject,resume_attributed,authorize,withdraw_consent,open_student_file,add_practitioner,end_practitioner,add_member,file_market_record,market_records}'::text[]),
    'writes, locks or counts' RETURNING *)
INSERT INTO volatile_list SELECT * FROM added;
-- What all rooms of the register call.
INSERT INTO parallel_unsafe_list SELECT unnest('{comment_tables,forget_deliveries,create_register_effect,create_register_measure,give_notice,fan_out,change_record,release_measures}'::text[]),
  'writes';
INSERT INTO volatile_list SELECT unnest('{comment_tables,forget_deliveries,create_register_effect,create_register_measure,give_notice,fan_out,change_record,release_measures}'::text[]),
  'writes';

-- Rooms effect and case_file.
INSERT INTO parallel_unsafe_list
SELECT unnest('{comment_tables,create_register_effect,give_notice,fan_out,change_record,tell_rooms,correct_record,
  create_register_case_file,fill_case_steps,comment_case_file,protect_case_file,open_case,open_dispute,open_repair,add_statement,ask_extension,
  report_performance,tell_again,close_statement,case_subject,hold_file,move_case,forward_case,prolong_case,answer_case,end_dispute,withdraw_case,check_decision,
  uphold_case,decide_dispute,decide_case,repair_conditions,decide_repair,confirm_notice}'::text[]), 'writes or locks';
INSERT INTO volatile_list SELECT name, reason FROM parallel_unsafe_list WHERE reason = 'writes or locks';

-- Rooms measure and scoring.
-- Rooms measure, incentive and scoring.
WITH added AS (INSERT INTO parallel_unsafe_list VALUES
  ('create_register_measure', 'makes tables'), ('comment_measure', 'writes comments'), ('protect_measure', 'makes policies'),
  ('load_measures', 'writes'), ('add_list', 'writes'), ('allow_context', 'writes'), ('serve_notice', 'writes'), ('enter_list', 'writes'), ('leave_list', 'writes'),
  ('assign_measure', 'writes'), ('assign_measures', 'writes'), ('give_feedback', 'writes'), ('release_measures', 'writes'),
  ('record_changed_measure', 'writes'), ('shorten_entry', 'writes'),
  ('create_register_incentive', 'makes tables'), ('comment_incentive', 'writes comments'), ('protect_incentive', 'makes policies'),
  ('nominate', 'writes'), ('verify_nomination', 'writes'), ('refuse_nomination', 'writes'), ('grant_incentive', 'writes'), ('give_incentive_feedback', 'writes'),
  ('release_incentives', 'writes'), ('revoke_honour', 'writes'), ('consent_to_bonus', 'writes'), ('leave_bonus', 'writes'),
  ('add_commitment_template', 'writes'), ('sign_commitment', 'writes'), ('give_tip', 'writes'), ('close_tip', 'writes'),
  ('inquired_subject', 'asks inquiry_settled()'), ('green_channel', 'asks inquiry_settled()'), ('org_bonus', 'asks inquiry_settled()'),
  ('create_register_scoring', 'makes tables'), ('consent_to_score', 'writes'), ('drop_scores', 'writes'), ('leave_score', 'writes'),
  ('score_begin', 'writes'), ('score_chunk', 'writes'), ('score_all', 'writes') RETURNING *)
INSERT INTO volatile_list SELECT * FROM added;
INSERT INTO parallel_unsafe_list VALUES ('record_changed_scoring', 'writes');
INSERT INTO volatile_list VALUES ('record_changed_scoring', 'writes');

-- Rooms report and exchange.
WITH added AS (INSERT INTO parallel_unsafe_list VALUES ('create_register_report', 'makes tables'), ('report', 'asks inquiry_settled()'),
  ('create_register_exchange', 'makes tables'), ('create_outbox_publication', 'makes a publication'), ('subscribe', 'writes'), ('unsubscribe', 'writes'),
  ('push', 'writes'), ('push_fresh', 'writes'), ('fetch_deliveries', 'writes'), ('acknowledge', 'writes'), ('publish', 'writes'), ('take_down', 'writes') RETURNING *)
INSERT INTO volatile_list SELECT * FROM added;

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, i.type, i.schema, i.name, i.identity
  FROM pg_depend d
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'credit',
       LATERAL pg_identify_object(d.classid, d.objid, 0) i
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
   -- Members from 17 on, but nobody made them: array types, row types of tables.
   AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (
         SELECT FROM pg_type t
          WHERE t.oid = d.objid
            AND (EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
                 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c'))));

CREATE TEMP VIEW function AS
SELECT p.*, m.identity, l.lanname
  FROM member m
  JOIN pg_proc p ON p.oid = m.objid
  JOIN pg_language l ON l.oid = p.prolang
 WHERE m.classid = 'pg_proc'::regclass;

CREATE TEMP VIEW operator AS
SELECT o.*, m.identity
  FROM member m JOIN pg_operator o ON o.oid = m.objid
 WHERE m.classid = 'pg_operator'::regclass;

CREATE TEMP VIEW opclass AS
SELECT o.*, m.identity, a.amname
  FROM member m
  JOIN pg_opclass o ON o.oid = m.objid
  JOIN pg_am a ON a.oid = o.opcmethod
 WHERE m.classid = 'pg_opclass'::regclass;

CREATE TEMP VIEW finding AS
-- Where things are.
SELECT 'outside schema credit' AS rule, type || ' ' || identity AS object
  FROM member
 WHERE (schema <> 'credit' OR type = 'schema' AND name <> 'credit')
   -- but operators of our types: SQL cannot qualify the = of IS DISTINCT FROM;
   -- and min, max and sum, which nobody qualifies
   AND NOT (type = 'operator' AND schema = 'pg_catalog' AND identity ~ '^pg_catalog\.\W+\((NONE|credit\.\w+),credit\.\w+\)$')
   AND NOT (type = 'aggregate' AND identity ~ '^pg_catalog.(min|max|sum)\(credit\.')
UNION ALL
SELECT 'schema credit open to others', coalesce(r.rolname, 'PUBLIC') || ' may ' || a.privilege_type
  FROM pg_namespace n
  CROSS JOIN LATERAL aclexplode(n.nspacl) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee
 WHERE n.nspname = 'credit' AND a.grantee <> n.nspowner AND a.privilege_type <> 'USAGE'
-- Comments.  A family that came with its class speaks through the class.
UNION ALL
SELECT 'no comment', m.type || ' ' || m.identity
  FROM member m
 WHERE obj_description(m.objid, m.classid::regclass::name) IS NULL
   AND NOT (m.type = 'operator family' AND EXISTS (
         SELECT FROM opclass o WHERE o.opcfamily = m.objid))
UNION ALL
SELECT 'no comment', 'column ' || m.identity || '.' || a.attname
  FROM member m
  JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass OR
       m.classid = 'pg_type'::regclass AND c.reltype = m.objid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND col_description(c.oid, a.attnum) IS NULL
-- Labels of functions.
UNION ALL
SELECT 'parallel unsafe without a reason', identity
  FROM function
 WHERE proparallel = 'u' AND prorettype <> 'trigger'::regtype AND proname NOT IN (SELECT name FROM parallel_unsafe_list)
UNION ALL
-- A subtransaction cannot begin in a parallel operation.
SELECT 'catches an error, but is not parallel unsafe', identity
  FROM function
 WHERE proparallel <> 'u' AND lanname = 'plpgsql' AND prosrc ~* '\mEXCEPTION\s+WHEN\M'
UNION ALL
SELECT 'volatile without a reason', identity
  FROM function
 WHERE provolatile = 'v' AND prorettype <> 'trigger'::regtype AND proname NOT IN (SELECT name FROM volatile_list)
UNION ALL
SELECT 'listed as volatile or unsafe, but is not', l.name
  FROM (SELECT name FROM volatile_list EXCEPT SELECT proname FROM function WHERE provolatile = 'v'
        UNION ALL
        SELECT name FROM parallel_unsafe_list EXCEPT SELECT proname FROM function WHERE proparallel = 'u') l
UNION ALL
SELECT 'leakproof but not listed', identity
  FROM function
 WHERE proleakproof AND proname NOT IN (SELECT name FROM leakproof_list)
UNION ALL
SELECT 'listed as leakproof, but is not', l.name
  FROM leakproof_list l
 WHERE to_regtype('credit.code') IS NOT NULL
   AND NOT EXISTS (SELECT FROM function f WHERE f.proname = l.name AND f.proleakproof)
UNION ALL
SELECT 'two arguments or more, without names', f.identity
  FROM function f
 WHERE f.pronargs >= 2 AND f.proargnames IS NULL
   AND NOT EXISTS (SELECT FROM pg_depend d	-- called by name; not through a type, operator, class, cast
                    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid AND d.deptype IN ('n', 'a', 'i'))
   AND NOT EXISTS (SELECT FROM pg_aggregate a
                    WHERE f.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn))
   AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = f.oid)
   AND NOT EXISTS (SELECT FROM pg_type t WHERE f.oid IN (t.typinput, t.typreceive, t.typsubscript))
   AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = f.oid)
-- What runs with another's rights, or in another's path.
UNION ALL
SELECT 'security definer without pinned search_path', identity
  FROM function
 WHERE prosecdef AND NOT coalesce(proconfig, '{}') && ARRAY['search_path=pg_catalog, pg_temp']
UNION ALL
SELECT 'security definer open to PUBLIC', f.identity
  FROM function f, LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
 WHERE f.prosecdef AND a.grantee = 0
UNION ALL
SELECT 'body is looked up in the caller''s search_path', identity
  FROM function
 WHERE lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL
   AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s LIKE 'search_path=%')
UNION ALL
SELECT 'sets something else than search_path for its callers', f.identity || ': ' || s
  FROM function f, LATERAL unnest(f.proconfig) s
 WHERE NOT f.prosecdef AND s NOT LIKE 'search_path=%' AND s <> 'standard_conforming_strings=on'
-- Types and casts.
UNION ALL
SELECT 'base type without binary input and output', m.identity
  FROM member m JOIN pg_type t ON t.oid = m.objid
 WHERE m.classid = 'pg_type'::regclass AND t.typtype = 'b' AND (t.typsend = 0 OR t.typreceive = 0)
UNION ALL
SELECT 'type, operator, class or cast rests on a function that is not immutable', f.identity
  FROM function f
 WHERE f.provolatile <> 'i'
   AND (EXISTS (SELECT FROM operator o WHERE o.oprcode = f.oid)
        OR EXISTS (SELECT FROM member m JOIN pg_cast c ON c.oid = m.objid
                    WHERE m.classid = 'pg_cast'::regclass AND c.castfunc = f.oid)
        OR EXISTS (SELECT FROM opclass o JOIN pg_amproc a ON a.amprocfamily = o.opcfamily WHERE a.amproc = f.oid)
        OR EXISTS (SELECT FROM pg_type t WHERE f.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend)))
-- Operators.
UNION ALL
SELECT 'operator named by another, but never made', identity
  FROM operator
 WHERE oprcode = 0
UNION ALL
SELECT 'boolean operator without estimators', identity
  FROM operator
 WHERE oprresult = 'boolean'::regtype AND oprcode <> 0
   AND (oprrest = 0 OR oprleft <> 0 AND oprright <> 0 AND oprjoin = 0)
UNION ALL
SELECT 'commutator that does not commute back', o.identity
  FROM operator o JOIN pg_operator c ON c.oid = o.oprcom
 WHERE c.oprcom <> o.oid OR c.oprleft <> o.oprright OR c.oprright <> o.oprleft
UNION ALL
SELECT 'negator that does not negate back', o.identity
  FROM operator o JOIN pg_operator n ON n.oid = o.oprnegate
 WHERE n.oprnegate <> o.oid OR n.oprleft <> o.oprleft OR n.oprright <> o.oprright
UNION ALL
SELECT 'comparison without commutator or negator', identity
  FROM operator
 WHERE oprname IN ('=', '<>', '<', '<=', '>', '>=') AND oprcode <> 0 AND (oprcom = 0 OR oprnegate = 0)
UNION ALL
SELECT 'equality that can neither hash nor merge', identity
  FROM operator
 WHERE oprname = '=' AND oprleft = oprright
   AND NOT (oprcanhash AND (oprcanmerge OR oprleft = to_regtype('credit.rulebook')))	-- rulebooks have no order
-- Operator classes.
UNION ALL
SELECT 'amvalidate is not content', identity
  FROM opclass
 WHERE NOT amvalidate(oid)
UNION ALL
SELECT 'btree class without sort support or equalimage', o.identity
  FROM opclass o
 WHERE o.amname = 'btree'
   AND (SELECT count(*) FROM pg_amproc a
         WHERE a.amprocfamily = o.opcfamily AND a.amproclefttype = o.opcintype
           AND a.amprocrighttype = o.opcintype AND a.amprocnum IN (2, 4)) < 2
UNION ALL
SELECT 'hash class without the 64-bit function', o.identity
  FROM opclass o
 WHERE o.amname = 'hash'
   AND NOT EXISTS (SELECT FROM pg_amproc a
                    WHERE a.amprocfamily = o.opcfamily AND a.amproclefttype = o.opcintype AND a.amprocnum = 2)
-- Aggregates: shards and parallel workers have to send their states.
UNION ALL
SELECT 'aggregate that cannot be combined (no combine function, or a state that cannot travel)', a.aggfnoid::text
  FROM function f
  JOIN pg_aggregate a ON a.aggfnoid = f.oid
  JOIN pg_type t ON t.oid = a.aggtranstype
 WHERE a.aggkind = 'n' AND (a.aggcombinefn = 0 OR t.typtype = 'p' OR t.typsend = 0 OR t.typreceive = 0);

SELECT rule, object FROM finding ORDER BY rule COLLATE "C", object COLLATE "C";

-- The installed version is the default one, and nothing loosened the control file.
SELECT e.extversion = x.default_version AS default_version, v.superuser, v.trusted, v.relocatable, v.schema
  FROM pg_extension e
  JOIN pg_available_extensions x ON x.name = e.extname
  JOIN pg_available_extension_versions v ON v.name = e.extname AND v.version = e.extversion
 WHERE e.extname = 'credit';

-- Every rule sees a bad object.
BEGIN;
SET LOCAL client_min_messages = error;
GRANT CREATE ON SCHEMA credit TO PUBLIC;
CREATE FUNCTION public.bad_plain(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1';
ALTER EXTENSION credit ADD FUNCTION public.bad_plain(int, int);
CREATE FUNCTION credit.bad_definer() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY DEFINER LEAKPROOF RETURN 1;
ALTER EXTENSION credit ADD FUNCTION credit.bad_definer();
CREATE FUNCTION credit.bad_setting() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE SET DateStyle = 'ISO' RETURN 1;
ALTER EXTENSION credit ADD FUNCTION credit.bad_setting();
CREATE FUNCTION credit.bad_catch() RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
  AS 'BEGIN RETURN 1; EXCEPTION WHEN data_exception THEN RETURN 0; END';
ALTER EXTENSION credit ADD FUNCTION credit.bad_catch();
CREATE TABLE credit.bad_table (bad_column int);
COMMENT ON TABLE credit.bad_table IS 'has one';
ALTER EXTENSION credit ADD TABLE credit.bad_table;
-- A type whose input and output are those of int4, and the worst around it.
CREATE TYPE credit.bad;
CREATE FUNCTION credit.bad_in(cstring) RETURNS credit.bad LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'int4in';
CREATE FUNCTION credit.bad_out(credit.bad) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4out';
CREATE TYPE credit.bad (INPUT = credit.bad_in, OUTPUT = credit.bad_out, LIKE = int4);
ALTER EXTENSION credit ADD FUNCTION credit.bad_in(cstring);
ALTER EXTENSION credit ADD TYPE credit.bad;
CREATE FUNCTION credit.bad_compare(credit.bad, credit.bad) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4eq';
CREATE OPERATOR credit.= (LEFTARG = credit.bad, RIGHTARG = credit.bad, FUNCTION = credit.bad_compare);
CREATE OPERATOR credit.< (LEFTARG = credit.bad, RIGHTARG = credit.bad, FUNCTION = credit.bad_compare, COMMUTATOR = OPERATOR(credit.>), NEGATOR = OPERATOR(credit.>=));
CREATE OPERATOR credit.> (LEFTARG = credit.bad, RIGHTARG = credit.bad, FUNCTION = credit.bad_compare);
ALTER EXTENSION credit ADD OPERATOR credit.= (credit.bad, credit.bad);
ALTER EXTENSION credit ADD OPERATOR credit.< (credit.bad, credit.bad);
ALTER EXTENSION credit ADD OPERATOR credit.>= (credit.bad, credit.bad);
UPDATE pg_operator SET oprcom = 'credit.=(credit.bad,credit.bad)'::regoperator, oprnegate = 'credit.=(credit.bad,credit.bad)'::regoperator
 WHERE oid = 'credit.<(credit.bad,credit.bad)'::regoperator;
CREATE OPERATOR CLASS credit.bad_btree DEFAULT FOR TYPE credit.bad USING btree AS OPERATOR 1 credit.<;
CREATE OPERATOR CLASS credit.bad_hash DEFAULT FOR TYPE credit.bad USING hash AS OPERATOR 1 credit.=;
ALTER EXTENSION credit ADD OPERATOR CLASS credit.bad_btree USING btree;
ALTER EXTENSION credit ADD OPERATOR CLASS credit.bad_hash USING hash;
CREATE AGGREGATE credit.bad_sum(int) (SFUNC = pg_catalog.int4pl, STYPE = int, PARALLEL = SAFE);
ALTER EXTENSION credit ADD AGGREGATE credit.bad_sum(int);
INSERT INTO volatile_list VALUES ('bad_gone', 'because');
SELECT rule, object FROM finding ORDER BY rule COLLATE "C", object COLLATE "C";
ROLLBACK;
