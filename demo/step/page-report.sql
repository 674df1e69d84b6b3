\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.report_html(credit.my_report(), :'language');
COMMIT;
