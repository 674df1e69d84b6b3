-- audit: who changed what, sealed so that a change of the past is found.  The
-- tables are ordinary ones in schema credit_register, made by
-- credit.create_register_audit(), so that dump and restore carry them.

-- Triggers ------------------------------------------------------------------

CREATE FUNCTION credit.audit_change() RETURNS trigger
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.audit_change() IS
  'Trigger of audited tables: name, subject column, secret columns; put there by credit.audit_table()';
REVOKE ALL ON FUNCTION credit.audit_change() FROM PUBLIC;

CREATE FUNCTION credit.audit_keep() RETURNS trigger
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.audit_keep() IS
  'Trigger of the audit''s own tables: refuses everything but adding';
REVOKE ALL ON FUNCTION credit.audit_keep() FROM PUBLIC;

-- What SQL needs of the server ------------------------------------------------

CREATE FUNCTION credit.audit_node() RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_node() IS
  'Where transaction numbers of events have a meaning: this database of this server';
REVOKE ALL ON FUNCTION credit.audit_node() FROM PUBLIC;

CREATE FUNCTION credit.audit_timeline() RETURNS int
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_timeline() IS
  'Timeline this server writes on; two servers that go on from one state differ in it';
REVOKE ALL ON FUNCTION credit.audit_timeline() FROM PUBLIC;

CREATE FUNCTION credit.audit_mark(relation text, operation text) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.audit_mark(text, text) IS
  'An event that is no change of rows: A auditing began, Z it ended';
REVOKE ALL ON FUNCTION credit.audit_mark(text, text) FROM PUBLIC;

CREATE FUNCTION credit.audit_layout_id(relation text, names text[], types text[], flags text) RETURNS uuid
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_layout_id(text, text[], text[], text) IS
  'The name that a row of audit_layout has to have';
REVOKE ALL ON FUNCTION credit.audit_layout_id(text, text[], text[], text) FROM PUBLIC;

CREATE FUNCTION credit.audit_decode(relation text, layout uuid, names text[], types text[], flags text, image bytea)
  RETURNS TABLE (item int, operation text, row_key text, column_name text, old_value text, new_value text,
    subject text, former_subject text)
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION credit.audit_decode(text, uuid, text[], text[], text, bytea) IS
  'The changes of an event, read by the layout it was written with';
REVOKE ALL ON FUNCTION credit.audit_decode(text, uuid, text[], text[], text, bytea) FROM PUBLIC;

CREATE TYPE credit.audit_found AS (events bigint, changes bigint, root bytea, changed bigint, shown text[]);
COMMENT ON TYPE credit.audit_found IS 'What a set of events is found to be';
COMMENT ON COLUMN credit.audit_found.events IS 'Number of events';
COMMENT ON COLUMN credit.audit_found.changes IS 'Number of changes in them';
COMMENT ON COLUMN credit.audit_found.root IS 'Root of their tree (RFC 6962)';
COMMENT ON COLUMN credit.audit_found.changed IS 'Number of events that do not have their hash';
COMMENT ON COLUMN credit.audit_found.shown IS 'The first 100 of those';

CREATE FUNCTION credit.audit_root(node bigint, from_xid bigint, before_xid bigint, since timestamptz, before timestamptz)
  RETURNS credit.audit_found
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION credit.audit_root(bigint, bigint, bigint, timestamptz, timestamptz) IS
  'Merkle root (RFC 6962) of the events of a node, and which of them do not have their hash';
