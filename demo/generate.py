#!/usr/bin/python3
"""Write a county's month of credit data, with every planted defect known.

    demo/generate.py OUT [SEED]

makes in the directory OUT

    provider.csv        the departments that hand in files
    batch.csv           the files: name, provider, day received
    rows/BATCH.csv      one file each: batch, line, raw (a JSON object)
    manifest.csv        what a correct intake must find: batch, line, field,
                        verdict, position, effect (held or notice)

Nothing here asks the database: numbers, check characters and the truth about
each defect are worked out by this program alone, so that the demo compares two
independent answers.  The same seed gives the same bytes on every Python from
3.6 on (only Random.randrange is used, whose sequence is stable).

All persons and numbers are invented; that one of them exists is chance.
Organisations use the bodies PDY....., which GB 11714 keeps for private use, so
no real organisation can carry one of these codes.
"""

import csv
import datetime
import json
import os
import random
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECEIVED = datetime.date(2026, 6, 30)   # the day the files arrive
PERSONS = 20000
ORGANISATIONS = 300
ROWS = 20000                            # of the departments' files
DEFECTS = 500                           # rows among them that must be held


# ---- chance, in a form that is the same everywhere -------------------------

class Chance(random.Random):
    def pick(self, things):
        return things[self.randrange(len(things))]

    def weighted(self, pairs):
        """One of [(thing, whole weight), ...]."""
        n = self.randrange(sum(weight for _, weight in pairs))
        for thing, weight in pairs:
            if n < weight:
                return thing
            n -= weight

    def percent(self, n):
        return self.randrange(100) < n

    def mix(self, things):
        for i in range(len(things) - 1, 0, -1):
            j = self.randrange(i + 1)
            things[i], things[j] = things[j], things[i]

    def day(self, first, last):
        span = last.toordinal() - first.toordinal() + 1
        return datetime.date.fromordinal(first.toordinal() + self.randrange(span))


