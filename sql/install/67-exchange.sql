-- ---------------------------------------------------------------------------
-- exchange: what leaves the register, to whom, on which basis, until when
--
-- A subscription is a promise of corrections, too: what was delivered is
-- followed by every change, and by the word to stop.  What the public sees is a
-- view: nothing is copied, so nothing outlives its term.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_exchange() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ALTER TABLE credit_register.purpose ADD COLUMN IF NOT EXISTS items text[], ADD COLUMN IF NOT EXISTS categories text[];
  CREATE TABLE IF NOT EXISTS credit_register.subscription (
    receiver text COLLATE "C" NOT NULL REFERENCES credit_register.receiver,
    item text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL REFERENCES credit_register.purpose,
    basis text NOT NULL CHECK (basis ~ '\S'),
    valid daterange NOT NULL CHECK (NOT isempty(valid) AND NOT upper_inf(valid) AND NOT lower_inf(valid) AND isfinite(upper(valid))),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (receiver, item, purpose)
  );
  CREATE TABLE IF NOT EXISTS credit_register.publication (
    subject credit.pseudonym NOT NULL,
    record uuid NOT NULL,
    board text COLLATE "C" NOT NULL CHECK (board IN ('red', 'black', 'case')),
    ground text NOT NULL CHECK (ground ~ '\S'),
    published_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > published_on AND isfinite(ends_on)),
    published_by text NOT NULL,
    ended_at timestamptz,
    end_reason text,
    PRIMARY KEY (subject, record, board),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record)
  );
  CREATE OR REPLACE TRIGGER publication_ground BEFORE INSERT OR UPDATE OF subject, record, board ON credit_register.publication
    FOR EACH ROW EXECUTE FUNCTION credit.check_publication();
  CREATE INDEX IF NOT EXISTS delivery_delivery ON credit_register.delivery (delivery);
  -- What the public may see today: natural persons only where the item says so.
  CREATE OR REPLACE VIEW credit_register.public_record WITH (security_invoker = true, security_barrier = true) AS
    SELECT r.subject, r.record, r.item, r.severity, r.stance, r.provider, r.division, r.document_no, r.document_date, r.basis
      FROM credit_register.shown_record r
      LEFT JOIN credit_register.subject s ON s.subject = r.subject
     WHERE credit.public_display((SELECT credit.rulebook_on(credit.today())), r.item, s.kind IS NULL OR s.kind !~ 'organisation$', r.severity,
                                 r.document_date, r.conduct_end, r.displayed_from, credit.today());
  COMMENT ON VIEW credit_register.public_record IS 'Records that the public may see today: a view, so that none outlives its term; natural persons only where the item says so';
  CREATE OR REPLACE VIEW credit_register.board WITH (security_invoker = true, security_barrier = true) AS
    SELECT p.board, p.ground, p.published_on, p.ends_on, r.*
      FROM credit_register.publication p JOIN credit_register.public_record r ON r.subject = p.subject AND r.record = p.record
     WHERE p.ended_at IS NULL AND credit.today() BETWEEN p.published_on AND p.ends_on;
  COMMENT ON VIEW credit_register.board IS 'Red and black boards and cases of today: what was published, while it may be public at all';
  PERFORM credit.comment_tables(
$comments$subscription|What a receiver is sent by itself: items for a purpose, on a basis, until a day
subscription.receiver|To whom
subscription.item|Item of the catalogue
subscription.purpose|For which purpose; none that needs a consent or a review
subscription.basis|Document and article that allow it
subscription.valid|From when to when; both ends are said
subscription.made_by|Who made it
subscription.made_at|When
publication|What was put on a board, on which ground, until when
publication.subject|Pseudonym
publication.record|Which record
publication.board|red, black or case
publication.ground|Document or campaign that it rests on
publication.published_on|First day
publication.ends_on|Last day; the view ends it before if the record may no longer be public
publication.published_by|Who published it
publication.ended_at|When it was taken down by hand
publication.end_reason|Why$comments$);
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('subscription', 'reference', 'exchange'), ('publication', 'subject', 'exchange')
    ON CONFLICT DO NOTHING;
  PERFORM credit.make_policies('credit_register.subscription', 'true', NULL);
  PERFORM credit.make_policies('credit_register.publication', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.subscription TO credit_admin, credit_publisher, credit_reviewer, credit_auditor;
  GRANT SELECT ON credit_register.publication TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.subscribe(text, text, text, text, daterange), credit.unsubscribe(text, text, text),
    credit.push(text, timestamptz), credit.fetch_deliveries(text, int), credit.acknowledge(uuid, text),
    credit.publish(uuid, text, text, date), credit.take_down(uuid, text, text), credit.public_records(text, int) TO credit_publisher;
  GRANT EXECUTE ON FUNCTION credit.public_status(credit.code) TO credit_publisher, credit_window, credit_provider;
  GRANT EXECUTE ON FUNCTION credit.area_stats(text, date, int), credit.monthly_assessment(date), credit.usage_report(date)
    TO credit_admin, credit_auditor, credit_analyst, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.duty_list() TO credit_admin, credit_auditor, credit_reviewer, credit_publisher;
END
$$;
COMMENT ON FUNCTION credit.create_register_exchange() IS 'Step of create_register(): subscriptions, boards, and the views that the public reads';
REVOKE ALL ON FUNCTION credit.create_register_exchange() FROM PUBLIC;

-- Same subject only, and the same for a superuser.
CREATE FUNCTION credit.check_publication() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM credit_register.record r WHERE r.subject = NEW.subject AND r.record = NEW.record
              AND (r.minor OR NEW.board = 'red' AND r.stance <> 'good' OR NEW.board = 'black' AND r.stance <> 'bad')) THEN
    RAISE EXCEPTION 'the record does not belong on this board' USING ERRCODE = 'CR604';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION credit.check_publication() IS 'Trigger of publication: nothing of a minor, only good on the red board and only bad on the black one';
REVOKE ALL ON FUNCTION credit.check_publication() FROM PUBLIC;

