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

-- Seals -----------------------------------------------------------------------------

CREATE FUNCTION credit.audit_add_seal(kind text, node bigint, from_xid bigint, before_xid bigint, month timestamptz,
    events bigint, changes bigint, root bytea) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_variable
DECLARE
  number bigint;
  previous bytea;
  at timestamptz := clock_timestamp();
BEGIN
  SELECT s.number + 1, s.hash INTO number, previous FROM credit_register.audit_seal s ORDER BY s.number DESC LIMIT 1;
  number := coalesce(number, 1);
  previous := coalesce(previous, '\x');
  INSERT INTO credit_register.audit_seal
  VALUES (number, kind, node, credit.audit_timeline(), from_xid, before_xid, month, at, events, changes, root, previous,
    credit.audit_seal_hash(number, kind, node, credit.audit_timeline(), from_xid, before_xid, month, at, events,
      changes, root, previous));
  RETURN number;
END
$$;
COMMENT ON FUNCTION credit.audit_add_seal(text, bigint, bigint, bigint, timestamptz, bigint, bigint, bytea) IS
  'Adds a link to the chain; the caller holds the lock on audit_seal';
REVOKE ALL ON FUNCTION credit.audit_add_seal(text, bigint, bigint, bigint, timestamptz, bigint, bigint, bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_nodes() RETURNS SETOF bigint
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
    WITH RECURSIVE w(node) AS (
      (SELECT e.node FROM credit_register.audit_event e ORDER BY e.node LIMIT 1)
      UNION ALL
      SELECT (SELECT e.node FROM credit_register.audit_event e WHERE e.node > w.node ORDER BY e.node LIMIT 1)
        FROM w WHERE w.node IS NOT NULL)
    SELECT node FROM w WHERE node IS NOT NULL
  $$;
COMMENT ON FUNCTION credit.audit_nodes() IS
  'Nodes that have events: this one, and those that a dump came from';
REVOKE ALL ON FUNCTION credit.audit_nodes() FROM PUBLIC;

CREATE FUNCTION credit.seal_audit() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'Asia/Shanghai'
  AS $$
DECLARE
  horizon bigint;
  this_node bigint;
  first bigint;
  before bigint;
  month_start timestamptz;
  found record;
  sealed bigint := 0;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'sealing needs READ COMMITTED' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'An older snapshot does not see the newest seal.';
  END IF;
  -- One sealer at a time; who writes events or reads seals does not wait for it.
  LOCK TABLE credit_register.audit_seal IN EXCLUSIVE MODE;
  -- All transactions before this number have ended, so their events are final;
  -- the statements below have later snapshots and see all of them.
  horizon := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
  FOR this_node IN SELECT * FROM credit.audit_nodes() LOOP
    SELECT coalesce(max(s.before_xid), 0) INTO first
      FROM credit_register.audit_seal s WHERE s.node = this_node AND s.kind = 'events';
    -- A node that a dump came from adds nothing here any more.
    IF this_node = credit.audit_node() THEN
      before := horizon;
    ELSE
      SELECT coalesce(max(e.xid), 0) + 1 INTO before FROM credit_register.audit_event e WHERE e.node = this_node;
    END IF;
    FOR month_start IN
      SELECT DISTINCT credit.audit_month(e.at) FROM credit_register.audit_event e
       WHERE e.node = this_node AND e.xid >= first AND e.xid < before ORDER BY 1
    LOOP
      SELECT * INTO found FROM credit.audit_root(this_node, first, before, month_start, month_start + interval '1 month');
      PERFORM credit.audit_add_seal('events', this_node, first, before, month_start, found.events, found.changes, found.root);
      sealed := sealed + found.events;
    END LOOP;
  END LOOP;
  RETURN sealed;
END
$$;
COMMENT ON FUNCTION credit.seal_audit() IS
  'Seals the events of all transactions that have ended, and returns their number; definer, as nobody may write seals';
REVOKE ALL ON FUNCTION credit.seal_audit() FROM PUBLIC;

-- Checking ----------------------------------------------------------------------------

CREATE FUNCTION credit.audit_tree(hashes bytea[]) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_tree(bytea[]) IS
  'Root of the tree (RFC 6962) over the hashes of seals';
REVOKE ALL ON FUNCTION credit.audit_tree(bytea[]) FROM PUBLIC;

CREATE FUNCTION credit.audit_proof(hashes bytea[], first int) RETURNS bytea[]
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_proof(bytea[], int) IS
  'Consistency proof (RFC 6962) that the tree over all hashes goes on from that over the first ones';
REVOKE ALL ON FUNCTION credit.audit_proof(bytea[], int) FROM PUBLIC;

CREATE FUNCTION credit.audit_proves(first bigint, second bigint, first_root bytea, second_root bytea, proof bytea[])
  RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_proves(bigint, bigint, bytea, bytea, bytea[]) IS
  'Whether a consistency proof leads to both roots; reads no table';

CREATE FUNCTION credit.audit_sign(digest bytea, OUT key int, OUT signature bytea)
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.audit_sign(bytea) IS
  'HMAC-SHA-256 under the current key of audit in the key file, and its version; NULL without one';
REVOKE ALL ON FUNCTION credit.audit_sign(bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_signed(digest bytea, key int, signature bytea) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.audit_signed(bytea, int, bytea) IS
  'Whether this is the signature under that version of the key of audit; NULL if the key file has no such key';
REVOKE ALL ON FUNCTION credit.audit_signed(bytea, int, bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_checkpoint_digest(checkpoint json) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN credit.audit_link(ARRAY['credit audit checkpoint 1', checkpoint OPERATOR(pg_catalog.->>) 'seal',
    checkpoint OPERATOR(pg_catalog.->>) 'hash', checkpoint OPERATOR(pg_catalog.->>) 'tree',
    checkpoint OPERATOR(pg_catalog.->>) 'timeline', checkpoint OPERATOR(pg_catalog.->>) 'node',
    checkpoint OPERATOR(pg_catalog.->>) 'sealed_at', checkpoint OPERATOR(pg_catalog.->>) 'events']);
COMMENT ON FUNCTION credit.audit_checkpoint_digest(json) IS
  'What of a checkpoint is signed: all but the proof, which proves itself';
REVOKE ALL ON FUNCTION credit.audit_checkpoint_digest(json) FROM PUBLIC;

CREATE FUNCTION credit.checkpoint(earlier bigint DEFAULT NULL) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  s credit_register.audit_seal;
  hashes bytea[];
  head jsonb;
  signed record;
BEGIN
  SELECT * INTO s FROM credit_register.audit_seal ORDER BY number DESC LIMIT 1;
  IF s.number IS NULL THEN
    RAISE EXCEPTION 'nothing is sealed yet' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Call credit.seal_audit() first, in a transaction of its own.';
  END IF;
  IF earlier NOT BETWEEN 1 AND s.number THEN
    RAISE EXCEPTION 'there is no seal %', earlier USING ERRCODE = 'invalid_parameter_value';
  END IF;
  hashes := ARRAY(SELECT t.hash FROM credit_register.audit_seal t ORDER BY t.number);
  head := jsonb_build_object('credit_checkpoint', 1, 'seal', s.number, 'hash', encode(s.hash, 'hex'),
    'tree', encode(credit.audit_tree(hashes), 'hex'), 'timeline', s.timeline, 'node', s.node::text,
    'sealed_at', extract(epoch FROM s.at)::text,
    'events', (SELECT sum(t.events) FROM credit_register.audit_seal t WHERE t.kind = 'events'));
  SELECT * INTO signed FROM credit.audit_sign(credit.audit_checkpoint_digest(head::json));
  head := head || jsonb_build_object('signed', signed.key IS NOT NULL, 'key', signed.key, 'signature', encode(signed.signature, 'hex'));
  IF earlier IS NOT NULL THEN
    head := head || jsonb_build_object('after', earlier, 'proof',
      (SELECT coalesce(jsonb_agg(encode(p.hash, 'hex') ORDER BY p.i), '[]')
         FROM unnest(credit.audit_proof(hashes, earlier::int)) WITH ORDINALITY p(hash, i)));
  END IF;
  RETURN head::text;
END
$$;
COMMENT ON FUNCTION credit.checkpoint(bigint) IS
  'The head of the chain, signed if the key file has a key of audit, to be kept elsewhere; with the proof that it goes on from an earlier seal. Definer, reads the seals';
REVOKE ALL ON FUNCTION credit.checkpoint(bigint) FROM PUBLIC;

-- Its exception block is a subtransaction, which parallel workers cannot have.
CREATE FUNCTION credit.check_checkpoint(checkpoint text, earlier text) RETURNS bool
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  head json;
  before json;
  seals bigint[];
  trees bytea[];
  proof bytea[];
BEGIN
  BEGIN
    head := checkpoint::json;
    before := earlier::json;
    seals := ARRAY[before ->> 'seal', head ->> 'seal']::bigint[];
    trees := ARRAY[decode(before ->> 'tree', 'hex'), decode(head ->> 'tree', 'hex')];
    IF json_typeof(head -> 'proof') = 'array' THEN
      proof := ARRAY(SELECT decode(p.hash, 'hex') FROM json_array_elements_text(head -> 'proof') WITH ORDINALITY p(hash, i) ORDER BY p.i);
    END IF;
  EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'this is no checkpoint' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give what credit.checkpoint() gave.';
  END;
  IF proof IS NULL OR (head ->> 'after') IS DISTINCT FROM (before ->> 'seal') THEN
    RAISE EXCEPTION 'the checkpoint has no proof for the earlier one' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Make it with credit.checkpoint(number of the earlier one''s seal).';
  END IF;
  RETURN coalesce(credit.audit_proves(seals[1], seals[2], trees[1], trees[2], proof), false);
END
$$;
COMMENT ON FUNCTION credit.check_checkpoint(text, text) IS
  'Whether a checkpoint with proof goes on from an earlier checkpoint; needs neither register nor key';

CREATE FUNCTION credit.audit_check_seals(since bigint, until bigint)
  RETURNS TABLE (number bigint, sealed bigint, changes bigint, root bytea, found credit.audit_found)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  months timestamptz[];
  numbers bigint[];
BEGIN
  SELECT array_agg(r.month), array_agg(r.number) INTO months, numbers FROM credit_register.audit_seal r WHERE r.kind = 'retired';
  -- Each seal reads its own events, so workers share them out.  In the list, not
  -- behind FROM: there the planner counts the cost of the function once.
  RETURN QUERY
    SELECT s.number, s.events, s.changes, s.root,
           credit.audit_root(s.node, s.from_xid, s.before_xid, s.month, credit.audit_next_month(s.month))
      FROM credit_register.audit_seal s
     WHERE s.kind = 'events' AND s.number > since AND s.number <= until
       AND NOT EXISTS (SELECT FROM unnest(months, numbers) r(month, number) WHERE r.month = s.month AND r.number > s.number);
END
$$;
COMMENT ON FUNCTION credit.audit_check_seals(bigint, bigint) IS
  'What the events under each seal are found to be, in any order; runs in parallel';
REVOKE ALL ON FUNCTION credit.audit_check_seals(bigint, bigint) FROM PUBLIC;

CREATE FUNCTION credit.audit_outside(since bigint, until bigint) RETURNS TABLE (xid bigint, n int)
  LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
  SET search_path = pg_catalog, pg_temp
  AS $$
    WITH s AS (
      SELECT x.node, x.month, x.from_xid, x.before_xid,
             min(x.from_xid) FILTER (WHERE x.number > since) OVER w AS first, max(x.before_xid) OVER w AS horizon,
             coalesce(r.number > x.number, false) AS retired
        FROM credit_register.audit_seal x
        LEFT JOIN (SELECT y.month, max(y.number) AS number FROM credit_register.audit_seal y WHERE y.kind = 'retired' GROUP BY 1) r
          ON r.month = x.month
       WHERE x.kind = 'events' AND x.number <= until WINDOW w AS (PARTITION BY x.node)),
    month AS (SELECT s.node, s.month, s.first, s.horizon, max(s.before_xid) AS last FROM s WHERE NOT s.retired GROUP BY 1, 2, 3, 4),
    -- Transactions of a month between its seals, and after the last; then times between the sealed months.
    gap AS (
      SELECT s.node, coalesce(lag(s.before_xid) OVER w, s.first) AS from_xid, s.from_xid AS before_xid,
             s.month AS from_time, credit.audit_next_month(s.month) - interval '1 microsecond' AS to_time, s.first
        FROM s WHERE NOT s.retired WINDOW w AS (PARTITION BY s.node, s.month ORDER BY s.from_xid)
      UNION ALL
      SELECT m.node, m.last, m.horizon, m.month, credit.audit_next_month(m.month) - interval '1 microsecond', m.first FROM month m
      UNION ALL
      SELECT m.node, m.first, m.horizon,
             coalesce(credit.audit_next_month(lag(m.month) OVER (PARTITION BY m.node ORDER BY m.month)), '-infinity'),
             m.month - interval '1 microsecond', m.first
        FROM month m
      UNION ALL
      SELECT s.node, s.first, s.horizon, coalesce(credit.audit_next_month(max(s.month) FILTER (WHERE NOT s.retired)), '-infinity'),
             'infinity', s.first
        FROM s GROUP BY s.node, s.first, s.horizon)
    SELECT e.xid, e.n
      FROM gap g
     CROSS JOIN LATERAL (SELECT e.xid, e.n FROM credit_register.audit_event e
                          WHERE e.node = g.node AND e.xid >= greatest(g.from_xid, g.first) AND e.xid < g.before_xid
                            AND e.at >= g.from_time AND e.at <= g.to_time LIMIT 100) e
     WHERE g.first IS NOT NULL AND greatest(g.from_xid, g.first) < g.before_xid AND g.from_time <= g.to_time
     LIMIT 100
  $$;
COMMENT ON FUNCTION credit.audit_outside(bigint, bigint) IS
  'Events of sealed transactions that no seal has: what lies between the seals must be empty';
REVOKE ALL ON FUNCTION credit.audit_outside(bigint, bigint) FROM PUBLIC;

CREATE FUNCTION credit.audit_check_chain(checkpoint json) RETURNS TABLE (finding text, seal bigint, detail text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  s record;
  expected bytea := '\x';
  next_number bigint := 1;
  anchor bigint := (checkpoint ->> 'seal')::bigint;
BEGIN
  FOR s IN SELECT x.number, x.previous, x.hash, x.timeline,
                  x.hash = credit.audit_seal_hash(x.number, x.kind, x.node, x.timeline, x.from_xid, x.before_xid, x.month, x.at,
                    x.events, x.changes, x.root, x.previous) AS good
             FROM credit_register.audit_seal x ORDER BY x.number LOOP
    seal := s.number;
    IF s.number > next_number THEN
      finding := 'seal missing';
      detail := format('seals %s to %s', next_number, s.number - 1);
      RETURN NEXT;
    ELSIF s.previous <> expected THEN
      finding := 'chain broken';
      detail := format('seal %s does not follow from the one before it', s.number);
      RETURN NEXT;
    END IF;
    IF NOT s.good THEN
      finding := 'seal changed';
      detail := 'it does not have its hash';
      RETURN NEXT;
    END IF;
    expected := s.hash;
    next_number := s.number + 1;
    IF s.number = anchor AND (encode(s.hash, 'hex') IS DISTINCT FROM checkpoint ->> 'hash'
        OR encode(credit.audit_tree(ARRAY(SELECT x.hash FROM credit_register.audit_seal x WHERE x.number <= anchor ORDER BY x.number)),
             'hex') IS DISTINCT FROM checkpoint ->> 'tree') THEN
      finding := 'not the history of the checkpoint';
      detail := format('timeline %s here, %s in the checkpoint: the chain was written anew, or two servers went on from one state',
        s.timeline, checkpoint ->> 'timeline');
      RETURN NEXT;
    END IF;
  END LOOP;
  IF anchor >= next_number THEN
    finding := 'log ends before the checkpoint';
    seal := anchor;
    detail := format('the last seal here is %s', next_number - 1);
    RETURN NEXT;
  END IF;
END
$$;
COMMENT ON FUNCTION credit.audit_check_chain(json) IS
  'Findings in the chain of seals, alone and against a checkpoint';
REVOKE ALL ON FUNCTION credit.audit_check_chain(json) FROM PUBLIC;

CREATE FUNCTION credit.audit_check_signature(checkpoint json) RETURNS text
  LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF checkpoint ->> 'signature' IS NULL THEN
    -- Where signing is possible, a signature that was taken away must not pass.
    RETURN CASE WHEN (SELECT s.key FROM credit.audit_sign('\x') s) IS NOT NULL THEN 'checkpoint not signed' END;
  END IF;
  RETURN CASE credit.audit_signed(credit.audit_checkpoint_digest(checkpoint), (checkpoint ->> 'key')::int,
      decode(checkpoint ->> 'signature', 'hex'))
    WHEN true THEN NULL WHEN false THEN 'checkpoint forged' ELSE 'signature not checked' END;
END
$$;
COMMENT ON FUNCTION credit.audit_check_signature(json) IS
  'What is wrong with the signature of a checkpoint, or NULL; none is asked for where there is no key of audit';
REVOKE ALL ON FUNCTION credit.audit_check_signature(json) FROM PUBLIC;

CREATE FUNCTION credit.verify_audit(checkpoint text DEFAULT NULL, since bigint DEFAULT 0, until bigint DEFAULT NULL)
  RETURNS TABLE (ok bool, finding text, seal bigint, event text, detail text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER ROWS 10
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_variable
DECLARE
  found record;
  last_number bigint := coalesce(until, (SELECT max(x.number) FROM credit_register.audit_seal x), 0);
  anchor json;
  checked bigint := 0;
  findings bigint := 0;
  events bigint;
  changed bigint;
  name text;
BEGIN
  BEGIN
    anchor := checkpoint::json;
  EXCEPTION WHEN invalid_text_representation THEN
    RAISE EXCEPTION 'this is no checkpoint' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give what credit.checkpoint() gave.';
  END;
  ok := false;
  FOR found IN
    SELECT f.finding, (anchor ->> 'seal')::bigint AS seal,
           'what it says cannot be trusted; the key file has its key if it was made here' AS detail
      FROM credit.audit_check_signature(anchor) f(finding) WHERE f.finding IS NOT NULL
    UNION ALL
    SELECT * FROM credit.audit_check_chain(anchor)
  LOOP
    finding := found.finding;
    seal := found.seal;
    detail := found.detail;
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  FOR found IN SELECT * FROM credit.audit_check_seals(since, last_number) c ORDER BY c.number LOOP
    events := (found.found).events;
    changed := (found.found).changed;
    checked := checked + events;
    CONTINUE WHEN (found.found).root = found.root AND (found.found).changes = found.changes AND changed = 0;
    findings := findings + 1;
    seal := found.number;
    FOREACH name IN ARRAY coalesce((found.found).shown, '{}') LOOP
      finding := 'event changed';
      event := name;
      detail := 'it does not have its hash';
      RETURN NEXT;
    END LOOP;
    event := NULL;
    IF events <> found.sealed OR changed = 0 THEN
      finding := CASE WHEN events < found.sealed THEN 'events missing' WHEN events > found.sealed THEN 'events inserted'
                 ELSE 'events replaced' END;
      detail := format('%s events sealed, %s found', found.sealed, events);
      RETURN NEXT;
    END IF;
  END LOOP;
  FOR found IN SELECT * FROM credit.audit_outside(since, last_number) LOOP
    finding := 'event outside the seals';
    seal := NULL;
    event := format('%s:%s', found.xid, found.n);
    detail := 'its transaction was sealed without it';
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  event := NULL;
  FOR found IN SELECT l.relation FROM credit_register.audit_layout l
                WHERE l.id <> credit.audit_layout_id(l.relation, l.names, l.types, l.flags) LOOP
    finding := 'layout changed';
    seal := NULL;
    detail := format('events of %s cannot be read by it', found.relation);
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  ok := findings = 0;
  finding := 'summary';
  seal := last_number;
  detail := format('%s sealed events checked; ', checked) || CASE
    WHEN findings > 0 THEN 'see the findings'
    WHEN anchor IS NULL THEN 'complete up to the last seal, but without a checkpoint kept elsewhere nobody can tell whether the end was cut off or all was written anew'
    WHEN anchor ->> 'signature' IS NULL THEN format('in line with the unsigned checkpoint at seal %s; what is newer rests on the chain alone', anchor ->> 'seal')
    ELSE format('in line with the checkpoint at seal %s, signed with key %s; what is newer rests on the chain alone', anchor ->> 'seal', anchor ->> 'key') END;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION credit.verify_audit(text, bigint, bigint) IS
  'Findings in the audit: changed, missing, inserted, cut off; the last row sums up. Definer, reads events without showing them';
REVOKE ALL ON FUNCTION credit.verify_audit(text, bigint, bigint) FROM PUBLIC;

-- Guarding -------------------------------------------------------------------------------

CREATE FUNCTION credit.guard_audit() RETURNS TABLE (finding text, object text, why text, mend text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  RETURN QUERY
    SELECT 'partition can be emptied without a trace', t.relid::regclass::text,
           'It was attached after auditing began; its rows are recorded, its TRUNCATE is not.',
           format('SELECT credit.renew_audit(%L);', g.tgrelid::regclass)
      FROM pg_trigger g
     CROSS JOIN LATERAL pg_partition_tree(g.tgrelid) t
      JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p')
     WHERE g.tgname = 'credit_audit_row' AND g.tgparentid = 0
       AND NOT EXISTS (SELECT FROM pg_trigger x WHERE x.tgrelid = t.relid AND x.tgname = 'credit_audit_truncate');
  IF to_regclass('credit_register.audit_event') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT 'events without a seal', format('%s', min(e.at)), 'Until they are sealed, events can be changed without being found.',
           'SELECT credit.seal_audit();'
      FROM credit_register.audit_event e
     WHERE e.node = credit.audit_node() AND e.at < statement_timestamp() - interval '1 hour'
       AND e.xid >= coalesce((SELECT max(s.before_xid) FROM credit_register.audit_seal s
                               WHERE s.kind = 'events' AND s.node = credit.audit_node()), 0)
    HAVING count(*) > 0;
  RETURN QUERY
    SELECT 'no partition of the audit for next month', 'credit_register.audit_event', 'Its events would lie in the default partition and stay there.',
           'SELECT credit.audit_months();'
     WHERE to_regclass('credit_register.audit_event_' || to_char(timezone('Asia/Shanghai', statement_timestamp()) + interval '1 month', 'YYYYMM')) IS NULL;
END
$$;
COMMENT ON FUNCTION credit.guard_audit() IS 'Findings of guard_report() about the audit';
REVOKE ALL ON FUNCTION credit.guard_audit() FROM PUBLIC;

-- Retention ------------------------------------------------------------------------------

CREATE FUNCTION credit.audit_minimum(law text) RETURNS interval
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE WHEN law OPERATOR(pg_catalog.=) 'cybersecurity' THEN '6 months'::pg_catalog.interval
              WHEN law OPERATOR(pg_catalog.=) 'pipl' THEN '3 years'::pg_catalog.interval
              WHEN law OPERATOR(pg_catalog.=) 'shenzhen' THEN '5 years'::pg_catalog.interval END;
COMMENT ON FUNCTION credit.audit_minimum(text) IS
  'How long a law wants logs kept: cybersecurity (6 months), pipl (3 years), shenzhen (5 years); NULL for another word';

CREATE FUNCTION credit.retain_audit(keep interval, law text DEFAULT 'pipl') RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'Asia/Shanghai'
  AS $$
DECLARE
  part record;
  sealed record;
  minimum interval := credit.audit_minimum(law);
  removed int := 0;
BEGIN
  IF minimum IS NULL THEN
    RAISE EXCEPTION 'unknown law' USING ERRCODE = 'invalid_parameter_value', HINT = 'Say cybersecurity, pipl or shenzhen.';
  END IF;
  IF keep IS NULL OR statement_timestamp() - keep > statement_timestamp() - minimum THEN
    RAISE EXCEPTION 'the audit must be kept for at least %', minimum USING ERRCODE = 'invalid_parameter_value';
  END IF;
  LOCK TABLE credit_register.audit_seal IN EXCLUSIVE MODE;
  FOR part IN
    SELECT c.relname, c.oid::regclass AS relation, to_timestamp(right(c.relname, 6), 'YYYYMM') AS month
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'credit_register.audit_event'::regclass AND c.relname ~ '^audit_event_[0-9]{6}$'
       AND to_timestamp(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= statement_timestamp() - keep
     ORDER BY c.relname
  LOOP
    EXECUTE format('LOCK TABLE %s IN SHARE MODE', part.relation);
    SELECT count(*) AS seals, coalesce(sum(s.events), 0)::bigint AS events, coalesce(sum(s.changes), 0)::bigint AS changes,
           credit.audit_link(coalesce(array_agg(encode(s.hash, 'hex') ORDER BY s.number), '{}')) AS root
      INTO sealed FROM credit_register.audit_seal s WHERE s.kind = 'events' AND s.month = part.month;
    -- The number of all, so that none is outside the seals; and each seal's root.
    IF (SELECT count(*) FROM credit_register.audit_event e WHERE e.at >= part.month AND e.at < part.month + interval '1 month')
       <> sealed.events
       OR EXISTS (SELECT FROM credit_register.audit_seal s
                   WHERE s.kind = 'events' AND s.month = part.month
                     AND (credit.audit_root(s.node, s.from_xid, s.before_xid, s.month, s.month + interval '1 month')).root <> s.root) THEN
      RAISE NOTICE '% is kept: its events are not those that were sealed', part.relname
        USING HINT = 'Call credit.seal_audit(), then credit.verify_audit().';
      CONTINUE;
    END IF;
    PERFORM credit.audit_add_seal('retired', credit.audit_node(), 0, 0, part.month, sealed.events, sealed.changes, sealed.root);
    EXECUTE format('DROP TABLE %s', part.relation);
    removed := removed + 1;
  END LOOP;
  RETURN removed;
END
$$;
COMMENT ON FUNCTION credit.retain_audit(interval, text) IS
  'Removes sealed months that are older, never below the law''s minimum; the chain keeps their root. Definer, as the owner is nobody''s role';
REVOKE ALL ON FUNCTION credit.retain_audit(interval, text) FROM PUBLIC;