def years_later(day, years):
    """The same day of another year; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return datetime.date(day.year + years, 3, 1)


# ---- check characters -------------------------------------------------------

LETTERS31 = '0123456789ABCDEFGHJKLMNPQRTUWXY'           # GB 32100
LETTERS36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'      # GB 11714


def citizen_check(first17):
    """GB 11643: ISO 7064 MOD 11-2, the pure system with radix 2."""
    p = 0
    for digit in first17:
        p = (p + int(digit)) * 2 % 11
    return '0123456789X'[(12 - p) % 11]


def body_check(body):
    """GB 11714: the check character of an organisation code."""
    total = sum(LETTERS36.index(c) * w
                for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2)))
    return '0123456789X0'[11 - total % 11]


def organisation_check(first17):
    """GB 32100: weights are the powers of 3."""
    total = sum(LETTERS31.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return LETTERS31[-total % 31]


def citizen(division, birth, sequence):
    first17 = '%s%s%03d' % (division, birth.strftime('%Y%m%d'), sequence)
    return first17 + citizen_check(first17)


def organisation(pair, division, body):
    first17 = pair + division + body + body_check(body)
    return first17 + organisation_check(first17)


# ---- people ----------------------------------------------------------------

# Five-year cohorts from 1930, weight as the county might have them.
COHORTS = list(zip(range(1930, 2015, 5),
                   (1, 2, 3, 4, 6, 6, 7, 9, 9, 7, 8, 9, 8, 6, 6, 6, 7)))

# Yiyuan was 372828 until 1988 and is 370323 since 1989; its neighbours moved
# about in the same years.  Of these, RETIRED are no longer in use today.
BEFORE_1989 = [('372828', 82), ('370323', 8), ('370302', 1), ('370303', 2),
               ('370304', 1), ('370305', 1), ('372331', 1), ('372827', 2),
               ('372829', 1), ('370102', 1)]
SINCE_1989 = [('370323', 90), ('370302', 1), ('370303', 2), ('370304', 1),
              ('370321', 1), ('370322', 1), ('371323', 1), ('371328', 1),
              ('370202', 1), ('110105', 1)]
RETIRED = {'372828', '372331', '372827', '372829'}

SURNAMES = ('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗' * 4 +
            '梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎' * 2 +
            '余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙'
            '万段雷钱汤尹黎易常武乔贺赖龚文亓晁仉訾')
COMPOUND = ('欧阳', '上官', '诸葛', '司马', '夏侯', '皇甫')
GIVEN = ('伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国玉兰红梅春秀云凤'
         '志文晓海燕永生荣福贵德成林宝山峰鹏飞宇轩浩然子涵欣怡梓萱雨泽思远佳琪'
         '博瑞晨曦婷雪倩颖慧莹琳琦铭昊天俊豪嘉乐诗瑶心蕊若溪')
RARE = ('䶮', '𠮷', '喆', '堃', '龑', '玥', '甯', '犇', '燊', '㛃')
DOTS = ('·', '•', '・', '‧')            # what keyboards and forms give for one dot
UYGHUR = ('阿依古丽', '古丽娜尔', '迪丽努尔', '帕提古丽', '热依汗', '阿米娜',
          '买买提江', '库尔班江', '艾力', '吐尔逊', '玉素甫', '阿不都热依木')
FATHER = ('买买提', '吐尔逊', '艾山', '阿布力孜', '玉素甫', '热合曼', '卡德尔',
          '司马义', '依明', '沙吾提')
LATIN = ('MARIA', 'JOHN', 'ANNA', 'PIERRE', 'ELENA', 'DAVID', 'JÜRGEN', 'SOFIA')
LATIN_LAST = ('GARCIA', 'SMITH', 'IVANOVA', 'DUPONT', 'MÜLLER', 'KHAN', 'ROSSI')
NATIONS = ('840', '826', '250', '276', '643', '586', '410', '392')
TOWNS = ('历山街道', '南麻街道', '鲁村镇', '东里镇', '悦庄镇', '西里镇', '大张庄镇',
         '中庄镇', '张家坡镇', '燕崖镇', '石桥镇', '南鲁山镇')


class Subject:
    """A person or an organisation as the register should know it."""

    def __init__(self, code, name, birth=None, notice=None):
        self.code = code            # the 18 characters
        self.name = name
        self.birth = birth
        self.notice = notice        # verdict of the code, if not simply valid
        self.text = code + '?' if notice == 'irregular' else code

    @property
    def old_form(self):
        """The 15-digit original, for those who can have had one."""
        if (self.birth is None or self.birth.year >= 1999 or self.code[0] in '89'
                or self.notice == 'irregular' or self.code[14:17] >= '990'):
            return None
        return self.code[:6] + self.code[8:17]


def make_name(chance):
    n = chance.randrange(1000)
    if n < 12:
        return chance.pick(UYGHUR) + '·' + chance.pick(FATHER)
    surname = chance.pick(COMPOUND) if n < 18 else chance.pick(SURNAMES)
    given = chance.pick(GIVEN)
    if chance.percent(80):
        given += chance.pick(GIVEN)
    if n >= 985:
        given = given[:-1] + chance.pick(RARE)
    return surname + given


def make_persons(chance):
    used, persons = set(), []

    def add(division, birth, name, notice=None):
        sequence = 1 + chance.randrange(899)
        while True:
            code = citizen(division, birth, sequence)
            if code not in used:
                break
            sequence = 1 + sequence % 899
        used.add(code)
        if notice == 'irregular':       # issued with a wrong check character
            code = code[:17] + str((int(code[17].replace('X', '4')) + 5) % 10)
        persons.append(Subject(code, name, birth, notice))

    def birth(first=1930, last=2015):
        while True:
            year = chance.weighted(COHORTS) + chance.randrange(5)
            if year == 2014 and chance.percent(50):
                year = 2015
            if first <= year <= last:
                return chance.day(datetime.date(year, 1, 1),
                                  datetime.date(year, 12, 31))

    for region, count in (('810000', 20), ('820000', 10), ('830000', 20)):
        for _ in range(count):
            add(region, birth(1955, 2005), make_name(chance))
    for _ in range(25):
        add('937' + chance.pick(NATIONS), birth(1955, 2002),
            chance.pick(LATIN) + ' ' + chance.pick(LATIN_LAST))
    for _ in range(8):
        add('370323', birth(1989, 2007), make_name(chance), 'irregular')
    for _ in range(6):                  # a county that never was
        add('370398', birth(1989, 2007), make_name(chance), 'unlisted_division')
    for _ in range(6):                  # a county that ended before the birth
        add('372828', birth(1995, 2007), make_name(chance), 'unlisted_division')
    while len(persons) < PERSONS:
        born = birth()
        division = chance.weighted(BEFORE_1989 if born.year <= 1988 else SINCE_1989)
        add(division, born, make_name(chance),
            'valid_retired_division' if division in RETIRED else None)
    chance.mix(persons)
    return persons


def make_organisations():
    """Enterprises of the county, none of them real; three are irregular."""
    trades = ('食品', '果业', '建材', '运输', '商贸', '餐饮', '机械', '纺织')
    found = []
    for i in range(ORGANISATIONS):
        pair = ('91', '91', '92', '93')[i % 4]
        form = {'91': '有限公司', '92': '经营部', '93': '专业合作社'}[pair]
        name = '沂源示例%s%s第%03d号' % (trades[i % len(trades)], form, i + 1)
        if i < 3:   # bodies M000....: the class that offices issued wrongly
            code = organisation('91', '370323', 'M00090%02d' % (i + 1))
            wrong = LETTERS31[(LETTERS31.index(code[17]) + 7) % 31]
            found.append(Subject(code[:17] + wrong, name, notice='irregular'))
        else:
            found.append(Subject(
                organisation(pair, '370323', 'PDY%05d' % (i + 1)), name))
    return found


# ---- the departments' files ------------------------------------------------

PROVIDERS = [   # provider, pair and body of its code, Chinese, English
    ('police', '11', 'PDY90001', '县公安局', 'public security'),
    ('market', '11', 'PDY90002', '县市场监管局', 'market regulation'),
    ('tax', '11', 'PDY90003', '县税务局', 'taxation'),
    ('labour', '11', 'PDY90004', '县人社局', 'human resources'),
    ('court', '11', 'PDY90005', '县法院', 'court'),
    ('power', '91', 'PDY90006', '县供电公司', 'power supply company'),
    ('youth', '13', 'PDY90007', '团县委', 'youth league'),
    ('union', '81', 'PDY90008', '县总工会', 'trade unions'),
    ('bank', '91', 'PDY90009', '县农商银行', 'rural bank'),
]

# item: provider, share of the rows, stance, who can be its subject
ITEMS = {
    'traffic_penalty':        ('police', 4600, 'bad', 'person'),
    'residence_registration': ('police', 2400, 'neutral', 'person'),
    'market_penalty':         ('market', 1500, 'bad', 'both'),
    'tax_penalty':            ('tax', 1100, 'bad', 'both'),
    'occupational_licence':   ('labour', 3300, 'neutral', 'person'),
    'wage_arrears_list':      ('labour', 120, 'bad', 'organisation'),
    'loan_judgment':          ('court', 880, 'bad', 'both'),
    'utility_arrears':        ('power', 2300, 'bad', 'both'),
    'youth_medal':            ('youth', 100, 'good', 'person'),
    'volunteer_honour':       ('youth', 1800, 'good', 'person'),
    'labour_model':           ('union', 200, 'good', 'person'),
    'credit_household':       ('bank', 1700, 'good', 'person'),
}
DOCUMENT = {
    'traffic_penalty': '源公交罚〔%d〕%05d号', 'market_penalty': '源市监处罚〔%d〕%05d号',
    'tax_penalty': '源税罚〔%d〕%05d号', 'wage_arrears_list': '源人社列〔%d〕%05d号',
    'loan_judgment': '（%d）鲁0323民初%05d号', 'utility_arrears': '（%d）鲁0323民督%05d号',
    'youth_medal': '源团发〔%d〕%05d号', 'volunteer_honour': '源志愿〔%d〕%05d号',
    'labour_model': '源工发〔%d〕%05d号', 'credit_household': '源农商信〔%d〕%05d号',
    'occupational_licence': '源资〔%d〕%05d号', 'residence_registration': '源居〔%d〕%05d号',
}
MONEY = {'traffic_penalty', 'market_penalty', 'tax_penalty', 'wage_arrears_list',
         'loan_judgment', 'utility_arrears'}
KEY_FIELD = {'traffic_penalty': ('traffic_safety',), 'tax_penalty': ('tax_fee',),
             'market_penalty': ('food_drug', 'product_quality', 'ecommerce',
                                'intellectual_property')}
OCCUPATIONS = ('teacher', 'physician', 'licensed_pharmacist', 'road_transport',
               'courier', 'tour_guide', 'accountant_auditor', 'insurance_staff')
SEVERITY = {'traffic_penalty': (('minor', 70), ('general', 26), ('serious', 4)),
            'market_penalty': (('minor', 35), ('general', 50), ('serious', 15)),
            'tax_penalty': (('minor', 45), ('general', 45), ('serious', 10)),
            'wage_arrears_list': (('serious', 1),),
            'loan_judgment': (('general', 75), ('serious', 25)),
            'utility_arrears': (('minor', 100),)}


class County:
    def __init__(self, seed):
        self.chance = Chance(seed)
        self.persons = make_persons(self.chance)
        self.organisations = make_organisations()
        self.counter = 0
        # Enough for defects that must not disturb the finding of the subject.
        self.plain = [p for p in self.persons
                      if p.notice in (None, 'valid_retired_division')
                      and p.code[:2] == '37']

    def adult(self, day, plain=False):
        """Somebody whose 18th birthday was well before the day."""
        while True:
            person = self.chance.pick(self.plain if plain else self.persons)
            if person.birth.year + 19 <= day.year:
                return person

    def number_document(self, item, day):
        self.counter += 1
        return DOCUMENT[item] % (day.year, self.counter)

    def row(self, item, plain=False, who=None):
        """A faultless row: (raw, subject)."""
        chance = self.chance
        stance, kinds = ITEMS[item][2:]
        day = chance.day(datetime.date(2023, 1, 1), datetime.date(2026, 6, 26))
        if stance == 'bad' and chance.percent(60):
            day = chance.day(datetime.date(2025, 6, 1), datetime.date(2026, 6, 26))
        back = 1 + chance.randrange(90)
        severity = chance.weighted(SEVERITY[item]) if stance == 'bad' else None
        if severity == 'serious' and chance.percent(15):
            back = 365 * 2 + chance.randrange(500)  # the provincial cap comes first
        ended = day - datetime.timedelta(back)

        who = who or ('organisation' if kinds == 'organisation' or
                      kinds == 'both' and chance.percent(20) else 'person')
        subject = (self.adult(ended, plain) if who == 'person' else
                   chance.pick(self.organisations[3:] if plain else self.organisations))
        raw = {'item': item, 'subject': subject.text, 'name': subject.name,
               'document_number': self.number_document(item, day),
               'document_date': day.isoformat()}
        if stance == 'bad':
            raw['conduct_end'] = ended.isoformat()
            raw['severity'] = severity
        if item in MONEY:
            raw['amount'] = '%d.%02d' % (50 + chance.randrange(5000), 0)
            if chance.percent(20):
                raw['amount'] = '%d.5' % (50 + chance.randrange(300))
        if item in KEY_FIELD:
            raw['field'] = chance.pick(KEY_FIELD[item])
        if item == 'occupational_licence':
            raw['occupation'] = chance.pick(OCCUPATIONS)
        if item == 'residence_registration':
            raw['town'] = chance.pick(TOWNS)
        if item == 'volunteer_honour':
            raw['hours'] = str(20 + chance.randrange(300))
        return raw, subject

    def as_typed(self, raw, subject):
        """Spellings of one number and name that mean the same; the notice."""
        chance = self.chance
        notice = subject.notice
        if '·' in raw['name']:
            raw['name'] = raw['name'].replace('·', chance.pick(DOTS))
        n = chance.randrange(100)
        if n < 3 and subject.old_form:
            raw['subject'] = subject.old_form
            return 'upgraded'
        if n < 5:
            raw['subject'] = ' '.join((subject.text[:6], subject.text[6:14],
                                       subject.text[14:]))
        elif n < 6:
            raw['subject'] = ''.join(chr(ord(c) + 0xFEE0) for c in subject.text)
        elif n < 8:
            raw['subject'] = subject.text.lower()
        return notice


# ---- defects ---------------------------------------------------------------
# Each function takes the county, makes one faulty row, and tells what a correct
# intake must say of it: (raw, field, position or None).  Apart from its own
# defect the row is faultless.

def subject_defect(kinds, change, position=None):
    def make(county):
        item = county.chance.pick(kinds)
        who = 'organisation' if item == 'wage_arrears_list' else 'person'
        while True:
            raw, subject = county.row(item, plain=True, who=who)
            changed = change(county.chance, subject.code)
            if changed:
                break
        text, at = changed if isinstance(changed, tuple) else (changed, position)
        raw['subject'] = text
        return raw, 'subject', at
    return make


PERSON_ITEMS = ('traffic_penalty', 'market_penalty', 'residence_registration',
                'occupational_licence', 'volunteer_honour', 'utility_arrears',
                'credit_household')
FIRM_ITEMS = ('wage_arrears_list',)


def drop_one(chance, code):
    at = 6 + chance.randrange(8)
    return code[:at] + code[at + 1:]


def letter_for_digit(chance, code):
    """O for 0, I for 1, S for 5, Z for 2, as read off a poor copy."""
    places = [i for i in range(17) if code[i] in '0152']
    at = chance.pick(places)
    return code[:at] + 'OIZS'['0125'.index(code[at])] + code[at + 1:], at + 1


def impossible_day(chance, code):
    """The day's first digit misread as 3: 12 becomes 32."""
    return code[:12] + '3' + code[13:] if code[13] >= '2' else None


