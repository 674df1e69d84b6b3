-- ---------------------------------------------------------------------------
-- subject: persons and organisations, what they are to each other, and which
-- of two files is whose
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_subject() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made text;
BEGIN
  CREATE TABLE IF NOT EXISTS credit_register.assigned_document (
    subject credit.pseudonym PRIMARY KEY,
    document bytea NOT NULL CHECK (octet_length(document) = 32)
  );
  CREATE TABLE IF NOT EXISTS credit_register.subject_link (
    subject credit.pseudonym NOT NULL,
    link uuid NOT NULL DEFAULT gen_random_uuid(),
    other credit.pseudonym NOT NULL CHECK (other <> subject),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('merged_into', 'split_into')),
    reason text NOT NULL CHECK (reason ~ '\S'),
    evidence text NOT NULL CHECK (evidence ~ '\S'),
    decided_by text NOT NULL CHECK (decided_by ~ '\S'),
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_by text CHECK (undone_by ~ '\S'),
    undone_at timestamptz,
    undone_reason text CHECK (undone_reason ~ '\S'),
    set_aside jsonb NOT NULL DEFAULT '[]',
    followed_at timestamptz,
    PRIMARY KEY (subject, link),
    CHECK (num_nulls(undone_by, undone_at, undone_reason) IN (0, 3))
  );
  ALTER TABLE credit_register.subject_link ADD COLUMN IF NOT EXISTS followed_at timestamptz;	-- of trial registers that are older
  CREATE UNIQUE INDEX IF NOT EXISTS subject_link_merged ON credit_register.subject_link (subject)
    WHERE kind = 'merged_into' AND undone_at IS NULL;	-- one way from each
  CREATE INDEX IF NOT EXISTS subject_link_link ON credit_register.subject_link (link);
  CREATE INDEX IF NOT EXISTS subject_link_other ON credit_register.subject_link (other);
  CREATE TABLE IF NOT EXISTS credit_register.moved_row (
    subject credit.pseudonym NOT NULL,
    link uuid NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    key jsonb NOT NULL,
    came_from credit.pseudonym NOT NULL CHECK (came_from <> subject),
    minor bool,
    PRIMARY KEY (subject, link, table_name, key)
  );
  ALTER TABLE credit_register.moved_row ADD COLUMN IF NOT EXISTS minor bool;	-- of trial registers that are older
  CREATE TABLE IF NOT EXISTS credit_register.occupation (
    subject credit.pseudonym NOT NULL,
    occupation text COLLATE "C" NOT NULL CHECK (occupation ~ '^[a-z][a-z0-9_]*$'),
    certificate text NOT NULL CHECK (certificate ~ '\S'),
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    end_reason text,
    PRIMARY KEY (subject, occupation, certificate)
  );
  CREATE TABLE IF NOT EXISTS credit_register.licence (
    subject credit.pseudonym NOT NULL,
    licence text COLLATE "C" NOT NULL CHECK (licence ~ '^[a-z][a-z0-9_]*$'),
    certificate text NOT NULL CHECK (certificate ~ '\S'),
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    end_reason text,
    PRIMARY KEY (subject, licence, certificate)
  );
  CREATE TABLE IF NOT EXISTS credit_register.org_role (
    subject credit.pseudonym NOT NULL,
    person credit.pseudonym NOT NULL CHECK (person <> subject),
    role text COLLATE "C" NOT NULL CHECK (role IN ('legal_representative', 'principal', 'directly_responsible')),
    valid daterange NOT NULL CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    basis text NOT NULL CHECK (basis ~ '\S'),
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, person, role, valid)
  );
  CREATE TABLE IF NOT EXISTS credit_register.student_file (
    subject credit.pseudonym NOT NULL,
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    minor bool NOT NULL DEFAULT false CHECK (NOT minor),
    opened_on date NOT NULL,
    closes_on date NOT NULL CHECK (closes_on > opened_on AND isfinite(closes_on)),
    basis text NOT NULL CHECK (basis ~ '\S'),
    opened_by text NOT NULL,
    PRIMARY KEY (subject, provider),
    -- Adults alone: the row of a minor finds no subject to refer to.
    FOREIGN KEY (subject, minor) REFERENCES credit_register.subject (subject, minor)
  );
  CREATE TABLE IF NOT EXISTS credit_register.practitioner (
    login text COLLATE "C" NOT NULL CHECK (login ~ '\S'),
    certificate text NOT NULL CHECK (certificate ~ '\S'),
    valid daterange NOT NULL CHECK (NOT isempty(valid) AND NOT upper_inf(valid) AND isfinite(upper(valid))),
    template text,
    commitment bytea CHECK (octet_length(commitment) = 32),
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (login, certificate),
    CHECK ((template IS NULL) = (commitment IS NULL))
  );
  CREATE TABLE IF NOT EXISTS credit_register.member (
    subject credit.pseudonym NOT NULL,
    provider text COLLATE "C" NOT NULL,
    provider_kind text COLLATE "C" NOT NULL DEFAULT 'association' CHECK (provider_kind = 'association'),
    certificate text NOT NULL CHECK (certificate ~ '\S'),
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, provider, certificate),
    FOREIGN KEY (provider, provider_kind) REFERENCES credit_register.provider (provider, kind)
  );
  CREATE TABLE IF NOT EXISTS credit_register.market_record (
    subject credit.pseudonym NOT NULL,
    market_record uuid NOT NULL DEFAULT gen_random_uuid(),
    provider text COLLATE "C" NOT NULL,
    provider_kind text COLLATE "C" NOT NULL DEFAULT 'association' CHECK (provider_kind = 'association'),
    minor bool NOT NULL DEFAULT false CHECK (NOT minor),
    item text COLLATE "C" NOT NULL CHECK (item ~ '^[a-z][a-z0-9_]*$'),
    stance credit.stance NOT NULL,
    document_date date NOT NULL,
    document_no text NOT NULL CHECK (document_no ~ '\S'),
    basis text NOT NULL CHECK (basis ~ '\S'),
    valid_until date NOT NULL CHECK (valid_until > document_date AND isfinite(valid_until)),
    filed_by text NOT NULL,
    filed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, market_record),
    FOREIGN KEY (provider, provider_kind) REFERENCES credit_register.provider (provider, kind),
    FOREIGN KEY (subject, minor) REFERENCES credit_register.subject (subject, minor)
  );
  PERFORM credit.comment_subject();
  INSERT INTO credit_register.layout (table_name, kind, room)
    SELECT t, CASE t WHEN 'practitioner' THEN 'reference' ELSE 'subject' END, 'subject'
      FROM unnest('{assigned_document,subject_link,moved_row,occupation,licence,org_role,student_file,practitioner,member,market_record}'::text[]) t
    ON CONFLICT DO NOTHING;
  FOREACH made IN ARRAY '{subject_link,moved_row,occupation,licence,org_role,student_file,member,market_record}'::text[] LOOP
    PERFORM credit.make_policies(format('credit_register.%I', made)::regclass, credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
    EXECUTE format('GRANT SELECT ON credit_register.%I TO credit_auditor', made);
  END LOOP;
  PERFORM credit.make_policies('credit_register.assigned_document', NULL, NULL);
  PERFORM credit.make_policies('credit_register.practitioner', credit.policy_expression('{credit_admin,credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.practitioner TO credit_admin, credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.verify_identity(text, text) TO credit_provider, credit_reviewer, credit_window;
  GRANT EXECUTE ON FUNCTION credit.find_subject(credit.code), credit.add_subject(credit.code, text, text),
    credit.assign_subject(text, text, text, text, date), credit.occupations(date),
    credit.add_org_role(credit.pseudonym, credit.pseudonym, text, daterange, text),
    credit.end_org_role(credit.pseudonym, credit.pseudonym, text, date),
    credit.attribute_to_person(uuid, credit.pseudonym, text, text) TO credit_provider, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.add_occupation(credit.pseudonym, text, text, daterange, text), credit.end_occupation(credit.pseudonym, text, text, date, text),
    credit.add_licence(credit.pseudonym, text, text, daterange, text), credit.end_licence(credit.pseudonym, text, text, date, text),
    credit.open_student_file(credit.pseudonym, text, text, date), credit.add_member(credit.pseudonym, text, text, daterange),
    credit.file_market_record(credit.pseudonym, text, text, credit.stance, date, text, text, date) TO credit_provider;
  GRANT EXECUTE ON FUNCTION credit.merge_subjects(credit.pseudonym, credit.pseudonym, text, text),
    credit.split_subject(credit.pseudonym, credit.pseudonym, uuid[], text, text), credit.undo_link(uuid, text), credit.follow_link(uuid),
    credit.resume_attributed(uuid, text) TO credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.market_records(uuid) TO credit_window, credit_provider, credit_reviewer;
  GRANT EXECUTE ON FUNCTION credit.add_practitioner(text, text, daterange, text, bytea), credit.end_practitioner(text, text, date),
    credit.refresh_minors() TO credit_admin;
END
$$;
COMMENT ON FUNCTION credit.create_register_subject() IS
  'Step of create_register(): links of subjects, occupations, licences, roles, student files, practitioners, members';
REVOKE ALL ON FUNCTION credit.create_register_subject() FROM PUBLIC;

CREATE FUNCTION credit.comment_subject() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.comment_tables(
$comments$assigned_document|Which assigned code was given for which document, so that the same document gets it again
assigned_document.subject|Pseudonym of an assigned code
assigned_document.document|Keyed hash of the document: without the key file nobody tries documents
subject_link|Decisions that two files are one person's, or one file two persons'
subject_link.subject|Whose rows were moved
subject_link.link|Number
subject_link.other|To whom
subject_link.kind|merged_into: all rows; split_into: some
subject_link.reason|Why
subject_link.evidence|What the decider saw
subject_link.decided_by|Person who decided
subject_link.decided_at|When
subject_link.undone_by|Person who undid it
subject_link.undone_at|When
subject_link.undone_reason|Why
subject_link.followed_at|When follow_link() last sent rows after the others: from then on it is the later decision
subject_link.set_aside|Records of an act that both files had, set aside for the other one, with what undo_link() gives back
moved_row|Where each row came from that a link moved, there or back, or under which number it was filed
moved_row.subject|Subject that it was moved to
moved_row.link|Link that moved it
moved_row.table_name|Table
moved_row.key|Its key, without the subject
moved_row.came_from|Subject that it was moved from
moved_row.minor|Of a record: whether it was under the shield of minors there
occupation|Occupations, by certificate
occupation.subject|Pseudonym
occupation.occupation|Code, see credit.occupations()
occupation.certificate|Number of the certificate or appointment
occupation.valid|From when to when
occupation.provider|Body that issued it
occupation.noted_by|Person who noted it
occupation.noted_at|When
occupation.end_reason|Why it ended early
licence|Licences of persons and organisations
licence.subject|Pseudonym
licence.licence|What for
licence.certificate|Number
licence.valid|From when to when
licence.provider|Body that issued it
licence.noted_by|Person who noted it
licence.noted_at|When
licence.end_reason|Why it ended early
org_role|Who stood for an organisation, from when to when
org_role.subject|The organisation
org_role.person|The person
org_role.role|legal_representative, principal or directly_responsible
org_role.valid|From when to when
org_role.basis|Document that says so
org_role.noted_by|Person who noted it
org_role.noted_at|When
student_file|Integrity files of students, adults alone
student_file.subject|Pseudonym
student_file.provider|School
student_file.minor|Always false, and as the subject's: the foreign key lets no minor in
student_file.opened_on|Day on which it was opened
student_file.closes_on|Day on which it ends
student_file.basis|Rule that allows it
student_file.opened_by|Person who opened it
practitioner|Certificates of those who work with credit data; without one in force they do not query
practitioner.login|Login, or the person behind an application
practitioner.certificate|Number of the certificate
practitioner.valid|From when to when
practitioner.template|Version of the commitment that was signed on entry
practitioner.commitment|SHA-256 of the signed commitment
practitioner.noted_by|Person who noted it
practitioner.noted_at|When
member|Members of associations
member.subject|Pseudonym
member.provider|Association
member.provider_kind|Always association, by foreign key
member.certificate|Number of the membership
member.valid|From when to when
member.noted_by|Person who noted it
member.noted_at|When
market_record|What associations file about their members: market data, apart from the public record
market_record.subject|Pseudonym
market_record.market_record|Number
market_record.provider|Association
market_record.provider_kind|Always association, by foreign key
market_record.minor|Always false, and as the subject's
market_record.item|What it is about
market_record.stance|good, neutral or bad
market_record.document_date|Date of the document
market_record.document_no|Number of the document
market_record.basis|Consent or rule of the association that allows it
market_record.valid_until|Last day on which it is given to anybody
market_record.filed_by|Person who filed it
market_record.filed_at|When$comments$);
END
$$;
COMMENT ON FUNCTION credit.comment_subject() IS 'Says what the tables and columns of this room are';
REVOKE ALL ON FUNCTION credit.comment_subject() FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- who may, and who is who
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.holds(duties text[], division text DEFAULT NULL, provider text DEFAULT NULL) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM credit.grants() g
                    WHERE g.duty OPERATOR(pg_catalog.=) ANY (duties)
                      AND (holds.division IS NULL OR g.divisions IS NULL
                           OR EXISTS (SELECT FROM pg_catalog.unnest(pg_catalog.string_to_array(g.divisions, ',')) d
                                       WHERE pg_catalog.starts_with(holds.division, d)))
                      AND (holds.provider IS NULL OR g.provider IS NULL OR g.provider OPERATOR(pg_catalog.=) holds.provider));
  END;
COMMENT ON FUNCTION credit.holds(text[], text, text) IS
  'Does a mandate of this transaction with one of these duties reach this division and provider?  NULL is any';

CREATE FUNCTION credit.need_mandate(duties text[], division text DEFAULT NULL, provider text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF credit.holds(duties, division, provider) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'this needs a mandate as %', array_to_string(duties, ' or ') USING ERRCODE = 'insufficient_privilege',
    DETAIL = 'A mandate may be for one provider and for some divisions alone.',
    HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
END
$$;
COMMENT ON FUNCTION credit.need_mandate(text[], text, text) IS 'Raises 42501 unless credit.holds() it; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_mandate(text[], text, text) FROM PUBLIC;

CREATE FUNCTION credit.is_organisation(kind text) RETURNS bool
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN kind OPERATOR(pg_catalog.=) ANY ('{organisation,assigned_organisation}'::text[]);
COMMENT ON FUNCTION credit.is_organisation(text) IS 'Is this kind of subject an organisation?  All others are persons';

CREATE FUNCTION credit.current_subject(subject credit.pseudonym) RETURNS credit.pseudonym
  AS 'MODULE_PATHNAME', 'subject_current' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.current_subject(credit.pseudonym) IS
  'The subject under which a file is kept now: another one if it was merged; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.current_subject(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.merged_with(subject credit.pseudonym) RETURNS SETOF credit.pseudonym
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('credit_register.subject_link') IS NULL THEN	-- a vault by itself
    RETURN NEXT subject;
    RETURN;
  END IF;
  RETURN QUERY
    WITH RECURSIVE same (whom) AS (
      SELECT merged_with.subject
      UNION
      SELECT CASE l.subject WHEN s.whom THEN l.other ELSE l.subject END
        FROM same s JOIN credit_register.subject_link l ON s.whom IN (l.subject, l.other)
       WHERE l.kind = 'merged_into' AND l.undone_at IS NULL)
    SELECT s.whom FROM same s;
END
$$;
COMMENT ON FUNCTION credit.merged_with(credit.pseudonym) IS 'A subject and all that are one with it by merges in force, in both directions; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.merged_with(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.known_subject(subject credit.pseudonym, duties text[],
    OUT whom credit.pseudonym, OUT kind text, OUT division text, OUT minor bool)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT s.subject, s.kind, s.division, s.minor INTO whom, known_subject.kind, known_subject.division, known_subject.minor
    FROM credit_register.subject s WHERE s.subject = credit.current_subject(known_subject.subject);
  -- The same words for one that is not there and one of another division.
  IF whom IS NULL OR NOT credit.holds(duties, known_subject.division) THEN
    RAISE EXCEPTION 'no such subject in your divisions' USING ERRCODE = 'insufficient_privilege',
      DETAIL = format('This needs a mandate as %s for the division that keeps the file.', array_to_string(duties, ' or ')),
      HINT = 'Call credit.enter() first; credit.add_subject() opens a file.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.known_subject(credit.pseudonym, text[]) IS
  'The subject as it is kept now, if a mandate with one of these duties reaches its division, else 42501; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.known_subject(credit.pseudonym, text[]) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- opening a file
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.store_subject(code credit.code, name text, division text, kind text, minor_until date DEFAULT NULL) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  this credit.pseudonym := credit.pseudonym(code);
  known text;
BEGIN
  IF division IS NULL OR division !~ '^[0-9]{6}$' THEN
    RAISE EXCEPTION 'a division has six digits' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT credit.identity_unseal(i.subject, 'name', i.name, i.data_key) INTO known FROM credit_register.identity i WHERE i.subject = this;
  IF known IS NULL OR known = '' THEN
    PERFORM credit.identity_store(code, name);
  ELSIF credit.name_key(known) <> credit.name_key(name) THEN
    -- Whoever tries names pays for each that is wrong.
    PERFORM credit.identity_spend();
    RAISE EXCEPTION 'number and name do not agree' USING ERRCODE = 'CR122',
      HINT = 'Please verify both with the person. A changed name is stored by the office that keeps the register: credit.identity_store().';
  END IF;
  INSERT INTO credit_register.subject AS s (subject, kind, division, minor, minor_until)
    VALUES (this, store_subject.kind, store_subject.division,
            CASE WHEN store_subject.kind IN ('citizen', 'hmt_resident', 'permanent_resident') THEN credit.age_on(code, credit.today()) < 18
                 ELSE store_subject.minor_until IS NOT NULL END, store_subject.minor_until)
    ON CONFLICT DO NOTHING;
  RETURN credit.current_subject(this);
END
$$;
COMMENT ON FUNCTION credit.store_subject(credit.code, text, text, text, date) IS
  'Stores identity and subject once, and says under which subject the file is kept; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.store_subject(credit.code, text, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.add_subject(code credit.code, name text, division text) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer}', division);
  PERFORM credit.need_text('the name', name);
  IF code IS NULL OR credit.code_kind(code) = 'assigned' THEN
    RAISE EXCEPTION 'a file is opened for a code of the standards' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'credit.assign_subject() opens one for a subject without a code.';
  END IF;
  RETURN credit.store_subject(code, name, division, credit.code_kind(code));
END
$$;
COMMENT ON FUNCTION credit.add_subject(credit.code, text, text) IS
  'Definer, as nobody writes identities by hand: opens the file of a code, once, and gives the pseudonym under which it is kept';
REVOKE ALL ON FUNCTION credit.add_subject(credit.code, text, text) FROM PUBLIC;

-- The key of the hash of documents comes from the key file, by way of pseudonyms
-- that no subject has: without it the few million passports are not tried out.
CREATE FUNCTION credit.document_hash(document text, try int) RETURNS bytea
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(k.key || sha256(k.key || convert_to(credit.name_key(document) || E'\t' || try, 'UTF8')))
    FROM (SELECT string_agg(credit.pseudonym_send(credit.pseudonym(credit.assigned_code(n), 'assigned_document')), '' ORDER BY n) AS key
            FROM generate_series(0, 3) n) k;
$$;
COMMENT ON FUNCTION credit.document_hash(text, int) IS 'Keyed SHA-256 of an identity document, spellings folded; for credit.assign_subject() alone';
REVOKE ALL ON FUNCTION credit.document_hash(text, int) FROM PUBLIC;

CREATE FUNCTION credit.assign_subject(kind text, name text, division text, document text, born_on date DEFAULT NULL) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  hash bytea;
  code credit.code;
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer}', division);
  PERFORM credit.need_text('the name', name);
  PERFORM credit.need_text('the document', document);
  IF kind IS NULL OR kind NOT IN ('person', 'organisation') OR (kind = 'person') <> (born_on IS NOT NULL) OR NOT isfinite(born_on) THEN
    RAISE EXCEPTION 'a subject without a code is a person with a day of birth, or an organisation' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = 'The day of birth is not stored: it says whether the shield of minors is up, and until which month.';
  END IF;
  IF born_on IS NOT NULL THEN
    PERFORM credit.need_day('the day of birth', born_on);
  END IF;
  FOR try IN 0 .. 99 LOOP
    hash := credit.document_hash(document, try);
    code := credit.assigned_code(('x' || encode(substr(hash, 1, 7), 'hex'))::bit(56)::bigint % 1000000000000000);
    INSERT INTO credit_register.assigned_document AS d (subject, document) VALUES (credit.pseudonym(code), hash) ON CONFLICT DO NOTHING;
    -- Another document had the same serial, which 10^15 make rare: the next try.
    EXIT WHEN EXISTS (SELECT FROM credit_register.assigned_document d WHERE d.subject = credit.pseudonym(code) AND d.document = hash);
  END LOOP;
  RETURN credit.store_subject(code, name, division, CASE kind WHEN 'person' THEN 'assigned' ELSE 'assigned_organisation' END,
    CASE WHEN credit.today() < (born_on + interval '18 years')::date
         THEN (date_trunc('month', born_on + interval '18 years') + interval '1 month')::date END);
