// @ts-check
// The panels beside the diagram: the numbers of the picked mark, and the list of paths.

/** @typedef {[term: string, value?: string | number]} Row */

/** @type {Trace['links'] | undefined} */
let drawnLinks;
/** @type {HTMLElement[]} */
let rows = [];

/** Shows the parts that depend only on the trace. */
function showTrace() {
  if (drawnLinks === data.links) return;
  drawnLinks = data.links;
  drawPaths();
  several?.show();
  const options = data.paths.map((_, path) => make('option', { value: path }, `Path ${path + 1}`));
  byId('beam').replaceChildren(make('option', { value: '' }, 'All'), ...options);
  rows = [...document.querySelectorAll(/** @type {'button'} */ ('#table tbody button'))];
  rows.forEach((row, link) => {
    row.dataset.pick = 'e' + link;
    row.setAttribute('aria-label', `Link ${link + 1}: ${sentence(data.links[link])}`);
  });
}

function drawPaths() {
  const routes = routesOf(data, data.paths);
  byId('paths').replaceChildren(...data.paths.map(({ score, share }, index) =>
    make('li', {}, make('button', { 'data-beam': index },
      chip(index),
      make('span', {}, `Path ${index + 1}`),
      make('span', { class: 'number' }, `${score.toFixed(3)} · ${percent(share)}`),
      make('span', { class: 'route', dir: 'ltr' }, routes[index])))));
}

/** @param {number} path */
function chip(path) {
  const box = makeSvg('rect', { width: 22, height: 18, rx: 3 });
  const number = makeSvg('text', { x: 11, y: 13 }, String(path + 1));
  const cue = cueOf(path, data.hues, { d: 'M2 16.5H20' });
  const marks = { class: `chip hue-${path % data.hues}`, viewBox: '0 0 22 18', 'aria-hidden': 'true' };
  return makeSvg('svg', marks, box, number, ...cue);
}

function showPanels() {
  for (const button of byId('paths').querySelectorAll('button'))
    press(button, Number(button.dataset.beam) === state.path);
  byId('beam').value = state.path < 0 ? '' : state.path;
  for (const row of rows) press(row, state.sel === row.dataset.pick);
  showInfo(...details());
}

/** @returns {[kind: string, rows: Row[]]} */
function details() {
  const { kind, index } = markOf(state.sel);
  if (kind === 'n') return [kind, tokenDetails(index)];
  if (kind === 'e') return [kind, linkDetails(data.links[index])];
  if (state.path >= 0) return ['b', pathDetails(state.path)];
  return ['', [['Select a token, a link or a path to see its numbers.']]];
}

/** @param {number} position @returns {Row[]} */
function tokenDetails(position) {
  return [
    ['Token', tokenText(data, position)],
    ['Position', isMade(data, position) ? `${position}, generated` : position],
    ['Token id', data.ids[position]],
    ['Path share', percent(shareAt(position))],
    ['Paths through it', listOf(pathsAt.get(position) ?? [])],
    [data.measure ? `${measureTerm(data)} of target` : 'Target attends to it',
      position > data.target ? 'comes later' : decimal(attentionAt(position))],
    [data.measure ? `${measureTerm(data)} of itself, not traced` : 'Self-attention, not traced',
      position in data.self ? percent(data.self[position]) : 'not recorded'],
  ];
}

/** @param {Link} link @returns {Row[]} */
function linkDetails(link) {
  return [
    ['Query', named(data, link.query)],
    ['attends to key', named(data, link.key)],
    [measureTerm(data), decimal(link.attention)],
    ['Path share', percent(shareOf(link.paths))],
    [`Share × ${measureOf(data)}`, decimal(link.value)],
    ['Paths on it', listOf(link.paths)],
    ...(link.why ? whyDetails(link.why) : []),
  ];
}

/** @param {Why} why @returns {Row[]} */
function whyDetails({ score, attention, alone, rest, pairs }) {
  return [
    ['Attention score', signed(score)],
    ['Query part · key part', 'adds'],
    ...pairs.map(([parts, adds]) => /** @type {Row} */ ([parts, signed(adds)])),
    ['All other pairs', signed(rest)],
    ['Position alone', signed(alone)],
    // Where links count attention, it stands above.
    ...(data.measure ? [/** @type {Row} */ (['Attention', decimal(attention)])] : []),
  ];
}

/** Returns the pairs of a link in one line. @param {Why | undefined} why */
const pairsOf = (why) => (why?.pairs ?? []).map(([parts, adds]) => `${parts} ${signed(adds)}`).join('; ');

/** @param {number} value */
function signed(value) {
  const digits = value.toFixed(4);
  return Number(digits) === 0 ? '0.0000' : (value > 0 ? '+' : '') + digits;
}

/** @param {number} index @returns {Row[]} */
function pathDetails(index) {
  const path = data.paths[index];
  return [
    ['Path', index + 1],
    ['Share', percent(path.share)],
    ['Score, by length', path.score.toFixed(4)],
    ['Score, sum of logs', path.raw.toFixed(4)],
    ['Hops', path.attention.length],
    ...path.attention.map((attention, i) => /** @type {Row} */ ([
      `${named(data, path.at[i + 1], 12)} → ${named(data, path.at[i], 12)}`, decimal(attention),
    ])).reverse(),
  ];
}

/** @param {Link} link */
const sentence = ({ query, key }) => `${named(data, query)} attends to ${named(data, key)}`;

/** @param {number[]} paths */
const listOf = (paths) => (paths.length === 0 ? 'none' : paths.map((path) => path + 1).join(', '));

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.ln, .hold, .nd, .t'));
  if (!shown) return '';
  const { edge, beam, node, i } = shown.dataset;
  if (edge) {
    const link = data.links[Number(edge)];
    return `${sentence(link)} · ${measureOf(data)} ${decimal(link.attention)} · path ${Number(beam) + 1}`;
  }
  const position = Number(node ?? i);
  const share = pathsAt.has(position) ? ` · share ${percent(shareAt(position))}` : '';
  return `${isolated(clip(tokenText(data, position), 60))} · position ${position} · id ${data.ids[position]}${share}`;
}

