-- ---------------------------------------------------------------------------
-- incentive, commitments: what somebody signed, word for word
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.add_commitment_template(template text, version int, title text, content text, basis text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_lawgiver();
  PERFORM credit.refuse_long(template, title, basis);
  INSERT INTO credit_register.commitment_template (template, version, title, digest, basis)
    VALUES (add_commitment_template.template, add_commitment_template.version, add_commitment_template.title,
            sha256(convert_to(content, 'UTF8')), add_commitment_template.basis);
EXCEPTION WHEN integrity_constraint_violation THEN
  -- The constraint would repeat the row.
  RAISE EXCEPTION 'a new version of a template has a key, a number, a title, a text and its basis' USING ERRCODE = 'invalid_parameter_value',
    HINT = 'credit_register.commitment_template has those that are there.';
END
$$;
COMMENT ON FUNCTION credit.add_commitment_template(text, int, text, text, text) IS 'Definer, as nobody writes templates by hand: a version of a text to commit oneself by';
REVOKE ALL ON FUNCTION credit.add_commitment_template(text, int, text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.sign_commitment(template text, version int, signed text, until date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
  made uuid;
BEGIN
  IF signed IS NULL OR until IS NULL OR until < credit.today() OR NOT isfinite(until)
     OR NOT EXISTS (SELECT FROM credit_register.commitment_template t WHERE t.template = sign_commitment.template AND t.version = sign_commitment.version) THEN
    RAISE EXCEPTION 'a commitment is signed by a registered template, until a day' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit_register.commitment_template has them.';
  END IF;
  PERFORM credit.need_day('the last day', until);
  INSERT INTO credit_register.commitment (subject, template, version, digest, valid)
    VALUES (me, sign_commitment.template, sign_commitment.version, sha256(convert_to(signed, 'UTF8')), daterange(credit.today(), until, '[]'))
    RETURNING commitment INTO made;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.sign_commitment(text, int, text, date) IS
  'Definer, as nobody writes commitments by hand: the citizen who entered commits himself by a template, until a day; the digest of what he signed is kept';
REVOKE ALL ON FUNCTION credit.sign_commitment(text, int, text, date) FROM PUBLIC;

CREATE FUNCTION credit.my_commitments() RETURNS TABLE (commitment uuid, title text, version int, valid daterange, digest bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
BEGIN
  RETURN QUERY
    SELECT c.commitment, t.title, c.version, c.valid, c.digest
      FROM credit_register.commitment c JOIN credit_register.commitment_template t ON t.template = c.template AND t.version = c.version
     WHERE c.subject = me ORDER BY c.signed_at;
END
$$;
COMMENT ON FUNCTION credit.my_commitments() IS 'Definer, as only the owner reads them: what the citizen who entered has signed';
REVOKE ALL ON FUNCTION credit.my_commitments() FROM PUBLIC;
