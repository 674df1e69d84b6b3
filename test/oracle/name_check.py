#!/usr/bin/env python3
"""credit.name_key against Unicode as Python knows it.

    test/with-server python3 test/oracle/name_check.py

Every code point by itself and between two letters, and random strings, are
folded twice: by the extension (ICU's NFKC_Casefold and a one-pass automaton)
and here (NFKC, casefold, and regular expressions over the whole string).  Both
must agree on all characters that Python's Unicode version assigns; the others
are counted, not compared.  Checked on the server's answers alone: the key of a
key is itself, and the quick way out gives what the full way gives.
"""
import functools
import random
import re
import subprocess
import sys
import unicodedata as ud

# Default_Ignorable_Code_Point, DerivedCoreProperties.txt (14.0 to 16.0 alike,
# but for U+2065 and other unassigned ones, which are in their ranges).
IGNORABLE = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160),
             (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
             (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
             (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
             (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
             (0xE0000, 0xE0FFF)]
WHITE = ('\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
         '\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
DOTS = '·˙·ᐧ᛫•‧∙⋅⦁⸱⸳・ꞏ･\U00010101'
HYPHENS = '-֊־‐‑‒–—―⁃−︱︲﹘﹣－'
APOSTROPHES = "'`´ʹʻʼʽʾʿʹ‘’‛′Ꞌꞌ＇｀"
STOPS = '.。●'
MARK = '[%s]' % re.escape(''.join(chr(c) for c in range(0x300, 0x1F000)
                                  if ud.combining(chr(c))))
HAN_NAMES = ('CJK UNIFIED IDEOGRAPH', 'CJK COMPATIBILITY IDEOGRAPH', 'HANGUL',
             'HIRAGANA LETTER', 'KATAKANA LETTER', 'BOPOMOFO LETTER',
             'CJK RADICAL', 'KANGXI RADICAL')


def ignorable(c):
    return any(a <= ord(c) <= b for a, b in IGNORABLE)


def drop_ignorable(s):
    return ''.join(c for c in s if not ignorable(c))


@functools.cache
def casefold_one(c):
    """NFKC_Casefold of one code point, by Unicode chapter 3.13, D147."""
    s = drop_ignorable(ud.normalize('NFD', c))
    for _ in range(3):
        s = drop_ignorable(ud.normalize('NFKC', s.casefold()))
    return s


def casefold_nfkc(s):
    """toNFKC_Casefold, Unicode chapter 3.13, R5."""
    return ud.normalize('NFC', ''.join(map(casefold_one, s)))


def letter_class(c):
    """H: no spaces, N: a letter without case, L: with case, x: no letter."""
    o = ord(c)
    if 0xE000 <= o <= 0xF8FF or o >= 0xF0000 or 0x20000 <= o <= 0x3FFFF:
        return 'H'
    if ud.name(c, '').startswith(HAN_NAMES) or c in '〇々':
        return 'H'
    if ud.category(c) in ('Ll', 'Lu', 'Lt') or c.lower() != c.upper():
        return 'L'
    return 'N' if ud.category(c)[0] == 'L' else 'x'


def key(s):
    s = ''.join(c for c in s if c in WHITE or
                not (ud.category(c) == 'Cc' or ignorable(c)))
    s = s.replace('˙', '·').replace('´', "'")
    s = casefold_nfkc(s)
    s = re.sub('[%s]' % WHITE, ' ', s)
    s = re.sub('[%s]' % DOTS, '·', s)
    s = re.sub('[%s]' % re.escape(HYPHENS), '-', s)
    s = re.sub('[%s]' % APOSTROPHES, "'", s)
    out = []
    for part in re.split('( *[%s] *)' % STOPS, s):
        out.append(part)
    for i in range(1, len(out), 2):
        left = re.sub(MARK, '', out[i - 1])[-1:]
        right = out[i + 1][:1]
        pair = (left and letter_class(left) or 'x') + \
            (right and letter_class(right) or 'x')
        if 'x' not in pair and pair != 'LL':
            out[i] = '·'
    s = ''.join(out)
    space = ' +(?!%s)' % MARK
    s = re.sub(space, ' ', s)
    s = re.sub('^ (?!%s)| $' % MARK, '', s)
    s = re.sub(' ?·( (?!%s))?' % MARK, '·', s)
    s = re.sub('··+', '·', s)
    s = re.sub(' ?-( (?!%s))?' % MARK, '-', s)
    plain = ''
    for i, c in enumerate(s):
        if c == ' ' and not re.match(MARK, s[i + 1:i + 2]):
            beside = re.sub(MARK, '', s[:i])[-1:] + s[i + 1:i + 2]
            if 'H' in map(letter_class, beside):
                continue
        plain += c
    return plain


def ask(strings):
    """The server's keys: of each string, of that key, and by the full way."""
    data = '\n'.join(s.encode().hex() for s in strings)
    script = '''
        CREATE TEMP TABLE t (id int GENERATED ALWAYS AS IDENTITY, s bytea);
        CREATE TEMP TABLE raw (id int GENERATED ALWAYS AS IDENTITY, s text);
        \\copy raw (s) FROM STDIN
%s
\\.
        SELECT encode(convert_to(k, 'UTF8'), 'hex') || ',' ||
               (credit.name_key(k) = k)::text || ',' ||
               (credit.name_key(k || ' ') = k)::text
          FROM (SELECT id, credit.name_key(convert_from(
                         decode(s, 'hex'), 'UTF8')) AS k FROM raw) q
         ORDER BY id;
''' % data
    run = subprocess.run(['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1'],
                         input=script, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    for line in run.stdout.split('\n')[:-1]:
        k, fixed, full = line.split(',')
        yield bytes.fromhex(k).decode(), fixed == 'true', full == 'true'


def compare(title, strings):
    wrong = unknown = 0
    for s, (k, fixed, full) in zip(strings, ask(strings)):
        if not (fixed and full):
            wrong += 1
            print('NOT STABLE', ascii(s), ascii(k), fixed, full)
        if any(ud.category(c) == 'Cn' and not ignorable(c) for c in s):
            unknown += 1
        elif key(s) != k:
            wrong += 1
            if wrong < 20:
                print('DIFFERS', ascii(s), 'server', ascii(k),
                      'here', ascii(key(s)))
    print('%s: %d strings, %d wrong, %d with characters that Unicode %s '
          'does not assign' % (title, len(strings), wrong, unknown,
                               ud.unidata_version))
    return wrong


def main():
    subprocess.run(['psql', '-Xqc', 'SET client_min_messages = error; '
                    'CREATE EXTENSION IF NOT EXISTS credit'], check=True)
    points = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c <= 0xDFFF]
    wrong = compare('each code point', points)
    wrong += compare('each between letters',
                     ['A' + c + 'b' for c in points if ord(c) < 0x32000 or
                      0xE0000 <= ord(c) < 0xE0200])
    rng = random.Random(20180039)
    alphabet = ('张伟王〇𠮷\ue815한가aAzZéßİıſςΣÅ9' + 'بܒབᠠ' + 'ｱｶﾞがか\u3099①㈱ﬁ' +
                STOPS + '．．｡' + DOTS[:8] + HYPHENS[:6] + APOSTROPHES[:8] +
                ' ' * 6 + '\u3000\u3000\xa0\t\x01\x7f' + '\u200b\u200d\ufe00' +
                '\U000e0100\u202e\u0301\u0323\u0308\u0345¨゛(')
    strings = [''.join(rng.choice(alphabet) for _ in range(rng.randint(0, 12)))
               for _ in range(300000)]
    wrong += compare('random', strings)
    simple = 'ab 张伟·-.\'1'
    wrong += compare('random, mostly keys', [
        ''.join(rng.choice(simple) for _ in range(rng.randint(0, 8)))
        for _ in range(100000)])
    marks = [chr(c) for c in range(0x300, 0x20000) if ud.combining(chr(c))]
    stable = [rng.choice('eか张') + ''.join(rng.choice(marks) for _ in range(
        rng.choice((3, 29, 31, 80)))) for _ in range(5000)]
    bad = sum(not fixed for _, fixed, _ in ask(stable))
    print('piles of marks: %d strings, %d not stable' % (len(stable), bad))
    return 1 if wrong + bad else 0


if __name__ == '__main__':
    sys.exit(main())
