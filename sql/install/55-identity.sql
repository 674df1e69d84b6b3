-- ---------------------------------------------------------------------------
-- identity: the one place where numbers and names are, in envelopes
-- ---------------------------------------------------------------------------

-- Envelopes.  For the definer functions below and for nobody else: who may call
-- these needs only read the table.

CREATE FUNCTION credit.identity_new_key(subject credit.pseudonym) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.identity_new_key(credit.pseudonym) IS 'A fresh data key of a subject in the envelope of the current master key';
REVOKE ALL ON FUNCTION credit.identity_new_key(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.identity_rewrap(subject credit.pseudonym, data_key bytea) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.identity_rewrap(credit.pseudonym, bytea) IS 'The same data key in the envelope of the current master key';
REVOKE ALL ON FUNCTION credit.identity_rewrap(credit.pseudonym, bytea) FROM PUBLIC;

CREATE FUNCTION credit.identity_seal(subject credit.pseudonym, field text, clear text, data_key bytea) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.identity_seal(credit.pseudonym, text, text, bytea) IS 'An envelope with the number or name of a subject';
REVOKE ALL ON FUNCTION credit.identity_seal(credit.pseudonym, text, text, bytea) FROM PUBLIC;

CREATE FUNCTION credit.identity_unseal(subject credit.pseudonym, field text, envelope bytea, data_key bytea) RETURNS text
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.identity_unseal(credit.pseudonym, text, bytea, bytea) IS 'What an envelope holds; XX001 if it was changed or belongs elsewhere';
REVOKE ALL ON FUNCTION credit.identity_unseal(credit.pseudonym, text, bytea, bytea) FROM PUBLIC;

CREATE FUNCTION credit.identity_key_version(data_key bytea) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.identity_key_version(bytea) IS 'The version of the master key that the envelope of a data key names';
REVOKE ALL ON FUNCTION credit.identity_key_version(bytea) FROM PUBLIC;

CREATE FUNCTION credit.identity_current_version() RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.identity_current_version() IS 'The version of the master key that new envelopes get';
REVOKE ALL ON FUNCTION credit.identity_current_version() FROM PUBLIC;

-- The tables.  Row security without a policy: no grant, not even
-- pg_read_all_data, opens them to a role that is not superuser.

CREATE FUNCTION credit.create_register_identity() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $credit$
BEGIN
  IF to_regrole('credit_owner') IS NULL OR to_regnamespace('credit_register') IS NULL THEN
    RAISE EXCEPTION 'the register is not there'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Role credit_owner and schema credit_register are made by credit.create_register().',
            HINT = 'SELECT credit.create_register();';
  END IF;
  IF to_regclass('credit_register.identity') IS NULL THEN
    CREATE TABLE credit_register.identity (
      subject credit.pseudonym PRIMARY KEY,
      data_key bytea,
      number bytea,
      name bytea,
      stored_at timestamptz NOT NULL DEFAULT now(),
      forgotten_at timestamptz,
      forgotten_basis text,
      CONSTRAINT identity_envelopes CHECK ((data_key IS NULL) = (forgotten_at IS NOT NULL)
        AND (data_key IS NULL) = (number IS NULL) AND (data_key IS NOT NULL OR name IS NULL)),
      CONSTRAINT identity_basis CHECK ((forgotten_at IS NULL) = (forgotten_basis IS NULL)
        AND (forgotten_basis IS NULL OR forgotten_basis ~ '\S'))
    ) WITH (fillfactor = 80);
    COMMENT ON TABLE credit_register.identity IS 'Who the subjects are: envelopes that open only with the key file; read by definer functions alone';
    COMMENT ON COLUMN credit_register.identity.subject IS 'Pseudonym in scope register';
    COMMENT ON COLUMN credit_register.identity.data_key IS 'The subject''s data key in the envelope of a master key; NULL once forgotten';
    COMMENT ON COLUMN credit_register.identity.number IS 'Envelope of the code';
    COMMENT ON COLUMN credit_register.identity.name IS 'Envelope of the name; NULL if none is known';
    COMMENT ON COLUMN credit_register.identity.stored_at IS 'When the subject was first stored';
    COMMENT ON COLUMN credit_register.identity.forgotten_at IS 'When the data key was destroyed';
    COMMENT ON COLUMN credit_register.identity.forgotten_basis IS 'Why';
    ALTER TABLE credit_register.identity ALTER COLUMN data_key SET STATISTICS 0;
    ALTER TABLE credit_register.identity ALTER COLUMN number SET STATISTICS 0;
    ALTER TABLE credit_register.identity ALTER COLUMN name SET STATISTICS 0;
    ALTER TABLE credit_register.identity ENABLE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity FORCE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity OWNER TO credit_owner;
  END IF;
  IF to_regclass('credit_register.identity_budget') IS NULL THEN
    CREATE TABLE credit_register.identity_budget (
      login text COLLATE "C" PRIMARY KEY,
      per_hour int NOT NULL,
      counter text COLLATE "C" NOT NULL UNIQUE,
      CONSTRAINT identity_budget_per_hour CHECK (per_hour BETWEEN 0 AND 10000000)
    );
    COMMENT ON TABLE credit_register.identity_budget IS 'How many look-ups of identities a login may make in an hour';
    COMMENT ON COLUMN credit_register.identity_budget.login IS 'The role that the session logged in as';
    COMMENT ON COLUMN credit_register.identity_budget.per_hour IS 'Look-ups in a clock hour';
    COMMENT ON COLUMN credit_register.identity_budget.counter IS 'Sequence that counts: a rollback takes nothing back';
    ALTER TABLE credit_register.identity_budget ENABLE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity_budget FORCE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity_budget OWNER TO credit_owner;
  END IF;
  IF to_regclass('credit_register.identity_key') IS NULL THEN
    CREATE TABLE credit_register.identity_key (
      purpose text COLLATE "C" NOT NULL,
      version int NOT NULL,
      mark bytea NOT NULL,
      noted_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (purpose, version),
      CONSTRAINT identity_key_purpose CHECK (purpose IN ('pseudonym', 'identity')),
      CONSTRAINT identity_key_mark CHECK (octet_length(mark) = 32)
    );
    COMMENT ON TABLE credit_register.identity_key IS 'By what the register knows its keys again; with another key of pseudonyms nothing is filed and nobody found';
    COMMENT ON COLUMN credit_register.identity_key.purpose IS 'pseudonym or identity';
    COMMENT ON COLUMN credit_register.identity_key.version IS 'Version of the key in the key file';
    COMMENT ON COLUMN credit_register.identity_key.mark IS 'HMAC-SHA-256 of a fixed text under the key, as credit.keys() tells it';
    COMMENT ON COLUMN credit_register.identity_key.noted_at IS 'When the vault was first written with it';
    ALTER TABLE credit_register.identity_key ENABLE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity_key FORCE ROW LEVEL SECURITY;
    ALTER TABLE credit_register.identity_key OWNER TO credit_owner;
    IF EXISTS (SELECT FROM credit_register.identity i WHERE i.data_key IS NOT NULL) THEN
      PERFORM credit.note_keys();
    END IF;
  END IF;
END
$credit$;
COMMENT ON FUNCTION credit.create_register_identity() IS 'The step of create_register() that makes the identity vault; nothing happens if it is there';
REVOKE ALL ON FUNCTION credit.create_register_identity() FROM PUBLIC;

-- The keys.  Noted with the first row they are used for, so a register may be
-- made before its key file.
CREATE FUNCTION credit.note_keys() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  key record;
BEGIN
  -- A register that has not been upgraded yet: upgrade_register() notes them.
  IF to_regclass('credit_register.identity_key') IS NULL THEN
    RETURN;
  END IF;
  FOR key IN
    SELECT k.purpose, k.version, k.mark, n.mark AS noted
      FROM credit.keys() k
      LEFT JOIN credit_register.identity_key n ON n.purpose = k.purpose AND (n.version = k.version OR k.purpose = 'pseudonym')
     WHERE k.current AND k.purpose <> 'audit' AND n.mark IS DISTINCT FROM k.mark
  LOOP
    -- A vault from before keys were noted tells itself whether it is theirs.
    PERFORM FROM credit_register.identity_key;
    IF NOT FOUND THEN
      key.noted := (SELECT ''::bytea FROM (SELECT i.* FROM credit_register.identity i WHERE i.data_key IS NOT NULL LIMIT 1) i
                     WHERE credit.pseudonym(credit.identity_unseal(i.subject, 'number', i.number, i.data_key)::credit.code) <> i.subject);
    END IF;
    IF key.noted IS NULL THEN
      INSERT INTO credit_register.identity_key AS n (purpose, version, mark) VALUES (key.purpose, key.version, key.mark)
      ON CONFLICT (purpose, version) DO UPDATE SET mark = n.mark RETURNING n.mark INTO key.noted;
    END IF;
    IF key.noted <> key.mark THEN
      RAISE EXCEPTION 'the register was made with another key file' USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('The key of %s, version %s, is not the one that it was made with.', key.purpose, key.version),
        HINT = 'Put the key file that the register was made with in its place.';
    END IF;
  END LOOP;
END
$credit$;
COMMENT ON FUNCTION credit.note_keys() IS 'Notes the current keys when they are first used; 55000 if the register was made with others. For what writes into the vault';
REVOKE ALL ON FUNCTION credit.note_keys() FROM PUBLIC;

-- The budget.

CREATE FUNCTION credit.set_identity_budget(login text, per_hour integer) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  counter_name text := 'identity_use_' || left(md5(set_identity_budget.login), 16);
BEGIN
  PERFORM credit.need_duty('{credit_admin}');
  IF login IS NULL OR per_hour IS NULL OR per_hour NOT BETWEEN 0 AND 10000000 THEN
    RAISE EXCEPTION 'a budget needs a login and 0 to 10000000 look-ups an hour'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_text('the login', login);
  -- Two admins make one counter; readers do not wait.
  LOCK TABLE credit_register.identity_budget IN SHARE ROW EXCLUSIVE MODE;
  IF to_regclass('credit_register.' || counter_name) IS NULL THEN
    EXECUTE format('CREATE SEQUENCE credit_register.%I AS bigint MINVALUE 0 START 0 CACHE 1', counter_name);
    EXECUTE format('COMMENT ON SEQUENCE credit_register.%I IS %L', counter_name,
      'Look-ups of identities by one login: hour * 2^24 + number in the hour');
    EXECUTE format('ALTER SEQUENCE credit_register.%I OWNER TO credit_owner', counter_name);
  END IF;
  INSERT INTO credit_register.identity_budget AS b (login, per_hour, counter)
  VALUES (set_identity_budget.login, set_identity_budget.per_hour, 'credit_register.' || counter_name)
  ON CONFLICT ON CONSTRAINT identity_budget_pkey DO UPDATE SET per_hour = EXCLUDED.per_hour;
END
$credit$;
COMMENT ON FUNCTION credit.set_identity_budget(text, integer) IS 'Definer, as nobody writes budgets by hand: how many look-ups of identities a login may make in an hour; without a budget it may make none';
REVOKE ALL ON FUNCTION credit.set_identity_budget(text, integer) FROM PUBLIC;

-- nextval and setval are not undone by a rollback, so a look-up is counted also
-- where its transaction is not.  At the turn of an hour sessions of one login
-- that race may each set the counter: a few look-ups are then not counted.
CREATE FUNCTION credit.identity_spend() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  budget record;
  base bigint := floor(extract(epoch FROM clock_timestamp()) / 3600)::bigint << 24;
  used bigint;
BEGIN
  SELECT b.per_hour, b.counter INTO budget FROM credit_register.identity_budget b WHERE b.login = session_user;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this login has no budget of identity look-ups'
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'A credit_admin gives one: SELECT credit.set_identity_budget(login, per_hour).';
  END IF;
  used := nextval(budget.counter::regclass);
  IF used < base THEN
    IF pg_sequence_last_value(budget.counter::regclass) < base THEN
      PERFORM setval(budget.counter::regclass, base, true);
    END IF;
    used := nextval(budget.counter::regclass);
  END IF;
  IF used - base > budget.per_hour THEN
    RAISE EXCEPTION 'the hour''s budget of identity look-ups is spent'
      USING ERRCODE = 'configuration_limit_exceeded',
            DETAIL = format('This login has %s an hour.', budget.per_hour),
            HINT = 'Wait for the next hour, or ask for more.';
  END IF;
END
$credit$;
COMMENT ON FUNCTION credit.identity_spend() IS 'Counts one look-up of the session''s login, for good; 53400 when the hour''s budget is spent';
REVOKE ALL ON FUNCTION credit.identity_spend() FROM PUBLIC;

-- Storing, looking up, opening, forgetting.

CREATE FUNCTION credit.identity_store(code credit.code, name text DEFAULT NULL) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  this credit.pseudonym;
  found_row record;
  fresh_key bytea;
BEGIN
  IF code IS NULL THEN
    RAISE EXCEPTION 'an identity needs a code' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  this := credit.pseudonym(identity_store.code);
  SELECT i.data_key, i.name INTO found_row FROM credit_register.identity i WHERE i.subject = this;
  IF NOT FOUND THEN
    PERFORM credit.note_keys();
    fresh_key := credit.identity_new_key(this);
    INSERT INTO credit_register.identity AS i (subject, data_key, number, name)
    VALUES (this, fresh_key,
            credit.identity_seal(this, 'number', credit.code_text(identity_store.code), fresh_key),
            credit.identity_seal(this, 'name', identity_store.name, fresh_key))
    ON CONFLICT ON CONSTRAINT identity_pkey DO NOTHING;
    IF FOUND THEN
      RETURN this;
    END IF;
    SELECT i.data_key, i.name INTO found_row FROM credit_register.identity i WHERE i.subject = this;
  END IF;
  -- Only what is new is written: what is stored already costs no row version.
  IF found_row.data_key IS NOT NULL AND (identity_store.name IS NULL
      OR identity_store.name = credit.identity_unseal(this, 'name', found_row.name, found_row.data_key) COLLATE "C") THEN
    RETURN this;
  END IF;
  -- The key of the row as it is now: it may have been rotated or destroyed meanwhile.
  UPDATE credit_register.identity i
     SET name = credit.identity_seal(i.subject, 'name', identity_store.name, i.data_key)
   WHERE i.subject = this AND i.data_key IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the identity of this subject was erased'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'It is not stored anew by itself: the erasure had a basis.',
            HINT = 'With a new basis an administrator deletes its row from credit_register.identity first.';
  END IF;
  RETURN this;
END
$credit$;
COMMENT ON FUNCTION credit.identity_store(credit.code, text) IS 'Puts a subject into the vault, or its new name; the same again changes nothing; 55000 for one that was erased';
REVOKE ALL ON FUNCTION credit.identity_store(credit.code, text) FROM PUBLIC;

CREATE FUNCTION credit.identity_lookup(code credit.code) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
BEGIN
  PERFORM credit.identity_spend();
  RETURN (SELECT i.subject FROM credit_register.identity i
           WHERE i.subject = credit.pseudonym(identity_lookup.code) AND i.data_key IS NOT NULL);
END
$credit$;
COMMENT ON FUNCTION credit.identity_lookup(credit.code) IS 'The pseudonym of a code that is in the vault, else NULL; nothing is decrypted; counts against the login''s budget';
REVOKE ALL ON FUNCTION credit.identity_lookup(credit.code) FROM PUBLIC;

CREATE FUNCTION credit.identity_open(subject credit.pseudonym, OUT code credit.code, OUT name text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
BEGIN
  PERFORM credit.identity_spend();
  SELECT credit.identity_unseal(i.subject, 'number', i.number, i.data_key)::credit.code,
         credit.identity_unseal(i.subject, 'name', i.name, i.data_key)
    INTO identity_open.code, identity_open.name
    FROM credit_register.identity i
   WHERE i.subject = identity_open.subject AND i.data_key IS NOT NULL;
END
$credit$;
COMMENT ON FUNCTION credit.identity_open(credit.pseudonym) IS 'Number and name of a subject, NULL if it is unknown or erased; counts against the login''s budget';
REVOKE ALL ON FUNCTION credit.identity_open(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.forget(subject credit.pseudonym, basis text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  -- Whoever has several numbers is one person: all of them go, whichever is named.
  whom credit.pseudonym[] := ARRAY(SELECT credit.merged_with(forget.subject));
  erased bool;
BEGIN
  IF basis IS NULL OR basis !~ '\S' THEN
    RAISE EXCEPTION 'an erasure needs its basis' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.identity i
     SET data_key = NULL, number = NULL, name = NULL, forgotten_at = now(), forgotten_basis = forget.basis
   WHERE i.subject = ANY (whom) AND i.data_key IS NOT NULL;
  erased := FOUND;
  PERFORM credit.forget_lines(whom), credit.forget_deliveries(whom);
  RETURN erased;
END
$credit$;
COMMENT ON FUNCTION credit.forget(credit.pseudonym, text) IS 'Destroys the data key of a subject and of those that it was merged with, and with it number and name, in lines of batches, too, and what waits to be sent; true if there was one. Rows that carry the pseudonym stay, seals stay valid';
REVOKE ALL ON FUNCTION credit.forget(credit.pseudonym, text) FROM PUBLIC;

-- Rotation.

CREATE FUNCTION credit.rotate_keys_chunk(after credit.pseudonym, size integer, OUT last credit.pseudonym, OUT rotated integer)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $credit$
DECLARE
  current_version int := credit.identity_current_version();
BEGIN
  PERFORM credit.note_keys();
  -- In the order of the key, so that two rotations wait for each other and never deadlock.
  WITH chunk AS MATERIALIZED (
    SELECT i.subject FROM credit_register.identity i
     WHERE i.subject >= coalesce(after, 'P000000000000000') AND i.data_key IS NOT NULL
       AND credit.identity_key_version(i.data_key) <> current_version
     ORDER BY i.subject LIMIT size FOR UPDATE
  ), moved AS (
    UPDATE credit_register.identity i SET data_key = credit.identity_rewrap(i.subject, i.data_key)
      FROM chunk c WHERE i.subject = c.subject
    RETURNING i.subject
  )
  SELECT max(m.subject), count(*) INTO last, rotated FROM moved m;
END
$credit$;
COMMENT ON FUNCTION credit.rotate_keys_chunk(credit.pseudonym, integer) IS 'Moves the next data keys to the current master key; for rotate_keys()';
REVOKE ALL ON FUNCTION credit.rotate_keys_chunk(credit.pseudonym, integer) FROM PUBLIC;

CREATE PROCEDURE credit.rotate_keys(chunk integer DEFAULT 1000)
  AS 'MODULE_PATHNAME', 'identity_rotate_keys' LANGUAGE C;
COMMENT ON PROCEDURE credit.rotate_keys(integer) IS 'Moves all data keys to the current master key, a commit after each chunk; called again it goes on where it stopped';
REVOKE ALL ON PROCEDURE credit.rotate_keys(integer) FROM PUBLIC;
