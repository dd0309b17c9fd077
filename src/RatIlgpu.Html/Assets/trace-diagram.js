// @ts-check
// The diagram: bars for tokens, one ribbon per path and step, and labels that keep out of each other's way.

const flow = byId('flow');
const barWidth = 10;
const labelGap = 5;
const leastRibbon = 1.5;
const hues = 7;

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ position: number, box: Box, group: Element, label: any, token: Element, ends: string }} TokenNode */

/** @type {TokenNode[]} */
let nodes = [];
/** @type {{ line: Element, cue: Element | null, path: number, link: number, width: number }[]} */
let ribbons = [];
let drawnAs = '';
let strongest = 0;

const layout = () => data.layouts[state.cols];
const wantedAs = () => data.layer + state.cols;

function drawDiagram() {
  if (drawnAs === wantedAs()) return;
  drawnAs = wantedAs();
  strongest = Math.max(...data.links.map((link) => link.attention), Number.MIN_VALUE);
  flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
  ribbons = layout().ribbons.map(makeRibbon);
  byId('links').replaceChildren(...ribbons.flatMap(({ line, cue }) => (cue ? [line, cue] : [line])));
  nodes = layout().bars.map(makeNode);
  byId('nodes').replaceChildren(...nodes.map((node) => node.group));
  placeLabels();
}

/** @param {Ribbon} ribbon */
function makeRibbon([path, link, width, ...line]) {
  const d = curve(line);
  const marks = { d, 'data-edge': link, 'data-beam': path };
  // Hues repeat after the last: from there on a line within the ribbon tells paths apart, dashed and then dotted.
  const round = Math.min(2, Math.floor(path / hues));
  return {
    line: makeSvg('path', { ...marks, class: `ln hue-${path % hues}` }),
    cue: round === 0 ? null : makeSvg('path', { d, class: `cue cue-${round}`, 'data-beam': path }),
    path, link, width,
  };
}

/**
 * A smooth line through points, level at both ends and where it turns back.
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
 * @returns {TokenNode}
 */
function makeNode([position, x, y, height]) {
  const through = pathsAt.get(position) ?? [];
  const about = `Token ${clip(tokenAt(position), 40)} at position ${position}, ${through.length} `
    + `${through.length === 1 ? 'path' : 'paths'}, share ${percent(shareAt(position))}`;
  const token = makeSvg('tspan', { class: 'token' });
  const label = makeSvg('text', {}, token, makeSvg('tspan', { class: 'at', dx: labelGap }, String(position)));
  const box = { x, y: y - Math.max(0, 3 - height) / 2, width: barWidth, height: Math.max(3, height) };
  const group = makeSvg('g', {
    class: 'nd', role: 'button', 'data-node': position, 'aria-label': about,
    tabindex: position === data.target ? 0 : -1,
  }, makeSvg('rect', { ...box, rx: 2 }), label);
  mark(group, 'data-target', position === data.target);
  const first = through.every((path) => data.paths[path].at.at(-1) === position);
  const ends = position === data.target ? 'right' : first ? 'left' : '';
  return { position, box, group, label, token, ends };
}

/** Gives each label the first free place around its bar, the heaviest tokens first; a crowded one becomes shorter. */
function placeLabels() {
  const taken = nodes.map((node) => node.box);
  for (const node of nodes.toSorted((a, b) => b.box.height - a.box.height)) taken.push(placeLabel(node, taken));
}

/**
 * @param {TokenNode} node
 * @param {Box[]} taken
 */
function placeLabel(node, taken) {
  const sides = node.ends ? [node.ends, 'above', 'below'] : ['above', 'below', 'right', 'left'];
  let best = { overlap: Infinity, length: 0, side: '', box: node.box };
  for (const length of [16, 11, 7, 4]) {
    node.token.textContent = clip(tokenAt(node.position), length);
    const width = node.label.getComputedTextLength() + labelGap;
    for (const side of sides) {
      const box = labelBox(node.box, side, width);
      const overlap = taken.reduce((sum, other) => sum + overlapOf(box, other), 0);
      if (overlap < best.overlap) best = { overlap, length, side, box };
      if (overlap === 0) break;
    }
    if (best.overlap === 0) break;
  }
  node.token.textContent = clip(tokenAt(node.position), best.length);
  node.label.setAttribute('x', best.box.x);
  node.label.setAttribute('y', best.box.y + 12);
  return best.box;
}

/**
 * @param {Box} bar
 * @param {string} side
 * @param {number} width
 * @returns {Box}
 */
function labelBox(bar, side, width) {
  const height = 16;
  const level = bar.y + bar.height / 2 - height / 2;
  const centred = bar.x + bar.width / 2 - width / 2;
  switch (side) {
    case 'right': return { x: bar.x + bar.width + 6, y: level, width, height };
    case 'left': return { x: bar.x - 6 - width, y: level, width, height };
    case 'below': return { x: centred, y: bar.y + bar.height + 3, width, height };
    default: return { x: centred, y: bar.y - height - 3, width, height };
  }
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function overlapOf(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

function showDiagram() {
  drawDiagram();
  const lit = litPaths();
  const kind = kindOf(state.sel);
  const index = indexOf(state.sel);
  for (const { line, cue, path, link, width } of ribbons) {
    const strength = state.width === 'share' ? 1 : data.links[link].attention / strongest;
    line.setAttribute('stroke-width', Math.max(leastRibbon, width * strength).toFixed(2));
    const picked = kind === 'e' && index === link;
    for (const part of cue ? [line, cue] : [line]) {
      mark(part, 'data-state', lit ? (lit.has(path) ? 'on' : 'dim') : null);
      mark(part, 'data-picked', picked);
    }
  }
  const reached = new Set([...(lit ?? [])].flatMap((path) => data.paths[path].at));
  for (const { position, group } of nodes) {
    const picked = kind === 'n' ? index === position
      : kind === 'e' && [data.links[index].key, data.links[index].query].includes(position);
    mark(group, 'data-state', picked ? 'on' : lit ? (reached.has(position) ? 'vis' : 'dim') : null);
    group.setAttribute('aria-pressed', String(kind === 'n' && index === position));
  }
}

/**
 * The token an arrow key leads to: left and right to the nearest in the next column, up and down within the column.
 * @param {Element} from
 * @param {string} key
 */
function neighbour(from, key) {
  if (key === 'Home') return nodes[0].group;
  if (key === 'End') return nodes.at(-1)?.group;
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  const here = nodes.find((node) => node.group === from)?.box;
  if (!here || (right === 0 && down === 0)) return null;
  const away = nodes.map(({ box, group }) => {
    const columns = (box.x - here.x) * right;
    const below = box.y - here.y;
    const ahead = right !== 0 ? columns > 0 : box.x === here.x && below * down > 0;
    return { group, distance: ahead ? columns * 1e4 + Math.abs(below + (box.height - here.height) / 2) : Infinity };
  });
  const nearest = away.reduce((a, b) => (b.distance < a.distance ? b : a));
  return nearest.distance < Infinity ? nearest.group : null;
}

