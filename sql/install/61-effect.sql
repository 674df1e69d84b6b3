-- ---------------------------------------------------------------------------
-- effect: what is shown, and what reaches whom when a record changes
--
-- Every path reads records through credit_register.shown_record, and every
-- change of a record's standing goes through credit.change_record(): so that a
-- repaired, withdrawn or disputed record is gone from all of them at once.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_effect() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.receiver (
    receiver text COLLATE "C" PRIMARY KEY CHECK (receiver ~ '\S'),
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('platform', 'department', 'bank', 'agency')),
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE IF NOT EXISTS credit_register.delivery (
    subject credit.pseudonym NOT NULL,
    delivery uuid NOT NULL DEFAULT gen_random_uuid(),
    receiver text COLLATE "C" NOT NULL REFERENCES credit_register.receiver,
    record uuid NOT NULL,
    record_version int NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('data', 'correction', 'dispute', 'stop_use')),
    purpose text COLLATE "C",
    basis text,
    content jsonb NOT NULL DEFAULT '{}' CHECK (NOT content ?| '{score,points,grade}'),
    shown_until date,
    reason text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    acknowledged_at timestamptz,
    receipt text,
    PRIMARY KEY (subject, delivery)
  );
  CREATE INDEX IF NOT EXISTS delivery_record ON credit_register.delivery (subject, record, receiver);
  CREATE INDEX IF NOT EXISTS delivery_queue ON credit_register.delivery (receiver, queued_at) WHERE acknowledged_at IS NULL;
  CREATE TABLE IF NOT EXISTS credit_register.notice (
    subject credit.pseudonym NOT NULL,
    notice uuid NOT NULL DEFAULT gen_random_uuid(),
    record uuid,
    kind text COLLATE "C" NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    reason text NOT NULL CHECK (reason ~ '\S'),
    channel text,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    served_at timestamptz,
    PRIMARY KEY (subject, notice)
  );
  CREATE INDEX IF NOT EXISTS notice_record ON credit_register.notice (subject, record);
  -- What may be shown today, to anybody, by any path.
  CREATE OR REPLACE VIEW credit_register.shown_record WITH (security_invoker = true, security_barrier = true) AS
    SELECT r.* FROM credit_register.record r
     WHERE r.state = 'active' AND NOT r.minor
       AND credit.displayed_on((SELECT credit.rulebook_on(credit.today())), r.item, r.severity, r.document_date,
                               r.conduct_end, r.displayed_from, credit.today());
  COMMENT ON VIEW credit_register.shown_record IS 'Records that may be shown today: active, within their display period, none of a minor';
  PERFORM credit.comment_tables(
$comments$receiver|Whom the register hands records to
receiver.receiver|Short name
receiver.name|Full name
receiver.kind|platform, department, bank or agency
receiver.registered_at|When it was registered
delivery|Outbox: what was handed to whom, and what followed
delivery.subject|Pseudonym
delivery.delivery|Number
delivery.receiver|To whom
delivery.record|Which record
delivery.record_version|In which version
delivery.kind|data, correction, dispute or stop_use
delivery.purpose|For which purpose
delivery.basis|On which basis
delivery.content|What it carries; never a score
delivery.shown_until|The last day on which the receiver may show it
delivery.reason|Why, of what is not data
delivery.queued_at|When it was put here
delivery.sent_at|When it was fetched
delivery.acknowledged_at|When the receiver confirmed it
delivery.receipt|What the receiver confirmed it with
notice|What persons were told
notice.subject|Pseudonym
notice.notice|Number
notice.record|About which record
notice.kind|What about
notice.reason|What was said
notice.channel|How it was sent
notice.given_at|When it was written
notice.served_at|When it reached the person$comments$);
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('receiver', 'reference', 'effect'), ('delivery', 'subject', 'effect'), ('notice', 'subject', 'effect')
    ON CONFLICT DO NOTHING;
  PERFORM credit.make_policies('credit_register.receiver', 'true', NULL);
  PERFORM credit.make_policies('credit_register.delivery', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.notice', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.receiver TO credit_admin, credit_publisher, credit_reviewer, credit_auditor;
  GRANT SELECT ON credit_register.delivery, credit_register.notice TO credit_auditor;
  GRANT SELECT ON credit_register.shown_record TO credit_provider, credit_reviewer, credit_publisher, credit_analyst;
END
$$;
COMMENT ON FUNCTION credit.create_register_effect() IS 'Step of create_register(): receivers, deliveries, notices, and the view of what is shown';
REVOKE ALL ON FUNCTION credit.create_register_effect() FROM PUBLIC;

CREATE FUNCTION credit.give_notice(subject credit.pseudonym, record uuid, kind text, reason text, channel text DEFAULT NULL) RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO credit_register.notice (subject, record, kind, reason, channel)
    VALUES (give_notice.subject, give_notice.record, give_notice.kind, give_notice.reason, give_notice.channel)
    RETURNING notice;
$$;
COMMENT ON FUNCTION credit.give_notice(credit.pseudonym, uuid, text, text, text) IS 'Writes what a person is told; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.give_notice(credit.pseudonym, uuid, text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.fan_out(subject credit.pseudonym, record uuid, kind text, reason text, content jsonb DEFAULT '{}') RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told int;
BEGIN
  INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, purpose, basis, content, reason)
    SELECT fan_out.subject, d.receiver, fan_out.record,
           (SELECT r.version FROM credit_register.record r WHERE r.subject = fan_out.subject AND r.record = fan_out.record),
           fan_out.kind, max(d.purpose), max(d.basis), fan_out.content, fan_out.reason
      FROM credit_register.delivery d
     WHERE d.subject = fan_out.subject AND d.record = fan_out.record AND d.kind = 'data'
     GROUP BY d.receiver;
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END
$$;
COMMENT ON FUNCTION credit.fan_out(credit.pseudonym, uuid, text, text, jsonb) IS
  'Tells every receiver that ever had a record what became of it, and says how many; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.fan_out(credit.pseudonym, uuid, text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.change_record(subject credit.pseudonym, record uuid, state text, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE credit_register.record r SET state = change_record.state, version = r.version + 1, changed_at = clock_timestamp()
   WHERE r.subject = change_record.subject AND r.record = change_record.record AND r.state <> change_record.state;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such record in another state' USING ERRCODE = 'no_data_found';
  END IF;
  PERFORM credit.fan_out(subject, record, CASE state WHEN 'active' THEN 'correction' WHEN 'disputed' THEN 'dispute' ELSE 'stop_use' END, reason);
  IF state <> 'active' THEN
    PERFORM credit.release_measures(subject, record, reason);
  END IF;
  PERFORM credit.record_changed_subject(subject, record, reason);
END
$$;
COMMENT ON FUNCTION credit.change_record(credit.pseudonym, uuid, text, text) IS
  'The one way a record changes its state: version, word to every receiver, release of measures, in one transaction; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.change_record(credit.pseudonym, uuid, text, text) FROM PUBLIC;
