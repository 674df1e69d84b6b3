SELECT p.record AS firm_record FROM credit_register.public_record p JOIN credit_register.subject s USING (subject)
 WHERE s.kind = 'organisation' AND p.stance = 'bad' AND p.severity = 'serious' ORDER BY p.document_date DESC, p.record LIMIT 1 \gset
\c - demo_publisher
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.publish(:'firm_record', 'black', '诚信宣传月', credit.today() + 90) \gset
SELECT demo.refused('a natural person on the portal, unless the item says so', format('SELECT credit.publish(%L, ''black'', ''x'', credit.today() + 90)', demo.note('penalty')), 'CR603') \g (tuples_only=on format=unaligned)
SELECT name, number, item, severity, document_date FROM credit.public_records('black') LIMIT 3;
SELECT fresh, withdrawn FROM credit.push('zibo');
SELECT kind, count(*) FROM credit.fetch_deliveries('zibo', 100000) GROUP BY kind ORDER BY kind;
COMMIT;
\c - postgres
SELECT demo.holds('nobody but organisations, and persons by law, is on the portal', count(*) = 0)
  FROM credit_register.public_record p JOIN credit_register.subject s USING (subject)
 WHERE s.kind <> 'organisation' AND NOT (SELECT i.public_persons FROM credit.rulebook_items(credit.rulebook_on(credit.today())) i WHERE i.id = p.item) \g (tuples_only=on format=unaligned)
SELECT demo.holds('the city was told to stop using what was repaired and withdrawn', count(*) >= 1, count(*) || ' word(s)') FROM credit_register.delivery
 WHERE kind = 'stop_use' AND record IN (demo.note('arrears')::uuid, demo.note('court')::uuid) \g (tuples_only=on format=unaligned)
