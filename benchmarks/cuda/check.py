#!/usr/bin/env python3
"""Holds the kernels to their references on a card, times them beside PyTorch, and reports as JSON and Markdown.

The report is written anew after every step, so that a run that is stopped has told what it knew.
"""
import argparse
import json
import math
import platform
import signal
import sys
import tarfile
import time
from pathlib import Path

import report
from programs import Failure, Programs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The test classes of a device.
TESTS = {"cuda": "*.Cuda*", "opencl": "*.OpenCl*", "ilgpu-cpu": "*.IlgpuCpu*"}

# The differences that `ratilgpu verify` measures.
VERIFIED = ("attention", "stream", "logit")

# Traces that both devices must agree on: all layers of the demonstration model, in these ways.
PROMPTS = (
    "When Mary and John went to the store, John gave a drink to",
    "The capital of France is",
    "Monday, Tuesday, Wednesday,",
    "When Tom and Anna went to the park, Anna gave a book to Tom. When Tom and Anna went to the park, Anna gave a",
)
WAYS = (("--agg-heads", "mean"), ("--agg-heads", "max"), ("--heads", "0,5"), ("--generate", "8"))


class Check:
    """Runs the steps one after the other; one that fails is noted, and the next one runs."""

    def __init__(self, options):
        self.options = options
        self.kind = options.device.split(":")[0]
        self.started = time.monotonic()
        self.programs = Programs(options.out / "log.txt", options.work)
        self.goldens = []
        self.found = {
            "kind": "cuda-check",
            "version": 1,
            "device": options.device,
            "is_card": False,
            "quick": options.quick,
            "shape": options.shape,
            "steps": [],
            "rows": [],
        }

    def run_all(self):
        """Runs the steps; returns whether those of correctness passed."""
        quick = self.options.quick
        self.take("unpack", 20, self.unpack, is_correctness=True)
        if not self.found["steps"][-1]["passed"]:
            # Every other step needs the programs.
            return self.end()
        self.take("names of card, driver and PyTorch", 15, self.name, is_correctness=True)
        self.take("contract and goldens", 45 if quick else 90, self.test, is_correctness=True)
        self.take("verify", 20, self.verify, is_correctness=True)
        self.take("traces equal to cpu", 30, self.trace, is_correctness=True)
        if not quick:
            self.take("speed of memory", 30, self.memory)
            self.take("random checkpoint", 45, self.checkpoint)
            self.take("traces", 45, lambda: self.bench("trace", self.options.lengths))
            self.take("decode", 25, lambda: self.bench("decode", self.options.decode))
            self.take("full passes", 45, lambda: self.bench("full", self.options.lengths))
            for dtype in report.DTYPES:
                self.take(f"PyTorch {dtype}", 45, lambda dtype=dtype: self.peer(dtype))
        return self.end()

    def end(self):
        """Writes the reports; returns whether the steps of correctness passed."""
        self.found["passed"] = all(step["passed"] for step in self.found["steps"] if step["is_correctness"])
        self.found["seconds"] = time.monotonic() - self.started
        self.write()
        return self.found["passed"]

    def take(self, name, budget, work, is_correctness=False):
        """Runs a step within its budget and the time that is left, and notes how it went."""
        start = time.monotonic()
        seconds = min(budget * self.options.slack, self.started + self.options.limit - start)
        self.programs.until = start + seconds
        self.programs.log(f"== {name}")
        try:
            if seconds < 1:
                raise Failure("not run: no time was left")
            detail, passed = work(), True
        except Failure as failure:
            detail, passed = str(failure), False
        except Exception as error:
            # A fault of this script, or an answer that has another form; the steps to come may still go well.
            detail, passed = repr(error), False
        taken = time.monotonic() - start
        self.found["steps"].append({
            "name": name, "passed": passed, "is_correctness": is_correctness, "seconds": taken, "budget": budget,
            "detail": detail,
        })
        line = f"{'ok    ' if passed else 'FAILED'} {name}, {taken:.1f} s: {detail}"
        self.programs.log(line)
        print(line, flush=True)
        self.write()

    def unpack(self):
        archive = self.options.archive
        if not archive.exists():
            raise Failure(f"{archive} is not there: benchmarks/cuda/make.sh makes it, and it must be carried along")
        with tarfile.open(archive) as packed:
            # Newer versions of Python ask for a filter; older ones do not know it.
            safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            packed.extractall(self.options.work, **safe)
        self.goldens = sorted((self.options.work / "tests" / "golden").iterdir())
        self.found["commit"] = (self.options.work / "commit.txt").read_text().strip()
        return f"{archive.stat().st_size / (1 << 20):.1f} MiB of commit {self.found['commit']}"

    def name(self):
        ask = self.programs.attempt
        version = "from importlib.metadata import version; print(version('torch'))"
        self.found["processor"] = processor()
        self.found["python"] = platform.python_version()
        self.found["torch"] = ask([self.options.python, "-c", version])
        if self.kind == "cuda":
            query = "name,driver_version,memory.total,clocks.max.sm,clocks.max.memory"
            self.found["nvidia_smi"] = ask(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"])
        devices = self.programs.json(self.ratilgpu("devices", "--json", "-"))["devices"]
        usable = [one for one in devices if one["is_usable"] and self.options.device in (one["name"], self.kind)]
        usable = [one for one in usable if one["name"].split(":")[0] == self.kind]
        if not usable:
            said = "; ".join(f"{one['name']}: {one['description']}" for one in devices)
            raise Failure(f"ratilgpu has no device {self.options.device}: {said}")
        self.found["is_card"] = self.kind == "cuda"
        self.found["description"] = usable[0]["description"]
        return f"{usable[0]['name']}: {usable[0]['description']}; PyTorch {self.found['torch'] or 'is not there'}"

    def test(self):
        results = self.options.out / "tests.json"
        ended = self.programs.run([
            self.options.work / "program" / "RatIlgpu.Ilgpu.Tests", "--filter-class", TESTS[self.kind],
            "--progress", "off", "--results-directory", self.options.out,
            "--report-xunit-ctrf", "--report-xunit-ctrf-filename", results.name,
        ])
        if not results.exists():
            raise ended.failure()
        told = json.loads(results.read_text())["results"]
        counts = {name: told["summary"][name] for name in ("tests", "passed", "failed", "skipped")}
        self.found["tests"] = counts
        said = "{passed} of {tests} tests passed, {failed} failed, {skipped} were skipped".format(**counts)
        if ended.code != 0 or counts["passed"] == 0 or counts["passed"] != counts["tests"]:
            failed = [one["name"].rpartition(".Tests.")[2] for one in told["tests"] if one["status"] == "failed"]
            raise Failure("; ".join([f"{said}, {ended.how()}", *failed[:10]]))
        return said

    def verify(self):
        told = self.options.out / "verify.json"
        ended = self.programs.run(self.ratilgpu("verify", *self.goldens, *self.on_device(), "--json", told))
        if not told.exists():
            raise ended.failure()
        folders = json.loads(told.read_text())["folders"]
        runs = [run for folder in folders for run in folder["runs"]]
        worst = max(run[f"{what}_error"] / run[f"{what}_bound"] for run in runs for what in VERIFIED)
        misses, traces = sum(len(run["misses"]) for run in runs), sum(run["trace_count"] for run in runs)
        self.found["verify"] = {
            "folders": len(folders), "traces": traces, "misses": misses, "worst_share_of_a_bound": worst,
        }
        said = (
            f"{len(folders)} folders, {misses} of {traces} traces differ, "
            f"the largest difference is {worst:.2f} of its bound"
        )
        if ended.code != 0 or len(folders) != len(self.goldens):
            raise Failure(f"{said}, {ended.how()}")
        return said

    def trace(self):
        """Compares paths and scores of traces of the demonstration model with those of cpu."""
        prompts = self.options.work / "prompts.txt"
        prompts.write_text("\n".join(PROMPTS) + "\n")
        model = self.options.work / "program" / "demo-model"
        config = json.loads((model / "config.json").read_text())
        compared, largest = 0, 0.0
        for way in WAYS:
            ours, theirs = (self.traced(device, model, prompts, way) for device in (self.options.device, "cpu"))
            if len(ours) != len(theirs) or not ours:
                raise Failure(f"{' '.join(way)}: {len(ours)} traces, and {len(theirs)} on cpu")
            for one, other in zip(ours, theirs):
                place = f"prompt {other['ratilgpu']['prompt']}, layer {other['metadata']['layer']}"
                largest = max(largest, distance(one, other, config, f"{' '.join(way)}, {place}"))
                compared += 1
        self.found["traces"] = {"compared": compared, "largest_share_of_the_bound": largest}
        return f"{compared} traces have the paths of cpu; scores differ by at most {largest:.2f} of the bound"

    def traced(self, device, model, prompts, way):
        return self.programs.json(self.ratilgpu(
            "trace", "--model", model, "--prompts", prompts, "--layers", "all", *way, "--device", device,
            "--json", "-", "--output", self.options.work / "output",
        ))["traces"]

    def memory(self):
        told = self.programs.lines(self.peer_command("--megabytes", self.options.megabytes)).told
        torch, memory = told["torch"][0], told["memory"][0]
        self.found["torch_device"], self.found["torch_cuda"] = torch["device"], torch["cuda"]
        self.found["memory_bytes_per_second"] = memory["bytes_per_second"]
        return f"{memory['bytes_per_second'] / 1e9:.0f} GB/s read and written by a copy in PyTorch on {torch['device']}"

    def checkpoint(self):
        ended = self.programs.run(self.ratilgpu(
            "bench", *self.of_shape(), "--device", "cpu", "--layers", "0", "--tokens", "1", "--repeats", "1",
        ))
        if ended.code != 0:
            raise ended.failure()
        size = (self.options.work / self.options.shape / "model.safetensors").stat().st_size
        return f"{size / 1e6:.0f} MB of random weights, of the shape {self.options.shape}"

    def bench(self, work, lengths):
        """Times each length in a process of its own, so that one that fails takes no other with it."""
        medians, failures = [], []
        for length in lengths:
            try:
                layers = ("--layers", self.middle()) if work == "trace" else ()
                told = self.programs.json(self.ratilgpu(
                    "bench", *self.of_shape(), *self.on_device(), "--work", work, *layers, "--tokens", length,
                    "--repeats", self.options.repeats, "--profile", "--json", "-",
                ))
            except Failure as failure:
                failures.append(f"{length} tokens: {failure}")
                continue
            (row,) = told["rows"]
            self.found["rows"].append({**row, "work": work, "side": "ours"})
            medians.append(f"{length} tokens {row['seconds'] * 1e3:.2f} ms")
            self.write()
        if failures:
            raise Failure("; ".join(failures))
        return ", ".join(medians)

    def peer(self, dtype):
        ended = self.programs.lines(self.peer_command(
            self.options.work / self.options.shape, "--dtype", dtype, "--repeats", self.options.repeats,
            "--lengths", *self.options.lengths, "--decode", *self.options.decode, "--check", *self.goldens_of_peer(),
        ), checked=False)
        rows = [{**row, "work": work, "side": dtype} for work in ("decode", "full") for row in ended.told.get(work, [])]
        self.found["rows"] += rows
        if ended.code != 0:
            raise ended.failure()
        if not ended.told["check"][0]["passed"]:
            raise Failure("PyTorch does not agree with the references; log.txt has the differences")
        return ", ".join(f"{row['work']} {row['tokens']} tokens {row['seconds'] * 1e3:.2f} ms" for row in rows)

    def goldens_of_peer(self):
        """The references that the peer can be held to: it is Qwen2 alone."""
        return [path for path in self.goldens
                if json.loads((path / "config.json").read_text())["model_type"] == "qwen2"]

    def middle(self):
        config = json.loads((self.options.work / self.options.shape / "config.json").read_text())
        return config["num_hidden_layers"] // 2

    def on_device(self):
        return "--device", self.options.device

    def of_shape(self):
        return "--shape", self.options.shape, "--cache", self.options.work

    def ratilgpu(self, *arguments):
        return [self.options.work / "program" / "RatIlgpu.Cli", *arguments]

    def peer_command(self, *arguments):
        device = self.options.device if self.kind == "cuda" else "cpu"
        return [self.options.python, HERE / "peer.py", "--device", device, *arguments]

    def write(self):
        self.found["comparison"] = report.comparison(self.found)
        (self.options.out / "check.json").write_text(json.dumps(self.found, indent=1) + "\n")
        (self.options.out / "check.md").write_text(report.markdown(self.found))


def distance(ours, theirs, config, where):
    """Returns the largest difference between the scores of two traces as a share of its bound.

    The bound is that of docs/numerics.md for a score of a sound run against the reference.
    """
    if ours["ratilgpu"]["token_ids"] != theirs["ratilgpu"]["token_ids"]:
        raise Failure(f"{where}: other tokens than on cpu were written")
    length, layers = ours["metadata"]["seq_len"], config["num_hidden_layers"]
    bound = 4 * 14 * 2.0 ** -24 * layers * (math.sqrt(config["hidden_size"]) + math.sqrt(length))
    if len(ours["beams"]) != len(theirs["beams"]):
        raise Failure(f"{where}: {len(ours['beams'])} paths, and {len(theirs['beams'])} on cpu")
    largest = 0.0
    for one, other in zip(ours["beams"], theirs["beams"]):
        if one["positions"] != other["positions"]:
            raise Failure(f"{where}: the path {one['positions']}, and {other['positions']} on cpu")
        for score in ("score_raw", "score_norm"):
            share = abs(one[score] - other[score]) / (bound * max(1.0, abs(other[score])))
            # Said this way round, a score that is no number is too far, too.
            if not share <= 1:
                raise Failure(f"{where}: {score} {one[score]}, and {other[score]} on cpu, off by {share:.1f} bounds")
            largest = max(largest, share)
    return largest


def processor():
    """Returns the name of the processor, and how many cores this process may use."""
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(names)} cores"


