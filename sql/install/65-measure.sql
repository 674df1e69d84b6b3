-- ---------------------------------------------------------------------------
-- measure: what follows from a list entry, with notice, ground and end
--
-- The chain is keys: a task stands on a list entry, that on a bad record and a
-- served notice.  What has to agree is copied along with the keys, so that the
-- CHECKs can compare it: severity, item, end, what the rulebook says.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_measure() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.list_type (
    list text COLLATE "C" PRIMARY KEY CHECK (list ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    hearing_workdays int NOT NULL DEFAULT 5 CHECK (hearing_workdays BETWEEN 1 AND 60),
    leaves_when text NOT NULL CHECK (leaves_when ~ '\S')
  );
  INSERT INTO credit_register.list_type (list, name, basis, leaves_when) VALUES
    ('serious_dishonesty', '严重失信主体名单', '国办发〔2020〕49号', '履行义务、期满、修复、依据被撤销'),
    ('court_judgment_defaulter', '失信被执行人名单', '法释〔2017〕7号', '履行完毕、和解履行、裁定终结'),
    ('close_supervision', '重点监管名单', '沂源县意见（十七）', '整改到位、期满、修复')
    ON CONFLICT DO NOTHING;
  -- The measures of adopted rulebooks, as rows that keys can point to.
  CREATE TABLE IF NOT EXISTS credit_register.measure (
    rulebook text COLLATE "C" NOT NULL REFERENCES credit_register.rulebook,
    measure text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('restriction', 'incentive')),
    least_severity credit.severity,
    basis text NOT NULL CHECK (basis ~ '\S'),
    in_force daterange NOT NULL,
    PRIMARY KEY (rulebook, measure),
    UNIQUE (rulebook, measure, kind),
    UNIQUE (rulebook, measure, kind, least_severity, in_force),
    CHECK (kind <> 'restriction' OR least_severity IS NOT NULL)
  );
  CREATE TABLE IF NOT EXISTS credit_register.measure_context (
    rulebook text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    context text COLLATE "C" NOT NULL,
    PRIMARY KEY (rulebook, measure, context),
    FOREIGN KEY (rulebook, measure) REFERENCES credit_register.measure
  );
  -- Where a finding may have consequences: the context of its origin.
  CREATE TABLE IF NOT EXISTS credit_register.finding_context (
    item text COLLATE "C" NOT NULL,
    context text COLLATE "C" NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    PRIMARY KEY (item, context)
  );
  INSERT INTO credit_register.finding_context VALUES
    ('court_defaulter', 'litigation', '法释〔2017〕7号 第一条'),
    ('court_defaulter_unwilling', 'litigation', '法释〔2017〕7号 第一条'),
    ('serious_list_entry', 'honours', '沂源县意见（十七）'),
    ('serious_list_entry', 'fiscal_funds', '沂源县意见（十七）'),
    ('serious_list_entry', 'investment_promotion', '沂源县意见（十七）')
    ON CONFLICT DO NOTHING;
  IF NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = 'credit_register.notice'::regclass AND c.conname = 'notice_served') THEN
    ALTER TABLE credit_register.notice ADD CONSTRAINT notice_served UNIQUE (subject, notice, record, served_at);
  END IF;
  CREATE TABLE IF NOT EXISTS credit_register.list_entry (
    subject credit.pseudonym NOT NULL,
    entry uuid NOT NULL DEFAULT gen_random_uuid(),
    record uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    severity credit.severity,
    list text COLLATE "C" NOT NULL REFERENCES credit_register.list_type,
    basis text NOT NULL CHECK (basis ~ '\S'),
    notice uuid NOT NULL,
    served_at timestamptz NOT NULL,
    heard_until date NOT NULL,
    decided_by text NOT NULL CHECK (decided_by ~ '\S'),
    evidence text NOT NULL CHECK (evidence ~ '\S'),
    entered_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > entered_on AND isfinite(ends_on)),
    left_on date,
    left_reason text,
    PRIMARY KEY (subject, entry),
    UNIQUE (subject, entry, item, severity, ends_on),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record),
    FOREIGN KEY (subject, notice, record, served_at) REFERENCES credit_register.notice (subject, notice, record, served_at),
    CHECK (heard_until > (served_at AT TIME ZONE 'Asia/Shanghai')::date AND heard_until < entered_on),
    CHECK ((left_on IS NULL) = (left_reason IS NULL))
  );
  CREATE INDEX IF NOT EXISTS list_entry_record ON credit_register.list_entry (subject, record);
  -- Entries that ended are history: they move with their subject, whatever became of their record.
  CREATE OR REPLACE TRIGGER list_entry_ground BEFORE INSERT OR UPDATE OF subject, record, item, severity, ends_on, left_on ON credit_register.list_entry
    FOR EACH ROW WHEN (NEW.left_on IS NULL) EXECUTE FUNCTION credit.check_list_entry();
  ALTER TABLE credit_register.list_entry ENABLE ALWAYS TRIGGER list_entry_ground;
  CREATE TABLE IF NOT EXISTS credit_register.measure_task (
    subject credit.pseudonym NOT NULL,
    task uuid NOT NULL DEFAULT gen_random_uuid(),
    entry uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    severity credit.severity NOT NULL,
    entry_ends_on date NOT NULL,
    rulebook text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL DEFAULT 'restriction' CHECK (kind = 'restriction'),
    least_severity credit.severity NOT NULL,
    measure_in_force daterange NOT NULL,
    context text COLLATE "C" NOT NULL,
    field text COLLATE "C" NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    assigned_by text NOT NULL CHECK (assigned_by ~ '\S'),
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'released')),
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > starts_on),
    feedback_due date NOT NULL,
    feedback text COLLATE "C" CHECK (feedback IN ('done', 'not_applicable')),
    feedback_on date,
    released_at timestamptz,
    release_reason text,
    PRIMARY KEY (subject, task),
    FOREIGN KEY (subject, entry, item, severity, entry_ends_on)
      REFERENCES credit_register.list_entry (subject, entry, item, severity, ends_on),
    FOREIGN KEY (rulebook, measure, kind, least_severity, measure_in_force)
      REFERENCES credit_register.measure (rulebook, measure, kind, least_severity, in_force),
    FOREIGN KEY (rulebook, measure, context) REFERENCES credit_register.measure_context (rulebook, measure, context),
    FOREIGN KEY (item, context) REFERENCES credit_register.finding_context (item, context),
    CONSTRAINT measure_task_proportion CHECK (severity >= least_severity),
    CONSTRAINT measure_task_in_force CHECK (measure_in_force @> starts_on),
    CONSTRAINT measure_task_end CHECK (ends_on <= entry_ends_on),
    CHECK ((feedback IS NULL) = (feedback_on IS NULL)),
    CHECK ((state = 'released') = (released_at IS NOT NULL))
  );
  CREATE INDEX IF NOT EXISTS measure_task_provider ON credit_register.measure_task (provider, feedback_due) WHERE state = 'open';
  CREATE INDEX IF NOT EXISTS measure_task_task ON credit_register.measure_task (task);
  CREATE UNIQUE INDEX IF NOT EXISTS measure_task_once ON credit_register.measure_task (subject, entry, measure, context, provider)
    WHERE state <> 'released';
  -- The target of joint measures is no list that somebody keeps: it follows from what stands today.
  CREATE OR REPLACE VIEW credit_register.joint_target WITH (security_invoker = true, security_barrier = true) AS
    SELECT e.subject, e.entry, e.list, e.record, e.basis, e.entered_on, e.ends_on
      FROM credit_register.list_entry e JOIN credit_register.shown_record r ON r.subject = e.subject AND r.record = e.record
     WHERE e.left_on IS NULL AND e.ends_on >= credit.today() AND r.item = e.item AND r.severity IS NOT DISTINCT FROM e.severity;
  COMMENT ON VIEW credit_register.joint_target IS
    'Who is on a list today: the entry stands, and so does the record below it, with the item and severity that it had';
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('list_type', 'reference', 'measure'), ('measure', 'reference', 'measure'), ('measure_context', 'reference', 'measure'),
    ('finding_context', 'reference', 'measure'), ('list_entry', 'subject', 'measure'), ('measure_task', 'subject', 'measure')
    ON CONFLICT DO NOTHING;
  PERFORM credit.comment_measure();
  PERFORM credit.protect_measure();
