-- ---------------------------------------------------------------------------
-- case_file: objection, correction, repair, complaint, statement, extension
--
-- One machine of states for all six.  Its transitions are rows of case_step, to
-- which cases and their events refer; its deadlines are ids of the rulebook.
-- While a case is open, the record says by when it is to be answered
-- (record.answer_due), and shown_record looks there: what is overdue is hidden
-- by the calendar, without a job.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_case_file() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.case_kind (
    kind text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    name_zh text NOT NULL,
    openers text[] NOT NULL,
    disputes bool NOT NULL,
    needs_record bool NOT NULL
  );
  CREATE TABLE IF NOT EXISTS credit_register.case_step (
    kind text COLLATE "C" NOT NULL REFERENCES credit_register.case_kind,
    from_state text COLLATE "C" NOT NULL,
    to_state text COLLATE "C" NOT NULL,
    duty text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, from_state, to_state)
  );
  CREATE TABLE IF NOT EXISTS credit_register.case_deadline (
    kind text COLLATE "C" NOT NULL REFERENCES credit_register.case_kind,
    state text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL DEFAULT '',
    deadline text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, state, item)
  );
  CREATE TABLE IF NOT EXISTS credit_register.case_file (
    subject credit.pseudonym NOT NULL,
    case_file uuid NOT NULL DEFAULT gen_random_uuid(),
    record uuid,
    kind text COLLATE "C" NOT NULL,
    former_state text COLLATE "C" NOT NULL DEFAULT 'new',
    state text COLLATE "C" NOT NULL,
    division text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL DEFAULT '',
    minor bool NOT NULL DEFAULT false,
    ground text NOT NULL CHECK (ground ~ '\S' AND length(ground) <= 2000),
    evidence jsonb NOT NULL DEFAULT '[]'
      CHECK (jsonb_typeof(evidence) = 'array'
             AND NOT jsonb_path_exists(evidence, 'strict $[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-f]{64}$"))')),
    facts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object' AND NOT credit.has_reserved_field(facts)),
    asked_until date,
    hides bool NOT NULL DEFAULT false,
    opened_by text NOT NULL CHECK (opened_by ~ '\S'),
    on_behalf bool NOT NULL DEFAULT false,
    application text NOT NULL DEFAULT session_user,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    opened_on date NOT NULL,
    due date,
    answer text CHECK (answer IN ('confirmed', 'wrong')),
    answered_by text,
    answered_at timestamptz,
    decided_by text CHECK (decided_by ~ '\S'),
    decided_at timestamptz,
    evidence_seen text[] CHECK (cardinality(evidence_seen) > 0 AND array_to_string(evidence_seen, '', '') ~ '\S'
                                AND array_position(evidence_seen, NULL) IS NULL),
    reason text CHECK (reason ~ '\S' AND length(reason) <= 2000),
    outcome jsonb,
    closed_at timestamptz,
    PRIMARY KEY (subject, case_file),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record),
    FOREIGN KEY (kind, former_state, state) REFERENCES credit_register.case_step (kind, from_state, to_state),
    CONSTRAINT about_a_record CHECK (kind = 'complaint' OR record IS NOT NULL),
    CONSTRAINT due_some_day CHECK (kind = 'statement' OR due >= opened_on AND due IS NOT NULL),
    CONSTRAINT until_of_an_extension CHECK (kind = 'extension' OR asked_until IS NULL),
    CONSTRAINT closed_at_the_end CHECK ((state IN ('open', 'prolonged', 'forwarded', 'answered')) = (closed_at IS NULL)),
    -- Whoever decides says who he is and what he saw, and decides nothing that he asked for himself.
    CONSTRAINT decided_by_a_person CHECK (CASE WHEN state IN ('upheld', 'dismissed', 'granted', 'refused')
      THEN num_nulls(decided_by, decided_at, evidence_seen, reason) = 0 AND decided_by <> opened_by
      ELSE num_nonnulls(decided_by, decided_at, evidence_seen, reason, outcome) = 0 END)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS case_file_once ON credit_register.case_file (subject, record, kind)
    WHERE closed_at IS NULL OR kind = 'statement' AND state = 'recorded';
  CREATE INDEX IF NOT EXISTS case_file_case_file ON credit_register.case_file (case_file);
  CREATE INDEX IF NOT EXISTS case_file_record ON credit_register.case_file (subject, record);
  CREATE INDEX IF NOT EXISTS case_file_due ON credit_register.case_file (due, division) WHERE closed_at IS NULL;
  CREATE TABLE IF NOT EXISTS credit_register.case_event (
    subject credit.pseudonym NOT NULL,
    event uuid NOT NULL DEFAULT gen_random_uuid(),
    case_file uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    from_state text COLLATE "C" NOT NULL,
    to_state text COLLATE "C" NOT NULL,
    person text NOT NULL CHECK (person ~ '\S'),
    note text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, event),
    FOREIGN KEY (subject, case_file) REFERENCES credit_register.case_file (subject, case_file),
    FOREIGN KEY (kind, from_state, to_state) REFERENCES credit_register.case_step (kind, from_state, to_state)
  );
  CREATE INDEX IF NOT EXISTS case_event_case_file ON credit_register.case_event (subject, case_file);
  PERFORM credit.fill_case_steps();
  IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'credit_register.case_file'::regclass AND t.tgname = 'case_answer_due') THEN
    CREATE TRIGGER case_answer_due AFTER INSERT OR UPDATE OF due, state, closed_at, record OR DELETE ON credit_register.case_file
      FOR EACH ROW EXECUTE FUNCTION credit.case_answer_due();
  END IF;
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('case_kind', 'reference', 'case_file'), ('case_step', 'reference', 'case_file'), ('case_deadline', 'reference', 'case_file'),
    ('case_file', 'subject', 'case_file'), ('case_event', 'subject', 'case_file')
    ON CONFLICT DO NOTHING;
  PERFORM credit.comment_case_file();
  PERFORM credit.protect_case_file();
