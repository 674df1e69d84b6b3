-- The law as a value: the type, its words, and relational views of it.

CREATE TYPE credit.severity AS ENUM ('minor', 'general', 'serious');
COMMENT ON TYPE credit.severity IS 'Class of dishonesty 轻微, 一般, 严重 (国办发〔2025〕22号; 信用修复管理办法, order 36 of 2025)';

CREATE TYPE credit.stance AS ENUM ('good', 'neutral', 'bad');
COMMENT ON TYPE credit.stance IS 'Whether an item speaks for its subject, says nothing, or speaks against';

CREATE TYPE credit.rulebook;
COMMENT ON TYPE credit.rulebook IS 'The dated rules that decisions need, as one value: JSON in, checked in full and compiled, canonical JSON out';

CREATE FUNCTION credit.rulebook_in(cstring) RETURNS credit.rulebook
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_in(cstring) IS 'I/O: errors name the JSON path (22P02), or the bound that is exceeded (54000)';

CREATE FUNCTION credit.rulebook_out(credit.rulebook) RETURNS cstring
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_out(credit.rulebook) IS 'I/O: canonical JSON';

CREATE FUNCTION credit.rulebook_recv(internal) RETURNS credit.rulebook
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_recv(internal) IS 'I/O: a version byte and JSON, checked like text';

CREATE FUNCTION credit.rulebook_send(credit.rulebook) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_send(credit.rulebook) IS 'I/O';

-- Not compressed: a rulebook is read far more often than written, and its head
-- can then be read without the rest.
CREATE TYPE credit.rulebook (
  INPUT = credit.rulebook_in, OUTPUT = credit.rulebook_out,
  RECEIVE = credit.rulebook_recv, SEND = credit.rulebook_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = external
);

CREATE FUNCTION credit.rulebook_eq(credit.rulebook, credit.rulebook) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_eq(credit.rulebook, credit.rulebook) IS 'Implementation of = operator: the same content';

CREATE FUNCTION credit.rulebook_ne(credit.rulebook, credit.rulebook) RETURNS boolean
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_ne(credit.rulebook, credit.rulebook) IS 'Implementation of <> operator';

CREATE FUNCTION credit.rulebook_hash(credit.rulebook) RETURNS integer
  AS 'MODULE_PATHNAME', 'rulebook_hash_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_hash(credit.rulebook) IS 'Hash by content';

