#!/usr/bin/python3
"""check_output.py FILES PAGE...: no person's whole number is in what the demo prints, and no page asks for anything from outside.

An organisation's code is public.  Numbers are found with blanks and hyphens in them, too, and inside longer words.
"""

import csv
import glob
import json
import os
import re
import sys


PERSON = re.compile(r'\d{6}(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]')


def plain(text):
    """Upper case, half-width, without what forms put between."""
    half = ''.join(chr(ord(c) - 0xFEE0) if '！' <= c <= '～' else c for c in text)
    return re.sub(r'[ -]', '', half.upper())


def main(files, pages):
    numbers = set()
    for path in glob.glob(os.path.join(files, 'rows', '*.csv')):
        with open(path, encoding='utf-8', newline='') as file:
            for _, _, raw in csv.reader(file):
                number = plain(json.loads(raw)['subject'])
                if PERSON.fullmatch(number):
                    numbers.add(number)
    for page in pages:
        with open(page, encoding='utf-8') as file:
            text = file.read()
        for run in re.findall(r'[0-9A-Za-z -]{17,}', text):
            run = plain(run)
            for at in range(len(run) - 17):
                if run[at:at + 18] in numbers:
                    sys.exit('%s shows a whole number' % page)
        if re.search(r'(?:src|href)="(?!#)', text) or re.search(r'@import|url\(', text):
            sys.exit('%s asks for something from outside' % page)
    print('   ✓ none of %d numbers is in the pages, and no page asks for anything from outside' % len(numbers))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
