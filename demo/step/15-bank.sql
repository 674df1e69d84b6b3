SELECT credit.reveal(demo.note('zhang')::credit.pseudonym)::text AS code \gset
\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.authorize('demo_bank', 'consent', credit.today() + 1) AS consent \gset
COMMIT;
\c - demo_bank
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.refused('an inquiry without consent', format('SELECT credit.open_inquiry(%L, ''consent'', ''00000000-0000-0000-0000-000000000000'')', :'code'), '42501') \g (tuples_only=on format=unaligned)
SELECT credit.open_inquiry(:'code', 'consent', :'consent') AS inquiry \gset
SELECT demo.refused('reading in the transaction that registers', format('SELECT credit.report(%L)', :'inquiry'), '55000') \g (tuples_only=on format=unaligned)
COMMIT;
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.report(:'inquiry') AS report \gset
SELECT demo.holds('records, statement and watermark, and no score', r ? 'watermark' AND r::text !~ '"(score|points|grade)":' AND r::text ~ '罚款已于当日缴清',
                  jsonb_array_length(r -> 'records') || ' records') FROM (SELECT :'report'::jsonb) x (r) \g (tuples_only=on format=unaligned)
SELECT demo.refused('the same consent a second time', format('SELECT credit.open_inquiry(%L, ''consent'', %L)', :'code', :'consent'), '42501') \g (tuples_only=on format=unaligned)
ROLLBACK;
\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT provider, purpose, left(authorisation, 8) AS basis FROM credit.my_inquiries();
SELECT demo.holds('the person sees who asked, also where the reader rolled back', count(*) >= 2) FROM credit.my_inquiries() \g (tuples_only=on format=unaligned)
COMMIT;
