-- Repair (src/repair.c, src/repair_rule.c, src/repair_fact.c; doc/repair.md)

-- Not STRICT: severity, end of conduct, fulfilment and facts may be unknown.
CREATE FUNCTION credit.repair_check(book credit.rulebook, item text, severity credit.severity, document_date date,
	conduct_end date, fulfilled_on date, facts jsonb, as_of date)
	RETURNS TABLE (condition text, met bool, earliest date, basis text)
	AS 'MODULE_PATHNAME', 'repair_check'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 6;
COMMENT ON FUNCTION credit.repair_check(credit.rulebook, text, credit.severity, date, date, date, jsonb, date) IS
	'What the repair of a record needs on a day: each condition, whether it is met, from when, and by which law';

CREATE FUNCTION credit.repairable_from(book credit.rulebook, item text, severity credit.severity, document_date date,
	conduct_end date, fulfilled_on date, facts jsonb, as_of date) RETURNS date
	AS 'MODULE_PATHNAME', 'repair_from'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION credit.repairable_from(credit.rulebook, text, credit.severity, date, date, date, jsonb, date) IS
	'The first day on which every condition of a repair is met, as known on a day; NULL: one cannot be met as things stand';