END
$$;
COMMENT ON FUNCTION credit.create_register_case_file() IS 'Step of create_register(): kinds, steps and deadlines of cases, cases, their events';
REVOKE ALL ON FUNCTION credit.create_register_case_file() FROM PUBLIC;

CREATE FUNCTION credit.fill_case_steps() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO credit_register.case_kind (kind, name, name_zh, openers, disputes, needs_record) VALUES
    ('objection', 'Objection', '异议', '{credit_citizen,credit_window}', true, true),
    ('correction', 'Correction', '更正', '{credit_citizen,credit_window,credit_provider}', false, true),
    ('repair', 'Repair', '信用修复', '{credit_citizen,credit_window}', false, true),
    ('complaint', 'Complaint', '投诉', '{credit_citizen,credit_window}', false, false),
    ('statement', 'Statement', '本人声明', '{credit_citizen,credit_window}', false, true),
    ('extension', 'Extension', '延期申请', '{credit_citizen,credit_window}', false, true)
    ON CONFLICT DO NOTHING;
  -- Everything that waits for a decision goes the same way; it says yes or no in its own words.
  INSERT INTO credit_register.case_step (kind, from_state, to_state, duty)
    SELECT k.kind, s.from_state, s.to_state, s.duty
      FROM (VALUES ('objection', 'upheld', 'dismissed'), ('correction', 'upheld', 'dismissed'), ('complaint', 'upheld', 'dismissed'),
                   ('repair', 'granted', 'refused'), ('extension', 'granted', 'refused')) AS k (kind, yes, no),
           LATERAL (VALUES ('new', 'open', 'opener'), ('open', 'forwarded', 'credit_reviewer'), ('prolonged', 'forwarded', 'credit_reviewer'),
                           ('forwarded', 'answered', 'credit_provider'), ('open', 'withdrawn', 'opener'), ('prolonged', 'withdrawn', 'opener'),
                           ('forwarded', 'withdrawn', 'opener'), ('answered', 'withdrawn', 'opener'),
                           ('open', k.yes, 'credit_reviewer'), ('prolonged', k.yes, 'credit_reviewer'), ('forwarded', k.yes, 'credit_reviewer'),
                           ('answered', k.yes, 'credit_reviewer'), ('open', k.no, 'credit_reviewer'), ('prolonged', k.no, 'credit_reviewer'),
                           ('forwarded', k.no, 'credit_reviewer'), ('answered', k.no, 'credit_reviewer'))
             AS s (from_state, to_state, duty)
    ON CONFLICT DO NOTHING;
  -- Only the law of repair knows cases that may take longer, if the person is told beforehand.
  INSERT INTO credit_register.case_step (kind, from_state, to_state, duty) VALUES
    ('repair', 'open', 'prolonged', 'credit_reviewer'),
    ('statement', 'new', 'recorded', 'opener'), ('statement', 'recorded', 'withdrawn', 'opener')
    ON CONFLICT DO NOTHING;
  INSERT INTO credit_register.case_deadline (kind, state, item, deadline) VALUES
    ('objection', 'open', '', 'shandong_own'), ('objection', 'forwarded', '', 'shandong_provider'),
    ('correction', 'open', '', 'shandong_annulled'), ('correction', 'forwarded', '', 'shandong_provider'),
    ('repair', 'open', '', 'repair_answer'), ('repair', 'prolonged', '', 'repair_answer'),
    ('repair', 'open', 'market_penalty', 'samr_repair'), ('repair', 'open', 'market_restriction_penalty', 'samr_repair'),
    ('repair', 'open', 'market_serious_list_entry', 'samr_repair'),
    ('complaint', 'open', '', 'bureau_complaint'), ('extension', 'open', '', 'shandong_provider')
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.fill_case_steps() IS 'The kinds of cases, the transitions of each, and which deadline of the rulebook a state has';
REVOKE ALL ON FUNCTION credit.fill_case_steps() FROM PUBLIC;

