-- ---------------------------------------------------------------------------
-- access: mandates, the signed context of a transaction, row policies
-- ---------------------------------------------------------------------------

-- What policies call.  Not leakproof: nothing needs it, as policies come first.

CREATE FUNCTION credit.may_see_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'access_may_see_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.may_see_support(internal) IS 'Planner support: turns the grants of now into an index condition and an estimate';

CREATE FUNCTION credit.may_see(duties int, division text, provider text, minor bool) RETURNS bool
  AS 'MODULE_PATHNAME', 'access_may_see' LANGUAGE C STABLE STRICT PARALLEL SAFE
  SUPPORT credit.may_see_support;
COMMENT ON FUNCTION credit.may_see(int, text, text, bool) IS
  'Does a mandate of this transaction, with one of these duties, reach a row of this division and provider?  Without a context: no';

CREATE FUNCTION credit.granted_divisions(duties int) RETURNS text[]
  AS 'MODULE_PATHNAME', 'access_granted_divisions' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.granted_divisions(int) IS 'Divisions of the mandates of this transaction; 55000 where they are too many for a list';

CREATE FUNCTION credit.granted_providers(duties int) RETURNS text[]
  AS 'MODULE_PATHNAME', 'access_granted_providers' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.granted_providers(int) IS 'Providers of the mandates of this transaction; 55000 where a mandate is for all';

CREATE FUNCTION credit.granted_division(duties int) RETURNS text
  AS 'MODULE_PATHNAME', 'access_granted_division' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.granted_division(int) IS 'The division of mandates that name one alone; NULL without mandates, 55000 where they name more';

CREATE FUNCTION credit.granted_provider(duties int) RETURNS text
  AS 'MODULE_PATHNAME', 'access_granted_provider' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.granted_provider(int) IS 'The provider of mandates that name one alone; NULL without mandates, 55000 where they name more';

CREATE FUNCTION credit.duties() RETURNS text[]
  AS 'MODULE_PATHNAME', 'access_duties' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.duties() IS 'All duties, which are the names of roles';

CREATE FUNCTION credit.duty_mask(duties text[]) RETURNS int
  AS 'MODULE_PATHNAME', 'access_duty_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.duty_mask(text[]) IS 'Duties as the bits that may_see() takes; 22023 for what is none';

-- The context of this transaction.

CREATE FUNCTION credit.person() RETURNS text
  AS 'MODULE_PATHNAME', 'access_person' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.person() IS 'Who entered in this transaction; NULL if nobody did';

CREATE FUNCTION credit.own_subject() RETURNS text
  AS 'MODULE_PATHNAME', 'access_subject' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.own_subject() IS 'Pseudonym of the citizen who entered, as text; NULL for others';

