-- The demo's catalogue: the six information categories of the county opinion,
-- section 9 (九), as items with their fields, and every verdict with its remedy.

INSERT INTO credit_demo.item (item, zh, en, category, stance, subjects, basis, in_force)
SELECT v.item, v.zh, v.en, v.category, v.stance::credit_demo.stance, v.subjects::text[],
       '源政办发〔2018〕39号 (九)' || coalesce('; ' || v.law, ''), '[2018-05-21,)'
  FROM (VALUES
  ('person',                 '个人基础信息',   'basic personal information',    'identity_base',          'neutral', '{person}',              NULL),
  ('organisation',           '组织基础信息',   'basic organisation information', 'identity_base',         'neutral', '{organisation}',        NULL),
  ('residence_registration', '居住登记',       'residence registration',        'identity_base',          'neutral', '{person}',              NULL),
  ('occupational_licence',   '执业资格',       'occupational licence',          'qualification',          'neutral', '{person}',              NULL),
  ('youth_medal',            '青年五四奖章',   'May Fourth youth medal',        'commendation',           'good',    '{person}',              NULL),
  ('volunteer_honour',       '优秀志愿者',     'excellent volunteer',           'commendation',           'good',    '{person}',              NULL),
  ('labour_model',           '劳动模范',       'model worker',                  'commendation',           'good',    '{person}',              NULL),
  ('utility_arrears',        '公用事业欠费',   'utility arrears',             'utility_arrears',        'bad',     '{person,organisation}', NULL),
  ('loan_judgment',          '金融借款判决',   'unperformed loan judgment',     'financial_activity',     'bad',     '{person,organisation}', NULL),
  ('credit_household',       '信用户',         'household of good credit',      'financial_activity',     'good',    '{person}',              NULL),
  ('traffic_penalty',        '交通违法处罚',   'traffic penalty',               'administrative_penalty', 'bad',     '{person}',              '行政处罚法'),
  ('market_penalty',         '市场监管处罚',   'market regulation penalty',     'administrative_penalty', 'bad',     '{person,organisation}', '行政处罚法'),
  ('tax_penalty',            '税务处罚',       'tax penalty',                   'administrative_penalty', 'bad',     '{person,organisation}', '行政处罚法'),
  ('wage_arrears_list',      '拖欠工资名单',   'wage arrears list',             'administrative_penalty', 'bad',     '{organisation}',        NULL)
  ) AS v (item, zh, en, category, stance, subjects, law);

INSERT INTO credit_demo.item_provider (item, provider) VALUES
  ('person', 'police'), ('residence_registration', 'police'), ('traffic_penalty', 'police'),
  ('organisation', 'market'), ('market_penalty', 'market'), ('tax_penalty', 'tax'),
  ('occupational_licence', 'labour'), ('wage_arrears_list', 'labour'), ('loan_judgment', 'court'),
  ('utility_arrears', 'power'), ('youth_medal', 'youth'), ('volunteer_honour', 'youth'),
  ('labour_model', 'union'), ('credit_household', 'bank');

-- Fields: those of every item, of every record, of every adverse record, and an
-- item's own.
INSERT INTO credit_demo.item_field (item, field, kind)
SELECT item, field, kind
  FROM credit_demo.item,
       (VALUES ('item', 'text'), ('subject', 'code'), ('name', 'text')) AS f (field, kind);

INSERT INTO credit_demo.item_field (item, field, kind)
SELECT item, field, kind
  FROM credit_demo.item,
       (VALUES ('document_number', 'text'), ('document_date', 'date')) AS f (field, kind)
 WHERE item NOT IN ('person', 'organisation');

INSERT INTO credit_demo.item_field (item, field, kind, list)
SELECT item, field, kind, list
  FROM credit_demo.item,
       (VALUES ('conduct_end', 'date', NULL), ('severity', 'list', 'severity')) AS f (field, kind, list)
 WHERE stance = 'bad';

