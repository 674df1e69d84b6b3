-- ---------------------------------------------------------------------------
-- on the way
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.refuse_case() RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'there is no such case for you' USING ERRCODE = 'no_data_found',
    HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
END
$$;
COMMENT ON FUNCTION credit.refuse_case() IS 'Raises the one answer for a case that is absent, gone, or another''s';
REVOKE ALL ON FUNCTION credit.refuse_case() FROM PUBLIC;

CREATE FUNCTION credit.case_subject(case_file uuid, duty text) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  acts bool;
BEGIN
  LOOP
    acts := NULL;
    SELECT c.subject, c.record, c.opened_by, c.division, c.provider, c.minor INTO row
      FROM credit_register.case_file c WHERE c.case_file = case_subject.case_file;
    IF FOUND AND duty = 'opener' THEN
      acts := coalesce(credit.current_subject(credit.own_subject()::credit.pseudonym) = row.subject, false) OR row.opened_by = credit.person();
    ELSIF FOUND THEN
      acts := credit.may_see(credit.duty_mask(ARRAY[duty]), row.division, row.provider, row.minor);
    END IF;
    IF credit.person() IS NULL OR acts IS NOT TRUE THEN
      PERFORM credit.refuse_case();
    END IF;
    -- First the file and the record, then the case: the same order as in open_case().  Moved meanwhile: looked for once more.
    PERFORM credit.hold_file(row.subject);
    PERFORM FROM credit_register.record r WHERE r.subject = row.subject AND r.record = row.record FOR UPDATE;
    PERFORM FROM credit_register.case_file c WHERE c.subject = row.subject AND c.case_file = case_subject.case_file FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN row.subject;
END
$$;
COMMENT ON FUNCTION credit.case_subject(uuid, text) IS
  'Whose case it is, locked with its record, if who entered acts in it by this duty; an error that is the same for absent and not allowed';
