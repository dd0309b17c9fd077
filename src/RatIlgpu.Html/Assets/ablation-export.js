// @ts-check
// Exports the study as files.

/** Numbers of positions have 16 binary digits. @param {Float32Array} all */
const floatsFile = (all) => Array.from(all, (value) => (Number.isFinite(value) ? Number(value.toPrecision(5)) : null));

/** @param {Uint32Array} places */
const idsFile = (places) => Array.from(places, (place) => data.ids[place]);

async function dataFile() {
  const all = [];
  for (let i = 0; i < data.samples.length; i++) all.push(await numbersOf(i));
  const predicted = [...new Set(all.flatMap(({ predictions, effects }) =>
    [predictions, ...effects.map((one) => one.predictions)].flatMap(idsFile)))].sort((a, b) => a - b);
  const content = {
    part: data.part, kinds, everywhere: data.everywhere,
    predicted: predicted.map((id) => ({ id, text: data.tokens[data.ids.indexOf(id)] })),
    samples: sampleFiles().map((one, i) => ({
      ...one, first: data.samples[i].first,
      predictions: idsFile(all[i].predictions),
    })),
    conditions: data.conditions.map((one, index) => ({
      condition: one.words, kind: one.kind, heads: one.heads,
      layers: one.projection.map((projection, i) => ({
        layer: one.layer + i, projection: spreadFile(projection), cosine: spreadFile(one.cosine[i]),
      })),
      divergence: spreadFile(one.divergence), changed: spreadFile(one.changed),
      samples: all.map(({ effects }, i) => effectFile(one.layer, effects[index], i, index)),
    })),
  };
  return new Blob([JSON.stringify({ ...data.head, ...content }, null, 2) + '\n'], { type: 'application/json' });
}

/** @param {number} layer @param {Effect} found @param {number} index a sample @param {number} of a condition */
const effectFile = (layer, found, index, of) => ({
  sample: index + 1,
  layers: found.projection.map((projection, i) => ({
    layer: layer + i, projection: floatsFile(projection), cosine: floatsFile(found.cosine[i]),
  })),
  divergence: floatsFile(found.divergence), predictions: idsFile(found.predictions),
  patterns: data.samples[index].kept[of].map(([place, variation]) =>
    ({ head: data.samples[index].patterns[place], variation })),
});

const conditionRows = () => [
  ['condition', 'part', 'kind', 'heads', 'layer', ...['projection', 'cosine', 'divergence', 'changed'].flatMap((name) =>
    [name, `${name}_spread`, `${name}_count`])],
  ...data.conditions.flatMap((one) => one.projection.map((projection, i) => [
    one.words, data.part, one.kind.replace('_', '-'), one.heads.join(' '), one.layer + i, ...spreadCells(projection),
    ...spreadCells(one.cosine[i]), ...spreadCells(one.divergence), ...spreadCells(one.changed)])),
];

const picture = () => heatFile(
  [grid.toSvg(), plotDrawing(byId('through')), plotDrawing(byId('outputs')), plotDrawing(byId('divergences'))],
  [`${document.title} · ${byId('legend').textContent}`, `${condition().name} through layers`,
    `${condition().name} in sample ${state.sample}`, 'KL']);

offerFiles((kind) => `ablate.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: dataFile,
  csv: () => tableFile(conditionRows()),
});