CREATE FUNCTION credit.comment_case_file() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.comment_tables(
$comments$case_kind|Kinds of cases
case_kind.kind|Short name
case_kind.name|Name
case_kind.name_zh|Name in Chinese
case_kind.openers|Duties that may open it
case_kind.disputes|The record is disputed, and shown nowhere, from the opening on
case_kind.needs_record|It is about a record
case_step|The transitions that there are
case_step.kind|Of which kind of case
case_step.from_state|From; new: before it was opened
case_step.to_state|To
case_step.duty|Who takes it; opener: who opened the case
case_deadline|Which deadline of the rulebook runs from the day on which a case came into a state
case_deadline.kind|Kind of case
case_deadline.state|State
case_deadline.item|For records of this item alone; empty: for all others
case_deadline.deadline|Id in section objection of the rulebook
case_file|Cases: objections, corrections, repairs, complaints, statements, extensions
case_file.subject|Pseudonym
case_file.case_file|Number
case_file.record|About which record
case_file.kind|Kind
case_file.former_state|State before
case_file.state|State
case_file.division|Division of the record, or of the subject
case_file.provider|Provider of the record
case_file.minor|The record is a minor''s
case_file.ground|Why, in the words of who opened it; of a statement: the statement
case_file.evidence|Digests (SHA-256 or SM3, 64 hex digits) of the papers handed in
case_file.facts|What the person says: of a repair as repair_check() asks, of a correction when he performed
case_file.asked_until|Of an extension: until when
case_file.hides|While it is open the record is disputed: an objection, or its provider says that it is wrong
case_file.opened_by|Who opened it
case_file.on_behalf|Opened at a window, for the person
case_file.application|Login that was connected
case_file.opened_at|When
case_file.opened_on|The day in Asia/Shanghai, from which the deadline runs
case_file.due|The last day for the decision
case_file.answer|What the provider said: confirmed or wrong
case_file.answered_by|Who said so
case_file.answered_at|When
case_file.decided_by|Who decided
case_file.decided_at|When
case_file.evidence_seen|What he saw
case_file.reason|Why
case_file.outcome|What the decision changed
case_file.closed_at|Since when nobody waits for anything
case_event|What happened in cases
case_event.subject|Pseudonym
case_event.event|Number
case_event.case_file|In which case
case_event.kind|Its kind
case_event.from_state|From which state
case_event.to_state|To which
case_event.person|Who did it
case_event.note|What was said
case_event.at|When$comments$);
END
$$;
COMMENT ON FUNCTION credit.comment_case_file() IS 'Says what the tables and columns of cases are';
REVOKE ALL ON FUNCTION credit.comment_case_file() FROM PUBLIC;

