-- ---------------------------------------------------------------------------
-- register: its versions, how it is made and brought up to date
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.library_version() RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 2;	-- with each new number goes a step credit.upgrade_register_N()
COMMENT ON FUNCTION credit.library_version() IS 'Version of the register that this library makes, and to which upgrade_register() brings an older one';

CREATE FUNCTION credit.complete_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step text;
  made record;
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.version (
    version int PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL DEFAULT session_user
  );
  CREATE TABLE IF NOT EXISTS credit_register.layout (
    table_name text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('subject', 'reference', 'node')),
    room text COLLATE "C" NOT NULL
  );
  INSERT INTO credit_register.layout VALUES ('version', 'reference', 'register'), ('layout', 'reference', 'register')
    ON CONFLICT DO NOTHING;
  FOREACH step IN ARRAY '{identity,access,effect,subject,collection,case_file,measure,incentive,scoring,exchange,report,audit}'::text[] LOOP
    IF to_regprocedure(format('credit.create_register_%s()', step)) IS NOT NULL THEN
      EXECUTE format('SELECT credit.create_register_%s()', step);
    END IF;
  END LOOP;
  FOR made IN SELECT c.oid::regclass AS name FROM pg_class c
               WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
                 AND c.relowner <> 'credit_owner'::regrole
                 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S') LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO credit_owner', made.name);
  END LOOP;
  -- Steps of other rooms need not say it: what has the subject first in its key is a subject's.
  INSERT INTO credit_register.layout (table_name, kind, room)
    SELECT c.relname, CASE WHEN a.attname = 'subject' THEN 'subject' ELSE 'node' END, split_part(c.relname, '_', 1)
      FROM pg_class c
      LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.complete_register() IS 'Makes what is missing of the register''s tables; for create_register() and upgrade_register()';
REVOKE ALL ON FUNCTION credit.complete_register() FROM PUBLIC;

CREATE FUNCTION credit.begin_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
    RAISE EXCEPTION 'only a superuser makes the register' USING ERRCODE = 'insufficient_privilege',
      HINT = 'It makes roles, and tables that belong to one that nobody may become.';
  END IF;
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'a register needs a database in UTF-8' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('This one is in %s, where names are not folded, masked or compared.', current_setting('server_encoding')),
      HINT = 'createdb --template=template0 --encoding=UTF8 …';
  END IF;
  PERFORM set_config('client_min_messages', 'warning', true);
  -- One at a time.  Before a register is there, the extension has a table that others only read.
  LOCK TABLE credit.division_history IN SHARE ROW EXCLUSIVE MODE;
  PERFORM credit.create_duty_roles();
  IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = 'credit_register') THEN
    CREATE SCHEMA credit_register AUTHORIZATION credit_owner;
    COMMENT ON SCHEMA credit_register IS 'The register: ordinary tables, made by credit.create_register()';
  ELSIF (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'credit_register') <> 'credit_owner'::regrole THEN
    RAISE EXCEPTION 'schema "credit_register" does not belong to role "credit_owner"' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'ALTER SCHEMA credit_register OWNER TO credit_owner, if it is the register; else rename it.';
  END IF;
  IF credit.register_version() > credit.library_version() THEN
    RAISE EXCEPTION 'the register is of a newer version than this library' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The register has version %s, the library makes %s.', credit.register_version(), credit.library_version()),
      HINT = 'Install the release of the extension that it was made with, or a newer one.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.begin_register() IS 'Who may make or upgrade the register, where (in UTF-8), and one at a time; refuses one that is newer than the library';
REVOKE ALL ON FUNCTION credit.begin_register() FROM PUBLIC;

CREATE FUNCTION credit.create_register() RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.begin_register();
  IF credit.register_version() < credit.library_version() THEN
    RAISE EXCEPTION 'the register is of an older version' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The register has version %s, the library makes %s.', credit.register_version(), credit.library_version()),
      HINT = 'SELECT credit.upgrade_register();';
  END IF;
  PERFORM credit.complete_register();
  INSERT INTO credit_register.version (version) VALUES (credit.library_version()) ON CONFLICT DO NOTHING;
  RETURN credit.register_version();