def not_yet_born(chance, code):
    born = chance.day(datetime.date(2027, 1, 1), datetime.date(2035, 12, 31))
    return citizen('370323', born, int(code[14:17]))


def one_digit_off(chance, code):
    """One wrong digit in the sequence: MOD 11-2 catches every such slip."""
    at = 14 + chance.randrange(3)
    wrong = str((int(code[at]) + 1 + chance.randrange(9)) % 10)
    return code[:at] + wrong + code[at + 1:]


def wrong_body_check(chance, code):
    """Place 17 wrong, place 18 made to fit."""
    wrong = '0123456789X'[('0123456789X'.index(code[16]) + 3) % 11]
    return code[:16] + wrong + organisation_check(code[:16] + wrong)


def unknown_registrar(chance, code):
    first17 = '9A' + code[2:17]
    return first17 + organisation_check(first17)


def no_province(chance, code):
    """Places 1-2 of no province and no registrar: not even storable."""
    first17 = chance.pick(('38', '47', '68')) + code[2:17]
    return first17 + citizen_check(first17)


def field_defect(kinds, field, value, position=None, who=None, drop=()):
    def make(county):
        raw, _ = county.row(county.chance.pick(kinds), plain=True, who=who)
        if value is None:
            del raw[field]
        else:
            raw[field] = county.chance.pick(value)
        return raw, field, position
    return make


