-- What if: the same records under two rulebooks (doc/simulate.md)

-- The column of a relation as an expression of the type that the decisions take;
-- NULL of that type where there is no such column.
CREATE FUNCTION credit.simulate_column(relation regclass, wanted name, required boolean, kind regtype, taken regtype[]) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
	kind_found oid := (SELECT coalesce(nullif(t.typbasetype, 0), t.oid)
				 FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
				WHERE a.attrelid = relation AND a.attname = wanted AND a.attnum > 0 AND NOT a.attisdropped);
BEGIN
	IF kind_found IS NULL THEN
		IF required THEN
			RAISE EXCEPTION 'relation "%" has no column "%"', relation, wanted
				USING ERRCODE = 'undefined_column',
					  HINT = 'It needs item and document_date, and may have severity, conduct_end, displayed_from, fulfilled_on, facts, subject, happened_on, amount, state: give a view that names them so.';
		END IF;
		RETURN format('NULL::%s', kind);
	ELSIF kind_found <> ALL (taken::oid[]) THEN
		RAISE EXCEPTION 'column "%" of relation "%" is of type %, not %', wanted, relation, format_type(kind_found, NULL), format_type(kind, NULL)
			USING ERRCODE = 'datatype_mismatch', HINT = 'Give a view that casts it.';
	END IF;
	RETURN format('t.%I::%s', wanted, kind);
END
$function$;
COMMENT ON FUNCTION credit.simulate_column(regclass, name, boolean, regtype, regtype[]) IS
	'Part of credit.simulate: a column of its relation, checked, or NULL';

