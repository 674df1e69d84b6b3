"""Texts for the oracle: valid codes of every kind, slips, spellings, edges.

cases(seed, count) yields (family, text), the same for the same arguments.
Families are shares of the count, but for the edges, which are all there.
"""
import random

import credit_code_oracle as o

D, L, C11, A36 = o.DIGITS, o.LETTERS31, o.CHECKS11, o.LETTERS36
SLOT_KEYS = sorted(o.SLOT)
PROVINCES = sorted(o.PERSON_PROVINCES)
DIGIT_KEYS = [k for k in SLOT_KEYS if k[0] in '12345678' and k.isdigit()
              and k[:2] in o.PERSON_PROVINCES]
NINES = [k for k in SLOT_KEYS if k[0] == '9']
OTHER_NINES = ['90', '94', '95', '96', '97', '98']
HYPHENS = '-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63'
INVISIBLE = ('\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202e'
             '\u2066\u2069')
BLANKS = (' \t\n\r\v\f\u0085\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029'
          '\u202f\u205f\u3000')
WIDE = {ord(c): chr(ord(c) + 0xFEE0) for c in A36 + A36.lower() + '?'}
# Characters that NFKC turns into, or that look like, what a code is made of,
# and neighbours of what folding drops.
HOSTILE = ('①②⑨⓪²³¹₀₅½ⅩⅹⅣⅬⅭⅮⅯℹKſßïéĳǅﬀﬁ㎏㏒𝟎𝟗𝟘𝐀𝒵𝟿🄰🅰٠٣۹०໐〇一二零Ａｚ＠［０９？︖⁇⁈'
           '\ufdfa\ufdfb\u0301\u0308\u3099\u180e\u061c\u2061\u2064\u206a\u200a\u2016'
           '\u202f\u2065\u2070\u2027\ufe58\ufe31\ufe0f\ufffd\ufffe\uffff'
           '\U000e0001\U0010ffff\u007f\u0001\u001c\u001f\x1b\'"\\,;%_?!¿;'
           'ОХАСЕЅΙΧ。．／·•_()（）')


def text_of(r, letters, n):
    return ''.join(r.choices(letters, k=n))


def some_date(r):
    if r.random() < 0.05:
        return r.choice(['18000101', '21991231', '20000229', '19000228',
                         '18991231', '21000228', '20240229', '18000228'])
    return '%04d%02d%02d' % (r.choice((r.randint(1800, 2199),
                                       r.randint(1920, 2030))),
                             r.randint(1, 12), r.randint(1, 28))


def person17(r, region=None):
    region = region or r.choice(PROVINCES) + text_of(r, D, 4)
    return region + some_date(r) + text_of(r, D, 3)


def person(r, region=None):
    first = person17(r, region)
    return first + o.person_check(first)


def card(r):
    return person(r, '9' + text_of(r, D, 5))


def some_body(r):
    shape = r.random()
    if shape < 0.4:
        return text_of(r, D, 8)
    if shape < 0.5:
        return 'M000' + text_of(r, L, 4)
    if shape < 0.7:
        return 'MA' + text_of(r, L, 6)
    if shape < 0.8:
        return r.choice(L[10:]) + text_of(r, D, 7)
    if shape < 0.9:
        cut = r.randint(0, 8)
        return text_of(r, D, cut) + text_of(r, L, 8 - cut)
    return text_of(r, L, 8)


def org_head(r):
    key = r.choice(NINES if r.random() < 0.3 else SLOT_KEYS)
    if r.random() < 0.03:       # a date may stand in places 7-14
        return key + text_of(r, D, 2) + r.choice(['18', '19', '20', '21'])
    return key + text_of(r, D, 4)


def checked(first16):
    first17 = first16 + o.organisation_check(first16[8:])
    return first17 + o.uscc_check(first17)


def org(r):
    return checked(org_head(r) + some_body(r))


def irregular_org(r):
    body = text_of(r, D, 8) if r.random() < 0.6 else 'M000' + text_of(r, L, 4)
    first = org_head(r) + body
    kind = r.random()
    if kind < 0.4:
        first += o.organisation_check(body)
        return first + r.choice(L)
    if kind < 0.8:
        first += r.choice(C11)
        return first + o.uscc_check(first)
    return first + r.choice(C11) + r.choice(L)


def unpackable_org(r):
    """One check wrong, and a body that does not store them."""
    first = org_head(r) + 'MA' + text_of(r, L, 6)
    if r.random() < 0.5:
        first += o.organisation_check(first[8:])
        return first + r.choice(L)
    first += r.choice(L)
    return first + o.uscc_check(first)


def two_readings(r, keys, both):
    """17 digits with a date in the middle, under a registrar's pair: a
    person's number whose organisation checks hold too, or one of them."""
    head = r.choice(keys) + text_of(r, D, 2)
    for _ in range(4000):
        first16 = head + some_date(r) + text_of(r, D, 2)
        check17 = o.organisation_check(first16[8:])
        if check17 == 'X':
            continue
        first17 = first16 + check17
        check18 = o.person_check(first17)
        if not both or check18 == o.uscc_check(first17):
            return first17 + check18
    return first17 + check18