CREATE FUNCTION credit.check_exchange(duties text[], receiver text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A mandate for a provider reaches the receiver of that name alone.
  IF NOT EXISTS (SELECT FROM credit.grants() g WHERE g.duty = ANY (duties)
                  AND (check_exchange.receiver IS NULL OR g.provider IS NULL OR g.provider = check_exchange.receiver))
     OR receiver IS NOT NULL AND NOT EXISTS (SELECT FROM credit_register.receiver v WHERE v.receiver = check_exchange.receiver) THEN
    RAISE EXCEPTION 'no mandate for this exchange' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_exchange(text[], text) IS
  'Raises unless the transaction runs under one of the duties, for this receiver; a receiver that is not there is refused in the same words';
REVOKE ALL ON FUNCTION credit.check_exchange(text[], text) FROM PUBLIC;

CREATE FUNCTION credit.subscription_over(subject credit.pseudonym, record uuid, receiver text) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM credit_register.delivery x
                  WHERE x.subject = subscription_over.subject AND x.record = subscription_over.record AND x.receiver = subscription_over.receiver
                    AND x.kind = 'stop_use' AND x.reason = 'the subscription is over')
     AND NOT EXISTS (SELECT FROM credit_register.record r JOIN credit_register.subscription s ON s.item = r.item
                      WHERE r.subject = subscription_over.subject AND r.record = subscription_over.record
                        AND s.receiver = subscription_over.receiver AND s.valid @> credit.today());
END
$$;
COMMENT ON FUNCTION credit.subscription_over(credit.pseudonym, uuid, text) IS
  'Was a receiver told to stop using a record because its subscription is over, and has it no other now?';
REVOKE ALL ON FUNCTION credit.subscription_over(credit.pseudonym, uuid, text) FROM PUBLIC;

-- Where the publisher's mandates for a receiver end, so does what he sends and fetches.
CREATE FUNCTION credit.exchange_divisions(receiver text) RETURNS text[]
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  -- No division at all is none, not all.
  SELECT CASE WHEN bool_or(g.divisions IS NULL) IS NOT TRUE THEN coalesce(array_agg(d) FILTER (WHERE d IS NOT NULL), '{}') END
    FROM credit.grants() g LEFT JOIN LATERAL string_to_table(g.divisions, ',') d ON true
   WHERE g.duty = 'credit_publisher' AND (g.provider IS NULL OR g.provider = exchange_divisions.receiver);
$$;
COMMENT ON FUNCTION credit.exchange_divisions(text) IS 'Divisions, or prefixes of some, that this transaction may exchange with a receiver; NULL is all';
REVOKE ALL ON FUNCTION credit.exchange_divisions(text) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- subscriptions, and the outbox
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.subscribe(receiver text, item text, purpose text, basis text, valid daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rule pg_catalog.record;
  entry pg_catalog.record;
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}', coalesce(receiver, ''));
  IF basis IS NULL OR basis !~ '\S' OR valid IS NULL OR isempty(valid) OR lower_inf(valid) OR upper_inf(valid) THEN
    RAISE EXCEPTION 'a subscription names its basis, its first and its last day' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'subscribe(receiver, item, purpose, ''document and article'', daterange(first_day, last_day, ''[]'')).';
  END IF;
  PERFORM credit.need_text('the basis', basis), credit.need_day('the first day', lower(valid)), credit.need_day('the last day', upper(valid) - 1);
  SELECT i.id, i.category INTO entry
    FROM credit.report_items(credit.jsonb(credit.rulebook_on(credit.today()))) i WHERE i.id = subscribe.item;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the catalogue has no such item' USING ERRCODE = 'CR106';
  END IF;
  SELECT p.* INTO rule FROM credit_register.purpose p WHERE p.purpose = subscribe.purpose;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such purpose' USING ERRCODE = 'invalid_parameter_value', HINT = 'credit_register.purpose lists them.';
  ELSIF rule.needs_consent OR rule.needs_review OR rule.break_glass THEN
    RAISE EXCEPTION 'this purpose asks for each person, and cannot be subscribed' USING ERRCODE = 'CR602',
      HINT = 'Open an inquiry for each.';
  ELSIF (rule.items IS NOT NULL OR rule.categories IS NOT NULL)
        AND NOT coalesce(entry.id = ANY (rule.items), false) AND NOT coalesce(entry.category = ANY (rule.categories), false) THEN
    RAISE EXCEPTION 'the item is closed to this purpose' USING ERRCODE = 'CR601', HINT = 'credit_register.purpose says which items it has.';
  END IF;
  INSERT INTO credit_register.subscription AS s (receiver, item, purpose, basis, valid, made_by)
    VALUES (subscribe.receiver, subscribe.item, subscribe.purpose, subscribe.basis, subscribe.valid, credit.person())
    ON CONFLICT ON CONSTRAINT subscription_pkey
    DO UPDATE SET basis = EXCLUDED.basis, valid = EXCLUDED.valid, made_by = EXCLUDED.made_by, made_at = clock_timestamp();
END
$$;
COMMENT ON FUNCTION credit.subscribe(text, text, text, text, daterange) IS
  'Definer, as nobody writes subscriptions by hand: a receiver is sent an item of the catalogue for a purpose, on a basis, between two days';
REVOKE ALL ON FUNCTION credit.subscribe(text, text, text, text, daterange) FROM PUBLIC;

CREATE FUNCTION credit.unsubscribe(receiver text, item text, purpose text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}', coalesce(receiver, ''));
  DELETE FROM credit_register.subscription s
   WHERE s.receiver = unsubscribe.receiver AND s.item = unsubscribe.item AND s.purpose = unsubscribe.purpose;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such subscription' USING ERRCODE = 'undefined_object';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.unsubscribe(text, text, text) IS
  'Definer, as nobody writes subscriptions by hand: ends one; the next push tells the receiver to stop using what it brought';