END
$$;
COMMENT ON FUNCTION credit.create_register() IS
  'Makes the register''s tables in schema credit_register, or what of them is missing; they are no members of the extension';
REVOKE ALL ON FUNCTION credit.create_register() FROM PUBLIC;

CREATE FUNCTION credit.set_audit_aside() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('credit_register.audit_event') AND a.attname = 'context' AND NOT a.attisdropped) THEN
    RETURN;
  END IF;
  CREATE SCHEMA credit_register_1 AUTHORIZATION credit_owner;
  EXECUTE format('COMMENT ON SCHEMA credit_register_1 IS %L', 'The audit of version 1 of the register, kept as it is: its hashes have another form. '
    || coalesce((SELECT format('It ends with seal %s, hash %s.', s.number, encode(s.hash, 'hex')) FROM credit_register.audit_seal s ORDER BY s.number DESC LIMIT 1),
                'It was never sealed.'));
  FOR part IN SELECT c.oid::regclass AS name FROM pg_class c
               WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname LIKE 'audit\_%' LOOP
    EXECUTE format('ALTER TABLE %s SET SCHEMA credit_register_1', part.name);
  END LOOP;
  GRANT USAGE ON SCHEMA credit_register_1 TO credit_auditor;
  PERFORM credit.create_register_audit();
END
$$;
COMMENT ON FUNCTION credit.set_audit_aside() IS
  'Puts the audit of version 1, to which this library cannot write, into schema credit_register_1 for its auditors to read; a new one begins. Part of upgrade_register()';
REVOKE ALL ON FUNCTION credit.set_audit_aside() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_findings_2() RETURNS text
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(format('%s %s.', f.rows, f.what), E'\n' ORDER BY f.what)
    FROM (
      SELECT count(*), 'rulebook(s) in force on days of another: change in_force'
        FROM credit_register.rulebook b WHERE EXISTS (SELECT FROM credit_register.rulebook o WHERE o.name <> b.name AND o.in_force && b.in_force)
      UNION ALL
      SELECT count(*), 'provider(s) whose division has not six digits that begin with a province: change division'
        FROM credit_register.provider p WHERE NOT credit.is_division(p.division)
      UNION ALL
      SELECT count(*), 'purpose(s) without a document that allows them: add the column basis text, and fill it' FROM credit_register.purpose p WHERE p.basis IS NULL
      UNION ALL
      SELECT count(*), 'purpose(s) that keep an inquiry from the person without review, or longer than a year: change delay' FROM credit_register.purpose p
       WHERE NOT (p.delay = '0' OR p.delay BETWEEN '0' AND '1 year' AND p.needs_review)
      UNION ALL
      SELECT count(*), 'inquiry(ies) kept from the person without review, or longer than a year: change shown_from' FROM credit_register.inquiry i
       WHERE NOT (i.shown_from <= i.opened_at + interval '1 minute' OR i.shown_from <= i.opened_at + interval '8784 hours'
         AND (i.state <> 'open' OR i.reviewed_by IS NOT NULL AND i.reviewed_by <> i.person))
      UNION ALL
      SELECT count(*), 'subject(s) of a kind that credit.code_kind() does not know: change kind'
        FROM credit_register.subject s
       WHERE s.kind NOT IN ('citizen', 'hmt_resident', 'permanent_resident', 'assigned', 'organisation', 'assigned_organisation')
      UNION ALL
      SELECT count(*) FILTER (WHERE r.basis IS NULL), 'record(s) whose item the rulebook of today does not have (CR106): adopt one that has, or change item'
        FROM credit_register.record r
      UNION ALL
      SELECT count(*) FILTER (WHERE NOT r.basis_in_force @> r.happened_on), 'record(s) of acts before their legal basis (CR101): they may not be kept'
        FROM credit_register.record r
      UNION ALL
      SELECT count(*), 'bad record(s) without a final finding (CR104): add the columns document_no text and final_on date, and fill them'
        FROM credit_register.record r
       WHERE r.stance = 'bad' AND (credit.is_document(r.document_no) IS NOT TRUE OR r.final_on IS NULL)
      UNION ALL
      SELECT count(*), 'bad record(s) of acts under age (CR105): they may not be kept' FROM credit_register.record r WHERE r.stance = 'bad' AND r.minor
      UNION ALL
      SELECT count(*), 'record(s) that are there already: keep one of each'
        FROM (SELECT row_number() OVER (PARTITION BY r.subject, r.fingerprint) AS n FROM credit_register.record r WHERE r.fingerprint IS NOT NULL) x WHERE x.n > 1
    ) AS f (rows, what)
   WHERE f.rows > 0
