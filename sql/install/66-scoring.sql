-- ---------------------------------------------------------------------------
-- scoring: scores of those who asked for one, stored with their receipts
--
-- No consent, no score: a stored score points to the consent it rests on, and
-- goes when that goes.  One computation for one person and for all.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.create_register_scoring() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO credit_register.purpose (purpose, name, basis, needs_consent) VALUES
    ('scoring', 'To be scored, at one''s own wish', '沂源县意见（十五）', true) ON CONFLICT DO NOTHING;
  CREATE UNIQUE INDEX IF NOT EXISTS consent_scoring ON credit_register.consent (subject)
    WHERE purpose = 'scoring' AND withdrawn_at IS NULL;
  CREATE TABLE IF NOT EXISTS credit_register.score (
    subject credit.pseudonym NOT NULL,
    as_of date NOT NULL,
    consent uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL DEFAULT 'scoring' CHECK (purpose = 'scoring'),
    adult bool NOT NULL CHECK (adult),
    rulebook text COLLATE "C" NOT NULL REFERENCES credit_register.rulebook,
    book_digest bytea NOT NULL CHECK (octet_length(book_digest) = 32),
    points credit.points NOT NULL,
    grade text,
    lines jsonb NOT NULL,
    records uuid[] NOT NULL,
    input_digest bytea NOT NULL CHECK (octet_length(input_digest) = 32),
    job uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, as_of),
    FOREIGN KEY (subject, consent, purpose) REFERENCES credit_register.consent (subject, consent, purpose) ON DELETE CASCADE
  );
  CREATE OR REPLACE TRIGGER consent_withdrawn AFTER UPDATE OF withdrawn_at ON credit_register.consent
    FOR EACH ROW WHEN (NEW.purpose = 'scoring' AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION credit.end_scores();
  CREATE INDEX IF NOT EXISTS score_job ON credit_register.score (job, subject);
  -- Where a job stands: the subject behind which the next chunk begins.
  CREATE TABLE IF NOT EXISTS credit_register.scoring_job (
    job uuid PRIMARY KEY,
    as_of date NOT NULL,
    rulebook text COLLATE "C" NOT NULL REFERENCES credit_register.rulebook,
    after credit.pseudonym,
    scored bigint NOT NULL DEFAULT 0,
    started_by text NOT NULL
  );
  PERFORM credit.comment_tables(
$comments$score|Scores with their receipts; read by the person alone
score.subject|Pseudonym
score.as_of|Day for which it was computed
score.consent|The consent that it rests on
score.purpose|Always scoring, by foreign key
score.adult|The person was of age on that day
score.rulebook|Rulebook
score.book_digest|Digest of the rulebook
score.points|Points
score.grade|Grade
score.lines|The lines that add up to the points
score.records|Records that went in
score.input_digest|Digest of what went in
score.job|Job that computed it
score.made_at|When
scoring_job|How far jobs of scoring are
scoring_job.job|Job
scoring_job.as_of|Day for which it computes
scoring_job.rulebook|Rulebook
scoring_job.after|Last subject that was done
scoring_job.scored|Scores stored
scoring_job.started_by|Login that started it$comments$);
  INSERT INTO credit_register.layout (table_name, kind, room) VALUES
    ('score', 'subject', 'scoring'), ('scoring_job', 'node', 'scoring')
    ON CONFLICT DO NOTHING;
  -- Row security without a policy, and no grant: a score does not travel.
  PERFORM credit.make_policies('credit_register.score', NULL, NULL);
  PERFORM credit.make_policies('credit_register.scoring_job', credit.policy_expression('{credit_admin,credit_auditor}', NULL, NULL, NULL), NULL);
  GRANT SELECT ON credit_register.scoring_job TO credit_admin, credit_auditor;
  GRANT EXECUTE ON FUNCTION credit.consent_to_score(), credit.leave_score(), credit.my_score() TO credit_citizen;
  GRANT EXECUTE ON FUNCTION credit.replay(uuid) TO credit_auditor;
END
$$;
COMMENT ON FUNCTION credit.create_register_scoring() IS 'Step of create_register(): scores and the jobs that compute them';
REVOKE ALL ON FUNCTION credit.create_register_scoring() FROM PUBLIC;

-- Who is scored.

CREATE FUNCTION credit.scoring_age(book credit.rulebook) RETURNS int
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN greatest(coalesce((credit.jsonb(book) OPERATOR(pg_catalog.->) 'score' OPERATOR(pg_catalog.->>) 'least_age')::int, 18), 18);
COMMENT ON FUNCTION credit.scoring_age(credit.rulebook) IS 'The age from which a rulebook scores: what it says, and 18 at least';
REVOKE ALL ON FUNCTION credit.scoring_age(credit.rulebook) FROM PUBLIC;

CREATE FUNCTION credit.of_age(subject credit.pseudonym, day date, age int) RETURNS bool
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  RETURN coalesce(credit.age_on(credit.code_behind(subject), day) OPERATOR(pg_catalog.>=) age, false);
COMMENT ON FUNCTION credit.of_age(credit.pseudonym, date, int) IS 'Is the subject a person who was of this age on the day?  Organisations and nobody are not';
REVOKE ALL ON FUNCTION credit.of_age(credit.pseudonym, date, int) FROM PUBLIC;

CREATE FUNCTION credit.consent_to_score() RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
  given uuid;
BEGIN
  IF NOT credit.of_age(me, credit.today(), credit.scoring_age(credit.rulebook_on(credit.today()))) THEN
    RAISE EXCEPTION 'scores are for persons of age' USING ERRCODE = 'CR302';
  END IF;
  INSERT INTO credit_register.consent AS c (subject, given_to, purpose, document, single_use, valid)
    VALUES (me, 'credit_register', 'scoring', 'given by the person, online', false, daterange(credit.today(), NULL))
    ON CONFLICT (subject) WHERE purpose = 'scoring' AND withdrawn_at IS NULL DO NOTHING
    RETURNING c.consent INTO given;
  IF given IS NULL THEN
    SELECT c.consent INTO given FROM credit_register.consent c
     WHERE c.subject = me AND c.purpose = 'scoring' AND c.withdrawn_at IS NULL;
  END IF;
  RETURN given;
END
$$;
COMMENT ON FUNCTION credit.consent_to_score() IS 'Definer, as nobody writes consents by hand: the citizen who entered wants to be scored; adults only (CR302)';
REVOKE ALL ON FUNCTION credit.consent_to_score() FROM PUBLIC;

CREATE FUNCTION credit.drop_scores(subject credit.pseudonym) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped int;
BEGIN
  -- A job that is computing just now holds the consent: wait, and find what it stored.
  PERFORM FROM credit_register.consent c
    WHERE c.subject = drop_scores.subject AND c.purpose = 'scoring' AND c.withdrawn_at IS NULL FOR NO KEY UPDATE;
  DELETE FROM credit_register.score s WHERE s.subject = drop_scores.subject;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  RETURN dropped;
END
$$;
COMMENT ON FUNCTION credit.drop_scores(credit.pseudonym) IS
  'Deletes the stored scores of a subject, as what they rest on has changed; the next job computes new ones; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.drop_scores(credit.pseudonym) FROM PUBLIC;

-- The same subject's scores; whoever takes a consent back, in whatever way.
CREATE FUNCTION credit.end_scores() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.drop_scores(NEW.subject);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION credit.end_scores() IS 'Trigger of consent: no consent, no score';
REVOKE ALL ON FUNCTION credit.end_scores() FROM PUBLIC;

CREATE FUNCTION credit.leave_score() RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
  -- Waits for a chunk that holds the consent, and deletes what that stored, too; the next one waits for us.
  dropped int := credit.drop_scores(me);
BEGIN
  UPDATE credit_register.consent c SET withdrawn_at = clock_timestamp()
   WHERE c.subject = me AND c.purpose = 'scoring' AND c.withdrawn_at IS NULL;
  RETURN dropped;
END
$$;
COMMENT ON FUNCTION credit.leave_score() IS
  'Definer, as nobody writes consents by hand: the citizen who entered is scored no more, and what was stored is deleted at once; says how many';
REVOKE ALL ON FUNCTION credit.leave_score() FROM PUBLIC;

-- The computation.

CREATE FUNCTION credit.compute_scores(law text, as_of date, subjects credit.pseudonym[], job uuid)
  RETURNS TABLE (subject credit.pseudonym, points credit.points, lines jsonb, records uuid[], input_digest bytea)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  book credit.rulebook := (SELECT b.book FROM credit_register.rulebook b WHERE b.name = law);
  items text[] := ARRAY(SELECT i.id FROM credit.rulebook_items(book) i);
BEGIN
  -- Records that stand: none of a minor, none disputed, repaired, withdrawn or with an
  -- answer overdue; a bad one while it is shown.  With a job: those alone that its stored scores were made of.
  RETURN QUERY
    SELECT u.subject,
           credit.score(book, as_of, r.item, r.severity, r.day, r.amount, r.state),
           credit.score_lines(book, as_of, r.item, r.severity, r.day, r.amount, r.state),
           coalesce(array_agg(r.record ORDER BY r.record) FILTER (WHERE r.record IS NOT NULL), '{}'),
           sha256(convert_to(coalesce(string_agg(concat_ws('|', r.record, r.version, r.item, r.severity, r.day - '2000-01-01'::date, r.amount), E'\n'
                                                 ORDER BY r.record), ''), 'UTF8'))
      FROM unnest(subjects) AS u (subject)
      LEFT JOIN LATERAL (
        SELECT r.record, r.version, r.item, r.severity, coalesce(r.conduct_end, r.happened_on, r.document_date) AS day, r.state,
               coalesce(r.amount, CASE WHEN r.fields ->> 'hours' ~ '^[0-9]{1,9}(\.[0-9]{1,4})?$' THEN (r.fields ->> 'hours')::numeric END) AS amount
          FROM credit_register.record r
         WHERE r.subject = u.subject AND r.state = 'active' AND NOT r.minor AND r.item = ANY (items)
           AND (r.answer_due IS NULL OR r.answer_due >= as_of)
           AND (r.stance <> 'bad'
                OR credit.displayed_on(book, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from, as_of))
           AND (compute_scores.job IS NULL
                OR r.record = ANY ((SELECT s.records FROM credit_register.score s
                                     WHERE s.subject = u.subject AND s.as_of = compute_scores.as_of AND s.job = compute_scores.job)::uuid[]))
        ) r ON true
     GROUP BY u.subject;
END
$$;
COMMENT ON FUNCTION credit.compute_scores(text, date, credit.pseudonym[], uuid) IS
  'Scores of subjects by a rulebook on a day, with receipts; with a job, from the records that its stored scores name; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.compute_scores(text, date, credit.pseudonym[], uuid) FROM PUBLIC;

-- Jobs.

CREATE FUNCTION credit.score_begin(as_of date) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day date := coalesce(as_of, credit.today());
  law text;
  made uuid;
BEGIN
  IF day > credit.today() THEN
    RAISE EXCEPTION 'a score is for today or a day before' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF day < credit.today() AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
    RAISE EXCEPTION 'a past day needs the audit purpose' USING ERRCODE = 'CR310',
      HINT = 'Jobs for past days are started by the DBA.';
  END IF;
  -- One job for a day: who calls again, or at once, goes on with it.  The purpose is the
  -- lock, as nobody else can take its row; consents may be given beside it.
  PERFORM FROM credit_register.purpose p WHERE p.purpose = 'scoring' FOR NO KEY UPDATE;
  SELECT s.job INTO made
    FROM credit_register.scoring_job s JOIN credit_register.job j ON j.job = s.job
   WHERE s.as_of = day AND j.state = 'running' ORDER BY j.started_at LIMIT 1;
  IF FOUND THEN
    RETURN made;
  END IF;
  SELECT b.name INTO law FROM credit_register.rulebook b WHERE b.in_force @> day;
  IF NOT FOUND THEN
    PERFORM credit.rulebook_on(day);	-- its error
  END IF;
  INSERT INTO credit_register.job AS j (kind, state, total, started_at, note)
    SELECT 'score_all', 'running', count(*), clock_timestamp(), to_char(day, 'YYYY-MM-DD')
      FROM credit_register.consent c WHERE c.purpose = 'scoring' AND c.withdrawn_at IS NULL
    RETURNING j.job INTO made;
  INSERT INTO credit_register.scoring_job (job, as_of, rulebook, started_by) VALUES (made, day, law, session_user);
  RETURN made;
END
$$;
COMMENT ON FUNCTION credit.score_begin(date) IS 'Definer, as nobody writes jobs by hand: the job that scores for a day, a new one if none is under way; for score_all()';
REVOKE ALL ON FUNCTION credit.score_begin(date) FROM PUBLIC;

CREATE FUNCTION credit.score_chunk(job uuid, size int, OUT more bool, OUT done bigint, OUT total bigint, OUT scored bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  task pg_catalog.record;
  book credit.rulebook;
  age int;
  seen bigint;
  last credit.pseudonym;
  whom credit.pseudonym[];
  given uuid[];
  stored bigint := 0;
BEGIN
  -- The row is the lock and the place: two callers of one job take turns.
  SELECT s.* INTO task FROM credit_register.scoring_job s WHERE s.job = score_chunk.job FOR UPDATE;
  SELECT b.book INTO book FROM credit_register.rulebook b WHERE b.name = task.rulebook;
  age := credit.scoring_age(book);
  SELECT count(*), max(n.subject), array_agg(n.subject) INTO seen, last, whom
    FROM (SELECT c.subject FROM credit_register.consent c
           WHERE c.purpose = 'scoring' AND c.withdrawn_at IS NULL
             AND c.subject >= coalesce(task.after, 'P000000000000000') AND (task.after IS NULL OR c.subject > task.after)
           ORDER BY c.subject LIMIT size) n;
  -- FOR SHARE: whose record changes or who leaves meanwhile waits for this chunk, and
  -- drop_scores() then finds what it stored; who left is passed over.
  WITH held AS MATERIALIZED (
    SELECT c.subject, c.consent FROM credit_register.consent c
     WHERE c.purpose = 'scoring' AND c.withdrawn_at IS NULL AND c.subject = ANY (whom)
     ORDER BY c.subject FOR SHARE)
  SELECT coalesce(array_agg(h.subject), '{}'), array_agg(h.consent) INTO whom, given FROM held h WHERE credit.of_age(h.subject, task.as_of, age);
  more := seen > 0;
  IF more THEN
    INSERT INTO credit_register.score (subject, as_of, consent, adult, rulebook, book_digest, points, grade, lines, records, input_digest, job)
      SELECT x.subject, task.as_of, w.consent, true, task.rulebook, credit.rulebook_digest(book), x.points, credit.grade(book, x.points),
             x.lines, x.records, x.input_digest, task.job
        FROM credit.compute_scores(task.rulebook, task.as_of, whom, NULL) x
        JOIN unnest(whom, given) AS w (subject, consent) ON w.subject = x.subject
      ON CONFLICT ON CONSTRAINT score_pkey DO UPDATE
        SET consent = EXCLUDED.consent, rulebook = EXCLUDED.rulebook, book_digest = EXCLUDED.book_digest, points = EXCLUDED.points,
            grade = EXCLUDED.grade, lines = EXCLUDED.lines, records = EXCLUDED.records, input_digest = EXCLUDED.input_digest,
            job = EXCLUDED.job, made_at = EXCLUDED.made_at;
    GET DIAGNOSTICS stored = ROW_COUNT;
    UPDATE credit_register.scoring_job s SET after = last, scored = s.scored + stored WHERE s.job = task.job;
  END IF;
  UPDATE credit_register.job j
     SET done = j.done + seen, state = CASE WHEN more THEN j.state ELSE 'done' END,
         finished_at = CASE WHEN NOT more THEN clock_timestamp() END
   WHERE j.job = task.job AND j.state = 'running'
   RETURNING j.done, j.total INTO score_chunk.done, score_chunk.total;
  score_chunk.scored := task.scored + stored;
END
$$;
COMMENT ON FUNCTION credit.score_chunk(uuid, int) IS 'Definer, as nobody writes scores by hand: the next subjects of a job, each once; for score_all()';
REVOKE ALL ON FUNCTION credit.score_chunk(uuid, int) FROM PUBLIC;

CREATE PROCEDURE credit.score_all(as_of date DEFAULT NULL, chunk integer DEFAULT 2000)
  AS 'MODULE_PATHNAME', 'scoring_score_all' LANGUAGE C;
COMMENT ON PROCEDURE credit.score_all(date, integer) IS
  'Scores all who consented, for a day (today), a commit after each chunk; called again it goes on where it stopped';
REVOKE ALL ON PROCEDURE credit.score_all(date, integer) FROM PUBLIC;

CREATE FUNCTION credit.replay(job uuid, OUT scores bigint, OUT mismatches bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  task pg_catalog.record;
BEGIN
  IF NOT credit.has_duty('credit_auditor') AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
    RAISE EXCEPTION 'replaying needs a mandate as credit_auditor' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Call credit.enter() first; credit.grants() shows what it gave.';
  END IF;
  SELECT s.* INTO task FROM credit_register.scoring_job s WHERE s.job = replay.job;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such job of scoring' USING ERRCODE = 'undefined_object';
  END IF;
  -- By the law of that day, whatever is law today.
  SELECT count(*), count(*) FILTER (WHERE x.points IS DISTINCT FROM s.points OR x.lines IS DISTINCT FROM s.lines
                                       OR x.input_digest IS DISTINCT FROM s.input_digest OR x.records IS DISTINCT FROM s.records
                                       OR credit.rulebook_digest(b.book) <> s.book_digest
                                       OR credit.grade(b.book, x.points) IS DISTINCT FROM s.grade)
    INTO scores, mismatches
    FROM credit_register.score s
    JOIN credit_register.rulebook b ON b.name = s.rulebook
    LEFT JOIN credit.compute_scores(task.rulebook, task.as_of,
                ARRAY(SELECT a.subject FROM credit_register.score a WHERE a.job = task.job), task.job) x ON x.subject = s.subject
   WHERE s.job = task.job;
END
$$;
COMMENT ON FUNCTION credit.replay(uuid) IS
  'Definer, as only the owner reads scores: computes the stored scores of a job again and counts those that differ; the figures alone';
REVOKE ALL ON FUNCTION credit.replay(uuid) FROM PUBLIC;

-- What the person sees.

CREATE FUNCTION credit.score_reason(book jsonb, line jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT CASE
      WHEN w.why OPERATOR(pg_catalog.=) 'base' THEN '基础分：没有任何记录的人也是这个分数'
      WHEN w.why OPERATOR(pg_catalog.=) 'least' THEN '总分的下限'
      WHEN w.why OPERATOR(pg_catalog.=) 'most' THEN '总分的上限'
      ELSE pg_catalog.format('%s（%s）：', coalesce(w.item, line OPERATOR(pg_catalog.->) 'record' OPERATOR(pg_catalog.->>) 'item'),
                             coalesce(line OPERATOR(pg_catalog.->) 'record' OPERATOR(pg_catalog.->>) 'happened_on', '日期不详'))
           OPERATOR(pg_catalog.||) CASE
             WHEN w.why OPERATOR(pg_catalog.=) 'counts' THEN '计分'
             WHEN w.why OPERATOR(pg_catalog.~~) 'expired on %' THEN pg_catalog.format('计分已于%s到期', pg_catalog.substr(w.why, 12))
             WHEN w.why OPERATOR(pg_catalog.=) 'no rule' THEN '规则中没有这一项，不计分'
             WHEN w.why OPERATOR(pg_catalog.=) 'lesser of one act' THEN '同日同类只计最高的一项'
             WHEN w.why OPERATOR(pg_catalog.~~) 'cap %' THEN '已到上限，超出部分不计'
             WHEN w.why OPERATOR(pg_catalog.~~) 'relapse x %' THEN pg_catalog.format('有效期内再次发生，按%s倍计', pg_catalog.substr(w.why, 11))
             WHEN w.why OPERATOR(pg_catalog.~~) 'direct %' THEN pg_catalog.format('直接定为%s', pg_catalog.substr(w.why, 8))
             WHEN w.why OPERATOR(pg_catalog.=) 'another direct grade holds' THEN '已有更低的直接定级'
             WHEN w.why OPERATOR(pg_catalog.=) 'not yet' THEN '尚未发生，不计分'
             WHEN w.why OPERATOR(pg_catalog.=) 'no date' THEN '没有日期，不计分'
             WHEN w.why OPERATOR(pg_catalog.=) 'no amount' THEN '没有数量，不计分'
             ELSE '不计分' END END
      FROM (SELECT line OPERATOR(pg_catalog.->>) 'why',
                   (SELECT i OPERATOR(pg_catalog.->>) 'zh' FROM pg_catalog.jsonb_array_elements(book OPERATOR(pg_catalog.->) 'items') AS i
                     WHERE (line OPERATOR(pg_catalog.->) 'record' OPERATOR(pg_catalog.->>) 'item') OPERATOR(pg_catalog.=) (i OPERATOR(pg_catalog.->>) 'id'))) AS w (why, item);
  END;
COMMENT ON FUNCTION credit.score_reason(jsonb, jsonb) IS 'A line of a score in Chinese: made of the line and the rulebook, and of nothing else';
REVOKE ALL ON FUNCTION credit.score_reason(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.score_improve(book jsonb, line jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT CASE
      WHEN line OPERATOR(pg_catalog.->>) 'why' OPERATOR(pg_catalog.=) 'base' THEN
        (SELECT pg_catalog.concat('可加分的事项：', pg_catalog.string_agg(DISTINCT (i OPERATOR(pg_catalog.->>) 'zh') COLLATE pg_catalog."C", '、'))
           FROM pg_catalog.jsonb_array_elements(book OPERATOR(pg_catalog.->) 'items') AS i,
                pg_catalog.jsonb_array_elements(book OPERATOR(pg_catalog.->) 'score' OPERATOR(pg_catalog.->) 'rules') AS r
          WHERE (r OPERATOR(pg_catalog.->) 'items') OPERATOR(pg_catalog.?) (i OPERATOR(pg_catalog.->>) 'id') AND i OPERATOR(pg_catalog.->>) 'stance' OPERATOR(pg_catalog.=) 'good')
      WHEN (line OPERATOR(pg_catalog.->>) 'points')::numeric OPERATOR(pg_catalog.<) 0::numeric THEN
        pg_catalog.format('%s之后不再计入；可以申请信用修复，有误可以提出异议', coalesce(line OPERATOR(pg_catalog.->>) 'counts_until', '期满'))
      WHEN line OPERATOR(pg_catalog.->>) 'why' OPERATOR(pg_catalog.~~) 'expired on %' THEN '再次做到即重新计分'
      WHEN line OPERATOR(pg_catalog.->>) 'why' OPERATOR(pg_catalog.~~) 'cap %' THEN '可以转向其他方面'
      END;
  END;
COMMENT ON FUNCTION credit.score_improve(jsonb, jsonb) IS 'What a person can do about a line of a score, in Chinese';
REVOKE ALL ON FUNCTION credit.score_improve(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION credit.my_score()
  RETURNS TABLE (as_of date, points credit.points, grade text, line int, line_points credit.points, reason text, article text,
                 counts_until date, improve text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me credit.pseudonym := credit.acting_citizen();
BEGIN
  RETURN QUERY
    SELECT s.as_of, s.points, s.grade, l.n::int, credit.points((l.line ->> 'points')::numeric), credit.score_reason(s.law, l.line),
           l.line ->> 'basis', (l.line ->> 'counts_until')::date, credit.score_improve(s.law, l.line)
      FROM (SELECT s.*, credit.jsonb(b.book) AS law
              FROM credit_register.score s JOIN credit_register.rulebook b ON b.name = s.rulebook
             WHERE s.subject = me ORDER BY s.as_of DESC LIMIT 1) s,
           jsonb_array_elements(s.lines) WITH ORDINALITY AS l (line, n)
     ORDER BY l.n;
END
$$;
COMMENT ON FUNCTION credit.my_score() IS
  'Definer, as only the owner reads scores: the last stored score of the citizen who entered, a row for each line, with reason, article and what to do';
REVOKE ALL ON FUNCTION credit.my_score() FROM PUBLIC;

CREATE FUNCTION credit.everywhere_scoring(subject credit.pseudonym, record uuid) RETURNS TABLE (path text, place text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT 'score'::text, s.job::text FROM credit_register.score s
     WHERE s.subject = everywhere_scoring.subject AND everywhere_scoring.record = ANY (s.records);
END
$$;
COMMENT ON FUNCTION credit.everywhere_scoring(credit.pseudonym, uuid) IS 'Of everywhere(): stored scores that a record went into';
REVOKE ALL ON FUNCTION credit.everywhere_scoring(credit.pseudonym, uuid) FROM PUBLIC;

CREATE FUNCTION credit.record_changed_scoring(subject credit.pseudonym, record uuid, reason text) RETURNS int
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT credit.drop_scores(subject);
$$;
COMMENT ON FUNCTION credit.record_changed_scoring(credit.pseudonym, uuid, text) IS 'Of tell_rooms(): scores that rest on what changed are deleted';
REVOKE ALL ON FUNCTION credit.record_changed_scoring(credit.pseudonym, uuid, text) FROM PUBLIC;
