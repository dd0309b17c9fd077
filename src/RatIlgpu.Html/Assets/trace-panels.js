// @ts-check
// What the panels and the table of a trace of one layer say.

/** Returns the lines of the list of paths: their tokens. */
const pathRoutes = () => routesOf(data, data.paths);

/** @param {Path} path */
const pathNumbers = ({ score, share }) => `${score.toFixed(3)} · ${percent(share)}`;

/** Returns the number of a path in the table of prompts: its score. @param {number} score */
const promptNumber = (score) => score.toFixed(3);

/**
 * Names the button of a row of the table.
 * @param {HTMLElement} row
 * @param {number} link
 */
function nameRow(row, link) {
  row.dataset.pick = 'e' + link;
  row.setAttribute('aria-label', `Link ${link + 1}: ${sentence(data.links[link])}`);
}

/** Writes the table anew, where the page has shown another trace. */
function fillTables() {
  byId('link-count').textContent = data.links.length;
  document.querySelector('#table tbody')?.replaceChildren(...data.links.map(linkRow));
}

/**
 * Returns a row of the table of links.
 * @param {Link} link
 * @param {number} index
 */
function linkRow({ key, query, attention, value, paths, why }, index) {
  const token = (/** @type {number} */ at) => [make('bdi', {}, clip(tokenText(data, at), 40)), ` ${at}`];
  const cells = [
    [make('button', {}, String(index + 1))], token(query), token(key), [attention.toFixed(5)],
    [percent(shareOf(paths))], [value.toFixed(5)], [paths.map((path) => path + 1).join(', ')],
    .../** @type {any} */ (data).explained
      ? [[why ? signed(why.score) : ''], [why ? signed(why.alone) : ''], [make('bdi', {}, pairsOf(why))]] : [],
  ];
  return make('tr', {}, ...cells.map((content) => make('td', {}, ...content)));
}

/** Says what goes through a bar, for its name. @param {number} position */
function aboutPlace(position) {
  const { length } = pathsAt.get(position) ?? [];
  return `${length} ${length === 1 ? 'path' : 'paths'}, share ${percent(shareAt(position))}`;
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
  return [
    isolated(clip(tokenText(data, position), 60)), `position ${position}`, `id ${data.ids[position]}`,
    shareSaid(position),
  ].filter(Boolean).join(' · ');
}

