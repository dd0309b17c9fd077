#!/usr/bin/env python3
"""Times `ratilgpu attention --layers LAYER`, process start to file written, beside the forward pass alone, and prints
seconds, processor seconds, the private memory and the bytes of the page, as Markdown.

FOLDER is a checkpoint with a tokenizer; `ratilgpu bench` makes one of random weights, to which the tokenizer of any
Qwen2 checkpoint is copied. Both take turns in going first. PROGRAM and FORWARD name other builds.
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("PROGRAM", str(ROOT / "artifacts/bin/RatIlgpu.Cli/release/RatIlgpu.Cli"))
FORWARD = os.environ.get("FORWARD", str(ROOT / "artifacts/bin/RatIlgpu.Benchmarks/release/RatIlgpu.Benchmarks"))


def private(pid):
    """Returns the anonymous memory of a process in MB: weights are mapped files, which the system can drop."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return max([int(line.split()[1]) // 1000 for line in lines if line.startswith("RssAnon")], default=0)


def attention(folder, tokens, layer, output):
    """Runs the command; returns seconds, processor seconds, the most private memory, and the bytes of the page."""
    chance = random.Random(1)
    ids = ",".join(str(chance.randrange(1_000, 150_000)) for _ in range(tokens))
    before, start, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    with subprocess.Popen([PROGRAM, "attention", "--model", folder, "--ids", ids, "--layers", str(layer),
                           "--output", output], stdout=subprocess.DEVNULL) as run:
        while run.poll() is None:
            most = max(most, private(run.pid))
            time.sleep(0.01)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        raise SystemExit(f"attention ended with {run.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, most, (Path(output) / "attention.html").stat().st_size


def forward(folder, tokens):
    """Runs the forward pass alone; returns seconds and processor seconds, without the start of its process."""
    run = subprocess.run([FORWARD, "forward", folder, str(tokens)], capture_output=True, text=True, check=True)
    return tuple(float(word) for word in run.stdout.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--tokens", type=int, default=2_048)
    parser.add_argument("--layer", type=int, default=12)
    parser.add_argument("--pairs", type=int, default=3)
    asked = parser.parse_args()
    print("| pair | forward s | CPU s | attention s | CPU s | ratio | CPU ratio | private MB | page MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    ratios = []
    with tempfile.TemporaryDirectory() as output:
        for pair in range(asked.pairs):
            if pair % 2:
                page = attention(asked.folder, asked.tokens, asked.layer, output)
            alone = forward(asked.folder, asked.tokens)
            if pair % 2 == 0:
                page = attention(asked.folder, asked.tokens, asked.layer, output)
            ratios.append((page[0] / alone[0], page[1] / alone[1]))
            print(f"| {pair + 1} | {alone[0]:.2f} | {alone[1]:.2f} | {page[0]:.2f} | {page[1]:.2f} | "
                  f"{ratios[-1][0]:.2f} | {ratios[-1][1]:.2f} | {page[2]} | {page[3] / 1e6:.1f} |")
    print(f"\nmedian of the ratios {statistics.median(one for one, _ in ratios):.2f}, "
          f"of the CPU ratios {statistics.median(one for _, one in ratios):.2f}")


main()
