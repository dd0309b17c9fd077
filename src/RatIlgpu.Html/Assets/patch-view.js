// @ts-check
// The matrices of patches. Each has some axes as its rows and some as its columns; the others have a kept place, or
// the strongest patch along them is shown.

/** @typedef {{ title: string, rows: number[], columns: number[] }} Pane */

/** @returns {Pane[]} */
function panesOfView() {
  if (isPaths) {
    if (state.view === 'matrix' && groupSize(sources) > 1)
      return [{ title: 'Sources by destinations', rows: sources, columns: destinations }];
    const ends = { title: 'Destinations', rows: destinations.slice(0, 1), columns: destinations.slice(1) };
    if (groupSize(sources) === 1) return [ends];
    return [{ title: 'Sources', rows: sources.slice(0, 1), columns: sources.slice(1) }, ends];
  }
  const [layer, head] = [axisOf('layer'), axisOf('head')];
  const [at, on] = [positionAxis, keyAxis].map((axis) => (axis < 0 ? [] : [axis]));
  if (head >= 0 && keyAxis >= 0) return [pane([layer], [head]), pane(at, on)];
  if (keyAxis >= 0) return [pane([layer], at), pane(at, on)];
  if (head >= 0 && positionAxis >= 0) return [pane([layer], at), pane([head], at)];
  return [pane([layer], head >= 0 ? [head] : at)];
}

/** @param {number[]} rows @param {number[]} columns @returns {Pane} */
const pane = (rows, columns) => ({ title: titleOf([...rows, ...columns], ' by '), rows, columns });

/** @param {number[]} some axes @param {string} between */
function titleOf(some, between) {
  const all = some.map((axis) => axes[axis].title).join(between);
  return all.charAt(0) + all.slice(1).toLowerCase();
}

/**
 * Finds the patch of each cell: of those along the axes without a place, the strongest. Where there is none, the cell
 * has -1 minus a patch that is not there.
 * @param {Pane} shown
 */
function patchesOf({ rows, columns }) {
  const { of } = strengthNow();
  const wide = groupSize(columns);
  const found = new Int32Array(groupSize(rows) * wide);
  const isSeen = new Uint8Array(found.length);
  const fixed = kept().map((place, axis) => (rows.includes(axis) || columns.includes(axis) ? -1 : place));
  for (let index = 0; index < size; index++) {
    const places = placesOf(index);
    if (fixed.some((place, axis) => place >= 0 && place !== places[axis])) continue;
    const cell = groupIndexOr0(rows, places) * wide + groupIndexOr0(columns, places);
    const best = found[cell];
    if (!Number.isNaN(of[index])) {
      if (isSeen[cell] !== 2 || Math.abs(of[index]) > Math.abs(of[best])) found[cell] = index;
      isSeen[cell] = 2;
    } else if (isSeen[cell] === 0) {
      found[cell] = -1 - index;
      isSeen[cell] = 1;
    }
  }
  return found;
}

/** @param {number[]} some @param {number[]} places */
const groupIndexOr0 = (some, places) => Math.max(0, groupIndex(some, places));

/** @type {{ pane: Pane, found: Int32Array }[]} */
let drawn = [];
const heats = [0, 1].map((i) => heatMap(byId('heat-' + i), {
  label: `Effects of patches, matrix ${i + 1}. Arrow keys move between cells, Enter keeps the place of one.`,
  pick: (row, column) => {
    const { rows, columns } = drawn[i].pane;
    const places = kept();
    for (const [axis, place] of [...groupPlaces(rows, row), ...groupPlaces(columns, column)]) places[axis] = place;
    toggle([...rows, ...columns], places);
  },
}));

/** @param {number[]} some @param {number} index */
const groupLabel = (some, index) => groupPlaces(some, index).map(([axis, place]) => {
  const { labels } = axes[axis];
  if (labels.length) return labels[place];
  const token = tokenAt(place);
  return token === '' ? String(place) : `${clip(token, 12)} ${place}`;
}).join('');

function drawHeats() {
  const panes = panesOfView();
  drawn = panes.map((shown) => ({ pane: shown, found: patchesOf(shown) }));
  byId('panes').dataset.count = panes.length;
  heats.forEach((heat, i) => {
    byId('pane-' + i).hidden = i >= panes.length;
    if (i < panes.length) drawHeat(heat, byId('pane-title-' + i), drawn[i]);
  });
}

