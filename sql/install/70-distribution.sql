-- ---------------------------------------------------------------------------
-- distribution: would the register's schema move to several nodes unchanged?
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.distribution_layout() RETURNS TABLE (relation oid, kind text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.layout') IS NULL THEN
    RAISE EXCEPTION 'there is no register' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'SELECT credit.create_register();';
  END IF;
  RETURN QUERY SELECT c.oid, l.kind FROM credit_register.layout l
    JOIN pg_class c ON c.relname = l.table_name AND c.relnamespace = 'credit_register'::regnamespace;
END
$$;
COMMENT ON FUNCTION credit.distribution_layout() IS 'Tables of the register by oid, with what credit_register.layout declares them; 55000 without a register';
REVOKE ALL ON FUNCTION credit.distribution_layout() FROM PUBLIC;

CREATE FUNCTION credit.distribution_keys() RETURNS TABLE (rule text, object text, why text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    WITH layout AS MATERIALIZED (SELECT * FROM credit.distribution_layout()),
    spread AS MATERIALIZED (
      SELECT l.relation, a.attnum, a.atttypid, a.attnotnull
        FROM layout l
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) l.relation
              AND a.attname OPERATOR(pg_catalog.=) 'subject'::name AND NOT a.attisdropped
       WHERE l.kind OPERATOR(pg_catalog.=) 'subject')
    SELECT 'table without a layout', c.oid::regclass::text, 'Nobody knows where its rows belong.'
      FROM pg_catalog.pg_class c
     WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace('credit_register')::oid
       AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::"char"[]) AND NOT c.relispartition
       AND NOT EXISTS (SELECT FROM layout l WHERE l.relation OPERATOR(pg_catalog.=) c.oid)
    UNION ALL
    SELECT 'subject table without its subject', s.relation::regclass::text, 'Column subject, of type credit.pseudonym and NOT NULL, says where a row lies.'
      FROM spread s
     WHERE s.attnum IS NULL OR NOT s.attnotnull OR s.atttypid OPERATOR(pg_catalog.<>) 'credit.pseudonym'::regtype::oid
    UNION ALL
    SELECT 'key without the subject', i.indexrelid::regclass::text, 'A node can keep unique only what lies on it.'
      FROM spread s JOIN pg_catalog.pg_index i ON i.indrelid OPERATOR(pg_catalog.=) s.relation
     WHERE (i.indisunique OR i.indisexclusion)
       AND NOT EXISTS (
         SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts OPERATOR(pg_catalog.-) 1) k
          WHERE i.indkey[k] OPERATOR(pg_catalog.=) s.attnum
            AND (NOT i.indisexclusion OR EXISTS (
              SELECT FROM pg_catalog.pg_constraint x
                JOIN pg_catalog.pg_operator o ON o.oid OPERATOR(pg_catalog.=) x.conexclop[k OPERATOR(pg_catalog.+) 1]
               WHERE x.conindid OPERATOR(pg_catalog.=) i.indexrelid AND x.contype OPERATOR(pg_catalog.=) 'x' AND o.oprname OPERATOR(pg_catalog.=) '='::name)))
    UNION ALL
    SELECT 'subject table without a primary key', s.relation::regclass::text, 'Shards that are moved need one.'
      FROM spread s
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) s.relation AND i.indisprimary)
    UNION ALL
    SELECT 'foreign key to another subject', pg_catalog.format('%I on %s', x.conname, x.conrelid::regclass), 'The other row lies elsewhere.'
      FROM pg_catalog.pg_constraint x
      JOIN spread s ON s.relation OPERATOR(pg_catalog.=) x.conrelid
      JOIN spread t ON t.relation OPERATOR(pg_catalog.=) x.confrelid
     WHERE x.contype OPERATOR(pg_catalog.=) 'f'
       AND NOT EXISTS (SELECT FROM pg_catalog.generate_subscripts(x.conkey, 1) k
                        WHERE x.conkey[k] OPERATOR(pg_catalog.=) s.attnum AND x.confkey[k] OPERATOR(pg_catalog.=) t.attnum)
    UNION ALL
    SELECT 'foreign key into a subject table', pg_catalog.format('%I on %s', x.conname, x.conrelid::regclass), 'Its rows lie on many nodes.'
      FROM pg_catalog.pg_constraint x
      JOIN spread t ON t.relation OPERATOR(pg_catalog.=) x.confrelid
     WHERE x.contype OPERATOR(pg_catalog.=) 'f'
       AND NOT EXISTS (SELECT FROM spread s WHERE s.relation OPERATOR(pg_catalog.=) x.conrelid)
    UNION ALL
    SELECT 'foreign key to a node''s table', pg_catalog.format('%I on %s', x.conname, x.conrelid::regclass), 'Other nodes do not have it.'
      FROM pg_catalog.pg_constraint x
      JOIN spread s ON s.relation OPERATOR(pg_catalog.=) x.conrelid
      JOIN layout l ON l.relation OPERATOR(pg_catalog.=) x.confrelid AND l.kind OPERATOR(pg_catalog.=) 'node'
     WHERE x.contype OPERATOR(pg_catalog.=) 'f'
    UNION ALL
    SELECT 'serial narrower than bigint', pg_catalog.format('%I of %s', a.attname, d.refobjid::regclass), 'Other nodes number from 2^48.'
      FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_class s ON s.oid OPERATOR(pg_catalog.=) d.objid AND s.relkind OPERATOR(pg_catalog.=) 'S'
      JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid
      JOIN layout l ON l.relation OPERATOR(pg_catalog.=) d.refobjid
     WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass::oid
       AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}'::"char"[]) AND a.atttypid OPERATOR(pg_catalog.<>) 'pg_catalog.int8'::regtype::oid;
  END;
