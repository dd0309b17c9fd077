#!/usr/bin/env python3
"""Times ratilgpu against PyTorch eager, by turns, and prints a Markdown table of medians and ratios.

Every measurement is a process of its own. Before anything is timed, both are held to the references of tests/golden.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEER = HERE / "qwen2_eager.py"

# What is run, in the order of a round: ours and the peer by turns, so that a ratio is of neighbours in time.
TURNS = ("middle", "float32", "last", "bfloat16", "full")
PEERS = ("float32", "bfloat16")


@dataclass
class Row:
    """Rows of the table, one a length: a measure of ours beside the same of a peer, and what it should be."""

    text: str
    ours: str
    peer: str
    measure: str
    least_ratio: dict = field(default_factory=dict)
    most: dict = field(default_factory=dict)


# The targets, by the length of the prompt: the least ratio of the peer's to ours, or the most that ours may be.
# They are those of one shape; other shapes are shown without.
TARGET_SHAPE = "qwen2-0.5b"
ROWS = {
    "middle": [
        Row("trace at the middle layer", "middle", "float32", "seconds", {16: 8, 64: 5, 256: 3.6, 1024: 6.5}),
    ],
    "last": [
        Row("trace at the last layer", "last", "float32", "seconds", {16: 4.5, 64: 2.5, 256: 1.9, 1024: 3.5}),
    ],
    "bf16": [
        Row("trace at the middle layer", "middle", "bfloat16", "seconds", {64: 3, 256: 2.1}),
    ],
    "full": [
        Row("all attentions and logits", "full", "float32", "seconds", {16: 3.3, 256: 1.4, 1024: 2.5}),
    ],
    "memory": [
        Row("peak memory, middle layer", "middle", "float32", "peak_bytes", {256: 5.5, 1024: 8.5}),
        Row("private memory, middle layer", "middle", "float32", "private_bytes", most={256: 30 << 20, 1024: 60 << 20}),
    ],
    "first": [
        Row("process start to first result, middle layer", "middle", "float32", "first_run_seconds", most={16: 0.2}),
    ],
}


class Runner:
    """Runs programs, says so as it goes, and keeps what those wrote that failed."""

    def __init__(self, environment):
        self.environment = environment
        self.failures = []

    def run(self, command):
        """Returns what a program wrote to its output, or None where it failed."""
        command = [str(part) for part in command]
        print("> " + " ".join(command), file=sys.stderr, flush=True)
        try:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        except OSError as error:
            return self.fail(command, str(error))
        if done.returncode != 0:
            return self.fail(command, f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def measure(self, command, read):
        """Returns what read makes of a program's JSON, or None where it failed."""
        output = self.run(command)
        try:
            return output and read(json.loads(output))
        except (ValueError, LookupError) as error:
            return self.fail(command, f"this is not the expected JSON, {error!r}\n{output}")

    def fail(self, command, text):
        print(text, file=sys.stderr, flush=True)
        self.failures.append(f"\nFailed: `{' '.join(map(str, command))}`\n\n```\n{text.strip()}\n```")


