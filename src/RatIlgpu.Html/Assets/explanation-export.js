// @ts-check
// Exports explanations as files.

/**
 * Returns what the file of the command has of the links of one prompt, head and query.
 * @param {Link[]} group
 */
async function groupFile(group) {
  const [first, prompt] = [viewOf(group[0]), data.prompts[group[0].prompt]];
  const keys = [];
  for (const link of group) keys.push(await keyFile(link, viewOf(link)));
  return {
    tokens: prompt.ids.map((id, i) => ({ id, text: prompt.tokens[i] })), attention_mask: prompt.mask ?? null,
    interventions: prompt.interventions ?? [],
    head: group[0].head, query: group[0].query, query_attention: group[0].row, reading: first.reading,
    split_heads: group[0].split, foil_key: first.foil ?? null, keys,
  };
}

/** @param {Link} link @param {View} view */
async function keyFile(link, view) {
  await decode(view);
  const { byQuery, byKey, without, pairs } = /** @type {Numbers} */ (decoded.get(view));
  const { score, attention, measured, rounding, alone: position_alone } = view;
  return {
    key: link.key, score, attention, measured, rounding, position_alone, query_parts: queryPartsOf(view),
    key_parts: keyPartsOf(view), by_query_part: [...byQuery], by_key_part: [...byKey], attention_without: [...without],
    pairs: [...pairs], verification: (view.verified && link.verification) || null,
  };
}

async function dataFile() {
  const parts = [];
  for (const group of groups) parts.push(await groupFile(group));
  const content = parts.length === 1 ? parts[0] : { prompts: parts.map((part, i) => ({ prompt: i + 1, ...part })) };
  return new Blob([JSON.stringify({ ...data.head, ...content }, null, 2) + '\n'], { type: 'application/json' });
}

/** Returns the sums of the shown view, then its pairs. */
function tableRows() {
  const view = shownView();
  const { byQuery, byKey, without, pairs } = shownNumbers();
  const [queryParts, keyParts] = [queryPartsOf(view), keyPartsOf(view)];
  return [
    ['link', 'reading', 'query_part', 'key_part', 'adds', 'attention_without'],
    ...keyParts.map((part, i) => [state.link, view.reading, '', part, byKey[i], without[i]]),
    ...queryParts.map((part, i) => [state.link, view.reading, part, '', byQuery[i], '']),
    ...Array.from(pairs, (value, i) => [
      state.link, view.reading, queryParts[Math.floor(i / keyParts.length)], keyParts[i % keyParts.length], value, '']),
  ];
}

function picture() {
  const view = shownView();
  const { byQuery, byKey, without } = shownNumbers();
  const [queries, keys] = [barsOfParts(queryPartsOf(view), byQuery), barsOfParts(keyPartsOf(view), byKey)];
  const what = view.facts.find(([name]) => name === 'Explains')?.[1];
  return heatFile([
    barsDrawing(keyBars, keys, ({ value }, i) => signed(value)
      + (keys[i].place < 0 ? '' : ` (${share(without[keys[i].place])})`)),
    barsDrawing(queryBars, queries, ({ value }) => signed(value)),
    heat.toSvg(),
  ], [
    `${document.title}: ${what}, reading ${view.reading}. Parts of the key, and the attention without each`,
    'Parts of the query', 'Pairs of parts: ' + view.balance,
  ]);
}

offerFiles((kind) => `explanation-${kind === 'json' ? '' : state.link + '-'}${shownView().reading}.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: dataFile,
  csv: () => tableFile(tableRows()),
});
