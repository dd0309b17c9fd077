// @ts-check
// Exports the tables as files.

/** @param {number} k */
const tokenFile = (k) => ({ id: data.ids[k], text: data.tokens[k] });

/** @param {Moved[]} moved */
const movedFile = (moved) => moved.map(([k, change]) => ({ token: tokenFile(k), change }));

/** @param {Row} row */
const rowFile = (row) => ({
  condition: row.kind, name: row.name, heads: row.heads, layer: row.layer ?? null,
  ...(row.components && { components: row.components, scope: row.scope }),
  predicted: { token: tokenFile(row.token), logit: row.logit, probability: row.probability }, same: row.same,
  logit_change: row.change, log_probability_change: row.log, kl_divergence: row.kl,
  risen: movedFile(row.risen), fallen: movedFile(row.fallen),
});

async function dataFile() {
  const prompts = [];
  for (let i = 0; i < data.prompts.length; i++) {
    const { label, at, position, rows } = await tableOf(i);
    prompts.push({ prompt: i + 1, label, tokens: at.map(tokenFile), position, rows: rows.map(rowFile) });
  }
  const content = {
    ...data.head, heads: data.heads, heads_chosen: data.chosen, top: data.top, masked_count: data.masked, prompts,
    summary: data.summary,
  };
  return new Blob([JSON.stringify(content, null, 2) + '\n'], { type: 'application/json' });
}

/** Returns a row for each condition of the prompt that is shown. */
function conditionRows() {
  const { label, position, rows } = shownTable;
  const places = Array.from({ length: data.top }, (_, i) => i);
  const names = ['prompt', 'label', 'position', 'condition', 'name', 'predicted', 'predicted_id', 'logit',
    'probability', 'same', 'logit_change', 'log_probability_change', 'kl_divergence',
    ...['risen', 'fallen'].flatMap((kind) => places.flatMap((i) => [`${kind}${i + 1}`, `${kind}${i + 1}_change`]))];
  return [names, ...rows.map((row) => [
    state.prompt, label, position, row.kind, row.name, data.tokens[row.token], data.ids[row.token], row.logit,
    row.probability, String(row.same), row.change, row.log, row.kl,
    ...[row.risen, row.fallen].flatMap((moved) => places.flatMap((i) =>
      (moved[i] ? [data.tokens[moved[i][0]], moved[i][1]] : ['', '']))),
  ])];
}

offerFiles((kind) => `predict${data.prompts.length > 1 && kind === 'csv' ? '-prompt' + state.prompt : ''}.${kind}`, {
  json: dataFile,
  csv: () => tableFile(conditionRows()),
});
