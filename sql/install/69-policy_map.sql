-- ---------------------------------------------------------------------------
-- policy_map: from the county opinion's articles to the objects that serve them
-- ---------------------------------------------------------------------------

CREATE FUNCTION credit.policy_articles() RETURNS TABLE (article int, zh text, en text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 22
  BEGIN ATOMIC
  VALUES
  (1, '指导思想', 'Guiding ideas'),
  (2, '基本原则', 'Basic principles'),
  (3, '大力弘扬诚信文化', 'A culture of integrity'),
  (4, '广泛开展诚信宣传', 'Publicity'),
  (5, '积极推介诚信典型', 'Examples of integrity'),
  (6, '全面加强校园诚信教育', 'Integrity at schools'),
  (7, '广泛开展信用教育培训', 'Training'),
  (8, '推动完善个人实名登记制度', 'Real-name registration'),
  (9, '协调配合淄博市个人公共信用数据库建设', 'The city’s database of personal public credit'),
  (10, '建立重点领域个人诚信记录', 'Records in key fields'),
  (11, '保护个人信息安全', 'Security of personal information'),
  (12, '加强个人信用权益保护', 'Rights of persons'),
  (13, '建立信用信息纠错、修复机制', 'Correction and repair'),
  (14, '推动个人公共信用信息共享', 'Sharing'),
  (15, '积极开展个人公共信用信息服务', 'Services'),
  (16, '为优良信用个人提供更多服务便利', 'Convenience for people of good record'),
  (17, '对重点领域严重失信个人实施联合惩戒', 'Joint measures against serious dishonesty'),
  (18, '推动形成市场性、社会性约束和惩戒', 'Constraints of market and society'),
  (19, '加强组织领导', 'Leadership'),
  (20, '建立健全有关规范', 'Rules'),
  (21, '加大资金支持力度', 'Funding'),
  (22, '强化责任落实', 'Responsibility');
  END;
COMMENT ON FUNCTION credit.policy_articles() IS 'Articles of the county opinion (源政办发〔2018〕39号)';

-- Objects: credit.name() a function of any arguments, credit.name a type, table or
-- view, credit_register.name a table or view of the register, with :name a
-- constraint of it.  Tests are those that fail without.
CREATE FUNCTION credit.policy_lines()
  RETURNS TABLE (number int, articles int[], zh text, en text, objects text[], tests text[], gap_zh text, gap_en text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 58
  BEGIN ATOMIC
  SELECT l.number, l.articles::int[], l.zh, l.en, l.objects::text[], l.tests::text[], l.gap_zh, l.gap_en FROM (VALUES
  (1, '{1,20}', '一条受规范的链条：记录、归集、处理、应用', 'One governed chain: record, collect, process, use',
    '{credit.policy_map,credit.rulebook_rules(),credit.rulebook_documents(),credit.change_record(),credit_register.record}',
    '{test/sql/policy_map.sql,test/sql/rulebook.sql,test/sql/register.sql}',
    NULL, NULL),
  (2, '{2}', '政府推动，社会共建，各方权限不同', 'Government leads, many take part, each with powers of its own',
    '{credit_register.provider,credit_register.mandate,credit.grant_duty(),credit.may_see(),credit.guard_report()}',
    '{test/sql/access.sql,test/sql/register.sql}',
    NULL, NULL),
  (3, '{2,12}', '依法有序共享', 'Lawful, orderly sharing',
    '{credit.catalogue(),credit.file_record(),credit_register.record:record_basis,credit.adopt_rulebook(),credit.rulebook_on()}',
    '{test/sql/collection.sql,test/sql/register.sql}',
    NULL, NULL),
  (4, '{2,9,14}', '依托淄博平台、金融信用数据库、征信机构', 'Build on the Zibo platform, the financial database and credit bureaux',
    '{credit_register.receiver,credit_register.delivery,credit.fan_out(),credit.push(),credit.fetch_deliveries(),credit.acknowledge(),
      credit.create_outbox_publication()}',
    '{test/sql/effect.sql,test/sql/exchange.sql}',
    '与市平台的接口规范由市级确定，库内提供发件箱', 'The interface of the city platform is the city’s to fix; the register offers an outbox'),
  (5, '{3}', '信用村镇评选；市民诚信公约', 'Selection of credit villages and towns; pacts of citizens',
    '{credit.area_stats(),credit.add_commitment_template(),credit.sign_commitment(),credit_register.commitment}',
    '{test/sql/exchange.sql,test/sql/incentive.sql}',
    '评选由人作出', 'People select'),
  (6, '{4,18}', '红黑榜与典型案例', 'Red and black boards and cases',
    '{credit.publish(),credit.take_down(),credit.public_records(),credit_register.public_record,credit.public_display()}',
    '{test/sql/exchange.sql,test/sql/display.sql}',
    '宣传时间节点不由本库安排', 'Campaign dates are not planned here'),
  (7, '{5,16}', '荣誉：道德模范、劳动模范、青年五四奖章等', 'Honours: moral models, model workers, youth medal',
    '{credit.rulebook_items(),credit.file_record(),credit.nominate(),credit.verify_nomination(),credit.change_record()}',
    '{test/sql/collection.sql,test/sql/incentive.sql,test/sql/scoring.sql}',
    '文化作品、主题活动不属软件', 'Works of culture and campaigns are not software'),
  (8, '{6}', '18岁以上成年学生诚信档案', 'Adult-student files, 18 and over only',
    '{credit.open_student_file(),credit_register.student_file:student_file_subject_minor_fkey,credit_register.student_file:student_file_minor_check,credit.is_minor(),
      credit.refresh_minors(),credit.age_on()}',
    '{test/sql/subject.sql}',
    NULL, NULL),
  (9, '{6}', '考试舞弊、学术造假等依法依规记入', 'Exam cheating, academic fraud and the like, recorded by law',
    '{credit.file_record(),credit_register.record:record_finding,credit.rulebook_items()}',
    '{test/sql/collection.sql}',
    NULL, NULL),
  (10, '{6}', '教师、学生信用评价与贷款、职称、项目挂钩', 'Evaluation of teachers and students tied to loans, titles, posts, projects',
    '{credit.report(),credit_register.report_kind,credit_register.purpose,credit.open_inquiry()}',
    '{test/sql/report.sql,test/sql/inquiry.sql}',
    '评价本身由学校作出，本库不评分', 'The evaluation itself is the school’s; none is computed here'),
  (11, '{7}', '信用从业人员培训考评；入职信用承诺', 'Training and assessment of credit staff; commitments on entry',
    '{credit.add_practitioner(),credit.end_practitioner(),credit.enter_as(),credit_register.practitioner,credit.sign_commitment()}',
    '{test/sql/subject.sql,test/sql/incentive.sql}',
    '培训与考试不由本库组织', 'Courses and examinations are not held here'),
  (12, '{8}', '以公民身份号码实名；统一社会信用代码全覆盖', 'Real name by citizen number; full credit-code coverage',
    '{credit.code,credit.check_code(),credit.suggest_code(),credit.division_listed(),credit.assigned_code(),credit.assign_subject()}',
    '{test/sql/code.sql,test/sql/division.sql,test/sql/subject.sql}',
    NULL, NULL),
  (13, '{8}', '身份识别信息唯一；实时核查服务', 'Uniqueness of identity; real-time verification',
    '{credit.add_subject(),credit.verify_identity(),credit.merge_subjects(),credit.split_subject(),credit.undo_link(),credit_register.subject_link,
      credit_register.identity,credit.identity_spend()}',
    '{test/sql/subject.sql,test/sql/identity.sql}',
    '不登记指纹，核身留在公安系统', 'No fingerprints: proving who somebody is stays with the police system'),
  (14, '{9}', '归集基础、资格、表彰、欠缴、金融、处罚信息', 'Collect base, qualification, honour, arrears, financial and penalty data',
    '{credit.file_record(),credit.load_batch(),credit.catalogue(),credit_register.record:record_fields,credit_register.occupation,credit_register.licence}',
    '{test/sql/collection.sql,test/sql/subject.sql}',
    NULL, NULL),
  (15, '{9}', '部门信息全覆盖', 'Every department covered',
    '{credit.coverage(),credit.nil_return()}',
    '{test/sql/collection.sql}',
    NULL, NULL),
  (16, '{9,10}', '真实准确', 'True and accurate',
    '{credit.load_batch(),credit_register.batch_row,credit_register.batch_verdict,credit.correct_row(),credit.discard_row(),credit.discard_old_rows(),credit.gate_codes(),credit_register.record:record_once,
      credit.provider_scorecard()}',
    '{test/sql/collection.sql}',
    NULL, NULL),
  (17, '{9,10}', '及时动态更新', 'Updated in time',
    '{credit.late_records(),credit.provider_scorecard(),credit.catalogue()}',
    '{test/sql/collection.sql}',
    NULL, NULL),
  (18, '{10}', '16个重点领域，21类职业人群及法定代表人', '16 fields, 21 occupations and legal representatives',
    '{credit.rulebook_codes(),credit.occupations(),credit.add_occupation(),credit_register.occupation,credit_register.org_role}',
    '{test/sql/rulebook_shipped.sql,test/sql/subject.sql}',
    NULL, NULL),
  (19, '{10}', '职业信用报告', 'Occupational credit report',
    '{credit.report(),credit.report_left_out(),credit_register.report_kind,credit_register.occupation}',
    '{test/sql/report.sql}',
    NULL, NULL),
  (20, '{10,17}', '组织严重失信同时记入责任人员', 'Serious dishonesty of an organisation also goes to the persons responsible',
    '{credit.attribute_to_person(),credit_register.record:record_origin,credit.add_org_role(),credit.record_changed_subject(),credit.resume_attributed()}',
    '{test/sql/subject.sql}',
    NULL, NULL),
  (21, '{10}', '行业协会、商会的会员信用档案', 'Members’ files of associations and chambers',
    '{credit.add_member(),credit.file_market_record(),credit.market_records(),credit_register.member:member_provider_provider_kind_fkey,credit_register.market_record}',
    '{test/sql/subject.sql}',
    NULL, NULL),
  (22, '{11}', '安全体系、等级保护、备份恢复', 'Security system, graded protection, backup and restore',
    '{credit.guard_report(),credit.make_policies(),credit.identity_seal(),credit.keys(),credit.verify_audit()}',
    '{test/sql/access.sql,test/sql/identity.sql,test/t/101_identity.pl,test/t/050_audit.pl}',
    '物理、网络、主机安全及等级测评不在数据库内', 'Physical, network and host security and the grading are outside a database'),
  (23, '{11}', '查询使用登记和审查', 'Register and review of queries',
    '{credit.open_inquiry(),credit.review_inquiry(),credit.inquiry_settled(),credit.inquiry_risks(),credit.my_inquiries(),credit_register.inquiry}',
    '{test/sql/inquiry.sql,test/t/120_inquiry.pl}',
    NULL, NULL),
  (24, '{11}', '应急处理', 'Emergency handling',
    '{credit.leak_trace(),credit.review_inquiry(),credit_register.purpose,credit.forget()}',
    '{test/sql/inquiry.sql,test/sql/report.sql}',
    '应急预案与上报由单位制定', 'Plans and reports to authorities are the office’s'),
  (25, '{11}', '征信机构及相关人员信用档案', 'Files on credit agencies and their staff',
    '{credit.occupations(),credit.add_occupation(),credit_register.practitioner}',
    '{test/sql/subject.sql}',
    NULL, NULL),
  (26, '{12}', '未经法律、法规授权不得采集', 'No collection without authority in law',
    '{credit.pass_gate(),credit.catalogue(),credit_register.record:record_basis,credit.reserved_field()}',
    '{test/sql/collection.sql}',
    NULL, NULL),
  (27, '{12}', '防泄露、篡改、毁损、出售', 'Stop leak, tampering, destruction and sale',
    '{credit.audit_table(),credit.seal_audit(),credit.checkpoint(),credit.verify_audit(),credit.leak_trace()}',
    '{test/sql/audit.sql,test/sql/report.sql,test/t/050_audit.pl,test/t/020_redact.pl}',
    NULL, NULL),
  (28, '{12}', '查询网点全过程监控，定期风险排查', 'Monitor query points and staff; periodic risk checks',
    '{credit.inquiry_risks(),credit.set_identity_budget(),credit.identity_spend(),credit.guard_report()}',
    '{test/sql/inquiry.sql,test/sql/identity.sql,test/sql/subject.sql}',
    NULL, NULL),
  (29, '{12}', '违法收集、泄露、错误记录的责任追究', 'Liability for illegal collection, leak and wrong record',
    '{credit.who_is_answerable(),credit.audit_changes(),credit_register.record}',
    '{test/sql/effect.sql,test/sql/audit.sql}',
    NULL, NULL),
  (30, '{12}', '监督金融、电信、互联网企业采集使用', 'Supervise collection and use by banks, telecoms and apps',
    '{credit_register.receiver,credit_register.consent,credit.use_consent(),credit.withdraw_consent(),credit_register.delivery,credit.held_by_receivers()}',
    '{test/sql/inquiry.sql,test/sql/inquiry_consent.sql,test/sql/exchange.sql}',
    '企业自有系统不在本库内', 'What firms keep in systems of their own is not seen here'),
  (31, '{13}', '异议处理、投诉制度', 'Objection and complaint procedure',
    '{credit.open_dispute(),credit.open_case(),credit.decide_dispute(),credit.decide_case(),credit.overdue_cases(),credit.case_queue(),credit_register.case_file,
      credit_register.case_event,credit.deadline(),credit.add_workdays()}',
    '{test/sql/case_file.sql,test/sql/calendar.sql}',
    NULL, NULL),
  (32, '{13}', '事后履约、申请延期、自主解释', 'Later performance, extension, own explanation',
    '{credit.add_statement(),credit.ask_extension(),credit.statements_on(),credit.open_case()}',
    '{test/sql/case_file.sql}',
    NULL, NULL),
  (33, '{13}', '明确各类信息展示期限', 'A display period for every kind',
    '{credit.display_period(),credit.displayed_on(),credit.explain_display(),credit.next_change(),credit_register.shown_record}',
    '{test/sql/display.sql,test/sql/effect.sql}',
    NULL, NULL),
  (34, '{13}', '期限内纠正的不再作为联合惩戒对象', 'Corrected in time: no longer a target of joint punishment',
    '{credit_register.joint_target,credit.release_measures(),credit.change_record(),credit.everywhere()}',
    '{test/sql/measure.sql,test/sql/effect.sql}',
    NULL, NULL),
  (35, '{13}', '保护未成年人', 'Protect minors',
    '{credit_register.record:record_adult,credit.is_minor(),credit.of_age(),credit.may_see(),credit_register.student_file:student_file_minor_check}',
    '{test/sql/collection.sql,test/sql/subject.sql,test/sql/scoring.sql,test/sql/access.sql}',
    NULL, NULL),
  (36, '{13}', '以履约、志愿服务、慈善捐助修复信用', 'Repair by performance, volunteering, charity',
    '{credit.repair_check(),credit.repairable_from(),credit.open_repair(),credit.repair_conditions(),credit.decide_repair()}',
    '{test/sql/repair.sql,test/sql/case_file.sql}',
    NULL, NULL),
  (37, '{14}', '跨部门互联互通互查', 'Cross-department exchange and mutual query',
    '{credit.subscribe(),credit_register.subscription,credit_register.delivery,credit.fan_out()}',
    '{test/sql/exchange.sql}',
    NULL, NULL),
  (38, '{15}', '向社会提供授权查询服务', 'Authorised query service for the public',
    '{credit.authorize(),credit.use_consent(),credit.open_inquiry(),credit.inquiry_subject(),credit.report(),credit.my_consents(),credit_register.consent}',
    '{test/sql/inquiry.sql,test/sql/inquiry_consent.sql,test/sql/report.sql}',
    NULL, NULL),
  (39, '{15}', '评优评先、调任选任中的应用', 'Use in awards and appointments',
    '{credit.open_inquiry(),credit.report(),credit_register.purpose,credit_register.report_kind}',
    '{test/sql/report.sql,test/sql/inquiry.sql}',
    '多人须逐一查询；是否任用由人决定', 'Many persons are asked about one by one; people decide'),
  (40, '{15}', '分类管理和诚信积分', 'Classified management and integrity points',
    '{credit.score(),credit.score_lines(),credit.grade(),credit.consent_to_score(),credit.leave_score(),credit.score_all(),credit.replay(),credit_register.score}',
    '{test/sql/score.sql,test/sql/scoring.sql}',
    NULL, NULL),
  (41, '{15,17}', '与金融信用数据库共享，金融信息作参考', 'Exchange with the financial database; financial findings as reference',
    '{credit.rulebook_items(),credit_register.delivery,credit_register.receiver}',
    '{test/sql/exchange.sql}',
    '与人民银行系统的联接须另行批准', 'A link to the central bank’s system needs approval of its own'),
  (42, '{15}', '信用产品服务创新', 'New credit products',
    '{credit.report(),credit.report_html(),credit.my_report(),credit_register.report_kind}',
    '{test/sql/report.sql}',
    NULL, NULL),
  (43, '{16}', '优良记录的来源，协会、媒体推荐', 'Sources of good records, nominated by associations and media',
    '{credit.nominate(),credit.verify_nomination(),credit.refuse_nomination(),credit_register.nomination,credit.rulebook_items()}',
    '{test/sql/incentive.sql}',
    NULL, NULL),
  (44, '{16}', '绿色通道：优良记录或三年无不良', 'Green channel: good record, or three years without a bad one',
    '{credit.clean_since(),credit.green_channel()}',
    '{test/sql/incentive.sql}',
    NULL, NULL),
  (45, '{16}', '财政资金、招商、公共资源交易中的信用加分', 'Bonus in fiscal funds and tenders for firms led by people of good record',
    '{credit.org_bonus(),credit.consent_to_bonus(),credit_register.org_role}',
    '{test/sql/incentive.sql}',
    NULL, NULL),
  (46, '{16}', '守信激励政策措施', 'Incentive policies and their use',
    '{credit_register.incentive,credit_register.incentive_grant,credit.grant_incentive(),credit.give_incentive_feedback(),credit.release_incentives()}',
    '{test/sql/incentive.sql}',
    '政策由各部门制定', 'The policies are made by departments'),
  (47, '{17}', '按严重程度分类惩戒', 'Graded handling by severity',
    '{credit.severity,credit.assign_measure(),credit_register.measure,credit_register.measure_task}',
    '{test/sql/measure.sql}',
    NULL, NULL),
  (48, '{17}', '发起部门推送，其他部门响应', 'Initiator pushes, others respond',
    '{credit.enter_list(),credit.assign_measures(),credit.give_feedback(),credit.overdue_feedback(),credit_register.list_entry,credit_register.measure_task}',
    '{test/sql/measure.sql}',
    NULL, NULL),
  (49, '{17}', '重点监管对象', 'Named categories for close supervision',
    '{credit.add_list(),credit.serve_notice(),credit.enter_list(),credit.leave_list(),credit_register.list_type}',
    '{test/sql/measure.sql}',
    NULL, NULL),
  (50, '{17}', '市场准入、许可、扶持、考核、高消费等限制', 'Limits in market entry, licensing, support, awards, high spending',
    '{credit_register.measure,credit_register.measure_context,credit_register.finding_context,credit.assign_measure()}',
    '{test/sql/measure.sql}',
    NULL, NULL),
  (51, '{18}', '披露、曝光与举报', 'Disclosure, exposure, public tips',
    '{credit.publish(),credit.public_records(),credit_register.tip,credit.give_tip(),credit.close_tip()}',
    '{test/sql/exchange.sql,test/sql/incentive.sql}',
    NULL, NULL),
  (52, '{18}', '县政府门户公开并同步“信用淄博”', 'County portal, synchronised to the Zibo site',
    '{credit_register.public_record,credit.public_records(),credit.push(),credit.acknowledge()}',
    '{test/sql/exchange.sql}',
    '门户网站在库外', 'The portal itself is outside'),
  (53, '{18}', '市场主体对严重失信者差别化服务', 'The market may differentiate for seriously dishonest persons',
    '{credit.public_status()}',
    '{test/sql/exchange.sql}',
    NULL, NULL),
  (54, '{18}', '征信机构采集严重失信信息', 'Agencies put serious findings into reports',
    '{credit_register.delivery,credit.fan_out(),credit.record_content()}',
    '{test/sql/exchange.sql,test/sql/effect.sql}',
    NULL, NULL),
  (55, '{19}', '考核推进，定期督促检查', 'Assessment and inspection',
    '{credit.provider_scorecard(),credit.monthly_assessment(),credit.dashboard(),credit.dashboard_html()}',
    '{test/sql/collection.sql,test/sql/exchange.sql,test/sql/report.sql}',
    NULL, NULL),
  (56, '{20}', '各环节制度规范', 'Rules for every stage',
    '{credit.rulebook,credit.run_rule_cases(),credit.rulebook_diff(),credit.rulebook_unverified(),credit.simulate(),credit.adopt_rulebook()}',
    '{test/sql/rulebook.sql,test/sql/rulebook_case.sql,test/sql/simulate.sql,test/sql/register.sql}',
    NULL, NULL),
  (57, '{21}', '按需安排经费', 'Funding by need',
    '{credit.inquiry_risks(),credit.dashboard(),credit_register.job}',
    '{test/sql/inquiry.sql,test/sql/report.sql}',
    '经费由财政安排；本库只给出用量', 'Money is the treasury’s; the register counts use alone'),
  (58, '{22}', '任务、责任人、时间节点', 'Tasks, owners, deadlines',
    '{credit.duty_list(),credit.case_queue(),credit.open_tasks(),credit.overdue_feedback(),credit.overdue_cases()}',
    '{test/sql/exchange.sql,test/sql/case_file.sql,test/sql/measure.sql}',
    NULL, NULL)
  ) AS l (number, articles, zh, en, objects, tests, gap_zh, gap_en);
  END;
