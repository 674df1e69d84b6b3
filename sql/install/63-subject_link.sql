-- ---------------------------------------------------------------------------
-- merge and split, undoable
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.own_case(VARIADIC subjects credit.pseudonym[]) RETURNS bool
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM credit_register.mandate m CROSS JOIN unnest(subjects) AS whose
                  WHERE m.login = credit.person() AND m.subject IS NOT NULL
                    AND whose IN (m.subject, credit.current_subject(m.subject)));
END
$$;
COMMENT ON FUNCTION credit.own_case(credit.pseudonym[]) IS
  'Is one of these files that of who entered, by any citizen''s mandate that he has or had?  For functions of the register alone';
REVOKE ALL ON FUNCTION credit.own_case(credit.pseudonym[]) FROM PUBLIC;

CREATE FUNCTION credit.refuse_own_case(VARIADIC subjects credit.pseudonym[]) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.own_case(VARIADIC subjects) THEN
    RAISE EXCEPTION 'nobody decides his own case' USING ERRCODE = 'CR202', HINT = 'Another reviewer does.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_own_case(credit.pseudonym[]) IS
  'Raises CR202 where credit.own_case(); for every function that decides';
REVOKE ALL ON FUNCTION credit.refuse_own_case(credit.pseudonym[]) FROM PUBLIC;