CREATE FUNCTION credit.grants(OUT duty text, OUT provider text, OUT divisions text, OUT minors bool, OUT purposes text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'access_grants' LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 3;
COMMENT ON FUNCTION credit.grants() IS 'The mandates of this transaction; NULL is no restriction';

CREATE FUNCTION credit.has_duty(duty text) RETURNS bool
  AS 'MODULE_PATHNAME', 'access_has_duty' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.has_duty(text) IS 'Does this transaction run under a mandate with this duty?';

CREATE FUNCTION credit.sign_context(person text, subject text, seconds int,
    duties text[], providers text[], divisions text[], minors text[], purposes text[]) RETURNS void
  AS 'MODULE_PATHNAME', 'access_sign_context' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.sign_context(text, text, int, text[], text[], text[], text[], text[]) IS
  'Signs mandates and sets them for this transaction; for tests of superusers';
REVOKE ALL ON FUNCTION credit.sign_context(text, text, int, text[], text[], text[], text[], text[]) FROM PUBLIC;

CREATE FUNCTION credit.leave() RETURNS void
  AS 'MODULE_PATHNAME', 'access_leave' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.leave() IS 'Gives the mandates of this transaction up; its end does so, too';

CREATE FUNCTION credit.challenge() RETURNS text
  AS 'MODULE_PATHNAME', 'access_challenge' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.challenge() IS 'What a token for this transaction has to be made for; another one in every transaction';

CREATE FUNCTION credit.token_secret(application text) RETURNS text
  AS 'MODULE_PATHNAME', 'access_token_secret' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.token_secret(text) IS 'The secret with which an application (a login) signs tokens; superusers hand it out';
REVOKE ALL ON FUNCTION credit.token_secret(text) FROM PUBLIC;

CREATE FUNCTION credit.token_person(token text) RETURNS text
  AS 'MODULE_PATHNAME', 'access_token_person' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.token_person(text) IS 'The person for whom the connected application vouches by a token; 28000 if it does not hold';

CREATE FUNCTION credit.today() RETURNS date
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (pg_catalog.now() AT TIME ZONE 'Asia/Shanghai')::date;
COMMENT ON FUNCTION credit.today() IS 'The day in Asia/Shanghai, whatever the session''s time zone';

CREATE FUNCTION credit.enter_as(login text, via text) RETURNS void
  AS 'MODULE_PATHNAME', 'access_enter_as' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.enter_as(text, text) IS 'Enters with the mandates of any login, through an application or NULL; for tests of superusers';
REVOKE ALL ON FUNCTION credit.enter_as(text, text) FROM PUBLIC;

CREATE FUNCTION credit.enter() RETURNS void
  AS 'MODULE_PATHNAME', 'access_enter' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.enter() IS 'This transaction runs under the mandates of the login that is connected; reads them past row security';
REVOKE ALL ON FUNCTION credit.enter() FROM PUBLIC;

CREATE FUNCTION credit.enter(token text) RETURNS void
  AS 'MODULE_PATHNAME', 'access_enter_token' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.enter(text) IS 'This transaction runs under the mandates that a person has through the application that is connected; reads them past row security';
REVOKE ALL ON FUNCTION credit.enter(text) FROM PUBLIC;

-- Mandates.

CREATE FUNCTION credit.is_group(role text) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM pg_roles r
                  WHERE r.rolname = is_group.role
                    AND (NOT r.rolcanlogin OR r.rolname = ANY (credit.duties() || 'credit_owner'::text)
                         -- From 16 on who makes a role is a member that has nothing of it.
                         OR EXISTS (SELECT FROM (SELECT to_jsonb(m) AS row FROM pg_auth_members m WHERE m.roleid = r.oid) h
                                     WHERE coalesce((h.row ->> 'inherit_option')::bool, true) OR coalesce((h.row ->> 'set_option')::bool, true))));
END
$$;
COMMENT ON FUNCTION credit.is_group(text) IS 'Is this a role of ours, one that cannot log in, or one that others are members of?  What it has they would have';
REVOKE ALL ON FUNCTION credit.is_group(text) FROM PUBLIC;

