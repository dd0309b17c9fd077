// @ts-check
// The table of parts and pairs, written anew for the link and the reading that are shown.

const mostRows = { parts: 500, pairs: 50 };

/** @typedef {{ part: string, beside?: string, adds: number, without?: number }} TableRow */

/**
 * Returns a group of rows, the largest first.
 * @param {string} name
 * @param {TableRow[]} rows
 * @param {number} most
 */
function rowGroup(name, rows, most) {
  const sorted = rows.sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds));
  const left = sorted.slice(most);
  const shown = sorted.slice(0, most);
  if (left.length > 0)
    shown.push({ part: `${left.length} more`, adds: left.reduce((sum, { adds }) => sum + adds, 0) });
  return make('tbody', {}, make('tr', {}, make('th', { scope: 'rowgroup', colspan: '4' }, name)),
    ...shown.map(({ part, beside = '', adds, without }) => make('tr', {}, make('td', {}, part), make('td', {}, beside),
      make('td', {}, signed(adds)), make('td', {}, without === undefined ? '' : share(without)))));
}

function showTable() {
  const view = shownView();
  if (!isNew('table', views.indexOf(view))) return;
  const { byQuery, byKey, without, pairs } = shownNumbers();
  const [queries, keys] = [queryPartsOf(view).map(partName), keyPartsOf(view).map(partName)];
  const table = /** @type {HTMLTableElement} */ (document.querySelector('#table table'));
  table.querySelector('caption')?.replaceChildren(
    `${view.facts.find(([term]) => term === 'Explains')?.[1]}, reading ${view.reading}; ${view.balance}`);
  for (const group of [...table.tBodies]) group.remove();
  table.append(
    rowGroup(
      'Parts of the key', keys.map((part, i) => ({ part, adds: byKey[i], without: without[i] })), mostRows.parts),
    rowGroup('Parts of the query', queries.map((part, i) => ({ part, adds: byQuery[i] })), mostRows.parts),
    rowGroup('Part of the query, part of the key', Array.from(pairs, (adds, i) => ({
      part: queries[Math.floor(i / keys.length)], beside: keys[i % keys.length], adds,
    })), mostRows.pairs));
}