CREATE FUNCTION credit.lock_pair(a credit.pseudonym, b credit.pseudonym, besides uuid DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  divisions text[];
  kinds bool[];
BEGIN
  -- In one order: two decisions about the same pair wait for each other and never deadlock.
  SELECT array_agg(s.division), array_agg(DISTINCT credit.is_organisation(s.kind)) INTO divisions, kinds
    FROM (SELECT s.division, s.kind FROM credit_register.subject s WHERE s.subject IN (a, b) ORDER BY s.subject FOR UPDATE) s;
  IF cardinality(divisions) IS DISTINCT FROM 2
     OR NOT (credit.holds('{credit_reviewer}', divisions[1]) AND credit.holds('{credit_reviewer}', divisions[2])) THEN
    RAISE EXCEPTION 'no such two subjects in your divisions' USING ERRCODE = 'insufficient_privilege',
      DETAIL = 'This needs a mandate as credit_reviewer for both divisions.';
  END IF;
  PERFORM credit.refuse_own_case(a, b);
  IF cardinality(kinds) <> 1 THEN
    RAISE EXCEPTION 'a person and an organisation are never the same' USING ERRCODE = 'CR107';
  END IF;
  IF EXISTS (SELECT FROM credit_register.subject_link l WHERE l.subject IN (a, b) AND l.kind = 'merged_into'
              AND l.undone_at IS NULL AND l.link IS DISTINCT FROM besides) THEN
    RAISE EXCEPTION 'one of the two was merged into another subject' USING ERRCODE = 'CR123',
      DETAIL = 'Its rows are there.', HINT = 'Name that one, or undo the later decision first.';
  END IF;
  -- Before what hangs on them: who is at a record and goes on to what hangs on it is waited for here, while we hold none of that.
  PERFORM FROM credit_register.record r WHERE r.subject IN (a, b) ORDER BY r.subject, r.record FOR UPDATE;
END
$$;
COMMENT ON FUNCTION credit.lock_pair(credit.pseudonym, credit.pseudonym, uuid) IS
  'Locks two subjects that may be merged or split by the reviewer who entered, neither of them himself, and their records; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.lock_pair(credit.pseudonym, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.need_decision(reason text, evidence text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.person() IS NULL OR reason IS NULL OR reason !~ '\S' OR evidence IS NULL OR evidence !~ '\S' THEN
    RAISE EXCEPTION 'a decision names who decides, why, and the evidence seen' USING ERRCODE = 'CR202';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_decision(text, text) IS 'Raises CR202 for a decision without person, reason or evidence; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_decision(text, text) FROM PUBLIC;

CREATE FUNCTION credit.set_twins_aside(duplicate credit.pseudonym, survivor credit.pseudonym, link uuid, records uuid[] DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  twins pg_catalog.record;
  aside pg_catalog.record;
BEGIN
  FOR twins IN
    SELECT t.fingerprint, t.moving, t.staying,
           (t.moving_rank, t.moving_listed) > (t.staying_rank, t.staying_listed) AS moving_stands
      FROM (SELECT s.fingerprint, m.record AS moving, s.record AS staying,
                   array_position(o.states, m.state) AS moving_rank, array_position(o.states, s.state) AS staying_rank,
                   EXISTS (SELECT FROM credit_register.list_entry e
                            WHERE e.subject = m.subject AND e.record = m.record AND e.left_on IS NULL) AS moving_listed,
                   EXISTS (SELECT FROM credit_register.list_entry e
                            WHERE e.subject = s.subject AND e.record = s.record AND e.left_on IS NULL) AS staying_listed
              FROM (SELECT '{archived,active,disputed,repaired,withdrawn}'::text[] AS states) o, credit_register.record m
              JOIN credit_register.record s ON s.subject = set_twins_aside.survivor AND s.fingerprint = m.fingerprint
             WHERE m.subject = set_twins_aside.duplicate AND (records IS NULL OR m.record = ANY (records))) t
     ORDER BY t.moving LOOP
    SELECT r.subject, r.record, r.state INTO aside FROM credit_register.record r
     WHERE r.subject = CASE WHEN twins.moving_stands THEN survivor ELSE duplicate END
       AND r.record = CASE WHEN twins.moving_stands THEN twins.staying ELSE twins.moving END FOR UPDATE;
    IF aside.state <> 'archived' THEN
      PERFORM credit.change_record(aside.subject, aside.record, 'archived',
        CASE WHEN records IS NULL THEN '合并后重复 twice after a merge' ELSE '拆分后重复 twice after a split' END);
    END IF;
    -- The fingerprint is that of the one that stands: by it the gate knows what became of this act.
    UPDATE credit_register.record r SET fingerprint = sha256(convert_to('set aside ' || r.record, 'UTF8'))
     WHERE r.subject = aside.subject AND r.record = aside.record;
    UPDATE credit_register.subject_link l
       SET set_aside = l.set_aside || jsonb_build_object('record', aside.record, 'state', aside.state, 'fingerprint', encode(twins.fingerprint, 'hex'),
                                                         'stands', CASE WHEN twins.moving_stands THEN twins.moving ELSE twins.staying END)
     WHERE l.subject = duplicate AND l.link = set_twins_aside.link;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.set_twins_aside(credit.pseudonym, credit.pseudonym, uuid, uuid[]) IS
  'Of an act that both files have, the record on which most was decided stands (withdrawn, repaired, disputed, active) and the other is archived; for merge_subjects(), follow_link() and, of some records, split_subject()';
REVOKE ALL ON FUNCTION credit.set_twins_aside(credit.pseudonym, credit.pseudonym, uuid, uuid[]) FROM PUBLIC;

CREATE FUNCTION credit.take_twins_back(set_aside jsonb, VARIADIC subjects credit.pseudonym[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  aside pg_catalog.record;
  former text;
BEGIN
  FOR aside IN
    SELECT r.subject, r.record, r.state, r.stance, r.happened_on, a.entry ->> 'state' AS former, decode(a.entry ->> 'fingerprint', 'hex') AS fingerprint
      FROM jsonb_array_elements(set_aside) AS a (entry)
      -- Wherever it is by now: another link may have been undone before.
      JOIN credit_register.record r ON r.record = (a.entry ->> 'record')::uuid
     ORDER BY r.subject, r.record LOOP
    UPDATE credit_register.record r SET fingerprint = aside.fingerprint
     WHERE r.subject = aside.subject AND r.record = aside.record
       AND NOT EXISTS (SELECT FROM credit_register.record o WHERE o.subject = aside.subject AND o.fingerprint = aside.fingerprint);
    CONTINUE WHEN NOT FOUND AND aside.subject <> ALL (subjects);	-- the act stands there
    -- Nor does an act come back as one of a child's.
    CONTINUE WHEN aside.stance = 'bad' AND credit.is_minor(aside.subject, aside.happened_on);
    former := CASE WHEN aside.former = 'disputed' AND credit.open_disputes(aside.subject, aside.record) = 0 THEN 'active' ELSE aside.former END;
    -- What was decided meanwhile stays.
    IF aside.state = 'archived' AND former <> 'archived' THEN
      PERFORM credit.change_record(aside.subject, aside.record, former, '合并或拆分已撤销 merge or split undone');
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.take_twins_back(jsonb, credit.pseudonym[]) IS
  'Gives the records that set_twins_aside() archived their state and fingerprint again; for undo_link() alone';
REVOKE ALL ON FUNCTION credit.take_twins_back(jsonb, credit.pseudonym[]) FROM PUBLIC;

CREATE FUNCTION credit.note_filed(filed_as credit.pseudonym, table_name text, key jsonb) RETURNS void
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- Each link on the way: undone from the last one, they send the row back step by step.
  WITH RECURSIVE way (subject, link, came_from, n) AS (
    SELECT l.other, l.link, l.subject, 1 FROM credit_register.subject_link l
     WHERE l.subject = note_filed.filed_as AND l.kind = 'merged_into' AND l.undone_at IS NULL
    UNION ALL
    SELECT l.other, l.link, l.subject, w.n + 1 FROM way w JOIN credit_register.subject_link l ON l.subject = w.subject
     WHERE l.kind = 'merged_into' AND l.undone_at IS NULL AND w.n < 100
  )
  INSERT INTO credit_register.moved_row (subject, link, table_name, key, came_from)
    SELECT w.subject, w.link, note_filed.table_name, note_filed.key, w.came_from FROM way w
    ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION credit.note_filed(credit.pseudonym, text, jsonb) IS
  'Notes that a new row of a merged file was filed under this number of it, so that credit.undo_link() sends it there; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.note_filed(credit.pseudonym, text, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.parted(subject credit.pseudonym, provider text, item text, document_no text, fingerprint bytea) RETURNS uuid
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT r.record FROM credit_register.subject_link l
                   JOIN credit_register.moved_row m ON m.subject = l.other AND m.link = l.link AND m.table_name = 'record' AND m.came_from = l.subject
                   JOIN credit_register.record r ON r.record = (m.key ->> 'record')::uuid
                  WHERE l.subject IN (SELECT parted.subject UNION ALL SELECT d.subject FROM credit_register.subject_link d
                                       WHERE d.other = parted.subject AND d.kind = 'merged_into' AND d.undone_at IS NULL)
                    AND l.kind = 'split_into' AND l.undone_at IS NULL
                    AND (r.fingerprint = parted.fingerprint
                         OR l.set_aside @> jsonb_build_array(jsonb_build_object('record', r.record, 'fingerprint', encode(parted.fingerprint, 'hex')))
                         OR r.provider = parted.provider AND r.item = parted.item
                            AND credit.record_keys(r.document_no, r.former_keys) && credit.record_keys(parted.document_no, '{}')
                            AND NOT EXISTS (SELECT FROM credit_register.record o
                                             WHERE o.subject = parted.subject AND o.fingerprint = parted.fingerprint))
                  ORDER BY r.record LIMIT 1);
END
$$;
COMMENT ON FUNCTION credit.parted(credit.pseudonym, text, text, text, bytea) IS
  'The record of this act, or of this document, if it was found to be another''s and split from this file; the gate asks, so that no delivery undoes it';
REVOKE ALL ON FUNCTION credit.parted(credit.pseudonym, text, text, text, bytea) FROM PUBLIC;

CREATE FUNCTION credit.tell_both(a credit.pseudonym, b credit.pseudonym, kind text, link uuid) RETURNS void
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- Nothing of the other one, and not the reviewer's words, which may name him.
  SELECT credit.give_notice(s.subject, NULL, tell_both.kind, s.words || format('（%s）您可以投诉。 %s (%s). You may complain.', tell_both.link, s.meaning, tell_both.link))
    FROM (SELECT u.subject, w.* FROM unnest(ARRAY[a, b]) AS u (subject), (VALUES
            ('files_merged', '经核实，您名下的两份信用档案已合并。', 'Two files were found to be yours and were merged'),
            ('file_split', '经核实，部分信息原归入错误的档案，已移至应归的档案。', 'Records that stood in the wrong file were moved to where they belong'),
            ('link_undone', '此前对信用档案的合并或拆分已撤销。', 'A former merge or split of files was undone')) AS w (kind, words, meaning)
           WHERE w.kind = tell_both.kind) s;
$$;
COMMENT ON FUNCTION credit.tell_both(credit.pseudonym, credit.pseudonym, text, uuid) IS
  'Tells both persons that their files were merged or split, or that it was undone, without a word of the other one; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.tell_both(credit.pseudonym, credit.pseudonym, text, uuid) FROM PUBLIC;

CREATE FUNCTION credit.merge_subjects(duplicate credit.pseudonym, survivor credit.pseudonym, reason text, evidence text,
    OUT link uuid, OUT moved bigint, OUT stayed bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  PERFORM credit.need_decision(reason, evidence);
  PERFORM credit.lock_pair(duplicate, survivor);
  INSERT INTO credit_register.subject_link AS l (subject, other, kind, reason, evidence, decided_by)
    VALUES (duplicate, survivor, 'merged_into', merge_subjects.reason, merge_subjects.evidence, credit.person())
    RETURNING l.link INTO merge_subjects.link;
  PERFORM credit.set_twins_aside(duplicate, survivor, merge_subjects.link);
  PERFORM credit.tell_both(duplicate, survivor, 'files_merged', merge_subjects.link);
  SELECT m.moved, m.stayed INTO merge_subjects.moved, merge_subjects.stayed FROM credit.move_rows(duplicate, survivor, merge_subjects.link, 'all') m;
END
$$;
COMMENT ON FUNCTION credit.merge_subjects(credit.pseudonym, credit.pseudonym, text, text) IS
  'Definer, as nobody moves rows by hand: two files are one subject''s; all rows of the duplicate go to the survivor, an act that both have stands once, as it was decided; credit.undo_link() brings them back';
REVOKE ALL ON FUNCTION credit.merge_subjects(credit.pseudonym, credit.pseudonym, text, text) FROM PUBLIC;

CREATE FUNCTION credit.follow_link(link uuid, OUT moved bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  merged pg_catalog.record;
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  SELECT l.* INTO merged FROM credit_register.subject_link l WHERE l.link = follow_link.link;
  PERFORM credit.lock_pair(merged.subject, merged.other, follow_link.link);
  IF merged.kind <> 'merged_into' OR EXISTS (SELECT FROM credit_register.subject_link l
       WHERE l.subject = merged.subject AND l.link = follow_link.link AND l.undone_at IS NOT NULL) THEN
    RAISE EXCEPTION 'this link is no merge in force' USING ERRCODE = 'CR123';
  END IF;
  PERFORM credit.set_twins_aside(merged.subject, merged.other, follow_link.link);
  SELECT m.moved INTO follow_link.moved FROM credit.move_rows(merged.subject, merged.other, follow_link.link, 'all') m;
  UPDATE credit_register.subject_link l SET followed_at = clock_timestamp() WHERE l.subject = merged.subject AND l.link = follow_link.link AND follow_link.moved > 0;
END
$$;
COMMENT ON FUNCTION credit.follow_link(uuid) IS
  'Definer, as nobody moves rows by hand: sends what was still filed under a merged subject after the others; it goes back with them';
REVOKE ALL ON FUNCTION credit.follow_link(uuid) FROM PUBLIC;

CREATE FUNCTION credit.split_subject(mixed credit.pseudonym, other credit.pseudonym, records uuid[], reason text, evidence text,
    OUT link uuid, OUT moved bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  PERFORM credit.need_decision(reason, evidence);
  PERFORM credit.lock_pair(mixed, other);
  IF cardinality(records) IS NULL OR cardinality(records) = 0
     OR EXISTS (SELECT FROM unnest(records) u WHERE NOT EXISTS (
          SELECT FROM credit_register.record r WHERE r.subject = split_subject.mixed AND r.record = u)) THEN
    RAISE EXCEPTION 'a split names records of the mixed file' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.subject_link AS l (subject, other, kind, reason, evidence, decided_by)
    VALUES (mixed, split_subject.other, 'split_into', split_subject.reason, split_subject.evidence, credit.person())
    RETURNING l.link INTO split_subject.link;
  -- Else what the other file has already could never be parted from this one.
  PERFORM credit.set_twins_aside(mixed, split_subject.other, split_subject.link, records);
  SELECT m.moved INTO split_subject.moved FROM credit.move_rows(mixed, split_subject.other, split_subject.link, 'records', records) m;
  IF EXISTS (SELECT FROM credit_register.record r WHERE r.subject = mixed AND r.record = ANY (records)) THEN
    RAISE EXCEPTION 'rows that hang together cannot be parted' USING ERRCODE = 'CR124',
      DETAIL = 'Something rests on one of these records and on rows that are not theirs.', HINT = 'Name all records that it rests on.';
  END IF;
  PERFORM credit.tell_both(mixed, split_subject.other, 'file_split', split_subject.link);
END
$$;
COMMENT ON FUNCTION credit.split_subject(credit.pseudonym, credit.pseudonym, uuid[], text, text) IS
  'Definer, as nobody moves rows by hand: records that stand in the wrong file go to whose they are, with what hangs on them, an act that both have stands once; credit.undo_link() brings them back';
REVOKE ALL ON FUNCTION credit.split_subject(credit.pseudonym, credit.pseudonym, uuid[], text, text) FROM PUBLIC;

CREATE FUNCTION credit.touched_records(link_subject credit.pseudonym, link uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT (m.key ->> 'record')::uuid
    FROM credit_register.subject_link l
    JOIN credit_register.moved_row m ON m.subject = l.other AND m.link = l.link AND m.came_from = l.subject AND m.table_name = 'record'
   WHERE l.subject = touched_records.link_subject AND l.link = touched_records.link
  UNION
  SELECT (a.entry ->> u.part)::uuid
    FROM credit_register.subject_link l CROSS JOIN jsonb_array_elements(l.set_aside) AS a (entry), unnest('{record,stands}'::text[]) AS u (part)
   WHERE l.subject = touched_records.link_subject AND l.link = touched_records.link;
$$;
COMMENT ON FUNCTION credit.touched_records(credit.pseudonym, uuid) IS
  'Records that a merge or split moved, set aside, or let stand for one that it set aside; for credit.refuse_before() alone';
REVOKE ALL ON FUNCTION credit.touched_records(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.refuse_before(undone credit.pseudonym, other credit.pseudonym, link uuid) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  later uuid;
BEGIN
  SELECT l.link INTO later
    FROM credit_register.subject_link o
    JOIN credit_register.subject_link l ON l.undone_at IS NULL AND greatest(l.decided_at, l.followed_at) > greatest(o.decided_at, o.followed_at)
     AND (l.subject IN (undone, refuse_before.other) OR l.other IN (undone, refuse_before.other))
   WHERE o.subject = undone AND o.link = refuse_before.link
     AND (EXISTS (SELECT credit.touched_records(o.subject, o.link) INTERSECT SELECT credit.touched_records(l.subject, l.link))
          -- Rows of other tables go by themselves where they do not hang on a record.
          OR EXISTS (SELECT FROM credit_register.moved_row m
                       JOIN credit_register.moved_row n ON n.subject = l.other AND n.link = l.link AND n.table_name = m.table_name AND n.key = m.key
                      WHERE m.subject = o.other AND m.link = o.link)
          -- What is to come back has its act there by now.
          OR EXISTS (SELECT FROM credit_register.record r
                       JOIN credit_register.record t ON t.subject = o.subject AND t.fingerprint = r.fingerprint
                      WHERE r.subject = o.other AND r.record IN (SELECT credit.touched_records(o.subject, o.link))
                        AND t.record IN (SELECT credit.touched_records(l.subject, l.link))))
   ORDER BY greatest(l.decided_at, l.followed_at) DESC LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a later decision moved the same rows, or is about the same act' USING ERRCODE = 'CR123',
      HINT = format('Later decisions are undone first: credit.undo_link(%L, reason).', later);
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_before(credit.pseudonym, credit.pseudonym, uuid) IS
  'Raises CR123 if a later merge or split in force touched what the undoing of this one brings back; for credit.undo_link() alone';
REVOKE ALL ON FUNCTION credit.refuse_before(credit.pseudonym, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.undo_link(link uuid, reason text, OUT moved bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  undone pg_catalog.record;
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  PERFORM credit.need_decision(reason, 'the link itself');
  SELECT l.* INTO undone FROM credit_register.subject_link l WHERE l.link = undo_link.link;
  PERFORM credit.lock_pair(undone.subject, undone.other, undo_link.link);
  UPDATE credit_register.subject_link l SET undone_by = credit.person(), undone_at = clock_timestamp(), undone_reason = undo_link.reason
   WHERE l.subject = undone.subject AND l.link = undo_link.link AND l.undone_at IS NULL
   RETURNING l.set_aside INTO undone.set_aside;	-- as it is under the lock
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this link was undone before' USING ERRCODE = 'CR123';
  END IF;
  PERFORM credit.refuse_before(undone.subject, undone.other, undo_link.link);
  SELECT m.moved INTO undo_link.moved FROM credit.move_rows(undone.other, undone.subject, undo_link.link, 'back') m;
  -- Nothing stays with another without a word.
  IF EXISTS (SELECT FROM credit_register.moved_row m
               JOIN credit_register.record r ON r.subject = undone.other AND r.record = (m.key ->> 'record')::uuid
              WHERE m.subject = undone.other AND m.link = undo_link.link AND m.table_name = 'record' AND m.came_from = undone.subject) THEN
    RAISE EXCEPTION 'a record cannot go back: the file has its act anew, or what hangs on it' USING ERRCODE = 'CR124',
      HINT = CASE undone.kind WHEN 'merged_into' THEN 'Send what was filed since after the others first: credit.follow_link().'
        ELSE 'Split it from the file where it is, to the one where it belongs: an act that both have stands once then.' END;
  END IF;
  PERFORM credit.take_twins_back(undone.set_aside, undone.subject, undone.other);
  PERFORM credit.tell_both(undone.subject, undone.other, 'link_undone', undo_link.link);
END
$$;
COMMENT ON FUNCTION credit.undo_link(uuid, text) IS
  'Definer, as nobody moves rows by hand: undoes a merge or a split; the rows go back as they are now, with what was filed since under that number, and other rows stay';
REVOKE ALL ON FUNCTION credit.undo_link(uuid, text) FROM PUBLIC;
