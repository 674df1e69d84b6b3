ANALYZE credit_register.record, credit_register.subject, credit_register.identity, credit_register.batch;
SELECT provider, count(*) AS batches, sum(read_rows) AS read, sum(filed_rows) AS filed, sum(held_rows) AS held, sum(there_rows) AS already_there
  FROM credit_register.batch GROUP BY ROLLUP (provider) ORDER BY provider;
SELECT demo.holds('exactly the planted lines are held, each for what was planted', count(*) = 0, string_agg(x::text, ' ') FILTER (WHERE n <= 5))
  FROM (SELECT row_number() OVER () AS n, p.batch, p.line, p.code, v.code AS found
          FROM demo.planted p
          FULL JOIN (SELECT b.name AS batch, v.line, array_agg(v.code::text) AS code FROM credit_register.batch_verdict v JOIN credit_register.batch b USING (batch) GROUP BY 1, 2) v
            ON v.batch = p.batch AND v.line = p.line
         WHERE p.code IS NULL OR v.code IS NULL OR p.code <> ALL (v.code)) x \g (tuples_only=on format=unaligned)
SELECT demo.holds('filed = rows of the records', (SELECT sum(filed_rows) FROM credit_register.batch) = (SELECT count(*) FROM credit_register.record)) \g (tuples_only=on format=unaligned)
SELECT demo.holds('no act of a minor among bad records', count(*) = 0) FROM credit_register.record r
 WHERE stance = 'bad' AND r.document_date > credit.today() - 400 AND credit.code_kind(credit.reveal(subject)) <> 'organisation' AND credit.age_on(credit.reveal(subject), happened_on) < 18 \g (tuples_only=on format=unaligned)
