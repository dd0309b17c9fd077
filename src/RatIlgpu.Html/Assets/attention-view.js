// @ts-check
// The shown pattern: its matrix, the text of the prompt, the numbers.

const heat = heatMap(byId('matrix'), {
  label: 'Attention of each query, in rows, to each key, in columns. Arrow keys move, Enter locks the token.',
  pick: (query, key) => lock('token', isByQuery() ? query : key),
});
const strip = byId('toks');
const listLength = 16;

/** @type {HTMLElement[]} */
let tokens = [];
/** @type {Seen | undefined} */
let drawnText;
let drawnMatrix = '';
moveInStrip(strip, () => tokens);

/** Draws the text if it is that of another prompt. */
function drawText() {
  if (drawnText === prompt()) return;
  drawnText = prompt();
  state.over = '';
  strip.replaceChildren();
  tokens = drawStrip(strip, { ...drawnText, target: 0 });
  tokens.forEach((token, i) => {
    mark(token, 'aria-label', `${isolated(clip(tokenText(prompt(), i), 40))}, position ${i}`
      + (isPadding(i) ? ', padding' : ''));
  });
}

function drawMatrix() {
  const name = [shown.name, state.scale, state.mode].join();
  if (drawnMatrix === name) return;
  drawnMatrix = name;
  const [{ length }, isLarge] = [prompt().tokens, state.mode === 'large'];
  // Of a long text, only some tokens have a label, and positions say more than those.
  const label = (/** @type {number} */ i) => (isLarge ? `${isolated(clip(tokenText(prompt(), i), 14))} (${i})`
    : length > 40 ? String(i) : clip(tokenText(prompt(), i), 9));
  const size = /** @type {[number, number]} */ (isLarge ? [length > 128 ? 4 : 16, 96] : [.1, 64]);
  heat.show({
    rows: length, columns: length, shade: shadeAt(shown.pattern), pool: poolOf(shown.pattern),
    rowLabel: label, columnLabel: label, rowTitle: 'Query', columnTitle: 'Key', cell: { width: size, height: size },
    ...(isLarge && length <= 128 && { text: (query, key) => shortValue(shown.pattern.value(query, key) ?? 0) }),
  });
}

/** Writes a value where there is little room: .25, or nothing for one that would be .00. @param {number} value */
const shortValue = (value) => (value < .005 ? '' : value < .995 ? value.toFixed(2).slice(1) : '1');

/** Returns the number that each token shows. @param {number} token the focused one; -1 for none */
function valuesShown(token) {
  const { value, rowMean } = shown.pattern;
  if (token >= 0) return tokens.map((_, at) => value(...pairOf(token, at)) ?? 0);
  return isByQuery() ? tokens.map((_, query) => rowMean(query)) : columnMeans();
}

/** Returns the mean of each column, over its cells. A pattern is read quickest from query to query. */
function columnMeans() {
  const [sums, counts] = [tokens.map(() => 0), tokens.map(() => 0)];
  for (let query = 0; query < tokens.length; query++)
    for (let key = 0; key < tokens.length; key++) {
      const value = shown.pattern.value(query, key);
      if (value === null) continue;
      sums[key] += value;
      counts[key]++;
    }
  return sums.map((sum, key) => sum && sum / counts[key]);
}

/** Returns the queries that see a key. @param {number} key */
const columnOf = (key) => tokens.flatMap((_, query) => {
  const value = shown.pattern.value(query, key);
  return value === null ? [] : [{ query, value }];
});

/** Returns the mean of the row of a query, or of the column of a key. @param {number} token */
function meanOf(token) {
  if (isByQuery()) return shown.pattern.rowMean(token);
  const cells = columnOf(token);
  return cells.reduce((sum, { value }) => sum + value, 0) / (cells.length || 1);
}

/** @param {number} token the focused one @param {number} other @returns {[query: number, key: number]} */
const pairOf = (token, other) => (isByQuery() ? [token, other] : [other, token]);

let shownText = '';

/** Shades the tokens. */
function showText() {
  const token = tokenShown();
  const name = [shown.name, token, state.token, state.direction, state.scale].join();
  if (name === shownText) return;
  shownText = name;
  const values = valuesShown(token);
  tokens.forEach((element, i) => {
    mark(element, 'data-h', isPadding(i) ? null : heatOf(values[i]));
    mark(element, 'aria-current', i === token && 'true');
    press(element, String(i) === state.token);
  });
  byId('text-shows').textContent = token >= 0
    ? (isByQuery() ? `How much ${tokenName(token)} attends to each token`
      : `How much each token attends to ${tokenName(token)}`)
    : isByQuery() ? 'No token: the mean of each token’s own row' : 'No token: the mean of each token’s own column';
}

/** Returns the strongest keys of a query, or the strongest queries of a key. @param {number} token */
function strongest(token) {
  if (isByQuery()) return shown.pattern.strongest(token, listLength).map(({ key }) => key);
  return columnOf(token).sort((one, other) => other.value - one.value || one.query - other.query)
    .slice(0, listLength).map(({ query }) => query);
}

let listed = '';

/** Lists the strongest pairs of the focused token. */
function showList() {
  const token = tokenShown();
  const name = [shown.name, token, state.direction, state.scale].join();
  if (name === listed) return;
  listed = name;
  byId('list-title').textContent = isByQuery() ? 'Strongest keys' : 'Strongest queries';
  byId('list').replaceChildren(...(token < 0 ? [] : strongest(token)).map((other) => {
    const [query, key] = pairOf(token, other);
    return make('tr', { 'data-cell': `${query},${key}` },
      make('td', {}, make('button', { 'data-token': other }, make('bdi', {}, clip(tokenText(prompt(), other), 16)))),
      make('td', {}, String(other)),
      make('td', { 'data-h': heatOf(shown.pattern.value(query, key) ?? 0) }, valueText(query, key)),
      ...(hasWinners() ? [make('td', {}, winnerOf(query, key))] : []));
  }));
  mark(byId('list-head'), 'hidden', !hasWinners());
  mark(byId('list-empty'), 'hidden', token >= 0);
}

const hasWinners = () => headShown() < 0 && state.summary === 'max';

/** Names the head with the largest value of a cell; empty if that is not known. @returns {string} */
const winnerOf = (/** @type {number} */ query, /** @type {number} */ key) =>
  (hasWinners() && heads[shown.pattern.winner?.(query, key) ?? -1]?.name) || '';

/** Shows the numbers of the cell or the token that is pointed at or locked. */
function showNumbers() {
  const [query, key] = overOf('c');
  const token = tokenShown();
  if (query !== undefined) {
    const winner = winnerOf(query, key);
    showInfo('c', [
      ['Query', tokenName(query)], ['Key', tokenName(key)], ['Attention', valueText(query, key)],
      winner ? ['Largest in head', winner] : ['Head', titleShown()],
    ]);
  } else if (token >= 0) {
    showInfo('t', [
      ['Token', isolated(tokenText(prompt(), token))],
      ['Position', isPadding(token) ? `${token}, padding` : token],
      ...(prompt().ids ? [/** @type {[string, number]} */ (['Token id', prompt().ids?.[token]])] : []),
      [isByQuery() ? 'Mean of its row' : 'Mean of its column', decimal(meanOf(token))],
    ]);
  } else showInfo('', [['Point at a cell, a head or a token; a click locks, once more or Esc lets go.']]);
}
