\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT demo.refused('an entry without a served notice', format('SELECT credit.enter_list(%L, ''court_judgment_defaulter'', ''法释〔2017〕7号'', NULL, ''卷宗 7'')', demo.note('court')), 'CR401') \g (tuples_only=on format=unaligned)
SELECT credit.enter_list(demo.note('court')::uuid, 'court_judgment_defaulter', '法释〔2017〕7号', demo.note('served')::uuid, '卷宗 7') AS entry \gset
SELECT measure FROM credit.assign_measures(:'entry', 'market');
SELECT demo.refused('a measure that the rulebook does not have', format('SELECT credit.assign_measure(%L, ''public_shaming'')', :'entry'), 'CR404') \g (tuples_only=on format=unaligned)
COMMIT;
\c - demo_market
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT task FROM credit.open_tasks() LIMIT 1 \gset
SELECT credit.give_feedback(:'task', 'done') \gset
COMMIT;
\c - demo_court
-- Paid: the court itself says that its record is to go.
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.open_case('correction', demo.note('court')::uuid, '已履行完毕 performed', '["fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"]') AS withdrawal \gset
COMMIT;
\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.decide_dispute(:'withdrawal', 'upheld', '{结案通知书}', reason => '已履行', withdraw => true) \gset
COMMIT;
\c - postgres
SELECT demo.holds('list entry and measures ended in the same transaction', count(*) FILTER (WHERE e.left_on IS NULL) = 0 AND count(*) FILTER (WHERE t.state <> 'released') = 0, count(*) || ' measure(s)')
  FROM credit_register.list_entry e JOIN credit_register.measure_task t USING (subject, entry) WHERE e.record = demo.note('court')::uuid \g (tuples_only=on format=unaligned)
