SELECT credit.reveal(s.subject)::text AS code FROM credit_register.subject s WHERE s.subject = demo.note('zhang')::credit.pseudonym \gset
SELECT credit.reveal(s.subject)::text AS clean FROM credit_register.subject s WHERE s.kind = 'citizen' AND NOT s.minor AND NOT EXISTS (SELECT FROM credit_register.record r WHERE r.subject = s.subject AND r.stance = 'bad')
   AND s.registered_at < now() ORDER BY s.subject LIMIT 1 \gset
\c - demo_window
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.refused('a look without a registered inquiry', format('SELECT credit.green_channel(%L)', :'code'), '55000') \g (tuples_only=on format=unaligned)
SELECT credit.open_inquiry(:'code', 'administration', '窗口受理 1号') AS i1, credit.open_inquiry(:'clean', 'administration', '窗口受理 2号') AS i2 \gset
COMMIT;
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT ok, reason, since FROM credit.green_channel(:'code') UNION ALL SELECT ok, reason, since FROM credit.green_channel(:'clean');
SELECT demo.holds('somebody without a bad record passes', ok) FROM credit.green_channel(:'clean') \g (tuples_only=on format=unaligned)
COMMIT;
