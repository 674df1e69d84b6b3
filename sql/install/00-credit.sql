-- credit: the install script is made of the pieces of sql/install, in order.
\echo Use "CREATE EXTENSION credit" to load this file. \quit

-- The schema is part of every name that users write, so nobody else may have
-- prepared it: it must be empty, owned by the installing superuser, and closed.
DO $credit$
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_catalog.pg_namespace n
            JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
           WHERE n.nspname OPERATOR(pg_catalog.=) 'credit') THEN
    RAISE EXCEPTION 'schema "credit" belongs to a role that is not a superuser'
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Drop or rename that schema; CREATE EXTENSION makes its own.';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_depend d
              WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                AND d.refobjid OPERATOR(pg_catalog.=) 'credit'::pg_catalog.regnamespace::pg_catalog.oid
                AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
    RAISE EXCEPTION 'schema "credit" is not empty'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Drop or rename that schema; CREATE EXTENSION makes its own.';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
              WHERE n.nspname OPERATOR(pg_catalog.=) 'credit' AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner
                AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE') THEN
    RAISE EXCEPTION 'others may create in schema "credit"'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Drop or rename that schema; CREATE EXTENSION makes its own.';
  END IF;
END
$credit$;

REVOKE ALL ON SCHEMA credit FROM PUBLIC;
GRANT USAGE ON SCHEMA credit TO PUBLIC;
COMMENT ON SCHEMA credit IS 'Types, law and protection for public-credit registers';
