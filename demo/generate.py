#!/usr/bin/python3
"""Write ten years of a county's credit files, with every planted defect known.

    demo/generate.py OUT DAY [PERSONS [SEED]]

makes in the directory OUT, for the ten years before DAY,

    provider.csv        the departments that hand in files
    batch.csv           the files: batch, provider, day received
    rows/PROVIDER.csv   what they hold: batch, line, raw (a JSON object)
    planted.csv         lines that must be held: batch, line, code (what the gate must say)
    facts.csv           what the demo asks later, worked out here: name, number

One organisation for twenty persons, ten rows for a person.  One row in a hundred is spoilt.
"""

import csv
import datetime
import json
import os
import sys

from county import Chance, make_organisations, make_persons, years_later

YEARS = 10
PROVIDERS = [   # provider, pair and body of its code, Chinese name
    ('police', '11', 'PDY90001', '县公安局'),
    ('market', '11', 'PDY90002', '县市场监管局'),
    ('tax', '11', 'PDY90003', '县税务局'),
    ('court', '11', 'PDY90005', '县法院'),
    ('education', '11', 'PDY90010', '县教体局'),
    ('water', '91', 'PDY90006', '县自来水公司'),
    ('civil', '11', 'PDY90011', '县民政局'),
    ('youth', '13', 'PDY90007', '团县委'),
    ('union', '81', 'PDY90008', '县总工会'),
    ('centre', '12', 'PDY90012', '县信用中心'),
]
# item: provider, share of the rows, stance, whose, severities
ITEMS = {
    'administrative_penalty': ('police', 200, 'bad', 'both', (('minor', 60), ('general', 36), ('serious', 4))),
    'key_field_penalty':      ('market', 70, 'bad', 'both', (('minor', 30), ('general', 55), ('serious', 15))),
    'traffic_violation':      ('police', 60, 'bad', 'person', (('minor', 20), ('general', 70), ('serious', 10))),
    'tax_dishonesty':         ('tax', 30, 'bad', 'both', (('general', 70), ('serious', 30))),
    'court_defaulter':        ('court', 20, 'bad', 'both', (('serious', 1),)),
    'exam_cheating':          ('education', 5, 'bad', 'person', (('general', 1),)),
    'utility_arrears':        ('water', 120, 'bad', 'both', (('minor', 1),)),
    'qualification':          ('market', 95, 'neutral', 'both', None),
    'volunteer_hours':        ('youth', 270, 'good', 'person', None),
    'charity_donation':       ('civil', 80, 'good', 'both', None),
    'excellent_volunteer':    ('youth', 20, 'good', 'person', None),
    'labour_model':           ('union', 10, 'good', 'person', None),
    'blood_donation':         ('civil', 20, 'good', 'person', None),
}
DOCUMENT = {
    'administrative_penalty': '源公罚〔%d〕%06d号', 'key_field_penalty': '源市监处罚〔%d〕%06d号',
    'traffic_violation': '源公交罚〔%d〕%06d号', 'tax_dishonesty': '源税失信〔%d〕%06d号',
    'court_defaulter': '（%d）鲁0323执%06d号', 'exam_cheating': '源教处〔%d〕%06d号',
    'utility_arrears': '（%d）鲁0323民督%06d号',
}
# The day from which the law lets it be collected; for others the day of the county opinion.
SINCE = {'administrative_penalty': datetime.date(2020, 11, 1), 'key_field_penalty': datetime.date(2020, 11, 1),
         'tax_dishonesty': datetime.date(2020, 11, 1), 'court_defaulter': datetime.date(2017, 6, 10)}
OCCUPATIONS = ('teacher', 'physician', 'licensed_pharmacist', 'lawyer', 'courier', 'tour_guide')


