// @ts-check
// The page of a redundancy test or of an offset sweep: bars or curves of a layer.

const [barHeight, barTop] = [40, 20];
/** @type {Record<string, string>} */
const measureNames = { projection: 'NIP', cosine: 'Cosine' };
const isSweep = root.dataset.page === 'offset-sweep';
// What is taken away beside the values.
const taken = data.components ? 'components' : 'heads';
const choices = { measure: ['projection', 'cosine'], layer: data.layers.map(({ layer }) => String(layer)) };
const address = { n: 'sel', s: 'sample', m: 'measure', l: 'layer' };
const initial = { sample: 1, measure: 'projection', layer: choices.layer[0] };

const layerNow = () => /** @type {Layer} */ (data.layers.find(({ layer }) => String(layer) === state.layer));

/** @param {Output} output @returns {Spread} */
const measured = (output) => output[state.measure === 'cosine' ? 1 : 0];

function render() {
  root.dataset.measure = state.measure;
  root.dataset.layer = state.layer;
  root.dataset.sample = String(state.sample);
  byId('layer').value = state.layer;
  drawText();
  byId('text-shade').textContent = `changed at position ${words.target}`;
  byId('plot-title').textContent = isSweep
    ? `${measureNames[state.measure]} in layer ${state.layer}, by distance`
    : `${measureNames[state.measure]} in layer ${state.layer} of two runs`;
  showOver();
}

function showOver() {
  if (isSweep) drawSweep();
  else drawBars();
  outlineText(positionOf(state.over), positionOf(state.sel));
  showDetails();
}

/** Draws a bar for each comparison: its name and number above it, the spread as a line through its end. */
function drawBars() {
  const drawing = byId('plot');
  const pairs = layerNow().pairs ?? [];
  const width = drawing.clientWidth || 560;
  const [left, right] = [12, width - 12];
  const all = pairs.map(({ output }) => measured(output));
  const ends = all.flatMap(([mean, spread]) => (mean === null ? [] : [mean - (spread ?? 0), mean + (spread ?? 0)]));
  const [low, high] = [lowestOf(ends, 0), highestOf(ends, 1)];
  const x = (/** @type {number} */ value) => left + ((right - left) * (value - low)) / (high - low);
  const height = barTop + pairs.length * barHeight + 8;
  filled(drawing, { width, height, viewBox: `0 0 ${width} ${height}` }, []);
  drawing.replaceChildren(
    ...ticksOf(low, high, 5).flatMap(({ value, text }) => [
      makeSvg('path', { class: ruleOf(value), d: besideBars(x(value), pairs.length) }),
      makeSvg('text', {
        x: x(value), y: 12, 'text-anchor': value === low ? 'start' : value === high ? 'end' : 'middle',
      }, text)]),
    makeSvg('path', { class: 'dotted', d: besideBars(x(1), pairs.length) }),
    ...pairs.flatMap(({ name }, i) => barOf(name, all[i], i, x, right)));
  drawing.setAttribute('aria-label', pairs.map(({ name }, i) => `${name}: ${spreadText(all[i])}`).join('; '));
  byId('lines').textContent = 'none: the run without a change; the dotted line is 1, no change.';
}

/** Returns an upright line beside each bar; none touches the texts above. @param {number} x @param {number} bars */
const besideBars = (x, bars) =>
  Array.from({ length: bars }, (_, i) => `M${x} ${barTop + i * barHeight + 20}v16`).join('');

/** @param {string} name @param {Spread} number @param {number} i @param {(value: number) => number} x */
function barOf(name, [mean, spread, count], i, x, right) {
  const top = barTop + i * barHeight;
  const parts = [
    makeSvg('text', { class: 'label', x: 12, y: top + 14 }, name),
    makeSvg('text', { class: 'label', x: right, y: top + 14, 'text-anchor': 'end' },
      spreadText([mean, spread, count])),
  ];
  if (mean !== null) {
    const [from, to] = [Math.min(x(0), x(mean)), Math.max(x(0), x(mean))];
    parts.push(makeSvg('rect', {
      class: `fill hue-${i < 5 ? 0 : 1}`, x: from, y: top + 20, width: to - from, height: 12,
    }));
    if (spread !== null) {
      const [start, end] = [x(mean - spread), x(mean + spread)];
      parts.push(makeSvg('path', {
        class: 'whisker',
        d: `M${start} ${top + 26}H${end}M${start} ${top + 21}v10M${end} ${top + 21}v10`,
      }));
    }
  }
  return [...parts, makeSvg('rect', {
    class: 'hold', 'data-p': 'b' + i, x: 0, y: top, width: right + 12, height: barHeight,
  })];
}

