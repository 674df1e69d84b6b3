-- ---------------------------------------------------------------------------
-- points: points of a score, exact decimals (doc/points.md)
-- ---------------------------------------------------------------------------

CREATE TYPE credit.points;

CREATE FUNCTION credit.points_in(cstring) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_in(cstring) IS 'I/O: at most 4 decimals (22023 beyond), 22003 out of range, 22P02 otherwise';

CREATE FUNCTION credit.points_out(credit.points) RETURNS cstring
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_out(credit.points) IS 'I/O: the shortest text';

CREATE FUNCTION credit.points_recv(internal) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_recv(internal) IS 'I/O: 8 bytes, every one a value';

CREATE FUNCTION credit.points_send(credit.points) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_send(credit.points) IS 'I/O: 8 bytes, most significant first, units of 0.0001';

-- Of the category of numbers, so that coalesce(points, 0) and CASE find a common type.
CREATE TYPE credit.points (
  INPUT = credit.points_in,
  OUTPUT = credit.points_out,
  RECEIVE = credit.points_recv,
  SEND = credit.points_send,
  INTERNALLENGTH = 8,
  PASSEDBYVALUE,
  ALIGNMENT = double,
  STORAGE = plain,
  CATEGORY = 'N'
);
COMMENT ON TYPE credit.points IS 'Points of a score: exact decimals with 4 places, up to 922337203685477.5807 either way; 8 bytes by value';

-- Comparison: LEAKPROOF, as comparing integers cannot fail.