REVOKE ALL ON FUNCTION credit.case_subject(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.move_case(subject credit.pseudonym, case_file uuid, to_state text, note text DEFAULT NULL,
    evidence_seen text[] DEFAULT NULL, outcome jsonb DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  decides bool := to_state IN ('upheld', 'dismissed', 'granted', 'refused');
  last_day date;
BEGIN
  SELECT c.kind, c.state, c.record, c.due, c.opened_by, k.name, k.name_zh,
         (SELECT r.item FROM credit_register.record r WHERE r.subject = c.subject AND r.record = c.record) AS item
    INTO row FROM credit_register.case_file c JOIN credit_register.case_kind k ON k.kind = c.kind
   WHERE c.subject = move_case.subject AND c.case_file = move_case.case_file;
  IF NOT FOUND THEN
    PERFORM credit.refuse_case();
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.case_step s WHERE s.kind = row.kind AND s.from_state = row.state AND s.to_state = move_case.to_state) THEN
    RAISE EXCEPTION 'the case is in another state' USING ERRCODE = 'CR201',
      DETAIL = format('It is %s.', row.state), HINT = 'credit_register.case_step lists the steps that there are.';
  END IF;
  last_day := coalesce(credit.case_due(row.kind, to_state, row.item, credit.today()), row.due);
  UPDATE credit_register.case_file c
     SET former_state = c.state, state = move_case.to_state, due = last_day,
         decided_by = CASE WHEN decides THEN credit.person() END, decided_at = CASE WHEN decides THEN clock_timestamp() END,
         evidence_seen = move_case.evidence_seen, reason = CASE WHEN decides THEN note END, outcome = move_case.outcome,
         closed_at = CASE WHEN decides OR to_state = 'withdrawn' THEN clock_timestamp() END
   WHERE c.subject = move_case.subject AND c.case_file = move_case.case_file;
  INSERT INTO credit_register.case_event (subject, case_file, kind, from_state, to_state, person, note)
    VALUES (move_case.subject, move_case.case_file, row.kind, row.state, move_case.to_state, credit.person(), move_case.note);
  IF decides THEN
    PERFORM credit.give_notice(subject, row.record, 'case_decided',
      format('%s（%s）：%s。%s: %s. ', row.name_zh, case_file,
             CASE to_state WHEN 'upheld' THEN '成立' WHEN 'dismissed' THEN '不成立' WHEN 'granted' THEN '准予' ELSE '不予' END,
             row.name, to_state) || note);
  ELSIF to_state = 'withdrawn' THEN
    PERFORM credit.give_notice(subject, row.record, 'case_withdrawn', format('%s（%s）：已撤回。%s: withdrawn.', row.name_zh, case_file, row.name));
  ELSIF last_day <> row.due THEN
    PERFORM credit.give_notice(subject, row.record, 'case_prolonged',
      format('%s（%s）：答复期限改为 %s。%s: to be answered by %s. ', row.name_zh, case_file, to_char(last_day, 'YYYY-MM-DD'),
             row.name, to_char(last_day, 'YYYY-MM-DD')) || coalesce(note, ''));
  END IF;
END
$$;
COMMENT ON FUNCTION credit.move_case(credit.pseudonym, uuid, text, text, text[], jsonb) IS
  'The one way a case changes its state: by a step that there is, with an event, a deadline and word to the person; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.move_case(credit.pseudonym, uuid, text, text, text[], jsonb) FROM PUBLIC;

CREATE FUNCTION credit.check_words(words text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF words IS NULL OR words !~ '\S' OR length(words) > 2000 THEN
    RAISE EXCEPTION 'a reason is missing, or longer than 2000 characters' USING ERRCODE = 'CR202',
      HINT = 'Give it in words that the person will read.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_words(text) IS 'Raises unless a reason is given';
REVOKE ALL ON FUNCTION credit.check_words(text) FROM PUBLIC;

CREATE FUNCTION credit.forward_case(case_file uuid, note text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'credit_reviewer');
BEGIN
  PERFORM credit.refuse_own_case(whose);
  PERFORM credit.check_words(note);
  -- What is overdue stays overdue, and the record hidden: forwarding buys no time then.
  IF EXISTS (SELECT FROM credit_register.case_file c WHERE c.subject = whose AND c.case_file = forward_case.case_file AND c.due < credit.today()) THEN
    RAISE EXCEPTION 'the case is overdue' USING ERRCODE = 'CR201', HINT = 'Decide it.';
  END IF;
  PERFORM credit.move_case(whose, case_file, 'forwarded', note);
END
$$;
COMMENT ON FUNCTION credit.forward_case(uuid, text) IS 'Definer, as nobody writes cases by hand: a reviewer asks the provider to verify, which has a deadline of its own';
REVOKE ALL ON FUNCTION credit.forward_case(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.prolong_case(case_file uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'credit_reviewer');
BEGIN
  PERFORM credit.refuse_own_case(whose);
  PERFORM credit.check_words(reason);
  IF EXISTS (SELECT FROM credit_register.case_file c WHERE c.subject = whose AND c.case_file = prolong_case.case_file AND c.due < credit.today()) THEN
    RAISE EXCEPTION 'the case is overdue' USING ERRCODE = 'CR201', DETAIL = 'A longer time is told beforehand.', HINT = 'Decide it.';
  END IF;
  PERFORM credit.move_case(whose, case_file, 'prolonged', reason);
END
$$;
COMMENT ON FUNCTION credit.prolong_case(uuid, text) IS
  'Definer, as nobody writes cases by hand: once, before it is due, a complex repair gets its time anew from today, and the person is told';
REVOKE ALL ON FUNCTION credit.prolong_case(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.answer_case(case_file uuid, answer text, note text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'credit_provider');
BEGIN
  PERFORM credit.check_words(note);
  IF answer IS NULL OR answer NOT IN ('confirmed', 'wrong') THEN
    RAISE EXCEPTION 'an answer is confirmed or wrong' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.move_case(whose, case_file, 'answered', note);
  UPDATE credit_register.case_file c SET answer = answer_case.answer, answered_by = credit.person(), answered_at = clock_timestamp()
   WHERE c.subject = whose AND c.case_file = answer_case.case_file;
END
$$;
COMMENT ON FUNCTION credit.answer_case(uuid, text, text) IS 'Definer, as nobody writes cases by hand: what the provider found, confirmed or wrong; a reviewer decides';
REVOKE ALL ON FUNCTION credit.answer_case(uuid, text, text) FROM PUBLIC;

CREATE FUNCTION credit.open_disputes(subject credit.pseudonym, record uuid) RETURNS int
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT count(*) FROM credit_register.case_file c
           WHERE c.subject = open_disputes.subject AND c.record = open_disputes.record AND c.hides AND c.closed_at IS NULL);
END
$$;
COMMENT ON FUNCTION credit.open_disputes(credit.pseudonym, uuid) IS 'How many open cases keep a record disputed; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.open_disputes(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.end_dispute(subject credit.pseudonym, case_file uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  disputed uuid;
BEGIN
  SELECT r.record INTO disputed
    FROM credit_register.case_file c JOIN credit_register.record r ON r.subject = c.subject AND r.record = c.record
   WHERE c.subject = end_dispute.subject AND c.case_file = end_dispute.case_file AND c.hides AND r.state = 'disputed'
     AND credit.open_disputes(r.subject, r.record) <= CASE WHEN c.closed_at IS NULL THEN 1 ELSE 0 END
     -- What rests on a record that does not stand waits for credit.resume_attributed().
     AND NOT EXISTS (SELECT FROM credit_register.record o WHERE o.record = r.origin_record AND o.state <> 'active');
  -- What was repaired or withdrawn meanwhile stays so.
  IF FOUND THEN
    PERFORM credit.change_record(subject, disputed, 'active', reason);
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_dispute(credit.pseudonym, uuid, text) IS 'The record of an objection that ended without success is active again, and receivers learn it; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.end_dispute(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.withdraw_case(case_file uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'opener');
BEGIN
  PERFORM credit.move_case(whose, case_file, 'withdrawn');
  PERFORM credit.end_dispute(whose, case_file, '异议撤回 objection withdrawn');
  PERFORM credit.tell_again(whose, c.record, '声明撤回 statement withdrawn') FROM credit_register.case_file c
    WHERE c.subject = whose AND c.case_file = withdraw_case.case_file AND c.kind = 'statement';
END
$$;
COMMENT ON FUNCTION credit.withdraw_case(uuid) IS 'Definer, as nobody writes cases by hand: who opened a case, or the person it is for, takes it back';
REVOKE ALL ON FUNCTION credit.withdraw_case(uuid) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- deciding
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.check_decision(case_file uuid, decision text, evidence_seen text[], reason text, kinds text[]) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'credit_reviewer');
  row pg_catalog.record;
BEGIN
  SELECT c.kind, c.opened_by INTO row FROM credit_register.case_file c
   WHERE c.subject = whose AND c.case_file = check_decision.case_file;
  IF row.kind <> ALL (kinds) THEN
    RAISE EXCEPTION 'a case of another kind' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('It is of kind %s.', row.kind), HINT = 'Objections: credit.decide_dispute(), repairs: credit.decide_repair(), others: credit.decide_case().';
  END IF;
  IF decision IS NULL OR decision <> ALL (CASE WHEN row.kind IN ('repair', 'extension') THEN '{granted,refused}' ELSE '{upheld,dismissed}' END::text[]) THEN
    RAISE EXCEPTION 'a decision is %', CASE WHEN row.kind IN ('repair', 'extension') THEN 'granted or refused' ELSE 'upheld or dismissed' END
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass one of the two words.';
  END IF;
  IF array_ndims(evidence_seen) > 1 THEN
    RAISE EXCEPTION 'the evidence seen is a list' USING ERRCODE = 'CR202', HINT = 'An array of one dimension: ARRAY[''file 7'', ''receipt''].';
  END IF;
  IF evidence_seen IS NULL OR cardinality(evidence_seen) = 0 OR array_position(evidence_seen, NULL) IS NOT NULL
     OR EXISTS (SELECT FROM unnest(evidence_seen) e WHERE e !~ '\S') THEN
    RAISE EXCEPTION 'a decision names the evidence seen' USING ERRCODE = 'CR202',
      HINT = 'Pass what you saw, as an array of texts: a receipt, a judgment, the provider''s answer.';
  END IF;
  PERFORM credit.check_words(reason);
  PERFORM credit.refuse_own_case(whose);
  IF row.opened_by = credit.person() THEN
    RAISE EXCEPTION 'nobody decides his own case' USING ERRCODE = 'CR202', HINT = 'Another reviewer does.';
  END IF;
  RETURN whose;
END
$$;
COMMENT ON FUNCTION credit.check_decision(uuid, text, text[], text, text[]) IS
  'Whose case it is, if the reviewer who entered may decide it so; raises what is missing: a person, evidence, a reason';
REVOKE ALL ON FUNCTION credit.check_decision(uuid, text, text[], text, text[]) FROM PUBLIC;

CREATE FUNCTION credit.uphold_case(subject credit.pseudonym, case_file uuid, correction jsonb, reason text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  about uuid;
  standing text;
BEGIN
  SELECT r.record, r.state INTO about, standing
    FROM credit_register.case_file c JOIN credit_register.record r ON r.subject = c.subject AND r.record = c.record
   WHERE c.subject = uphold_case.subject AND c.case_file = uphold_case.case_file;
  IF correction IS NOT NULL THEN
    PERFORM credit.correct_record(subject, about, correction, reason);
    RETURN jsonb_build_object('corrected', ARRAY(SELECT jsonb_object_keys(correction) ORDER BY 1));
  ELSIF standing IN ('active', 'disputed', 'archived') THEN	-- archived: and with it the one for which a merge set it aside
    PERFORM credit.change_record(subject, about, 'withdrawn', reason);
    RETURN '{"withdrawn": true}';
  END IF;
  RETURN '{}';
END
$$;
COMMENT ON FUNCTION credit.uphold_case(credit.pseudonym, uuid, jsonb, text) IS
  'What follows where a person is right: fields are corrected, or the record is withdrawn; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.uphold_case(credit.pseudonym, uuid, jsonb, text) FROM PUBLIC;

CREATE FUNCTION credit.verdict_words(case_file uuid, decision text) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT k.name_zh || CASE decision WHEN 'upheld' THEN '成立 ' ELSE '不成立 ' END || lower(k.name) || ' ' || decision
            FROM credit_register.case_file c JOIN credit_register.case_kind k ON k.kind = c.kind
           WHERE c.case_file = verdict_words.case_file);
END
$$;
COMMENT ON FUNCTION credit.verdict_words(uuid, text) IS
  'What receivers and measures are told of a case that is upheld or dismissed, by the name of its kind; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.verdict_words(uuid, text) FROM PUBLIC;

-- Receivers and measures get the register's own words; those of the reviewer go to the person and stay in the case.
CREATE FUNCTION credit.decide_dispute(case_file uuid, decision text, evidence_seen text[] DEFAULT NULL, correction jsonb DEFAULT NULL,
    reason text DEFAULT NULL, withdraw bool DEFAULT false) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  verdict text := credit.verdict_words(case_file, decision);
  words text := coalesce(reason, CASE WHEN decision = 'upheld' THEN verdict END);
  whose credit.pseudonym := credit.check_decision(case_file, decision, evidence_seen, words, '{objection,correction}');
  right_values jsonb := correction;
  outcome jsonb;
BEGIN
  IF decision = 'dismissed' AND (correction IS NOT NULL OR withdraw) THEN
    RAISE EXCEPTION 'what is dismissed corrects nothing' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_step(whose, case_file, decision);
  IF decision = 'upheld' THEN
    -- What the person said of his performance is the correction, unless the reviewer found another one.
    IF correction IS NULL AND withdraw IS NOT TRUE THEN
      right_values := (SELECT nullif(c.facts, '{}') FROM credit_register.case_file c WHERE c.subject = whose AND c.case_file = decide_dispute.case_file);
    END IF;
    -- A record never goes for want of an argument.
    IF (right_values IS NULL) <> coalesce(withdraw, false) THEN
      RAISE EXCEPTION 'what is upheld corrects the record, or withdraws it' USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Pass the right values as correction, or withdraw => true: then the record goes from everywhere.';
    END IF;
    outcome := credit.uphold_case(whose, case_file, right_values, verdict);
  ELSE
    PERFORM credit.end_dispute(whose, case_file, verdict);
  END IF;
  PERFORM credit.move_case(whose, case_file, decision, words, evidence_seen, outcome);
END
$$;
COMMENT ON FUNCTION credit.decide_dispute(uuid, text, text[], jsonb, text, bool) IS
  'Definer, as nobody writes cases by hand: upheld corrects the record, or withdraws it if that is said; dismissed needs a reason and shows it again';
REVOKE ALL ON FUNCTION credit.decide_dispute(uuid, text, text[], jsonb, text, bool) FROM PUBLIC;

CREATE FUNCTION credit.need_step(subject credit.pseudonym, case_file uuid, to_state text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  now_state text;
BEGIN
  SELECT c.state INTO now_state FROM credit_register.case_file c
   WHERE c.subject = need_step.subject AND c.case_file = need_step.case_file;
  IF NOT FOUND THEN
    PERFORM credit.refuse_case();
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.case_file c
                   JOIN credit_register.case_step s ON s.kind = c.kind AND s.from_state = c.state AND s.to_state = need_step.to_state
                  WHERE c.subject = need_step.subject AND c.case_file = need_step.case_file) THEN
    RAISE EXCEPTION 'the case is in another state' USING ERRCODE = 'CR201',
      DETAIL = format('It is %s.', now_state), HINT = 'credit_register.case_step lists the steps that there are.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_step(credit.pseudonym, uuid, text) IS 'Raises CR201 unless a case may go to this state';
REVOKE ALL ON FUNCTION credit.need_step(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.decide_case(case_file uuid, decision text, evidence_seen text[], reason text, correction jsonb DEFAULT NULL, withdraw bool DEFAULT false) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.check_decision(case_file, decision, evidence_seen, reason, '{complaint,extension}');
  outcome jsonb;
BEGIN
  PERFORM credit.need_step(whose, case_file, decision);
  IF correction IS NOT NULL OR withdraw THEN
    IF decision <> 'upheld' THEN
      RAISE EXCEPTION 'only what is upheld corrects a record' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF correction IS NOT NULL AND withdraw THEN
      RAISE EXCEPTION 'a record is corrected or withdrawn' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    outcome := credit.uphold_case(whose, case_file, correction, credit.verdict_words(case_file, decision));
  ELSIF decision = 'granted' THEN
    outcome := (SELECT jsonb_build_object('until', c.asked_until) FROM credit_register.case_file c
                 WHERE c.subject = whose AND c.case_file = decide_case.case_file);
  END IF;
  PERFORM credit.move_case(whose, case_file, decision, reason, evidence_seen, outcome);
  PERFORM credit.tell_again(whose, c.record, '准予延期 extension granted') FROM credit_register.case_file c
    WHERE c.subject = whose AND c.case_file = decide_case.case_file AND c.kind = 'extension' AND c.state = 'granted';
END
$$;
COMMENT ON FUNCTION credit.decide_case(uuid, text, text[], text, jsonb, bool) IS
  'Definer, as nobody writes cases by hand: decides a complaint (with a correction, if one follows, or withdrawing the record) or an extension';
REVOKE ALL ON FUNCTION credit.decide_case(uuid, text, text[], text, jsonb, bool) FROM PUBLIC;

CREATE FUNCTION credit.repair_rows(subject credit.pseudonym, record uuid, facts jsonb)
  RETURNS TABLE (condition text, met bool, earliest date, basis text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT c.condition, c.met, c.earliest, c.basis
      FROM credit_register.record r,
           credit.repair_check(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date, r.conduct_end,
                               coalesce((repair_rows.facts ->> 'fulfilled_on')::date, r.fulfilled_on),
                               r.facts || CASE WHEN r.displayed_from IS NULL THEN '{}' ELSE jsonb_build_object('displayed_from', r.displayed_from) END
                                       || CASE WHEN r.minor THEN '{"minor": true}' ELSE '{}'::jsonb END || (coalesce(repair_rows.facts, '{}') - 'fulfilled_on'),
                               credit.today()) AS c
     WHERE r.subject = repair_rows.subject AND r.record = repair_rows.record;
END
$$;
COMMENT ON FUNCTION credit.repair_rows(credit.pseudonym, uuid, jsonb) IS
  'repair_check() of a record today, by the rulebook in force, its own facts and these; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.repair_rows(credit.pseudonym, uuid, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.repair_conditions(case_file uuid, facts jsonb DEFAULT NULL)
  RETURNS TABLE (condition text, met bool, earliest date, basis text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose credit.pseudonym := credit.case_subject(case_file, 'credit_reviewer');
BEGIN
  PERFORM credit.check_claims(facts);
  RETURN QUERY SELECT w.* FROM credit_register.case_file c, credit.repair_rows(whose, c.record, coalesce(repair_conditions.facts, c.facts)) AS w
    WHERE c.subject = whose AND c.case_file = repair_conditions.case_file AND c.kind = 'repair';
END
$$;
COMMENT ON FUNCTION credit.repair_conditions(uuid, jsonb) IS
  'Definer, as only the owner reads cases: what a repair needs today, with the facts that the person stated or the reviewer found';
REVOKE ALL ON FUNCTION credit.repair_conditions(uuid, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.decide_repair(case_file uuid, decision text, evidence_seen text[] DEFAULT NULL, facts jsonb DEFAULT NULL,
    reason text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  words text := coalesce(reason, CASE WHEN decision = 'granted' THEN '准予修复 repair granted' END);
  whose credit.pseudonym := credit.check_decision(case_file, decision, evidence_seen, words, '{repair}');
  about uuid;
  found_facts jsonb;
  missing text;
BEGIN
  PERFORM credit.check_claims(facts);
  PERFORM credit.need_step(whose, case_file, decision);
  SELECT c.record, coalesce(decide_repair.facts, c.facts) INTO about, found_facts
    FROM credit_register.case_file c WHERE c.subject = whose AND c.case_file = decide_repair.case_file;
  SELECT string_agg(w.condition || coalesce(' (from ' || to_char(w.earliest, 'YYYY-MM-DD') || ')', ''), ', ') INTO missing
    FROM credit.repair_rows(whose, about, found_facts) w WHERE NOT coalesce(w.met, false);
  IF decision = 'granted' AND missing IS NOT NULL THEN
    RAISE EXCEPTION 'the conditions of a repair are not met' USING ERRCODE = 'CR203',
      DETAIL = format('Missing: %s.', missing), HINT = 'SELECT * FROM credit.repair_conditions(case_file, facts); facts that you pass stand in place of all that the person stated.';
  ELSIF decision = 'refused' AND missing IS NULL THEN
    RAISE EXCEPTION 'repair is a right: every condition is met' USING ERRCODE = 'CR203',
      HINT = 'If a fact that the person stated does not hold, pass the facts as you found them.';
  END IF;
  IF decision = 'granted' THEN
    UPDATE credit_register.record r
       SET facts = r.facts || (found_facts - 'fulfilled_on'),
           fulfilled_on = coalesce((found_facts ->> 'fulfilled_on')::date, r.fulfilled_on)
     WHERE r.subject = whose AND r.record = about AND r.state IN ('active', 'disputed', 'archived');
    -- Hidden, use stopped, measures released, scores out of date: in this transaction or not at all.
    -- What was withdrawn meanwhile stays so: it does not come back without certification.
    IF FOUND THEN
      PERFORM credit.change_record(whose, about, 'repaired', '准予修复 repair granted');
    END IF;
  ELSE
    words := words || ' — ' || missing;
  END IF;
  PERFORM credit.move_case(whose, case_file, decision, words, evidence_seen, jsonb_build_object('facts', found_facts, 'missing', missing));
END
$$;
COMMENT ON FUNCTION credit.decide_repair(uuid, text, text[], jsonb, text) IS
  'Definer, as nobody writes cases by hand: granted, if every condition is met, hides the record and ends its use everywhere; refused says which is not';
REVOKE ALL ON FUNCTION credit.decide_repair(uuid, text, text[], jsonb, text) FROM PUBLIC;
