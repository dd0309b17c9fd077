#!/usr/bin/env python3
"""A flow through all layers in PyTorch eager mode with hooks: the peer of `ratilgpu trace --through`.

Hooks take the attention weights, the values, and the stream before and after attention of each layer. What attention
brings from each key to each query, [T, T, D], is made from them for some queries at a time, and compared with the
stream: the method `norm` of docs/flow.md. It is made by batched products, one of all heads for each key.

The prompt and our shares come from the file that `RatIlgpu.Benchmarks flow CHECKPOINT TOKENS THREADS SHARES` writes;
the peer's must be the same before it is timed.

    flow_eager.py CHECKPOINT SHARES     times the flow to the last token, prints JSON
    flow_eager.py --check               holds it to tests/reference/flow_fixture.json
"""
import argparse
import json
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

import torch

from qwen2_eager import Qwen2

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "reference"

# How far shares, which sum to 1, may be from the reference in float64, and from ours: the sum of all differences.
TOLERANCE = 1e-4


class Flow(Qwen2):
    """Makes the matrix F of shares of each layer where its attention is computed; no attention is kept."""

    # How many bytes the parts of some queries take; and their memory, if it is used again.
    piece = 256 << 20
    reuses = True
    room = torch.empty(0)

    @torch.inference_mode()
    def run(self, ids, every_row=False):
        """Returns F [T, T] of each layer; of the last one only the row of the last token, unless all are asked for."""
        self.rows, self.every_row = [], every_row
        self.forward(ids)
        return self.rows

    def linear(self, x, name):
        # A flow needs no logits: of Hugging Face's classes, the one without a head would be used.
        if name == "lm_head":
            return x
        y = super().linear(x, name)
        if name.endswith("v_proj"):
            self.values = y
        return y

    def norm(self, x, name):
        if name.endswith("input_layernorm"):
            self.before = x[0]
        return super().norm(x, name)

    def attend(self, x, prefix, rotary, mask, past):
        mixed, attention = super().attend(x, prefix, rotary, mask, past)
        is_last = len(self.rows) == self.layers - 1
        first = x.shape[1] - 1 if is_last and not self.every_row else 0
        value = self.repeat(self.split(self.values, self.key_heads))[0]
        output = self.weights[prefix + "o_proj.weight"].view(-1, self.heads, self.head_size)
        written = torch.matmul(value, output.permute(1, 2, 0)).transpose(0, 1).contiguous()
        self.rows.append(self.shares(attention[0], written, mixed[0], first))
        return mixed, None

    def shares(self, attention, written, mixed, first):
        """Returns the rows of F of the queries from a first one on, [T - first, T].

        attention is [H, T, T]; written, what a head writes of a key when it attends to nothing else, [T, H, D]; mixed,
        what attention adds to the stream, [T, D].
        """
        length, _, width = written.shape
        after = self.before + mixed
        whole = after.abs().sum(-1)
        stay = (whole - mixed.abs().sum(-1)).clamp(min=0)
        rows = torch.zeros(length - first, length)
        step = min(length - first, max(1, self.piece // (4 * length * width)))
        if self.reuses and self.room.numel() < step * length * width:
            self.room = torch.empty(step * length * width)
        for start in range(first, length, step):
            end = min(start + step, length)
            weights = attention[:, start:end, :end].permute(2, 1, 0).contiguous()
            room = self.room[:end * (end - start) * width].view(end, -1, width) if self.reuses else None
            without = torch.baddbmm(
                after[start:end].expand(end, -1, -1), weights, written[:end], alpha=-1, out=room)
            near = (whole[start:end] - without.abs_().sum(-1)).clamp_(min=0).t().tril(start)
            near.diagonal(start).add_(stay[start:end])
            total = near.sum(-1, keepdim=True)
            near.diagonal(start)[total[:, 0] == 0] = 1
            rows[start - first:end - first, :end] = near / total.masked_fill(total == 0, 1)
        return rows


def carried(rows, target):
    """The share of each token in a target, [T]: the row of the target of the product of all layers' matrices."""
    share = rows[-1][target]
    for layer in reversed(rows[:-1]):
        share = share @ layer
    return share


def check():
    """Prints how far rows and shares are from the reference, and returns whether they are near enough."""
    sys.path.append(str(REFERENCE))
    import attribution_oracle as oracle
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder), oracle)
        model = Flow(folder, torch.float32)
    expected = json.loads((REFERENCE / "flow_fixture.json").read_text())
    # Pieces of three queries, the last of one.
    model.piece = 3 * 4 * len(expected["ids"]) * oracle.D
    rows = model.run(expected["ids"], every_row=True)
    errors = [
        error(rows[layer][query][:query + 1], row)
        for layer, layer_rows in enumerate(expected["flow"]) for query, row in enumerate(layer_rows)
    ]
    last = len(expected["ids"]) - 1
    for target in 3, last:
        errors.append(error(carried(rows, target)[:target + 1], expected["shares"][f"flow,{target}"]))
    errors.append(error(carried(model.run(expected["ids"]), -1), expected["shares"][f"flow,{last}"]))
    good = max(errors) <= TOLERANCE
    print(f"{len(errors)} rows of shares: off by {max(errors):.1e}: "
          + ("good" if good else f"WRONG, expected at most {TOLERANCE:.0e}"))
    return good