REVOKE ALL ON FUNCTION credit.unsubscribe(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.push_fresh(receiver text, since timestamptz, statements text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  n bigint;
BEGIN
  -- FOR SHARE: a record that is being changed is waited for and looked at anew,
  -- and who changes one afterwards sees this delivery and tells its receiver.
  EXECUTE format($q$
    WITH book AS MATERIALIZED (SELECT credit.rulebook_on(credit.today()) AS book),
    unit AS MATERIALIZED (SELECT i.id, i.unit FROM book b, credit.report_items(credit.jsonb(b.book)) i), wanted AS MATERIALIZED (
      SELECT r.subject, r.record, r.version, s.purpose, s.basis, k.kind,
             upper(credit.display_period((SELECT b.book FROM book b), r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) - 1 AS shown_until,
             jsonb_strip_nulls(jsonb_build_object(
               'item', r.item, 'severity', r.severity, 'stance', r.stance, 'provider', r.provider, 'document_no', r.document_no,
               'document_date', r.document_date, 'happened_on', r.happened_on, 'conduct_end', r.conduct_end, 'final_on', r.final_on,
               'fulfilled_on', r.fulfilled_on, 'amount', r.amount,
               'unit', CASE WHEN r.amount IS NOT NULL THEN coalesce((SELECT u.unit FROM unit u WHERE u.id = r.item), 'CNY') END,
               'fields', r.fields - '{name,subject_code}'::text[], 'basis', r.basis, 'version', r.version, 'extended_until', credit.extended_until(r.subject, r.record), 'statements', %s)) AS content
        FROM credit_register.shown_record r
        JOIN LATERAL (SELECT s.purpose, s.basis FROM credit_register.subscription s
                       WHERE s.receiver = $1 AND s.item = r.item AND s.valid @> credit.today() ORDER BY s.purpose LIMIT 1) s ON true
        LEFT JOIN LATERAL (SELECT d.kind, d.record_version, d.shown_until, d.receipt FROM credit_register.delivery d
                            WHERE d.subject = r.subject AND d.record = r.record AND d.receiver = $1
                            ORDER BY d.record_version DESC, d.queued_at DESC LIMIT 1) d ON true
        CROSS JOIN LATERAL (SELECT CASE WHEN d.kind IS NULL THEN 'data' ELSE 'correction' END AS kind) k
       WHERE r.item = ANY (ARRAY(SELECT x.item FROM credit_register.subscription x WHERE x.receiver = $1 AND x.valid @> credit.today()))
         AND NOT EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = r.subject AND i.forgotten_at IS NOT NULL)
         AND ($2 IS NULL OR r.changed_at >= $2)
         AND ($3 IS NULL OR EXISTS (SELECT FROM unnest($3) v WHERE starts_with(r.division, v)))
         AND (d.kind IS NULL OR d.record_version < r.version OR d.kind IN ('stop_use', 'dispute') OR d.receipt = 'overtaken' OR d.shown_until < credit.today())
       ORDER BY r.subject, r.record	-- as merges lock them
         FOR SHARE OF r
    )
    INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, purpose, basis, content, shown_until, reason)
      SELECT w.subject, $1, w.record, w.version, w.kind, w.purpose, w.basis, w.content, w.shown_until,
             CASE WHEN w.kind = 'correction' THEN 'changed' END
        FROM wanted w$q$, statements) USING receiver, since, credit.exchange_divisions(receiver);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END
$$;
COMMENT ON FUNCTION credit.push_fresh(text, timestamptz, text) IS 'Of push(): what is new or was changed';
REVOKE ALL ON FUNCTION credit.push_fresh(text, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION credit.last_words(receiver text, subject credit.pseudonym, record uuid)
  RETURNS TABLE (subject credit.pseudonym, record uuid, receiver text, record_version int, kind text, item text, shown_until date)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT ON (x.subject, x.record, x.receiver) x.subject, x.record, x.receiver, x.record_version, x.kind, x.content ->> 'item', x.shown_until
    FROM credit_register.delivery x
   WHERE (last_words.receiver IS NULL OR x.receiver = last_words.receiver)
     AND (last_words.subject IS NULL OR x.subject = last_words.subject)
     AND (last_words.record IS NULL OR x.record = last_words.record)
     AND x.receipt IS DISTINCT FROM 'overtaken'
   ORDER BY x.subject, x.record, x.receiver, x.record_version DESC, x.queued_at DESC, (x.kind IN ('stop_use', 'dispute')) DESC;
$$;
COMMENT ON FUNCTION credit.last_words(text, credit.pseudonym, uuid) IS
  'The last word on a record that a receiver has, or will have when it fetches; NULL is all; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.last_words(text, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.held_by_receivers(receiver text DEFAULT NULL, subject credit.pseudonym DEFAULT NULL, record uuid DEFAULT NULL)
  RETURNS TABLE (subject credit.pseudonym, record uuid, receiver text, record_version int, item text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  -- Data or a correction of which the last day has not passed.
  SELECT d.subject, d.record, d.receiver, d.record_version, d.item
    FROM credit.last_words(receiver, subject, record) d
   WHERE d.kind IN ('data', 'correction') AND (d.shown_until IS NULL OR d.shown_until >= credit.today());
$$;
COMMENT ON FUNCTION credit.held_by_receivers(text, credit.pseudonym, uuid) IS
  'Which receivers may still use which records, by the last word they were sent; NULL is all; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.held_by_receivers(text, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.push(receiver text, since timestamptz DEFAULT NULL, OUT fresh bigint, OUT withdrawn bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}', coalesce(receiver, ''));
  -- One push to a receiver at a time: what one has queued the next does not queue again.
  -- The row is the lock, as nobody else can take it; deliveries may be written beside it.
  PERFORM FROM credit_register.receiver v WHERE v.receiver = push.receiver FOR NO KEY UPDATE;
  fresh := credit.push_fresh(receiver, since, CASE WHEN to_regclass('credit_register.case_file') IS NULL THEN 'NULL'
    ELSE $q$(SELECT jsonb_agg(c.ground ORDER BY c.opened_on) FROM credit_register.case_file c
              WHERE c.subject = r.subject AND c.record = r.record AND c.kind = 'statement' AND c.state = 'recorded')$q$ END);
  INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, reason)
    SELECT h.subject, h.receiver, h.record, h.record_version, 'stop_use',
           CASE WHEN r.record IS NULL THEN 'no longer shown' ELSE 'the subscription is over' END
      FROM credit.held_by_receivers(push.receiver) h
      LEFT JOIN credit_register.shown_record r ON r.subject = h.subject AND r.record = h.record
     WHERE r.record IS NULL
        OR NOT EXISTS (SELECT FROM credit_register.subscription s
                        WHERE s.receiver = push.receiver AND s.item = r.item AND s.valid @> credit.today());
  GET DIAGNOSTICS withdrawn = ROW_COUNT;
  -- The receiver knew the last day: no word follows it, but nobody is to copy it any more.
  UPDATE credit_register.delivery d SET content = '{}'
   WHERE d.receiver = push.receiver AND d.shown_until < credit.today() AND d.content <> '{}';
END
$$;
COMMENT ON FUNCTION credit.push(text, timestamptz) IS
  'Definer, as the outbox is written by functions alone: queues for a receiver what is new, changed (since a time, or ever) and no longer to be used; again it queues nothing';
REVOKE ALL ON FUNCTION credit.push(text, timestamptz) FROM PUBLIC;

CREATE FUNCTION credit.fetch_deliveries(receiver text, "limit" int DEFAULT 1000)
  RETURNS TABLE (delivery uuid, kind text, number text, record uuid, record_version int, purpose text, basis text, content jsonb,
                 shown_until date, reason text, queued_at timestamptz)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  places text[] := credit.exchange_divisions(receiver);
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}', coalesce(receiver, ''));
  IF "limit" IS NULL OR "limit" NOT BETWEEN 1 AND 100000 THEN
    RAISE EXCEPTION 'a fetch takes 1 to 100000 deliveries' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- What may no longer be shown is not sent, though it was queued.
  UPDATE credit_register.delivery d SET content = '{}', acknowledged_at = clock_timestamp(), receipt = 'overtaken'
   WHERE d.receiver = fetch_deliveries.receiver AND d.acknowledged_at IS NULL AND d.sent_at IS NULL AND d.kind IN ('data', 'correction')
     AND (NOT EXISTS (SELECT FROM credit_register.shown_record r WHERE r.subject = d.subject AND r.record = d.record)
          -- Nor is a change of what a subscription brought that was ended since.
          OR credit.subscription_over(d.subject, d.record, d.receiver));
  RETURN QUERY
    WITH next AS MATERIALIZED (
      SELECT d.subject, d.delivery FROM credit_register.delivery d
       WHERE d.receiver = fetch_deliveries.receiver AND d.acknowledged_at IS NULL
         -- What was sent once, but may no longer be shown, is not sent again: the word to stop follows it.
         AND (d.kind NOT IN ('data', 'correction')
              OR EXISTS (SELECT FROM credit_register.shown_record r WHERE r.subject = d.subject AND r.record = d.record))
         AND (places IS NULL OR EXISTS (SELECT FROM credit_register.record r, unnest(places) v
                                         WHERE r.subject = d.subject AND r.record = d.record AND starts_with(r.division, v)))
       ORDER BY d.queued_at, d.delivery LIMIT "limit" FOR UPDATE SKIP LOCKED
    ), sent AS (
      UPDATE credit_register.delivery d SET sent_at = coalesce(d.sent_at, clock_timestamp())
        FROM next n WHERE d.subject = n.subject AND d.delivery = n.delivery
      RETURNING d.*
    )
    SELECT s.delivery, s.kind, credit.identity_unseal(i.subject, 'number', i.number, i.data_key), s.record, s.record_version, s.purpose, s.basis,
           s.content, s.shown_until, s.reason, s.queued_at
      FROM sent s LEFT JOIN credit_register.identity i ON i.subject = s.subject AND i.data_key IS NOT NULL
     ORDER BY s.queued_at, s.delivery;
