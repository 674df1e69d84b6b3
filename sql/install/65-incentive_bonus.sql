-- ---------------------------------------------------------------------------
-- incentive, bonus: for organisations led by people of good record who said so themselves
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.consent_to_bonus(organisation credit.code, until date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
  given uuid;
BEGIN
  IF organisation IS NULL OR until IS NULL OR until < credit.today() OR NOT isfinite(until) THEN
    RAISE EXCEPTION 'this consent is for an organisation, until a day' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_day('the last day', until);
  INSERT INTO credit_register.consent AS c (subject, given_to, purpose, document, single_use, valid)
    VALUES (me, credit.current_subject(credit.pseudonym(organisation))::text, 'org_bonus', 'given by the person, online', false, daterange(credit.today(), until, '[]'))
    RETURNING c.consent INTO given;
  RETURN given;
END
$$;
COMMENT ON FUNCTION credit.consent_to_bonus(credit.code, date) IS
  'Definer, as nobody writes consents by hand: the good records of the citizen who entered may count for an organisation, until a day';
REVOKE ALL ON FUNCTION credit.consent_to_bonus(credit.code, date) FROM PUBLIC;

CREATE FUNCTION credit.leave_bonus() RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
  withdrawn int;
BEGIN
  UPDATE credit_register.consent c SET withdrawn_at = clock_timestamp()
   WHERE c.subject = me AND c.purpose = 'org_bonus' AND c.withdrawn_at IS NULL;
  GET DIAGNOSTICS withdrawn = ROW_COUNT;
  RETURN withdrawn;
END
$$;
COMMENT ON FUNCTION credit.leave_bonus() IS 'Definer, as nobody writes consents by hand: takes back what consent_to_bonus() gave, and says how many';
REVOKE ALL ON FUNCTION credit.leave_bonus() FROM PUBLIC;

CREATE FUNCTION credit.org_bonus(code credit.code, as_of date DEFAULT NULL, OUT bonus int, OUT reason text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day date := coalesce(as_of, credit.today());
  whom credit.pseudonym := credit.inquired_subject(code, day);
  leader credit.pseudonym;
  good pg_catalog.record;
BEGIN
  bonus := 0;
  reason := '没有本人同意且有优良信用记录的负责人；不因此减分';
  IF to_regclass('credit_register.org_role') IS NULL THEN
    RETURN;
  END IF;
  FOR leader IN SELECT DISTINCT c.subject FROM credit_register.org_role o
                  JOIN credit_register.consent c ON c.subject = credit.current_subject(o.person) AND c.purpose = 'org_bonus' AND c.given_to = whom::text
                       AND c.withdrawn_at IS NULL AND c.valid @> day
                 WHERE o.subject = whom AND o.valid @> day LOOP
    good := credit.good_record(leader, day);
    IF good.record IS NOT NULL THEN
      bonus := 1;
      reason := format('负责人有优良信用记录（%s），本人同意', good.item);
      RETURN;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.org_bonus(credit.code, date) IS
  'Definer, as windows have functions only: 1 if somebody who leads the organisation on the day agreed and has a good record, else 0; never less';
REVOKE ALL ON FUNCTION credit.org_bonus(credit.code, date) FROM PUBLIC;
