-- Files of past years, taken over from the paper of those years: the day they came is the day on the paper.
UPDATE credit_register.batch b SET received_at = r.received_on::timestamp AT TIME ZONE 'Asia/Shanghai' FROM demo.received r WHERE r.batch = b.name;
ANALYZE credit_register.batch, credit_register.batch_row;
SELECT count(*) AS batches, (SELECT count(*) FROM credit_register.batch_row) AS rows FROM credit_register.batch;
