-- ---------------------------------------------------------------------------
-- batches
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.may_hand_in(provider text, division text) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT credit.may_see(credit.duty_mask('{credit_provider}'), division, provider, false);
  END;
COMMENT ON FUNCTION credit.may_hand_in(text, text) IS 'Does a mandate of this transaction let it hand in for this provider and division?';

CREATE FUNCTION credit.open_batch(provider text DEFAULT NULL, name text DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  this record;
  made uuid;
BEGIN
  SELECT p.provider, p.division INTO this
    FROM credit_register.provider p
   WHERE p.provider = coalesce(open_batch.provider,
           (SELECT min(g.provider) FROM credit.grants() g WHERE g.duty = 'credit_provider' HAVING count(DISTINCT g.provider) = 1))
     AND credit.may_hand_in(p.provider, p.division);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no mandate to hand in for this provider' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first, and name the provider if there are several; credit.grants() shows what it gave.';
  END IF;
  PERFORM credit.refuse_market(this.provider);
  IF name IS NOT NULL THEN
    PERFORM credit.need_text('the name', name);
  END IF;
  INSERT INTO credit_register.batch AS b (provider, division, name, person)
    VALUES (this.provider, this.division, open_batch.name, credit.person())
    ON CONFLICT ON CONSTRAINT batch_name DO NOTHING
    RETURNING b.batch INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'this provider has a batch of this name' USING ERRCODE = 'unique_violation',
      DETAIL = 'A name is used once by a provider.',
      HINT = 'Go on with that batch: credit_register.batch has its number. The same file handed in again takes a name of its own: what was filed is not filed twice.';
  END IF;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.open_batch(text, text) IS
  'Definer, as departments do not write batches by hand: a new batch of a provider, by default of the one that the mandates name';
REVOKE ALL ON FUNCTION credit.open_batch(text, text) FROM PUBLIC;

CREATE FUNCTION credit.own_batch(batch uuid, OUT provider text, OUT division text, OUT received_at timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT b.provider, b.division, b.received_at INTO provider, division, received_at
    FROM credit_register.batch b
   WHERE b.batch = own_batch.batch AND credit.may_hand_in(b.provider, b.division)
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such batch' USING ERRCODE = 'no_data_found',
      HINT = 'Call credit.enter() first; a batch is seen by those who may hand in for its provider.';
  END IF;
  PERFORM credit.refuse_market(provider);
END
$$;
COMMENT ON FUNCTION credit.own_batch(uuid) IS 'A batch that this transaction may work on, locked; the same error for an unknown one and another''s';
REVOKE ALL ON FUNCTION credit.own_batch(uuid) FROM PUBLIC;

CREATE FUNCTION credit.take_batch_row() RETURNS trigger
  AS 'MODULE_PATHNAME', 'collection_take_row' LANGUAGE C VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION credit.take_batch_row() IS
  'Definer, as nobody writes rows of batches by hand: what comes in through credit_register.batch_in goes to a batch of one''s own';
REVOKE ALL ON FUNCTION credit.take_batch_row() FROM PUBLIC;

CREATE FUNCTION credit.add_batch_rows(batch uuid, rows jsonb) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  added bigint;
  behind int;
BEGIN
  -- A line that came meanwhile would not be seen, either.
  PERFORM credit.need_read_committed('filing');
  PERFORM credit.own_batch(batch);
  IF jsonb_typeof(rows) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'rows are an array of objects' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  behind := (SELECT greatest(b.last_line, (SELECT max(w.line) FROM credit_register.batch_row w WHERE w.batch = b.batch))
               FROM credit_register.batch b WHERE b.batch = add_batch_rows.batch);
  IF jsonb_array_length(rows) > 2147483647 - behind THEN
    RAISE EXCEPTION 'the batch has no lines left behind its last one' USING ERRCODE = 'program_limit_exceeded',
      HINT = 'Lines go up to 2147483647. Open another batch.';
  END IF;
  INSERT INTO credit_register.batch_row (batch, line, raw)
    SELECT add_batch_rows.batch, behind + n, e FROM jsonb_array_elements(rows) WITH ORDINALITY x (e, n);
  GET DIAGNOSTICS added = ROW_COUNT;
  UPDATE credit_register.batch b
     SET last_line = greatest(b.last_line, (SELECT max(w.line) FROM credit_register.batch_row w WHERE w.batch = b.batch))
   WHERE b.batch = add_batch_rows.batch;
  RETURN added;
END
$$;
COMMENT ON FUNCTION credit.add_batch_rows(uuid, jsonb) IS
  'Definer, as nobody writes rows of batches by hand: adds an array of rows behind those that the batch has';
REVOKE ALL ON FUNCTION credit.add_batch_rows(uuid, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.kept_name_key(subject credit.pseudonym) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT credit.name_key(nullif(credit.identity_unseal(i.subject, 'name', i.name, i.data_key), '')) COLLATE "C"
            FROM credit_register.identity i WHERE i.subject = kept_name_key.subject AND i.name IS NOT NULL);
END
$$;
COMMENT ON FUNCTION credit.kept_name_key(credit.pseudonym) IS 'The key of the name that the vault has for a subject; NULL if it has none; for the gate alone';
REVOKE ALL ON FUNCTION credit.kept_name_key(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.name_fault(own credit.pseudonym, kept_as credit.pseudonym, name text) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name_key text COLLATE "C" := credit.name_key(name);
  kept text COLLATE "C" := credit.kept_name_key(kept_as);
BEGIN
  RETURN CASE
    -- Who says which of two names a new number has?
    WHEN kept IS NULL THEN 'name:CR122:the file has two names for it'
    -- A merged number may have been stored under another name.
    WHEN kept = name_key OR own <> kept_as AND credit.kept_name_key(own) = name_key THEN ''
    ELSE 'name:CR122:another name is kept' END;
END
$$;
COMMENT ON FUNCTION credit.name_fault(credit.pseudonym, credit.pseudonym, text) IS
  'What the gate says of a name that does not agree with its number, or not with that of another line; for load_batch() alone';
REVOKE ALL ON FUNCTION credit.name_fault(credit.pseudonym, credit.pseudonym, text) FROM PUBLIC;

-- One statement: every row is read and judged once, in the order of subjects, so
-- that two loaders wait for each other and never deadlock.  A table that was
-- empty when it was last analysed fills under this very statement: it must not
-- be read whole for every row, whatever the planner thinks of it.
CREATE FUNCTION credit.load_batch(batch uuid, OUT read bigint, OUT filed bigint, OUT held bigint, OUT already_there bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  SET enable_seqscan = off
  AS $$
DECLARE
  this record;
  book credit.rulebook := credit.rulebook_on(credit.today());
  handed_in date;
  counted record;
  -- A few: each is a decision of a person.
  parted credit.pseudonym[] := ARRAY(SELECT credit.current_subject(l.subject) FROM credit_register.subject_link l
                                      WHERE l.kind = 'split_into' AND l.undone_at IS NULL);
BEGIN
  PERFORM credit.need_read_committed('filing');
  this := credit.own_batch(batch);
  PERFORM credit.note_keys();
  handed_in := (this.received_at AT TIME ZONE 'Asia/Shanghai')::date;
  WITH catalogue AS MATERIALIZED (
    SELECT c.* FROM credit.catalogue(book) c
  ), row_read AS (
    SELECT w.line, w.tries, credit.read_row(w.raw) AS r
      FROM credit_register.batch_row w
     WHERE w.batch = load_batch.batch AND NOT w.held OFFSET 0
  ), row_known AS (
    SELECT x.line, x.tries, p.own, (x.r).*, c.item IS NOT NULL AS listed, c.stance, c.fields AS takes, c.subjects, c.basis, c.basis_in_force,
           credit.check_code((x.r).subject, handed_in) AS said,
           -- The file of a number that was merged is another's.
           coalesce((SELECT credit.current_subject(l.other) FROM credit_register.subject_link l
                      WHERE l.subject = p.own AND l.kind = 'merged_into' AND l.undone_at IS NULL), p.own) AS known_as, credit.code_kind((x.r).code) AS kind,
           coalesce((x.r).happened_on, (x.r).conduct_end, CASE WHEN c.stance <> 'bad' THEN (x.r).document_date END) AS act_on
      FROM row_read x CROSS JOIN LATERAL (SELECT credit.pseudonym((x.r).code) AS own OFFSET 0) p
      LEFT JOIN catalogue c ON c.item = (x.r).item OFFSET 0
  ), row_judged AS (
    SELECT k.line, k.tries, k.own, k.code, k.name, k.item, k.severity, k.document_no, k.document_date, k.act_on, k.conduct_end, k.final_on,
           k.fulfilled_on, k.amount, k.fields, k.certified_by, k.stance, k.basis, k.basis_in_force, k.known_as, k.kind, a.minor, a.settled,
           concat_ws(',', k.faults,
             CASE WHEN k.subject IS NULL THEN 'subject:CR108'
                  WHEN k.code IS NULL OR (k.said).verdict = 'future_birth'
                    THEN 'subject:CR110:' || (k.said).verdict || coalesce(' at ' || (k.said).position, '')
                  WHEN k.listed AND NOT CASE k.kind WHEN 'organisation' THEN 'organisation' ELSE 'person' END = ANY (k.subjects) THEN 'subject:CR107'
                  WHEN EXISTS (SELECT FROM credit_register.identity i WHERE i.subject IN (k.known_as, k.own) AND i.forgotten_at IS NOT NULL) THEN 'subject:CR114' END,
             CASE WHEN k.item IS NULL THEN 'item:CR108' WHEN NOT k.listed THEN 'item:CR106'
                  WHEN k.act_on IS NOT NULL AND NOT k.basis_in_force @> k.act_on THEN 'item:CR101' END,
             CASE WHEN k.document_date IS NULL THEN 'document_date:CR108' WHEN k.document_date > handed_in THEN 'document_date:CR112' END,
             CASE WHEN k.act_on IS NULL THEN CASE WHEN k.listed THEN 'happened_on:CR108' END
                  WHEN k.act_on > k.document_date THEN 'happened_on:CR112'
                  WHEN k.stance = 'bad' AND a.minor THEN 'happened_on:CR105' END,
             CASE WHEN k.conduct_end > k.document_date THEN 'conduct_end:CR112' END,
             CASE WHEN k.fulfilled_on > handed_in THEN 'fulfilled_on:CR112' END,
             CASE WHEN k.stance = 'bad' THEN CASE WHEN credit.is_document(k.document_no) IS NOT TRUE THEN 'document_no:CR104' END END,
             CASE WHEN k.stance = 'bad' THEN CASE WHEN k.final_on IS NULL OR k.final_on > handed_in THEN 'final_on:CR104' END END,
             CASE WHEN k.listed AND k.fields - k.takes <> '{}' THEN
               (SELECT string_agg(CASE WHEN f ~ '^[a-z][a-z_]{0,62}$' THEN f ELSE '(unnamed)' END || ':CR102', ',')
                  FROM jsonb_object_keys(k.fields - k.takes) f WHERE NOT credit.reserved_field(f)) END,
             CASE WHEN a.settled[1] = 'barred' OR a.settled[1] <> 'there' AND k.certified_by IS NULL
                    THEN concat_ws(':', 'subject:CR207', credit.settled_words(a.settled[1])) END) AS faults_found,
           CASE WHEN a.settled[2] IS NOT NULL THEN credit.certified_fingerprint(a.settled[2]::uuid, k.item) ELSE a.fingerprint END AS fingerprint
      FROM row_known k
     CROSS JOIN LATERAL (
       SELECT credit.record_fingerprint(this.provider, k.item, k.severity, k.document_no, k.document_date, k.act_on, k.conduct_end,
                                        k.amount, k.fields) AS fingerprint OFFSET 0) f
     CROSS JOIN LATERAL (
       -- An assigned code tells no age, and one that was merged not the whole truth.
       SELECT f.fingerprint, coalesce(credit.age_on(k.code, k.act_on) < 18, false)
                OR CASE WHEN k.kind = 'assigned' OR k.own <> k.known_as THEN credit.minor_by_number(k.own, k.act_on) ELSE false END AS minor,
              CASE WHEN EXISTS (SELECT FROM credit_register.record w WHERE w.subject = k.known_as AND (w.state <> 'active' OR w.version > 1))
                     OR k.known_as = ANY (parted)
                   THEN credit.settled(k.known_as, this.provider, k.item, k.stance, k.document_no, f.fingerprint) END AS settled
       OFFSET 0) a
  ), row_sorted AS MATERIALIZED (
    -- What every reader of these rows asks for stands in front.
    SELECT j.known_as, j.faults_found, j.line, j.tries, j.name, j.own, j.code, j.item, j.severity, j.document_no, j.document_date, j.act_on, j.conduct_end,
           j.final_on, j.fulfilled_on, j.amount, j.fields, j.certified_by, j.stance, j.basis, j.basis_in_force, j.minor, j.settled, j.fingerprint
      FROM row_judged j ORDER BY j.known_as, j.fingerprint, j.line
  ), name_said AS MATERIALIZED (
    -- Of lines that would be filed: nobody tries names on one that is held anyhow.
    SELECT n.known_as, min(n.name_key) AS name_key, max(n.name_key) AS other_key
      FROM (SELECT d.known_as, credit.name_key(d.name) COLLATE "C" AS name_key
              FROM (SELECT j.known_as, j.name COLLATE "C" AS name FROM row_sorted j WHERE j.faults_found = '' AND j.name IS NOT NULL GROUP BY 1, 2) d) n
     GROUP BY n.known_as
  ), doubtful AS MATERIALIZED (
    SELECT n.known_as FROM name_said n
     WHERE n.name_key <> n.other_key
        OR n.name_key <> (SELECT credit.name_key(nullif(credit.identity_unseal(i.subject, 'name', i.name, i.data_key), '')) COLLATE "C"
                            FROM credit_register.identity i WHERE i.subject = n.known_as AND i.name IS NOT NULL)
  ), row_named AS NOT MATERIALIZED (
    SELECT j.*, CASE WHEN j.faults_found = '' AND j.name IS NOT NULL AND j.known_as IN (SELECT d.known_as FROM doubtful d)
                     THEN credit.name_fault(j.own, j.known_as, j.name) ELSE j.faults_found END AS faults
      FROM row_sorted j
  ), verdict AS (
    INSERT INTO credit_register.batch_verdict (batch, line, field, code, message, provider, division)
      SELECT load_batch.batch, j.line, split_part(f, ':', 1), g.code,
             g.message || coalesce(': ' || nullif(split_part(f, ':', 3), ''), ''), this.provider, this.division
        FROM row_named j, string_to_table(j.faults, ',') f
        JOIN credit.gate_codes() g ON g.code = split_part(f, ':', 2)
       WHERE j.faults <> ''
         -- What cannot be read is not missing.
         AND (g.code NOT IN ('CR104', 'CR108') OR strpos(',' || j.faults, ',' || split_part(f, ':', 1) || ':CR111') = 0)
      ON CONFLICT DO NOTHING
  ), person AS MATERIALIZED (
    SELECT g.known_as, g.code, credit.code_kind(g.code) AS kind, g.name
      FROM (SELECT j.known_as, min(j.code) AS code, min(j.name COLLATE "C") AS name FROM row_named j WHERE j.faults = '' GROUP BY j.known_as) g
     ORDER BY g.known_as
  ), vault AS (
    INSERT INTO credit_register.identity (subject, data_key, number, name)
      SELECT p.known_as, p.data_key, credit.identity_seal(p.known_as, 'number', credit.code_text(p.code), p.data_key),
             credit.identity_seal(p.known_as, 'name', p.name, p.data_key)
        FROM (SELECT q.*, credit.identity_new_key(q.known_as) AS data_key FROM person q
               WHERE NOT coalesce((SELECT true FROM credit_register.identity i WHERE i.subject = q.known_as), false) OFFSET 0) p
      ON CONFLICT (subject) DO NOTHING
  ), named AS (
    -- Who was stored without a name gets the first one that is said.
    UPDATE credit_register.identity i SET name = credit.identity_seal(i.subject, 'name', p.name, i.data_key)
      FROM person p
     WHERE i.subject = p.known_as AND i.name IS NULL AND i.data_key IS NOT NULL AND p.name IS NOT NULL
  ), enrolled AS (
    INSERT INTO credit_register.subject (subject, kind, division, minor)
      SELECT p.known_as, p.kind, this.division, coalesce(credit.age_on(p.code, handed_in) < 18, false)
        FROM person p
      ON CONFLICT (subject) DO NOTHING
  ), fresh AS (
    INSERT INTO credit_register.record (subject, record, minor, division, provider, item, severity, document_date, conduct_end, stance, amount,
        document_no, happened_on, final_on, fulfilled_on, fields, basis, basis_in_force, batch, line, fingerprint, certified_by, received_at)
      SELECT j.known_as, credit.record_number(), j.minor, this.division, this.provider, j.item, j.severity::credit.severity, j.document_date, j.conduct_end, j.stance,
             j.amount, j.document_no, j.act_on, j.final_on, j.fulfilled_on, j.fields, j.basis, j.basis_in_force, load_batch.batch, j.line,
             j.fingerprint, CASE WHEN j.settled[2] IS NOT NULL THEN j.certified_by END, this.received_at
        FROM row_named j
       WHERE j.faults = '' AND j.settled[1] IS DISTINCT FROM 'there'
      ON CONFLICT (subject, fingerprint) DO NOTHING
      RETURNING subject, record, line, certified_by
  ), told AS (
    INSERT INTO credit_register.notice (subject, record, kind, reason)
      SELECT f.subject, f.record, 'filed_again', 'A record that was removed, repaired, corrected or disputed was certified and filed again.'
        FROM fresh f WHERE f.certified_by IS NOT NULL
  ), noted AS (
    -- If a merge is undone, it goes with the number that it was filed under.
    SELECT count(credit.note_filed(j.own, 'record', jsonb_build_object('record', f.record)))
      FROM row_sorted j JOIN fresh f ON f.line = j.line WHERE j.own <> j.known_as
  )
  SELECT count(*) AS read, (SELECT n.count FROM noted n) AS noted, count(*) FILTER (WHERE j.faults <> '') AS held, count(*) FILTER (WHERE j.tries = 0) AS new,
         count(*) FILTER (WHERE j.faults <> '' AND j.tries = 0) AS new_held,
         count(*) FILTER (WHERE j.faults = '' AND j.tries > 0) AS corrected,
         count(*) FILTER (WHERE j.faults = 'name:CR122:another name is kept') AS misnamed,
         (SELECT count(*) FROM fresh) AS filed
    INTO counted FROM row_named j;
  read := counted.read;
  filed := counted.filed;
  held := counted.held;
  already_there := read - held - filed;
  -- A held line tells that the name is another one.  Who asks that way and rolls back is found in the server's log.
  IF counted.misnamed > 0 THEN
    RAISE LOG 'provider "%" handed in % line(s) with another name than the one that is kept', this.provider, counted.misnamed;
  END IF;
  -- The batch is locked, so that no line came meanwhile: whoever adds one holds a share of that lock.
  IF held > 0 THEN
    UPDATE credit_register.batch_row w SET held = true, tries = w.tries + 1
     WHERE w.batch = load_batch.batch AND NOT w.held
       AND w.line = ANY (ARRAY(SELECT DISTINCT v.line FROM credit_register.batch_verdict v WHERE v.batch = load_batch.batch));
  END IF;
  DELETE FROM credit_register.batch_row w WHERE w.batch = load_batch.batch AND NOT w.held;
  UPDATE credit_register.batch b
     SET loaded_at = clock_timestamp(), read_rows = b.read_rows + counted.new, filed_rows = b.filed_rows + counted.filed,
         held_rows = b.held_rows + counted.new_held, there_rows = b.there_rows + load_batch.already_there,
         corrected_rows = b.corrected_rows + counted.corrected
   WHERE b.batch = load_batch.batch;
END
$$;
COMMENT ON FUNCTION credit.load_batch(uuid) IS
  'Definer, as departments reach neither vault nor rows: judges the rows that wait, files the good ones once, holds the others with verdicts';
REVOKE ALL ON FUNCTION credit.load_batch(uuid) FROM PUBLIC;

-- Of two names in one file any line may be the wrong one: when one goes or is
-- corrected, the verdict on the others says what is no longer so.
CREATE FUNCTION credit.judge_names_anew(batch uuid, line int) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  WITH two_names AS MATERIALIZED (
    SELECT w.line, (credit.read_row(w.raw)).code AS code
      FROM credit_register.batch_verdict v JOIN credit_register.batch_row w ON w.batch = v.batch AND w.line = v.line AND w.held
     WHERE v.batch = judge_names_anew.batch AND v.code = 'CR122'
  ), freed AS (
    UPDATE credit_register.batch_row w SET held = false
      FROM two_names t JOIN two_names this ON this.line = judge_names_anew.line AND this.code = t.code
     WHERE w.batch = judge_names_anew.batch AND w.line = t.line AND t.line <> this.line
    RETURNING w.line
  )
  DELETE FROM credit_register.batch_verdict v USING freed f WHERE v.batch = judge_names_anew.batch AND v.line = f.line;
END
$$;
COMMENT ON FUNCTION credit.judge_names_anew(uuid, int) IS
  'If this line is held for its name, the other such lines of its number wait again; for credit.correct_row() and credit.discard_row() alone';
REVOKE ALL ON FUNCTION credit.judge_names_anew(uuid, int) FROM PUBLIC;

CREATE FUNCTION credit.correct_row(batch uuid, line int, raw jsonb DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.own_batch(batch);
  -- Judged anew as it is, a line is said to be the right one.
  IF raw IS NOT NULL THEN
    PERFORM credit.judge_names_anew(batch, line);
  END IF;
  UPDATE credit_register.batch_row w SET raw = coalesce(correct_row.raw, w.raw), held = false
   -- One that waits again because of another may be another content, too.
   WHERE w.batch = correct_row.batch AND w.line = correct_row.line AND (w.held OR correct_row.raw IS NOT NULL);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this line is not held' USING ERRCODE = 'no_data_found',
      HINT = 'credit_register.batch_verdict has the lines of this batch that are held.';
  END IF;
  DELETE FROM credit_register.batch_verdict v WHERE v.batch = correct_row.batch AND v.line = correct_row.line;
END
$$;
COMMENT ON FUNCTION credit.correct_row(uuid, int, jsonb) IS
  'Definer, as nobody writes rows of batches by hand: puts another content, or the same to be judged anew, in place of a held line';
REVOKE ALL ON FUNCTION credit.correct_row(uuid, int, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.file_record(code credit.code, item text, document_date date, document_no text DEFAULT NULL,
    happened_on date DEFAULT NULL, final_on date DEFAULT NULL, severity credit.severity DEFAULT NULL, amount numeric DEFAULT NULL,
    conduct_end date DEFAULT NULL, fulfilled_on date DEFAULT NULL, fields jsonb DEFAULT '{}', name text DEFAULT NULL,
    provider text DEFAULT NULL, certified_by text DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid := credit.open_batch(provider);
  raw jsonb;
  fault record;
  found_record uuid;
BEGIN
  -- Days as jsonb writes them: YYYY-MM-DD, whatever DateStyle says.
  raw := jsonb_strip_nulls(jsonb_build_object('subject', credit.code_text(code), 'item', item, 'document_date', document_date,
    'document_no', document_no, 'happened_on', happened_on, 'final_on', final_on, 'severity', severity::text, 'amount', amount,
    'conduct_end', conduct_end, 'fulfilled_on', fulfilled_on, 'name', name, 'certified_by', certified_by))
    || jsonb_build_object('fields', fields);
  INSERT INTO credit_register.batch_row (batch, line, raw) VALUES (made, 1, raw);
  PERFORM credit.load_batch(made);
  SELECT v.field, v.code, v.message INTO fault FROM credit_register.batch_verdict v WHERE v.batch = made ORDER BY v.code, v.field LIMIT 1;
  IF FOUND THEN
    PERFORM credit.refuse(fault.code, fault.field, CASE fault.code WHEN 'CR207' THEN nullif(split_part(fault.message, ': ', 2), '') END);
  END IF;
  SELECT r.record INTO found_record FROM credit_register.record r WHERE r.subject = credit.current_subject(credit.pseudonym(file_record.code)) AND r.batch = made;
  IF NOT FOUND THEN
    SELECT r.record INTO found_record
      FROM credit_register.batch b, credit.read_row(raw) w
      JOIN credit_register.record r ON r.subject = credit.current_subject(credit.pseudonym(w.code))
     CROSS JOIN LATERAL (SELECT credit.record_fingerprint(b.provider, w.item, w.severity, w.document_no, w.document_date,
                           coalesce(w.happened_on, w.conduct_end, w.document_date), w.conduct_end, w.amount, w.fields) AS fingerprint OFFSET 0) f
     WHERE b.batch = made AND r.provider = b.provider
       AND f.fingerprint IN (r.fingerprint, credit.record_fingerprint(r.provider, r.item, r.severity::text, r.document_no, r.document_date,
                               r.happened_on, r.conduct_end, r.amount, r.fields))
     ORDER BY r.state IN ('withdrawn', 'archived'), r.registered_at LIMIT 1;
  END IF;
  RETURN found_record;
END
$$;
COMMENT ON FUNCTION credit.file_record(credit.code, text, date, text, date, date, credit.severity, numeric, date, date, jsonb, text, text, text) IS
  'Definer, as departments do not write records by hand: files one record through the gate and gives its number, that of the first if it is there already';
REVOKE ALL ON FUNCTION credit.file_record(credit.code, text, date, text, date, date, credit.severity, numeric, date, date, jsonb, text, text, text) FROM PUBLIC;
