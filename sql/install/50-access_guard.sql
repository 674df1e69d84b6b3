-- ---------------------------------------------------------------------------
-- access: what weakens the protection
-- ---------------------------------------------------------------------------

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
     WHERE r.rolcanlogin AND r.rolname OPERATOR(pg_catalog.=) ANY (pg_catalog.array_append(credit.duties(), 'credit_owner'))
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
           'No mandate of this register gives it, so nothing ends it: it was granted by hand, or by another register of this server, whose logins it is then.',
           pg_catalog.format('REVOKE %I FROM %s;', r.rolname, m.member::regrole)
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) m.roleid
     WHERE r.rolname OPERATOR(pg_catalog.=) ANY (credit.duties())
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
    SELECT DISTINCT 'mandate of a login that is not there', format('%s for %s', m.duty, coalesce(m.via, m.login)),
           CASE WHEN r.oid IS NULL THEN 'It was dropped or renamed: nobody can enter with the mandate.' ELSE 'Another login has its name now, and cannot enter with the mandate.' END,
           format('SELECT credit.revoke_duty(%L, %L, %L, %L);', m.login, m.duty, 'the login is gone', m.via)
      FROM credit_register.mandate m LEFT JOIN pg_roles r ON r.rolname = coalesce(m.via, m.login)
     WHERE m.ended_at IS NULL AND (r.oid IS NULL OR m.role_number <> r.oid AND m.role_server = (SELECT c.system_identifier FROM pg_control_system() c))
    UNION ALL
    SELECT DISTINCT 'mandate without its duty role', format('%s for %s', m.duty, r.rolname), 'The role was taken away by hand, or by another register of this server.',
           format('GRANT %I TO %I;', m.duty, r.rolname)
      FROM credit_register.mandate m JOIN pg_roles r ON r.rolname = coalesce(m.via, m.login)
     WHERE m.ended_at IS NULL AND NOT m.valid << daterange(credit.today(), NULL)
       AND (m.role_number = r.oid OR m.role_number IS NULL OR m.role_server <> (SELECT c.system_identifier FROM pg_control_system() c))
       AND NOT EXISTS (SELECT FROM pg_auth_members a WHERE a.member = r.oid AND a.roleid = to_regrole(m.duty)) AND NOT r.rolsuper
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
COMMENT ON FUNCTION credit.guard_mandates() IS 'Findings of guard_report() about mandates: of groups, of logins that are gone, without the role, and of one person who may not have both';
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
       AND p.proname OPERATOR(pg_catalog.=) ANY ('{may_see,granted_divisions,granted_providers,inquires_since,holds_since,person,own_subject,grants,has_duty,today}'::name[])
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
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
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
           ELSE 'ALTER SYSTEM SET credit.key_file = …; SELECT pg_reload_conf(); SET credit.key_file = …; SELECT credit.create_key_file();' END;
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
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL UNSAFE
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
