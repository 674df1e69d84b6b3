-- ---------------------------------------------------------------------------
-- pseudonym: what a subject is called everywhere but in the identity vault
-- ---------------------------------------------------------------------------

-- The key file.  Superusers only: the functions look themselves, too.

CREATE FUNCTION credit.create_key_file() RETURNS void
  AS 'MODULE_PATHNAME', 'pseudonym_create_key_file' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.create_key_file() IS 'Makes the file that credit.key_file names, mode 0600, with fresh keys; 58P02 if it is there already, 55000 where a register has keys of its own';
REVOKE ALL ON FUNCTION credit.create_key_file() FROM PUBLIC;

CREATE FUNCTION credit.add_key() RETURNS integer
  AS 'MODULE_PATHNAME', 'pseudonym_add_key' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.add_key() IS 'Adds a fresh key of identity to the key file and returns its version; CALL credit.rotate_keys() then moves to it';
REVOKE ALL ON FUNCTION credit.add_key() FROM PUBLIC;

CREATE FUNCTION credit.add_key(purpose text) RETURNS integer
  AS 'MODULE_PATHNAME', 'pseudonym_add_key' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.add_key(text) IS 'Adds a fresh key of identity or of audit (it signs checkpoints) and returns its version; older ones stay';
REVOKE ALL ON FUNCTION credit.add_key(text) FROM PUBLIC;

CREATE FUNCTION credit.keys(OUT purpose text, OUT version integer, OUT created text, OUT check_value text, OUT current boolean, OUT mark bytea)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'pseudonym_keys' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 3;
COMMENT ON FUNCTION credit.keys() IS 'What the key file holds, without the keys; the check value tells two keys apart, and by the mark a register knows its keys again';
REVOKE ALL ON FUNCTION credit.keys() FROM PUBLIC;

-- The type.

CREATE TYPE credit.pseudonym;

CREATE FUNCTION credit.pseudonym_in(cstring) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_in(cstring) IS 'Text input of credit.pseudonym: P, 13 digits of base 32 and two check digits (22P02 otherwise)';

CREATE FUNCTION credit.pseudonym_out(credit.pseudonym) RETURNS cstring
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_out(credit.pseudonym) IS 'Text output of credit.pseudonym: 16 characters';

CREATE FUNCTION credit.pseudonym_recv(internal) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_recv(internal) IS 'Binary input of credit.pseudonym: any 8 bytes';

CREATE FUNCTION credit.pseudonym_send(credit.pseudonym) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_send(credit.pseudonym) IS 'Binary output of credit.pseudonym: 8 bytes, most significant first';

CREATE TYPE credit.pseudonym (
  INPUT = credit.pseudonym_in,
  OUTPUT = credit.pseudonym_out,
  RECEIVE = credit.pseudonym_recv,
  SEND = credit.pseudonym_send,
  INTERNALLENGTH = 8,
  PASSEDBYVALUE,
  ALIGNMENT = double,
  STORAGE = plain
);
COMMENT ON TYPE credit.pseudonym IS 'A subject without its number: a keyed, reversible permutation of its code; 8 bytes by value';

-- Comparison: LEAKPROOF.  Unsigned numbers as codes are, so the same C functions.

