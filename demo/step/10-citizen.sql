\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT item, state, count(*) FROM credit.my_records() GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS who_asked_about_me FROM credit.my_inquiries();
SELECT credit.open_dispute(demo.note('penalty')::uuid, '罚款已经缴清', '["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]') AS dispute \gset
SELECT credit.add_statement(demo.note('penalty')::uuid, '罚款已于当日缴清，附回执。') AS statement \gset
INSERT INTO demo.note VALUES ('dispute', :'dispute');
COMMIT;
\c - postgres
SELECT demo.holds('a disputed record is shown to nobody while the objection is open', count(*) = 0) FROM credit_register.shown_record WHERE record = demo.note('penalty')::uuid \g (tuples_only=on format=unaligned)
SELECT demo.holds('the answer is due in working days by the rulebook', due > credit.today(), to_char(due, 'YYYY-MM-DD')) FROM credit_register.case_file WHERE case_file = :'dispute' \g (tuples_only=on format=unaligned)
