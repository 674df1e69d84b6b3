-- A draft: general penalties are shown for half a year more.  Nothing is written by trying it.
SELECT jsonb_set(b, '{display}', (SELECT jsonb_agg(CASE WHEN d ->> 'id' = 'o36_general' OR d ->> 'months' = '12' THEN jsonb_set(d, '{months}', '18') ELSE d END) FROM jsonb_array_elements(b -> 'display') d)) - 'cases' AS draft
  FROM credit.jsonb(credit.rulebook_on(credit.today())) b \gset
SELECT aspect, change, sum(records) AS records FROM credit.simulate(credit.rulebook_on(credit.today()), :'draft'::credit.rulebook, credit.today(), 'credit_register.record') GROUP BY 1, 2 ORDER BY 1, 2;
\c - demo_auditor
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.holds('every stored score replays to the digit', mismatches = 0, scores || ' scores') FROM credit.replay(demo.note('job')::uuid) \g (tuples_only=on format=unaligned)
COMMIT;
