-- Administrative divisions as dated data.
\set VERBOSITY default
SET DateStyle = 'ISO, YMD';

-- Our own county moved, in 1989, from Linyi to Zibo.
SELECT credit.division_name('370323', '2026-11-23') AS today,
       credit.division_name('372828', '1985-06-01') AS then,
       credit.division_name('370323', '1985-06-01') AS not_yet,
       credit.division_name('372828', '2026-11-23') AS no_more;
SELECT credit.division_full_name('370323', '2026-11-23'), credit.division_full_name('372828', '1985-06-01'),
       credit.division_full_name('370323', '1985-06-01');
SELECT y, credit.division_listed('372828', y, y) AS linyi, credit.division_listed('370323', y, y) AS zibo
  FROM generate_series(1986, 1991) y;

-- 1980 means 1980 or earlier; no last year means that it is still listed.
SELECT credit.division_name('372828', '1949-10-01'), credit.division_name('370323', '2099-01-01'),
       credit.division_name('110101', '-infinity'), credit.division_name('110101', 'infinity'),
       credit.division_name('110101', '4713-01-01 BC'),
       credit.division_listed('110101', -2147483648, -2147483648) AS ever,
       credit.division_listed('110101', 2147483647, 2147483647) AS always,
       credit.division_listed('372828', 1991, 2147483647) AS gone;

-- One year of slack at both edges: Laiwu is in the lists of 1992 to 2017.
SELECT y, credit.division_listed('371200', y, y) FROM unnest(ARRAY[1990, 1991, 1992, 2017, 2018, 2019]) y;
-- Names have no slack, but a hole of a single year under the same name is no
-- change: Anhui is missing in the list of 1987.
SELECT y, credit.division_name('371200', make_date(y, 7, 1)), credit.division_name('340000', make_date(y, 7, 1))
  FROM unnest(ARRAY[1986, 1987, 1988, 1991, 1992, 2017, 2018]) y;
-- A change within a year: both rows hold, the later one names it.
SELECT name, first_year, last_year FROM credit.division_history WHERE code = '442621' ORDER BY first_year;
SELECT credit.division_name('442621', '1981-12-31'), credit.division_name('442621', '1982-01-01');

-- Headings of the standard that the lists leave out: in use with what they head.
SELECT c, credit.division_listed(c, 2020, 2020) AS listed, credit.division_name(c, '2020-01-01') AS name,
       credit.division_full_name(c, '2020-01-01') AS full_name
  FROM unnest(ARRAY['110100', '500200', '330201', '370301', '419000', '419001', '659000', '659004',
                    '110101', '469021', '370000', '370300', '810000', '830000',
                    '500300', '129000', '370001', '110300', '100000', '710000', '990000', '000000', '999999']) c;
SELECT credit.division_listed('500300', 1997, 1997) AS cities_of_chongqing,
       credit.division_name('500300', '2000-01-01'),
       credit.division_listed('371201', 2017, 2017) AS districts_of_laiwu,
       credit.division_listed('371201', 2020, 2020) AS no_more,
       credit.division_name('372801', '1985-01-01') AS own_row_first,
       credit.division_listed('372801', 2000, 2000) AS prefecture_has_no_districts;

-- The codes of five provinces, every year from 1979 to 2027: the cache against
-- the table.  (All codes, against another implementation: make crosscheck.)
CREATE TEMP TABLE interval AS SELECT * FROM credit.division_interval;
CREATE INDEX ON interval (code);
ANALYZE interval;
CREATE TEMP TABLE seen AS
SELECT c.code, y, credit.division_listed(c.code, y, y) AS listed, credit.division_name(c.code, make_date(y, 6, 30)) AS name
  FROM (SELECT DISTINCT code FROM interval WHERE left(code, 2) = ANY ('{11,34,37,44,50}')) c, generate_series(1979, 2027) y;
