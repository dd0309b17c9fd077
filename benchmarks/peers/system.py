"""The machine: its processor, the environment that is fair to every program, and the running of programs."""
import json
import os
import subprocess
import sys
from pathlib import Path

AVX512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl"}


class Runner:
    """Runs programs, says so as it goes, and keeps what those wrote that failed."""

    def __init__(self, environment):
        self.environment = environment
        self.faults = {}

    def run(self, command, also=None):
        """Returns what a program wrote to its output, or None where it failed; also adds to the environment."""
        done = self.start(command, also)
        if isinstance(done, OSError):
            return self.fail(command, str(done))
        if done.returncode != 0:
            return self.fail(command, f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, command, also=None):
        """Returns a finished process, or the error that kept it from starting."""
        command = [str(part) for part in command]
        print("> " + " ".join(command), file=sys.stderr, flush=True)
        try:
            return subprocess.run(
                command, env=self.environment | (also or {}), capture_output=True, text=True, check=False)
        except OSError as error:
            return error

    def measure(self, command, read, also=None):
        """Returns what read makes of a program's JSON, or None where it failed."""
        output = self.run(command, also)
        try:
            return output and read(json.loads(output))
        except (ValueError, LookupError) as error:
            return self.fail(command, f"this is not the expected JSON, {error!r}\n{output}")

    def fail(self, command, text):
        print(text, file=sys.stderr, flush=True)
        # Of a program that fails in every round the last failure.
        self.faults[" ".join(map(str, command))] = text.strip()

    def failures(self):
        """Returns what failed, as Markdown."""
        return [f"\nFailed: `{command}`\n\n```\n{text}\n```" for command, text in self.faults.items()]


def fair_environment(threads, wait):
    """Returns the environment that is best for the peers; README.md says why."""
    environment = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    if has_avx512():
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    environment["OMP_WAIT_POLICY"] = wait
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    return environment


def processor():
    """Returns what the system says of a processor; nothing where it is not Linux."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def processor_name():
    found = processor()
    name = found.get("model name", "an unknown processor")
    return f"{name} (family {found.get('cpu family', '?')}, model {found.get('model', '?')})"


def has_avx512():
    return AVX512 <= set(processor().get("flags", "").split())


def processor_kind():
    """Returns the kind of processor that a target is for, one of those of rows.py; None for any other."""
    found = processor()
    if not has_avx512():
        return None
    # The model of the Skylake and Cascade Lake servers, for which .NET prefers 256 bits.
    if (found.get("vendor_id"), found.get("cpu family"), found.get("model")) == ("GenuineIntel", "6", "85"):
        return "Intel Skylake or Cascade Lake"
    return "AMD Zen 4 or 5" if found.get("vendor_id") == "AuthenticAMD" else None
