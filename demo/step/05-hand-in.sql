BEGIN;
SELECT true AS entered FROM credit.enter() \gset
CREATE TEMP TABLE opened AS SELECT b.name, credit.open_batch(name => b.name) AS batch FROM (SELECT DISTINCT batch AS name FROM line) b;
INSERT INTO credit_register.batch_in (batch, line, raw) SELECT o.batch, l.line, l.raw FROM line l JOIN opened o ON o.name = l.batch;
COMMIT;
