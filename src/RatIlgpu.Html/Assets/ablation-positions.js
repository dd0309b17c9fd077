// @ts-check
// The condition through layers, and position by position in the sample.

// More rows make the page slow; the exported JSON has all.
const mostChanges = 300;

function showThrough() {
  const { layer, projection, cosine } = condition();
  const line = (/** @type {string} */ name, /** @type {Spread[]} */ numbers_, /** @type {number} */ hue) =>
    ({ name, hue, values: numbers_.map(([mean]) => mean), spreads: numbers_.map(([, spread]) => spread) });
  drawPlot(byId('through'), byId('through-lines'), {
    lines: [line('NIP', projection, 0), line('Cosine', cosine, 1)], count: projection.length, dotted: 1,
    label: (i) => String(layer + i), across: 'Layer', up: 'Mean ± spread', nameOf: (i) => `l${layer + i}`,
  });
}

function showPositions() {
  const { layer } = condition();
  const { first, position } = sample();
  const { projection, cosine, divergence } = effect();
  const shown = shownLayers();
  const values = (/** @type {Float32Array} */ all) => Array.from(all, known);
  const lines = shown.length === 1
    ? [{ name: `NIP, layer ${layer + shown[0]}`, hue: 0, values: values(projection[shown[0]]) },
      { name: `Cosine, layer ${layer + shown[0]}`, hue: 1, values: values(cosine[shown[0]]) }]
    : shown.map((i) => ({ name: `NIP, layer ${layer + i}`, hue: i, values: values(projection[i]) }));
  const framed = position === null ? -1 : position - first;
  const common = {
    count: divergence.length, at: focused() - first, framed, across: 'Position',
    label: (/** @type {number} */ i) => String(first + i), nameOf: (/** @type {number} */ i) => String(first + i),
  };
  drawPlot(byId('outputs'), byId('outputs-lines'), { ...common, lines, dotted: 1, up: 'Output' });
  drawPlot(byId('divergences'), byId('divergences-lines'), {
    ...common, lines: [{ name: 'KL', hue: 2, values: values(divergence) }], up: 'KL, nats',
  });
}

function showLayers() {
  const { layer, projection, name } = condition();
  if (isNew('layers', name))
    byId('layer').replaceChildren(
      ...projection.map((_, i) => make('option', { value: layer + i }, String(layer + i))),
      make('option', { value: 'all' }, 'all'));
  byId('layer').value = state.layer === 'all' ? 'all' : String(layer + shownLayers()[0]);
}

function showChanges() {
  if (!isNew('changes', state.condition, state.sample)) return;
  const { predictions, divergence } = effect();
  const { first } = sample();
  const changed = Array.from(predictions, (_, i) => i).filter((i) => predictions[i] !== numbers.predictions[i]);
  const shown = (/** @type {number} */ place) =>
    make('td', { title: clip(textAt(place), 60) }, make('bdi', {}, clip(textAt(place), 24)));
  byId('changes').replaceChildren(...changed.slice(0, mostChanges).map((i) => make('tr', { 'data-p': first + i },
    make('td', { title: named(words, first + i) },
      make('button', { 'data-p': first + i }, named(words, first + i))), shown(numbers.predictions[i]),
    shown(predictions[i]), make('td', {}, divergence[i].toPrecision(3)))));
  byId('changes-title').textContent = `Changed predictions: ${changed.length} of ${predictions.length}`
    + (changed.length > mostChanges ? `, the first ${mostChanges}` : '');
}

/** Shades the text by the chosen number. */
function shadeText() {
  const { first } = sample();
  const { divergence, predictions, projection, cosine } = effect();
  const [place] = shownLayers();
  /** @type {Record<string, Float32Array>} */
  const measures = { projection: projection[place], cosine: cosine[place], divergence };
  const of = measures[state.measure];
  const distance = (/** @type {number} */ i) => (of ? of[i] - (isOfLayers() ? 1 : 0)
    : Number(predictions[i] !== numbers.predictions[i]));
  const all = Array.from(predictions, (_, i) => distance(i));
  const most = highestOf(all.filter(Number.isFinite).map(Math.abs), 1e-9);
  strip.forEach((token, i) => {
    const shade = i < first || !Number.isFinite(all[i - first]) ? null : all[i - first] / most;
    mark(token, 'data-v', isOfLayers() && shade !== null && Math.round(shade * 6) || null);
    mark(token, 'data-h', !isOfLayers() && shade !== null && Math.round(Math.sqrt(Math.max(0, shade)) * 7) || null);
    mark(token, 'data-unread', i < first);
  });
  byId('text-shade').textContent = `${measureNames[state.measure]}`
    + `${isOfLayers() ? `, layer ${condition().layer + place}` : ''}, ${condition().name}`;
}

function showDetails() {
  const { words: inFull, divergence, changed, layer, projection, cosine } = condition();
  const at = focused() - sample().first;
  const last = projection.length - 1;
  /** @type {[string, string?][]} */
  const rows = [
    ['Condition', inFull],
    ['KL', `${divergence.slice(0, 2).flatMap((one) => (one === null ? [] : [one.toPrecision(3)])).join(' ± ')} nats`],
    ['Changed', percent(changed[0] ?? 0)],
    [`NIP, layer ${layer}`, spreadText(projection[0])],
    [`Cosine, layer ${layer}`, spreadText(cosine[0])],
  ];
  if (last > 0) rows.push([`NIP, layer ${layer + last}`, spreadText(projection[last])]);
  if (focused() >= 0) rows.push(...detailsAt(at));
  showInfo('condition', rows);
}

/** @param {number} at a place from the first changed position on @returns {[string, string?][]} */
function detailsAt(at) {
  const { divergence, predictions, projection, cosine } = effect();
  const rows = /** @type {[string, string?][]} */ ([['Position', named(words, focused())]]);
  if (at < 0) return [...rows, ['Nothing changes before the changed position.']];
  const [place] = shownLayers();
  const text = (/** @type {number} */ token) => isolated(clip(textAt(token), 24));
  return [
    ...rows,
    ['KL there', divergence[at].toPrecision(3)],
    ['NIP · cosine there', `${short(projection[place][at])} · ${short(cosine[place][at])}`],
    ['Predicts', text(numbers.predictions[at])],
    ['With the change', predictions[at] === numbers.predictions[at] ? 'the same' : text(predictions[at])],
  ];
}
