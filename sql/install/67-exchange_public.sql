-- ---------------------------------------------------------------------------
-- exchange, the public: boards that end by themselves, and lists by code
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
  PERFORM credit.need_read_committed('publishing');
  LOOP
    SELECT p.subject, p.stance INTO shown FROM credit_register.public_record p
     WHERE p.record = publish.record AND credit.may_see(credit.duty_mask('{credit_publisher}'), p.division, p.provider, false)
       AND NOT EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = p.subject AND i.forgotten_at IS NOT NULL);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the public may not see this record, or it is not yours to publish' USING ERRCODE = 'CR603',
        HINT = 'Natural persons only where the item says so, nobody after the display period, and within your mandate.';
    ELSIF board = 'red' AND shown.stance <> 'good' OR board = 'black' AND shown.stance <> 'bad' THEN
      RAISE EXCEPTION 'the record does not belong on this board' USING ERRCODE = 'CR604';
    END IF;
    -- Moved while we waited: looked for once more, where it is now.
    PERFORM credit.hold_file(shown.subject);
    EXIT WHEN EXISTS (SELECT FROM credit_register.record r WHERE r.subject = shown.subject AND r.record = publish.record);
  END LOOP;
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
