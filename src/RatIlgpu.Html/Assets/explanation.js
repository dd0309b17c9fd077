// @ts-check
// The page of explanations: shows the state, and turns the reader's actions into changes of the state.

function render() {
  const loading = decodeShown();
  if (loading) {
    loading.then(show);
    return;
  }
  Object.assign(root.dataset, { link: state.link, reading: shownView().reading, order: state.order });
  showPickers();
  showMatrix();
  showBars();
  showText();
  showTable();
  showOver();
}

const ownNotices = [...byId('notices').children].slice(0, byId('notices').children.length - views[0].notices.length);

function showPickers() {
  const [view, link, group] = [shownView(), shownLink(), shownGroup()];
  const own = views.filter((one) => links[one.link] === link).map(({ reading }) => reading);
  for (const button of /** @type {any} */ (document.querySelectorAll('button:is([data-link], [data-set=reading])'))) {
    press(button, button.dataset.link ? button.dataset.link === state.link : button.value === view.reading);
    if (!button.dataset.link) button.disabled = !own.includes(button.value);
  }
  for (const table of /** @type {any} */ (document.querySelectorAll('[data-of]')))
    table.hidden = table.dataset.of !== state.link;
  const measured = byId('measured');
  if (measured) measured.hidden = !link.verification;
  if (isNew('pickers', state.link)) {
    fillPicker('query', groups.map(([first], i) => [String(i), queryName(first)]), String(groups.indexOf(group)));
    fillPicker('key', group.map(({ name, key, attention }) =>
      [name, `${named(shownPrompt(), key, 12)} · ${share(attention)}`]), state.link);
  }
  if (!isNew('facts', views.indexOf(view))) return;
  byId('facts').replaceChildren(...view.facts.map(([term, value]) =>
    make('div', term === 'Explains' ? { class: 'predicts' } : {}, make('dt', {}, term),
      make('dd', {}, term === 'Model' ? make('bdi', {}, value) : value))));
  byId('notices').replaceChildren(
    ...ownNotices, ...view.notices.map((notice) => make('p', { class: 'notice' }, notice)));
}

/** @param {Link} link */
function queryName({ prompt, head, query }) {
  const at = `${head} at ${named(data.prompts[prompt], query, 12)}`;
  return data.prompts.length > 1 ? `${prompt + 1}: ${at} · ${data.prompts[prompt].label}` : at;
}

/** @param {string} id @param {[value: string, text: string][]} options @param {string} value */
function fillPicker(id, options, value) {
  const picker = byId(id);
  if (!picker) return;
  picker.replaceChildren(...options.map(([name, text]) => make('option', { value: name }, text)));
  picker.value = value;
}

/**
 * Shows another link; what is kept stays where the link has it.
 * @param {Link | undefined} link
 */
function choose(link) {
  if (!link) return;
  const isOther = link.prompt !== shownLink().prompt;
  state.link = link.name;
  set({ over: '', sel: isThere(state.sel) && !(isOther && markOf(state.sel).token >= 0) ? state.sel : '' });
}

/** @param {number} by */
const stepThroughKeys = (by) => choose(shownGroup()[shownGroup().indexOf(shownLink()) + by]);

/** @param {number} by */
const stepThroughGroups = (by) => choose(groups[groups.indexOf(shownGroup()) + by]?.[0]);

/** @param {number} by */
function stepThroughReadings(by) {
  const own = views.filter((view) => links[view.link] === shownLink());
  const next = own[own.indexOf(shownView()) + by];
  if (next) chooseReading(next.reading);
}

/** @param {string} reading */
function chooseReading(reading) {
  state.reading = reading;
  set({ over: '', sel: isThere(state.sel) ? state.sel : '' });
}

/** @param {number} by */
function stepThroughParts(by) {
  const next = barBeside(keyBars, '@' + markOf(state.sel).key, by);
  if (next) set({ sel: next.dataset.row });
  next?.scrollIntoView({ block: 'nearest' });
}

for (const [id, react] of /** @type {[string, (value: string) => void][]} */ ([
  ['query', (value) => choose(groups[Number(value)][0])],
  ['key', (value) => choose(links[linkNames.indexOf(value)])],
])) if (byId(id)) on(byId(id), 'change', ({ target }) => react(target.value));

/**
 * Returns the name of the mark that an element shows; empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element);
  const { row, i } = /** @type {HTMLElement | null} */ (element.closest('.bar, .t'))?.dataset ?? {};
  return cell ? pairName(...cell) : row ?? i ?? '';
}

/**
 * Returns the strongest of some names with numbers.
 * @param {[name: string, value: number][]} all
 */
const strongest = (all) => all.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 5)
  .map(([name, value]) => /** @type {[string, string]} */ ([name, signed(value)]));

/** @typedef {[string, (string | number)?]} Fact */

/**
 * Returns what was measured with a part taken out.
 * @param {'key' | 'query'} input
 * @param {string} label
 * @returns {Fact[]}
 */
function measuredFacts(input, label) {
  const measured = shownLink().verification;
  const part = measured?.parts.find((one) => one.input === input && one.label === label);
  if (!measured || !part) return [];
  return [
    ['Measured without it: score falls by', signed((measured.unchanged.score ?? 0) - (part.held.score ?? 0))],
    ['attention', share(part.held.attention ?? 0)],
    ['attention, norms recomputed', share(part.recomputed.attention ?? 0)],
  ];
}

/**
 * @param {string} query
 * @returns {Fact[]}
 */
