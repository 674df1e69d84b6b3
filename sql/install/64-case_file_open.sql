-- ---------------------------------------------------------------------------
-- case_file, open: the ways into a case
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.case_opener(kind text, subject credit.pseudonym, division text, provider text, minor bool) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT d.duty FROM credit_register.case_kind k, unnest(k.openers) AS d (duty)
           WHERE k.kind = case_opener.kind AND credit.has_duty(d.duty)
             AND CASE d.duty WHEN 'credit_citizen' THEN coalesce(credit.current_subject(credit.own_subject()::credit.pseudonym) = subject, false)
                 -- The office of a window says where it is; whose records it takes cases about its divisions say.
                 WHEN 'credit_window' THEN EXISTS (
                   SELECT FROM credit.grants() g LEFT JOIN credit_register.provider o ON o.provider = g.provider
                    WHERE g.duty = d.duty AND (g.provider IS NULL OR g.provider = case_opener.provider OR o.kind IN ('department', 'court', 'town'))
                      AND credit.may_see(credit.duty_mask(ARRAY[d.duty]), coalesce(case_opener.division, ''), coalesce(g.provider, case_opener.provider, ''), case_opener.minor))
                 ELSE credit.may_see(credit.duty_mask(ARRAY[d.duty]), coalesce(division, ''), coalesce(provider, ''), minor) END
           LIMIT 1);
END
$$;
COMMENT ON FUNCTION credit.case_opener(text, credit.pseudonym, text, text, bool) IS
  'The duty by which who entered may open such a case: citizens their own, windows of offices in their divisions, others within their mandates; NULL: he may not';
REVOKE ALL ON FUNCTION credit.case_opener(text, credit.pseudonym, text, text, bool) FROM PUBLIC;

-- What constraints say as well: their messages would show the row.
CREATE FUNCTION credit.check_papers(kind text, ground text, papers jsonb, facts jsonb, asked_until date) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_words(ground);
  IF jsonb_typeof(papers) <> 'array'
     OR jsonb_path_exists(papers, 'strict $[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-f]{64}$"))') THEN
    RAISE EXCEPTION 'evidence is an array of digests' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass SHA-256 or SM3 of each paper, as 64 hex digits; the papers stay where they were handed in.';
  END IF;
  PERFORM credit.check_claims(facts, kind);
  IF kind = 'extension' AND (asked_until > credit.today() AND isfinite(asked_until)) IS NOT TRUE OR kind <> 'extension' AND asked_until IS NOT NULL THEN
    RAISE EXCEPTION 'an extension, and nothing else, is until a day that is to come' USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_papers(text, text, jsonb, jsonb, date) IS 'Raises what is wrong with what is handed in for a case, without repeating it';
REVOKE ALL ON FUNCTION credit.check_papers(text, text, jsonb, jsonb, date) FROM PUBLIC;