CREATE FUNCTION credit.protect_case_file() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  open_table text;
BEGIN
  FOREACH open_table IN ARRAY '{case_kind,case_step,case_deadline}'::text[] LOOP
    PERFORM credit.make_policies(format('credit_register.%I', open_table)::regclass, 'true', NULL);
    EXECUTE format('GRANT SELECT ON credit_register.%I TO credit_admin, credit_provider, credit_window, credit_reviewer, credit_auditor', open_table);
  END LOOP;
  PERFORM credit.make_policies('credit_register.case_file', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.case_event', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.case_file, credit_register.case_event TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.open_case(text, uuid, text, jsonb, jsonb, date, credit.pseudonym) TO credit_citizen, credit_window, credit_provider;
  GRANT EXECUTE ON FUNCTION credit.open_dispute(uuid, text, jsonb), credit.open_repair(uuid, jsonb, text, jsonb),
    credit.report_performance(uuid, date, jsonb), credit.add_statement(uuid, text),
    credit.ask_extension(uuid, date, text, jsonb), credit.withdraw_case(uuid) TO credit_citizen, credit_window;
  GRANT EXECUTE ON FUNCTION credit.withdraw_case(uuid), credit.answer_case(uuid, text, text) TO credit_provider;
  GRANT EXECUTE ON FUNCTION credit.forward_case(uuid, text), credit.prolong_case(uuid, text), credit.decide_case(uuid, text, text[], text, jsonb, bool),
    credit.decide_dispute(uuid, text, text[], jsonb, text, bool), credit.decide_repair(uuid, text, text[], jsonb, text),
    credit.repair_conditions(uuid, jsonb) TO credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.case_queue() TO credit_reviewer, credit_provider;
  GRANT EXECUTE ON FUNCTION credit.overdue_cases(date) TO credit_reviewer, credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.my_records(), credit.my_cases(), credit.my_notices(), credit.confirm_notice(uuid) TO credit_citizen;
END
$$;
COMMENT ON FUNCTION credit.protect_case_file() IS 'Policies of the tables of cases and rights of the duty roles';
REVOKE ALL ON FUNCTION credit.protect_case_file() FROM PUBLIC;

-- The same subject's record alone; whoever writes a case, it says by when the answer is due.
CREATE FUNCTION credit.case_answer_due() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE credit_register.record r SET answer_due = c.due
    FROM (SELECT t.subject, t.record,
                 (SELECT min(f.due) FROM credit_register.case_file f
                   WHERE f.subject = t.subject AND f.record = t.record AND f.closed_at IS NULL) AS due
            FROM (VALUES (NEW.subject, NEW.record), (OLD.subject, OLD.record)) AS t (subject, record)
           WHERE t.record IS NOT NULL) c
   WHERE r.subject = c.subject AND r.record = c.record AND r.answer_due IS DISTINCT FROM c.due;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION credit.case_answer_due() IS 'Trigger of case_file: the record of the case knows when the earliest answer about it is due';
REVOKE ALL ON FUNCTION credit.case_answer_due() FROM PUBLIC;

CREATE FUNCTION credit.case_due(kind text, state text, item text, day date) RETURNS date
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT credit.deadline(credit.rulebook_on(day), d.deadline, day)
            FROM credit_register.case_deadline d
           WHERE d.kind = case_due.kind AND d.state = case_due.state AND d.item IN (coalesce(case_due.item, ''), '')
           ORDER BY d.item DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION credit.case_due(text, text, text, date) IS
  'The last day for what a case waits for, if it came into a state on a day; NULL: that state has no deadline of its own; 22008 outside the calendar';
REVOKE ALL ON FUNCTION credit.case_due(text, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.statements_on(subject credit.pseudonym, record uuid) RETURNS SETOF text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.ground FROM credit_register.case_file c
   WHERE c.subject = statements_on.subject AND c.record = statements_on.record AND c.kind = 'statement' AND c.state = 'recorded'
   ORDER BY c.opened_at;
END
$$;
COMMENT ON FUNCTION credit.statements_on(credit.pseudonym, uuid) IS
  'What the person says to a record himself: goes with it wherever it goes; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.statements_on(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.extended_until(subject credit.pseudonym, record uuid) RETURNS date
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT max((c.outcome ->> 'until')::date) FROM credit_register.case_file c
           WHERE c.subject = extended_until.subject AND c.record = extended_until.record AND c.kind = 'extension' AND c.state = 'granted');
END
$$;
COMMENT ON FUNCTION credit.extended_until(credit.pseudonym, uuid) IS
  'Until when the person has time to perform, by the extensions that were granted; goes with the record; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.extended_until(credit.pseudonym, uuid) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- opening
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.case_opener(kind text, subject credit.pseudonym, division text, provider text, minor bool) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT d.duty FROM credit_register.case_kind k, unnest(k.openers) AS d (duty)
           WHERE k.kind = case_opener.kind AND credit.has_duty(d.duty)
             AND CASE d.duty WHEN 'credit_citizen' THEN coalesce(credit.current_subject(credit.own_subject()::credit.pseudonym) = subject, false)
                 ELSE credit.may_see(credit.duty_mask(ARRAY[d.duty]), coalesce(division, ''), coalesce(provider, ''), minor) END
           LIMIT 1);