def error(actual, expected):
    """The sum of the differences of shares."""
    return (actual.double() - torch.tensor(expected, dtype=torch.float64)).abs().sum().item()


def write_checkpoint(folder, oracle):
    """Writes the model of the reference as a folder."""
    (folder / "config.json").write_text(json.dumps({
        "num_hidden_layers": oracle.L, "num_attention_heads": oracle.H, "num_key_value_heads": oracle.KV,
        "hidden_size": oracle.D, "rms_norm_eps": oracle.EPS, "rope_theta": oracle.BASE, "vocab_size": oracle.V,
    }))
    built = oracle.build()
    tensors = {"model.embed_tokens.weight": built["E"], "model.norm.weight": built["nf"]}
    names = {
        "n1": "input_layernorm.weight", "n2": "post_attention_layernorm.weight", "Wo": "self_attn.o_proj.weight",
        "Wg": "mlp.gate_proj.weight", "Wu": "mlp.up_proj.weight", "Wd": "mlp.down_proj.weight",
    }
    for kind in "qkv":
        names |= {f"W{kind}": f"self_attn.{kind}_proj.weight", f"b{kind}": f"self_attn.{kind}_proj.bias"}
    for number, layer in enumerate(built["layers"]):
        tensors |= {f"model.layers.{number}.{name}": layer[key] for key, name in names.items()}
    header, numbers = {}, b""
    for name, values in tensors.items():
        tensor = torch.tensor(values, dtype=torch.float32)
        own = tensor.numpy().tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(numbers), len(numbers) + len(own)],
        }
        numbers += own
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + numbers)


def measure(model, prompt, repeats):
    """Times flows after one that is held to our shares; returns the times of the wall and of processors."""
    start = time.perf_counter(), time.process_time()
    off = error(carried(model.run(prompt["ids"]), -1), prompt["shares"])
    first = time.perf_counter() - start[0], time.process_time() - start[1]
    if not off <= TOLERANCE:
        sys.exit(f"the shares are off from ours by {off:.1e}, expected at most {TOLERANCE:.0e}")
    times = []
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        carried(model.run(prompt["ids"]), -1)
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    return {"off": off, "first": first, "runs": times or [first]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", help="a checkpoint")
    parser.add_argument("shares", nargs="?", help="the file of our shares")
    parser.add_argument("--check", action="store_true", help="compare with the reference instead of timing")
    parser.add_argument("--piece", type=int, default=256, help="how many megabytes of parts are made at a time")
    parser.add_argument("--new-memory", action="store_true", help="take new memory for each piece")
    parser.add_argument("--repeats", type=int, default=1, help="how many flows are timed after the first; 0: the first")
    options = parser.parse_args()
    if options.check:
        sys.exit(0 if check() else 1)
    if options.shares is None or options.piece < 1 or options.repeats < 0:
        parser.error("expected a checkpoint, a file of shares, at least one megabyte, and 0 repeats or more")
    model = Flow(options.folder, torch.float32)
    model.piece, model.reuses = options.piece << 20, not options.new_memory
    with open(options.shares, encoding="utf-8") as file:
        found = measure(model, json.load(file), options.repeats)
    wall, processor = (statistics.median(column) for column in zip(*found["runs"]))
    print(json.dumps({
        "seconds": wall, "processor_seconds": processor, **found, "piece": options.piece,
        "torch": torch.__version__, "threads": torch.get_num_threads(),
    }))


if __name__ == "__main__":
    main()
