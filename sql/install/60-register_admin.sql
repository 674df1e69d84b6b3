-- ---------------------------------------------------------------------------
-- register: what an administrator enters: who takes part, for what, and the law
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
  PERFORM credit.need_key('the purpose', purpose);
  delay := coalesce(delay, '0');
  valid_for := coalesce(valid_for, '1 hour');
  IF (delay = '0' OR delay BETWEEN '0' AND '1 year' AND needs_review) IS NOT TRUE THEN
    RAISE EXCEPTION 'an inquiry is kept from the person for a year at most, and only if another person approves it' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'delay is between 0 and a year, and 0 without needs_review.';
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
  PERFORM credit.need_valid(owed);
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
  EXCEPTION WHEN unique_violation THEN	-- by another session, in this moment
    RAISE EXCEPTION 'a rulebook of this name was adopted before' USING ERRCODE = 'unique_violation',
      HINT = 'What was law stays as it was: give the new one a name of its own.';
  WHEN exclusion_violation THEN
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
    RAISE EXCEPTION 'no such rulebook is in force on that day' USING ERRCODE = 'undefined_object',
      HINT = 'SELECT name, in_force FROM credit_register.rulebook;';
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
