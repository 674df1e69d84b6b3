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
  -- Whose mandate reaches all of them may know which there are.
  IF NOT EXISTS (SELECT FROM credit_register.receiver v WHERE v.receiver = check_exchange.receiver) AND receiver IS NOT NULL
     AND EXISTS (SELECT FROM credit.grants() g WHERE g.duty = ANY (duties) AND g.provider IS NULL) THEN
    RAISE EXCEPTION 'there is no such receiver' USING ERRCODE = 'no_data_found', HINT = 'credit_register.receiver lists them; a credit_admin enters one with credit.add_receiver().';
  END IF;
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
  'Raises unless the transaction runs under one of the duties, for this receiver; to whom not all are open, one that is not there is refused in the same words';
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
