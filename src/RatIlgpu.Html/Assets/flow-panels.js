// @ts-check
// What the panels and the tables of a flow say.

// A longer table of shares would be hard to read; the CSV has all.
const mostShares = 100;

/** Returns the lines of the list of paths: their moves. */
const pathRoutes = () => data.paths.map(({ route }) => route);

/** @param {Path} path */
const pathNumbers = ({ share }) => chance(share);

/** Returns the number of a path in the table of prompts: its probability. @param {number} part */
const promptNumber = (part) => chance(part);

/**
 * Names the button of a row of a table.
 * @param {HTMLElement} row
 */
function nameRow(row) {
  const { beam, pick: name = '' } = row.dataset;
  row.setAttribute('aria-label', beam ? `Path ${Number(beam) + 1}: ${data.paths[Number(beam)].route}`
    : `Token ${named(data, Number(name.slice(1)))}`);
}

/** Writes the tables anew, where the page has shown another flow. */
function fillTables() {
  byId('path-count').textContent = data.paths.length;
  const paths = data.paths.map(({ route, share, score }, path) => rowOf(
    make('button', { 'data-beam': path }, String(path + 1)), make('bdi', {}, route), chance(share), score.toFixed(4)));
  document.querySelector('#table tbody')?.replaceChildren(...paths);
  const ordered = data.shares.map((share, position) => ({ share, position }))
    .sort((a, b) => b.share - a.share || a.position - b.position);
  const shares = ordered.slice(0, mostShares).map(({ share, position }) => rowOf(
    make('button', { 'data-pick': 'n' + position }, String(position)),
    make('bdi', {}, clip(tokenText(data, position), 40)), percent(share), chance(drawnShare(position))));
  document.querySelector('#shares tbody')?.replaceChildren(...shares);
  const rest = ordered.slice(mostShares);
  byId('share-rest').textContent = rest.length === 0 ? ''
    : `and ${rest.length} token${rest.length === 1 ? '' : 's'} with smaller shares, `
    + `${percent(rest.reduce((sum, { share }) => sum + share, 0))} together`;
}

/** @param {(Node | string)[]} cells */
const rowOf = (...cells) => make('tr', {}, ...cells.map((content) => make('td', {}, content)));

/** Says where a place is. @param {number} place */
function placeName(place) {
  const column = Math.floor(place / data.tokens.length);
  return data.fromLayer + column > data.layer ? `after layer ${data.layer}` : `before layer ${data.fromLayer + column}`;
}

/** Says what goes through a bar, for its name. @param {number} place */
function aboutPlace(place) {
  const through = pathsThrough('v' + place);
  const count = `${through.length} ${through.length === 1 ? 'path' : 'paths'}`;
  return `${placeName(place)}, ${count}, probability ${chance(shareOf(through))}`;
}

/** @returns {[kind: string, rows: Row[]]} */
function details() {
  const { kind, index } = markOf(state.sel);
  if (kind === 'n') return [kind, tokenDetails(index)];
  if (kind === 'v') return [kind, placeDetails(index)];
  if (kind === 'e') return [kind, linkDetails(data.links[index])];
  if (state.path >= 0) return ['b', pathDetails(state.path)];
  return ['', [['Select a token, a bar, a ribbon or a path to see its numbers.']]];
}

/** @param {number} position @returns {Row[]} */
const tokenRows = (position) => [
  ['Token', tokenText(data, position)],
  ['Position', isMade(data, position) ? `${position}, generated` : position],
  ['Token id', data.ids[position]],
];

/** @param {number[]} paths @returns {Row[]} */
const throughRows = (paths) => [
  ['Paths through it', listOf(paths)],
  ['Probability of these', chance(shareOf(paths))],
];

/** @param {number} position @returns {Row[]} */
function tokenDetails(position) {
  return [
    ...tokenRows(position),
    ['Share of the target', position > data.target ? 'comes later' : percent(exactShare(position))],
    ['Of this on drawn paths', chance(drawnShare(position))],
    ...throughRows(pathsAt.get(position) ?? []),
  ];
}

/** @param {number} place @returns {Row[]} */
const placeDetails = (place) => [
  ...tokenRows(tokenAt(place)), ['Place', placeName(place)], ...throughRows(pathsThrough('v' + place)),
];

/** @param {Link} link @returns {Row[]} */
function linkDetails(link) {
  const [from, to] = [tokenAt(link.key), tokenAt(link.query)];
  return [
    ['Layer', layerOf(data, link)],
    ...(from === to ? [/** @type {Row} */ (['Stays at', named(data, to)])]
      : /** @type {Row[]} */ ([['From', named(data, from)], ['To', named(data, to)]])),
    ['Share of the step', percent(link.flow)],
    ...throughRows(link.paths),
  ];
}

/** @param {number} index @returns {Row[]} */
function pathDetails(index) {
  const { at, flows, share, score } = data.paths[index];
  const steps = flows.map((flow, i) => ({ flow, key: at[i + 1], query: at[i], paths: [] })).reverse();
  const stays = (/** @type {Link} */ { key, query }) => tokenAt(key) === tokenAt(query);
  const moves = steps.filter((step) => !stays(step));
  return [
    ['Path', index + 1],
    ['Probability', chance(share)],
    ['Score, sum of logs', score.toFixed(4)],
    ...moves.map((step) => /** @type {Row} */ ([
      `L${layerOf(data, step)}: ${named(data, tokenAt(step.key), 12)} → ${named(data, tokenAt(step.query), 12)}`,
      percent(step.flow),
    ])),
    [`Staying, in ${steps.length - moves.length} layers`,
      chance(steps.reduce((product, step) => product * (stays(step) ? step.flow : 1), 1))],
  ];
}

/** Says a step in a sentence. @param {Link} link */
const sentence = (link) => `Layer ${layerOf(data, link)}: ${stepText(data, link)}`;

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.ln, .hold, .nd, .name, .t'));
  if (!shown) return '';
  const { edge, beam, node, i } = shown.dataset;
  if (edge) {
    const link = data.links[Number(edge)];
    return `${sentence(link)} · share ${percent(link.flow)} · path ${Number(beam) + 1}`;
  }
  const position = node ? tokenAt(Number(node)) : Number(i);
  const said = [
    isolated(clip(tokenText(data, position), 60)), `position ${position}`, ...(node ? [aboutPlace(Number(node))]
      : [`id ${data.ids[position]}`, shareSaid(position)]),
  ];
  return said.filter(Boolean).join(' · ');
}
