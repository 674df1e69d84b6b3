-- ---------------------------------------------------------------------------
-- students, practitioners, members of associations
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.open_student_file(student credit.pseudonym, school text, basis text, closes_on date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(school);
  known := credit.known_subject(student, '{credit_provider}');
  PERFORM credit.need_text('the basis', basis);
  IF credit.is_organisation(known.kind) THEN
    RAISE EXCEPTION 'an organisation is no student' USING ERRCODE = 'CR107';
  END IF;
  -- The day of the call decides, and the stored shield by the foreign key.
  IF known.minor OR credit.minor_by_number(student, credit.today()) THEN
    RAISE EXCEPTION 'student files are for adults' USING ERRCODE = 'CR105',
      DETAIL = 'County opinion, article 6: 18 and over.', HINT = 'After the birthday credit.refresh_minors() lowers the shield.';
  END IF;
  IF closes_on IS NULL OR NOT isfinite(closes_on) OR closes_on <= credit.today() THEN
    RAISE EXCEPTION 'a student file says when it ends' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.student_file (subject, provider, opened_on, closes_on, basis, opened_by)
    VALUES (known.whom, school, credit.today(), open_student_file.closes_on, open_student_file.basis, credit.person())
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.open_student_file(credit.pseudonym, text, text, date) IS
  'Definer, as nobody writes the table by hand: a school opens the integrity file of an adult student, with its end; CR105 for a minor';
REVOKE ALL ON FUNCTION credit.open_student_file(credit.pseudonym, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.add_practitioner(login text, certificate text, valid daterange, template text DEFAULT NULL, commitment bytea DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  PERFORM credit.need_text('the login', login);
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  IF upper_inf(valid) OR (template IS NULL) <> (commitment IS NULL) OR octet_length(commitment) <> 32 THEN
    RAISE EXCEPTION 'a certificate ends, and a commitment has a template and a SHA-256' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.practitioner (login, certificate, valid, template, commitment, noted_by)
    VALUES (add_practitioner.login, add_practitioner.certificate, add_practitioner.valid, add_practitioner.template, add_practitioner.commitment, credit.person())
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this certificate of this login is noted' USING ERRCODE = 'unique_violation',
      HINT = 'credit.end_practitioner() ends it; a renewed certificate has a number of its own.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.add_practitioner(text, text, daterange, text, bytea) IS
  'Definer, as nobody writes the table by hand: a person who works with credit data, the certificate and the signed commitment; from then on no query without a certificate in force';
REVOKE ALL ON FUNCTION credit.add_practitioner(text, text, daterange, text, bytea) FROM PUBLIC;

CREATE FUNCTION credit.end_practitioner(login text, certificate text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  UPDATE credit_register.practitioner p SET valid = daterange(lower(p.valid), last_day, '[]')
   WHERE p.login = end_practitioner.login AND p.certificate = end_practitioner.certificate AND p.valid @> last_day;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such certificate is in force on that day' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_practitioner(text, text, date) IS 'Definer, as nobody writes the table by hand: the last day of a certificate';
REVOKE ALL ON FUNCTION credit.end_practitioner(text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.market_provider(provider text) RETURNS bool
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT p.kind = 'association' FROM credit_register.provider p WHERE p.provider = market_provider.provider), false);
$$;
COMMENT ON FUNCTION credit.market_provider(text) IS
  'Does this provider file market data, which are kept apart from the public record?  For functions of the register alone';
REVOKE ALL ON FUNCTION credit.market_provider(text) FROM PUBLIC;

CREATE FUNCTION credit.need_association(provider text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_provider}', NULL, provider);
  IF provider IS NULL OR NOT credit.market_provider(provider) THEN
    RAISE EXCEPTION 'only associations file members and market data' USING ERRCODE = 'CR125',
      HINT = 'credit_register.provider says of which kind a provider is.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_association(text) IS 'Raises unless a mandate is for this association; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_association(text) FROM PUBLIC;

CREATE FUNCTION credit.add_member(subject credit.pseudonym, association text, certificate text, valid daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_association(association);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the membership', certificate);
  PERFORM credit.need_valid(valid);
  INSERT INTO credit_register.member (subject, provider, certificate, valid, noted_by)
    VALUES (known.whom, association, add_member.certificate, add_member.valid, credit.person())
    ON CONFLICT ON CONSTRAINT member_pkey DO UPDATE SET valid = EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_member(credit.pseudonym, text, text, daterange) IS
  'Definer, as nobody writes the table by hand: an association notes a member, or the new days of a membership';
REVOKE ALL ON FUNCTION credit.add_member(credit.pseudonym, text, text, daterange) FROM PUBLIC;

CREATE FUNCTION credit.file_market_record(subject credit.pseudonym, association text, item text, stance credit.stance, document_date date,
    document_no text, basis text, valid_until date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
  made uuid;
BEGIN
  PERFORM credit.need_association(association);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the document', document_no);
  IF basis IS NULL OR basis !~ '\S' THEN
    RAISE EXCEPTION 'no basis of this record' USING ERRCODE = 'CR101', HINT = 'Name the consent, or the rule of the association.';
  END IF;
  PERFORM credit.refuse_long(basis);
  PERFORM credit.need_key('the item', item);
  IF stance IS NULL OR valid_until IS NULL OR NOT isfinite(valid_until) OR valid_until <= document_date THEN
    RAISE EXCEPTION 'a market record has a stance, and a last day after its document' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF known.minor OR credit.minor_by_number(subject, credit.today()) THEN
    RAISE EXCEPTION 'no market data of minors' USING ERRCODE = 'CR105';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.member m WHERE m.subject = known.whom AND m.provider = association AND m.valid @> document_date) THEN
    RAISE EXCEPTION 'not a member of this association on that day' USING ERRCODE = 'CR125';
  END IF;
  INSERT INTO credit_register.market_record AS m (subject, provider, item, stance, document_date, document_no, basis, valid_until, filed_by)
    VALUES (known.whom, association, file_market_record.item, file_market_record.stance, file_market_record.document_date,
            file_market_record.document_no, file_market_record.basis, file_market_record.valid_until, credit.person())
    RETURNING m.market_record INTO made;
  PERFORM credit.note_filed(subject, 'market_record', jsonb_build_object('market_record', made));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.file_market_record(credit.pseudonym, text, text, credit.stance, date, text, text, date) IS
  'Definer, as nobody writes the table by hand: an association files about a member; kept apart from the public record';
REVOKE ALL ON FUNCTION credit.file_market_record(credit.pseudonym, text, text, credit.stance, date, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.market_records(inquiry uuid)
  RETURNS TABLE (market_record uuid, provider text, item text, stance credit.stance, document_date date, document_no text, valid_until date)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.inquiry_subject(inquiry);
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.inquiry i JOIN credit_register.purpose p USING (purpose)
                  WHERE i.subject = whom AND i.inquiry = market_records.inquiry AND p.needs_consent) THEN
    RAISE EXCEPTION 'market data are joined by consent of the person alone' USING ERRCODE = 'CR301',
      HINT = 'Open an inquiry for a purpose that needs a consent.';
  END IF;
  RETURN QUERY
    SELECT m.market_record, m.provider, m.item, m.stance, m.document_date, m.document_no, m.valid_until
      FROM credit_register.market_record m
     WHERE m.subject = whom AND m.valid_until >= credit.today()
     ORDER BY m.document_date, m.market_record;
END
$$;
COMMENT ON FUNCTION credit.market_records(uuid) IS
  'Definer, as query points have functions only: what associations filed about the subject of an inquiry that a consent covers';
REVOKE ALL ON FUNCTION credit.market_records(uuid) FROM PUBLIC;
