-- ---------------------------------------------------------------------------
-- register: the tables of schema credit_register, made on request
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_duty_roles() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  duty text;
BEGIN
  FOREACH duty IN ARRAY credit.duties() || 'credit_owner'::text LOOP
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = duty) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', duty);
    ELSIF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = duty
                   AND (r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole)) THEN
      RAISE EXCEPTION 'role "%" exists and is no mere duty', duty USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Duty roles are NOLOGIN, without SUPERUSER, BYPASSRLS and CREATEROLE.';
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = 'credit_owner'::regrole) THEN
    RAISE EXCEPTION 'role "credit_owner" has members' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = 'An owner may switch every protection off.', HINT = 'REVOKE credit_owner from them.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.create_duty_roles() IS 'Makes the duty roles and the owner where they are missing';
REVOKE ALL ON FUNCTION credit.create_duty_roles() FROM PUBLIC;

CREATE FUNCTION credit.create_register_access() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.rulebook (
    name text COLLATE "C" PRIMARY KEY,
    book credit.rulebook NOT NULL,
    in_force daterange NOT NULL,
    EXCLUDE USING gist (in_force WITH &&),	-- one law for a day
    adopted_by text NOT NULL DEFAULT session_user,
    adopted_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE IF NOT EXISTS credit_register.provider (
    provider text COLLATE "C" PRIMARY KEY CHECK (provider ~ '\S'),
    name text NOT NULL,
    division text COLLATE "C" NOT NULL CONSTRAINT provider_division CHECK (credit.is_division(division)),
    kind text COLLATE "C" NOT NULL DEFAULT 'department'
      CHECK (kind IN ('department', 'court', 'town', 'utility', 'bank', 'agency', 'association')),
    UNIQUE (provider, kind)
  );
  CREATE TABLE IF NOT EXISTS credit_register.purpose (
    purpose text COLLATE "C" PRIMARY KEY CHECK (purpose ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL,
    basis text NOT NULL CHECK (basis ~ '\S'),
    needs_consent bool NOT NULL DEFAULT false,
    needs_review bool NOT NULL DEFAULT false,
    break_glass bool NOT NULL DEFAULT false,
    -- The person learns of an inquiry at once, or late by law: then another person approves it, and a year is the most.
    delay interval NOT NULL DEFAULT '0' CHECK (delay = '0' OR delay BETWEEN '0' AND '1 year' AND needs_review),
    valid_for interval NOT NULL DEFAULT '1 hour',
    daily_limit int CHECK (daily_limit > 0)
  );
  CREATE TABLE IF NOT EXISTS credit_register.mandate (
    mandate uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login text COLLATE "C" NOT NULL,
    via text COLLATE "C",
    duty text COLLATE "C" NOT NULL,
    provider text COLLATE "C" REFERENCES credit_register.provider,
    divisions text[],
    purposes text[],
    minors bool NOT NULL DEFAULT false,
    subject credit.pseudonym,
    basis text NOT NULL,
    valid daterange NOT NULL,
    granted_by text NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_by text,
    ended_at timestamptz,
    end_reason text,
    role_number oid,
    role_server bigint
  );
  -- Of trial registers that are older.
  ALTER TABLE credit_register.mandate ADD COLUMN IF NOT EXISTS role_number oid, ADD COLUMN IF NOT EXISTS role_server bigint;
  CREATE INDEX IF NOT EXISTS mandate_login ON credit_register.mandate (login);
  CREATE TABLE IF NOT EXISTS credit_register.subject (
    subject credit.pseudonym PRIMARY KEY,
    kind text COLLATE "C" NOT NULL
      CHECK (kind IN ('citizen', 'hmt_resident', 'permanent_resident', 'assigned', 'organisation', 'assigned_organisation')),
    division text COLLATE "C" NOT NULL,
    minor bool NOT NULL DEFAULT false,
    minor_until date CHECK (minor_until IS NULL OR kind = 'assigned'),
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (subject, minor)	-- for what only adults have
  );
  CREATE INDEX IF NOT EXISTS subject_division ON credit_register.subject (division, subject);
  CREATE TABLE IF NOT EXISTS credit_register.record (
    subject credit.pseudonym NOT NULL,
    record uuid NOT NULL DEFAULT gen_random_uuid(),
    minor bool NOT NULL DEFAULT false,	-- what policies read stands in front
    division text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    severity credit.severity,
    document_date date NOT NULL,
    conduct_end date,
    displayed_from date,
    state text COLLATE "C" NOT NULL DEFAULT 'active'
      CHECK (state IN ('active', 'disputed', 'repaired', 'withdrawn', 'archived')),
    stance credit.stance NOT NULL,
    amount numeric,
    document_no text,
    happened_on date,
    final_on date,
    fulfilled_on date,
    facts jsonb NOT NULL DEFAULT '{}',
    fields jsonb NOT NULL DEFAULT '{}',
    basis text,
    basis_in_force daterange,
    batch uuid,
    line int,
    fingerprint bytea,
    former_keys text[] COLLATE "C",
    origin credit.pseudonym,
    origin_record uuid,
    origin_role text COLLATE "C",
    origin_role_valid daterange,
    finding text,
    certified_by text,
    answer_due date,
    version int NOT NULL DEFAULT 1,
    received_at timestamptz,
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, record),
    -- Nobody answers for an organisation by title: a serious record, the role on the day of the act, and a finding.
    CONSTRAINT record_origin CHECK (num_nulls(origin, origin_record, origin_role, origin_role_valid, finding) = 5
      OR num_nulls(origin, origin_record, origin_role, origin_role_valid, finding, severity, happened_on) = 0
         AND origin <> subject AND finding ~ '\S' AND stance = 'bad' AND severity = 'serious' AND NOT minor
         AND origin_role IN ('legal_representative', 'principal', 'directly_responsible') AND happened_on <@ origin_role_valid)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS record_origin_once ON credit_register.record (subject, origin_record)
    WHERE origin_record IS NOT NULL AND state <> 'archived';	-- one that a merge set aside stands beside it
  CREATE INDEX IF NOT EXISTS record_origin ON credit_register.record (origin_record) WHERE origin_record IS NOT NULL;
  CREATE INDEX IF NOT EXISTS record_division ON credit_register.record (division, subject);
  CREATE INDEX IF NOT EXISTS record_provider ON credit_register.record (provider, subject);
  CREATE INDEX IF NOT EXISTS record_record ON credit_register.record (record);
  CREATE TABLE IF NOT EXISTS credit_register.consent (
    subject credit.pseudonym NOT NULL,
    consent uuid NOT NULL DEFAULT gen_random_uuid(),
    given_to text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL REFERENCES credit_register.purpose,
    document text NOT NULL,
    single_use bool NOT NULL DEFAULT true,
    valid daterange NOT NULL,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_by uuid,
    uses int NOT NULL DEFAULT 0,
    withdrawn_at timestamptz,
    PRIMARY KEY (subject, consent),
    UNIQUE (subject, consent, purpose)	-- for what rests on a consent to one thing
  );
  CREATE TABLE IF NOT EXISTS credit_register.inquiry (
    subject credit.pseudonym NOT NULL,
    inquiry uuid NOT NULL,
    person text COLLATE "C" NOT NULL,
    application text COLLATE "C" NOT NULL,
    provider text COLLATE "C",
    purpose text COLLATE "C" NOT NULL,
    authorisation text NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'open', 'refused')),
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    shown_from timestamptz NOT NULL,
    review_due timestamptz,
    reviewed_by text,
    reviewed_at timestamptz,
    review_upheld bool,
    review_note text,
    PRIMARY KEY (subject, inquiry),
    CONSTRAINT inquiry_delay CHECK (shown_from <= opened_at + interval '1 minute' OR shown_from <= opened_at + interval '8784 hours'
      AND (state <> 'open' OR reviewed_by IS NOT NULL AND reviewed_by <> person))
  );
  CREATE INDEX IF NOT EXISTS inquiry_inquiry ON credit_register.inquiry (inquiry);
  CREATE INDEX IF NOT EXISTS inquiry_person ON credit_register.inquiry (person, opened_at);
  CREATE TABLE IF NOT EXISTS credit_register.job (
    job uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    started_at timestamptz,
    finished_at timestamptz,
    note text
  );
  CREATE TABLE IF NOT EXISTS credit_register.protection (
    protection uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    table_schema text COLLATE "C" NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    division text,
    provider text,
    minor text,
    readers text[] NOT NULL,
    writers text[] NOT NULL,
    protected_by text NOT NULL,
    protected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_by text,
    ended_at timestamptz,
    end_reason text
  );
  INSERT INTO credit_register.purpose (purpose, name, basis, needs_consent, needs_review, break_glass, delay, daily_limit) VALUES
    ('consent', 'With the consent of the person', '沂源县意见（十五）', true, false, false, '0', NULL),
    ('administration', 'Administrative licensing, procurement, awards', '沂源县意见（十五）', false, false, false, '0', NULL),
    ('judicial', 'Courts and supervision, reviewed before', '沂源县意见（十四）', false, true, false, '30 days', NULL),
    ('emergency', 'Danger to life: read at once, reviewed afterwards', '沂源县意见（十一）', false, false, true, '0', 5)
    ON CONFLICT DO NOTHING;
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('rulebook', 'reference', 'rulebook'), ('provider', 'reference', 'access'), ('purpose', 'reference', 'inquiry'),
    ('mandate', 'reference', 'access'), ('subject', 'subject', 'register'), ('record', 'subject', 'register'),
    ('consent', 'subject', 'inquiry'), ('inquiry', 'subject', 'inquiry'), ('job', 'node', 'register'),
    ('protection', 'reference', 'access')
    ON CONFLICT DO NOTHING;
  PERFORM credit.comment_register();
  PERFORM credit.protect_register();
