// @ts-check
// What every diagram of paths shares: ribbons, bars with their labels, and moving among bars.

/**
 * @typedef {[anchor: string, x: number, top: number, room: number, short?: string]} Label
 * @typedef {[position: number, left: number, top: number, height: number, ...label: Label | []]} Bar
 * @typedef {[path: number, link: number, width: number, ...line: number[]]} Ribbon
 * @typedef {{ width: number, height: number, bars: Bar[], ribbons: Ribbon[] }} Layout
 * @typedef {{ barWidth: number, hues: number }} Drawing what all layouts of a page share
 */

const labelGap = 5;
const leastRibbon = 1.5;

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ position: number, box: Box, group: Element }} TokenNode
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
  const round = Math.min(2, Math.floor(path / data.hues));
  return {
    line: makeSvg('path', { ...marks, class: `ln hue-${path % data.hues}` }),
    // A thin ribbon is hardly hit: an unseen one that is wider takes the pointer.
    hold: makeSvg('path', { ...marks, class: 'hold' }),
    cue: round === 0 ? null : makeSvg('path', { d, class: `cue cue-${round}`, 'data-beam': path }),
    path, link, width,
  };
}

/**
 * The parts of ribbons in the order in which they are drawn: what is unseen is below all that is seen.
 * @param {ReturnType<typeof makeRibbon>[]} ribbons
 */
const partsOf = (ribbons) =>
  [...ribbons.map(({ hold }) => hold), ...ribbons.flatMap(({ line, cue }) => (cue ? [line, cue] : [line]))];

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
 * @param {{ text: string, about: string, isTarget: boolean }} token
 * @returns {TokenNode}
 */
function makeBar([position, x, y, height, ...place], { text, about, isTarget }) {
  const box = { x, y: y - Math.max(0, 3 - height) / 2, width: data.barWidth, height: Math.max(3, height) };
  const group = makeSvg('g', {
    class: 'nd', role: 'button', 'data-node': position, tabindex: isTarget ? 0 : -1,
    'aria-label': `Token ${isolated(clip(text, 40))} at position ${position}, ${about}`,
  }, makeSvg('rect', { ...box, rx: 2 }));
  mark(group, 'data-target', isTarget);
  if (place.length > 0) group.append(makeLabel(place, text, position));
  return { position, box, group };
}

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
 * Labels have room for most fonts; what this reader's font makes wider is squeezed.
 * @param {any} diagram
 */
function squeezeLabels(diagram) {
  for (const label of diagram.querySelectorAll('.nd text')) {
    const [token, at] = label.children;
    const room = label.dataset.room - labelGap - at.getComputedTextLength();
    if (token.getComputedTextLength() > room)
      filled(token, { textLength: room, lengthAdjust: 'spacingAndGlyphs' }, []);
  }
}

/**
 * Outlines what the pointer or the keyboard is on, in the diagram and in the text.
 * @template {{ line: Element }} T
 * @param {{ nodes: TokenNode[], ribbons: T[], tokens: Element[] }} shown
 * @param {(ribbon: T) => boolean} isOver
 * @param {number[]} positions
 */
function outline({ nodes, ribbons, tokens }, isOver, positions) {
  for (const ribbon of ribbons) mark(ribbon.line, 'data-over', isOver(ribbon));
  for (const { position, group } of nodes) mark(group, 'data-over', positions.includes(position));
  tokens.forEach((token, i) => mark(token, 'data-over', positions.includes(i)));
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
