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

CREATE FUNCTION credit.duty_mask(duties text[]) RETURNS int
  AS 'MODULE_PATHNAME', 'access_duty_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.duty_mask(text[]) IS 'Duties as the bits that may_see() takes';

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

CREATE FUNCTION credit.check_duty(duty text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (duty = ANY ('{credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst}')) IS NOT TRUE THEN
    RAISE EXCEPTION 'there is no such duty' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Duties are credit_admin, credit_provider, credit_window, credit_reviewer, credit_publisher, credit_auditor, credit_citizen and credit_analyst.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_duty(text) IS 'Raises 22023 unless there is such a duty';
REVOKE ALL ON FUNCTION credit.check_duty(text) FROM PUBLIC;

CREATE FUNCTION credit.is_group(role text) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM pg_roles r
                  WHERE r.rolname = is_group.role
                    AND (NOT r.rolcanlogin OR r.rolname = ANY
                           ('{credit_owner,credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst}'::name[])
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
  PERFORM credit.check_duty(duty);
  IF login IS NULL OR login !~ '\S' OR via !~ '\S' OR strpos(login, ':') > 0 THEN
    RAISE EXCEPTION 'a login is not empty and has no colon' USING ERRCODE = 'invalid_parameter_value';
  END IF;
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

CREATE FUNCTION credit.grant_duty(login text, duty text, provider text, divisions text[], purposes text[],
    basis text, valid daterange, minors bool DEFAULT false, via text DEFAULT NULL, subject credit.pseudonym DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
  role text := coalesce(via, login);
BEGIN
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
  INSERT INTO credit_register.mandate AS m (login, via, duty, provider, divisions, purposes, minors, subject, basis, valid, granted_by)
    VALUES (grant_duty.login, grant_duty.via, grant_duty.duty, grant_duty.provider, grant_duty.divisions, grant_duty.purposes,
            coalesce(grant_duty.minors, false), grant_duty.subject, grant_duty.basis, grant_duty.valid, session_user)
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
    RAISE EXCEPTION 'a citizen has the number of a person' USING ERRCODE = 'invalid_parameter_value';
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
  PERFORM credit.check_duty(duty);
  IF reason IS NULL OR reason !~ '\S' THEN
    RAISE EXCEPTION 'a duty ends for a reason' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.mandate m SET ended_at = clock_timestamp(), ended_by = session_user, end_reason = reason
   WHERE m.login = revoke_duty.login AND m.via IS NOT DISTINCT FROM revoke_duty.via AND m.duty = revoke_duty.duty AND m.ended_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  IF ended = 0 THEN
    RAISE EXCEPTION 'that login has no such duty' USING ERRCODE = 'undefined_object';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.mandate m WHERE coalesce(m.via, m.login) = role
                  AND m.duty = revoke_duty.duty AND m.ended_at IS NULL)
     AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
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

-- What weakens the protection.

CREATE FUNCTION credit.guarded_tables() RETURNS TABLE (relation oid, register bool)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 30
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.protection') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT c.oid, true FROM pg_class c
     WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p')
    UNION
    SELECT t.relid::oid, false
      FROM credit_register.protection p
      JOIN pg_namespace n ON n.nspname = p.table_schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.table_name,
           LATERAL (SELECT i.relid FROM pg_partition_tree(c.oid) i UNION SELECT c.oid
                    UNION SELECT h.inhrelid FROM pg_inherits h WHERE h.inhparent = c.oid) t
     WHERE p.ended_at IS NULL;
END
$$;
COMMENT ON FUNCTION credit.guarded_tables() IS 'Tables of the register and those under protect_table(), with their partitions and children';
REVOKE ALL ON FUNCTION credit.guarded_tables() FROM PUBLIC;

CREATE FUNCTION credit.guarded_parts() RETURNS TABLE (target oid, part oid)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    WITH RECURSIVE below(target, part) AS (
      SELECT i.inhparent, i.inhrelid
        FROM credit.guarded_tables() t JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) t.relation
       WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits u WHERE u.inhrelid OPERATOR(pg_catalog.=) t.relation)
      UNION
      SELECT b.target, i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) b.part)
    SELECT below.target, below.part FROM below JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) below.part
     WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::"char"[]);
  END;
COMMENT ON FUNCTION credit.guarded_parts() IS 'Protected tables with their partitions and children, at whatever depth';
REVOKE ALL ON FUNCTION credit.guarded_parts() FROM PUBLIC;

-- What create_outbox_publication() makes, and how guard_report() knows it again.