END
$$;
COMMENT ON FUNCTION credit.create_register_measure() IS 'Step of create_register(): lists, the measures of the rulebooks, list entries and tasks';
REVOKE ALL ON FUNCTION credit.create_register_measure() FROM PUBLIC;

CREATE FUNCTION credit.comment_measure() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.comment_tables(
$comments$list_type|Lists that subjects may be entered on
list_type.list|Short name
list_type.name|Full name
list_type.basis|Law or document that makes the list
list_type.hearing_workdays|Working days in which a person may be heard after the notice, where the rulebook has no deadline named hearing
list_type.leaves_when|When an entry ends before its time
measure|Measures of adopted rulebooks: nothing else can be assigned
measure.rulebook|Rulebook
measure.measure|Its id there
measure.name|Name
measure.kind|restriction or incentive
measure.least_severity|A finding below this carries no such restriction
measure.basis|Law
measure.in_force|When the measure may be taken
measure_context|In which contexts a measure of a rulebook works
measure_context.rulebook|Rulebook
measure_context.measure|Measure
measure_context.context|Context; same_field is the field of the finding
finding_context|In which contexts a finding may have consequences
finding_context.item|Item of the catalogue
finding_context.context|Context
finding_context.basis|Law
list_entry|Entries on lists, each with record, served notice, hearing, decider and end
list_entry.subject|Pseudonym
list_entry.entry|Number
list_entry.record|The record that it rests on
list_entry.item|Its item
list_entry.severity|Its severity
list_entry.list|List
list_entry.basis|Law that it rests on
list_entry.notice|Notice that the person was served
list_entry.served_at|When it was served
list_entry.heard_until|The last day on which the person could be heard
list_entry.decided_by|Who decided
list_entry.evidence|What was seen
list_entry.entered_on|Since when
list_entry.ends_on|Until when at most
list_entry.left_on|When it ended before
list_entry.left_reason|Why
measure_task|Measures that departments are asked to take
measure_task.subject|Pseudonym
measure_task.task|Number
measure_task.entry|The list entry that it rests on
measure_task.item|Item of the finding
measure_task.severity|Severity of the finding
measure_task.entry_ends_on|End of the list entry
measure_task.rulebook|Rulebook that has the measure
measure_task.measure|Measure
measure_task.kind|Always restriction
measure_task.least_severity|What the rulebook asks for
measure_task.measure_in_force|When the measure is in force
measure_task.context|Context in which it works, that of the finding
measure_task.field|Field of the finding
measure_task.basis|Law
measure_task.provider|Department that takes it
measure_task.assigned_by|Who decided
measure_task.state|open, done or released
measure_task.starts_on|From when
measure_task.ends_on|Until when
measure_task.feedback_due|When the department has to have answered
measure_task.feedback|done or not_applicable
measure_task.feedback_on|Day of the feedback
measure_task.released_at|When it was taken back
measure_task.release_reason|Why$comments$);
END
$$;
COMMENT ON FUNCTION credit.comment_measure() IS 'Says what the tables and columns of this room are';
REVOKE ALL ON FUNCTION credit.comment_measure() FROM PUBLIC;