INSERT INTO credit_demo.item_field (item, field, kind, list) VALUES
  ('person', 'town', 'text', NULL),
  ('residence_registration', 'town', 'text', NULL),
  ('occupational_licence', 'occupation', 'list', 'key_occupation'),
  ('volunteer_honour', 'hours', 'count', NULL),
  ('utility_arrears', 'amount', 'amount', NULL),
  ('loan_judgment', 'amount', 'amount', NULL),
  ('wage_arrears_list', 'amount', 'amount', NULL),
  ('traffic_penalty', 'amount', 'amount', NULL), ('traffic_penalty', 'field', 'list', 'key_field'),
  ('market_penalty', 'amount', 'amount', NULL), ('market_penalty', 'field', 'list', 'key_field'),
  ('tax_penalty', 'amount', 'amount', NULL), ('tax_penalty', 'field', 'list', 'key_field');

-- The classes of 国办发〔2025〕22号 and order 36 (2025), not of the opinion (section 0).
INSERT INTO credit_demo.code_list (list, ordinal, code, zh, en, opinion_section) VALUES
  ('severity', 1, 'minor', '轻微', 'minor', 0),
  ('severity', 2, 'general', '一般', 'general', 0),
  ('severity', 3, 'serious', '严重', 'serious', 0);

INSERT INTO credit_demo.forbidden_field (field, basis)
SELECT unnest('{religion,gene,fingerprint,blood_type,disease,medical_history}'::text[]),
       '山东省社会信用条例 art. 42';

INSERT INTO credit_demo.verdict (verdict, effect, zh, remedy) VALUES
  ('valid_retired_division', 'notice', '区划已撤销',     'nothing: the number was given when this division existed'),
  ('unlisted_division',      'notice', '区划未收录',     'compare the first six places with the document'),
  ('upgraded',               'notice', '15位已升位',     'use the 18-place number from now on'),
  ('irregular',              'notice', '校验位异常(原发)', 'nothing: issued like this, and marked so with a question mark'),
  ('bad_length',             'held',   '位数不符',       'read the number again from the document: a place is missing or doubled'),
  ('bad_character',          'held',   '字符不符',       'read the number again at this place; often O for 0 or I for 1'),
  ('bad_date',               'held',   '出生日期不存在', 'read places 7-14 again from the document'),
  ('future_birth',           'held',   '出生日期在未来', 'read places 7-14 again from the document'),
  ('bad_check',              'held',   '校验位不符',     'read the number again; if the document does say so, put ? behind it'),
  ('bad_organisation_check', 'held',   '机构代码校验位不符', 'read places 9-17 again; if the certificate does say so, put ? behind it'),
  ('bad_registrar',          'held',   '登记部门不符',   'read places 1-2 again from the certificate'),
  ('no_such_province',       'held',   '省级代码不存在', 'read places 1-2 again from the document'),
  ('missing_field',          'held',   '必填项缺失',     'fill in the field'),
  ('no_finding_document',    'held',   '无认定文书',     'give the number of the final document; without one there is no adverse record'),
  ('unknown_item',           'held',   '目录外事项',     'do not hand this in: only what the catalogue lists may be collected'),
  ('wrong_provider',         'held',   '非本单位事项',   'leave this item to the office that is competent for it'),
  ('field_not_in_catalogue', 'held',   '目录外字段',     'take the field out: the catalogue does not ask for it'),
  ('forbidden_field',        'held',   '禁止采集',       'take the field out and delete it at the source of this file'),
  ('malformed_date',         'held',   '日期格式不符',   'write the date as YYYY-MM-DD'),
  ('malformed_amount',       'held',   '金额格式不符',   'write yuan in digits with at most two decimals, as 1200.00'),
  ('malformed_count',        'held',   '数量格式不符',   'write a whole number in digits'),
  ('unknown_value',          'held',   '代码不存在',     'use a code of the list named'),
  ('future_document',        'held',   '文书日期在未来', 'read the date again from the document'),
  ('document_before_conduct', 'held',  '文书早于行为',   'compare both dates with the document; they may be exchanged'),
  ('basis_not_in_force',     'held',   '依据当时未施行', 'do not hand this in: nothing allowed its collection on that day'),
  ('minors_act',             'held',   '未成年人行为',   'withdraw the row: an act before the 18th birthday never becomes an adverse record'),
  ('wrong_subject_kind',     'held',   '主体类型不符',   'give the number of the right kind of subject, or the right item'),
  ('unknown_subject',        'held',   '主体未登记',     'compare the number with the document; if it is right, hand in the base row first'),
  ('name_differs',           'held',   '姓名与登记不符', 'please verify name and number with the person''s document'),
  ('duplicate_row',          'held',   '重复行',         'nothing, if the two rows are one document; else correct its number');