CREATE FUNCTION credit.points_lt(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_lt(credit.points, credit.points) IS 'Implementation of < operator';

CREATE FUNCTION credit.points_le(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_le(credit.points, credit.points) IS 'Implementation of <= operator';

CREATE FUNCTION credit.points_eq(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_eq(credit.points, credit.points) IS 'Implementation of = operator';

CREATE FUNCTION credit.points_ne(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_ne(credit.points, credit.points) IS 'Implementation of <> operator';

CREATE FUNCTION credit.points_ge(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_ge(credit.points, credit.points) IS 'Implementation of >= operator';

CREATE FUNCTION credit.points_gt(credit.points, credit.points) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_gt(credit.points, credit.points) IS 'Implementation of > operator';

CREATE FUNCTION credit.points_cmp(credit.points, credit.points) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_cmp(credit.points, credit.points) IS 'Three-way comparison';

CREATE FUNCTION credit.points_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_sortsupport(internal) IS 'Sort support: the server''s comparator for signed numbers';

CREATE FUNCTION credit.points_hash(credit.points) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_hash(credit.points) IS 'Hash, frozen: it decides where rows lie';

CREATE FUNCTION credit.points_hash_extended(credit.points, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_hash_extended(credit.points, bigint) IS 'Hash with a seed, frozen: it decides the partition of a row';

-- Operators, min, max and sum are in pg_catalog, like those of credit.code, and for the same reason.

CREATE OPERATOR pg_catalog.< (
  FUNCTION = credit.points_lt, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (credit.points, credit.points) IS 'Less than';

CREATE OPERATOR pg_catalog.<= (
  FUNCTION = credit.points_le, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (credit.points, credit.points) IS 'Less than or equal';

CREATE OPERATOR pg_catalog.= (
  FUNCTION = credit.points_eq, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
  HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (credit.points, credit.points) IS 'Equal';

CREATE OPERATOR pg_catalog.<> (
  FUNCTION = credit.points_ne, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (credit.points, credit.points) IS 'Not equal';

CREATE OPERATOR pg_catalog.>= (
  FUNCTION = credit.points_ge, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (credit.points, credit.points) IS 'Greater than or equal';

CREATE OPERATOR pg_catalog.> (
  FUNCTION = credit.points_gt, LEFTARG = credit.points, RIGHTARG = credit.points,
  COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (credit.points, credit.points) IS 'Greater than';

CREATE OPERATOR FAMILY credit.points_ops USING btree;
COMMENT ON OPERATOR FAMILY credit.points_ops USING btree IS 'Order of points';

CREATE OPERATOR CLASS credit.points_ops
  DEFAULT FOR TYPE credit.points USING btree FAMILY credit.points_ops AS
  OPERATOR 1 pg_catalog.<,
  OPERATOR 2 pg_catalog.<=,
  OPERATOR 3 pg_catalog.=,
  OPERATOR 4 pg_catalog.>=,
  OPERATOR 5 pg_catalog.>,
  FUNCTION 1 credit.points_cmp(credit.points, credit.points),
  FUNCTION 2 credit.points_sortsupport(internal),
  FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS credit.points_ops USING btree IS 'Order of points; equal values are the same bytes, so indexes deduplicate';

CREATE OPERATOR FAMILY credit.points_ops USING hash;
COMMENT ON OPERATOR FAMILY credit.points_ops USING hash IS 'Equality of points';

CREATE OPERATOR CLASS credit.points_ops
  DEFAULT FOR TYPE credit.points USING hash FAMILY credit.points_ops AS
  OPERATOR 1 pg_catalog.=,
  FUNCTION 1 credit.points_hash(credit.points),
  FUNCTION 2 credit.points_hash_extended(credit.points, bigint);
COMMENT ON OPERATOR CLASS credit.points_ops USING hash IS 'Hash indexes, joins and partitions of points';

-- Arithmetic.

CREATE FUNCTION credit.points_pl(credit.points, credit.points) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_pl(credit.points, credit.points) IS 'Implementation of + operator: exact, 22003 out of range';

CREATE FUNCTION credit.points_mi(credit.points, credit.points) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_mi(credit.points, credit.points) IS 'Implementation of - operator: exact, 22003 out of range';

CREATE FUNCTION credit.points_um(credit.points) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_um(credit.points) IS 'Implementation of - operator: exact, 22003 out of range';

CREATE OPERATOR pg_catalog.+ (
  FUNCTION = credit.points_pl, LEFTARG = credit.points, RIGHTARG = credit.points, COMMUTATOR = OPERATOR(pg_catalog.+)
);
COMMENT ON OPERATOR pg_catalog.+ (credit.points, credit.points) IS 'Sum';

CREATE OPERATOR pg_catalog.- (
  FUNCTION = credit.points_mi, LEFTARG = credit.points, RIGHTARG = credit.points
);
COMMENT ON OPERATOR pg_catalog.- (credit.points, credit.points) IS 'Difference';

CREATE OPERATOR pg_catalog.- (
  FUNCTION = credit.points_um, RIGHTARG = credit.points
);
COMMENT ON OPERATOR pg_catalog.- (NONE, credit.points) IS 'Negated';

CREATE FUNCTION credit.points_larger(credit.points, credit.points) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_larger(credit.points, credit.points) IS 'The larger of two numbers of points';

CREATE FUNCTION credit.points_smaller(credit.points, credit.points) RETURNS credit.points
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points_smaller(credit.points, credit.points) IS 'The smaller of two numbers of points';

CREATE AGGREGATE pg_catalog.max(credit.points) (
  SFUNC = credit.points_larger, STYPE = credit.points, COMBINEFUNC = credit.points_larger,
  SORTOP = OPERATOR(pg_catalog.>), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.max(credit.points) IS 'Most points';

CREATE AGGREGATE pg_catalog.min(credit.points) (
  SFUNC = credit.points_smaller, STYPE = credit.points, COMBINEFUNC = credit.points_smaller,
  SORTOP = OPERATOR(pg_catalog.<), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.min(credit.points) IS 'Fewest points';

CREATE AGGREGATE pg_catalog.sum(credit.points) (
  SFUNC = credit.points_pl, STYPE = credit.points, COMBINEFUNC = credit.points_pl,
  MSFUNC = credit.points_pl, MINVFUNC = credit.points_mi, MSTYPE = credit.points, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.sum(credit.points) IS 'Exact sum of points; 22003 out of range';

-- Casts.  To numeric and from integers nothing is lost, so they are implicit; from
-- numeric something may be, and two implicit ways would make points + 0.5 ambiguous.

CREATE FUNCTION credit."numeric"(credit.points) RETURNS numeric
  AS 'MODULE_PATHNAME', 'points_to_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit."numeric"(credit.points) IS 'Implementation of the cast to numeric';

CREATE FUNCTION credit.points(numeric) RETURNS credit.points
  AS 'MODULE_PATHNAME', 'points_from_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points(numeric) IS 'Implementation of the cast from numeric: 22023 with more than 4 decimals, 22003 out of range';

CREATE FUNCTION credit.points(integer) RETURNS credit.points
  AS 'MODULE_PATHNAME', 'points_from_int4' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points(integer) IS 'Implementation of the cast from integer';

CREATE FUNCTION credit.points(bigint) RETURNS credit.points
  AS 'MODULE_PATHNAME', 'points_from_int8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.points(bigint) IS 'Implementation of the cast from bigint: 22003 out of range';

CREATE CAST (credit.points AS numeric) WITH FUNCTION credit."numeric"(credit.points) AS IMPLICIT;
COMMENT ON CAST (credit.points AS numeric) IS 'the same number';

CREATE CAST (numeric AS credit.points) WITH FUNCTION credit.points(numeric) AS ASSIGNMENT;
COMMENT ON CAST (numeric AS credit.points) IS 'the same number, never a rounded one';

CREATE CAST (integer AS credit.points) WITH FUNCTION credit.points(integer) AS IMPLICIT;
COMMENT ON CAST (integer AS credit.points) IS 'the same number';

CREATE CAST (bigint AS credit.points) WITH FUNCTION credit.points(bigint) AS IMPLICIT;
COMMENT ON CAST (bigint AS credit.points) IS 'the same number';
