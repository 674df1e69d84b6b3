-- ---------------------------------------------------------------------------
-- collection: from a department's file to records, through one gate
--
-- A batch is read, judged and filed by one statement.  What the gate says of a
-- row it says by a code; no value of a row is in a verdict, an error or an
-- audit image.
-- ---------------------------------------------------------------------------

-- What may never be collected.

CREATE FUNCTION credit.reserved_field(name text) RETURNS bool
  AS 'MODULE_PATHNAME', 'collection_reserved_field' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.reserved_field(text) IS
  'Does this name of a field speak of religion, genes, biometrics, blood type, illness, political opinion, petitions or family?  No catalogue may ask for those';

CREATE FUNCTION credit.has_reserved_field(fields jsonb) RETURNS bool
  AS 'MODULE_PATHNAME', 'collection_has_reserved' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.has_reserved_field(jsonb) IS 'Is a key, at any depth, a reserved one?';

-- Reading a row.

CREATE FUNCTION credit.read_row(raw jsonb, OUT subject text, OUT code credit.code, OUT name text, OUT item text, OUT severity text,
    OUT document_no text, OUT document_date date, OUT happened_on date, OUT conduct_end date, OUT final_on date,
    OUT fulfilled_on date, OUT amount numeric, OUT fields jsonb, OUT certified_by text, OUT faults text)
  AS 'MODULE_PATHNAME', 'collection_read_row' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.read_row(jsonb) IS
  'A row of a file in columns, and what of it cannot be read as field:code; never an error, and never a value in the faults';
REVOKE ALL ON FUNCTION credit.read_row(jsonb) FROM PUBLIC;

CREATE FUNCTION credit.document_key(document_no text) RETURNS text
  AS 'MODULE_PATHNAME', 'collection_document_key' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.document_key(text) IS
  'The number of a document without blanks, with one kind of bracket, folded as names are: equal for all its spellings';

CREATE FUNCTION credit.record_fingerprint(provider text, item text, severity text, document_no text, document_date date,
    happened_on date, conduct_end date, amount numeric, fields jsonb) RETURNS bytea
  AS 'MODULE_PATHNAME', 'collection_fingerprint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.record_fingerprint(text, text, text, text, date, date, date, numeric, jsonb) IS
  'Hash of what makes two reports one record; NULL is a value like another';

CREATE FUNCTION credit.certified_fingerprint(replaced uuid, item text) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat('certified ', replaced, ' ', item), 'UTF8'));
COMMENT ON FUNCTION credit.certified_fingerprint(uuid, text) IS
  'Fingerprint of the record that was certified in place of another one: whoever certified it and whatever it says, there is one';

CREATE FUNCTION credit.record_number() RETURNS uuid
  AS 'MODULE_PATHNAME', 'collection_record_number' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION credit.record_number() IS 'A new number of a record: a UUID of version 7, so that those of a batch lie together in an index';

-- The catalogue of a rulebook as the gate needs it.

