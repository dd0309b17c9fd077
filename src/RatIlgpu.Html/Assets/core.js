// @ts-check
// What every page shares, and how a page is made:
//
// 1. In C#, a `Page` names its blocks of data, its styles and its scripts, and writes the markup that is there without
//    script. Around the page's own markup that is `Page.WriteToolsEnd` in the toolbar, `Page.WriteEnd`, a field #q, a
//    tool tip #tip, details #info, and a #table that says without script what the page shows.
// 2. Its scripts are joined into one module: core.js, the parts that the page uses (sankey.js: diagrams of paths;
//    strip.js: the text of a prompt; zoom.js; export.js: files), then the page's own. A name is declared once among
//    all of them. A part gets what it needs as arguments and knows no page.
// 3. The last script calls `start`, once, with what the page has. From then on `state` holds what the reader has
//    chosen. A page reads `state` and changes it only by `set`, which shows the change and writes it to the address.
//
// Comments that have lines to themselves do not reach the page.

const root = document.documentElement;
const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @param {string} id
 * @returns {any} the element, whose kind the page knows
 */
const byId = (id) => document.getElementById(id);

/**
 * Shows why the script stopped, unless the page has started already.
 * @param {string} reason
 */
function fail(reason) {
  if (root.dataset.ready || root.dataset.error) return;
  root.dataset.error = reason;
  const table = byId('table');
  document.querySelector('main')?.before(make('p', { class: 'notice', role: 'alert' },
    `The script of this page cannot run here (${reason}).${table ? ' The table below works.' : ''}`));
  table?.setAttribute('open', '');
}
for (const kind of ['error', 'unhandledrejection'])
  addEventListener(kind, (/** @type {any} */ { message, reason }) => {
    // An observer that is called again in the next frame is no failure.
    if (!message?.startsWith('ResizeObserver loop')) fail(message ?? String(reason));
  });

/**
 * Reads a block of JSON, which can be compressed.
 * @param {string} id
 */
async function readData(id) {
  const { type, textContent } = byId(id);
  return JSON.parse(type === 'application/json' ? textContent : await unpacked(textContent));
}

/**
 * Reads a block of compressed bytes.
 * @param {string} id
 */
const readBytes = async (id) => new Uint8Array(await inflated(byId(id).textContent).arrayBuffer());

/** @param {string} packed base64 of gzip */
const unpacked = (packed) => inflated(packed).text();

/** @param {string} packed base64 of gzip */
function inflated(packed) {
  const bytes = 'fromBase64' in Uint8Array ? /** @type {any} */ (Uint8Array).fromBase64(packed) : bytesOf(atob(packed));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')));
}

/** @param {string} letters */
function bytesOf(letters) {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/**
 * Makes an element. Strings in its content become text, never markup.
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} content
 */
function make(name, attributes = {}, ...content) {
  return filled(document.createElement(name), attributes, content);
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} content
 */
function makeSvg(name, attributes = {}, ...content) {
  return filled(document.createElementNS(svgNamespace, name), attributes, content);
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} content
 */
function filled(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...content);
  return element;
}

/**
 * Sets an attribute, or removes it if there is no value.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * Marks a button as pressed or not.
 * @param {Element} button
 * @param {boolean} on
 */
const press = (button, on) => button.setAttribute('aria-pressed', String(on));

/**
 * @param {EventTarget} target
 * @param {string} event
 * @param {(event: any) => void} react
 * @param {AddEventListenerOptions} [options]
 */
const on = (target, event, react, options) => target.addEventListener(event, react, options);

/**
 * @param {string} id
 * @param {() => void} act
 */
const onClick = (id, act) => on(byId(id), 'click', act);

const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

/**
 * Shortens text to a number of characters, as a reader counts them.
 * @param {string} text
 * @param {number} length
 */
function clip(text, length) {
  if (text.length <= length) return text;
  // Visible characters have at most 16 code units on average; a token can have a million.
  const start = text.slice(0, length * 16);
  const letters = segmenter ? Array.from(segmenter.segment(start), (part) => part.segment) : Array.from(start);
  const whole = letters.length <= length && start.length === text.length;
  return whole ? text : letters.slice(0, length - 1).join('') + '…';
}

/**
 * Isolates text in a sentence from the writing direction around it.
 * @param {string} text
 */
const isolated = (text) => `\u2068${text}\u2069`;