END
$$;
COMMENT ON FUNCTION credit.fetch_deliveries(text, int) IS
  'Definer, as the outbox is read by functions alone: the next deliveries to a receiver, the same ones until acknowledged; the number from the vault, not the pseudonym';
REVOKE ALL ON FUNCTION credit.fetch_deliveries(text, int) FROM PUBLIC;

CREATE FUNCTION credit.acknowledge(delivery uuid, receipt text) RETURNS bool
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_row pg_catalog.record;
BEGIN
  IF receipt IS NULL OR receipt !~ '\S' OR receipt = 'overtaken' OR octet_length(receipt) > 1000 THEN
    RAISE EXCEPTION 'an acknowledgement has a receipt, of 1000 bytes at most' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT d.* INTO found_row FROM credit_register.delivery d WHERE d.delivery = acknowledge.delivery FOR UPDATE;
  PERFORM credit.check_exchange('{credit_publisher}', coalesce(found_row.receiver, ''));
  IF found_row.sent_at IS NULL THEN
    RAISE EXCEPTION 'this delivery was not sent' USING ERRCODE = 'object_not_in_prerequisite_state';
  ELSIF found_row.acknowledged_at IS NOT NULL AND found_row.receipt <> 'overtaken' THEN
    RETURN false;
  END IF;
  UPDATE credit_register.delivery d SET acknowledged_at = clock_timestamp(), receipt = acknowledge.receipt
   WHERE d.subject = found_row.subject AND d.delivery = acknowledge.delivery;
  RETURN true;
END
$$;
COMMENT ON FUNCTION credit.acknowledge(uuid, text) IS
  'Definer, as the outbox is written by functions alone: the receiver has it, and says so with a receipt; false if it had said so before';
REVOKE ALL ON FUNCTION credit.acknowledge(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.create_outbox_publication(receiver text) RETURNS name
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  publication name := credit.outbox_name(receiver);
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.receiver v WHERE v.receiver = create_outbox_publication.receiver) THEN
    RAISE EXCEPTION 'there is no such receiver' USING ERRCODE = 'undefined_object';
  END IF;
  IF EXISTS (SELECT FROM pg_publication p WHERE p.pubname = publication) THEN
    IF NOT (SELECT credit.is_outbox(p.oid, 'credit_register.delivery'::regclass) FROM pg_publication p WHERE p.pubname = publication) THEN
      RAISE EXCEPTION 'publication "%" is not as this function makes it', publication USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = format('DROP PUBLICATION %I, and make it anew.', publication);
    END IF;
    RETURN publication;
  END IF;
  -- Inserts alone: a correction is a row of its own, and acknowledgements stay here.  The
  -- filter is of built-in functions, as decoding has no extension at hand.
  EXECUTE format('CREATE PUBLICATION %I FOR TABLE credit_register.delivery (%s) WHERE (receiver = %L) WITH (publish = ''insert'')', publication,
                 array_to_string(credit.outbox_columns(), ', '), receiver);
  EXECUTE format('COMMENT ON PUBLICATION %I IS %L', publication, 'Outbox of the register for one receiver');
  RETURN publication;