def half_right(r, keys):
    """The same, but the last place obeys one of the standards, or none."""
    code = two_readings(r, keys, False)
    way = r.random()
    if way < 0.4:
        return code[:17] + o.uscc_check(code[:17])
    if way < 0.7:
        first17 = code[:16] + r.choice(D)
        return first17 + o.uscc_check(first17)
    return code[:16] + r.choice(C11) + r.choice(L)


def assigned(r):
    serial = text_of(r, D, 15)
    kind = r.random()
    if kind < 0.1:
        serial = r.choice(['0' * 15, '9' * 15, '0' * 14 + '1'])
    elif kind < 0.3:     # a remainder that two check values would satisfy
        number = int(serial) - int(serial + '00') % 97
        serial = '%015d' % max(number, 0)
    checks = o.assigned_checks(serial)
    if kind > 0.6:
        checks = r.choice([text_of(r, D, 2), '%02d' % ((int(checks) + 97) % 100),
                           '%02d' % ((int(checks) + 3) % 100), '00', '01', '99'])
    return 'Z' + serial + checks


def old_citizen(r):
    number = r.choice(PROVINCES) + text_of(r, D, 4) + some_date(r)[2:]
    return number + r.choice(['996', '997', '998', '999', '995', '000',
                              text_of(r, D, 3), text_of(r, D, 3)])


def registration(r):
    first = r.choice(PROVINCES + ['10']) + text_of(r, D, 12)
    return first + o.registration_check(first)


def old_card(r):
    return text_of(r, A36[10:], 3) + text_of(r, D, 12)


def any_code(r):
    way = r.random()
    if way < 0.25:
        return person(r)
    if way < 0.35:
        return card(r)
    if way < 0.37:
        return person(r, r.choice(['810000', '820000', '830000', '830001']))
    if way < 0.75:
        return org(r)
    if way < 0.85:
        return irregular_org(r) + '?'
    if way < 0.9:
        return assigned(r)
    if way < 0.95:
        return old_citizen(r)
    return person17(r) + r.choice(C11) + '?'


def substitute(r, pool=A36):
    code = any_code(r)
    i = r.randrange(len(code))
    return code[:i] + r.choice(pool) + code[i + 1:]


def transpose(r):
    code = any_code(r)
    i = r.randrange(len(code) - 1)
    return code[:i] + code[i + 1] + code[i] + code[i + 2:]


def insert(r):
    code = any_code(r)
    i = r.randint(0, len(code))
    return code[:i] + r.choice(A36 + HYPHENS + '?') + code[i:]


def delete(r):
    code = any_code(r)
    i = r.randrange(len(code))
    return code[:i] + code[i + 1:]


def spelling(r):
    code = any_code(r)
    if r.random() < 0.5:
        code = code.lower()
    if r.random() < 0.4:
        code = code.translate(WIDE)
    for _ in range(r.choice([0, 1, 1, 2, 3, 8])):
        i = r.randint(0, len(code))
        code = code[:i] + r.choice(HYPHENS + BLANKS + INVISIBLE) + code[i:]
    return code


def hostile(r):
    way = r.random()
    if way < 0.6:
        code = any_code(r)
        for _ in range(r.choice([1, 1, 1, 2, 5])):
            i = r.randrange(len(code))
            code = code[:i] + r.choice(HOSTILE) + code[i + r.randint(0, 1):]
        return code
    if way < 0.8:
        return text_of(r, HOSTILE + D, r.choice([1, 2, 14, 15, 17, 18, 19, 30]))
    # around the greatest length, in bytes and in characters
    blanks = r.choice([' ', '\u3000', '-', '\u00a0', '0', '\u200b', '\ufdfa'])
    size = 256 // len(blanks.encode())
    code = any_code(r)
    pad = blanks * max(0, size - len(code) + r.randint(-2, 2))
    return r.choice([code + pad, pad + code, code[:9] + pad + code[9:],
                     ' ' * 300 + code + '\n' * 300, code * r.randint(2, 20)])


def noise(r):
    way = r.random()
    if way < 0.3:
        return r.choice(SLOT_KEYS) + text_of(r, D, 4) + text_of(r, L, 10)
    if way < 0.5:
        return text_of(r, D, 18)
    if way < 0.6:
        return text_of(r, L, 2) + text_of(r, D, 14) + text_of(r, L, 2)
    if way < 0.7:
        return (r.choice(OTHER_NINES) + text_of(r, D, 4) + some_date(r)
                + text_of(r, D, 3) + r.choice(L))
    if way < 0.8:       # a code under a pair or prefix that nobody uses
        return checked(text_of(r, L, 2) + text_of(r, D, 6) + text_of(r, L, 8))
    if way < 0.9:
        return text_of(r, A36, r.choice([14, 15, 16, 17, 18, 18, 18, 19]))
    return text_of(r, A36 + '?', r.randint(0, 40))


