#!/usr/bin/env python3
"""Qwen2 in PyTorch eager mode: the peer that ratilgpu is timed against.

The operations and their order are those of Hugging Face's eager attention with output_attentions=True: every layer
runs, every attention matrix is kept, and the logits of all positions are computed. It needs torch and numpy alone.

    qwen2_eager.py CHECKPOINT --tokens 256 --dtype float32     times forward passes, prints JSON
    qwen2_eager.py --check tests/golden/*                      holds it to the float64 references
"""
import argparse
import ctypes
import json
import math
import os
import re
import statistics
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

# As numpy reads them; it has no bfloat16, so those come as 16-bit integers that torch then takes for what they are.
NUMPY_FORMATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.int16}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# The norm of the difference to a float64 reference as a share of the reference's norm. Float32 differs by rounding
# alone; bfloat16 keeps 8 bits, and the sharp attention of the references magnifies what that loses.
TOLERANCES = {"float32": 1e-5, "bfloat16": 0.1}


def read_tensors(path, dtype=None):
    """Yields the names and tensors of a safetensors file one by one, cast to a type where one is given."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            count = math.prod(entry["shape"])
            tensor = torch.from_numpy(np.fromfile(file, NUMPY_FORMATS[entry["dtype"]], count))
            if tensor.numel() != count or count * tensor.element_size() != end - begin:
                raise ValueError(f"{path}: {name} does not have the bytes that its shape {entry['shape']} needs")
            if entry["dtype"] == "BF16":
                tensor = tensor.view(torch.bfloat16)
            yield name, tensor.to(dtype or tensor.dtype).reshape(entry["shape"])


class Qwen2:
    """A model of a Hugging Face folder, with its weights in memory in the type it computes in."""

    def __init__(self, folder, dtype):
        config = json.loads((Path(folder) / "config.json").read_text())
        self.dtype = dtype
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.key_heads = config.get("num_key_value_heads") or self.heads
        self.head_size = config.get("head_dim") or config["hidden_size"] // self.heads
        self.epsilon = config["rms_norm_eps"]
        self.theta = config.get("rope_theta", 10000.0)
        self.vocabulary = config["vocab_size"]
        self.window = config.get("sliding_window") if config.get("use_sliding_window") else None
        self.full_layers = config.get("max_window_layers", self.layers) if self.window else self.layers
        self.weights = {}
        for path in sorted(Path(folder).glob("model*.safetensors")):
            self.weights.update(read_tensors(path, dtype))
        if config.get("tie_word_embeddings"):
            self.weights["lm_head.weight"] = self.weights["model.embed_tokens.weight"]

    @torch.inference_mode()
    def forward(self, ids, attended=None):
        """Returns the logits [1, T, V] and the attention [1, H, T, T] of every layer of a prompt.

        Keys that attended, where given, has 0 for are masked, as padding is.
        """
        hidden = F.embedding(torch.tensor([ids]), self.weights["model.embed_tokens.weight"])
        rotary = self.rotary(len(ids))
        full = self.mask(len(ids), attended)
        windowed = self.mask(len(ids), attended, self.window) if self.window else None
        attentions = []
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}."
            mask = full if layer < self.full_layers else windowed
            normed = self.norm(hidden, prefix + "input_layernorm")
            mixed, attention = self.attend(normed, prefix + "self_attn.", rotary, mask)
            hidden = hidden + mixed
            normed = self.norm(hidden, prefix + "post_attention_layernorm")
            hidden = hidden + self.mlp(normed, prefix + "mlp.")
            attentions.append(attention)
        return self.linear(self.norm(hidden, "model.norm"), "lm_head"), attentions

    def attend(self, x, prefix, rotary, mask):
        query = self.split(self.linear(x, prefix + "q_proj"), self.heads)
        key = self.split(self.linear(x, prefix + "k_proj"), self.key_heads)
        value = self.split(self.linear(x, prefix + "v_proj"), self.key_heads)
        query, key = rotate(query, *rotary), rotate(key, *rotary)
        key, value = self.repeat(key), self.repeat(value)
        scores = torch.matmul(query, key.transpose(2, 3)) * self.head_size ** -0.5
        scores = scores + mask
        attention = F.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
        mixed = torch.matmul(attention, value).transpose(1, 2).contiguous()
        return self.linear(mixed.reshape(*x.shape[:2], -1), prefix + "o_proj"), attention

    def mlp(self, x, prefix):
        gated = F.silu(self.linear(x, prefix + "gate_proj")) * self.linear(x, prefix + "up_proj")
        return self.linear(gated, prefix + "down_proj")

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, x, name):
        wide = x.to(torch.float32)
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return self.weights[name + ".weight"] * wide.to(x.dtype)

    def split(self, x, heads):
        return x.view(*x.shape[:2], heads, self.head_size).transpose(1, 2)

    def repeat(self, x):
        """Gives each query head a copy of its key head: [1, KV, T, D] to [1, H, T, D]."""
        batch, heads, length, size = x.shape
        times = self.heads // self.key_heads
        if times == 1:
            return x
        return x[:, :, None].expand(batch, heads, times, length, size).reshape(batch, self.heads, length, size)

    def rotary(self, length):
        inverse = 1.0 / self.theta ** (torch.arange(0, self.head_size, 2, dtype=torch.float32) / self.head_size)
        angles = torch.outer(torch.arange(length, dtype=torch.float32), inverse)
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(self.dtype), angles.sin().to(self.dtype)

    def mask(self, length, attended=None, window=None):
        """Returns what is added to scores, [1, 1, T, T]: 0 where a query may look, the least number where not."""
        allowed = torch.ones(length, length, dtype=torch.bool).tril()
        if window:
            allowed &= torch.ones(length, length, dtype=torch.bool).triu(1 - window)
        if attended:
            allowed &= torch.tensor(attended, dtype=torch.bool)
        return torch.zeros(1, 1, length, length, dtype=self.dtype).masked_fill(~allowed, torch.finfo(self.dtype).min)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


def time_forward(folder, dtype, length, repeats):
    model = Qwen2(folder, DTYPES[dtype])

    # The prompt of `ratilgpu bench`.
    ids = [(position * 7919 + 13) % model.vocabulary for position in range(length)]
    model.forward(ids)
    first = seconds_of_process()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        kept = model.forward(ids)
        seconds.append(time.perf_counter() - start)
        del kept
    status = Path("/proc/self/status").read_text()
    return {
        "tokens": length,
        "dtype": dtype,
        "seconds": statistics.median(seconds),
        "runs": seconds,
        "first_run_seconds": first,
        "private_bytes": kilobytes(status, "RssAnon") << 10,
        "peak_bytes": kilobytes(status, "VmHWM") << 10,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "blas": loaded_blas(),
    }


def kilobytes(status, field):
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE).group(1))


def seconds_of_process():
    """Returns how long this process has run, the start of Python included."""
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def loaded_blas():
    """Names the libraries that multiply matrices, and the processor that OpenBLAS chose its kernels for."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "/" in line}
    names = []
    for path in sorted(path for path in mapped if re.search("blas|mkl|dnnl", os.path.basename(path))):
        core = getattr(ctypes.CDLL(path), "openblas_get_corename", None)
        if core:
            core.restype = ctypes.c_char_p
        names.append("/".join(Path(path).parts[-2:]) + (f" ({core().decode()})" if core else ""))
    return names