function drawSweep() {
  const { offsets, alone } = layerNow();
  const of = (/** @type {'values' | 'both'} */ name) => offsets.map((point) => measured(point[name]));
  const [values, both] = [of('values'), of('both')];
  const line = (/** @type {string} */ name, /** @type {Spread[]} */ all, /** @type {number} */ hue) =>
    ({ name, hue, values: all.map(([mean]) => mean), spreads: all.map(([, spread]) => spread) });
  drawPlot(byId('plot'), byId('lines'), {
    lines: [
      line('values alone', values, 0), line(`values and ${taken}`, both, 1),
      { name: 'difference', hue: 2, values: values.map(([mean], i) => differenceOf(mean, both[i][0])) },
      { name: `${taken} alone`, hue: -1, values: values.map(() => measured(alone)[0]) },
    ],
    count: offsets.length, label: (i) => String(offsets[i].offset), across: 'Distance o of the values, in tokens',
    up: measureNames[state.measure], dotted: 1, at: Number(/^o(\d+)$/.exec(state.over)?.[1] ?? 0) - 1,
    nameOf: (i) => 'o' + offsets[i].offset,
  });
}

/** @param {number | null} one @param {number | null} other */
const differenceOf = (one, other) => (one === null || other === null ? null : one - other);

function showDetails() {
  const [kind, place] = [state.over[0], Number(state.over.slice(1))];
  const { pairs = [], offsets, alone } = layerNow();
  const both = ([projection, cosine]) => [['NIP', spreadText(projection)], ['Cosine', spreadText(cosine)],
    ['Samples', String(projection[2])]];
  const rows = kind === 'b' && pairs[place]
    ? [['Comparison', pairs[place].name], ...both(pairs[place].output)]
    : kind === 'o' && offsets[place - 1] ? sweepDetails(offsets[place - 1])
      : [data.components ? ['Components', data.components] : ['Heads', data.heads.join(', ')], ['Layer', state.layer],
        ...(isSweep ? [[`Without the ${taken} alone`, spreadText(measured(alone))]] : []),
        ['Text', `sample ${state.sample}, position ${words.target}`]];
  showInfo('numbers', /** @type {any} */ (rows));
}

/** @param {Layer['offsets'][number]} point */
const sweepDetails = ({ offset, values, both }) => [
  ['Distance', String(offset)], ['Values alone', spreadText(measured(values))],
  [`Values and ${taken}`, spreadText(measured(both))],
  ['Difference', short(differenceOf(measured(values)[0], measured(both)[0]))],
];

/** @param {Element} element */
function describe(element) {
  const position = positionOf(nameAt(element));
  if (position < 0) return '';
  const back = words.target - position;
  return `${named(words, position)}${back === 0 ? ': t' : back > 0 ? `: ${back} before t` : ': after t, not run'}`;
}

/** @param {number} by */
function stepLayer(by) {
  const next = choices.layer[choices.layer.indexOf(state.layer) + by];
  if (next !== undefined) set({ layer: next });
}

const outputFile = (/** @type {Output} */ [projection, cosine]) =>
  ({ projection: spreadFile(projection), cosine: spreadFile(cosine) });

/** Returns the comparisons in the order of the command's files. */
const comparisons = () => (data.layers[0].pairs ?? []).flatMap((_, i) => data.layers.map(({ layer, pairs = [] }) =>
  ({ layer, ...pairs[i] })));

function dataFile() {
  const removed = { heads: data.heads, ...(data.components && { components: data.components }) };
  const content = isSweep
    ? {
      ...removed, layers: data.layers.map(({ layer, alone, offsets }) => ({
        layer, heads_alone: outputFile(alone), offsets: offsets.map(({ offset, values, both }) => ({
          offset, values: outputFile(values), both: outputFile(both),
          difference: differenceOf(values[0][0], both[0][0]),
        })),
      })),
    }
    : {
      ...removed, value_heads: data.valueHeads, ...data.index,
      comparisons: comparisons().map(({ pair, layer, output }) => ({ pair, layer, ...outputFile(output) })),
    };
  const text = JSON.stringify({ ...data.head, ...content, samples: sampleFiles() }, null, 2) + '\n';
  return new Blob([text], { type: 'application/json' });
}

const cells = (/** @type {Output} */ output) => output.flatMap(spreadCells);
const columnsOf = (/** @type {string} */ start) => ['projection', 'cosine'].flatMap((name) =>
  ['', '_spread', '_count'].map((end) => start + name + end));

const numberRows = () => (isSweep
  ? [['layer', 'offset', ...columnsOf('values_'), ...columnsOf('both_'), ...columnsOf('heads_'), 'difference'],
    ...data.layers.flatMap(({ layer, alone, offsets }) => offsets.map(({ offset, values, both }) => [layer, offset,
      ...cells(values), ...cells(both), ...cells(alone), differenceOf(values[0][0], both[0][0]) ?? '']))]
  : [['pair', 'layer', ...columnsOf('')], ...comparisons().map(({ pair, layer, output }) =>
    [pair.replaceAll('_', '-'), layer, ...cells(output)])]);

const picture = () => heatFile([plotDrawing(byId('plot'))], [`${document.title}: ${byId('plot-title').textContent}`]);

offerFiles((kind) => `ablate.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: dataFile,
  csv: () => tableFile(numberRows()),
});

on(byId('layer'), 'change', () => set({ layer: byId('layer').value }));
followWidth(['plot']);

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    ...sampleKeys,
    '.': () => stepLayer(1),
    ',': () => stepLayer(-1),
  },
});
