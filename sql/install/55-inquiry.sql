-- ---------------------------------------------------------------------------
-- inquiry: register first, then read
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.inquiry_settled(version xid) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.inquiry_settled(xid) IS
  'Was the row version with this xmin committed by another transaction, and is that commit on disk?  Flushes it if need be';
REVOKE ALL ON FUNCTION credit.inquiry_settled(xid) FROM PUBLIC;

CREATE FUNCTION credit.use_consent(subject credit.pseudonym, purpose text, consent text, inquiry uuid) RETURNS bool
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF consent IS NULL OR consent !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' THEN
    RETURN false;
  END IF;
  UPDATE credit_register.consent c SET used_by = use_consent.inquiry, uses = c.uses + 1
   WHERE c.subject = use_consent.subject AND c.consent = use_consent.consent::uuid AND c.purpose = use_consent.purpose
     AND c.given_to = credit.person() AND c.withdrawn_at IS NULL AND c.valid @> credit.today()
     AND NOT (c.single_use AND c.used_by IS NOT NULL)
     -- Not given to whoever had this login before.
     AND c.given_at >= credit.holds_since();
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION credit.use_consent(credit.pseudonym, text, text, uuid) IS
  'Takes a consent for an inquiry, once if it is for single use; for credit.open_inquiry() alone';
REVOKE ALL ON FUNCTION credit.use_consent(credit.pseudonym, text, text, uuid) FROM PUBLIC;

CREATE FUNCTION credit.inquirer_grant(purpose text) RETURNS text
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.inquirer_grant(text) IS 'The provider for which the person who entered may inquire for a purpose, empty for none in particular; NULL if he may not';

CREATE FUNCTION credit.inquirer_hint() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.person() IS NULL THEN
    RETURN 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  RETURN format('Your mandates are for: %s.', coalesce((SELECT string_agg(DISTINCT coalesce(g.purposes, 'every purpose'), ', ') FROM credit.grants() g
                                                        WHERE g.duty IN ('credit_window', 'credit_provider', 'credit_reviewer')), 'nothing that inquires'));
END
$$;
COMMENT ON FUNCTION credit.inquirer_hint() IS 'Which purposes the mandates of who entered have, in words; for credit.open_inquiry() alone';
REVOKE ALL ON FUNCTION credit.inquirer_hint() FROM PUBLIC;

CREATE FUNCTION credit.open_inquiry_on(subject credit.pseudonym, purpose text, authorisation text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rule pg_catalog.record;
  inquirer text := credit.inquirer_grant(purpose);
  made uuid := gen_random_uuid();
BEGIN
  IF inquirer IS NULL THEN
    RAISE EXCEPTION 'no mandate to inquire for this purpose'
      USING ERRCODE = 'insufficient_privilege', HINT = credit.inquirer_hint();
  END IF;
  SELECT p.* INTO rule FROM credit_register.purpose p WHERE p.purpose = open_inquiry_on.purpose;
  IF NOT FOUND OR subject IS NULL THEN
    RAISE EXCEPTION 'an inquiry names a subject and a registered purpose' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit_register.purpose lists them.';
  END IF;
  IF authorisation IS NULL OR authorisation !~ '\S' OR octet_length(authorisation) > 1000 THEN
    RAISE EXCEPTION 'an inquiry names its authorisation, in 1000 bytes at most' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass the number of the document, or of the consent, that it rests on.';
  END IF;
  IF rule.needs_consent AND NOT credit.use_consent(subject, purpose, authorisation, made) THEN
    RAISE EXCEPTION 'no consent in force covers this inquiry' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Pass the number of a consent given to you, for this subject and purpose, that is neither used nor over.';
  END IF;
  -- As the consent itself spells its number: by it withdraw_consent() finds what was opened.
  IF rule.needs_consent THEN
    authorisation := authorisation::uuid::text;
  END IF;
  IF rule.daily_limit IS NOT NULL THEN
    -- One at a time for a person, so that two sessions do not both take the last one;
    -- an older snapshot would not see the other's.
    PERFORM credit.need_read_committed('an inquiry that is counted');
    -- His mandates are the lock, as nobody but himself and who ends them can take those rows.
    PERFORM FROM credit_register.mandate m WHERE m.login = credit.person() ORDER BY m.mandate FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM credit_register.inquiry i
         WHERE i.person = credit.person() AND i.purpose = open_inquiry_on.purpose
           AND i.opened_at > statement_timestamp() - interval '1 day') >= rule.daily_limit THEN
      RAISE EXCEPTION 'the limit of % inquiries a day for this purpose is reached', rule.daily_limit
        USING ERRCODE = 'program_limit_exceeded';
    END IF;
  END IF;
  INSERT INTO credit_register.inquiry (subject, inquiry, person, application, provider, purpose, authorisation, state,
                                       opened_at, expires_at, shown_from, review_due)
    VALUES (subject, made, credit.person(), session_user, nullif(inquirer, ''), purpose, authorisation,
            CASE WHEN rule.needs_review THEN 'pending' ELSE 'open' END,
            clock_timestamp(), clock_timestamp() + rule.valid_for, clock_timestamp() + rule.delay,
            CASE WHEN rule.break_glass THEN clock_timestamp() + interval '3 days' END);
  IF rule.break_glass THEN
    PERFORM pg_notify('credit_break_glass', made::text);
  END IF;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.open_inquiry_on(credit.pseudonym, text, text) IS
  'Definer, as nobody writes inquiries by hand: registers who asks about whom, why and on what basis; commit it, then read';
