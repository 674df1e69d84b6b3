-- ---------------------------------------------------------------------------
-- subject, age: who was under 18 on a day, by every number that he has had
-- ---------------------------------------------------------------------------

-- In PL/pgSQL, which keeps its plans: inside another function an SQL one is planned anew at each call.
CREATE FUNCTION credit.is_minor(subject credit.pseudonym, day date) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN credit.is_organisation(s.kind) THEN false
                -- An assigned code tells no age; the vault does not tell it of who was erased.
                WHEN s.kind = 'assigned' THEN CASE WHEN s.minor_until IS NOT NULL THEN is_minor.day < s.minor_until WHEN s.minor THEN true END
                WHEN EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = is_minor.subject AND i.data_key IS NOT NULL)
                  THEN credit.age_on(credit.code_behind(is_minor.subject), is_minor.day) < 18
                WHEN s.minor AND is_minor.day <= credit.today() THEN true END
      FROM (SELECT) AS whom LEFT JOIN credit_register.subject s ON s.subject = is_minor.subject);
END
$$;
COMMENT ON FUNCTION credit.is_minor(credit.pseudonym, date) IS
  'Was this person under 18 on a day?  NULL where the register cannot tell: what was said then stands; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.is_minor(credit.pseudonym, date) FROM PUBLIC;

CREATE FUNCTION credit.refresh_minors() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  grown bigint;
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  -- Until when stays: an act from before may be handed in after.
  UPDATE credit_register.subject s SET minor = false
   WHERE s.minor AND NOT CASE WHEN s.kind = 'assigned' THEN coalesce(credit.today() < s.minor_until, true)
                              ELSE credit.age_on(credit.reveal(s.subject), credit.today()) < 18 END;
  GET DIAGNOSTICS grown = ROW_COUNT;
  RETURN grown;
END
$$;
COMMENT ON FUNCTION credit.refresh_minors() IS
  'Definer, as nobody writes subjects by hand: lowers the shield of subjects that are 18 by today; a day late is a day longer';
REVOKE ALL ON FUNCTION credit.refresh_minors() FROM PUBLIC;

CREATE FUNCTION credit.minor_by_number(said credit.pseudonym, day date) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  number credit.pseudonym := said;
BEGIN
  FOR hop IN 0 .. 100 LOOP
    EXIT WHEN number IS NULL;
    IF credit.is_minor(number, day) THEN
      RETURN true;
    END IF;
    number := (SELECT l.other FROM credit_register.subject_link l WHERE l.subject = number AND l.kind = 'merged_into' AND l.undone_at IS NULL);
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION credit.minor_by_number(credit.pseudonym, date) IS
  'Does this number, or one that it was merged into on the way to the file that is kept, say that the person was under 18 on a day?  For functions of the register alone';
REVOKE ALL ON FUNCTION credit.minor_by_number(credit.pseudonym, date) FROM PUBLIC;
