-- distribution_report(): clean on the register as it is made; each rule is
-- broken once, and seen.
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT credit.distribution_report();
SELECT credit.create_register();
SELECT * FROM credit.distribution_report();
-- What each table is declared as.
SELECT kind, room, string_agg(table_name, ' ' ORDER BY table_name) AS tables FROM credit_register.layout GROUP BY 1, 2 ORDER BY 1, 2;

BEGIN;
CREATE SCHEMA elsewhere AUTHORIZATION credit_owner;
CREATE TABLE credit_register.nowhere (n int);
INSERT INTO credit_register.layout VALUES ('no_subject', 'subject', 'test'), ('no_null', 'subject', 'test'), ('no_key', 'subject', 'test'),
  ('other_key', 'subject', 'test'), ('pair', 'subject', 'test'), ('small', 'reference', 'test'), ('numbered', 'reference', 'test'), ('local', 'node', 'test');
CREATE TABLE credit_register.no_subject (subject text NOT NULL PRIMARY KEY);
CREATE TABLE credit_register.no_null (subject credit.pseudonym);
CREATE TABLE credit_register.no_key (subject credit.pseudonym NOT NULL);
CREATE TABLE credit_register.other_key (subject credit.pseudonym PRIMARY KEY, n int UNIQUE, s credit.pseudonym REFERENCES credit_register.subject);
CREATE TABLE credit_register.local (n int PRIMARY KEY);
CREATE TABLE credit_register.pair (subject credit.pseudonym PRIMARY KEY, n int REFERENCES credit_register.local);
CREATE TABLE credit_register.small (subject credit.pseudonym PRIMARY KEY REFERENCES credit_register.subject);
CREATE TABLE credit_register.numbered (n serial PRIMARY KEY);
CREATE POLICY narrow ON credit_register.record AS RESTRICTIVE USING (true);
CREATE POLICY reading ON credit_register.subject USING (EXISTS (SELECT FROM credit_register.provider));
CREATE FUNCTION reads() RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE POLICY calling ON credit_register.consent USING (reads());
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER of_a_statement AFTER INSERT ON credit_register.record EXECUTE FUNCTION noop();
CREATE TRIGGER on_reference AFTER INSERT ON credit_register.purpose FOR EACH ROW EXECUTE FUNCTION noop();
CREATE RULE away AS ON INSERT TO credit_register.job DO INSTEAD NOTHING;
ALTER EXTENSION credit ADD TABLE credit_register.local;
CREATE AGGREGATE credit.alone(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
ALTER EXTENSION credit ADD AGGREGATE credit.alone(int);
ALTER TABLE credit_register.small OWNER TO pg_monitor;
SELECT rule, object FROM credit.distribution_report();
ROLLBACK;
SELECT count(*) FROM credit.distribution_report();
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
