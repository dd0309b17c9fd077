"""Prints the table of src/RatIlgpu/Text/UnicodeNine.cs.

    python3 tests/reference/unicode_nine.py UCD

UCD is a folder with UnicodeData.txt and DerivedAge.txt of the Unicode character database, any version from 9 on
(Debian: /usr/share/unicode of the package unicode-data); each gives the same table.

A text may be cut at a code point that is inert in form C: it has no combining class, is not taken apart, and composes
with nothing before or after it. What stands before such a code point and what stands after it come to form C by
themselves. To Unicode 9 every code point that it does not assign is inert. Inert code points that it does assign only
make the ranges fewer.
"""
import sys
from pathlib import Path

NINE = (9, 0)
LAST = 0x10FFFF
HANGUL = [(0x1100, 0x11FF), (0xAC00, 0xD7A3)]


def fields(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def assigned(folder):
    points = set()
    for span, age, *_ in fields(folder / "DerivedAge.txt"):
        first, _, last = span.partition("..")
        if tuple(int(part) for part in age.split(".")) <= NINE:
            points.update(range(int(first, 16), int(last or first, 16) + 1))
    return points


def active(folder):
    points = {point for first, last in HANGUL for point in range(first, last + 1)}
    for code, _, _, combining_class, _, decomposition, *_ in fields(folder / "UnicodeData.txt"):
        parts = [] if decomposition.startswith("<") else decomposition.split()
        if combining_class != "0" or parts:
            points.add(int(code, 16))
        points.update(int(part, 16) for part in parts)
    return points


def ranges(known, moved):
    start = end = None
    for point in range(LAST + 2):
        if point > LAST or point in known and point in moved:
            if start is not None:
                yield start, end
            start = None
        elif point not in known:
            start = point if start is None else start
            end = point


def main():
    folder = Path(sys.argv[1])
    known, moved = assigned(folder), active(folder)
    found = list(ranges(known, moved))
    covered = {point for start, end in found for point in range(start, end + 1)}
    assert not covered & known & moved and covered >= set(range(LAST + 1)) - known
    line = ""
    for start, end in found:
        pair = f"0x{start:X}, 0x{end + 1:X}, "
        if len(line) + len(pair) > 108:
            print(" " * 8 + line.rstrip())
            line = ""
        line += pair
    print(" " * 8 + line.rstrip())


main()