END
$$;
COMMENT ON FUNCTION credit.create_register_access() IS 'Step of create_register(): rulebooks, providers, mandates, subjects, records, consents, inquiries, jobs';
REVOKE ALL ON FUNCTION credit.create_register_access() FROM PUBLIC;

CREATE FUNCTION credit.comment_tables(lines text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  line text;
BEGIN
  FOREACH line IN ARRAY string_to_array(lines, E'\n') LOOP
    EXECUTE format('COMMENT ON %s credit_register.%s IS %L',
                   CASE WHEN strpos(split_part(line, '|', 1), '.') > 0 THEN 'COLUMN' ELSE 'TABLE' END,
                   split_part(line, '|', 1), split_part(line, '|', 2));
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.comment_tables(text) IS 'Comments of tables and columns of the register, a line each: table|text or table.column|text; for the steps of create_register()';
REVOKE ALL ON FUNCTION credit.comment_tables(text) FROM PUBLIC;

CREATE FUNCTION credit.comment_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.comment_tables(
$comments$layout|What kind of table each one is, for distribution: subject, reference or node
layout.table_name|Table of this schema
layout.kind|subject: rows of one subject, its pseudonym first in every key; reference: small, the same everywhere; node: local
layout.room|Room of the extension that made it
version|Versions that this register has had
version.version|Number of the schema
version.made_at|When
version.made_by|Login that made it
rulebook|Rulebooks in use
rulebook.name|Name
rulebook.book|The rulebook itself
rulebook.in_force|When it applies
rulebook.adopted_by|Login that adopted it
rulebook.adopted_at|When
provider|Departments and bodies that supply records
provider.provider|Short name, used in records and mandates
provider.name|Full name
provider.division|Its division
provider.kind|department, court, town, utility, bank, agency or association; what associations supply is market data
purpose|Purposes of inquiries, and what each needs
purpose.purpose|Short name
purpose.name|What it is for
purpose.basis|Document and article that allow it
purpose.needs_consent|The authorisation is a consent of the person
purpose.needs_review|Another person approves before anything is read
purpose.break_glass|Read at once, with notice, a limit and a review afterwards
purpose.delay|How long it is kept from the person; it appears then
purpose.valid_for|How long an inquiry answers
purpose.daily_limit|Inquiries of one person in a day
mandate|Which login has which duty, for what, on which basis, from when to when
mandate.mandate|Number
mandate.login|Login, or the person behind an application
mandate.via|Application (a login) that vouches for the person by token
mandate.duty|Duty role
mandate.provider|For this provider alone
mandate.divisions|For these divisions, or prefixes of them, alone
mandate.purposes|For these purposes alone
mandate.minors|Reaches records of minors
mandate.subject|Of a citizen: whose own file it is
mandate.basis|Document or decision that gives it
mandate.valid|From when to when
mandate.granted_by|Login that gave it
mandate.granted_at|When
mandate.ended_by|Login that ended it
mandate.ended_at|When
mandate.end_reason|Why
mandate.role_number|Number of the role that logs in: another one, made later under its name, is not meant
mandate.role_server|Server (its system identifier) where that number holds; in a copy elsewhere the name counts
subject|Persons and organisations, by pseudonym
subject.subject|Pseudonym
subject.kind|As credit.code_kind(); assigned_organisation is an organisation without a code
subject.division|Division that keeps the file
subject.minor|Under age
subject.minor_until|Of an assigned person under age: the first day of the month after the 18th birthday
subject.registered_at|When
record|Records of conduct
record.subject|Pseudonym
record.record|Number
record.item|Item of the catalogue
record.severity|Severity, where the item has one
record.document_date|Date of the document
record.conduct_end|When the conduct ended
record.displayed_from|When display began, if not with the document
record.provider|Who supplied it
record.division|Division it belongs to
record.state|active, disputed, repaired, withdrawn or archived
record.stance|good, neutral or bad
record.minor|Committed under age
record.amount|Amount, in the unit of the item; yuan if it has none
record.document_no|Number of the document
record.happened_on|Day of the act
record.final_on|Day since which the finding is final
record.fulfilled_on|Day on which what was owed was done
record.facts|What repair_check() asks for: commitment, harm_removed, …
record.fields|Further fields, as the catalogue item lists them
record.basis|Document and article that allow the collection
record.basis_in_force|When that basis is in force
record.batch|Batch that brought it
record.line|Line of the batch
record.fingerprint|Hash of what was reported: the same again is not filed twice
record.former_keys|Keys, as credit.document_key(), of the numbers that its document had before it was corrected: they bring nothing back
record.origin|Organisation from whose record it was attributed
record.origin_record|That record
record.origin_role|Role that the person had there on the day of the act
record.origin_role_valid|From when to when
record.finding|Finding of personal responsibility
record.certified_by|Who certified what was filed again after a deletion
record.answer_due|When the earliest open case about it is to be answered; after that it is not shown
record.version|Counts changes; deliveries name the version that they carried
record.received_at|When the provider handed it in
record.registered_at|When it came in
record.changed_at|When it was changed last
consent|Consents of persons to inquiries
consent.subject|Pseudonym
consent.consent|Number
consent.given_to|Login or person that may use it
consent.purpose|For this purpose
consent.document|Where the signed paper is
consent.single_use|Good for one inquiry
consent.valid|From when to when
consent.given_at|When it was entered
consent.used_by|Inquiry that used it last
consent.uses|How often it was used
consent.withdrawn_at|When the person took it back
inquiry|Every look at a subject, registered before it is made
inquiry.subject|Pseudonym
inquiry.inquiry|Number
inquiry.person|Who asks
inquiry.application|Login that was connected
inquiry.provider|For which provider
inquiry.purpose|Why
inquiry.authorisation|On what basis
inquiry.state|pending, open or refused
inquiry.opened_at|When
inquiry.expires_at|Answers until
inquiry.shown_from|When the person sees it
inquiry.review_due|Of break-glass: when it has to be judged
inquiry.reviewed_by|Who judged it
inquiry.reviewed_at|When
inquiry.review_upheld|How
inquiry.review_note|Why
job|Progress of work in chunks
job.job|Number
job.kind|What it does
job.state|waiting, running, done or failed
job.done|Units done
job.total|Units in all
job.started_at|When it began
job.finished_at|When it ended
job.note|What is to be known
protection|Tables that credit.protect_table() shields, and did
protection.protection|Number
protection.table_schema|Schema
protection.table_name|Table
protection.division|Column with the division
protection.provider|Column with the provider
protection.minor|Column that marks minors
protection.readers|Duties that read
protection.writers|Duties that write
protection.protected_by|Login that protected it
protection.protected_at|When
protection.ended_by|Login that ended it
protection.ended_at|When
protection.end_reason|Why$comments$);
END
$$;
COMMENT ON FUNCTION credit.comment_register() IS 'Says what the tables and columns of the register are';
REVOKE ALL ON FUNCTION credit.comment_register() FROM PUBLIC;

CREATE FUNCTION credit.protect_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Who reads and who writes rows of records: departments their own, reviewers their divisions.
  readers text[] := '{credit_provider,credit_reviewer,credit_publisher,credit_analyst}';
  writers text[] := '{credit_provider,credit_reviewer}';
  overseers text[] := '{credit_admin,credit_auditor}';
  open_table text;
BEGIN
  PERFORM credit.make_policies('credit_register.record',
    credit.policy_expression(readers, 'division', 'provider', 'minor'),
    credit.policy_expression(writers, 'division', 'provider', 'minor'));
  PERFORM credit.make_policies('credit_register.subject',
    credit.policy_expression('{credit_reviewer}', 'division', NULL, 'minor'), NULL);
  PERFORM credit.make_policies('credit_register.mandate', credit.policy_expression(overseers, NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.protection', credit.policy_expression(overseers, NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.inquiry', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.consent', credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
  PERFORM credit.make_policies('credit_register.job', credit.policy_expression(overseers, NULL, NULL, NULL), NULL);
  FOREACH open_table IN ARRAY '{rulebook,provider,purpose,layout,version}'::text[] LOOP
    PERFORM credit.make_policies(format('credit_register.%I', open_table)::regclass, 'true', NULL);
    EXECUTE format('GRANT SELECT ON credit_register.%I TO credit_admin, credit_provider, credit_window, credit_reviewer, credit_publisher, credit_auditor, credit_analyst', open_table);
  END LOOP;
  GRANT USAGE ON SCHEMA credit_register TO credit_admin, credit_provider, credit_reviewer, credit_publisher, credit_auditor, credit_analyst, credit_window;
  GRANT SELECT, INSERT ON credit_register.record TO credit_provider, credit_reviewer;
  -- By column: who may update a whole table may also lock everybody out of it.
  EXECUTE format('GRANT UPDATE (%s) ON credit_register.record TO credit_provider, credit_reviewer', credit.column_list('credit_register.record'));
  GRANT SELECT ON credit_register.record TO credit_publisher, credit_analyst;
  GRANT SELECT ON credit_register.subject TO credit_reviewer;
  GRANT SELECT ON credit_register.mandate, credit_register.protection, credit_register.job TO credit_admin, credit_auditor;
  GRANT SELECT ON credit_register.inquiry, credit_register.consent TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.enter(), credit.enter(text) TO credit_admin, credit_provider, credit_window,
    credit_reviewer, credit_publisher, credit_auditor, credit_citizen, credit_analyst;
  GRANT EXECUTE ON FUNCTION credit.grant_duty(text, text, text, text[], text[], text, daterange, bool, text, credit.pseudonym),
    credit.revoke_duty(text, text, text, text), credit.can_see(text, text, uuid), credit.guard_report() TO credit_admin;
  GRANT EXECUTE ON FUNCTION credit.grant_citizen(text, credit.code, text, daterange, text), credit.set_identity_budget(text, integer),
    credit.add_provider(text, text, text, text), credit.change_provider(text, text, text), credit.add_receiver(text, text, text), credit.rename_receiver(text, text),
    credit.add_purpose(text, text, text, bool, bool, bool, interval, interval, int, text[], text[]),
    credit.add_duty_item(text, text, text, daterange), credit.end_duty_item(text, text, date) TO credit_admin;
  GRANT EXECUTE ON FUNCTION credit.adopt_rulebook(text, credit.rulebook, daterange), credit.end_rulebook(text, date) TO credit_admin;
  GRANT EXECUTE ON FUNCTION credit.rulebook_on(date) TO credit_admin, credit_provider, credit_window,
    credit_reviewer, credit_publisher, credit_auditor, credit_citizen, credit_analyst;
  GRANT EXECUTE ON FUNCTION credit.can_see(text, text, uuid), credit.guard_report() TO credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.open_inquiry(credit.code, text, text), credit.open_inquiry_on(credit.pseudonym, text, text), credit.open_inquiries(),
    credit.report_rows(uuid) TO credit_window, credit_provider, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.review_inquiry(uuid, bool, text) TO credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.inquiry_risks(timestamptz) TO credit_auditor, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.my_inquiries(), credit.authorize(text, text, date, bool), credit.withdraw_consent(uuid), credit.my_consents()
    TO credit_citizen;
END
$$;
COMMENT ON FUNCTION credit.protect_register() IS 'Policies of the register''s tables and rights of the duty roles';
REVOKE ALL ON FUNCTION credit.protect_register() FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- DROP EXTENSION does not drop data
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.held_by_users() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.audit_event') IS NOT NULL THEN
    RETURN 'table credit_register.audit_event';
  END IF;
  -- The extension's types, and arrays, domains and ranges of them.
  RETURN (
    WITH RECURSIVE member(class, object) AS (
      SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
       WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'credit'),
    kind(type) AS (
      SELECT m.object FROM member m WHERE m.class = 'pg_type'::regclass
      UNION
      SELECT t.oid FROM kind k
        JOIN pg_type t ON t.typelem = k.type OR t.typbasetype = k.type
                       OR t.oid IN (SELECT unnest(ARRAY[r.rngtypid, r.rngmultitypid]) FROM pg_range r WHERE r.rngsubtype = k.type))
    SELECT format('column %I of %s', a.attname, a.attrelid::regclass)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE a.atttypid IN (SELECT k.type FROM kind k) AND a.attnum > 0 AND NOT a.attisdropped
       AND c.relkind IN ('r', 'p', 'm', 'f', 'c')
       AND NOT EXISTS (SELECT FROM member m WHERE m.class = 'pg_class'::regclass AND m.object = c.oid
                        OR m.class = 'pg_type'::regclass AND m.object = c.reltype)
     ORDER BY 1 LIMIT 1);
END
$$;
COMMENT ON FUNCTION credit.held_by_users() IS 'A column of the extension''s types, or the audit, that DROP EXTENSION ... CASCADE would take; NULL if there is none';
REVOKE ALL ON FUNCTION credit.held_by_users() FROM PUBLIC;

CREATE FUNCTION credit.refuse_drop() RETURNS event_trigger
  AS 'MODULE_PATHNAME', 'register_refuse_drop' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION credit.refuse_drop() IS 'Refuses DROP ... CASCADE of the extension while data would go with it, unless credit.allow_drop is on';
REVOKE ALL ON FUNCTION credit.refuse_drop() FROM PUBLIC;

CREATE EVENT TRIGGER credit_refuse_drop ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
  EXECUTE FUNCTION credit.refuse_drop();
COMMENT ON EVENT TRIGGER credit_refuse_drop IS 'DROP EXTENSION credit CASCADE does not drop data by accident';
