// @ts-check
// The page of a comparison of attention: how far back each head of a layer looks, in a row for each head.

const count = data.most + 1;
const choices = { condition: Array.from(byId('condition').options, (/** @type {any} */ { value }) => value) };
const address = { c: 'condition', s: 'sample', n: 'sel' };
const initial = { sample: 1, condition: choices.condition[0] === 'all' ? 'all' : String(data.changed) };

/** @param {Spread} number */
const errorOf = ([, spread, samples]) => (spread === null ? null : spread / Math.sqrt(samples));

/** Returns the places of the conditions that are shown. */
const shownConditions = () =>
  (state.condition === 'all' ? data.conditions.map((_, i) => i) : [Number(state.condition)]);

/** Of conditions that are shown one at a time, each has the first hue. @param {number} i */
const hueOf = (i) => (choices.condition[0] === 'all' ? i : 0);

/** @param {HeadRow} head @returns {Line[]} */
const attentionLines = ({ before, conditions }) => [
  { name: 'without a change', hue: -1, ...spreadsOf(before, ([, spread]) => spread) },
  ...shownConditions().map((i) => ({
    name: data.conditions[i].name, hue: hueOf(i), ...spreadsOf(conditions[i].after, ([, spread]) => spread),
  })),
];

/** @param {HeadRow} head @returns {Line[]} */
const differenceLines = ({ conditions }) => shownConditions().map((i) => ({
  name: data.conditions[i].name, hue: hueOf(i), ...spreadsOf(conditions[i].difference, errorOf),
}));

/** @param {Spread[]} all @param {(number: Spread) => number | null} of */
const spreadsOf = (all, of) => ({ values: all.map(([mean]) => mean), spreads: all.map(of) });

/** Returns the range of all numbers with their spreads, and 0. @param {Line[]} lines @returns {[number, number]} */
function rangeOf(lines) {
  const ends = lines.flatMap(({ values, spreads }) => values.flatMap((value, i) => (value === null ? []
    : [value - (spreads?.[i] ?? 0), value + (spreads?.[i] ?? 0)])));
  const [low, high] = [lowestOf(ends, 0), highestOf(ends, 0)];
  return high > low ? [low, high] : [0, 1];
}

/** @type {{ row: Element, attention: SVGElement, difference: SVGElement }[]} */
const rows = data.heads.map(({ head }) => {
  const [attention, difference] = ['attention', 'difference'].map((name) =>
    makeSvg('svg', { role: 'img', id: `${name}-${head}` }));
  return { row: make('div', { class: 'row' }, make('h3', {}, head),
    make('div', { class: 'pair' }, attention, difference)), attention, difference };
});
byId('heads').append(...rows.map(({ row }) => row));

/** @type {{ attention: [number, number], difference: [number, number] }} */
let ranges = { attention: [0, 1], difference: [0, 1] };

/** Draws the two figures of a head. @param {number} i @param {number} at the offset in focus; -1 for none */
function drawRow(i, at) {
  const label = String;
  const across = 'Offset from query';
  const nameOf = (/** @type {number} */ offset) => `p${i}-${offset}`;
  drawPlot(rows[i].attention, i === 0 ? byId('lines') : null, {
    lines: attentionLines(data.heads[i]), count, label, across, up: 'Attention', range: ranges.attention, at, nameOf,
  });
  drawPlot(rows[i].difference, null, {
    lines: differenceLines(data.heads[i]), count, label, across, up: 'Difference', dotted: 0,
    range: ranges.difference, at, nameOf,
  });
}

/** Returns the head and the offset of a mark. @param {string} name @returns {[number, number]} -1 for none */
function placeOf(name) {
  const [, head, offset] = /^p(\d+)-(\d+)$/.exec(name) ?? [];
  return head === undefined ? [-1, -1] : [Number(head), Number(offset)];
}

function render() {
  root.dataset.condition = state.condition;
  root.dataset.sample = String(state.sample);
  byId('condition').value = state.condition;
  drawText();
  byId('text-shade').textContent = data.everywhere ? `t is ${words.target}; all positions are changed`
    : `changed at t, position ${words.target}`;
  showOver();
}

