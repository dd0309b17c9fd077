#!/usr/bin/env python3
"""Qwen2 in PyTorch eager mode: the peer that ratilgpu is timed against.

The operations and their order are those of Hugging Face's eager attention with output_attentions=True: every layer
runs, every attention matrix is kept, and the logits of all positions are computed. It needs torch alone.

    qwen2_eager.py CHECKPOINT --tokens 256 --dtype float32     times forward passes, prints JSON
    qwen2_eager.py --check tests/golden/tiny-window-f16        holds it to float64 references, which are of Qwen2
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

import torch
import torch.nn.functional as F

FORMATS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
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
            numbers = bytearray(end - begin)
            if file.readinto(numbers) != len(numbers):
                raise ValueError(f"{path}: {name} ends at byte {8 + length + end}, the file before")
            tensor = torch.frombuffer(numbers, dtype=FORMATS[entry["dtype"]])
            if tensor.numel() != math.prod(entry["shape"]):
                raise ValueError(f"{path}: {name} does not have the bytes that its shape {entry['shape']} needs")
            yield name, tensor.to(dtype or tensor.dtype).reshape(entry["shape"])


class Qwen2:
    """A model of a Hugging Face folder, with its weights in memory in the type it computes in."""

    def __init__(self, folder, dtype, device="cpu"):
        config = json.loads((Path(folder) / "config.json").read_text())
        self.dtype = dtype
        self.device = device
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
            self.weights.update((name, tensor.to(device)) for name, tensor in read_tensors(path, dtype))
        if config.get("tie_word_embeddings"):
            self.weights["lm_head.weight"] = self.weights["model.embed_tokens.weight"]

    @torch.inference_mode()
    def forward(self, ids, attended=None, past=None):
        """Returns the logits [1, T, V] and the attention [1, H, T, K] of every layer of a prompt.

        Keys that attended, where given, has 0 for are masked, as padding is. A dictionary that is given as past keeps
        the keys and values; the prompt then continues those that are in it.
        """
        first = next(iter(past.values()))[0].shape[2] if past else 0
        hidden = F.embedding(torch.tensor([ids], device=self.device), self.weights["model.embed_tokens.weight"])
        rotary = self.rotary(first, len(ids))
        full = self.mask(first, len(ids), attended)
        windowed = self.mask(first, len(ids), attended, self.window) if self.window else None
        attentions = []
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}."
            mask = full if layer < self.full_layers else windowed
            normed = self.norm(hidden, prefix + "input_layernorm")
            mixed, attention = self.attend(normed, prefix + "self_attn.", rotary, mask, past)
            hidden = hidden + mixed
            normed = self.norm(hidden, prefix + "post_attention_layernorm")
            hidden = hidden + self.mlp(normed, prefix + "mlp.")
            attentions.append(attention)
        return self.linear(self.norm(hidden, "model.norm"), "lm_head"), attentions

    def attend(self, x, prefix, rotary, mask, past):
        query = self.split(self.linear(x, prefix + "q_proj"), self.heads)
        key = self.split(self.linear(x, prefix + "k_proj"), self.key_heads)
        value = self.split(self.linear(x, prefix + "v_proj"), self.key_heads)
        query, key = rotate(query, *rotary), rotate(key, *rotary)
        if past is not None:
            if prefix in past:
                key, value = (torch.cat(pair, dim=2) for pair in zip(past[prefix], (key, value)))
            past[prefix] = key, value
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

    def rotary(self, first, length):
        steps = torch.arange(0, self.head_size, 2, dtype=torch.float32, device=self.device)
        positions = torch.arange(first, first + length, dtype=torch.float32, device=self.device)
        angles = torch.outer(positions, 1.0 / self.theta ** (steps / self.head_size))
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(self.dtype), angles.sin().to(self.dtype)

    def mask(self, first, length, attended=None, window=None):
        """Returns what is added to scores, [1, 1, T, K]: 0 where a query may look, the least number where not."""
        keys = torch.arange(first + length, device=self.device)
        queries = keys[first:, None]
        allowed = keys <= queries
        if window:
            allowed &= keys > queries - window
        if attended:
            allowed &= torch.tensor(attended, dtype=torch.bool, device=self.device)
        mask = torch.zeros(1, 1, length, first + length, dtype=self.dtype, device=self.device)
        return mask.masked_fill(~allowed, torch.finfo(self.dtype).min)


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


def check(folder, dtype, device="cpu"):
    """Prints how far the results are from a folder's references, and returns whether they are near enough."""
    golden = json.loads((Path(folder) / "golden.json").read_text())
    expected = dict(read_tensors(Path(folder) / "golden.safetensors"))
    model = Qwen2(folder, DTYPES[dtype], device)
    ids, near = golden["input_ids"], True
    for case, attended in ("plain", None), ("masked", golden["attention_mask"]):
        logits, attentions = model.forward(ids, attended)
        patterns = torch.stack([expected[f"{case}.pattern.{layer}"] for layer in range(model.layers)])
        logits_error = difference(logits[0], expected[f"{case}.logits"])
        attention_error = difference(torch.cat(attentions), patterns)
        near &= say(folder, f"{case} {dtype}", dtype, logits=logits_error, attentions=attention_error)
    past = {}
    logits = [model.forward(part, past=past)[0][0] for part in (ids[:-2], ids[-2:-1], ids[-1:])]
    error = difference(torch.cat(logits), expected["plain.logits"])
    return say(folder, f"token by token {dtype}", dtype, logits=error) and near


def say(folder, case, dtype, **errors):
    good = max(errors.values()) <= TOLERANCES[dtype]
    found = ", ".join(f"{name} off by {error:.1e}" for name, error in errors.items())
    expected = "good" if good else f"WRONG, expected at most {TOLERANCES[dtype]:.0e}"
    print(f"{Path(folder).name} {case}: {found}: {expected}")
    return good


def difference(actual, expected):
    return ((actual.cpu().double() - expected).norm() / expected.norm()).item()


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
