-- Part of register_life.sql: office :p, as :login, hands in, loads, mends.
\c - :login
BEGIN;
SELECT FROM credit.enter() \gset
CREATE TEMP TABLE opened AS SELECT n, credit.open_batch(name => 'b' || n) AS batch FROM generate_series(1, 3) n;
INSERT INTO credit_register.batch_in (batch, line, raw) SELECT o.batch, r.line, r.raw FROM opened o, life.rows(:p, o.n) r;
COMMIT;
BEGIN;
SELECT FROM credit.enter() \gset
SELECT sum(l.filed) FROM opened o, credit.load_batch(o.batch) l \gset
SELECT credit.correct_row(o.batch, r.line, r.raw #- '{fields,note}') FROM opened o, life.rows(:p, o.n) r WHERE o.n = 1 AND r.line = 20 \gset
SELECT sum(l.filed) FROM opened o, credit.load_batch(o.batch) l WHERE o.n = 1 \gset
COMMIT;