let focused = -1;

function showOver() {
  const [head, offset] = placeOf(state.over);
  if (isNew('rows', state.condition, rows[0].attention.clientWidth)) {
    const [, most] = rangeOf(data.heads.flatMap(attentionLines));
    ranges = { attention: [0, Math.min(1, most)], difference: rangeOf(data.heads.flatMap(differenceLines)) };
    rows.forEach((_, i) => drawRow(i, i === head ? offset : -1));
    byId('ranges').textContent = 'attention: means ± standard deviation; difference: means ± standard error';
  } else {
    // Only what is left or reached changes: a page has many rows.
    if (focused >= 0 && focused !== head) drawRow(focused, -1);
    if (head >= 0) drawRow(head, offset);
  }
  focused = head;
  outlineText(positionOf(state.over), positionOf(state.sel));
  showDetails(head, offset);
}

/** @param {number} head @param {number} offset */
function showDetails(head, offset) {
  const one = data.heads[head];
  const withError = (/** @type {Spread} */ number) => short(number[0]) + (errorOf(number) === null ? ''
    : ` ± ${short(errorOf(number))}`);
  showInfo('numbers', /** @type {any} */ (one && one.before[offset]
    ? [['Head', one.head], ['Offset', String(offset)], ['Without a change', spreadText(one.before[offset])],
      ...shownConditions().flatMap((i) => [[data.conditions[i].name, spreadText(one.conditions[i].after[offset])],
        ['Difference', withError(one.conditions[i].difference[offset])]]),
      ['Samples', String(one.before[offset][2])]]
    : [['Layer', String(data.layer)], ['Offsets', `0 to ${data.most}`], ['Samples', String(data.samples.length)],
      ['Point at a distance to read its numbers.']]));
}

/** @param {Element} element */
function describe(element) {
  const position = positionOf(nameAt(element));
  if (position < 0) return '';
  const back = words.target - position;
  return `${named(words, position)}${back === 0 ? ': t' : `: offset ${back}`}`;
}

/** @param {number} by */
function stepCondition(by) {
  const next = choices.condition[choices.condition.indexOf(state.condition) + by];
  if (next !== undefined) set({ condition: next });
}

function dataFile() {
  const content = {
    layer: data.layer, everywhere: data.everywhere,
    conditions: data.conditions.map(({ name, kind, heads }) => ({ condition: name, kind, heads })),
    heads: data.heads.map(({ head, before, conditions }) => ({
      head, before: before.map(spreadFile),
      conditions: conditions.map(({ after, difference }) => ({
        after: after.map(spreadFile), difference: difference.map(spreadFile),
        standard_error: difference.map(errorOf),
      })),
    })),
    samples: sampleFiles(),
  };
  return new Blob([JSON.stringify({ ...data.head, ...content }, null, 2) + '\n'], { type: 'application/json' });
}

const numberRows = () => [
  ['condition', 'head', 'offset', ...['before', 'after', 'difference'].flatMap((name) =>
    [name, `${name}_spread`, `${name}_count`]), 'difference_error'],
  ...data.conditions.flatMap(({ name }, i) => data.heads.flatMap(({ head, before, conditions }) =>
    before.map((number, offset) => {
      const [after, difference] = [conditions[i].after[offset], conditions[i].difference[offset]];
      return [name, head, offset, ...[number, after, difference].flatMap(spreadCells), errorOf(difference) ?? ''];
    }))),
];

const picture = () => heatFile(
  rows.flatMap(({ attention, difference }) => [plotDrawing(attention), plotDrawing(difference)]),
  data.heads.flatMap(({ head }) => [`${head}: attention, ${byId('condition').selectedOptions[0].text}`,
    `${head}: difference ± standard error`]));

offerFiles((kind) => `ablate.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: dataFile,
  csv: () => tableFile(numberRows()),
});

on(byId('condition'), 'change', () => set({ condition: byId('condition').value }));
followWidth([rows[0].attention.id]);

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    ...sampleKeys,
    ']': () => stepCondition(1),
    '[': () => stepCondition(-1),
  },
});
