\c - demo_publisher
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT count(credit.subscribe('zibo', i, 'administration', '鲁政办发〔2021〕 号 第八条', daterange(credit.today(), credit.today() + 365))) AS items
  FROM unnest('{administrative_penalty,key_field_penalty,traffic_violation,tax_dishonesty,court_defaulter,labour_model,excellent_volunteer}'::text[]) i \gset
SELECT fresh, withdrawn FROM credit.push('zibo');
COMMIT;
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT count(credit.acknowledge(d.delivery, 'ZB-' || left(d.delivery::text, 8))) AS acknowledged FROM credit.fetch_deliveries('zibo', 1000) d;
SELECT demo.holds('the same push again sends nothing', fresh = 0 AND withdrawn = 0) FROM credit.push('zibo') \g (tuples_only=on format=unaligned)
COMMIT;
\c - postgres
SELECT demo.holds('what is sent says until when it may be shown, and no score', bool_and(shown_until >= credit.today() AND NOT content ?| '{score,points,grade}'), count(*) || ' deliveries')
  FROM credit_register.delivery \g (tuples_only=on format=unaligned)
