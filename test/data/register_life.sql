-- A small register that has lived: 300 rows of five offices handed in, held and mended,
-- objections, a repair, a list entry with measures, scores, deliveries, inquiries, a
-- publication, seals.  For tests that carry a whole register somewhere else; needs a
-- key file and credit in shared_preload_libraries.  Logins are life_*.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION credit;
SELECT credit.create_register() \gset
SELECT credit.adopt_rulebook('2018', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)') \gset
CREATE SCHEMA life;
GRANT USAGE ON SCHEMA life TO PUBLIC;
CREATE TABLE life.note (name text PRIMARY KEY, value text);
GRANT SELECT, INSERT ON life.note TO PUBLIC;
CREATE FUNCTION life.note(name text) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT n.value FROM life.note n WHERE n.name = note.name; END;
CREATE FUNCTION life.person(i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT d || substr('10X98765432', (SELECT sum(substr(d, k, 1)::int * (2 ^ (18 - k))::int)::int % 11 FROM generate_series(1, 17) k) + 1, 1)
    FROM (SELECT '370323' || to_char(date '1960-01-01' + i * 97, 'YYYYMMDD') || '001') x (d) $$;
CREATE FUNCTION life.firm(i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['914403001922038216', '91350203M0001QKT19?'])[1 + i % 2] $$;
-- What office p hands in as its batch b: 20 lines, the last one with a field that the catalogue does not have.
CREATE FUNCTION life.rows(p int, b int) RETURNS TABLE (line int, raw jsonb) LANGUAGE sql AS $$
  SELECT l, jsonb_strip_nulls(jsonb_build_object('subject', CASE WHEN l % 9 = 6 AND p IN (1, 2) THEN life.firm(b) ELSE life.person((l * 7 + b * 13 + p) % 60) END,
      'name', '某' || chr(19968 + CASE WHEN l % 9 = 6 AND p IN (1, 2) THEN 100 + b % 2 ELSE (l * 7 + b * 13 + p) % 60 END), 'item', (ARRAY['administrative_penalty', 'key_field_penalty', 'court_defaulter', 'volunteer_hours', 'charity_donation'])[p],
      'document_date', d::text, 'happened_on', (d - 3)::text, 'severity', CASE p WHEN 1 THEN 'general' WHEN 2 THEN CASE WHEN l % 3 = 0 THEN 'serious' ELSE 'minor' END WHEN 3 THEN 'serious' END,
      'document_no', CASE WHEN p <= 3 THEN format('文〔%s〕%s-%s', b, p, l) END, 'conduct_end', CASE WHEN p <= 3 THEN (d - 3)::text END,
      'final_on', CASE WHEN p <= 3 THEN (d + 1)::text END, 'fulfilled_on', CASE WHEN p = 1 AND l % 2 = 0 THEN (d + 9)::text END,
      'amount', CASE p WHEN 4 THEN '3' WHEN 5 THEN '500' END,
      'fields', CASE p WHEN 4 THEN jsonb_build_object('hours', '3', 'served_on', (d - 3)::text, 'certificate_number', format('V%s-%s', b, l))
                       WHEN 5 THEN jsonb_build_object('certificate_number', format('D%s-%s', b, l)) WHEN 3 THEN '{}'
                       ELSE jsonb_build_object('violation', '示例违法行为', 'fine_amount', '200') END
                || CASE WHEN l = 20 THEN '{"note": "x"}' ELSE '{}'::jsonb END))
    FROM generate_series(1, 20) l, LATERAL (SELECT credit.today() - 130 - l * 3 - b * 11) x (d) $$;
INSERT INTO credit_register.provider (provider, name, division)
  SELECT 'p' || i, (ARRAY['县公安局', '县市场监管局', '县法院', '团县委', '县民政局'])[i], '370323' FROM generate_series(1, 5) i;
INSERT INTO credit_register.receiver (receiver, name, kind) VALUES ('city', '信用淄博', 'platform');
INSERT INTO credit_register.duty_item (provider, item, owed, basis) VALUES ('p1', 'administrative_penalty', '[2020-01-01,)', 'article 9');
SELECT format('CREATE ROLE %I LOGIN', 'life_' || l)
  FROM unnest('{p1,p2,p3,p4,p5,admin,reviewer,window,publisher,auditor,citizen,citizen_2}'::text[]) l WHERE to_regrole('life_' || l) IS NULL \gexec
SELECT count(credit.grant_duty('life_p' || i, 'credit_provider', 'p' || i, '{370323}', NULL, 'decision 1', '[2018-01-01,)')) FROM generate_series(1, 5) i \gset
SELECT credit.grant_duty('life_admin', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2018-01-01,)'),
       credit.grant_duty('life_reviewer', 'credit_reviewer', NULL, '{37}', NULL, 'decision 1', '[2018-01-01,)'),
       credit.grant_duty('life_window', 'credit_window', NULL, '{37}', '{administration}', 'decision 1', '[2018-01-01,)'),
       credit.grant_duty('life_publisher', 'credit_publisher', NULL, '{37}', NULL, 'decision 1', '[2018-01-01,)'),
       credit.grant_duty('life_auditor', 'credit_auditor', NULL, NULL, NULL, 'decision 1', '[2018-01-01,)') \gset
SELECT credit.set_identity_budget('postgres', 10000) \gset
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA life TO PUBLIC;
\c - life_admin
BEGIN;
SELECT FROM credit.enter() \gset
SELECT credit.add_practitioner('life_window', 'XY-1', daterange(credit.today() - 30, credit.today() + 335)) \gset
COMMIT;

-- Three batches of each office; what is held of one is mended.
\set login life_p1
\set p 1
\ir register_life_load.sql
\set login life_p2
\set p 2
\ir register_life_load.sql
\set login life_p3
\set p 3
\ir register_life_load.sql
\set login life_p4
\set p 4
\ir register_life_load.sql
\set login life_p5
\set p 5
\ir register_life_load.sql

\c - postgres
SELECT s.subject AS zhang, r.record AS penalty FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'administrative_penalty' AND s.kind = 'citizen' AND r.fulfilled_on IS NULL
   AND EXISTS (SELECT FROM credit_register.shown_record o WHERE o.subject = r.subject AND o.stance = 'bad' AND o.record <> r.record) ORDER BY r.document_date DESC LIMIT 1 \gset
SELECT r.subject AS li, r.record AS repairable FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'administrative_penalty' AND s.kind = 'citizen' AND r.fulfilled_on IS NOT NULL AND r.subject <> :'zhang' ORDER BY r.document_date LIMIT 1 \gset
SELECT r.record AS second FROM credit_register.shown_record r WHERE r.subject = :'zhang' AND r.stance = 'bad' AND r.record <> :'penalty' ORDER BY r.record LIMIT 1 \gset
SELECT r.record AS court FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'court_defaulter' AND s.kind = 'citizen' AND r.subject NOT IN (:'zhang', :'li') ORDER BY r.document_date LIMIT 1 \gset
SELECT p.record AS firm FROM credit_register.public_record p JOIN credit_register.subject s USING (subject)
 WHERE s.kind = 'organisation' AND p.stance = 'bad' AND p.severity = 'serious' ORDER BY p.document_date DESC LIMIT 1 \gset
INSERT INTO life.note VALUES ('zhang', :'zhang'), ('penalty', :'penalty'), ('li', :'li'), ('repairable', :'repairable'), ('second', :'second'), ('court', :'court'), ('firm', :'firm');
INSERT INTO life.note SELECT 'number', credit.reveal(:'zhang')::text;
INSERT INTO credit_register.consent (subject, given_to, purpose, document, single_use, valid)
  SELECT s.subject, 'credit_register', 'scoring', 'paper', false, daterange(credit.today() - 1, NULL) FROM credit_register.subject s WHERE s.kind = 'citizen';
\c - life_admin
BEGIN;
SELECT FROM credit.enter() \gset
SELECT credit.grant_duty('life_citizen', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2018-01-01,)', subject => life.note('zhang')::credit.pseudonym),
       credit.grant_duty('life_citizen_2', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2018-01-01,)', subject => life.note('li')::credit.pseudonym) \gset
COMMIT;
\c - life_publisher
BEGIN;
SELECT FROM credit.enter() \gset
SELECT count(credit.subscribe('city', i, 'administration', 'article 8', daterange(credit.today(), credit.today() + 365)))
  FROM unnest('{administrative_penalty,court_defaulter,volunteer_hours}'::text[]) i \gset
SELECT fresh FROM credit.push('city') \gset
COMMIT;
BEGIN;
SELECT FROM credit.enter() \gset
SELECT count(credit.acknowledge(d.delivery, 'ZB-' || left(d.delivery::text, 8))) FROM credit.fetch_deliveries('city', 20) d \gset
SELECT credit.publish(life.note('firm')::uuid, 'black', 'campaign', credit.today() + 90) \gset
COMMIT;
\c - life_citizen
BEGIN;
SELECT FROM credit.enter() \gset
SELECT credit.open_dispute(life.note('penalty')::uuid, 'paid', '["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]') AS dispute \gset
SELECT credit.open_dispute(life.note('second')::uuid, 'not me') AS open_dispute \gset
SELECT credit.add_statement(life.note('penalty')::uuid, 'It was paid on the day.') \gset
INSERT INTO life.note VALUES ('dispute', :'dispute'), ('open_dispute', :'open_dispute');
COMMIT;
\c - life_citizen_2
BEGIN;
SELECT FROM credit.enter() \gset
INSERT INTO life.note SELECT 'repair', credit.open_repair(life.note('repairable')::uuid, '{"commitment": true}');
COMMIT;
\c - life_p3
BEGIN;
SELECT FROM credit.enter() \gset
INSERT INTO life.note SELECT 'served', credit.serve_notice(life.note('court')::uuid, 'by hand', credit.today() - 60);
COMMIT;
\c - life_reviewer
BEGIN;
SELECT FROM credit.enter() \gset
SELECT credit.decide_dispute(life.note('dispute')::uuid, 'upheld', '{receipt}', jsonb_build_object('fulfilled_on', to_char(credit.today() - 30, 'YYYY-MM-DD'))) \gset
SELECT credit.decide_repair(life.note('repair')::uuid, 'granted', '{receipt}', '{"commitment": true, "harm_removed": true}') \gset
SELECT credit.enter_list(life.note('court')::uuid, 'court_judgment_defaulter', 'Fa Shi 2017 No. 7', life.note('served')::uuid, 'file 7') AS entry \gset
SELECT count(m.measure) FROM credit.assign_measures(:'entry', 'p2') m \gset
COMMIT;
\c - postgres
CALL credit.score_all();
INSERT INTO life.note SELECT 'job', job FROM credit_register.scoring_job;
\c - life_window
BEGIN;
SELECT FROM credit.enter() \gset
SELECT credit.open_inquiry(life.note('number')::credit.code, 'administration', 'counter 1') AS inquiry \gset
COMMIT;
BEGIN;
SELECT FROM credit.enter() \gset
SELECT length(credit.report(:'inquiry')::text) \gset
COMMIT;
\c - postgres
SELECT credit.seal_audit() \gset
INSERT INTO life.note SELECT 'checkpoint', credit.checkpoint();
