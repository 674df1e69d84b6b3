SELECT r.record AS org_record, r.subject AS org, r.happened_on AS act FROM credit_register.shown_record r JOIN credit_register.subject s USING (subject)
 WHERE s.kind = 'organisation' AND r.severity = 'serious' AND r.stance = 'bad' AND r.item <> 'court_defaulter' ORDER BY r.document_date DESC, r.record LIMIT 1 \gset
SELECT s.subject AS boss FROM credit_register.subject s WHERE s.kind = 'citizen' AND NOT s.minor AND credit.age_on(credit.reveal(s.subject), :'act') BETWEEN 30 AND 60 ORDER BY s.subject LIMIT 1 \gset
INSERT INTO demo.note VALUES ('boss', :'boss'), ('org', :'org'), ('org_record', :'org_record');
\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.refused('a role alone makes nobody guilty: no role was noted for that day', format('SELECT credit.attribute_to_person(%L, %L, ''legal_representative'', ''鲁沂责认〔2026〕3号'')', :'org_record', :'boss'), 'CR121') \g (tuples_only=on format=unaligned)
SELECT credit.add_org_role(:'org', :'boss', 'legal_representative', daterange(:'act'::date - 400, NULL), '营业执照') \gset
SELECT demo.refused('a role without a finding of responsibility', format('SELECT credit.attribute_to_person(%L, %L, ''legal_representative'', NULL)', :'org_record', :'boss'), 'CR104') \g (tuples_only=on format=unaligned)
SELECT credit.attribute_to_person(:'org_record', :'boss', 'legal_representative', '鲁沂责认〔2026〕3号') AS made \gset
COMMIT;
\c - postgres
SELECT demo.holds('no person has a record from an organisation without a finding', count(*) = 0) FROM credit_register.record WHERE origin IS NOT NULL AND finding IS NULL \g (tuples_only=on format=unaligned)
SELECT demo.holds('the person was told', count(*) = 1) FROM credit_register.notice WHERE record = :'made' AND kind = 'attributed' \g (tuples_only=on format=unaligned)
