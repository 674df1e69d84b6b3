-- ---------------------------------------------------------------------------
-- measure, lists: what the law allows as rows, and the way from a notice to a list
-- ---------------------------------------------------------------------------

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
  ground pg_catalog.record;
  told uuid;
BEGIN
  PERFORM credit.need_read_committed('a notice');
  LOOP
    ground := credit.bad_record(record, '{credit_reviewer,credit_provider}');
    PERFORM credit.hold_file(ground.subject);
    -- Moved while we waited: looked for once more, where it is now.
    EXIT WHEN EXISTS (SELECT FROM credit_register.record r WHERE r.subject = ground.subject AND r.record = serve_notice.record);
  END LOOP;
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
