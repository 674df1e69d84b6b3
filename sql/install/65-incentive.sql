-- ---------------------------------------------------------------------------
-- incentive: what good records open, and who vouches for them
--
-- Only ever a plus: nothing here takes anything from anybody, and no record is
-- no reason against.  Nominations, tips and commitments are no records.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_incentive() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- What opens an incentive of the rulebook: a good record, or, where it says so, so many months without a bad one.
  CREATE TABLE IF NOT EXISTS credit_register.incentive (
    measure text COLLATE "C" PRIMARY KEY,
    clean_months int CHECK (clean_months BETWEEN 1 AND 600),
    basis text NOT NULL CHECK (basis ~ '\S')
  );
  INSERT INTO credit_register.incentive VALUES
    ('green_channel', 36, '沂源县意见（十六）'), ('tolerant_acceptance', 36, '沂源县意见（十六）')
    ON CONFLICT DO NOTHING;
  CREATE TABLE IF NOT EXISTS credit_register.incentive_grant (
    subject credit.pseudonym NOT NULL,
    award uuid NOT NULL DEFAULT gen_random_uuid(),
    rulebook text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL DEFAULT 'incentive' CHECK (kind = 'incentive'),
    record uuid,
    reason text NOT NULL CHECK (reason ~ '\S'),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    granted_by text NOT NULL CHECK (granted_by ~ '\S'),
    granted_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > granted_on AND isfinite(ends_on)),
    feedback text COLLATE "C" CHECK (feedback IN ('used', 'not_used')),
    feedback_on date,
    ended_at timestamptz,
    end_reason text,
    PRIMARY KEY (subject, award),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record),
    FOREIGN KEY (rulebook, measure, kind) REFERENCES credit_register.measure (rulebook, measure, kind),
    CHECK ((feedback IS NULL) = (feedback_on IS NULL)),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
  );
  CREATE INDEX IF NOT EXISTS incentive_grant_award ON credit_register.incentive_grant (award);
  CREATE TABLE IF NOT EXISTS credit_register.nomination (
    subject credit.pseudonym NOT NULL,
    nomination uuid NOT NULL DEFAULT gen_random_uuid(),
    item text COLLATE "C" NOT NULL,
    nominated_by text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    document text NOT NULL CHECK (document ~ '\S'),
    nominated_on date NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'nominated' CHECK (state IN ('nominated', 'verified', 'refused')),
    verified_by text COLLATE "C" REFERENCES credit_register.provider,
    decided_by text,
    decided_on date,
    record uuid,
    PRIMARY KEY (subject, nomination),
    FOREIGN KEY (subject, record) REFERENCES credit_register.record (subject, record),
    CHECK (verified_by <> nominated_by),
    CHECK ((state = 'verified') = (record IS NOT NULL)),
    CHECK ((state = 'nominated') = (decided_by IS NULL) AND (state = 'nominated') = (verified_by IS NULL))
  );
  CREATE INDEX IF NOT EXISTS nomination_nomination ON credit_register.nomination (nomination);
  CREATE TABLE IF NOT EXISTS credit_register.commitment_template (
    template text COLLATE "C" NOT NULL CHECK (template ~ '^[a-z][a-z0-9_]*$'),
    version int NOT NULL CHECK (version > 0),
    title text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    basis text NOT NULL CHECK (basis ~ '\S'),
    PRIMARY KEY (template, version)
  );
  CREATE TABLE IF NOT EXISTS credit_register.commitment (
    subject credit.pseudonym NOT NULL,
    commitment uuid NOT NULL DEFAULT gen_random_uuid(),
    template text COLLATE "C" NOT NULL,
    version int NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid daterange NOT NULL CHECK (NOT isempty(valid) AND isfinite(upper(valid)) AND NOT upper_inf(valid)),
    PRIMARY KEY (subject, commitment),
    FOREIGN KEY (template, version) REFERENCES credit_register.commitment_template
  );
  -- No subject and no key to a record: a tip is a letter that a department has to answer.
  CREATE TABLE IF NOT EXISTS credit_register.tip (
    tip uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider text COLLATE "C" NOT NULL REFERENCES credit_register.provider,
    field text COLLATE "C" NOT NULL CHECK (field ~ '^[a-z][a-z0-9_]*$'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    given_on date NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    outcome text COLLATE "C" CHECK (outcome IN ('no_finding', 'procedure_opened', 'forwarded')),
    closed_by text,
    closed_on date,
    CHECK ((state = 'closed') = (outcome IS NOT NULL AND closed_by IS NOT NULL AND closed_on IS NOT NULL))
  );
  INSERT INTO credit_register.purpose (purpose, name, basis, needs_consent) VALUES
    ('org_bonus', 'A person''s good record counts for the organisation he leads', '沂源县意见（十六）', true) ON CONFLICT DO NOTHING;
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('incentive', 'reference', 'incentive'), ('incentive_grant', 'subject', 'incentive'), ('nomination', 'subject', 'incentive'),
    ('commitment_template', 'reference', 'incentive'), ('commitment', 'subject', 'incentive'), ('tip', 'node', 'incentive')
    ON CONFLICT DO NOTHING;
  PERFORM credit.comment_incentive();
  PERFORM credit.protect_incentive();
END
$$;
COMMENT ON FUNCTION credit.create_register_incentive() IS 'Step of create_register(): incentives, nominations, commitments and tips';
REVOKE ALL ON FUNCTION credit.create_register_incentive() FROM PUBLIC;

CREATE FUNCTION credit.comment_incentive() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.comment_tables(
$comments$incentive|Incentives that need no good record, if there was no bad one for so long
incentive.measure|Incentive of the rulebook
incentive.clean_months|Months without a bad record that is shown
incentive.basis|Law
incentive_grant|Incentives that persons and organisations were given
incentive_grant.subject|Pseudonym
incentive_grant.award|Number
incentive_grant.rulebook|Rulebook that has the incentive
incentive_grant.measure|Incentive
incentive_grant.kind|Always incentive
incentive_grant.record|The good record that it rests on, if on one
incentive_grant.reason|Why
incentive_grant.provider|Department that gives it
incentive_grant.granted_by|Who gave it
incentive_grant.granted_on|Since when
incentive_grant.ends_on|Until when
incentive_grant.feedback|used or not_used
incentive_grant.feedback_on|Day of the feedback
incentive_grant.ended_at|When it ended before its time
incentive_grant.end_reason|Why
nomination|Good conduct that somebody proposes: without effect until a department verifies it
nomination.subject|Pseudonym
nomination.nomination|Number
nomination.item|Good item of the catalogue
nomination.nominated_by|Association, medium or body that proposes
nomination.document|Where the reasons are
nomination.nominated_on|When
nomination.state|nominated, verified or refused
nomination.verified_by|Department that decided, another than the proposer
nomination.decided_by|Person who decided
nomination.decided_on|When
nomination.record|The record that came of it
commitment_template|Texts that commitments are made by, in versions
commitment_template.template|Short name
commitment_template.version|Version
commitment_template.title|Title
commitment_template.digest|SHA-256 of the text
commitment_template.basis|Law
commitment|Commitments that persons signed, of their own will
commitment.subject|Who signed
commitment.commitment|Number
commitment.template|Text
commitment.version|Its version
commitment.digest|SHA-256 of what was signed
commitment.signed_at|When
commitment.valid|From when to when
tip|Hints from the public: apart from all records, and never one
tip.tip|Number
tip.provider|Department that has to look
tip.field|Field that it is about
tip.digest|SHA-256 of the letter, which lies with the department
tip.given_on|When it came
tip.state|open or closed
tip.outcome|no_finding, procedure_opened or forwarded
tip.closed_by|Who closed it
tip.closed_on|When$comments$);
END
$$;
COMMENT ON FUNCTION credit.comment_incentive() IS 'Says what the tables and columns of this room are';
REVOKE ALL ON FUNCTION credit.comment_incentive() FROM PUBLIC;

CREATE FUNCTION credit.protect_incentive() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  closed_table text;
BEGIN
  FOREACH closed_table IN ARRAY '{incentive_grant,nomination,commitment,tip}'::text[] LOOP
    PERFORM credit.make_policies(format('credit_register.%I', closed_table)::regclass, credit.policy_expression('{credit_auditor}', NULL, NULL, NULL), NULL);
    EXECUTE format('GRANT SELECT ON credit_register.%I TO credit_auditor', closed_table);
  END LOOP;
  PERFORM credit.make_policies('credit_register.incentive', 'true', NULL);
  PERFORM credit.make_policies('credit_register.commitment_template', 'true', NULL);
  GRANT SELECT ON credit_register.incentive, credit_register.commitment_template TO credit_admin, credit_provider, credit_window, credit_reviewer, credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.nominate(credit.code, text, text), credit.verify_nomination(uuid, text, date), credit.refuse_nomination(uuid),
    credit.open_nominations(), credit.grant_incentive(uuid, text, date), credit.give_incentive_feedback(uuid, text),
    credit.revoke_honour(uuid, text), credit.open_tips(), credit.close_tip(uuid, text) TO credit_provider;
  GRANT EXECUTE ON FUNCTION credit.green_channel(credit.code, date), credit.org_bonus(credit.code, date) TO credit_window, credit_provider;
  GRANT EXECUTE ON FUNCTION credit.give_tip(text, text, text) TO credit_citizen, credit_window;
  GRANT EXECUTE ON FUNCTION credit.add_commitment_template(text, int, text, text, text) TO credit_admin;
  GRANT EXECUTE ON FUNCTION credit.sign_commitment(text, int, text, date), credit.my_commitments(), credit.my_incentives(),
    credit.consent_to_bonus(credit.code, date), credit.leave_bonus() TO credit_citizen;
END
$$;
COMMENT ON FUNCTION credit.protect_incentive() IS 'Policies of this room''s tables and rights of the duty roles';
REVOKE ALL ON FUNCTION credit.protect_incentive() FROM PUBLIC;

CREATE FUNCTION credit.acting_provider(OUT provider text, OUT division text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT p.provider, p.division INTO acting_provider.provider, acting_provider.division
    FROM credit.grants() g JOIN credit_register.provider p ON p.provider = g.provider
   WHERE g.duty = 'credit_provider' ORDER BY p.provider LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this needs a mandate as credit_provider for one department' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.acting_provider() IS 'The department for which the person who entered acts; 42501 without one';
REVOKE ALL ON FUNCTION credit.acting_provider() FROM PUBLIC;

CREATE FUNCTION credit.acting_citizen() RETURNS credit.pseudonym
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT credit.has_duty('credit_citizen') OR credit.own_subject() IS NULL THEN
    RAISE EXCEPTION 'this is for the person himself' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Enter with a mandate as credit_citizen that names the subject.';
  END IF;
  RETURN credit.current_subject(credit.own_subject()::credit.pseudonym);
END
$$;
COMMENT ON FUNCTION credit.acting_citizen() IS 'The citizen who entered; 42501 for anybody else';
REVOKE ALL ON FUNCTION credit.acting_citizen() FROM PUBLIC;

-- The green channel.

CREATE FUNCTION credit.clean_since(subject credit.pseudonym, day date DEFAULT NULL) RETURNS date
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at date := coalesce(day, credit.today());
  book credit.rulebook := credit.rulebook_on(at);
BEGIN
  RETURN (SELECT max(coalesce(r.conduct_end, r.happened_on, r.document_date)) + 1
            FROM credit_register.record r
           WHERE r.subject = clean_since.subject AND r.stance = 'bad' AND r.state = 'active' AND NOT r.minor
             AND (r.answer_due IS NULL OR r.answer_due >= at)
             AND credit.displayed_on(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, at));
END
$$;
COMMENT ON FUNCTION credit.clean_since(credit.pseudonym, date) IS
  'The day after the last bad conduct of a subject that may be shown on a day; NULL if there is none: what is over, repaired or disputed does not count';
REVOKE ALL ON FUNCTION credit.clean_since(credit.pseudonym, date) FROM PUBLIC;

CREATE FUNCTION credit.good_record(subject credit.pseudonym, day date, OUT record uuid, OUT item text, OUT since date)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  book credit.rulebook := credit.rulebook_on(day);
BEGIN
  SELECT r.record, i.zh, r.document_date INTO good_record.record, good_record.item, good_record.since
    FROM credit_register.record r JOIN credit.rulebook_items(book) i ON i.id = r.item
   WHERE r.subject = good_record.subject AND r.stance = 'good' AND r.state = 'active' AND NOT r.minor
     AND (r.answer_due IS NULL OR r.answer_due >= day)
     AND credit.displayed_on(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, day)
   ORDER BY r.document_date DESC, r.record LIMIT 1;
END
$$;
COMMENT ON FUNCTION credit.good_record(credit.pseudonym, date) IS 'The latest good record of a subject that may be shown on a day; NULLs without one';
REVOKE ALL ON FUNCTION credit.good_record(credit.pseudonym, date) FROM PUBLIC;

CREATE FUNCTION credit.open_channel(subject credit.pseudonym, measure text, day date, OUT ok bool, OUT reason text, OUT since date, OUT record uuid)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  good pg_catalog.record := credit.good_record(subject, day);
  months int := (SELECT i.clean_months FROM credit_register.incentive i WHERE i.measure = open_channel.measure);
  clean date;
BEGIN
  IF good.record IS NOT NULL THEN
    ok := true; reason := format('有优良信用记录：%s', good.item); since := good.since; record := good.record;
    RETURN;
  END IF;
  IF months IS NULL THEN
    ok := false; reason := '没有公示期内的优良信用记录';
    RETURN;
  END IF;
  clean := credit.clean_since(subject, day);
  ok := clean IS NULL OR clean <= (day - make_interval(months => months))::date;
  since := clean;
  reason := CASE WHEN ok THEN format('连续%s个月以上无不良信用记录', months) ELSE format('不足%s个月无不良信用记录', months) END;
END
$$;
COMMENT ON FUNCTION credit.open_channel(credit.pseudonym, text, date) IS
  'Is an incentive open to a subject on a day: by a good record, or by so many months without a bad one?  Without any record it is open where time alone opens it';
REVOKE ALL ON FUNCTION credit.open_channel(credit.pseudonym, text, date) FROM PUBLIC;

CREATE FUNCTION credit.inquired_subject(code credit.code, day date) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked uuid;
BEGIN
  IF credit.person() IS NULL THEN
    RAISE EXCEPTION 'nobody entered in this transaction' USING ERRCODE = 'insufficient_privilege', HINT = 'Call credit.enter() first.';
  END IF;
  IF day > credit.today() THEN
    RAISE EXCEPTION 'nobody can be asked about a day to come' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.check_as_of(day);
  SELECT i.inquiry INTO asked FROM credit_register.inquiry i
   WHERE i.subject = credit.current_subject(credit.pseudonym(code)) AND i.person = credit.person() AND i.application = session_user
     AND i.state = 'open' AND i.expires_at >= clock_timestamp()
   ORDER BY i.opened_at DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no inquiry about this subject is open to you' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Commit credit.open_inquiry(code, ''administration'', authorisation) in a transaction of its own, then ask.';
  END IF;
  RETURN credit.inquiry_subject(asked);
END
$$;
COMMENT ON FUNCTION credit.inquired_subject(credit.code, date) IS
  'The subject of a code about which the person who entered has a committed inquiry open, for a day; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.inquired_subject(credit.code, date) FROM PUBLIC;

CREATE FUNCTION credit.green_channel(code credit.code, day date DEFAULT NULL, OUT ok bool, OUT reason text, OUT since date)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym := credit.inquired_subject(code, coalesce(day, credit.today()));
BEGIN
  SELECT c.ok, c.reason, c.since INTO green_channel.ok, green_channel.reason, green_channel.since
    FROM credit.open_channel(whom, 'green_channel', coalesce(day, credit.today())) c;
END
$$;
COMMENT ON FUNCTION credit.green_channel(credit.code, date) IS
  'Definer, as windows have functions only: yes or no, why and since when, and nothing more; answers from a committed inquiry, so the person sees who asked';
REVOKE ALL ON FUNCTION credit.green_channel(credit.code, date) FROM PUBLIC;

-- Incentives.

CREATE FUNCTION credit.grant_incentive(inquiry uuid, measure text, ends_on date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
  whom credit.pseudonym := credit.inquiry_subject(inquiry);
  law text := credit.load_measures(credit.today());
  answer pg_catalog.record;
  made uuid;
BEGIN
  IF NOT EXISTS (SELECT FROM credit_register.measure m
                  WHERE m.rulebook = law AND m.measure = grant_incentive.measure AND m.kind = 'incentive' AND m.in_force @> credit.today()) THEN
    RAISE EXCEPTION 'the rulebook has no such incentive in force' USING ERRCODE = 'CR404',
      HINT = 'SELECT measure, name FROM credit_register.measure WHERE kind = ''incentive'';';
  END IF;
  IF ends_on IS NULL OR NOT isfinite(ends_on) OR ends_on <= credit.today() THEN
    RAISE EXCEPTION 'an incentive has an end, after today' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_day('the end', ends_on);
  answer := credit.open_channel(whom, measure, credit.today());
  IF NOT answer.ok THEN
    RAISE EXCEPTION 'nothing opens this incentive yet' USING ERRCODE = 'CR407', DETAIL = answer.reason;
  END IF;
  IF answer.record IS NOT NULL THEN	-- the honour is not revoked meanwhile, and was not corrected: asked again, as it is now
    PERFORM FROM credit_register.record r WHERE r.subject = whom AND r.record = answer.record AND r.state = 'active' FOR SHARE;
    IF NOT FOUND OR (SELECT o.record FROM credit.open_channel(whom, measure, credit.today()) o) IS DISTINCT FROM answer.record THEN
      RAISE EXCEPTION 'nothing opens this incentive yet' USING ERRCODE = 'CR407';
    END IF;
  END IF;
  INSERT INTO credit_register.incentive_grant (subject, rulebook, measure, record, reason, provider, granted_by, granted_on, ends_on)
    VALUES (whom, law, grant_incentive.measure, answer.record, answer.reason, me.provider, credit.person(), credit.today(), grant_incentive.ends_on)
    RETURNING award INTO made;
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.grant_incentive(uuid, text, date) IS
  'Definer, as nobody writes incentives by hand: a department gives one to the subject of its committed inquiry, if a good record or time opens it';
REVOKE ALL ON FUNCTION credit.grant_incentive(uuid, text, date) FROM PUBLIC;

CREATE FUNCTION credit.give_incentive_feedback(award uuid, feedback text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
BEGIN
  IF feedback IS NULL OR feedback NOT IN ('used', 'not_used') THEN
    RAISE EXCEPTION 'feedback is used or not_used' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE credit_register.incentive_grant g SET feedback = give_incentive_feedback.feedback, feedback_on = credit.today()
   WHERE g.award = give_incentive_feedback.award AND g.provider = me.provider AND g.feedback IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no incentive of this number waits for your feedback' USING ERRCODE = 'CR401';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.give_incentive_feedback(uuid, text) IS 'Definer, as nobody writes incentives by hand: the department says whether one was used';
REVOKE ALL ON FUNCTION credit.give_incentive_feedback(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.release_incentives(subject credit.pseudonym, record uuid, reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held pg_catalog.record;
  answer pg_catalog.record;
  released int := 0;
BEGIN
  FOR held IN SELECT g.award, g.measure FROM credit_register.incentive_grant g
               WHERE g.subject = release_incentives.subject AND g.record = release_incentives.record
                 AND g.ended_at IS NULL AND g.ends_on >= credit.today() FOR UPDATE LOOP
    -- What else opens it keeps it open, and the new reason stands there.
    answer := credit.open_channel(subject, held.measure, credit.today());
    UPDATE credit_register.incentive_grant g
       SET record = CASE WHEN answer.ok THEN answer.record ELSE g.record END, reason = CASE WHEN answer.ok THEN answer.reason ELSE g.reason END,
           ended_at = CASE WHEN NOT answer.ok THEN clock_timestamp() END, end_reason = CASE WHEN NOT answer.ok THEN coalesce(release_incentives.reason, '') END
     WHERE g.subject = release_incentives.subject AND g.award = held.award;
    PERFORM credit.give_notice(subject, record, 'incentive',
      CASE WHEN answer.ok THEN '激励继续有效，依据改为：' || answer.reason ELSE '作为激励依据的优良记录已不再有效，激励到此为止。' END);
    released := released + (NOT answer.ok)::int;
  END LOOP;
  RETURN released;
END
$$;
COMMENT ON FUNCTION credit.release_incentives(credit.pseudonym, uuid, text) IS
  'Looks again at the incentives that rest on a record, ends those that nothing else opens, and says how many; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.release_incentives(credit.pseudonym, uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.revoke_honour(record uuid, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me pg_catalog.record := credit.acting_provider();
  whom credit.pseudonym;
BEGIN
  IF reason IS NULL OR reason !~ '\S' THEN
    RAISE EXCEPTION 'an honour is revoked for a reason' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM credit.need_text('the reason', reason);
  SELECT r.subject INTO whom FROM credit_register.record r
   WHERE r.record = revoke_honour.record AND r.stance = 'good' AND r.state = 'active' AND r.provider = me.provider;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no honour of this number was awarded by your department and stands' USING ERRCODE = 'CR406';
  END IF;
  PERFORM credit.change_record(whom, record, 'withdrawn', reason);
  PERFORM credit.give_notice(whom, record, 'honour_revoked', '荣誉已撤销；您可以提出异议。');
END
$$;
COMMENT ON FUNCTION credit.revoke_honour(uuid, text) IS
  'Definer, as it changes a record: the department that awarded an honour takes it back; scores and incentives that rested on it are computed anew';
REVOKE ALL ON FUNCTION credit.revoke_honour(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.my_incentives() RETURNS TABLE (incentive text, reason text, department text, since date, until date, ended text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
BEGIN
  RETURN QUERY
    SELECT m.name, g.reason, p.name, g.granted_on, g.ends_on, g.end_reason
      FROM credit_register.incentive_grant g
      JOIN credit_register.measure m ON m.rulebook = g.rulebook AND m.measure = g.measure
      JOIN credit_register.provider p ON p.provider = g.provider
     WHERE g.subject = me ORDER BY g.granted_on, m.name;
END
$$;
COMMENT ON FUNCTION credit.my_incentives() IS 'Definer, as only the owner reads them: what the citizen who entered was given, and why';
REVOKE ALL ON FUNCTION credit.my_incentives() FROM PUBLIC;

CREATE FUNCTION credit.everywhere_incentive(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT 'incentive'::text, g.award::text FROM credit_register.incentive_grant g
     WHERE g.subject = everywhere_incentive.subject AND g.record = everywhere_incentive.record AND g.ended_at IS NULL AND g.ends_on >= credit.today();
END
$$;
COMMENT ON FUNCTION credit.everywhere_incentive(credit.pseudonym, uuid) IS 'Of everywhere(): incentives that rest on a record';
REVOKE ALL ON FUNCTION credit.everywhere_incentive(credit.pseudonym, uuid) FROM PUBLIC;