def spelt(kinds, field, spellings):
    """Values that cannot be read, each with the place where reading stops."""
    def make(county):
        raw, _ = county.row(county.chance.pick(kinds), plain=True)
        raw[field], position = county.chance.pick(spellings)
        return raw, field, position
    return make


BAD = tuple(item for item in ITEMS if ITEMS[item][2] == 'bad'
            and item != 'wage_arrears_list')
NOT_BAD = tuple(item for item in ITEMS if ITEMS[item][2] != 'bad')
PENALTY = ('traffic_penalty', 'market_penalty', 'tax_penalty')


def missing(county):
    item = county.chance.pick(tuple(ITEMS))
    raw, _ = county.row(item, plain=True)
    field = county.chance.pick(
        [f for f in ('subject', 'name', 'document_date', 'conduct_end', 'severity',
                     'amount', 'occupation', 'town', 'hours') if f in raw])
    if county.chance.percent(50):
        del raw[field]
    else:
        raw[field] = '  '
    return raw, field, None


def wrong_provider(county):
    """The row is faultless, but handed in by an office not competent for it."""
    raw, _ = county.row(county.chance.pick(('labour_model', 'tax_penalty')), plain=True)
    raw['_provider'] = 'youth' if raw['item'] == 'labour_model' else 'market'
    return raw, 'item', None


