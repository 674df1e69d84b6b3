-- ---------------------------------------------------------------------------
-- measure: what follows from a list entry, with notice, ground and end
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_measure() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.list_entry (
    subject credit.pseudonym NOT NULL,
    entry uuid NOT NULL DEFAULT gen_random_uuid(),
    record uuid NOT NULL,
    list text COLLATE "C" NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    notice uuid NOT NULL,
    heard_until date NOT NULL,
    decided_by text NOT NULL,
    evidence text NOT NULL CHECK (evidence ~ '\S'),
    entered_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > entered_on),
    left_on date,
    left_reason text,
    PRIMARY KEY (subject, entry),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record),
    FOREIGN KEY (subject, notice) REFERENCES credit_register.notice (subject, notice),
    CHECK (heard_until <= entered_on)
  );
  CREATE TABLE IF NOT EXISTS credit_register.measure_task (
    subject credit.pseudonym NOT NULL,
    task uuid NOT NULL DEFAULT gen_random_uuid(),
    entry uuid NOT NULL,
    measure text COLLATE "C" NOT NULL,
    context text COLLATE "C" NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    provider text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'released')),
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > starts_on),
    feedback_due date NOT NULL,
    feedback text,
    feedback_on date,
    released_at timestamptz,
    release_reason text,
    PRIMARY KEY (subject, task),
    FOREIGN KEY (subject, entry) REFERENCES credit_register.list_entry (subject, entry)
  );
  CREATE INDEX IF NOT EXISTS measure_task_provider ON credit_register.measure_task (provider, feedback_due) WHERE state = 'open';
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('list_entry', 'subject', 'measure'), ('measure_task', 'subject', 'measure')
    ON CONFLICT DO NOTHING;
  PERFORM credit.make_policies('credit_register.list_entry', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.measure_task', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.list_entry, credit_register.measure_task TO credit_auditor;
END
$$;
COMMENT ON FUNCTION credit.create_register_measure() IS 'Step of create_register(): list entries and measures';
REVOKE ALL ON FUNCTION credit.create_register_measure() FROM PUBLIC;

CREATE FUNCTION credit.release_measures(subject credit.pseudonym, record uuid, reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  released int;
BEGIN
  UPDATE credit_register.list_entry e SET left_on = credit.today(), left_reason = reason
   WHERE e.subject = release_measures.subject AND e.record = release_measures.record AND e.left_on IS NULL;
  UPDATE credit_register.measure_task t SET state = 'released', released_at = clock_timestamp(), release_reason = reason
    FROM credit_register.list_entry e
   WHERE e.subject = release_measures.subject AND e.record = release_measures.record
     AND t.subject = e.subject AND t.entry = e.entry AND t.state <> 'released';
  GET DIAGNOSTICS released = ROW_COUNT;
  RETURN released;
END
$$;
COMMENT ON FUNCTION credit.release_measures(credit.pseudonym, uuid, text) IS
  'Takes a record''s subject off the lists that rest on it and ends the measures, and says how many; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.release_measures(credit.pseudonym, uuid, text) FROM PUBLIC;
