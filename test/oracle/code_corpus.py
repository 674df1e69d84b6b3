"""Writes seeds for test/fuzz: texts of every family, and values as 8 bytes.

    code_corpus.py DIRECTORY
"""
import hashlib
import os
import random
import sys

import credit_code_oracle as o
from code_cases import EDGE_BODIES, FAMILIES, SLOT_KEYS, checked


def seeds():
    r = random.Random(1)
    for _, _, make in FAMILIES:
        for _ in range(8):
            yield make(r).encode()
    for body in EDGE_BODIES:
        yield checked(r.choice(SLOT_KEYS) + '0000' + body).encode()
    for _, _, make in FAMILIES:
        reading = o.read(make(r))
        if reading.value is not None:
            yield reading.value.to_bytes(8, 'little')


if __name__ == '__main__':
    for seed in seeds():
        name = 'seed-' + hashlib.sha256(seed).hexdigest()[:16]
        with open(os.path.join(sys.argv[1], name), 'wb') as out:
            out.write(seed)