END
$$;
COMMENT ON FUNCTION credit.assign_subject(text, text, text, text, date) IS
  'Definer, as nobody writes identities by hand: opens the file of a subject without a code, once for a document (passport:FRA:…), under an assigned code';
REVOKE ALL ON FUNCTION credit.assign_subject(text, text, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.find_subject(code credit.code) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer}');
  RETURN credit.current_subject(credit.identity_lookup(code));
END
$$;
COMMENT ON FUNCTION credit.find_subject(credit.code) IS
  'Definer, as it makes the pseudonym: under which subject a code is kept, NULL if it is not; counts against the budget of look-ups';
REVOKE ALL ON FUNCTION credit.find_subject(credit.code) FROM PUBLIC;

CREATE FUNCTION credit.verify_identity(code text, name text, OUT ok bool, OUT reason text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  read_code credit.code;
  known text;
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer,credit_window}');
  PERFORM credit.identity_spend();
  ok := false;
  BEGIN
    read_code := verify_identity.code::credit.code;
  EXCEPTION WHEN invalid_text_representation THEN
    reason := 'please verify the number: ' || (SELECT c.message FROM credit.check_code(verify_identity.code, credit.today()) c);
    RETURN;
  END;
  SELECT credit.identity_unseal(i.subject, 'name', i.name, i.data_key) INTO known
    FROM credit_register.identity i WHERE i.subject = credit.pseudonym(read_code) AND i.data_key IS NOT NULL;
  -- One answer for a number that is not kept and for another name.
  ok := coalesce(nullif(credit.name_key(known), '') = credit.name_key(verify_identity.name), false);
  reason := CASE WHEN ok THEN 'number and name agree' ELSE 'please verify number and name' END;
END
$$;
COMMENT ON FUNCTION credit.verify_identity(text, text) IS
  'Definer, as nobody reads identities: do number and name belong together?  Yes or no and why, nothing else; counts against the budget of look-ups';
REVOKE ALL ON FUNCTION credit.verify_identity(text, text) FROM PUBLIC;