def future_document(county):
    raw, _ = county.row(county.chance.pick(PENALTY), plain=True)
    day = county.chance.day(RECEIVED + datetime.timedelta(1),
                            RECEIVED + datetime.timedelta(200))
    raw['document_date'] = day.isoformat()
    return raw, 'document_date', None


def document_before_conduct(county):
    raw, _ = county.row(county.chance.pick(BAD), plain=True)
    raw['document_date'], raw['conduct_end'] = raw['conduct_end'], raw['document_date']
    return raw, 'document_date', None


def before_the_law(county):
    """Older than the provision that the item rests on."""
    raw, subject = county.row(county.chance.pick(PENALTY), plain=True, who='person')
    while subject.birth.year > 1990:
        raw, subject = county.row(raw['item'], plain=True, who='person')
    day = county.chance.day(datetime.date(2015, 1, 1), datetime.date(2018, 5, 20))
    raw['document_date'] = day.isoformat()
    raw['conduct_end'] = (day - datetime.timedelta(10)).isoformat()
    return raw, 'document_date', None


def minors_act(county):
    """An act before the 18th birthday, every third on the day before it."""
    eve = county.chance.randrange(3) == 0
    while True:
        person = county.chance.pick(county.plain)
        if 2006 <= person.birth.year <= (2007 if eve else 2015):
            break
    last = min(years_later(person.birth, 18) - datetime.timedelta(1),
               datetime.date(2026, 6, 20))
    first = max(years_later(person.birth, 8), datetime.date(2021, 1, 1))
    act = last if eve else county.chance.day(first, max(first, last))
    raw, _ = county.row('traffic_penalty', plain=True)
    raw.update(subject=person.text, name=person.name, conduct_end=act.isoformat(),
               document_date=(act + datetime.timedelta(3)).isoformat())
    return raw, 'conduct_end', None


