"""The rows that the benchmark loads: made here, the same on every run.

Codes look like those of a county register: 30 % citizen numbers, 70 %
organisation codes of the pairs in use, divisions that exist, two thirds of the
bodies all digits and one third of the MA series, in random order.  Both check
characters are right, by GB 32100-2015 (MOD 31), GB 11714-1997 (MOD 11) and
GB 11643-1999 (MOD 11-2), each computed here from the standard's weights and
not by the code under test.

A code is put together from a few parts; what each part adds to each checksum
is in a table, so that a row costs lookups and no loop over characters.
"""
import csv
import datetime
import random

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"          # GB 32100, values 0-30
PAIRS = ("91", "92", "93", "12", "51", "52")            # registrar and category
PAIR_SHARE = (70, 15, 6, 4, 3, 2)
WEIGHTS_31 = [pow(3, i, 31) for i in range(17)]
WEIGHTS_11 = (3, 7, 9, 10, 5, 8, 4, 2)                  # body of eight places
WEIGHTS_11_2 = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECK = "10X98765432"
BATCH = 50_000


def body_value(character):
    """GB 11714 counts A as 10, B as 11 ... Z as 35: not the values of GB 32100."""
    return int(character, 36)


def weigh(text, weights, start, value):
    return sum(weights[start + i] * value(c) for i, c in enumerate(text))


def divisions(path):
    """Six-digit divisions of the mainland that the history file still lists."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file)]
    end = next(name for name in ("last_year", "until", "valid_until", "last")
               if name in rows[0])
    found = sorted({row["code"] for row in rows
                    if not row[end] and row["code"][:2] not in ("71", "81", "82")})
    if len(found) < 2000:
        raise SystemExit(f"{path}: only {len(found)} divisions in force")
    return found


class Organisations:
    """Organisation codes: pair, division, body of eight, two check characters."""

    def __init__(self, found):
        self.heads = {
            pair: [(pair + d, weigh(pair + d, WEIGHTS_31, 0, CHARACTERS.index))
                   for d in found
                   # Outside department 9 a division ending 18-21 before digits
                   # could be read as a citizen number's place and birth year.
                   if pair[0] == "9" or not "18" <= d[4:] <= "21"]
            for pair in PAIRS}
        digits = [f"{i:04d}" for i in range(10_000)]
        threes = [a + b + c for a in CHARACTERS for b in CHARACTERS for c in CHARACTERS]
        self.high = [self.part(text, 0) for text in digits]
        self.low = [self.part(text, 4) for text in digits]
        self.ma_high = [self.part("MA" + text, 0) for text in threes]
        self.ma_low = [self.part(text, 5) for text in threes]

    @staticmethod
    def part(text, start):
        return (text, weigh(text, WEIGHTS_11, start, body_value),
                weigh(text, WEIGHTS_31, 8 + start, CHARACTERS.index))

    def batch(self, rng, count):
        """count codes as a list."""
        codes = []
        for pair in rng.choices(PAIRS, PAIR_SHARE, k=count):
            heads = self.heads[pair]
            head, sum_31 = heads[int(rng.random() * len(heads))]
            if rng.random() * 3 < 2:
                left, right = self.high, self.low
            else:
                left, right = self.ma_high, self.ma_low
            text_a, a_11, a_31 = left[int(rng.random() * len(left))]
            text_b, b_11, b_31 = right[int(rng.random() * len(right))]
            ninth = (11 - (a_11 + b_11)) % 11
            sum_31 += a_31 + b_31 + WEIGHTS_31[16] * (CHARACTERS.index("X") if ninth == 10 else ninth)
            codes.append(head + text_a + text_b + "0123456789X"[ninth] + CHARACTERS[-sum_31 % 31])
        return codes


class Citizens:
    """Citizen numbers: division, birth day 1940-2005, sequence, check character."""

    def __init__(self, found):
        self.places = [(d, weigh(d, WEIGHTS_11_2, 0, int)) for d in found]
        first = datetime.date(1940, 1, 1)
        days = (datetime.date(2006, 1, 1) - first).days
        dates = [(first + datetime.timedelta(i)).strftime("%Y%m%d") for i in range(days)]
        self.days = [(d, weigh(d, WEIGHTS_11_2, 6, int)) for d in dates]
        self.sequences = [(s, weigh(s, WEIGHTS_11_2, 14, int))
                          for s in (f"{i:03d}" for i in range(1, 996))]

    def batch(self, rng, count):
        codes = []
        for (place, a), (day, b), (sequence, c) in zip(
                rng.choices(self.places, k=count), rng.choices(self.days, k=count),
                rng.choices(self.sequences, k=count)):
            codes.append(place + day + sequence + CITIZEN_CHECK[(a + b + c) % 11])
        return codes


def code_batches(rng, found):
    organisations, citizens = Organisations(found), Citizens(found)

    def batch(count):
        persons = count * 3 // 10
        codes = citizens.batch(rng, persons) + organisations.batch(rng, count - persons)
        rng.shuffle(codes)
        return codes
    return batch


def bigint_batches(rng):
    """18 digits, so that the lines are as long as a code's."""
    return lambda count: [str(10**17 + rng.getrandbits(64) % (9 * 10**17)) for _ in range(count)]


def uuid_batches(rng):
    def batch(count):
        hexes = (f"{rng.getrandbits(128):032x}" for _ in range(count))
        return [f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in hexes]
    return batch


def ean13_batches(rng):
    """Numbers of China's GS1 prefixes 690-699 with their check digit."""
    fours = [f"{i:04d}" for i in range(10_000)]
    parts = [(t, int(t[0]) + 3 * int(t[1]) + int(t[2]) + 3 * int(t[3])) for t in fours]
    first = [part for part in parts if part[0].startswith("69")]

    def batch(count):
        return [a + b + c + str(-(x + y + z) % 10) for (a, x), (b, y), (c, z) in zip(
            rng.choices(first, k=count), rng.choices(parts, k=count), rng.choices(parts, k=count))]
    return batch


def write_files(directory, rows, history, names):
    """Writes NAME.txt for each of names; returns their paths."""
    makers = {"code": lambda rng: code_batches(rng, divisions(history)),
              "bigint": bigint_batches, "uuid": uuid_batches, "ean13": ean13_batches}
    paths = {}
    for name in names:
        batch = makers[name](random.Random(f"credit {name}"))
        paths[name] = f"{directory}/{name}.txt"
        with open(paths[name], "w", encoding="ascii") as file:
            for start in range(0, rows, BATCH):
                file.write("\n".join(batch(min(BATCH, rows - start))) + "\n")
    return paths
