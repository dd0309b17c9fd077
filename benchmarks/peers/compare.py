#!/usr/bin/env python3
"""Times ratilgpu against other programs, by turns, and prints a Markdown table of medians and ratios.

Every measurement is a process of its own. Before anything is timed, all are held to references, or to ours.
"""
import argparse
import os
import statistics
import sys
from pathlib import Path

from programs import LLAMA, ROOT, Programs, preloaded, usual_options
from rows import PEERS, ROWS, TARGET_SHAPE, TURNS, without_libtorch
from system import Runner, fair_environment, processor_kind, processor_name


class Comparison:
    """Takes the measurements that the chosen rows need, in rounds."""

    def __init__(self, options):
        self.options = options
        self.runner = Runner(fair_environment(options.threads, options.wait))
        self.programs = Programs(options, self.runner)
        self.rows = [row for name in options.only for row in ROWS[name]]
        self.notes = []
        self.results = {}

    def prepare(self):
        """Leaves out peers that do not run here, and readies the others; returns whether all went well."""
        if any(row.peer.startswith("earlier") for row in self.rows) and not self.options.against:
            self.rows = [row for row in self.rows if not row.peer.startswith("earlier")]
            self.notes.append("No earlier build: --against names one.")
        if any(row.peer.startswith("llama.cpp") for row in self.rows) and not LLAMA.exists():
            self.rows = [row for row in self.rows if not row.peer.startswith("llama.cpp")]
            self.notes.append(
                f"No llama.cpp: {LLAMA.relative_to(ROOT)} is not there; "
                "`dotnet build -c Release benchmarks/peers/llamacpp` makes it.")
        if any(row.peer.startswith("libtorch") for row in self.rows):
            fault = self.programs.libtorch_fault()
            if fault:
                self.rows = without_libtorch(self.rows)
                self.notes.append(f"PyTorch instead of libtorch: {fault}")
        for note in self.notes:
            print(note, file=sys.stderr)
        return self.programs.prepare({row.peer for row in self.rows})

    def measure(self):
        for turn in range(1, self.options.rounds + 1):
            print(f"Round {turn} of {self.options.rounds}", file=sys.stderr)
            for length in sorted({length for row in self.rows for length in self.lengths(row)}):
                rows = [row for row in self.rows if length in self.lengths(row)]
                needed = {job for row in rows for job in (row.ours, row.peer)}
                for job in (job for job in TURNS if job in needed):
                    self.results.setdefault((length, job), []).append(self.programs.result(length, job))

    def lengths(self, row):
        return self.options.lengths or row.usual_lengths()

    def table(self):
        yield "| | tokens | peer | ours | peer's | ratio | lowest, highest | target | met |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for row in self.rows:
            for length in self.lengths(row):
                cells = self.cells(row, length)
                yield f"| {row.text} | {length} | {PEERS[row.peer]} | {' | '.join(cells)} |"

    def cells(self, row, length):
        both = list(zip(self.results[length, row.ours], self.results[length, row.peer]))
        pairs = [(ours[row.measure], peer[row.measure]) for ours, peer in both if ours and peer]
        if len(pairs) < len(both):
            return "", "", f"{len(both) - len(pairs)} of {len(both)} rounds failed, see below", "", "", "**no**"
        ours, peer = (statistics.median(side) for side in zip(*pairs))
        faster_is_more = row.measure == "tokens_per_second"
        ratios = [ours / peer if faster_is_more else peer / ours for ours, peer in pairs]
        ratio = statistics.median(ratios)
        return (
            show(ours, row.measure), show(peer, row.measure),
            f"{ratio:.2f}", f"{min(ratios):.2f}, {max(ratios):.2f}", *self.target(row, length, ratio, ours),
        )

    def target(self, row, length, ratio, ours):
        if self.options.shape == TARGET_SHAPE:
            least, most = row.least(length, processor_kind()), row.most.get(length)
            if least is not None:
                return f"ratio at least {least}", yes_or_no(ratio >= least)
            if most is not None:
                return f"at most {show(most, row.measure)}", yes_or_no(ours <= most)
        return "", ""

    def description(self):
        """Says what was compared, on what."""
        options = self.options
        yield (
            f"{options.shape} on {processor_name()}, {options.threads} threads. "
            f"Medians over rounds: {options.rounds}; of a round: the median of the runs of one process."
        )
        last = {job: result for (_, job), results in self.results.items() for result in results if result}
        described = set()
        for job in (job for job in TURNS if job in last):
            kind = PEERS.get(job, "ours").split()[0]
            if kind not in described:
                yield self.describe(kind, last[job])
            described.add(kind)
        yield from self.notes

    def describe(self, kind, result):
        about = self.programs.about
        if kind == "ours":
            peak = result["fma_peak"] / 1e9
            return f"Ours: {about['version']}, {result['description']}, FMA peak {peak:.0f} GFLOP/s."
        if kind == "earlier":
            return f"Earlier build: {about['earlier']}, {result['description']}."
        if kind == "PyTorch":
            return f"PyTorch: {result['torch']}, {result['threads']} threads, {', '.join(result['blas'])}."
        if kind == "libtorch":
            first = "; libmkl-any-cpu.so loaded first" if preloaded() else ""
            return f"{result['description']}, {about['mkl']}{first}."
        return f"{result['description']}."


def show(value, measure):
    if measure.endswith("bytes"):
        return f"{value / (1 << 20):.0f} MB"
    if measure == "tokens_per_second":
        return f"{value:.1f} tokens/s"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms"


def yes_or_no(met):
    return "yes" if met else "**no**"


def parse_options():
    cache, program, python, cores = usual_options()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("program", nargs="?", type=Path, default=program, help="ratilgpu, built for release")
    parser.add_argument("--against", type=Path, metavar="PROGRAM", help="ratilgpu of an earlier commit, for 'earlier'")
    parser.add_argument("--python", default=python, help="a Python that has torch")
    parser.add_argument("--shape", default=TARGET_SHAPE, help="the shape of the model, one of `ratilgpu bench`")
    parser.add_argument("--lengths", type=int, nargs="+", help="lengths of prompts, instead of those with a target")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), help="the rows to take")
    parser.add_argument("--rounds", type=int, default=5, help="how often all is run")
    parser.add_argument("--repeats", type=int, help="how often a process runs, instead of 3 times, short prompts 40")
    parser.add_argument("--threads", type=int, default=cores, help="threads of each")
    parser.add_argument("--wait", choices=("PASSIVE", "ACTIVE"), default="PASSIVE", help="how OpenMP's threads wait")
    parser.add_argument("--cache", type=Path, default=cache, help="where the random checkpoint is kept")
    parser.add_argument("--out", type=Path, help="a file for the report, besides the terminal")
    options = parser.parse_args()
    if min(options.rounds, options.repeats or 1, options.threads, *(options.lengths or [1])) < 1:
        parser.error("rounds, repeats, threads and lengths are at least 1")
    for path in (options.program, options.against):
        if path and not path.exists():
            parser.error(f"{path} is not there; `dotnet build -c Release` makes it")
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
    report += comparison.runner.failures()
    text = "\n".join(report) + "\n"
    print(text, end="")
    if options.out:
        options.out.write_text(text)
    sys.exit(1 if comparison.runner.faults else 0)


if __name__ == "__main__":
    main()