COMMENT ON FUNCTION credit.distribution_keys() IS 'Findings of distribution_report() about tables and keys';
REVOKE ALL ON FUNCTION credit.distribution_keys() FROM PUBLIC;

CREATE FUNCTION credit.distribution_code() RETURNS TABLE (rule text, object text, why text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  BEGIN ATOMIC
    WITH layout AS MATERIALIZED (SELECT * FROM credit.distribution_layout())
    SELECT 'restrictive policy', pg_catalog.format('%I on %s', p.polname, p.polrelid::regclass), 'Shards get it as permissive, without a word.'
      FROM pg_catalog.pg_policy p JOIN layout l ON l.relation OPERATOR(pg_catalog.=) p.polrelid
     WHERE l.kind OPERATOR(pg_catalog.<>) 'node' AND NOT p.polpermissive
    UNION ALL
    SELECT 'sub-query in a policy', pg_catalog.format('%I on %s', p.polname, p.polrelid::regclass), 'Shards refuse it.'
      FROM pg_catalog.pg_policy p JOIN layout l ON l.relation OPERATOR(pg_catalog.=) p.polrelid
     WHERE l.kind OPERATOR(pg_catalog.<>) 'node'
       AND pg_catalog.concat(p.polqual::text, p.polwithcheck::text) OPERATOR(pg_catalog.~~) '%{SUBLINK%'
    UNION ALL
    SELECT 'policy that may read a table', pg_catalog.format('%I on %s by %s', p.polname, p.polrelid::regclass, f.oid::regprocedure),
           'Nodes lack the table, or refuse. Only C and built-in functions are known not to.'
      FROM pg_catalog.pg_policy p JOIN layout l ON l.relation OPERATOR(pg_catalog.=) p.polrelid
      JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_policy'::regclass::oid AND d.objid OPERATOR(pg_catalog.=) p.oid
       AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass::oid
      JOIN pg_catalog.pg_proc f ON f.oid OPERATOR(pg_catalog.=) d.refobjid
      JOIN pg_catalog.pg_language g ON g.oid OPERATOR(pg_catalog.=) f.prolang
     WHERE l.kind OPERATOR(pg_catalog.<>) 'node' AND g.lanname OPERATOR(pg_catalog.<>) ALL ('{c,internal}'::name[])
    UNION ALL
    -- The audit's own triggers are not named: its page says what becomes of them.
    SELECT 'trigger that is not plain row level', pg_catalog.format('%I on %s', t.tgname, t.tgrelid::regclass), 'Shards know neither statements nor other rows.'
      FROM pg_catalog.pg_trigger t JOIN layout l ON l.relation OPERATOR(pg_catalog.=) t.tgrelid
     WHERE l.kind OPERATOR(pg_catalog.=) 'subject' AND NOT t.tgisinternal
       AND t.tgfoid OPERATOR(pg_catalog.<>) 'credit.audit_change()'::regprocedure::oid
       AND ((t.tgtype OPERATOR(pg_catalog.&) 1::int2) OPERATOR(pg_catalog.=) 0::int2 OR t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL OR t.tgdeferrable)
    UNION ALL
    SELECT 'rewrite rule', pg_catalog.format('%I on %s', w.rulename, w.ev_class::regclass), 'Shards do not have it, without a word.'
      FROM pg_catalog.pg_rewrite w JOIN layout l ON l.relation OPERATOR(pg_catalog.=) w.ev_class
     WHERE w.rulename OPERATOR(pg_catalog.<>) '_RETURN'::name
    UNION ALL
    SELECT 'trigger on a reference table', pg_catalog.format('%I on %s', t.tgname, t.tgrelid::regclass), 'It would fire on each node.'
      FROM pg_catalog.pg_trigger t JOIN layout l ON l.relation OPERATOR(pg_catalog.=) t.tgrelid
     WHERE l.kind OPERATOR(pg_catalog.=) 'reference' AND NOT t.tgisinternal
       AND t.tgfoid OPERATOR(pg_catalog.<>) 'credit.audit_change()'::regprocedure::oid
    UNION ALL
    SELECT 'aggregate that nodes cannot share', a.aggfnoid::regprocedure::text, 'It needs a combine function, a real state type, and its binary form.'
      FROM pg_catalog.pg_aggregate a
      JOIN pg_catalog.pg_depend e ON e.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass::oid
       AND e.objid OPERATOR(pg_catalog.=) a.aggfnoid::oid AND e.deptype OPERATOR(pg_catalog.=) 'e'
      JOIN pg_catalog.pg_extension x ON x.oid OPERATOR(pg_catalog.=) e.refobjid AND x.extname OPERATOR(pg_catalog.=) 'credit'::name
      JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.aggtranstype
     WHERE a.aggkind OPERATOR(pg_catalog.=) 'n'
       AND (a.aggcombinefn::oid OPERATOR(pg_catalog.=) 0::oid OR t.typtype OPERATOR(pg_catalog.=) 'p'
            OR t.typsend::oid OPERATOR(pg_catalog.=) 0::oid OR t.typreceive::oid OPERATOR(pg_catalog.=) 0::oid)
    UNION ALL
    SELECT 'table of the extension', l.relation::regclass::text, 'DROP EXTENSION may leave its shards behind.'
      FROM layout l JOIN pg_catalog.pg_depend e ON e.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass::oid
       AND e.objid OPERATOR(pg_catalog.=) l.relation AND e.deptype OPERATOR(pg_catalog.=) 'e'
    UNION ALL
    SELECT 'owner without CREATE', l.relation::regclass::text, 'Shards cannot be moved.'
      FROM layout l JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) l.relation
     WHERE l.kind OPERATOR(pg_catalog.<>) 'node' AND NOT pg_catalog.has_schema_privilege(c.relowner, c.relnamespace, 'CREATE');
  END;
