"""Runs programs until a point in time, and keeps all they write in a log."""
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field


class Failure(Exception):
    """A step did not do what it had to; the text says what and why."""


@dataclass
class Ended:
    """A program that ended, or was ended."""

    command: list
    code: int
    was_stopped: bool
    output: str
    errors: str
    told: dict = field(default_factory=dict)

    def how(self):
        return "stopped: its time was over" if self.was_stopped else f"exit code {self.code}"

    def failure(self):
        """Returns the failure of a program that should have ended well, with what it wrote first and last."""
        lines = [line.strip() for line in (self.errors.strip() or self.output.strip()).splitlines()]
        told = lines if len(lines) <= 6 else [*lines[:3], "...", *lines[-2:]]
        return Failure(f"{os.path.basename(self.command[0])}: {self.how()}: {' / '.join(told)}")


def shortened(text, most=20_000):
    """Returns a text without its middle where it is long, as whole traces are."""
    return text if len(text) <= most else f"{text[: most // 2]}\n[...]\n{text[-most // 2 :]}"


class Programs:
    """Runs programs until a point in time."""

    # .NET needs no library of the system for languages then, which a bare machine may not have; and neither it nor
    # the runner of the tests writes a notice into the home, which there may not be.
    ENVIRONMENT = {
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "TESTINGPLATFORM_TELEMETRY_OPTOUT": "1",
        "NO_COLOR": "1",
    }

    def __init__(self, log, folder):
        self.until = 0.0
        self.written = log
        self.folder = folder
        self.environment = {**os.environ, **self.ENVIRONMENT, "CUDA_CACHE_PATH": str(folder / "compiled")}
        self.written.write_text("")

    def log(self, text):
        with open(self.written, "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def run(self, command):
        """Runs a program to its end, or until the time is over; returns how it ended."""
        command = [str(part) for part in command]
        self.log("> " + " ".join(command))
        output, errors = self.folder / "output.txt", self.folder / "errors.txt"
        # Files, not pipes: what a stopped program wrote is not lost.
        with open(output, "wb") as to_output, open(errors, "wb") as to_errors:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=to_output, stderr=to_errors,
                    env=self.environment, start_new_session=True)
            except OSError as error:
                raise Failure(f"{command[0]}: {error.strerror}") from error
            was_stopped = False
            try:
                process.wait(max(0.1, self.until - time.monotonic()))
            except subprocess.TimeoutExpired:
                was_stopped = True
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (output, errors)]
        ended = Ended(command, process.returncode, was_stopped, *texts)
        self.log("\n".join(shortened(text) for text in texts) + ended.how())
        return ended

    def attempt(self, command):
        """Returns what a program wrote, in one line; None where it failed or is not there."""
        try:
            ended = self.run(command)
        except Failure:
            return None
        return " ".join(ended.output.split()) if ended.code == 0 else None

    def json(self, command):
        """Returns the JSON that a program wrote."""
        ended = self.run(command)
        if ended.code != 0:
            raise ended.failure()
        return json.loads(ended.output)

    def lines(self, command, checked=True):
        """Returns how a program ended that writes a JSON object a line, with the objects by their kind."""
        ended = self.run(command)
        for line in ended.output.splitlines():
            # The last line of a program that was stopped may not be whole.
            if line.startswith("{") and line.endswith("}"):
                told = json.loads(line)
                ended.told.setdefault(told["kind"], []).append(told)
        if checked and ended.code != 0:
            raise ended.failure()
        return ended
