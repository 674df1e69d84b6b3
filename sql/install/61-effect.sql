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
    content jsonb NOT NULL DEFAULT '{}' CHECK (NOT content ?| '{score,points,grade}' AND NOT credit.has_reserved_field(content)),
    shown_until date,
    reason text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    acknowledged_at timestamptz,
    receipt text,
    PRIMARY KEY (subject, delivery),
    CONSTRAINT delivery_basis CHECK (kind <> 'data' OR basis IS NOT NULL AND basis ~ '\S')
  );
  CREATE INDEX IF NOT EXISTS delivery_record ON credit_register.delivery (subject, record, receiver);
  CREATE INDEX IF NOT EXISTS delivery_queue ON credit_register.delivery (receiver, queued_at) WHERE acknowledged_at IS NULL;
  CREATE OR REPLACE TRIGGER delivery_overtakes AFTER INSERT ON credit_register.delivery
    FOR EACH ROW WHEN (NEW.kind <> 'data') EXECUTE FUNCTION credit.overtake_deliveries();
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
       AND (r.answer_due IS NULL OR r.answer_due >= credit.today())
       -- An item that the law no longer has is not shown, and hinders nothing else.
       AND credit.displayed_if_known((SELECT credit.rulebook_on(credit.today())), r.item, r.severity, r.document_date,
                                     r.conduct_end, r.displayed_from, credit.today());
  COMMENT ON VIEW credit_register.shown_record IS 'Records that may be shown today: active, within their display period, no answer overdue, none of a minor';
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
delivery.content|What it carries, until a later word of the record overtakes it; never a score
delivery.shown_until|The last day on which the receiver may show it
delivery.reason|Why, of what is not data
delivery.queued_at|When it was put here
delivery.sent_at|When it was fetched
delivery.acknowledged_at|When the receiver confirmed it
delivery.receipt|What the receiver confirmed it with; overtaken: a later word came before it did
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
  GRANT EXECUTE ON FUNCTION credit.everywhere(uuid), credit.who_is_answerable(uuid) TO credit_reviewer, credit_auditor;
  GRANT SELECT ON credit_register.shown_record TO credit_provider, credit_reviewer, credit_publisher, credit_analyst;
END
$$;
COMMENT ON FUNCTION credit.create_register_effect() IS 'Step of create_register(): receivers, deliveries, notices, and the view of what is shown';
REVOKE ALL ON FUNCTION credit.create_register_effect() FROM PUBLIC;

-- A trigger, so that no way of writing the outbox leaves behind what a later word
-- withdrew or mended: not for a fetch, and not for the first copy of a subscriber.
CREATE FUNCTION credit.overtake_deliveries() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE credit_register.delivery d
     SET content = '{}', acknowledged_at = coalesce(d.acknowledged_at, clock_timestamp()),
         receipt = CASE WHEN d.acknowledged_at IS NULL THEN 'overtaken' ELSE d.receipt END
   WHERE d.subject = NEW.subject AND d.record = NEW.record AND d.receiver = NEW.receiver AND d.delivery <> NEW.delivery
     AND d.kind IN ('data', 'correction') AND (d.content <> '{}' OR d.acknowledged_at IS NULL)
     -- Rows that move to another subject come in any order.
     AND (d.record_version < NEW.record_version OR d.record_version = NEW.record_version AND d.queued_at <= NEW.queued_at);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION credit.overtake_deliveries() IS
  'Trigger of delivery: what went before a correction, a dispute or a word to stop loses its content, acknowledged or not; what was not acknowledged is overtaken';
REVOKE ALL ON FUNCTION credit.overtake_deliveries() FROM PUBLIC;

