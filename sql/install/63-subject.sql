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
    PRIMARY KEY (subject, link),
    CHECK (num_nulls(undone_by, undone_at, undone_reason) IN (0, 3))
  );
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
    PRIMARY KEY (subject, link, table_name, key)
  );
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
subject_link.set_aside|Of a merge: records of an act that both files had, set aside for the other one, with what undo_link() gives back
moved_row|Where each row came from that a link moved, there or back, or under which number it was filed
moved_row.subject|Subject that it was moved to
moved_row.link|Link that moved it
moved_row.table_name|Table
moved_row.key|Its key, without the subject
moved_row.came_from|Subject that it was moved from
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

CREATE FUNCTION credit.need_text(what text, given text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF given IS NULL OR given !~ '\S' OR octet_length(given) > 1000 THEN
    RAISE EXCEPTION '% is missing or too long', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Name it in 1000 bytes at most.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_text(text, text) IS 'Raises 22023 for a text that says nothing, or too much; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_text(text, text) FROM PUBLIC;

CREATE FUNCTION credit.refuse_long(VARIADIC given text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(given) g WHERE octet_length(g) > 1000) THEN
    RAISE EXCEPTION 'a text is too long' USING ERRCODE = 'invalid_parameter_value', HINT = 'Say it in 1000 bytes at most.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.refuse_long(text[]) IS 'Raises 22023 for a text that no index would take; missing ones are another''s to refuse; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.refuse_long(text[]) FROM PUBLIC;

CREATE FUNCTION credit.need_key(what text, given text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF given IS NULL OR given !~ '^[a-z][a-z0-9_]*$' OR octet_length(given) > 100 THEN
    RAISE EXCEPTION '% is no short name', what USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Lower-case letters, digits and underscores, 100 at most, a letter first.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_key(text, text) IS 'Raises 22023 for what is no short name; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_key(text, text) FROM PUBLIC;

CREATE FUNCTION credit.need_provider(provider text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Who has a mandate for all reaches one that is not there.
  PERFORM credit.need_mandate('{credit_provider}', NULL, provider);
  IF provider IS NULL OR NOT EXISTS (SELECT FROM credit_register.provider p WHERE p.provider = need_provider.provider) THEN
    RAISE EXCEPTION 'there is no such provider' USING ERRCODE = 'invalid_parameter_value', HINT = 'credit_register.provider lists them.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_provider(text) IS 'Raises unless a mandate as credit_provider is for this provider, and there is one; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_provider(text) FROM PUBLIC;

CREATE FUNCTION credit.is_organisation(kind text) RETURNS bool
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN kind OPERATOR(pg_catalog.=) ANY ('{organisation,assigned_organisation}'::text[]);
COMMENT ON FUNCTION credit.is_organisation(text) IS 'Is this kind of subject an organisation?  All others are persons';

-- A loop: a recursive query in SQL is planned anew by each call, which took a sixth of an inquiry.
CREATE FUNCTION credit.current_subject(subject credit.pseudonym) RETURNS credit.pseudonym
  LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := subject;
  survivor credit.pseudonym;
BEGIN
  FOR n IN 1..100 LOOP
    SELECT l.other INTO survivor FROM credit_register.subject_link l
     WHERE l.subject = whom AND l.kind = 'merged_into' AND l.undone_at IS NULL;
    EXIT WHEN NOT FOUND;
    whom := survivor;
  END LOOP;
  RETURN whom;
END
$$;
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

CREATE FUNCTION credit.is_minor(subject credit.pseudonym, day date) RETURNS bool
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN credit.is_organisation(s.kind) THEN false
              WHEN s.kind = 'assigned' THEN coalesce(is_minor.day < s.minor_until, false)
              ELSE credit.age_on(credit.reveal(s.subject), is_minor.day) < 18 END
    FROM credit_register.subject s WHERE s.subject = is_minor.subject;
$$;
COMMENT ON FUNCTION credit.is_minor(credit.pseudonym, date) IS
  'Is this person under 18 on a day?  NULL for an unknown subject; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.is_minor(credit.pseudonym, date) FROM PUBLIC;

CREATE FUNCTION credit.refresh_minors() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  grown bigint;
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  -- Until when stays: an act from before may be handed in after.
  UPDATE credit_register.subject s SET minor = false
   WHERE s.minor AND NOT CASE WHEN s.kind = 'assigned' THEN coalesce(credit.today() < s.minor_until, true)
                              ELSE credit.age_on(credit.reveal(s.subject), credit.today()) < 18 END;
  GET DIAGNOSTICS grown = ROW_COUNT;
  RETURN grown;
END
$$;
COMMENT ON FUNCTION credit.refresh_minors() IS
  'Definer, as nobody writes subjects by hand: lowers the shield of subjects that are 18 by today; a day late is a day longer';
REVOKE ALL ON FUNCTION credit.refresh_minors() FROM PUBLIC;

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

-- ---------------------------------------------------------------------------
-- merge and split, undoable
-- ---------------------------------------------------------------------------

-- Tables whose rows belong to a subject, parents before children, from the layout
-- alone: what another room adds moves, too.  Not the subject itself, who it is,
-- and what this room writes about moves.
CREATE FUNCTION credit.subject_tables() RETURNS TABLE (name text, relation regclass, columns text, key text, level int)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE kept AS (
    SELECT l.table_name AS name, c.oid FROM credit_register.layout l
      JOIN pg_class c ON c.relnamespace = 'credit_register'::regnamespace AND c.relname = l.table_name AND c.relkind IN ('r', 'p')
     WHERE l.kind = 'subject' AND l.table_name NOT IN ('subject', 'identity', 'assigned_document', 'subject_link', 'moved_row')
  ), depth (oid, n) AS (
    SELECT k.oid, 0 FROM kept k
    UNION
    SELECT p.child, d.n + 1 FROM depth d JOIN credit.subject_parents() p ON p.parent = d.oid WHERE d.n < 20
  )
  SELECT k.name, k.oid::regclass,
         (SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
           WHERE a.attrelid = k.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname <> 'subject'),
         (SELECT format('jsonb_build_object(%s)', string_agg(format('%L, t.%I', a.attname, a.attname), ', ' ORDER BY a.attname))
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum = ANY (i.indkey)
           WHERE i.indrelid = k.oid AND i.indisprimary AND a.attname <> 'subject'),
         (SELECT max(d.n) FROM depth d WHERE d.oid = k.oid)
    FROM kept k ORDER BY 5, 1;
$$;
COMMENT ON FUNCTION credit.subject_tables() IS 'Tables that hold rows of a subject, in the order of their foreign keys; for credit.move_rows() alone';
REVOKE ALL ON FUNCTION credit.subject_tables() FROM PUBLIC;

CREATE FUNCTION credit.subject_parents() RETURNS TABLE (child oid, parent oid, parent_name text, key text, held text, enforced bool)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  WITH kept AS (
    SELECT l.table_name AS name, c.oid FROM credit_register.layout l
      JOIN pg_class c ON c.relnamespace = 'credit_register'::regnamespace AND c.relname = l.table_name AND c.relkind IN ('r', 'p')
     WHERE l.kind = 'subject' AND l.table_name NOT IN ('subject', 'identity', 'assigned_document', 'subject_link', 'moved_row')
  ), pair AS (
    SELECT f.oid AS constraint_oid, f.conrelid AS child, f.confrelid AS parent, a.attname AS here, b.attname AS there
      FROM pg_constraint f, unnest(f.conkey, f.confkey) u (here, there),
           LATERAL (SELECT x.attname FROM pg_attribute x WHERE x.attrelid = f.conrelid AND x.attnum = u.here) a,
           LATERAL (SELECT x.attname FROM pg_attribute x WHERE x.attrelid = f.confrelid AND x.attnum = u.there) b
     WHERE f.contype = 'f' AND f.conparentid = 0 AND f.conrelid <> f.confrelid AND b.attname <> 'subject'
    UNION ALL
    -- What names a record without a foreign key goes with it, too.
    SELECT 0, a.attrelid, 'credit_register.record'::regclass, a.attname, 'record'
      FROM pg_attribute a WHERE a.attname = 'record' AND a.atttypid = 'uuid'::regtype AND a.attrelid <> 'credit_register.record'::regclass
  )
  SELECT DISTINCT p.child, p.parent, k.name,
         (SELECT format('jsonb_build_object(%s)', string_agg(format('%L, p.%I', a.attname, a.attname), ', ' ORDER BY a.attname))
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = p.parent AND a.attnum = ANY (i.indkey)
           WHERE i.indrelid = p.parent AND i.indisprimary AND a.attname <> 'subject'),
         string_agg(format('p.%I = t.%I', p.there, p.here), ' AND ' ORDER BY p.there), p.constraint_oid <> 0
    FROM pair p JOIN kept k ON k.oid = p.parent JOIN kept c ON c.oid = p.child
   GROUP BY p.constraint_oid, p.child, p.parent, k.name;
$$;
COMMENT ON FUNCTION credit.subject_parents() IS 'Which of those tables'' rows go with rows of which other; for credit.move_rows() alone';
REVOKE ALL ON FUNCTION credit.subject_parents() FROM PUBLIC;

CREATE FUNCTION credit.insert_moved(source credit.pseudonym, target credit.pseudonym, link uuid, chosen text, records uuid[], stuck jsonb) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place pg_catalog.record;
  follows text;
  waits text;
  done bigint;
  moved bigint := 0;
BEGIN
  FOR place IN SELECT s.* FROM credit.subject_tables() s ORDER BY s.level, s.name LOOP
    -- A row goes with its parent, and stays where its parent stays.
    SELECT coalesce(string_agg(format('EXISTS (SELECT FROM %s p JOIN credit_register.moved_row m ON m.subject = $2 AND m.link = $3
               AND m.table_name = %L AND m.came_from = $1 AND m.key = %s WHERE p.subject = $1 AND %s)',
               p.parent::regclass, p.parent_name, p.key, p.held), ' OR '), 'false'),
           coalesce(string_agg(format('NOT EXISTS (SELECT FROM %s p WHERE p.subject = $1 AND %s AND NOT EXISTS (
               SELECT FROM credit_register.moved_row m WHERE m.subject = $2 AND m.link = $3
                  AND m.table_name = %L AND m.came_from = $1 AND m.key = %s))', p.parent::regclass, p.held, p.parent_name, p.key), ' AND '), 'true')
      INTO follows, waits FROM credit.subject_parents() p WHERE p.child = place.relation;
    EXECUTE format('WITH gone AS (
        INSERT INTO %1$s AS t (subject, %2$s) SELECT $2, %2$s FROM %1$s t WHERE t.subject = $1 AND (%3$s) AND %4$s
            AND NOT coalesce($5 -> %6$L @> jsonb_build_array(%5$s), false)
          ON CONFLICT DO NOTHING RETURNING %5$s AS key)
      INSERT INTO credit_register.moved_row (subject, link, table_name, key, came_from) SELECT $2, $3, %6$L, g.key, $1 FROM gone g',
      place.relation, place.columns,
      CASE chosen WHEN 'all' THEN 'true'
        WHEN 'records' THEN CASE place.name WHEN 'record' THEN 't.record = ANY ($4)' ELSE follows END
        ELSE format('EXISTS (SELECT FROM credit_register.moved_row m WHERE m.subject = $1 AND m.link = $3 AND m.came_from = $2
                       AND m.table_name = %L AND m.key = %s) OR %s', place.name, place.key, follows) END,
      waits, place.key, place.name)
      USING source, target, link, records, stuck;
    GET DIAGNOSTICS done = ROW_COUNT;
    moved := moved + done;
  END LOOP;
  RETURN moved;
END
$$;
COMMENT ON FUNCTION credit.insert_moved(credit.pseudonym, credit.pseudonym, uuid, text, uuid[], jsonb) IS
  'Copies the rows that move to their new subject, parents first, and notes them; for credit.move_rows() alone';
REVOKE ALL ON FUNCTION credit.insert_moved(credit.pseudonym, credit.pseudonym, uuid, text, uuid[], jsonb) FROM PUBLIC;

CREATE FUNCTION credit.left_behind(source credit.pseudonym, target credit.pseudonym, link uuid) RETURNS TABLE (name text, keys jsonb)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bond pg_catalog.record;
BEGIN
  FOR bond IN SELECT p.*, c.name AS child_name, c.key AS child_key FROM credit.subject_parents() p JOIN credit.subject_tables() c ON c.relation = p.child
               WHERE p.enforced LOOP
    name := bond.parent_name;
    EXECUTE format('SELECT jsonb_agg(DISTINCT %1$s) FROM %2$s t JOIN %3$s p ON p.subject = $1 AND %4$s
        JOIN credit_register.moved_row m ON m.subject = $2 AND m.link = $3 AND m.came_from = $1 AND m.table_name = %5$L AND m.key = %1$s
       WHERE t.subject = $1 AND NOT EXISTS (SELECT FROM credit_register.moved_row n
         WHERE n.subject = $2 AND n.link = $3 AND n.came_from = $1 AND n.table_name = %6$L AND n.key = %7$s)',
      bond.key, bond.child::regclass, bond.parent::regclass, bond.held, bond.parent_name, bond.child_name, bond.child_key)
      INTO keys USING source, target, link;
    IF keys IS NOT NULL THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.left_behind(credit.pseudonym, credit.pseudonym, uuid) IS
  'Rows that were copied though one that refers to them stays; for credit.move_rows() alone';
REVOKE ALL ON FUNCTION credit.left_behind(credit.pseudonym, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.move_rows(source credit.pseudonym, target credit.pseudonym, link uuid, chosen text, records uuid[] DEFAULT NULL,
    OUT moved bigint, OUT stayed bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place pg_catalog.record;
  stuck jsonb := '{}';
  more jsonb;
  done bigint;
BEGIN
  -- Scores of both were made of other files than they have now.
  PERFORM credit.drop_scores(source), credit.drop_scores(target);
  -- What has a row behind it that cannot move does not move: once more without, until nothing is left behind.
  FOR try IN 1 .. 100 LOOP
    BEGIN
      moved := credit.insert_moved(source, target, link, chosen, records, stuck);
      SELECT jsonb_object_agg(b.name, b.keys) INTO more
        FROM (SELECT l.name, jsonb_agg(k) AS keys FROM credit.left_behind(source, target, link) l, jsonb_array_elements(l.keys) k GROUP BY l.name) b;
      EXIT WHEN more IS NULL;
      RAISE EXCEPTION 'rows that hang together cannot be parted' USING ERRCODE = 'CR124';
    EXCEPTION WHEN SQLSTATE 'CR124' THEN
      SELECT jsonb_object_agg(n, coalesce(stuck -> n, '[]') || coalesce(more -> n, '[]')) INTO stuck
        FROM (SELECT jsonb_object_keys(stuck) UNION SELECT jsonb_object_keys(more)) u (n);
    END;
  END LOOP;
  stayed := 0;
  FOR place IN SELECT s.* FROM credit.subject_tables() s ORDER BY s.level DESC, s.name LOOP
    EXECUTE format('DELETE FROM %s t USING credit_register.moved_row m WHERE t.subject = $1 AND m.subject = $2 AND m.link = $3
                       AND m.came_from = $1 AND m.table_name = %L AND m.key = %s', place.relation, place.name, place.key)
      USING source, target, link;
    EXECUTE format('SELECT count(*) FROM %s t WHERE t.subject = $1', place.relation) INTO done USING source;
    stayed := stayed + done;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.move_rows(credit.pseudonym, credit.pseudonym, uuid, text, uuid[]) IS
  'Moves rows from one subject to another, all, some records with what hangs on them, or back; a row whose key the other has stays; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.move_rows(credit.pseudonym, credit.pseudonym, uuid, text, uuid[]) FROM PUBLIC;

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
END
$$;
COMMENT ON FUNCTION credit.lock_pair(credit.pseudonym, credit.pseudonym, uuid) IS
  'Locks two subjects that may be merged or split by the reviewer who entered, neither of them himself; for functions of the register alone';
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

CREATE FUNCTION credit.set_twins_aside(duplicate credit.pseudonym, survivor credit.pseudonym, link uuid) RETURNS void
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
             WHERE m.subject = set_twins_aside.duplicate) t
     ORDER BY t.moving LOOP
    SELECT r.subject, r.record, r.state INTO aside FROM credit_register.record r
     WHERE r.subject = CASE WHEN twins.moving_stands THEN survivor ELSE duplicate END
       AND r.record = CASE WHEN twins.moving_stands THEN twins.staying ELSE twins.moving END FOR UPDATE;
    IF aside.state <> 'archived' THEN
      PERFORM credit.change_record(aside.subject, aside.record, 'archived', '合并后重复 twice after a merge');
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
COMMENT ON FUNCTION credit.set_twins_aside(credit.pseudonym, credit.pseudonym, uuid) IS
  'Of an act that both files have, the record on which most was decided stands (withdrawn, repaired, disputed, active) and the other is archived; for merge_subjects() and follow_link()';
REVOKE ALL ON FUNCTION credit.set_twins_aside(credit.pseudonym, credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.take_twins_back(set_aside jsonb, VARIADIC subjects credit.pseudonym[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  aside pg_catalog.record;
  former text;
BEGIN
  FOR aside IN
    SELECT r.subject, r.record, r.state, a.entry ->> 'state' AS former, decode(a.entry ->> 'fingerprint', 'hex') AS fingerprint
      FROM jsonb_array_elements(set_aside) AS a (entry)
      JOIN credit_register.record r ON r.subject = ANY (subjects) AND r.record = (a.entry ->> 'record')::uuid
     ORDER BY r.subject, r.record LOOP
    UPDATE credit_register.record r SET fingerprint = aside.fingerprint
     WHERE r.subject = aside.subject AND r.record = aside.record
       AND NOT EXISTS (SELECT FROM credit_register.record o WHERE o.subject = aside.subject AND o.fingerprint = aside.fingerprint);
    former := CASE WHEN aside.former = 'disputed' AND credit.open_disputes(aside.subject, aside.record) = 0 THEN 'active' ELSE aside.former END;
    -- What was decided meanwhile stays.
    IF aside.state = 'archived' AND former <> 'archived' THEN
      PERFORM credit.change_record(aside.subject, aside.record, former, '合并已撤销 merge undone');
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
  SELECT m.moved INTO split_subject.moved FROM credit.move_rows(mixed, split_subject.other, split_subject.link, 'records', records) m;
  IF EXISTS (SELECT FROM credit_register.record r WHERE r.subject = mixed AND r.record = ANY (records)) THEN
    RAISE EXCEPTION 'rows that hang together cannot be parted' USING ERRCODE = 'CR124',
      DETAIL = 'Something rests on one of these records and on rows that are not theirs.', HINT = 'Name all records that it rests on.';
  END IF;
  PERFORM credit.tell_both(mixed, split_subject.other, 'file_split', split_subject.link);
END
$$;
COMMENT ON FUNCTION credit.split_subject(credit.pseudonym, credit.pseudonym, uuid[], text, text) IS
  'Definer, as nobody moves rows by hand: records that stand in the wrong file go to whose they are, with what hangs on them; credit.undo_link() brings them back';
REVOKE ALL ON FUNCTION credit.split_subject(credit.pseudonym, credit.pseudonym, uuid[], text, text) FROM PUBLIC;

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
  SELECT m.moved INTO undo_link.moved FROM credit.move_rows(undone.other, undone.subject, undo_link.link, 'back') m;
  PERFORM credit.take_twins_back(undone.set_aside, undone.subject, undone.other);
  PERFORM credit.tell_both(undone.subject, undone.other, 'link_undone', undo_link.link);
END
$$;
COMMENT ON FUNCTION credit.undo_link(uuid, text) IS
  'Definer, as nobody moves rows by hand: undoes a merge or a split; the rows go back as they are now, with what was filed since under that number, and other rows stay';
REVOKE ALL ON FUNCTION credit.undo_link(uuid, text) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- occupations, licences, roles in organisations
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.occupations(day date) RETURNS TABLE (occupation text, zh text, en text)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.code, c.zh, c.en FROM credit.rulebook_codes(credit.rulebook_on(day)) c WHERE c.list = 'key_occupation'
  UNION ALL
  -- County opinion article 11: files on credit agencies and their staff.
  SELECT 'credit_agency_staff', '征信机构从业人员', 'staff of credit agencies';
$$;
COMMENT ON FUNCTION credit.occupations(date) IS
  'Definer, for rulebook_on(): occupations of which files are kept on a day, those of article 10 and the staff of credit agencies of article 11';
REVOKE ALL ON FUNCTION credit.occupations(date) FROM PUBLIC;

CREATE FUNCTION credit.need_valid(valid daterange) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF valid IS NULL OR isempty(valid) OR lower_inf(valid) OR NOT isfinite(lower(valid)) OR NOT isfinite(upper(valid)) THEN
    RAISE EXCEPTION 'this is valid from a day on' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'A daterange as [2026-01-01,2027-01-01); without an upper end it runs on.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_valid(daterange) IS 'Raises 22023 for days that do not begin, or end with infinity as a day; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_valid(daterange) FROM PUBLIC;

CREATE FUNCTION credit.add_occupation(subject credit.pseudonym, occupation text, certificate text, valid daterange, provider text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(provider);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  IF credit.is_organisation(known.kind) THEN
    RAISE EXCEPTION 'organisations have no occupation' USING ERRCODE = 'CR107';
  END IF;
  IF NOT EXISTS (SELECT FROM credit.occupations(credit.today()) o WHERE o.occupation = add_occupation.occupation) THEN
    RAISE EXCEPTION 'no file is kept of such an occupation' USING ERRCODE = 'CR126',
      HINT = 'credit.occupations(credit.today()) lists them.';
  END IF;
  INSERT INTO credit_register.occupation AS o (subject, occupation, certificate, valid, provider, noted_by)
    VALUES (known.whom, add_occupation.occupation, add_occupation.certificate, add_occupation.valid, add_occupation.provider, credit.person())
    ON CONFLICT ON CONSTRAINT occupation_pkey DO UPDATE SET valid = EXCLUDED.valid, end_reason = NULL, noted_by = EXCLUDED.noted_by, noted_at = clock_timestamp()
      WHERE o.provider = EXCLUDED.provider AND o.valid <> EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_occupation(credit.pseudonym, text, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a certificate notes it, or its new days';
REVOKE ALL ON FUNCTION credit.add_occupation(credit.pseudonym, text, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_occupation(subject credit.pseudonym, occupation text, certificate text, last_day date, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  UPDATE credit_register.occupation o SET valid = daterange(lower(o.valid), last_day, '[]'), end_reason = reason
   WHERE o.subject = credit.current_subject(end_occupation.subject) AND o.occupation = end_occupation.occupation
     AND o.certificate = end_occupation.certificate AND o.valid @> last_day AND isfinite(last_day) AND credit.holds('{credit_provider}', NULL, o.provider);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such certificate of yours is in force on that day' USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_occupation(credit.pseudonym, text, text, date, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a certificate says its last day';
REVOKE ALL ON FUNCTION credit.end_occupation(credit.pseudonym, text, text, date, text) FROM PUBLIC;

CREATE FUNCTION credit.add_licence(subject credit.pseudonym, licence text, certificate text, valid daterange, provider text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(provider);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_key('the licence', licence);
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  INSERT INTO credit_register.licence AS l (subject, licence, certificate, valid, provider, noted_by)
    VALUES (known.whom, add_licence.licence, add_licence.certificate, add_licence.valid, add_licence.provider, credit.person())
    ON CONFLICT ON CONSTRAINT licence_pkey DO UPDATE SET valid = EXCLUDED.valid, end_reason = NULL, noted_by = EXCLUDED.noted_by, noted_at = clock_timestamp()
      WHERE l.provider = EXCLUDED.provider AND l.valid <> EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_licence(credit.pseudonym, text, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a licence notes it, or its new days';
REVOKE ALL ON FUNCTION credit.add_licence(credit.pseudonym, text, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_licence(subject credit.pseudonym, licence text, certificate text, last_day date, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  UPDATE credit_register.licence l SET valid = daterange(lower(l.valid), last_day, '[]'), end_reason = reason
   WHERE l.subject = credit.current_subject(end_licence.subject) AND l.licence = end_licence.licence
     AND l.certificate = end_licence.certificate AND l.valid @> last_day AND isfinite(last_day) AND credit.holds('{credit_provider}', NULL, l.provider);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such licence of yours is in force on that day' USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_licence(credit.pseudonym, text, text, date, text) IS
  'Definer, as nobody writes the table by hand: the body that issued a licence says its last day';
REVOKE ALL ON FUNCTION credit.end_licence(credit.pseudonym, text, text, date, text) FROM PUBLIC;

CREATE FUNCTION credit.add_org_role(organisation credit.pseudonym, person credit.pseudonym, role text, valid daterange, basis text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org pg_catalog.record;
  whose credit.pseudonym := credit.current_subject(person);
BEGIN
  org := credit.known_subject(organisation, '{credit_provider,credit_reviewer}');
  PERFORM credit.need_text('the basis', basis);
  PERFORM credit.need_valid(valid);
  IF NOT credit.is_organisation(org.kind)
     OR NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = whose AND NOT credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'a role is one that a registered person has in an organisation' USING ERRCODE = 'CR107',
      HINT = 'credit.add_subject() opens the files of both first.';
  END IF;
  IF role IS NULL OR role NOT IN ('legal_representative', 'principal', 'directly_responsible') THEN
    RAISE EXCEPTION 'there is no such role' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The roles are legal_representative, principal and directly_responsible.';
  END IF;
  -- One at a time for an organisation, so that no two sessions note overlapping days.
  PERFORM FROM credit_register.subject s WHERE s.subject = org.whom FOR UPDATE;
  IF EXISTS (SELECT FROM credit_register.org_role o WHERE o.subject = org.whom AND o.role = add_org_role.role AND o.valid && add_org_role.valid
              AND (o.person = whose OR o.role = 'legal_representative')) THEN
    RAISE EXCEPTION 'the role is held on some of these days' USING ERRCODE = 'exclusion_violation',
      DETAIL = 'An organisation has one legal representative at a time.', HINT = 'credit.end_org_role() says the last day of the one before.';
  END IF;
  INSERT INTO credit_register.org_role (subject, person, role, valid, basis, noted_by)
    VALUES (org.whom, whose, add_org_role.role, add_org_role.valid, add_org_role.basis, credit.person());
END
$$;
COMMENT ON FUNCTION credit.add_org_role(credit.pseudonym, credit.pseudonym, text, daterange, text) IS
  'Definer, as nobody writes the table by hand: who stands for an organisation, from when to when, by which document';
REVOKE ALL ON FUNCTION credit.add_org_role(credit.pseudonym, credit.pseudonym, text, daterange, text) FROM PUBLIC;

CREATE FUNCTION credit.end_org_role(organisation credit.pseudonym, person credit.pseudonym, role text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org pg_catalog.record;
BEGIN
  org := credit.known_subject(organisation, '{credit_provider,credit_reviewer}');
  UPDATE credit_register.org_role o SET valid = daterange(lower(o.valid), last_day, '[]')
   WHERE o.subject = org.whom AND credit.current_subject(o.person) = credit.current_subject(end_org_role.person)
     AND o.role = end_org_role.role AND o.valid @> last_day AND isfinite(last_day);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this role is not held on that day' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_org_role(credit.pseudonym, credit.pseudonym, text, date) IS
  'Definer, as nobody writes the table by hand: the last day of a role';
REVOKE ALL ON FUNCTION credit.end_org_role(credit.pseudonym, credit.pseudonym, text, date) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- from an organisation to a responsible person: never by title alone
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.check_attribution(org_record pg_catalog.record, person credit.pseudonym, finding text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF org_record.stance <> 'bad' OR org_record.severity IS DISTINCT FROM 'serious' OR org_record.state <> 'active' OR org_record.origin IS NOT NULL
     OR NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = org_record.subject AND credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'only an active, serious bad record of an organisation is attributed' USING ERRCODE = 'CR120';
  END IF;
  IF finding IS NULL OR finding !~ '\S' THEN
    RAISE EXCEPTION 'no finding of personal responsibility' USING ERRCODE = 'CR104',
      HINT = 'Name the document that finds this person responsible: a role alone makes nobody guilty.';
  END IF;
  IF org_record.happened_on IS NULL THEN
    RAISE EXCEPTION 'the day of the act is not known' USING ERRCODE = 'CR121',
      HINT = 'The provider corrects the record of the organisation first.';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.subject s WHERE s.subject = person AND NOT credit.is_organisation(s.kind)) THEN
    RAISE EXCEPTION 'there is no such person' USING ERRCODE = 'CR107', HINT = 'credit.add_subject() opens the file first.';
  END IF;
  IF credit.is_minor(person, org_record.happened_on) THEN
    RAISE EXCEPTION 'the person was under age on the day of the act' USING ERRCODE = 'CR105';
  END IF;
  IF NOT EXISTS (SELECT FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i
                  WHERE i.id = org_record.item AND 'person' = ANY (i.subjects)) THEN
    RAISE EXCEPTION 'this item takes no persons' USING ERRCODE = 'CR107';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.check_attribution(pg_catalog.record, credit.pseudonym, text) IS
  'Raises why a record of an organisation is not attributed to a person; for credit.attribute_to_person() alone';
REVOKE ALL ON FUNCTION credit.check_attribution(pg_catalog.record, credit.pseudonym, text) FROM PUBLIC;

CREATE FUNCTION credit.attribute_to_person(org_record uuid, person credit.pseudonym, role text, finding text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  from_record pg_catalog.record;
  held pg_catalog.record;
  whose credit.pseudonym := credit.current_subject(person);
  made uuid;
BEGIN
  PERFORM credit.need_mandate('{credit_provider,credit_reviewer}');
  -- Locked: it is not withdrawn meanwhile without this one.
  SELECT r.* INTO from_record FROM credit_register.record r WHERE r.record = org_record FOR UPDATE;
  IF NOT FOUND OR NOT (credit.holds('{credit_provider}', from_record.division, from_record.provider)
                       OR credit.holds('{credit_reviewer}', from_record.division)) THEN
    RAISE EXCEPTION 'no such record of yours' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM credit.refuse_own_case(whose);
  PERFORM credit.refuse_long(finding);
  PERFORM credit.check_attribution(from_record, whose, finding);
  SELECT o.role, o.valid INTO held FROM credit_register.org_role o
   WHERE o.subject = from_record.subject AND o.role = attribute_to_person.role AND o.valid @> from_record.happened_on
     AND credit.current_subject(o.person) = whose
   LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the person did not hold this role on the day of the act' USING ERRCODE = 'CR121',
      HINT = 'credit.add_org_role() notes roles, with the document that says so.';
  END IF;
  INSERT INTO credit_register.record AS r (subject, division, provider, item, severity, document_date, conduct_end, displayed_from, stance,
      document_no, happened_on, final_on, basis, basis_in_force, origin, origin_record, origin_role, origin_role_valid, finding,
      fingerprint, received_at)
    VALUES (whose, from_record.division, from_record.provider, from_record.item, from_record.severity, from_record.document_date,
      from_record.conduct_end, from_record.displayed_from, from_record.stance, from_record.document_no, from_record.happened_on,
      from_record.final_on, from_record.basis, from_record.basis_in_force, from_record.subject, from_record.record, held.role, held.valid,
      attribute_to_person.finding, sha256(convert_to('attributed ' || from_record.record, 'UTF8')), clock_timestamp())
    ON CONFLICT DO NOTHING
    RETURNING r.record INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'this record was attributed to this person before' USING ERRCODE = 'unique_violation';
  END IF;
  PERFORM credit.give_notice(whose, made, 'attributed',
    format('A serious record of an organisation was attributed to you as %s by document %s; you may object.', held.role, attribute_to_person.finding));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.attribute_to_person(uuid, credit.pseudonym, text, text) IS
  'Definer, as nobody writes origins by hand: a serious record of an organisation becomes one of a person who held the role on the day of the act and was found responsible';
REVOKE ALL ON FUNCTION credit.attribute_to_person(uuid, credit.pseudonym, text, text) FROM PUBLIC;

CREATE FUNCTION credit.record_changed_subject(subject credit.pseudonym, record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  origin pg_catalog.record;
  attributed pg_catalog.record;
  follows text;
BEGIN
  SELECT r.* INTO origin FROM credit_register.record r
   WHERE r.subject = record_changed_subject.subject AND r.record = record_changed_subject.record;
  -- A case about a record that a merge set aside is about the act: what it ends ends the one that stands.
  IF origin.state IN ('repaired', 'withdrawn') THEN
    PERFORM credit.change_record(r.subject, r.record, origin.state, record_changed_subject.reason)
      FROM credit_register.subject_link l CROSS JOIN jsonb_array_elements(l.set_aside) AS a (entry)
      JOIN credit_register.record r ON r.subject = l.other AND r.record = (a.entry ->> 'stands')::uuid
     WHERE l.other = record_changed_subject.subject AND l.undone_at IS NULL
       AND a.entry ->> 'record' = origin.record::text AND r.state IN ('active', 'disputed');
  END IF;
  -- A few responsible persons, not many subjects.  No trigger: each change is one of its own subject.
  FOR attributed IN SELECT r.* FROM credit_register.record r
                     WHERE r.origin_record = origin.record AND r.state IN ('active', 'disputed') ORDER BY r.subject LOOP
    -- What was corrected in the origin is looked at by a person before it stands again.
    follows := CASE WHEN origin.state = 'archived' THEN 'disputed' WHEN origin.state <> 'active' THEN origin.state
      WHEN (origin.severity, origin.stance, origin.document_date, origin.happened_on, origin.conduct_end, origin.final_on)
           IS DISTINCT FROM (attributed.severity, attributed.stance, attributed.document_date, attributed.happened_on, attributed.conduct_end, attributed.final_on)
        THEN 'disputed' END;
    IF follows <> attributed.state THEN
      PERFORM credit.change_record(attributed.subject, attributed.record, follows, reason);
      PERFORM credit.give_notice(attributed.subject, attributed.record, 'origin_' || follows, reason);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION credit.record_changed_subject(credit.pseudonym, uuid, text) IS
  'What an organisation''s record no longer says is no longer said of the persons responsible for it; for credit.change_record() and what corrects records';
REVOKE ALL ON FUNCTION credit.record_changed_subject(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.everywhere_subject(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'attributed to a person', r.record::text FROM credit_register.record r
   WHERE r.origin_record = everywhere_subject.record AND r.state = 'active';
$$;
COMMENT ON FUNCTION credit.everywhere_subject(credit.pseudonym, uuid) IS
  'Records of persons that rest on this one and stand; for credit.everywhere()';
REVOKE ALL ON FUNCTION credit.everywhere_subject(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.resume_attributed(record uuid, evidence text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  waiting pg_catalog.record;
BEGIN
  PERFORM credit.need_mandate('{credit_reviewer}');
  PERFORM credit.need_decision('resumed', evidence);
  SELECT r.subject, r.division INTO waiting FROM credit_register.record r
   WHERE r.record = resume_attributed.record AND r.state = 'disputed'
     AND EXISTS (SELECT FROM credit_register.record o WHERE o.record = r.origin_record AND o.state = 'active')
     FOR UPDATE;	-- as open_case() does: no objection comes in between
  IF NOT FOUND OR NOT credit.holds('{credit_reviewer}', waiting.division) THEN
    RAISE EXCEPTION 'no such suspended record whose origin stands' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM credit.refuse_own_case(waiting.subject);
  IF credit.open_disputes(waiting.subject, record) > 0 THEN
    RAISE EXCEPTION 'an objection of the person himself is open' USING ERRCODE = 'CR201', HINT = 'Decide it: credit.decide_dispute().';
  END IF;
  UPDATE credit_register.record r SET severity = o.severity, stance = o.stance, document_date = o.document_date, happened_on = o.happened_on,
         conduct_end = o.conduct_end, displayed_from = o.displayed_from, final_on = o.final_on, basis = o.basis, basis_in_force = o.basis_in_force
    FROM credit_register.record o
   WHERE r.subject = waiting.subject AND r.record = resume_attributed.record AND o.record = r.origin_record;
  PERFORM credit.change_record(waiting.subject, resume_attributed.record, 'active', evidence);
  PERFORM credit.give_notice(waiting.subject, resume_attributed.record, 'origin_upheld', evidence);
EXCEPTION WHEN check_violation THEN
  RAISE EXCEPTION 'as the origin was corrected, it can no longer be attributed' USING ERRCODE = 'CR121',
    DETAIL = 'It is not serious any more, or the person did not hold the role on the day of the act.', HINT = 'Withdraw it.';
END
$$;
COMMENT ON FUNCTION credit.resume_attributed(uuid, text) IS
  'Definer, as nobody changes records by hand: a reviewer, and nothing by itself, takes up again what was suspended with its origin, once that was upheld';
REVOKE ALL ON FUNCTION credit.resume_attributed(uuid, text) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- students, practitioners, members of associations
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.open_student_file(student credit.pseudonym, school text, basis text, closes_on date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_provider(school);
  known := credit.known_subject(student, '{credit_provider}');
  PERFORM credit.need_text('the basis', basis);
  IF credit.is_organisation(known.kind) THEN
    RAISE EXCEPTION 'an organisation is no student' USING ERRCODE = 'CR107';
  END IF;
  -- The day of the call decides, and the stored shield by the foreign key.
  IF known.minor OR credit.is_minor(known.whom, credit.today()) THEN
    RAISE EXCEPTION 'student files are for adults' USING ERRCODE = 'CR105',
      DETAIL = 'County opinion, article 6: 18 and over.', HINT = 'After the birthday credit.refresh_minors() lowers the shield.';
  END IF;
  IF closes_on IS NULL OR NOT isfinite(closes_on) OR closes_on <= credit.today() THEN
    RAISE EXCEPTION 'a student file says when it ends' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.student_file (subject, provider, opened_on, closes_on, basis, opened_by)
    VALUES (known.whom, school, credit.today(), open_student_file.closes_on, open_student_file.basis, credit.person())
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION credit.open_student_file(credit.pseudonym, text, text, date) IS
  'Definer, as nobody writes the table by hand: a school opens the integrity file of an adult student, with its end; CR105 for a minor';
REVOKE ALL ON FUNCTION credit.open_student_file(credit.pseudonym, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.add_practitioner(login text, certificate text, valid daterange, template text DEFAULT NULL, commitment bytea DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  PERFORM credit.need_text('the login', login);
  PERFORM credit.need_text('the certificate', certificate);
  PERFORM credit.need_valid(valid);
  IF upper_inf(valid) OR (template IS NULL) <> (commitment IS NULL) OR octet_length(commitment) <> 32 THEN
    RAISE EXCEPTION 'a certificate ends, and a commitment has a template and a SHA-256' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO credit_register.practitioner (login, certificate, valid, template, commitment, noted_by)
    VALUES (add_practitioner.login, add_practitioner.certificate, add_practitioner.valid, add_practitioner.template, add_practitioner.commitment, credit.person());
END
$$;
COMMENT ON FUNCTION credit.add_practitioner(text, text, daterange, text, bytea) IS
  'Definer, as nobody writes the table by hand: a person who works with credit data, the certificate and the signed commitment; from then on no query without a certificate in force';
REVOKE ALL ON FUNCTION credit.add_practitioner(text, text, daterange, text, bytea) FROM PUBLIC;

CREATE FUNCTION credit.end_practitioner(login text, certificate text, last_day date) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  UPDATE credit_register.practitioner p SET valid = daterange(lower(p.valid), last_day, '[]')
   WHERE p.login = end_practitioner.login AND p.certificate = end_practitioner.certificate AND p.valid @> last_day;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such certificate is in force on that day' USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.end_practitioner(text, text, date) IS 'Definer, as nobody writes the table by hand: the last day of a certificate';
REVOKE ALL ON FUNCTION credit.end_practitioner(text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.market_provider(provider text) RETURNS bool
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT p.kind = 'association' FROM credit_register.provider p WHERE p.provider = market_provider.provider), false);
$$;
COMMENT ON FUNCTION credit.market_provider(text) IS
  'Does this provider file market data, which are kept apart from the public record?  For functions of the register alone';
REVOKE ALL ON FUNCTION credit.market_provider(text) FROM PUBLIC;

CREATE FUNCTION credit.need_association(provider text) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_mandate('{credit_provider}', NULL, provider);
  IF provider IS NULL OR NOT credit.market_provider(provider) THEN
    RAISE EXCEPTION 'only associations file members and market data' USING ERRCODE = 'CR125',
      HINT = 'credit_register.provider says of which kind a provider is.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.need_association(text) IS 'Raises unless a mandate is for this association; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.need_association(text) FROM PUBLIC;

CREATE FUNCTION credit.add_member(subject credit.pseudonym, association text, certificate text, valid daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
BEGIN
  PERFORM credit.need_association(association);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the membership', certificate);
  PERFORM credit.need_valid(valid);
  INSERT INTO credit_register.member (subject, provider, certificate, valid, noted_by)
    VALUES (known.whom, association, add_member.certificate, add_member.valid, credit.person())
    ON CONFLICT ON CONSTRAINT member_pkey DO UPDATE SET valid = EXCLUDED.valid;
END
$$;
COMMENT ON FUNCTION credit.add_member(credit.pseudonym, text, text, daterange) IS
  'Definer, as nobody writes the table by hand: an association notes a member, or the new days of a membership';
REVOKE ALL ON FUNCTION credit.add_member(credit.pseudonym, text, text, daterange) FROM PUBLIC;

CREATE FUNCTION credit.file_market_record(subject credit.pseudonym, association text, item text, stance credit.stance, document_date date,
    document_no text, basis text, valid_until date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known pg_catalog.record;
  made uuid;
BEGIN
  PERFORM credit.need_association(association);
  known := credit.known_subject(subject, '{credit_provider}');
  PERFORM credit.need_text('the document', document_no);
  IF basis IS NULL OR basis !~ '\S' THEN
    RAISE EXCEPTION 'no basis of this record' USING ERRCODE = 'CR101', HINT = 'Name the consent, or the rule of the association.';
  END IF;
  PERFORM credit.refuse_long(basis);
  PERFORM credit.need_key('the item', item);
  IF stance IS NULL OR valid_until IS NULL OR NOT isfinite(valid_until) OR valid_until <= document_date THEN
    RAISE EXCEPTION 'a market record has a stance, and a last day after its document' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF known.minor THEN
    RAISE EXCEPTION 'no market data of minors' USING ERRCODE = 'CR105';
  END IF;
  IF NOT EXISTS (SELECT FROM credit_register.member m WHERE m.subject = known.whom AND m.provider = association AND m.valid @> document_date) THEN
    RAISE EXCEPTION 'not a member of this association on that day' USING ERRCODE = 'CR125';
  END IF;
  INSERT INTO credit_register.market_record AS m (subject, provider, item, stance, document_date, document_no, basis, valid_until, filed_by)
    VALUES (known.whom, association, file_market_record.item, file_market_record.stance, file_market_record.document_date,
            file_market_record.document_no, file_market_record.basis, file_market_record.valid_until, credit.person())
    RETURNING m.market_record INTO made;
  PERFORM credit.note_filed(subject, 'market_record', jsonb_build_object('market_record', made));
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.file_market_record(credit.pseudonym, text, text, credit.stance, date, text, text, date) IS
  'Definer, as nobody writes the table by hand: an association files about a member; kept apart from the public record';
REVOKE ALL ON FUNCTION credit.file_market_record(credit.pseudonym, text, text, credit.stance, date, text, text, date) FROM PUBLIC;

CREATE FUNCTION credit.market_records(inquiry uuid)
  RETURNS TABLE (market_record uuid, provider text, item text, stance credit.stance, document_date date, document_no text, valid_until date)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.inquiry_subject(inquiry);
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.inquiry i JOIN credit_register.purpose p USING (purpose)
                  WHERE i.subject = whom AND i.inquiry = market_records.inquiry AND p.needs_consent) THEN
    RAISE EXCEPTION 'market data are joined by consent of the person alone' USING ERRCODE = 'CR301',
      HINT = 'Open an inquiry for a purpose that needs a consent.';
  END IF;
  RETURN QUERY
    SELECT m.market_record, m.provider, m.item, m.stance, m.document_date, m.document_no, m.valid_until
      FROM credit_register.market_record m
     WHERE m.subject = whom AND m.valid_until >= credit.today()
     ORDER BY m.document_date, m.market_record;
END
$$;
COMMENT ON FUNCTION credit.market_records(uuid) IS
  'Definer, as query points have functions only: what associations filed about the subject of an inquiry that a consent covers';
REVOKE ALL ON FUNCTION credit.market_records(uuid) FROM PUBLIC;
