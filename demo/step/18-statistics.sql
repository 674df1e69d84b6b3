SELECT to_char(date_trunc('month', credit.today()::timestamp) - interval '2 months', 'YYYY-MM-DD') AS month \gset
\c - demo_analyst
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT area, left(name, 12) AS name, good, neutral, bad, total FROM credit.area_stats('county', :'month') LIMIT 5;
SELECT demo.holds('no published cell is smaller than ten', count(*) = 0) FROM credit.area_stats('county', :'month') WHERE least(nullif(good, 0), nullif(neutral, 0), nullif(bad, 0), nullif(total, 0)) < 10 \g (tuples_only=on format=unaligned)
SELECT provider, filed, median_days, corrected, stopped, upheld, tasks_due, tasks_in_time FROM credit.monthly_assessment(credit.today()) WHERE filed > 0;
COMMIT;
\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT duty, owner, count, due, overdue FROM credit.duty_list() ORDER BY overdue DESC, due LIMIT 6;
SELECT kind, who, purpose, uses, refused FROM credit.usage_report(credit.today()) ORDER BY uses DESC LIMIT 5;
COMMIT;
