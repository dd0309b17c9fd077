// @ts-check
// What every diagram of paths shares: ribbons, bars, labels that keep out of each other's way, and moving among bars.

/**
 * @typedef {[position: number, left: number, top: number, height: number]} Bar
 * @typedef {[path: number, link: number, width: number, ...line: number[]]} Ribbon
 * @typedef {{ width: number, height: number, bars: Bar[], ribbons: Ribbon[] }} Layout
 */

const barWidth = 10;
const labelGap = 5;
const leastRibbon = 1.5;
const hues = 7;

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ position: number, box: Box, group: Element, label: any, token: Element, text: string,
 *   ends: string }} TokenNode
 */

// Below the first the labels cannot be read, above the second a small diagram looks coarse.
const comfortable = { least: 0.85, most: 1.3 };

/**
 * @param {number} value
 * @param {{ least: number, most: number }} limits
 */
const within = (value, limits) => Math.min(limits.most, Math.max(limits.least, value));

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
 * @param {{ text: string, about: string, isTarget: boolean, isFirst: boolean }} token
 * @returns {TokenNode}
 */
function makeBar([position, x, y, height], { text, about, isTarget, isFirst }) {
  const token = makeSvg('tspan', { class: 'token' });
  const label = makeSvg('text', {}, token, makeSvg('tspan', { class: 'at', dx: labelGap }, String(position)));
  const box = { x, y: y - Math.max(0, 3 - height) / 2, width: barWidth, height: Math.max(3, height) };
  const group = makeSvg('g', {
    class: 'nd', role: 'button', 'data-node': position, tabindex: isTarget ? 0 : -1,
    'aria-label': `Token ${clip(text, 40)} at position ${position}, ${about}`,
  }, makeSvg('rect', { ...box, rx: 2 }), label);
  mark(group, 'data-target', isTarget);
  return { position, box, group, label, token, text, ends: isTarget ? 'right' : isFirst ? 'left' : '' };
}

/**
 * Gives each label the first free place around its bar, the heaviest tokens first; a crowded one becomes shorter.
 * @param {TokenNode[]} nodes
 */
function placeLabels(nodes) {
  if (nodes.length === 0) return;
  const taken = [...outside(nodes[0].group), ...nodes.map((node) => node.box)];
  for (const node of nodes.toSorted((a, b) => b.box.height - a.box.height)) taken.push(placeLabel(node, taken));
}

/**
 * What lies around the drawing, where a label would be cut.
 * @param {any} group a part of the drawing
 * @returns {Box[]}
 */
function outside(group) {
  const { width, height } = group.ownerSVGElement.viewBox.baseVal;
  const far = 1e4;
  const beside = { y: -far, width: far, height: height + 2 * far };
  const along = { x: 0, width, height: far };
  return [{ x: -far, ...beside }, { x: width, ...beside }, { y: -far, ...along }, { y: height, ...along }];
}

/**
 * @param {TokenNode} node
 * @param {Box[]} taken
 */
function placeLabel(node, taken) {
  const sides = node.ends ? [node.ends, 'above', 'below'] : ['above', 'below', 'right', 'left'];
  let best = { overlap: Infinity, length: 0, side: '', box: node.box };
  for (const length of [16, 11, 7, 4]) {
    node.token.textContent = clip(node.text, length);
    const width = node.label.getComputedTextLength() + labelGap;
    for (const side of sides) {
      const box = labelBox(node.box, side, width);
      const overlap = taken.reduce((sum, other) => sum + overlapOf(box, other), 0);
      if (overlap < best.overlap) best = { overlap, length, side, box };
      if (overlap === 0) break;
    }
    if (best.overlap === 0) break;
  }
  node.token.textContent = clip(node.text, best.length);
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

/**
 * The token an arrow key leads to: left and right to the nearest in the next column, up and down within the column.
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
    const columns = (box.x - here.x) * right;
    const below = box.y - here.y;
    const ahead = right !== 0 ? columns > 0 : box.x === here.x && below * down > 0;
    return { group, distance: ahead ? columns * 1e4 + Math.abs(below + (box.height - here.height) / 2) : Infinity };
  });
  const nearest = away.reduce((a, b) => (b.distance < a.distance ? b : a));
  return nearest.distance < Infinity ? nearest.group : null;
}
