#!/usr/bin/env bash
# d3-sankey 0.12.3 (npm), needs Node 18 and a package registry.
# A layout with a padding of 20 between nodes is expected to keep bars and ribbons visible, or to say that they do not fit. Seen: a
# column whose paddings fill the height (26 nodes in 500 pixels) takes it all for padding, so that every bar of the diagram has the
# height 0 and every ribbon the width 0, without an error; with one node less, the bars of a column share 20 pixels. A diagram
# of one node, or of a link of the value 0, has no place at all: its coordinates are NaN.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts d3-sankey@0.12.3 >/dev/null
echo "node $(node --version), d3-sankey $(node -p 'require("./node_modules/d3-sankey/package.json").version')"
cat >show.mjs <<'SCRIPT'
import { sankey } from "d3-sankey";
// One target, and so many sources in the column beside it.
function layOut(sources, value = 1) {
  const nodes = Array.from({ length: sources + 1 }, (_, i) => ({ name: i }));
  const links = Array.from({ length: sources }, (_, i) => ({ source: i, target: sources, value }));
  return sankey().nodeWidth(20).nodePadding(20).extent([[0, 0], [800, 500]])({ nodes, links });
}
const heights = ({ nodes, links }) => [
  Math.max(...nodes.map(({ y0, y1 }) => Math.round(y1 - y0))), Math.max(0, ...links.map(({ width }) => Math.round(width)))];
console.log("25:", ...heights(layOut(25)), "26:", ...heights(layOut(26)), "one node:", ...heights(layOut(0)),
  "value 0:", ...heights(layOut(1, 0)));
SCRIPT
found=$(node show.mjs)
echo "largest bar and ribbon, of sources in a column: $found"
if [ "$found" != "25: 20 1 26: 0 0 one node: NaN 0 value 0: NaN NaN" ]; then
    echo "The behaviour has changed."
    exit 1
fi