COMMENT ON FUNCTION credit.policy_lines() IS
  'What the articles ask of software: objects that serve it, tests that fail without them, and what is left to people or missing';

CREATE FUNCTION credit.policy_object(name text) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN policy_object.name LIKE '%()' THEN (SELECT string_agg(p.oid::regprocedure::text, '; ' ORDER BY p.oid::regprocedure::text)
      FROM pg_proc p WHERE p.proname = rtrim(split_part(policy_object.name, '.', 2), '()') AND p.pronamespace = n.oid)
    WHEN policy_object.name LIKE '%:%' THEN (SELECT policy_object.name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      WHERE c.relnamespace = n.oid AND format('%s:%s', c.relname, k.conname) = split_part(policy_object.name, '.', 2))
    ELSE coalesce(
      (SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = split_part(policy_object.name, '.', 2)),
      (SELECT t.oid::regtype::text FROM pg_type t WHERE t.typnamespace = n.oid AND t.typname = split_part(policy_object.name, '.', 2))) END
    FROM pg_namespace n WHERE n.nspname = split_part(policy_object.name, '.', 1);
$$;
COMMENT ON FUNCTION credit.policy_object(text) IS 'The object of the catalogue that a line of the policy map names, with its arguments; NULL if it is not there';

CREATE VIEW credit.policy_map AS
  SELECT a.article, 'R' OPERATOR(pg_catalog.||) l.number AS requirement, l.zh, l.en, o.serves, o.missing, l.tests, l.gap_zh, l.gap_en,
         CASE WHEN o.serves IS NULL THEN 'gap' WHEN o.missing IS NOT NULL OR l.gap_en IS NOT NULL THEN 'partly' ELSE 'served' END AS state
    FROM credit.policy_lines() l
    JOIN credit.policy_articles() a ON a.article OPERATOR(pg_catalog.=) ANY (l.articles)
   CROSS JOIN LATERAL (
     SELECT pg_catalog.array_agg(f.found ORDER BY f.i) FILTER (WHERE f.found IS NOT NULL) AS serves,
            pg_catalog.array_agg(f.name ORDER BY f.i) FILTER (WHERE f.found IS NULL) AS missing
       FROM (SELECT u.name, u.i, credit.policy_object(u.name) AS found
               FROM pg_catalog.unnest(l.objects) WITH ORDINALITY u (name, i) OFFSET 0) f) o
   ORDER BY a.article, l.number;