CREATE FUNCTION credit.pseudonym_lt(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_lt' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_lt(credit.pseudonym, credit.pseudonym) IS 'Implementation of < operator';

CREATE FUNCTION credit.pseudonym_le(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_le' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_le(credit.pseudonym, credit.pseudonym) IS 'Implementation of <= operator';

CREATE FUNCTION credit.pseudonym_eq(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_eq' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_eq(credit.pseudonym, credit.pseudonym) IS 'Implementation of = operator';

CREATE FUNCTION credit.pseudonym_ne(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_ne' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_ne(credit.pseudonym, credit.pseudonym) IS 'Implementation of <> operator';

CREATE FUNCTION credit.pseudonym_ge(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_ge' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_ge(credit.pseudonym, credit.pseudonym) IS 'Implementation of >= operator';

CREATE FUNCTION credit.pseudonym_gt(credit.pseudonym, credit.pseudonym) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_gt' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_gt(credit.pseudonym, credit.pseudonym) IS 'Implementation of > operator';

CREATE FUNCTION credit.pseudonym_cmp(credit.pseudonym, credit.pseudonym) RETURNS integer
  AS 'MODULE_PATHNAME', 'code_cmp' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_cmp(credit.pseudonym, credit.pseudonym) IS 'Three-way comparison: the order of the texts, and no other meaning';

CREATE FUNCTION credit.pseudonym_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME', 'code_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_sortsupport(internal) IS 'Sort support: the server''s comparator for unsigned numbers';

CREATE FUNCTION credit.pseudonym_hash(credit.pseudonym) RETURNS integer
  AS 'MODULE_PATHNAME', 'code_hash' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_hash(credit.pseudonym) IS 'Hash, frozen: it decides where rows lie';

CREATE FUNCTION credit.pseudonym_hash_extended(credit.pseudonym, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'code_hash_extended' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_hash_extended(credit.pseudonym, bigint) IS 'Hash with a seed, frozen: it decides the partition of a row';

-- In pg_catalog for the reason given at credit.code.

CREATE OPERATOR pg_catalog.< (
  FUNCTION = credit.pseudonym_lt, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (credit.pseudonym, credit.pseudonym) IS 'Less than';

CREATE OPERATOR pg_catalog.<= (
  FUNCTION = credit.pseudonym_le, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (credit.pseudonym, credit.pseudonym) IS 'Less than or equal';

CREATE OPERATOR pg_catalog.= (
  FUNCTION = credit.pseudonym_eq, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
  HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (credit.pseudonym, credit.pseudonym) IS 'Equal';

CREATE OPERATOR pg_catalog.<> (
  FUNCTION = credit.pseudonym_ne, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (credit.pseudonym, credit.pseudonym) IS 'Not equal';

CREATE OPERATOR pg_catalog.>= (
  FUNCTION = credit.pseudonym_ge, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (credit.pseudonym, credit.pseudonym) IS 'Greater than or equal';

CREATE OPERATOR pg_catalog.> (
  FUNCTION = credit.pseudonym_gt, LEFTARG = credit.pseudonym, RIGHTARG = credit.pseudonym,
  COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (credit.pseudonym, credit.pseudonym) IS 'Greater than';

CREATE OPERATOR FAMILY credit.pseudonym_ops USING btree;
COMMENT ON OPERATOR FAMILY credit.pseudonym_ops USING btree IS 'Order of pseudonyms';

CREATE OPERATOR CLASS credit.pseudonym_ops
  DEFAULT FOR TYPE credit.pseudonym USING btree FAMILY credit.pseudonym_ops AS
  OPERATOR 1 pg_catalog.<,
  OPERATOR 2 pg_catalog.<=,
  OPERATOR 3 pg_catalog.=,
  OPERATOR 4 pg_catalog.>=,
  OPERATOR 5 pg_catalog.>,
  FUNCTION 1 credit.pseudonym_cmp(credit.pseudonym, credit.pseudonym),
  FUNCTION 2 credit.pseudonym_sortsupport(internal),
  FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS credit.pseudonym_ops USING btree IS 'Order of pseudonyms; equal values are the same bytes, so indexes deduplicate';

-- PostgreSQL 18 can step over the values of a leading index column.
DO $credit$
BEGIN
  IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 180000 THEN
    CREATE FUNCTION credit.pseudonym_skipsupport(internal) RETURNS void
      AS 'MODULE_PATHNAME', 'code_skipsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
    COMMENT ON FUNCTION credit.pseudonym_skipsupport(internal) IS 'Skip support: the next and the previous value';
    ALTER OPERATOR FAMILY credit.pseudonym_ops USING btree
      ADD FUNCTION 6 (credit.pseudonym) credit.pseudonym_skipsupport(internal);
  END IF;
END
$credit$;

CREATE OPERATOR FAMILY credit.pseudonym_ops USING hash;
COMMENT ON OPERATOR FAMILY credit.pseudonym_ops USING hash IS 'Equality of pseudonyms';

CREATE OPERATOR CLASS credit.pseudonym_ops
  DEFAULT FOR TYPE credit.pseudonym USING hash FAMILY credit.pseudonym_ops AS
  OPERATOR 1 pg_catalog.=,
  FUNCTION 1 credit.pseudonym_hash(credit.pseudonym),
  FUNCTION 2 credit.pseudonym_hash_extended(credit.pseudonym, bigint);
COMMENT ON OPERATOR CLASS credit.pseudonym_ops USING hash IS 'Hash indexes, joins and partitions of pseudonyms';

CREATE FUNCTION credit.pseudonym_larger(credit.pseudonym, credit.pseudonym) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME', 'code_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_larger(credit.pseudonym, credit.pseudonym) IS 'The larger of two pseudonyms';

CREATE FUNCTION credit.pseudonym_smaller(credit.pseudonym, credit.pseudonym) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME', 'code_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.pseudonym_smaller(credit.pseudonym, credit.pseudonym) IS 'The smaller of two pseudonyms';

CREATE AGGREGATE pg_catalog.max(credit.pseudonym) (
  SFUNC = credit.pseudonym_larger, STYPE = credit.pseudonym, COMBINEFUNC = credit.pseudonym_larger,
  SORTOP = OPERATOR(pg_catalog.>), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.max(credit.pseudonym) IS 'Largest pseudonym';

CREATE AGGREGATE pg_catalog.min(credit.pseudonym) (
  SFUNC = credit.pseudonym_smaller, STYPE = credit.pseudonym, COMBINEFUNC = credit.pseudonym_smaller,
  SORTOP = OPERATOR(pg_catalog.<), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.min(credit.pseudonym) IS 'Smallest pseudonym';

-- No functions of the cast: credit.pseudonym(text) would take the literal of a code.

CREATE CAST (text AS credit.pseudonym) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS credit.pseudonym) IS 'The pseudonym that a text holds';

CREATE CAST (varchar AS credit.pseudonym) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (varchar AS credit.pseudonym) IS 'The pseudonym that a text holds';

-- The way there and back.  Neither is for everybody: who may call pseudonym()
-- freely can try all numbers of a county in a minute and so name every row.

CREATE FUNCTION credit.pseudonym(code credit.code, scope text DEFAULT 'register') RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME', 'pseudonym_of_code' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION credit.pseudonym(credit.code, text) IS 'The pseudonym of a code in a scope (FF1, NIST SP 800-38G); pseudonyms of two scopes cannot be joined';
REVOKE ALL ON FUNCTION credit.pseudonym(credit.code, text) FROM PUBLIC;

CREATE FUNCTION credit.reveal(pseudonym credit.pseudonym, scope text DEFAULT 'register') RETURNS credit.code
  AS 'MODULE_PATHNAME', 'pseudonym_reveal' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION credit.reveal(credit.pseudonym, text) IS 'The code behind a pseudonym of a scope; 22023 if there is none';
REVOKE ALL ON FUNCTION credit.reveal(credit.pseudonym, text) FROM PUBLIC;

CREATE FUNCTION credit.code_behind(pseudonym credit.pseudonym, scope text DEFAULT 'register') RETURNS credit.code
  AS 'MODULE_PATHNAME', 'pseudonym_code_behind' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION credit.code_behind(credit.pseudonym, text) IS 'As reveal(), but NULL where there is no code';
REVOKE ALL ON FUNCTION credit.code_behind(credit.pseudonym, text) FROM PUBLIC;