/** @param {ReturnType<typeof heatMap>} heat @param {HTMLElement} heading */
function drawHeat(heat, heading, { pane: { title, rows, columns }, found }) {
  const { of, most } = strengthNow();
  const [high, wide] = [groupSize(rows), groupSize(columns)];
  const { numbers, spreads } = shownNow();
  const shownNumbers = isSpread() && spreads ? spreads : numbers;
  const free = allAxes.filter((axis) => !rows.includes(axis) && !columns.includes(axis));
  heading.textContent = title + (isPaths ? ofPaths(free) : ofWhat(free));
  const tall = Math.round(Math.max(16, Math.min(36, 320 / high)));
  const isLarge = high > 48 && wide > 48;
  const hasText = (heading.clientWidth - 70) / wide >= 40;
  heat.show({
    rows: high, columns: wide, signed: !isSpread(),
    shade: (row, column) => {
      const index = found[row * wide + column];
      return index < 0 ? null : most === 0 ? 0 : of[index] / most;
    },
    rowLabel: (row) => groupLabel(rows, row),
    columnLabel: (column) => groupLabel(columns, column),
    rowTitle: titleOf(rows, ', '), columnTitle: titleOf(columns, ', '),
    cell: isLarge ? { width: [2, 20], height: [2, 20] } : { width: [16, 84], height: [tall, tall] },
    text: !hasText ? undefined : (row, column) => {
      const index = found[row * wide + column];
      return index < 0 ? '' : shortText(shownNumbers[state.number][index]);
    },
  });
}

/**
 * Returns a number with as many decimals as the largest needs; one that is 0 with them is 0.
 * @param {number} value
 */
function shortText(value) {
  const { most } = strengthNow();
  const decimals = most >= 100 ? 0 : most >= 10 ? 1 : most >= 1 ? 2 : most >= .1 ? 3 : 4;
  const text = state.number === 'recovery' ? (value * 100).toFixed(0) + ' %' : value.toFixed(decimals);
  return /[1-9]/.test(text) ? text.replace(/^(-?)0\./, '$1.') : '0';
}

/** @param {number[]} free axes of no matrix: the other end of the paths */
function ofPaths(free) {
  const places = kept();
  const fixed = free.filter((axis) => places[axis] >= 0).map((axis) => placeName(axis, places[axis])).join('');
  if (free.length === 0) return '';
  if (free[0] === 0) return fixed || groupSize(sources) === 1 ? ` of paths from ${fixed || placeName(0, 0)}`
    : ', by the strongest path into each';
  return fixed ? ` of paths into ${fixed}` : ', by the strongest path of each';
}

/** @param {number[]} free axes of no matrix */
function ofWhat(free) {
  const places = kept();
  const fixed = free.filter((axis) => places[axis] >= 0).map((axis) => placeName(axis, places[axis]));
  const rest = free.filter((axis) => places[axis] < 0).map((axis) => axes[axis].title.toLowerCase() + 's');
  return (fixed.length ? ` of ${fixed.join(', ')}` : '')
    + (rest.length ? `, strongest of all ${rest.join(' and ')}` : '');
}

/** Outlines the patch under the pointer in every matrix, or else the kept places. */
function outlineHeats() {
  const index = patchOver();
  const places = index === null ? kept() : placesOf(index);
  drawn.forEach(({ pane: { rows, columns } }, i) => {
    const [row, column] = [groupIndex(rows, places), groupIndex(columns, places)];
    const isCell = (row >= 0 || rows.length === 0) && (column >= 0 || columns.length === 0);
    const line = (/** @type {number} */ at) => (isCell ? Math.max(0, at) : at < 0 ? null : at);
    heats[i].outline(line(row), line(column));
  });
}

/** The patch under the pointer or the keyboard; null for none. @returns {number | null} */
const patchOver = () => (/^c\d+$/.test(state.over) ? Number(state.over.slice(1)) : null);

/** @param {Element} element @returns {number | null} the patch of a cell; -1 minus a patch that is not there */
function patchAt(element) {
  const cell = cellOf(element);
  const i = Number(element.closest('.pane')?.id.slice(-1));
  if (!cell || !drawn[i]) return null;
  const [row, column] = cell;
  return drawn[i].found[row * groupSize(drawn[i].pane.columns) + column] ?? null;
}
