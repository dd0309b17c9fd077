// @ts-check
// The heads in the order of a score, as a table.

const fewRows = 25;

/** @typedef {{ head: number, value: number, rank: number }} Ranked */

/**
 * Returns the heads that the filters let through, in the order of the table.
 * @returns {Ranked[]}
 */
function rankedHeads() {
  const score = scoreIds.indexOf(state.score);
  const name = state.order;
  const sign = state.turn === 'down' ? -1 : 1;
  return data.all.map((_, head) => ({
    head, rank: 0, value: name === 'head' ? -head : scoreOf(score, head, name) ?? -sign * -Infinity,
  })).filter(({ head }) => scoreOf(score, head, 'raw') !== null)
    .sort((a, b) => sign * (a.value - b.value) || a.head - b.head)
    .map((one, i) => ({ ...one, rank: i + 1 }))
    .filter(({ head }) => (state.layer === '' || Math.floor(head / data.heads) === Number(state.layer))
      && (state.role === '' || data.all[head].roles?.some(([role]) => role === Number(state.role))));
}

function showRanks() {
  const { score: id, order, turn, layer, role, rows: shown } = state;
  for (const name of ['layer', 'role']) byId(name).value = state[name];
  if (!isNew('ranks', id, order, turn, layer, role, shown)) return;
  const score = scoreIds.indexOf(id);
  const ranked = score < 0 ? [] : rankedHeads();
  const few = shown === 'some' ? ranked.slice(0, fewRows) : ranked;
  byId('rows').replaceChildren(...few.map(({ head, rank }) => rowOf(score, head, rank)));
  byId('more').hidden = ranked.length <= fewRows;
  byId('more').textContent = shown === 'some' ? `Show all ${ranked.length}` : `Show the first ${fewRows}`;
  byId('ranked-of').textContent = score < 0 ? '' : `${scores[score].name}${unitOf(score) && ',' + unitOf(score)}: `
    + `${ranked.length} of ${headCount} heads`;
  for (const column of document.querySelectorAll('[data-column]'))
    mark(column, 'aria-sort', /** @type {HTMLElement} */ (column).dataset.column === order
      && (turn === 'down' ? 'descending' : 'ascending'));
}

/** @param {number} score @param {number} head @param {number} rank */
function rowOf(score, head, rank) {
  /** @type {(name: string) => HTMLElement} */
  const number = (name) => make('td', {}, short(scoreOf(score, head, name), name === 'count' ? 0 : 3));
  return make('tr', { 'data-n': keys[head] }, make('td', {}, String(rank)),
    make('td', {}, make('button', { 'data-n': keys[head] }, headNames[head])),
    ...['raw', 'excess', 'low', 'high'].map(number), make('td', {}, barOf(score, head, barRange(score))),
    ...['chance', 'noFirst', 'noSelf', 'count'].map(number), make('td', {}, ...chipsOf(head)));
}

/** @param {number} head */
const chipsOf = (head) => (data.all[head].roles ?? []).flatMap(([role, , , verdict]) =>
  [chip(roles[role][1] + (verdict === null ? '' : verdicts[verdict][1]), roles[role][2]), ' ']);

on(byId('ranked-heads'), 'click', ({ target }) => {
  const column = target.closest('button[data-order]')?.dataset.order;
  if (column) set({ order: column, turn: state.order === column && state.turn === 'down' ? 'up' : 'down' });
});
onClick('more', () => set({ rows: state.rows === 'some' ? 'all' : 'some' }));
for (const name of ['layer', 'role']) on(byId(name), 'change', () => set({ [name]: byId(name).value }));