CREATE FUNCTION credit.check_opening(kind text, state text, subject credit.pseudonym, record uuid, evidence jsonb) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before jsonb;
BEGIN
  IF state NOT IN ('active', 'disputed') THEN
    RAISE EXCEPTION 'the record is not in a state for this' USING ERRCODE = 'CR201',
      DETAIL = format('It is %s.', state), HINT = 'Cases are about records that are active or disputed; credit.my_records() and credit_register.record have the state.';
  END IF;
  IF kind <> 'statement' AND EXISTS (SELECT FROM credit_register.case_file c
       WHERE c.subject = check_opening.subject AND c.record = check_opening.record AND c.kind = check_opening.kind AND c.closed_at IS NULL) THEN
    RAISE EXCEPTION 'such a case is open already' USING ERRCODE = 'CR201',
      HINT = 'SELECT * FROM credit.my_cases(); one may be withdrawn with credit.withdraw_case().';
  END IF;
  -- Else one person could keep a record hidden for good by objecting again and again.
  IF kind = 'objection' THEN
    SELECT jsonb_agg(e.digest) INTO before
      FROM credit_register.case_file c, jsonb_array_elements(c.evidence) AS e (digest)
     WHERE c.subject = check_opening.subject AND c.record = check_opening.record AND c.kind = 'objection' AND c.state = 'dismissed';
    IF evidence <@ coalesce(before, '[]')
       AND EXISTS (SELECT FROM credit_register.case_file c WHERE c.subject = check_opening.subject AND c.record = check_opening.record
                    AND c.kind = 'objection' AND c.state = 'dismissed') THEN
      RAISE EXCEPTION 'an objection was dismissed before, and this one brings no new evidence' USING ERRCODE = 'CR204',
        HINT = 'Hand in evidence that was not there then, or complain: credit.open_case(''complaint'', …).';
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_opening(text, text, credit.pseudonym, uuid, jsonb) IS 'Raises what stands against opening a case';
REVOKE ALL ON FUNCTION credit.check_opening(text, text, credit.pseudonym, uuid, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.open_case(kind text, record uuid, ground text, evidence jsonb DEFAULT '[]', facts jsonb DEFAULT '{}',
    asked_until date DEFAULT NULL, subject credit.pseudonym DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  rule pg_catalog.record;
  duty text;
  filed_as credit.pseudonym := coalesce(open_case.subject::text, credit.own_subject());
  papers jsonb := CASE jsonb_typeof(evidence) WHEN 'string' THEN jsonb_build_array(evidence) ELSE coalesce(evidence, '[]') END;
  first_state text := CASE kind WHEN 'statement' THEN 'recorded' ELSE 'open' END;
  last_day date;
  made uuid;
  hides bool;
BEGIN
  SELECT k.* INTO rule FROM credit_register.case_kind k WHERE k.kind = open_case.kind;
  IF NOT FOUND OR record IS NULL AND rule.needs_record THEN
    RAISE EXCEPTION 'a case has a kind, and most kinds are about a record' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit_register.case_kind lists them.';
  END IF;
  PERFORM credit.need_read_committed('a case');
  LOOP
    IF record IS NULL THEN
      SELECT s.subject, NULL::uuid AS record, s.division, ''::text AS provider, s.minor, NULL::text AS item, 'active'::text AS state INTO row
        FROM credit_register.subject s WHERE s.subject = credit.current_subject(filed_as);
    ELSE
      SELECT r.subject, r.record, r.division, r.provider, r.minor, r.item, r.state INTO row
        FROM credit_register.record r WHERE r.record = open_case.record;
    END IF;
    duty := CASE WHEN FOUND THEN credit.case_opener(kind, row.subject, row.division, row.provider, row.minor) END;
    IF duty IS NULL THEN
      RAISE EXCEPTION 'there is no such record for you' USING ERRCODE = 'no_data_found',
        HINT = 'Citizens open cases about their own records, windows of public offices in their divisions, other windows and providers about their own; call credit.enter() first.';
    END IF;
    IF duty = 'credit_window' AND papers = '[]' THEN
      RAISE EXCEPTION 'a window opens a case with the paper that the person signed' USING ERRCODE = 'CR202',
        HINT = 'Pass its digest as evidence.';
    END IF;
    -- Locked by those alone who may; what it says now counts.  Moved while we waited: looked for once more, where it is now.
    PERFORM credit.hold_file(row.subject);
    IF record IS NULL THEN
      EXIT WHEN credit.current_subject(filed_as) = row.subject;
    ELSE
      SELECT r.state INTO row.state FROM credit_register.record r WHERE r.subject = row.subject AND r.record = open_case.record FOR UPDATE;
      EXIT WHEN FOUND;
    END IF;
  END LOOP;
  -- Who supplied it says that it is wrong: nobody needs to wait for that.
  hides := rule.disputes OR duty = 'credit_provider';
  PERFORM credit.check_papers(kind, ground, papers, facts, asked_until);
  PERFORM credit.check_opening(kind, row.state, row.subject, record, papers);
  last_day := credit.case_due(kind, first_state, row.item, credit.today());
  IF kind = 'statement' THEN
    PERFORM credit.close_statement(row.subject, record);
  END IF;
  INSERT INTO credit_register.case_file AS c (subject, record, kind, state, division, provider, minor, ground, evidence, facts, asked_until,
                                              hides, opened_by, on_behalf, opened_on, due, closed_at)
    VALUES (row.subject, open_case.record, open_case.kind, first_state, row.division, row.provider, row.minor, open_case.ground, papers,
            coalesce(open_case.facts, '{}'), open_case.asked_until, hides, credit.person(), duty = 'credit_window', credit.today(), last_day,
            CASE first_state WHEN 'recorded' THEN clock_timestamp() END)
    RETURNING c.case_file INTO made;
  -- One about a record goes where that goes.
  IF record IS NULL THEN
    PERFORM credit.note_filed(filed_as, 'case_file', jsonb_build_object('case_file', made));
  END IF;
  INSERT INTO credit_register.case_event (subject, case_file, kind, from_state, to_state, person)
    VALUES (row.subject, made, open_case.kind, 'new', first_state, credit.person());
  IF hides AND row.state = 'active' THEN
    PERFORM credit.change_record(row.subject, record, 'disputed', rule.name_zh || ' ' || made);
  ELSIF kind = 'statement' THEN
    PERFORM credit.tell_again(row.subject, record, '本人声明 statement');
  END IF;
  PERFORM credit.give_notice(row.subject, record, 'case_opened',
    format('%s已受理（%s）', rule.name_zh, made) || coalesce('，答复期限 ' || to_char(last_day, 'YYYY-MM-DD'), '') || format('。%s received', rule.name)
      || coalesce('; to be answered by ' || to_char(last_day, 'YYYY-MM-DD'), '') || '.');
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.open_case(text, uuid, text, jsonb, jsonb, date, credit.pseudonym) IS
  'Definer, as nobody writes cases by hand: opens a case about a record of the citizen who entered, or at a window for him; an objection hides the record at once';
REVOKE ALL ON FUNCTION credit.open_case(text, uuid, text, jsonb, jsonb, date, credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.tell_again(subject credit.pseudonym, record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Receivers of a record that is not active have been told to stop: nothing new goes there.
  IF EXISTS (SELECT FROM credit_register.record r
              WHERE r.subject = tell_again.subject AND r.record = tell_again.record AND r.state = 'active') THEN
    PERFORM credit.fan_out(subject, record, 'correction', reason, credit.record_content(subject, record));
  END IF;
END
$$;
COMMENT ON FUNCTION credit.tell_again(credit.pseudonym, uuid, text) IS
  'Sends a record again, with the person''s statements and extensions as they now are; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.tell_again(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.close_statement(subject credit.pseudonym, record uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  WITH closed AS (
    UPDATE credit_register.case_file c SET former_state = c.state, state = 'withdrawn', closed_at = clock_timestamp()
     WHERE c.subject = close_statement.subject AND c.record = close_statement.record AND c.kind = 'statement' AND c.state = 'recorded'
     RETURNING c.subject, c.case_file)
  INSERT INTO credit_register.case_event (subject, case_file, kind, from_state, to_state, person)
    SELECT c.subject, c.case_file, 'statement', 'recorded', 'withdrawn', credit.person() FROM closed c;
END
$$;
COMMENT ON FUNCTION credit.close_statement(credit.pseudonym, uuid) IS 'Takes a former statement on a record back: another one comes in its place';
REVOKE ALL ON FUNCTION credit.close_statement(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.open_dispute(record uuid, ground text, evidence jsonb DEFAULT '[]') RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT credit.open_case('objection', record, ground, evidence);
  END;
COMMENT ON FUNCTION credit.open_dispute(uuid, text, jsonb) IS 'open_case() for an objection: the record is disputed, and shown nowhere, until it is decided';
REVOKE ALL ON FUNCTION credit.open_dispute(uuid, text, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.open_repair(record uuid, facts jsonb DEFAULT '{}', ground text DEFAULT '申请信用修复 repair', evidence jsonb DEFAULT '[]') RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT credit.open_case('repair', record, ground, evidence, facts);
  END;
COMMENT ON FUNCTION credit.open_repair(uuid, jsonb, text, jsonb) IS
  'open_case() for a repair, with what the person says himself: commitment, harm_removed, fulfilled_on';
REVOKE ALL ON FUNCTION credit.open_repair(uuid, jsonb, text, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.check_claims(facts jsonb, kind text DEFAULT 'repair') RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known text[] := CASE kind WHEN 'repair' THEN '{commitment,harm_removed,fulfilled_on}' WHEN 'correction' THEN '{fulfilled_on}' ELSE '{}' END;
BEGIN
  IF facts IS NOT NULL AND (jsonb_typeof(facts) <> 'object' OR facts - known <> '{}') THEN
    IF kind = 'repair' THEN
      RAISE EXCEPTION 'facts of a repair are commitment, harm_removed and fulfilled_on' USING ERRCODE = 'invalid_parameter_value',
        DETAIL = 'Nothing else counts: no payment, no agent, no number of repairs.';
    ELSIF kind = 'correction' THEN
      RAISE EXCEPTION 'the only fact of a correction is fulfilled_on' USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Say in the ground what is wrong and what is right; the reviewer who upholds it passes the right values as correction.';
    END IF;
    RAISE EXCEPTION 'a case of this kind states no facts' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Say it in the ground: only a repair and a correction state facts.';
  END IF;
  -- Not left to the casts to come: their words would show the value.
  IF jsonb_typeof(coalesce(facts -> 'commitment', 'true')) <> 'boolean' OR jsonb_typeof(coalesce(facts -> 'harm_removed', 'true')) <> 'boolean'
     OR EXISTS (SELECT FROM credit.read_row(jsonb_build_object('fulfilled_on', facts -> 'fulfilled_on')) said
                 WHERE said.faults IS NOT NULL OR said.fulfilled_on > credit.today()) THEN
    RAISE EXCEPTION 'commitment and harm_removed are true or false, fulfilled_on a day that is not to come' USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_claims(jsonb, text) IS 'Raises unless these are facts that cases of this kind state; of a repair, also those that a reviewer finds';
REVOKE ALL ON FUNCTION credit.check_claims(jsonb, text) FROM PUBLIC;

CREATE FUNCTION credit.report_performance(record uuid, fulfilled_on date, evidence jsonb) RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT credit.open_case('correction', record, '已履行 performed', evidence, pg_catalog.jsonb_build_object('fulfilled_on', fulfilled_on));
  END;
COMMENT ON FUNCTION credit.report_performance(uuid, date, jsonb) IS
  'open_case() for a correction that says since when what was owed is done; upheld, the record says so, and so do its receivers';
REVOKE ALL ON FUNCTION credit.report_performance(uuid, date, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.add_statement(record uuid, text text) RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT credit.open_case('statement', record, text);
  END;
COMMENT ON FUNCTION credit.add_statement(uuid, text) IS
  'open_case() for the person''s own words on a record: they go with it wherever it goes; another one takes the place of the former';
REVOKE ALL ON FUNCTION credit.add_statement(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.ask_extension(record uuid, until date, ground text, evidence jsonb DEFAULT '[]') RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT credit.open_case('extension', record, ground, evidence, asked_until => until);
  END;
COMMENT ON FUNCTION credit.ask_extension(uuid, date, text, jsonb) IS 'open_case() for more time to perform what a record says is owed';
REVOKE ALL ON FUNCTION credit.ask_extension(uuid, date, text, jsonb) FROM PUBLIC;
