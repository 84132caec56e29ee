"""Exact SHAP values: rows a second of cell tables, LightGBM's `predict` and `pred_contrib`, shap, WOODELF.

    python -m benchmarks.explain --json benchmarks/results/explain.json

All are timed in turn in one run, with the same threads, several times over; what is said of two of them is
the median of their ratios, so that what else the machine does meets both. Those that are slow explain fewer
rows, and their time for all is extrapolated (marked ~). WOODELF uses one thread, and is compared with ours
in one thread.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain import Groups, explainer
from salesml.explain.cell_model import CellModel
from salesml.explain.cell_rows import CellRows
from salesml.explain.checks import checked_trees

Floats = NDArray[np.float64]

TRAINING, TREES, LEAVES, TOP = 8_000, 300, 31, 5
LEVELS = (5, 12, 30, 60)


@dataclass(frozen=True)
class Case:
    """A model to explain: its features, the depth of its trees (-1: unlimited), its categories."""

    name: str
    features: int = 40
    depth: int = 6
    categories: int = 0
    rows: int = 200_000


CASES = (
    Case("depth 6"),
    Case("unlimited depth", depth=-1),
    Case("10 categories", categories=10),
    Case("1,000 rows", rows=1_000),
    Case("10,000 rows", rows=10_000),
    Case("2,000,000 rows", rows=2_000_000),
    Case("depth 4", depth=4),
    Case("200 features", features=200, rows=100_000),
    Case("100 features", features=100),
    Case("10 categories, unlimited", depth=-1, categories=10),
)
HEADLINE = ("depth 6", "unlimited depth")
"""Cases in which all peers take part, and slow ones explain more rows."""


@dataclass
class Result:
    """Seconds of each way for all rows of a case, one for each round, and what the tables cost."""

    case: Case
    threads: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    build: float = 0.0
    read_text: float = 0.0
    megabytes: float = 0.0
    error: float = 0.0
    mean_depth: float = 0.0

    def ratio(self, way: str, to: str) -> float:
        """How many times the time of ``to`` another way takes: the median over rounds."""
        return median(a / b for a, b in zip(self.seconds[way], self.seconds[to], strict=False))


def people(case: Case, rows: int, seed: int) -> Floats:
    """Numbers, some of them rounded, some missing; the first columns categories where there are any."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, case.features))
    X[:, : case.features // 4] = np.round(3 * X[:, : case.features // 4])
    X[rng.random(X.shape) < 0.05] = np.nan
    for place in range(case.categories):
        X[:, place] = rng.integers(0, LEVELS[place % len(LEVELS)], rows)
    return X


def train(case: Case) -> str:
    X, rng = people(case, TRAINING, 0), np.random.default_rng(1)
    known = np.nan_to_num(X)
    odds = known[:, 10] * known[:, 11] + np.sin(2 * known[:, 12]) + 0.2 * known[:, 0]
    odds += 0.3 * known[:, 20:40] @ rng.normal(size=20) + 0.5 * (known[:, 2] % 3 == 1)
    params = {
        "objective": "binary", "verbosity": -1, "num_leaves": LEAVES, "max_depth": case.depth,
        "learning_rate": 0.05, "seed": 0, "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    y = (odds + rng.normal(size=len(X)) > 0).astype(int)
    data = lgb.Dataset(X, y, categorical_feature=list(range(case.categories)))
    return str(lgb.train(params, data, TREES).model_to_string())


def measure(case: Case, text: str, *, threads: int, slow: int, rounds: int, peers: bool) -> Result:
    """All ways in turn, ``rounds`` times."""
    X = people(case, case.rows, 2)
    booster = lgb.Booster(model_str=text)
    result = Result(case, threads, mean_depth=_mean_depth(text))
    before = time.perf_counter()
    trees = checked_trees(text)
    result.read_text = time.perf_counter() - before
    CellModel.build(trees)  # Compiles, or loads, what building takes.
    before = time.perf_counter()
    model = CellModel.build(trees)
    result.build = time.perf_counter() - before
    arrays = [*model.tables, *model.halves]
    result.megabytes = sum(array.nbytes for array in arrays) / 1e6
    made, groups = CellRows(model, case.features), Groups.of([""] * case.features)
    result.error = _error(made, booster, X[:1_000], threads)
    made.reasons(X[:8], groups, TOP, raw=np.zeros(8))
    ways = _ways(case, made, groups, booster, X, threads, slow, peers)
    for _ in range(rounds):
        for way, (work, rows) in ways.items():
            before = time.perf_counter()
            work()
            taken = (time.perf_counter() - before) * case.rows / rows
            result.seconds.setdefault(way, []).append(taken)
    return result


def _ways(
    case: Case, made: CellRows, groups: Groups, booster: lgb.Booster, X: Floats, threads: int, slow: int,
    peers: bool,
) -> dict[str, tuple[Callable[[], Any], int]]:  # fmt: skip
    """What is timed, and for how many rows."""
    few, raw = X[: min(slow, len(X))], np.zeros(len(X))
    ways: dict[str, tuple[Callable[[], Any], int]] = {
        "reasons": (lambda: made.reasons(X, groups, TOP, threads), len(X)),
        "values": (lambda: made.contributions(X, threads), len(X)),
        "reasons and scores": (lambda: made.reasons(X, groups, TOP, threads, raw=raw), len(X)),
        "predict": (lambda: booster.predict(X, raw_score=True, num_threads=threads), len(X)),
        "pred_contrib": (lambda: booster.predict(few, pred_contrib=True, num_threads=threads), len(few)),
    }
    if not peers:
        return ways
    ways["values, one thread"] = (lambda: made.contributions(X, 1), len(X))
    with contextlib.suppress(ImportError):
        import shap

        tree = shap.TreeExplainer(booster)
        part = few[: len(few) // 4]
        ways["shap"] = (lambda: tree.shap_values(part), len(part))
    with contextlib.suppress(ImportError):
        from woodelf import WoodelfExplainer

        if not case.categories:  # It refuses them.
            frame = pd.DataFrame(few, columns=booster.feature_name())
            ways["woodelf"] = (
                lambda: _quietly(lambda: WoodelfExplainer(booster).shap_values(frame)),
                len(frame),
            )
    return ways


def _quietly(work: Callable[[], Any]) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        work()


def _error(made: CellRows, booster: lgb.Booster, X: Floats, threads: int) -> float:
    """The largest difference from LightGBM's values, over the largest of them."""
    expected = np.asarray(booster.predict(X, pred_contrib=True, num_threads=threads))
    return float(np.abs(made.contributions(X, threads) - expected).max() / np.abs(expected[:, :-1]).max())


def _mean_depth(text: str) -> float:
    """The mean, over trees, of the depth of their deepest leaf."""
    deepest = []
    for tree in checked_trees(text):
        depth = [0] * max(1, len(tree.feature))
        for node in range(len(tree.feature)):
            for child in (int(tree.left[node]), int(tree.right[node])):
                if child >= 0:
                    depth[child] = depth[node] + 1
        deepest.append(max(depth) + 1)
    return float(np.mean(deepest))


def default_model(threads: int, rounds: int) -> dict[str, Any]:
    """The default model as trained, explained, against one plain LightGBM's `predict` of the same rows."""
    from benchmarks.similar import people as frame_of
    from salesml.model import PropensityClassifier

    frame, y = frame_of(2 * TRAINING, 0)
    model = PropensityClassifier().fit(frame, y)
    coded = model.coding_.encode(frame)
    data = lgb.Dataset(coded, y, categorical_feature=model.coding_.categories)
    plain = lgb.train({"objective": "binary", "verbosity": -1}, data)
    booster = lgb.Booster(model_str=model.model_text_)
    CellModel.build(checked_trees(model.model_text_))  # Compiles, or loads, what building takes.
    before = time.perf_counter()
    built = CellModel.build(checked_trees(model.model_text_))
    build = time.perf_counter() - before
    made, groups = CellRows(built, coded.shape[1]), Groups.of([""] * coded.shape[1])
    made.reasons(coded[:8], groups, TOP, raw=np.zeros(8))
    X = np.tile(coded, (10, 1))
    raw = np.zeros(len(X))
    ways: dict[str, Callable[[], Any]] = {
        "reasons and scores": lambda: made.reasons(X, groups, TOP, threads, raw=raw),
        "plain predict": lambda: plain.predict(X, raw_score=True, num_threads=threads),
        "own predict": lambda: booster.predict(X, raw_score=True, num_threads=threads),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            before = time.perf_counter()
            work()
            seconds[way].append(time.perf_counter() - before)
    return {
        "trees": booster.num_trees(), "plain_trees": plain.num_trees(), "features": coded.shape[1],
        "rows": len(X), "build": build, "megabytes": built.tables.table.nbytes / 1e6,
        "error": _error(made, booster, X[:1_000], threads), "seconds": seconds,
    }  # fmt: skip


def row(result: Result) -> str:
    """A line of the table."""
    case, times = result.case, {way: result.ratio(way, "reasons") for way in result.seconds}
    ours = median(result.seconds["reasons"]) / case.rows
    pays = (result.read_text + result.build) / max(ours * (times["pred_contrib"] - 1), 1e-12)
    woodelf = "woodelf" in times and f"{result.ratio('woodelf', 'values, one thread'):.1f}x"
    cells = [
        case.name,
        f"{case.rows:,}",
        f"{1 / ours:,.0f}",
        f"{times['pred_contrib']:.0f}x",
        f"{times['predict']:.1f}x",
        f"{result.ratio('predict', 'reasons and scores'):.1f}x",
        f"{times['shap']:.0f}x" if "shap" in times else "-",
        woodelf or "-",
        f"{result.build:.1f} s",
        f"{result.megabytes:.0f} MB",
        f"{pays:,.0f}",
        f"{result.error:.0e}",
    ]
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| model | rows | reasons, rows/s | pred_contrib | predict | predict, scores too | shap "
    "| WOODELF, a thread | build | memory | pays from, rows | error |\n|" + "---|" * 12
)


def _path(folder: Path, key: tuple[int, ...]) -> Path:
    return folder / f"explain_{'_'.join(map(str, key))}.txt"


def _kept(folder: Path | None, key: tuple[int, ...]) -> str:
    """The model of an earlier run, or nothing."""
    path = _path(folder, key) if folder else None
    return path.read_text() if path and path.exists() else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--slow",
        type=int,
        default=20_000,
        help="rows that slow peers explain of two models, a tenth of them of others",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", nargs="*", default=[case.name for case in CASES])
    parser.add_argument("--models", type=Path, help="folder where trained models are kept")
    parser.add_argument("--json", type=Path, help="where to keep every figure")
    given = parser.parse_args()
    kept: dict[str, Any] = {"threads": given.threads, "slow": given.slow, "cases": []}
    texts: dict[tuple[int, int, int], str] = {}
    print(HEAD, flush=True)
    for number, case in enumerate(case for case in CASES if case.name in given.cases):
        key = (case.features, case.depth, case.categories)
        texts[key] = texts.get(key) or _kept(given.models, key) or train(case)
        if given.models:
            _path(given.models, key).write_text(texts[key])
        if not number:  # Compiled loops are loaded, or compiled, before anything is timed.
            before = time.perf_counter()
            CellRows(CellModel.build(checked_trees(texts[key])[:1]), case.features).contributions(
                people(case, 8, 3)
            )
            kept["first_use"] = time.perf_counter() - before
        peers = case.name in HEADLINE
        slow, rounds = given.slow if peers else given.slow // 10, given.rounds if case.rows < 10**6 else 1
        result = measure(case, texts[key], threads=given.threads, slow=slow, rounds=rounds, peers=peers)
        kept["cases"].append(asdict(result))
        print(row(result), flush=True)
        if given.json:  # Kept after each, so that a run that is stopped has told something.
            given.json.write_text(json.dumps(kept, indent=1) + "\n")
    kept["default"] = default_model(given.threads, given.rounds)
    default = kept["default"]
    seconds = {way: round(median(taken), 2) for way, taken in default["seconds"].items()}
    print(f"default model: {default['trees']} trees, {default['rows']:,} rows, medians in s: {seconds}")
    print(f"first use, with the loading of compiled loops: {kept['first_use']:.1f} s")
    print(f"the switch to tables: {explainer.START} s + {explainer.PER_LEAF} s a leaf")
    if given.json:
        given.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
