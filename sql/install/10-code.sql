-- ---------------------------------------------------------------------------
-- code: one key for persons and organisations (GB 11643, GB 32100)
-- ---------------------------------------------------------------------------

CREATE TYPE credit.code;

CREATE FUNCTION credit.code_in(cstring) RETURNS credit.code
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_in(cstring) IS 'Text input of credit.code: takes what forms hold, refuses wrong check characters (22P02)';

CREATE FUNCTION credit.code_out(credit.code) RETURNS cstring
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_out(credit.code) IS 'Text output of credit.code: 18 characters, and ? behind an irregular code';

CREATE FUNCTION credit.code_recv(internal) RETURNS credit.code
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_recv(internal) IS 'Binary input of credit.code: 8 bytes, refused if the value of no code (22P03)';

CREATE FUNCTION credit.code_send(credit.code) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_send(credit.code) IS 'Binary output of credit.code: 8 bytes, most significant first';

CREATE TYPE credit.code (
  INPUT = credit.code_in,
  OUTPUT = credit.code_out,
  RECEIVE = credit.code_recv,
  SEND = credit.code_send,
  INTERNALLENGTH = 8,
  PASSEDBYVALUE,
  ALIGNMENT = double,
  STORAGE = plain
);
COMMENT ON TYPE credit.code IS 'Unified social credit code of an organisation, citizen or permit number of a person, or a serial given by a register; 8 bytes by value';

-- Comparison: LEAKPROOF, as unsigned numbers cannot fail; without it an
-- equality under a row policy could not use an index.

