"""What a credit code is, once more: written from the standards, not from the C.

GB 11643-1999   citizen number: ISO 7064 MOD 11-2 over 17 digits
GB 32100-2015   unified social credit code: MOD 31-3 over 17 of 31 letters
GB 11714-1997   organisation code inside it: MOD 11 over 8 of 36 letters
GS 15-2006      old 15-digit registration number: ISO 7064 MOD 11,10
ISO/IEC 7064    MOD 97-10, for serials that a register assigns

read(text) answers what the extension must answer for any text: verdict,
position, expected character, canonical text, kind and the 64-bit value.  The
value is computed the slow way: places in lists that are written out, and
ranks found by counting the texts that sort before.  Nothing here is taken
from src/code_pack.c, so that the two can disagree.

Used by test/oracle/run; by hand:

    $ /usr/bin/python3 test/oracle/credit_code_oracle.py '91350203M0001QKT19?'
"""
import functools
import random
import sys
import unicodedata
from collections import namedtuple
from datetime import date

DIGITS = '0123456789'
LETTERS31 = '0123456789ABCDEFGHJKLMNPQRTUWXY'   # GB 32100: no I, O, S, V, Z
LETTERS36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'   # GB 11714
CHECKS11 = '0123456789X'                        # X is the Roman ten
LENGTH = 18
LONGEST = 256                                   # bytes that are looked at

# ---------------------------------------------------------------------------
# Check characters


class Rules:
    """The constants of the standards; a self test breaks them one by one."""
    # GB 11643: a(i) x 2^(i-1), i counted from the right, is 1 modulo 11.
    weights_person = [2 ** (LENGTH - i) % 11 for i in range(1, LENGTH)]
    # GB 32100: weight 3^(i-1) modulo 31, i counted from the left.
    weights_uscc = [3 ** (i - 1) % 31 for i in range(1, LENGTH)]
    # GB 11714: the list of the standard.
    weights_org = [3, 7, 9, 10, 5, 8, 4, 2]
    modulus_assigned = 97
    stored_prefix = 'M000'      # bodies that keep their check characters
    spare_prefixes = 1


VALUE36 = {c: i for i, c in enumerate(LETTERS36)}
VALUE31 = {c: i for i, c in enumerate(LETTERS31)}


def person_check(first17):
    """GB 11643, ISO 7064 MOD 11-2: the character that makes the sum 1."""
    total = 0
    for digit, weight in zip(first17, Rules.weights_person):
        total += int(digit) * weight
    return CHECKS11[(1 - total) % 11]


def uscc_check(first17):
    """GB 32100: 31 less the weighted sum modulo 31; 31 counts as 0."""
    total = 0
    for letter, weight in zip(first17, Rules.weights_uscc):
        total += VALUE31[letter] * weight
    return LETTERS31[(31 - total % 31) % 31]


def organisation_check(body):
    """GB 11714: 11 less the weighted sum modulo 11; 10 is X, 11 is 0."""
    total = 0
    for letter, weight in zip(body, Rules.weights_org):
        total += VALUE36[letter] * weight
    check = 11 - total % 11
    return 'X' if check == 10 else '0' if check == 11 else str(check)


def assigned_checks(first15):
    """ISO 7064 MOD 97-10: with them the number is 1 modulo 97.

    They run from 02 to 98.  00, 01 and 99 would leave the same remainder as
    97, 98 and 02, but are never issued: one serial has one text.
    """
    modulus = Rules.modulus_assigned
    return '%02d' % (98 - int(first15 + '00') % modulus)


def registration_check(first14):
    """GS 15-2006, ISO 7064 MOD 11,10 (hybrid system)."""
    p = 10
    for digit in first14:
        s = (int(digit) + p) % 10 or 10
        p = 2 * s % 11
    return str((11 - p) % 10)


# ---------------------------------------------------------------------------
# Places and pairs


def spread(*ranges):
    """['11-13', '71'] as the two-digit texts they stand for, in order."""
    out = []
    for item in ranges:
        first, _, last = item.partition('-')
        out += ['%02d' % n for n in range(int(first), int(last or first) + 1)]
    return out


PERSON_PROVINCES = frozenset(spread('11-15', '21-23', '31-37', '41-46',
                                    '50-54', '61-66', '71', '81-83'))
ORG_PREFIXES = spread('10', '11-15', '21-23', '31-37', '41-46', '50-54',
                      '61-66', '71', '81-83', '91', '99')
ALL_PREFIXES = spread('00-99')
assert len(ORG_PREFIXES) == 39 and len(PERSON_PROVINCES) == 36

