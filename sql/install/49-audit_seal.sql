-- ---------------------------------------------------------------------------
-- audit, seals: what makes the trail one that nobody rewrites, and its checks
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.audit_add_seal(kind text, node bigint, from_xid bigint, before_xid bigint, month timestamptz,
    events bigint, changes bigint, root bytea) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_variable
DECLARE
  number bigint;
  previous bytea;
  at timestamptz := clock_timestamp();
BEGIN
  SELECT s.number + 1, s.hash INTO number, previous FROM credit_register.audit_seal s ORDER BY s.number DESC LIMIT 1;
  number := coalesce(number, 1);
  previous := coalesce(previous, '\x');
  INSERT INTO credit_register.audit_seal
  VALUES (number, kind, node, credit.audit_timeline(), from_xid, before_xid, month, at, events, changes, root, previous,
    credit.audit_seal_hash(number, kind, node, credit.audit_timeline(), from_xid, before_xid, month, at, events,
      changes, root, previous));
  RETURN number;
END
$$;
COMMENT ON FUNCTION credit.audit_add_seal(text, bigint, bigint, bigint, timestamptz, bigint, bigint, bytea) IS
  'Adds a link to the chain; the caller holds the lock on audit_seal';
REVOKE ALL ON FUNCTION credit.audit_add_seal(text, bigint, bigint, bigint, timestamptz, bigint, bigint, bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_nodes() RETURNS SETOF bigint
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
    WITH RECURSIVE w(node) AS (
      (SELECT e.node FROM credit_register.audit_event e ORDER BY e.node LIMIT 1)
      UNION ALL
      SELECT (SELECT e.node FROM credit_register.audit_event e WHERE e.node > w.node ORDER BY e.node LIMIT 1)
        FROM w WHERE w.node IS NOT NULL)
    SELECT node FROM w WHERE node IS NOT NULL
  $$;
COMMENT ON FUNCTION credit.audit_nodes() IS
  'Nodes that have events: this one, and those that a dump came from';
REVOKE ALL ON FUNCTION credit.audit_nodes() FROM PUBLIC;

CREATE FUNCTION credit.seal_audit() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'Asia/Shanghai'
  AS $$
DECLARE
  horizon bigint;
  this_node bigint;
  first bigint;
  before bigint;
  month_start timestamptz;
  found record;
  sealed bigint := 0;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'sealing needs READ COMMITTED' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'An older snapshot does not see the newest seal.';
  END IF;
  -- One sealer at a time; who writes events or reads seals does not wait for it.
  LOCK TABLE credit_register.audit_seal IN EXCLUSIVE MODE;
  -- All transactions before this number have ended, so their events are final;
  -- the statements below have later snapshots and see all of them.
  horizon := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
  FOR this_node IN SELECT * FROM credit.audit_nodes() LOOP
    SELECT coalesce(max(s.before_xid), 0) INTO first
      FROM credit_register.audit_seal s WHERE s.node = this_node AND s.kind = 'events';
    -- A node that a dump came from adds nothing here any more.
    IF this_node = credit.audit_node() THEN
      before := horizon;
    ELSE
      SELECT coalesce(max(e.xid), 0) + 1 INTO before FROM credit_register.audit_event e WHERE e.node = this_node;
    END IF;
    FOR month_start IN
      SELECT DISTINCT credit.audit_month(e.at) FROM credit_register.audit_event e
       WHERE e.node = this_node AND e.xid >= first AND e.xid < before ORDER BY 1
    LOOP
      SELECT * INTO found FROM credit.audit_root(this_node, first, before, month_start, month_start + interval '1 month');
      PERFORM credit.audit_add_seal('events', this_node, first, before, month_start, found.events, found.changes, found.root);
      sealed := sealed + found.events;
    END LOOP;
  END LOOP;
  RETURN sealed;
END
$$;
COMMENT ON FUNCTION credit.seal_audit() IS
  'Seals the events of all transactions that have ended, and returns their number; definer, as nobody may write seals';
REVOKE ALL ON FUNCTION credit.seal_audit() FROM PUBLIC;

-- Checking ----------------------------------------------------------------------------

CREATE FUNCTION credit.audit_tree(hashes bytea[]) RETURNS bytea
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_tree(bytea[]) IS
  'Root of the tree (RFC 6962) over the hashes of seals';
REVOKE ALL ON FUNCTION credit.audit_tree(bytea[]) FROM PUBLIC;

CREATE FUNCTION credit.audit_proof(hashes bytea[], first int) RETURNS bytea[]
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_proof(bytea[], int) IS
  'Consistency proof (RFC 6962) that the tree over all hashes goes on from that over the first ones';
REVOKE ALL ON FUNCTION credit.audit_proof(bytea[], int) FROM PUBLIC;

CREATE FUNCTION credit.audit_proves(first bigint, second bigint, first_root bytea, second_root bytea, proof bytea[])
  RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit.audit_proves(bigint, bigint, bytea, bytea, bytea[]) IS
  'Whether a consistency proof leads to both roots; reads no table';

CREATE FUNCTION credit.audit_sign(digest bytea, OUT key int, OUT signature bytea)
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.audit_sign(bytea) IS
  'HMAC-SHA-256 under the current key of audit in the key file, and its version; NULL without one';
REVOKE ALL ON FUNCTION credit.audit_sign(bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_signed(digest bytea, key int, signature bytea) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit.audit_signed(bytea, int, bytea) IS
  'Whether this is the signature under that version of the key of audit; NULL if the key file has no such key';
REVOKE ALL ON FUNCTION credit.audit_signed(bytea, int, bytea) FROM PUBLIC;

CREATE FUNCTION credit.audit_checkpoint_digest(checkpoint json) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN credit.audit_link(ARRAY['credit audit checkpoint 1', checkpoint OPERATOR(pg_catalog.->>) 'seal',
    checkpoint OPERATOR(pg_catalog.->>) 'hash', checkpoint OPERATOR(pg_catalog.->>) 'tree',
    checkpoint OPERATOR(pg_catalog.->>) 'timeline', checkpoint OPERATOR(pg_catalog.->>) 'node',
    checkpoint OPERATOR(pg_catalog.->>) 'sealed_at', checkpoint OPERATOR(pg_catalog.->>) 'events']);
COMMENT ON FUNCTION credit.audit_checkpoint_digest(json) IS
  'What of a checkpoint is signed: all but the proof, which proves itself';
REVOKE ALL ON FUNCTION credit.audit_checkpoint_digest(json) FROM PUBLIC;

CREATE FUNCTION credit.checkpoint(earlier bigint DEFAULT NULL) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  s credit_register.audit_seal;
  hashes bytea[];
  head jsonb;
  signed record;
BEGIN
  SELECT * INTO s FROM credit_register.audit_seal ORDER BY number DESC LIMIT 1;
  IF s.number IS NULL THEN
    RAISE EXCEPTION 'nothing is sealed yet' USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Call credit.seal_audit() first, in a transaction of its own.';
  END IF;
  IF earlier NOT BETWEEN 1 AND s.number THEN
    RAISE EXCEPTION 'there is no seal %', earlier USING ERRCODE = 'invalid_parameter_value';
  END IF;
  hashes := ARRAY(SELECT t.hash FROM credit_register.audit_seal t ORDER BY t.number);
  head := jsonb_build_object('credit_checkpoint', 1, 'seal', s.number, 'hash', encode(s.hash, 'hex'),
    'tree', encode(credit.audit_tree(hashes), 'hex'), 'timeline', s.timeline, 'node', s.node::text,
    'sealed_at', extract(epoch FROM s.at)::text,
    'events', (SELECT sum(t.events) FROM credit_register.audit_seal t WHERE t.kind = 'events'));
  SELECT * INTO signed FROM credit.audit_sign(credit.audit_checkpoint_digest(head::json));
  head := head || jsonb_build_object('signed', signed.key IS NOT NULL, 'key', signed.key, 'signature', encode(signed.signature, 'hex'));
  IF earlier IS NOT NULL THEN
    head := head || jsonb_build_object('after', earlier, 'proof',
      (SELECT coalesce(jsonb_agg(encode(p.hash, 'hex') ORDER BY p.i), '[]')
         FROM unnest(credit.audit_proof(hashes, earlier::int)) WITH ORDINALITY p(hash, i)));
  END IF;
  RETURN head::text;
END
$$;
COMMENT ON FUNCTION credit.checkpoint(bigint) IS
  'The head of the chain, signed if the key file has a key of audit, to be kept elsewhere; with the proof that it goes on from an earlier seal. Definer, reads the seals';
REVOKE ALL ON FUNCTION credit.checkpoint(bigint) FROM PUBLIC;

-- Its exception block is a subtransaction, which parallel workers cannot have.
CREATE FUNCTION credit.check_checkpoint(checkpoint text, earlier text) RETURNS bool
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  head json;
  before json;
  seals bigint[];
  trees bytea[];
  proof bytea[];
BEGIN
  BEGIN
    head := checkpoint::json;
    before := earlier::json;
    seals := ARRAY[before ->> 'seal', head ->> 'seal']::bigint[];
    trees := ARRAY[decode(before ->> 'tree', 'hex'), decode(head ->> 'tree', 'hex')];
    IF json_typeof(head -> 'proof') = 'array' THEN
      proof := ARRAY(SELECT decode(p.hash, 'hex') FROM json_array_elements_text(head -> 'proof') WITH ORDINALITY p(hash, i) ORDER BY p.i);
    END IF;
  EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'this is no checkpoint' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give what credit.checkpoint() gave.';
  END;
  IF proof IS NULL OR (head ->> 'after') IS DISTINCT FROM (before ->> 'seal') THEN
    RAISE EXCEPTION 'the checkpoint has no proof for the earlier one' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Make it with credit.checkpoint(number of the earlier one''s seal).';
  END IF;
  RETURN coalesce(credit.audit_proves(seals[1], seals[2], trees[1], trees[2], proof), false);
END
$$;
COMMENT ON FUNCTION credit.check_checkpoint(text, text) IS
  'Whether a checkpoint with proof goes on from an earlier checkpoint; needs neither register nor key';

CREATE FUNCTION credit.audit_check_seals(since bigint, until bigint)
  RETURNS TABLE (number bigint, sealed bigint, changes bigint, root bytea, found credit.audit_found)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  months timestamptz[];
  numbers bigint[];
BEGIN
  SELECT array_agg(r.month), array_agg(r.number) INTO months, numbers FROM credit_register.audit_seal r WHERE r.kind = 'retired';
  -- Each seal reads its own events, so workers share them out.  In the list, not
  -- behind FROM: there the planner counts the cost of the function once.
  RETURN QUERY
    SELECT s.number, s.events, s.changes, s.root,
           credit.audit_root(s.node, s.from_xid, s.before_xid, s.month, credit.audit_next_month(s.month))
      FROM credit_register.audit_seal s
     WHERE s.kind = 'events' AND s.number > since AND s.number <= until
       AND NOT EXISTS (SELECT FROM unnest(months, numbers) r(month, number) WHERE r.month = s.month AND r.number > s.number);
END
$$;
COMMENT ON FUNCTION credit.audit_check_seals(bigint, bigint) IS
  'What the events under each seal are found to be, in any order; runs in parallel';
REVOKE ALL ON FUNCTION credit.audit_check_seals(bigint, bigint) FROM PUBLIC;

CREATE FUNCTION credit.audit_outside(since bigint, until bigint) RETURNS TABLE (xid bigint, n int)
  LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
  SET search_path = pg_catalog, pg_temp
  AS $$
    WITH s AS (
      SELECT x.node, x.month, x.from_xid, x.before_xid,
             min(x.from_xid) FILTER (WHERE x.number > since) OVER w AS first, max(x.before_xid) OVER w AS horizon,
             coalesce(r.number > x.number, false) AS retired
        FROM credit_register.audit_seal x
        LEFT JOIN (SELECT y.month, max(y.number) AS number FROM credit_register.audit_seal y WHERE y.kind = 'retired' GROUP BY 1) r
          ON r.month = x.month
       WHERE x.kind = 'events' AND x.number <= until WINDOW w AS (PARTITION BY x.node)),
    month AS (SELECT s.node, s.month, s.first, s.horizon, max(s.before_xid) AS last FROM s WHERE NOT s.retired GROUP BY 1, 2, 3, 4),
    -- Transactions of a month between its seals, and after the last; then times between the sealed months.
    gap AS (
      SELECT s.node, coalesce(lag(s.before_xid) OVER w, s.first) AS from_xid, s.from_xid AS before_xid,
             s.month AS from_time, credit.audit_next_month(s.month) - interval '1 microsecond' AS to_time, s.first
        FROM s WHERE NOT s.retired WINDOW w AS (PARTITION BY s.node, s.month ORDER BY s.from_xid)
      UNION ALL
      SELECT m.node, m.last, m.horizon, m.month, credit.audit_next_month(m.month) - interval '1 microsecond', m.first FROM month m
      UNION ALL
      SELECT m.node, m.first, m.horizon,
             coalesce(credit.audit_next_month(lag(m.month) OVER (PARTITION BY m.node ORDER BY m.month)), '-infinity'),
             m.month - interval '1 microsecond', m.first
        FROM month m
      UNION ALL
      SELECT s.node, s.first, s.horizon, coalesce(credit.audit_next_month(max(s.month) FILTER (WHERE NOT s.retired)), '-infinity'),
             'infinity', s.first
        FROM s GROUP BY s.node, s.first, s.horizon)
    SELECT e.xid, e.n
      FROM gap g
     CROSS JOIN LATERAL (SELECT e.xid, e.n FROM credit_register.audit_event e
                          WHERE e.node = g.node AND e.xid >= greatest(g.from_xid, g.first) AND e.xid < g.before_xid
                            AND e.at >= g.from_time AND e.at <= g.to_time LIMIT 100) e
     WHERE g.first IS NOT NULL AND greatest(g.from_xid, g.first) < g.before_xid AND g.from_time <= g.to_time
     LIMIT 100
  $$;
COMMENT ON FUNCTION credit.audit_outside(bigint, bigint) IS
  'Events of sealed transactions that no seal has: what lies between the seals must be empty';
REVOKE ALL ON FUNCTION credit.audit_outside(bigint, bigint) FROM PUBLIC;

CREATE FUNCTION credit.audit_check_chain(checkpoint json) RETURNS TABLE (finding text, seal bigint, detail text)
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  s record;
  expected bytea := '\x';
  next_number bigint := 1;
  anchor bigint := (checkpoint ->> 'seal')::bigint;
BEGIN
  FOR s IN SELECT x.number, x.previous, x.hash, x.timeline,
                  x.hash = credit.audit_seal_hash(x.number, x.kind, x.node, x.timeline, x.from_xid, x.before_xid, x.month, x.at,
                    x.events, x.changes, x.root, x.previous) AS good
             FROM credit_register.audit_seal x ORDER BY x.number LOOP
    seal := s.number;
    IF s.number > next_number THEN
      finding := 'seal missing';
      detail := format('seals %s to %s', next_number, s.number - 1);
      RETURN NEXT;
    ELSIF s.previous <> expected THEN
      finding := 'chain broken';
      detail := format('seal %s does not follow from the one before it', s.number);
      RETURN NEXT;
    END IF;
    IF NOT s.good THEN
      finding := 'seal changed';
      detail := 'it does not have its hash';
      RETURN NEXT;
    END IF;
    expected := s.hash;
    next_number := s.number + 1;
    IF s.number = anchor AND (encode(s.hash, 'hex') IS DISTINCT FROM checkpoint ->> 'hash'
        OR encode(credit.audit_tree(ARRAY(SELECT x.hash FROM credit_register.audit_seal x WHERE x.number <= anchor ORDER BY x.number)),
             'hex') IS DISTINCT FROM checkpoint ->> 'tree') THEN
      finding := 'not the history of the checkpoint';
      detail := format('timeline %s here, %s in the checkpoint: the chain was written anew, or two servers went on from one state',
        s.timeline, checkpoint ->> 'timeline');
      RETURN NEXT;
    END IF;
  END LOOP;
  IF anchor >= next_number THEN
    finding := 'log ends before the checkpoint';
    seal := anchor;
    detail := format('the last seal here is %s', next_number - 1);
    RETURN NEXT;
  END IF;
END
$$;
COMMENT ON FUNCTION credit.audit_check_chain(json) IS
  'Findings in the chain of seals, alone and against a checkpoint';
REVOKE ALL ON FUNCTION credit.audit_check_chain(json) FROM PUBLIC;

CREATE FUNCTION credit.audit_check_signature(checkpoint json) RETURNS text
  LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF checkpoint ->> 'signature' IS NULL THEN
    -- Where signing is possible, a signature that was taken away must not pass.
    RETURN CASE WHEN (SELECT s.key FROM credit.audit_sign('\x') s) IS NOT NULL THEN 'checkpoint not signed' END;
  END IF;
  RETURN CASE credit.audit_signed(credit.audit_checkpoint_digest(checkpoint), (checkpoint ->> 'key')::int,
      decode(checkpoint ->> 'signature', 'hex'))
    WHEN true THEN NULL WHEN false THEN 'checkpoint forged' ELSE 'signature not checked' END;
END
$$;
COMMENT ON FUNCTION credit.audit_check_signature(json) IS
  'What is wrong with the signature of a checkpoint, or NULL; none is asked for where there is no key of audit';
REVOKE ALL ON FUNCTION credit.audit_check_signature(json) FROM PUBLIC;

CREATE FUNCTION credit.verify_audit(checkpoint text DEFAULT NULL, since bigint DEFAULT 0, until bigint DEFAULT NULL)
  RETURNS TABLE (ok bool, finding text, seal bigint, event text, detail text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 10
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_variable
DECLARE
  found record;
  last_number bigint := coalesce(until, (SELECT max(x.number) FROM credit_register.audit_seal x), 0);
  anchor json;
  checked bigint := 0;
  findings bigint := 0;
  events bigint;
  changed bigint;
  name text;
BEGIN
  BEGIN
    anchor := checkpoint::json;
  EXCEPTION WHEN invalid_text_representation THEN
    RAISE EXCEPTION 'this is no checkpoint' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give what credit.checkpoint() gave.';
  END;
  ok := false;
  FOR found IN
    SELECT f.finding, (anchor ->> 'seal')::bigint AS seal,
           'what it says cannot be trusted; the key file has its key if it was made here' AS detail
      FROM credit.audit_check_signature(anchor) f(finding) WHERE f.finding IS NOT NULL
    UNION ALL
    SELECT * FROM credit.audit_check_chain(anchor)
  LOOP
    finding := found.finding;
    seal := found.seal;
    detail := found.detail;
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  FOR found IN SELECT * FROM credit.audit_check_seals(since, last_number) c ORDER BY c.number LOOP
    events := (found.found).events;
    changed := (found.found).changed;
    checked := checked + events;
    CONTINUE WHEN (found.found).root = found.root AND (found.found).changes = found.changes AND changed = 0;
    findings := findings + 1;
    seal := found.number;
    FOREACH name IN ARRAY coalesce((found.found).shown, '{}') LOOP
      finding := 'event changed';
      event := name;
      detail := 'it does not have its hash';
      RETURN NEXT;
    END LOOP;
    event := NULL;
    IF events <> found.sealed OR changed = 0 THEN
      finding := CASE WHEN events < found.sealed THEN 'events missing' WHEN events > found.sealed THEN 'events inserted'
                 ELSE 'events replaced' END;
      detail := format('%s events sealed, %s found', found.sealed, events);
      RETURN NEXT;
    END IF;
  END LOOP;
  FOR found IN SELECT * FROM credit.audit_outside(since, last_number) LOOP
    finding := 'event outside the seals';
    seal := NULL;
    event := format('%s:%s', found.xid, found.n);
    detail := 'its transaction was sealed without it';
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  event := NULL;
  FOR found IN SELECT l.relation FROM credit_register.audit_layout l
                WHERE l.id <> credit.audit_layout_id(l.relation, l.names, l.types, l.flags) LOOP
    finding := 'layout changed';
    seal := NULL;
    detail := format('events of %s cannot be read by it', found.relation);
    findings := findings + 1;
    RETURN NEXT;
  END LOOP;
  ok := findings = 0;
  finding := 'summary';
  seal := last_number;
  detail := format('%s sealed events checked; ', checked) || CASE
    WHEN findings > 0 THEN 'see the findings'
    WHEN anchor IS NULL THEN 'complete up to the last seal, but without a checkpoint kept elsewhere nobody can tell whether the end was cut off or all was written anew'
    WHEN anchor ->> 'signature' IS NULL THEN format('in line with the unsigned checkpoint at seal %s; what is newer rests on the chain alone', anchor ->> 'seal')
    ELSE format('in line with the checkpoint at seal %s, signed with key %s; what is newer rests on the chain alone', anchor ->> 'seal', anchor ->> 'key') END;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION credit.verify_audit(text, bigint, bigint) IS
  'Findings in the audit: changed, missing, inserted, cut off; the last row sums up. Definer, reads events without showing them';
REVOKE ALL ON FUNCTION credit.verify_audit(text, bigint, bigint) FROM PUBLIC;