$$;
COMMENT ON FUNCTION credit.upgrade_findings_2() IS 'What of the rows of version 1 no constraint of version 2 lets stand, a line each with its number; asked by upgrade_register_2()';
REVOKE ALL ON FUNCTION credit.upgrade_findings_2() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_register_2() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  findings text;
  new record;
BEGIN
  -- The changes of the upgrade itself are events of the new audit.
  PERFORM credit.set_audit_aside();
  ALTER TABLE credit_register.provider ADD COLUMN IF NOT EXISTS kind text COLLATE "C" NOT NULL DEFAULT 'department'
    CHECK (kind IN ('department', 'court', 'town', 'utility', 'bank', 'agency', 'association'));
  ALTER TABLE credit_register.mandate ADD COLUMN IF NOT EXISTS role_number oid, ADD COLUMN IF NOT EXISTS role_server bigint;
  ALTER TABLE credit_register.purpose ADD COLUMN IF NOT EXISTS basis text CHECK (basis ~ '\S');
  UPDATE credit_register.purpose p SET basis = b.basis
    FROM (VALUES ('consent', '沂源县意见（十五）'), ('administration', '沂源县意见（十五）'), ('judicial', '沂源县意见（十四）'), ('emergency', '沂源县意见（十一）')) b (purpose, basis)
   WHERE p.purpose = b.purpose AND p.basis IS NULL;
  ALTER TABLE credit_register.subject ADD COLUMN IF NOT EXISTS minor_until date CHECK (minor_until IS NULL OR kind = 'assigned');
  ALTER TABLE credit_register.record
    ADD COLUMN IF NOT EXISTS document_no text, ADD COLUMN IF NOT EXISTS happened_on date, ADD COLUMN IF NOT EXISTS final_on date,
    ADD COLUMN IF NOT EXISTS fulfilled_on date, ADD COLUMN IF NOT EXISTS facts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS fields jsonb NOT NULL DEFAULT '{}', ADD COLUMN IF NOT EXISTS basis text,
    ADD COLUMN IF NOT EXISTS basis_in_force daterange, ADD COLUMN IF NOT EXISTS batch uuid, ADD COLUMN IF NOT EXISTS line int,
    ADD COLUMN IF NOT EXISTS fingerprint bytea, ADD COLUMN IF NOT EXISTS former_keys text[] COLLATE "C", ADD COLUMN IF NOT EXISTS origin credit.pseudonym, ADD COLUMN IF NOT EXISTS origin_record uuid,
    ADD COLUMN IF NOT EXISTS origin_role text COLLATE "C", ADD COLUMN IF NOT EXISTS origin_role_valid daterange, ADD COLUMN IF NOT EXISTS finding text,
    ADD COLUMN IF NOT EXISTS certified_by text, ADD COLUMN IF NOT EXISTS answer_due date, ADD COLUMN IF NOT EXISTS version int NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS received_at timestamptz, ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
  -- As the gate does for who does not say it.
  UPDATE credit_register.record r
     SET happened_on = x.day, basis = x.basis, basis_in_force = x.basis_in_force, received_at = coalesce(r.received_at, r.registered_at), changed_at = r.registered_at,
         fingerprint = credit.record_fingerprint(r.provider, r.item, r.severity::text, r.document_no, r.document_date, x.day, r.conduct_end, r.amount, r.fields)
    FROM (SELECT o.subject, o.record, coalesce(o.happened_on, least(o.conduct_end, o.document_date)) AS day, c.basis, c.basis_in_force
            FROM credit_register.record o
            JOIN credit.catalogue((SELECT b.book FROM credit_register.rulebook b WHERE b.in_force @> credit.today() ORDER BY b.name LIMIT 1)) c ON c.item = o.item) x
   WHERE r.subject = x.subject AND r.record = x.record AND r.fingerprint IS NULL;
  findings := credit.upgrade_findings_2();
  IF findings IS NOT NULL THEN
    RAISE EXCEPTION 'the register cannot be upgraded to version 2 as it is' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = findings, HINT = 'Nothing was changed. Mend these and call it again; SELECT credit.set_audit_aside(); lets rows be written before the upgrade.';
  END IF;
  ALTER TABLE credit_register.purpose ALTER COLUMN basis SET NOT NULL;
  FOR new IN SELECT t.* FROM (VALUES
      ('purpose', 'purpose_check', $c$CHECK (delay = '0' OR delay BETWEEN '0' AND '1 year' AND needs_review)$c$),
      ('consent', 'consent_subject_consent_purpose_key', 'UNIQUE (subject, consent, purpose)'),
      ('inquiry', 'inquiry_delay', $c$CHECK (shown_from <= opened_at + interval '1 minute' OR shown_from <= opened_at + interval '8784 hours'
        AND (state <> 'open' OR reviewed_by IS NOT NULL AND reviewed_by <> person))$c$),
      ('rulebook', 'rulebook_in_force_excl', 'EXCLUDE USING gist (in_force WITH &&)'),
      ('provider', 'provider_provider_kind_key', 'UNIQUE (provider, kind)'),
      ('provider', 'provider_division', $c$CHECK (credit.is_division(division))$c$),
      ('subject', 'subject_kind_check', $c$CHECK (kind IN ('citizen', 'hmt_resident', 'permanent_resident', 'assigned', 'organisation', 'assigned_organisation'))$c$),
      ('subject', 'subject_subject_minor_key', 'UNIQUE (subject, minor)'),
      ('record', 'record_origin', $c$CHECK (num_nulls(origin, origin_record, origin_role, origin_role_valid, finding) = 5
        OR num_nulls(origin, origin_record, origin_role, origin_role_valid, finding, severity, happened_on) = 0
           AND origin <> subject AND finding ~ '\S' AND stance = 'bad' AND severity = 'serious' AND NOT minor
           AND origin_role IN ('legal_representative', 'principal', 'directly_responsible') AND happened_on <@ origin_role_valid)$c$)) AS t (relation, name, definition)
     WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = t.name AND c.connamespace = 'credit_register'::regnamespace) LOOP
    EXECUTE format('ALTER TABLE credit_register.%I ADD CONSTRAINT %I %s', new.relation, new.name, new.definition);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.upgrade_register_2() IS 'Step of upgrade_register() from version 1: columns, what the gate would have added, constraints; refuses with a list of what they do not let stand';
REVOKE ALL ON FUNCTION credit.upgrade_register_2() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_register() RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  stored int;
BEGIN
  PERFORM credit.begin_register();
  stored := credit.register_version();
  IF stored IS NULL THEN
    RAISE EXCEPTION 'there is no register' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT credit.create_register();';
  END IF;
  FOR step IN stored + 1 .. credit.library_version() LOOP
    EXECUTE format('SELECT credit.upgrade_register_%s()', step);
  END LOOP;
  IF stored < credit.library_version() THEN
    PERFORM credit.complete_register();
    INSERT INTO credit_register.version (version) VALUES (credit.library_version());
  END IF;
  RETURN credit.register_version();
END
$$;
COMMENT ON FUNCTION credit.upgrade_register() IS
  'Brings the tables of an older register to the version of this library, all or nothing; changes nothing on one that has it';
REVOKE ALL ON FUNCTION credit.upgrade_register() FROM PUBLIC;

CREATE FUNCTION credit.register_version() RETURNS int
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.version') IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT max(v.version) FROM credit_register.version v);
END
$$;
COMMENT ON FUNCTION credit.register_version() IS 'Version of the register in this database; NULL without one';