REVOKE ALL ON FUNCTION credit.audit_root(bigint, bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;

CREATE FUNCTION credit.audit_link(parts text[]) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_link(text[]) IS
  'SHA-256 of texts, each with its length before it: a link of the chain of seals';
REVOKE ALL ON FUNCTION credit.audit_link(text[]) FROM PUBLIC;

CREATE FUNCTION credit.audit_seal_hash(number bigint, kind text, node bigint, timeline int, from_xid bigint,
    before_xid bigint, month timestamptz, at timestamptz, events bigint, changes bigint, root bytea, previous bytea)
  RETURNS bytea
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN credit.audit_link(ARRAY['credit audit seal 1', number::pg_catalog.text, kind, node::pg_catalog.text,
    timeline::pg_catalog.text, from_xid::pg_catalog.text, before_xid::pg_catalog.text,
    extract(epoch FROM month)::pg_catalog.text, extract(epoch FROM at)::pg_catalog.text, events::pg_catalog.text,
    changes::pg_catalog.text, pg_catalog.encode(root, 'hex'), pg_catalog.encode(previous, 'hex')]);
COMMENT ON FUNCTION credit.audit_seal_hash(bigint, text, bigint, int, bigint, bigint, timestamptz, timestamptz,
  bigint, bigint, bytea, bytea) IS
  'The hash of a seal, with that of the seal before it; no setting of the session goes in';
REVOKE ALL ON FUNCTION credit.audit_seal_hash(bigint, text, bigint, int, bigint, bigint, timestamptz, timestamptz,
  bigint, bigint, bytea, bytea) FROM PUBLIC;

-- Tables ------------------------------------------------------------------------

CREATE FUNCTION credit.audit_protect(relation regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s OWNER TO credit_owner', relation);
  EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC, credit_owner', relation);
  EXECUTE format('GRANT SELECT ON TABLE %s TO credit_owner', relation);
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation);
  IF to_regrole('credit_auditor') IS NOT NULL THEN
    EXECUTE format('CREATE POLICY credit_auditor ON %s FOR SELECT TO credit_auditor USING (true)', relation);
    EXECUTE format('GRANT SELECT ON TABLE %s TO credit_auditor', relation);
  END IF;
  -- Row triggers come to partitions by themselves, statement triggers do not.
  PERFORM FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'audit_keep';
  IF NOT FOUND THEN
    EXECUTE format('CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION credit.audit_keep()', relation);
  END IF;
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_keep', relation);
  EXECUTE format('CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep()', relation);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_keep_truncate', relation);
END
$$;
COMMENT ON FUNCTION credit.audit_protect(regclass) IS
  'Owner, grants, row security and triggers of one of the audit''s own tables';
REVOKE ALL ON FUNCTION credit.audit_protect(regclass) FROM PUBLIC;

CREATE FUNCTION credit.audit_month(at timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN pg_catalog.timezone('Asia/Shanghai', pg_catalog.date_trunc('month', pg_catalog.timezone('Asia/Shanghai', at)));
COMMENT ON FUNCTION credit.audit_month(timestamptz) IS
  'The month of a time, as the audit is divided: it begins at midnight in Asia/Shanghai';
REVOKE ALL ON FUNCTION credit.audit_month(timestamptz) FROM PUBLIC;

CREATE FUNCTION credit.audit_next_month(month timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN credit.audit_month(month OPERATOR(pg_catalog.+) '960 hours'::pg_catalog.interval);
COMMENT ON FUNCTION credit.audit_next_month(timestamptz) IS
  'The month after one, whatever the session''s time zone';
REVOKE ALL ON FUNCTION credit.audit_next_month(timestamptz) FROM PUBLIC;

CREATE FUNCTION credit.audit_months(ahead int DEFAULT 3) RETURNS int
  LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'Asia/Shanghai'
  AS $$
DECLARE
  month timestamptz;
  partition text;
  made int := 0;
BEGIN
  IF ahead NOT BETWEEN 0 AND 1200 THEN
    RAISE EXCEPTION 'months ahead must be 0 to 1200' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR i IN 0..ahead LOOP
    month := credit.audit_month(statement_timestamp()) + i * interval '1 month';
    partition := 'audit_event_' || to_char(month, 'YYYYMM');
    CONTINUE WHEN to_regclass('credit_register.' || partition) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE credit_register.%I PARTITION OF credit_register.audit_event
        FOR VALUES FROM (%L) TO (%L) WITH (toast_tuple_target = 8160)', partition, month, month + interval '1 month');
    EXCEPTION WHEN check_violation THEN
      RAISE NOTICE 'events of % are in the default partition and stay there', to_char(month, 'YYYY-MM');
      CONTINUE;
    END;
    PERFORM credit.audit_protect(format('credit_register.%I', partition)::regclass);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.audit_months(int) IS
  'Makes the partitions of the audit for this month and the next ones; definer, as the owner is nobody''s role';
REVOKE ALL ON FUNCTION credit.audit_months(int) FROM PUBLIC;

CREATE FUNCTION credit.create_register_audit() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  r record;
BEGIN
  IF to_regrole('credit_owner') IS NULL THEN
    CREATE ROLE credit_owner NOLOGIN;
  END IF;
  IF to_regnamespace('credit_register') IS NULL THEN
    CREATE SCHEMA credit_register AUTHORIZATION credit_owner;
  END IF;
  IF to_regclass('credit_register.audit_event') IS NULL THEN
    CREATE TABLE credit_register.audit_event (
      node bigint NOT NULL, xid bigint NOT NULL, n int NOT NULL, changes int NOT NULL, at timestamptz NOT NULL,
      operation text COLLATE "C" NOT NULL, session_role text COLLATE "C", role text COLLATE "C",
      person text COLLATE "C", duty text COLLATE "C", client text COLLATE "C", relation text COLLATE "C" NOT NULL,
      layout uuid NOT NULL, subject text COLLATE "C", image bytea NOT NULL, hash bytea NOT NULL,
      PRIMARY KEY (node, xid, n, at)
    ) PARTITION BY RANGE (at);
    COMMENT ON TABLE credit_register.audit_event IS 'What one statement did to one table: packed changes and their SHA-256';
    ALTER TABLE credit_register.audit_event ALTER COLUMN image SET STORAGE EXTERNAL;
    PERFORM credit.audit_protect('credit_register.audit_event');
    CREATE TABLE credit_register.audit_event_default PARTITION OF credit_register.audit_event DEFAULT
      WITH (toast_tuple_target = 8160);
    PERFORM credit.audit_protect('credit_register.audit_event_default');
    CREATE TABLE credit_register.audit_layout (
      id uuid NOT NULL, relation text COLLATE "C" NOT NULL, names text[] NOT NULL, types text[] NOT NULL,
      flags text COLLATE "C" NOT NULL
    ) USING heap;
    COMMENT ON TABLE credit_register.audit_layout IS
      'Columns an audited table had: p bytes, t text, s secret; capital if part of the key. Named by its own hash';
    CREATE INDEX audit_layout_id ON credit_register.audit_layout (id);
    PERFORM credit.audit_protect('credit_register.audit_layout');
    CREATE TABLE credit_register.audit_seal (
      number bigint PRIMARY KEY, kind text COLLATE "C" NOT NULL CHECK (kind IN ('events', 'retired')),
      node bigint NOT NULL, timeline int NOT NULL, from_xid bigint NOT NULL, before_xid bigint NOT NULL,
      month timestamptz NOT NULL, at timestamptz NOT NULL, events bigint NOT NULL, changes bigint NOT NULL,
      root bytea NOT NULL, previous bytea NOT NULL UNIQUE, hash bytea NOT NULL
    ) WITH (parallel_workers = 8);
    COMMENT ON TABLE credit_register.audit_seal IS
      'The chain: a Merkle root over the events of a node and month, and the hash of the seal before';
    PERFORM credit.audit_protect('credit_register.audit_seal');
    PERFORM credit.audit_months();
  END IF;
  IF to_regrole('credit_auditor') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA credit_register TO credit_auditor;
    GRANT EXECUTE ON FUNCTION credit.verify_audit(text, bigint, bigint), credit.checkpoint(bigint),
      credit.seal_audit(), credit.audit_changes(regclass, timestamptz, timestamptz, text) TO credit_auditor;
  END IF;
  -- The register's own tables; what identifies a person is never in an image.
  FOR r IN
    SELECT c.oid::regclass AS relation,
           (SELECT a.attname FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attname = 'subject' AND NOT a.attisdropped) AS subject,
           CASE WHEN c.relname = 'identity' THEN
             ARRAY(SELECT a.attname FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'subject')
           WHEN c.relname = 'batch_row' THEN '{raw}'
           ELSE '{}'::name[] END AS secret
      FROM pg_class c
     WHERE c.relnamespace = to_regnamespace('credit_register') AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND c.relname NOT LIKE 'audit\_%'
       AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'credit_audit_row')
  LOOP
    PERFORM credit.audit_table(r.relation, r.subject, r.secret);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.create_register_audit() IS
  'Makes the audit''s tables where they are missing, and audits the register''s tables; a step of create_register()';
REVOKE ALL ON FUNCTION credit.create_register_audit() FROM PUBLIC;

-- Auditing a table -----------------------------------------------------------------

-- Not current_user: who asks is a definer function.
CREATE FUNCTION credit.acting_role() RETURNS name
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN CASE pg_catalog.current_setting('role') WHEN 'none' THEN session_user ELSE pg_catalog.current_setting('role')::name END;
COMMENT ON FUNCTION credit.acting_role() IS 'Whose rights the caller of a definer function has: the login''s, or those of the role it set';
REVOKE ALL ON FUNCTION credit.acting_role() FROM PUBLIC;

CREATE FUNCTION credit.audit_owner_check(relation regclass, auditor bool) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  caller name := credit.acting_role();
BEGIN
  IF pg_has_role(caller, (SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE')
     OR auditor AND to_regrole('credit_auditor') IS NOT NULL AND pg_has_role(caller, 'credit_auditor', 'USAGE') THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'must be owner of table %', relation USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION credit.audit_owner_check(regclass, bool) IS
  'Raises unless the caller of a definer function owns the table, or is an auditor where that will do';
REVOKE ALL ON FUNCTION credit.audit_owner_check(regclass, bool) FROM PUBLIC;

CREATE FUNCTION credit.audit_name(relation regclass) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT coalesce(
      (SELECT convert_from(substring(t.tgargs FROM 1 FOR position('\x00'::bytea IN t.tgargs) - 1), getdatabaseencoding())
         FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'credit_audit_row'),
      (SELECT format('%I.%I', n.nspname, c.relname)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation))
  $$;
COMMENT ON FUNCTION credit.audit_name(regclass) IS
  'The name a table has in the audit: the one it had when auditing began';
REVOKE ALL ON FUNCTION credit.audit_name(regclass) FROM PUBLIC;

CREATE FUNCTION credit.audit_table(relation regclass, subject_column name DEFAULT NULL,
    secret_columns name[] DEFAULT '{}') RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  c pg_class;
  label text;
  arguments text;
  missing name;
  part regclass;
BEGIN
  PERFORM credit.audit_owner_check(relation, false);
  SELECT * INTO c FROM pg_class WHERE oid = relation;
  IF c.relkind NOT IN ('r', 'p') OR c.relpersistence = 't' OR c.relnamespace = 'pg_catalog'::regnamespace
     OR c.relnamespace = to_regnamespace('credit_register') AND c.relname LIKE 'audit\_%' THEN
    RAISE EXCEPTION 'cannot audit %', relation USING ERRCODE = 'wrong_object_type',
      HINT = 'Ordinary and partitioned tables can be audited, but not temporary ones and not the audit itself.';
  END IF;
  SELECT w INTO missing FROM unnest(secret_columns || subject_column) w
   WHERE w IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
     WHERE a.attrelid = relation AND a.attname = w AND a.attnum > 0 AND NOT a.attisdropped);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'column % of table % does not exist', quote_ident(missing), relation USING ERRCODE = 'undefined_column',
      HINT = 'Name columns of the table as they are spelt there.';
  END IF;
  label := credit.audit_name(relation);
  SELECT string_agg(quote_literal(w), ', ' ORDER BY i) INTO arguments
    FROM unnest(ARRAY[label, coalesce(subject_column, '')::text] || secret_columns::text[]) WITH ORDINALITY u(w, i);
  IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'credit_audit_row') THEN
    EXECUTE format('DROP TRIGGER credit_audit_row ON %s', relation);
  END IF;
  EXECUTE format('CREATE TRIGGER credit_audit_row AFTER INSERT OR UPDATE OR DELETE ON %s
    FOR EACH ROW EXECUTE FUNCTION credit.audit_change(%s)', relation, arguments);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER credit_audit_row', relation);
  -- Partitions get row triggers by themselves, but may be truncated one by one.
  FOR part IN SELECT relation UNION SELECT t.relid FROM pg_partition_tree(relation) t
                JOIN pg_class p ON p.oid = t.relid AND p.relkind IN ('r', 'p') LOOP
    IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part AND t.tgname = 'credit_audit_truncate') THEN
      EXECUTE format('DROP TRIGGER credit_audit_truncate ON %s', part);
    END IF;
    EXECUTE format('CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON %s
      FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change(%s)', part, arguments);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER credit_audit_truncate', part);
  END LOOP;
  PERFORM credit.audit_mark(label, 'A');
END
$$;
COMMENT ON FUNCTION credit.audit_table(regclass, name, name[]) IS
  'Audits every change of a table of the caller''s own; definer, as nobody else may use the trigger function';
REVOKE ALL ON FUNCTION credit.audit_table(regclass, name, name[]) FROM PUBLIC;

CREATE FUNCTION credit.renew_audit(relation regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  arguments text[];
BEGIN
  -- Each argument of a trigger ends with a zero byte, which no text can hold.
  SELECT string_to_array(encode(t.tgargs, 'escape'), '\000') INTO arguments
    FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'credit_audit_row';
  IF arguments IS NULL THEN
    RAISE EXCEPTION 'table % is not audited', relation USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT array_agg(convert_from(decode(w, 'escape'), getdatabaseencoding()) ORDER BY i) INTO arguments
    FROM unnest(arguments) WITH ORDINALITY u(w, i) WHERE i < cardinality(arguments);
  PERFORM credit.audit_table(relation, nullif(arguments[2], ''), coalesce(arguments[3:], '{}')::name[]);
END
$$;
COMMENT ON FUNCTION credit.renew_audit(regclass) IS
  'Audits a table again as it was audited, so that partitions attached since then have all triggers';
REVOKE ALL ON FUNCTION credit.renew_audit(regclass) FROM PUBLIC;

CREATE FUNCTION credit.unaudit_table(relation regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  part regclass;
BEGIN
  PERFORM credit.audit_owner_check(relation, false);
  PERFORM FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'credit_audit_row';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'table % is not audited', relation USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  PERFORM credit.audit_mark(credit.audit_name(relation), 'Z');
  EXECUTE format('DROP TRIGGER credit_audit_row ON %s', relation);
  FOR part IN SELECT t.tgrelid FROM pg_trigger t
               WHERE t.tgname = 'credit_audit_truncate'
                 AND (t.tgrelid = relation OR t.tgrelid IN (SELECT p.relid FROM pg_partition_tree(relation) p)) LOOP
    EXECUTE format('DROP TRIGGER credit_audit_truncate ON %s', part);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.unaudit_table(regclass) IS
  'Ends the audit of a table of the caller''s own, and leaves an event that says so; definer, to write that event';
REVOKE ALL ON FUNCTION credit.unaudit_table(regclass) FROM PUBLIC;

CREATE FUNCTION credit.audit_changes(relation regclass, since timestamptz DEFAULT '-infinity',
    until timestamptz DEFAULT 'infinity', subject text DEFAULT NULL)
  RETURNS TABLE (at timestamptz, xid bigint, n int, item int, session_role text, role text, person text, duty text,
    application text, client text, operation text, row_key text, column_name text, old_value text, new_value text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET DateStyle = 'ISO, YMD'
  SET IntervalStyle = 'iso_8601'
  SET TimeZone = 'Asia/Shanghai'
  SET bytea_output = 'hex'
  SET extra_float_digits = 1
  AS $$
#variable_conflict use_column
BEGIN
  PERFORM credit.audit_owner_check(relation, true);
  RETURN QUERY
    SELECT e.at, e.xid, e.n, d.item, e.session_role, e.role, e.person, e.duty,
           CASE WHEN e.person <> e.session_role THEN e.session_role END, e.client,
           d.operation, d.row_key, d.column_name, d.old_value, d.new_value
      FROM credit_register.audit_event e
      LEFT JOIN LATERAL (SELECT l.names, l.types, l.flags FROM credit_register.audit_layout l
                          WHERE l.id = e.layout LIMIT 1) l ON true
      CROSS JOIN LATERAL credit.audit_decode(e.relation, e.layout, coalesce(l.names, '{}'), coalesce(l.types, '{}'),
        coalesce(l.flags, ''), e.image) WITH ORDINALITY d
     WHERE e.relation = credit.audit_name(audit_changes.relation)
       AND e.at >= since AND e.at < until
       AND (audit_changes.subject IS NULL OR d.subject = audit_changes.subject OR d.former_subject = audit_changes.subject)
       -- An event about one other subject need not be decoded.
       AND (audit_changes.subject IS NULL OR e.subject IS NULL OR e.subject = audit_changes.subject)
     ORDER BY e.at, e.node, e.xid, e.n, d.ordinality;
END
$$;
COMMENT ON FUNCTION credit.audit_changes(regclass, timestamptz, timestamptz, text) IS
  'Who changed what in a table, from what to what; for its owner and for auditors. Definer, as the events are nobody''s';
REVOKE ALL ON FUNCTION credit.audit_changes(regclass, timestamptz, timestamptz, text) FROM PUBLIC;
