-- Schema credit_register as version 1 of the register had it: pg_dump of a fresh one, without its
-- comments and empty lines.  For the test of credit.upgrade_register().
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA credit_register;
ALTER SCHEMA credit_register OWNER TO credit_owner;
COMMENT ON SCHEMA credit_register IS 'The register: ordinary tables, made by credit.create_register()';
SET default_tablespace = '';
CREATE TABLE credit_register.audit_event (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
PARTITION BY RANGE (at);
ALTER TABLE ONLY credit_register.audit_event ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event OWNER TO credit_owner;
COMMENT ON TABLE credit_register.audit_event IS 'What one statement did to one table: packed changes and their SHA-256';
SET default_table_access_method = heap;
CREATE TABLE credit_register.audit_event_202611 (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY credit_register.audit_event_202611 ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event_202611 FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202611 OWNER TO credit_owner;
CREATE TABLE credit_register.audit_event_202612 (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY credit_register.audit_event_202612 ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event_202612 FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202612 OWNER TO credit_owner;
CREATE TABLE credit_register.audit_event_202701 (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY credit_register.audit_event_202701 ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event_202701 FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202701 OWNER TO credit_owner;
CREATE TABLE credit_register.audit_event_202702 (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY credit_register.audit_event_202702 ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event_202702 FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202702 OWNER TO credit_owner;
CREATE TABLE credit_register.audit_event_default (
    node bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    changes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    operation text NOT NULL COLLATE pg_catalog."C",
    session_role text COLLATE pg_catalog."C",
    role text COLLATE pg_catalog."C",
    context text COLLATE pg_catalog."C",
    client text COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    layout uuid NOT NULL,
    subject text COLLATE pg_catalog."C",
    image bytea NOT NULL,
    hash bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY credit_register.audit_event_default ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE ONLY credit_register.audit_event_default FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_default OWNER TO credit_owner;
CREATE TABLE credit_register.audit_layout (
    id uuid NOT NULL,
    relation text NOT NULL COLLATE pg_catalog."C",
    names text[] NOT NULL,
    types text[] NOT NULL,
    flags text NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE ONLY credit_register.audit_layout FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_layout OWNER TO credit_owner;
COMMENT ON TABLE credit_register.audit_layout IS 'Columns an audited table had: p bytes, t text, s secret; capital if part of the key. Named by its own hash';
CREATE TABLE credit_register.audit_seal (
    number bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    node bigint NOT NULL,
    timeline integer NOT NULL,
    from_xid bigint NOT NULL,
    before_xid bigint NOT NULL,
    month timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    events bigint NOT NULL,
    changes bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_seal_kind_check CHECK ((kind = ANY (ARRAY['events'::text, 'retired'::text])))
);
ALTER TABLE ONLY credit_register.audit_seal FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_seal OWNER TO credit_owner;
COMMENT ON TABLE credit_register.audit_seal IS 'The chain: a Merkle root over the events of a node and month, and the hash of the seal before';
CREATE TABLE credit_register.consent (
    subject credit.pseudonym NOT NULL,
    consent uuid DEFAULT gen_random_uuid() NOT NULL,
    given_to text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    document text NOT NULL,
    single_use boolean DEFAULT true NOT NULL,
    valid daterange NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    used_by uuid,
    uses integer DEFAULT 0 NOT NULL,
    withdrawn_at timestamp with time zone
);
ALTER TABLE ONLY credit_register.consent FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.consent OWNER TO credit_owner;
COMMENT ON TABLE credit_register.consent IS 'Consents of persons to inquiries';
COMMENT ON COLUMN credit_register.consent.subject IS 'Pseudonym';
COMMENT ON COLUMN credit_register.consent.consent IS 'Number';
COMMENT ON COLUMN credit_register.consent.given_to IS 'Login or person that may use it';
COMMENT ON COLUMN credit_register.consent.purpose IS 'For this purpose';
COMMENT ON COLUMN credit_register.consent.document IS 'Where the signed paper is';
COMMENT ON COLUMN credit_register.consent.single_use IS 'Good for one inquiry';
COMMENT ON COLUMN credit_register.consent.valid IS 'From when to when';
COMMENT ON COLUMN credit_register.consent.given_at IS 'When it was entered';
COMMENT ON COLUMN credit_register.consent.used_by IS 'Inquiry that used it last';
COMMENT ON COLUMN credit_register.consent.uses IS 'How often it was used';
COMMENT ON COLUMN credit_register.consent.withdrawn_at IS 'When the person took it back';
CREATE TABLE credit_register.identity (
    subject credit.pseudonym NOT NULL,
    data_key bytea,
    number bytea,
    name bytea,
    stored_at timestamp with time zone DEFAULT now() NOT NULL,
    forgotten_at timestamp with time zone,
    forgotten_basis text,
    CONSTRAINT identity_basis CHECK ((((forgotten_at IS NULL) = (forgotten_basis IS NULL)) AND ((forgotten_basis IS NULL) OR (forgotten_basis ~ '\S'::text)))),
    CONSTRAINT identity_envelopes CHECK ((((data_key IS NULL) = (forgotten_at IS NOT NULL)) AND ((data_key IS NULL) = (number IS NULL)) AND ((data_key IS NOT NULL) OR (name IS NULL))))
)
WITH (fillfactor='80');
ALTER TABLE ONLY credit_register.identity ALTER COLUMN data_key SET STATISTICS 0;
ALTER TABLE ONLY credit_register.identity ALTER COLUMN number SET STATISTICS 0;
ALTER TABLE ONLY credit_register.identity ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY credit_register.identity FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.identity OWNER TO credit_owner;
COMMENT ON TABLE credit_register.identity IS 'Who the subjects are: envelopes that open only with the key file; read by definer functions alone';
COMMENT ON COLUMN credit_register.identity.subject IS 'Pseudonym in scope register';
COMMENT ON COLUMN credit_register.identity.data_key IS 'The subject''s data key in the envelope of a master key; NULL once forgotten';
COMMENT ON COLUMN credit_register.identity.number IS 'Envelope of the code';
COMMENT ON COLUMN credit_register.identity.name IS 'Envelope of the name; NULL if none is known';
COMMENT ON COLUMN credit_register.identity.stored_at IS 'When the subject was first stored';
COMMENT ON COLUMN credit_register.identity.forgotten_at IS 'When the data key was destroyed';
COMMENT ON COLUMN credit_register.identity.forgotten_basis IS 'Why';
CREATE TABLE credit_register.identity_budget (
    login text NOT NULL COLLATE pg_catalog."C",
    per_hour integer NOT NULL,
    counter text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT identity_budget_per_hour CHECK (((per_hour >= 0) AND (per_hour <= 10000000)))
);
ALTER TABLE ONLY credit_register.identity_budget FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.identity_budget OWNER TO credit_owner;
COMMENT ON TABLE credit_register.identity_budget IS 'How many look-ups of identities a login may make in an hour';
COMMENT ON COLUMN credit_register.identity_budget.login IS 'The role that the session logged in as';
COMMENT ON COLUMN credit_register.identity_budget.per_hour IS 'Look-ups in a clock hour';
COMMENT ON COLUMN credit_register.identity_budget.counter IS 'Sequence that counts: a rollback takes nothing back';
CREATE TABLE credit_register.inquiry (
    subject credit.pseudonym NOT NULL,
    inquiry uuid NOT NULL,
    person text NOT NULL COLLATE pg_catalog."C",
    application text NOT NULL COLLATE pg_catalog."C",
    provider text COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    authorisation text NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    opened_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    shown_from timestamp with time zone NOT NULL,
    review_due timestamp with time zone,
    reviewed_by text,
    reviewed_at timestamp with time zone,
    review_upheld boolean,
    review_note text,
    CONSTRAINT inquiry_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'open'::text, 'refused'::text])))
);
ALTER TABLE ONLY credit_register.inquiry FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.inquiry OWNER TO credit_owner;
COMMENT ON TABLE credit_register.inquiry IS 'Every look at a subject, registered before it is made';
COMMENT ON COLUMN credit_register.inquiry.subject IS 'Pseudonym';
COMMENT ON COLUMN credit_register.inquiry.inquiry IS 'Number';
COMMENT ON COLUMN credit_register.inquiry.person IS 'Who asks';
COMMENT ON COLUMN credit_register.inquiry.application IS 'Login that was connected';
COMMENT ON COLUMN credit_register.inquiry.provider IS 'For which provider';
COMMENT ON COLUMN credit_register.inquiry.purpose IS 'Why';
COMMENT ON COLUMN credit_register.inquiry.authorisation IS 'On what basis';
COMMENT ON COLUMN credit_register.inquiry.state IS 'pending, open or refused';
COMMENT ON COLUMN credit_register.inquiry.opened_at IS 'When';
COMMENT ON COLUMN credit_register.inquiry.expires_at IS 'Answers until';
COMMENT ON COLUMN credit_register.inquiry.shown_from IS 'When the person sees it';
COMMENT ON COLUMN credit_register.inquiry.review_due IS 'Of break-glass: when it has to be judged';
COMMENT ON COLUMN credit_register.inquiry.reviewed_by IS 'Who judged it';
COMMENT ON COLUMN credit_register.inquiry.reviewed_at IS 'When';
COMMENT ON COLUMN credit_register.inquiry.review_upheld IS 'How';
COMMENT ON COLUMN credit_register.inquiry.review_note IS 'Why';
CREATE TABLE credit_register.job (
    job uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'waiting'::text NOT NULL COLLATE pg_catalog."C",
    done bigint DEFAULT 0 NOT NULL,
    total bigint,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    note text,
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
ALTER TABLE ONLY credit_register.job FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.job OWNER TO credit_owner;
COMMENT ON TABLE credit_register.job IS 'Progress of work in chunks';
COMMENT ON COLUMN credit_register.job.job IS 'Number';
COMMENT ON COLUMN credit_register.job.kind IS 'What it does';
COMMENT ON COLUMN credit_register.job.state IS 'waiting, running, done or failed';
COMMENT ON COLUMN credit_register.job.done IS 'Units done';
COMMENT ON COLUMN credit_register.job.total IS 'Units in all';
COMMENT ON COLUMN credit_register.job.started_at IS 'When it began';
COMMENT ON COLUMN credit_register.job.finished_at IS 'When it ended';
COMMENT ON COLUMN credit_register.job.note IS 'What is to be known';
CREATE TABLE credit_register.layout (
    table_name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    room text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT layout_kind_check CHECK ((kind = ANY (ARRAY['subject'::text, 'reference'::text, 'node'::text])))
);
ALTER TABLE ONLY credit_register.layout FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.layout OWNER TO credit_owner;
COMMENT ON TABLE credit_register.layout IS 'What kind of table each one is, for distribution: subject, reference or node';
COMMENT ON COLUMN credit_register.layout.table_name IS 'Table of this schema';
COMMENT ON COLUMN credit_register.layout.kind IS 'subject: rows of one subject, its pseudonym first in every key; reference: small, the same everywhere; node: local';
COMMENT ON COLUMN credit_register.layout.room IS 'Room of the extension that made it';
CREATE TABLE credit_register.mandate (
    mandate uuid DEFAULT gen_random_uuid() NOT NULL,
    login text NOT NULL COLLATE pg_catalog."C",
    via text COLLATE pg_catalog."C",
    duty text NOT NULL COLLATE pg_catalog."C",
    provider text COLLATE pg_catalog."C",
    divisions text[],
    purposes text[],
    minors boolean DEFAULT false NOT NULL,
    subject credit.pseudonym,
    basis text NOT NULL,
    valid daterange NOT NULL,
    granted_by text DEFAULT SESSION_USER NOT NULL,
    granted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_by text,
    ended_at timestamp with time zone,
    end_reason text
);
ALTER TABLE ONLY credit_register.mandate FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.mandate OWNER TO credit_owner;
COMMENT ON TABLE credit_register.mandate IS 'Which login has which duty, for what, on which basis, from when to when';
COMMENT ON COLUMN credit_register.mandate.mandate IS 'Number';
COMMENT ON COLUMN credit_register.mandate.login IS 'Login, or the person behind an application';
COMMENT ON COLUMN credit_register.mandate.via IS 'Application (a login) that vouches for the person by token';
COMMENT ON COLUMN credit_register.mandate.duty IS 'Duty role';
COMMENT ON COLUMN credit_register.mandate.provider IS 'For this provider alone';
COMMENT ON COLUMN credit_register.mandate.divisions IS 'For these divisions, or prefixes of them, alone';
COMMENT ON COLUMN credit_register.mandate.purposes IS 'For these purposes alone';
COMMENT ON COLUMN credit_register.mandate.minors IS 'Reaches records of minors';
COMMENT ON COLUMN credit_register.mandate.subject IS 'Of a citizen: whose own file it is';
COMMENT ON COLUMN credit_register.mandate.basis IS 'Document or decision that gives it';
COMMENT ON COLUMN credit_register.mandate.valid IS 'From when to when';
COMMENT ON COLUMN credit_register.mandate.granted_by IS 'Login that gave it';
COMMENT ON COLUMN credit_register.mandate.granted_at IS 'When';
COMMENT ON COLUMN credit_register.mandate.ended_by IS 'Login that ended it';
COMMENT ON COLUMN credit_register.mandate.ended_at IS 'When';
COMMENT ON COLUMN credit_register.mandate.end_reason IS 'Why';
CREATE TABLE credit_register.protection (
    protection uuid DEFAULT gen_random_uuid() NOT NULL,
    table_schema text NOT NULL COLLATE pg_catalog."C",
    table_name text NOT NULL COLLATE pg_catalog."C",
    division text,
    provider text,
    minor text,
    readers text[] NOT NULL,
    writers text[] NOT NULL,
    protected_by text NOT NULL,
    protected_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_by text,
    ended_at timestamp with time zone,
    end_reason text
);
ALTER TABLE ONLY credit_register.protection FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.protection OWNER TO credit_owner;
COMMENT ON TABLE credit_register.protection IS 'Tables that credit.protect_table() shields, and did';
COMMENT ON COLUMN credit_register.protection.protection IS 'Number';
COMMENT ON COLUMN credit_register.protection.table_schema IS 'Schema';
COMMENT ON COLUMN credit_register.protection.table_name IS 'Table';
COMMENT ON COLUMN credit_register.protection.division IS 'Column with the division';
COMMENT ON COLUMN credit_register.protection.provider IS 'Column with the provider';
COMMENT ON COLUMN credit_register.protection.minor IS 'Column that marks minors';
COMMENT ON COLUMN credit_register.protection.readers IS 'Duties that read';
COMMENT ON COLUMN credit_register.protection.writers IS 'Duties that write';
COMMENT ON COLUMN credit_register.protection.protected_by IS 'Login that protected it';
COMMENT ON COLUMN credit_register.protection.protected_at IS 'When';
COMMENT ON COLUMN credit_register.protection.ended_by IS 'Login that ended it';
COMMENT ON COLUMN credit_register.protection.ended_at IS 'When';
COMMENT ON COLUMN credit_register.protection.end_reason IS 'Why';
CREATE TABLE credit_register.provider (
    provider text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    division text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT provider_provider_check CHECK ((provider ~ '\S'::text))
);
ALTER TABLE ONLY credit_register.provider FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.provider OWNER TO credit_owner;
COMMENT ON TABLE credit_register.provider IS 'Departments and bodies that supply records';
COMMENT ON COLUMN credit_register.provider.provider IS 'Short name, used in records and mandates';
COMMENT ON COLUMN credit_register.provider.name IS 'Full name';
COMMENT ON COLUMN credit_register.provider.division IS 'Its division';
CREATE TABLE credit_register.purpose (
    purpose text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    needs_consent boolean DEFAULT false NOT NULL,
    needs_review boolean DEFAULT false NOT NULL,
    break_glass boolean DEFAULT false NOT NULL,
    delay interval DEFAULT '00:00:00'::interval NOT NULL,
    valid_for interval DEFAULT '01:00:00'::interval NOT NULL,
    daily_limit integer,
    CONSTRAINT purpose_daily_limit_check CHECK ((daily_limit > 0)),
    CONSTRAINT purpose_purpose_check CHECK ((purpose ~ '^[a-z][a-z0-9_]*$'::text))
);
ALTER TABLE ONLY credit_register.purpose FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.purpose OWNER TO credit_owner;
COMMENT ON TABLE credit_register.purpose IS 'Purposes of inquiries, and what each needs';
COMMENT ON COLUMN credit_register.purpose.purpose IS 'Short name';
COMMENT ON COLUMN credit_register.purpose.name IS 'What it is for';
COMMENT ON COLUMN credit_register.purpose.needs_consent IS 'The authorisation is a consent of the person';
COMMENT ON COLUMN credit_register.purpose.needs_review IS 'Another person approves before anything is read';
COMMENT ON COLUMN credit_register.purpose.break_glass IS 'Read at once, with notice, a limit and a review afterwards';
COMMENT ON COLUMN credit_register.purpose.delay IS 'How long it is kept from the person; it appears then';
COMMENT ON COLUMN credit_register.purpose.valid_for IS 'How long an inquiry answers';
COMMENT ON COLUMN credit_register.purpose.daily_limit IS 'Inquiries of one person in a day';
CREATE TABLE credit_register.record (
    subject credit.pseudonym NOT NULL,
    record uuid DEFAULT gen_random_uuid() NOT NULL,
    minor boolean DEFAULT false NOT NULL,
    division text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    severity credit.severity,
    document_date date NOT NULL,
    conduct_end date,
    displayed_from date,
    state text DEFAULT 'active'::text NOT NULL COLLATE pg_catalog."C",
    stance credit.stance NOT NULL,
    amount numeric,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT record_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disputed'::text, 'repaired'::text, 'withdrawn'::text, 'archived'::text])))
);
ALTER TABLE ONLY credit_register.record FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.record OWNER TO credit_owner;
COMMENT ON TABLE credit_register.record IS 'Records of conduct';
COMMENT ON COLUMN credit_register.record.subject IS 'Pseudonym';
COMMENT ON COLUMN credit_register.record.record IS 'Number';
COMMENT ON COLUMN credit_register.record.minor IS 'Committed under age';
COMMENT ON COLUMN credit_register.record.division IS 'Division it belongs to';
COMMENT ON COLUMN credit_register.record.provider IS 'Who supplied it';
COMMENT ON COLUMN credit_register.record.item IS 'Item of the catalogue';
COMMENT ON COLUMN credit_register.record.severity IS 'Severity, where the item has one';
COMMENT ON COLUMN credit_register.record.document_date IS 'Date of the document';
COMMENT ON COLUMN credit_register.record.conduct_end IS 'When the conduct ended';
COMMENT ON COLUMN credit_register.record.displayed_from IS 'When display began, if not with the document';
COMMENT ON COLUMN credit_register.record.state IS 'active, disputed, repaired, withdrawn or archived';
COMMENT ON COLUMN credit_register.record.stance IS 'good, neutral or bad';
COMMENT ON COLUMN credit_register.record.amount IS 'Amount in yuan';
COMMENT ON COLUMN credit_register.record.registered_at IS 'When it came in';
CREATE TABLE credit_register.rulebook (
    name text NOT NULL COLLATE pg_catalog."C",
    book credit.rulebook NOT NULL,
    in_force daterange NOT NULL,
    adopted_by text DEFAULT SESSION_USER NOT NULL,
    adopted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE ONLY credit_register.rulebook FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.rulebook OWNER TO credit_owner;
COMMENT ON TABLE credit_register.rulebook IS 'Rulebooks in use';
COMMENT ON COLUMN credit_register.rulebook.name IS 'Name';
COMMENT ON COLUMN credit_register.rulebook.book IS 'The rulebook itself';
COMMENT ON COLUMN credit_register.rulebook.in_force IS 'When it applies';
COMMENT ON COLUMN credit_register.rulebook.adopted_by IS 'Login that adopted it';
COMMENT ON COLUMN credit_register.rulebook.adopted_at IS 'When';
CREATE TABLE credit_register.subject (
    subject credit.pseudonym NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    division text NOT NULL COLLATE pg_catalog."C",
    minor boolean DEFAULT false NOT NULL,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE ONLY credit_register.subject FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.subject OWNER TO credit_owner;
COMMENT ON TABLE credit_register.subject IS 'Persons and organisations, by pseudonym';
COMMENT ON COLUMN credit_register.subject.subject IS 'Pseudonym';
COMMENT ON COLUMN credit_register.subject.kind IS 'As credit.code_kind()';
COMMENT ON COLUMN credit_register.subject.division IS 'Division that keeps the file';
COMMENT ON COLUMN credit_register.subject.minor IS 'Under age';
COMMENT ON COLUMN credit_register.subject.registered_at IS 'When';
CREATE TABLE credit_register.version (
    version integer NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    made_by text DEFAULT SESSION_USER NOT NULL
);
ALTER TABLE ONLY credit_register.version FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.version OWNER TO credit_owner;
COMMENT ON TABLE credit_register.version IS 'Versions that this register has had';
COMMENT ON COLUMN credit_register.version.version IS 'Number of the schema';
COMMENT ON COLUMN credit_register.version.made_at IS 'When';
COMMENT ON COLUMN credit_register.version.made_by IS 'Login that made it';
ALTER TABLE ONLY credit_register.audit_event ATTACH PARTITION credit_register.audit_event_202611 FOR VALUES FROM ('2026-10-31 16:00:00+00') TO ('2026-11-30 16:00:00+00');
ALTER TABLE ONLY credit_register.audit_event ATTACH PARTITION credit_register.audit_event_202612 FOR VALUES FROM ('2026-11-30 16:00:00+00') TO ('2026-12-31 16:00:00+00');
ALTER TABLE ONLY credit_register.audit_event ATTACH PARTITION credit_register.audit_event_202701 FOR VALUES FROM ('2026-12-31 16:00:00+00') TO ('2027-01-31 16:00:00+00');
ALTER TABLE ONLY credit_register.audit_event ATTACH PARTITION credit_register.audit_event_202702 FOR VALUES FROM ('2027-01-31 16:00:00+00') TO ('2027-02-28 16:00:00+00');
ALTER TABLE ONLY credit_register.audit_event ATTACH PARTITION credit_register.audit_event_default DEFAULT;
COPY credit_register.audit_event_202611 (node, xid, n, changes, at, operation, session_role, role, context, client, relation, layout, subject, image, hash) FROM stdin;
786616463748537722	725	0	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.identity	00000000-0000-0000-0000-000000000000	\N	\\x41	\\xe85910857fbfe8e7c0a2a02af4a25b1313a37216b0184e0394658e7a222d301d
786616463748537722	725	1	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.identity_budget	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x45eaefe77d7ea51e16dd92c5f3ea714e594d10d6a71b0048f810d66f7b7bdb82
786616463748537722	725	2	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.rulebook	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x278e868a3956c79dd4944977b15e19514540be3fca7ce9afe60d7c8ffcc45888
786616463748537722	725	3	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.provider	00000000-0000-0000-0000-000000000000	\N	\\x41	\\xc1feac66d2e997956037c0c74cca9babb4d85441f447e62382d1486a2c5e4c89
786616463748537722	725	4	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.purpose	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x6a3bdb9d467591bb184c06c93b4182dabd4f2345a7d1fd008d681d5a62e4322a
786616463748537722	725	5	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.layout	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x3c00090bb2481cdcdec614b74941de871f4043d796c64d2b56c5116de967eec4
786616463748537722	725	6	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.version	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x1f1e2a69610e6cf63c0585897a0be01f32b618cc1ae214ae41a75532d6e917bf
786616463748537722	725	7	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.record	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x12c8692ec3b6d37ccabcccc5fad6a6c5742fc71f02b5152e6f121c01583a0d1d
786616463748537722	725	8	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.subject	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x3b4d0fb4714e2237dcd760be1d67729a4600a63d744b36c6ceaced59b98cca58
786616463748537722	725	9	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.mandate	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x3b3a476af3befbdf398569b5af08dcb326b5837a658493c617536073c4f06f6b
786616463748537722	725	10	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.protection	00000000-0000-0000-0000-000000000000	\N	\\x41	\\xa2a09cb737c2cb01e021376ccae899c938437a57a66bcf7e6b7c292dd114200a
786616463748537722	725	11	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.job	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x7c27255db0e933cf836ab6de482f15a8af6f5218570d1a64e3b06c08413974ea
786616463748537722	725	12	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.inquiry	00000000-0000-0000-0000-000000000000	\N	\\x41	\\xc104d1b580ac7bb4acd4c020d1620466c52b39b9cc4f0e9220c53992eb18f94f
786616463748537722	725	13	1	2026-11-27 04:17:52.278525+00	A	postgres	postgres	\N	\N	credit_register.consent	00000000-0000-0000-0000-000000000000	\N	\\x41	\\x99c7e8a1ca761b4c9e5be3e978d34322918a83f79bc671bb99cbb2988b63f2bd
786616463748537722	725	14	5	2026-11-27 04:17:52.278525+00	I	postgres	postgres	\N	\N	credit_register.layout	c9804a5e-bcdc-b05b-f23b-d7aaebd3da3c	\N	\\x490a6964656e74697479097375626a6563740a6964656e7469747949116964656e746974795f627564676574066e6f64650a6964656e74697479490d61756469745f6576656e74066e6f6465076175646974490c61756469745f7365616c066e6f6465076175646974490e61756469745f6c61796f7574066e6f6465076175646974	\\xb83103e73290451c06f9f99ec06ceb2e89ebadc65bea02562e56cae11b2bf675
786616463748537722	725	15	1	2026-11-27 04:17:52.278525+00	I	postgres	postgres	\N	\N	credit_register.version	2637ed73-e4dd-d8a6-f63f-75240ef1a95e	\N	\\x4906010000000a2454c81c390403000a706f737467726573	\\x479f3daf49892d410e28cc56061f87efa1120b1ad990374593daa7ccc5612928
\.
COPY credit_register.audit_event_202612 (node, xid, n, changes, at, operation, session_role, role, context, client, relation, layout, subject, image, hash) FROM stdin;
\.
COPY credit_register.audit_event_202701 (node, xid, n, changes, at, operation, session_role, role, context, client, relation, layout, subject, image, hash) FROM stdin;
\.
COPY credit_register.audit_event_202702 (node, xid, n, changes, at, operation, session_role, role, context, client, relation, layout, subject, image, hash) FROM stdin;
\.
COPY credit_register.audit_event_default (node, xid, n, changes, at, operation, session_role, role, context, client, relation, layout, subject, image, hash) FROM stdin;
\.
COPY credit_register.audit_layout (id, relation, names, types, flags) FROM stdin;
c9804a5e-bcdc-b05b-f23b-d7aaebd3da3c	credit_register.layout	{table_name,kind,room}	{pg_catalog.text,pg_catalog.text,pg_catalog.text}	Ppp
2637ed73-e4dd-d8a6-f63f-75240ef1a95e	credit_register.version	{version,made_at,made_by}	{integer,"timestamp with time zone",pg_catalog.text}	Ppp
\.
COPY credit_register.audit_seal (number, kind, node, timeline, from_xid, before_xid, month, at, events, changes, root, previous, hash) FROM stdin;
\.
COPY credit_register.consent (subject, consent, given_to, purpose, document, single_use, valid, given_at, used_by, uses, withdrawn_at) FROM stdin;
\.
COPY credit_register.identity (subject, data_key, number, name, stored_at, forgotten_at, forgotten_basis) FROM stdin;
\.
COPY credit_register.identity_budget (login, per_hour, counter) FROM stdin;
\.
COPY credit_register.inquiry (subject, inquiry, person, application, provider, purpose, authorisation, state, opened_at, expires_at, shown_from, review_due, reviewed_by, reviewed_at, review_upheld, review_note) FROM stdin;
\.
COPY credit_register.job (job, kind, state, done, total, started_at, finished_at, note) FROM stdin;
\.
COPY credit_register.layout (table_name, kind, room) FROM stdin;
version	reference	register
layout	reference	register
rulebook	reference	rulebook
provider	reference	access
purpose	reference	inquiry
mandate	reference	access
subject	subject	register
record	subject	register
consent	subject	inquiry
inquiry	subject	inquiry
job	node	register
protection	reference	access
identity	subject	identity
identity_budget	node	identity
audit_event	node	audit
audit_seal	node	audit
audit_layout	node	audit
\.
COPY credit_register.mandate (mandate, login, via, duty, provider, divisions, purposes, minors, subject, basis, valid, granted_by, granted_at, ended_by, ended_at, end_reason) FROM stdin;
\.
COPY credit_register.protection (protection, table_schema, table_name, division, provider, minor, readers, writers, protected_by, protected_at, ended_by, ended_at, end_reason) FROM stdin;
\.
COPY credit_register.provider (provider, name, division) FROM stdin;
\.
COPY credit_register.purpose (purpose, name, needs_consent, needs_review, break_glass, delay, valid_for, daily_limit) FROM stdin;
consent	With the consent of the person	t	f	f	00:00:00	01:00:00	\N
administration	Administrative licensing, procurement, awards	f	f	f	00:00:00	01:00:00	\N
judicial	Courts and supervision, reviewed before	f	t	f	30 days	01:00:00	\N
emergency	Danger to life: read at once, reviewed afterwards	f	f	t	00:00:00	01:00:00	5
\.
COPY credit_register.record (subject, record, minor, division, provider, item, severity, document_date, conduct_end, displayed_from, state, stance, amount, registered_at) FROM stdin;
\.
COPY credit_register.rulebook (name, book, in_force, adopted_by, adopted_at) FROM stdin;
\.
COPY credit_register.subject (subject, kind, division, minor, registered_at) FROM stdin;
\.
COPY credit_register.version (version, made_at, made_by) FROM stdin;
1	2026-11-27 04:17:52.669732+00	postgres
\.
ALTER TABLE ONLY credit_register.audit_event
    ADD CONSTRAINT audit_event_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_event_202611
    ADD CONSTRAINT audit_event_202611_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_event_202612
    ADD CONSTRAINT audit_event_202612_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_event_202701
    ADD CONSTRAINT audit_event_202701_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_event_202702
    ADD CONSTRAINT audit_event_202702_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_event_default
    ADD CONSTRAINT audit_event_default_pkey PRIMARY KEY (node, xid, n, at);
ALTER TABLE ONLY credit_register.audit_seal
    ADD CONSTRAINT audit_seal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY credit_register.audit_seal
    ADD CONSTRAINT audit_seal_previous_key UNIQUE (previous);
ALTER TABLE ONLY credit_register.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (subject, consent);
ALTER TABLE ONLY credit_register.identity_budget
    ADD CONSTRAINT identity_budget_counter_key UNIQUE (counter);
ALTER TABLE ONLY credit_register.identity_budget
    ADD CONSTRAINT identity_budget_pkey PRIMARY KEY (login);
ALTER TABLE ONLY credit_register.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY credit_register.inquiry
    ADD CONSTRAINT inquiry_pkey PRIMARY KEY (subject, inquiry);
ALTER TABLE ONLY credit_register.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (job);
ALTER TABLE ONLY credit_register.layout
    ADD CONSTRAINT layout_pkey PRIMARY KEY (table_name);
ALTER TABLE ONLY credit_register.mandate
    ADD CONSTRAINT mandate_pkey PRIMARY KEY (mandate);
ALTER TABLE ONLY credit_register.protection
    ADD CONSTRAINT protection_pkey PRIMARY KEY (protection);
ALTER TABLE ONLY credit_register.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY credit_register.purpose
    ADD CONSTRAINT purpose_pkey PRIMARY KEY (purpose);
ALTER TABLE ONLY credit_register.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (subject, record);
ALTER TABLE ONLY credit_register.rulebook
    ADD CONSTRAINT rulebook_pkey PRIMARY KEY (name);
ALTER TABLE ONLY credit_register.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY credit_register.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (version);
CREATE INDEX audit_layout_id ON credit_register.audit_layout USING btree (id);
CREATE INDEX inquiry_inquiry ON credit_register.inquiry USING btree (inquiry);
CREATE INDEX inquiry_person ON credit_register.inquiry USING btree (person, opened_at);
CREATE INDEX mandate_login ON credit_register.mandate USING btree (login);
CREATE INDEX record_division ON credit_register.record USING btree (division, subject);
CREATE INDEX record_provider ON credit_register.record USING btree (provider, subject);
CREATE INDEX record_record ON credit_register.record USING btree (record);
ALTER INDEX credit_register.audit_event_pkey ATTACH PARTITION credit_register.audit_event_202611_pkey;
ALTER INDEX credit_register.audit_event_pkey ATTACH PARTITION credit_register.audit_event_202612_pkey;
ALTER INDEX credit_register.audit_event_pkey ATTACH PARTITION credit_register.audit_event_202701_pkey;
ALTER INDEX credit_register.audit_event_pkey ATTACH PARTITION credit_register.audit_event_202702_pkey;
ALTER INDEX credit_register.audit_event_pkey ATTACH PARTITION credit_register.audit_event_default_pkey;
CREATE TRIGGER audit_keep BEFORE DELETE OR UPDATE ON credit_register.audit_event FOR EACH ROW EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event ENABLE ALWAYS TRIGGER audit_keep;
CREATE TRIGGER audit_keep BEFORE DELETE OR UPDATE ON credit_register.audit_layout FOR EACH ROW EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_layout ENABLE ALWAYS TRIGGER audit_keep;
CREATE TRIGGER audit_keep BEFORE DELETE OR UPDATE ON credit_register.audit_seal FOR EACH ROW EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_seal ENABLE ALWAYS TRIGGER audit_keep;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event_202611 FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event_202611 ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event_202612 FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event_202612 ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event_202701 FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event_202701 ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event_202702 FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event_202702 ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_event_default FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_event_default ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_layout FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_layout ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER audit_keep_truncate BEFORE TRUNCATE ON credit_register.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_keep();
ALTER TABLE credit_register.audit_seal ENABLE ALWAYS TRIGGER audit_keep_truncate;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.consent FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.consent', 'subject');
ALTER TABLE credit_register.consent ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.identity FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.identity', 'subject', 'data_key', 'number', 'name', 'stored_at', 'forgotten_at', 'forgotten_basis');
ALTER TABLE credit_register.identity ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.identity_budget FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.identity_budget', '');
ALTER TABLE credit_register.identity_budget ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.inquiry FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.inquiry', 'subject');
ALTER TABLE credit_register.inquiry ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.job FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.job', '');
ALTER TABLE credit_register.job ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.layout FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.layout', '');
ALTER TABLE credit_register.layout ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.mandate FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.mandate', 'subject');
ALTER TABLE credit_register.mandate ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.protection FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.protection', '');
ALTER TABLE credit_register.protection ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.provider FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.provider', '');
ALTER TABLE credit_register.provider ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.purpose FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.purpose', '');
ALTER TABLE credit_register.purpose ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.record FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.record', 'subject');
ALTER TABLE credit_register.record ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.rulebook FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.rulebook', '');
ALTER TABLE credit_register.rulebook ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.subject FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.subject', 'subject');
ALTER TABLE credit_register.subject ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_row AFTER INSERT OR DELETE OR UPDATE ON credit_register.version FOR EACH ROW EXECUTE FUNCTION credit.audit_change('credit_register.version', '');
ALTER TABLE credit_register.version ENABLE ALWAYS TRIGGER credit_audit_row;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.consent FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.consent', 'subject');
ALTER TABLE credit_register.consent ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.identity FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.identity', 'subject', 'data_key', 'number', 'name', 'stored_at', 'forgotten_at', 'forgotten_basis');
ALTER TABLE credit_register.identity ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.identity_budget FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.identity_budget', '');
ALTER TABLE credit_register.identity_budget ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.inquiry FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.inquiry', 'subject');
ALTER TABLE credit_register.inquiry ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.job FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.job', '');
ALTER TABLE credit_register.job ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.layout FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.layout', '');
ALTER TABLE credit_register.layout ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.mandate FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.mandate', 'subject');
ALTER TABLE credit_register.mandate ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.protection FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.protection', '');
ALTER TABLE credit_register.protection ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.provider FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.provider', '');
ALTER TABLE credit_register.provider ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.purpose FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.purpose', '');
ALTER TABLE credit_register.purpose ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.record FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.record', 'subject');
ALTER TABLE credit_register.record ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.rulebook FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.rulebook', '');
ALTER TABLE credit_register.rulebook ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.subject FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.subject', 'subject');
ALTER TABLE credit_register.subject ENABLE ALWAYS TRIGGER credit_audit_truncate;
CREATE TRIGGER credit_audit_truncate AFTER TRUNCATE ON credit_register.version FOR EACH STATEMENT EXECUTE FUNCTION credit.audit_change('credit_register.version', '');
ALTER TABLE credit_register.version ENABLE ALWAYS TRIGGER credit_audit_truncate;
ALTER TABLE ONLY credit_register.consent
    ADD CONSTRAINT consent_purpose_fkey FOREIGN KEY (purpose) REFERENCES credit_register.purpose(purpose);
ALTER TABLE ONLY credit_register.mandate
    ADD CONSTRAINT mandate_provider_fkey FOREIGN KEY (provider) REFERENCES credit_register.provider(provider);
ALTER TABLE credit_register.audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202611 ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202612 ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202701 ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_202702 ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_event_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_layout ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.audit_seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY credit_auditor ON credit_register.audit_event FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_event_202611 FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_event_202612 FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_event_202701 FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_event_202702 FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_event_default FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_layout FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_auditor ON credit_register.audit_seal FOR SELECT TO credit_auditor USING (true);
CREATE POLICY credit_insert ON credit_register.record FOR INSERT WITH CHECK (credit.may_see(10, division, provider, minor));
CREATE POLICY credit_select ON credit_register.consent FOR SELECT USING (credit.may_see(32, ''::text, ''::text, false));
CREATE POLICY credit_select ON credit_register.inquiry FOR SELECT USING (credit.may_see(32, ''::text, ''::text, false));
CREATE POLICY credit_select ON credit_register.job FOR SELECT USING (credit.may_see(33, ''::text, ''::text, false));
CREATE POLICY credit_select ON credit_register.layout FOR SELECT USING (true);
CREATE POLICY credit_select ON credit_register.mandate FOR SELECT USING (credit.may_see(33, ''::text, ''::text, false));
CREATE POLICY credit_select ON credit_register.protection FOR SELECT USING (credit.may_see(33, ''::text, ''::text, false));
CREATE POLICY credit_select ON credit_register.provider FOR SELECT USING (true);
CREATE POLICY credit_select ON credit_register.purpose FOR SELECT USING (true);
CREATE POLICY credit_select ON credit_register.record FOR SELECT USING (credit.may_see(154, division, provider, minor));
CREATE POLICY credit_select ON credit_register.rulebook FOR SELECT USING (true);
CREATE POLICY credit_select ON credit_register.subject FOR SELECT USING (credit.may_see(8, division, ''::text, minor));
CREATE POLICY credit_select ON credit_register.version FOR SELECT USING (true);
CREATE POLICY credit_update ON credit_register.record FOR UPDATE USING (credit.may_see(10, division, provider, minor)) WITH CHECK (credit.may_see(10, division, provider, minor));
ALTER TABLE credit_register.identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.identity_budget ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.inquiry ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.layout ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.mandate ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.protection ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.provider ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.purpose ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.record ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.rulebook ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_register.version ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA credit_register TO credit_admin;
GRANT USAGE ON SCHEMA credit_register TO credit_provider;
GRANT USAGE ON SCHEMA credit_register TO credit_reviewer;
GRANT USAGE ON SCHEMA credit_register TO credit_publisher;
GRANT USAGE ON SCHEMA credit_register TO credit_auditor;
GRANT USAGE ON SCHEMA credit_register TO credit_analyst;
GRANT USAGE ON SCHEMA credit_register TO credit_window;
REVOKE ALL ON TABLE credit_register.audit_event FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_event_202611 FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202611 TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202611 TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_event_202612 FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202612 TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202612 TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_event_202701 FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202701 TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202701 TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_event_202702 FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202702 TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_202702 TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_event_default FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_default TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_event_default TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_layout FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_layout TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_layout TO credit_auditor;
REVOKE ALL ON TABLE credit_register.audit_seal FROM credit_owner;
GRANT SELECT ON TABLE credit_register.audit_seal TO credit_owner;
GRANT SELECT ON TABLE credit_register.audit_seal TO credit_auditor;
GRANT SELECT ON TABLE credit_register.consent TO credit_auditor;
GRANT SELECT ON TABLE credit_register.inquiry TO credit_auditor;
GRANT SELECT ON TABLE credit_register.job TO credit_admin;
GRANT SELECT ON TABLE credit_register.job TO credit_auditor;
GRANT SELECT ON TABLE credit_register.layout TO credit_admin;
GRANT SELECT ON TABLE credit_register.layout TO credit_provider;
GRANT SELECT ON TABLE credit_register.layout TO credit_window;
GRANT SELECT ON TABLE credit_register.layout TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.layout TO credit_publisher;
GRANT SELECT ON TABLE credit_register.layout TO credit_auditor;
GRANT SELECT ON TABLE credit_register.layout TO credit_analyst;
GRANT SELECT ON TABLE credit_register.mandate TO credit_admin;
GRANT SELECT ON TABLE credit_register.mandate TO credit_auditor;
GRANT SELECT ON TABLE credit_register.protection TO credit_admin;
GRANT SELECT ON TABLE credit_register.protection TO credit_auditor;
GRANT SELECT ON TABLE credit_register.provider TO credit_admin;
GRANT SELECT ON TABLE credit_register.provider TO credit_provider;
GRANT SELECT ON TABLE credit_register.provider TO credit_window;
GRANT SELECT ON TABLE credit_register.provider TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.provider TO credit_publisher;
GRANT SELECT ON TABLE credit_register.provider TO credit_auditor;
GRANT SELECT ON TABLE credit_register.provider TO credit_analyst;
GRANT SELECT ON TABLE credit_register.purpose TO credit_admin;
GRANT SELECT ON TABLE credit_register.purpose TO credit_provider;
GRANT SELECT ON TABLE credit_register.purpose TO credit_window;
GRANT SELECT ON TABLE credit_register.purpose TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.purpose TO credit_publisher;
GRANT SELECT ON TABLE credit_register.purpose TO credit_auditor;
GRANT SELECT ON TABLE credit_register.purpose TO credit_analyst;
GRANT SELECT,INSERT,UPDATE ON TABLE credit_register.record TO credit_provider;
GRANT SELECT,INSERT,UPDATE ON TABLE credit_register.record TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.record TO credit_publisher;
GRANT SELECT ON TABLE credit_register.record TO credit_analyst;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_admin;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_provider;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_window;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_publisher;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_auditor;
GRANT SELECT ON TABLE credit_register.rulebook TO credit_analyst;
GRANT SELECT ON TABLE credit_register.subject TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.version TO credit_admin;
GRANT SELECT ON TABLE credit_register.version TO credit_provider;
GRANT SELECT ON TABLE credit_register.version TO credit_window;
GRANT SELECT ON TABLE credit_register.version TO credit_reviewer;
GRANT SELECT ON TABLE credit_register.version TO credit_publisher;
GRANT SELECT ON TABLE credit_register.version TO credit_auditor;
GRANT SELECT ON TABLE credit_register.version TO credit_analyst;