CREATE FUNCTION credit.outbox_name(receiver text) RETURNS name
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  BEGIN ATOMIC
    SELECT ('credit_outbox_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.md5(receiver), 16))::name;
  END;
COMMENT ON FUNCTION credit.outbox_name(text) IS 'Name of the publication of a receiver''s outbox';

CREATE FUNCTION credit.outbox_columns() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '{subject,delivery,receiver,record,record_version,kind,purpose,basis,content,shown_until,reason,queued_at}'::text[];
COMMENT ON FUNCTION credit.outbox_columns() IS 'Columns of the outbox that a publication sends: not what became of a delivery here';

CREATE FUNCTION credit.is_outbox(publication oid, relation oid) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  -- The filter is compared as the server writes it.
  SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
BEGIN
  IF relation IS DISTINCT FROM to_regclass('credit_register.delivery')::oid THEN
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT FROM pg_publication b
      JOIN pg_publication_rel r ON r.prpubid = b.oid AND r.prrelid = is_outbox.relation
      JOIN credit_register.receiver v ON b.pubname = credit.outbox_name(v.receiver)
       AND pg_get_expr(r.prqual, r.prrelid) = format('(receiver = ''%s''::text)', replace(v.receiver, '''', ''''''))
     WHERE b.oid = is_outbox.publication AND b.pubinsert AND NOT (b.pubupdate OR b.pubdelete OR b.pubtruncate OR b.puballtables OR b.pubviaroot)
       AND NOT EXISTS (SELECT FROM pg_publication_namespace n WHERE n.pnpubid = b.oid)
       AND ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs) ORDER BY 1)
         = ARRAY(SELECT c FROM unnest(credit.outbox_columns()) c ORDER BY 1));
END
$$;
COMMENT ON FUNCTION credit.is_outbox(oid, oid) IS
  'Does a publication send a table just as create_outbox_publication() does: the outbox, rows of its own receiver, these columns, inserts alone?';
REVOKE ALL ON FUNCTION credit.is_outbox(oid, oid) FROM PUBLIC;

CREATE FUNCTION credit.guard_tables() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT 'row security not enforced', c.oid::regclass::text, 'Its owner, or everybody with SELECT, sees all rows.',
           pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY; ALTER TABLE %s FORCE ROW LEVEL SECURITY;', c.oid::regclass, c.oid::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation
     WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'restrictive policy', pg_catalog.format('%I on %s', p.polname, p.polrelid::regclass),
           'Distribution turns it permissive without notice.', pg_catalog.format('DROP POLICY IF EXISTS %I ON %s;', p.polname, p.polrelid::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_policy p ON p.polrelid OPERATOR(pg_catalog.=) t.relation
     WHERE NOT p.polpermissive
    UNION ALL
    SELECT 'several policies for a command', pg_catalog.format('%I on %s', p.polname, p.polrelid::regclass),
           'Permissive policies add up: each lets more rows through.', pg_catalog.format('DROP POLICY IF EXISTS %I ON %s;', p.polname, p.polrelid::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_policy p ON p.polrelid OPERATOR(pg_catalog.=) t.relation
     WHERE p.polname OPERATOR(pg_catalog.!~~) 'credit\_%'
       AND EXISTS (SELECT FROM pg_catalog.pg_policy q
                    WHERE q.polrelid OPERATOR(pg_catalog.=) p.polrelid AND q.oid OPERATOR(pg_catalog.<>) p.oid
                      AND (q.polcmd OPERATOR(pg_catalog.=) p.polcmd OR q.polcmd OPERATOR(pg_catalog.=) '*' OR p.polcmd OPERATOR(pg_catalog.=) '*'))
    UNION ALL
    SELECT 'trigger disabled', pg_catalog.format('%I on %s', g.tgname, g.tgrelid::regclass),
           'What it guards or records goes on without it.', pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I;', g.tgrelid::regclass, g.tgname)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) t.relation
     WHERE NOT g.tgisinternal AND (g.tgenabled OPERATOR(pg_catalog.=) 'D'
             OR (g.tgenabled OPERATOR(pg_catalog.<>) 'A' AND g.tgname OPERATOR(pg_catalog.~~) '%audit%'))
    UNION ALL
    SELECT 'right for PUBLIC', pg_catalog.format('%s on %s', a.privilege_type, c.oid::regclass),
           'Every login has it.', pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC;', c.oid::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation,
           LATERAL pg_catalog.aclexplode(c.relacl) a
     WHERE a.grantee OPERATOR(pg_catalog.=) 0::oid
    UNION ALL
    SELECT 'right to alter or lock', pg_catalog.format('%s on %s for %s', a.privilege_type, c.oid::regclass, a.grantee::regrole),
           'TRIGGER runs code as others, REFERENCES and TRUNCATE pass by row security.',
           pg_catalog.format('REVOKE %s ON %s FROM %s;', a.privilege_type, c.oid::regclass, a.grantee::regrole)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation,
           LATERAL pg_catalog.aclexplode(c.relacl) a
     WHERE a.grantee OPERATOR(pg_catalog.<>) 0::oid AND a.grantee OPERATOR(pg_catalog.<>) c.relowner
       AND a.privilege_type OPERATOR(pg_catalog.=) ANY ('{TRIGGER,REFERENCES,TRUNCATE}'::text[])
    UNION ALL
    SELECT 'right that locks', pg_catalog.format('%s on %s for %s', a.privilege_type, c.oid::regclass, a.grantee::regrole),
           'Who may update or delete in a whole table may lock it against everybody.',
           CASE a.privilege_type WHEN 'DELETE' THEN pg_catalog.format('REVOKE DELETE ON %s FROM %s;', c.oid::regclass, a.grantee::regrole)
             ELSE pg_catalog.format('REVOKE UPDATE ON %s FROM %s; GRANT UPDATE (%s) ON %s TO %s;', c.oid::regclass, a.grantee::regrole,
                                    credit.column_list(c.oid::regclass), c.oid::regclass, a.grantee::regrole) END
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation,
           LATERAL pg_catalog.aclexplode(c.relacl) a
     WHERE a.grantee OPERATOR(pg_catalog.<>) 0::oid AND a.grantee OPERATOR(pg_catalog.<>) c.relowner
       AND a.privilege_type OPERATOR(pg_catalog.=) ANY ('{UPDATE,DELETE}'::text[])
    UNION ALL
    SELECT 'rule on a protected table', pg_catalog.format('%I on %s', w.rulename, w.ev_class::regclass),
           'It runs with the rights of the table''s owner.', pg_catalog.format('DROP RULE %I ON %s;', w.rulename, w.ev_class::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_rewrite w ON w.ev_class OPERATOR(pg_catalog.=) t.relation
    UNION ALL
    SELECT 'published', pg_catalog.format('%s in %I', t.relation::regclass, b.pubname), 'A subscriber gets rows without policies.',
           CASE WHEN b.puballtables THEN pg_catalog.format('DROP PUBLICATION IF EXISTS %I;', b.pubname)
                WHEN r.prrelid IS NULL THEN pg_catalog.format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s;', b.pubname, c.relnamespace::regnamespace)
                ELSE pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s;', b.pubname, t.relation::regclass) END
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation
     CROSS JOIN pg_catalog.pg_publication b
      LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid OPERATOR(pg_catalog.=) b.oid AND r.prrelid OPERATOR(pg_catalog.=) t.relation
      LEFT JOIN pg_catalog.pg_publication_namespace n ON n.pnpubid OPERATOR(pg_catalog.=) b.oid AND n.pnnspid OPERATOR(pg_catalog.=) c.relnamespace
     WHERE (b.puballtables OR r.prrelid IS NOT NULL OR n.pnnspid IS NOT NULL)
       AND NOT credit.is_outbox(b.oid, t.relation)
       -- Parts come and go with their table.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_publication_rel r ON r.prrelid OPERATOR(pg_catalog.=) i.inhparent
                        WHERE i.inhrelid OPERATOR(pg_catalog.=) t.relation AND r.prpubid OPERATOR(pg_catalog.=) b.oid)
    UNION ALL
    SELECT 'register table of another owner', c.oid::regclass::text, 'An owner may switch every protection off.',
           pg_catalog.format('ALTER TABLE %s OWNER TO credit_owner;', c.oid::regclass)
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation
     WHERE t.register AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) 'credit_owner'::name
    UNION ALL
    SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view with its owner''s rights' END, c.oid::regclass::text,
           'It shows rows of a protected table as its owner sees them.',
           CASE c.relkind WHEN 'm' THEN pg_catalog.format('DROP MATERIALIZED VIEW %s;', c.oid::regclass)
             ELSE pg_catalog.format('ALTER VIEW %s SET (security_invoker = true);', c.oid::regclass) END
      FROM pg_catalog.pg_class c
     WHERE (c.relkind OPERATOR(pg_catalog.=) 'm'
            OR c.relkind OPERATOR(pg_catalog.=) 'v'
               AND NOT coalesce(c.reloptions::text OPERATOR(pg_catalog.~) 'security_invoker=(true|on|1)', false))
       AND c.oid OPERATOR(pg_catalog.=) ANY (ARRAY(
             SELECT w.ev_class
               FROM credit.guarded_tables() t
               JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass::oid
                                          AND d.refobjid OPERATOR(pg_catalog.=) t.relation
                                          AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass::oid
               JOIN pg_catalog.pg_rewrite w ON w.oid OPERATOR(pg_catalog.=) d.objid
              WHERE w.ev_class OPERATOR(pg_catalog.<>) t.relation));
  END;
COMMENT ON FUNCTION credit.guard_tables() IS 'Findings of guard_report() about tables, policies, triggers and views';
REVOKE ALL ON FUNCTION credit.guard_tables() FROM PUBLIC;

CREATE FUNCTION credit.mandated(login text, duty text) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.mandate') IS NULL THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM credit_register.mandate m
                  WHERE quote_ident(coalesce(m.via, m.login)) = mandated.login AND m.duty = mandated.duty AND m.ended_at IS NULL);
END
$$;
COMMENT ON FUNCTION credit.mandated(text, text) IS 'Does a mandate stand behind the membership of a login in a duty role?';
REVOKE ALL ON FUNCTION credit.mandated(text, text) FROM PUBLIC;

CREATE FUNCTION credit.guard_roles() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT 'member of the owner', m.member::regrole::text, 'May switch every protection off.',
           pg_catalog.format('REVOKE credit_owner FROM %s;', m.member::regrole)
      FROM pg_catalog.pg_auth_members m
     WHERE pg_catalog.pg_get_userbyid(m.roleid) OPERATOR(pg_catalog.=) 'credit_owner'::name
    UNION ALL
    SELECT 'owner or duty role can log in', r.rolname::text, 'Duties belong to logins that are named in mandates.',
           pg_catalog.format('ALTER ROLE %I NOLOGIN;', r.rolname)
      FROM pg_catalog.pg_roles r
     WHERE r.rolcanlogin AND r.rolname OPERATOR(pg_catalog.=) ANY
       ('{credit_owner,credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst}'::name[])
    UNION ALL
    SELECT 'role that passes by row security', r.rolname::text, 'BYPASSRLS sees every row.', pg_catalog.format('ALTER ROLE %I NOBYPASSRLS;', r.rolname)
      FROM pg_catalog.pg_roles r WHERE r.rolbypassrls AND NOT r.rolsuper
    UNION ALL
    SELECT 'role that makes roles', r.rolname::text, 'Before PostgreSQL 16, CREATEROLE gives itself any role but a superuser''s.',
           pg_catalog.format('ALTER ROLE %I NOCREATEROLE;', r.rolname)
      FROM pg_catalog.pg_roles r WHERE r.rolcreaterole AND NOT r.rolsuper
    UNION ALL
    SELECT 'role that replicates', r.rolname::text, 'Replication reads all changes and files, without row security.',
           pg_catalog.format('ALTER ROLE %I NOREPLICATION;', r.rolname)
      FROM pg_catalog.pg_roles r WHERE r.rolreplication AND NOT r.rolsuper
    UNION ALL
    SELECT 'member of a server role', pg_catalog.format('%s in %s', m.member::regrole, m.roleid::regrole), 'Files and programs of the server are as good as superuser.',
           pg_catalog.format('REVOKE %s FROM %s;', m.roleid::regrole, m.member::regrole)
      FROM pg_catalog.pg_auth_members m
     WHERE pg_catalog.pg_get_userbyid(m.roleid) OPERATOR(pg_catalog.=) ANY ('{pg_read_server_files,pg_write_server_files,pg_execute_server_program}'::name[])
    UNION ALL
    SELECT CASE WHEN h.apart THEN 'duties that do not go together' ELSE 'several duties' END,
           pg_catalog.format('%s for %s', h.duty, h.member::regrole),
           CASE WHEN h.apart THEN 'Who gives mandates or audits has no other duty.' ELSE 'Duties of one login add up; another login keeps them apart.' END,
           CASE WHEN credit.mandated(h.member::regrole::text, h.duty)
                THEN pg_catalog.format('SELECT credit.revoke_duty(%L, %L, %L);', h.member::regrole, h.duty, 'duties are kept apart')
                ELSE pg_catalog.format('REVOKE %I FROM %s;', h.duty, h.member::regrole) END
      FROM (SELECT m.member, r.rolname AS duty, pg_catalog.row_number() OVER w AS place,
                   pg_catalog.bool_or(r.rolname OPERATOR(pg_catalog.=) ANY ('{credit_admin,credit_auditor}'::name[])) OVER (PARTITION BY m.member) AS apart
              FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) m.roleid
             WHERE r.rolname OPERATOR(pg_catalog.~~) 'credit\_%' AND r.rolname OPERATOR(pg_catalog.<>) 'credit_owner'::name
            WINDOW w AS (PARTITION BY m.member ORDER BY r.rolname)) h
     WHERE h.place OPERATOR(pg_catalog.>) 1
    UNION ALL
    SELECT 'duty without a mandate', pg_catalog.format('%s for %s', r.rolname, m.member::regrole),
           'The role was granted by hand: nobody gave the duty on a basis, and nothing ends it.',
           pg_catalog.format('REVOKE %I FROM %s;', r.rolname, m.member::regrole)
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) m.roleid
     WHERE r.rolname OPERATOR(pg_catalog.=) ANY
       ('{credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst}'::name[])
       AND NOT credit.mandated(m.member::regrole::text, r.rolname)
    UNION ALL
    SELECT 'rights by default', pg_catalog.format('%s of %s for %s', CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
             WHEN 'f' THEN 'functions' WHEN 'n' THEN 'schemas' ELSE 'types' END, d.defaclrole::regrole,
             CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END),
           'Whatever is made from now on is open to them.',
           pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE ALL ON %s FROM %s;', d.defaclrole::regrole,
             CASE WHEN d.defaclnamespace OPERATOR(pg_catalog.=) 0::oid THEN '' ELSE pg_catalog.format(' IN SCHEMA %s', d.defaclnamespace::regnamespace) END,
             CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'n' THEN 'SCHEMAS' ELSE 'TYPES' END,
             CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
      FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) d.defaclnamespace
      JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) d.defaclrole,
           LATERAL pg_catalog.aclexplode(d.defaclacl) a
     WHERE a.grantee OPERATOR(pg_catalog.<>) d.defaclrole
       AND (n.nspname OPERATOR(pg_catalog.=) ANY ('{credit,credit_register}'::name[])
            OR n.oid IS NULL AND d.defaclobjtype OPERATOR(pg_catalog.=) ANY ('{r,S,n}'::"char"[])
               AND (o.rolsuper OR o.rolname OPERATOR(pg_catalog.=) 'credit_owner'::name))
    UNION ALL
    SELECT 'user mapping with a password', pg_catalog.format('%s at %I', CASE u.umuser WHEN 0::oid THEN 'PUBLIC' ELSE u.umuser::regrole::text END, f.srvname),
           'Whoever may use the server connects there as somebody else.',
           pg_catalog.format('DROP USER MAPPING FOR %s SERVER %I;', CASE u.umuser WHEN 0::oid THEN 'PUBLIC' ELSE u.umuser::regrole::text END, f.srvname)
      FROM pg_catalog.pg_user_mapping u JOIN pg_catalog.pg_foreign_server f ON f.oid OPERATOR(pg_catalog.=) u.umserver
     WHERE u.umoptions::text OPERATOR(pg_catalog.~) 'password='
    UNION ALL
    SELECT 'parameter granted', pg_catalog.format('%s for %s', p.parname, CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END),
           'Some parameters silence triggers or turn protection off.',
           pg_catalog.format('REVOKE %s ON PARAMETER %s FROM %s;', a.privilege_type, p.parname, CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
      FROM pg_catalog.pg_parameter_acl p, LATERAL pg_catalog.aclexplode(p.paracl) a
     WHERE a.grantee OPERATOR(pg_catalog.<>) 10::oid;
  END;
COMMENT ON FUNCTION credit.guard_roles() IS 'Findings of guard_report() about roles and what they were given';
REVOKE ALL ON FUNCTION credit.guard_roles() FROM PUBLIC;

CREATE FUNCTION credit.guard_mandates() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.mandate') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT DISTINCT 'duty of a group', format('%s for %s', m.duty, coalesce(m.via, m.login)), 'Its members have the duty without a mandate.',
           format('SELECT credit.revoke_duty(%L, %L, %L, %L);', m.login, m.duty, 'a group has no duty', m.via)
      FROM credit_register.mandate m WHERE m.ended_at IS NULL AND credit.is_group(coalesce(m.via, m.login))
    UNION ALL
    -- Those of one login are seen by its memberships.
    SELECT DISTINCT 'duties that do not go together', format('%s for %s through %s', m.duty, m.login, coalesce(m.via, 'no application')),
           'Who gives mandates or audits has no other duty, through whatever application.',
           format('SELECT credit.revoke_duty(%L, %L, %L, %L);', m.login, m.duty, 'duties are kept apart', m.via)
      FROM credit_register.mandate m JOIN credit_register.mandate o ON o.login = m.login AND o.via IS DISTINCT FROM m.via AND o.duty <> m.duty
     WHERE m.ended_at IS NULL AND o.ended_at IS NULL AND NOT credit.is_group(coalesce(m.via, m.login))
       AND NOT m.valid * o.valid << daterange(credit.today(), NULL)
       AND m.valid && o.valid
       AND (m.duty NOT IN ('credit_admin', 'credit_auditor', 'credit_citizen') AND o.duty IN ('credit_admin', 'credit_auditor')
            OR m.duty = 'credit_auditor' AND o.duty = 'credit_admin');
END
$$;
COMMENT ON FUNCTION credit.guard_mandates() IS 'Findings of guard_report() about mandates: of groups, and of one person who may not have both';
REVOKE ALL ON FUNCTION credit.guard_mandates() FROM PUBLIC;

CREATE FUNCTION credit.guard_functions() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT 'definer function without pinned search_path', p.oid::regprocedure::text, 'Its caller puts tables and operators of his own before the real ones.',
           pg_catalog.format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p
     WHERE p.prosecdef AND NOT coalesce(p.proconfig::text OPERATOR(pg_catalog.~) 'search_path=[^"]*pg_temp', false)
    UNION ALL
    SELECT 'definer function open to PUBLIC', p.oid::regprocedure::text, 'Everybody runs it with the rights of its owner.',
           pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p, LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
     WHERE p.prosecdef AND a.grantee OPERATOR(pg_catalog.=) 0::oid
    UNION ALL
    SELECT 'definer function over a protected table', p.oid::regprocedure::text, 'A superuser''s or owner''s function passes by row security.',
           pg_catalog.format('ALTER FUNCTION %s SECURITY INVOKER;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p
     WHERE p.prosecdef AND p.prosrc OPERATOR(pg_catalog.~) 'credit_register'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
                        WHERE d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'
                          AND e.extname OPERATOR(pg_catalog.=) 'credit'::name)
    UNION ALL
    SELECT 'function opened to PUBLIC', p.oid::regprocedure::text, 'The extension closed it.',
           pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_init_privs i ON i.objoid OPERATOR(pg_catalog.=) p.oid AND i.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass::oid
      JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace AND n.nspname OPERATOR(pg_catalog.=) 'credit'::name
     WHERE NOT p.prosecdef AND EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
                                        WHERE a.grantee OPERATOR(pg_catalog.=) 0::oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(i.initprivs) a WHERE a.grantee OPERATOR(pg_catalog.=) 0::oid)
    UNION ALL
    SELECT 'leakproof function', p.oid::regprocedure::text, 'It is run on rows before policies hide them.',
           pg_catalog.format('ALTER FUNCTION %s NOT LEAKPROOF;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p
     WHERE p.proleakproof AND p.oid OPERATOR(pg_catalog.>=) 16384::oid
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass::oid
                                                            AND d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e')
    UNION ALL
    SELECT 'context taken for a constant', p.oid::regprocedure::text, 'A plan keeps the answer of another transaction.',
           pg_catalog.format('ALTER FUNCTION %s STABLE;', p.oid::regprocedure)
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace AND n.nspname OPERATOR(pg_catalog.=) 'credit'::name
     WHERE p.provolatile OPERATOR(pg_catalog.=) 'i'
       AND p.proname OPERATOR(pg_catalog.=) ANY ('{may_see,granted_divisions,granted_providers,granted_division,granted_provider,person,own_subject,grants,has_duty,today}'::name[])
    UNION ALL
    SELECT 'schema of another owner', n.nspname, 'Its owner may drop the extension or put functions of his own in place.',
           pg_catalog.format('ALTER SCHEMA credit OWNER TO %s;', 10::oid::regrole)
      FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
     WHERE n.nspname OPERATOR(pg_catalog.=) 'credit'::name AND NOT r.rolsuper
    UNION ALL
    SELECT 'schema credit is open', pg_catalog.format('%s for %s', a.privilege_type, CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END),
           'Who creates there answers in place of the extension.',
           pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM %s;', n.nspname, CASE a.grantee WHEN 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
      FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
     WHERE n.nspname OPERATOR(pg_catalog.=) ANY ('{credit,credit_register}'::name[])
       AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner;
  END;
COMMENT ON FUNCTION credit.guard_functions() IS 'Findings of guard_report() about functions and schemas';
REVOKE ALL ON FUNCTION credit.guard_functions() FROM PUBLIC;

CREATE FUNCTION credit.guard_settings() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT 'setting', s.name OPERATOR(pg_catalog.||) ' = ' OPERATOR(pg_catalog.||) s.setting, w.why, w.mend OPERATOR(pg_catalog.||) ' SELECT pg_reload_conf();'
      FROM (VALUES
        ('fsync', 'off', 'A crash loses what was committed, inquiries included.', 'ALTER SYSTEM SET fsync = on;'),
        ('full_page_writes', 'off', 'A crash may tear pages.', 'ALTER SYSTEM SET full_page_writes = on;'),
        ('row_security', 'off', 'Queries of the duty roles fail.', 'ALTER SYSTEM SET row_security = on;'),
        ('session_replication_role', 'replica', 'Ordinary triggers do not fire.', 'ALTER SYSTEM RESET session_replication_role;'),
        ('log_parameter_max_length', '-1', 'Numbers of persons may stand in the log.', 'ALTER SYSTEM SET log_parameter_max_length = 0;'),
        ('log_parameter_max_length_on_error', '-1', 'Numbers of persons may stand in the log.', 'ALTER SYSTEM SET log_parameter_max_length_on_error = 0;'),
        ('auto_explain.log_nested_statements', 'on', 'Plans of our functions, with their literals, reach whoever sets client_min_messages.',
         'ALTER SYSTEM SET auto_explain.log_nested_statements = off;'),
        ('password_encryption', 'md5', 'Passwords are easily found from their digests.', 'ALTER SYSTEM SET password_encryption = ''scram-sha-256'';'),
        ('allow_system_table_mods', 'on', 'Policies can be changed in the catalogue.', 'ALTER SYSTEM RESET allow_system_table_mods;'))
        AS w (name, bad, why, mend)
      JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) w.name AND s.setting OPERATOR(pg_catalog.=) w.bad
    UNION ALL
    SELECT 'old server', s.setting, 'Later minor releases closed holes in row security.', '-- install the newest minor release, then: ALTER SYSTEM RESET credit.minimum_server; SELECT pg_reload_conf();'
      FROM pg_catalog.pg_settings s JOIN pg_catalog.pg_settings m ON m.name OPERATOR(pg_catalog.=) 'credit.minimum_server'
     WHERE s.name OPERATOR(pg_catalog.=) 'server_version_num' AND s.setting::int OPERATOR(pg_catalog.<) m.boot_val::int
    UNION ALL
    SELECT 'setting', 'shared_preload_libraries lacks credit', 'Errors are not masked, and statistics not hidden, before the first function of ours ran.',
           'ALTER SYSTEM SET shared_preload_libraries = ' OPERATOR(pg_catalog.||)
           CASE l.libraries WHEN '' THEN 'credit' ELSE l.libraries OPERATOR(pg_catalog.||) ', credit' END OPERATOR(pg_catalog.||) '; -- then restart'
      FROM (SELECT pg_catalog.current_setting('shared_preload_libraries') AS libraries) l
     WHERE l.libraries OPERATOR(pg_catalog.!~) '(^|[, /])credit([, .]|$)'
    UNION ALL
    SELECT 'login without a password', pg_catalog.format('%s %s in pg_hba.conf, line %s', h.user_name, h.type, h.line_number),
           'Whoever reaches the server is whoever he says.', '-- put scram-sha-256 or cert in that line; SELECT pg_reload_conf();'
      FROM pg_catalog.pg_hba_file_rules() h
     WHERE h.auth_method OPERATOR(pg_catalog.=) 'trust'
    UNION ALL
    SELECT 'secret in a catalogue', pg_catalog.split_part(s, '=', 1) OPERATOR(pg_catalog.||) CASE d.setrole WHEN 0::oid THEN '' ELSE ' of ' OPERATOR(pg_catalog.||) d.setrole::regrole::text END,
           'Every role reads these settings.',
           CASE WHEN d.setrole OPERATOR(pg_catalog.=) 0::oid
                THEN pg_catalog.format('ALTER DATABASE %I RESET %s;', b.datname, pg_catalog.split_part(s, '=', 1))
                ELSE pg_catalog.format('ALTER ROLE %s%s RESET %s;', d.setrole::regrole,
                       CASE WHEN b.datname IS NULL THEN '' ELSE pg_catalog.format(' IN DATABASE %I', b.datname) END, pg_catalog.split_part(s, '=', 1)) END
      FROM pg_catalog.pg_db_role_setting d LEFT JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) d.setdatabase,
           LATERAL pg_catalog.unnest(d.setconfig) s
     WHERE s OPERATOR(pg_catalog.~*) '(secret|password|[._]key)=' OR s OPERATOR(pg_catalog.~*) '^[^=]*=.*(secret|password)=';
  END;
COMMENT ON FUNCTION credit.guard_settings() IS 'Findings of guard_report() about settings';
REVOKE ALL ON FUNCTION credit.guard_settings() FROM PUBLIC;

CREATE FUNCTION credit.guard_key_file() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held bool := false;
  place text := '-- put the key file that the register was made with in its place, mode 0600';
BEGIN
  -- Fresh keys are for a register that holds nobody yet.
  IF to_regclass('credit_register.identity_key') IS NOT NULL THEN
    held := EXISTS (SELECT FROM credit_register.identity_key) OR EXISTS (SELECT FROM credit_register.identity);
  END IF;
  IF NOT held AND to_regclass('credit_register.subject') IS NOT NULL THEN
    held := EXISTS (SELECT FROM credit_register.subject);
  END IF;
  IF coalesce(current_setting('credit.key_file', true), '') = '' THEN
    RETURN QUERY SELECT 'no key file', 'credit.key_file', 'Without keys there are no pseudonyms, and identity stays closed.',
      CASE WHEN held THEN '-- first copy the key file that the register was made with here, mode 0600, then: ALTER SYSTEM SET credit.key_file = …; SELECT pg_reload_conf();'
           ELSE 'ALTER SYSTEM SET credit.key_file = …; SELECT pg_reload_conf(); SELECT credit.create_key_file();' END;
    RETURN;
  END IF;
  BEGIN
    PERFORM FROM credit.keys();
  EXCEPTION WHEN OTHERS THEN
    -- Not the message: it tells the path.
    RETURN QUERY SELECT 'key file that cannot be used', 'credit.key_file', 'It is not there, or not as it must be: SELECT FROM credit.keys() says why.',
      CASE WHEN held THEN place ELSE '-- mend it, or where there never was one: SELECT credit.create_key_file();' END;
    RETURN;
  END;
  IF to_regclass('credit_register.identity_key') IS NOT NULL THEN
    RETURN QUERY
      SELECT 'register made with another key', format('%s %s', n.purpose, n.version),
             CASE n.purpose WHEN 'pseudonym' THEN 'Nothing is filed and nobody found: with this key every person would be a second subject.'
                            ELSE 'No identity is stored: what is there was stored with another key of this version.' END, place
        FROM credit_register.identity_key n
        JOIN credit.keys() k ON k.purpose = n.purpose AND (k.version = n.version OR n.purpose = 'pseudonym') AND k.mark <> n.mark
      UNION ALL
      SELECT 'key file older than the register', format('identity %s', max(n.version)), 'It lacks a key that identities were stored with.',
             '-- put the newest copy of the key file in its place, mode 0600'
        FROM credit_register.identity_key n
       WHERE n.purpose = 'identity'
      HAVING max(n.version) > (SELECT max(k.version) FROM credit.keys() k WHERE k.purpose = 'identity');
  END IF;
END
$$;
COMMENT ON FUNCTION credit.guard_key_file() IS 'Findings of guard_report() about the key file, and whether it is the register''s';
REVOKE ALL ON FUNCTION credit.guard_key_file() FROM PUBLIC;

CREATE FUNCTION credit.guard_parts() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    SELECT 'part without its table''s policies', pg_catalog.format('%s of %s', h.part::regclass, h.target::regclass),
           'It was attached later: who reads it by name passes by the policies.', pg_catalog.format('SELECT credit.extend_protection(%L);', h.target::regclass)
      FROM credit.guarded_parts() h
     WHERE EXISTS (SELECT FROM pg_catalog.pg_policy p
                    WHERE p.polrelid OPERATOR(pg_catalog.=) h.target
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy q WHERE q.polrelid OPERATOR(pg_catalog.=) h.part
                                                                           AND q.polname OPERATOR(pg_catalog.=) p.polname))
    UNION ALL
    SELECT 'part without its table''s audit', pg_catalog.format('%s of %s', h.part::regclass, h.target::regclass),
           'What is done to it by name leaves no event.', pg_catalog.format('SELECT credit.extend_protection(%L);', h.target::regclass)
      FROM credit.guarded_parts() h
     WHERE EXISTS (SELECT FROM pg_catalog.pg_trigger g
                    WHERE g.tgrelid OPERATOR(pg_catalog.=) h.target AND NOT g.tgisinternal
                      AND (g.tgname OPERATOR(pg_catalog.~~) 'credit\_audit\_%' OR g.tgname OPERATOR(pg_catalog.~~) 'audit\_keep%')
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger f WHERE f.tgrelid OPERATOR(pg_catalog.=) h.part
                                                                            AND f.tgname OPERATOR(pg_catalog.=) g.tgname))
    UNION ALL
    SELECT 'register table without audit', c.oid::regclass::text, 'Its changes leave no event.', 'SELECT credit.create_register_audit();'
      FROM credit.guarded_tables() t JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.relation
     WHERE t.register AND NOT c.relispartition AND c.relname OPERATOR(pg_catalog.!~~) 'audit\_%'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid OPERATOR(pg_catalog.=) c.oid
                                                             AND g.tgname OPERATOR(pg_catalog.=) 'credit_audit_row'::name);
  END;
COMMENT ON FUNCTION credit.guard_parts() IS 'Findings of guard_report() about partitions, children and tables that came later';
REVOKE ALL ON FUNCTION credit.guard_parts() FROM PUBLIC;

CREATE FUNCTION credit.guard_keys() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH shield AS (	-- which columns the policy of a table reads
      SELECT p.polrelid AS relation, array_remove(ARRAY[substring(m[1] FROM '^\(?([^:()]+)'), substring(m[2] FROM '^\(?([^:()]+)')], NULL) AS words
        FROM credit.guarded_tables() t JOIN pg_policy p ON p.polrelid = t.relation AND p.polname = 'credit_select',
             LATERAL regexp_match(pg_get_expr(p.polqual, p.polrelid), 'may_see\(\d+, (.*?), (.*?), ') m),
    led AS (
      SELECT s.relation, ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = s.relation AND quote_ident(a.attname) = ANY (s.words)) AS columns
        FROM shield s),
    key AS (
      SELECT l.*, i.indexrelid, i.indisunique, i.indisprimary, i.indisreplident, i.indkey[0] AS first, (i.indkey::int2[])[0:i.indnkeyatts - 1] AS keys, c.relam
        FROM led l JOIN pg_index i ON i.indrelid = l.relation JOIN pg_class c ON c.oid = i.indexrelid
       WHERE cardinality(l.columns) > 0
         -- Nobody guesses a uuid.
         AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = l.relation AND a.atttypid = 'uuid'::regtype
                            AND a.attnum = i.indkey[0]))
    SELECT 'index that tells of hidden rows', format('%s on %s', k.indexrelid::regclass, k.relation::regclass),
           'EXPLAIN ANALYZE and counters show a duty whether a value it may not see is there.',
           format('CREATE INDEX ON %s (%I, %I);', k.relation::regclass, p.attname, f.attname)
      FROM key k JOIN pg_attribute f ON f.attrelid = k.relation AND f.attnum = k.first
      JOIN pg_attribute p ON p.attrelid = k.relation AND p.attnum = ANY (k.columns)
     WHERE k.first <> ALL (k.columns)
       -- Behind each column of the policy there has to be an index that serves instead.
       AND NOT EXISTS (SELECT FROM key b WHERE b.relation = k.relation AND b.first = p.attnum AND k.first = ANY (b.keys))
    UNION ALL
    SELECT 'unique key that tells of hidden rows', format('%s on %s', k.indexrelid::regclass, k.relation::regclass),
           'Who inserts learns by the error whether a row that he may not see is there.',
           CASE WHEN k.indisprimary OR k.indisreplident OR EXISTS (SELECT FROM pg_constraint o WHERE o.contype = 'f' AND o.conindid = k.indexrelid)
                THEN E'-- What is a key becomes a plain unique index: foreign keys to it have to be dropped first, a replica identity set anew.\n' ELSE '' END
           || format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I; DROP INDEX IF EXISTS %s; CREATE UNIQUE INDEX ON %s (%s);',
                  k.relation::regclass, c.relname, k.indexrelid::regclass, k.relation::regclass,
                  (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum = ANY (k.columns) DESC, a.attnum)
                     FROM pg_attribute a WHERE a.attrelid = k.relation AND (a.attnum = ANY (k.keys) OR a.attnum = ANY (k.columns))))
      FROM key k JOIN pg_class c ON c.oid = k.indexrelid JOIN pg_class r ON r.oid = k.relation
     WHERE k.indisunique AND NOT k.keys && k.columns AND NOT r.relispartition
       AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.relation AND a.attnum = ANY (k.keys) AND a.atttypid = 'uuid'::regtype)
       AND EXISTS (SELECT FROM aclexplode(r.relacl) a JOIN pg_roles o ON o.oid = a.grantee
                    WHERE a.privilege_type = 'INSERT' AND a.grantee <> r.relowner AND o.rolname LIKE 'credit\_%');
END
$$;
COMMENT ON FUNCTION credit.guard_keys() IS 'Findings of guard_report() about indexes and unique keys that tell of rows which policies hide';
REVOKE ALL ON FUNCTION credit.guard_keys() FROM PUBLIC;

CREATE FUNCTION credit.guard_seals() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.audit_seal') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT 'gap between seals', format('before seal %s', g.number), 'Seals were removed, or events between them never sealed.',
           '-- compare with a checkpoint kept elsewhere: SELECT * FROM credit.verify_audit(checkpoint);'
      FROM (SELECT s.number, s.kind, s.from_xid, s.number - coalesce(lag(s.number) OVER (ORDER BY s.number), 0) AS step,
                   coalesce(max(s.before_xid) OVER (PARTITION BY s.node, s.kind ORDER BY s.number
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
              FROM credit_register.audit_seal s) g
     -- Seals of one run, for several months, begin together.
     WHERE g.step <> 1 OR g.kind = 'events' AND g.from_xid > g.before;
END
$$;
COMMENT ON FUNCTION credit.guard_seals() IS 'Findings of guard_report() about seals';
REVOKE ALL ON FUNCTION credit.guard_seals() FROM PUBLIC;

CREATE FUNCTION credit.readers_of(relations oid[]) RETURNS TABLE (classid oid, objid oid)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 20
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name record;
BEGIN
  -- Views over tables and views; functions with a parsed body over both, and views over them.
  FOR classid, objid IN
    WITH RECURSIVE reader(classid, objid) AS (
      SELECT 'pg_class'::regclass::oid, r FROM unnest(relations) r
      UNION
      SELECT CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END, coalesce(w.ev_class, d.objid)
        FROM reader r
        JOIN pg_depend d ON d.refclassid = r.classid AND d.refobjid = r.objid
        LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
       WHERE w.oid IS NOT NULL OR d.classid = 'pg_proc'::regclass)
    SELECT r.classid, r.objid FROM reader r
  LOOP
    RETURN NEXT;
    CONTINUE WHEN classid <> 'pg_class'::regclass;
    -- Functions whose body is text: by the names in it.
    SELECT n.nspname, c.relname INTO name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = objid;
    RETURN QUERY
      SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc p
       WHERE CASE WHEN strpos(p.prosrc, name.relname) = 0 THEN false
                  ELSE p.prosrc ~ format('(^|\W)"?%s"?\."?%s"?(\W|$)', name.nspname, name.relname) END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.readers_of(oid[]) IS 'Relations, and all views and functions that read or write them, by dependency or by name';
REVOKE ALL ON FUNCTION credit.readers_of(oid[]) FROM PUBLIC;

CREATE FUNCTION credit.guard_scores() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  scores oid[] := ARRAY(SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('credit_register') AND c.relname ~ '^score(_|$)' AND c.relkind IN ('r', 'p'));
  measures oid[] := ARRAY(SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('credit_register') AND c.relname ~ '^measure(_|$)' AND c.relkind IN ('r', 'p'));
BEGIN
  IF cardinality(scores) = 0 OR cardinality(measures) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY
    WITH score AS (SELECT r.* FROM credit.readers_of(scores) r),
    measure AS (SELECT r.* FROM credit.readers_of(measures) r),
    path AS (
      SELECT CASE WHEN s.classid = 'pg_proc'::regclass THEN format('FUNCTION %s', s.objid::regprocedure)
                  ELSE format(CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW %s' ELSE 'VIEW %s' END, s.objid::regclass) END AS what
        FROM score s JOIN measure m USING (classid, objid) LEFT JOIN pg_class c ON s.classid = 'pg_class'::regclass AND c.oid = s.objid
       WHERE (c.oid IS NULL OR c.relkind IN ('v', 'm'))
         -- Our own functions are what the tests of the extension answer for.
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = s.classid AND d.objid = s.objid AND d.deptype = 'e'))
    SELECT 'score_to_measure', p.what, 'A score must not decide on measures: they rest on records and the law.', format('DROP %s;', p.what)
      FROM path p
    UNION ALL
    SELECT 'score_to_measure', format('trigger %I on %s', g.tgname, g.tgrelid::regclass),
           'A score must not decide on measures: they rest on records and the law.', format('DROP TRIGGER %I ON %s;', g.tgname, g.tgrelid::regclass)
      FROM pg_trigger g
     WHERE NOT g.tgisinternal
       AND (g.tgrelid = ANY (scores) AND g.tgfoid IN (SELECT m.objid FROM measure m WHERE m.classid = 'pg_proc'::regclass)
            OR g.tgrelid = ANY (measures) AND g.tgfoid IN (SELECT s.objid FROM score s WHERE s.classid = 'pg_proc'::regclass))
    UNION ALL
    SELECT 'score_to_measure', format('constraint %I on %s', k.conname, k.conrelid::regclass),
           'A score must not decide on measures: they rest on records and the law.', format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
      FROM pg_constraint k
     WHERE k.contype = 'f' AND k.conparentid = 0
       AND (k.conrelid = ANY (measures) AND k.confrelid = ANY (scores) OR k.conrelid = ANY (scores) AND k.confrelid = ANY (measures))
    UNION ALL
    SELECT 'score_to_measure', format('rule %I on %s', w.rulename, w.ev_class::regclass),
           'A score must not decide on measures: they rest on records and the law.', format('DROP RULE %I ON %s;', w.rulename, w.ev_class::regclass)
      FROM pg_rewrite w
     WHERE w.rulename <> '_RETURN'
       AND (w.ev_class = ANY (scores) AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid = ANY (measures))
            OR w.ev_class = ANY (measures) AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid = ANY (scores)));
END
$$;
COMMENT ON FUNCTION credit.guard_scores() IS 'Findings of guard_report(): ways from a score to a measure, by views, functions, triggers, rules and keys';
REVOKE ALL ON FUNCTION credit.guard_scores() FROM PUBLIC;

CREATE FUNCTION credit.guard_report() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  BEGIN ATOMIC
    SELECT * FROM credit.guard_tables()
    UNION ALL SELECT * FROM credit.guard_roles()
    UNION ALL SELECT * FROM credit.guard_mandates()
    UNION ALL SELECT * FROM credit.guard_functions()
    UNION ALL SELECT * FROM credit.guard_settings()
    UNION ALL SELECT * FROM credit.guard_key_file()
    UNION ALL SELECT * FROM credit.guard_parts()
    UNION ALL SELECT * FROM credit.guard_keys()
    UNION ALL SELECT * FROM credit.guard_audit()
    UNION ALL SELECT * FROM credit.guard_seals()
    UNION ALL SELECT * FROM credit.guard_scores()
    UNION ALL SELECT * FROM credit.guard_calendar()
    ORDER BY 1, 2;
  END;
COMMENT ON FUNCTION credit.guard_report() IS
  'Definer, as auditors run it without rights on catalogues or tables: what weakens the protection, why it matters, and the command that mends it';
REVOKE ALL ON FUNCTION credit.guard_report() FROM PUBLIC;
