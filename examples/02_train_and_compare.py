"""Twenty trained networks against the global optimum, on five points of a line; writes two figures.

Run: python examples/02_train_and_compare.py [FOLDER]
"""

import sys
from pathlib import Path

from exactnet import Dataset, compare, optimum, train
from exactnet.exact import decimal_text
from exactnet.plot import data_space_figure, gap_figure, save_figure

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
folder.mkdir(parents=True, exist_ok=True)

data = Dataset.from_arrays([[-2], [-1], [0], [1], [2]], [1, -1, 1, 1, -1])
best = optimum(data, beta="1/10", bias="free")
print(best)

networks = train(best.value.problem, n_seeds=20)
result = compare(networks, best)
print(result)
print(result.check())

print(f"\n{'network':<10}  {'objective':<16}  {'gap at least':<16}  gap at most")
for report in sorted(result.value.reports, key=lambda report: report.objective):
    numbers = (decimal_text(q, digits=8) for q in (report.objective, report.gap_lower, report.gap_upper))
    print(f"{report.label:<10}  " + "  ".join(f"{number:<16}" for number in numbers).rstrip())

for name, figure in {
    "gap.png": gap_figure(result.certificate),
    "functions.png": data_space_figure(result.certificate),
}.items():
    print("wrote", save_figure(figure, folder / name))