CREATE FUNCTION credit.rulebook_hash_extended(credit.rulebook, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_hash_extended(credit.rulebook, bigint) IS 'Hash by content, with a seed';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = credit.rulebook, RIGHTARG = credit.rulebook, FUNCTION = credit.rulebook_eq,
  COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (credit.rulebook, credit.rulebook) IS 'the same content';

CREATE OPERATOR pg_catalog.<> (
  LEFTARG = credit.rulebook, RIGHTARG = credit.rulebook, FUNCTION = credit.rulebook_ne,
  COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (credit.rulebook, credit.rulebook) IS 'another content';

CREATE OPERATOR CLASS credit.rulebook_hash_ops DEFAULT FOR TYPE credit.rulebook USING hash AS
  OPERATOR 1 pg_catalog.=,
  FUNCTION 1 credit.rulebook_hash(credit.rulebook),
  FUNCTION 2 credit.rulebook_hash_extended(credit.rulebook, bigint);
COMMENT ON OPERATOR CLASS credit.rulebook_hash_ops USING hash IS 'Rulebooks by content';

CREATE FUNCTION credit.rulebook_digest(book credit.rulebook) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook_digest(credit.rulebook) IS 'SHA-256 of the canonical JSON: names the law that an answer was computed by';

CREATE FUNCTION credit.jsonb(credit.rulebook) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'rulebook_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.jsonb(credit.rulebook) IS 'Implementation of the cast to jsonb';

CREATE FUNCTION credit.rulebook(jsonb) RETURNS credit.rulebook
  AS 'MODULE_PATHNAME', 'rulebook_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.rulebook(jsonb) IS 'Implementation of the cast from jsonb; jsonb has kept one of two equal keys, text input refuses them';

CREATE CAST (credit.rulebook AS jsonb) WITH FUNCTION credit.jsonb(credit.rulebook) AS ASSIGNMENT;
COMMENT ON CAST (credit.rulebook AS jsonb) IS 'its content';
CREATE CAST (jsonb AS credit.rulebook) WITH FUNCTION credit.rulebook(jsonb) AS ASSIGNMENT;
COMMENT ON CAST (jsonb AS credit.rulebook) IS 'checked like text input';

CREATE FUNCTION credit.shipped_rulebook(name text) RETURNS credit.rulebook
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION credit.shipped_rulebook(text) IS 'A rulebook that ships with the extension (cn-370323); an unknown name is error 22023';

-- Relational views.

CREATE FUNCTION credit.rulebook_documents(book credit.rulebook)
RETURNS TABLE (id text, zh text, en text, number text, level text, issued date, in_force daterange, confidence text, unverified boolean, note text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
SELECT d ->> 'id', d ->> 'zh', d ->> 'en', d ->> 'number', d ->> 'level', (d ->> 'issued')::date,
       daterange((d -> 'in_force' ->> 'from')::date, (d -> 'in_force' ->> 'to')::date, '[]'),
       d ->> 'confidence', coalesce((d ->> 'unverified')::boolean, false), d ->> 'note'
  FROM jsonb_array_elements(credit.jsonb(book) -> 'documents') WITH ORDINALITY AS e (d, n)
 ORDER BY n;
END;
COMMENT ON FUNCTION credit.rulebook_documents(credit.rulebook) IS 'The documents that the rules of a rulebook rest on';

CREATE FUNCTION credit.rulebook_basis(book jsonb, basis jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT (d ->> 'zh') || coalesce('（' || (d ->> 'number') || '）', '') || coalesce(' ' || (basis ->> 'article'), '')
          FROM jsonb_array_elements(book -> 'documents') AS d
         WHERE d ->> 'id' = basis ->> 'document');
COMMENT ON FUNCTION credit.rulebook_basis(jsonb, jsonb) IS 'Title, number and article of a basis, in words';

CREATE FUNCTION credit.rulebook_items(book credit.rulebook)
RETURNS TABLE (id text, zh text, en text, stance credit.stance, category text, fields text[], subjects text[], public_persons boolean,
               basis text, in_force daterange, confidence text, unverified boolean, note text, unit text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
SELECT i ->> 'id', i ->> 'zh', i ->> 'en', (i ->> 'stance')::credit.stance, i ->> 'category',
       ARRAY(SELECT jsonb_array_elements_text(i -> 'fields')), ARRAY(SELECT jsonb_array_elements_text(i -> 'subjects')),
       coalesce((i ->> 'public_persons')::boolean, false), credit.rulebook_basis(b.book, i -> 'basis'),
       daterange((i -> 'in_force' ->> 'from')::date, (i -> 'in_force' ->> 'to')::date, '[]'),
       i ->> 'confidence', coalesce((i ->> 'unverified')::boolean, false), i ->> 'note', coalesce(i ->> 'unit', 'CNY')
  FROM (SELECT credit.jsonb(book)) AS b (book),
       jsonb_array_elements(b.book -> 'items') WITH ORDINALITY AS e (i, n)
 ORDER BY n;
END;
COMMENT ON FUNCTION credit.rulebook_items(credit.rulebook) IS 'The catalogue items of a rulebook: what may be collected, of whom, on which basis, and what amounts count';

CREATE FUNCTION credit.amount_unit(book credit.rulebook, item text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT coalesce((SELECT i ->> 'unit' FROM jsonb_array_elements(credit.jsonb(book) -> 'items') AS i WHERE i ->> 'id' = item), 'CNY');
END;
COMMENT ON FUNCTION credit.amount_unit(credit.rulebook, text) IS 'What the amounts of an item count: CNY (yuan, also where no rulebook says), hour, day or time';

CREATE FUNCTION credit.rulebook_codes(book credit.rulebook)
RETURNS TABLE (list text, ordinal integer, code text, zh text, en text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
SELECT l.key, e.n::integer, e.c ->> 'code', e.c ->> 'zh', e.c ->> 'en'
  FROM jsonb_each(credit.jsonb(book) -> 'lists') AS l,
       jsonb_array_elements(l.value) WITH ORDINALITY AS e (c, n)
 ORDER BY l.key, e.n;
END;
COMMENT ON FUNCTION credit.rulebook_codes(credit.rulebook) IS 'The code lists of a rulebook: key fields, occupations, incentives, measures …';

CREATE FUNCTION credit.rulebook_rules(book credit.rulebook)
RETURNS TABLE (section text, id text, basis text, in_force daterange, confidence text, unverified boolean, rule jsonb)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
SELECT s.section, r ->> 'id', credit.rulebook_basis(b.book, r -> 'basis'),
       CASE WHEN r ? 'in_force' THEN daterange((r -> 'in_force' ->> 'from')::date, (r -> 'in_force' ->> 'to')::date, '[]') END,
       r ->> 'confidence', coalesce((r ->> 'unverified')::boolean, false), r
  FROM (SELECT credit.jsonb(book)) AS b (book),
       (VALUES (1, 'display', ARRAY['display']), (2, 'repair', ARRAY['repair']), (3, 'objection', ARRAY['objection']),
               (4, 'measures', ARRAY['measures']), (5, 'score', ARRAY['score', 'rules'])) AS s (at, section, path),
       jsonb_array_elements(b.book #> s.path) WITH ORDINALITY AS e (r, n)
 ORDER BY s.at, n;
END;
COMMENT ON FUNCTION credit.rulebook_rules(credit.rulebook) IS 'Every rule of a rulebook with its basis; the column rule is the whole of it';

CREATE FUNCTION credit.rulebook_unverified(book credit.rulebook)
RETURNS TABLE (section text, id text, basis text, confidence text, note text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 20
BEGIN ATOMIC
SELECT 'documents', d.id, d.zh, d.confidence, d.note FROM credit.rulebook_documents(book) AS d WHERE d.unverified
UNION ALL
SELECT 'items', i.id, i.basis, i.confidence, i.note FROM credit.rulebook_items(book) AS i WHERE i.unverified
UNION ALL
SELECT r.section, r.id, r.basis, r.confidence, r.rule ->> 'note' FROM credit.rulebook_rules(book) AS r WHERE r.unverified
UNION ALL
SELECT 'score', s ->> 'id', credit.rulebook_basis(b.book, s -> 'basis'), s ->> 'confidence', s ->> 'note'
  FROM (SELECT credit.jsonb(book)) AS b (book), LATERAL (SELECT b.book -> 'score') AS x (s)
 WHERE (s ->> 'unverified')::boolean;
END;
COMMENT ON FUNCTION credit.rulebook_unverified(credit.rulebook) IS 'What a lawyer has to confirm: everything marked unverified';

-- A rulebook as leaves: a path and a value.  Elements of arrays go by their id,
-- name, code, grade or year, so that a rule that moved is the same rule.
CREATE FUNCTION credit.rulebook_leaves(book jsonb)
RETURNS TABLE (path text, value jsonb)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 2000
BEGIN ATOMIC
WITH RECURSIVE node (path, value) AS (
  SELECT '$', book
  UNION ALL
  SELECT n.path || c.step, c.value
    FROM node AS n,
         LATERAL (
           SELECT '.' || o.key, o.value
             FROM jsonb_each(CASE WHEN jsonb_typeof(n.value) = 'object' THEN n.value ELSE '{}' END) AS o
           UNION ALL
           SELECT '[' || coalesce(a.value ->> 'id', a.value ->> 'name', a.value ->> 'code', a.value ->> 'grade',
                                  a.value ->> 'year', (a.n - 1)::text) || ']', a.value
             FROM jsonb_array_elements(CASE WHEN jsonb_typeof(n.value) = 'array' AND jsonb_typeof(n.value -> 0) = 'object'
                                            THEN n.value ELSE '[]' END) WITH ORDINALITY AS a (value, n)) AS c (step, value)
)
SELECT n.path, n.value
  FROM node AS n
 WHERE jsonb_typeof(n.value) NOT IN ('object', 'array')
    OR jsonb_typeof(n.value) = 'array' AND coalesce(jsonb_typeof(n.value -> 0), '') <> 'object'
    OR n.value = '{}';
END;
COMMENT ON FUNCTION credit.rulebook_leaves(jsonb) IS 'Paths and values of a rulebook, for comparing';

CREATE FUNCTION credit.rulebook_diff(a credit.rulebook, b credit.rulebook)
RETURNS TABLE (path text, change text, old jsonb, new jsonb)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 20
BEGIN ATOMIC
SELECT coalesce(x.path, y.path),
       CASE WHEN x.path IS NULL THEN 'added' WHEN y.path IS NULL THEN 'removed' ELSE 'changed' END,
       x.value, y.value
  FROM credit.rulebook_leaves(credit.jsonb(a)) AS x
  FULL JOIN credit.rulebook_leaves(credit.jsonb(b)) AS y ON x.path = y.path
 WHERE x.value IS DISTINCT FROM y.value
 ORDER BY 1;
END;
COMMENT ON FUNCTION credit.rulebook_diff(credit.rulebook, credit.rulebook) IS 'What the second rulebook says otherwise than the first';