SELECT count(*) FROM seen;
-- Headings (codes that end in 00 or 01) may be listed without a row of their own.
CREATE TEMP VIEW wanted AS
SELECT s.*,
       EXISTS (SELECT FROM interval i WHERE i.code = s.code
                  AND (i.first_year = 1980 OR s.y >= i.first_year - 1)
                  AND (i.last_year IS NULL OR s.y <= i.last_year + 1)) AS want_listed,
       (SELECT i.name FROM interval i WHERE i.code = s.code
           AND (i.first_year = 1980 OR s.y >= i.first_year)
           AND (i.last_year IS NULL OR s.y <= i.last_year)
         ORDER BY i.first_year DESC LIMIT 1) AS want_name,
       (SELECT a.name FROM interval a JOIN interval b USING (code, name)
         WHERE a.code = s.code AND a.last_year = s.y - 1 AND b.first_year = s.y + 1) AS bridged
  FROM seen s;
SELECT count(*) FILTER (WHERE listed <> want_listed) AS wrong_listed,
       count(*) FILTER (WHERE name IS DISTINCT FROM coalesce(want_name, bridged)) AS wrong_name,
       count(*) FILTER (WHERE listed) AS listed, count(name) AS named,
       count(*) FILTER (WHERE want_name IS NULL AND bridged IS NOT NULL) AS bridged
  FROM wanted WHERE code !~ '0[01]$';
SELECT count(*) FILTER (WHERE want_listed AND NOT listed) AS wrong_listed,
       count(*) FILTER (WHERE name IS DISTINCT FROM coalesce(want_name, bridged) AND NOT coalesce(name, '') ~ '^市辖区$|^县$|^市$|直辖') AS wrong_name,
       count(*) FILTER (WHERE listed AND NOT want_listed) AS as_heading
  FROM wanted WHERE code ~ '0[01]$';