END
$$;
COMMENT ON FUNCTION credit.create_outbox_publication(text) IS 'The outbox of one receiver as a publication for logical replication, and its name; for superusers';
REVOKE ALL ON FUNCTION credit.create_outbox_publication(text) FROM PUBLIC;

CREATE FUNCTION credit.outbox_table() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT format(E'CREATE SCHEMA credit_register;\nCREATE TABLE credit_register.delivery (\n%s,\n  PRIMARY KEY (subject, delivery)\n);',
                        string_agg(format('  %I %s', a.attname, CASE a.atttypid WHEN 'credit.pseudonym'::regtype THEN 'text'
                                                                   ELSE format_type(a.atttypid, a.atttypmod) END), E',\n' ORDER BY a.attnum))
            FROM pg_attribute a
           WHERE a.attrelid = 'credit_register.delivery'::regclass AND a.attname = ANY (credit.outbox_columns()));
END
$$;
COMMENT ON FUNCTION credit.outbox_table() IS 'DDL of the table into which a server without the extension takes an outbox; for superusers';
REVOKE ALL ON FUNCTION credit.outbox_table() FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- the public
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.publish(record uuid, board text, ground text, ends_on date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  shown pg_catalog.record;
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}');
  IF board IS NULL OR board NOT IN ('red', 'black', 'case') OR ground IS NULL OR ground !~ '\S' OR ends_on IS NULL OR NOT isfinite(ends_on) OR ends_on <= credit.today() THEN
    RAISE EXCEPTION 'publishing names a board (red, black, case), a ground and a last day to come' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_text('the ground', ground), credit.need_day('the last day', ends_on);
  SELECT p.subject, p.stance INTO shown FROM credit_register.public_record p
   WHERE p.record = publish.record AND credit.may_see(credit.duty_mask('{credit_publisher}'), p.division, p.provider, false)
     AND NOT EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = p.subject AND i.forgotten_at IS NOT NULL);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the public may not see this record, or it is not yours to publish' USING ERRCODE = 'CR603',
      HINT = 'Natural persons only where the item says so, nobody after the display period, and within your mandate.';
  ELSIF board = 'red' AND shown.stance <> 'good' OR board = 'black' AND shown.stance <> 'bad' THEN
    RAISE EXCEPTION 'the record does not belong on this board' USING ERRCODE = 'CR604';
  END IF;
  INSERT INTO credit_register.publication AS p (subject, record, board, ground, published_on, ends_on, published_by)
    VALUES (shown.subject, publish.record, publish.board, publish.ground, credit.today(), publish.ends_on, credit.person())
    ON CONFLICT ON CONSTRAINT publication_pkey
    DO UPDATE SET ground = EXCLUDED.ground, published_on = EXCLUDED.published_on, ends_on = EXCLUDED.ends_on,
                  published_by = EXCLUDED.published_by, ended_at = NULL, end_reason = NULL;
END
$$;
COMMENT ON FUNCTION credit.publish(uuid, text, text, date) IS
  'Definer, as nobody writes boards by hand: puts a record that the public may see on a board until a day; CR603 if it may not, CR604 if it does not belong there';
