"""A certificate is a text file: write one, read it, check it, and see changed ones rejected.

Run: python examples/03_read_and_check.py [FOLDER]
"""

import json
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from exactnet import Dataset, load_certificate, optimum
from exactnet.certificate import certificate_text
from exactnet.checker import check_text  # the standard library only, nothing else of exactnet

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
folder.mkdir(parents=True, exist_ok=True)

data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
path = optimum(data, beta="1/2", norm="l1").save(folder / "tiny.optimum.jsonl")

certificate = load_certificate(path)
print(certificate.title)
print("claims:", ", ".join(certificate.claims))

text = path.read_text()
print(f"\n{'step':>4}  {'rule':<14}  the line begins")
for line in text.splitlines():
    record = json.loads(line)
    print(f"{record['step']:>4}  {record['rule']:<14}  {line[:70]}...")

print("\nas written:      ", check_text(text).line[:60] + "...")
print("a changed digit: ", check_text(text.replace("2161/1575", "2160/1575")).line)

# a forger can recompute the digests; the claim stays false
last = replace(certificate.records[-1], value=Fraction(2160, 1575))
forged = replace(certificate, records=(*certificate.records[:-1], last))
print("a forged claim:  ", check_text(certificate_text(forged)).line)
