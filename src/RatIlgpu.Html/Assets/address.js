// @ts-check
// The state of a page in its address. A page has `state`, what it is at first (`initial`), the names of what the
// address may say (`addressKeys`) and the values these may have (`choices`), and `show`.

let addressTimer = 0;

/**
 * Reads what every page keeps in its address; what is unknown or out of range is ignored.
 * @param {URLSearchParams} address
 * @param {number} count of diagrams
 */
function readChoices(address, count) {
  for (const [key, name] of Object.entries(addressKeys)) {
    const value = address.get(key);
    const known = /** @type {Record<string, string[]>} */ (choices)[name];
    if (value !== null && known?.includes(value)) state[name] = value;
  }
  state.q = address.get('q') ?? '';
  Object.assign(state, readPlace(address.get('z') ?? '', count));
}

/** Writes the address, a little later: browsers refuse many changes at once. */
function writeAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const address = new URLSearchParams();
    for (const [key, name] of Object.entries(addressKeys))
      if (state[name] !== initial[name]) address.set(key, state[name]);
    if (state.k > 0) address.set('z', placeText());
    const hash = '#' + address;
    if (hash === (location.hash || '#')) return;
    try {
      history.replaceState(null, '', hash);
    } catch {
      // A sandboxed frame has no address of its own; the page works without.
    }
  }, 150);
}

/**
 * Shows the state that the reader enters or goes back to.
 * @param {() => void} show
 */
function followAddress(show) {
  addEventListener('hashchange', () => {
    // A link within the page, such as the one to the table, is not a state.
    if (location.hash === '' || location.hash.includes('=')) show();
  });
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