def quarter_end(day):
    """The last day that a file of this day's quarter can tell of."""
    month = (day.month - 1) // 3 * 3 + 4
    return datetime.date(day.year + month // 13, (month - 1) % 12 + 1, 1) - datetime.timedelta(1)


class Files:
    def __init__(self, day, persons, seed):
        self.day = day
        self.first = years_later(day, -YEARS)
        self.chance = Chance(seed)
        self.persons = make_persons(self.chance, persons)
        self.organisations = make_organisations(max(persons // 20, 12))
        # For defects, numbers that earn no other verdict.
        self.plain = [p for p in self.persons if p.notice is None and p.code.startswith('370323')]
        self.counter = 0

    def a_day(self):
        """More in the later years: registers grow."""
        span = (self.day - self.first).days - 40
        n = max(self.chance.randrange(span), self.chance.randrange(span))
        return self.first + datetime.timedelta(n)

    def adult(self, act, plain=False):
        while True:
            person = self.chance.pick(self.plain if plain else self.persons)
            if person.birth.year + 19 <= act.year:
                return person

    def row(self, item, plain=False, who=None):
        """A faultless row: (raw, day of the document, subject)."""
        chance = self.chance
        stance, whose, severities = ITEMS[item][2:]
        day = self.a_day()
        floor = SINCE.get(item, datetime.date(2018, 7, 1))
        if day < floor:
            day = floor + datetime.timedelta(chance.randrange(300))
        act = day - datetime.timedelta(1 + chance.randrange(30))
        who = who or ('organisation' if whose == 'both' and chance.percent(15) else 'person')
        subject = (self.adult(act, plain) if who == 'person'
                   else chance.pick(self.organisations[3:] if plain else self.organisations))
        self.counter += 1
        fields = {}
        raw = {'subject': subject.text, 'name': subject.name, 'item': item,
               'document_date': day.isoformat(), 'happened_on': act.isoformat(), 'fields': fields}
        if stance == 'bad':
            raw['severity'] = chance.weighted(severities)
            raw['document_no'] = DOCUMENT[item] % (day.year, self.counter)
            raw['conduct_end'] = act.isoformat()
            raw['final_on'] = (day + datetime.timedelta(1)).isoformat()
            if chance.percent(60):
                raw['fulfilled_on'] = min(day + datetime.timedelta(2 + chance.randrange(60)), quarter_end(day), self.day).isoformat()
        if item in ('administrative_penalty', 'key_field_penalty'):
            fields['violation'] = '示例违法行为%d' % chance.randrange(20)
            fields['fine_amount'] = str(100 * (1 + chance.randrange(50)))
        elif item == 'utility_arrears':
            fields['fee_kind'] = chance.pick(('water', 'gas', 'heating'))
            fields['arrears_amount'] = str(50 + chance.randrange(3000))
        elif item == 'qualification':
            fields['occupation'] = chance.pick(OCCUPATIONS)
            fields['certificate_number'] = 'C%08d' % self.counter
        elif item == 'volunteer_hours':
            fields['hours'] = raw['amount'] = str(1 + chance.randrange(40))
            fields['served_on'] = act.isoformat()
            fields['certificate_number'] = 'V%08d' % self.counter
        elif item == 'charity_donation':
            raw['amount'] = str(50 * (1 + chance.randrange(40)))
            fields['certificate_number'] = 'D%08d' % self.counter
        elif item == 'blood_donation':
            fields['certificate_number'] = 'B%08d' % self.counter
        elif stance == 'good':
            fields['honour'] = '示例荣誉'
            raw['document_no'] = '源表〔%d〕%06d号' % (day.year, self.counter)
        return raw, day, subject


# ---- defects: each takes the files and gives (raw, day, code that must be found) ----

def one_digit_off(files):
    raw, day, subject = files.row('administrative_penalty', plain=True, who='person')
    at = 14 + files.chance.randrange(3)
    wrong = str((int(subject.code[at]) + 1 + files.chance.randrange(9)) % 10)
    raw['subject'] = subject.code[:at] + wrong + subject.code[at + 1:]
    return raw, day, 'CR110'


def drop_one(files):
    raw, day, subject = files.row('volunteer_hours', plain=True)
    at = 6 + files.chance.randrange(8)
    raw['subject'] = subject.code[:at] + subject.code[at + 1:]
    return raw, day, 'CR110'


def unknown_item(files):
    raw, day, _ = files.row('volunteer_hours', plain=True)
    raw['item'] = files.chance.pick(('petitioning', 'online_speech', 'jaywalking_photo'))
    return raw, day, 'CR106'


def extra_field(files):
    raw, day, _ = files.row('administrative_penalty', plain=True)
    raw['fields']['note'] = '家属已沟通'
    return raw, day, 'CR102'


def reserved_field(files):
    raw, day, _ = files.row('volunteer_hours', plain=True)
    raw['fields'][files.chance.pick(('religion', 'blood_type', 'fingerprint'))] = 'x'
    return raw, day, 'CR103'


def not_final(files):
    raw, day, _ = files.row('key_field_penalty', plain=True)
    del raw['final_on']
    return raw, day, 'CR104'


def no_document(files):
    raw, day, _ = files.row('administrative_penalty', plain=True)
    del raw['document_no']
    return raw, day, 'CR104'


def minors_act(files):
    """An act before the 18th birthday, every third on the day before it."""
    chance = files.chance
    while True:
        person = chance.pick(files.plain)
        eve = years_later(person.birth, 18) - datetime.timedelta(1)
        act = eve if chance.percent(33) else eve - datetime.timedelta(chance.randrange(700))
        if datetime.date(2018, 7, 1) < act < files.day - datetime.timedelta(60):
            break
    raw, _, _ = files.row('traffic_violation', plain=True)
    day = act + datetime.timedelta(3)
    raw.pop('fulfilled_on', None)
    raw.update(subject=person.text, name=person.name, happened_on=act.isoformat(), conduct_end=act.isoformat(),
               document_date=day.isoformat(), final_on=(day + datetime.timedelta(1)).isoformat())
    return raw, day, 'CR105'


def before_the_law(files):
    raw, _, _ = files.row('labour_model', plain=True)
    day = datetime.date(2018, 1, 1) + datetime.timedelta(files.chance.randrange(100))
    raw.update(happened_on=(day - datetime.timedelta(5)).isoformat(), document_date=day.isoformat())
    return raw, day, 'CR101'


def wrong_kind(files):
    raw, day, _ = files.row('exam_cheating', plain=True)
    firm = files.chance.pick(files.organisations[3:])
    raw.update(subject=firm.text, name=firm.name)
    return raw, day, 'CR107'


DEFECTS = (one_digit_off, drop_one, unknown_item, extra_field, reserved_field, not_final, no_document,
           minors_act, before_the_law, wrong_kind)


def file_name(provider, day):
    return '%s-%d-%d' % (provider, day.year, (day.month - 1) // 3 + 1)


def all_rows(files, count):
    """(provider, day of the document, raw, code or None) of every row."""
    chance = files.chance
    shares = [(item, share[1]) for item, share in ITEMS.items()]
    total = sum(n for _, n in shares)
    spoilt = count // 100
    for item, share in shares:
        for _ in range((count - spoilt) * share // total):
            raw, day, _ = files.row(item)
            if chance.percent(3):       # the same number, as forms have it
                text = raw['subject']
                raw['subject'] = chance.pick((text.lower(), text[:6] + ' ' + text[6:14] + ' ' + text[14:],
                                           ''.join(chr(ord(c) + 0xFEE0) for c in text)))
            yield ITEMS[item][0], day, raw, None
    for i in range(spoilt):
        raw, day, code = DEFECTS[i % len(DEFECTS)](files)
        yield ITEMS.get(raw['item'], ('youth',))[0], day, raw, code


def write_csv(path, header, rows):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        out = csv.writer(file, lineterminator='\n')
        out.writerow(header)
        out.writerows(rows)


def main(out, day, persons, seed):
    files = Files(day, persons, seed)
    os.makedirs(os.path.join(out, 'rows'), exist_ok=True)
    handed = {p[0]: [] for p in PROVIDERS}
    good = bad = 0
    for provider, on, raw, code in all_rows(files, persons * 10):
        handed[provider].append((on, raw, code))
    batches, planted = [], []
    for provider, rows in handed.items():
        rows.sort(key=lambda r: r[0])
        lines = {}
        with open(os.path.join(out, 'rows', provider + '.csv'), 'w', encoding='utf-8', newline='') as file:
            writer = csv.writer(file, lineterminator='\n')
            for on, raw, code in rows:
                name = file_name(provider, on)
                if name not in lines:
                    # Received some days after the quarter; every tenth file late.
                    late = 40 if files.chance.percent(10) else files.chance.randrange(9)
                    batches.append((name, provider, min(quarter_end(on) + datetime.timedelta(1 + late), files.day).isoformat()))
                    lines[name] = 0
                lines[name] += 1
                writer.writerow((name, lines[name], json.dumps(raw, ensure_ascii=False, separators=(',', ':'))))
                if code:
                    planted.append((name, lines[name], code))
                    bad += 1
                else:
                    good += 1
    write_csv(os.path.join(out, 'provider.csv'), ('provider', 'name', 'division'),
              ((p, zh, '370323') for p, _, _, zh in PROVIDERS))
    write_csv(os.path.join(out, 'batch.csv'), ('batch', 'provider', 'received_on'), batches)
    write_csv(os.path.join(out, 'planted.csv'), ('batch', 'line', 'code'), planted)
    write_csv(os.path.join(out, 'facts.csv'), ('name', 'number'), (
        ('rows', good + bad), ('good', good), ('planted', bad), ('batches', len(batches))))


if __name__ == '__main__':
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    main(sys.argv[1], datetime.date.fromisoformat(sys.argv[2]),
         int(sys.argv[3]) if len(sys.argv) > 3 else 100000, int(sys.argv[4]) if len(sys.argv) > 4 else 20180521)