def wrong_kind(county):
    raw, _ = county.row('wage_arrears_list', plain=True)
    person = county.adult(datetime.date(2020, 1, 1), plain=True)
    raw.update(subject=person.text, name=person.name)
    return raw, 'subject', None


def unknown_subject(county):
    """A faultless number that nobody has registered."""
    raw, _ = county.row('traffic_penalty', plain=True)
    born = county.chance.day(datetime.date(1990, 1, 1), datetime.date(2003, 12, 31))
    raw['subject'] = citizen('370323', born, 900 + county.chance.randrange(90))
    return raw, 'subject', None


def other_name(county):
    raw, _ = county.row(county.chance.pick(PERSON_ITEMS), plain=True, who='person')
    surname = '张' if raw['name'][0] != '张' else '李'
    raw['name'] = surname + county.chance.pick(GIVEN) + '泰'    # 泰: in no true name
    return raw, 'name', None


# verdict: how many, and who makes it.  duplicate_row is made apart, below.
PLANTED = {
    'bad_length': (25, subject_defect(PERSON_ITEMS, drop_one)),
    'bad_character': (25, subject_defect(PERSON_ITEMS, letter_for_digit)),
    'bad_date': (20, subject_defect(PERSON_ITEMS, impossible_day, 7)),
    'future_birth': (10, subject_defect(PERSON_ITEMS, not_yet_born, 7)),
    'bad_check': (30, subject_defect(PERSON_ITEMS, one_digit_off, 18)),
    'bad_organisation_check': (15, subject_defect(FIRM_ITEMS, wrong_body_check, 17)),
    'bad_registrar': (10, subject_defect(FIRM_ITEMS, unknown_registrar, 1)),
    'no_such_province': (10, subject_defect(PERSON_ITEMS, no_province, 1)),
    'missing_field': (30, missing),
    'no_finding_document': (25, field_defect(BAD, 'document_number', None)),
    'unknown_item': (15, field_defect(NOT_BAD, 'item', (
        'petitioning', 'online_speech', 'jaywalking_photo', 'blood_donation'))),
    'wrong_provider': (15, wrong_provider),
    'field_not_in_catalogue': (20, field_defect(BAD + NOT_BAD, 'note', (
        '家属已沟通', '电话见附件', '2026'))),
    'forbidden_field': (15, None),
    'malformed_date': (25, spelt(BAD, 'document_date', (
        ('2026/05/01', 5), ('2026年5月1日', 5), ('2026-02-30', 9), ('2026-13-01', 6),
        ('20260501', 5)))),
    'malformed_amount': (25, spelt(tuple(sorted(MONEY)), 'amount', (
        ('1,200.00', 2), ('二百元', 1), ('-50', 1), ('200元', 4), ('12.345', 6)))),
    'malformed_count': (10, spelt(('volunteer_honour',), 'hours', (
        ('12小时', 3), ('3.5', 2), ('十', 1)))),
    'unknown_value': (20, None),
    'future_document': (15, future_document),
    'document_before_conduct': (25, document_before_conduct),
    'basis_not_in_force': (15, before_the_law),
    'minors_act': (30, minors_act),
    'wrong_subject_kind': (15, wrong_kind),
    'unknown_subject': (15, unknown_subject),
    'name_differs': (20, other_name),
}
DUPLICATES = 20
CODE_DEFECTS = ('bad_length', 'bad_character', 'bad_date', 'future_birth', 'bad_check',
                'bad_organisation_check', 'bad_registrar', 'no_such_province')


