#!/usr/bin/env python3
"""Opens the attention page of 14 heads beside CircuitsVis's rendering of the same patterns, in turns, and prints how
soon all heads are painted and how large the files are, as Markdown.

Usage: attention.py CIRCUITSVIS [TOKENS ...]

CIRCUITSVIS is CircuitsVis's bundle for browsers (python/circuitsvis/dist/cdn/iife.js of its repository). Patterns are
those of the demonstration model. PROGRAM names another build of the command, CHROMIUM another browser, RUNS the number
of times that each page is opened.
"""
import array
import itertools
import json
import os
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from browser import Browser
from measure import CHROMIUM, command, sentences

HEADS = [f"L{layer}H{head}" for layer in (1, 2) for head in range(7)]
RUNS = int(os.environ.get("RUNS", "3"))

# A head is painted when its canvas has a pixel. Both are asked every 50 ms, which costs both the same.
PAINTED = """
(() => {
  const painted = [...document.querySelectorAll('canvas')].filter(({ width, height }) => width > 1 && height > 1);
  return painted.length >= %d && painted.every((canvas) =>
    canvas.getContext('2d').getImageData(0, 0, 1, 1).data[3] > 0) ? performance.now() : 0;
})()
"""


def prompt_of(tokens):
    """Returns a prompt of so many tokens."""
    text = "".join(itertools.islice(sentences(), tokens // 8 + 1))
    return "".join(json.loads(command("tokenize", "--json", "-", text=text))["tokens"][:tokens])


def patterns_of(recording):
    """Reads the patterns of a recording: a list of rows for each head in HEADS."""
    data = recording.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    found = []
    for name in HEADS:
        layer, head = map(int, name[1:].split("H"))
        entry = header[f"layers.{layer}.pattern"]
        _, size, _ = entry["shape"]
        start = 8 + length + entry["data_offsets"][0] + 4 * head * size * size
        numbers = array.array("f", data[start:start + 4 * size * size])
        found.append([list(numbers[row * size:(row + 1) * size]) for row in range(size)])
    return found


def circuitsvis_page(bundle, tokens, patterns, path):
    """Writes the page as CircuitsVis's render_local does."""
    props = json.dumps({"tokens": tokens, "attention": patterns, "headLabels": HEADS})
    script = bundle.read_text(encoding="utf-8").replace("</script>", "")
    path.write_text(f"""<!doctype html><meta charset="utf-8"><div id="heads"></div>
<script type="module">
{script}
CircuitsVis.render("heads", CircuitsVis.AttentionPatterns, {props})
</script>""", encoding="utf-8")
    return len(json.dumps(patterns))


def open_page(page, canvases):
    """Returns the seconds from the navigation until so many canvases are painted."""
    with Browser(CHROMIUM) as browser:
        browser.send("Page.navigate", url=page.as_uri())
        while not (done := browser.evaluate(PAINTED % canvases)):
            time.sleep(.05)
        return done / 1000


def main():
    bundle = Path(sys.argv[1])
    print("| tokens | ours, first render | CircuitsVis | times faster | our file | patterns as JSON | times smaller |")
    print("|---|---|---|---|---|---|---|")
    for tokens in map(int, sys.argv[2:] or ["128", "256", "512"]):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prompt = prompt_of(tokens)
            command("attention", "--heads", ",".join(HEADS), "--output", str(folder), text=prompt)
            # An attribution by source needs the patterns, so its recording has them.
            command("attribute", "--unit", "head-by-source", "--position", "all", "--record",
                    str(folder / "run.safetensors"), text=prompt)
            ours, theirs = folder / "attention.html", folder / "circuitsvis.html"
            texts = json.loads(command("tokenize", "--json", "-", text=prompt))["tokens"]
            as_json = circuitsvis_page(bundle, texts, patterns_of(folder / "run.safetensors"), theirs)
            times = ([], [])
            # From 512 tokens on the peer takes many minutes; only the sizes are compared there.
            for _ in range(RUNS):
                times[0].append(open_page(ours, len(HEADS) + 1))
                if tokens <= 256:
                    times[1].append(open_page(theirs, len(HEADS) + 1))
            mine, size = statistics.median(times[0]), ours.stat().st_size
            other = statistics.median(times[1]) if times[1] else None
            peer = f"{other:.1f} s | {other / mine:.0f}" if other else "not opened |"
            print(f"| {tokens} | {mine:.2f} s | {peer} | {size:,} bytes | {as_json:,} bytes | {as_json / size:.1f} |",
                  flush=True)


if __name__ == "__main__":
    main()