-- The same in parallel workers, which build caches of their own.
CREATE TABLE division_many AS SELECT code, y, listed, name FROM seen;
ALTER TABLE division_many SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
CREATE FUNCTION pg_temp.workers(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ 'Workers Launched' THEN RETURN btrim(line); END IF;
  END LOOP;
  RETURN 'none';
END $$;
SELECT pg_temp.workers('SELECT count(*) FROM division_many WHERE credit.division_listed(code, y, y) <> listed');
SELECT count(*) AS wrong FROM division_many
 WHERE credit.division_listed(code, y, y) <> listed
    OR credit.division_name(code, make_date(y, 6, 30)) IS DISTINCT FROM name;

-- A worker sees what its leader has not committed.
BEGIN;
INSERT INTO credit.division_history (code, name, first_year) VALUES ('370399', '并行县', 2021);
SELECT count(*) FROM division_many WHERE credit.division_name('370399', make_date(y, 1, 1)) = '并行县' AND code = '370323';
ROLLBACK;
RESET parallel_leader_participation;

-- Errors: malformed is an error, unknown is not; a number is not repeated.
SELECT credit.division_name('37032', '2026-01-01');
SELECT credit.division_name('370323198001011234', '2026-01-01');
SELECT credit.division_name('37032沂', '2026-01-01');
SELECT credit.division_name('３７０３２３', '2026-01-01');
SELECT credit.division_full_name('', '2026-01-01');
SELECT credit.division_listed(' 70323', 1980, 2000);
SELECT credit.division_listed('370323', 2000, 1999);
SELECT credit.division_name(NULL, '2026-01-01') IS NULL AND credit.division_listed('370323', NULL, 1) IS NULL AS strict;

-- A DBA's own rows: a new county, a closed interval, a mended name.
BEGIN;
INSERT INTO credit.division_history (code, name, first_year, note) VALUES ('370399', '新县', 2021, 'made up');
SELECT credit.division_name('370399', '2021-01-01'), credit.division_name('370399', '2020-01-01'),
       credit.division_listed('370399', 2020, 2020), credit.division_listed('370399', 2019, 2019);
INSERT INTO credit.division_history (code, name, first_year, last_year) VALUES ('370323', '沂源县', 1989, 2024);
INSERT INTO credit.division_history (code, name, first_year) VALUES ('370323', '沂源市', 2025);
SELECT y, credit.division_name('370323', make_date(y, 1, 1)) FROM generate_series(2023, 2026) y;
SELECT name, first_year, last_year, origin FROM credit.division_interval WHERE code = '370323' ORDER BY first_year;
-- Seen, taken back and seen again within the transaction.
SAVEPOINT s;
DELETE FROM credit.division_history WHERE origin = 'local';
SELECT credit.division_name('370399', '2025-01-01'), credit.division_name('370323', '2025-01-01');
ROLLBACK TO s;
SELECT credit.division_name('370399', '2025-01-01'), credit.division_name('370323', '2025-01-01');
UPDATE credit.division_history SET name = '新新县' WHERE code = '370399';
SELECT credit.division_name('370399', '2025-01-01');
-- An older statement does not see it, whoever asks in between.
DECLARE before CURSOR FOR SELECT credit.division_name('370399', '2025-01-01') FROM generate_series(1, 2);
UPDATE credit.division_history SET name = '老县' WHERE code = '370399';
FETCH 1 FROM before;
SELECT credit.division_name('370399', '2025-01-01');
FETCH 1 FROM before;
ROLLBACK;
SELECT credit.division_name('370399', '2025-01-01') IS NULL AS gone, credit.division_name('370323', '2025-01-01');

-- The changing command itself still sees the table as it was.
BEGIN;
INSERT INTO credit.division_history (code, name, first_year)
  SELECT '370398', coalesce(credit.division_name('370398', '2025-01-01'), 'none'), 2021 RETURNING name;
SELECT credit.division_name('370398', '2025-01-01');
ROLLBACK;

-- Also where triggers are off for replication.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO credit.division_history (code, name, first_year) VALUES ('370397', '远县', 2021);
SELECT credit.division_name('370397', '2025-01-01');
ROLLBACK;

-- What is shipped stays.
UPDATE credit.division_history SET name = 'x' WHERE code = '370323';
UPDATE credit.division_history SET origin = 'local' WHERE code = '370323';
DELETE FROM credit.division_history WHERE code = '370323';
INSERT INTO credit.division_history VALUES ('370399', 'x', 2021, NULL, 'shipped');
TRUNCATE credit.division_history;
-- Nonsense is refused.
INSERT INTO credit.division_history VALUES ('37032', 'x', 2021);
INSERT INTO credit.division_history VALUES ('37032x', 'x', 2021);
INSERT INTO credit.division_history VALUES ('370399', 'x', 2021, 2020);
INSERT INTO credit.division_history VALUES ('370399', ' ', 2021);
INSERT INTO credit.division_history VALUES ('370399', 'x', 12021);
INSERT INTO credit.division_history VALUES ('370399', 'x', 2021, 32767);
INSERT INTO credit.division_history VALUES ('370399', 'x', 2021, NULL, 'Local');
INSERT INTO credit.division_history VALUES ('370399', 'x', 1980), ('370399', 'y', 1980);

-- Everybody reads, nobody but the owner writes; checks need no privilege.
CREATE ROLE regress_division_reader;
SET ROLE regress_division_reader;
SELECT count(*) > 7000 AS readable FROM credit.division_interval;
INSERT INTO credit.division_history VALUES ('370399', 'x', 2021);
RESET ROLE;
REVOKE SELECT ON credit.division_history FROM PUBLIC;
SET ROLE regress_division_reader;
SELECT credit.division_name('370323', '2026-01-01');
SELECT count(*) FROM credit.division_history;
RESET ROLE;
GRANT SELECT ON credit.division_history TO PUBLIC;
DROP ROLE regress_division_reader;

-- The trigger functions are for triggers.
SELECT credit.division_changed();

-- What a dump carries.
SELECT c.extconfig::regclass, c.extcondition
  FROM (SELECT unnest(extconfig) AS extconfig, unnest(extcondition) AS extcondition
          FROM pg_extension WHERE extname = 'credit') c
 WHERE c.extconfig::regclass::text LIKE ANY ('{%division%,%registrar%}') ORDER BY 1;

DROP TABLE division_many;
