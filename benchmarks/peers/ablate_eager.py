#!/usr/bin/env python3
"""Ablation of heads in PyTorch eager mode with hooks: the peer of `ratilgpu ablate`.

Samples come from the file that `RatIlgpu.Benchmarks ablate CHECKPOINT COUNT SAMPLES` writes: both sides take the same
heads away at the same positions, by zeros and by means. Each condition is a whole forward pass, with hooks on the
output projections that change the head and keep what attention writes, as the published scripts do.

    ablate_eager.py CHECKPOINT SAMPLES --layer 22     times the study, prints JSON
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F

from qwen2_eager import DTYPES, Qwen2

# Position 0, the next seven, and all later ones have means of their own.
BUCKETS = (0, 1, 8)


class Hooked(Qwen2):
    """Calls a hook with the input of each output projection, which it may change, and keeps the outputs."""

    hook = None

    def linear(self, x, name):
        if not name.endswith("o_proj"):
            return super().linear(x, name)
        layer = int(name.split(".")[2])
        if self.hook:
            x = self.hook(layer, x)
        self.outputs[layer] = super().linear(x, name)
        return self.outputs[layer]

    def run(self, ids, hook=None):
        self.outputs, self.hook = {}, hook
        logits, _ = self.forward(ids)
        return logits[0], dict(self.outputs)


def bucket(position):
    return sum(start <= position for start in BUCKETS) - 1


def means(model, samples, layer):
    """The mean input of the output projection in each bucket of positions."""
    rows = [[] for _ in BUCKETS]

    def keep(at, x):
        if at == layer:
            for position in range(x.shape[1]):
                rows[bucket(position)].append(x[0, position].clone())
        return x

    baselines = [model.run(sample["ids"], keep) for sample in samples]
    return [torch.stack(some).mean(0) if some else None for some in rows], baselines


def compare(sample, before, after, layer):
    """The measures of one condition, as the published scripts take them."""
    (logits, outputs), (changed, others) = before, after
    kept = []
    for at in range(layer, max(outputs) + 1):
        one, other = outputs[at][0], others[at][0]
        product, size = (one * other).sum(-1), one.norm(dim=-1)
        kept.append((product / (size * size), product / (size * other.norm(dim=-1))))
    start = sample["position"]
    expected = F.log_softmax(logits[start:].float(), -1)
    found = F.log_softmax(changed[start:].float(), -1)
    divergence = (expected.exp() * (expected - found)).sum(-1)
    same = logits[start:].argmax(-1) == changed[start:].argmax(-1)
    return kept, divergence.mean().item(), 1 - same.float().mean().item()


@torch.inference_mode()
def study(model, samples, layer):
    """Takes each head of a layer away in each sample, by zeros and by the mean."""
    start, size = time.perf_counter(), model.head_size
    average, baselines = means(model, samples, layer)
    found = []
    for sample, before in zip(samples, baselines):
        for head in range(model.heads):
            for put in (None, average[bucket(sample["position"])]):
                def change(at, x, part=slice(head * size, (head + 1) * size)):
                    if at == layer:
                        x = x.clone()
                        x[0, sample["position"], part] = 0 if put is None else put[part]
                    return x

                found.append(compare(sample, before, model.run(sample["ids"], change), layer))
    return found, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a checkpoint")
    parser.add_argument("samples", help="the file of samples")
    parser.add_argument("--layer", type=int, required=True, help="the layer of the heads")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="what weights and activations are held in")
    options = parser.parse_args()
    model = Hooked(options.folder, DTYPES[options.dtype])
    with open(options.samples, encoding="utf-8") as file:
        samples = json.load(file)
    model.run(samples[0]["ids"])
    found, seconds = study(model, samples, options.layer)
    print(json.dumps({
        "seconds": seconds, "conditions": len(found), "divergence": sum(one[1] for one in found) / len(found),
        "changed": sum(one[2] for one in found) / len(found), "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }))


if __name__ == "__main__":
    main()
