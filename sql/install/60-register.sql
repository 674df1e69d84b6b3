-- ---------------------------------------------------------------------------
-- register: the tables of schema credit_register, made on request
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_duty_roles() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  duty text;
BEGIN
  FOREACH duty IN ARRAY '{credit_owner,credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst}'::text[] LOOP
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
    end_reason text
  );
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
  GRANT EXECUTE ON FUNCTION credit.open_inquiry(credit.code, text, text), credit.open_inquiry_on(credit.pseudonym, text, text),
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

-- ---------------------------------------------------------------------------
-- what an administrator enters: who takes part, and for what
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.add_provider(provider text, name text, division text, kind text DEFAULT 'department') RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_text('the short name', provider);
  PERFORM credit.need_text('the name', name);
  PERFORM credit.need_division(division);
  IF (kind = ANY ('{department,court,town,utility,bank,agency,association}')) IS NOT TRUE THEN
    RAISE EXCEPTION 'there is no such kind of provider' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Kinds are department, court, town, utility, bank, agency and association.';
  END IF;
  INSERT INTO credit_register.provider (provider, name, division, kind)
    VALUES (add_provider.provider, add_provider.name, add_provider.division, add_provider.kind) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a provider of this short name is registered' USING ERRCODE = 'unique_violation',
      HINT = 'credit.change_provider() changes its name or division.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.add_provider(text, text, text, text) IS 'Definer, as nobody writes the table by hand: registers a body that supplies records';
