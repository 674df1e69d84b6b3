-- ---------------------------------------------------------------------------
-- the page
--
-- Everything that is not written here passes credit.html_text(); the page has
-- no script, loads nothing, and its own policy forbids both.
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.html_text(value text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT '<bdi>' OPERATOR(pg_catalog.||)
      pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
        pg_catalog.regexp_replace(coalesce(value, '—'), '[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]', '', 'g'),
        '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;')
      OPERATOR(pg_catalog.||) '</bdi>';
  END;
COMMENT ON FUNCTION credit.html_text(text) IS 'A text as HTML: escaped, without control characters and marks of direction, its direction of writing kept to itself; a dash for NULL';

CREATE FUNCTION credit.html_plain(value text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT pg_catalog.replace(pg_catalog.replace(credit.html_text(value), '<bdi>', ''), '</bdi>', '');
  END;
COMMENT ON FUNCTION credit.html_plain(text) IS 'html_text() for titles and SVG, where no element may stand';

CREATE FUNCTION credit.html_words(language text) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF language = 'zh' THEN
    RETURN '{"lang": "zh-CN", "subject": "主体", "name": "姓名或名称", "number": "证件号码", "kind": "类别", "division": "档案所在地", "made": "出具时间",
      "purpose": "用途", "asked_by": "查询人", "authorisation": "依据", "asked_at": "查询时间", "inquiry_no": "查询编号", "good": "良好", "neutral": "中性",
      "bad": "不良", "minor": "轻微", "general": "一般", "serious": "严重", "citizen": "居民", "hmt_resident": "港澳台居民",
      "permanent_resident": "外国人（永久居留）", "organisation": "组织", "assigned": "赋码主体", "assigned_person": "赋码个人",
      "assigned_organisation": "赋码组织", "records_today": "今日可以展示的记录", "timeline": "展示期限",
      "timeline_say": "每条线从展示之日到最后一日；实心为已过，空心为所余，竖线为今日。", "today": "今日", "until": "展示至", "from": "自",
      "open": "行为终止之日起算", "records": "记录", "none": "没有可以展示的记录。没有记录不等于不良。", "no_file": "本库没有此号码的姓名和档案；本页不证明任何人的身份。", "source": "提供单位", "document": "文书",
      "act_day": "行为日期", "amount": "金额", "fulfilled": "履行日期", "extended": "准予延期至", "basis": "采集依据", "rule": "展示依据", "statement": "本人说明", "score": "积分明细",
      "score_say": "积分只用于激励，只有本人可见；各行之和即为积分。", "points": "分值", "grade": "等级", "why": "原因", "counts_until": "计至", "base": "基础分",
      "as_of": "截至", "who_asked": "谁查询过，为何查询", "nobody_asked": "没有人查询过。", "this_inquiry": "本次查询", "left_out": "未列入的内容", "count": "条数",
      "rights": "本人权利", "workday": "个工作日", "day": "日", "reply_in": "答复期限", "reply_in_forwarded": "须由提供单位核查的，答复期限", "law": "规则集", "watermark": "水印",
      "watermark_say": "本报告仅供上述用途。水印可追溯至本次查询；转让、泄露须承担法律责任。", "own_say": "本人自查，仅供本人使用。", "occupation": "职业",
      "document_number": "文书号", "deciding_office": "决定机关", "violation": "违法事实", "penalty_kind": "处罚种类", "fine_amount": "罚款金额",
      "confiscated_amount": "没收金额", "honour": "荣誉", "level": "级别", "granting_office": "授予单位", "granted_on": "授予日期", "certificate": "证书",
      "certificate_number": "证书编号", "issuing_office": "发证单位", "issued_on": "发证日期", "valid_until": "有效期至", "valid_from": "起始日期",
      "fee_kind": "费用种类", "arrears_amount": "欠缴金额", "due_on": "应缴日期", "fulfilled_on": "履行日期", "obligation_kind": "义务种类",
      "overdue_since": "逾期起始", "hours": "时长", "organiser": "组织单位", "quantity": "数量", "CNY": "元", "hour": "小时", "time": "次",
      "Administrative licensing, procurement, awards": "行政许可、政府采购、评优评先", "With the consent of the person": "经本人授权",
      "Courts and supervision, reviewed before": "司法和监督（事前审查）", "Danger to life: read at once, reviewed afterwards": "危及生命的紧急情况（事后审查）",
      "To be scored, at one''s own wish": "本人自愿参与积分", "A person''s good record counts for the organisation he leads": "个人优良记录用于其负责的组织",
      "counts": "计入", "no rule": "无计分规则", "disputed": "异议处理中，不计", "expired": "已过计分期", "cap": "已到上限", "relapse": "再次发生，加倍",
      "direct": "直接定级", "lesser": "同一行为只计较高的一项", "not yet": "尚未发生", "no date": "没有日期", "no amount": "没有数量",
      "no consent": "未经同意，不计", "another": "已有更低的直接定级", "least": "下限", "most": "上限", "when": "时间", "unverified": "（待律师核实）",
      "state": "状态", "pending": "待审", "refused": "未准", "county": "信用信息看板", "intake": "入库记录", "intake_say": "近十二个月每月登记的记录数",
      "coverage": "提供单位覆盖", "coverage_say": "近三个月报送过信息的提供单位", "reported": "已报送", "silent": "未报送", "cases": "事项与期限",
      "in_time": "期限内", "overdue": "已超期", "ends": "展示到期", "ends_say": "今后十二个月每月停止展示的记录数", "inquiries": "查询",
      "inquiries_say": "近三十日各用途的查询次数", "suppressed": "不足 {k} 的数不公布", "shown_now": "今日展示", "subjects": "主体", "small": "少于"}';
  ELSIF language = 'en' THEN
    RETURN '{"lang": "en", "subject": "Subject", "name": "Name", "number": "Number", "kind": "Kind", "division": "File kept at", "made": "Made at", "purpose": "Purpose",
      "asked_by": "Asked by", "authorisation": "Authorisation", "asked_at": "Asked at", "inquiry_no": "Inquiry", "good": "good", "neutral": "neutral",
      "bad": "adverse", "minor": "minor", "general": "general", "serious": "serious", "citizen": "resident",
      "hmt_resident": "resident of Hong Kong, Macao or Taiwan", "permanent_resident": "foreign permanent resident", "organisation": "organisation",
      "assigned": "assigned code", "assigned_person": "person (assigned code)", "assigned_organisation": "organisation (assigned code)",
      "records_today": "Records that may be shown today", "timeline": "How long they are shown",
      "timeline_say": "Each line runs from the first day of display to the last: filled is past, hollow is left, the upright line is today.", "today": "today",
      "until": "shown until", "from": "from", "open": "runs from the end of the conduct", "records": "Records",
      "none": "There are no records to show. Having no records is neutral.", "no_file": "Neither a name nor a file is kept for this number; this page proves nobody''s identity.", "source": "Provided by", "document": "Document", "act_day": "Day of the act",
      "amount": "Amount", "fulfilled": "Fulfilled on", "extended": "Time to perform until", "basis": "Collected under", "rule": "Shown under", "statement": "In the person’s own words",
      "score": "Points, line by line", "score_say": "Points only reward, and nobody else sees them. The lines add up to the points.", "points": "points",
      "grade": "Grade", "why": "Why", "counts_until": "counts until", "base": "base", "as_of": "as of", "who_asked": "Who asked, and why",
      "nobody_asked": "Nobody has asked.", "this_inquiry": "This inquiry", "left_out": "What is left out", "count": "Number",
      "rights": "Rights, and how to use them", "workday": "working days", "day": "days", "reply_in": "answered within", "reply_in_forwarded": "if the provider has to verify, answered within", "law": "Rulebook", "watermark": "Watermark",
      "watermark_say": "For the purpose named above alone. The watermark leads from any copy to this inquiry; passing it on has legal consequences.",
      "own_say": "Your own copy, for you alone.", "occupation": "Occupation", "document_number": "document number", "deciding_office": "decided by",
      "violation": "violation", "penalty_kind": "penalty", "fine_amount": "fine", "confiscated_amount": "confiscated", "honour": "honour", "level": "level",
      "granting_office": "granted by", "granted_on": "granted on", "certificate": "certificate", "certificate_number": "certificate number",
      "issuing_office": "issued by", "issued_on": "issued on", "valid_until": "valid until", "valid_from": "valid from", "fee_kind": "fee",
      "arrears_amount": "arrears", "due_on": "due on", "fulfilled_on": "fulfilled on", "obligation_kind": "obligation", "overdue_since": "overdue since",
      "hours": "hours", "organiser": "organised by", "quantity": "Quantity", "CNY": "yuan", "hour": "hours", "time": "times", "when": "When", "unverified": "[to be confirmed by a lawyer]", "state": "State",
      "pending": "pending", "refused": "refused", "county": "Credit information dashboard", "intake": "Records taken in",
      "intake_say": "Records registered in each of the last twelve months", "coverage": "Coverage",
      "coverage_say": "Providers that handed something in during the last three months", "reported": "reported", "silent": "silent", "cases": "Cases and deadlines",
      "in_time": "in time", "overdue": "overdue", "ends": "Display ends ahead", "ends_say": "Records whose display ends in each of the next twelve months",
      "inquiries": "Inquiries", "inquiries_say": "Inquiries of the last thirty days by purpose", "suppressed": "numbers below {k} are withheld",
      "shown_now": "Shown today", "subjects": "Subjects", "small": "under"}';
  END IF;
  RAISE EXCEPTION 'pages are written in zh and en' USING ERRCODE = 'invalid_parameter_value';
