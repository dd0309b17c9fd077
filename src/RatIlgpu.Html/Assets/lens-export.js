// @ts-check
// Exports the states as files.

/** @param {number} place */
const tokenFile = (place) => ({ id: data.ids[place], text: data.tokens[place] });

/** @param {Likely} token */
const likelyFile = ({ token, rank, logit, probability }) =>
  ({ token: tokenFile(token), rank, logit: known(logit), probability: known(probability) });

/**
 * Returns what the file has of a prompt.
 * @param {number} index
 */
async function promptFile(index) {
  const { at, mask, interventions, positions, order } = data.prompts[index];
  const found = await cellsOf(index);
  const count = data.states.length;
  return {
    tokens: at.map(tokenFile),
    attention_mask: mask ?? null,
    interventions: interventions ?? [],
    states: order.flatMap((column) => data.states.map((name, row) => {
      const cell = column * count + row;
      return {
        state: name, position: positions[column], entropy: known(found.entropy[cell]),
        kl_divergence: known(found.kl[cell]), top: likelyOf(found.top, cell).map(likelyFile),
        followed: likelyOf(found.followed, cell).map(likelyFile),
        projections: projectionsOf(found, cell).map(({ direction, value }) =>
          ({ direction: data.directions[direction], value: known(value) })),
      };
    })),
  };
}

/**
 * Returns the numbers of a mean, or those of its spread.
 * @param {0 | 1} which
 */
const meanFile = (which) => data.mean.map(({ state: name, ...numbers }) => ({ state: name, ...oneOf(numbers, which) }));

/** @param {any} value @param {0 | 1} which @returns {any} */
function oneOf(value, which) {
  if (!Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, oneOf(item, which)]));
  const isPair = value.length === 2 && value.every((item) => item === null || typeof item === 'number');
  return isPair ? value[which] : value.map((item) => oneOf(item, which));
}

async function dataFile() {
  const parts = [];
  for (let i = 0; i < data.prompts.length; i++) parts.push(await promptFile(i));
  const content = parts.length === 1 ? parts[0]
    : { prompts: parts.map((part, i) => ({ prompt: i + 1, ...part })), mean: meanFile(0), spread: meanFile(1) };
  return new Blob([JSON.stringify({ ...data.head, ...content }, null, 2) + '\n'], { type: 'application/json' });
}

/** Returns a row for each cell of the prompt that is shown. */
function cellRows() {
  const followed = Array.from({ length: data.followed }, (_, i) => i);
  const names = ['prompt', 'position', 'token', 'state', 'entropy', 'kl_divergence', 'top_token', 'top_probability',
    'top_logit', ...followed.flatMap((i) => ['token', 'rank', 'probability', 'logit'].map((name) =>
      `followed${i + 1}_${name}`)), ...data.directions.map((name) => 'direction ' + name)];
  const tableRows = prompt().positions.flatMap((position, column) => data.states.map((name, row) => {
    const cell = column * data.states.length + row;
    const top = likelyAt(cells.top, cell, 0);
    const along = projectionsOf(cells, cell);
    return [
      state.prompt, position, words.tokens[position], name, cells.entropy[cell], cells.kl[cell],
      top ? data.tokens[top.token] : '', top?.probability ?? '', top?.logit ?? '',
      ...followed.flatMap((i) => {
        const token = likelyAt(cells.followed, cell, i);
        return token ? [data.tokens[token.token], token.rank, token.probability, token.logit] : ['', '', '', ''];
      }),
      ...data.directions.map((_, i) => along.find(({ direction }) => direction === i)?.value ?? ''),
    ];
  }));
  return [names, ...tableRows];
}

const picture = () => heatFile([grid.toSvg()], [`${document.title} · ${metricOf().name}`]);

offerFiles((kind) => `lens${data.prompts.length > 1 && kind !== 'json' ? '-prompt' + state.prompt : ''}.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: dataFile,
  csv: () => tableFile(cellRows()),
});
