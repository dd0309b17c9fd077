#!/usr/bin/env python3
"""Takes a picture of a page as a reader sees it, light, at 1366 x 900: picture.py output/index.html docs/trace.png"""
import base64
import os
import sys
from pathlib import Path

from browser import Browser

READY = """
new Promise((done) => {
  const look = () => (document.documentElement?.dataset.ready ? done() : setTimeout(look, 20));
  look();
})
"""


def main(page, picture):
    with Browser(os.environ.get("CHROMIUM", "/usr/bin/chromium")) as browser:
        browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        browser.send("Page.navigate", url=Path(page).resolve().as_uri())
        browser.evaluate(READY)
        content = browser.send("Page.captureScreenshot", format="png", optimizeForSpeed=False)["data"]
    Path(picture).write_bytes(base64.b64decode(content))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
