#!/usr/bin/env python3
"""Times Qwen2 in PyTorch eager mode on a device, and the memory of the device; prints a JSON object a line.

A line is printed as soon as it is measured, so that a run that is stopped has told what it knew.
"""
import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))

import torch  # noqa: E402
from qwen2_eager import DTYPES, Qwen2, check  # noqa: E402

# As many as `ratilgpu bench --work decode` writes.
NEW_TOKENS = 32


class Timer:
    """Times work on a device that computes while this process goes on."""

    def __init__(self, device):
        self.is_card = device.startswith("cuda")

    def wait(self):
        if self.is_card:
            torch.cuda.synchronize()

    def median(self, work, repeats):
        """Returns the median of the seconds that work takes, after two runs that are not timed."""
        seconds = []
        for _ in range(2 + repeats):
            self.wait()
            start = time.perf_counter()
            made = work()
            self.wait()
            seconds.append(time.perf_counter() - start)
            del made
        return statistics.median(seconds[2:])


def copy_speed(device, timer, megabytes):
    """Returns the bytes a second that a copy within the memory of a device reads and writes."""
    source = torch.ones(megabytes << 20, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * source.numel() / timer.median(lambda: target.copy_(source), 10)


def decode(model, ids):
    """Returns work that writes tokens after a prompt, whose keys and values are kept, the likeliest each time."""
    past = {}
    first = likeliest(model, ids, past)

    def work():
        continued, token = dict(past), first
        for _ in range(NEW_TOKENS):
            token = likeliest(model, [token], continued)

    return work


def likeliest(model, ids, past):
    logits, _ = model.forward(ids, past=past)
    return int(logits[0, -1].argmax())


def tell(**values):
    print(json.dumps(values), flush=True)


def describe(device):
    card = torch.cuda.get_device_properties(device) if device.startswith("cuda") else None
    tell(
        kind="torch",
        torch=torch.__version__,
        cuda=torch.version.cuda,
        device=card.name if card else f"the processor, threads: {torch.get_num_threads()}",
        memory_bytes=card.total_memory if card else None,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("folder", nargs="?", help="a checkpoint to time; without it, only memory is measured")
    parser.add_argument("--device", default="cuda", help="a device of PyTorch")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="of weights and activations")
    parser.add_argument("--lengths", type=int, nargs="*", default=[], help="prompts of forward passes")
    parser.add_argument("--decode", type=int, nargs="*", default=[], help="prompts after which tokens are written")
    parser.add_argument("--repeats", type=int, default=10, help="how many runs are timed")
    parser.add_argument("--megabytes", type=int, default=1024, help="how much is copied")
    parser.add_argument("--check", nargs="*", default=[], help="folders of references to be held to first")
    options = parser.parse_args()

    # As exact as ours: the default of PyTorch, said aloud.
    torch.backends.cuda.matmul.allow_tf32 = False
    timer = Timer(options.device)
    describe(options.device)
    if not options.folder:
        tell(kind="memory", bytes_per_second=copy_speed(options.device, timer, options.megabytes))
        return
    with torch.inference_mode():
        if options.check:
            sys.stdout, told = sys.stderr, sys.stdout
            good = all([check(folder, options.dtype, options.device) for folder in options.check])
            sys.stdout = told
            tell(kind="check", dtype=options.dtype, passed=good)
        model = Qwen2(options.folder, DTYPES[options.dtype], options.device)

        # The prompt of `ratilgpu bench`.
        longest = max(options.lengths + options.decode)
        prompt = [(position * 7919 + 13) % model.vocabulary for position in range(longest)]
        for length in options.decode:
            seconds = timer.median(decode(model, prompt[:length]), options.repeats)
            tell(kind="decode", dtype=options.dtype, tokens=length, new_tokens=NEW_TOKENS, seconds=seconds)
        for length in options.lengths:
            seconds = timer.median(lambda: model.forward(prompt[:length]), options.repeats)
            tell(kind="full", dtype=options.dtype, tokens=length, seconds=seconds)


if __name__ == "__main__":
    main()
