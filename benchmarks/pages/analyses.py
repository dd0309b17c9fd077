#!/usr/bin/env python3
"""Makes the pages of attention, attribution, explanations, lens and patches, opens them in Chromium in turns, and
prints their bytes, the first paint, the time until ready, and how soon the attention page follows the pointer, as
Markdown.

FOLDER, which can be left out, is a checkpoint of the 0.5B shape with a tokenizer, for the pages of many heads:
`ratilgpu bench` makes one of random weights, to which the tokenizer of any Qwen2 checkpoint is copied. PROGRAM names
another build of the command, CHROMIUM another browser.
"""
import argparse
import itertools
import json
import random
import statistics
import tempfile
from pathlib import Path

from browser import Browser
from measure import CHROMIUM, command, open_page, parts, sentences

CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPTED = "When Mary and John went to the store, Mary gave a drink to"
FOURTEEN = ",".join(f"L{layer}H{head}" for layer in (1, 2) for head in range(7))
METRIC = ["--answer", " Mary", "--foil", " John"]

# The time from a movement of the pointer until the next frame after the page has followed it.
FOLLOW = """
new Promise((done) => {
  const root = document.documentElement, before = root.dataset.head;
  const heads = [...document.querySelectorAll('.hd')];
  const other = heads.find((head) => head.dataset.head !== before && !head.dataset.visited) ?? heads[0];
  other.dataset.visited = '1';
  const start = performance.now();
  other.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
  const look = () => (root.dataset.head === other.dataset.head
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)))
    : setTimeout(look, 1));
  look();
})
"""


def tokens_of(count):
    """Returns a text of so many tokens of the demonstration model."""
    text = "".join(itertools.islice(sentences(), count // 8 + 1))
    return "".join(json.loads(command("tokenize", "--json", "-", text=text))["tokens"][:count])


def ids_of(count):
    """Returns random ids of the 0.5B shape, the same ones every time."""
    chance = random.Random(1)
    return ",".join(str(chance.randrange(1_000, 150_000)) for _ in range(count))


def jobs(folder):
    """Yields the name of each page, the arguments that make it, its text, and the name of its file."""
    for count in (44, 512, 2_048):
        yield f"attention, 14 heads × {count:,}", ["attention", "--heads", FOURTEEN], tokens_of(count), "attention"
    yield "attention, lines, 8 heads × 512", ["attention", "--mode", "lines", "--layers", "3"], tokens_of(512), "attention"
    if folder:
        yield ("attention, 14 heads × 2,048, random weights",
               ["attention", "--model", folder, "--layers", "12", "--ids", ids_of(2_048)], "", "attention")
        yield ("attention, 336 heads × 512, random weights",
               ["attention", "--model", folder, "--ids", ids_of(512)], "", "attention")
    yield "attribution, heads × 14", ["attribute", "--unit", "head", *METRIC], CLEAN, "attribution"
    yield "explanation, 29 × 29 parts × 3 keys", ["explain", "--head", "L3H3"], CLEAN, "explanation"
    yield "lens, 9 states × 14", ["lens", "--position", "all", "--answer", " Mary"], CLEAN, "lens"
    yield "lens, 9 states × 512", ["lens", "--position", "all"], tokens_of(512), "lens"
    yield ("patch, all paths of 32 heads", ["patch", "--source", "all", *METRIC, "--corrupted", CORRUPTED], CLEAN, "patch")


def hovers(page):
    """Returns the milliseconds from pointing at a head until it is painted, of 12 heads."""
    with Browser(CHROMIUM) as browser:
        browser.send("Page.navigate", url=page.as_uri())
        browser.evaluate("new Promise((done) => { const look = () => document.documentElement?.dataset.ready "
                         "? done() : setTimeout(look, 20); look(); })")
        return [browser.evaluate(FOLLOW) for _ in range(12)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--runs", type=int, default=5, help="browsers started for each page (default: 5)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        pages = {}
        for number, (title, arguments, text, file) in enumerate(jobs(asked.folder)):
            output = Path(name) / str(number)
            command(*arguments, "--output", str(output), text=text)
            pages[title] = output / f"{file}.html"
        times = {title: [] for title in pages}
        for _ in range(asked.runs):
            for title, page in pages.items():
                times[title].append(open_page(page))
        print("| page | bytes | of these script | style | first paint with content | ready | head hover to painted |")
        print("|---|---|---|---|---|---|---|")
        for title, page in pages.items():
            script, style = parts(page)
            paint, ready = (statistics.median(column) for column in zip(*times[title]))
            hover = "" if page.stem != "attention" or "lines" in title else f"{statistics.median(hovers(page)):.0f} ms"
            print(f"| {title} | {page.stat().st_size:,} | {script:,} | {style:,} | {paint:.0f} ms | {ready:.0f} ms "
                  f"| {hover} |", flush=True)


if __name__ == "__main__":
    main()