COMMENT ON FUNCTION credit.distribution_code() IS 'Findings of distribution_report() about policies, triggers, aggregates and owners';
REVOKE ALL ON FUNCTION credit.distribution_code() FROM PUBLIC;

CREATE FUNCTION credit.distribution_report() RETURNS TABLE (rule text, object text, why text)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  BEGIN ATOMIC
    SELECT * FROM credit.distribution_keys()
    UNION ALL SELECT * FROM credit.distribution_code()
    ORDER BY 1, 2;
  END;
COMMENT ON FUNCTION credit.distribution_report() IS
  'Definer, as only the owner reads the layout: what keeps the register''s schema from being spread over nodes by subject; no row is good news';
REVOKE ALL ON FUNCTION credit.distribution_report() FROM PUBLIC;

-- A body with a backslash in a text reads otherwise where its caller has set
-- standard_conforming_strings = off: '\S' would be 'S'.  This is the last piece.
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE p.pronamespace = 'credit'::regnamespace AND l.lanname IN ('sql', 'plpgsql') AND p.prosqlbody IS NULL AND pg_catalog.strpos(p.prosrc, '\') > 0 LOOP
    EXECUTE pg_catalog.format('ALTER ROUTINE %s SET standard_conforming_strings = on', f);
  END LOOP;
END
$$;