END
$$;
COMMENT ON FUNCTION credit.case_opener(text, credit.pseudonym, text, text, bool) IS
  'The duty by which who entered may open such a case: citizens their own, windows and providers within their mandates; NULL: he may not';
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
      DETAIL = format('It is %s.', state);
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
  IF record IS NULL THEN
    SELECT s.subject, NULL::uuid AS record, s.division, ''::text AS provider, s.minor, NULL::text AS item, 'active'::text AS state INTO row
      FROM credit_register.subject s WHERE s.subject = credit.current_subject(coalesce(open_case.subject::text, credit.own_subject())::credit.pseudonym);
  ELSE
    SELECT r.subject, r.record, r.division, r.provider, r.minor, r.item, r.state INTO row
      FROM credit_register.record r WHERE r.record = open_case.record;
  END IF;
  IF FOUND THEN
    duty := credit.case_opener(kind, row.subject, row.division, row.provider, row.minor);
  END IF;
  IF duty IS NULL THEN
    RAISE EXCEPTION 'there is no such record for you' USING ERRCODE = 'no_data_found',
      HINT = 'Citizens open cases about their own records, windows and providers within their mandates; call credit.enter() first.';
  END IF;
  IF duty = 'credit_window' AND papers = '[]' THEN
    RAISE EXCEPTION 'a window opens a case with the paper that the person signed' USING ERRCODE = 'CR202',
      HINT = 'Pass its digest as evidence.';
  END IF;
  -- Locked by those alone who may; what it says now counts.
  IF record IS NOT NULL THEN
    SELECT r.state INTO row.state FROM credit_register.record r WHERE r.subject = row.subject AND r.record = open_case.record FOR UPDATE;
  END IF;
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
    PERFORM credit.note_filed(coalesce(open_case.subject::text, credit.own_subject())::credit.pseudonym, 'case_file', jsonb_build_object('case_file', made));
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

-- ---------------------------------------------------------------------------
-- on the way
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.case_subject(case_file uuid, duty text) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  row pg_catalog.record;
  acts bool;
BEGIN
  SELECT c.subject, c.record, c.opened_by, c.division, c.provider, c.minor INTO row
    FROM credit_register.case_file c WHERE c.case_file = case_subject.case_file;
  IF FOUND AND duty = 'opener' THEN
    acts := coalesce(credit.current_subject(credit.own_subject()::credit.pseudonym) = row.subject, false) OR row.opened_by = credit.person();
  ELSIF FOUND THEN
    acts := credit.may_see(credit.duty_mask(ARRAY[duty]), row.division, row.provider, row.minor);
  END IF;
  IF credit.person() IS NULL OR acts IS NOT TRUE THEN
    RAISE EXCEPTION 'there is no such case for you' USING ERRCODE = 'no_data_found',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  -- First the record, then the case: the same order as in open_case().
  PERFORM FROM credit_register.record r WHERE r.subject = row.subject AND r.record = row.record FOR UPDATE;
  PERFORM FROM credit_register.case_file c WHERE c.subject = row.subject AND c.case_file = case_subject.case_file FOR UPDATE;
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
      USING ERRCODE = 'invalid_parameter_value';
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
      DETAIL = format('Missing: %s.', missing), HINT = 'SELECT * FROM credit.repair_conditions(case_file, facts);';
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
                 provider text, state text, shown bool, shown_until date, repairable_from date, answer_due date, extended_until date, statements text[])
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
           r.answer_due, credit.extended_until(r.subject, r.record), ARRAY(SELECT credit.statements_on(r.subject, r.record))
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