function queryFacts(query) {
  const [keyParts, { byQuery, pairs }] = [keyPartsOf(shownView()), shownNumbers()];
  const place = queryPartsOf(shownView()).indexOf(query);
  return [
    ['Part of the query', partName(query)], ['Adds', signed(byQuery[place])],
    ['Rank by size', `${rankOf(byQuery, place)} of ${byQuery.length}`], ...measuredFacts('query', query),
    ['Strongest with these parts of the key'],
    ...strongest(keyParts.map((part, i) => [partName(part), pairs[place * keyParts.length + i]])),
  ];
}

/**
 * @param {string} key
 * @returns {Fact[]}
 */
function keyFacts(key) {
  const [keyParts, { byKey, without, pairs }] = [keyPartsOf(shownView()), shownNumbers()];
  const place = keyParts.indexOf(key);
  return [
    ['Part of the key', partName(key)], ['Adds', signed(byKey[place])],
    ['Rank by size', `${rankOf(byKey, place)} of ${byKey.length}`],
    ['Attention', share(shownView().attention)], ['without it, at this key alone', share(without[place])],
    ...measuredFacts('key', key), ['Strongest with these parts of the query'],
    ...strongest(queryPartsOf(shownView()).map((part, i) => [partName(part), pairs[i * keyParts.length + place]])),
  ];
}

/** @param {string} query @param {string} key */
function pairPlace(query, key) {
  const [view, keyParts] = [shownView(), keyPartsOf(shownView())];
  return queryPartsOf(view).indexOf(query) * keyParts.length + keyParts.indexOf(key);
}

/**
 * @param {number} token
 * @returns {Fact[]}
 */
function tokenFacts(token) {
  const [link, prompt] = [shownLink(), shownPrompt()];
  const [view, { byQuery, byKey }] = [shownView(), shownNumbers()];
  /** @type {(parts: string[], sums: Float64Array) => [string, number][]} */
  const ofToken = (parts, sums) => parts.flatMap((part, i) =>
    (part.endsWith(` <- ${token}`) ? [/** @type {[string, number]} */ ([partName(part), sums[i]])] : []));
  const [ofKey, ofQuery] = [ofToken(keyPartsOf(view), byKey), ofToken(queryPartsOf(view), byQuery)];
  return [
    ['Token', tokenText(prompt, token)], ['Position', token], ['Id', prompt.ids[token]],
    [`Attention of ${link.head} from ${link.query}`, token in link.row ? share(link.row[token]) : 'comes later'],
    ...(ofKey.length > 0 ? [/** @type {Fact} */ (['Read by parts of the key']), ...strongest(ofKey)] : []),
    ...(ofQuery.length > 0 ? [/** @type {Fact} */ (['Read by parts of the query']), ...strongest(ofQuery)] : []),
  ];
}

/** @param {{ query: string, key: string, token: number }} mark */
function showDetails({ query, key, token }) {
  if (token >= 0) return showInfo('token', tokenFacts(token));
  if (query && key) {
    const [{ pairs, byQuery, byKey }, place] = [shownNumbers(), pairPlace(query, key)];
    return showInfo('pair', [
      ['Part of the query', partName(query)], ['Part of the key', partName(key)],
      ['The pair adds', signed(pairs[place])],
      ['Rank by size', `${rankOf(pairs, place)} of ${pairs.length}`],
      ['The part of the query adds', signed(byQuery[queryPartsOf(shownView()).indexOf(query)])],
      ['The part of the key adds', signed(byKey[keyPartsOf(shownView()).indexOf(key)])],
    ]);
  }
  if (query || key) return showInfo(query ? 'query' : 'key', query ? queryFacts(query) : keyFacts(key));
  const view = shownView();
  return showInfo('', [
    ['Point at a pair, a part or a token to see its numbers.'], ['Score', signed(view.score)],
    ['Attention', share(view.attention)], ['Sum of all pairs', signed(view.measured - view.rounding)],
    ['Position alone', signed(view.alone)], ['Rounding', view.rounding.toExponential(1)],
  ]);
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const name = nameAt(element);
  if (!isThere(name) || name === '') return '';
  const { query, key, token } = markOf(name);
  if (token >= 0) {
    const attention = shownLink().row[token];
    return named(shownPrompt(), token) + (attention === undefined ? '' : ': ' + share(attention));
  }
  if (query && key)
    return `${partName(query)} · ${partName(key)}: ${signed(shownNumbers().pairs[pairPlace(query, key)])}`;
  return (query ? queryFacts(query) : keyFacts(key)).slice(0, 3).map(([, value]) => value).join(' · ');
}

on(document, 'click', ({ target }) => {
  const button = target.closest('button[data-link]');
  if (button) choose(links[linkNames.indexOf(button.dataset.link)]);
  else if (target.closest('.bar[data-row]')) pick(nameAt(target));
  else if (target.closest('.t')) pickToken(Number(nameAt(target)));
});

/** Keeps a token, and shows its link if it is an explained key. @param {number} token */
function pickToken(token) {
  const link = shownGroup().find(({ key }) => key === token);
  if (link && link !== shownLink()) choose(link);
  else pick(String(token));
}

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext: pickNextHit,
  keys: {
    'Escape': () => set({ sel: '', over: '' }),
    '[': () => stepThroughParts(-1),
    ']': () => stepThroughParts(1),
    ',': () => stepThroughReadings(-1),
    '.': () => stepThroughReadings(1),
    '(': () => stepThroughKeys(-1),
    ')': () => stepThroughKeys(1),
    '{': () => stepThroughGroups(-1),
    '}': () => stepThroughGroups(1),
  },
});