def folder(text):
    """An empty name, as of a variable that is not set, would mean the folder one stands in."""
    if not text:
        raise argparse.ArgumentTypeError("expected a folder, such as output/check")
    return Path(text)


def parse_options():
    parser = argparse.ArgumentParser(
        prog="check.sh", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=folder, required=True, help="the folder for the report and the log")
    parser.add_argument("--quick", action="store_true", help="contract, goldens and traces only, in 90 s")
    parser.add_argument("--device", default="cuda", help="cuda[:n], or opencl or ilgpu-cpu in the place of a card")
    parser.add_argument("--archive", type=Path, default=ROOT / "artifacts" / "cuda-check.tar.xz",
                        help="what make.sh made")
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch")
    parser.add_argument("--shape", default="qwen2-0.5b", help="the shape of the timed model, one of `ratilgpu bench`")
    parser.add_argument("--lengths", type=int, nargs="+", default=[16, 256, 1024, 2048],
                        help="the prompts of traces and full passes")
    parser.add_argument("--decode", type=int, nargs="+", default=[16, 1024],
                        help="the prompts after which tokens are written")
    parser.add_argument("--repeats", type=int, default=10, help="how many runs are timed")
    parser.add_argument("--megabytes", type=int, default=1024, help="how much is copied to time memory")
    parser.add_argument("--slack", type=float, default=1, help="by what the budgets of the steps are multiplied")
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.device.split(":")[0] not in TESTS:
        parser.error(f"--device is {options.device}, expected cuda[:n], opencl[:n] or ilgpu-cpu")
    if min(options.repeats, options.megabytes, *options.lengths, *options.decode) < 1:
        parser.error("repeats, megabytes and lengths are at least 1")
    return options


def main():
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    options.out = options.out.resolve()
    # Raised where the script waits, so that the program it waits for is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = Check(options).run_all()
    print(f"{options.out / 'check.md'}: {'all' if passed else 'NOT all'} steps of correctness passed")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
