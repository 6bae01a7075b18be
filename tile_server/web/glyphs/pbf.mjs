// The glyph protocol buffer of Mapbox and MapLibre: glyphs { stacks { name, range, glyphs { ... } } }.

function varint(value) {
  const out = [];
  while (value > 127) {
    out.push((value & 127) | 128);
    value >>>= 7;
  }
  return [...out, value];
}

const zigzag = (value) => (value << 1) ^ (value >> 31);
const number = (tag, value) => [...varint(tag << 3), ...varint(value)];
const bytes = (tag, value) => Buffer.concat([Buffer.from([...varint((tag << 3) | 2), ...varint(value.length)]), value]);

/**
 * Encode one range of one font.
 *
 * @param {string} name the font stack
 * @param {string} range such as "1024-1279"
 * @param {{id: number, width: number, height: number, left: number, top: number, advance: number,
 *   bitmap: Uint8Array | null}[]} glyphs
 * @returns {Buffer}
 */
export function encode(name, range, glyphs) {
  const parts = glyphs.map((glyph) =>
    bytes(
      3,
      Buffer.concat([
        Buffer.from(number(1, glyph.id)),
        glyph.bitmap ? bytes(2, Buffer.from(glyph.bitmap)) : Buffer.alloc(0),
        Buffer.from([
          ...number(3, glyph.width),
          ...number(4, glyph.height),
          ...number(5, zigzag(glyph.left)),
          ...number(6, zigzag(glyph.top)),
          ...number(7, glyph.advance),
        ]),
      ]),
    ),
  );
  return bytes(1, Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, Buffer.from(range)), ...parts]));
}
