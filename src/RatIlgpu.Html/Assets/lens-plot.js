// @ts-check
// Lines through the states: how tokens, or the whole prediction, fare from the embedding to the end.

const [plotLeft, plotRight, plotTop, plotBottom] = [44, 306, 8, 156];
const dashes = ['', '6 3', '2 3'];
/** @type {Record<string, string>} */
const wholeNames = { kl: 'KL(final ‖ state)', entropy: 'Entropy' };

/**
 * @typedef {{ name: string, values: (number | null)[], spreads?: (number | null)[], hue: number }} Line a hue of -1 is
 *   grey
 */

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
    : state.line === 'logit' ? [Math.min(...numbers, 0), Math.max(...numbers, 0)]
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
    ...lines.flatMap((line) => (line.spreads ? [bandOf(line, scale.place)] : [])),
    makeSvg('line', { class: 'at', x1: placeOfState(at), x2: placeOfState(at), y1: plotTop, y2: plotBottom }),
    ...lines.toReversed().flatMap((line) => lineOf(line, scale.place, at)),
    ...data.states.map((_, i) => makeSvg('rect', {
      class: 'hold', 'data-cell': nameOf(i, position), x: placeOfState(i) - width / 2, y: plotTop, width,
      height: plotBottom - plotTop,
    })));
  byId('plot-title').textContent = ofMean ? 'Mean of all' : 'Position ' + position;
  byId('plot').setAttribute('aria-label', `${byId('line').selectedOptions[0].text}: ` + lines.map(({ name, values }) =>
    `${name} from ${scaleText(values[0])} in ${data.states[0]} to ${scaleText(values[last])} in ${data.states[last]}`)
    .join('; '));
  byId('lines').replaceChildren(...lines.map(({ name, hue }) =>
    make('span', { class: 'key' }, makeSvg('svg', { width: 18, height: 8, 'aria-hidden': 'true' },
      makeSvg('path', { d: 'M0 4H18', ...strokeOf(hue) })), make('bdi', {}, name))));
}

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

/** @param {number} hue */
const strokeOf = (hue) => ({
  class: hue < 0 ? 'line grey' : `line hue-${hue % 7}`,
  'stroke-dasharray': hue < 0 ? '3 3' : dashes[Math.floor(hue / 7) % dashes.length],
});

/**
 * Draws a line, broken where there is no number, and its point at a state.
 * @param {Line} line
 * @param {(value: number) => number} place
 * @param {number} at
 */
function lineOf({ values, hue }, place, at) {
  let path = '';
  values.forEach((value, i) => {
    if (value !== null) path += `${i > 0 && values[i - 1] !== null ? 'L' : 'M'}${placeOfState(i)} ${place(value)}`;
  });
  const value = values[at];
  const style = strokeOf(hue);
  const line = makeSvg('path', { ...style, d: path });
  if (value === null) return [line];
  return [line, makeSvg('circle', { class: style.class, cx: placeOfState(at), cy: place(value), r: 3.5 })];
}

/**
 * Draws the spread around a line.
 * @param {Line} line
 * @param {(value: number) => number} place
 */
function bandOf({ values, spreads, hue }, place) {
  const bound = (/** @type {number} */ i, /** @type {number} */ sign) => {
    const y = place((values[i] ?? 0) + sign * (spreads?.[i] ?? 0));
    return `${placeOfState(i)} ${Math.max(plotTop, Math.min(plotBottom, y))}`;
  };
  const along = values.map((_, i) => i);
  const points = [...along.map((i) => bound(i, 1)), ...along.toReversed().map((i) => bound(i, -1))];
  return makeSvg('path', { class: `band hue-${hue % 7}`, d: `M${points.join('L')}Z` });
}
