// @ts-check
// Exports patterns as files.

/** Names the shown pattern in a file name. */
const fileStem = () => ['attention', ...(data.prompts.length > 1 ? [`prompt${state.prompt}`] : []),
  headShown() < 0 ? summaryShown()[0] : headKeys[headShown()],
  ...(state.weights === 'standard' || summaryShown()[1] === 'standard' && headShown() < 0 ? [] : [state.weights])]
  .join('-');

/** Draws the matrix, or in the mode of lines the links; where none is shown there, the heading names the matrix. */
function picture() {
  const links = lines?.drawing();
  const what = links || state.mode !== 'lines' ? [] : ['matrix'];
  return heatFile([links ?? heat.toSvg()], [[titleShown(), ...what, prompt().label].join(' · ')]);
}

/** Leaves out the digits that say nothing. @param {number} value */
const rounded = (value) => Number(value.toPrecision(6));

/**
 * Returns a pattern as rows of JSON; `quality` has a sign for each cell, and = for one that is exact.
 * @param {Record<string, any>} about
 * @param {Seen} of
 * @param {Pattern} pattern
 */
function patternJson(about, { tokens: { length }, causal, tier }, pattern) {
  const cellsOf = (/** @type {number} */ query) => Array.from({ length: causal ? query + 1 : length }, (_, key) => key);
  const queries = Array.from({ length }, (_, query) => query);
  const rows = queries.map((query) => cellsOf(query).map((key) => {
    const value = pattern.value(query, key);
    return value === null ? null : rounded(value);
  }));
  const signs = (/** @type {number} */ query) =>
    cellsOf(query).map((key) => pattern.quality(query, key) || '=').join('');
  return JSON.stringify({ ...about, rows, ...(tier !== 'exact' && { quality: queries.map(signs) }) });
}

/** Returns the locked head as JSON, or all heads one after the other. */
async function patternsFile() {
  // The reader can go on meanwhile.
  const [{ head: locked, prompt: number, weights }, of] = [{ ...state }, prompt()];
  const { label, tokens: texts, ids, mask, interventions, tier, bound, causal } = of;
  const about = { title: document.title, label, tokens: texts, ids, mask, interventions, causal, weights, tier, bound };
  const parts = [JSON.stringify(about).slice(0, -1), ',"heads":[\n'];
  for (const [index, { name, layer, head }] of heads.entries())
    if (locked === '' || locked === headKeys[index]) {
      const pattern = await attention.head(Number(number), index, weights);
      parts.push(parts.length > 2 ? ',\n' : '', patternJson({ name, layer, head }, of, pattern));
    }
  return new Blob([...parts, ']}\n'], { type: 'application/json' });
}

/** Returns the shown matrix; masked cells and padding are empty. A browser cannot hold the text of a larger one. */
function matrixTable() {
  const { tokens: texts } = prompt();
  if (texts.length > 4096) throw new RangeError();
  const all = [...texts.keys()];
  return tableFile([
    ['query_position', 'query_token', ...all.map((key) => `${key}: ${texts[key]}`)],
    ...all.map((query) => [query, texts[query], ...all.map((key) => {
      const value = shown.pattern.value(query, key);
      return value === null ? '' : rounded(value);
    })]),
  ]);
}

offerFiles((kind) => `${fileStem()}.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: patternsFile,
  csv: matrixTable,
});

onClick('copy', async () => {
  // A page in a frame may not be allowed to write to the clipboard.
  const isDone = await (async () => navigator.clipboard.writeText(await matrixTable().text()))()
    .then(() => true, () => false);
  byId('said').textContent = isDone ? `Copied ${titleShown()} as CSV.` : 'Copying is not allowed here; save the CSV.';
});