CREATE FUNCTION credit.check_mandate(login text, duty text, provider text, divisions text[], purposes text[],
    basis text, valid daterange, via text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bad text;
BEGIN
  PERFORM credit.duty_mask(ARRAY[duty]);
  IF login IS NULL OR login !~ '\S' OR via !~ '\S' OR strpos(login, ':') > 0 THEN
    RAISE EXCEPTION 'a login is not empty and has no colon' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.refuse_long(login, via, provider, basis);
  IF basis IS NULL OR basis !~ '\S' THEN
    RAISE EXCEPTION 'a mandate names its basis' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Say which document or decision gives this duty.';
  END IF;
  IF valid IS NULL OR isempty(valid) OR NOT isfinite(lower(valid)) OR NOT isfinite(upper(valid)) THEN
    RAISE EXCEPTION 'a mandate says from when to when' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT d INTO bad FROM unnest(divisions) d WHERE d IS NULL OR d !~ '^([0-9]{2}){1,3}$' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'divisions are 2, 4 or 6 digits' USING ERRCODE = 'invalid_parameter_value',
      HINT = '37 is a province with all below it, 370323 one county; NULL instead of an array is all.';
  END IF;
  IF cardinality(divisions) = 0 OR cardinality(purposes) = 0 THEN
    RAISE EXCEPTION 'a mandate for no division or no purpose gives nothing' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'NULL instead of an array is all; credit.revoke_duty() ends a mandate.';
  END IF;
  IF provider IS NOT NULL AND NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = check_mandate.provider) THEN
    RAISE EXCEPTION 'the provider is not registered' USING ERRCODE = 'foreign_key_violation',
      HINT = 'SELECT credit.add_provider(provider, name, division); registers it.';
  END IF;
  IF EXISTS (SELECT FROM unnest(purposes) u WHERE NOT EXISTS (SELECT FROM credit_register.purpose p WHERE p.purpose = u)) THEN
    RAISE EXCEPTION 'a purpose is not registered' USING ERRCODE = 'foreign_key_violation',
      HINT = 'credit_register.purpose lists them; credit.add_purpose() registers one.';
  END IF;
  -- Who gives mandates or audits has no other duty beside it, by whatever application; but his own file everybody sees.
  IF EXISTS (SELECT FROM credit_register.mandate m
              WHERE m.login = check_mandate.login
                AND (m.via IS NOT DISTINCT FROM check_mandate.via OR 'credit_citizen' NOT IN (m.duty, check_mandate.duty))
                AND m.ended_at IS NULL AND m.valid && check_mandate.valid AND m.duty <> check_mandate.duty
                AND (m.duty IN ('credit_admin', 'credit_auditor') OR check_mandate.duty IN ('credit_admin', 'credit_auditor'))) THEN
    RAISE EXCEPTION 'these duties do not go together' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'credit_admin and credit_auditor stand alone; end the other mandate with credit.revoke_duty().';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_mandate(text, text, text, text[], text[], text, daterange, text) IS 'Raises what is wrong with a mandate';