CREATE FUNCTION credit.protect_measure() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  open_table text;
BEGIN
  PERFORM credit.make_policies('credit_register.list_entry', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.measure_task', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  FOREACH open_table IN ARRAY '{list_type,measure,measure_context,finding_context}'::text[] LOOP
    PERFORM credit.make_policies(format('credit_register.%I', open_table)::regclass, 'true', NULL);
    EXECUTE format('GRANT SELECT ON credit_register.%I TO credit_admin, credit_provider, credit_reviewer, credit_auditor', open_table);
  END LOOP;
  GRANT SELECT ON credit_register.list_entry, credit_register.measure_task, credit_register.joint_target TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.add_list(text, text, text, int, text), credit.allow_context(text, text, text) TO credit_admin;
  GRANT EXECUTE ON FUNCTION credit.serve_notice(uuid, text, date) TO credit_reviewer, credit_provider;
  GRANT EXECUTE ON FUNCTION credit.enter_list(uuid, text, text, uuid, text, date), credit.leave_list(uuid, text),
    credit.assign_measure(uuid, text, text, text, date), credit.assign_measures(uuid, text), credit.overdue_feedback() TO credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.open_tasks(), credit.released_tasks(date), credit.give_feedback(uuid, text, date) TO credit_provider;
  GRANT EXECUTE ON FUNCTION credit.overdue_feedback() TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.my_measures() TO credit_citizen;
END
$$;
COMMENT ON FUNCTION credit.protect_measure() IS 'Policies of this room''s tables and rights of the duty roles';
REVOKE ALL ON FUNCTION credit.protect_measure() FROM PUBLIC;

-- Same subject only, and the same for a superuser: a list entry has its ground.

CREATE FUNCTION credit.check_list_entry() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ground pg_catalog.record;
BEGIN
  SELECT r.item, r.severity, r.stance, r.minor, r.state, r.answer_due < NEW.entered_on AS overdue,
         upper(credit.display_period(credit.rulebook_on(NEW.entered_on), r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) AS over
    INTO ground
    FROM credit_register.record r WHERE r.subject = NEW.subject AND r.record = NEW.record FOR SHARE;	-- it does not change meanwhile
  IF NOT FOUND OR ground.stance <> 'bad' OR ground.minor OR ground.state <> 'active' OR ground.overdue THEN
    RAISE EXCEPTION 'a list entry rests on a bad record that stands, none of a minor' USING ERRCODE = 'CR406';
  END IF;
  IF ground.item IS DISTINCT FROM NEW.item::text OR ground.severity IS DISTINCT FROM NEW.severity THEN
    RAISE EXCEPTION 'a list entry has the item and the severity of its record' USING ERRCODE = 'CR403';
  END IF;
  IF NEW.ends_on >= ground.over OR NEW.entered_on >= ground.over THEN
    RAISE EXCEPTION 'a list entry ends with the display of its record at the latest' USING ERRCODE = 'CR406',
      DETAIL = format('The record is shown up to %s.', to_char(ground.over - 1, 'YYYY-MM-DD'));
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION credit.check_list_entry() IS 'Trigger of list_entry: the record of the same subject is bad, stands, is no minor''s, and is shown to the end of the entry';
REVOKE ALL ON FUNCTION credit.check_list_entry() FROM PUBLIC;

-- Back: everything that rests on a record, in the transaction that changes it.

CREATE FUNCTION credit.release_measures(subject credit.pseudonym, record uuid, reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  released int;
BEGIN
  UPDATE credit_register.list_entry e SET left_on = credit.today(), left_reason = coalesce(reason, '')
   WHERE e.subject = release_measures.subject AND e.record = release_measures.record AND e.left_on IS NULL;
  IF FOUND THEN
    PERFORM credit.give_notice(subject, record, 'left_list', '已移出名单，相关措施同时解除。');
  END IF;
  UPDATE credit_register.measure_task t SET state = 'released', released_at = clock_timestamp(), release_reason = reason
    FROM credit_register.list_entry e
   WHERE e.subject = release_measures.subject AND e.record = release_measures.record
     AND t.subject = e.subject AND t.entry = e.entry AND t.state <> 'released';
  GET DIAGNOSTICS released = ROW_COUNT;
  PERFORM credit.release_incentives(subject, record, reason);
  RETURN released;
END
$$;
COMMENT ON FUNCTION credit.release_measures(credit.pseudonym, uuid, text) IS
  'Takes a record''s subject off the lists that rest on it, ends the measures, looks again at the incentives, and says how many measures; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.release_measures(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.record_changed_measure(subject credit.pseudonym, record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ground pg_catalog.record;
  held pg_catalog.record;
  book credit.rulebook;
  over bool;
  shown_to date;
BEGIN
  SELECT r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, r.minor INTO ground FROM credit_register.record r
   WHERE r.subject = record_changed_measure.subject AND r.record = record_changed_measure.record AND r.state = 'active';
  IF NOT FOUND THEN
    RETURN;	-- change_record() released what rested on it
  END IF;
  -- Not shown_record: an overdue answer ends with the decision that is told here.
  book := credit.rulebook_on(credit.today());
  over := ground.minor OR NOT credit.displayed_if_known(book, ground.item, ground.severity, ground.document_date, ground.conduct_end,
                                                        ground.displayed_from, credit.today());
  IF NOT over THEN
    shown_to := upper(credit.display_period(book, ground.item, ground.severity, ground.document_date, ground.conduct_end, ground.displayed_from)) - 1;
  END IF;
  -- By the law of the day of the entry as well, as check_list_entry() does.
  FOR held IN SELECT e.entry, e.ends_on, e.item = ground.item AND e.severity IS NOT DISTINCT FROM ground.severity AS same,
                     least(shown_to, upper(credit.display_period(credit.rulebook_on(e.entered_on), ground.item, ground.severity, ground.document_date,
                                                                 ground.conduct_end, ground.displayed_from)) - 1) AS last
                FROM credit_register.list_entry e
               WHERE e.subject = record_changed_measure.subject AND e.record = record_changed_measure.record
                 AND e.left_on IS NULL AND e.ends_on >= credit.today() ORDER BY e.entry LOOP
    -- An entry ends after today, or has ended.
    IF over OR held.ends_on > held.last AND held.last <= credit.today() THEN
      PERFORM credit.release_measures(subject, record, reason);
      RETURN;
    ELSIF held.ends_on > held.last AND held.same THEN
      PERFORM credit.shorten_entry(subject, record, held.entry, held.last);
    END IF;
  END LOOP;
  -- An incentive outlasts the display of its record, but not one that was over when it was given.
  IF over AND EXISTS (SELECT FROM credit_register.incentive_grant g
                       WHERE g.subject = record_changed_measure.subject AND g.record = record_changed_measure.record
                         AND NOT credit.displayed_if_known(book, ground.item, ground.severity, ground.document_date, ground.conduct_end,
                                                           ground.displayed_from, g.granted_on)) THEN
    PERFORM credit.release_incentives(subject, record, reason);
  END IF;
END
$$;
COMMENT ON FUNCTION credit.record_changed_measure(credit.pseudonym, uuid, text) IS
  'Of tell_rooms(): what rests on a record ends with its display as it was corrected, at once where that is over';
REVOKE ALL ON FUNCTION credit.record_changed_measure(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.shorten_entry(subject credit.pseudonym, record uuid, entry uuid, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Who is assigning a measure holds the entry: his task is to be seen below.
  PERFORM FROM credit_register.list_entry e WHERE e.subject = shorten_entry.subject AND e.entry = shorten_entry.entry FOR UPDATE;
  -- One statement: the key of the tasks has the end of the entry.
  WITH shorter AS (
    UPDATE credit_register.list_entry e SET ends_on = last_day
     WHERE e.subject = shorten_entry.subject AND e.entry = shorten_entry.entry RETURNING e.entry)
  UPDATE credit_register.measure_task t SET entry_ends_on = last_day, ends_on = least(t.ends_on, last_day)
    FROM shorter s WHERE t.subject = shorten_entry.subject AND t.entry = s.entry;
  PERFORM credit.give_notice(subject, record, 'list_shortened',
                             format('信息更正后，名单记录及相关措施最迟于%s终止。', to_char(last_day, 'YYYY-MM-DD')));
END
$$;
COMMENT ON FUNCTION credit.shorten_entry(credit.pseudonym, uuid, uuid, date) IS
  'Another last day of a list entry and its measures, with notice; for credit.record_changed_measure() alone';
REVOKE ALL ON FUNCTION credit.shorten_entry(credit.pseudonym, uuid, uuid, date) FROM PUBLIC;

CREATE FUNCTION credit.everywhere_measure(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT 'list'::text, e.entry::text FROM credit_register.list_entry e
     WHERE e.subject = everywhere_measure.subject AND e.record = everywhere_measure.record
       AND e.left_on IS NULL AND e.ends_on >= credit.today()
    UNION ALL
    SELECT 'measure', t.task::text FROM credit_register.list_entry e
      JOIN credit_register.measure_task t ON t.subject = e.subject AND t.entry = e.entry
     WHERE e.subject = everywhere_measure.subject AND e.record = everywhere_measure.record
       AND t.state <> 'released' AND t.ends_on >= credit.today();
END
$$;
COMMENT ON FUNCTION credit.everywhere_measure(credit.pseudonym, uuid) IS 'Of everywhere(): lists and measures that rest on a record';
REVOKE ALL ON FUNCTION credit.everywhere_measure(credit.pseudonym, uuid) FROM PUBLIC;