def forbidden_field(county):
    raw, _ = county.row(county.chance.pick(NOT_BAD), plain=True)
    field = county.chance.pick(('religion', 'blood_type', 'fingerprint', 'disease'))
    raw[field] = 'x'
    return raw, field, None


def unknown_value(county):
    if county.chance.percent(50):
        raw, _ = county.row(county.chance.pick(BAD), plain=True)
        raw['severity'] = county.chance.pick(('heavy', '特别严重', '2'))
        return raw, 'severity', None
    raw, _ = county.row('occupational_licence', plain=True)
    raw['occupation'] = county.chance.pick(('barber', '农民', 'driver'))
    return raw, 'occupation', None


PLANTED['forbidden_field'] = (PLANTED['forbidden_field'][0], forbidden_field)
PLANTED['unknown_value'] = (PLANTED['unknown_value'][0], unknown_value)
assert sum(n for n, _ in PLANTED.values()) + DUPLICATES == DEFECTS


def just_adult(county):
    """The faultless neighbour of minors_act: an act on the day after the birthday."""
    while True:
        person = county.chance.pick(county.plain)
        act = years_later(person.birth, 18) + datetime.timedelta(1)
        if datetime.date(2021, 1, 1) <= act <= datetime.date(2026, 6, 20):
            break
    raw, _ = county.row('traffic_penalty', plain=True)
    raw.update(subject=person.text, name=person.name, conduct_end=act.isoformat(),
               document_date=(act + datetime.timedelta(3)).isoformat())
    return raw, person


