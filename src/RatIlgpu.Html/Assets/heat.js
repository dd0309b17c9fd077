// @ts-check
// A matrix as coloured cells between two labelled axes. Cells are painted on a canvas that is no larger than what the
// reader sees of the matrix, so that a matrix of thousands of rows scrolls as quickly as a small one.

/**
 * @typedef {object} Matrix
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number | null} shade in [0, 1], or in [-1, 1] if `signed`; null where
 *   there is no such cell
 * @property {boolean} [signed]
 * @property {(row: number) => string} rowLabel
 * @property {(column: number) => string} columnLabel
 * @property {string} rowTitle what the rows are
 * @property {string} columnTitle
 * @property {{ width: [number, number], height: [number, number] }} cell the least and the largest size of a cell, in
 *   pixels; cells smaller than a pixel are pooled, and of those in one pixel the strongest is shown
 * @property {(side: number) => ArrayLike<number>} [pool] the largest shade of each of side × side blocks; -1 for none
 * @property {(row: number, column: number) => string} [text] what stands in a cell, where it fits
 */

const axisGap = 6;
const tickHeight = 13;
const largestGutter = 150;
const edge = 8; // beside the last column, for its label
const leastGap = 9; // the smallest cell, in pixels, that is set apart from the next one
const mostInFile = 512;

/** @type {Map<boolean, { colours: Uint32Array, inks: string[] }>} */
const ramps = new Map();
/** @type {(() => void)[]} */
const themeListeners = [];

/**
 * Calls a function after each change of the colours.
 * @param {() => void} act
 */
const onThemeChange = (act) => themeListeners.push(act);

function changeTheme() {
  ramps.clear();
  for (const act of themeListeners) act();
}
new MutationObserver(changeTheme).observe(root, { attributeFilter: ['data-theme'] });
on(matchMedia('(prefers-color-scheme: dark)'), 'change', changeTheme);

/** @param {number[]} colour red, green, blue */
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** @param {number} colour */
const hexOf = (colour) => '#' + [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255]
  .map((part) => part.toString(16).padStart(2, '0')).join('');

/**
 * Reads colours that are CSS variables, as the present theme has them.
 * @param {string[]} names
 */
