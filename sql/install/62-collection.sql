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

CREATE FUNCTION credit.is_document(document_no text) RETURNS bool
  AS 'MODULE_PATHNAME', 'collection_is_document' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.is_document(text) IS
  'Is there a letter or digit in it that makes it the number of a document?  document_key() is not empty then';

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
  ('CR101', 'no legal basis was in force on the day of the act', 'SELECT * FROM credit.catalogue(credit.rulebook_on(credit.today())); shows from when to when the item''s basis is in force.'),
  ('CR102', 'the field is not in the catalogue', 'Leave it out: only the fields that the item lists are taken.'),
  ('CR103', 'the field is one that may never be collected', 'Leave it out, here and in every file.'),
  ('CR104', 'there is no final finding', 'A bad record needs the number of its document and the day since which it is final.'),
  ('CR105', 'the act was committed under age', 'Acts of minors are not recorded against them.'),
  ('CR106', 'the catalogue has no such item', 'SELECT * FROM credit.catalogue(credit.rulebook_on(credit.today())); lists the items.'),
  ('CR107', 'the item does not take this kind of subject', 'SELECT * FROM credit.catalogue(credit.rulebook_on(credit.today())); shows whether an item takes persons or organisations.'),
  ('CR108', 'something that is needed is missing', 'Fill it in: subject, item, document_date, and of what is bad happened_on.'),
  ('CR109', 'this is not the division of the provider', 'A provider files under its own division.'),
  ('CR110', 'the code of the subject is not valid', 'credit.check_code() and credit.suggest_code() say what is wrong with a code.'),
  ('CR111', 'the value cannot be read', 'Days are YYYY-MM-DD, amounts digits with up to 4 decimals, values of fields plain and short.'),
  ('CR112', 'the days contradict each other', 'An act is not after its document, and a document not after the day it was handed in.'),
  ('CR114', 'the identity of this subject was erased', 'It is not stored anew by itself: ask the office that keeps the register.'),
  ('CR122', 'number and name do not agree', 'Please verify both with the person. Of two names in one file correct the line that is wrong: the others are judged anew with it. A changed name is stored by the office that keeps the register: credit.identity_store().'),
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
    CHECK (stance <> 'bad' OR document_no IS NOT NULL AND credit.is_document(document_no) AND final_on IS NOT NULL);
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
