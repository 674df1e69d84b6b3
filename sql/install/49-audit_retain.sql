-- ---------------------------------------------------------------------------
-- audit, how long it is kept, and who watches that it is
-- ---------------------------------------------------------------------------

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
