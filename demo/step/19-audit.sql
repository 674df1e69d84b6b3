\c - demo_auditor
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT person, inquiries, subjects, refused, break_glass FROM credit.inquiry_risks(now() - interval '1 day');
COMMIT;
\c - postgres
SELECT credit.seal_audit() AS sealed \gset
SELECT credit.checkpoint() AS checkpoint \gset
SELECT demo.holds('all that happened is sealed, and nothing was changed since', bool_and(ok), min(detail)) FROM credit.verify_audit(:'checkpoint') \g (tuples_only=on format=unaligned)
-- A superuser who goes around every guard is found.
BEGIN;
ALTER TABLE credit_register.audit_event DISABLE TRIGGER ALL;
DELETE FROM credit_register.audit_event WHERE ctid = (SELECT ctid FROM credit_register.audit_event LIMIT 1);
SELECT demo.holds('one event less is found', count(*) FILTER (WHERE NOT ok) > 0, min(finding) FILTER (WHERE NOT ok)) FROM credit.verify_audit(:'checkpoint') \g (tuples_only=on format=unaligned)
ROLLBACK;
SELECT demo.holds('guard_report() names the plain weeks of step 2, and nothing else', string_agg(finding, '; ') = 'plain weeks', string_agg(finding || ' ' || object, '; ')) FROM credit.guard_report() \g (tuples_only=on format=unaligned)
SELECT demo.holds('the schema would move to several nodes unchanged', count(*) = 0, string_agg(rule || ' ' || object, '; ')) FROM credit.distribution_report() \g (tuples_only=on format=unaligned)