-- Asked about an item that no display rule is for, the display room raises an
-- error; here it is a record that is not displayed.
CREATE FUNCTION credit.simulate_displayed(book jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ARRAY(SELECT (i ->> 'id') || ':' || coalesce(s, '')
				   FROM jsonb_array_elements(book -> 'items') AS i, unnest('{minor,general,serious,NULL}'::text[]) AS s
				  WHERE EXISTS (SELECT FROM jsonb_array_elements(book -> 'display') AS d
								 WHERE CASE WHEN d ? 'items' THEN d -> 'items' ? (i ->> 'id')
									   ELSE coalesce(d -> 'stances', '["bad"]') ? (i ->> 'stance') END
								   AND (NOT d ? 'severity' OR d -> 'severity' ? s)));
COMMENT ON FUNCTION credit.simulate_displayed(jsonb) IS
	'Part of credit.simulate: item:severity of everything that a display rule is for';

-- Restricted: the relation may be a temporary table.
CREATE FUNCTION credit.simulate(book_a credit.rulebook, book_b credit.rulebook, as_of date, relation regclass)
	RETURNS TABLE (aspect text, item text, severity credit.severity, change text, records bigint, most_days int)
	LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 50
	SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
	items_a text[] := ARRAY(SELECT i ->> 'id' FROM jsonb_array_elements(credit.jsonb(book_a) -> 'items') AS i);
	items_b text[] := ARRAY(SELECT i ->> 'id' FROM jsonb_array_elements(credit.jsonb(book_b) -> 'items') AS i);
	displayed_a text[] := credit.simulate_displayed(credit.jsonb(book_a));
	displayed_b text[] := credit.simulate_displayed(credit.jsonb(book_b));
	scored_a boolean := credit.jsonb(book_a) ? 'score';
	scored_b boolean := credit.jsonb(book_b) ? 'score';
	has_subject boolean := EXISTS (SELECT FROM pg_attribute AS a
									WHERE a.attrelid = relation AND a.attname = 'subject' AND a.attnum > 0 AND NOT a.attisdropped);
	words CONSTANT regtype[] := '{text,varchar}';
	days CONSTANT regtype[] := '{date}';
	change_of CONSTANT text :=
		'CASE WHEN NOT d.known THEN ''unknown'' WHEN d.?_a IS NOT DISTINCT FROM d.?_b THEN ''same'' WHEN d.?_b IS NULL THEN ''never'' '
		'WHEN d.?_a IS NULL THEN ''new'' WHEN d.?_b < d.?_a THEN ''earlier'' ELSE ''later'' END';
	records_of text;
BEGIN
	IF (SELECT c.relkind FROM pg_class AS c WHERE c.oid = relation) IN ('r', 'p', 'v', 'm', 'f') IS NOT TRUE THEN
		RAISE EXCEPTION '"%" is not a table or a view', relation
			USING ERRCODE = 'wrong_object_type', HINT = 'Give a table, view, materialized view or foreign table of records.';
	END IF;
	-- Only names that the catalogues gave, quoted by them, come into the text.
	records_of := format(
		'SELECT %s AS item, %s AS severity, %s AS document_date, %s AS conduct_end, %s AS displayed_from, %s AS fulfilled_on, '
		'%s AS facts, coalesce(%s, %s) AS happened_on, %s AS amount, %s AS state, %s AS subject FROM %s AS t',
		credit.simulate_column(relation, 'item', true, 'text', words),
		credit.simulate_column(relation, 'severity', false, 'credit.severity', '{credit.severity}'),
		credit.simulate_column(relation, 'document_date', true, 'date', days),
		credit.simulate_column(relation, 'conduct_end', false, 'date', days),
		credit.simulate_column(relation, 'displayed_from', false, 'date', days),
		credit.simulate_column(relation, 'fulfilled_on', false, 'date', days),
		credit.simulate_column(relation, 'facts', false, 'jsonb', '{jsonb}'),
		credit.simulate_column(relation, 'happened_on', false, 'date', days),
		credit.simulate_column(relation, 'document_date', true, 'date', days),
		credit.simulate_column(relation, 'amount', false, 'numeric', '{numeric,int2,int4,int8}'),
		credit.simulate_column(relation, 'state', false, 'text', words),
		CASE WHEN has_subject THEN 't.subject::text' ELSE 'NULL::text' END,
		relation);
	-- Counted by both changes together before they become rows of their own: the
	-- decisions must not stand in VALUES, which would forget the rulebooks row by row.
	RETURN QUERY EXECUTE format($query$
		SELECT v.aspect, g.item, g.severity, v.change, sum(g.records)::bigint, max(v.days)
		  FROM (SELECT c.item, c.severity, c.end_change, c.repair_change, count(*) AS records,
					   max(abs(c.end_b - c.end_a)) AS end_days, max(abs(c.repair_b - c.repair_a)) AS repair_days
				  FROM (SELECT d.*, %1$s AS end_change, %2$s AS repair_change
						  FROM (SELECT r.item, r.severity, r.document_date IS NOT NULL AND coalesce(r.in_a OR r.in_b, false) AS known,
									   CASE WHEN r.kind = ANY ($6) THEN upper(credit.display_period($1, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) END AS end_a,
									   CASE WHEN r.kind = ANY ($7) THEN upper(credit.display_period($2, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)) END AS end_b,
									   CASE WHEN r.in_a THEN credit.repairable_from($1, r.item, r.severity, r.document_date, r.conduct_end, r.fulfilled_on, r.facts, $3) END AS repair_a,
									   CASE WHEN r.in_b THEN credit.repairable_from($2, r.item, r.severity, r.document_date, r.conduct_end, r.fulfilled_on, r.facts, $3) END AS repair_b
								  FROM (SELECT *, s.item = ANY ($4) AS in_a, s.item = ANY ($5) AS in_b, s.item || ':' || coalesce(s.severity::text, '') AS kind
										  FROM (%3$s) AS s OFFSET 0) AS r
								OFFSET 0) AS d) AS c
				 GROUP BY c.item, c.severity, c.end_change, c.repair_change) AS g,
			   LATERAL (VALUES (1, 'display_end', g.end_change, g.end_days), (2, 'repair', g.repair_change, g.repair_days)) AS v (place, aspect, change, days)
		 GROUP BY v.place, v.aspect, g.item, g.severity, v.change
		 ORDER BY v.place, g.item COLLATE "C", g.severity, v.change COLLATE "C"$query$,
		replace(change_of, '?', 'end'), replace(change_of, '?', 'repair'), records_of)
		USING book_a, book_b, as_of, items_a, items_b, displayed_a, displayed_b;
	IF has_subject AND (scored_a OR scored_b) THEN
		RETURN QUERY EXECUTE format($query$
			SELECT 'grade', NULL::text, NULL::credit.severity, c.change, count(*), NULL::int
			  FROM (SELECT coalesce(%s, 'none') || ' -> ' || coalesce(%s, 'none') AS change FROM (%s) AS r GROUP BY r.subject) AS c
			 GROUP BY c.change
			 ORDER BY c.change COLLATE "C"$query$,
			CASE WHEN scored_a THEN 'credit.grade($1, credit.score($1, $3, r.item, r.severity, r.happened_on, r.amount, r.state) FILTER (WHERE r.item = ANY ($4)))' ELSE 'NULL' END,
			CASE WHEN scored_b THEN 'credit.grade($2, credit.score($2, $3, r.item, r.severity, r.happened_on, r.amount, r.state) FILTER (WHERE r.item = ANY ($5)))' ELSE 'NULL' END,
			records_of)
			USING book_a, book_b, as_of, items_a, items_b;
	END IF;
END
$function$;
COMMENT ON FUNCTION credit.simulate(credit.rulebook, credit.rulebook, date, regclass) IS
	'What another rulebook would change for a table of records: counts of display ends, repairs and grades, no person in the answer';