CREATE FUNCTION credit.forget_deliveries(whom credit.pseudonym[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.delivery') IS NOT NULL THEN	-- else a vault by itself
    UPDATE credit_register.delivery d
       SET content = '{}', acknowledged_at = coalesce(d.acknowledged_at, clock_timestamp()),
           receipt = CASE WHEN d.acknowledged_at IS NULL THEN 'overtaken' ELSE d.receipt END
     WHERE d.subject = ANY (whom) AND d.kind IN ('data', 'correction') AND (d.content <> '{}' OR d.acknowledged_at IS NULL);
  END IF;
END
$$;
COMMENT ON FUNCTION credit.forget_deliveries(credit.pseudonym[]) IS
  'Empties and ends, as overtaken, what was queued or sent of erased persons, with their own words in it; for credit.forget() alone';
REVOKE ALL ON FUNCTION credit.forget_deliveries(credit.pseudonym[]) FROM PUBLIC;

CREATE FUNCTION credit.is_forgotten(subject credit.pseudonym) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = is_forgotten.subject AND i.forgotten_at IS NOT NULL);
END
$$;
COMMENT ON FUNCTION credit.is_forgotten(credit.pseudonym) IS 'Was the identity of this subject erased?  For functions of the register alone';
REVOKE ALL ON FUNCTION credit.is_forgotten(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.give_notice(subject credit.pseudonym, record uuid, kind text, reason text, channel text DEFAULT NULL) RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO credit_register.notice (subject, record, kind, reason, channel)
    VALUES (give_notice.subject, give_notice.record, give_notice.kind, give_notice.reason, give_notice.channel)
    RETURNING notice;
$$;
COMMENT ON FUNCTION credit.give_notice(credit.pseudonym, uuid, text, text, text) IS 'Writes what a person is told; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.give_notice(credit.pseudonym, uuid, text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.record_content(subject credit.pseudonym, record uuid) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT jsonb_strip_nulls(jsonb_build_object(
                   'item', r.item, 'severity', r.severity, 'stance', r.stance, 'provider', r.provider,
                   'document_no', r.document_no, 'document_date', r.document_date, 'happened_on', r.happened_on,
                   'conduct_end', r.conduct_end, 'final_on', r.final_on, 'fulfilled_on', r.fulfilled_on,
                   'amount', r.amount,
                   'unit', CASE WHEN r.amount IS NOT NULL THEN credit.amount_unit(credit.rulebook_on(credit.today()), r.item) END,
                   'fields', r.fields - '{name,subject_code}'::text[], 'basis', r.basis, 'version', r.version,
                   'extended_until', credit.extended_until(r.subject, r.record),
                   'statements', (SELECT jsonb_agg(s.said ORDER BY s.said) FROM credit.statements_on(r.subject, r.record) AS s (said))))
            FROM credit_register.record r
           WHERE r.subject = record_content.subject AND r.record = record_content.record);
END
$$;
COMMENT ON FUNCTION credit.record_content(credit.pseudonym, uuid) IS
  'What a receiver is told of a record, with the person''s own statements; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.record_content(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.fan_out(subject credit.pseudonym, record uuid, kind text, reason text, content jsonb DEFAULT '{}') RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told int;
  row pg_catalog.record;
  -- What is over is not corrected: who still has it is told to stop.  Not so an overdue
  -- answer: the decision that is told here ends that.
  over bool := kind = 'correction' AND NOT EXISTS (
    SELECT FROM credit_register.record r
     WHERE r.subject = fan_out.subject AND r.record = fan_out.record AND r.state = 'active' AND NOT r.minor
       AND credit.displayed_if_known(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, credit.today()));
