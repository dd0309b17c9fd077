// @ts-check
// What every page shares: finding and making elements, showing tokens, tool tips, moving the focus, keys.
// The files of a page are joined into one module, so a name is declared once among all of them, and comments that have
// lines to themselves are left out.

const root = document.documentElement;
const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @param {string} id
 * @returns {any} the element, whose kind the page knows
 */
const byId = (id) => document.getElementById(id);

/**
 * Says why the page stays as it is without script, unless it has come to life already.
 * @param {string} reason
 */
function fail(reason) {
  if (root.dataset.ready || root.dataset.error) return;
  root.dataset.error = reason;
  document.querySelector('main')?.before(make('p', { class: 'notice', role: 'alert' },
    `This browser cannot unpack the data of this page (${reason}); the table below works.`));
  mark(byId('table'), 'open', true);
}
for (const kind of ['error', 'unhandledrejection'])
  addEventListener(kind, (/** @type {any} */ { message, reason }) => fail(message ?? String(reason)));

/**
 * Reads a block of data: JSON, compressed where there is much of it.
 * @param {string} id
 */
async function readData(id) {
  const { type, textContent } = byId(id);
  return JSON.parse(type === 'application/json' ? textContent : await unpacked(textContent));
}

/** @param {string} packed base64 of gzip */
function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

/**
 * Makes an element; text among its content becomes text, never markup.
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
 * Sets an attribute, or takes it away where there is no value.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * Tells whether a button is pressed.
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
 * Shortens text to a number of characters as a reader counts them.
 * @param {string} text
 * @param {number} length
 */
function clip(text, length) {
  if (text.length <= length) return text;
  // No character that is seen has more code units than this on the average; a token may have a million.
  const start = text.slice(0, length * 16);
  const letters = segmenter ? Array.from(segmenter.segment(start), (part) => part.segment) : Array.from(start);
  const whole = letters.length <= length && start.length === text.length;
  return whole ? text : letters.slice(0, length - 1).join('') + '…';
}

/**
 * Text in a sentence, set apart from the writing direction around it.
 * @param {string} text
 */
const isolated = (text) => `\u2068${text}\u2069`;

/** @param {number} part of 1 */
const percent = (part) => (part * 100).toFixed(1) + ' %';

/** @param {number} value */
const decimal = (value) => (value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(2) : value.toFixed(5));

/**
 * Shows a tool tip beside the pointer.
 * @param {(element: Element) => string} describe what to say about the element under the pointer; nothing, if empty
 */
function tipsFor(describe) {
  const tip = byId('tip');
  on(document, 'pointermove', (event) => {
    const text = event.target instanceof Element ? describe(event.target) : '';
    mark(tip, 'data-show', text !== '');
    if (text === '') return;
    tip.textContent = text;
    const left = Math.min(innerWidth - tip.offsetWidth - 8, event.clientX + 14);
    const below = event.clientY + 18;
    const above = event.clientY - tip.offsetHeight - 10;
    tip.style.left = Math.max(8, left) + 'px';
    tip.style.top = (below + tip.offsetHeight > innerHeight ? above : below) + 'px';
  });
  on(document, 'pointerleave', () => mark(tip, 'data-show', false));
}

/**
 * Follows the pointer and the keyboard from mark to mark, which the state then names.
 * @param {(element: Element) => string} nameAt what an element shows; nothing for none
 * @param {() => void} show
 */
function followMarks(nameAt, show) {
  const point = (/** @type {Event} */ { target }) => {
    const name = target instanceof Element ? nameAt(target) : '';
    if (name === state.over) return;
    state.over = name;
    show();
  };
  for (const kind of ['pointerover', 'pointerleave', 'focusin']) on(document, kind, point);
}

/**
 * Whether a key is meant for the browser or the system; AltGr, which counts as Ctrl and Alt, is how some keyboards
 * type a bracket.
 * @param {KeyboardEvent} event
 */
const isCommand = (event) =>
  (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph');

/**
 * Lets Tab reach one element of a region, and keys move among them.
 * @param {Element} region
 * @param {string} selector
 * @param {(from: any, key: string) => Element | null | undefined} next
 */
function rove(region, selector, next) {
  on(region, 'keydown', (event) => {
    const { key, target } = /** @type {KeyboardEvent} */ (event);
    const from = /** @type {Element} */ (target).closest(selector);
    if (!from || isCommand(/** @type {KeyboardEvent} */ (event))) return;
    const to = next(from, key);
    if (to) focusOn(region, selector, to);
    else if (key === 'Enter' || key === ' ') from.dispatchEvent(new MouseEvent('click', { bubbles: true }));
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

/**
 * Runs what a key stands for, unless the reader types.
 * @param {Record<string, () => void>} shortcuts
 */
function shortcutsFor(shortcuts) {
  addEventListener('keydown', (event) => {
    // An open dialog has the keyboard to itself; it gives the focus back when it closes.
    if (document.querySelector('dialog[open]')) return;
    const typing = event.target instanceof Element && event.target.matches('input:not([type=range]), select');
    const shortcut = shortcuts[event.key];
    if (typing || !shortcut || isCommand(event)) return;
    event.preventDefault();
    shortcut();
  });
}

/** Lets the buttons open and close the help. @returns {() => void} what opens it */
function helpDialog() {
  /** @type {HTMLDialogElement} */
  const help = byId('help');
  onClick('help-open', () => help.showModal());
  onClick('help-close', () => help.close());
  return () => help.showModal();
}

/**
 * The field to find tokens by; Escape empties and leaves it.
 * @param {(wanted: string) => void} search
 * @param {() => void} [next] what Enter does
 * @returns {HTMLInputElement}
 */
function searchField(search, next) {
  const field = byId('q');
  on(field, 'input', () => search(field.value));
  on(field, 'keydown', (/** @type {KeyboardEvent} */ { key }) => {
    if (key === 'Enter') next?.();
    if (key !== 'Escape') return;
    field.value = '';
    field.blur();
    search('');
  });
  return field;
}

/**
 * Offers a file to the reader.
 * @param {string} name
 * @param {Blob} content
 */
function offer(name, content) {
  const link = /** @type {HTMLAnchorElement} */ (make('a', { href: URL.createObjectURL(content), download: name }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Shows in the controls that both pages have what is chosen.
 * @param {Record<string, any>} state
 */
function showChoices(state) {
  byId('theme').value = state.theme;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('button[data-set]')))
    press(button, state[button.dataset.set ?? ''] === button.value);
}
