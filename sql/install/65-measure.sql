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

-- What the law allows, as rows.

CREATE FUNCTION credit.load_measures(day date) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  law pg_catalog.record;
  content jsonb;
BEGIN
  SELECT b.name, b.book INTO law FROM credit_register.rulebook b WHERE b.in_force @> day;
  IF NOT FOUND THEN
    PERFORM credit.rulebook_on(day);	-- its error
  END IF;
  IF EXISTS (SELECT FROM credit_register.measure m WHERE m.rulebook = law.name) THEN
    RETURN law.name;
  END IF;
  content := credit.jsonb(law.book);
  INSERT INTO credit_register.measure (rulebook, measure, name, kind, least_severity, basis, in_force)
    SELECT law.name, m ->> 'id', m ->> 'zh', m ->> 'kind', (m ->> 'least_severity')::credit.severity,
           credit.rulebook_basis(content, m -> 'basis'),
           daterange((m -> 'in_force' ->> 'from')::date, (m -> 'in_force' ->> 'to')::date, '[]')
      FROM jsonb_array_elements(content -> 'measures') AS m
    ON CONFLICT DO NOTHING;
  -- A measure that names no context works in the field of the finding alone.
  INSERT INTO credit_register.measure_context (rulebook, measure, context)
    SELECT law.name, m ->> 'id', c
      FROM jsonb_array_elements(content -> 'measures') AS m,
           jsonb_array_elements_text(coalesce(m -> 'contexts', '["same_field"]')) AS c
    ON CONFLICT DO NOTHING;
  INSERT INTO credit_register.finding_context (item, context, basis)
    SELECT i ->> 'id', 'same_field', credit.rulebook_basis(content, i -> 'basis')
      FROM jsonb_array_elements(content -> 'items') AS i
     WHERE i ->> 'stance' = 'bad'
    ON CONFLICT DO NOTHING;
  RETURN law.name;
END
$$;
COMMENT ON FUNCTION credit.load_measures(date) IS
  'The name of the rulebook in force on a day, its measures made rows if they are not yet; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.load_measures(date) FROM PUBLIC;