# registrar: its categories; a * keeps room for one that is not in use.
REGISTRARS = [
    ('1', '1 2 3 4* 5* 9'), ('2', '1 9'), ('3', '1 2 3 4 5 9'), ('4', '1 9'),
    ('5', '1 2 3 4 5 9'), ('6', '1 2 9'), ('7', '1 2 9'), ('8', '1 9'),
    ('9', '1 2 3 4* 5* 9'), ('A', '1 9'), ('N', '1 2 3 9'), ('Y', '1'),
]
PAIRS = set()           # (place 1 + place 2) that a text may use
SLOT = {}               # 4 leading characters: place in the frozen table


def build_slots():
    """Writes the table out, place by place, in the order of the texts."""
    PAIRS.clear()
    SLOT.clear()
    slot = 0
    for registrar, categories in REGISTRARS:
        for category in categories.split():
            pair = registrar + category[0]
            used = not category.endswith('*')
            if used:
                PAIRS.add(pair)
            wide = registrar == '9' and used
            for prefix in ALL_PREFIXES if wide else ORG_PREFIXES:
                if used:
                    SLOT[pair + prefix] = slot
                slot += 1
            if not wide:
                slot += Rules.spare_prefixes
    return slot


SLOTS_USED = build_slots()

# ---------------------------------------------------------------------------
# Values

PERSONS = 0
DAYS = (date(2199, 12, 31) - date(1800, 1, 1)).days + 1
ORGANISATIONS = 10 ** 6 * DAYS * 1000 * 11
ASSIGNED = 2 ** 64 - 10 ** 15


