INSERT INTO credit_register.duty_item (provider, item, owed, basis)
  SELECT v.provider, v.item, '[2020-01-01,)', '源政办发〔2018〕39号（九）' FROM (VALUES ('police', 'administrative_penalty'), ('police', 'traffic_violation'), ('market', 'key_field_penalty'),
    ('tax', 'tax_dishonesty'), ('court', 'court_defaulter'), ('water', 'utility_arrears'), ('education', 'exam_cheating'), ('youth', 'volunteer_hours')) v (provider, item);
SELECT to_char(date_trunc('quarter', credit.today()::timestamp) - interval '2 months', 'YYYY-MM-DD') AS month, to_char(date_trunc('quarter', credit.today()::timestamp), 'YYYY-MM-DD') AS received \gset
-- The month for which education has least: nothing to report is said, and told apart from silence.
\c - demo_education
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT max(m)::date AS quiet, count(*) > 0 AS has_quiet FROM generate_series(date '2020-01-01', date :'month', interval '1 month') m
 WHERE NOT EXISTS (SELECT FROM credit_register.record r WHERE r.item = 'exam_cheating' AND date_trunc('month', r.document_date::timestamp) = m) \gset
\if :has_quiet
SELECT state AS before FROM credit.coverage(:'quiet') WHERE item = 'exam_cheating' \gset
SELECT credit.nil_return('education', 'exam_cheating', :'quiet') \gset
SELECT demo.holds('"nothing to report" is told apart from "did not report"', :'before' = 'missing' AND state = 'nil', :'before' || ' → ' || state)
  FROM credit.coverage(:'quiet') WHERE item = 'exam_cheating' \g (tuples_only=on format=unaligned)
\endif
COMMIT;
\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT provider, item, state, records FROM credit.coverage(:'month') ORDER BY 1, 2;
SELECT provider, batches, read_rows, filed_rows, held_rows, error_rate, on_time, owed, missing FROM credit.provider_scorecard(:'received') WHERE batches > 0;
SELECT count(*) AS late_records, max(days_late) AS most_days FROM credit.late_records(:'received');
COMMIT;
