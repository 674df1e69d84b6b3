-- The intake: reads the waiting rows of a file, writes down what it finds, and
-- files the rows that may be filed.  Everything is set-based: one statement
-- looks at all rows of a file, and each rule is one line of a VALUES list.

-- ---------------------------------------------------------------------------
-- Reading text without ever raising an error
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit_demo.read_date(value text) RETURNS date
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $read_date$
DECLARE
  first_of_month date;
BEGIN
  IF value !~ '^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$' THEN
    RETURN NULL;
  END IF;
  first_of_month := make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1);
  IF substr(value, 9)::int > date_part('day', first_of_month + interval '1 month - 1 day') THEN
    RETURN NULL;
  END IF;
  RETURN first_of_month + substr(value, 9)::int - 1;
END
$read_date$;
COMMENT ON FUNCTION credit_demo.read_date(text) IS 'A day written YYYY-MM-DD; NULL if it is none of the calendar from 1000 to 2999';

CREATE FUNCTION credit_demo.misread(kind text, value text) RETURNS bool
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $misread$
BEGIN
  RETURN CASE kind WHEN 'date' THEN credit_demo.read_date(value) IS NULL
                   WHEN 'amount' THEN value !~ '^\d{1,12}(\.\d{1,2})?$'
                   WHEN 'count' THEN value !~ '^\d{1,9}$'
                   ELSE false END;
END
$misread$;
COMMENT ON FUNCTION credit_demo.misread(text, text) IS 'Is the text no date, amount or count, if it should be one?';

CREATE FUNCTION credit_demo.misread_at(kind text, value text) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
  WHEN kind <> 'date'                       -- digits, for an amount also decimals
  THEN 1 + length(substring(value FROM CASE kind WHEN 'amount' THEN '^\d{0,12}(?:(?<=\d)\.\d{0,2})?'
                                                 ELSE '^\d{0,9}' END))
  WHEN value !~ '^\d{4}-\d\d-\d\d$'
  THEN 1 + length(substring(value FROM '^(?:\d{4}-\d\d-\d{0,2}|\d{4}-\d{0,2}|\d{0,4})'))
  WHEN value ~ '^[12]\d{3}-(0[1-9]|1[0-2])' THEN 9
  WHEN value ~ '^[12]' THEN 6
  ELSE 1
END;
COMMENT ON FUNCTION credit_demo.misread_at(text, text) IS 'The place at which reading such a text stops';

CREATE FUNCTION credit_demo.province_listed(number text, "position" int) RETURNS bool
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN credit.division_listed(
  substr(regexp_replace(normalize(number, NFKC), '[^0-9A-Za-z]', '', 'g'), "position", 2) || '0000', 1980, 9999);
COMMENT ON FUNCTION credit_demo.province_listed(text, int) IS 'Do the two places from this one on name a province that was ever listed?';

-- ---------------------------------------------------------------------------
-- One row of a file, read
-- ---------------------------------------------------------------------------

CREATE VIEW credit_demo.row_read AS
SELECT r.batch, r.line, r.raw, r.state, b.provider, b.received_on,
       i.item, i.stance, i.subjects, i.basis, i.in_force,
       v.subject_text, v.name, v.document_number,
       credit_demo.read_date(v.document_date) AS document_date,
       credit_demo.read_date(v.conduct_end) AS conduct_end
  FROM credit_demo.batch_row r
  JOIN credit_demo.batch b USING (batch)
 CROSS JOIN LATERAL (SELECT nullif(btrim(r.raw ->> 'subject'), '') AS subject_text,
                            nullif(btrim(r.raw ->> 'name'), '') AS name,
                            nullif(btrim(r.raw ->> 'document_number'), '') AS document_number,
                            btrim(r.raw ->> 'document_date') AS document_date,
                            btrim(r.raw ->> 'conduct_end') AS conduct_end) v
  LEFT JOIN credit_demo.item i ON i.item = r.raw ->> 'item';
COMMENT ON VIEW credit_demo.row_read IS 'Rows of files with what can be read of them; NULL what cannot';

