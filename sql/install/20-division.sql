-- division: administrative divisions (GB/T 2260) with the years they were in
-- force.  Data, so that a DBA can add what the lists of 1980-2020 cannot know.

CREATE TABLE credit.division_history (
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  first_year int NOT NULL,
  last_year int,
  origin text COLLATE "C" NOT NULL DEFAULT 'local',
  note text,
  PRIMARY KEY (code, first_year, origin),
  CONSTRAINT division_history_code CHECK (code OPERATOR(pg_catalog.~) '^[0-9]{6}$'),
  CONSTRAINT division_history_name CHECK (name OPERATOR(pg_catalog.~) '\S'
    AND pg_catalog.char_length(name) OPERATOR(pg_catalog.<=) 100),
  CONSTRAINT division_history_years CHECK (first_year OPERATOR(pg_catalog.>=) 1900
    AND last_year OPERATOR(pg_catalog.>=) first_year),
  CONSTRAINT division_history_last CHECK (first_year OPERATOR(pg_catalog.<=) 9999
    AND last_year OPERATOR(pg_catalog.<=) 9999),
  CONSTRAINT division_history_origin CHECK (origin OPERATOR(pg_catalog.=) 'shipped'
    OR origin OPERATOR(pg_catalog.=) 'local')
) USING heap;
COMMENT ON TABLE credit.division_history IS
  'Administrative divisions by years in force; add rows of origin local, dumps carry those';
COMMENT ON COLUMN credit.division_history.code IS 'Six digits of GB/T 2260';
COMMENT ON COLUMN credit.division_history.name IS 'Own name, without the places above it';
COMMENT ON COLUMN credit.division_history.first_year IS 'First yearly list with this name; 1980 means 1980 or earlier';
COMMENT ON COLUMN credit.division_history.last_year IS 'Last yearly list with this name; NULL while it is in force';
COMMENT ON COLUMN credit.division_history.origin IS
  'shipped with the extension, or local: a local row takes the place of the shipped one with the same code and first_year';
COMMENT ON COLUMN credit.division_history.note IS 'Where a local row comes from';

--@csv data/division_history.csv credit.division_history origin=shipped

CREATE FUNCTION credit.division_changed() RETURNS trigger
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.division_changed() IS
  'Trigger: tells every backend that its divisions are out of date';
REVOKE ALL ON FUNCTION credit.division_changed() FROM PUBLIC;

CREATE FUNCTION credit.keep_shipped() RETURNS trigger
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.keep_shipped() IS
  'Trigger: refuses changes to rows of origin shipped';
REVOKE ALL ON FUNCTION credit.keep_shipped() FROM PUBLIC;

CREATE TRIGGER division_changed
  AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON credit.division_history
  FOR EACH STATEMENT EXECUTE FUNCTION credit.division_changed();
COMMENT ON TRIGGER division_changed ON credit.division_history IS
  'Always, also where changes are replicated: a stale cache would answer wrongly';
ALTER TABLE credit.division_history ENABLE ALWAYS TRIGGER division_changed;

CREATE TRIGGER keep_shipped
  BEFORE INSERT OR UPDATE OR DELETE ON credit.division_history
  FOR EACH ROW EXECUTE FUNCTION credit.keep_shipped();
COMMENT ON TRIGGER keep_shipped ON credit.division_history IS
  'Shipped rows are not dumped, so they are not changed either';
CREATE TRIGGER keep_shipped_truncate
  BEFORE TRUNCATE ON credit.division_history
  FOR EACH STATEMENT EXECUTE FUNCTION credit.keep_shipped();
COMMENT ON TRIGGER keep_shipped_truncate ON credit.division_history IS
  'Shipped rows are not dumped, so they are not removed either';

SELECT pg_catalog.pg_extension_config_dump('credit.division_history',
  'WHERE origin OPERATOR(pg_catalog.<>) ''shipped''');

GRANT SELECT ON credit.division_history TO PUBLIC;

CREATE VIEW credit.division_interval WITH (security_invoker = true) AS
  SELECT DISTINCT ON (h.code, h.first_year)
         h.code, h.name, h.first_year, h.last_year, h.origin, h.note
    FROM credit.division_history h
   ORDER BY h.code, h.first_year, h.origin;
COMMENT ON VIEW credit.division_interval IS
  'The divisions in effect: division_history with local rows in the place of shipped ones';
COMMENT ON COLUMN credit.division_interval.code IS 'As in division_history';
COMMENT ON COLUMN credit.division_interval.name IS 'As in division_history';
COMMENT ON COLUMN credit.division_interval.first_year IS 'As in division_history';
COMMENT ON COLUMN credit.division_interval.last_year IS 'As in division_history';
COMMENT ON COLUMN credit.division_interval.origin IS 'Where the row in effect comes from';
COMMENT ON COLUMN credit.division_interval.note IS 'As in division_history';
GRANT SELECT ON credit.division_interval TO PUBLIC;

CREATE FUNCTION credit.is_division(code text) RETURNS bool
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN code OPERATOR(pg_catalog.~) '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}$';
COMMENT ON FUNCTION credit.is_division(text) IS
  'Six digits under the prefix of a province (GB/T 2260)?  Whether there is or was such a division is division_name()''s to say';

CREATE FUNCTION credit.division_name(code text, on_date date) RETURNS text
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.division_name(text, date) IS
  'Own name of a division on a day; NULL if it was not listed then';

CREATE FUNCTION credit.division_full_name(code text, on_date date) RETURNS text
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.division_full_name(text, date) IS
  'Province, prefecture and own name of a division on a day; NULL if it was not listed then';

CREATE FUNCTION credit.division_listed(code text, from_year int, to_year int) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.division_listed(text, int, int) IS
  'Was the division listed at some time in these years, give or take a year at its edges?';