function coloursOf(names) {
  const probe = make('i');
  root.append(probe);
  const colours = names.map((name) => {
    // Else, where colours are forced, each would be that of text, and a matrix black.
    probe.style.cssText = `color:var(--${name});forced-color-adjust:none`;
    return (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  });
  probe.remove();
  return colours;
}

/**
 * Returns the colours of a scale, and the colour of text on each.
 * @param {boolean} signed whether the scale has two ends
 */
function rampOf(signed) {
  const known = ramps.get(signed);
  if (known) return known;
  const stops = coloursOf(Array.from({ length: signed ? 13 : 8 }, (_, i) => (signed ? 'v' : 'h') + i));
  const count = signed ? 511 : 256;
  const mixed = Array.from({ length: count }, (_, i) => {
    const place = (i / (count - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    return stops[low].map((part, j) => Math.round(part + (stops[low + 1][j] - part) * (place - low)));
  });
  const ramp = { colours: Uint32Array.from(mixed, packed), inks: mixed.map(inkOn) };
  ramps.set(signed, ramp);
  return ramp;
}

/** @param {number[]} colour */
function inkOn(colour) {
  const [red, green, blue] = colour.map((part) =>
    (part <= 10 ? part / 255 / 12.92 : ((part / 255 + .055) / 1.055) ** 2.4));
  // Black has the larger contrast from this luminance on.
  return .2126 * red + .7152 * green + .0722 * blue > .179 ? '#000' : '#fff';
}

/**
 * Returns the colours of a scale as the numbers that fill a canvas: 256 of [0, 1], or 511 of [-1, 1].
 * @param {boolean} signed
 */
const shadesOf = (signed) => rampOf(signed).colours;

/**
 * Returns the place of a shade in its scale.
 * @param {number} shade
 * @param {boolean} signed
 */
const stepOf = (shade, signed) => (signed
  ? 255 + Math.round(Math.max(-1, Math.min(1, shade)) * 255)
  : Math.round(Math.max(0, Math.min(1, shade)) * 255));

/**
 * Returns the cell of a matrix that an element shows.
 * @param {Element} element
 * @returns {[row: number, column: number] | null}
 */
function cellOf(element) {
  const cell = /** @type {HTMLElement | null} */ (element.closest('.heat'))?.dataset.cell;
  return cell ? /** @type {[number, number]} */ (cell.split(',').map(Number)) : null;
}

/**
 * Makes a matrix that `show` fills.
 * @param {HTMLElement} container
 * @param {{ label: string, pick: (row: number, column: number) => void }} options
 */
function heatMap(container, { label, pick }) {
  const [corner, columnAxis, rowAxis] = ['heat-corner', 'heat-columns', 'heat-rows'].map((name) =>
    makeSvg('svg', { class: name, 'aria-hidden': 'true' }));
  const canvas = /** @type {HTMLCanvasElement} */ (make('canvas'));
  const [rowMark, columnMark, cellMark] = ['heat-row', 'heat-column', 'heat-cell'].map((name) =>
    make('div', { class: name, hidden: '' }));
  const body = make('div', { class: 'heat-body', tabindex: 0, role: 'img', 'aria-label': label },
    canvas, rowMark, columnMark, cellMark);
  container.classList.add('heat');
  container.append(corner, columnAxis, rowAxis, body);

  /** @type {Matrix} */
  let matrix;
  let [width, height, left, top] = [1, 1, 0, 0]; // of a cell; of the axes
  let [isPrinting, zoom] = [false, 1];

  /** @param {[number, number]} sizes */
  const sized = ([least, most], room, count) => Math.max(least, Math.min(most, room / Math.max(1, count)));

  function layOut() {
    const { rows, columns, rowLabel, columnLabel, cell } = matrix;
    left = Math.min(largestGutter, widest(rows, rowLabel)) + axisGap * 2 + tickHeight;
    const room = (isPrinting ? 680 : container.clientWidth) - left - edge;
    if (room <= 0) return;
    const grown = isPrinting ? 1 : zoom;
    width = sized(isPrinting ? [0, cell.width[1]] : cell.width, room, columns) * grown;
    height = cell.height.join() === cell.width.join()
      ? width : sized(cell.height, Infinity, rows) * grown;
    const longest = widest(columns, columnLabel);
    const isFlat = longest <= width - 4;
    top = (isFlat ? tickHeight : Math.min(largestGutter, longest)) + axisGap * 2 + tickHeight;
    const [wide, high] = [width * columns, height * rows];
    container.style.gridTemplateColumns = `${left}px ${wide}px`;
    container.style.gridTemplateRows = `${top}px ${high}px`;
    size(corner, left, top);
    size(columnAxis, wide + edge, top);
    size(rowAxis, left, high);
    // The title of few rows reaches into the corner, which else covers rows that are scrolled.
    const half = Math.min(high / 2, 200);
    const y = Math.min(half, high - widest(1, () => matrix.rowTitle) / 2);
    rowAxis.style.zIndex = y < half ? '4' : '';
    rowAxis.replaceChildren(...rowTicks(), titled(matrix.rowTitle, tickHeight - 2, y, true));
    columnAxis.replaceChildren(
      ...columnTicks(isFlat), titled(matrix.columnTitle, Math.min(wide, room) / 2, tickHeight - 3));
    paint();
    showOver();
  }

  /**
   * @param {number} count
   * @param {(i: number) => string} labelOf
   */
  function widest(count, labelOf) {
    const context = canvas.getContext('2d');
    if (!context) return 0;
    context.font = fontOf(columnAxis);
    // Labels of positions far apart are alike in length; a million are not measured.
    const step = Math.max(1, Math.floor(count / 512));
    let most = 0;
    for (let i = 0; i < count; i += step) most = Math.max(most, context.measureText(labelOf(i)).width);
    return Math.ceil(most);
  }

  /** @param {Element} element */
  function fontOf(element) {
    const { fontSize, fontFamily } = getComputedStyle(element);
    return `${fontSize} ${fontFamily}`;
  }

  /** @param {Element} drawing */
  const size = (drawing, wide, high) => filled(drawing, { width: wide, height: high }, []);

  /** Writes the title of an axis. */
  const titled = (text, x, y, isUpright = false) => makeSvg('text', {
    class: 'heat-title', x, y, 'text-anchor': 'middle', ...(isUpright && { transform: `rotate(-90 ${x} ${y})` }),
  }, text);

  /**
   * Makes as many ticks of an axis as its cells have room for.
   * @param {number} count
   * @param {number} extent
   * @param {(i: number) => Element} tickOf
   */
  function ticks(count, extent, tickOf) {
    const step = Math.ceil((extent < 6 ? tickHeight + 5 : tickHeight) / extent);
    return Array.from({ length: Math.ceil(count / step) }, (_, i) => tickOf(i * step));
  }

  const rowTicks = () => ticks(matrix.rows, height, (row) => makeSvg(
    'text', { x: left - axisGap, y: Math.max(10, (row + .5) * height + 4), 'text-anchor': 'end' },
    fitted(matrix.rowLabel(row), largestGutter)));

  /** @param {boolean} isFlat */
  const columnTicks = (isFlat) => ticks(matrix.columns, width, (column) => {
    const [x, y] = [isFlat ? (column + .5) * width : Math.max(10, (column + .5) * width + 4), top - axisGap];
    return makeSvg(
      'text', { x, y, ...(isFlat ? { 'text-anchor': 'middle' } : { transform: `rotate(-90 ${x} ${y})` }) },
      fitted(matrix.columnLabel(column), isFlat ? width : largestGutter));
  });

  /**
   * Shortens text to a width in pixels; letters of the axes are 7 pixels wide at most.
   * @param {string} text
   */
  const fitted = (text, room) => clip(text, Math.max(2, Math.floor(room / 7)));

  function paint() {
    const context = canvas.getContext('2d');
    if (!context || !matrix) return;
    const { rows, columns, shade, signed = false, text, pool } = matrix;
    const view = isPrinting
      ? { x: 0, y: 0, wide: width * columns, high: height * rows }
      : {
        x: container.scrollLeft, y: container.scrollTop,
        wide: Math.min(width * columns, container.clientWidth - left),
        high: Math.min(height * rows, Math.max(container.clientHeight - top, 1)),
      };
    const scale = devicePixelRatio;
    canvas.width = Math.max(1, Math.round(view.wide * scale));
    canvas.height = Math.max(1, Math.round(view.high * scale));
    canvas.style.width = view.wide + 'px';
    canvas.style.height = view.high + 'px';
    canvas.style.transform = `translate(${view.x}px, ${view.y}px)`;
    const [columnsSeen, rowsSeen] = [span(view.x, view.wide, width, columns), span(view.y, view.high, height, rows)];
    const [high, wide, side] = [Math.ceil(view.high), Math.ceil(view.wide), Math.min(rows, Math.ceil(view.high))];
    const pixels = pool && rowsSeen.to - rowsSeen.from === rows && columnsSeen.to - columnsSeen.from === rows
      ? pooledSteps(pool, side, signed) : pooled(rowsSeen, columnsSeen, high, wide, shade, signed);
    const { colours, inks } = rampOf(signed);
    const [none] = coloursOf(['surface-2']).map(packed);
    const image = new ImageData(pixels.columns, pixels.rows);
    const dots = new Uint32Array(image.data.buffer);
    pixels.steps.forEach((step, i) => (dots[i] = step < 0 ? none : colours[step]));
    const sheet = new OffscreenCanvas(pixels.columns, pixels.rows);
    sheet.getContext('2d')?.putImageData(image, 0, 0);
    context.scale(scale, scale);
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, columnsSeen.from * width - view.x, rowsSeen.from * height - view.y,
      (columnsSeen.to - columnsSeen.from) * width, (rowsSeen.to - rowsSeen.from) * height);
    context.translate(-view.x, -view.y);
    if (width >= leastGap && height >= leastGap) drawGaps(context, rowsSeen, columnsSeen);
    if (text) drawTexts(context, rowsSeen, columnsSeen, text, (row, column) => {
      const value = shade(row, column);
      return value === null ? '' : inks[stepOf(value, signed)];
    });
  }

  /** The cells that are seen of an axis. */
  const span = (start, extent, cell, count) => ({
    from: Math.max(0, Math.floor(start / cell)),
    to: Math.min(count, Math.ceil((start + extent) / cell)),
  });

  /** @param {CanvasRenderingContext2D} context */
  function drawGaps(context, rowsSeen, columnsSeen) {
    [context.fillStyle] = coloursOf(['surface']).map((colour) => hexOf(packed(colour)));
    const [x, y] = [columnsSeen.from * width, rowsSeen.from * height];
    const [wide, high] = [columnsSeen.to * width - x, rowsSeen.to * height - y];
    for (let column = columnsSeen.from + 1; column < columnsSeen.to; column++)
      context.fillRect(column * width - .5, y, 1, high);
    for (let row = rowsSeen.from + 1; row < rowsSeen.to; row++) context.fillRect(x, row * height - .5, wide, 1);
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawTexts(context, rowsSeen, columnsSeen, text, inkOf) {
    if (height < tickHeight) return;
    context.font = fontOf(columnAxis);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let row = rowsSeen.from; row < rowsSeen.to; row++)
      for (let column = columnsSeen.from; column < columnsSeen.to; column++) {
        const words = text(row, column);
        if (words === '') continue;
        const shown = fitting(context, words);
        context.fillStyle = inkOf(row, column) || 'gray';
        if (shown !== '') context.fillText(shown, (column + .5) * width, (row + .5) * height + .5);
      }
  }

  /** Returns as much of a text as a cell has room for; nothing where that is not even two characters. */
  function fitting(context, words) {
    for (let length = Math.floor(width / 4); length > 2; length--) {
      const shown = clip(words, length);
      if (context.measureText(shown).width <= width - 4) return shown;
    }
    return context.measureText(words).width <= width - 4 ? words : '';
  }

  /** @type {[number | null, number | null]} */
  let outlined = [null, null];

  function showOver() {
    const [row, column] = outlined;
    place(rowMark, row !== null && column === null, 0, row ?? 0, matrix?.columns ?? 0, 1);
    place(columnMark, column !== null && row === null, column ?? 0, 0, 1, matrix?.rows ?? 0);
    place(cellMark, row !== null && column !== null, column ?? 0, row ?? 0, 1, 1);
  }

  /** @param {HTMLElement} frame */
  function place(frame, isShown, x, y, wide, high) {
    frame.hidden = !isShown;
    Object.assign(frame.style, {
      left: x * width + 'px', top: y * height + 'px',
      width: Math.max(3, wide * width) + 'px', height: Math.max(3, high * height) + 'px',
    });
  }

  /** @param {[number, number] | null} cell */
  function enter(cell) {
    const name = cell ? cell.join(',') : '';
    if ((container.dataset.cell ?? '') === name) return;
    mark(container, 'data-cell', cell ? name : null);
    body.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
  }

  /** @param {PointerEvent} event */
  function locate({ clientX, clientY }) {
    if (!matrix) return;
    const { x, y } = body.getBoundingClientRect();
    const [row, column] = [Math.floor((clientY - y) / height), Math.floor((clientX - x) / width)];
    const isInside = row >= 0 && column >= 0 && row < matrix.rows && column < matrix.columns;
    enter(isInside ? [row, column] : null);
  }

  /** @param {number} row @param {number} column */
  function reveal(row, column) {
    const [x, y] = [column * width, row * height];
    const [seenX, seenY] = [container.clientWidth - left, container.clientHeight - top];
    if (x < container.scrollLeft || x + width > container.scrollLeft + seenX) container.scrollLeft = x - seenX / 2;
    if (y < container.scrollTop || y + height > container.scrollTop + seenY) container.scrollTop = y - seenY / 2;
  }

  /**
   * Enlarges the cells, or fits them into the container again; the box around them stays as it is.
   * @param {number} by the factor; 0 fits
   */
  function zoomBy(by) {
    if (zoom === 1) container.style.height = container.offsetHeight + 'px';
    // At most 64 pixels a cell, at least all of the matrix.
    zoom = Math.max(1, Math.min(zoom * by, (zoom * 64) / width));
    if (zoom === 1) container.style.height = '';
    mark(container, 'data-zoom', zoom > 1 && zoom.toFixed(2));
    const cell = cellOf(body);
    layOut();
    if (cell) reveal(...cell);
  }

  /** Lets the card of the matrix have the whole screen, or gives it back. */
  function fillScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else container.closest('.card')?.requestFullscreen?.();
  }

  /** @type {Record<string, () => void>} */
  const shortcuts = {
    '+': () => zoomBy(1.5), '=': () => zoomBy(1.5), '-': () => zoomBy(1 / 1.5), '0': () => zoomBy(0), f: fillScreen,
    Enter: () => body.click(), ' ': () => body.click(),
  };
  on(container, 'wheel', (event) => {
    // Without the key the page scrolls.
    if (!matrix || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.25 : .8);
  }, { passive: false });
  on(body, 'pointermove', locate);
  on(body, 'pointerdown', locate);
  on(body, 'pointerleave', () => mark(container, 'data-cell', null));
  on(body, 'blur', () => enter(null));
  on(body, 'click', (event) => {
    if (event.detail > 0) locate(event);
    const cell = cellOf(body);
    if (cell) pick(...cell);
  });
  on(body, 'keydown', (event) => {
    if (!matrix || isCommand(event)) return;
    const [row, column] = cellOf(body) ?? [0, 0];
    const to = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [row, 0], End: [row, matrix.columns - 1],
    }[event.key];
    if (to) {
      const cell = cellOf(body) ? [
        Math.max(0, Math.min(matrix.rows - 1, to[0])), Math.max(0, Math.min(matrix.columns - 1, to[1]))] : [0, 0];
      reveal(cell[0], cell[1]);
      enter(/** @type {[number, number]} */ (cell));
    } else if (shortcuts[event.key]) shortcuts[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  on(container, 'scroll', paint, { passive: true });
  let knownWidth = 0;
  new ResizeObserver(() => {
    if (!matrix || container.clientWidth === knownWidth) return;
    knownWidth = container.clientWidth;
    // A change of size within the observer would be observed again.
    requestAnimationFrame(layOut);
  }).observe(container);
  onThemeChange(paint);
  // Paper is white: the theme is light while a page is printed, and everything is seen.
  on(window, 'beforeprint', () => printing(true));
  on(window, 'afterprint', () => printing(false));

  /** @param {boolean} isNow */
  function printing(isNow) {
    isPrinting = isNow;
    mark(root, 'data-printing', isNow);
    // Whoever paints in colours is told of it.
    root.dataset.theme = isNow ? 'light' : state.theme;
    ramps.clear();
    if (matrix) layOut();
  }

  return {
    /** @param {Matrix} shown */
    show(shown) {
      matrix = shown;
      knownWidth = container.clientWidth;
      layOut();
    },
    /** Outlines a row, a column, a cell, or nothing. @param {number | null} row @param {number | null} column */
    outline(row, column) {
      outlined = [row, column];
      showOver();
    },
    reveal,
    toSvg: () => heatDrawing(matrix),
  };
}

/** The steps of a matrix that pools itself. */
const pooledSteps = (pool, side, signed) => ({
  rows: side, columns: side, steps: Int16Array.from(pool(side), (shade) => (shade < 0 ? -1 : stepOf(shade, signed))),
});

/**
 * Returns the steps of the cells of a part of a matrix; more than fit are pooled, and the strongest of each pool stays.
 * @param {{ from: number, to: number }} rowsSeen
 * @param {{ from: number, to: number }} columnsSeen
 * @param {number} mostRows
 * @param {number} mostColumns
 * @param {(row: number, column: number) => number | null} shade
 * @param {boolean} signed
 */
function pooled(rowsSeen, columnsSeen, mostRows, mostColumns, shade, signed) {
  const [tall, broad] = [rowsSeen.to - rowsSeen.from, columnsSeen.to - columnsSeen.from];
  const [rows, columns] = [Math.max(1, Math.min(tall, mostRows)), Math.max(1, Math.min(broad, mostColumns))];
  const steps = new Int16Array(rows * columns).fill(-1);
  const zero = signed ? 255 : 0;
  for (let i = 0; i < tall; i++) {
    const start = Math.floor((i * rows) / tall) * columns;
    for (let j = 0; j < broad; j++) {
      const value = shade(rowsSeen.from + i, columnsSeen.from + j);
      if (value === null) continue;
      const [place, step] = [start + Math.floor((j * columns) / broad), stepOf(value, signed)];
      if (steps[place] < 0 || Math.abs(step - zero) > Math.abs(steps[place] - zero)) steps[place] = step;
    }
  }
  return { rows, columns, steps };
}