REVOKE ALL ON FUNCTION credit.add_provider(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.need_division(division text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (division ~ '^[0-9]{6}$') IS NOT TRUE THEN
    RAISE EXCEPTION 'a division has six digits' USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_division(text) IS 'Raises 22023 unless this is written as the code of a county; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_division(text) FROM PUBLIC;

CREATE FUNCTION credit.need_day(what text, given date) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (given BETWEEN '1800-01-01' AND '2199-12-31') IS NOT TRUE THEN
    RAISE EXCEPTION '% is missing, or out of range', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Pass a day in the years 1800 to 2199.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_day(text, date) IS 'Raises 22023 for no day, and one outside the years of the calendar, as infinity is; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_day(text, date) FROM PUBLIC;

CREATE FUNCTION credit.change_provider(provider text, name text DEFAULT NULL, division text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  IF name IS NOT NULL THEN
    PERFORM credit.need_text('the name', name);
  END IF;
  IF division IS NOT NULL THEN
    PERFORM credit.need_division(division);
  END IF;
  UPDATE credit_register.provider p SET name = coalesce(change_provider.name, p.name), division = coalesce(change_provider.division, p.division)
   WHERE p.provider = change_provider.provider;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the provider is not registered' USING ERRCODE = 'no_data_found', HINT = 'SELECT provider, name FROM credit_register.provider;';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.change_provider(text, text, text) IS
  'Definer, as nobody writes the table by hand: another name or division of a provider; its records stay where they are';
REVOKE ALL ON FUNCTION credit.change_provider(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.add_receiver(receiver text, name text, kind text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_text('the short name', receiver);
  PERFORM credit.need_text('the name', name);
  IF (kind = ANY ('{platform,department,bank,agency}')) IS NOT TRUE THEN
    RAISE EXCEPTION 'there is no such kind of receiver' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Kinds are platform, department, bank and agency.';
  END IF;
  INSERT INTO credit_register.receiver (receiver, name, kind)
    VALUES (add_receiver.receiver, add_receiver.name, add_receiver.kind) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a receiver of this short name is registered' USING ERRCODE = 'unique_violation', HINT = 'credit.rename_receiver() changes its name.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.add_receiver(text, text, text) IS 'Definer, as nobody writes the table by hand: registers a body to which records may be handed';
REVOKE ALL ON FUNCTION credit.add_receiver(text, text, text) FROM PUBLIC;

CREATE FUNCTION credit.rename_receiver(receiver text, name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_text('the name', name);
  UPDATE credit_register.receiver r SET name = rename_receiver.name WHERE r.receiver = rename_receiver.receiver;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the receiver is not registered' USING ERRCODE = 'no_data_found', HINT = 'SELECT receiver, name FROM credit_register.receiver;';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.rename_receiver(text, text) IS 'Definer, as nobody writes the table by hand: another name of a receiver';
REVOKE ALL ON FUNCTION credit.rename_receiver(text, text) FROM PUBLIC;

CREATE FUNCTION credit.add_purpose(purpose text, name text, basis text, needs_consent bool DEFAULT false, needs_review bool DEFAULT false,
    break_glass bool DEFAULT false, delay interval DEFAULT '0', valid_for interval DEFAULT '1 hour', daily_limit int DEFAULT NULL,
    items text[] DEFAULT NULL, categories text[] DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_text('the name', name);
  PERFORM credit.need_text('the basis', basis);
  IF (purpose ~ '^[a-z][a-z0-9_]{0,99}$') IS NOT TRUE THEN
    RAISE EXCEPTION 'a purpose is a word of a-z, 0-9 and underscores that begins with a letter, of 100 at most' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (delay = '0' OR delay BETWEEN '0' AND '1 year' AND needs_review) IS NOT TRUE THEN
    RAISE EXCEPTION 'an inquiry is kept from the person for a year at most, and only if another person approves it' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (valid_for > '0' AND valid_for <= '1 year') IS NOT TRUE OR daily_limit <= 0 THEN
    RAISE EXCEPTION 'an inquiry answers for some time, a year at most, and a limit is at least 1' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.purpose (purpose, name, basis, needs_consent, needs_review, break_glass, delay, valid_for, daily_limit, items, categories)
    VALUES (add_purpose.purpose, add_purpose.name, add_purpose.basis, coalesce(add_purpose.needs_consent, false), coalesce(add_purpose.needs_review, false),
            coalesce(add_purpose.break_glass, false), add_purpose.delay, add_purpose.valid_for, add_purpose.daily_limit, add_purpose.items, add_purpose.categories)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this purpose is registered' USING ERRCODE = 'unique_violation',
      HINT = 'What was asked for it rests on what it was: give the new one a name of its own.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.add_purpose(text, text, text, bool, bool, bool, interval, interval, int, text[], text[]) IS
  'Definer, as nobody writes the table by hand: registers what inquiries may be for, on which basis, and what each needs';
REVOKE ALL ON FUNCTION credit.add_purpose(text, text, text, bool, bool, bool, interval, interval, int, text[], text[]) FROM PUBLIC;

CREATE FUNCTION credit.add_duty_item(provider text, item text, basis text, owed daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_text('the basis', basis);
  IF owed IS NULL OR isempty(owed) OR lower_inf(owed) OR NOT isfinite(lower(owed)) OR NOT isfinite(upper(owed)) THEN
    RAISE EXCEPTION 'an item is owed from a day on' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = add_duty_item.provider) THEN
    RAISE EXCEPTION 'the provider is not registered' USING ERRCODE = 'foreign_key_violation', HINT = 'SELECT credit.add_provider(provider, name, division); registers it.';
  END IF;
  IF NOT EXISTS (SELECT FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i WHERE i.id = item) THEN
    RAISE EXCEPTION 'the catalogue has no such item' USING ERRCODE = 'CR106', HINT = 'SELECT id, zh FROM credit.rulebook_items(credit.rulebook_on(credit.today()));';
  END IF;
  INSERT INTO credit_register.duty_item AS d (provider, item, owed, basis)
    VALUES (add_duty_item.provider, add_duty_item.item, add_duty_item.owed, add_duty_item.basis)
    -- What ended may begin again; the audit keeps what was owed before.
    ON CONFLICT ON CONSTRAINT duty_item_pkey DO UPDATE SET owed = EXCLUDED.owed, basis = EXCLUDED.basis WHERE upper(d.owed) <= lower(EXCLUDED.owed);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the provider owes this item already' USING ERRCODE = 'unique_violation', HINT = 'End it with credit.end_duty_item(), or begin later.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.add_duty_item(text, text, text, daterange) IS
  'Definer, as nobody writes the table by hand: an item that a provider has to hand in each month, on which basis, from when on';
REVOKE ALL ON FUNCTION credit.add_duty_item(text, text, text, daterange) FROM PUBLIC;

CREATE FUNCTION credit.end_duty_item(provider text, item text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  PERFORM credit.need_day('the last day', last_day);
  UPDATE credit_register.duty_item d SET owed = daterange(lower(d.owed), last_day, '[]')
   WHERE d.provider = end_duty_item.provider AND d.item = end_duty_item.item AND d.owed @> last_day;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the provider does not owe this item on that day' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_duty_item(text, text, date) IS 'Definer, as nobody writes the table by hand: the last day on which a provider owes an item';
REVOKE ALL ON FUNCTION credit.end_duty_item(text, text, date) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- rulebooks in force: adopted, ended, asked for
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.check_lawgiver() RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_admin')
     AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
    RAISE EXCEPTION 'adopting a rulebook needs a mandate as credit_admin' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  IF to_regclass('credit_register.rulebook') IS NULL THEN
    RAISE EXCEPTION 'there is no register in this database' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'A superuser makes it with SELECT credit.create_register().';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_lawgiver() IS 'Raises unless the caller may adopt rulebooks and there is a register';
REVOKE ALL ON FUNCTION credit.check_lawgiver() FROM PUBLIC;

CREATE FUNCTION credit.adopt_rulebook(name text, book credit.rulebook, in_force daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  failing text;
  at_the_end bool;
BEGIN
  PERFORM credit.check_lawgiver();
  IF name IS NULL OR name !~ '\S' OR book IS NULL OR in_force IS NULL OR isempty(in_force) OR lower_inf(in_force)
     OR NOT isfinite(lower(in_force)) OR NOT isfinite(upper(in_force)) THEN
    RAISE EXCEPTION 'adopting takes a name, a rulebook, and days that begin with one' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.refuse_long(name);
  SELECT string_agg(format('"%s" expects %s and gets %s', c.name, coalesce(c.expected, 'null'), coalesce(c.got, 'null')), '; '), bool_or(c.expected = 'error 22008')
    INTO failing, at_the_end FROM credit.run_rule_cases(book) c WHERE c.ok IS NOT TRUE;
  IF failing IS NOT NULL THEN
    RAISE EXCEPTION 'the rulebook fails its own cases' USING ERRCODE = 'invalid_parameter_value', DETAIL = failing || '.',
      HINT = CASE WHEN at_the_end THEN 'A case that expects 22008 tells where the calendar ends: with another end it needs another day. credit.with_calendar_year() moves both.'
                  ELSE 'SELECT * FROM credit.run_rule_cases(book) WHERE NOT ok;' END;
  END IF;
  IF EXISTS (SELECT FROM credit_register.rulebook b WHERE b.name = adopt_rulebook.name) THEN
    RAISE EXCEPTION 'a rulebook of this name was adopted before' USING ERRCODE = 'unique_violation',
      HINT = 'What was law stays as it was: give the new one a name of its own.';
  END IF;
  BEGIN
    INSERT INTO credit_register.rulebook (name, book, in_force, adopted_by)
      VALUES (adopt_rulebook.name, adopt_rulebook.book, adopt_rulebook.in_force, session_user);
  EXCEPTION WHEN exclusion_violation THEN
    RAISE EXCEPTION 'another rulebook is in force on some of these days' USING ERRCODE = 'exclusion_violation',
      DETAIL = (SELECT format('"%s" is, from %s on.', b.name, to_char(lower(b.in_force), 'YYYY-MM-DD')) FROM credit_register.rulebook b
                 WHERE b.in_force && adopt_rulebook.in_force ORDER BY b.in_force LIMIT 1),
      HINT = 'End it before with credit.end_rulebook(), or begin later.';
  END;
END
$$;
COMMENT ON FUNCTION credit.adopt_rulebook(text, credit.rulebook, daterange) IS
  'Definer, as nobody writes rulebooks by hand: puts one in force on these days, if its own cases pass and no other is in force then';
REVOKE ALL ON FUNCTION credit.adopt_rulebook(text, credit.rulebook, daterange) FROM PUBLIC;

CREATE FUNCTION credit.end_rulebook(name text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.check_lawgiver();
  -- Answers were given by it up to today: those days stay its own.
  IF last_day IS NULL OR NOT isfinite(last_day) OR last_day < credit.today() THEN
    RAISE EXCEPTION 'a rulebook ends today or later' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Answers of days that are over were given by it: pass today or a later day.';
  END IF;
  UPDATE credit_register.rulebook b SET in_force = daterange(lower(b.in_force), last_day, '[]')
   WHERE b.name = end_rulebook.name AND b.in_force @> last_day;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such rulebook is in force on that day' USING ERRCODE = 'undefined_object';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_rulebook(text, date) IS
  'Definer, as nobody writes rulebooks by hand: its last day in force, today or later, so that another one may begin';
REVOKE ALL ON FUNCTION credit.end_rulebook(text, date) FROM PUBLIC;

CREATE FUNCTION credit.rulebook_on(day date) RETURNS credit.rulebook
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_book credit.rulebook;
BEGIN
  IF day IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT b.book INTO found_book FROM credit_register.rulebook b WHERE b.in_force @> day;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no rulebook is in force on %', to_char(day, 'YYYY-MM-DD') USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'A credit_admin adopts one: SELECT credit.adopt_rulebook(''2026'', credit.shipped_rulebook(''cn-370323''), ''[2026-01-01,)'');';
  END IF;
  RETURN found_book;
END
$$;
COMMENT ON FUNCTION credit.rulebook_on(date) IS
  'Definer, as citizens have no right on tables: the rulebook in force on a day; error 55000 if there is none';
REVOKE ALL ON FUNCTION credit.rulebook_on(date) FROM PUBLIC;

CREATE FUNCTION credit.library_version() RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 2;	-- with each new number goes a step credit.upgrade_register_N()
COMMENT ON FUNCTION credit.library_version() IS 'Version of the register that this library makes, and to which upgrade_register() brings an older one';

CREATE FUNCTION credit.complete_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step text;
  made record;
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.version (
    version int PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL DEFAULT session_user
  );
  CREATE TABLE IF NOT EXISTS credit_register.layout (
    table_name text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('subject', 'reference', 'node')),
    room text COLLATE "C" NOT NULL
  );
  INSERT INTO credit_register.layout VALUES ('version', 'reference', 'register'), ('layout', 'reference', 'register')
    ON CONFLICT DO NOTHING;
  FOREACH step IN ARRAY '{identity,access,effect,subject,collection,case_file,measure,incentive,scoring,exchange,report,audit}'::text[] LOOP
    IF to_regprocedure(format('credit.create_register_%s()', step)) IS NOT NULL THEN
      EXECUTE format('SELECT credit.create_register_%s()', step);
    END IF;
  END LOOP;
  FOR made IN SELECT c.oid::regclass AS name FROM pg_class c
               WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
                 AND c.relowner <> 'credit_owner'::regrole
                 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S') LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO credit_owner', made.name);
  END LOOP;
  -- Steps of other rooms need not say it: what has the subject first in its key is a subject's.
  INSERT INTO credit_register.layout (table_name, kind, room)
    SELECT c.relname, CASE WHEN a.attname = 'subject' THEN 'subject' ELSE 'node' END, split_part(c.relname, '_', 1)
      FROM pg_class c
      LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.complete_register() IS 'Makes what is missing of the register''s tables; for create_register() and upgrade_register()';
REVOKE ALL ON FUNCTION credit.complete_register() FROM PUBLIC;

CREATE FUNCTION credit.begin_register() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
    RAISE EXCEPTION 'only a superuser makes the register' USING ERRCODE = 'insufficient_privilege',
      HINT = 'It makes roles, and tables that belong to one that nobody may become.';
  END IF;
  PERFORM set_config('client_min_messages', 'warning', true);
  -- One at a time.  Before a register is there, the extension has a table that others only read.
  LOCK TABLE credit.division_history IN SHARE ROW EXCLUSIVE MODE;
  PERFORM credit.create_duty_roles();
  IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = 'credit_register') THEN
    CREATE SCHEMA credit_register AUTHORIZATION credit_owner;
    COMMENT ON SCHEMA credit_register IS 'The register: ordinary tables, made by credit.create_register()';
  ELSIF (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'credit_register') <> 'credit_owner'::regrole THEN
    RAISE EXCEPTION 'schema "credit_register" does not belong to role "credit_owner"' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'ALTER SCHEMA credit_register OWNER TO credit_owner, if it is the register; else rename it.';
  END IF;
  IF credit.register_version() > credit.library_version() THEN
    RAISE EXCEPTION 'the register is of a newer version than this library' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The register has version %s, the library makes %s.', credit.register_version(), credit.library_version()),
      HINT = 'Install the release of the extension that it was made with, or a newer one.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.begin_register() IS 'Who may make or upgrade the register, where, and one at a time; refuses one that is newer than the library';
REVOKE ALL ON FUNCTION credit.begin_register() FROM PUBLIC;

CREATE FUNCTION credit.create_register() RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.begin_register();
  IF credit.register_version() < credit.library_version() THEN
    RAISE EXCEPTION 'the register is of an older version' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The register has version %s, the library makes %s.', credit.register_version(), credit.library_version()),
      HINT = 'SELECT credit.upgrade_register();';
  END IF;
  PERFORM credit.complete_register();
  INSERT INTO credit_register.version (version) VALUES (credit.library_version()) ON CONFLICT DO NOTHING;
  RETURN credit.register_version();
END
$$;
COMMENT ON FUNCTION credit.create_register() IS
  'Makes the register''s tables in schema credit_register, or what of them is missing; they are no members of the extension';
REVOKE ALL ON FUNCTION credit.create_register() FROM PUBLIC;

CREATE FUNCTION credit.set_audit_aside() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('credit_register.audit_event') AND a.attname = 'context' AND NOT a.attisdropped) THEN
    RETURN;
  END IF;
  CREATE SCHEMA credit_register_1 AUTHORIZATION credit_owner;
  EXECUTE format('COMMENT ON SCHEMA credit_register_1 IS %L', 'The audit of version 1 of the register, kept as it is: its hashes have another form. '
    || coalesce((SELECT format('It ends with seal %s, hash %s.', s.number, encode(s.hash, 'hex')) FROM credit_register.audit_seal s ORDER BY s.number DESC LIMIT 1),
                'It was never sealed.'));
  FOR part IN SELECT c.oid::regclass AS name FROM pg_class c
               WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname LIKE 'audit\_%' LOOP
    EXECUTE format('ALTER TABLE %s SET SCHEMA credit_register_1', part.name);
  END LOOP;
  GRANT USAGE ON SCHEMA credit_register_1 TO credit_auditor;
  PERFORM credit.create_register_audit();
END
$$;
COMMENT ON FUNCTION credit.set_audit_aside() IS
  'Puts the audit of version 1, to which this library cannot write, into schema credit_register_1 for its auditors to read; a new one begins. Part of upgrade_register()';
REVOKE ALL ON FUNCTION credit.set_audit_aside() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_findings_2() RETURNS text
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(format('%s %s.', f.rows, f.what), E'\n' ORDER BY f.what)
    FROM (
      SELECT count(*), 'rulebook(s) in force on days of another: change in_force'
        FROM credit_register.rulebook b WHERE EXISTS (SELECT FROM credit_register.rulebook o WHERE o.name <> b.name AND o.in_force && b.in_force)
      UNION ALL
      SELECT count(*), 'provider(s) whose division has not six digits that begin with a province: change division'
        FROM credit_register.provider p WHERE NOT credit.is_division(p.division)
      UNION ALL
      SELECT count(*), 'purpose(s) without a document that allows them: add the column basis text, and fill it' FROM credit_register.purpose p WHERE p.basis IS NULL
      UNION ALL
      SELECT count(*), 'purpose(s) that keep an inquiry from the person without review, or longer than a year: change delay' FROM credit_register.purpose p
       WHERE NOT (p.delay = '0' OR p.delay BETWEEN '0' AND '1 year' AND p.needs_review)
      UNION ALL
      SELECT count(*), 'inquiry(ies) kept from the person without review, or longer than a year: change shown_from' FROM credit_register.inquiry i
       WHERE NOT (i.shown_from <= i.opened_at + interval '1 minute' OR i.shown_from <= i.opened_at + interval '8784 hours'
         AND (i.state <> 'open' OR i.reviewed_by IS NOT NULL AND i.reviewed_by <> i.person))
      UNION ALL
      SELECT count(*), 'subject(s) of a kind that credit.code_kind() does not know: change kind'
        FROM credit_register.subject s
       WHERE s.kind NOT IN ('citizen', 'hmt_resident', 'permanent_resident', 'assigned', 'organisation', 'assigned_organisation')
      UNION ALL
      SELECT count(*) FILTER (WHERE r.basis IS NULL), 'record(s) whose item the rulebook of today does not have (CR106): adopt one that has, or change item'
        FROM credit_register.record r
      UNION ALL
      SELECT count(*) FILTER (WHERE NOT r.basis_in_force @> r.happened_on), 'record(s) of acts before their legal basis (CR101): they may not be kept'
        FROM credit_register.record r
      UNION ALL
      SELECT count(*), 'bad record(s) without a final finding (CR104): add the columns document_no text and final_on date, and fill them'
        FROM credit_register.record r
       WHERE r.stance = 'bad' AND (coalesce(credit.document_key(r.document_no), '') = '' OR r.final_on IS NULL)
      UNION ALL
      SELECT count(*), 'bad record(s) of acts under age (CR105): they may not be kept' FROM credit_register.record r WHERE r.stance = 'bad' AND r.minor
      UNION ALL
      SELECT count(*), 'record(s) that are there already: keep one of each'
        FROM (SELECT row_number() OVER (PARTITION BY r.subject, r.fingerprint) AS n FROM credit_register.record r WHERE r.fingerprint IS NOT NULL) x WHERE x.n > 1
    ) AS f (rows, what)
   WHERE f.rows > 0
$$;
COMMENT ON FUNCTION credit.upgrade_findings_2() IS 'What of the rows of version 1 no constraint of version 2 lets stand, a line each with its number; asked by upgrade_register_2()';
REVOKE ALL ON FUNCTION credit.upgrade_findings_2() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_register_2() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  findings text;
  new record;
BEGIN
  -- The changes of the upgrade itself are events of the new audit.
  PERFORM credit.set_audit_aside();
  ALTER TABLE credit_register.provider ADD COLUMN IF NOT EXISTS kind text COLLATE "C" NOT NULL DEFAULT 'department'
    CHECK (kind IN ('department', 'court', 'town', 'utility', 'bank', 'agency', 'association'));
  ALTER TABLE credit_register.purpose ADD COLUMN IF NOT EXISTS basis text CHECK (basis ~ '\S');
  UPDATE credit_register.purpose p SET basis = b.basis
    FROM (VALUES ('consent', '沂源县意见（十五）'), ('administration', '沂源县意见（十五）'), ('judicial', '沂源县意见（十四）'), ('emergency', '沂源县意见（十一）')) b (purpose, basis)
   WHERE p.purpose = b.purpose AND p.basis IS NULL;
  ALTER TABLE credit_register.subject ADD COLUMN IF NOT EXISTS minor_until date CHECK (minor_until IS NULL OR kind = 'assigned');
  ALTER TABLE credit_register.record
    ADD COLUMN IF NOT EXISTS document_no text, ADD COLUMN IF NOT EXISTS happened_on date, ADD COLUMN IF NOT EXISTS final_on date,
    ADD COLUMN IF NOT EXISTS fulfilled_on date, ADD COLUMN IF NOT EXISTS facts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS fields jsonb NOT NULL DEFAULT '{}', ADD COLUMN IF NOT EXISTS basis text,
    ADD COLUMN IF NOT EXISTS basis_in_force daterange, ADD COLUMN IF NOT EXISTS batch uuid, ADD COLUMN IF NOT EXISTS line int,
    ADD COLUMN IF NOT EXISTS fingerprint bytea, ADD COLUMN IF NOT EXISTS former_keys text[] COLLATE "C", ADD COLUMN IF NOT EXISTS origin credit.pseudonym, ADD COLUMN IF NOT EXISTS origin_record uuid,
    ADD COLUMN IF NOT EXISTS origin_role text COLLATE "C", ADD COLUMN IF NOT EXISTS origin_role_valid daterange, ADD COLUMN IF NOT EXISTS finding text,
    ADD COLUMN IF NOT EXISTS certified_by text, ADD COLUMN IF NOT EXISTS answer_due date, ADD COLUMN IF NOT EXISTS version int NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS received_at timestamptz, ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
  -- As the gate does for who does not say it.
  UPDATE credit_register.record r
     SET happened_on = x.day, basis = x.basis, basis_in_force = x.basis_in_force, received_at = coalesce(r.received_at, r.registered_at), changed_at = r.registered_at,
         fingerprint = credit.record_fingerprint(r.provider, r.item, r.severity::text, r.document_no, r.document_date, x.day, r.conduct_end, r.amount, r.fields)
    FROM (SELECT o.subject, o.record, coalesce(o.happened_on, least(o.conduct_end, o.document_date)) AS day, c.basis, c.basis_in_force
            FROM credit_register.record o
            JOIN credit.catalogue((SELECT b.book FROM credit_register.rulebook b WHERE b.in_force @> credit.today() ORDER BY b.name LIMIT 1)) c ON c.item = o.item) x
   WHERE r.subject = x.subject AND r.record = x.record AND r.fingerprint IS NULL;
  findings := credit.upgrade_findings_2();
  IF findings IS NOT NULL THEN
    RAISE EXCEPTION 'the register cannot be upgraded to version 2 as it is' USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = findings, HINT = 'Nothing was changed. Mend these and call it again; SELECT credit.set_audit_aside(); lets rows be written before the upgrade.';
  END IF;
  ALTER TABLE credit_register.purpose ALTER COLUMN basis SET NOT NULL;
  FOR new IN SELECT t.* FROM (VALUES
      ('purpose', 'purpose_check', $c$CHECK (delay = '0' OR delay BETWEEN '0' AND '1 year' AND needs_review)$c$),
      ('consent', 'consent_subject_consent_purpose_key', 'UNIQUE (subject, consent, purpose)'),
      ('inquiry', 'inquiry_delay', $c$CHECK (shown_from <= opened_at + interval '1 minute' OR shown_from <= opened_at + interval '8784 hours'
        AND (state <> 'open' OR reviewed_by IS NOT NULL AND reviewed_by <> person))$c$),
      ('rulebook', 'rulebook_in_force_excl', 'EXCLUDE USING gist (in_force WITH &&)'),
      ('provider', 'provider_provider_kind_key', 'UNIQUE (provider, kind)'),
      ('provider', 'provider_division', $c$CHECK (credit.is_division(division))$c$),
      ('subject', 'subject_kind_check', $c$CHECK (kind IN ('citizen', 'hmt_resident', 'permanent_resident', 'assigned', 'organisation', 'assigned_organisation'))$c$),
      ('subject', 'subject_subject_minor_key', 'UNIQUE (subject, minor)'),
      ('record', 'record_origin', $c$CHECK (num_nulls(origin, origin_record, origin_role, origin_role_valid, finding) = 5
        OR num_nulls(origin, origin_record, origin_role, origin_role_valid, finding, severity, happened_on) = 0
           AND origin <> subject AND finding ~ '\S' AND stance = 'bad' AND severity = 'serious' AND NOT minor
           AND origin_role IN ('legal_representative', 'principal', 'directly_responsible') AND happened_on <@ origin_role_valid)$c$)) AS t (relation, name, definition)
     WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = t.name AND c.connamespace = 'credit_register'::regnamespace) LOOP
    EXECUTE format('ALTER TABLE credit_register.%I ADD CONSTRAINT %I %s', new.relation, new.name, new.definition);
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.upgrade_register_2() IS 'Step of upgrade_register() from version 1: columns, what the gate would have added, constraints; refuses with a list of what they do not let stand';
REVOKE ALL ON FUNCTION credit.upgrade_register_2() FROM PUBLIC;

CREATE FUNCTION credit.upgrade_register() RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  stored int;
BEGIN
  PERFORM credit.begin_register();
  stored := credit.register_version();
  IF stored IS NULL THEN
    RAISE EXCEPTION 'there is no register' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT credit.create_register();';
  END IF;
  FOR step IN stored + 1 .. credit.library_version() LOOP
    EXECUTE format('SELECT credit.upgrade_register_%s()', step);
  END LOOP;
  IF stored < credit.library_version() THEN
    PERFORM credit.complete_register();
    INSERT INTO credit_register.version (version) VALUES (credit.library_version());
  END IF;
  RETURN credit.register_version();
END
$$;
COMMENT ON FUNCTION credit.upgrade_register() IS
  'Brings the tables of an older register to the version of this library, all or nothing; changes nothing on one that has it';
REVOKE ALL ON FUNCTION credit.upgrade_register() FROM PUBLIC;

CREATE FUNCTION credit.register_version() RETURNS int
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.version') IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT max(v.version) FROM credit_register.version v);
END
$$;
COMMENT ON FUNCTION credit.register_version() IS 'Version of the register in this database; NULL without one';