/** @param {number} part of 1 */
const percent = (part) => (part > 0 && part < 5e-4 ? (part * 100).toPrecision(2) : (part * 100).toFixed(1)) + ' %';

/** @param {number} value */
const decimal = (value) => (value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(2) : value.toFixed(5));

/**
 * Tells whether a key belongs to the browser or the system. AltGr sets Ctrl and Alt, but some keyboards need it for a
 * bracket.
 * @param {KeyboardEvent} event
 */
const isCommand = (event) =>
  (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph');

/**
 * Lets Tab reach one element of a region, and lets keys move to the others.
 * @param {Element} region
 * @param {string} selector
 * @param {(from: any, key: string) => Element | null | undefined} next
 */
function rove(region, selector, next) {
  on(region, 'keydown', (event) => {
    const from = event.target.closest(selector);
    if (!from || isCommand(event)) return;
    const to = next(from, event.key);
    if (to) focusOn(region, selector, to);
    else if (event.key === 'Enter' || event.key === ' ') from.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    else return;
    event.preventDefault();
  });
}

/**
 * @param {Element} region
 * @param {string} selector
 * @param {any} element
 */
function focusOn(region, selector, element) {
  for (const other of region.querySelectorAll(selector + '[tabindex="0"]')) other.setAttribute('tabindex', '-1');
  element.setAttribute('tabindex', '0');
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

let shownInfo = '';

/**
 * Shows the numbers of a mark in the panel of details.
 * @param {string} kind of mark; empty for none
 * @param {[term: string, value?: string | number][]} rows terms with their values; a sentence has none
 */
function showInfo(kind, rows) {
  // A screen reader reads the panel again whenever it is written.
  if (shownInfo === JSON.stringify(rows)) return;
  shownInfo = JSON.stringify(rows);
  const info = byId('info');
  info.dataset.kind = kind;
  info.replaceChildren(...rows.flatMap(([term, value]) => (value === undefined
    ? [make('dt', { class: 'whole' }, term)]
    : [make('dt', {}, term), make('dd', {}, make('bdi', {}, String(value)))])));
}

/**
 * What the reader has chosen: `sel` names the mark that is picked, `over` the mark under the pointer or the keyboard;
 * `q` is the text to find; `theme` is how bright the page is. A page names its marks, and adds members.
 * @type {Record<string, any>}
 */
const state = {};

/**
 * The parts that a page hands to `start`.
 * @typedef {object} Parts
 * @property {Record<string, any>} initial the state at first, as far as the page adds to it
 * @property {Record<string, string>} address the members of the state that the address carries, by their keys there
 * @property {Record<string, string[]>} choices the values of the members that buttons with data-set choose from
 * @property {string[]} [redraws] the choices that draw other diagrams; the zoom then starts anew
 * @property {(address: URLSearchParams) => any} read reads the rest of the address, and waits for data that the state
 *   needs; ignores unknown values
 * @property {() => void} render shows the state; nothing else changes the visible page
 * @property {() => void} showOver outlines the mark `over`
 * @property {() => void} find marks the places that contain `q`
 * @property {() => void} [pickNext] picks the next of these places
 * @property {(element: Element) => string} nameAt the name of the mark that an element shows; empty for none
 * @property {(element: Element) => string} describe the tool tip of an element; empty for none
 * @property {Record<string, () => void>} keys the actions of keys, besides those of every page
 * @property {{ read: (address: URLSearchParams) => void, write: (address: URLSearchParams) => void,
 *   showPlace: () => void, keys: Record<string, () => void> }} [zoom] the zoom of the diagrams, if there are any
 */

/** @type {Parts} */
let page;

/**
 * Starts a page.
 * @param {Parts} parts
 */
async function start(parts) {
  page = {
    ...parts,
    initial: { sel: '', over: '', q: '', theme: root.dataset.theme, ...parts.initial },
    address: { ...parts.address, t: 'theme', q: 'q' },
    choices: { ...parts.choices, theme: ['auto', 'light', 'dark'] },
  };
  const field = searchField();
  followChoices();
  followMarks();
  showTips();
  const openHelp = () => byId('help').showModal();
  onClick('help-open', openHelp);
  onClick('help-close', () => byId('help').close());
  shortcutsFor({ ...page.zoom?.keys, '/': () => field.focus(), '?': openHelp, ...page.keys });
  const enter = async () => {
    await readAddress();
    field.value = state.q;
    show();
    page.zoom?.showPlace();
    page.find();
  };
  addEventListener('hashchange', () => {
    // A link inside the page, such as the one to the table, is not a state.
    if (location.hash === '' || location.hash.includes('=')) enter();
  });
  await enter();
  root.dataset.ready = '1';
}

/**
 * Changes the state and shows it.
 * @param {Record<string, any>} change
 */
function set(change) {
  Object.assign(state, change);
  show();
  writeAddress();
}

function show() {
  // Writing what is there would be a change to those who paint in colours.
  if (root.dataset.theme !== state.theme) root.dataset.theme = state.theme;
  root.dataset.sel = state.sel;
  byId('theme').value = state.theme;
  document.querySelectorAll('button[data-set]').forEach((/** @type {any} */ button) =>
    press(button, state[button.dataset.set] === button.value));
  page.render();
}

/** Reads the state from the address; unknown values and values out of range are ignored. */
async function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, page.initial, { q: address.get('q') ?? '' });
  for (const [key, name] of Object.entries(page.address)) {
    const value = address.get(key);
    if (value !== null && page.choices[name]?.includes(value)) state[name] = value;
  }
  await page.read(address);
  page.zoom?.read(address);
}

