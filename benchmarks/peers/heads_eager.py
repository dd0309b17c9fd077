#!/usr/bin/env python3
"""The published scores of attention heads in PyTorch eager mode: the peer of `ratilgpu heads`.

Sequences come from the file that `RatIlgpu.Benchmarks heads CHECKPOINT SHARE SEQUENCES` writes: both sides run the same
tokens. The published scripts run the model once for each detector; --passes one runs it once for all.

    heads_eager.py CHECKPOINT SEQUENCES --passes one       times one pass for all detectors, prints JSON
    heads_eager.py CHECKPOINT SEQUENCES --passes each      times a pass for each detector
"""
import argparse
import json
import statistics
import time
from collections import defaultdict

import torch

from qwen2_eager import DTYPES, Qwen2

OFFSETS = 128

# Which sequences each detector runs.
DETECTORS = {
    "previous": "Text", "duplicate": "Text", "positional": "Text", "delimiter": "Text",
    "induction": "Repeats", "successor": "Successors", "s-inhibition": "IndirectObject",
}


class Scores:
    """Sums of scores, [layers, heads] each, and how many queries are in them."""

    def __init__(self):
        self.sums = defaultdict(lambda: 0)
        self.counts = defaultdict(int)

    def add(self, name, values, count):
        """Adds sums [layers, heads] over some queries."""
        self.sums[name] = self.sums[name] + values.double()
        self.counts[name] += count


def previous(scores, attention, unit, index):
    scores.add("previous", attention.diagonal(-1, 2, 3).sum(-1), attention.shape[-1] - 1)


def duplicate(scores, attention, unit, index):
    ids = torch.tensor(unit["sequences"][index])
    same = (ids[:, None] == ids[None, :]).tril(-1)
    valid = same.any(-1)
    scores.add("duplicate", (attention * same).sum(-1)[..., valid].sum(-1), int(valid.sum()))


def positional(scores, attention, unit, index):
    length = attention.shape[-1]
    for offset in range(min(OFFSETS, length)):
        scores.add(f"offset-{offset}", attention.diagonal(-offset, 2, 3).sum(-1), length - offset)
    scores.add("first-token", attention[..., 0].sum(-1), length)


def delimiter(scores, attention, unit, index):
    # Which tokens are delimiters costs the same; every eighth id stands for them.
    kept = torch.tensor(unit["sequences"][index]) % 8 == 0
    scores.add("delimiter", attention[..., kept].sum(-1).sum(-1), attention.shape[-1])


def induction(scores, attention, unit, index):
    half = attention.shape[-1] // 2
    keys = torch.arange(half - 1)
    scores.add("induction", attention[:, :, half + keys, keys + 1].sum(-1), half - 1)


def successor(scores, attention, unit, index):
    if index < 2:
        queries = torch.arange(4, attention.shape[-1], 2)
        scores.add(("ordinal", "control")[index], attention[:, :, queries, queries - 2].sum(-1), len(queries))


def inhibition(scores, attention, unit, index):
    if index == 0:
        own, control = unit["sequences"]
        second = next(i for i, (one, other) in enumerate(zip(own, control)) if one != other)
        scores.add("s2", attention[:, :, -1, second], 1)


MEASURES = dict(zip(DETECTORS, (previous, duplicate, positional, delimiter, induction, successor, inhibition)))


def run(model, units, detectors):
    """Runs the sequences that detectors need, once each, and returns the scores and the seconds."""
    scores = Scores()
    start = time.perf_counter()
    for unit in units:
        measures = [MEASURES[name] for name in detectors if DETECTORS[name] == unit["pass"]]
        for index, ids in enumerate(unit["sequences"] if measures else []):
            _, attentions = model.forward(ids)
            attention = torch.cat(attentions)
            for measure in measures:
                measure(scores, attention, unit, index)
    return scores, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a checkpoint")
    parser.add_argument("sequences", help="the file of sequences")
    parser.add_argument("--passes", choices=("one", "each"), default="one", help="one pass for all detectors, or each")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="what weights and activations are held in")
    parser.add_argument("--repeats", type=int, default=1, help="how often all is timed")
    options = parser.parse_args()
    model = Qwen2(options.folder, DTYPES[options.dtype])
    with open(options.sequences, encoding="utf-8") as file:
        units = json.load(file)
    model.forward(units[0]["sequences"][0])
    groups = [list(DETECTORS)] if options.passes == "one" else [[name] for name in DETECTORS]
    seconds = [sum(run(model, units, group)[1] for group in groups) for _ in range(options.repeats)]
    print(json.dumps({
        "passes": options.passes, "dtype": options.dtype, "seconds": statistics.median(seconds), "runs": seconds,
        "torch": torch.__version__, "threads": torch.get_num_threads(),
    }))


if __name__ == "__main__":
    main()