CREATE FUNCTION credit.catalogue(book credit.rulebook, only_item text DEFAULT NULL)
RETURNS TABLE (item text, stance credit.stance, fields text[], subjects text[], basis text, basis_in_force daterange, fresh_days int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
BEGIN ATOMIC
  SELECT i OPERATOR(pg_catalog.->>) 'id', (i OPERATOR(pg_catalog.->>) 'stance')::credit.stance,
         ARRAY(SELECT pg_catalog.jsonb_array_elements_text(i OPERATOR(pg_catalog.->) 'fields')),
         ARRAY(SELECT pg_catalog.jsonb_array_elements_text(i OPERATOR(pg_catalog.->) 'subjects')),
         credit.rulebook_basis(b.book, i OPERATOR(pg_catalog.->) 'basis'),
         pg_catalog.daterange((i OPERATOR(pg_catalog.#>>) '{in_force,from}')::date, (i OPERATOR(pg_catalog.#>>) '{in_force,to}')::date, '[]')
           OPERATOR(pg_catalog.*)
         pg_catalog.daterange((d OPERATOR(pg_catalog.#>>) '{in_force,from}')::date, (d OPERATOR(pg_catalog.#>>) '{in_force,to}')::date, '[]'),
         (i OPERATOR(pg_catalog.->>) 'fresh_days')::int
    FROM (SELECT credit.jsonb(book)) AS b (book),
         pg_catalog.jsonb_array_elements(b.book OPERATOR(pg_catalog.->) 'items') AS i,
         pg_catalog.jsonb_array_elements(b.book OPERATOR(pg_catalog.->) 'documents') AS d
   WHERE (d OPERATOR(pg_catalog.->>) 'id') OPERATOR(pg_catalog.=) (i OPERATOR(pg_catalog.#>>) '{basis,document}')
     AND (only_item IS NULL OR (i OPERATOR(pg_catalog.->>) 'id') OPERATOR(pg_catalog.=) only_item);
END;
COMMENT ON FUNCTION credit.catalogue(credit.rulebook, text) IS
  'Items of a rulebook, or one, with the days on which both the item and the document it rests on are in force';

CREATE FUNCTION credit.gate_codes() RETURNS TABLE (code text, message text, hint text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 15
BEGIN ATOMIC
VALUES
  ('CR101', 'no legal basis was in force on the day of the act', 'credit.catalogue() shows from when to when the item''s basis is in force.'),
  ('CR102', 'the field is not in the catalogue', 'Leave it out: only the fields that the item lists are taken.'),
  ('CR103', 'the field is one that may never be collected', 'Leave it out, here and in every file.'),
  ('CR104', 'there is no final finding', 'A bad record needs the number of its document and the day since which it is final.'),
  ('CR105', 'the act was committed under age', 'Acts of minors are not recorded against them.'),
  ('CR106', 'the catalogue has no such item', 'credit.catalogue() lists the items.'),
  ('CR107', 'the item does not take this kind of subject', 'credit.catalogue() shows whether an item takes persons or organisations.'),
  ('CR108', 'something that is needed is missing', 'Fill it in: subject, item, document_date, and of what is bad happened_on.'),
  ('CR109', 'this is not the division of the provider', 'A provider files under its own division.'),
  ('CR110', 'the code of the subject is not valid', 'credit.check_code() and credit.suggest_code() say what is wrong with a code.'),
  ('CR111', 'the value cannot be read', 'Days are YYYY-MM-DD, amounts digits with up to 4 decimals, values of fields plain and short.'),
  ('CR112', 'the days contradict each other', 'An act is not after its document, and a document not after the day it was handed in.'),
  ('CR114', 'the identity of this subject was erased', 'It is not stored anew by itself: ask the office that keeps the register.'),
  ('CR122', 'number and name do not agree', 'Please verify both with the person. A changed name is stored by the office that keeps the register: credit.identity_store().'),
  ('CR207', 'the record was removed, repaired or corrected before, or is disputed',
   'What was removed is replaced once, by what certified_by says who certified; the person is told. What is repaired, corrected or disputed only a case changes.');
END;
COMMENT ON FUNCTION credit.gate_codes() IS 'What the gate may say of a row: the SQLSTATE of credit.file_record(), the code of a verdict';

-- ---------------------------------------------------------------------------
-- tables
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_record_gate() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE OR REPLACE TRIGGER credit_gate BEFORE INSERT ON credit_register.record FOR EACH ROW
    WHEN (NEW.basis IS NULL OR NEW.basis_in_force IS NULL OR NEW.happened_on IS NULL OR NEW.fingerprint IS NULL)
    EXECUTE FUNCTION credit.pass_gate();
  CREATE OR REPLACE TRIGGER credit_former_key BEFORE UPDATE OF document_no ON credit_register.record FOR EACH ROW
    WHEN (OLD.document_no IS DISTINCT FROM NEW.document_no) EXECUTE FUNCTION credit.keep_former_key();
  CREATE INDEX IF NOT EXISTS identity_forgotten ON credit_register.identity (subject) WHERE forgotten_at IS NOT NULL;
  IF EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = 'credit_register.record'::regclass AND c.conname = 'record_basis') THEN
    RETURN;
  END IF;
  ALTER TABLE credit_register.record ALTER COLUMN basis SET NOT NULL;
  ALTER TABLE credit_register.record ALTER COLUMN basis_in_force SET NOT NULL;
  ALTER TABLE credit_register.record ALTER COLUMN happened_on SET NOT NULL;
  ALTER TABLE credit_register.record ALTER COLUMN fingerprint SET NOT NULL;
  ALTER TABLE credit_register.record ADD CONSTRAINT record_basis CHECK (btrim(basis) <> '' AND basis_in_force @> happened_on);
  ALTER TABLE credit_register.record ADD CONSTRAINT record_days CHECK (happened_on <= document_date);
  ALTER TABLE credit_register.record ADD CONSTRAINT record_fields CHECK (jsonb_typeof(fields) = 'object'
    AND NOT credit.has_reserved_field(fields) AND NOT credit.has_reserved_field(facts));
  ALTER TABLE credit_register.record ADD CONSTRAINT record_finding
    CHECK (stance <> 'bad' OR document_no IS NOT NULL AND credit.document_key(document_no) <> '' AND final_on IS NOT NULL);
  ALTER TABLE credit_register.record ADD CONSTRAINT record_adult CHECK (stance <> 'bad' OR NOT minor);
  ALTER TABLE credit_register.record ADD CONSTRAINT record_once UNIQUE (subject, fingerprint);
  CREATE INDEX record_settled ON credit_register.record (subject) WHERE state <> 'active' OR version > 1;
END
$$;
COMMENT ON FUNCTION credit.create_record_gate() IS 'What no record may be without, as constraints: basis in force, final finding, adult, plain fields, once';
REVOKE ALL ON FUNCTION credit.create_record_gate() FROM PUBLIC;

CREATE FUNCTION credit.create_register_collection() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.create_record_gate();
  CREATE TABLE IF NOT EXISTS credit_register.batch (
    batch uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    division text COLLATE "C" NOT NULL,
    name text,
    person text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    loaded_at timestamptz,
    last_line int NOT NULL DEFAULT 0,
    read_rows bigint NOT NULL DEFAULT 0,
    filed_rows bigint NOT NULL DEFAULT 0,
    held_rows bigint NOT NULL DEFAULT 0,
    there_rows bigint NOT NULL DEFAULT 0,
    corrected_rows bigint NOT NULL DEFAULT 0,
    discarded_rows bigint NOT NULL DEFAULT 0,
    CONSTRAINT batch_name UNIQUE (provider, name)
  );
  CREATE INDEX IF NOT EXISTS batch_received ON credit_register.batch (provider, received_at);
  -- What waits or is held, as it came; what was filed is gone from here.
  CREATE TABLE IF NOT EXISTS credit_register.batch_row (
    batch uuid NOT NULL,	-- take_batch_row() and add_batch_rows() see to it: a million checks of one key are none
    line int NOT NULL CHECK (line > 0),
    raw jsonb NOT NULL,
    held bool NOT NULL DEFAULT false,
    tries int NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch, line)
  );
  CREATE TABLE IF NOT EXISTS credit_register.batch_verdict (
    batch uuid NOT NULL REFERENCES credit_register.batch,
    line int NOT NULL,
    field text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    message text NOT NULL,
    provider text COLLATE "C" NOT NULL,
    division text COLLATE "C" NOT NULL,
    PRIMARY KEY (batch, line, field, code)
  );
  CREATE TABLE IF NOT EXISTS credit_register.discarded_row (
    batch uuid NOT NULL REFERENCES credit_register.batch,
    line int NOT NULL,
    codes text[] COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\S'),
    person text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    division text COLLATE "C" NOT NULL,
    discarded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (batch, line, discarded_at)
  );
  CREATE TABLE IF NOT EXISTS credit_register.duty_item (
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    item text COLLATE "C" NOT NULL,
    owed daterange NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    PRIMARY KEY (provider, item)
  );
  CREATE TABLE IF NOT EXISTS credit_register.nil_return (
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    item text COLLATE "C" NOT NULL,
    month date NOT NULL CHECK (month = date_trunc('month', month::timestamp)),
    person text COLLATE "C" NOT NULL,
    returned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider, item, month)
  );
  -- The place that COPY writes to: COPY does not go to tables under row security.
  CREATE OR REPLACE VIEW credit_register.batch_in WITH (security_invoker = true) AS
    SELECT NULL::uuid AS batch, NULL::int AS line, NULL::jsonb AS raw WHERE false;
  CREATE OR REPLACE TRIGGER credit_take INSTEAD OF INSERT ON credit_register.batch_in FOR EACH ROW
    EXECUTE FUNCTION credit.take_batch_row();
  COMMENT ON VIEW credit_register.batch_in IS 'Rows of a batch are written here, by COPY or INSERT; reading gives nothing';
  PERFORM credit.comment_tables(
$comments$batch|Files as departments hand them in
batch.batch|Number
batch.provider|Who hands it in
batch.division|Division whose files its records go to
batch.name|What the department calls it
batch.person|Who opened it
batch.received_at|When it came
batch.loaded_at|When rows of it were loaded last
batch.last_line|Last line that credit.add_batch_rows() gave
batch.read_rows|Lines read, each counted once
batch.filed_rows|Lines that became records
batch.held_rows|Lines that were held the first time
batch.there_rows|Lines whose record was there already
batch.corrected_rows|Lines that were held and then filed
batch.discarded_rows|Lines that were held and then discarded
batch_row|Lines that wait or are held, as they came; filed and discarded ones are deleted
batch_row.batch|Batch
batch_row.line|Line
batch_row.raw|What it says: numbers and names in clear, read by functions alone
batch_row.held|It was judged and waits for its correction
batch_row.tries|How often it was judged
batch_row.received_at|When it came; credit.discard_old_rows() counts from there
batch_verdict|Why lines are held, without a value of theirs
batch_verdict.batch|Batch
batch_verdict.line|Line
batch_verdict.field|Field at fault
batch_verdict.code|As credit.gate_codes()
batch_verdict.message|What is wrong
batch_verdict.provider|Who handed it in
batch_verdict.division|Division of the batch
discarded_row|Lines that were given up: why, by whom, and nothing of what they said
discarded_row.batch|Batch
discarded_row.line|Line
discarded_row.codes|Verdicts on it, as credit.gate_codes(); none if it was never judged
discarded_row.reason|Why it was given up
discarded_row.person|Who did it
discarded_row.provider|Who handed it in
discarded_row.division|Division of the batch
discarded_row.discarded_at|When
duty_item|Which provider owes which item of the catalogue
duty_item.provider|Provider
duty_item.item|Item
duty_item.owed|In which days
duty_item.basis|Document that says so
nil_return|Months for which a provider said that there was nothing to report
nil_return.provider|Provider
nil_return.item|Item
nil_return.month|First day of the month
nil_return.person|Who said it
nil_return.returned_at|When$comments$);
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('batch', 'node', 'collection'), ('batch_row', 'node', 'collection'), ('batch_verdict', 'node', 'collection'), ('discarded_row', 'node', 'collection'),
    ('duty_item', 'reference', 'collection'), ('nil_return', 'reference', 'collection')
    ON CONFLICT DO NOTHING;
  PERFORM credit.protect_collection();
END
$$;
COMMENT ON FUNCTION credit.create_register_collection() IS 'Step of create_register(): the gate before records, batches, their rows and verdicts';
REVOKE ALL ON FUNCTION credit.create_register_collection() FROM PUBLIC;

CREATE FUNCTION credit.protect_collection() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  seen text := credit.policy_expression('{credit_provider,credit_reviewer}', 'division', 'provider', NULL);
BEGIN
  PERFORM credit.make_policies('credit_register.batch', seen, NULL);
  PERFORM credit.make_policies('credit_register.batch_verdict', seen, NULL);
  PERFORM credit.make_policies('credit_register.discarded_row', seen, NULL);
  -- No policy at all: rows as they came are read by definer functions alone.
  PERFORM credit.make_policies('credit_register.batch_row', NULL, NULL);
  GRANT SELECT ON credit_register.batch, credit_register.batch_verdict, credit_register.discarded_row TO credit_provider, credit_reviewer;
  PERFORM credit.make_policies('credit_register.duty_item', 'true', NULL);
  PERFORM credit.make_policies('credit_register.nil_return', 'true', NULL);
  GRANT SELECT ON credit_register.duty_item, credit_register.nil_return TO credit_admin, credit_provider, credit_reviewer, credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.coverage(date), credit.late_records(date), credit.provider_scorecard(date)
    TO credit_admin, credit_provider, credit_reviewer, credit_auditor;
  GRANT INSERT ON credit_register.batch_in TO credit_provider;
  -- Records change through functions; by hand a department adds what passes the gate.
  REVOKE INSERT, UPDATE ON credit_register.record FROM credit_provider, credit_reviewer;
  GRANT INSERT (subject, division, provider, item, severity, document_date, conduct_end, amount, document_no, happened_on,
                final_on, fulfilled_on, fields) ON credit_register.record TO credit_provider, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.open_batch(text, text), credit.add_batch_rows(uuid, jsonb), credit.load_batch(uuid),
    credit.correct_row(uuid, int, jsonb), credit.discard_row(uuid, int, text), credit.discard_batch(uuid, text), credit.nil_return(text, text, date),
    credit.file_record(credit.code, text, date, text, date, date, credit.severity, numeric, date, date, jsonb, text, text, text)
    TO credit_provider;
  GRANT EXECUTE ON FUNCTION credit.discard_old_rows(interval) TO credit_admin;
END
$$;
COMMENT ON FUNCTION credit.protect_collection() IS 'Policies of the tables of collection and rights of the duty roles on them';
REVOKE ALL ON FUNCTION credit.protect_collection() FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- the gate before a single INSERT
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.refuse(gate_code text, field text, more text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  said record;
BEGIN
  SELECT g.* INTO STRICT said FROM credit.gate_codes() g WHERE g.code = gate_code;
  RAISE EXCEPTION '%', concat_ws(': ', said.message, more) USING ERRCODE = gate_code, DETAIL = format('Field %s.', field), HINT = said.hint;
END
$$;
COMMENT ON FUNCTION credit.refuse(text, text, text) IS 'Raises what the gate says, with the code as SQLSTATE';
REVOKE ALL ON FUNCTION credit.refuse(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.refuse_market(provider text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.market_provider(provider) THEN
    RAISE EXCEPTION 'what associations say of their members is no public record' USING ERRCODE = 'CR125',
      HINT = 'credit.file_market_record() files it, apart; credit.nominate() proposes a good record.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_market(text) IS 'Raises CR125 for a provider of market data; for the gate alone';
REVOKE ALL ON FUNCTION credit.refuse_market(text) FROM PUBLIC;

CREATE FUNCTION credit.need_read_committed() RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A repair that was committed meanwhile would not be seen; SERIALIZABLE finds those alone that are serializable themselves.
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION 'filing needs another isolation level' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_read_committed() IS 'Raises 55000 where an older snapshot hides what was decided since; for the gate alone';
REVOKE ALL ON FUNCTION credit.need_read_committed() FROM PUBLIC;

CREATE FUNCTION credit.keep_former_key() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.former_keys := (SELECT array_agg(DISTINCT k) FROM unnest(OLD.former_keys || credit.document_key(OLD.document_no)) k WHERE k <> '');
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION credit.keep_former_key() IS 'Trigger of record: the number that a document had before a correction brings nothing back';
REVOKE ALL ON FUNCTION credit.keep_former_key() FROM PUBLIC;

CREATE FUNCTION credit.record_keys(document_no text, former_keys text[]) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN pg_catalog.array_remove(pg_catalog.array_append(former_keys, credit.document_key(document_no)), '');
COMMENT ON FUNCTION credit.record_keys(text, text[]) IS 'All keys under which the document of a record is known; for the gate alone';
REVOKE ALL ON FUNCTION credit.record_keys(text, text[]) FROM PUBLIC;

-- An act is what has its fingerprint, or names its document: same provider, same item.
CREATE FUNCTION credit.settled(subject credit.pseudonym, provider text, item text, stance credit.stance, document_no text, fingerprint bytea) RETURNS text[]
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known_by constant text[] := credit.record_keys(document_no, '{}');
  another uuid := credit.parted(subject, provider, item, document_no, fingerprint);	-- found to be another's
  act pg_catalog.record;
BEGIN
  IF another IS NULL AND NOT EXISTS (SELECT FROM credit_register.record r WHERE r.subject = settled.subject AND (r.state <> 'active' OR r.version > 1)) THEN
    RETURN (SELECT '{there}'::text[] FROM credit_register.record r WHERE r.subject = settled.subject AND r.fingerprint = settled.fingerprint);
  END IF;
  WITH known AS MATERIALIZED (
    SELECT r.record, r.state, r.registered_at, r.state <> 'active' OR r.version > 1 AS decided,
           r.item = settled.item AS own, r.stance, credit.record_keys(r.document_no, r.former_keys) && known_by AS named, r.fingerprint,
           -- As it was reported, or as it stands now.
           settled.fingerprint IN (r.fingerprint, CASE WHEN r.version > 1 OR r.certified_by IS NOT NULL THEN
             credit.record_fingerprint(r.provider, r.item, r.severity::text, r.document_no, r.document_date, r.happened_on, r.conduct_end, r.amount, r.fields) END) AS same
      FROM credit_register.record r
     WHERE r.subject = settled.subject AND r.provider = settled.provider
  ), replaceable AS (
    SELECT w.* FROM (
      SELECT k.record, k.own, k.same, k.registered_at FROM known k
       WHERE k.own AND (k.named OR k.same) AND k.state = 'withdrawn' OR NOT k.own AND k.named AND k.decided AND k.stance = 'bad' AND settled.stance = 'bad'
      UNION ALL SELECT another, true, false, NULL WHERE another IS NOT NULL) w
     WHERE NOT EXISTS (SELECT FROM known c WHERE c.fingerprint = credit.certified_fingerprint(w.record, settled.item))
  )
  -- What a merge set aside stands beside its twin, and is decided as that one is.
  SELECT coalesce(bool_or(k.own AND k.same AND k.state NOT IN ('withdrawn', 'archived')), false) AS there,
         coalesce(bool_or(k.own AND (k.named OR k.same) AND k.decided), false) AS decided,
         coalesce(bool_or(k.own AND (k.named OR k.same) AND k.state IN ('disputed', 'repaired')), false) AS stands,
         coalesce(bool_or(NOT k.own AND k.named AND k.decided AND k.stance = 'bad' AND settled.stance = 'bad'), false) AS elsewhere,
         (SELECT x.record FROM replaceable x ORDER BY x.own DESC, x.same DESC, x.registered_at, x.record LIMIT 1) AS replaced
    INTO act FROM known k;
  RETURN CASE WHEN act.there THEN '{there}'
              WHEN NOT (act.decided OR act.elsewhere) AND another IS NULL THEN NULL
              WHEN act.stands OR act.replaced IS NULL THEN '{barred}'
              WHEN act.decided OR another IS NOT NULL THEN ARRAY['removed', act.replaced::text]
              ELSE ARRAY['elsewhere', act.replaced::text] END;
END
$$;
COMMENT ON FUNCTION credit.settled(credit.pseudonym, text, text, credit.stance, text, bytea) IS
  'What was decided about this act, if anything: there, it is on file as it is; removed (also to another''s file) or elsewhere (the document under another item), and the record in whose place one may be certified; barred, no certificate helps';
REVOKE ALL ON FUNCTION credit.settled(credit.pseudonym, text, text, credit.stance, text, bytea) FROM PUBLIC;

CREATE FUNCTION credit.settled_words(verdict text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN pg_catalog.texteq(verdict, 'elsewhere') THEN 'its document is settled under another item'
              WHEN pg_catalog.texteq(verdict, 'barred') THEN 'no certificate replaces it' END;
COMMENT ON FUNCTION credit.settled_words(text) IS 'What the gate adds to CR207; for the gate alone';
REVOKE ALL ON FUNCTION credit.settled_words(text) FROM PUBLIC;

CREATE FUNCTION credit.assigned_minor(own credit.pseudonym, kept_as credit.pseudonym, day date) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM credit_register.subject s
                  WHERE s.subject IN (own, kept_as) AND s.kind = 'assigned'
                    AND (assigned_minor.day < s.minor_until OR s.minor AND s.minor_until IS NULL));
$$;
COMMENT ON FUNCTION credit.assigned_minor(credit.pseudonym, credit.pseudonym, date) IS
  'Was a person with an assigned code, which tells no age, under 18 on a day?  Also by the file that it was merged into; for the gate alone';
REVOKE ALL ON FUNCTION credit.assigned_minor(credit.pseudonym, credit.pseudonym, date) FROM PUBLIC;

CREATE FUNCTION credit.pass_gate() RETURNS trigger
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entry record;
  known credit.code;
  refused text;
  settled text;
  said_as credit.pseudonym := NEW.subject;
  said record;
BEGIN
  PERFORM credit.need_read_committed();
  SELECT c.* INTO entry FROM credit.catalogue(credit.rulebook_on(credit.today()), NEW.item) c;
  IF NOT FOUND THEN
    PERFORM credit.refuse('CR106', 'item');
  END IF;
  PERFORM credit.refuse_market(NEW.provider);
  -- What a file must be able to say is what a hand may write: one infinite day would stop every query of what is shown.
  said := credit.read_row(jsonb_build_object('document_no', NEW.document_no, 'document_date', NEW.document_date, 'happened_on', NEW.happened_on,
    'conduct_end', NEW.conduct_end, 'final_on', NEW.final_on, 'fulfilled_on', NEW.fulfilled_on, 'amount', NEW.amount, 'fields', NEW.fields));
  IF said.faults IS NOT NULL THEN
    PERFORM credit.refuse(split_part(split_part(said.faults, ',', 1), ':', 2), split_part(said.faults, ':', 1));
  END IF;
  NEW.fields := said.fields;
  -- The file of a number that was merged is another's.
  NEW.subject := credit.current_subject(NEW.subject);
  NEW.happened_on := coalesce(NEW.happened_on, NEW.conduct_end, NEW.document_date);
  IF NOT entry.basis_in_force @> NEW.happened_on THEN
    PERFORM credit.refuse('CR101', 'item');
  ELSIF NEW.fields - entry.fields <> '{}' THEN
    PERFORM credit.refuse('CR102', 'fields');
  ELSIF entry.stance = 'bad' AND (coalesce(credit.document_key(NEW.document_no), '') = '' OR NEW.final_on IS NULL OR NEW.final_on > credit.today()) THEN
    PERFORM credit.refuse('CR104', 'final_on');
  ELSIF NEW.happened_on > NEW.document_date OR NEW.document_date > credit.today() THEN
    PERFORM credit.refuse('CR112', 'document_date');
  ELSIF NEW.conduct_end > NEW.document_date THEN
    PERFORM credit.refuse('CR112', 'conduct_end');
  ELSIF NEW.fulfilled_on > credit.today() THEN
    PERFORM credit.refuse('CR112', 'fulfilled_on');
  ELSIF credit.person() IS NOT NULL
    AND NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = NEW.provider AND p.division = NEW.division) THEN
    PERFORM credit.refuse('CR109', 'division');
  END IF;
  -- An assigned code tells no age: the subject does.
  NEW.minor := NEW.minor OR credit.assigned_minor(said_as, NEW.subject, NEW.happened_on);
  -- Who is in the vault has a number that tells age and kind.
  IF EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = NEW.subject) THEN
    known := credit.reveal(NEW.subject);
    NEW.minor := NEW.minor OR coalesce(credit.age_on(known, NEW.happened_on) < 18, false);
    IF NOT ((CASE credit.code_kind(known) WHEN 'organisation' THEN 'organisation' ELSE 'person' END) = ANY (entry.subjects)) THEN
      refused := 'CR107';
    END IF;
  END IF;
  IF entry.stance = 'bad' AND NEW.minor THEN
    refused := 'CR105';
  END IF;
  NEW.stance := entry.stance;
  NEW.basis := entry.basis;
  NEW.basis_in_force := entry.basis_in_force;
  NEW.received_at := coalesce(NEW.received_at, clock_timestamp());
  NEW.fingerprint := credit.record_fingerprint(NEW.provider, NEW.item, NEW.severity::text, NEW.document_no, NEW.document_date,
    NEW.happened_on, NEW.conduct_end, NEW.amount, NEW.fields);
  settled := (credit.settled(NEW.subject, NEW.provider, NEW.item, NEW.stance, NEW.document_no, NEW.fingerprint))[1];
  refused := CASE WHEN EXISTS (SELECT FROM credit_register.identity i WHERE i.subject IN (said_as, NEW.subject) AND i.forgotten_at IS NOT NULL) THEN 'CR114'
                  WHEN settled = 'there' THEN '23505' WHEN settled IS NOT NULL THEN 'CR207' ELSE refused END;
  -- These say something of the subject.  Who may not write the row learns what row security would tell him.
  IF refused IS NOT NULL THEN
    IF NOT credit.may_see(credit.duty_mask('{credit_provider,credit_reviewer}'), NEW.division, NEW.provider, false)
       AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
      RAISE EXCEPTION 'new row violates row-level security policy for table "record"' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF refused = '23505' THEN
      RAISE EXCEPTION 'this record is on file already' USING ERRCODE = 'unique_violation',
        HINT = 'The same act is filed once; what changed since is a matter of a case.';
    END IF;
    PERFORM credit.refuse(refused, CASE refused WHEN 'CR105' THEN 'happened_on' ELSE 'subject' END, credit.settled_words(settled));
  END IF;
  -- If a merge is undone, it goes with the number that it was filed under.
  IF said_as <> NEW.subject THEN
    PERFORM credit.note_filed(said_as, 'record', jsonb_build_object('record', NEW.record));
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION credit.pass_gate() IS
  'Definer, as departments read neither rulebook nor vault: fills stance, basis and fingerprint of a record inserted by hand, or refuses it';
REVOKE ALL ON FUNCTION credit.pass_gate() FROM PUBLIC;

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
  PERFORM credit.need_read_committed();
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
  PERFORM credit.need_read_committed();
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
             CASE WHEN k.stance = 'bad' THEN CASE WHEN coalesce(credit.document_key(k.document_no), '') = '' THEN 'document_no:CR104' END END,
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
       -- An assigned code tells no age: the subject, or the one it was merged with, does.
       SELECT f.fingerprint, coalesce(credit.age_on(k.code, k.act_on) < 18,
                CASE WHEN k.kind = 'assigned' THEN credit.assigned_minor(k.own, k.known_as, k.act_on)
                       OR k.own <> k.known_as AND credit.is_minor(k.known_as, k.act_on) IS TRUE END, false) AS minor,
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

CREATE FUNCTION credit.correct_row(batch uuid, line int, raw jsonb DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.own_batch(batch);
  UPDATE credit_register.batch_row w SET raw = coalesce(correct_row.raw, w.raw), held = false
   WHERE w.batch = correct_row.batch AND w.line = correct_row.line AND w.held;
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

CREATE FUNCTION credit.drop_batch_rows(batch uuid, only_line int, before timestamptz, reason text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped record;
BEGIN
  WITH gone AS (
    DELETE FROM credit_register.batch_row w
     WHERE w.batch = drop_batch_rows.batch AND (only_line IS NULL OR w.line = only_line) AND (before IS NULL OR w.received_at < before)
    RETURNING w.line, w.tries
  ), forgiven AS (
    DELETE FROM credit_register.batch_verdict v USING gone g WHERE v.batch = drop_batch_rows.batch AND v.line = g.line
    RETURNING v.line, v.code
  ), noted AS (
    INSERT INTO credit_register.discarded_row (batch, line, codes, reason, person, provider, division)
      SELECT b.batch, g.line, coalesce(c.codes, '{}'), drop_batch_rows.reason, coalesce(credit.person(), session_user), b.provider, b.division
        FROM credit_register.batch b, gone g
        LEFT JOIN (SELECT f.line, array_agg(DISTINCT f.code ORDER BY f.code) AS codes FROM forgiven f GROUP BY f.line) c ON c.line = g.line
       WHERE b.batch = drop_batch_rows.batch
  )
  SELECT count(*) AS rows, count(*) FILTER (WHERE g.tries > 0) AS judged INTO dropped FROM gone g;
  UPDATE credit_register.batch b SET discarded_rows = b.discarded_rows + dropped.judged
   WHERE b.batch = drop_batch_rows.batch AND dropped.judged > 0;
  RETURN dropped.rows;
END
$$;
COMMENT ON FUNCTION credit.drop_batch_rows(uuid, int, timestamptz, text) IS
  'Deletes lines of a locked batch that wait or are held, and writes down which and why; for those who discard';
REVOKE ALL ON FUNCTION credit.drop_batch_rows(uuid, int, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_row(batch uuid, line int, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  PERFORM credit.own_batch(batch);
  IF line IS NULL OR credit.drop_batch_rows(batch, line, NULL, reason) = 0 THEN
    RAISE EXCEPTION 'this line neither waits nor is held' USING ERRCODE = 'no_data_found',
      HINT = 'credit_register.batch_verdict has the lines of this batch that are held.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.discard_row(uuid, int, text) IS
  'Definer, as nobody writes rows of batches by hand: gives up a line that waits or is held; what it said is gone';
REVOKE ALL ON FUNCTION credit.discard_row(uuid, int, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_batch(batch uuid, reason text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  PERFORM credit.own_batch(batch);
  RETURN credit.drop_batch_rows(batch, NULL, NULL, reason);
END
$$;
COMMENT ON FUNCTION credit.discard_batch(uuid, text) IS
  'Definer, as nobody writes rows of batches by hand: gives up all lines of a batch that wait or are held; what was filed stays, and the name is used';
REVOKE ALL ON FUNCTION credit.discard_batch(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_old_rows(keep interval DEFAULT '90 days') RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET IntervalStyle = postgres
  AS $$
DECLARE
  before timestamptz;
  old_batch uuid;
  discarded bigint := 0;
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  IF (keep BETWEEN '1 day' AND '100 years') IS NOT TRUE THEN
    RAISE EXCEPTION 'lines are kept for at least a day, and for a hundred years at most' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  before := statement_timestamp() - keep;
  -- One that is worked on now has its turn the next time.
  FOR old_batch IN SELECT b.batch FROM credit_register.batch b
                    WHERE b.batch IN (SELECT w.batch FROM credit_register.batch_row w WHERE w.received_at < before)
                    ORDER BY b.batch FOR UPDATE SKIP LOCKED LOOP
    discarded := discarded + credit.drop_batch_rows(old_batch, NULL, before, format('not corrected within %s', keep));
  END LOOP;
  RETURN discarded;
END
$$;
COMMENT ON FUNCTION credit.discard_old_rows(interval) IS
  'Definer, as nobody writes rows of batches by hand: gives up lines that have waited or been held for longer, in all batches; to be run daily';
REVOKE ALL ON FUNCTION credit.discard_old_rows(interval) FROM PUBLIC;

CREATE FUNCTION credit.forget_lines(whom credit.pseudonym[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_in record;
  discarded bigint := 0;
BEGIN
  IF to_regclass('credit_register.batch_row') IS NULL THEN	-- a vault by itself
    RETURN 0;
  END IF;
  -- In the order of batches, so that two wait for each other and never deadlock.
  FOR found_in IN SELECT w.batch, array_agg(w.line) AS lines FROM credit_register.batch_row w
                   WHERE credit.pseudonym((credit.read_row(w.raw)).code) = ANY (whom) GROUP BY w.batch ORDER BY w.batch LOOP
    PERFORM FROM credit_register.batch b WHERE b.batch = found_in.batch FOR UPDATE;
    discarded := discarded + (SELECT sum(credit.drop_batch_rows(found_in.batch, l, NULL, 'the identity was erased')) FROM unnest(found_in.lines) l);
  END LOOP;
  RETURN discarded;
END
$$;
COMMENT ON FUNCTION credit.forget_lines(credit.pseudonym[]) IS
  'Discards what waits or is held, in clear, under a number of these persons; for credit.forget() alone';
REVOKE ALL ON FUNCTION credit.forget_lines(credit.pseudonym[]) FROM PUBLIC;

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

-- ---------------------------------------------------------------------------
-- coverage, lateness, scorecards
--
-- Four days tell what was late where: of the act (happened_on), of the decision
-- (document_date), of handing in (received_at), of filing (registered_at).
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.overseen_providers() RETURNS SETOF text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM credit.grants() g WHERE g.duty IN ('credit_admin', 'credit_provider', 'credit_reviewer', 'credit_auditor')) THEN
    RAISE EXCEPTION 'no mandate to look at collection' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  RETURN QUERY SELECT p.provider FROM credit_register.provider p
    WHERE credit.may_see(credit.duty_mask('{credit_admin,credit_provider,credit_reviewer,credit_auditor}'), p.division, p.provider, false);
END
$$;
COMMENT ON FUNCTION credit.overseen_providers() IS 'Providers that the mandates of this transaction reach; 42501 without any';
REVOKE ALL ON FUNCTION credit.overseen_providers() FROM PUBLIC;

CREATE FUNCTION credit.month_of(day date) RETURNS date
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  -- Timestamps end before dates do; infinity has no month.
  RETURN coalesce(day OPERATOR(pg_catalog.-) EXTRACT(day FROM day)::int OPERATOR(pg_catalog.+) 1, day);
COMMENT ON FUNCTION credit.month_of(date) IS 'The first day of the month of a day';

CREATE FUNCTION credit.month_asked(day date) RETURNS date
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF day IS NULL OR day NOT BETWEEN '1800-01-01' AND '2199-12-31' THEN
    RAISE EXCEPTION 'a month is missing, or out of range' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass any day of the month, in the years 1800 to 2199.';
  END IF;
  RETURN credit.month_of(day);
END
$$;
COMMENT ON FUNCTION credit.month_asked(date) IS 'The first day of the month that a caller names by a day; 22023 if there is none, or outside the years of the calendar';

CREATE FUNCTION credit.day_of(at timestamptz) RETURNS date
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  RETURN (at AT TIME ZONE 'Asia/Shanghai')::date;
COMMENT ON FUNCTION credit.day_of(timestamptz) IS 'The day of a moment in Asia/Shanghai, whatever the session''s time zone';

CREATE FUNCTION credit.nil_return(provider text, item text, month date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first_day date := credit.month_asked(month);
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.provider p JOIN credit_register.duty_item d ON d.provider = p.provider
                  WHERE p.provider = nil_return.provider AND d.item = nil_return.item
                    AND d.owed && daterange(first_day, (first_day + interval '1 month')::date)
                    AND credit.may_hand_in(p.provider, p.division)) THEN
    RAISE EXCEPTION 'this provider does not owe this item in that month' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit_register.duty_item lists what is owed.';
  END IF;
  IF first_day + interval '1 month' > credit.today() THEN
    RAISE EXCEPTION 'the month is not over' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM credit_register.record r WHERE r.provider = nil_return.provider AND r.item = nil_return.item
              AND credit.month_of(r.document_date) = first_day) THEN
    RAISE EXCEPTION 'records of this month were filed' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  INSERT INTO credit_register.nil_return (provider, item, month, person)
    VALUES (nil_return.provider, nil_return.item, first_day, credit.person()) ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.nil_return(text, text, date) IS
  'Definer, as departments do not write returns by hand: says that there was nothing to report in a month that is over';
REVOKE ALL ON FUNCTION credit.nil_return(text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.coverage(month date) RETURNS TABLE (provider text, item text, state text, records bigint, last_received timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 200
  SET search_path = pg_catalog, pg_temp AS $$
  WITH filed AS (
    SELECT r.provider, r.item, count(*) AS records, max(r.received_at) AS last_received
      FROM credit_register.record r
     WHERE r.document_date >= credit.month_asked(coverage.month)
       AND r.document_date < credit.month_asked(coverage.month) + interval '1 month'
     GROUP BY r.provider, r.item
  )
  SELECT d.provider, d.item,
         CASE WHEN f.records > 0 THEN 'filed' WHEN n.provider IS NOT NULL THEN 'nil' ELSE 'missing' END,
         coalesce(f.records, 0), f.last_received
    FROM credit_register.duty_item d
    JOIN credit.overseen_providers() o (provider) ON o.provider = d.provider
    LEFT JOIN filed f ON f.provider = d.provider AND f.item = d.item
    LEFT JOIN credit_register.nil_return n ON n.provider = d.provider AND n.item = d.item AND n.month = credit.month_asked(coverage.month)
   WHERE d.owed && daterange(credit.month_asked(coverage.month), (credit.month_asked(coverage.month) + interval '1 month')::date)
   ORDER BY d.provider, d.item;
$$;
COMMENT ON FUNCTION credit.coverage(date) IS
  'Definer, as overseers do not read all records: what each provider owed for a month, by the day of the document: filed, nil or missing';
REVOKE ALL ON FUNCTION credit.coverage(date) FROM PUBLIC;

CREATE FUNCTION credit.late_records(month date)
RETURNS TABLE (provider text, item text, record uuid, happened_on date, document_date date, received_on date, registered_on date, due_on date, days_late int)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 1000
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.provider, r.item, r.record, r.happened_on, r.document_date, credit.day_of(r.received_at), credit.day_of(r.registered_at),
         r.document_date + c.fresh_days, credit.day_of(r.received_at) - r.document_date - c.fresh_days
    FROM credit_register.record r
    JOIN credit.catalogue(credit.rulebook_on(credit.today())) c ON c.item = r.item
    JOIN credit.overseen_providers() o (provider) ON o.provider = r.provider
   WHERE r.received_at >= credit.month_asked(late_records.month)::timestamp AT TIME ZONE 'Asia/Shanghai'
     AND r.received_at < (credit.month_asked(late_records.month) + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
     AND credit.day_of(r.received_at) > r.document_date + c.fresh_days
   ORDER BY r.provider, r.item, r.document_date, r.record;
$$;
COMMENT ON FUNCTION credit.late_records(date) IS
  'Definer, as overseers do not read all records: those handed in in a month later than the item''s fresh_days allow, on the four days that tell it';
REVOKE ALL ON FUNCTION credit.late_records(date) FROM PUBLIC;

CREATE FUNCTION credit.provider_scorecard(month date)
RETURNS TABLE (provider text, batches bigint, read_rows bigint, filed_rows bigint, already_there bigint, held_rows bigint, corrected_rows bigint,
               discarded_rows bigint, still_held bigint, error_rate numeric, timed bigint, late bigint, on_time numeric, owed bigint, missing bigint)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 50
  SET search_path = pg_catalog, pg_temp AS $$
  WITH span AS (
    SELECT credit.month_asked(provider_scorecard.month)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since,
           (credit.month_asked(provider_scorecard.month) + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS until
  ), handed AS (
    SELECT b.provider, count(*) AS batches, sum(b.read_rows) AS read_rows, sum(b.filed_rows) AS filed_rows, sum(b.there_rows) AS there_rows,
           sum(b.held_rows) AS held_rows, sum(b.corrected_rows) AS corrected_rows, sum(b.discarded_rows) AS discarded_rows,
           sum((SELECT count(*) FROM credit_register.batch_row w WHERE w.batch = b.batch AND w.held)) AS still_held
      FROM credit_register.batch b, span s
     WHERE b.received_at >= s.since AND b.received_at < s.until
     GROUP BY b.provider
  ), timed AS (
    SELECT r.provider, count(*) AS timed, count(*) FILTER (WHERE credit.day_of(r.received_at) > r.document_date + c.fresh_days) AS late
      FROM span s, credit_register.record r
      JOIN credit.catalogue(credit.rulebook_on(credit.today())) c ON c.item = r.item AND c.fresh_days IS NOT NULL
     WHERE r.received_at >= s.since AND r.received_at < s.until
     GROUP BY r.provider
  ), covered AS (
    SELECT c.provider, count(*) AS owed, count(*) FILTER (WHERE c.state = 'missing') AS missing
      FROM credit.coverage(provider_scorecard.month) c GROUP BY c.provider
  )
  SELECT o.provider, coalesce(h.batches, 0), coalesce(h.read_rows, 0)::bigint, coalesce(h.filed_rows, 0)::bigint, coalesce(h.there_rows, 0)::bigint,
         coalesce(h.held_rows, 0)::bigint, coalesce(h.corrected_rows, 0)::bigint, coalesce(h.discarded_rows, 0)::bigint, coalesce(h.still_held, 0)::bigint,
         round(h.held_rows / nullif(h.read_rows, 0), 4), coalesce(t.timed, 0), coalesce(t.late, 0),
         round((t.timed - t.late) / nullif(t.timed, 0)::numeric, 4), coalesce(c.owed, 0), coalesce(c.missing, 0)
    FROM credit.overseen_providers() o (provider)
    LEFT JOIN handed h ON h.provider = o.provider
    LEFT JOIN timed t ON t.provider = o.provider
    LEFT JOIN covered c ON c.provider = o.provider
   ORDER BY o.provider;
$$;
COMMENT ON FUNCTION credit.provider_scorecard(date) IS
  'Definer, as overseers do not read all records: of each provider, what a month''s batches were worth, how much of it was in time, what it owes';
REVOKE ALL ON FUNCTION credit.provider_scorecard(date) FROM PUBLIC;