REVOKE ALL ON FUNCTION credit.check_mandate(text, text, text, text[], text[], text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.hold_mandates() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The role lets him call; that his own mandate is in force, and that the person entered it, is asked here.
  PERFORM credit.need_duty('{credit_admin}');
  -- Admins take turns: two may give the same login the same role.  An older snapshot would not see the other's.
  PERFORM credit.need_read_committed('a mandate');
  LOCK TABLE credit_register.mandate IN SHARE ROW EXCLUSIVE MODE;
END
$$;
COMMENT ON FUNCTION credit.hold_mandates() IS 'Who asks is an admin, and until his transaction ends no other changes mandates; for credit.grant_duty() and revoke_duty() alone';
REVOKE ALL ON FUNCTION credit.hold_mandates() FROM PUBLIC;

CREATE FUNCTION credit.grant_duty(login text, duty text, provider text, divisions text[], purposes text[],
    basis text, valid daterange, minors bool DEFAULT false, via text DEFAULT NULL, subject credit.pseudonym DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
  role text := coalesce(via, login);
  bearer oid;
  here bigint;
BEGIN
  PERFORM credit.hold_mandates();
  -- Of a login that was dropped: who bears its name now has what he is given now, and none of its open inquiries.
  SELECT r.oid, c.system_identifier INTO bearer, here FROM pg_roles r, pg_control_system() c WHERE r.rolname = role;
  WITH ended AS (
    UPDATE credit_register.mandate m SET ended_at = clock_timestamp(), ended_by = coalesce(credit.person(), session_user), end_reason = 'the login was dropped, and made anew'
     WHERE coalesce(m.via, m.login) = role AND m.ended_at IS NULL AND m.role_server = here AND m.role_number <> bearer
    RETURNING m.login)
  UPDATE credit_register.inquiry i SET expires_at = clock_timestamp()
   WHERE i.person IN (SELECT e.login FROM ended e) AND i.application = role AND i.expires_at > clock_timestamp();
  PERFORM credit.check_mandate(login, duty, provider, divisions, purposes, basis, valid, via);
  IF duty = 'credit_citizen' AND subject IS NULL THEN
    RAISE EXCEPTION 'a citizen''s mandate says whose file it is' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'SELECT credit.grant_citizen(login, code, basis, valid); gives it by the number of the person.';
  END IF;
  IF (session_user IN (login, role) OR login = credit.person()) AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
    RAISE EXCEPTION 'nobody gives a duty to himself' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Another credit_admin does.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
    RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object',
      HINT = 'Make it with CREATE ROLE … LOGIN, or name the application in argument via.';
  END IF;
  IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role AND (r.rolbypassrls OR r.rolsuper OR r.rolcreaterole)) THEN
    RAISE EXCEPTION 'role "%" passes by row security or may make roles', role USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Duties are for ordinary logins.';
  END IF;
  IF credit.is_group(role) THEN
    RAISE EXCEPTION 'role "%" is no login of its own', role USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = 'It cannot log in, or others are members of it and would have the duty without a mandate.', HINT = 'Name the login itself.';
  END IF;
  IF duty = 'credit_citizen' AND EXISTS (SELECT FROM credit_register.mandate m WHERE m.login = grant_duty.login AND m.via IS NOT DISTINCT FROM grant_duty.via
       AND m.duty = 'credit_citizen' AND m.subject <> grant_duty.subject AND m.ended_at IS NULL AND m.valid && grant_duty.valid) THEN
    RAISE EXCEPTION 'this login is another citizen''s' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'credit.revoke_duty() ends his mandate, if the login is no longer his.';
  END IF;
  IF upper(valid) <= credit.today() THEN
    RAISE WARNING 'the mandate is over before it begins' USING HINT = 'Its last day is past: nobody enters with it.';
  END IF;
  INSERT INTO credit_register.mandate AS m (login, via, duty, provider, divisions, purposes, minors, subject, basis, valid, granted_by, role_number, role_server)
    VALUES (grant_duty.login, grant_duty.via, grant_duty.duty, grant_duty.provider, grant_duty.divisions, grant_duty.purposes,
            coalesce(grant_duty.minors, false), grant_duty.subject, grant_duty.basis, grant_duty.valid, coalesce(credit.person(), session_user),
            bearer, here)
    RETURNING m.mandate INTO made;
  EXECUTE format('GRANT %I TO %I', duty, role);
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.grant_duty(text, text, text, text[], text[], text, daterange, bool, text, credit.pseudonym) IS
  'Definer, as it grants the duty role: gives a login a duty for a provider, divisions and purposes (NULL is all), on a basis, from when to when';
REVOKE ALL ON FUNCTION credit.grant_duty(text, text, text, text[], text[], text, daterange, bool, text, credit.pseudonym) FROM PUBLIC;

-- By the number, as nobody but the register knows pseudonyms; the answer is the mandate's number.
CREATE FUNCTION credit.grant_citizen(login text, code credit.code, basis text, valid daterange, via text DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  IF code IS NULL OR credit.is_organisation(credit.code_kind(code)) THEN
    RAISE EXCEPTION 'a citizen has the number of a person' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'This is none, or an organisation''s.';
  END IF;
  RETURN credit.grant_duty(login, 'credit_citizen', NULL, NULL, NULL, basis, valid, via => via, subject => credit.pseudonym(code));
END
$$;
COMMENT ON FUNCTION credit.grant_citizen(text, credit.code, text, daterange, text) IS
  'Definer, as only the register makes pseudonyms: grant_duty() of credit_citizen for the own file of the person with this number';
REVOKE ALL ON FUNCTION credit.grant_citizen(text, credit.code, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.revoke_duty(login text, duty text, reason text, via text DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ended int;
  role text := coalesce(via, login);
BEGIN
  PERFORM credit.hold_mandates();
  PERFORM credit.duty_mask(ARRAY[duty]);
  IF reason IS NULL OR reason !~ '\S' THEN
    RAISE EXCEPTION 'a duty ends for a reason' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- In the order of an inquiry that is counted, which locks a person's mandates, too.
  PERFORM FROM credit_register.mandate m WHERE m.login = revoke_duty.login ORDER BY m.mandate FOR NO KEY UPDATE;
  UPDATE credit_register.mandate m SET ended_at = clock_timestamp(), ended_by = coalesce(credit.person(), session_user), end_reason = reason
   WHERE m.login = revoke_duty.login AND m.via IS NOT DISTINCT FROM revoke_duty.via AND m.duty = revoke_duty.duty AND m.ended_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  IF ended = 0 THEN
    RAISE EXCEPTION 'that login has no such duty' USING ERRCODE = 'undefined_object',
      HINT = 'SELECT login, via, duty FROM credit_register.mandate WHERE ended_at IS NULL; what was given through an application is named with via.';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.mandate m WHERE coalesce(m.via, m.login) = role
                  AND m.duty = revoke_duty.duty AND m.ended_at IS NULL)
     AND EXISTS (SELECT FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.member WHERE r.rolname = role AND a.roleid = to_regrole(duty)) THEN
    EXECUTE format('REVOKE %I FROM %I', duty, role);
  END IF;
  RETURN ended;
END
$$;
COMMENT ON FUNCTION credit.revoke_duty(text, text, text, text) IS 'Definer, as it revokes the duty role: ends the mandates of a login with a duty, and says how many';
REVOKE ALL ON FUNCTION credit.revoke_duty(text, text, text, text) FROM PUBLIC;

-- Policies, from one place.

CREATE FUNCTION credit.policy_expression(duties text[], division name, provider name, minor name) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT pg_catalog.format('credit.may_see(%s, %s, %s, %s)', credit.duty_mask(duties),
      coalesce(pg_catalog.quote_ident(division::text) OPERATOR(pg_catalog.||) '::text', '''''::text'),
      coalesce(pg_catalog.quote_ident(provider::text) OPERATOR(pg_catalog.||) '::text', '''''::text'),
      coalesce(pg_catalog.quote_ident(minor::text), 'false'));
  END;
COMMENT ON FUNCTION credit.policy_expression(text[], name, name, name) IS
  'What the policies of a table say.  Without a column for it, only mandates without that restriction reach the table';

CREATE FUNCTION credit.drop_policies(target regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  leaf record;
BEGIN
  FOR leaf IN SELECT t.relid::regclass AS part, p.polname FROM pg_partition_tree(target) t JOIN pg_policy p ON p.polrelid = t.relid
               WHERE p.polname LIKE 'credit\_%'
              UNION
              SELECT target, p.polname FROM pg_policy p WHERE p.polrelid = target AND p.polname LIKE 'credit\_%' LOOP
    EXECUTE format('DROP POLICY %I ON %s', leaf.polname, leaf.part);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.drop_policies(regclass) IS 'Takes the policies of ours off a table and its partitions';
REVOKE ALL ON FUNCTION credit.drop_policies(regclass) FROM PUBLIC;

CREATE FUNCTION credit.make_policies(target regclass, readers text, writers text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part regclass;
BEGIN
  PERFORM credit.drop_policies(target);
  FOR part IN SELECT t.relid FROM pg_partition_tree(target) t
              UNION SELECT target LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
    IF readers IS NOT NULL THEN
      EXECUTE format('CREATE POLICY credit_select ON %s FOR SELECT USING (%s)', part, readers);
    END IF;
    IF writers IS NOT NULL THEN
      EXECUTE format('CREATE POLICY credit_insert ON %s FOR INSERT WITH CHECK (%s)', part, writers);
      EXECUTE format('CREATE POLICY credit_update ON %s FOR UPDATE USING (%s) WITH CHECK (%s)', part, writers, writers);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.make_policies(regclass, text, text) IS
  'The one generator: permissive, one a command, FORCE, the same on partitions; nobody deletes by policy';
REVOKE ALL ON FUNCTION credit.make_policies(regclass, text, text) FROM PUBLIC;

CREATE FUNCTION credit.column_list(target regclass) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid OPERATOR(pg_catalog.=) target::oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
       AND a.attgenerated OPERATOR(pg_catalog.=) '';
  END;
COMMENT ON FUNCTION credit.column_list(regclass) IS 'Columns of a table that can be written, as a list for GRANT';
REVOKE ALL ON FUNCTION credit.column_list(regclass) FROM PUBLIC;

CREATE FUNCTION credit.extend_protection(target regclass) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part regclass;
  rule record;
  trigger record;
  added int := 0;
BEGIN
  PERFORM credit.audit_owner_check(target, false);
  FOR part IN
    WITH RECURSIVE below(relation) AS (
      SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = target
      UNION SELECT i.inhrelid FROM pg_inherits i JOIN below b ON i.inhparent = b.relation)
    SELECT relation FROM below
  LOOP
    PERFORM credit.audit_owner_check(part, false);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
    FOR rule IN SELECT p.*, pg_get_expr(p.polqual, p.polrelid) AS using_text, pg_get_expr(p.polwithcheck, p.polrelid) AS check_text,
                       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) r) AS roles
                  FROM pg_policy p
                 WHERE p.polrelid = target
                   AND NOT EXISTS (SELECT FROM pg_policy q WHERE q.polrelid = part AND q.polname = p.polname) LOOP
      EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %s', rule.polname, part,
                     CASE rule.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, rule.roles)
              || coalesce(' USING (' || rule.using_text || ')', '') || coalesce(' WITH CHECK (' || rule.check_text || ')', '');
      added := added + 1;
    END LOOP;
    -- Row triggers come to partitions by themselves; to children they do not, and statement triggers to neither.
    FOR trigger IN SELECT g.tgname, replace(pg_get_triggerdef(g.oid), format(' ON %s FOR ', r.name), format(' ON %s FOR ', part)) AS definition
                     FROM pg_trigger g,
                          LATERAL (SELECT format('%I.%I', n.nspname, c.relname) AS name
                                     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target) r
                    WHERE g.tgrelid = target AND NOT g.tgisinternal AND (g.tgname LIKE 'credit\_audit\_%' OR g.tgname LIKE 'audit\_keep%')
                      AND NOT EXISTS (SELECT FROM pg_trigger h WHERE h.tgrelid = part AND h.tgname = g.tgname) LOOP
      EXECUTE trigger.definition;
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', part, trigger.tgname);
      added := added + 1;
    END LOOP;
  END LOOP;
  RETURN added;
END
$$;
COMMENT ON FUNCTION credit.extend_protection(regclass) IS
  'Definer, as the audit''s trigger function is nobody''s: gives partitions and children that came later the policies and audit of their table; for its owner';
REVOKE ALL ON FUNCTION credit.extend_protection(regclass) FROM PUBLIC;

CREATE FUNCTION credit.protect_table(target regclass, division name, provider name DEFAULT NULL, minor name DEFAULT NULL,
    readers text[] DEFAULT '{credit_provider,credit_reviewer}', writers text[] DEFAULT '{credit_provider}',
    masked name[] DEFAULT NULL, audit bool DEFAULT true) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  relation record;
  other text;
  role text;
BEGIN
  SELECT n.nspname, c.relname, c.relkind INTO relation
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF relation.relkind IS NULL OR relation.relkind NOT IN ('r', 'p') THEN
    RAISE EXCEPTION '% is no table', target USING ERRCODE = 'wrong_object_type';
  END IF;
  PERFORM credit.audit_owner_check(target, false);
  PERFORM credit.audit_owner_check(t.relid, false) FROM pg_partition_tree(target) t;
  SELECT p.polname INTO other FROM pg_policy p WHERE p.polrelid = target AND p.polname NOT LIKE 'credit\_%' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'table % has a policy of its own: "%"', target, other USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = 'Permissive policies add up: it would let rows through.', HINT = 'Drop it first.';
  END IF;
  PERFORM credit.make_policies(target, credit.policy_expression(readers, division, provider, minor),
                               credit.policy_expression(writers, division, provider, minor));
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  IF masked IS NULL THEN
    FOREACH role IN ARRAY readers LOOP
      EXECUTE format('GRANT SELECT ON %s TO %I', target, role);
    END LOOP;
  ELSE
    PERFORM credit.make_masking_view(target, masked, readers);
  END IF;
  -- By column: who may update a whole table may also lock everybody out of it.
  FOREACH role IN ARRAY writers LOOP
    EXECUTE format('GRANT INSERT ON %s TO %I', target, role);
    EXECUTE format('GRANT UPDATE (%s) ON %s TO %I', credit.column_list(target), target, role);
  END LOOP;
  IF audit THEN
    -- What is masked for readers is not kept in clear in the audit either.
    PERFORM credit.audit_table(target, NULL, coalesce(masked, '{}'));
  END IF;
  INSERT INTO credit_register.protection (table_schema, table_name, division, provider, minor, readers, writers, protected_by)
    VALUES (relation.nspname, relation.relname, division, provider, minor, readers, writers, session_user);
END
$$;
COMMENT ON FUNCTION credit.protect_table(regclass, name, name, name, text[], text[], name[], bool) IS
  'Definer, as nobody writes credit_register.protection by hand: puts the shield of the register before a table: policies by mandate, audit, and a masking view if columns are to be masked; for its owner';
REVOKE ALL ON FUNCTION credit.protect_table(regclass, name, name, name, text[], text[], name[], bool) FROM PUBLIC;

CREATE FUNCTION credit.make_masking_view(target regclass, masked name[], readers text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  plain text;
  view text;
  owner regrole;
  role text;
BEGIN
  IF EXISTS (SELECT FROM unnest(masked) m WHERE NOT EXISTS (
       SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = m AND a.attnum > 0 AND NOT a.attisdropped)) THEN
    RAISE EXCEPTION 'table % lacks a column that is to be masked', target USING ERRCODE = 'undefined_column';
  END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attname <> ALL (masked)),
         format('%I.%I', n.nspname, c.relname || '_masked'), c.relowner::regrole
    INTO plain, view, owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
   WHERE c.oid = target AND a.attnum > 0 AND NOT a.attisdropped
   GROUP BY n.nspname, c.relname, c.relowner;
  IF NOT has_schema_privilege(credit.acting_role(), (SELECT c.relnamespace FROM pg_class c WHERE c.oid = target), 'CREATE') THEN
    RAISE EXCEPTION 'a masking view stands beside its table, in a schema where you may not create one' USING ERRCODE = 'insufficient_privilege',
      HINT = 'GRANT CREATE ON SCHEMA …, or have a superuser protect the table.';
  END IF;
  -- The view runs with the reader's own rights, so the masked columns are not his:
  -- they are left out, and not shown through a function that he might go around.
  EXECUTE format('CREATE VIEW %s WITH (security_invoker = true, security_barrier = true) AS SELECT %s FROM %s', view, plain, target);
  EXECUTE format('ALTER VIEW %s OWNER TO %s', view, owner);
  FOREACH role IN ARRAY readers LOOP
    EXECUTE format('GRANT SELECT (%s) ON %s TO %I', plain, target, role);
    EXECUTE format('GRANT SELECT ON %s TO %I', view, role);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.make_masking_view(regclass, name[], text[]) IS
  'A view TABLE_masked without some columns, and column grants that leave the same ones out; for credit.protect_table() alone';
REVOKE ALL ON FUNCTION credit.make_masking_view(regclass, name[], text[]) FROM PUBLIC;

CREATE FUNCTION credit.unprotect_table(target regclass, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part regclass;
  role text;
BEGIN
  IF reason IS NULL OR reason !~ '\S' THEN
    RAISE EXCEPTION 'protection ends for a reason' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.audit_owner_check(target, false);
  PERFORM credit.audit_owner_check(t.relid, false) FROM pg_partition_tree(target) t;
  UPDATE credit_register.protection p SET ended_at = clock_timestamp(), ended_by = session_user, end_reason = reason
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = target AND p.table_schema = n.nspname AND p.table_name = c.relname AND p.ended_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'table % is not protected', target USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  -- The rights go with the policies: nobody sees more than before.
  FOR role IN SELECT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
               WHERE c.oid = target AND r.rolname LIKE 'credit\_%' AND a.grantee <> c.relowner
              UNION
              SELECT r.rolname FROM pg_attribute c, aclexplode(c.attacl) a JOIN pg_roles r ON r.oid = a.grantee
               WHERE c.attrelid = target AND NOT c.attisdropped AND r.rolname LIKE 'credit\_%' LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', target, role);
  END LOOP;
  PERFORM credit.drop_policies(target);
  FOR part IN SELECT t.relid FROM pg_partition_tree(target) t
              UNION SELECT target LOOP
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', part);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.unprotect_table(regclass, text) IS
  'Definer, as nobody writes credit_register.protection by hand: takes the shield off a table, with the rights of the duty roles; for its owner; who, when and why stay there';
REVOKE ALL ON FUNCTION credit.unprotect_table(regclass, text) FROM PUBLIC;

CREATE FUNCTION credit.can_see(role text, purpose text, record uuid)
  RETURNS TABLE (visible bool, policy text, mandate uuid, reason text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  held pg_catalog.record;
  book credit.rulebook;
  shown daterange;
BEGIN
  policy := 'credit_select on credit_register.record';
  SELECT r.* INTO row FROM credit_register.record r WHERE r.record = can_see.record;
  IF NOT FOUND THEN
    visible := false; reason := 'there is no such record'; RETURN NEXT; RETURN;
  END IF;
  SELECT b.book INTO book FROM credit_register.rulebook b WHERE b.in_force @> credit.today() ORDER BY lower(b.in_force) DESC, b.name LIMIT 1;
  BEGIN
    shown := credit.display_period(book, row.item, row.severity, row.document_date, row.conduct_end, row.displayed_from);
  EXCEPTION WHEN OTHERS THEN
    shown := NULL;	-- the rulebook says nothing of such a record: then display decides nothing
  END;
  FOR held IN SELECT m.* FROM credit_register.mandate m WHERE m.login = can_see.role ORDER BY m.granted_at LOOP
    mandate := held.mandate;
    policy := CASE WHEN held.duty IN ('credit_window', 'credit_citizen') THEN 'function credit.report_rows(uuid)'
                   ELSE 'credit_select on credit_register.record' END;
    reason := CASE
      WHEN held.ended_at IS NOT NULL THEN 'the mandate was ended'
      WHEN NOT held.valid @> credit.today() THEN 'the mandate is not in force today'
      WHEN held.duty NOT IN ('credit_provider', 'credit_reviewer', 'credit_publisher', 'credit_analyst', 'credit_window')
        THEN 'duty ' || held.duty || ' reads no records: it uses functions'
      WHEN NOT pg_has_role(coalesce(held.via, held.login), held.duty, 'USAGE') THEN 'the login is not a member of ' || held.duty
      WHEN can_see.purpose IS NOT NULL AND NOT can_see.purpose = ANY (held.purposes) THEN 'the mandate is not for this purpose'
      WHEN held.duty = 'credit_window' AND row.minor THEN 'the record is a minor''s: no report has it'
      WHEN held.duty = 'credit_window' AND row.state <> 'active' THEN 'the record is ' || row.state || ': no report has it'
      WHEN held.duty = 'credit_window' THEN NULL
      WHEN row.minor AND NOT held.minors THEN 'the record is a minor''s and the mandate does not reach those'
      WHEN held.provider <> row.provider THEN 'the mandate is for another provider'
      WHEN NOT EXISTS (SELECT FROM unnest(coalesce(held.divisions, '{""}')) d WHERE starts_with(row.division, d))
        THEN 'the mandate is for other divisions' END;
    visible := reason IS NULL;
    reason := coalesce(reason,
      CASE held.duty WHEN 'credit_window' THEN 'reports have the record, after an inquiry' ELSE 'the mandate reaches the record' END
      || CASE WHEN held.duty <> 'credit_window' AND row.state <> 'active' THEN '; it is ' || row.state || ', so no report has it'
              WHEN held.duty <> 'credit_window' AND row.minor THEN '; it is a minor''s, so no report has it' ELSE '' END
      || CASE WHEN upper(shown) <= credit.today() THEN '; its display ended with ' || to_char(upper(shown) - 1, 'YYYY-MM-DD')
              WHEN lower(shown) > credit.today() THEN '; its display begins on ' || to_char(lower(shown), 'YYYY-MM-DD') ELSE '' END);
    RETURN NEXT;
  END LOOP;
  IF mandate IS NULL THEN
    visible := false; reason := 'this login has no mandate'; RETURN NEXT;
  END IF;
END
$$;
COMMENT ON FUNCTION credit.can_see(text, text, uuid) IS
  'Definer, as it reads mandates and records: for each mandate of a login, whether it shows a record, and what decides: mandate, state, age, display';
REVOKE ALL ON FUNCTION credit.can_see(text, text, uuid) FROM PUBLIC;
