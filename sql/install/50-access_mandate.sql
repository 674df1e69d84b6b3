-- ---------------------------------------------------------------------------
-- access, mandates: who has which duty, for what, from when to when
-- ---------------------------------------------------------------------------

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
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = warning	-- who has the role already need not be told
  AS $$
DECLARE
  made uuid;
  role text := coalesce(via, login);
  bearer oid;
  here bigint;
BEGIN
  PERFORM credit.hold_mandates();
  -- Of a login that was dropped: who bears its name now has what he is given now.
  SELECT r.oid, c.system_identifier INTO bearer, here FROM pg_roles r, pg_control_system() c WHERE r.rolname = role;
  UPDATE credit_register.mandate m SET ended_at = clock_timestamp(), ended_by = coalesce(credit.person(), session_user), end_reason = 'the login was dropped, and made anew'
   WHERE coalesce(m.via, m.login) = role AND m.ended_at IS NULL AND m.role_server = here AND m.role_number <> bearer;
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
