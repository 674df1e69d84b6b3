"""How Debian's python3-stdnum differs from the oracle, and why.

    code_stdnum.py [SEED]

stdnum.cn.uscc and stdnum.cn.ric are right about the check characters, so every
difference must have one of the reasons below; one without a reason is an
error, either in the oracle or in our understanding.
"""
import random
import sys
from collections import Counter

import credit_code_oracle as o
import code_cases as c
from stdnum.cn import ric, uscc
from stdnum.exceptions import (InvalidComponent, InvalidFormat,
                               ValidationError)


def judged(module, text):
    """True, or the exception that the module raises."""
    try:
        module.validate(text)
        return True
    except ValidationError as error:
        return type(error)
    except Exception as error:      # a defect of theirs, not a verdict
        return 'raises %s' % type(error).__name__


def why_uscc(text, ours, theirs):
    """The reason why uscc and the oracle differ, or None when unknown."""
    if theirs is True:
        if text[:2] not in o.PAIRS:
            return 'accepts a registrar and category that nobody has'
        if text[:4] not in o.SLOT:
            return 'accepts a province that is none'
        if o.organisation_check(text[8:16]) != text[16]:
            return 'does not look at the GB 11714 check in place 17'
        if ours.kind in ('citizen', 'hmt_resident'):
            return 'a regular citizen number is an organisation to it'
    if theirs is InvalidFormat and ours and not text[:2].isdigit():
        return 'demands 8 leading digits: refuses registrars A, N, Y'
    return None


def why_ric(text, ours, theirs):
    if theirs is True:
        if not 1800 <= int(text[6:10]) <= 2199:
            return 'accepts any year from 1 to 9999'
    if ours and theirs is InvalidComponent:
        if text[0] == '9':
            return 'does not know permanent residence cards (first place 9)'
        if text[:2] in ('71', '81', '82', '83'):
            return 'does not know residence permits or Taiwan'
        return 'refuses a county that its loc.dat does not list'
    return None


def texts(r):
    for make, count in ((c.person, 4000), (c.card, 1000), (c.org, 8000),
                        (c.irregular_org, 4000), (c.unpackable_org, 2000),
                        (c.bad_date, 2000), (c.substitute, 8000),
                        (c.transpose, 4000), (c.noise, 8000),
                        (lambda r: c.two_readings(r, c.DIGIT_KEYS, True), 300),
                        (lambda r: c.two_readings(r, c.NINES, True), 300)):
        for _ in range(count):
            text = make(r)
            if len(text) == 18 and text.isascii():
                yield text


def main(seed):
    reasons, agreed, unexplained = Counter(), Counter(), 0
    for text in texts(random.Random(seed)):
        reading = o.read(text)
        for name, module, kinds, why in (
                ('uscc', uscc, ('organisation',), why_uscc),
                ('ric', ric, ('citizen', 'hmt_resident', 'permanent_resident'),
                 why_ric)):
            ours = reading if reading.kind in kinds else None
            theirs = judged(module, text)
            if (theirs is True) == (ours is not None):
                agreed[name] += 1
                if isinstance(theirs, str):
                    reasons[name, theirs + ' instead of an answer'] += 1
                continue
            reason = why(text, ours or reading, theirs)
            if reason is None:
                unexplained += 1
                print('UNEXPLAINED', name, text, reading, theirs)
            reasons[name, reason] += 1
    for name in ('uscc', 'ric'):
        print('stdnum.cn.%s agrees on %d texts' % (name, agreed[name]))
        for (module, reason), count in sorted(reasons.items(), key=str):
            if module == name:
                print('  differs on %5d: %s' % (count, reason))
    return 1 if unexplained or not all(agreed.values()) else 0


if __name__ == '__main__':
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
