-- ---------------------------------------------------------------------------
-- measure, tasks: what a department does because of a list entry, and what it says of it
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.assign_measure(entry uuid, measure text, provider text DEFAULT NULL, context text DEFAULT NULL,
    ends_on date DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  decider text := credit.deciding_reviewer();
  standing pg_catalog.record := credit.standing_entry(entry);
  law text := credit.load_measures(credit.today());
  rule pg_catalog.record;
  scope text;
  made uuid;
BEGIN
  SELECT m.* INTO rule FROM credit_register.measure m
   WHERE m.rulebook = law AND m.measure = assign_measure.measure AND m.kind = 'restriction' AND m.in_force @> credit.today();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the rulebook has no such restriction in force' USING ERRCODE = 'CR404',
      HINT = 'SELECT measure, name FROM credit_register.measure WHERE kind = ''restriction'';';
  END IF;
  IF standing.severity IS NULL OR standing.severity < rule.least_severity THEN
    RAISE EXCEPTION 'the measure is heavier than the finding' USING ERRCODE = 'CR403',
      DETAIL = format('It takes a finding that is %s; this one is %s.', rule.least_severity, coalesce(standing.severity::text, 'without severity'));
  END IF;
  SELECT min(c.context) INTO scope
    FROM credit_register.measure_context c
    JOIN credit_register.finding_context f ON f.item = standing.item AND f.context = c.context
   WHERE c.rulebook = law AND c.measure = rule.measure AND c.context = coalesce(assign_measure.context, c.context);
  IF scope IS NULL THEN
    RAISE EXCEPTION 'the measure works in another context than the finding' USING ERRCODE = 'CR402',
      HINT = 'Compare credit_register.measure_context with credit_register.finding_context.';
  END IF;
  IF assign_measure.ends_on <= credit.today() OR assign_measure.ends_on > standing.ends_on THEN
    RAISE EXCEPTION 'a measure ends after today, and with its list entry at the latest' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('The entry ends on %s.', to_char(standing.ends_on, 'YYYY-MM-DD'));
  END IF;
  -- The entry does not end meanwhile, and was not shortened.
  PERFORM FROM credit_register.list_entry e
    WHERE e.subject = standing.subject AND e.entry = assign_measure.entry AND e.left_on IS NULL AND e.ends_on = standing.ends_on FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no list entry of this number stands and is yours to handle' USING ERRCODE = 'CR401',
      HINT = 'It ended or was shortened in this moment: look at it, and ask again.';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = coalesce(assign_measure.provider, standing.provider)) THEN
    RAISE EXCEPTION 'the department is not registered' USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO credit_register.measure_task (subject, entry, item, severity, entry_ends_on, rulebook, measure, least_severity, measure_in_force,
                                            context, field, basis, provider, assigned_by, starts_on, ends_on, feedback_due)
    VALUES (standing.subject, assign_measure.entry, standing.item, standing.severity, standing.ends_on, law, rule.measure, rule.least_severity, rule.in_force,
            scope, standing.field, rule.basis, coalesce(assign_measure.provider, standing.provider), decider, credit.today(),
            coalesce(assign_measure.ends_on, least(standing.ends_on, upper(rule.in_force) - 1)), credit.today() + 30)
    ON CONFLICT DO NOTHING
    RETURNING task INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'this department has been asked for this measure already' USING ERRCODE = 'unique_violation';
  END IF;
  PERFORM credit.give_notice(standing.subject, standing.record, 'measure',
                             format('采取措施：%s，至%s。您可以提出异议、申请修复。依据：%s', rule.name,
                                    to_char(coalesce(assign_measure.ends_on, standing.ends_on), 'YYYY-MM-DD'), rule.basis));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.assign_measure(uuid, text, text, text, date) IS
  'Definer, as nobody writes tasks by hand: a reviewer asks a department for a restriction of the rulebook, no heavier than the finding, in its context, with an end';