let addressTimer = 0;

/** Writes the state to the address, after a short wait: browsers refuse many changes in a row. */
function writeAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const address = new URLSearchParams();
    for (const [key, name] of Object.entries(page.address))
      if (state[name] !== page.initial[name]) address.set(key, state[name]);
    page.zoom?.write(address);
    const hash = '#' + address;
    if (hash === (location.hash || '#')) return;
    try {
      history.replaceState(null, '', hash);
    } catch {
      // A sandboxed frame has no address of its own; the page works without one.
    }
  }, 150);
}

/** Lets the buttons and the theme control change the state. */
function followChoices() {
  on(byId('theme'), 'change', () => set({ theme: byId('theme').value }));
  on(document, 'click', ({ target }) => {
    const button = target.closest('button[data-set]');
    const name = button?.dataset.set;
    if (button) set({ [name]: button.value, ...(page.redraws?.includes(name) && { k: 0 }) });
  });
}

/** Shows a tool tip beside the pointer. */
function showTips() {
  const tip = byId('tip');
  on(document, 'pointermove', ({ target, clientX, clientY }) => {
    const text = target instanceof Element ? page.describe(target) : '';
    mark(tip, 'data-show', text !== '');
    if (text === '') return;
    tip.textContent = text;
    const { offsetWidth, offsetHeight } = tip;
    const fits = clientY + 18 + offsetHeight <= innerHeight;
    tip.style.left = Math.max(8, Math.min(innerWidth - offsetWidth - 8, clientX + 14)) + 'px';
    tip.style.top = (fits ? clientY + 18 : clientY - offsetHeight - 10) + 'px';
  });
  on(document, 'pointerleave', () => mark(tip, 'data-show', false));
}

/** Keeps the name of the mark under the pointer or the keyboard in the state. */
function followMarks() {
  const point = (/** @type {Event} */ { target }) => {
    const name = target instanceof Element ? page.nameAt(target) : '';
    if (name === state.over) return;
    state.over = name;
    page.showOver();
  };
  for (const kind of ['pointerover', 'pointerleave', 'focusin']) on(document, kind, point);
}

/**
 * Runs the action of a key, unless the reader is typing.
 * @param {Record<string, () => void>} shortcuts
 */
function shortcutsFor(shortcuts) {
  addEventListener('keydown', (/** @type {any} */ event) => {
    // An open dialog has all keys to itself; it returns the focus when it closes.
    if (document.querySelector('dialog[open]')) return;
    const typing = event.target.matches?.('input:not([type=range]), select');
    const shortcut = shortcuts[event.key];
    if (typing || !shortcut || isCommand(event)) return;
    event.preventDefault();
    shortcut();
  });
}

/**
 * Starts the field that finds tokens; Escape empties and leaves the field.
 * @returns {HTMLInputElement}
 */
function searchField() {
  const field = byId('q');
  const search = () => {
    state.q = field.value;
    page.find();
    writeAddress();
  };
  on(field, 'input', search);
  on(field, 'keydown', (/** @type {KeyboardEvent} */ { key }) => {
    if (key === 'Enter') page.pickNext?.();
    if (key !== 'Escape') return;
    field.value = '';
    field.blur();
    search();
  });
  return field;
}
