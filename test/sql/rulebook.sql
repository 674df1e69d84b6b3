-- The law as a value: text in and out, content, relational views, and every way
-- in which a text can be wrong.
SET datestyle = 'ISO';
CREATE TEMP TABLE base (j jsonb);
INSERT INTO base VALUES ($json$
{"format": 1, "id": "test-book", "version": "1", "title": {"zh": "测试", "en": "test"},
 "documents": [
  {"id": "law_a", "zh": "甲法", "number": "1号", "level": "law", "in_force": {"from": "2020-01-01"}, "confidence": "A"},
  {"id": "rule_b", "zh": "乙办法", "level": "department_rule", "issued": "2022-01-01",
   "in_force": {"from": "2022-03-01", "to": "2024-12-31"}, "confidence": "B", "unverified": true, "note": "read in a summary"}],
 "lists": {"information_category": [{"code": "penalty", "zh": "处罚", "en": "penalties"}],
           "key_field": [{"code": "food_drug", "zh": "食品药品", "en": "food and drugs"}]},
 "items": [
  {"id": "penalty", "zh": "处罚", "en": "penalty", "stance": "bad", "category": "penalty", "fields": ["document_number", "amount"],
   "subjects": ["person", "organisation"], "basis": {"document": "law_a", "article": "第1条"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
  {"id": "honour", "zh": "荣誉", "en": "honour", "stance": "good", "subjects": ["person"],
   "basis": {"document": "law_a"}, "in_force": {"from": "2020-01-01"}, "confidence": "M", "unverified": true}],
 "display": [
  {"id": "any", "months": 36, "anchor": "document_date", "basis": {"document": "law_a", "article": "第2条"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
  {"id": "cap", "months": 60, "anchor": "conduct_end", "cap": true, "basis": {"document": "law_a"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"},
  {"id": "small", "severity": ["minor"], "items": ["penalty"], "months": 3, "anchor": "document_date",
   "basis": {"document": "rule_b"}, "in_force": {"from": "2022-03-01", "to": "2024-12-31"}, "confidence": "B"}],
 "repair": [
  {"id": "asked", "min_months": 3, "needs": ["fulfilled", "commitment"], "false_papers_months": 36,
   "basis": {"document": "law_a"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
 "objection": [
  {"id": "own_scope", "step": "own", "procedure": "objection", "days": 3, "unit": "workday",
   "basis": {"document": "law_a"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
 "score": {"id": "plain", "basis": {"document": "law_a"}, "confidence": "A", "base": 100,
  "grades": [{"grade": "A", "from": 110}, {"grade": "B", "from": 90}, {"grade": "C"}],
  "validity": [{"up_to": 40, "months": 12}, {"months": 24}],
  "dimensions": [{"id": "good", "zh": "善", "en": "good", "most_plus": 50, "per": "year"}],
  "least": 0, "most": 200,
  "rules": [
   {"id": "fine", "items": ["penalty"], "severity": ["general"], "points": -10, "relapse": 2, "basis": {"document": "law_a"}, "confidence": "A"},
   {"id": "barred", "items": ["penalty"], "severity": ["serious"], "direct": "C", "months": 36, "basis": {"document": "law_a"}, "confidence": "A"},
   {"id": "hours", "items": ["honour"], "tiers": [{"from": 0, "per": 1, "points": 1}, {"from": 20, "per": 2, "points": 1}], "sum": "year", "months": 12,
    "dimension": "good", "basis": {"document": "law_a"}, "confidence": "A"}]},
 "measures": [
  {"id": "no_tender", "zh": "限制投标", "en": "no tenders", "kind": "restriction", "least_severity": "serious",
   "basis": {"document": "law_a"}, "in_force": {"from": "2020-01-01"}, "confidence": "A"}],
 "calendar": {"from": "2026-01-01", "to": "2026-12-31", "weekend": [6, 7],
  "years": [{"year": 2026, "off": ["2026-01-01/2026-01-03"], "work": ["2026-01-04"]}]},
 "cases": [
  {"name": "a year", "article": "第2条", "ask": "display_period", "given": {"item": "penalty", "document_date": "2026-05-01"}, "expect": "[2026-05-01,2029-05-02)"}]}
$json$);
CREATE TEMP TABLE book AS SELECT j::credit.rulebook AS b FROM base;

-- ---------------------------------------------------------------------------
-- Content: one canonical text, whatever order and spelling it came in
SELECT b::text = b::text::credit.rulebook::text AS stable, b = b::jsonb::credit.rulebook AS through_jsonb,
       left(b::text, 76) AS begins
  FROM book;
SELECT '{"zh": "测试", "en": "test"}'::jsonb = b::jsonb -> 'title' AS title FROM book;
-- Numbers, nulls and the order of keys have no meaning; the order of rules has.
SELECT name, j::credit.rulebook = b AS same
  FROM book,
       LATERAL (SELECT b::jsonb) AS o (o),
       LATERAL (VALUES
         ('points as text', jsonb_set(o, '{score,base}', '"100.00"')),
         ('an end that is null', jsonb_set(o, '{items,0,in_force,to}', 'null')),
         ('months', jsonb_set(o, '{display,0,months}', '35')),
         ('a note', jsonb_set(o, '{note}', '"x"')),
         ('documents turned round', jsonb_set(o, '{documents}', jsonb_build_array(o #> '{documents,1}', o #> '{documents,0}')))) AS v (name, j)
 ORDER BY 1;
SELECT encode(credit.rulebook_digest(b), 'hex') = encode(sha256(convert_to(b::text, 'UTF8')), 'hex') AS digest_is_sha256 FROM book;
SELECT count(*) AS distinct_books FROM (SELECT b FROM book UNION ALL SELECT b FROM book UNION SELECT jsonb_set(b::jsonb, '{version}', '"2"')::credit.rulebook FROM book) AS u;
SELECT count(*) FROM book AS x JOIN book AS y ON x.b = y.b;

-- ---------------------------------------------------------------------------
-- Binary: what comes in is checked like text
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; state text; message text;
BEGIN
  EXECUTE statement;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
  RETURN state || ' ' || message || CASE WHEN detail <> '' THEN ' | ' || detail ELSE '' END;
END $$;
SELECT get_byte(credit.rulebook_send(b), 0) AS version,
       convert_from(substr(credit.rulebook_send(b), 2), 'UTF8') = b::text AS then_text
  FROM book;
SELECT current_setting('data_directory') || '/rulebook.bin' AS file \gset
COPY (SELECT b FROM book) TO :'file' (FORMAT binary);
CREATE TEMP TABLE again (b credit.rulebook);
COPY again FROM :'file' (FORMAT binary);
SELECT again.b = book.b AS same FROM again, book;

-- ---------------------------------------------------------------------------
-- Relational views
SELECT d.* FROM book, credit.rulebook_documents(b) AS d;
SELECT i.id, i.zh, i.stance, i.category, i.fields, i.subjects, i.basis, i.in_force, i.unverified FROM book, credit.rulebook_items(b) AS i;
SELECT c.* FROM book, credit.rulebook_codes(b) AS c;
SELECT r.section, r.id, r.basis, r.in_force, r.confidence FROM book, credit.rulebook_rules(b) AS r;
SELECT u.* FROM book, credit.rulebook_unverified(b) AS u;
SELECT d.*
  FROM book,
       credit.rulebook_diff(b, (jsonb_set(b::jsonb, '{display,0,months}', '24') #- '{repair,0,needs}' || '{"note": "draft"}')::credit.rulebook) AS d;
-- A rule that moved is the same rule.
SELECT count(*) AS differences
  FROM book,
       credit.rulebook_diff(b, jsonb_set(b::jsonb, '{display}', jsonb_build_array(b::jsonb #> '{display,2}', b::jsonb #> '{display,0}', b::jsonb #> '{display,1}'))::credit.rulebook);

-- ---------------------------------------------------------------------------
-- Malformed: each kind told with its JSON path
CREATE TEMP TABLE malformed (n integer GENERATED ALWAYS AS IDENTITY, kind text, path text[], value jsonb, text text);
INSERT INTO malformed (kind, path, value) VALUES
  ('unknown key at the top', '{colour}', '1'),
  ('unknown key in a rule', '{display,0,month}', '1'),
  ('unknown key in a range', '{items,0,in_force,until}', '"2026-01-01"'),
  ('unknown key in a basis', '{items,0,basis,page}', '1'),
  ('another format', '{format}', '2'),
  ('format as text', '{format}', '"1"'),
  ('id in capitals', '{id}', '"Book"'),
  ('id of an item with a hyphen', '{items,0,id}', '"pen-alty"'),
  ('id too long', '{items,0,id}', to_jsonb(repeat('a', 64))),
  ('empty title', '{title,zh}', '""'),
  ('title that is a number', '{title,zh}', '7'),
  ('documents as object', '{documents}', '{}'),
  ('document that is a text', '{documents,0}', '"law_a"'),
  ('no such level', '{documents,0,level}', '"decree"'),
  ('no such confidence', '{documents,0,confidence}', '"D"'),
  ('day that does not exist', '{documents,0,in_force,from}', '"2023-02-29"'),
  ('day in another form', '{documents,0,issued}', '"2023/02/01"'),
  ('day with a time', '{documents,0,issued}', '"2023-02-01T00:00"'),
  ('day out of range', '{documents,0,issued}', '"2200-01-01"'),
  ('range that ends before it begins', '{items,0,in_force,to}', '"2019-12-31"'),
  ('document twice', '{documents,1,id}', '"law_a"'),
  ('item twice', '{items,1,id}', '"penalty"'),
  ('rule twice', '{display,1,id}', '"any"'),
  ('case twice', '{cases,1}', '{"name": "a year", "article": "x", "ask": "grade", "given": {}, "expect": 1}'),
  ('code twice', '{lists,key_field,1}', '{"code": "food_drug", "zh": "x", "en": "x"}'),
  ('dangling document', '{display,0,basis,document}', '"law_z"'),
  ('dangling item', '{display,2,items,0}', '"arrears"'),
  ('dangling category', '{items,0,category}', '"taxes"'),
  ('dangling dimension', '{score,rules,2,dimension}', '"evil"'),
  ('dangling grade', '{score,rules,1,direct}', '"Z"'),
  ('no items at all', '{items}', '[]'),
  ('empty list of severities', '{display,2,severity}', '[]'),
  ('no such severity', '{display,2,severity,0}', '"grave"'),
  ('no such stance', '{items,0,stance}', '"evil"'),
  ('no such subject', '{items,0,subjects,0}', '"horse"'),
  ('no subjects', '{items,0,subjects}', '[]'),
  ('forbidden field religion', '{items,0,fields,1}', '"religion"'),
  ('forbidden field medical history', '{items,0,fields,1}', '"medical_history"'),
  ('months with decimals', '{display,0,months}', '1.5'),
  ('months below zero', '{display,0,months}', '-1'),
  ('months without end', '{display,0,months}', '99999999999999'),
  ('months as text', '{display,0,months}', '"12"'),
  ('no such anchor', '{display,0,anchor}', '"birthday"'),
  ('truth as text', '{display,1,cap}', '"true"'),
  ('items and stances', '{display,2,stances}', '["bad"]'),
  ('no end: the open rule ends', '{display,0,in_force,to}', '"2030-01-01"'),
  ('no end: the open rule hangs on the end of conduct', '{display,0,anchor}', '"conduct_end"'),
  ('overlapping rules', '{display,3}', '{"id": "again", "months": 12, "anchor": "document_date", "basis": {"document": "law_a"}, "in_force": {"from": "2025-01-01"}, "confidence": "A"}'),
  ('repair that never comes, with a condition', '{repair,0,never}', 'true'),
  ('no such need', '{repair,0,needs,0}', '"money"'),
  ('repair forgets a severity', '{repair,0,severity}', '["minor"]'),
  ('repair rule that ended', '{repair,0,in_force,to}', '"2030-01-01"'),
  ('no such step', '{objection,0,step}', '"sigh"'),
  ('no such unit', '{objection,0,unit}', '"moon"'),
  ('unverified not said', '{items,1,unverified}', 'false'),
  ('restriction without least severity', '{measures,0,least_severity}', 'null'),
  ('grades from worst to best', '{score,grades,1,from}', '120'),
  ('last grade with a bound', '{score,grades,2,from}', '1'),
  ('grade without a bound', '{score,grades,0,from}', 'null'),
  ('points with five decimals', '{score,base}', '0.00001'),
  ('points with an exponent', '{score,base}', '"1e3"'),
  ('points too large', '{score,base}', '1234567890123'),
  ('base above the most', '{score,base}', '201'),
  ('two kinds of points', '{score,rules,0,direct}', '"C"'),
  ('no kind of points', '{score,rules,0,points}', 'null'),
  ('validity unknown', '{score,rules,2,months}', 'null'),
  ('the best grade as a downgrade', '{score,rules,1,direct}', '"A"'),
  ('tiers that do not ascend', '{score,rules,2,tiers,1,from}', '0'),
  ('tier of nothing', '{score,rules,2,tiers,0,per}', '0'),
  ('tier that takes', '{score,rules,2,tiers,1,points}', '-1'),
  ('relapse of a merit', '{score,rules,2,relapse}', '2'),
  ('amounts of all years under a bound of a year', '{score,rules,2,sum}', '"all"'),
  ('cap below zero', '{score,rules,0,cap}', '-5'),
  ('calendar that ends before it begins', '{calendar,to}', '"2025-12-31"'),
  ('calendar of 300 years', '{calendar,from}', '"1800-01-01"'),
  ('day outside the calendar', '{calendar,years,0,work,0}', '"2027-01-04"'),
  ('day both off and at work', '{calendar,years,0,work,0}', '"2026-01-02"'),
  ('span that runs backwards', '{calendar,years,0,off,0}', '"2026-01-03/2026-01-01"'),
  ('weekday eight', '{calendar,weekend,0}', '8'),
  ('no such question', '{cases,0,ask}', '"weather"'),
  ('given is no object', '{cases,0,given}', '[]'),
  ('a key of lists that is no id', '{lists,Key}', '[]');
INSERT INTO malformed (kind, text) VALUES
  ('empty', ''), ('a number', '1'), ('an array', '[]'), ('null', 'null'), ('no JSON', '{"format": 1,'), ('comment', '{/* */}'),
  ('bytes behind the end', (SELECT j::text || '}' FROM base)),
  ('key twice at the top', (SELECT regexp_replace(j::text, '"format": 1', '"format": 1, "format": 1') FROM base)),
  ('key twice in a rule', (SELECT regexp_replace(j::text, '"months": 60', '"months": 60, "months": 12') FROM base)),
  ('zero character', '{"id": "\u0000"}'),
  ('nested too deep', repeat('[', 100000)),
  ('nested and closed', repeat('{"a":', 200) || '1' || repeat('}', 200)),
  ('10 MB', '{"note": "' || repeat('x', 10000000) || '"}');
SELECT n, kind, pg_temp.try(format('SELECT %L::text::credit.rulebook', coalesce(text, jsonb_set(j, path, value)::text))) AS answer
  FROM malformed, base ORDER BY n;
SELECT count(*) AS kinds,
       count(*) FILTER (WHERE pg_temp.try(format('SELECT %L::text::credit.rulebook', coalesce(text, jsonb_set(j, path, value)::text))) = 'accepted') AS accepted
  FROM malformed, base;
-- Every key that must stand there is missed when it is taken away.
WITH RECURSIVE place (path) AS (
  SELECT ARRAY[k] FROM base, jsonb_object_keys(j) AS k
  UNION ALL
  SELECT path || k FROM place, base,
       LATERAL (SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(j #> path) WHEN 'object' THEN j #> path ELSE '{}' END) AS k
                 UNION ALL SELECT '0' WHERE jsonb_typeof(j #> path -> 0) = 'object') AS s (k)
   WHERE path[1] <> 'lists' AND NOT path @> '{given}')
SELECT array_to_string(path, '.') AS without, substring(pg_temp.try(format('SELECT %L::text::credit.rulebook', j #- path)) FROM '\| (.*)') AS answer
  FROM place, base
 WHERE path[array_length(path, 1)] <> '0' AND pg_temp.try(format('SELECT %L::text::credit.rulebook', j #- path)) <> 'accepted'
 ORDER BY path COLLATE "C";

-- ---------------------------------------------------------------------------
-- Shipped ones
SELECT pg_temp.try('SELECT credit.shipped_rulebook(''../../etc/passwd'')') AS answer;
SELECT pg_temp.try('SELECT credit.shipped_rulebook('''')') AS answer;
SELECT b::jsonb ->> 'id' AS id, b = b::text::credit.rulebook AS text_round, b = b::jsonb::credit.rulebook AS jsonb_round
  FROM credit.shipped_rulebook('cn-370323') AS b;

-- ---------------------------------------------------------------------------
-- A backend keeps four stored books: nine of them in turns, at once, and others
-- in their place answer as they do when read from their text each time.
CREATE TABLE regress_law AS
  SELECT n, jsonb_set(b::jsonb, '{objection,0,days}', to_jsonb(n))::credit.rulebook AS book
    FROM credit.shipped_rulebook('cn-370323') AS b, generate_series(1, 9) n;
SELECT pg_relation_size(c.reltoastrelid) > 9 * 10000 AS stored_in_pieces FROM pg_class c WHERE c.oid = 'regress_law'::regclass;
CREATE VIEW regress_answer AS
  SELECT l.n, credit.deadline(l.book, 'shandong_own', '2026-03-02') AS kept, credit.deadline(l.book::text::credit.rulebook, 'shandong_own', '2026-03-02') AS anew
    FROM regress_law l;
WITH anew AS MATERIALIZED (SELECT a.n, a.anew FROM regress_answer a)
SELECT count(*), count(DISTINCT a.kept) AS books, count(*) FILTER (WHERE a.kept <> w.anew) AS differ
  FROM generate_series(1, 3) AS turn CROSS JOIN LATERAL (SELECT a.n, a.kept FROM regress_answer a WHERE turn > 0 ORDER BY a.n) a JOIN anew w ON w.n = a.n;
SELECT format('SELECT %s', string_agg(format('credit.deadline((SELECT l.book FROM regress_law l WHERE l.n = %s), ''shandong_own'', ''2026-03-02'') AS d%1$s', n), ', ' ORDER BY n))
  FROM generate_series(1, 9) n \gexec
DO $$
BEGIN
  FOR i IN 1 .. 20 LOOP
    BEGIN
      PERFORM credit.deadline(l.book, 'none', '2026-03-02') FROM regress_law l WHERE l.n = i % 9 + 1;
      RAISE 'a deadline that there is not';
    EXCEPTION WHEN invalid_parameter_value THEN
      NULL;
    END;
  END LOOP;
END
$$;
UPDATE regress_law l SET book = jsonb_set(l.book::jsonb, '{objection,0,days}', to_jsonb(20 - l.n))::credit.rulebook;
VACUUM regress_law;
INSERT INTO regress_law SELECT 20 + l.n, jsonb_set(l.book::jsonb, '{objection,0,days}', to_jsonb(30 - l.n))::credit.rulebook FROM regress_law l;
SELECT count(*), count(DISTINCT a.kept) AS books, count(*) FILTER (WHERE a.kept <> a.anew) AS differ FROM regress_answer a;
DROP TABLE regress_law CASCADE;