BEGIN
  -- Of a person who was erased no content leaves any more: what would be corrected is no longer used.
  IF kind = 'correction' AND credit.is_forgotten(subject) THEN
    kind := 'stop_use';
    content := '{}';
    over := false;
  END IF;
  SELECT r.version, CASE WHEN kind = 'correction' AND NOT over THEN
           upper(credit.display_period(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date,
                                       r.conduct_end, r.displayed_from)) - 1 END AS shown_until
    INTO row FROM credit_register.record r WHERE r.subject = fan_out.subject AND r.record = fan_out.record;
  INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, purpose, basis, content, shown_until, reason)
    SELECT fan_out.subject, d.receiver, fan_out.record, row.version,
           CASE WHEN over THEN 'stop_use' ELSE fan_out.kind END, max(d.purpose), max(d.basis), CASE WHEN over THEN '{}' ELSE fan_out.content END,
           row.shown_until, CASE WHEN over THEN 'no longer shown' ELSE fan_out.reason END
      FROM credit_register.delivery d
     WHERE d.subject = fan_out.subject AND d.record = fan_out.record AND d.kind = 'data'
       AND (fan_out.kind <> 'correction' OR NOT credit.subscription_over(fan_out.subject, fan_out.record, d.receiver))
       AND (NOT over OR d.receiver IN (SELECT w.receiver FROM credit.last_words(NULL, fan_out.subject, fan_out.record) w
                                        WHERE w.kind <> 'stop_use' AND (w.shown_until IS NULL OR w.shown_until >= credit.today())))
     GROUP BY d.receiver;
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END
$$;
COMMENT ON FUNCTION credit.fan_out(credit.pseudonym, uuid, text, text, jsonb) IS
  'Tells every receiver that ever had a record what became of it, and says how many; no content to one whose subscription is over, or of what is no longer shown; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.fan_out(credit.pseudonym, uuid, text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.change_record(subject credit.pseudonym, record uuid, state text, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF state = 'active' AND EXISTS (SELECT FROM credit_register.record r WHERE r.subject = change_record.subject AND r.record = change_record.record
                                   AND r.stance = 'bad' AND credit.is_minor(r.subject, r.happened_on)) THEN
    RAISE EXCEPTION 'the act was committed under age' USING ERRCODE = 'CR105',
      HINT = 'Acts of minors are not recorded against them: uphold the case with withdraw => true.';
  END IF;
  UPDATE credit_register.record r SET state = change_record.state, version = r.version + 1, changed_at = clock_timestamp()
   WHERE r.subject = change_record.subject AND r.record = change_record.record AND r.state <> change_record.state;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such record in another state' USING ERRCODE = 'no_data_found';
  END IF;
  PERFORM credit.fan_out(subject, record, CASE state WHEN 'active' THEN 'correction' WHEN 'disputed' THEN 'dispute' ELSE 'stop_use' END, reason,
                         CASE state WHEN 'active' THEN credit.record_content(subject, record) ELSE '{}' END);
  IF state <> 'active' THEN
    PERFORM credit.release_measures(subject, record, reason);
  END IF;
  PERFORM credit.tell_rooms(subject, record, reason);
END
$$;
COMMENT ON FUNCTION credit.change_record(credit.pseudonym, uuid, text, text) IS
  'The one way a record changes its state: version, word to every receiver, release of measures, end of scores, in one transaction; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.change_record(credit.pseudonym, uuid, text, text) FROM PUBLIC;

CREATE FUNCTION credit.tell_rooms(subject credit.pseudonym, record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  room regproc;
BEGIN
  FOR room IN SELECT p.oid::regproc FROM pg_proc p
               WHERE p.pronamespace = 'credit'::regnamespace AND p.proname LIKE 'record\_changed\_%' ORDER BY p.proname LOOP
    EXECUTE format('SELECT %s($1, $2, $3)', room) USING subject, record, reason;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.tell_rooms(credit.pseudonym, uuid, text) IS
  'Calls every record_changed_ROOM(subject, record, reason) there is: what rests on a record is out of date; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.tell_rooms(credit.pseudonym, uuid, text) FROM PUBLIC;

-- What a correction may touch: the fields of the catalogue item, and the columns that such fields fill.
CREATE FUNCTION credit.correctable(item text, day date) RETURNS text[]
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT i.fields FROM credit.rulebook_items(credit.rulebook_on(day)) AS i WHERE i.id = correctable.item)
         || '{document_no,document_date,happened_on,final_on,conduct_end,fulfilled_on,amount}'::text[];
