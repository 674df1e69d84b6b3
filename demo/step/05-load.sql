BEGIN;
SELECT true AS entered FROM credit.enter() \gset
CREATE TEMP TABLE mine AS SELECT batch, name FROM credit_register.batch WHERE loaded_at IS NULL ORDER BY received_at; COMMIT;
SELECT format('BEGIN; SELECT FROM credit.enter(); SELECT * FROM credit.load_batch(%L); COMMIT;', batch) FROM mine \gexec
