-- Three people of the story: one with a serious court record, one who will object, one who will ask for repair.
SELECT r.subject AS wang, r.record AS court FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'court_defaulter' AND s.kind = 'citizen' AND r.document_date < credit.today() - 120 ORDER BY r.document_date DESC, r.record LIMIT 1 \gset
SELECT r.subject AS zhang, r.record AS penalty FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'administrative_penalty' AND r.severity = 'general' AND s.kind = 'citizen' AND r.fulfilled_on IS NULL AND r.document_date BETWEEN credit.today() - 300 AND credit.today() - 60
   AND r.subject <> :'wang' ORDER BY (SELECT count(*) FROM credit_register.shown_record o WHERE o.subject = r.subject) DESC, r.record LIMIT 1 \gset
SELECT r.subject AS li, r.record AS arrears FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE r.item = 'administrative_penalty' AND r.severity = 'general' AND s.kind = 'citizen' AND r.fulfilled_on IS NOT NULL AND r.subject NOT IN (:'wang', :'zhang')
   AND (SELECT bool_and(met) FROM credit.repair_check(credit.rulebook_on(credit.today()), r.item, r.severity, r.document_date, r.conduct_end, r.fulfilled_on,
        '{"commitment": true, "harm_removed": true}', credit.today())) ORDER BY r.document_date DESC, r.record LIMIT 1 \gset
INSERT INTO demo.note VALUES ('wang', :'wang'), ('court', :'court'), ('zhang', :'zhang'), ('penalty', :'penalty'), ('li', :'li'), ('arrears', :'arrears');
\c - demo_admin
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT count(credit.grant_duty(l, 'credit_citizen', NULL, NULL, NULL, '实名核验', '[2018-01-01,)', subject => demo.note(n)::credit.pseudonym)) AS n
  FROM (VALUES ('demo_citizen', 'zhang'), ('demo_citizen_2', 'li'), ('demo_citizen_3', 'wang')) v (l, n) \gset
COMMIT;
\c - demo_court
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
INSERT INTO demo.note SELECT 'served', credit.serve_notice(demo.note('court')::uuid, '送达回证', credit.today() - 60)::text;
SELECT demo.refused('a serious record is entered on a list by its own department', format('SELECT credit.enter_list(%L, ''court_judgment_defaulter'', ''x'', %L, ''x'')', demo.note('court'), demo.note('served')), '42501') \g (tuples_only=on format=unaligned)
COMMIT;
\c - demo_citizen_3
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT kind, left(reason, 60) AS what FROM credit.my_notices() LIMIT 3;
COMMIT;