CREATE FUNCTION credit.code_lt(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_lt(credit.code, credit.code) IS 'Implementation of < operator';

CREATE FUNCTION credit.code_le(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_le(credit.code, credit.code) IS 'Implementation of <= operator';

CREATE FUNCTION credit.code_eq(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_eq(credit.code, credit.code) IS 'Implementation of = operator';

CREATE FUNCTION credit.code_ne(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_ne(credit.code, credit.code) IS 'Implementation of <> operator';

CREATE FUNCTION credit.code_ge(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_ge(credit.code, credit.code) IS 'Implementation of >= operator';

CREATE FUNCTION credit.code_gt(credit.code, credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_gt(credit.code, credit.code) IS 'Implementation of > operator';

CREATE FUNCTION credit.code_cmp(credit.code, credit.code) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_cmp(credit.code, credit.code) IS 'Three-way comparison: text order within each kind';

CREATE FUNCTION credit.code_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_sortsupport(internal) IS 'Sort support: the server''s comparator for unsigned numbers';

CREATE FUNCTION credit.code_hash(credit.code) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_hash(credit.code) IS 'Hash, frozen: it decides where rows lie';

CREATE FUNCTION credit.code_hash_extended(credit.code, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_hash_extended(credit.code, bigint) IS 'Hash with a seed, frozen: it decides the partition of a row';

-- The operators, and min and max, are the only members outside schema credit.  SQL gives no way to
-- qualify the = inside IS DISTINCT FROM, NULLIF, CASE, IN and USING: it is looked
-- up by search_path, which pg_dump's output sets to nothing and our own definer
-- functions to pg_catalog.  A trigger WHEN (OLD.c IS DISTINCT FROM NEW.c) on the
-- type would not restore if its operators lay anywhere else.

CREATE OPERATOR pg_catalog.< (
  FUNCTION = credit.code_lt, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (credit.code, credit.code) IS 'Less than';

CREATE OPERATOR pg_catalog.<= (
  FUNCTION = credit.code_le, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (credit.code, credit.code) IS 'Less than or equal';

CREATE OPERATOR pg_catalog.= (
  FUNCTION = credit.code_eq, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
  HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (credit.code, credit.code) IS 'Equal';

CREATE OPERATOR pg_catalog.<> (
  FUNCTION = credit.code_ne, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (credit.code, credit.code) IS 'Not equal';

CREATE OPERATOR pg_catalog.>= (
  FUNCTION = credit.code_ge, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (credit.code, credit.code) IS 'Greater than or equal';

CREATE OPERATOR pg_catalog.> (
  FUNCTION = credit.code_gt, LEFTARG = credit.code, RIGHTARG = credit.code,
  COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (credit.code, credit.code) IS 'Greater than';

CREATE OPERATOR FAMILY credit.code_ops USING btree;
COMMENT ON OPERATOR FAMILY credit.code_ops USING btree IS 'Order of credit codes';

CREATE OPERATOR CLASS credit.code_ops
  DEFAULT FOR TYPE credit.code USING btree FAMILY credit.code_ops AS
  OPERATOR 1 pg_catalog.<,
  OPERATOR 2 pg_catalog.<=,
  OPERATOR 3 pg_catalog.=,
  OPERATOR 4 pg_catalog.>=,
  OPERATOR 5 pg_catalog.>,
  FUNCTION 1 credit.code_cmp(credit.code, credit.code),
  FUNCTION 2 credit.code_sortsupport(internal),
  FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS credit.code_ops USING btree IS 'Order of credit codes; equal values are the same bytes, so indexes deduplicate';

-- PostgreSQL 18 can step over the values of a leading index column.
DO $credit$
BEGIN
  IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 180000 THEN
    CREATE FUNCTION credit.code_skipsupport(internal) RETURNS void
      AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
    COMMENT ON FUNCTION credit.code_skipsupport(internal) IS 'Skip support: the next and the previous value';
    ALTER OPERATOR FAMILY credit.code_ops USING btree
      ADD FUNCTION 6 (credit.code) credit.code_skipsupport(internal);
  END IF;
END
$credit$;

CREATE OPERATOR FAMILY credit.code_ops USING hash;
COMMENT ON OPERATOR FAMILY credit.code_ops USING hash IS 'Equality of credit codes';

CREATE OPERATOR CLASS credit.code_ops
  DEFAULT FOR TYPE credit.code USING hash FAMILY credit.code_ops AS
  OPERATOR 1 pg_catalog.=,
  FUNCTION 1 credit.code_hash(credit.code),
  FUNCTION 2 credit.code_hash_extended(credit.code, bigint);
COMMENT ON OPERATOR CLASS credit.code_ops USING hash IS 'Hash indexes, joins and partitions of credit codes';

CREATE OPERATOR FAMILY credit.code_minmax_ops USING brin;
COMMENT ON OPERATOR FAMILY credit.code_minmax_ops USING brin IS 'Block ranges of credit codes';

CREATE OPERATOR CLASS credit.code_minmax_ops
  DEFAULT FOR TYPE credit.code USING brin FAMILY credit.code_minmax_ops AS
  OPERATOR 1 pg_catalog.<,
  OPERATOR 2 pg_catalog.<=,
  OPERATOR 3 pg_catalog.=,
  OPERATOR 4 pg_catalog.>=,
  OPERATOR 5 pg_catalog.>,
  FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
  FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
  FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
  FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR CLASS credit.code_minmax_ops USING brin IS 'Least and greatest code of each block range';

CREATE OPERATOR FAMILY credit.code_bloom_ops USING brin;
COMMENT ON OPERATOR FAMILY credit.code_bloom_ops USING brin IS 'Bloom filters of credit codes';

CREATE OPERATOR CLASS credit.code_bloom_ops
  FOR TYPE credit.code USING brin FAMILY credit.code_bloom_ops AS
  OPERATOR 1 pg_catalog.=,
  FUNCTION 1 pg_catalog.brin_bloom_opcinfo(internal),
  FUNCTION 2 pg_catalog.brin_bloom_add_value(internal, internal, internal, internal),
  FUNCTION 3 pg_catalog.brin_bloom_consistent(internal, internal, internal, integer),
  FUNCTION 4 pg_catalog.brin_bloom_union(internal, internal, internal),
  FUNCTION 5 pg_catalog.brin_bloom_options(internal),
  FUNCTION 11 credit.code_hash(credit.code);
COMMENT ON OPERATOR CLASS credit.code_bloom_ops USING brin IS 'For tables in the order of filing, where codes are scattered';

CREATE FUNCTION credit.code_larger(credit.code, credit.code) RETURNS credit.code
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_larger(credit.code, credit.code) IS 'The larger of two codes';

CREATE FUNCTION credit.code_smaller(credit.code, credit.code) RETURNS credit.code
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_smaller(credit.code, credit.code) IS 'The smaller of two codes';

CREATE AGGREGATE pg_catalog.max(credit.code) (
  SFUNC = credit.code_larger, STYPE = credit.code, COMBINEFUNC = credit.code_larger,
  SORTOP = OPERATOR(pg_catalog.>), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.max(credit.code) IS 'Largest code';

CREATE AGGREGATE pg_catalog.min(credit.code) (
  SFUNC = credit.code_smaller, STYPE = credit.code, COMBINEFUNC = credit.code_smaller,
  SORTOP = OPERATOR(pg_catalog.<), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.min(credit.code) IS 'Smallest code';

CREATE FUNCTION credit.code(text) RETURNS credit.code
  AS 'MODULE_PATHNAME', 'code_from_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code(text) IS 'The code that a text holds; 22P02 if it holds none';

CREATE FUNCTION credit.code_text(credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_to_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_text(credit.code) IS 'The text of a code, with ? behind an irregular one';

CREATE CAST (text AS credit.code) WITH FUNCTION credit.code(text) AS ASSIGNMENT;
COMMENT ON CAST (text AS credit.code) IS 'The code that a text holds';

CREATE CAST (varchar AS credit.code) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (varchar AS credit.code) IS 'The code that a text holds';

CREATE CAST (bpchar AS credit.code) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (bpchar AS credit.code) IS 'The code that a text holds';

CREATE CAST (credit.code AS text) WITH FUNCTION credit.code_text(credit.code) AS ASSIGNMENT;
COMMENT ON CAST (credit.code AS text) IS 'The text of a code';

CREATE FUNCTION credit.assigned_code(serial bigint) RETURNS credit.code
  AS 'MODULE_PATHNAME', 'code_assigned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.assigned_code(bigint) IS 'The code of kind assigned for a serial of 0 to 10^15 - 1; 22003 outside';

-- Parts of a code.

CREATE FUNCTION credit.code_kind(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_kind_name' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.code_kind(credit.code) IS 'citizen, hmt_resident, permanent_resident, organisation or assigned';

CREATE FUNCTION credit.division(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_division' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.division(credit.code) IS 'Division of first registration, six digits of GB/T 2260; NULL for an assigned code';

CREATE FUNCTION credit.birth_date(code credit.code) RETURNS date
  AS 'MODULE_PATHNAME', 'code_birth_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.birth_date(credit.code) IS 'Birthday of a person; NULL otherwise';

CREATE FUNCTION credit.sex(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_sex' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.sex(credit.code) IS 'male or female, as the number of a person says; NULL otherwise';

CREATE FUNCTION credit.age_on(code credit.code, day date) RETURNS integer
  AS 'MODULE_PATHNAME', 'code_age_on' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.age_on(credit.code, date) IS 'Completed years of a person on a day, negative before birth; NULL for others; 22008 for an infinite day';

CREATE FUNCTION credit.organisation_code(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_organisation_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.organisation_code(credit.code) IS 'Places 9-17 of an organisation''s code (GB 11714); NULL for others';

CREATE FUNCTION credit.registrar(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_registrar' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.registrar(credit.code) IS 'Place 1 of an organisation''s code, the registering department (GB 32100); NULL for others';

CREATE FUNCTION credit.category(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_category' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.category(credit.code) IS 'Place 2 of an organisation''s code, the category under its registrar (GB 32100); NULL for others';

CREATE FUNCTION credit.is_regular(code credit.code) RETURNS boolean
  AS 'MODULE_PATHNAME', 'code_is_regular_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.is_regular(credit.code) IS 'False for a code that was issued with a wrong check character';

CREATE FUNCTION credit.mask(code credit.code) RETURNS text
  AS 'MODULE_PATHNAME', 'code_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.mask(credit.code) IS 'The division (organisations: and the registrar), the rest asterisks: never birthday, sequence or check character';

-- Checking.

CREATE FUNCTION credit.check_code(text text, as_of date,
    OUT verdict text, OUT field text, OUT "position" integer, OUT expected text, OUT message text)
  AS 'MODULE_PATHNAME', 'code_check' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.check_code(text, date) IS 'What is to be said of a text that should be a code, as of a day; never an error for a bad text';

CREATE FUNCTION credit.suggest_code(text text) RETURNS SETOF credit.code
  AS 'MODULE_PATHNAME', 'code_suggest' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10 COST 20000;
COMMENT ON FUNCTION credit.suggest_code(text) IS 'The regular codes that are one typing slip away, likeliest first';
