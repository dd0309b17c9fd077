"""The programs that are timed: their commands, what they are held to first, and what their results say."""
import json
import os
import sys
from pathlib import Path

from system import processor

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTORCH = HERE / "qwen2_eager.py"
LIBTORCH = ROOT / "artifacts/bin/LibtorchPeer/release_linux-x64/LibtorchPeer"
LLAMA = ROOT / "artifacts/bin/LlamaPeer/release/LlamaPeer"
GOLDEN = ROOT / "tests/golden"
MADE = ROOT / "artifacts/peers"

# With it MKL looks at what the processor can do instead of who made it; libtorch/prepare.sh makes it.
ANY_CPU = MADE / "libmkl-any-cpu.so"

# What is held to the references before anything is timed, and how many tokens llama.cpp is checked with.
FAMILY = "qwen2"
CHECKED_TOKENS = 64
DECODE_REPEATS = 5


class Programs:
    """Knows how to call every program, with the same prompt, threads and checkpoint."""

    def __init__(self, options, runner):
        self.options = options
        self.runner = runner
        self.folder = options.cache / options.shape
        self.gguf = MADE / f"{options.shape}-F16.gguf"
        self.layers = 0
        self.about = {}

        # Whether the earlier build wants the file of --json named, as later ones do.
        self.takes_file = True

    def prepare(self, jobs):
        """Holds the programs of some jobs to the references, makes the checkpoint and warms its file; returns whether
        all went well."""
        folders = references()
        steps = [
            [self.options.program, "verify", *folders, "--device", "cpu"],
            self.bench(self.options.program, 1, "--layers", 0),
        ]
        if jobs & {"float32", "bfloat16"}:
            steps.append([self.options.python, PYTORCH, "--check", *folders])
        if any(self.runner.run(step) is None for step in steps):
            return False
        self.layers = json.loads((self.folder / "config.json").read_text())["num_hidden_layers"]
        for path in self.folder.glob("*.safetensors"):
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass
        self.about["version"] = (self.runner.run([self.options.program, "--version"]) or "").strip()
        if self.options.against:
            self.about["earlier"] = (self.runner.run([self.options.against, "--version"]) or "").strip()
            self.takes_file = "--json FILE" in (self.runner.run([self.options.against, "bench", "--help"]) or "")
        if not jobs & {"llama.cpp last", "llama.cpp decode"}:
            return True
        MADE.mkdir(parents=True, exist_ok=True)
        return self.runner.run([LLAMA, "--check", self.folder, self.gguf, *self.prompt(CHECKED_TOKENS)]) is not None

    def libtorch_fault(self):
        """Returns in one line why libtorch does not run, or None where it runs and agrees with the references."""
        if not LIBTORCH.exists():
            return f"{LIBTORCH.relative_to(ROOT)} is not there; benchmarks/peers/libtorch/prepare.sh makes it"
        done = self.runner.start([LIBTORCH, "--check", *references()], preloaded() | {"MKL_VERBOSE": "1"})
        if isinstance(done, OSError):
            return str(done)
        if done.returncode != 0:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
            return lines[-1] if lines else f"it ended with exit code {done.returncode}"
        verbose = [line for line in done.stdout.splitlines() if line.startswith("MKL_VERBOSE oneMKL")]
        self.about["mkl"] = verbose[0].partition(" ")[2] if verbose else "no MKL"
        return None

    def result(self, length, job):
        """Runs a job and returns its measurements, or None where it failed."""
        repeats = ("--repeats", self.repeats(length, job))
        if job in ("float32", "bfloat16"):
            command = [self.options.python, PYTORCH, self.folder, "--tokens", length, "--dtype", job, *repeats]
            return self.runner.measure(command, dict)
        peer, _, work = job.rpartition(" ")
        if peer == "libtorch":
            command = [LIBTORCH, self.folder, "--work", work, *self.prompt(length), *repeats]
            return self.runner.measure(command, dict, preloaded())
        if peer == "llama.cpp":
            command = [LLAMA, self.folder, self.gguf, "--work", work, *self.prompt(length), *repeats]
            return self.runner.measure(command, dict)
        program = self.options.against if peer == "earlier" else self.options.program
        return self.runner.measure(self.bench(program, length, *self.work(work), *repeats), read_bench)

    def work(self, job):
        layer = {"middle": self.layers // 2, "last": self.layers - 1}.get(job)
        return ("--layers", layer) if layer is not None else ("--work", {"logits": "last"}.get(job, job))

    def bench(self, program, length, *more):
        options = self.options
        json_option = ("--json", "-") if self.takes_file or program != options.against else ("--json",)
        return [
            program, "bench", *json_option, "--device", "cpu", "--shape", options.shape, "--cache", options.cache,
            *self.prompt(length), *more,
        ]

    def prompt(self, length):
        return ("--tokens", length, "--threads", self.options.threads)

    def repeats(self, length, job):
        most = DECODE_REPEATS if job.endswith("decode") else 40
        return self.options.repeats or max(3, min(most, 2048 // length))


def references():
    """Returns the folders of the model that the peers are written for."""
    folders = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
    return [path for path in folders if json.loads((path / "config.json").read_text())["model_type"] == FAMILY]


def preloaded():
    """Returns what libtorch needs to run MKL's best kernels on this processor."""
    foreign = processor().get("vendor_id") != "GenuineIntel"
    return {"LD_PRELOAD": str(ANY_CPU)} if foreign and ANY_CPU.exists() else {}


def read_bench(document):
    """Returns the one row of a bench, with what stands above it."""
    (row,) = document["rows"]
    return {
        **row,
        "first_run_seconds": document.get("first_run_seconds"),
        "description": document["description"],
        "fma_peak": document["fma_peak"],
    }


def usual_options():
    """Returns where things are unless the options say otherwise: the cache, our program, a Python, the cores."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ratilgpu"
    program = ROOT / "artifacts/bin/RatIlgpu.Cli/release/RatIlgpu.Cli"
    return cache, program, sys.executable, len(os.sched_getaffinity(0))