END
$$;
COMMENT ON FUNCTION credit.correctable(text, date) IS 'Names that a correction of a record of this item may carry; NULL: no such item';
REVOKE ALL ON FUNCTION credit.correctable(text, date) FROM PUBLIC;

CREATE FUNCTION credit.correct_record(subject credit.pseudonym, record uuid, correction jsonb, reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  names text[];
  columns constant text[] := '{document_no,document_date,happened_on,final_on,conduct_end,fulfilled_on,amount}';
  said pg_catalog.record;
  under_age bool;
  told int;
BEGIN
  SELECT r.item, r.state, r.stance, r.fields, r.document_date, r.conduct_end, r.origin_record INTO row FROM credit_register.record r
   WHERE r.subject = correct_record.subject AND r.record = correct_record.record FOR UPDATE;
  IF NOT FOUND OR row.state NOT IN ('active', 'disputed') THEN
    RAISE EXCEPTION 'only a record that is active or disputed is corrected' USING ERRCODE = 'CR201';
  END IF;
  IF correction IS NULL OR jsonb_typeof(correction) <> 'object' OR correction = '{}' THEN
    RAISE EXCEPTION 'a correction is an object of fields and their values' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  names := ARRAY(SELECT jsonb_object_keys(correction));
  IF NOT names <@ coalesce(credit.correctable(row.item, credit.today()), '{}') THEN
    RAISE EXCEPTION 'the correction has a field that the catalogue item lacks' USING ERRCODE = 'CR102',
      HINT = 'SELECT id, fields FROM credit.rulebook_items(credit.rulebook_on(credit.today()));';
  END IF;
  -- Read as a row of a file is: what no file may say no correction may say, and no error shows the value.
  said := credit.read_row(jsonb_build_object('document_no', correction -> 'document_number', 'fields', correction - columns)
    || (SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM jsonb_each(correction) c WHERE c.key = ANY (columns)));
  IF said.faults IS NOT NULL THEN
    PERFORM credit.refuse(split_part(split_part(said.faults, ',', 1), ':', 2), split_part(said.faults, ':', 1));
  END IF;
  IF greatest(said.document_date, said.final_on, said.fulfilled_on) > credit.today()
     OR names && '{conduct_end,document_date}' AND
        (CASE WHEN 'conduct_end' = ANY (names) THEN said.conduct_end ELSE row.conduct_end END) > coalesce(said.document_date, row.document_date) THEN
    RAISE EXCEPTION 'the corrected record would lack something, or its days would contradict each other' USING ERRCODE = 'CR112';
  END IF;
  -- An act of a minor is none that may be kept: a correction to it withdraws the record.
  under_age := CASE WHEN 'happened_on' = ANY (names) THEN credit.is_minor(subject, said.happened_on) END;
  IF under_age AND row.stance = 'bad' THEN
    RAISE EXCEPTION 'the act was committed under age' USING ERRCODE = 'CR105', DETAIL = 'Field happened_on.',
      HINT = 'Acts of minors are not recorded against them: uphold the case with withdraw => true.';
  END IF;
  BEGIN
    -- A field that fills a column stands there; in fields it stands if it stood there, or has no column.
    UPDATE credit_register.record r
       SET document_no = CASE WHEN names && '{document_no,document_number}' THEN said.document_no ELSE r.document_no END,
           document_date = CASE WHEN 'document_date' = ANY (names) THEN said.document_date ELSE r.document_date END,
           happened_on = CASE WHEN 'happened_on' = ANY (names) THEN said.happened_on ELSE r.happened_on END,
           -- The shield goes with the day where one number alone tells; what came by another number keeps it.
           minor = coalesce(under_age, r.minor) OR r.minor AND EXISTS (SELECT FROM credit_register.moved_row m
             WHERE m.subject = r.subject AND m.table_name = 'record' AND m.key = jsonb_build_object('record', r.record)),
           final_on = CASE WHEN 'final_on' = ANY (names) THEN said.final_on ELSE r.final_on END,
           conduct_end = CASE WHEN 'conduct_end' = ANY (names) THEN said.conduct_end ELSE r.conduct_end END,
           fulfilled_on = CASE WHEN 'fulfilled_on' = ANY (names) THEN said.fulfilled_on ELSE r.fulfilled_on END,
           amount = CASE WHEN 'amount' = ANY (names) THEN said.amount ELSE r.amount END,
           fields = r.fields || coalesce((SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(correction) c
                     WHERE r.fields ? c.key
                        OR c.key <> ALL (columns || 'document_number'::text)), '{}'),
           version = r.version + CASE r.state WHEN 'active' THEN 1 ELSE 0 END,
           changed_at = clock_timestamp()
     WHERE r.subject = correct_record.subject AND r.record = correct_record.record;
  EXCEPTION
    -- The server's own words would show the row.
    WHEN check_violation OR not_null_violation THEN
      RAISE EXCEPTION 'the corrected record would lack something, or its days would contradict each other' USING ERRCODE = 'CR112';
  END;
  -- Where another case, or its origin, keeps it disputed, receivers get the new content when that ends.
  IF row.state = 'disputed' AND (credit.open_disputes(subject, record) > 1
       OR EXISTS (SELECT FROM credit_register.record o WHERE o.record = row.origin_record AND o.state <> 'active')) THEN
    RETURN 0;
  ELSIF row.state = 'disputed' THEN
    PERFORM credit.change_record(subject, record, 'active', reason);
    RETURN (SELECT count(DISTINCT d.receiver) FROM credit_register.delivery d
             WHERE d.subject = correct_record.subject AND d.record = correct_record.record AND d.kind = 'data');
  END IF;
  told := credit.fan_out(subject, record, 'correction', reason, credit.record_content(subject, record));
  PERFORM credit.tell_rooms(subject, record, reason);
  RETURN told;
END
$$;
COMMENT ON FUNCTION credit.correct_record(credit.pseudonym, uuid, jsonb, text) IS
  'Corrects fields of a record, as a new version, tells every receiver, and says how many; a dispute ends with it; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.correct_record(credit.pseudonym, uuid, jsonb, text) FROM PUBLIC;

-- Where a record still is.  A room that shows or uses records adds a function everywhere_ROOM, and nothing else.

CREATE FUNCTION credit.everywhere_effect(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT 'display'::text, 'shown_record'::text FROM credit_register.shown_record r
     WHERE r.subject = everywhere_effect.subject AND r.record = everywhere_effect.record;
END
$$;
COMMENT ON FUNCTION credit.everywhere_effect(credit.pseudonym, uuid) IS 'Of everywhere(): display';
REVOKE ALL ON FUNCTION credit.everywhere_effect(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.everywhere(record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym;
  room regproc;
BEGIN
  PERFORM credit.need_duty('{credit_reviewer,credit_auditor}');
  SELECT r.subject INTO whose FROM credit_register.record r
   WHERE r.record = everywhere.record AND credit.reaches('{credit_reviewer}', r.division, r.provider, r.minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such record for you' USING ERRCODE = 'no_data_found';
  END IF;
  FOR room IN SELECT p.oid::regproc FROM pg_proc p
               WHERE p.pronamespace = 'credit'::regnamespace AND p.proname LIKE 'everywhere\_%' ORDER BY p.proname LOOP
    RETURN QUERY EXECUTE format('SELECT e.path, e.place FROM %s($1, $2) AS e (path, place)', room) USING whose, record;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.everywhere(uuid) IS
  'Definer, as it looks into every room: each path on which a record is still shown or used, by the functions everywhere_ROOM(subject, record); none after a repair';
REVOKE ALL ON FUNCTION credit.everywhere(uuid) FROM PUBLIC;

CREATE FUNCTION credit.who_is_answerable(record uuid)
  RETURNS TABLE (part text, who text, at timestamptz, basis text, document text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
BEGIN
  PERFORM credit.need_duty('{credit_reviewer,credit_auditor}');
  SELECT r.* INTO row FROM credit_register.record r
   WHERE r.record = who_is_answerable.record AND credit.reaches('{credit_reviewer}', r.division, r.provider, r.minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such record for you' USING ERRCODE = 'no_data_found';
  END IF;
  RETURN QUERY
    SELECT a.* FROM (
      SELECT 'provided'::text AS part, row.provider::text AS who, row.received_at AS at, row.basis::text AS basis, row.document_no::text AS document
      UNION ALL
      SELECT 'batch', b.person, row.registered_at, row.basis, 'line ' || row.line || ' of ' || b.batch FROM credit_register.batch b WHERE b.batch = row.batch
      UNION ALL
      SELECT 'attributed', row.origin::text, row.registered_at, NULL, row.finding WHERE row.origin IS NOT NULL
      UNION ALL
      SELECT 'certified', row.certified_by, row.registered_at, row.basis, row.document_no WHERE row.certified_by IS NOT NULL
      UNION ALL
      SELECT c.kind || ' ' || c.state, c.decided_by, c.decided_at, array_to_string(c.evidence_seen, ', '), c.case_file::text
        FROM credit_register.case_file c
       WHERE c.subject = row.subject AND c.record = row.record AND c.decided_at IS NOT NULL
      UNION ALL
      SELECT 'listed', e.decided_by, e.entered_on::timestamp AT TIME ZONE 'Asia/Shanghai', e.basis, e.evidence
        FROM credit_register.list_entry e
       WHERE e.subject = row.subject AND e.record = row.record) a
     ORDER BY a.at NULLS FIRST, a.part;
END
$$;
COMMENT ON FUNCTION credit.who_is_answerable(uuid) IS
  'Definer, as it reads all rooms: who provided, certified, decided and listed a record, when, and on which basis and document';
REVOKE ALL ON FUNCTION credit.who_is_answerable(uuid) FROM PUBLIC;

-- What functions of the register ask before they answer.

CREATE FUNCTION credit.need_duty(duties text[]) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
    PERFORM credit.need_mandate(duties);
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_duty(text[]) IS 'need_mandate() for looking, and for setting up: a superuser does without one';
REVOKE ALL ON FUNCTION credit.need_duty(text[]) FROM PUBLIC;

CREATE FUNCTION credit.reaches(duties text[], division text, provider text, minor bool) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN coalesce(credit.may_see(credit.duty_mask(duties), coalesce(division, ''), coalesce(provider, ''), minor), false)
      OR credit.has_duty('credit_auditor')
      OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user);
END
$$;
COMMENT ON FUNCTION credit.reaches(text[], text, text, bool) IS
  'Does a mandate with one of these duties reach such a row?  Auditors and superusers look everywhere; for looking, never for deciding';
REVOKE ALL ON FUNCTION credit.reaches(text[], text, text, bool) FROM PUBLIC;

CREATE FUNCTION credit.check_as_of(day date) RETURNS date
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF day < credit.today()
     AND NOT EXISTS (SELECT FROM credit.grants() g WHERE g.duty = 'credit_auditor'
                      AND (g.purposes IS NULL OR 'audit' = ANY (string_to_array(g.purposes, ',')))) THEN
    RAISE EXCEPTION 'looking back needs the audit purpose' USING ERRCODE = 'CR310',
      HINT = 'Ask for today, or enter with a mandate as credit_auditor.';
  END IF;
  RETURN day;
END
$$;
COMMENT ON FUNCTION credit.check_as_of(date) IS 'The day, if it is today or later or an auditor asks; CR310: what is gone is gone for everybody else';
REVOKE ALL ON FUNCTION credit.check_as_of(date) FROM PUBLIC;
