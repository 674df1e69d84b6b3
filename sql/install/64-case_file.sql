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
