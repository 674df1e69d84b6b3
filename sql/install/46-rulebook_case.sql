-- Rule cases: a rulebook that carries its own tests (doc/rulebook_case.md)

-- What a case is given has the form of its key.  Asked before the casts, whose errors are
-- those of an answer: 22008 is how a rulebook says that its calendar is over.
CREATE FUNCTION credit.checked_given(given jsonb) RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
	bad record;
BEGIN
	IF jsonb_typeof(given) <> 'object'
		OR given ? 'records' AND NOT given @? 'strict $.records ? (@.type() == "array" && !exists(@[*] ? (@.type() != "object")))' THEN
		RAISE EXCEPTION 'a case is given an object, and in it records as an array of objects' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT g.key, f.form INTO bad
	  FROM (SELECT e.key, e.value FROM jsonb_each(given) AS e
			UNION ALL
			SELECT 'records.' || e.key, e.value FROM jsonb_array_elements(given -> 'records') AS r, jsonb_each(r) AS e) AS g (key, value),
		   LATERAL (SELECT CASE
					WHEN k.name = ANY ('{document_date,conduct_end,displayed_from,fulfilled_on,happened_on,day,as_of,from_day,to_day}') THEN 'a day as "2026-01-31"'
					WHEN k.name = 'n' THEN 'an integer of nine digits at most'
					WHEN k.name = ANY ('{points,amount}') THEN 'a number of twelve digits at most'
					WHEN k.name = 'natural_person' THEN 'true or false'
					WHEN k.name = 'severity' THEN '"minor", "general" or "serious"'
					WHEN k.name = ANY ('{item,deadline,state}') THEN 'a text' END
					  FROM (SELECT regexp_replace(g.key, '^records\.', '')) AS k (name)) AS f (form)
	 WHERE jsonb_typeof(g.value) <> 'null'
	   AND NOT CASE f.form
			   WHEN 'a day as "2026-01-31"' THEN jsonb_typeof(g.value) = 'string' AND length(g.value #>> '{}') = 10 AND credit.html_day(g.value #>> '{}') IS NOT NULL
			   WHEN 'an integer of nine digits at most' THEN g.value #>> '{}' ~ '^-?[0-9]{1,9}$'
			   WHEN 'a number of twelve digits at most' THEN g.value #>> '{}' ~ '^-?[0-9]{1,12}(\.[0-9]{1,12})?$'
			   WHEN 'true or false' THEN jsonb_typeof(g.value) = 'boolean'
			   WHEN '"minor", "general" or "serious"' THEN g.value #>> '{}' = ANY ('{minor,general,serious}')
			   WHEN 'a text' THEN jsonb_typeof(g.value) = 'string'
			   ELSE true END
	 ORDER BY g.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'a case is given "%" in another form', bad.key USING ERRCODE = 'invalid_parameter_value', HINT = format('It is %s.', bad.form);
	END IF;
	RETURN given;
END
$function$;
COMMENT ON FUNCTION credit.checked_given(jsonb) IS 'What a case is given; 22023 for a day that is none, or a word for a number. Of answer_case()';

-- One question, in the words of a case.  A key that the question does not know is
-- refused: passed over, it would make the case say something else than it reads.
CREATE FUNCTION credit.answer_case(book credit.rulebook, ask text, given jsonb) RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000
	SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
	said CONSTANT jsonb := credit.checked_given(given);
	record_keys CONSTANT text[] := '{item,severity,document_date,conduct_end,displayed_from}';
	known text[] := CASE ask
		WHEN 'display_period' THEN record_keys
		WHEN 'displayed_on' THEN record_keys || '{day}'::text[]
		WHEN 'next_change' THEN record_keys || '{as_of}'::text[]
		WHEN 'repair' THEN '{item,severity,document_date,conduct_end,fulfilled_on,facts,as_of}'
		WHEN 'add_workdays' THEN '{day,n}'
		WHEN 'is_workday' THEN '{day}'
		WHEN 'workdays_between' THEN '{from_day,to_day}'
		WHEN 'deadline' THEN '{deadline,day}'
		WHEN 'grade' THEN '{points,as_of,records}'
		WHEN 'score' THEN '{as_of,records}'
		WHEN 'public_display' THEN record_keys || '{natural_person,day}'::text[]
	END;
	score_keys CONSTANT text[] := '{item,severity,happened_on,amount,state}';
	stray text := (SELECT k FROM (SELECT k FROM jsonb_object_keys(said) AS k WHERE k <> ALL (known)
								  UNION ALL
								  SELECT 'records.' || k FROM jsonb_array_elements(said -> 'records') AS r, jsonb_object_keys(r) AS k
								   WHERE k <> ALL (score_keys)) AS s
					ORDER BY k COLLATE "C" LIMIT 1);
	item text := said ->> 'item';
	severity credit.severity := said ->> 'severity';
	document_date date := said ->> 'document_date';
	conduct_end date := said ->> 'conduct_end';
	displayed_from date := said ->> 'displayed_from';
	fulfilled_on date := said ->> 'fulfilled_on';
	facts jsonb := nullif(said -> 'facts', 'null');
	day date := said ->> 'day';
	as_of date := said ->> 'as_of';
	period daterange;
	points numeric := said ->> 'points';
BEGIN
	IF known IS NULL THEN
		RAISE EXCEPTION 'a case cannot ask "%"', ask
			USING ERRCODE = 'invalid_parameter_value', HINT = 'doc/rulebook.md lists what it can ask.';
	ELSIF stray IS NOT NULL THEN
		RAISE EXCEPTION 'a case that asks "%" is not given "%"', ask, stray
			USING ERRCODE = 'invalid_parameter_value', HINT = format('It is given %s%s.', array_to_string(known, ', '),
												  CASE WHEN 'records' = ANY (known) THEN ', of which each has ' || array_to_string(score_keys, ', ') ELSE '' END);
	END IF;
	IF said ? 'records' THEN
		points := (SELECT credit.score(book, as_of, r.item, r.severity, r.happened_on, r.amount, r.state)::numeric
					 FROM jsonb_to_recordset(said -> 'records')
						  AS r (item text, severity credit.severity, happened_on date, amount numeric, state text));
	END IF;
	CASE ask
		WHEN 'display_period' THEN
			period := credit.display_period(book, item, severity, document_date, conduct_end, displayed_from);
			RETURN to_jsonb(CASE WHEN isempty(period) THEN 'empty'
							WHEN period IS NOT NULL THEN format('[%s,%s)', to_jsonb(lower(period)) #>> '{}', to_jsonb(upper(period)) #>> '{}') END);
		WHEN 'displayed_on' THEN
			RETURN to_jsonb(credit.displayed_on(book, item, severity, document_date, conduct_end, displayed_from, day));
		WHEN 'next_change' THEN
			RETURN to_jsonb(credit.next_change(book, item, severity, document_date, conduct_end, displayed_from, as_of));
		WHEN 'repair' THEN
			RETURN jsonb_build_object('repairable_from', credit.repairable_from(book, item, severity, document_date, conduct_end, fulfilled_on, facts, as_of))
				|| (SELECT jsonb_object_agg(c.condition, jsonb_build_object('met', c.met, 'earliest', c.earliest, 'basis', c.basis))
					  FROM credit.repair_check(book, item, severity, document_date, conduct_end, fulfilled_on, facts, as_of) AS c);
		WHEN 'add_workdays' THEN
			RETURN to_jsonb(credit.add_workdays(book, day, (said ->> 'n')::int));
		WHEN 'is_workday' THEN
			RETURN to_jsonb(credit.is_workday(book, day));
		WHEN 'workdays_between' THEN
			RETURN to_jsonb(credit.workdays_between(book, (said ->> 'from_day')::date, (said ->> 'to_day')::date));
		WHEN 'deadline' THEN
			RETURN to_jsonb(credit.deadline(book, said ->> 'deadline', day));
		WHEN 'grade' THEN
			RETURN to_jsonb(credit.grade(book, points::text::credit.points));
		WHEN 'score' THEN
			RETURN to_jsonb(trim_scale(points));
		WHEN 'public_display' THEN
			RETURN to_jsonb(credit.public_display(book, item, (said ->> 'natural_person')::boolean, severity, document_date, conduct_end, displayed_from, day));
	END CASE;
END
$function$;
COMMENT ON FUNCTION credit.answer_case(credit.rulebook, text, jsonb) IS
	'The answer of a rulebook to a question in the words of its cases, as JSON';

-- Its exception blocks are subtransactions, which parallel workers cannot have.
CREATE FUNCTION credit.run_rule_cases(book credit.rulebook)
	RETURNS TABLE (name text, ok boolean, got text, expected text)
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 100000 ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
	rule_case jsonb;
	answer jsonb;
	expect jsonb;
BEGIN
	FOR rule_case IN SELECT e.c FROM jsonb_array_elements(credit.jsonb(book) -> 'cases') WITH ORDINALITY AS e (c, n) ORDER BY e.n
	LOOP
		name := rule_case ->> 'name';
		expect := rule_case -> 'expect';
		BEGIN
			answer := coalesce(credit.answer_case(book, rule_case ->> 'ask', rule_case -> 'given'), 'null');
		EXCEPTION WHEN others THEN
			answer := jsonb_build_object('error', SQLSTATE);
		END;
		IF rule_case ->> 'ask' = 'repair' AND jsonb_typeof(expect) = 'object' AND NOT answer ? 'error' THEN
			-- Only what the case names; a condition that is not listed is null.
			answer := coalesce((SELECT jsonb_object_agg(e.key, coalesce(
				CASE WHEN jsonb_typeof(e.value) = 'object' THEN
					(SELECT jsonb_object_agg(f.key, answer -> e.key -> f.key) FROM jsonb_each(e.value) AS f WHERE answer -> e.key ? f.key)
				ELSE answer -> e.key END, 'null')) FROM jsonb_each(expect) AS e), '{}');
		END IF;
		ok := answer = expect;
		got := CASE WHEN answer ? 'error' THEN 'error ' || (answer ->> 'error') ELSE answer #>> '{}' END;
		expected := CASE WHEN jsonb_typeof(expect) = 'object' AND expect ? 'error' THEN 'error ' || (expect ->> 'error') ELSE expect #>> '{}' END;
		RETURN NEXT;
	END LOOP;
END
$function$;
COMMENT ON FUNCTION credit.run_rule_cases(credit.rulebook) IS
	'Asks the cases that a rulebook carries, and compares: one row a case, in their order';