@functools.lru_cache(maxsize=None)
def day_number(yyyymmdd):
    """Days from 1800-01-01, or None when the calendar has no such day."""
    year = int(yyyymmdd[:4])
    if not 1800 <= year <= 2199:
        return None
    try:
        day = date(year, int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return None
    return (day - date(1800, 1, 1)).days


def is_stored(body):
    """Does this body keep its two check characters?"""
    return body.isdigit() or body.startswith(Rules.stored_prefix)


def count_texts(start):
    """How many (body, place 17, place 18) have a body that begins so."""
    free = 8 - len(start)
    bodies = 31 ** free
    stored = 0
    if start == '' or start.isdigit():
        stored += 10 ** free
    m = Rules.stored_prefix
    if start.startswith(m):
        stored += 31 ** free
    elif m.startswith(start):
        stored += 31 ** (8 - len(m))
    return bodies + stored * (11 * 31 - 1)


def rank_by_counting(body, check17, check18):
    """How many (body, place 17, place 18) sort before this one."""
    rank = 0
    for i, letter in enumerate(body):
        for smaller in LETTERS31[:VALUE31[letter]]:
            rank += count_texts(body[:i] + smaller)
    if is_stored(body):
        rank += CHECKS11.index(check17) * 31 + VALUE31[check18]
    return rank


# The same with the inner sum remembered: it depends on how many letters stand
# before, and on whether they can still become a stored body, on nothing else.
@functools.lru_cache(maxsize=None)
def texts_below(like, letter):
    return sum(count_texts(like + smaller)
               for smaller in LETTERS31[:VALUE31[letter]])


def rank(body, check17, check18):
    total = 0
    m = Rules.stored_prefix
    for i, letter in enumerate(body):
        if body[:i].isdigit():
            like = '0' * i
        elif body.startswith(m[:i]) if i < 4 else body.startswith(m):
            like = (m + '0000')[:i]
        else:
            like = 'Y' * i
        total += texts_below(like, letter)
    if is_stored(body):
        total += CHECKS11.index(check17) * 31 + VALUE31[check18]
    return total


WIDTH = count_texts('')
assert WIDTH == 31 ** 8 + 340 * 10 ** 8 + 340 * 31 ** 4


def person_value(code):
    return PERSONS + ((int(code[:6]) * DAYS + day_number(code[6:14])) * 1000
                      + int(code[14:17])) * 11 + CHECKS11.index(code[17])


def organisation_value(code):
    place = SLOT[code[:4]] * 10 ** 4 + int(code[4:8])
    return ORGANISATIONS + place * WIDTH + rank(code[8:16], code[16], code[17])


# ---------------------------------------------------------------------------
# Folding

BLANKS = ([*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
           0x2028, 0x2029, 0x202F, 0x205F, 0x3000])     # White_Space of Unicode
DASHES = [0x2D, *range(0x2010, 0x2016), 0x2212]
INVISIBLE = [*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD,
             *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
DROPPED = dict.fromkeys(BLANKS + DASHES + INVISIBLE)
ASCII_DROPPED = dict.fromkeys(c for c in DROPPED if c < 128)
ASCII_UPPER = {c: c - 32 for c in range(ord('a'), ord('z') + 1)}
FOLDED = {**DROPPED, **ASCII_UPPER}
PLAIN = frozenset(LETTERS36)


def fold(text):
    if text.isascii():
        return text.upper().translate(ASCII_DROPPED)
    return unicodedata.normalize('NFKC', text).translate(FOLDED)


# ---------------------------------------------------------------------------
# Reading

Reading = namedtuple('Reading', 'verdict position expected text kind value')


def refuse(verdict, position=0, expected=None):
    return Reading(verdict, position, expected, None, None, None)


def accept(code, kind, value, verdict='valid'):
    mark = '?' if verdict == 'irregular' else ''
    return Reading(verdict, 0, None, code + mark, kind, value)


def person_kind(code):
    if code[0] == '9':
        return 'permanent_resident'
    if code[:6] in ('810000', '820000', '830000'):
        return 'hmt_resident'
    return 'citizen'


def first_without(allowed, code):
    """The place of the first character that is not allowed, or 0."""
    for place, letter in enumerate(code, 1):
        if letter not in allowed:
            return place
    return 0


class Parts:
    """What an 18-character text over 0-9 A-Z looks like."""

    def __init__(self, code):
        self.code = code
        first17 = code[:17]
        self.numeric = first17.isdigit()
        self.day = day_number(code[6:14]) if self.numeric else None
        self.check11 = code[17] in CHECKS11
        self.province = (code[0] in '12345678'
                         and code[:2] in PERSON_PROVINCES)
        dated = self.numeric and self.day is not None
        self.person = dated and self.check11 and self.province
        self.card = dated and self.check11 and code[0] == '9'
        self.person_ok = ((self.person or self.card)
                          and person_check(first17) == code[17])
        self.in31 = all(c in VALUE31 for c in code)
        self.organisation = (self.in31 and code[2:8].isdigit()
                             and code[:4] in SLOT)
        body = code[8:16]
        self.stored = is_stored(body)
        if self.stored and code[16] not in CHECKS11:
            self.organisation = False
        self.org17 = self.org18 = None
        if self.in31:
            self.org17 = organisation_check(body)
            self.org18 = uscc_check(first17)
        self.org17_ok = self.org17 == code[16]
        self.org18_ok = self.org18 == code[17]


def read18(code, marked):
    parts = Parts(code)
    if parts.person and parts.person_ok:
        return accept(code, person_kind(code), person_value(code))
    if parts.organisation and parts.org17_ok and parts.org18_ok:
        return accept(code, 'organisation', organisation_value(code))
    if parts.card and parts.person_ok:
        return accept(code, person_kind(code), person_value(code))
    if marked:
        if parts.person:
            return accept(code, person_kind(code), person_value(code),
                          'irregular')
        if parts.organisation and parts.stored:
            return accept(code, 'organisation', organisation_value(code),
                          'irregular')
        if parts.card:
            return accept(code, person_kind(code), person_value(code),
                          'irregular')
    return why_not(parts)


def why_not(parts):
    """The verdict of 18 plain characters that are no code."""
    code = parts.code
    half_right = parts.organisation and (parts.org17_ok or parts.org18_ok)
    if parts.numeric and parts.province and (parts.person or not half_right):
        if parts.day is None:
            return refuse('bad_date', 7)
        if code[17] not in DIGITS + 'X':
            return refuse('bad_character', 18, person_check(code[:17]))
        return refuse('bad_check', 18, person_check(code[:17]))
    for place, letter in enumerate(code, 1):
        if letter not in VALUE31 or (3 <= place <= 8 and letter not in DIGITS):
            return refuse('bad_character', place)
    if code[:2] not in PAIRS:
        if parts.numeric and code[0] != '9' and not parts.province:
            return refuse('unlisted_division', 1)
        if parts.numeric and code[0] == '9' and parts.day is not None:
            if code[17] not in DIGITS + 'X':
                return refuse('bad_character', 18, person_check(code[:17]))
            return refuse('bad_check', 18, person_check(code[:17]))
        # one letter among 17 digits is a slip in a person's number
        letters = [c for c in code[:17] if c not in DIGITS]
        if (len(letters) == 1 and code[0] != '9'
                and code[:2] in PERSON_PROVINCES and code[16] != 'X'):
            return refuse('bad_character', 1 + code.index(letters[0]))
        return refuse('bad_registrar', 1)
    if code[:4] not in SLOT:
        return refuse('unlisted_division', 3)
    if parts.org18_ok and not parts.org17_ok:
        return refuse('bad_organisation_check', 17, parts.org17)
    return refuse('bad_check', 18, parts.org18)


def read15(code):
    """A citizen number of before 1999-10-01, without century and check."""
    if not code.isdigit():
        if code[:3].isalpha() and code[3:].isdigit():   # residence card of 2017
            return refuse('bad_length')
        return refuse('bad_character', first_without(DIGITS, code))
    if code[0] == '9' or code[:2] not in PERSON_PROVINCES:
        return refuse('unlisted_division', 1)
    century = '18' if code[12:] in ('996', '997', '998', '999') else '19'
    first17 = code[:6] + century + code[6:]
    if day_number(first17[6:14]) is None:
        return refuse('bad_date', 7)
    full = first17 + person_check(first17)
    return accept(full, person_kind(full), person_value(full), 'upgraded')


def read_assigned(code):
    if not code[1:].isdigit():
        return refuse('bad_character', 1 + first_without(DIGITS, code[1:]))
    if assigned_checks(code[1:16]) != code[16:]:
        return refuse('bad_check', 17)
    return accept(code, 'assigned', ASSIGNED + int(code[1:16]))


def read(text):
    """The reading of any text: the answer the extension must give."""
    if len(text) > LONGEST // 4:
        if len(text.strip(' \t\n\r\f\v').encode()) > LONGEST:
            return refuse('bad_length')
    code = fold(text)
    marked = code.endswith('?')
    if marked:
        code = code[:-1]
    if len(code) not in (15, LENGTH):
        return refuse('bad_length')
    place = first_without(PLAIN, code)
    if place:
        return refuse('bad_character', place)
    if len(code) == 15:
        return read15(code)
    if code[0] == 'Z':
        return read_assigned(code)
    return read18(code, marked)


# ---------------------------------------------------------------------------
# Checks of the oracle itself: numbers that others published or computed

KNOWN = [       # text, verdict, position, expected, canonical text
    ('914403001922038216', 'valid', 0, None, '914403001922038216'),
    ('91330100799655058B', 'valid', 0, None, '91330100799655058B'),
    ('12100000400000624D', 'valid', 0, None, '12100000400000624D'),
    ('531000005000160090', 'valid', 0, None, '531000005000160090'),
    ('91330201MA282UF146', 'valid', 0, None, '91330201MA282UF146'),
    ('91350203M0001QKT19', 'bad_check', 18, 'F', None),
    ('91350203M0001QKT19?', 'irregular', 0, None, '91350203M0001QKT19?'),
    ('440308199901101512', 'valid', 0, None, '440308199901101512'),
    ('360426199101010071', 'valid', 0, None, '360426199101010071'),
    ('810000199408230021', 'valid', 0, None, '810000199408230021'),
    ('911398199012310021', 'valid', 0, None, '911398199012310021'),
    ('610104620927690', 'upgraded', 0, None, '610104196209276908'),
    ('123456789012345678', 'bad_organisation_check', 17, '8', None),
    ('', 'bad_length', 0, None, None),
]


def self_check():
    """Raises AssertionError when the oracle contradicts published facts."""
    for text, *wanted in KNOWN:
        r = read(text)
        got = [r.verdict, r.position, r.expected, r.text]
        assert got == wanted, (text, got, wanted)
    assert registration_check('54000010000341') == '9'
    assert assigned_checks('000000000000000') == '98'
    assert Rules.weights_uscc == [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13,
                                  8, 24, 10, 30, 28]
    assert Rules.weights_person == [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5,
                                    8, 4, 2]
    rng = random.Random(7)
    for _ in range(3000):
        body = ''.join(rng.choices(LETTERS31, k=8))
        start = rng.choice(['', 'M', 'M0', 'M00', 'M000', 'M001', '0', '99999'])
        body = (start + body)[:8]
        if rng.random() < 0.3:
            body = ''.join(rng.choices(DIGITS, k=8))
        assert rank(body, '5', 'K') == rank_by_counting(body, '5', 'K'), body
    assert rank('00000000', '0', '0') == 0
    assert rank('YYYYYYYY', '0', '0') == WIDTH - 1


if __name__ == '__main__':
    self_check()
    for argument in sys.argv[1:]:
        print(argument, *read(argument), sep='\t')
