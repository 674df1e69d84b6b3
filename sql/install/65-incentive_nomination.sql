-- ---------------------------------------------------------------------------
-- incentive, nominations: no effect until somebody verified them
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.nominate(code credit.code, item text, document text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  proposer pg_catalog.record := credit.acting_provider();
  filed_as credit.pseudonym;
  whom credit.pseudonym;
  made uuid;
BEGIN
  IF NOT EXISTS (SELECT FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i
                  WHERE i.id = nominate.item AND i.stance = 'good' AND i.in_force @> credit.today()) THEN
    RAISE EXCEPTION 'only good items of the catalogue can be nominated' USING ERRCODE = 'CR106';
  END IF;
  IF code IS NULL OR document IS NULL OR document !~ '\S' THEN
    RAISE EXCEPTION 'a nomination names whom, and the document with the reasons' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_text('the document', document);
  PERFORM credit.need_read_committed('a nomination');
  filed_as := credit.pseudonym(code);
  whom := credit.hold_current(filed_as);
  -- One of a department after the other, so that the second sees the first.
  PERFORM FROM credit_register.provider p WHERE p.provider = proposer.provider FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM credit_register.nomination n
              WHERE n.subject = whom AND n.item = nominate.item AND n.nominated_by = proposer.provider AND n.state = 'nominated') THEN
    RAISE EXCEPTION 'your department has nominated this person for this item already, and nobody has decided' USING ERRCODE = 'unique_violation',
      HINT = 'Another department of the division decides: credit.verify_nomination() or credit.refuse_nomination().';
  END IF;
  INSERT INTO credit_register.nomination (subject, item, nominated_by, document, nominated_on)
    VALUES (whom, nominate.item, proposer.provider, nominate.document, credit.today())
    RETURNING nomination INTO made;
  IF whom <> filed_as THEN
    PERFORM credit.note_filed(filed_as, 'nomination', jsonb_build_object('nomination', made));
  END IF;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.nominate(credit.code, text, text) IS
  'Definer, as nobody writes nominations by hand: proposes a good record; without any effect until another department verifies it';
REVOKE ALL ON FUNCTION credit.nominate(credit.code, text, text) FROM PUBLIC;

CREATE FUNCTION credit.open_nominations() RETURNS TABLE (nomination uuid, subject credit.pseudonym, item text, nominated_by text, document text, nominated_on date)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
BEGIN
  RETURN QUERY
    SELECT n.nomination, n.subject, n.item::text, n.nominated_by::text, n.document, n.nominated_on
      FROM credit_register.nomination n JOIN credit_register.provider p ON p.provider = n.nominated_by
     WHERE n.state = 'nominated' AND n.nominated_by <> me.provider AND p.division = me.division
     ORDER BY n.nominated_on, n.nomination;
END
$$;
COMMENT ON FUNCTION credit.open_nominations() IS 'Definer, as departments have no right on the table: what others of the division have nominated and nobody decided';
REVOKE ALL ON FUNCTION credit.open_nominations() FROM PUBLIC;

CREATE FUNCTION credit.verify_nomination(nomination uuid, document_no text, document_date date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
  proposed pg_catalog.record;
  law pg_catalog.record;
  made uuid;
BEGIN
  IF document_no IS NULL OR document_no !~ '\S' OR document_date IS NULL OR document_date > credit.today() THEN
    RAISE EXCEPTION 'a department verifies by a document, with number and day' USING ERRCODE = 'CR202';
  END IF;
  PERFORM credit.need_text('the number', document_no), credit.need_day('the day of the document', document_date);
  SELECT n.* INTO proposed FROM credit_register.nomination n JOIN credit_register.provider p ON p.provider = n.nominated_by
   WHERE n.nomination = verify_nomination.nomination AND n.state = 'nominated' AND n.nominated_by <> me.provider AND p.division = me.division
     FOR UPDATE OF n;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no nomination of this number waits for your department' USING ERRCODE = 'CR201';
  END IF;
  SELECT i.basis, i.in_force INTO law FROM credit.rulebook_items(credit.rulebook_on(document_date)) i
   WHERE i.id = proposed.item AND i.in_force @> verify_nomination.document_date;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no basis is in force on that day' USING ERRCODE = 'CR101';
  END IF;
  INSERT INTO credit_register.record AS r (subject, division, provider, item, document_date, happened_on, document_no, stance, basis, basis_in_force, received_at)
    VALUES (proposed.subject, me.division, me.provider, proposed.item, verify_nomination.document_date, verify_nomination.document_date,
            verify_nomination.document_no, 'good', law.basis, law.in_force, clock_timestamp())
    RETURNING r.record INTO made;
  UPDATE credit_register.nomination n
     SET state = 'verified', verified_by = me.provider, decided_by = credit.person(), decided_on = credit.today(), record = made
   WHERE n.subject = proposed.subject AND n.nomination = proposed.nomination;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.verify_nomination(uuid, text, date) IS
  'Definer, as nobody writes nominations by hand: a department, another than the proposer, makes a good record of one, by its document';
REVOKE ALL ON FUNCTION credit.verify_nomination(uuid, text, date) FROM PUBLIC;

CREATE FUNCTION credit.refuse_nomination(nomination uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
BEGIN
  UPDATE credit_register.nomination n
     SET state = 'refused', verified_by = me.provider, decided_by = credit.person(), decided_on = credit.today()
    FROM credit_register.provider p
   WHERE n.nomination = refuse_nomination.nomination AND n.state = 'nominated' AND p.provider = n.nominated_by
     AND n.nominated_by <> me.provider AND p.division = me.division;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no nomination of this number waits for your department' USING ERRCODE = 'CR201';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_nomination(uuid) IS 'Definer, as nobody writes nominations by hand: a department makes nothing of one; for the person it is as if it had not been';
REVOKE ALL ON FUNCTION credit.refuse_nomination(uuid) FROM PUBLIC;
