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
  PERFORM credit.need_read_committed('filing');
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
  NEW.happened_on := coalesce(NEW.happened_on, NEW.conduct_end, CASE WHEN entry.stance <> 'bad' THEN NEW.document_date END);
  IF NOT entry.basis_in_force @> NEW.happened_on THEN
    PERFORM credit.refuse('CR101', 'item');
  ELSIF NEW.fields - entry.fields <> '{}' THEN
    PERFORM credit.refuse('CR102', 'fields');
  ELSIF entry.stance = 'bad' AND (credit.is_document(NEW.document_no) IS NOT TRUE OR NEW.final_on IS NULL OR NEW.final_on > credit.today()) THEN
    PERFORM credit.refuse('CR104', 'final_on');
  ELSIF NEW.happened_on IS NULL THEN
    PERFORM credit.refuse('CR108', 'happened_on');
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
  NEW.minor := NEW.minor OR credit.minor_by_number(said_as, NEW.happened_on);
  -- Who is in the vault has a number that tells the kind.
  IF EXISTS (SELECT FROM credit_register.identity i WHERE i.subject = NEW.subject) THEN
    known := credit.reveal(NEW.subject);
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
