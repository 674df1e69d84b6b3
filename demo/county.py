"""Invented people and organisations of a county, and the check characters of their numbers.

Nothing here asks the database: numbers and the truth about each planted defect are worked out by
this program alone, so that the demo compares two independent answers.  The same seed gives the same
bytes on every Python from 3.6 on.  That a person or a number exists is chance; organisations use
the bodies PDY....., which GB 11714 keeps for private use, so no real one can carry these codes.
"""

import datetime
import random

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


def make_persons(chance, total):
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
    while len(persons) < total:
        born = birth()
        division = chance.weighted(BEFORE_1989 if born.year <= 1988 else SINCE_1989)
        add(division, born, make_name(chance),
            'valid_retired_division' if division in RETIRED else None)
    chance.mix(persons)
    return persons


def make_organisations(count):
    """Enterprises of the county, none of them real; three are irregular."""
    trades = ('食品', '果业', '建材', '运输', '商贸', '餐饮', '机械', '纺织')
    found = []
    for i in range(count):
        pair = ('91', '91', '92', '93')[i % 4]
        form = {'91': '有限公司', '92': '经营部', '93': '专业合作社'}[pair]
        name = '沂源示例%s%s第%05d号' % (trades[i % len(trades)], form, i + 1)
        if i < 3:   # bodies M000....: the class that offices issued wrongly
            code = organisation('91', '370323', 'M00090%02d' % (i + 1))
            wrong = LETTERS31[(LETTERS31.index(code[17]) + 7) % 31]
            found.append(Subject(code[:17] + wrong, name, notice='irregular'))
        else:
            found.append(Subject(
                organisation(pair, '370323', 'PDY%05d' % (i + 1)), name))
    return found


