#!/usr/bin/python3
"""Fail if a whole number or a whole name of the input is in the output.

    demo/check_output.py FILES ORGANISATIONS.csv OUTPUT...

FILES is what demo/generate.py wrote.  Numbers are looked for in any spelling
(blanks, hyphens, full width, 15 digits), names of persons as whole words.
"""

import csv
import glob
import json
import os
import re
import sys
import unicodedata


def fold(text):
    return re.sub(r'[^0-9A-Z]', '', unicodedata.normalize('NFKC', text).upper())


def read_input(files, organisations):
    numbers, names = set(), set()
    paths = glob.glob(os.path.join(files, 'rows', '*.csv'))
    for path in paths:
        with open(path, encoding='utf-8', newline='') as file:
            for row in csv.DictReader(file):
                raw = json.loads(row['raw'])
                number = fold(raw.get('subject', ''))
                if len(number) >= 15:
                    numbers.add(number)
                    if len(number) == 15:       # and the 17 digits it stands for
                        numbers.add(number[:6] + '19' + number[6:])
                if '示例' not in raw.get('name', '示例'):
                    names.add(raw['name'].strip())
    with open(organisations, encoding='utf-8', newline='') as file:
        numbers.update(row['code'] for row in csv.DictReader(file))
    if not numbers or not names:
        sys.exit('check_output: no input to compare with in ' + files)
    return numbers, names


def numbers_in(line, numbers):
    runs = re.findall(r'[0-9A-Z]{15,}', re.sub(r'[ \-]', '', unicodedata.normalize('NFKC', line).upper()))
    for run in runs:
        for length in (15, 16, 17, 18, 19):
            for at in range(len(run) - length + 1):
                if run[at:at + length] in numbers:
                    yield run[at:at + 6]


def names_in(line, names):
    for word in re.findall(r'[^\W\d_]+(?:[ ·•・‧][^\W\d_]+)*', line):
        if word in names or any(part in names for part in word.split(' ')):
            yield word[0]


def main(files, organisations, outputs):
    numbers, names = read_input(files, organisations)
    hits = lines = 0
    for path in outputs:
        with open(path, encoding='utf-8') as file:
            for at, line in enumerate(file, 1):
                lines += 1
                for kind, found in (('number', numbers_in(line, numbers)),
                                    ('name', names_in(line, names))):
                    for start in found:
                        hits += 1
                        print('   %s:%d shows a whole %s, %s...' % (os.path.basename(path), at, kind, start))
    print('   {:,} numbers and {:,} names of the input looked for in {:,} lines of output: {} found'
          .format(len(numbers), len(names), lines, hits))
    return 1 if hits else 0


if __name__ == '__main__':
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
