// @ts-check
// Diagrams of paths: ribbons, bars with labels, and moving between bars.

/**
 * @typedef {[anchor: string, x: number, top: number, room: number, short?: string]} Label
 * @typedef {[position: number, left: number, top: number, height: number, ...label: Label | []]} Bar
 * @typedef {[path: number, link: number, width: number, ...line: number[]]} Ribbon
 * @typedef {[position: number, top: number, height: number, ...label: Label]} Lane a position in all columns
 * @typedef {{ width: number, height: number, bars: Bar[], ribbons: Ribbon[], lanes?: Lane[], narrow?: number[],
 *   narrowWidth?: number, heads?: [x: number, text: string][] }} Layout whose bars are places: a
 *   position has one, or one in each column; `narrow` are places at which nothing moves, `heads` are above the columns
 * @typedef {{ barWidth: number, hues: number }} Drawing the values that all layouts of a page share
 */

const labelGap = 5;
const leastRibbon = 1.5;

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ position: number, box: Box, group: Element }} TokenNode whose position is its place
 * @typedef {{ kind: string, index: number }} Marked a token (n) at a position, a place of it (v), a link (e) or a path
 *   (p); -1 for none
 * @typedef {{ tokenAt?: (place: number) => number, placesOf?: (position: number) => number[] }} Places which position a
 *   place is of, and back; without them a position is its own place
 */

/**
 * Returns the name of the number that a link of a trace counts: attention, or a weight such as weight (info).
 * @param {{ measure?: string }} trace
 */
const measureOf = ({ measure = 'attention' }) => measure;

/** Returns the name as a heading. @param {{ measure?: string }} trace */
const measureTerm = (trace) => measureOf(trace).replace(/^./, (first) => first.toUpperCase());

/** Returns the name as that of a column of a file, such as weight_info. @param {{ measure?: string }} trace */
const measureColumn = (trace) => (measureOf(trace).match(/\w+/g) ?? []).join('_');

/**
 * @param {Ribbon} ribbon
 * @param {Drawing} drawing
 */
function makeRibbon([path, link, width, ...points], { hues }) {
  const d = curve(points);
  const marks = { d, 'data-edge': link, 'data-beam': path };
  const line = makeSvg('path', { ...marks, class: `ln hue-${path % hues}` });
  const cue = cueOf(path, hues, { d, 'data-beam': path });
  // A thin ribbon is hard to hit: a wider invisible one takes the pointer.
  const hold = makeSvg('path', { ...marks, class: 'hold' });
  return { line, hold, parts: [line, ...cue], path, link, width };
}

/**
 * Makes the line inside a ribbon that tells paths of one hue apart: hues repeat, first with a dashed line, then with
 * a dotted one.
 * @param {number} path
 * @param {number} hues
 * @param {Record<string, string | number>} line
 */
function cueOf(path, hues, line) {
  const round = Math.min(2, Math.floor(path / hues));
  return round === 0 ? [] : [makeSvg('path', { ...line, class: `cue cue-${round}` })];
}

/**
 * Returns the parts of ribbons in drawing order: the invisible ones are below all others.
 * @param {ReturnType<typeof makeRibbon>[]} ribbons
 */
const partsOf = (ribbons) =>
  [...ribbons.map(({ hold }) => hold), ...ribbons.flatMap(({ parts }) => parts)];

/**
 * Returns a smooth line through points, level at its ends and turning points.
 * @param {number[]} line x and y by turns
 */
function curve(line) {
  const slope = (/** @type {number} */ i) => (line[i + 3] - line[i + 1]) / (line[i + 2] - line[i]);
  const turn = (/** @type {number} */ i) => {
    if (i === 0 || i === line.length - 2) return 0;
    const [before, after] = [slope(i - 2), slope(i)];
    // The harmonic mean never overshoots (Fritsch and Butland, 1984).
    return before * after > 0 ? (2 * before * after) / (before + after) : 0;
  };
  let d = `M${line[0]} ${line[1]}`;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x, y, endX, endY] = line.slice(i, i + 4);
    const reach = (endX - x) * 0.45;
    const [out, into] = [y + turn(i) * reach, endY - turn(i + 2) * reach];
    d += `C${[x + reach, out, endX - reach, into, endX, endY].map((value) => +value.toFixed(1)).join(' ')}`;
  }
  return d;
}