REVOKE ALL ON FUNCTION credit.open_inquiry_on(credit.pseudonym, text, text) FROM PUBLIC;

CREATE FUNCTION credit.open_inquiry(code credit.code, purpose text, authorisation text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  filed_as credit.pseudonym;
  whom credit.pseudonym;
  made uuid;
BEGIN
  -- The mandate first: who has none learns nothing, not even whether keys are there.
  IF credit.inquirer_grant(purpose) IS NULL THEN
    RAISE EXCEPTION 'no mandate to inquire for this purpose'
      USING ERRCODE = 'insufficient_privilege', HINT = credit.inquirer_hint();
  END IF;
  filed_as := credit.pseudonym(code);
  whom := credit.current_subject(filed_as);
  made := credit.open_inquiry_on(whom, purpose, authorisation);
  IF whom <> filed_as THEN
    PERFORM credit.note_filed(filed_as, 'inquiry', jsonb_build_object('inquiry', made));
  END IF;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.open_inquiry(credit.code, text, text) IS 'Definer, as it makes the pseudonym: open_inquiry_on() for a code';
REVOKE ALL ON FUNCTION credit.open_inquiry(credit.code, text, text) FROM PUBLIC;

CREATE FUNCTION credit.review_inquiry(inquiry uuid, approve bool, note text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_reviewer') THEN
    RAISE EXCEPTION 'reviewing needs a mandate as credit_reviewer' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF approve IS NULL OR note IS NULL OR note !~ '\S' THEN
    RAISE EXCEPTION 'a review says yes or no, and why' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.inquiry i
     SET state = CASE WHEN i.state <> 'pending' THEN i.state WHEN approve THEN 'open' ELSE 'refused' END,
         reviewed_by = credit.person(), reviewed_at = clock_timestamp(), review_upheld = approve, review_note = note
   WHERE i.inquiry = review_inquiry.inquiry AND i.person <> credit.person() AND i.reviewed_at IS NULL
     -- No CR202: some are kept from the person for a while.
     AND NOT credit.own_case(i.subject)
     AND (i.state = 'pending' OR i.review_due IS NOT NULL)
     -- Whose file is elsewhere is reviewed there.
     AND NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = i.subject AND NOT credit.holds('{credit_reviewer}', s.division));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this inquiry is not yours to review' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = 'It waits for no review, you opened it yourself, the file is in a division that is not yours, or it is your own.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.review_inquiry(uuid, bool, text) IS
  'Definer, as nobody changes inquiries by hand: another person approves or refuses a pending inquiry, or judges a break-glass one afterwards';
REVOKE ALL ON FUNCTION credit.review_inquiry(uuid, bool, text) FROM PUBLIC;

CREATE FUNCTION credit.inquiry_subject(inquiry uuid) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.inquiry_subject(uuid) IS
  'The subject of an inquiry that is open to the person who entered and can no longer vanish; every report begins here';
REVOKE ALL ON FUNCTION credit.inquiry_subject(uuid) FROM PUBLIC;

CREATE FUNCTION credit.report_rows(inquiry uuid)
  RETURNS TABLE (record uuid, item text, severity credit.severity, document_date date, conduct_end date,
                 displayed_from date, provider text, division text, state text, stance credit.stance)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.inquiry_subject(inquiry);
  day date := credit.today();
  book credit.rulebook := credit.rulebook_on(day);
BEGIN
  RETURN QUERY
    SELECT r.record, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, r.provider, r.division, r.state, r.stance
      FROM credit_register.record r
     WHERE r.subject = whom AND r.state = 'active' AND NOT r.minor
       AND (r.answer_due IS NULL OR r.answer_due >= day)
       AND credit.displayed_if_known(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, day)
     ORDER BY r.document_date, r.record;
END
$$;
COMMENT ON FUNCTION credit.report_rows(uuid) IS
  'Definer, as query points have functions only: what the rulebook in force displays today of the subject of an inquiry, none of a minor; works on a standby';
REVOKE ALL ON FUNCTION credit.report_rows(uuid) FROM PUBLIC;

CREATE FUNCTION credit.open_inquiries()
  RETURNS TABLE (inquiry uuid, state text, purpose text, authorisation text, opened_at timestamptz, expires_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT i.inquiry, i.state::text, i.purpose::text, i.authorisation, i.opened_at, i.expires_at
      FROM credit_register.inquiry i
     WHERE i.person = credit.person() AND i.application = session_user AND i.state <> 'refused' AND i.expires_at > clock_timestamp()
       AND i.opened_at >= credit.inquires_since()
     ORDER BY i.opened_at DESC;
END
$$;
COMMENT ON FUNCTION credit.open_inquiries() IS
  'Definer, as only the owner reads inquiries: those of the person who entered, through the same application, that wait for review or still answer; not about whom';
REVOKE ALL ON FUNCTION credit.open_inquiries() FROM PUBLIC;

CREATE FUNCTION credit.my_inquiries()
  RETURNS TABLE (opened_at timestamptz, provider text, purpose text, authorisation text, state text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR credit.own_subject() IS NULL THEN
    RAISE EXCEPTION 'only a person asks for his own inquiries' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  RETURN QUERY
    SELECT i.opened_at, coalesce(p.name, i.application), i.purpose, i.authorisation, i.state
      FROM credit_register.inquiry i LEFT JOIN credit_register.provider p ON p.provider = i.provider
     WHERE i.subject = credit.current_subject(credit.own_subject()::credit.pseudonym) AND i.shown_from <= clock_timestamp()
     ORDER BY i.opened_at DESC;
END
$$;
COMMENT ON FUNCTION credit.my_inquiries() IS
  'Definer, as only the owner reads inquiries: who asked about the citizen who entered, why and on what basis; delayed ones come later';
REVOKE ALL ON FUNCTION credit.my_inquiries() FROM PUBLIC;

CREATE FUNCTION credit.inquiry_risks(since timestamptz)
  RETURNS TABLE (person text, application text, inquiries bigint, subjects bigint, refused bigint, break_glass bigint,
                 overdue bigint, at_night bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (credit.has_duty('credit_auditor') OR credit.has_duty('credit_reviewer')) THEN
    RAISE EXCEPTION 'risks are for auditors and reviewers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT i.person, i.application, count(*), count(DISTINCT i.subject),
           count(*) FILTER (WHERE i.state = 'refused' OR NOT i.review_upheld),
           count(*) FILTER (WHERE i.review_due IS NOT NULL),
           count(*) FILTER (WHERE i.review_due < clock_timestamp() AND i.reviewed_at IS NULL),
           count(*) FILTER (WHERE extract(hour FROM i.opened_at AT TIME ZONE 'Asia/Shanghai') NOT BETWEEN 7 AND 20)
      FROM credit_register.inquiry i
     WHERE i.opened_at >= since
     GROUP BY i.person, i.application
     ORDER BY count(*) DESC;
END
$$;
COMMENT ON FUNCTION credit.inquiry_risks(timestamptz) IS
  'Definer, as only the owner reads inquiries: per person and query point, how much was asked, refused, done by break-glass, left without review, at night';
REVOKE ALL ON FUNCTION credit.inquiry_risks(timestamptz) FROM PUBLIC;

-- Consents by the person himself.

CREATE FUNCTION credit.own_file() RETURNS credit.pseudonym
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR credit.own_subject() IS NULL THEN
    RAISE EXCEPTION 'only a person gives and takes back his own consents' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  RETURN credit.current_subject(credit.own_subject()::credit.pseudonym);
END
$$;
COMMENT ON FUNCTION credit.own_file() IS 'The subject of the citizen who entered, else 42501; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.own_file() FROM PUBLIC;

CREATE FUNCTION credit.authorize(given_to text, purpose text, until date, single_use bool DEFAULT true) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.own_file();
  made uuid;
BEGIN
  IF given_to IS NULL OR given_to !~ '\S' OR single_use IS NULL
     OR NOT EXISTS (SELECT FROM credit_register.purpose p WHERE p.purpose = authorize.purpose AND p.needs_consent) THEN
    RAISE EXCEPTION 'a consent names who may inquire, and a purpose that needs one' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit_register.purpose lists them.';
  END IF;
  IF until IS NULL OR NOT isfinite(until) OR until NOT BETWEEN credit.today() AND credit.today() + 366 THEN
    RAISE EXCEPTION 'a consent ends today or later, and within a year' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'It can be given again.';
  END IF;
  INSERT INTO credit_register.consent AS c (subject, given_to, purpose, document, single_use, valid)
    VALUES (whose, authorize.given_to, authorize.purpose, 'given by the person', authorize.single_use, daterange(credit.today(), authorize.until, '[]'))
    RETURNING c.consent INTO made;
  PERFORM credit.note_filed(credit.own_subject()::credit.pseudonym, 'consent', jsonb_build_object('consent', made));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.authorize(text, text, date, bool) IS
  'Definer, as nobody writes consents by hand: the person who entered lets a login or person inquire for a purpose, once unless he says otherwise';
REVOKE ALL ON FUNCTION credit.authorize(text, text, date, bool) FROM PUBLIC;

CREATE FUNCTION credit.withdraw_consent(consent uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- A merge under way is waited for, and the consent found where it is now.
  whose credit.pseudonym := credit.hold_current(credit.own_file());
BEGIN
  UPDATE credit_register.consent c SET withdrawn_at = clock_timestamp()
   WHERE c.subject = whose AND c.consent = withdraw_consent.consent AND c.withdrawn_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'you gave no such consent' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- What was opened on it and not yet read answers no more.
  UPDATE credit_register.inquiry i SET expires_at = least(i.expires_at, clock_timestamp())
   WHERE i.subject = whose AND i.authorisation = withdraw_consent.consent::text AND i.expires_at > clock_timestamp();
END
$$;
COMMENT ON FUNCTION credit.withdraw_consent(uuid) IS
  'Definer, as nobody writes consents by hand: the person takes a consent back, and inquiries open on it end at once';
REVOKE ALL ON FUNCTION credit.withdraw_consent(uuid) FROM PUBLIC;

CREATE FUNCTION credit.my_consents()
  RETURNS TABLE (consent uuid, given_to text, purpose text, valid daterange, uses int, withdrawn_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.own_file();
BEGIN
  RETURN QUERY
    SELECT c.consent, c.given_to, c.purpose, c.valid, c.uses, c.withdrawn_at
      FROM credit_register.consent c WHERE c.subject = whose ORDER BY c.given_at DESC;
END
$$;
COMMENT ON FUNCTION credit.my_consents() IS
  'Definer, as only the owner reads consents: those of the citizen who entered, and how often each was used';
REVOKE ALL ON FUNCTION credit.my_consents() FROM PUBLIC;
