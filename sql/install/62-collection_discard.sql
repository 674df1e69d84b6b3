-- ---------------------------------------------------------------------------
-- collection, discard: rows that are given up, by hand, by age, or with an identity
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.drop_batch_rows(batch uuid, only_line int, before timestamptz, reason text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped record;
BEGIN
  WITH gone AS (
    DELETE FROM credit_register.batch_row w
     WHERE w.batch = drop_batch_rows.batch AND (only_line IS NULL OR w.line = only_line) AND (before IS NULL OR w.received_at < before)
    RETURNING w.line, w.tries
  ), forgiven AS (
    DELETE FROM credit_register.batch_verdict v USING gone g WHERE v.batch = drop_batch_rows.batch AND v.line = g.line
    RETURNING v.line, v.code
  ), noted AS (
    INSERT INTO credit_register.discarded_row (batch, line, codes, reason, person, provider, division)
      SELECT b.batch, g.line, coalesce(c.codes, '{}'), drop_batch_rows.reason, coalesce(credit.person(), session_user), b.provider, b.division
        FROM credit_register.batch b, gone g
        LEFT JOIN (SELECT f.line, array_agg(DISTINCT f.code ORDER BY f.code) AS codes FROM forgiven f GROUP BY f.line) c ON c.line = g.line
       WHERE b.batch = drop_batch_rows.batch
  )
  SELECT count(*) AS rows, count(*) FILTER (WHERE g.tries > 0) AS judged INTO dropped FROM gone g;
  UPDATE credit_register.batch b SET discarded_rows = b.discarded_rows + dropped.judged
   WHERE b.batch = drop_batch_rows.batch AND dropped.judged > 0;
  RETURN dropped.rows;
END
$$;
COMMENT ON FUNCTION credit.drop_batch_rows(uuid, int, timestamptz, text) IS
  'Deletes lines of a locked batch that wait or are held, and writes down which and why; for those who discard';
REVOKE ALL ON FUNCTION credit.drop_batch_rows(uuid, int, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_row(batch uuid, line int, reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  PERFORM credit.own_batch(batch);
  PERFORM credit.judge_names_anew(batch, line);
  IF line IS NULL OR credit.drop_batch_rows(batch, line, NULL, reason) = 0 THEN
    RAISE EXCEPTION 'this line neither waits nor is held' USING ERRCODE = 'no_data_found',
      HINT = 'credit_register.batch_verdict has the lines of this batch that are held.';
  END IF;
END
$$;
COMMENT ON FUNCTION credit.discard_row(uuid, int, text) IS
  'Definer, as nobody writes rows of batches by hand: gives up a line that waits or is held; what it said is gone';
REVOKE ALL ON FUNCTION credit.discard_row(uuid, int, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_batch(batch uuid, reason text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM credit.need_text('the reason', reason);
  PERFORM credit.own_batch(batch);
  RETURN credit.drop_batch_rows(batch, NULL, NULL, reason);
END
$$;
COMMENT ON FUNCTION credit.discard_batch(uuid, text) IS
  'Definer, as nobody writes rows of batches by hand: gives up all lines of a batch that wait or are held; what was filed stays, and the name is used';
REVOKE ALL ON FUNCTION credit.discard_batch(uuid, text) FROM PUBLIC;

CREATE FUNCTION credit.discard_old_rows(keep interval DEFAULT '90 days') RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET IntervalStyle = postgres
  AS $$
DECLARE
  before timestamptz;
  old_batch uuid;
  discarded bigint := 0;
BEGIN
  PERFORM credit.need_mandate('{credit_admin}');
  IF (keep BETWEEN '1 day' AND '100 years') IS NOT TRUE THEN
    RAISE EXCEPTION 'lines are kept for at least a day, and for a hundred years at most' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  before := statement_timestamp() - keep;
  -- One that is worked on now has its turn the next time.
  FOR old_batch IN SELECT b.batch FROM credit_register.batch b
                    WHERE b.batch IN (SELECT w.batch FROM credit_register.batch_row w WHERE w.received_at < before)
                    ORDER BY b.batch FOR UPDATE SKIP LOCKED LOOP
    discarded := discarded + credit.drop_batch_rows(old_batch, NULL, before, format('not corrected within %s', keep));
  END LOOP;
  RETURN discarded;
END
$$;
COMMENT ON FUNCTION credit.discard_old_rows(interval) IS
  'Definer, as nobody writes rows of batches by hand: gives up lines that have waited or been held for longer, in all batches; to be run daily';
REVOKE ALL ON FUNCTION credit.discard_old_rows(interval) FROM PUBLIC;

CREATE FUNCTION credit.forget_lines(whom credit.pseudonym[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_in record;
  discarded bigint := 0;
BEGIN
  IF to_regclass('credit_register.batch_row') IS NULL THEN	-- a vault by itself
    RETURN 0;
  END IF;
  -- In the order of batches, so that two wait for each other and never deadlock.
  FOR found_in IN SELECT w.batch, array_agg(w.line) AS lines FROM credit_register.batch_row w
                   WHERE credit.pseudonym((credit.read_row(w.raw)).code) = ANY (whom) GROUP BY w.batch ORDER BY w.batch LOOP
    PERFORM FROM credit_register.batch b WHERE b.batch = found_in.batch FOR UPDATE;
    discarded := discarded + (SELECT sum(credit.drop_batch_rows(found_in.batch, l, NULL, 'the identity was erased')) FROM unnest(found_in.lines) l);
  END LOOP;
  RETURN discarded;
END
$$;
COMMENT ON FUNCTION credit.forget_lines(credit.pseudonym[]) IS
  'Discards what waits or is held, in clear, under a number of these persons; for credit.forget() alone';
REVOKE ALL ON FUNCTION credit.forget_lines(credit.pseudonym[]) FROM PUBLIC;
