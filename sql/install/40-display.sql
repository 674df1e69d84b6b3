-- display: how long a record may be shown.  Not STRICT, as severity, conduct_end
-- and displayed_from may be NULL; a NULL book, item, document_date or day gives NULL.

CREATE FUNCTION credit.display_period(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, displayed_from date DEFAULT NULL) RETURNS daterange
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.display_period(credit.rulebook, text, credit.severity, date, date, date) IS
  'The days on which a record may be shown: from displayed_from, or document_date, to the least end of all rules that apply';

CREATE FUNCTION credit.displayed_on(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, day date) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.displayed_on(credit.rulebook, text, credit.severity, date, date, date) IS
  'Is the day in the display period? The cheap form for filters, of a record shown from document_date on';

CREATE FUNCTION credit.displayed_on(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, displayed_from date, day date) RETURNS bool
  AS 'MODULE_PATHNAME', 'displayed_on_from' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.displayed_on(credit.rulebook, text, credit.severity, date, date, date, date) IS
  'Is the day in the display period? The cheap form for filters';

CREATE FUNCTION credit.displayed_if_known(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, displayed_from date, day date) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.displayed_if_known(credit.rulebook, text, credit.severity, date, date, date, date) IS
  'As displayed_on, but false, not an error, where the rulebook does not list the item: without a basis nothing is shown';

CREATE FUNCTION credit.public_display(book credit.rulebook, item text, natural_person bool, severity credit.severity,
    document_date date, conduct_end date, displayed_from date, day date) RETURNS bool
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.public_display(credit.rulebook, text, bool, credit.severity, date, date, date, date) IS
  'May the public see the record on the day? As displayed_on, but a natural person (or NULL) only if the item says public_persons';

CREATE FUNCTION credit.explain_display(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, displayed_from date DEFAULT NULL,
    OUT rule text, OUT basis text, OUT anchor text, OUT until date) RETURNS SETOF record
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION credit.explain_display(credit.rulebook, text, credit.severity, date, date, date) IS
  'Every display rule that applies to a record, the deciding one first, with the last day it allows; NULL while conduct continues';

CREATE FUNCTION credit.next_change(book credit.rulebook, item text, severity credit.severity,
    document_date date, conduct_end date, displayed_from date, as_of date) RETURNS date
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit.next_change(credit.rulebook, text, credit.severity, date, date, date, date) IS
  'The next day on which anything changes: display begins or has ended, repair may be asked for, a score rule no longer counts; NULL: nothing more';
