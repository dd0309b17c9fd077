"""The rows of the table and their targets."""
from dataclasses import dataclass, field, replace

# The shape of the model that targets are for; other shapes are shown without.
TARGET_SHAPE = "qwen2-0.5b"

# What is run, in the order of a round: ours and the peers by turns, so that a ratio is of neighbours in time.
TURNS = (
    "middle", "earlier middle", "float32", "libtorch eager", "full", "earlier full", "last", "earlier last",
    "bfloat16", "libtorch last", "logits", "llama.cpp last", "decode", "llama.cpp decode",
)
PEERS = {
    "float32": "PyTorch float32",
    "bfloat16": "PyTorch bfloat16",
    "libtorch eager": "libtorch float32",
    "libtorch last": "libtorch float32, SDPA",
    "llama.cpp last": "llama.cpp F16",
    "llama.cpp decode": "llama.cpp F16",
    "earlier middle": "earlier build",
    "earlier last": "earlier build",
    "earlier full": "earlier build",
}


@dataclass(frozen=True)
class Row:
    """Rows of the table, one a length: a measure of ours beside the same of a peer, and what it should be."""

    text: str
    ours: str
    peer: str
    measure: str

    # The targets, by the length of the prompt: the least ratio of the peer's to ours, or the most that ours may be.
    least_ratio: dict = field(default_factory=dict)
    most: dict = field(default_factory=dict)

    # The lengths without a target; with one on some kinds of processor, the least ratio by the kind.
    lengths: tuple = ()
    least_by_processor: dict = field(default_factory=dict)

    def usual_lengths(self):
        return sorted({*self.least_ratio, *self.most, *self.lengths})

    def least(self, length, kind):
        if length in self.lengths:
            return self.least_by_processor.get(kind)
        return self.least_ratio.get(length)


def earlier(text, job):
    """Returns the row of a work beside an earlier build. The one that the targets are for is commit 3302280, which used
    half of the vector width of some Intel processors."""
    least = {"Intel Skylake or Cascade Lake": 2.7, "AMD Zen 4 or 5": 0.98}
    return Row(text, job, f"earlier {job}", "seconds", lengths=(64, 256, 1024), least_by_processor=least)


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
    "libtorch": [
        Row("all attentions and logits", "full", "libtorch eager", "seconds",
            {16: 2.3, 64: 1.6, 256: 1.15, 1024: 1.35}),
        Row("trace at the middle layer", "middle", "libtorch eager", "seconds", {16: 6, 64: 4, 256: 3, 1024: 4}),
        Row("logits of the last position", "logits", "libtorch last", "seconds", lengths=(64, 256, 1024)),
    ],
    "llamacpp": [
        Row("logits of the last position", "logits", "llama.cpp last", "seconds", {64: 2.2, 256: 2.2, 1024: 2.2}),
        Row("32 tokens after a prompt", "decode", "llama.cpp decode", "tokens_per_second", {16: 1.2}),
    ],
    "earlier": [
        earlier("trace at the middle layer", "middle"),
        earlier("trace at the last layer", "last"),
        earlier("all attentions and logits", "full"),
    ],
}


def without_libtorch(rows):
    """Returns the rows with Debian's PyTorch for libtorch; a row that is then there twice, or has no such peer, is left
    out."""
    others = [row for row in rows if not row.peer.startswith("libtorch")]
    known = {(row.ours, row.peer, row.measure) for row in others}
    for row in rows:
        if row.peer == "libtorch eager" and (row.ours, "float32", row.measure) not in known:
            others.append(replace(row, peer="float32", least_ratio={}, lengths=tuple(row.least_ratio)))
    return others