def bad_date(r):
    first = (r.choice(PROVINCES) + text_of(r, D, 4) + r.choice(
        ['17991231', '22000101', '19000229', '21000229', '20230229',
         '20001301', '20000001', '20000100', '20000431', '00000000',
         text_of(r, D, 8)]) + text_of(r, D, 3))
    return first + o.person_check(first)


def with_or_without(make):
    """The same text with the mark, half of the time."""
    return lambda r: make(r) + r.choice(['', '?', '？', '??', ' ?', '? ', '']
                                        if r.random() < 0.2 else ['', '?'])


FAMILIES = [    # name, share in 1000, maker
    ('citizen', 60, person),
    ('residence_permit', 4, lambda r: person(r, r.choice(
        ['810000', '820000', '830000']))),
    ('card', 20, card),
    ('organisation', 150, org),
    ('regular, marked', 20, lambda r: any_code(r) + '?'),
    ('assigned', 30, with_or_without(assigned)),
    ('15 digits', 40, with_or_without(old_citizen)),
    ('registration number', 10, registration),
    ('old card', 10, with_or_without(old_card)),
    ('irregular organisation', 90, with_or_without(irregular_org)),
    ('unpackable organisation', 20, with_or_without(unpackable_org)),
    ('irregular person', 40, with_or_without(
        lambda r: person17(r) + r.choice(L))),
    ('irregular card', 30, with_or_without(
        lambda r: person17(r, '9' + text_of(r, D, 5)) + r.choice(L))),
    ('two readings', 1, with_or_without(
        lambda r: two_readings(r, DIGIT_KEYS, True))),
    ('two readings, 9', 1, with_or_without(
        lambda r: two_readings(r, NINES, True))),
    ('half right', 20, with_or_without(lambda r: half_right(r, DIGIT_KEYS))),
    ('half right, 9', 20, with_or_without(lambda r: half_right(r, NINES))),
    ('bad date', 20, with_or_without(bad_date)),
    ('substitution', 150, substitute),
    ('substitution, any', 20, lambda r: substitute(r, HOSTILE)),
    ('transposition', 70, transpose),
    ('insertion', 40, insert),
    ('deletion', 30, delete),
    ('spelling', 60, spelling),
    ('hostile', 50, hostile),
    ('noise', 60, with_or_without(noise)),
]

EDGE_BODIES = (
    ['00000000', '00000001', '99999999', '9999999A', '99999998', '0000000A',
     '000A0000', '9A000000', '9YYYYYYY', 'A0000000', 'LYYYYYYY', 'M0000000',
     'M000YYYY', 'M0010000', 'M00YYYYY', 'MYYYYYYY', 'N0000000', 'YYYYYYYY',
     'YYYYYYYX']
    + [c + '0000000' for c in L[10:]] + [c + 'YYYYYYY' for c in L[10:]])


def edges(r):
    """Every slot with every edge of the packing, and every pair of check
    characters for some bodies."""
    for key in SLOT_KEYS:
        for body in r.sample(EDGE_BODIES, 8) + EDGE_BODIES[:19]:
            yield 'edge', checked(key + r.choice(['0000', '9999', '1988'])
                                  + body)
    for key in r.sample(SLOT_KEYS, 20):
        for body in ['00000000', '99999999', 'M0000000', 'M000YYYY',
                     '0101' + text_of(r, D, 4), 'M000' + text_of(r, L, 4)]:
            head = key + r.choice(['0000', '9999', '0119', '3720']) + body
            for c17 in C11:
                for c18 in L:
                    yield 'edge, irregular', head + c17 + c18 + '?'
    for a in L:         # every pair of leading characters, every prefix
        for b in L:
            yield 'edge, pair', checked(a + b + '3703' + '23' + some_body(r))
    for key in sorted(o.PAIRS):
        for prefix in o.ALL_PREFIXES:
            yield 'edge, prefix', checked(key + prefix + '0000' + some_body(r))
    for prefix in o.ALL_PREFIXES:
        yield 'edge, province', person(r, prefix + text_of(r, D, 4))
        yield 'edge, province', person(r, prefix + '0000') [:15]
    for c in range(1, 0x3100):       # every character there is below CJK
        yield 'edge, character', '4403081999011015' + chr(c) + '2'
        yield 'edge, character', chr(c) + '440308199901101512'
        yield 'edge, character', '440308199901101512' + chr(c)
    for c in [*range(0xFE00, 0x10000), *range(0x1D7C0, 0x1D800)]:
        yield 'edge, character', '4403081999011015' + chr(c) + '2'


def cases(seed, count):
    r = random.Random(seed)
    left = count
    for item in edges(r):
        left -= 1
        yield item
    total = sum(share for _, share, _ in FAMILIES)
    for name, share, make in FAMILIES:
        for _ in range(max(1, -(-left * share // total))):
            yield name, make(r)