def department_files(county):
    """{provider: [(raw, [finding, ...]), ...]}, findings as in the manifest."""
    chance = county.chance
    files = {p[0]: [] for p in PROVIDERS}

    for verdict, (count, make) in PLANTED.items():
        for _ in range(count):
            raw, field, position = make(county)
            item = raw.get('item')
            provider = raw.pop('_provider', None) or (
                ITEMS[item][0] if item in ITEMS else chance.pick(('youth', 'bank')))
            findings = [(field, verdict, position, 'held')]
            # The number may earn a notice of its own beside the defect.
            if county_of(raw) in RETIRED and verdict not in CODE_DEFECTS:
                findings.append(('subject', 'valid_retired_division', 1, 'notice'))
            files[provider].append((raw, findings))

    left = ROWS - DEFECTS
    for item in sorted(ITEMS, key=lambda i: ITEMS[i][1]):
        share = min(ITEMS[item][1], left)
        if item == 'traffic_penalty':
            share = left                    # the largest takes the rounding
        left -= share
        for i in range(share):
            raw, subject = (just_adult(county) if item == 'traffic_penalty' and i < 10
                            else county.row(item))
            notice = county.as_typed(raw, subject)
            position = None if notice in (None, 'upgraded') else NOTICE_AT.get(notice)
            files[ITEMS[item][0]].append(
                (raw, [('subject', notice, position, 'notice')] if notice else []))

    for rows in files.values():
        chance.mix(rows)
    for i in range(DUPLICATES):             # handed in twice, at the end of the file
        rows = files[('police', 'labour', 'power', 'bank')[i % 4]]
        raw, findings = rows[chance.randrange(len(rows) // 2)]
        while any(f[3] == 'held' for f in findings):
            raw, findings = rows[chance.randrange(len(rows) // 2)]
        rows.append((raw, findings + [('document_number', 'duplicate_row', None, 'held')]))
    return files


NOTICE_AT = {'valid_retired_division': 1, 'unlisted_division': 1}


def county_of(raw):
    return raw.get('subject', '').strip()[:6]


def published_organisations():
    """What data/organisation_examples.csv says about itself: the two that do
    not verify must be held, and one county has been abolished since."""
    path = os.path.join(TOP, 'data', 'organisation_examples.csv')
    with open(path, encoding='utf-8', newline='') as file:
        for line, row in enumerate(csv.DictReader(file), 1):
            if row['mod31_ok'] == 'f':
                yield line, ('subject', 'bad_check', 18, 'held')
            elif row['org_code_ok'] == 'f':
                yield line, ('subject', 'bad_organisation_check', 17, 'held')
            elif row['code'][2:8] == '330283':
                yield line, ('subject', 'valid_retired_division', 3, 'notice')


# ---- writing ---------------------------------------------------------------

def write_csv(path, header, rows):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        out = csv.writer(file, lineterminator='\n')
        out.writerow(header)
        out.writerows(rows)


def main(out, seed):
    county = County(seed)
    os.makedirs(os.path.join(out, 'rows'), exist_ok=True)
    manifest, batches = [], []

    def hand_in(batch, provider, rows):
        batches.append((batch, provider, RECEIVED.isoformat()))
        write_csv(os.path.join(out, 'rows', batch + '.csv'), ('batch', 'line', 'raw'),
                  ((batch, line, json.dumps(raw, ensure_ascii=False))
                   for line, (raw, _) in enumerate(rows, 1)))
        for line, (_, findings) in enumerate(rows, 1):
            manifest.extend((batch, line) + finding for finding in findings)

    def base(item, subjects, typed):
        for subject in subjects:
            raw = {'item': item, 'subject': subject.text, 'name': subject.name}
            if item == 'person':
                raw['town'] = county.chance.pick(TOWNS)
            notice = subject.notice
            if typed and subject.old_form and county.chance.percent(4):
                raw['subject'], notice = subject.old_form, 'upgraded'
            yield raw, ([('subject', notice, NOTICE_AT.get(notice), 'notice')]
                        if notice else [])

    hand_in('persons-2026-06', 'police', list(base('person', county.persons, True)))
    hand_in('organisations-2026-06', 'market',
            list(base('organisation', county.organisations, False)))
    for provider, rows in department_files(county).items():
        hand_in(provider + '-2026-06', provider, rows)
    manifest.extend(('published-organisations', line) + finding
                    for line, finding in published_organisations())

    write_csv(os.path.join(out, 'provider.csv'), ('provider', 'code', 'zh', 'en'),
              ((p, organisation(pair, '370323', body), zh, en)
               for p, pair, body, zh, en in PROVIDERS))
    write_csv(os.path.join(out, 'batch.csv'), ('batch', 'provider', 'received_on'), batches)
    write_csv(os.path.join(out, 'manifest.csv'),
              ('batch', 'line', 'field', 'verdict', 'position', 'effect'),
              ([b, l, f, v, '' if p is None else p, e] for b, l, f, v, p, e in manifest))


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 20180521)