REVOKE ALL ON FUNCTION credit.publish(uuid, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.take_down(record uuid, board text, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}');
  PERFORM credit.need_text('the reason', reason);
  UPDATE credit_register.publication p SET ended_at = clock_timestamp(), end_reason = reason
    FROM credit_register.record r
   WHERE r.record = take_down.record AND p.subject = r.subject AND p.record = r.record AND p.board = take_down.board AND p.ended_at IS NULL
     AND credit.may_see(credit.duty_mask('{credit_publisher}'), r.division, r.provider, r.minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this is on no such board' USING ERRCODE = 'undefined_object';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.take_down(uuid, text, text) IS 'Definer, as nobody writes boards by hand: takes a record off a board before its day';
REVOKE ALL ON FUNCTION credit.take_down(uuid, text, text) FROM PUBLIC;

CREATE FUNCTION credit.public_records(board text DEFAULT NULL, "limit" int DEFAULT 100)
  RETURNS TABLE (record uuid, name text, number text, item text, zh text, severity credit.severity, stance credit.stance, provider_name text,
                 document_no text, document_date date, basis text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_exchange('{credit_publisher}');
  IF "limit" IS NULL OR "limit" NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'a page of public records has 1 to 10000' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY
    WITH page AS MATERIALIZED (
      SELECT p.* FROM credit_register.public_record p
       WHERE (public_records.board IS NULL
              OR EXISTS (SELECT FROM credit_register.board b WHERE b.subject = p.subject AND b.record = p.record AND b.board = public_records.board))
         -- Of whom the name was erased, nothing is left to publish.
         AND NOT EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = p.subject AND i.forgotten_at IS NOT NULL)
       ORDER BY p.document_date DESC, p.record LIMIT "limit"
    )
    SELECT p.record, s.who ->> 'name', s.who ->> 'number', p.item, i.zh, p.severity, p.stance, coalesce(v.name, p.provider), p.document_no, p.document_date, p.basis
      FROM page p
      LEFT JOIN credit_register.provider v ON v.provider = p.provider
      LEFT JOIN credit.report_items(credit.jsonb(credit.rulebook_on(credit.today()))) i ON i.id = p.item
      CROSS JOIN LATERAL (SELECT credit.report_subject(p.subject)) s (who)
     ORDER BY p.document_date DESC, p.record;
END
$$;
COMMENT ON FUNCTION credit.public_records(text, int) IS
  'Definer, as names are in the vault: what the portal shows today, of one board or of all, the newest first; persons masked, organisations with their codes, none that was erased';
REVOKE ALL ON FUNCTION credit.public_records(text, int) FROM PUBLIC;

CREATE FUNCTION credit.public_status(code credit.code) RETURNS TABLE (list text, basis text, listed_on date, until date)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_exchange('{credit_publisher,credit_window,credit_provider}');
  RETURN QUERY
    SELECT e.list, e.basis, e.entered_on, e.ends_on
      FROM credit_register.list_entry e
      JOIN credit_register.public_record p ON p.subject = e.subject AND p.record = e.record
     WHERE e.subject = credit.current_subject(credit.pseudonym(public_status.code)) AND e.left_on IS NULL AND credit.today() BETWEEN e.entered_on AND e.ends_on
     ORDER BY e.entered_on;
END
$$;
COMMENT ON FUNCTION credit.public_status(credit.code) IS
  'Definer, as it makes the pseudonym: the public lists on which a code stands today; no row for everybody else, whether known or not';
REVOKE ALL ON FUNCTION credit.public_status(credit.code) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- where a record still is
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.everywhere_exchange(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT 'receiver'::text, h.receiver FROM credit.held_by_receivers(NULL, everywhere_exchange.subject, everywhere_exchange.record) h
    UNION ALL
    -- A subscriber that comes late copies what still stands here.
    SELECT DISTINCT 'outbox', d.receiver FROM credit_register.delivery d
     WHERE d.subject = everywhere_exchange.subject AND d.record = everywhere_exchange.record AND d.content <> '{}'
    UNION ALL
    SELECT 'public', 'public_record' FROM credit_register.public_record p
     WHERE p.subject = everywhere_exchange.subject AND p.record = everywhere_exchange.record
    UNION ALL
    SELECT 'board', b.board FROM credit_register.board b
     WHERE b.subject = everywhere_exchange.subject AND b.record = everywhere_exchange.record;
END
$$;
COMMENT ON FUNCTION credit.everywhere_exchange(credit.pseudonym, uuid) IS
  'Of everywhere(): receivers without a later word to stop, what the outbox still carries, the public view, boards';
REVOKE ALL ON FUNCTION credit.everywhere_exchange(credit.pseudonym, uuid) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- numbers
-- ---------------------------------------------------------------------------

-- Which rows of a table of persons by area and class are withheld.  The first
-- digits of an area are its parent.  A row with a class of 1 to k - 1 persons is
-- small.  It is withheld in all its classes, together with as many of its
-- siblings, the least first, as make two rows whose sums by class are 0 or at
-- least k: then every withheld number has a partner in its row and in its
-- column, and no difference of what is published gives one of them.  A parent
-- that is withheld as such a sibling withholds two of its children, too.  Totals
-- of less than k go the same way.
CREATE FUNCTION credit.withhold_level(counts jsonb, min_cell int, hidden_parents text[], hidden_totals text[], forced jsonb)
  RETURNS TABLE (area text, hidden bool, total_hidden bool)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH cell AS (
    SELECT c ->> 'area' AS area, c ->> 'parent' AS parent, (c ->> 'good')::bigint AS good, (c ->> 'neutral')::bigint AS neutral, (c ->> 'bad')::bigint AS bad,
           coalesce((forced #>> ARRAY[c ->> 'area', 'hidden'])::bool, false) AS forced, coalesce((forced #>> ARRAY[c ->> 'area', 'total'])::bool, false) AS forced_total
      FROM jsonb_array_elements(counts) c
  ), small AS (
    SELECT x.*, x.good + x.neutral + x.bad AS total,
           x.forced OR x.good BETWEEN 1 AND min_cell - 1 OR x.neutral BETWEEN 1 AND min_cell - 1 OR x.bad BETWEEN 1 AND min_cell - 1 AS is_small,
           x.forced_total OR x.good + x.neutral + x.bad BETWEEN 1 AND min_cell - 1 AS is_small_total
      FROM cell x WHERE x.good + x.neutral + x.bad > 0
  ), summed AS (
    SELECT m.*, row_number() OVER w AS n, sum(m.good) OVER w AS goods, sum(m.neutral) OVER w AS neutrals, sum(m.bad) OVER w AS bads,
           count(*) FILTER (WHERE m.is_small) OVER (PARTITION BY m.parent) AS smalls,
           row_number() OVER t AS nt, sum(m.total) OVER t AS totals, count(*) FILTER (WHERE m.is_small_total) OVER (PARTITION BY m.parent) AS small_totals,
           count(*) OVER (PARTITION BY m.parent) AS siblings
      FROM small m
    WINDOW w AS (PARTITION BY m.parent ORDER BY NOT m.is_small, m.total, m.area),
           t AS (PARTITION BY m.parent ORDER BY NOT m.is_small_total, m.total, m.area)
  ), reach AS (
    SELECT s.parent, s.siblings,
           CASE WHEN s.smalls > 0 OR s.parent = ANY (hidden_parents) THEN
             coalesce(min(s.n) FILTER (WHERE s.n >= greatest(s.smalls, 2) AND (s.goods = 0 OR s.goods >= min_cell)
                                         AND (s.neutrals = 0 OR s.neutrals >= min_cell) AND (s.bads = 0 OR s.bads >= min_cell)), s.siblings) ELSE 0 END AS upto,
           CASE WHEN s.small_totals > 0 OR s.parent = ANY (hidden_totals) THEN
             coalesce(min(s.nt) FILTER (WHERE s.nt >= greatest(s.small_totals, 2) AND s.totals >= min_cell), s.siblings) ELSE 0 END AS upto_totals
      FROM summed s GROUP BY s.parent, s.siblings, s.smalls, s.small_totals
  )
  SELECT s.area, s.n <= r.upto OR s.nt <= r.upto_totals, s.nt <= r.upto_totals
    FROM summed s JOIN reach r ON r.parent = s.parent;
$$;
COMMENT ON FUNCTION credit.withhold_level(jsonb, int, text[], text[], jsonb) IS 'Of withhold(): the areas of one level, when those of the level above are known';
REVOKE ALL ON FUNCTION credit.withhold_level(jsonb, int, text[], text[], jsonb) FROM PUBLIC;

CREATE FUNCTION credit.withhold(counts jsonb, level int, min_cell int, forced jsonb DEFAULT '{}') RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digits int;
  hidden_rows text[] := '{}';
  hidden_totals text[] := '{}';
  answer jsonb := '{}';
BEGIN
  FOREACH digits IN ARRAY '{2,4,6,9,12}'::int[] LOOP
    EXIT WHEN digits > level;
    SELECT coalesce(array_agg(w.area) FILTER (WHERE w.hidden), '{}'), coalesce(array_agg(w.area) FILTER (WHERE w.total_hidden), '{}'),
           answer || coalesce(jsonb_object_agg(w.area, jsonb_build_object('hidden', w.hidden, 'total', w.total_hidden)), '{}')
      INTO hidden_rows, hidden_totals, answer
      FROM credit.withhold_level(
        (SELECT jsonb_agg(to_jsonb(a)) FROM (
           SELECT left(c ->> 'area', digits) AS area, left(c ->> 'area', CASE digits WHEN 2 THEN 0 WHEN 9 THEN 6 WHEN 12 THEN 9 ELSE digits - 2 END) AS parent,
                  sum((c ->> 'good')::bigint) AS good, sum((c ->> 'neutral')::bigint) AS neutral, sum((c ->> 'bad')::bigint) AS bad
             FROM jsonb_array_elements(counts) c GROUP BY 1, 2) a), min_cell, hidden_rows, hidden_totals, forced) w;
  END LOOP;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION credit.withhold(jsonb, int, int, jsonb) IS
  'Of a table of persons by area (good, neutral, bad): which rows and totals are withheld, level by level down to one of so many digits; what is forced is withheld in any case';
REVOKE ALL ON FUNCTION credit.withhold(jsonb, int, int, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.area_stats(level text, month date, min_cell int DEFAULT 10)
  RETURNS TABLE (area text, name text, good bigint, neutral bigint, bad bigint, total bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digits int := CASE level WHEN 'province' THEN 2 WHEN 'prefecture' THEN 4 WHEN 'county' THEN 6 WHEN 'town' THEN 9 WHEN 'village' THEN 12 END;
  least_cell CONSTANT int := 5;
  first_day date;
  counts jsonb;
  marks jsonb;
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  first_day := credit.month_asked(month);
  IF digits IS NULL OR min_cell IS NULL OR min_cell < least_cell THEN
    RAISE EXCEPTION 'statistics take a level (province, prefecture, county, town, village) and cells of at least %', least_cell
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Each person once: by the worst of his records of the month, so that classes add up.
  SELECT coalesce(jsonb_agg(to_jsonb(a)), '[]') INTO counts FROM (
    SELECT p.division AS area, count(*) FILTER (WHERE p.class = 0) AS good, count(*) FILTER (WHERE p.class = 1) AS neutral, count(*) FILTER (WHERE p.class = 2) AS bad
      FROM (SELECT r.subject, min(s.division) AS division, max(CASE r.stance WHEN 'bad' THEN 2 WHEN 'neutral' THEN 1 ELSE 0 END) AS class
              FROM credit_register.shown_record r JOIN credit_register.subject s ON s.subject = r.subject
             WHERE r.document_date >= first_day AND r.document_date < (first_day + interval '1 month')::date
               AND s.kind !~ 'organisation$'
             GROUP BY r.subject) p
     GROUP BY p.division) a;
  -- Whatever cell size is asked for, what the least one withholds stays withheld: two answers must not make a third.
  marks := credit.withhold(counts, digits, min_cell, credit.withhold(counts, digits, least_cell));
  RETURN QUERY
    SELECT t.area, CASE WHEN t.area ~ '^\d+$' THEN credit.division_full_name(left(rpad(t.area, 6, '0'), 6), credit.today()) END,
           CASE WHEN NOT t.hidden THEN t.good END, CASE WHEN NOT t.hidden THEN t.neutral END, CASE WHEN NOT t.hidden THEN t.bad END,
           CASE WHEN NOT t.total_hidden THEN t.good + t.neutral + t.bad END
      FROM (SELECT left(c ->> 'area', digits) AS area, sum((c ->> 'good')::bigint)::bigint AS good, sum((c ->> 'neutral')::bigint)::bigint AS neutral,
                   sum((c ->> 'bad')::bigint)::bigint AS bad,
                   coalesce((marks #>> ARRAY[left(c ->> 'area', digits), 'hidden'])::bool, false) AS hidden,
                   coalesce((marks #>> ARRAY[left(c ->> 'area', digits), 'total'])::bool, false) AS total_hidden
              FROM jsonb_array_elements(counts) c GROUP BY 1) t
     ORDER BY t.area;
END
$$;
COMMENT ON FUNCTION credit.area_stats(text, date, int) IS
  'Definer, as it counts over all subjects: persons of an area by the worst of their records of a month that are shown; small numbers, and what would give them away, are NULL';
REVOKE ALL ON FUNCTION credit.area_stats(text, date, int) FROM PUBLIC;

CREATE FUNCTION credit.month_range(month date) RETURNS tstzrange
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT tstzrange(m.first_day::timestamp AT TIME ZONE 'Asia/Shanghai', (m.first_day + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
    FROM (SELECT credit.month_asked(month) AS first_day) m;
$$;
COMMENT ON FUNCTION credit.month_range(date) IS 'The moments of the month of a day, in Asia/Shanghai';

CREATE FUNCTION credit.monthly_assessment(month date)
  RETURNS TABLE (provider text, name text, filed bigint, median_days int, corrected bigint, stopped bigint, upheld bigint,
                 tasks_due bigint, tasks_in_time bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  span tstzrange;
  cases jsonb := '{}';
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  span := credit.month_range(month);
  -- Only what does not change any more: the same month gives the same answer on any day.
  IF to_regclass('credit_register.case_file') IS NOT NULL THEN
    -- What was decided about records; what their receivers are told has other reasons, too.
    EXECUTE $q$SELECT coalesce(jsonb_object_agg(x.provider, to_jsonb(x)), '{}') FROM (
                 SELECT c.provider, count(*) FILTER (WHERE c.state = 'upheld') AS upheld, count(DISTINCT c.record) FILTER (WHERE c.outcome ? 'corrected') AS corrected,
                        count(DISTINCT c.record) FILTER (WHERE c.outcome ? 'withdrawn' OR c.kind = 'repair' AND c.state = 'granted') AS stopped
                   FROM credit_register.case_file c WHERE c.decided_at <@ $1 GROUP BY c.provider) x$q$ INTO cases USING span;
  END IF;
  RETURN QUERY
    SELECT v.provider, v.name, coalesce(f.n, 0), f.days, coalesce((cases #>> ARRAY[v.provider, 'corrected'])::bigint, 0),
           coalesce((cases #>> ARRAY[v.provider, 'stopped'])::bigint, 0), coalesce((cases #>> ARRAY[v.provider, 'upheld'])::bigint, 0), coalesce(t.due, 0), coalesce(t.in_time, 0)
      FROM credit_register.provider v
      LEFT JOIN (SELECT r.provider, count(*) AS n,
                        (percentile_disc(0.5) WITHIN GROUP (ORDER BY (r.registered_at AT TIME ZONE 'Asia/Shanghai')::date - r.document_date))::int AS days
                   FROM credit_register.record r WHERE r.registered_at <@ span GROUP BY r.provider) f ON f.provider = v.provider
      LEFT JOIN (SELECT k.provider, count(*) AS due, count(*) FILTER (WHERE k.feedback_on <= k.feedback_due) AS in_time
                   FROM credit_register.measure_task k
                  WHERE k.feedback_due >= date_trunc('month', month)::date AND k.feedback_due < (date_trunc('month', month) + interval '1 month')::date
                  GROUP BY k.provider) t ON t.provider = v.provider
     ORDER BY v.provider;
END
$$;
COMMENT ON FUNCTION credit.monthly_assessment(date) IS
  'Definer, as it counts over all subjects: per provider what it filed in a month, how late, of how many records it was decided to correct or to stop them (repaired, withdrawn), cases upheld, feedback on measures';
REVOKE ALL ON FUNCTION credit.monthly_assessment(date) FROM PUBLIC;

CREATE FUNCTION credit.duty_list() RETURNS TABLE (duty text, owner text, what text, count bigint, due date, overdue bool)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  cases text := 'SELECT NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::date WHERE false';
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_reviewer,credit_publisher}');
  IF to_regclass('credit_register.case_file') IS NOT NULL THEN
    cases := $q$SELECT 'credit_reviewer', c.division, 'case: ' || c.kind, count(*), min(c.due)
                  FROM credit_register.case_file c WHERE c.closed_at IS NULL GROUP BY c.division, c.kind$q$;
  END IF;
  -- By hand, or in the very moment of the merge: who looks in the survivor's file does not find them.
  IF to_regclass('credit_register.subject_link') IS NOT NULL THEN
    cases := cases || $q$
    UNION ALL
    SELECT 'credit_reviewer', s.division, 'records and cases under a merged number, to be sent after it by credit.follow_link()', count(*), NULL::date
      FROM credit_register.subject_link l
      JOIN (SELECT r.subject FROM credit_register.record r WHERE r.state <> 'archived' UNION ALL SELECT c.subject FROM credit_register.case_file c WHERE c.record IS NULL) x ON x.subject = l.subject
      JOIN credit_register.subject s ON s.subject = l.subject
     WHERE l.kind = 'merged_into' AND l.undone_at IS NULL GROUP BY s.division$q$;
  END IF;
  RETURN QUERY EXECUTE format($q$
    SELECT q.duty, q.owner, q.what, q.count, q.due, q.due < credit.today() FROM (
      SELECT 'credit_reviewer' AS duty, NULL::text AS owner, 'inquiries to approve' AS what, count(*) AS count,
             min((i.opened_at AT TIME ZONE 'Asia/Shanghai')::date) AS due
        FROM credit_register.inquiry i WHERE i.state = 'pending' AND i.expires_at >= clock_timestamp()
      UNION ALL
      SELECT 'credit_reviewer', NULL, 'break-glass inquiries to judge', count(*), min((i.review_due AT TIME ZONE 'Asia/Shanghai')::date)
        FROM credit_register.inquiry i WHERE i.review_due IS NOT NULL AND i.reviewed_at IS NULL
      UNION ALL
      SELECT 'credit_provider', t.provider, 'feedback on measures', count(*), min(t.feedback_due)
        FROM credit_register.measure_task t WHERE t.state = 'open' GROUP BY t.provider
      UNION ALL
      SELECT 'credit_publisher', d.receiver, 'deliveries to send: ' || d.kind, count(*), min((d.queued_at AT TIME ZONE 'Asia/Shanghai')::date) + 1
        FROM credit_register.delivery d WHERE d.acknowledged_at IS NULL GROUP BY d.receiver, d.kind
      UNION ALL
      SELECT 'credit_publisher', s.receiver, 'subscriptions that end within 30 days', count(*), min(upper(s.valid)) - 1
        FROM credit_register.subscription s WHERE upper(s.valid) - 1 BETWEEN credit.today() AND credit.today() + 30 GROUP BY s.receiver
      UNION ALL
      SELECT 'credit_admin', NULL, 'next year of the calendar', count(*), min(e.countable_until) FROM credit.calendars_that_end() e
      UNION ALL %s) q (duty, owner, what, count, due)
     WHERE q.count > 0 ORDER BY q.due, q.duty, q.owner, q.what$q$, cases);
END
$$;
COMMENT ON FUNCTION credit.duty_list() IS
  'Definer, as it counts over all subjects: who owes what until when, from the queues as they are; nothing is entered here, so nothing is forgotten';
REVOKE ALL ON FUNCTION credit.duty_list() FROM PUBLIC;

CREATE FUNCTION credit.usage_report(month date) RETURNS TABLE (kind text, who text, purpose text, uses bigint, refused bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  span tstzrange;
BEGIN
  PERFORM credit.check_exchange('{credit_admin,credit_auditor,credit_analyst,credit_reviewer}');
  span := credit.month_range(month);
  RETURN QUERY
    SELECT 'inquiry', coalesce(i.provider, i.application), i.purpose, count(*), count(*) FILTER (WHERE i.state = 'refused')
      FROM credit_register.inquiry i WHERE i.opened_at <@ span GROUP BY 2, 3
    UNION ALL
    SELECT 'delivery', d.receiver, coalesce(d.purpose, d.kind), count(*), 0::bigint
      FROM credit_register.delivery d WHERE d.queued_at <@ span GROUP BY 2, 3
    ORDER BY 1, 2, 3;
END
$$;
COMMENT ON FUNCTION credit.usage_report(date) IS
  'Definer, as it counts over all subjects: inquiries and deliveries of a month by who used them and for which purpose; of offices, not of persons';
REVOKE ALL ON FUNCTION credit.usage_report(date) FROM PUBLIC;
