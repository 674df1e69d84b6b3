"""Compares what the extension answered with what the oracle answers.

    code_compare.py generate SEED COUNT CASES.csv [SAMPLE.csv]
    code_compare.py compare CASES.csv ANSWERS.csv

ANSWERS has, for each case: id, verdict, position, expected, text of the code,
its 64-bit value in hexadecimal, its kind, is_regular, and the place of the
code in ORDER BY code.
"""
import csv
import sys
import time
from collections import Counter

import credit_code_oracle as o
from code_cases import cases

SHOWN = 10      # mismatches printed of each kind
# What check_code may say of a code that the type holds, on top of the core's
# own verdict: the division's history and the clock are no matter of the code.
NOTICES = {'valid_retired_division', 'unlisted_division', 'future_birth'}
HELD = {'valid', 'upgraded', 'irregular'}


def generate(seed, count, path, sample=None):
    with open(path, 'w', newline='', encoding='utf-8') as out:
        write = csv.writer(out, quoting=csv.QUOTE_ALL)
        number = 0
        for family, text in cases(int(seed), int(count)):
            number += 1
            write.writerow((number, family, text, ''))
        if sample:
            with open(sample, newline='', encoding='utf-8') as rows:
                for row in csv.DictReader(rows):
                    number += 1
                    write.writerow((number, 'published', row['code'],
                                    row['expected']))
    print('%d texts, seed %s' % (number, seed))


class Findings:
    def __init__(self):
        self.count = Counter()

    def add(self, what, *facts):
        self.count[what] += 1
        if self.count[what] <= SHOWN:
            print('MISMATCH %s: %s' % (what, ' | '.join(map(repr, facts))))


def wanted_row(reading):
    """The oracle's answer in the columns of ANSWERS."""
    value = '' if reading.value is None else '%016x' % reading.value
    return (reading.verdict, str(reading.position), reading.expected or '',
            reading.text or '', value, reading.kind or '')


def compare_one(family, text, published, reading, answer, findings):
    wanted = wanted_row(reading)
    verdict, position, expected, code, value, kind, regular, _ = answer
    held = reading.value is not None
    if published and published != reading.verdict:
        findings.add('published', text, published, reading)
    if (code != '') != held:
        findings.add('accepted', family, text, wanted, answer)
        return
    if held:
        if (code, value, kind) != wanted[3:]:
            findings.add('value', family, text, wanted, answer)
        if regular != ('f' if reading.verdict == 'irregular' else 't'):
            findings.add('is_regular', family, text, wanted, answer)
        if verdict in NOTICES:
            return
    if verdict != wanted[0]:
        findings.add('verdict', family, text, wanted, answer)
    elif (position, expected) != wanted[1:3]:
        findings.add('position or expected', family, text, wanted, answer)


def compare_order(ranked, findings):
    """Codes sorted as numbers must be sorted as texts, region by region."""
    ranked.sort()
    before = {}
    for _, region, text in ranked:
        if before.get(region, '') > text:
            findings.add('order', region, before[region], text)
        before[region] = text
    return len(ranked)


def read_pairs(cases_path, answers_path):
    """Cases and answers side by side; both are in the order of the ids."""
    with open(cases_path, newline='', encoding='utf-8') as a, \
            open(answers_path, newline='', encoding='utf-8') as b:
        for case, answer in zip(csv.reader(a), csv.reader(b), strict=True):
            assert case[0] == answer[0], (case, answer)
            yield case, tuple(answer[1:])


def break_rules():
    """One wrong constant at a time; each yields its name while it holds."""
    def swapped(name, i, j):
        values = getattr(o.Rules, name)
        values[i], values[j] = values[j], values[i]

    for name, undo in (('weights_person', (2, 9)), ('weights_uscc', (3, 8)),
                       ('weights_org', (1, 6))):
        swapped(name, *undo)
        yield name
        swapped(name, *undo)
    for name, wrong in (('modulus_assigned', 89), ('stored_prefix', 'M001'),
                        ('spare_prefixes', 0)):
        right = getattr(o.Rules, name)
        setattr(o.Rules, name, wrong)
        o.texts_below.cache_clear()
        o.build_slots()
        yield name
        setattr(o.Rules, name, right)
    o.texts_below.cache_clear()
    o.build_slots()


def self_test(sample):
    """The comparison must fail when the oracle is broken: else it is blind."""
    blind = []
    for name in break_rules():
        seen = sum(wanted_row(o.read(text))[:5] != answer[:5]
                   for text, answer in sample)
        print('self test, %s broken: %d of %d texts differ'
              % (name, seen, len(sample)))
        if not seen:
            blind.append(name)
    return blind


def compare(cases_path, answers_path):
    o.self_check()
    started = time.time()
    findings = Findings()
    verdicts, said, families, sample, ranked = (Counter(), Counter(), Counter(),
                                                [], [])
    for case, answer in read_pairs(cases_path, answers_path):
        number, family, text, published = case
        reading = o.read(text)
        verdicts[reading.verdict] += 1
        said[answer[0]] += 1
        families[family] += 1
        compare_one(family, text, published, reading, answer, findings)
        if answer[7]:
            region = reading.kind if reading.kind in (
                'organisation', 'assigned') else 'person'
            ranked.append((int(answer[7]), region, answer[3]))
        if int(number) % 31 == 0:
            sample.append((text, answer))
    blind = self_test(sample)
    ordered = compare_order(ranked, findings)
    total = sum(verdicts.values())
    print('families:', ', '.join('%s %d' % f for f in families.items()))
    for verdict, count in sorted(verdicts.items()):
        print('%-24s %9d  (check_code: %d)' % (verdict, count, said[verdict]))
    for verdict in NOTICES - set(verdicts):
        print('%-24s %9s  (check_code: %d)' % (verdict, '', said[verdict]))
    mismatches = sum(findings.count.values())
    print('%d texts, %d codes in order, %d mismatches %s, %.0f s'
          % (total, ordered, mismatches, dict(findings.count) or '',
             time.time() - started))
    if blind:
        print('BLIND: breaking %s changes no answer' % ', '.join(blind))
    return 1 if mismatches or blind or ordered < total // 4 else 0


if __name__ == '__main__':
    if sys.argv[1] == 'generate':
        generate(*sys.argv[2:])
    else:
        sys.exit(compare(*sys.argv[2:]))
