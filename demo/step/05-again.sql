BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.open_batch(name => 'again') AS batch \gset
INSERT INTO credit_register.batch_in (batch, line, raw) SELECT :'batch', row_number() OVER (), raw FROM line WHERE batch = (SELECT min(batch) FROM line);
COMMIT;
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.holds('read, and nothing filed', read > 0 AND filed = 0, format('%s read, %s already there, %s held', read, already_there, held)) FROM credit.load_batch(:'batch') \g (tuples_only=on format=unaligned)
COMMIT;
