"""Makes Markdown of what a check found."""

# The least ratio of the peer's time to ours, and the least share of the speed of memory, on a card, of this shape.
TARGET_SHAPE = "qwen2-0.5b"
RATIOS = {16: 1.5, 256: 2, 1024: 3}
SHARE = 0.6

# How many kernels of a run are shown.
KERNELS = 8

DTYPES = ("float32", "bfloat16")

# The works of `ratilgpu bench`, in words, and what PyTorch does for them: the whole model for a trace.
MEASURES = {
    "trace": ("trace at the middle layer", "full"),
    "full": ("all attentions and logits", "full"),
    "decode": ("a token after the prompt", "decode"),
}


def comparison(found):
    """Returns the lines of the table: ours beside PyTorch, in seconds, of decode for one token."""
    rows = {(row["work"], row["side"], row["tokens"]): row for row in found["rows"]}
    has_targets = found["is_card"] and found["shape"] == TARGET_SHAPE
    lines = []
    for work, (_, peers_work) in MEASURES.items():
        for tokens in sorted({tokens for one, _, tokens in rows if one == work}):
            row = rows.get((work, "ours", tokens))
            line = {"work": work, "tokens": tokens, "ours": seconds(row)}
            for dtype in DTYPES:
                peer = line[dtype] = seconds(rows.get((peers_work, dtype, tokens)))
                line[f"{dtype}_ratio"] = peer / line["ours"] if peer and row else None
            measured = line["float32_ratio"]
            if work == "decode":
                memory = found.get("memory_bytes_per_second")
                measured = row["weight_bytes_per_second"] / memory if row and memory else None
                line["share_of_memory_speed"] = measured
            least = {"trace": RATIOS.get(tokens), "decode": SHARE}.get(work) if has_targets else None
            line["target"], line["met"] = least, least and measured is not None and measured >= least
            lines.append(line)
    return lines


def markdown(found):
    """Returns the report of a check, also of one that is not over."""
    return "\n".join([*head(found), "", *table(found), "", *steps(found), "", *kernels(found)]).rstrip() + "\n"


def head(found):
    yield f"# {'The check on a card' if found['is_card'] else 'The check without a card'}"
    yield ""
    if not found["is_card"]:
        is_missing = found["device"].startswith("cuda")
        why = "No card was found" if is_missing else f"{found['device']} stood in the place of a card"
        yield f"**{why}: nothing here says anything about CUDA.**"
        yield ""
    yield f"* device: {found['device']}, {found.get('description', 'not found')}"
    if found.get("nvidia_smi"):
        yield f"* nvidia-smi (name, driver, memory, clocks): {found['nvidia_smi']}"
    yield f"* commit: {found.get('commit', 'not known')}"
    yield f"* PyTorch: {found.get('torch') or 'not found'}" + (
        f", CUDA {found['torch_cuda']}, on {found['torch_device']}" if found.get("torch_device") else "")
    yield f"* processor: {found.get('processor', 'not known')}; Python {found.get('python', 'not known')}"
    if "memory_bytes_per_second" in found:
        speed = found["memory_bytes_per_second"] / 1e9
        yield f"* speed of memory: {speed:.0f} GB/s, bytes read and written by a copy in PyTorch"
    if "passed" in found:
        yield f"* steps of correctness: {'all passed' if found['passed'] else '**NOT all passed**'}"
    else:
        yield "* **the check is not over**"


def table(found):
    lines = comparison(found)
    if not lines:
        return
    yield f"Shape {found['shape']}, random weights, medians. A ratio is the time of PyTorch by ours."
    yield ""
    yield "| | tokens | ours | PyTorch float32 | ratio | PyTorch bfloat16 | ratio | target | met |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for one in lines:
        target, met = one["target"], "" if one["target"] is None else "yes" if one["met"] else "**no**"
        cells = [MEASURES[one["work"]][0], one["tokens"], time(one["ours"])]
        for dtype in DTYPES:
            cells += [time(one[dtype]), number(one[f"{dtype}_ratio"], "{:.2f}")]
        if one["work"] != "decode":
            yield line(*cells, f"ratio at least {target}" if target else "", met)
            continue
        yield line(*cells, "", "")
        rates = [number(one[side] and 1 / one[side], "{:.0f}") for side in ("ours", *DTYPES)]
        yield line("tokens a second", one["tokens"], rates[0], rates[1], "", rates[2], "", "", "")
        share = number(one["share_of_memory_speed"], "{:.0%}")
        least = number(target, "at least {:.0%}")
        yield line("weights read, of the speed of memory", one["tokens"], share, "", "", "", "", least, met)


def seconds(row):
    """Returns the seconds of a run, or of one token where tokens are written; None where it was not measured."""
    return row["seconds"] / (row.get("new_tokens") or 1) if row else None


def steps(found):
    yield "| step | | time | |"
    yield "|---|---|---|---|"
    for step in found["steps"]:
        passed = "ok" if step["passed"] else "**failed**"
        yield line(step["name"], passed, f"{step['seconds']:.1f} s", step["detail"].replace("|", "\\|"))


def kernels(found):
    ours = [row for row in found["rows"] if row["side"] == "ours" and row.get("kernels")]
    if not ours:
        return
    yield "Times of kernels between events around their launches, of one more run; of a kernel shorter than its launch,"
    yield "the time of the launch."
    yield ""
    yield "| | tokens | kernel | launches | time | share |"
    yield "|---|---|---|---|---|---|"
    for row in ours:
        total = sum(one["seconds"] for one in row["kernels"])
        for one in row["kernels"][:KERNELS]:
            yield line(row["work"], row["tokens"], one["kernel"], one["launches"], time(one["seconds"]),
                       f"{one['seconds'] / total:.0%}" if total else "")


def line(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def time(seconds):
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def number(value, form):
    return "" if value is None else form.format(value)
