-- Schemas credit_register and public as the catalogues have them, a line each: what two registers
-- of the same version have in common.  Columns by name, also in views: those that an upgrade added stand last.
SET search_path = '';
CREATE TEMP VIEW relation AS
  SELECT c.*, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname IN ('credit_register', 'public') AND c.relkind IN ('r', 'p', 'v', 'm', 'S');
CREATE TEMP VIEW shape AS
WITH acl AS (
  SELECT oid, string_agg(g || '=' || p || o, ' ' ORDER BY g COLLATE "C", p, o) AS granted
    FROM (SELECT c.oid, a.grantee::regrole::text, a.privilege_type, CASE WHEN a.is_grantable THEN '*' ELSE '' END
            FROM pg_temp.relation c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
           WHERE a.privilege_type <> 'MAINTAIN') x (oid, g, p, o) GROUP BY oid)
SELECT 'relation' AS kind, c.name AS object,
       concat_ws(' ', c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, c.relreplident,
         c.reloptions::text, acl.granted, obj_description(c.oid, 'pg_class'), pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)) AS definition
  FROM pg_temp.relation c LEFT JOIN acl USING (oid)
UNION ALL
SELECT 'column', c.name || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, co.collname,
         pg_get_expr(d.adbin, d.adrelid),
         (SELECT string_agg(x.grantee::regrole::text || '=' || x.privilege_type, ' ' ORDER BY x.grantee::regrole::text COLLATE "C", x.privilege_type) FROM aclexplode(a.attacl) x),
         col_description(c.oid, a.attnum))
  FROM pg_temp.relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
UNION ALL
SELECT 'constraint', c.name || '.' || o.conname,
       concat_ws(' ', pg_get_constraintdef(o.oid), o.convalidated, obj_description(o.oid, 'pg_constraint'))
  FROM pg_temp.relation c JOIN pg_constraint o ON o.conrelid = c.oid WHERE o.contype <> 'n'
UNION ALL
SELECT 'index', c.name, pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid::text
  FROM pg_temp.relation c JOIN pg_index i ON i.indrelid = c.oid
UNION ALL
SELECT 'trigger', c.name || '.' || t.tgname,
       concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
  FROM pg_temp.relation c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy', c.name || '.' || p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, (SELECT string_agg(r::regrole::text, ',' ORDER BY r::regrole::text COLLATE "C") FROM unnest(p.polroles) r WHERE r <> 0),
         pg_get_expr(p.polqual, p.polrelid), '/', pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
  FROM pg_temp.relation c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'view', c.name, (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM regexp_split_to_table(pg_get_viewdef(c.oid), '[\s,]+') w) FROM pg_temp.relation c WHERE c.relkind IN ('v', 'm')
UNION ALL
SELECT 'schema', n.nspname, concat_ws(' ', pg_get_userbyid(n.nspowner), obj_description(n.oid, 'pg_namespace'),
         (SELECT string_agg(a.grantee::regrole::text || '=' || a.privilege_type, ' ' ORDER BY a.grantee::regrole::text COLLATE "C", a.privilege_type) FROM aclexplode(n.nspacl) a))
  FROM pg_namespace n WHERE n.nspname = 'credit_register'
UNION ALL
SELECT 'function', f.oid::regprocedure::text,
       concat_ws(' ', (SELECT string_agg(x, ' ' ORDER BY x COLLATE "C") FROM (SELECT a.grantee::regrole::text || '=' || a.privilege_type FROM aclexplode(f.proacl) a) y (x)))
  FROM pg_proc f WHERE f.pronamespace = 'credit'::regnamespace;
SELECT line FROM (SELECT replace(concat_ws(' | ', kind, object, definition), E'\n', ' ') FROM pg_temp.shape) x (line) ORDER BY line COLLATE "C";