REVOKE ALL ON FUNCTION credit.assign_measure(uuid, text, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.assign_measures(entry uuid, provider text DEFAULT NULL) RETURNS TABLE (task uuid, measure text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  decider text := credit.deciding_reviewer();
  standing pg_catalog.record := credit.standing_entry(entry);
  law text := credit.load_measures(credit.today());
BEGIN
  RETURN QUERY
    SELECT credit.assign_measure(assign_measures.entry, m.measure, assign_measures.provider), m.measure::text
      FROM credit_register.measure m
     WHERE m.rulebook = law AND m.kind = 'restriction' AND m.in_force @> credit.today() AND m.least_severity <= standing.severity
       AND EXISTS (SELECT FROM credit_register.measure_context c
                     JOIN credit_register.finding_context f ON f.item = standing.item AND f.context = c.context
                    WHERE c.rulebook = m.rulebook AND c.measure = m.measure)
       AND NOT EXISTS (SELECT FROM credit_register.measure_task t
                        WHERE t.subject = standing.subject AND t.entry = assign_measures.entry AND t.measure = m.measure
                          AND t.provider = coalesce(assign_measures.provider, standing.provider) AND t.state <> 'released');
END
$$;
COMMENT ON FUNCTION credit.assign_measures(uuid, text) IS
  'Definer, as nobody writes tasks by hand: assign_measure() for each restriction that the finding''s severity and context allow';
REVOKE ALL ON FUNCTION credit.assign_measures(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.open_tasks()
  RETURNS TABLE (task uuid, subject credit.pseudonym, measure text, name text, context text, field text, basis text,
                 starts_on date, ends_on date, feedback_due date, overdue bool)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- What stands today: a task whose record is no longer shown is none.
  RETURN QUERY
    SELECT t.task, t.subject, t.measure, m.name, t.context, t.field, t.basis, t.starts_on, t.ends_on, t.feedback_due,
           t.feedback_due < credit.today()
      FROM credit_register.measure_task t
      JOIN credit_register.provider p ON p.provider = t.provider
      JOIN credit_register.measure m ON m.rulebook = t.rulebook AND m.measure = t.measure
      JOIN credit_register.joint_target e ON e.subject = t.subject AND e.entry = t.entry
     WHERE t.state = 'open' AND t.ends_on >= credit.today()
       AND credit.may_see(credit.duty_mask('{credit_provider}'), p.division, t.provider, false)
     ORDER BY t.feedback_due, t.task;
END
$$;
COMMENT ON FUNCTION credit.open_tasks() IS 'Definer, as departments have no right on the table: what the department of who entered is asked to do';
REVOKE ALL ON FUNCTION credit.open_tasks() FROM PUBLIC;

CREATE FUNCTION credit.released_tasks(since date)
  RETURNS TABLE (task uuid, subject credit.pseudonym, measure text, released_on date, reason text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT t.task, t.subject, t.measure, coalesce((t.released_at AT TIME ZONE 'Asia/Shanghai')::date, t.ends_on + 1), coalesce(t.release_reason, '期满')
      FROM credit_register.measure_task t
      JOIN credit_register.provider p ON p.provider = t.provider
     WHERE coalesce((t.released_at AT TIME ZONE 'Asia/Shanghai')::date, t.ends_on + 1) BETWEEN since AND credit.today()
       AND credit.may_see(credit.duty_mask('{credit_provider}'), p.division, t.provider, false)
     ORDER BY 4, t.task;
END
$$;
COMMENT ON FUNCTION credit.released_tasks(date) IS
  'Definer, as departments have no right on the table: what the department of who entered has to have stopped, since a day';
REVOKE ALL ON FUNCTION credit.released_tasks(date) FROM PUBLIC;

CREATE FUNCTION credit.give_feedback(task uuid, feedback text, day date DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF feedback IS NULL OR feedback NOT IN ('done', 'not_applicable') THEN
    RAISE EXCEPTION 'feedback is done or not_applicable' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.measure_task t
     SET state = 'done', feedback = give_feedback.feedback, feedback_on = coalesce(day, credit.today())
    FROM credit_register.provider p
   WHERE t.task = give_feedback.task AND p.provider = t.provider AND t.state = 'open'
     AND coalesce(day, credit.today()) BETWEEN t.starts_on AND credit.today()
     AND credit.may_see(credit.duty_mask('{credit_provider}'), p.division, t.provider, false);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no open task of this number is your department''s' USING ERRCODE = 'CR401',
      HINT = 'SELECT * FROM credit.open_tasks(); feedback is for a day from its beginning to today.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.give_feedback(uuid, text, date) IS 'Definer, as nobody writes tasks by hand: the department says that a measure is done, or does not apply';
REVOKE ALL ON FUNCTION credit.give_feedback(uuid, text, date) FROM PUBLIC;

CREATE FUNCTION credit.overdue_feedback() RETURNS TABLE (provider text, tasks bigint, oldest date)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (credit.has_duty('credit_reviewer') OR credit.has_duty('credit_auditor')) THEN
    RAISE EXCEPTION 'overdue feedback is for reviewers and auditors' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT t.provider::text, count(*), min(t.feedback_due)
      FROM credit_register.measure_task t
      JOIN credit_register.joint_target e ON e.subject = t.subject AND e.entry = t.entry
     WHERE t.state = 'open' AND t.feedback_due < credit.today() AND t.ends_on >= credit.today()
     GROUP BY t.provider ORDER BY t.provider;
END
$$;
COMMENT ON FUNCTION credit.overdue_feedback() IS 'Definer, as it counts over all departments: which of them owe feedback, and since when';
REVOKE ALL ON FUNCTION credit.overdue_feedback() FROM PUBLIC;

CREATE FUNCTION credit.my_measures()
  RETURNS TABLE (list text, item text, reason text, law text, since date, until date, measure text, department text, how_to_object text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR credit.own_subject() IS NULL THEN
    RAISE EXCEPTION 'only a person asks for his own measures' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  RETURN QUERY
    SELECT l.name, e.item::text, n.reason, coalesce(t.basis, e.basis), coalesce(t.starts_on, e.entered_on), coalesce(t.ends_on, e.ends_on),
           m.name, p.name, '提出异议：credit.open_dispute()；申请修复：credit.open_repair()'::text
      FROM credit_register.list_entry e
      JOIN credit_register.joint_target j ON j.subject = e.subject AND j.entry = e.entry
      JOIN credit_register.list_type l ON l.list = e.list
      JOIN credit_register.notice n ON n.subject = e.subject AND n.notice = e.notice
      LEFT JOIN credit_register.measure_task t ON t.subject = e.subject AND t.entry = e.entry AND t.state <> 'released' AND t.ends_on >= credit.today()
      LEFT JOIN credit_register.measure m ON m.rulebook = t.rulebook AND m.measure = t.measure
      LEFT JOIN credit_register.provider p ON p.provider = t.provider
     WHERE e.subject = credit.current_subject(credit.own_subject()::credit.pseudonym)
     ORDER BY e.entered_on, m.name;
END
$$;
COMMENT ON FUNCTION credit.my_measures() IS
  'Definer, as only the owner reads them: lists and measures of the citizen who entered, with reason, law, end and how to object';
REVOKE ALL ON FUNCTION credit.my_measures() FROM PUBLIC;
