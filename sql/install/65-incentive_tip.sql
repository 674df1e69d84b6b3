-- ---------------------------------------------------------------------------
-- incentive, tips: what somebody tells a department, read by it alone
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.give_tip(provider text, field text, letter text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
BEGIN
  IF NOT (credit.has_duty('credit_citizen') OR credit.has_duty('credit_window')) OR letter IS NULL OR letter !~ '\S' THEN
    RAISE EXCEPTION 'a tip is a letter, given by a citizen or at a window' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF field IS NULL OR field !~ '^[a-z][a-z0-9_]{0,99}$' OR NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = give_tip.provider) THEN
    RAISE EXCEPTION 'a tip goes to a registered department, and names a field by its code' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.tip (provider, field, digest, given_on)
    VALUES (give_tip.provider, give_tip.field, sha256(convert_to(letter, 'UTF8')), credit.today())
    RETURNING tip INTO made;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.give_tip(text, text, text) IS
  'Definer, as nobody writes tips by hand: that a letter went to a department, about a field; neither letter nor sender nor whom it names is kept';
REVOKE ALL ON FUNCTION credit.give_tip(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.open_tips() RETURNS TABLE (tip uuid, field text, given_on date, digest bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
BEGIN
  RETURN QUERY
    SELECT t.tip, t.field::text, t.given_on, t.digest FROM credit_register.tip t
     WHERE t.provider = me.provider AND t.state = 'open' ORDER BY t.given_on, t.tip;
END
$$;
COMMENT ON FUNCTION credit.open_tips() IS 'Definer, as departments have no right on the table: letters that the department of who entered has to answer';
REVOKE ALL ON FUNCTION credit.open_tips() FROM PUBLIC;

CREATE FUNCTION credit.close_tip(tip uuid, outcome text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
BEGIN
  IF outcome IS NULL OR outcome NOT IN ('no_finding', 'procedure_opened', 'forwarded') THEN
    RAISE EXCEPTION 'a tip ends with no_finding, procedure_opened or forwarded' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.tip t SET state = 'closed', outcome = close_tip.outcome, closed_by = credit.person(), closed_on = credit.today()
   WHERE t.tip = close_tip.tip AND t.provider = me.provider AND t.state = 'open';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no open tip of this number is your department''s' USING ERRCODE = 'CR201';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.close_tip(uuid, text) IS
  'Definer, as nobody writes tips by hand: what the department made of a letter; a record comes of it only by a final finding, through collection';
REVOKE ALL ON FUNCTION credit.close_tip(uuid, text) FROM PUBLIC;
