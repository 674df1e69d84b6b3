\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT kind, state, due FROM credit.case_queue() ORDER BY due LIMIT 5;
SELECT demo.refused('a decision without the evidence that was seen', format('SELECT credit.decide_dispute(%L, ''upheld'', NULL, ''{"fulfilled_on": "2026-01-01"}'')', demo.note('dispute')), 'CR202') \g (tuples_only=on format=unaligned)
SELECT credit.decide_dispute(demo.note('dispute')::uuid, 'upheld', '{回执}', jsonb_build_object('fulfilled_on', to_char(credit.today() - 30, 'YYYY-MM-DD'))) \gset
COMMIT;
\c - postgres
SELECT demo.holds('the record is shown again, corrected, as its next version', count(*) = 1, 'version ' || max(version)) FROM credit_register.shown_record
 WHERE record = demo.note('penalty')::uuid AND fulfilled_on = credit.today() - 30 \g (tuples_only=on format=unaligned)
SELECT demo.holds('everybody who had the old version was told', count(*) FILTER (WHERE NOT told) = 0, count(*) || ' receiver(s)')
  FROM (SELECT d.receiver, EXISTS (SELECT FROM credit_register.delivery c WHERE c.subject = d.subject AND c.record = d.record AND c.receiver = d.receiver AND c.kind = 'correction') AS told
          FROM credit_register.delivery d WHERE d.subject = demo.note('zhang')::credit.pseudonym AND d.record = demo.note('penalty')::uuid AND d.kind = 'data') x \g (tuples_only=on format=unaligned)