-- ---------------------------------------------------------------------------
-- What is to be said about the waiting rows of a file
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit_demo.examine(batch text)
RETURNS TABLE (line int, field text, verdict text, "position" int, expected text, message text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
WITH
-- Every number is checked once, here; CHECKED is read below and not repeated.
-- An unlisted county is a notice; a province that never was is not even storable.
checked AS MATERIALIZED (
  SELECT r.*, v.verdict, c.position, c.expected, c.message,
         CASE WHEN v.verdict = 'valid' OR e.effect = 'notice' THEN r.subject_text::credit.code END AS code
    FROM credit_demo.row_read r
    LEFT JOIN LATERAL credit.check_code(r.subject_text, r.received_on) c ON r.subject_text IS NOT NULL
   CROSS JOIN LATERAL (SELECT CASE
           WHEN c.verdict = 'unlisted_division' AND NOT credit_demo.province_listed(r.subject_text, c.position)
           THEN 'no_such_province' ELSE c.verdict END AS verdict) v
    LEFT JOIN credit_demo.verdict e ON e.verdict = v.verdict
   WHERE r.batch = examine.batch AND r.state = 'waiting'),

-- The number itself.
of_the_number AS (
  SELECT line, 'subject' AS field, verdict, position, expected, message
    FROM checked
   WHERE verdict <> 'valid'),

-- Each field by itself: there if required, readable, in its list.
of_a_field AS (
  SELECT r.line, f.field, t.verdict,
         CASE WHEN t.verdict LIKE 'malformed%' THEN credit_demo.misread_at(f.kind, v.value) END,
         NULL::text,
         CASE t.verdict
           WHEN 'no_finding_document' THEN 'an adverse record needs the number of the final document'
           WHEN 'missing_field' THEN format('the item asks for "%s"', f.field)
           WHEN 'unknown_value' THEN format('the value is no code of the list "%s"', f.list)
           ELSE format('reading the %s stops at this place', f.kind) END
    FROM checked r
    JOIN credit_demo.item_field f ON f.item = r.item
   CROSS JOIN LATERAL (SELECT nullif(btrim(r.raw ->> f.field), '') AS value) v
   CROSS JOIN LATERAL (SELECT CASE
           WHEN v.value IS NULL AND f.field = 'document_number' AND r.stance = 'bad' THEN 'no_finding_document'
           WHEN v.value IS NULL THEN CASE WHEN f.required THEN 'missing_field' END
           WHEN f.kind IN ('date', 'amount', 'count') AND credit_demo.misread(f.kind, v.value)
           THEN 'malformed_' || f.kind
           WHEN f.kind = 'list' AND (f.list, v.value) NOT IN (SELECT l.list, l.code FROM credit_demo.code_list l)
           THEN 'unknown_value' END AS verdict) t
   WHERE t.verdict IS NOT NULL),

-- Fields that nobody asked for.
of_other_fields AS (
  SELECT r.line, k.field, CASE WHEN b.field IS NULL THEN 'field_not_in_catalogue' ELSE 'forbidden_field' END,
         NULL::int, NULL::text,
         CASE WHEN b.field IS NULL THEN 'the item has no such field'
              ELSE 'this may not be collected by anybody: ' || b.basis END
    FROM checked r
   CROSS JOIN LATERAL jsonb_object_keys(r.raw) AS k (field)
    LEFT JOIN credit_demo.forbidden_field b ON b.field = k.field
   WHERE r.item IS NOT NULL
     AND NOT EXISTS (SELECT FROM credit_demo.item_field f WHERE f.item = r.item AND f.field = k.field)),

-- The row as a whole: what fields say together, and with what is on file.
of_the_row AS (
  SELECT r.line, t.field, t.verdict, NULL::int, NULL::text, t.message
    FROM (SELECT c.*, s.code IS NOT NULL AS known, s.name_key,
                 CASE WHEN credit.code_kind(c.code) = 'organisation' THEN 'organisation' ELSE 'person' END AS kind,
                 row_number() OVER same_document AS copy,
                 first_value(c.line) OVER same_document AS first_line
            FROM checked c
            LEFT JOIN credit_demo.subject s ON s.code = c.code
          WINDOW same_document AS (PARTITION BY c.code, c.item, c.document_number ORDER BY c.line)) r
   CROSS JOIN LATERAL (VALUES
     ('item', 'unknown_item', r.item IS NULL,
        'the catalogue has no such item'),
     ('item', 'wrong_provider',
        NOT EXISTS (SELECT FROM credit_demo.item_provider p WHERE p.item = r.item AND p.provider = r.provider)
        AND r.item IS NOT NULL,
        'the office that handed in this file is not competent for the item'),
     ('subject', 'wrong_subject_kind', NOT r.kind = ANY (r.subjects) AND r.code IS NOT NULL,
        format('the item is about %s, the number is of %s',
               array_to_string(r.subjects, ' or '), r.kind)),
     ('subject', 'unknown_subject', NOT r.known AND r.code IS NOT NULL AND r.item NOT IN ('person', 'organisation'),
        'the number is in order, but nobody is registered under it'),
     ('name', 'name_differs', r.name_key <> credit.name_key(r.name),
        'another name is registered under this number'),
     ('document_date', 'future_document', r.document_date > r.received_on,
        'the document is dated after the day on which this file came'),
     ('document_date', 'document_before_conduct', r.document_date < r.conduct_end,
        'the document is older than the end of the conduct that it finds'),
     ('document_date', 'basis_not_in_force', NOT r.document_date <@ r.in_force,
        format('on the day of the document this was not in force: %s', r.basis)),
     ('conduct_end', 'minors_act',
        r.stance = 'bad' AND r.kind = 'person' AND credit.age_on(r.code, r.conduct_end) < 18,
        'the person was under 18 when the conduct ended'),
     ('document_number', 'duplicate_row', r.copy > 1 AND r.code IS NOT NULL AND r.item IS NOT NULL,
        format('line %s of this file is about the same subject, item and document', r.first_line))
   ) AS t (field, verdict, found, message)
   WHERE t.found)

SELECT * FROM of_the_number
UNION ALL SELECT * FROM of_a_field
UNION ALL SELECT * FROM of_other_fields
UNION ALL SELECT * FROM of_the_row;
END;
COMMENT ON FUNCTION credit_demo.examine(text) IS 'All findings about the waiting rows of a file; changes nothing, so an office can try its file first';

-- ---------------------------------------------------------------------------
-- Taking a file in
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit_demo.take_in(batch text)
RETURNS TABLE (read bigint, filed bigint, already_there bigint, held bigint)
LANGUAGE plpgsql VOLATILE STRICT
AS $take_in$
#variable_conflict use_column
BEGIN
  -- One at a time: a second call waits here, and then finds no waiting row.
  PERFORM FROM credit_demo.batch b WHERE b.batch = take_in.batch FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no batch "%"', take_in.batch USING ERRCODE = 'no_data_found';
  END IF;

  INSERT INTO credit_demo.finding (batch, line, field, verdict, position, expected, message)
  SELECT take_in.batch, f.line, f.field, f.verdict, f.position, f.expected, f.message
    FROM credit_demo.examine(take_in.batch) f;

  -- IN and NOT IN over a sub-query that does not depend on the row are looked up
  -- in a hash table, whatever the planner believes about a file it never saw.
  RETURN QUERY
  WITH passed AS MATERIALIZED (
    SELECT r.*, r.subject_text::credit.code AS code
      FROM credit_demo.row_read r
     WHERE r.batch = take_in.batch AND r.state = 'waiting'
       AND r.line NOT IN (SELECT f.line FROM credit_demo.finding f JOIN credit_demo.verdict v USING (verdict)
                           WHERE f.batch = take_in.batch AND v.effect = 'held')),
  new_subject AS (
    INSERT INTO credit_demo.subject (code, name, name_key, town, batch, line)
    SELECT code, name, credit.name_key(name), raw ->> 'town', batch, line
      FROM passed
     WHERE item IN ('person', 'organisation')
    ON CONFLICT DO NOTHING
    RETURNING line),
  new_record AS (
    INSERT INTO credit_demo.record
           (subject, item, document_number, provider, document_date, conduct_end, severity, details, batch, line)
    SELECT code, item, document_number, provider, document_date, conduct_end,
           (raw ->> 'severity')::credit_demo.severity,
           raw - '{item,subject,name,document_number,document_date,conduct_end,severity}'::text[], batch, line
      FROM passed
     WHERE item NOT IN ('person', 'organisation')
    ON CONFLICT DO NOTHING
    RETURNING line),
  decided AS (
    UPDATE credit_demo.batch_row r
       SET state = CASE WHEN r.line IN (TABLE new_subject UNION ALL TABLE new_record) THEN 'filed'
                        WHEN r.line IN (SELECT p.line FROM passed p) THEN 'already_there'
                        ELSE 'held' END,
           raw = r.raw - ARRAY(SELECT b.field FROM credit_demo.forbidden_field b)
     WHERE r.batch = take_in.batch AND r.state = 'waiting'
    RETURNING r.state)
  SELECT count(*), count(*) FILTER (WHERE state = 'filed'),
         count(*) FILTER (WHERE state = 'already_there'), count(*) FILTER (WHERE state = 'held')
    FROM decided;
END
$take_in$;
COMMENT ON FUNCTION credit_demo.take_in(text) IS 'Files the waiting rows of a file or holds them with findings; all or nothing, and exactly once';

-- ---------------------------------------------------------------------------
-- What the office sees
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit_demo.show_value(field text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN nullif(btrim(value), '') IS NULL THEN NULL
            WHEN field = 'subject' THEN left(value, 6) || repeat('*', length(value) - 6)
            WHEN field = 'name' THEN credit.mask_name(value)
            ELSE left(value, 20) END;
COMMENT ON FUNCTION credit_demo.show_value(text, text) IS 'A field of a held row as a screen may show it: of a number no more than its division, of a name the surname. Not STRICT: an absent field shows as nothing';

CREATE VIEW credit_demo.held_row AS
SELECT f.batch, f.line, f.field,
       CASE WHEN f.verdict NOT IN ('forbidden_field', 'field_not_in_catalogue')
            THEN credit_demo.show_value(f.field, r.raw ->> f.field) END AS value,
       f.position, f.verdict, v.zh, f.message, v.remedy
  FROM credit_demo.finding f
  JOIN credit_demo.verdict v USING (verdict)
  JOIN credit_demo.batch_row r USING (batch, line)
 WHERE r.state = 'held' AND v.effect = 'held';
COMMENT ON VIEW credit_demo.held_row IS 'Held rows and what to do about them; shows no whole number, no check character, no whole name, and nothing of fields that nobody asked for';
