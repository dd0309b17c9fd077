#!/usr/bin/env python3
"""Makes trace pages of several lengths, and prints their bytes and how soon a browser shows them, as Markdown.

Every measurement is a browser of its own, without a cache; the pages take turns. PROGRAM names another build of the
command, CHROMIUM another browser.
"""
import argparse
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("PROGRAM", str(ROOT / "artifacts/bin/RatIlgpu.Cli/release/RatIlgpu.Cli"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

# By number of tokens: paths asked for, bytes, milliseconds to the first paint with content, milliseconds until ready.
PAGES = {44: (5, 60_000, None, None), 2_048: (20, 150_000, 500, None), 8_192: (20, 300_000, None, 800)}

# Runs before the page: notes when the page says that it is ready.
WATCH = """
new MutationObserver(() => {
  if (document.documentElement?.dataset.ready) window.readyAt ??= performance.now();
}).observe(document, { subtree: true, attributeFilter: ['data-ready'] });
"""
TIMES = """
new Promise((done) => {
  const look = () => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    if (paint && window.readyAt) done([paint.startTime, window.readyAt]);
    else setTimeout(look, 20);
  };
  look();
})
"""


def sentences():
    """Yields sentences of the kind the demonstration model knows, the same ones every time."""
    chance = random.Random(1)
    names = "Mary John Tom Anna Kate James Paul Lucy".split()
    places = "store park school office house garden station".split()
    things = "drink book ball ring snack bone computer".split()
    while True:
        one, other = chance.sample(names, 2)
        yield (f"When {one} and {other} went to the {chance.choice(places)}, {other} gave a "
               f"{chance.choice(things)} to {one}. ")


def command(*arguments, text):
    run = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, check=True)
    return run.stdout


def make_page(tokens, paths, folder):
    """Traces a prompt of so many tokens, and returns the page and the number of tokens that came of it."""
    text = "".join(itertools.islice(sentences(), tokens // 8 + 1))
    prompt = "".join(json.loads(command("tokenize", "--json", "-", text=text))["tokens"][:tokens])
    command("trace", "--top-beam", str(paths), "--output", str(folder), text=prompt)
    trace = json.loads((folder / "trace.json").read_text(encoding="utf-8"))
    return folder / "index.html", trace["metadata"]["seq_len"]


def open_page(page):
    """Returns the milliseconds from navigation to the first paint with content, and until ready."""
    with Browser(CHROMIUM) as browser:
        browser.send("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        browser.send("Page.navigate", url=page.as_uri())
        return browser.evaluate(TIMES)


def cell(value, most, unit):
    if most is None:
        return f"{value:,.0f} {unit}"
    return f"{value:,.0f} {unit} (at most {most:,}{'' if value <= most else ', **missed**'})"


def parts(page):
    """Returns the bytes of script and of style in a page."""
    html = page.read_text(encoding="utf-8")
    script = re.search(r'<script type="module">(.*?)</script>', html, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    return [len(part.group(1).encode()) for part in (script, style)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="browsers started for each page (default: 9)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        pages = {}
        for tokens, (paths, *_) in PAGES.items():
            print(f"tracing {tokens:,} tokens ...", file=sys.stderr)
            pages[tokens] = make_page(tokens, paths, Path(folder) / str(tokens))
        times = {tokens: [] for tokens in pages}
        for run in range(runs):
            print(f"round {run + 1} of {runs} ...", file=sys.stderr)
            for tokens, (page, _) in pages.items():
                times[tokens].append(open_page(page))
        print("| tokens | paths | page | first paint with content | ready | slowest ready |")
        print("|---|---|---|---|---|---|")
        for tokens, (page, count) in pages.items():
            paths, most_bytes, most_paint, most_ready = PAGES[tokens]
            paint, ready = (statistics.median(column) for column in zip(*times[tokens]))
            print(f"| {count:,} | {paths} | {cell(page.stat().st_size, most_bytes, 'bytes')} "
                  f"| {cell(paint, most_paint, 'ms')} | {cell(ready, most_ready, 'ms')} "
                  f"| {max(time for _, time in times[tokens]):,.0f} ms |")
        script, style = parts(pages[44][0])
        print(f"\nScript {cell(script, 40_000, 'bytes')}, style {cell(style, 16_000, 'bytes')}.")


if __name__ == "__main__":
    main()
