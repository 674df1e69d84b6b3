-- How long an adverse record is shown: a first form, with the classes of today
-- written into the function.  Natural persons are never shown to the public
-- (山东省社会信用条例 art. 20): "shown" means shown to authorised inquiries.

CREATE FUNCTION credit_demo.display_period(severity credit_demo.severity, document_date date, conduct_end date)
RETURNS daterange
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN
  -- Civil Code 民法典 arts 200-203: the first day is not counted, the last is the
  -- corresponding day of the month, or the month's last; adding an interval to a
  -- date does just that.  The range excludes its upper bound, hence the day more.
  daterange(document_date,
            greatest(document_date,
                     least(-- 信用修复管理办法 (order 36 of 2025), from the document's date
                           document_date + CASE severity WHEN 'minor' THEN interval '3 months'
                                                         WHEN 'general' THEN interval '1 year'
                                                         WHEN 'serious' THEN interval '3 years' END,
                           -- 山东省社会信用条例 art. 38, from the end of the conduct
                           conduct_end + interval '5 years')::date + 1));
COMMENT ON FUNCTION credit_demo.display_period(credit_demo.severity, date, date) IS
  'Days on which an adverse record may be shown to authorised inquiries: the national class, cut by the provincial five years';

CREATE VIEW credit_demo.adverse_record AS
SELECT r.subject, r.item, i.zh, r.provider, r.document_number, r.document_date, r.conduct_end, r.severity,
       p.shown, upper(p.shown) - 1 AS until,
       CASE WHEN upper(p.shown) - 1 < r.document_date +
              CASE r.severity WHEN 'minor' THEN interval '3 months' WHEN 'general' THEN interval '1 year'
                              ELSE interval '3 years' END
            THEN '山东条例 art. 38' ELSE 'order 36' END AS rule
  FROM credit_demo.record r
  JOIN credit_demo.item i USING (item)
 CROSS JOIN LATERAL (SELECT credit_demo.display_period(r.severity, r.document_date, r.conduct_end) AS shown) p
 WHERE i.stance = 'bad';
COMMENT ON VIEW credit_demo.adverse_record IS 'Adverse records with their display period 公示期, worked out on reading: nothing has to expire them';

CREATE FUNCTION credit_demo.person_file(subject credit.code, as_of date)
RETURNS TABLE (item text, stance credit_demo.stance, document_date date, severity credit_demo.severity,
               shown_until date, "shown to inquiries" text, basis text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
SELECT i.zh || E'\n' || i.en, i.stance, r.document_date, r.severity, a.until,
       CASE WHEN a.subject IS NULL THEN 'yes'
            WHEN NOT a.shown @> as_of THEN 'no: ended'
            WHEN r.severity = 'minor' THEN 'not in principle'
            ELSE 'yes' END,
       replace(i.basis, '; ', E'\n')
  FROM credit_demo.record r
  JOIN credit_demo.item i ON i.item = r.item
  LEFT JOIN credit_demo.adverse_record a
    ON a.subject = r.subject AND a.item = r.item AND a.document_number = r.document_number
 WHERE r.subject = person_file.subject AND r.document_date <= as_of
 ORDER BY r.document_date;
END;
COMMENT ON FUNCTION credit_demo.person_file(credit.code, date) IS 'One subject''s records with what may be shown on a day; carries no number and no name';
