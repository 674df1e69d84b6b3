-- ---------------------------------------------------------------------------
-- occupations, licences, roles in organisations
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.occupations(day date) RETURNS TABLE (occupation text, zh text, en text)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.code, c.zh, c.en FROM credit.rulebook_codes(credit.rulebook_on(day)) c WHERE c.list = 'key_occupation'
  UNION ALL
  -- County opinion article 11: files on credit agencies and their staff.
  SELECT 'credit_agency_staff', '征信机构从业人员', 'staff of credit agencies';
$$;
COMMENT ON FUNCTION credit.occupations(date) IS
  'Definer, for rulebook_on(): occupations of which files are kept on a day, those of article 10 and the staff of credit agencies of article 11';
REVOKE ALL ON FUNCTION credit.occupations(date) FROM PUBLIC;

CREATE FUNCTION credit.add_occupation(subject credit.pseudonym, occupation text, certificate text, valid daterange, provider text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(provider);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  IF credit.is_organisation(known.kind) THEN
    RAISE EXCEPTION 'organisations have no occupation' USING ERRCODE = 'CR107';
  END IF;
  IF NOT EXISTS (SELECT FROM credit.occupations(credit.today()) o WHERE o.occupation = add_occupation.occupation) THEN
    RAISE EXCEPTION 'no file is kept of such an occupation' USING ERRCODE = 'CR126',
      HINT = 'credit.occupations(credit.today()) lists them.';
  END IF;
  INSERT INTO credit_register.occupation AS o (subject, occupation, certificate, valid, provider, noted_by)
    VALUES (known.whom, add_occupation.occupation, add_occupation.certificate, add_occupation.valid, add_occupation.provider, credit.person())
    ON CONFLICT ON CONSTRAINT occupation_pkey DO UPDATE SET valid = EXCLUDED.valid, end_reason = NULL, noted_by = EXCLUDED.noted_by, noted_at = clock_timestamp()
      WHERE o.provider = EXCLUDED.provider AND o.valid <> EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_occupation(credit.pseudonym, text, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a certificate notes it, or its new days';
REVOKE ALL ON FUNCTION credit.add_occupation(credit.pseudonym, text, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_occupation(subject credit.pseudonym, occupation text, certificate text, last_day date, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  UPDATE credit_register.occupation o SET valid = daterange(lower(o.valid), last_day, '[]'), end_reason = reason
   WHERE o.subject = credit.current_subject(end_occupation.subject) AND o.occupation = end_occupation.occupation
     AND o.certificate = end_occupation.certificate AND o.valid @> last_day AND isfinite(last_day) AND credit.holds('{credit_provider}', NULL, o.provider);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such certificate of yours is in force on that day' USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_occupation(credit.pseudonym, text, text, date, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a certificate says its last day';
REVOKE ALL ON FUNCTION credit.end_occupation(credit.pseudonym, text, text, date, text) FROM PUBLIC;

CREATE FUNCTION credit.add_licence(subject credit.pseudonym, licence text, certificate text, valid daterange, provider text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(provider);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_key('the licence', licence);
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  INSERT INTO credit_register.licence AS l (subject, licence, certificate, valid, provider, noted_by)
    VALUES (known.whom, add_licence.licence, add_licence.certificate, add_licence.valid, add_licence.provider, credit.person())
    ON CONFLICT ON CONSTRAINT licence_pkey DO UPDATE SET valid = EXCLUDED.valid, end_reason = NULL, noted_by = EXCLUDED.noted_by, noted_at = clock_timestamp()
      WHERE l.provider = EXCLUDED.provider AND l.valid <> EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_licence(credit.pseudonym, text, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a licence notes it, or its new days';
REVOKE ALL ON FUNCTION credit.add_licence(credit.pseudonym, text, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_licence(subject credit.pseudonym, licence text, certificate text, last_day date, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  UPDATE credit_register.licence l SET valid = daterange(lower(l.valid), last_day, '[]'), end_reason = reason
   WHERE l.subject = credit.current_subject(end_licence.subject) AND l.licence = end_licence.licence
     AND l.certificate = end_licence.certificate AND l.valid @> last_day AND isfinite(last_day) AND credit.holds('{credit_provider}', NULL, l.provider);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such licence of yours is in force on that day' USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_licence(credit.pseudonym, text, text, date, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a licence says its last day';
REVOKE ALL ON FUNCTION credit.end_licence(credit.pseudonym, text, text, date, text) FROM PUBLIC;

CREATE FUNCTION credit.add_org_role(organisation credit.pseudonym, person credit.pseudonym, role text, valid daterange, basis text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org pg_catalog.record;
  whose credit.pseudonym := credit.current_subject(person);
BEGIN
  org := credit.known_subject(organisation, '{credit_provider,credit_reviewer}');
  PERFORM credit.need_text('the basis', basis);
  PERFORM credit.need_valid(valid);
  IF NOT credit.is_organisation(org.kind)
     OR NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = whose AND NOT credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'a role is one that a registered person has in an organisation' USING ERRCODE = 'CR107',
      HINT = 'credit.add_subject() opens the files of both first.';
  END IF;
  IF role IS NULL OR role NOT IN ('legal_representative', 'principal', 'directly_responsible') THEN
    RAISE EXCEPTION 'there is no such role' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The roles are legal_representative, principal and directly_responsible.';
  END IF;
  -- One at a time for an organisation, so that no two sessions note overlapping days.
  PERFORM FROM credit_register.subject s WHERE s.subject = org.whom FOR UPDATE;
  IF EXISTS (SELECT FROM credit_register.org_role o WHERE o.subject = org.whom AND o.role = add_org_role.role AND o.valid && add_org_role.valid
              AND (credit.current_subject(o.person) = whose OR o.role = 'legal_representative')) THEN
    RAISE EXCEPTION 'the role is held on some of these days' USING ERRCODE = 'exclusion_violation',
      DETAIL = 'An organisation has one legal representative at a time.', HINT = 'credit.end_org_role() says the last day of the one before.';
  END IF;
  INSERT INTO credit_register.org_role (subject, person, role, valid, basis, noted_by)
    -- Under the number that was said: if a merge is undone, it is that one's.
    VALUES (org.whom, person, add_org_role.role, add_org_role.valid, add_org_role.basis, credit.person());
END
$$;
COMMENT ON FUNCTION credit.add_org_role(credit.pseudonym, credit.pseudonym, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: who stands for an organisation, from when to when, by which document';
REVOKE ALL ON FUNCTION credit.add_org_role(credit.pseudonym, credit.pseudonym, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_org_role(organisation credit.pseudonym, person credit.pseudonym, role text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org pg_catalog.record;
BEGIN
  org := credit.known_subject(organisation, '{credit_provider,credit_reviewer}');
  UPDATE credit_register.org_role o SET valid = daterange(lower(o.valid), last_day, '[]')
   WHERE o.subject = org.whom AND credit.current_subject(o.person) = credit.current_subject(end_org_role.person)
     AND o.role = end_org_role.role AND o.valid @> last_day AND isfinite(last_day);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this role is not held on that day' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_org_role(credit.pseudonym, credit.pseudonym, text, date) IS
  'Definer, as nobody writes the table by hand: the last day of a role';
REVOKE ALL ON FUNCTION credit.end_org_role(credit.pseudonym, credit.pseudonym, text, date) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- from an organisation to a responsible person: never by title alone
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.check_attribution(org_record pg_catalog.record, person credit.pseudonym, finding text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF org_record.stance <> 'bad' OR org_record.severity IS DISTINCT FROM 'serious' OR org_record.state <> 'active' OR org_record.origin IS NOT NULL
     OR NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = org_record.subject AND credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'only an active, serious bad record of an organisation is attributed' USING ERRCODE = 'CR120';
  END IF;
  IF finding IS NULL OR finding !~ '\S' THEN
    RAISE EXCEPTION 'no finding of personal responsibility' USING ERRCODE = 'CR104',
      HINT = 'Name the document that finds this person responsible: a role alone makes nobody guilty.';
  END IF;
  IF org_record.happened_on IS NULL THEN
    RAISE EXCEPTION 'the day of the act is not known' USING ERRCODE = 'CR121',
      HINT = 'The provider corrects the record of the organisation first.';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = person AND NOT credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'there is no such person' USING ERRCODE = 'CR107', HINT = 'credit.add_subject() opens the file first.';
  END IF;
  IF credit.minor_by_number(person, org_record.happened_on) THEN
    RAISE EXCEPTION 'the person was under age on the day of the act' USING ERRCODE = 'CR105';
  END IF;
  IF NOT EXISTS (SELECT FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i
                  WHERE i.id = org_record.item AND 'person' = ANY (i.subjects)) THEN
    RAISE EXCEPTION 'this item takes no persons' USING ERRCODE = 'CR107';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_attribution(pg_catalog.record, credit.pseudonym, text) IS
  'Raises why a record of an organisation is not attributed to a person; for credit.attribute_to_person() alone';
REVOKE ALL ON FUNCTION credit.check_attribution(pg_catalog.record, credit.pseudonym, text) FROM PUBLIC;

CREATE FUNCTION credit.attribute_to_person(org_record uuid, person credit.pseudonym, role text, finding text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  from_record pg_catalog.record;
  held pg_catalog.record;
  whose credit.pseudonym := credit.current_subject(person);
  made uuid;
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer}');
  -- Locked: it is not withdrawn meanwhile without this one.
  SELECT r.* INTO from_record FROM credit_register.record r WHERE r.record = org_record FOR UPDATE;
  IF NOT FOUND OR NOT (credit.holds('{credit_provider}', from_record.division, from_record.provider)
                       OR credit.holds('{credit_reviewer}', from_record.division)) THEN
    RAISE EXCEPTION 'no such record of yours' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM credit.refuse_own_case(whose);
  PERFORM credit.refuse_long(finding);
  PERFORM credit.check_attribution(from_record, person, finding);
  SELECT o.role, o.valid INTO held FROM credit_register.org_role o
   WHERE o.subject = from_record.subject AND o.role = attribute_to_person.role AND o.valid @> from_record.happened_on
     AND credit.current_subject(o.person) = whose
   LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the person did not hold this role on the day of the act' USING ERRCODE = 'CR121',
      HINT = 'credit.add_org_role() notes roles, with the document that says so.';
  END IF;
  INSERT INTO credit_register.record AS r (subject, division, provider, item, severity, document_date, conduct_end, displayed_from, stance,
      document_no, happened_on, final_on, basis, basis_in_force, origin, origin_record, origin_role, origin_role_valid, finding,
      fingerprint, received_at)
    VALUES (whose, from_record.division, from_record.provider, from_record.item, from_record.severity, from_record.document_date,
      from_record.conduct_end, from_record.displayed_from, from_record.stance, from_record.document_no, from_record.happened_on,
      from_record.final_on, from_record.basis, from_record.basis_in_force, from_record.subject, from_record.record, held.role, held.valid,
      attribute_to_person.finding, sha256(convert_to('attributed ' || from_record.record, 'UTF8')), clock_timestamp())
    ON CONFLICT DO NOTHING
    RETURNING r.record INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'this record was attributed to this person before' USING ERRCODE = 'unique_violation';
  END IF;
  IF person <> whose THEN
    PERFORM credit.note_filed(person, 'record', jsonb_build_object('record', made));
  END IF;
  PERFORM credit.give_notice(whose, made, 'attributed',
    format('A serious record of an organisation was attributed to you as %s by document %s; you may object.', held.role, attribute_to_person.finding));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.attribute_to_person(uuid, credit.pseudonym, text, text) IS
  'Definer, as nobody writes origins by hand: a serious record of an organisation becomes one of a person who held the role on the day of the act and was found responsible';
REVOKE ALL ON FUNCTION credit.attribute_to_person(uuid, credit.pseudonym, text, text) FROM PUBLIC;

CREATE FUNCTION credit.record_changed_subject(subject credit.pseudonym, record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  origin pg_catalog.record;
  attributed pg_catalog.record;
  follows text;
BEGIN
  SELECT r.* INTO origin FROM credit_register.record r
   WHERE r.subject = record_changed_subject.subject AND r.record = record_changed_subject.record;
  -- A case about a record that a merge set aside is about the act: what it ends ends the one that stands.
  IF origin.state IN ('repaired', 'withdrawn') THEN
    PERFORM credit.change_record(r.subject, r.record, origin.state, record_changed_subject.reason)
      FROM credit_register.subject_link l CROSS JOIN jsonb_array_elements(l.set_aside) AS a (entry)
      JOIN credit_register.record r ON r.subject = l.other AND r.record = (a.entry ->> 'stands')::uuid
     WHERE l.other = record_changed_subject.subject AND l.undone_at IS NULL
       AND a.entry ->> 'record' = origin.record::text AND r.state IN ('active', 'disputed');
  END IF;
  -- A few responsible persons, not many subjects.  No trigger: each change is one of its own subject.
  FOR attributed IN SELECT r.* FROM credit_register.record r
                     WHERE r.origin_record = origin.record AND r.state IN ('active', 'disputed') ORDER BY r.subject LOOP
    -- What was corrected in the origin is looked at by a person before it stands again.
    follows := CASE WHEN origin.state = 'archived' THEN 'disputed' WHEN origin.state <> 'active' THEN origin.state
      WHEN (origin.severity, origin.stance, origin.document_date, origin.happened_on, origin.conduct_end, origin.final_on)
           IS DISTINCT FROM (attributed.severity, attributed.stance, attributed.document_date, attributed.happened_on, attributed.conduct_end, attributed.final_on)
        THEN 'disputed' END;
    IF follows <> attributed.state THEN
      PERFORM credit.change_record(attributed.subject, attributed.record, follows, reason);
      PERFORM credit.give_notice(attributed.subject, attributed.record, 'origin_' || follows, reason);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.record_changed_subject(credit.pseudonym, uuid, text) IS
  'What an organisation''s record no longer says is no longer said of the persons responsible for it; for credit.change_record() and what corrects records';
REVOKE ALL ON FUNCTION credit.record_changed_subject(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.everywhere_subject(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'attributed to a person', r.record::text FROM credit_register.record r
   WHERE r.origin_record = everywhere_subject.record AND r.state = 'active';
$$;
COMMENT ON FUNCTION credit.everywhere_subject(credit.pseudonym, uuid) IS
  'Records of persons that rest on this one and stand; for credit.everywhere()';
REVOKE ALL ON FUNCTION credit.everywhere_subject(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.resume_attributed(record uuid, evidence text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  waiting pg_catalog.record;
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  PERFORM credit.need_decision('resumed', evidence);
  SELECT r.subject, r.division, o.happened_on AS act_on INTO waiting
    FROM credit_register.record r JOIN credit_register.record o ON o.record = r.origin_record AND o.state = 'active'
   WHERE r.record = resume_attributed.record AND r.state = 'disputed'
     FOR UPDATE OF r;	-- as open_case() does: no objection comes in between
  IF NOT FOUND OR NOT credit.holds('{credit_reviewer}', waiting.division) THEN
    RAISE EXCEPTION 'no such suspended record whose origin stands' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM credit.refuse_own_case(waiting.subject);
  IF credit.open_disputes(waiting.subject, record) > 0 THEN
    RAISE EXCEPTION 'an objection of the person himself is open' USING ERRCODE = 'CR201', HINT = 'Decide it: credit.decide_dispute().';
  END IF;
  IF credit.is_minor(waiting.subject, waiting.act_on) THEN
    RAISE EXCEPTION 'the person was under age on the day of the act' USING ERRCODE = 'CR105', HINT = 'Withdraw it: as its origin was corrected, it cannot be attributed.';
  END IF;
  UPDATE credit_register.record r SET severity = o.severity, stance = o.stance, document_date = o.document_date, happened_on = o.happened_on,
         conduct_end = o.conduct_end, displayed_from = o.displayed_from, final_on = o.final_on, basis = o.basis, basis_in_force = o.basis_in_force
    FROM credit_register.record o
   WHERE r.subject = waiting.subject AND r.record = resume_attributed.record AND o.record = r.origin_record;
  PERFORM credit.change_record(waiting.subject, resume_attributed.record, 'active', evidence);
  PERFORM credit.give_notice(waiting.subject, resume_attributed.record, 'origin_upheld', evidence);
EXCEPTION WHEN check_violation THEN
  RAISE EXCEPTION 'as the origin was corrected, it can no longer be attributed' USING ERRCODE = 'CR121',
    DETAIL = 'It is not serious any more, or the person did not hold the role on the day of the act.', HINT = 'Withdraw it.';
END
$$;
COMMENT ON FUNCTION credit.resume_attributed(uuid, text) IS
  'Definer, as nobody changes records by hand: a reviewer, and nothing by itself, takes up again what was suspended with its origin, once that was upheld';
REVOKE ALL ON FUNCTION credit.resume_attributed(uuid, text) FROM PUBLIC;
