-- The calendar that ships ends with the last year that was announced.  The demo's goes on with plain
-- weekends, so that it runs in later years, too.
SELECT credit.adopt_rulebook('2018', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)') \gset
SELECT count(*) AS documents, (SELECT count(*) FROM credit.rulebook_items(b)) AS items, (SELECT count(*) FROM credit.rulebook_rules(b)) AS rules,
       (SELECT count(*) FROM credit.rulebook_unverified(b)) AS for_a_lawyer
  FROM credit.rulebook_on(credit.today()) b, credit.rulebook_documents(b) GROUP BY b;
SELECT demo.holds('every case of the rulebook gives what it expects', bool_and(ok), count(*) || ' cases') FROM credit.run_rule_cases(credit.rulebook_on(credit.today())) \g (tuples_only=on format=unaligned)
SELECT demo.refused('a rulebook whose own case fails',
  $$SELECT credit.adopt_rulebook('bad', jsonb_set(credit.shipped_rulebook('cn-370323')::jsonb, '{cases,0,expect}', '"[2026-05-01,2026-05-03)"')::credit.rulebook, '[2010-01-01,2011-01-01)')$$, '22023') \g (tuples_only=on format=unaligned)
