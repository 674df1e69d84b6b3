CREATE FUNCTION pg_temp.add(content text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO credit_register.provider (provider, name, division)
    SELECT split_part(l, ',', 1), split_part(l, ',', 2), split_part(l, ',', 3)
      FROM regexp_split_to_table(trim(E'\n' FROM content), E'\n') WITH ORDINALITY AS t (l, n) WHERE n > 1 $$;
\set offices `cat $CREDIT_TMP/demo/provider.csv`
SELECT pg_temp.add(:'offices') \gset
INSERT INTO credit_register.receiver (receiver, name, kind) VALUES ('zibo', '信用淄博', 'platform'), ('bank', '县农商银行', 'bank');
SELECT format('CREATE ROLE %I LOGIN', 'demo_' || provider) FROM credit_register.provider \gexec
CREATE ROLE demo_admin LOGIN; CREATE ROLE demo_reviewer LOGIN; CREATE ROLE demo_second LOGIN; CREATE ROLE demo_window LOGIN; CREATE ROLE demo_bank LOGIN;
CREATE ROLE demo_publisher LOGIN; CREATE ROLE demo_auditor LOGIN; CREATE ROLE demo_analyst LOGIN;
CREATE ROLE demo_citizen LOGIN; CREATE ROLE demo_citizen_2 LOGIN; CREATE ROLE demo_citizen_3 LOGIN;
SELECT credit.grant_duty('demo_admin', 'credit_admin', NULL, NULL, NULL, '县政府令 1', '[2018-01-01,)') \gset
-- The admin gives the other duties: nobody gives one to himself.
\c - demo_admin
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT count(credit.grant_duty('demo_' || provider, 'credit_provider', provider, '{370323}', NULL, '三定方案', '[2018-01-01,)')) FROM credit_register.provider \gset
SELECT credit.grant_duty('demo_reviewer', 'credit_reviewer', NULL, '{37}', NULL, '任命书 1', '[2018-01-01,)'),
       credit.grant_duty('demo_second', 'credit_reviewer', NULL, '{37}', NULL, '任命书 2', '[2018-01-01,)'),
       credit.grant_duty('demo_window', 'credit_window', NULL, '{37}', '{administration,consent}', '窗口授权 1', '[2018-01-01,)'),
       credit.grant_duty('demo_bank', 'credit_window', NULL, NULL, '{consent}', '查询协议 1', '[2018-01-01,)'),
       credit.grant_duty('demo_publisher', 'credit_publisher', NULL, '{37}', NULL, '任命书 3', '[2018-01-01,)'),
       credit.grant_duty('demo_auditor', 'credit_auditor', NULL, NULL, NULL, '审计委托 1', '[2018-01-01,)'),
       credit.grant_duty('demo_analyst', 'credit_analyst', NULL, '{37}', NULL, '统计委托 1', '[2018-01-01,)') \gset
SELECT credit.add_practitioner('demo_window', 'XY-2026-031', daterange(credit.today() - 30, credit.today() + 335)) \gset
COMMIT;
\c - postgres
SELECT demo.refused('a clerk reads the tables', 'SET LOCAL ROLE demo_window; SELECT count(*) FROM credit_register.record', '42501') \g (tuples_only=on format=unaligned)
SELECT duty, count(*) AS mandates FROM credit_register.mandate GROUP BY duty ORDER BY duty;
