-- ---------------------------------------------------------------------------
-- access, protect: the shield of the register before a table of the user's own
-- ---------------------------------------------------------------------------

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
