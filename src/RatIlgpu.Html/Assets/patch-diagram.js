// @ts-check
// The diagram of the strongest direct paths, which only pages of paths have. The page has the places of the heads, and
// the curves that may be drawn.

const flow = byId('flow');
const curves = new Map(diagram?.curves ?? []);
const ends = groupSize(destinations);
/** @type {SVGGElement[]} */
let nodes = [];

if (diagram) {
  const { width, height, nodeWidth, nodeHeight } = diagram;
  filled(flow, { viewBox: `0 0 ${width} ${height}`, width, height }, []);
  nodes = diagram.nodes.map(([name, x, y], i) => /** @type {SVGGElement} */ (makeSvg('g', {
    class: 'nd', 'data-node': i, role: 'button', tabindex: i === 0 ? 0 : -1, 'aria-label': name,
  }, makeSvg('rect', { x, y, width: nodeWidth, height: nodeHeight, rx: 4 }),
  makeSvg('text', { x: x + nodeWidth / 2, y: y + nodeHeight / 2 + 4, 'text-anchor': 'middle' }, name))));
  flow.querySelector('.nodes').append(...nodes);
  const layers = new Map(diagram.nodes.map(([name, x]) => [x, name.split('H')[0]]));
  flow.querySelector('.columns').append(...[...layers].map(([x, layer]) => makeSvg('text', {
    x: x + nodeWidth / 2, y: 20, 'text-anchor': 'middle',
  }, 'Layer ' + layer.slice(1))));
  rove(flow, '.nd', (from, key) => nodes[nextNode(Number(from.dataset.node), key)] ?? null);
}

/**
 * Returns the node in a direction: the next one of its layer, or the nearest of the next layer.
 * @param {number} from
 * @param {string} key
 */
function nextNode(from, key) {
  const [, x, y] = diagram?.nodes[from] ?? ['', 0, 0];
  const [dx, dy] = /** @type {Record<string, number[]>} */ ({
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  })[key] ?? [0, 0];
  if (dx === 0 && dy === 0) return -1;
  let [best, least] = [from, Infinity];
  diagram?.nodes.forEach(([, left, top], i) => {
    const [right, down] = [(left - x) * dx, (top - y) * dy];
    const isThere = dx ? right > 0 : left === x && down > 0;
    const distance = dx ? right * 1000 + Math.abs(top - y) : down;
    if (isThere && distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** @param {number} index of a path */
const endsOf = (index) => ({ source: Math.floor(index / ends), destination: index % ends });

/** The paths that may be drawn, the strongest first. @type {Map<string, number[]>} */
const ordered = new Map();

function orderedNow() {
  const known = ordered.get(state.pair);
  if (known) return known;
  const { effect } = shownNow().numbers;
  const made = [...curves.keys()].filter((index) => !Number.isNaN(effect[index]))
    .sort((a, b) => Math.abs(effect[b]) - Math.abs(effect[a]) || a - b);
  ordered.set(state.pair, made);
  return made;
}

function drawDiagram() {
  if (!diagram) return;
  const places = kept();
  const [source, destination] = [groupIndex(sources, places), groupIndex(destinations, places)];
  const isKept = source >= 0 || destination >= 0;
  const all = orderedNow();
  const count = Number(state.edges);
  const own = isKept ? all.filter((index) => (source < 0 || endsOf(index).source === source)
    && (destination < 0 || endsOf(index).destination === destination)).slice(0, count) : [];
  const behind = all.slice(0, count).filter((index) => !own.includes(index));
  const shown = [...own, ...behind];
  const { numbers: { effect }, most } = shownNow();
  const width = (/** @type {number} */ index) => diagram.least
    + (diagram.most - diagram.least) * Math.min(1, Math.abs(effect[index]) / (most.effect || 1));
  // The strongest lie on top.
  flow.querySelector('.links').replaceChildren(...shown.toReversed().flatMap((index) => {
    const shared = { d: curves.get(index) ?? '', 'data-edge': index };
    return [makeSvg('path', { ...shared, class: 'hold' }), filled(makeSvg('path', {
      ...shared, class: 'ln', 'stroke-width': width(index).toFixed(2),
      'data-sign': effect[index] < 0 ? 'minus' : 'plus',
    }), isKept ? { 'data-state': own.includes(index) ? 'on' : 'dim' } : {}, [])];
  }));
  lightNodes(source, destination, isKept ? own : shown, isKept);
}

/**
 * @param {number} source
 * @param {number} destination
 * @param {number[]} paths that are lit
 * @param {boolean} isKept
 */
function lightNodes(source, destination, paths, isKept) {
  const [from, to] = [new Set(paths.map((index) => endsOf(index).source)),
    new Set(paths.map((index) => endsOf(index).destination))];
  diagram?.nodes.forEach(([, , , asSource, asDestination], i) => {
    const isPicked = (source >= 0 && asSource === source) || (destination >= 0 && asDestination === destination);
    const isLit = isPicked || from.has(asSource) || to.has(asDestination);
    mark(nodes[i], 'data-state', isPicked ? 'on' : isLit ? 'vis' : isKept ? 'dim' : 'idle');
    press(nodes[i], isPicked);
  });
}

/**
 * Keeps a head: as the destination of the kept source where a path leads to it, else as a source, else as a
 * destination.
 * @param {number} node
 */
function pickNode(node) {
  const [, , , source, destination] = diagram?.nodes[node] ?? ['', 0, 0, -1, -1];
  const places = kept();
  const from = groupIndex(sources, places);
  const isEnd = destination >= 0 && (source < 0
    || (from >= 0 && source !== from && isThere(from * ends + destination)));
  const [some, index] = isEnd ? [destinations, destination] : [sources, source];
  const picked = isEnd ? places : places.map((place, axis) => (destinations.includes(axis) ? -1 : place));
  if (!isEnd && groupIndex(destinations, places) >= 0) state.sel = nameOfPlaces(picked);
  for (const [axis, place] of groupPlaces(some, index)) picked[axis] = place;
  toggle(some, picked);
}

/** Outlines the path under the pointer, and the heads at its ends. */
function outlineDiagram() {
  const index = patchOver();
  for (const line of flow?.querySelectorAll('.ln') ?? []) mark(line, 'data-over', line.dataset.edge === String(index));
  diagram?.nodes.forEach(([, , , source, destination], i) => mark(nodes[i], 'data-over', state.over === 'n' + i
    || (index !== null && (source === endsOf(index).source || destination === endsOf(index).destination))));
}
