-- ---------------------------------------------------------------------------
-- subject, move: the rows of a file on their way to another, and who waits for them
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
  young uuid;
BEGIN
  -- By the number of the other file an act may be one under age: it is no record against that person.
  SELECT r.record INTO young FROM credit_register.record r
   WHERE chosen <> 'back' AND r.subject = source AND (chosen = 'all' OR r.record = ANY (records)) AND r.stance = 'bad' AND r.state IN ('active', 'disputed')
     AND credit.is_minor(target, r.happened_on) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'an act of this file would be one under age' USING ERRCODE = 'CR105', DETAIL = format('Record %s.', young),
      HINT = 'Acts of minors are not recorded against them: withdraw it first, by a case that is upheld with withdraw => true.';
  END IF;
  FOR place IN SELECT s.*, s.columns AS taken FROM credit.subject_tables() s ORDER BY s.level, s.name LOOP
    -- Nor is a record shown that is one of a minor's, by either number; on the way back it is as it was.
    -- Who is at one of these rows is waited for, and what he leaves is what moves.
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s t WHERE t.subject = $1 ORDER BY %s FOR UPDATE) held', place.relation, place.key) USING source;
    IF place.name = 'record' THEN
      place.taken := replace(', ' || place.columns || ',', ', minor,', CASE chosen
        WHEN 'back' THEN format(', t.stance <> ''bad'' AND (coalesce(credit.is_minor($2, t.happened_on), false) OR coalesce((SELECT m.minor FROM credit_register.moved_row m
          WHERE m.subject = $1 AND m.link = $3 AND m.came_from = $2 AND m.table_name = ''record'' AND m.key = %s), t.minor)),', place.key)
        ELSE ', t.stance <> ''bad'' AND (t.minor OR coalesce(credit.is_minor($2, t.happened_on), false)),' END);
      place.taken := btrim(place.taken, ', ');
    END IF;
    -- A row goes with its parent, and stays where its parent stays.
    SELECT coalesce(string_agg(format('EXISTS (SELECT FROM %s p JOIN credit_register.moved_row m ON m.subject = $2 AND m.link = $3
               AND m.table_name = %L AND m.came_from = $1 AND m.key = %s WHERE p.subject = $1 AND %s)',
               p.parent::regclass, p.parent_name, p.key, p.held), ' OR '), 'false'),
           coalesce(string_agg(format('NOT EXISTS (SELECT FROM %s p WHERE p.subject = $1 AND %s AND NOT EXISTS (
               SELECT FROM credit_register.moved_row m WHERE m.subject = $2 AND m.link = $3
                  AND m.table_name = %L AND m.came_from = $1 AND m.key = %s))', p.parent::regclass, p.held, p.parent_name, p.key), ' AND '), 'true')
      INTO follows, waits FROM credit.subject_parents() p WHERE p.child = place.relation;
    EXECUTE format('WITH gone AS (
        INSERT INTO %1$s AS t (subject, %2$s) SELECT $2, %7$s FROM %1$s t WHERE t.subject = $1 AND (%3$s) AND %4$s
            AND NOT coalesce($5 -> %6$L @> jsonb_build_array(%5$s), false)
          ON CONFLICT DO NOTHING RETURNING %5$s AS key)
      INSERT INTO credit_register.moved_row (subject, link, table_name, key, came_from, minor) SELECT $2, $3, %6$L, g.key, $1, %8$s FROM gone g',
      place.relation, place.columns,
      CASE chosen WHEN 'all' THEN 'true'
        WHEN 'records' THEN CASE place.name WHEN 'record' THEN 't.record = ANY ($4)' ELSE follows END
        ELSE format('EXISTS (SELECT FROM credit_register.moved_row m WHERE m.subject = $1 AND m.link = $3 AND m.came_from = $2
                       AND m.table_name = %L AND m.key = %s) OR %s', place.name, place.key, follows) END,
      waits, place.key, place.name, place.taken,
      CASE place.name WHEN 'record' THEN format('(SELECT t.minor FROM credit_register.record t WHERE t.subject = $1 AND %s = g.key)', place.key) ELSE 'NULL' END)
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
    -- The server's words would show a pseudonym.
    WHEN foreign_key_violation OR check_violation THEN
      RAISE EXCEPTION 'rows of the one file do not fit the other' USING ERRCODE = 'CR123',
        DETAIL = 'One of the two may be under age: what only adults have, such as a student file, stays with the other.', HINT = 'End it first.';
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

CREATE FUNCTION credit.hold_file(subject credit.pseudonym) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Before any record of it, as lock_pair() does: who waits here holds nothing that a merge waits for.
  PERFORM FROM credit_register.subject s WHERE s.subject = hold_file.subject FOR KEY SHARE;
END
$$;
COMMENT ON FUNCTION credit.hold_file(credit.pseudonym) IS
  'No merge or split moves this file until the transaction ends; one under way is waited for; for functions of the register alone';
REVOKE ALL ON FUNCTION credit.hold_file(credit.pseudonym) FROM PUBLIC;

CREATE FUNCTION credit.hold_current(filed_as credit.pseudonym) RETURNS credit.pseudonym
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whom credit.pseudonym;
BEGIN
  LOOP
    whom := credit.current_subject(filed_as);
    PERFORM credit.hold_file(whom);
    EXIT WHEN whom = credit.current_subject(filed_as);	-- else it was merged while we waited
  END LOOP;
  RETURN whom;
END
$$;
COMMENT ON FUNCTION credit.hold_current(credit.pseudonym) IS 'The file that a number is kept in, held as by hold_file(); for functions of the register alone';
REVOKE ALL ON FUNCTION credit.hold_current(credit.pseudonym) FROM PUBLIC;
