-- ---------------------------------------------------------------------------
-- access: the signed context of a transaction, row policies
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

CREATE FUNCTION credit.inquires_since() RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'access_inquires_since' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.inquires_since() IS 'Since when who entered has had a mandate that inquires: what was opened under his name before, another opened; infinity for none';

CREATE FUNCTION credit.holds_since() RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'access_holds_since' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.holds_since() IS 'When who entered was first given a mandate that inquires, ended ones as well: a consent from before was given to another; infinity for never';

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
