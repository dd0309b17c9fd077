// @ts-check
// Lines through the states: how tokens, or the whole prediction, fare from the embedding to the end.

const [plotLeft, plotRight, plotTop, plotBottom] = [44, 306, 8, 156];
/** @type {Record<string, string>} */
const wholeNames = { kl: 'KL(final ‖ state)', entropy: 'Entropy' };

/**
 * Returns the lines of the position in focus, or of the mean.
 * @returns {Line[]}
 */
function linesOf() {
  const { line, of } = state;
  if (of === 'mean') return meanLines();
  const first = focused().column * data.states.length;
  const each = (/** @type {(cell: number) => number | null | undefined} */ number) =>
    data.states.map((_, i) => known(number(first + i)));
  if (line === 'kl' || line === 'entropy')
    return [{ name: wholeNames[line], values: each((cell) => cells[line][cell]), hue: 0 }];
  const numberOf = (/** @type {Likely | null} */ one) => /** @type {any} */ (one)?.[line];
  const followed = Array.from({ length: data.followed }, (_, place) => ({
    name: tokenOf(place, first), values: each((cell) => numberOf(likelyAt(cells.followed, cell, place))), hue: place,
  })).filter(({ values }) => values.some((value) => value !== null));
  const top = { name: 'top token', values: each((cell) => numberOf(likelyAt(cells.top, cell, 0))), hue: -1 };
  return line === 'rank' ? followed : [...followed, top];
}

/**
 * Names a followed token of a position.
 * @param {number} place
 * @param {number} cell
 */
function tokenOf(place, cell) {
  const token = likelyAt(cells.followed, cell, place);
  return token ? isolated(clip(textAt(token.token), 16)) : '–';
}

/** @returns {Line[]} */
function meanLines() {
  const { line } = state;
  const split = (/** @type {(mean: LensMean) => Spread | undefined} */ of) => ({
    values: data.mean.map((mean) => known(of(mean)?.[0])), spreads: data.mean.map((mean) => known(of(mean)?.[1])),
  });
  if (wholeNames[line])
    return [{ name: wholeNames[line], hue: 0, ...split((mean) => mean[line === 'kl' ? 'kl_divergence' : 'entropy']) }];
  return data.mean[0].followed.map((_, place) => (
    { name: data.names[place], hue: place, ...split((mean) => mean.followed[place][line]) }));
}

/**
 * Returns the scale of the plot: places of numbers, and the numbers beside the axis.
 * @param {Line[]} lines
 * @returns {{ place: (value: number) => number, ticks: number[], show: (value: number) => string }}
 */
function scaleOf(lines) {
  const height = plotBottom - plotTop;
  if (state.line === 'rank') {
    const most = Math.max(2, data.ranges.rank);
    const ticks = [1];
    while (ticks[ticks.length - 1] * 10 <= most) ticks.push(ticks[ticks.length - 1] * 10);
    return {
      place: (value) => plotTop + height * (Math.log(Math.max(1, value)) / Math.log(most)), ticks,
      show: String,
    };
  }
  const numbers = lines.flatMap(({ values }) => values).filter((value) => value !== null);
  const [low, high] = state.line === 'probability' ? [0, 1]
    : state.line === 'logit' ? [lowestOf(numbers, 0), highestOf(numbers, 0)]
      : [0, state.line === 'kl' ? data.ranges.kl : data.ranges.entropy];
  const extent = high - low || 1;
  const step = [1, 2, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10(extent / 5)))
    .find((size) => extent / size <= 5) ?? extent;
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) ticks.push(tick);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return {
    place: (value) => plotBottom - height * ((value - low) / extent), ticks,
    show: (value) => (state.line === 'probability' ? Math.round(value * 100) + ' %' : value.toFixed(digits)),
  };
}

/** @param {number} at a state */
const placeOfState = (at) => plotLeft + (plotRight - plotLeft) * (last === 0 ? .5 : at / last);

function showPlot() {
  const lines = linesOf();
  const scale = scaleOf(lines);
  const { state: at, position } = focused();
  const ofMean = state.of === 'mean';
  const width = (plotRight - plotLeft) / Math.max(1, last);
  byId('plot').replaceChildren(
    ...axes(scale),
    ...lines.flatMap((line) => bandsOf(line, placeOfState, clamped(scale.place))),
    makeSvg('line', { class: 'at', x1: placeOfState(at), x2: placeOfState(at), y1: plotTop, y2: plotBottom }),
    ...lines.toReversed().flatMap((line) => lineOf(line, placeOfState, scale.place, at)),
    ...data.states.map((_, i) => makeSvg('rect', {
      class: 'hold', 'data-cell': nameOf(i, position), x: placeOfState(i) - width / 2, y: plotTop, width,
      height: plotBottom - plotTop,
    })));
  byId('plot-title').textContent = ofMean ? 'Mean of all' : 'Position ' + position;
  byId('plot').setAttribute('aria-label', `${byId('line').selectedOptions[0].text}: ` + lines.map(({ name, values }) =>
    `${name} from ${scaleText(values[0])} in ${data.states[0]} to ${scaleText(values[last])} in ${data.states[last]}`)
    .join('; '));
  byId('lines').replaceChildren(...lines.map(lineKey));
}

/** Keeps a band within the plot. @param {(value: number) => number} place */
const clamped = (place) => (/** @type {number} */ value) => Math.max(plotTop, Math.min(plotBottom, place(value)));

/** @param {number | null} value */
const scaleText = (value) => (value === null ? '–' : state.line === 'probability' ? percent(value) : String(
  Number(value.toFixed(3))));

/** @param {ReturnType<typeof scaleOf>} scale */
function axes({ place, ticks, show }) {
  // The last state has a long name, for which there must be room.
  const every = 2 * Math.max(1, Math.ceil(data.states.length / 12));
  const named = data.states.flatMap((name, i) => (
    i === last || (i % every === 0 && placeOfState(last) - placeOfState(i) > 76)
    ? [makeSvg('text', { x: placeOfState(i), y: plotBottom + 14, 'text-anchor': i === last ? 'end' : 'middle' }, name)]
    : []));
  return [
    ...ticks.flatMap((tick) => [
      makeSvg('path', { class: 'rule', d: `M${plotLeft} ${place(tick)}H${plotRight}` }),
      makeSvg('text', { x: plotLeft - 6, y: place(tick) + 4, 'text-anchor': 'end' }, show(tick)),
    ]),
    ...named,
  ];
}