def check(folder, dtype):
    """Prints how far the results are from a folder's references, and returns whether they are near enough."""
    golden = json.loads((Path(folder) / "golden.json").read_text())
    expected = dict(read_tensors(Path(folder) / "golden.safetensors"))
    model = Qwen2(folder, DTYPES[dtype])
    near = True
    for case, attended in ("plain", None), ("masked", golden["attention_mask"]):
        logits, attentions = model.forward(golden["input_ids"], attended)
        patterns = torch.stack([expected[f"{case}.pattern.{layer}"] for layer in range(model.layers)])
        errors = difference(logits[0], expected[f"{case}.logits"]), difference(torch.cat(attentions), patterns)
        good = max(errors) <= TOLERANCES[dtype]
        near &= good
        print(
            f"{Path(folder).name} {case} {dtype}: logits off by {errors[0]:.1e}, attentions by {errors[1]:.1e}: "
            + ("good" if good else f"WRONG, expected at most {TOLERANCES[dtype]:.0e}")
        )
    return near


def difference(actual, expected):
    return ((actual.double() - expected).norm() / expected.norm()).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+", help="a checkpoint; with --check, folders of references")
    parser.add_argument("--check", action="store_true", help="compare with references instead of timing")
    parser.add_argument("--tokens", type=int, default=256, help="the length of the prompt")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="what weights and activations are held in")
    parser.add_argument("--repeats", type=int, default=5, help="how many passes are timed, after one that is not")
    options = parser.parse_args()
    if options.check:
        results = [check(folder, dtype) for folder in options.folder for dtype in DTYPES]
        sys.exit(0 if all(results) else 1)
    if len(options.folder) > 1 or options.tokens < 1 or options.repeats < 1:
        parser.error("expected one checkpoint, and at least one token and one repeat")
    print(json.dumps(time_forward(options.folder[0], options.dtype, options.tokens, options.repeats)))


if __name__ == "__main__":
    main()