COMMENT ON VIEW credit.policy_map IS
  'Which live objects serve which requirement of which article; an object that is missing is a gap, and so is what software does not do';
GRANT SELECT ON credit.policy_map TO PUBLIC;
COMMENT ON COLUMN credit.policy_map.article IS 'Article of the county opinion';
COMMENT ON COLUMN credit.policy_map.requirement IS 'Number of the requirement';
COMMENT ON COLUMN credit.policy_map.zh IS 'What is asked, in Chinese';
COMMENT ON COLUMN credit.policy_map.en IS 'What is asked, in English';
COMMENT ON COLUMN credit.policy_map.serves IS 'Objects of this database that serve it';
COMMENT ON COLUMN credit.policy_map.missing IS 'Objects that should, and are not there';
COMMENT ON COLUMN credit.policy_map.tests IS 'Tests of the source tree that fail when they are removed';
COMMENT ON COLUMN credit.policy_map.gap_zh IS 'What is left to people, or missing, in Chinese';
COMMENT ON COLUMN credit.policy_map.gap_en IS 'The same in English';
COMMENT ON COLUMN credit.policy_map.state IS 'served, partly or gap';

CREATE FUNCTION credit.policy_page(lang text DEFAULT 'zh') RETURNS SETOF text
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 400
  SET search_path = pg_catalog, pg_temp AS $$
  WITH words AS (
    SELECT w.* FROM (VALUES ('en', 'Article', ' ', 'served by', 'tests', 'missing', 'left to people', ' (see article ', ')', ', '),
                            ('zh', '第', '条 ', '由其服务', '测试', '缺失', '由人承担', '（见第', '条）', '、'))
      AS w (lang, article, after, served, tests, missing, gap, see, seen, comma) WHERE w.lang = policy_page.lang
  ), line AS (
    SELECT m.article, 0 AS number, 0 AS n, E'\n' || w.article || CASE w.lang WHEN 'en' THEN ' ' ELSE '' END || m.article || w.after
           || (SELECT CASE w.lang WHEN 'en' THEN a.en ELSE a.zh END FROM credit.policy_articles() a WHERE a.article = m.article) AS text
      FROM (SELECT DISTINCT p.article FROM credit.policy_map p) m, words w
    UNION ALL
    SELECT m.article, substr(m.requirement, 2)::int, k.n, k.text
      FROM credit.policy_map m CROSS JOIN words w
     CROSS JOIN LATERAL (SELECT min(p.article) AS home FROM credit.policy_map p WHERE p.requirement = m.requirement) f
     CROSS JOIN LATERAL (VALUES
       (1, '  ' || m.requirement || ' ' || CASE w.lang WHEN 'en' THEN m.en ELSE m.zh END
           || CASE WHEN f.home < m.article THEN w.see || f.home || w.seen ELSE '' END),
       (2, '    ' || w.served || ': ' || (SELECT string_agg(regexp_replace(o, '\(.*\)', '()'), w.comma ORDER BY i) FROM unnest(m.serves) WITH ORDINALITY u (o, i))),
       (3, '    ' || w.tests || ': ' || array_to_string(m.tests, w.comma)),
       (4, '    ' || w.missing || ': ' || array_to_string(m.missing, w.comma)),
       (5, '    ' || w.gap || ': ' || CASE w.lang WHEN 'en' THEN m.gap_en ELSE m.gap_zh END)) AS k (n, text)
     WHERE k.text IS NOT NULL AND (k.n = 1 OR f.home = m.article)
  )
  SELECT l.text FROM line l ORDER BY l.article, l.number, l.n;
$$;
COMMENT ON FUNCTION credit.policy_page(text) IS 'The policy map as lines to read, in zh or en; the page in the documentation is what it prints';
