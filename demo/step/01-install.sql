CREATE EXTENSION credit;
SELECT credit.create_key_file() \gset
SELECT credit.create_register() AS register_version;
-- Asserts: what does not hold ends the demo.
CREATE SCHEMA demo;
GRANT USAGE ON SCHEMA demo TO PUBLIC;
CREATE FUNCTION demo.holds(what text, ok bool, seen text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF ok IS NOT TRUE THEN
    RAISE EXCEPTION 'does not hold: %', what USING DETAIL = coalesce('Seen: ' || seen, '');
  END IF;
  RETURN '✓ ' || what || coalesce(': ' || seen, '');
END $$;
CREATE FUNCTION demo.refused(what text, statement text, state text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RAISE EXCEPTION 'was not refused: %', what;
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE <> state THEN
    RAISE EXCEPTION 'refused otherwise: %', what USING DETAIL = format('%s instead of %s: %s', SQLSTATE, state, SQLERRM);
  END IF;
  RETURN '✓ refused with ' || state || ': ' || what;
END $$;
CREATE TABLE demo.note (name text PRIMARY KEY, value text);
GRANT SELECT, INSERT, UPDATE ON demo.note TO PUBLIC;
CREATE FUNCTION demo.note(name text) RETURNS text LANGUAGE sql STABLE AS 'SELECT n.value FROM demo.note n WHERE n.name = $1';
SELECT demo.holds('guard_report() has nothing to say before the start', count(*) = 0, string_agg(finding || ' ' || object, '; ')) FROM credit.guard_report() \g (tuples_only=on format=unaligned)