END
$$;
COMMENT ON FUNCTION credit.html_words(text) IS 'The words of the pages in Chinese (zh) or English (en)';

CREATE FUNCTION credit.html_page(title text, language text, body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($page$<!DOCTYPE html>
<html lang="%s">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" />
<meta name="robots" content="noindex, noarchive" />
<meta name="color-scheme" content="light" />
<title>%s</title>
<style>
:root { --ink: #1d2528; --soft: #59676c; --line: #d9dfe0; --wash: #f5f7f7; --accent: #1c5d68; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%%; }
body { margin: 0; background: #fff; color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.7 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", system-ui, sans-serif; }
main, .foot { max-width: 50rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 4.5rem 0 2.25rem; border-bottom: 2px solid var(--accent); }
h1 { margin: 0; font-size: 2rem; line-height: 1.3; font-weight: 600; letter-spacing: .01em; }
header p { margin: .5rem 0 0; color: var(--soft); }
h2 { margin: 0 0 1.25rem; font-size: 1.25rem; line-height: 1.4; font-weight: 600; color: var(--accent); }
h3 { margin: 0; font-size: 1.0625rem; line-height: 1.5; font-weight: 600; }
section { padding: 3rem 0 0; }
.say { margin: -.75rem 0 1.5rem; color: var(--soft); font-size: .875rem; }
dl { margin: 0; display: grid; gap: .375rem 2rem; }
dl > div { display: grid; grid-template-columns: 7rem 1fr; column-gap: 1rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.facts { padding-top: 2rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3.5rem; margin: 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 2.5rem; line-height: 1.2; font-weight: 400; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); }
svg { display: block; width: 100%%; overflow: visible; }
svg.sign { display: inline-block; width: .8em; height: .8em; margin-right: .5em; vertical-align: -.04em; }
.track { stroke: var(--line); }
.past, .mark, .sign path { fill: var(--accent); }
.left { fill: #fff; stroke: var(--accent); stroke-width: 1.5; }
.now { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.tick { stroke: var(--line); }
svg text { font-size: 12px; fill: var(--soft); font-family: inherit; }
svg .strong { fill: var(--ink); }
.rows { margin: 0; padding: 0; list-style: none; }
.rows > li { display: grid; grid-template-columns: 2fr 3fr; column-gap: 2rem; align-items: center; }
.figures + .rows { margin-top: 1.5rem; }
.bars > li { grid-template-columns: 1fr 3fr; }
.bars .label { overflow-wrap: break-word; }
.rows .label { padding: .5rem 0; line-height: 1.45; font-size: .9375rem; }
.rows small { display: block; color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
article { padding: 1.75rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
article:last-child { border-bottom: 1px solid var(--line); }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 2rem; margin-bottom: 1rem; }
.tag { color: var(--soft); font-size: .875rem; white-space: nowrap; }
.end { font-variant-numeric: tabular-nums; white-space: nowrap; }
article dl { grid-template-columns: 1fr 1fr; font-size: .9375rem; }
article dl > div { grid-template-columns: 6rem 1fr; }
article dl > .wide { grid-column: 1 / -1; }
:lang(en) dl > div { grid-template-columns: 9rem 1fr; }
blockquote { margin: 1.25rem 0 0; padding: .125rem 0 .125rem 1rem; border-left: 3px solid var(--accent); }
blockquote p { margin: 0; }
blockquote cite { display: block; color: var(--soft); font-size: .8125rem; font-style: normal; }
table { width: 100%%; border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 400; color: var(--soft); font-size: .8125rem; }
th, td { padding: .625rem 1.25rem .625rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; padding-right: 0; white-space: nowrap; }
td[data-name="%s"] { white-space: nowrap; }
.list { margin: 0; padding: 0 0 0 1.25rem; }
.list li { padding: 0 0 .625rem .25rem; }
.list small { display: block; color: var(--soft); }
.foot { margin-top: 4rem; padding-top: 1.25rem; padding-bottom: 3rem; color: var(--soft); font-size: .8125rem; }
.foot p { margin: 0 0 .375rem; max-width: 50rem; }
.code { font-family: ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; font-size: .8125rem; }
.stamp { display: none; }
@media (max-width: 40rem) {
  main, .foot { padding-left: 1.25rem; padding-right: 1.25rem; }
  header { padding-top: 2.5rem; padding-bottom: 1.5rem; }
  h1 { font-size: 1.625rem; }
  article dl { grid-template-columns: 1fr; }
  dl > div, article dl > div, :lang(en) dl > div { grid-template-columns: 6.5rem 1fr; }
  .figures { gap: 1rem 2.5rem; }
  .rows > li { grid-template-columns: 1fr; padding-bottom: .75rem; }
  .bars > li { grid-template-columns: 1fr 2fr; column-gap: 1rem; padding-bottom: 0; }
  .figures + .rows { margin-top: 1.5rem; }
.bars > li { grid-template-columns: 1fr 3fr; }
.bars .label { overflow-wrap: break-word; }
.rows .label { padding-bottom: 0; }
  table.cards, .cards tbody, .cards tr, .cards td { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%%); }
  .cards tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .cards td, .cards td.n { display: grid; grid-template-columns: 6.5rem 1fr; column-gap: 1rem; padding: .125rem 0; border: 0; text-align: left; white-space: normal; }
  .cards td::before { content: attr(data-name); color: var(--soft); }
}
@media print {
  @page { size: A4; margin: 18mm 14mm 18mm 18mm; }
  td { overflow-wrap: break-word; }
  body { font-size: 10.5pt; line-height: 1.55; }
  main, .foot { max-width: none; padding-left: 0; padding-right: 0; }
  header { padding: 0 0 5mm; }
  h1 { font-size: 19pt; }
  h2 { font-size: 12.5pt; margin-bottom: 3mm; break-after: avoid; }
  section { padding-top: 8mm; }
  .say { margin-top: -2mm; break-after: avoid; }
  .figures b { font-size: 22pt; }
  .rows > li, tr, .list li { break-inside: avoid; }
  article { padding: 4mm 0; }
  .foot { margin-top: 8mm; padding-bottom: 0; }
  .marked main, .marked .foot { padding-right: 8mm; }
  .stamp { display: block; position: fixed; top: 0; right: 0; writing-mode: vertical-rl; color: #8a9599; font-size: 7.5pt; line-height: 1; }
}
</style>
</head>
<body>
%s
</body>
</html>
$page$, credit.html_words(language) ->> 'lang', credit.html_plain(title), credit.html_words(language) ->> 'when', body);
$$;
COMMENT ON FUNCTION credit.html_page(text, text, text) IS
  'A page around a body that is HTML already: responsive, for print, in one accent colour, without script and without any request';

CREATE FUNCTION credit.html_sign(stance text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- Told apart by shape: a disc, a square, a diamond.
  SELECT format('<path d="%s"/>', CASE stance WHEN 'good' THEN 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0' WHEN 'bad' THEN 'M0 -6L6 0L0 6L-6 0Z'
                                              ELSE 'M-4.5 -4.5H4.5V4.5H-4.5Z' END);
$$;
COMMENT ON FUNCTION credit.html_sign(text) IS 'The shape of a stance: good a disc, neutral a square, bad a diamond';

CREATE FUNCTION credit.html_share(part numeric, whole numeric) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT round(100 * least(greatest(part / nullif(whole, 0), 0), 1), 2) || '%';
$$;
COMMENT ON FUNCTION credit.html_share(numeric, numeric) IS 'A part of a whole as a length in SVG';

-- ISO days alone: another text is no day, and no setting may change what it is.  In SQL
-- nothing would keep a planner (18) from casting what is none.
CREATE FUNCTION credit.html_day(value text) RETURNS date
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  month int;
  day date;
BEGIN
  IF value ~ '^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])' THEN
    month := substr(value, 6, 2);
    day := make_date(left(value, 4)::int, month, 1) + substr(value, 9, 2)::int - 1;
  END IF;
  RETURN CASE WHEN extract(month FROM day) = month THEN day END;
END
$$;
COMMENT ON FUNCTION credit.html_day(text) IS 'The day at the head of a text in ISO form, NULL if there is none';

CREATE FUNCTION credit.html_facts(rows text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- What is long takes the width of the page.
  SELECT '<dl>' || coalesce(string_agg(format('<div%s><dt>%s</dt><dd>%s</dd></div>', CASE WHEN octet_length(rows[n][2]) > 40 THEN ' class="wide"' ELSE '' END,
                                              credit.html_plain(rows[n][1]), credit.html_text(rows[n][2])), E'\n' ORDER BY n)
                              FILTER (WHERE rows[n][2] ~ '\S'), '') || '</dl>'
    FROM generate_subscripts(rows, 1) n;
$$;
COMMENT ON FUNCTION credit.html_facts(text[]) IS 'Pairs of name and value as a list; a pair without value is left out';

-- What is drawn was looked at first: an error object must not become a clean page.
-- In a shape a text lists types of JSON (count: a whole number from 0), an array has
-- elements of one shape, and a key with ? may be missing.

CREATE FUNCTION credit.shape_fault(value jsonb, shape jsonb, path text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part record;
  fault text;
BEGIN
  IF jsonb_typeof(value) IS DISTINCT FROM jsonb_typeof(shape) THEN
    RETURN path;
  ELSIF jsonb_typeof(shape) = 'array' THEN
    FOR part IN SELECT e.value, e.ordinality - 1 AS n FROM jsonb_array_elements(value) WITH ORDINALITY e LOOP
      fault := credit.shape_fault(part.value, shape -> 0, path || '[' || part.n || ']');
      EXIT WHEN fault IS NOT NULL;
    END LOOP;
    RETURN fault;
  END IF;
  FOR part IN SELECT s.name, s.shape, v.value, v.value IS NULL OR jsonb_typeof(s.shape) = 'string' AS wrong
                FROM (SELECT rtrim(e.key, '?') AS name, e.key ~ '\?$' AS optional, e.value AS shape FROM jsonb_each(shape) e) s,
                     LATERAL (SELECT shape_fault.value -> s.name AS value) v
               WHERE NOT (s.optional AND v.value IS NULL)
                 AND NOT coalesce(jsonb_typeof(s.shape) = 'string'
                   AND (jsonb_typeof(v.value) = ANY (string_to_array(s.shape #>> '{}', '|')) OR s.shape #>> '{}' ~ 'count' AND v.value::text ~ '^\d{1,15}$'), false) LOOP
    fault := CASE WHEN part.wrong THEN path || '.' || part.name ELSE credit.shape_fault(part.value, part.shape, path || '.' || part.name) END;
    EXIT WHEN fault IS NOT NULL;
  END LOOP;
  RETURN fault;
END
$$;
COMMENT ON FUNCTION credit.shape_fault(jsonb, jsonb, text) IS 'The first place in a JSON value that is missing or of another type than its shape says; NULL: none';

CREATE FUNCTION credit.report_shape() RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '{
    "format": "count", "kind": "string", "zh": "string", "en": "string", "made_at": "string", "day": "string",
    "subject": {"name": "string|null", "number": "string|null", "kind": "string|null", "division": "string|null", "division_name": "string|null"},
    "occupation?": {"code": "string", "zh": "string", "en": "string"},
    "records": [{"record": "string", "item": "string", "zh": "string", "en": "string", "category": "string", "stance": "string", "severity": "string|null",
      "provider": "string", "provider_name": "string", "document_no": "string|null", "document_date": "string", "happened_on": "string|null",
      "amount": "number|null", "unit": "string|null", "fulfilled_on": "string|null", "fields": {}, "basis": "string|null", "shown_from": "string",
      "shown_until": "string|null", "rule": "string|null", "rule_basis": "string|null", "extended_until": "string|null",
      "statements": [{"on": "string|null", "text": "string"}]}],
    "counts": {"good": "count", "neutral": "count", "bad": "count"},
    "rights": [{"right": "string", "zh": "string", "en": "string",
      "terms?": [{"state": "string", "days": "count", "unit": "string", "basis": "string", "items?": [{"code": "string", "zh": "string", "en": "string"}]}]}],
    "law": {"rulebook": "string", "digest": "string"},
    "note": {"zh": "string", "en": "string"},
    "left_out": [{"reason": "string", "zh": "string", "en": "string", "categories?": [{"code": "string", "zh": "string", "en": "string"}], "count?": "count"}],
    "inquiry?": {"number": "string", "person": "string", "provider_name": "string", "purpose": "string", "purpose_name": "string", "authorisation": "string",
      "opened_at": "string"},
    "watermark?": "string",
    "inquiries?": [{"opened_at": "string", "provider_name": "string", "purpose": "string", "purpose_name": "string|null", "authorisation": "string",
      "state": "string"}],
    "score?": {"as_of": "string", "points": "string", "grade": "string|null",
      "lines": [{"points": "number", "why": "string", "rule?": "string|null", "basis?": "string|null", "counts_until?": "string|null", "zh?": "string|null", "en?": "string|null"}]}
  }'::jsonb;
COMMENT ON FUNCTION credit.report_shape() IS 'What format 1 of a report has, as shape_fault() reads it; doc/report.schema.json says it in full';

CREATE FUNCTION credit.checked_report(report jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fault text := credit.shape_fault(report, credit.report_shape(), '$');
BEGIN
  IF jsonb_typeof(report -> 'format') = 'number' AND report ->> 'format' <> '1' THEN
    RAISE EXCEPTION 'a report of an unknown format' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'This release knows format 1.';
  -- To others: on an inquiry, marked.  The own one: with all who asked.
  ELSIF fault IS NULL AND NOT (report ?& '{inquiry,watermark}' AND NOT report ?| '{inquiries,score}'
                               OR report ? 'inquiries' AND NOT report ?| '{inquiry,watermark}') THEN
    fault := '$.inquiry';
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'this is not a report' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('%s is missing, or not what a report has there.', fault), HINT = 'Pass what credit.report() or credit.my_report() gave, whole.';
  END IF;
  RETURN report;
END
$$;
COMMENT ON FUNCTION credit.checked_report(jsonb) IS 'The report, if it is one of a known format; 22023 names the first part that it lacks';

CREATE FUNCTION credit.checked_dashboard(dashboard jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fault text := credit.shape_fault(dashboard, '{"format": "count", "day": "string", "min_cell": "count", "figures": [{"label": "string", "count": "count|null"}],
    "sections": [{"section": "string", "rows": [{"label": "string", "count": "count|null"}]}]}', '$');
BEGIN
  IF fault IS NULL AND dashboard ->> 'format' <> '1' THEN
    fault := '$.format';
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'this is not a dashboard' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('%s is missing, or not what a dashboard has there.', fault), HINT = 'Pass what credit.dashboard() gave, whole.';
  END IF;
  RETURN dashboard;
END
$$;
COMMENT ON FUNCTION credit.checked_dashboard(jsonb) IS 'The dashboard, if it is one of format 1; 22023 names the first part that it lacks';

CREATE FUNCTION credit.report_html_timeline(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w),
  bar AS (
    SELECT r.ordinality AS place, r.value ->> 'stance' AS stance, r.value ->> language AS label,
           credit.html_day(r.value ->> 'shown_from') AS first_day, credit.html_day(r.value ->> 'shown_until') AS last_day,
           r.value ->> 'shown_from' AS first, left(r.value ->> 'shown_until', 10) AS last,
           credit.html_day(report ->> 'day') AS today
      FROM jsonb_array_elements(report -> 'records') WITH ORDINALITY r
  ), span AS (
    SELECT min(least(first_day, today)) AS starts, greatest(max(last_day), max(today) + 30) + 1 AS ends, max(today) AS today FROM bar
  ), year AS (
    SELECT y, make_date(y, 1, 1) AS day
      FROM span, generate_series(extract(year FROM starts)::int, extract(year FROM ends)::int,
                                 greatest(1, ceil((ends - starts) / 365.25 / 5)::int)) y
     WHERE make_date(y, 1, 1) BETWEEN starts AND ends
  )
  SELECT format('<section><h2>%s</h2><p class="say">%s</p><ol class="rows">'
           || '<li aria-hidden="true"><span></span><svg height="30">%s<line class="now" x1="%s" x2="%s" y1="22" y2="30"/></svg></li>%s'
           || '<li aria-hidden="true"><span></span><svg height="22"><text class="strong" x="%s" y="14" text-anchor="%s">%s %s</text></svg></li></ol></section>',
           w ->> 'timeline', w ->> 'timeline_say',
           (SELECT string_agg(format('<line class="tick" x1="%1$s" x2="%1$s" y1="22" y2="30"/><text x="%1$s" y="16" text-anchor="middle">%2$s</text>',
                                     credit.html_share(day - s.starts, s.ends - s.starts), y), '') FROM year, span s),
           credit.html_share(s.today - s.starts, s.ends - s.starts), credit.html_share(s.today - s.starts, s.ends - s.starts),
           (SELECT string_agg(format(
              '<li><span class="label">%1$s<small>%10$s</small></span><svg height="48" role="img" aria-label="%2$s"><title>%2$s</title><desc>%11$s</desc>'
              || '<line class="track" x1="0" x2="100%%" y1="24" y2="24"/><rect class="past" x="%3$s" y="20" width="%4$s" height="8"/>'
              || '<rect class="left" x="%5$s" y="20" width="%6$s" height="8"/><line class="now" x1="%7$s" x2="%7$s" y1="0" y2="48"/>'
              || '<svg x="%3$s" y="24" width="1" height="1"><g class="mark">%8$s</g></svg>'
              || '<line stroke="#1c5d68" stroke-width="2" x1="%9$s" x2="%9$s" y1="16" y2="32"/></svg></li>',
              credit.html_text(b.label),
              credit.html_plain(format('%s: %s %s', b.label, w ->> 'until', coalesce(b.last, w ->> 'open'))),
              credit.html_share(b.first_day - s.starts, s.ends - s.starts),
              credit.html_share(least(s.today, coalesce(b.last_day, s.ends)) - b.first_day, s.ends - s.starts),
              credit.html_share(greatest(s.today, b.first_day) - s.starts, s.ends - s.starts),
              credit.html_share(greatest(coalesce(b.last_day, s.ends) - greatest(s.today, b.first_day), 0), s.ends - s.starts),
              credit.html_share(s.today - s.starts, s.ends - s.starts),
              credit.html_sign(b.stance),
              credit.html_share(coalesce(b.last_day, s.ends) - s.starts, s.ends - s.starts),
              credit.html_plain(format('%s · %s %s', coalesce(w ->> b.stance, b.stance), w ->> 'until', coalesce(b.last, w ->> 'open'))),
              credit.html_plain(format('%s %s, %s %s', w ->> 'from', left(b.first, 10), w ->> 'until', coalesce(b.last, w ->> 'open')))),
              E'\n' ORDER BY b.last_day, b.place) FROM bar b WHERE b.first_day IS NOT NULL),
           credit.html_share(s.today - s.starts, s.ends - s.starts),
           CASE WHEN (s.today - s.starts) * 4 < s.ends - s.starts THEN 'start' WHEN (s.today - s.starts) * 4 > 3 * (s.ends - s.starts) THEN 'end' ELSE 'middle' END,
           w ->> 'today', to_char(s.today, 'YYYY-MM-DD'))
    FROM word, span s WHERE s.starts IS NOT NULL;
$$;
COMMENT ON FUNCTION credit.report_html_timeline(jsonb, text) IS 'Display periods of a report''s records on a time line, the first to end on top; for report_html() alone';

CREATE FUNCTION credit.report_html_records(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w)
  SELECT format('<section><h2>%s</h2>%s</section>', w ->> 'records', coalesce(
    (SELECT string_agg(format(
       '<article id="r-%s"><div class="head"><h3><svg class="sign" viewBox="-6 -6 12 12" aria-hidden="true">%s</svg>%s <span class="tag">%s</span></h3>'
       || '<div class="end">%s <strong>%s</strong></div></div>%s%s</article>',
       credit.html_plain(r ->> 'record'), credit.html_sign(r ->> 'stance'), credit.html_text(r ->> language),
       credit.html_plain(concat_ws(' · ', w ->> (r ->> 'stance'), w ->> (r ->> 'severity'))),
       w ->> 'until', credit.html_plain(coalesce(r ->> 'shown_until', w ->> 'open')),
       credit.html_facts(ARRAY[
         [w ->> 'source', r ->> 'provider_name'], [w ->> 'document', concat_ws(' · ', r ->> 'document_no', r ->> 'document_date')],
         [w ->> 'act_day', r ->> 'happened_on'], 
         -- Fields that say the same stand below.
         [w ->> CASE r ->> 'unit' WHEN 'CNY' THEN 'amount' ELSE 'quantity' END,
          CASE WHEN r ->> 'amount' IS NOT NULL AND NOT (r ->> 'unit' = 'CNY' AND r ->> 'fields' ~ '_amount"')
               THEN concat_ws(' ', r ->> 'amount', coalesce(w ->> (r ->> 'unit'), r ->> 'unit')) END],
         [w ->> 'fulfilled', r ->> 'fulfilled_on'], [w ->> 'extended', r ->> 'extended_until']]
         || coalesce((SELECT array_agg(ARRAY[coalesce(w ->> f.key, f.key), f.value] ORDER BY f.key COLLATE "C")
                        FROM jsonb_each_text(CASE WHEN jsonb_typeof(r -> 'fields') = 'object' THEN r -> 'fields' ELSE '{}' END) f), '{}')
         || ARRAY[[w ->> 'basis', r ->> 'basis'], [w ->> 'rule', replace(r ->> 'rule_basis', '[unverified]', w ->> 'unverified')]]),
       coalesce((SELECT string_agg(format('<blockquote><p>%s</p><cite>%s %s</cite></blockquote>',
                                           credit.html_text(t ->> 'text'), w ->> 'statement', credit.html_plain(t ->> 'on')), '')
                   FROM jsonb_array_elements(r -> 'statements') t), '')), E'\n' ORDER BY place)
       FROM jsonb_array_elements(report -> 'records') WITH ORDINALITY e (r, place)),
    format('<p>%s</p>', w ->> 'none')))
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html_records(jsonb, text) IS 'The records of a report, with their source, ground, end and the person''s own words; for report_html() alone';

CREATE FUNCTION credit.report_html_score(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w),
  line AS (
    SELECT e.place, e.l ->> 'why' AS why, e.l ->> 'basis' AS basis, e.l ->> 'counts_until' AS until,
           coalesce(e.l ->> language, e.l ->> 'rule') AS label,
           CASE WHEN e.l ->> 'points' ~ '^-?\d{1,12}(\.\d{1,9})?$' THEN (e.l ->> 'points')::numeric END AS points
      FROM jsonb_array_elements(report #> '{score,lines}') WITH ORDINALITY e (l, place)
  ), span AS (
    SELECT least(min(points), 0) AS low, greatest(max(points), 1) AS high FROM line WHERE why IS DISTINCT FROM 'base'
  )
  SELECT format('<section><h2>%s</h2><p class="say">%s</p><ul class="figures">'
           || '<li><b>%s</b><span>%s %s</span></li><li><b>%s</b><span>%s</span></li></ul><ol class="rows chart">%s</ol></section>',
           w ->> 'score', w ->> 'score_say', credit.html_text(report #>> '{score,points}'), w ->> 'as_of', credit.html_plain(left(report #>> '{score,as_of}', 10)),
           credit.html_text(report #>> '{score,grade}'), w ->> 'grade',
           (SELECT string_agg(CASE WHEN l.why = 'base' THEN
                format('<li><span class="label">%s</span><svg height="34" role="img" aria-label="%1$s %2$s"><title>%1$s %2$s</title>'
                       || '<text class="strong" x="0" y="21">%2$s</text></svg></li>', w ->> 'base', l.points)
              ELSE format(
                '<li><span class="label">%1$s<small>%2$s</small></span><svg height="48" role="img" aria-label="%3$s"><title>%3$s</title><desc>%2$s</desc>'
                || '<svg x="0" width="86%%" height="48"><line class="tick" x1="%4$s" x2="%4$s" y1="4" y2="44"/>'
                || '<rect class="%5$s" x="%6$s" y="18" width="%7$s" height="12"/></svg>'
                || '<text class="strong" x="100%%" y="28" text-anchor="end">%8$s</text></svg></li>',
                credit.html_text(coalesce(l.label, l.why)),
                credit.html_plain(concat_ws(' · ', coalesce(w ->> l.why, w ->> split_part(l.why, ' ', 1), l.why), (w ->> 'counts_until') || ' ' || l.until)),
                credit.html_plain(format('%s: %s %s', coalesce(l.label, l.why), l.points, w ->> 'points')),
                credit.html_share(0 - s.low, s.high - s.low),
                CASE WHEN l.points < 0 THEN 'left' ELSE 'past' END,
                credit.html_share(least(l.points, 0) - s.low, s.high - s.low), credit.html_share(abs(l.points), s.high - s.low),
                CASE WHEN l.points > 0 THEN '+' ELSE '' END || l.points) END, E'\n' ORDER BY l.place) FROM line l))
    FROM word, span s
   WHERE report #> '{score,lines,0}' IS NOT NULL;
$$;
COMMENT ON FUNCTION credit.report_html_score(jsonb, text) IS 'The lines of the score as a chart, in the person''s own report alone; for report_html() alone';

CREATE FUNCTION credit.report_html_asked(report jsonb, language text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH word AS (SELECT credit.html_words(language) AS w)
  SELECT CASE
    WHEN report ? 'inquiry' THEN
      format('<section><h2>%s</h2>%s</section>', w ->> 'this_inquiry', credit.html_facts(ARRAY[
        [w ->> 'asked_by', concat_ws(' · ', report #>> '{inquiry,provider_name}', report #>> '{inquiry,person}')],
        [w ->> 'purpose', coalesce(w ->> (report #>> '{inquiry,purpose_name}'), report #>> '{inquiry,purpose_name}', report #>> '{inquiry,purpose}')],
        [w ->> 'authorisation', report #>> '{inquiry,authorisation}'],
        [w ->> 'asked_at', replace(left(report #>> '{inquiry,opened_at}', 16), 'T', ' ')], [w ->> 'inquiry_no', report #>> '{inquiry,number}']]))
    WHEN report #> '{inquiries,0}' IS NULL THEN format('<section><h2>%s</h2><p>%s</p></section>', w ->> 'who_asked', w ->> 'nobody_asked')
    ELSE format('<section><h2>%1$s</h2><table class="cards"><thead>'
      || '<tr><th scope="col">%2$s</th><th scope="col">%3$s</th><th scope="col">%4$s</th><th scope="col">%5$s</th></tr></thead><tbody>%6$s</tbody></table></section>',
      w ->> 'who_asked', w ->> 'when', w ->> 'asked_by', w ->> 'purpose', w ->> 'authorisation',
      (SELECT string_agg(format('<tr><td data-name="%s">%s</td><td data-name="%s">%s</td><td data-name="%s">%s%s</td><td data-name="%s">%s</td></tr>',
                w ->> 'when', credit.html_plain(replace(left(i ->> 'opened_at', 16), 'T', ' ')), w ->> 'asked_by', credit.html_text(i ->> 'provider_name'),
                w ->> 'purpose', credit.html_text(coalesce(w ->> (i ->> 'purpose_name'), i ->> 'purpose_name', i ->> 'purpose')),
                CASE WHEN i ->> 'state' IN ('pending', 'refused') THEN format(' (%s)', w ->> (i ->> 'state')) ELSE '' END,
                w ->> 'authorisation', credit.html_text(i ->> 'authorisation')), E'\n' ORDER BY place)
         FROM jsonb_array_elements(report -> 'inquiries') WITH ORDINALITY e (i, place)))
    END
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html_asked(jsonb, text) IS 'The inquiry that a report answers, or, in the person''s own, everybody who asked; for report_html() alone';

CREATE FUNCTION credit.report_html(report jsonb, language text DEFAULT 'zh') RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  -- From here on "report" is the one that was checked: a column hides an argument.
  WITH word AS MATERIALIZED (SELECT credit.html_words(language) AS w, credit.checked_report(report) AS report)
  SELECT credit.html_page(report ->> language, language, concat_ws(E'\n',
    CASE WHEN report ? 'watermark' THEN '<div class="marked"><main>' ELSE '<div><main>' END,
    format('<header><h1>%s</h1><p>%s %s</p></header>', credit.html_text(report ->> language), w ->> 'made',
           credit.html_plain(replace(left(report ->> 'made_at', 16), 'T', ' '))),
    format('<section class="facts" aria-label="%s">%s</section>', w ->> 'subject', credit.html_facts(ARRAY[
      [w ->> 'name', coalesce(report #>> '{subject,name}', CASE WHEN report #>> '{subject,division}' IS NULL THEN w ->> 'no_file' END)], [w ->> 'number', report #>> '{subject,number}'],
      [w ->> 'kind', coalesce(w ->> (report #>> '{subject,kind}'), report #>> '{subject,kind}')],
      [w ->> 'division', coalesce(report #>> '{subject,division_name}', report #>> '{subject,division}')],
      [w ->> 'occupation', report #>> ARRAY['occupation', language]]])),
    format('<section><h2>%s</h2><ul class="figures">%s</ul></section>', w ->> 'records_today',
           (SELECT string_agg(format('<li><b>%s</b><svg class="sign" viewBox="-6 -6 12 12" aria-hidden="true">%s</svg><span>%s</span></li>',
                     credit.html_plain(coalesce(report #>> ARRAY['counts', s], '0')), credit.html_sign(s), w ->> s), '' ORDER BY n)
              FROM unnest('{good,neutral,bad}'::text[]) WITH ORDINALITY u (s, n))),
    credit.report_html_timeline(report, language),
    credit.report_html_records(report, language),
    credit.report_html_score(report, language),
    credit.report_html_asked(report, language),
    (SELECT format('<section><h2>%s</h2><ul class="list">%s</ul></section>', w ->> 'left_out',
              string_agg(format('<li>%s%s%s</li>', credit.html_text(l ->> language), CASE WHEN l ? 'count' THEN ': ' || credit.html_text(l ->> 'count') ELSE '' END,
                coalesce((SELECT '<small>' || string_agg(credit.html_text(c ->> language), ' · ') || '</small>' FROM jsonb_array_elements(l -> 'categories') c), '')),
                '' ORDER BY place))
       FROM jsonb_array_elements(report -> 'left_out') WITH ORDINALITY e (l, place) HAVING count(*) > 0),
    (SELECT format('<section><h2>%s</h2><ol class="list">%s</ol></section>', w ->> 'rights',
              string_agg(format('<li>%s%s</li>', credit.html_text(g ->> language),
                (SELECT string_agg(format('<small>%s%s %s %s · %s</small>',
                          (SELECT string_agg(credit.html_text(i ->> language), ' · ') || ': ' FROM jsonb_array_elements(t -> 'items') i),
                          w ->> CASE t ->> 'state' WHEN 'forwarded' THEN 'reply_in_forwarded' ELSE 'reply_in' END, credit.html_plain(t ->> 'days'),
                          credit.html_plain(coalesce(w ->> (t ->> 'unit'), t ->> 'unit')), credit.html_plain(t ->> 'basis')), '' ORDER BY n)
                   FROM jsonb_array_elements(g -> 'terms') WITH ORDINALITY u (t, n))),
                '' ORDER BY place))
       FROM jsonb_array_elements(report -> 'rights') WITH ORDINALITY e (g, place) WHERE jsonb_typeof(g) = 'object' HAVING count(*) > 0),
    '</main>',
    format('<footer class="foot"><p>%s</p><p>%s</p>%s<p>%s <span class="code">%s</span></p></footer>',
           credit.html_text(report #>> ARRAY['note', language]), CASE WHEN report ? 'watermark' THEN w ->> 'watermark_say' ELSE w ->> 'own_say' END,
           CASE WHEN report ? 'watermark' THEN format('<p>%s <span class="code">%s</span></p>', w ->> 'watermark', credit.html_plain(report ->> 'watermark')) ELSE '' END,
           w ->> 'law', credit.html_plain(concat_ws(' ', report #>> '{law,rulebook}', left(report #>> '{law,digest}', 12)))),
    CASE WHEN report ? 'watermark' THEN format('<div class="stamp code" aria-hidden="true">%s</div>', credit.html_plain(report ->> 'watermark')) ELSE '' END, '</div>'))
  FROM word;
$$;
COMMENT ON FUNCTION credit.report_html(jsonb, text) IS
  'A report as a page that stands alone: for paper, phone and screen, without colour, script or request; language zh or en; everything in it escaped; 22023 for what is no report';
