-- ---------------------------------------------------------------------------
-- looking
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.case_queue()
  RETURNS TABLE (due date, case_file uuid, kind text, state text, record uuid, division text, provider text, ground text,
                 evidence jsonb, facts jsonb, opened_on date, answer text, overdue bool)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT c.due, c.case_file, c.kind::text, c.state::text, c.record, c.division::text, c.provider::text, c.ground, c.evidence, c.facts, c.opened_on,
           c.answer, c.due < credit.today()
      FROM credit_register.case_file c
     WHERE c.closed_at IS NULL
       AND (credit.may_see(credit.duty_mask('{credit_reviewer}'), c.division, c.provider, c.minor)
            OR c.state = 'forwarded' AND credit.may_see(credit.duty_mask('{credit_provider}'), c.division, c.provider, c.minor))
     ORDER BY c.due, c.opened_at;
END
$$;
COMMENT ON FUNCTION credit.case_queue() IS
  'Definer, as only the owner reads cases: open cases of a reviewer''s mandate, and those forwarded to a provider, what is due first first';
REVOKE ALL ON FUNCTION credit.case_queue() FROM PUBLIC;

CREATE FUNCTION credit.overdue_cases(as_of date DEFAULT NULL)
  RETURNS TABLE (due date, workdays_late int, case_file uuid, kind text, state text, record uuid, division text, provider text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day date := credit.check_as_of(coalesce(as_of, credit.today()));
BEGIN
  PERFORM credit.need_duty('{credit_reviewer,credit_auditor}');
  RETURN QUERY
    SELECT c.due, credit.workdays_between(credit.rulebook_on(day), c.due, day), c.case_file, c.kind::text, c.state::text, c.record,
           c.division::text, c.provider::text
      FROM credit_register.case_file c
     WHERE c.due < day AND c.opened_on <= day AND (c.closed_at IS NULL OR (c.closed_at AT TIME ZONE 'Asia/Shanghai')::date > day)
       AND credit.reaches('{credit_reviewer}', c.division, c.provider, c.minor)
     ORDER BY c.due, c.opened_at;
END
$$;
COMMENT ON FUNCTION credit.overdue_cases(date) IS
  'Definer, as only the owner reads cases: cases that are, or on a day will be, overdue; their records are not shown; CR310 on a past day for others than auditors';
REVOKE ALL ON FUNCTION credit.overdue_cases(date) FROM PUBLIC;

CREATE FUNCTION credit.need_citizen() RETURNS credit.pseudonym
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR credit.own_subject() IS NULL THEN
    RAISE EXCEPTION 'only a person asks for his own file' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  RETURN credit.current_subject(credit.own_subject()::credit.pseudonym);
END
$$;
COMMENT ON FUNCTION credit.need_citizen() IS 'Pseudonym under which the file of the citizen who entered is kept; raises for others';
REVOKE ALL ON FUNCTION credit.need_citizen() FROM PUBLIC;

CREATE FUNCTION credit.my_records()
  RETURNS TABLE (record uuid, item text, name text, stance credit.stance, severity credit.severity, document_date date, document_no text,
                 provider text, state text, shown bool, shown_until date, repairable_from date, answer_due date, extended_until date, statements text[],
                 amount numeric, fields jsonb)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.need_citizen();
  book credit.rulebook := credit.rulebook_on(credit.today());
BEGIN
  RETURN QUERY
    SELECT r.record, r.item::text, i.zh, r.stance, r.severity, r.document_date, r.document_no, coalesce(p.name, r.provider), r.state::text,
           EXISTS (SELECT FROM credit_register.shown_record s WHERE s.subject = r.subject AND s.record = r.record),
           upper(credit.display_period(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) - 1,
           CASE WHEN r.stance = 'bad' AND r.state IN ('active', 'disputed') THEN
             (SELECT CASE WHEN bool_and(w.earliest IS NOT NULL) THEN max(w.earliest) END
                FROM credit.repair_rows(r.subject, r.record,
                       jsonb_build_object('commitment', true, 'harm_removed', true, 'fulfilled_on', coalesce(r.fulfilled_on, credit.today()))) w) END,
           r.answer_due, credit.extended_until(r.subject, r.record), ARRAY(SELECT credit.statements_on(r.subject, r.record)),
           r.amount, r.fields
      FROM credit_register.record r
      LEFT JOIN credit_register.provider p ON p.provider = r.provider
      LEFT JOIN credit.rulebook_items(book) i ON i.id = r.item
     WHERE r.subject = whose
     ORDER BY r.document_date DESC, r.record;
END
$$;
COMMENT ON FUNCTION credit.my_records() IS
  'Definer, as citizens have no right on tables: every record of the citizen who entered, until when it is shown, from when it may be repaired if he performs today';
REVOKE ALL ON FUNCTION credit.my_records() FROM PUBLIC;

CREATE FUNCTION credit.my_cases()
  RETURNS TABLE (case_file uuid, record uuid, kind text, name text, state text, opened_on date, due date, overdue bool, ground text,
                 decided_at timestamptz, reason text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.need_citizen();
BEGIN
  RETURN QUERY
    SELECT c.case_file, c.record, c.kind::text, k.name_zh, c.state::text, c.opened_on, c.due, c.closed_at IS NULL AND c.due < credit.today(), c.ground,
           c.decided_at, c.reason
      FROM credit_register.case_file c JOIN credit_register.case_kind k ON k.kind = c.kind
     WHERE c.subject = whose
     ORDER BY c.opened_at DESC;
END
$$;
COMMENT ON FUNCTION credit.my_cases() IS 'Definer, as citizens have no right on tables: the cases of the citizen who entered, the newest first';
REVOKE ALL ON FUNCTION credit.my_cases() FROM PUBLIC;

CREATE FUNCTION credit.my_notices()
  RETURNS TABLE (notice uuid, given_at timestamptz, record uuid, kind text, reason text, served_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.need_citizen();
BEGIN
  RETURN QUERY
    SELECT n.notice, n.given_at, n.record, n.kind::text, n.reason, n.served_at
      FROM credit_register.notice n WHERE n.subject = whose ORDER BY n.given_at DESC;
END
$$;
COMMENT ON FUNCTION credit.my_notices() IS 'Definer, as citizens have no right on tables: what the citizen who entered was told, the newest first';
REVOKE ALL ON FUNCTION credit.my_notices() FROM PUBLIC;

CREATE FUNCTION credit.confirm_notice(notice uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.need_citizen();
BEGIN
  UPDATE credit_register.notice n SET served_at = coalesce(n.served_at, clock_timestamp())
   WHERE n.subject = whose AND n.notice = confirm_notice.notice;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such notice for you' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.confirm_notice(uuid) IS 'Definer, as citizens have no right on tables: the citizen who entered has read a notice of his; the first time counts';
REVOKE ALL ON FUNCTION credit.confirm_notice(uuid) FROM PUBLIC;