/**
 * @param {Bar} bar
 * @param {{ text: string, about: string, isTarget: boolean, at?: number }} token `at` is its position, where that is
 *   not its place
 * @param {Drawing} drawing
 * @returns {TokenNode}
 */
function makeBar([position, x, y, height, ...place], { text, about, isTarget, at = position }, { barWidth }) {
  const box = { x, y: y - Math.max(0, 3 - height) / 2, width: barWidth, height: Math.max(3, height) };
  const group = makeSvg('g', {
    class: 'nd', role: 'button', 'data-node': position, tabindex: isTarget ? 0 : -1,
    'aria-label': `Token ${isolated(clip(text, 40))} at position ${at}, ${about}`,
  }, makeSvg('rect', { ...box, rx: 2 }));
  mark(group, 'data-target', isTarget);
  if (place.length > 0) group.append(makeLabel(/** @type {Label} */ (place), text, position));
  return { position, box, group };
}

/**
 * Returns how the bar of a place is drawn.
 * @param {Layout} layout
 * @param {number} place
 * @param {Drawing} drawing
 */
const barDrawing = ({ narrow, narrowWidth = 0 }, place, drawing) =>
  (narrow?.includes(place) ? { ...drawing, barWidth: narrowWidth } : drawing);

/**
 * @param {Label} place
 * @param {string} text
 * @param {number} position
 */
function makeLabel([anchor, x, top, room, short], text, position) {
  return makeSvg('text', { x, y: top + 12, 'text-anchor': anchor, 'data-room': room },
    makeSvg('tspan', { class: 'token' }, short ?? text),
    makeSvg('tspan', { class: 'at', dx: labelGap }, String(position)));
}

/**
 * Labels have room for most fonts; a label that is wider in this reader's font is squeezed. Behind each label is a
 * plate, on which it can be read whatever ribbons run below.
 * @param {any} diagram
 */
function fitLabels(diagram) {
  const labels = [...diagram.querySelectorAll('.nd text, .name text')].map((label) => {
    const [token, at] = label.children;
    const number = at.getComputedTextLength() + labelGap;
    const [wide, room] = [token.getComputedTextLength(), label.dataset.room - number];
    if (wide > room) filled(token, { textLength: room, lengthAdjust: 'spacingAndGlyphs' }, []);
    return { label, width: Math.min(wide, room) + number };
  });
  // Measured first, added then: otherwise the browser would lay out anew for each label.
  for (const { label, width } of labels) {
    const left = +label.getAttribute('x') - width * anchors[label.getAttribute('text-anchor')] - 3;
    const d = `M${left} ${label.getAttribute('y') - 12.5}h${width + 6}v16h${-width - 6}z`;
    label.before(makeSvg('path', { d, class: 'plate' }));
  }
}

/** The part of a label that is left of its anchor. @type {Record<string, number>} */
const anchors = { start: 0, middle: 0.5, end: 1 };

/**
 * Returns the paths through each position.
 * @param {{ at: number[] }[]} paths
 * @param {(place: number) => number} [tokenAt]
 */
function pathsByPosition(paths, tokenAt = (place) => place) {
  const visited = paths.map(({ at }) => new Set(at.map(tokenAt)));
  /** @type {Map<number, number[]>} */
  const through = new Map(visited.flatMap((positions) => [...positions].map((position) => [position, []])));
  visited.forEach((positions, path) => positions.forEach((position) => through.get(position)?.push(path)));
  return through;
}

/**
 * Returns the places of a mark: those of a link are its key and its query.
 * @param {Places & { links: { key: number, query: number }[] }} trace
 * @param {Marked} marked
 */
function positionsOf({ links, placesOf }, { kind, index }) {
  if (kind === 'n') return placesOf?.(index) ?? [index];
  if (kind === 'v') return [index];
  return kind === 'e' && index >= 0 ? [links[index].key, links[index].query] : [];
}

/**
 * Draws the lanes of a layout that has them: a line and a label for each position, and the heads of the columns.
 * @param {Element} flow
 * @param {Layout} layout
 * @param {Prompt} prompt
 */