CREATE FUNCTION credit.add_list(list text, name text, basis text, hearing_workdays int, leaves_when text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_lawgiver();
  PERFORM credit.refuse_long(list, name, basis, leaves_when);
  INSERT INTO credit_register.list_type (list, name, basis, hearing_workdays, leaves_when)
    VALUES (add_list.list, add_list.name, add_list.basis, add_list.hearing_workdays, add_list.leaves_when);
EXCEPTION WHEN integrity_constraint_violation THEN
  -- The constraint would repeat the row.
  RAISE EXCEPTION 'a new list has a key, a name, its law, workdays of a hearing, and when an entry ends' USING ERRCODE = 'invalid_parameter_value',
    HINT = 'credit_register.list_type has those that are there.';
END
$$;
COMMENT ON FUNCTION credit.add_list(text, text, text, int, text) IS
  'Definer, as nobody writes lists by hand: a list, its law, how long a person may be heard, when an entry ends';
REVOKE ALL ON FUNCTION credit.add_list(text, text, text, int, text) FROM PUBLIC;

CREATE FUNCTION credit.allow_context(item text, context text, basis text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_lawgiver();
  PERFORM credit.refuse_long(item, context, basis);
  INSERT INTO credit_register.finding_context (item, context, basis)
    VALUES (allow_context.item, allow_context.context, allow_context.basis);
EXCEPTION WHEN integrity_constraint_violation THEN
  RAISE EXCEPTION 'a new context has an item, a context and its law' USING ERRCODE = 'invalid_parameter_value',
    HINT = 'credit_register.finding_context has those that are there.';
END
$$;
COMMENT ON FUNCTION credit.allow_context(text, text, text) IS
  'Definer, as nobody writes it by hand: findings of an item may have consequences in a context, by this law';
REVOKE ALL ON FUNCTION credit.allow_context(text, text, text) FROM PUBLIC;

-- From the notice to the list.

CREATE FUNCTION credit.bad_record(record uuid, duties text[],
    OUT subject credit.pseudonym, OUT item text, OUT severity credit.severity, OUT provider text, OUT field text,
    OUT document_date date, OUT shown_to date)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A record that is absent, another's, good, repaired or over: one answer.
  SELECT r.subject, r.item, r.severity, r.provider, coalesce(r.fields ->> 'field', r.facts ->> 'field', r.item), r.document_date,
         upper(credit.display_period(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) - 1
    INTO bad_record.subject, bad_record.item, bad_record.severity, bad_record.provider, bad_record.field, bad_record.document_date, bad_record.shown_to
    FROM credit_register.shown_record r
   WHERE r.record = bad_record.record AND r.stance = 'bad'
     AND credit.may_see(credit.duty_mask(duties), r.division, r.provider, r.minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no bad record of this number is shown today and yours to handle' USING ERRCODE = 'CR406',
      HINT = 'Call credit.enter() first; repaired, disputed and expired records carry no measures, and neither do those of minors.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.bad_record(uuid, text[]) IS
  'A bad record that is shown today and that a mandate with one of the duties reaches; CR406 otherwise; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.bad_record(uuid, text[]) FROM PUBLIC;

CREATE FUNCTION credit.serve_notice(record uuid, channel text, served_on date DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ground pg_catalog.record := credit.bad_record(record, '{credit_reviewer,credit_provider}');
  told uuid;
BEGIN
  IF channel IS NULL OR channel !~ '\S' THEN
    RAISE EXCEPTION 'a notice says by which channel it was served' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF served_on > credit.today() OR served_on < ground.document_date THEN
    RAISE EXCEPTION 'a notice is served after the finding, and not in the future' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.notice (subject, record, kind, reason, channel, served_at)
    SELECT ground.subject, serve_notice.record, 'listing',
           format('因“%s”信息（%s）拟列入名单并采取措施。您可以陈述、申辩，也可以提出异议、申请修复。依据：%s',
                  i.zh, to_char(ground.document_date, 'YYYY-MM-DD'), i.basis),
           serve_notice.channel, coalesce(served_on::timestamp AT TIME ZONE 'Asia/Shanghai', clock_timestamp())
      FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i
     WHERE i.id = ground.item
    RETURNING notice INTO told;
  IF told IS NULL THEN
    RAISE EXCEPTION 'the rulebook in force does not have the item of this record' USING ERRCODE = 'CR106';
  END IF;
  RETURN told;
END
$$;
COMMENT ON FUNCTION credit.serve_notice(uuid, text, date) IS
  'Definer, as nobody writes notices by hand: the person was told, on this day (today), what may follow from a record; the hearing begins';
REVOKE ALL ON FUNCTION credit.serve_notice(uuid, text, date) FROM PUBLIC;

CREATE FUNCTION credit.hearing_ends(list text, served_on date) RETURNS date
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  book credit.rulebook := credit.rulebook_on(credit.today());
BEGIN
  IF EXISTS (SELECT FROM credit.rulebook_rules(book) r
              WHERE r.section = 'objection' AND r.id = 'hearing' AND r.in_force @> hearing_ends.served_on) THEN
    RETURN credit.deadline(book, 'hearing', served_on);
  END IF;
  RETURN (SELECT credit.add_workdays(book, hearing_ends.served_on, t.hearing_workdays)
            FROM credit_register.list_type t WHERE t.list = hearing_ends.list);
END
$$;
COMMENT ON FUNCTION credit.hearing_ends(text, date) IS
  'The last day on which a person may be heard: deadline hearing of the rulebook, else what the list says; NULL for no such list';
REVOKE ALL ON FUNCTION credit.hearing_ends(text, date) FROM PUBLIC;

CREATE FUNCTION credit.deciding_reviewer() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.person() IS NULL OR NOT credit.has_duty('credit_reviewer') THEN
    RAISE EXCEPTION 'this is decided by a person with a mandate as credit_reviewer' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  RETURN credit.person();
END
$$;
COMMENT ON FUNCTION credit.deciding_reviewer() IS 'The reviewer who entered, by name; 42501 for anybody else';
REVOKE ALL ON FUNCTION credit.deciding_reviewer() FROM PUBLIC;

CREATE FUNCTION credit.enter_list(record uuid, list text, basis text, notice uuid, evidence text, ends_on date DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  decider text := credit.deciding_reviewer();
  ground pg_catalog.record := credit.bad_record(record, '{credit_reviewer}');
  served timestamptz;
  heard date;
  made uuid;
BEGIN
  PERFORM credit.refuse_own_case(ground.subject);
  PERFORM credit.need_read_committed('a list entry');
  IF basis IS NULL OR basis !~ '\S' OR evidence IS NULL OR evidence !~ '\S' THEN
    RAISE EXCEPTION 'a list entry names its law and the evidence that was seen' USING ERRCODE = 'CR202';
  END IF;
  SELECT n.served_at INTO served FROM credit_register.notice n
   WHERE n.subject = ground.subject AND n.notice = enter_list.notice AND n.record = enter_list.record;
  IF served IS NULL THEN
    RAISE EXCEPTION 'the person was not served a notice about this record' USING ERRCODE = 'CR401',
      HINT = 'credit.serve_notice(record, channel) begins the hearing.';
  END IF;
  heard := credit.hearing_ends(list, (served AT TIME ZONE 'Asia/Shanghai')::date);
  IF heard IS NULL THEN
    RAISE EXCEPTION 'there is no such list' USING ERRCODE = 'CR404', HINT = 'credit_register.list_type has the lists.';
  END IF;
  IF heard >= credit.today() THEN
    RAISE EXCEPTION 'the person may still be heard' USING ERRCODE = 'CR405', DETAIL = format('The last day is %s.', to_char(heard, 'YYYY-MM-DD'));
  END IF;
  IF ends_on <= credit.today() OR ends_on > ground.shown_to THEN
    RAISE EXCEPTION 'a list entry ends after today, and with the display of its record at the latest' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('The record is shown up to %s.', coalesce(to_char(ground.shown_to, 'YYYY-MM-DD'), 'a day not known yet'));
  END IF;
  -- One after the other, so that the second sees the first.  What ended by time may begin again.
  PERFORM FROM credit_register.record r WHERE r.subject = ground.subject AND r.record = enter_list.record FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM credit_register.list_entry e
              WHERE e.subject = ground.subject AND e.record = enter_list.record AND e.list = enter_list.list
                AND e.left_on IS NULL AND e.ends_on >= credit.today()) THEN
    RAISE EXCEPTION 'this record has been entered on this list already' USING ERRCODE = 'unique_violation',
      HINT = 'credit.everywhere(record) shows the entry that stands; credit.leave_list() ends it.';
  END IF;
  -- What the display leaves open ends after a year: an entry has an end.
  INSERT INTO credit_register.list_entry (subject, record, item, severity, list, basis, notice, served_at, heard_until,
                                          decided_by, evidence, entered_on, ends_on)
    VALUES (ground.subject, enter_list.record, ground.item, ground.severity, enter_list.list, enter_list.basis, enter_list.notice, served, heard,
            decider, enter_list.evidence, credit.today(),
            coalesce(enter_list.ends_on, ground.shown_to, (credit.today() + interval '1 year')::date))
    RETURNING entry INTO made;
  PERFORM credit.give_notice(ground.subject, record, 'listed', '已列入名单；您可以提出异议、申请修复。依据：' || basis);
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.enter_list(uuid, text, text, uuid, text, date) IS
  'Definer, as nobody writes list entries by hand: a reviewer enters the subject of a bad record on a list, after served notice and hearing';
REVOKE ALL ON FUNCTION credit.enter_list(uuid, text, text, uuid, text, date) FROM PUBLIC;

CREATE FUNCTION credit.standing_entry(entry uuid, OUT subject credit.pseudonym, OUT record uuid, OUT item text, OUT severity credit.severity,
    OUT provider text, OUT field text, OUT ends_on date)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT e.subject, e.record, e.item, e.severity, r.provider, coalesce(r.fields ->> 'field', r.facts ->> 'field', r.item), e.ends_on
    INTO standing_entry.subject, standing_entry.record, standing_entry.item, standing_entry.severity,
         standing_entry.provider, standing_entry.field, standing_entry.ends_on
    FROM credit_register.list_entry e
    JOIN credit_register.shown_record r ON r.subject = e.subject AND r.record = e.record
   WHERE e.entry = standing_entry.entry AND e.left_on IS NULL AND e.ends_on > credit.today()
     AND r.item = e.item AND r.severity IS NOT DISTINCT FROM e.severity
     AND credit.may_see(credit.duty_mask('{credit_reviewer}'), r.division, r.provider, r.minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no list entry of this number stands and is yours to handle' USING ERRCODE = 'CR401',
      HINT = 'A measure rests on a list entry: credit.enter_list().';
  END IF;
  PERFORM credit.refuse_own_case(standing_entry.subject);
END
$$;
COMMENT ON FUNCTION credit.standing_entry(uuid) IS
  'A list entry that stands today and that a reviewer''s mandate reaches, else CR401, and not his own, else CR202; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.standing_entry(uuid) FROM PUBLIC;

CREATE FUNCTION credit.leave_list(entry uuid, reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  decider text := credit.deciding_reviewer();
  standing pg_catalog.record := credit.standing_entry(entry);
  released int;
BEGIN
  IF reason IS NULL OR reason !~ '\S' THEN
    RAISE EXCEPTION 'an entry ends for a reason' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.list_entry e SET left_on = credit.today(), left_reason = reason
   WHERE e.subject = standing.subject AND e.entry = leave_list.entry;
  UPDATE credit_register.measure_task t SET state = 'released', released_at = clock_timestamp(), release_reason = reason
   WHERE t.subject = standing.subject AND t.entry = leave_list.entry AND t.state <> 'released';
  GET DIAGNOSTICS released = ROW_COUNT;
  PERFORM credit.give_notice(standing.subject, standing.record, 'left_list', '已移出名单，相关措施同时解除。');
  RETURN released;
END
$$;
COMMENT ON FUNCTION credit.leave_list(uuid, text) IS
  'Definer, as nobody writes list entries by hand: a reviewer ends an entry before its time, with its measures, and says how many';
REVOKE ALL ON FUNCTION credit.leave_list(uuid, text) FROM PUBLIC;

-- Measures.

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
