-- ---------------------------------------------------------------------------
-- register: what a caller brings: arguments, looked at before a constraint would
-- show the row, and a snapshot of now
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.need_text(what text, given text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF given IS NULL OR given !~ '\S' OR octet_length(given) > 1000 THEN
    RAISE EXCEPTION '% is missing or too long', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Name it in 1000 bytes at most.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_text(text, text) IS 'Raises 22023 for a text that says nothing, or too much; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_text(text, text) FROM PUBLIC;

CREATE FUNCTION credit.refuse_long(VARIADIC given text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(given) g WHERE octet_length(g) > 1000) THEN
    RAISE EXCEPTION 'a text is too long' USING ERRCODE = 'invalid_parameter_value', HINT = 'Say it in 1000 bytes at most.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_long(text[]) IS 'Raises 22023 for a text that no index would take; missing ones are another''s to refuse; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.refuse_long(text[]) FROM PUBLIC;

CREATE FUNCTION credit.need_key(what text, given text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF given IS NULL OR given !~ '^[a-z][a-z0-9_]*$' OR octet_length(given) > 100 THEN
    RAISE EXCEPTION '% is no short name', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Lower-case letters, digits and underscores, 100 at most, a letter first.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_key(text, text) IS 'Raises 22023 for what is no short name; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_key(text, text) FROM PUBLIC;

CREATE FUNCTION credit.need_provider(provider text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Who has a mandate for all reaches one that is not there.
  PERFORM credit.need_mandate('{credit_provider}', NULL, provider);
  IF provider IS NULL OR NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = need_provider.provider) THEN
    RAISE EXCEPTION 'there is no such provider' USING ERRCODE = 'invalid_parameter_value', HINT = 'credit_register.provider lists them.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_provider(text) IS 'Raises unless a mandate as credit_provider is for this provider, and there is one; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_provider(text) FROM PUBLIC;

CREATE FUNCTION credit.need_day(what text, given date) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (given BETWEEN '1800-01-01' AND '2199-12-31') IS NOT TRUE THEN
    RAISE EXCEPTION '% is missing, or out of range', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass a day in the years 1800 to 2199.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_day(text, date) IS 'Raises 22023 for no day, and one outside the years of the calendar, as infinity is; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_day(text, date) FROM PUBLIC;

CREATE FUNCTION credit.need_division(division text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.is_division(division) IS NOT TRUE THEN
    RAISE EXCEPTION 'a division has six digits, and begins with a province' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'As 370323; credit.division_name() says whose a code is.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_division(text) IS 'Raises 22023 unless this is the code of a province, prefecture or county; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_division(text) FROM PUBLIC;

CREATE FUNCTION credit.need_valid(valid daterange) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF valid IS NULL OR isempty(valid) OR lower_inf(valid) OR NOT isfinite(lower(valid)) OR NOT isfinite(upper(valid)) THEN
    RAISE EXCEPTION 'this is valid from a day on' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'A daterange as [2026-01-01,2027-01-01); without an upper end it runs on.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_valid(daterange) IS 'Raises 22023 for days that do not begin, or end with infinity as a day; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_valid(daterange) FROM PUBLIC;

CREATE FUNCTION credit.need_read_committed(what text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A repair that was committed meanwhile would not be seen; SERIALIZABLE finds those alone that are serializable themselves.
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION '% needs another isolation level', what USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_read_committed(text) IS 'Raises 55000 where an older snapshot hides what was decided since; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_read_committed(text) FROM PUBLIC;
