// @ts-check
// Reads numbers that stand as planes of bytes: all first bytes before all second ones.

/**
 * Returns the function that reads the next numbers of a block, by the kind of their array.
 * @param {Uint8Array} bytes
 * @returns {(Numbers: any, count: number) => any}
 */
function planesOf(bytes) {
  let at = 0;
  return (Numbers, count) => {
    const width = Numbers.BYTES_PER_ELEMENT;
    const mixed = new Uint8Array(count * width);
    for (let part = 0; part < width; part++)
      for (let i = part; i < mixed.length; i += width) mixed[i] = bytes[at++];
    return new Numbers(mixed.buffer);
  };
}