class Comparison:
    """Takes the measurements that the chosen rows need, in rounds."""

    def __init__(self, options):
        self.options = options
        self.runner = Runner(fair_environment(options.threads))
        self.folder = options.cache / options.shape
        self.rows = [row for name in options.only for row in ROWS[name]]
        self.layers = 0
        self.results = {}

    def prepare(self):
        """Holds both to the references, makes the checkpoint and warms its file; returns whether all went well."""
        references = sorted((ROOT / "tests" / "golden").iterdir())
        steps = (
            [self.options.python, PEER, "--check", *references],
            [self.options.program, "verify", *references, "--device", "cpu"],
            self.bench(1, "--layers", 0),
        )
        if any(self.runner.run(step) is None for step in steps):
            return False
        self.layers = json.loads((self.folder / "config.json").read_text())["num_hidden_layers"]
        for path in self.folder.glob("*.safetensors"):
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass
        return True

    def measure(self):
        for turn in range(1, self.options.rounds + 1):
            print(f"Round {turn} of {self.options.rounds}", file=sys.stderr)
            for length in sorted({length for row in self.rows for length in self.lengths(row)}):
                rows = [row for row in self.rows if length in self.lengths(row)]
                needed = {job for row in rows for job in (row.ours, row.peer)}
                for job in (job for job in TURNS if job in needed):
                    self.results.setdefault((length, job), []).append(self.result(length, job))

    def result(self, length, job):
        if job in PEERS:
            command = [self.options.python, PEER, self.folder, "--tokens", length, "--dtype", job]
            return self.runner.measure([*command, "--repeats", self.repeats(length)], dict)
        layer = {"middle": self.layers // 2, "last": self.layers - 1}.get(job)
        work = ("--work", "full") if layer is None else ("--layers", layer)
        return self.runner.measure(self.bench(length, *work), read_bench)

    def bench(self, length, *work):
        options = self.options
        return [
            options.program, "bench", "--json", "-", "--device", "cpu", "--threads", options.threads,
            "--shape", options.shape, "--cache", options.cache,
            "--tokens", length, "--repeats", self.repeats(length), *work,
        ]

    def repeats(self, length):
        return self.options.repeats or max(3, min(40, 2048 // length))

    def lengths(self, row):
        return self.options.lengths or row.least_ratio | row.most

    def table(self):
        yield "| | tokens | ours | PyTorch | type | ratio | lowest, highest | target | met |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for row in self.rows:
            for length in self.lengths(row):
                cells = self.cells(row, length)
                yield f"| {row.text} | {length} | {' | '.join(cells)} |"

    def cells(self, row, length):
        both = list(zip(self.results[length, row.ours], self.results[length, row.peer]))
        pairs = [(ours[row.measure], peer[row.measure]) for ours, peer in both if ours and peer]
        if len(pairs) < len(both):
            failed = f"{len(both) - len(pairs)} of {len(both)} rounds failed, see below"
            return "", "", row.peer, failed, "", "", "**no**"
        ours, peer = (statistics.median(side) for side in zip(*pairs))
        ratios = [peer / ours for ours, peer in pairs]
        ratio = statistics.median(ratios)
        target, met = "", ""
        if self.options.shape == TARGET_SHAPE and length in row.least_ratio:
            least = row.least_ratio[length]
            target, met = f"ratio at least {least}", yes_or_no(ratio >= least)
        elif self.options.shape == TARGET_SHAPE and length in row.most:
            most = row.most[length]
            target, met = f"at most {show(most, row.measure)}", yes_or_no(ours <= most)
        return (
            show(ours, row.measure), show(peer, row.measure), row.peer,
            f"{ratio:.2f}", f"{min(ratios):.2f}, {max(ratios):.2f}", target, met,
        )

    def description(self):
        """Says what was compared, on what."""
        options = self.options
        yield (
            f"{options.shape} on {processor().get('model name', 'an unknown processor')}, {options.threads} threads. "
            f"Medians over rounds: {options.rounds}; of a round: the median of the runs of one process."
        )
        last = {job: result for (_, job), results in self.results.items() for result in results if result}
        ours = next((last[job] for job in last if job not in PEERS), None)
        peer = next((last[job] for job in last if job in PEERS), None)
        if ours:
            yield f"Ours: {ours['description']}, FMA peak {ours['fma_peak'] / 1e9:.0f} GFLOP/s."
        if peer:
            yield f"PyTorch: {peer['torch']}, {peer['threads']} threads, {', '.join(peer['blas'])}."


def fair_environment(threads):
    """Returns the environment that is best for the peer; README.md says why."""
    environment = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= set(processor().get("flags", "").split()):
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    environment["OMP_WAIT_POLICY"] = "PASSIVE"
    environment["OMP_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = str(threads)
    return environment


def processor():
    """Returns what the system says of a processor; nothing where it is not Linux."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def read_bench(document):
    """Returns the one row of a bench, with what stands above it."""
    (row,) = document["rows"]
    return {
        **row,
        "first_run_seconds": document["first_run_seconds"],
        "description": document["description"],
        "fma_peak": document["fma_peak"],
    }


def show(value, measure):
    if measure.endswith("bytes"):
        return f"{value / (1 << 20):.0f} MB"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms"


def yes_or_no(met):
    return "yes" if met else "**no**"


def parse_options():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ratilgpu"
    program = ROOT / "artifacts/bin/RatIlgpu.Cli/release/RatIlgpu.Cli"
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("program", nargs="?", type=Path, default=program, help="ratilgpu, built for release")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--shape", default=TARGET_SHAPE, help="the shape of the model, one of `ratilgpu bench`")
    parser.add_argument("--lengths", type=int, nargs="+", help="lengths of prompts, instead of those with a target")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), help="the rows to take")
    parser.add_argument("--rounds", type=int, default=5, help="how often all is run")
    parser.add_argument("--repeats", type=int, help="how often a process runs, instead of 3 times, short prompts 40")
    parser.add_argument("--threads", type=int, default=cores, help="threads of either")
    parser.add_argument("--cache", type=Path, default=cache, help="where the random checkpoint is kept")
    parser.add_argument("--out", type=Path, help="a file for the report, besides the terminal")
    options = parser.parse_args()
    if min(options.rounds, options.repeats or 1, options.threads, *(options.lengths or [1])) < 1:
        parser.error("rounds, repeats, threads and lengths are at least 1")
    if not options.program.exists():
        parser.error(f"{options.program} is not there; `dotnet build -c Release` makes it")
    return options


def main():
    options = parse_options()
    comparison = Comparison(options)
    load = os.getloadavg()[0]
    report = []
    if comparison.prepare():
        comparison.measure()
        report += [*comparison.description(), f"Load average {load:.1f} before and {os.getloadavg()[0]:.1f} after."]
        report += ["", *comparison.table()]
    report += comparison.runner.failures
    text = "\n".join(report) + "\n"
    print(text, end="")
    if options.out:
        options.out.write_text(text)
    sys.exit(1 if comparison.runner.failures else 0)


if __name__ == "__main__":
    main()