function drawLanes(flow, { width, lanes = [], heads = [] }, prompt) {
  const lines = lanes.map(([, top, height]) =>
    makeSvg('path', { class: 'guide', d: `M0 ${top + height / 2}H${width}` }));
  const columns = heads.map(([x, text]) =>
    makeSvg('text', { class: 'column', x, y: 16, 'text-anchor': 'middle' }, text));
  flow.querySelector('.guides')?.replaceChildren(...lines, ...columns);
  flow.querySelector('.names')?.replaceChildren(...lanes.map(([position, , , ...label]) =>
    makeSvg('g', { class: 'name', 'data-i': position }, makeLabel(label, tokenText(prompt, position), position))));
}

/**
 * Keeps the labels of lanes in sight where a wide diagram is scrolled: the longest then begins at the edge.
 * @param {{ canvas: HTMLElement, flow: any, layout: () => Layout }} view
 */
function followLanes({ canvas, flow, layout }) {
  const place = () => {
    const starts = (layout().lanes ?? []).map(([, , , , x, , room]) => x - room);
    const free = starts.reduce((least, start) => Math.min(least, start), Infinity) - 6;
    const left = Math.max(0, canvas.scrollLeft / Number(flow.dataset.k || 1) - free);
    for (const name of flow.querySelectorAll('.name')) name.setAttribute('transform', `translate(${left} 0)`);
  };
  on(canvas, 'scroll', place);
  return place;
}

/**
 * Lights paths, and highlights the picked mark.
 * @param {{ nodes: TokenNode[], ribbons: { parts: Element[], path: number, link: number }[] }} diagram
 * @param {Places & { paths: { at: number[] }[], links: { key: number, query: number }[] }} trace
 * @param {Set<number> | null} lit the lit paths; null if all look the same
 * @param {Marked} marked
 */
function light({ nodes, ribbons }, trace, lit, marked) {
  const { kind, index } = marked;
  for (const { parts, path, link } of ribbons)
    for (const part of parts) {
      mark(part, 'data-state', lit && (lit.has(path) ? 'on' : 'dim'));
      mark(part, 'data-picked', kind === 'e' && index === link);
    }
  const reached = new Set([...(lit ?? [])].flatMap((path) => trace.paths[path].at));
  const picked = positionsOf(trace, marked);
  for (const { position, group } of nodes) {
    const on = picked.includes(position);
    mark(group, 'data-state', on ? 'on' : lit && (reached.has(position) ? 'vis' : 'dim'));
    press(group, on && kind !== 'e');
  }
}

/**
 * Outlines a mark in the diagram and in the text.
 * @param {{ nodes: TokenNode[], ribbons: { line: Element, path: number, link: number }[], tokens: Element[] }} shown
 * @param {Places & { links: { key: number, query: number }[] }} trace
 * @param {Marked} marked
 */
function outline({ nodes, ribbons, tokens }, trace, marked) {
  const { kind, index } = marked;
  const positions = positionsOf(trace, marked);
  const shown = new Set(kind === 'n' ? [index] : positions.map((place) => trace.tokenAt?.(place) ?? place));
  for (const { line, path, link } of ribbons)
    mark(line, 'data-over', kind === 'e' ? link === index : kind === 'p' && path === index);
  for (const { position, group } of nodes) mark(group, 'data-over', positions.includes(position));
  tokens.forEach((token, i) => mark(token, 'data-over', shown.has(i)));
}

/**
 * Returns the bar that an arrow key leads to: left and right the nearest in the next column, up and down the next in
 * the same column.
 * @param {TokenNode[]} nodes
 * @param {Element} from
 * @param {string} key
 */
function neighbour(nodes, from, key) {
  if (key === 'Home') return nodes[0].group;
  if (key === 'End') return nodes.at(-1)?.group;
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  const here = nodes.find((node) => node.group === from)?.box;
  if (!here || (right === 0 && down === 0)) return null;
  const away = nodes.map(({ box, group }) => {
    // Bars of a column have one middle, and can differ in width.
    const apart = box.x - here.x + (box.width - here.width) / 2;
    const columns = apart * right;
    const below = box.y - here.y;
    const ahead = right !== 0 ? columns > 1 : Math.abs(apart) < 1 && below * down > 0;
    return { group, distance: ahead ? columns * 1e4 + Math.abs(below + (box.height - here.height) / 2) : Infinity };
  });
  const nearest = away.reduce((a, b) => (b.distance < a.distance ? b : a));
  return nearest.distance < Infinity ? nearest.group : null;
}
