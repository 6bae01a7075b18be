// Build the glyph files that our styles name: node glyphs/build.mjs OUTPUT
//
// The font is Noto Sans (SIL Open Font License) out of an npm package, cut by script there; the cuts that
// our languages need are put together again here.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import opentype from "opentype.js";
import { encode } from "./pbf.mjs";
import { BORDER, field, segments, SIZE } from "./sdf.mjs";

const FONTS = { "Noto Sans Regular": 400, "Noto Sans Bold": 700 };
const SCRIPTS = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek"];
const RANGE = 256;
const NEEDED = "ABCxyz0189ЖжЯяЁёӘәҒғҚқҢңӨөҰұҮүҺһІі–—«»№";

const require = createRequire(import.meta.url);

function load(script, weight) {
  const file = require.resolve(`@fontsource/noto-sans/files/noto-sans-${script}-${weight}-normal.woff`);
  const data = readFileSync(file);
  return opentype.parse(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

function draw(font, glyph, code) {
  const scale = SIZE / font.unitsPerEm;
  const shape = field(segments(glyph.getPath(0, 0, SIZE).commands));
  // MapLibre measures `top` from the ascender, 26 pixels above the baseline for this font.
  const ascender = Math.round(font.ascender * scale);
  return {
    id: code,
    width: shape?.width ?? 0,
    height: shape?.height ?? 0,
    left: shape?.left ?? 0,
    top: shape ? shape.top - ascender : -ascender,
    advance: Math.round(glyph.advanceWidth * scale),
    bitmap: shape?.bitmap ?? null,
  };
}

function build(output) {
  for (const [name, weight] of Object.entries(FONTS)) {
    const ranges = new Map();
    const drawn = new Set();
    for (const script of SCRIPTS) {
      const font = load(script, weight);
      for (const [key, index] of Object.entries(font.tables.cmap.glyphIndexMap)) {
        const code = Number(key);
        if (drawn.has(code) || code > 0xffff || !index) continue;
        drawn.add(code);
        const first = Math.floor(code / RANGE) * RANGE;
        if (!ranges.has(first)) ranges.set(first, []);
        ranges.get(first).push(draw(font, font.glyphs.get(index), code));
      }
    }
    const missing = [...NEEDED].filter((letter) => !drawn.has(letter.codePointAt(0)));
    if (missing.length) throw new Error(`${name} lacks the letters ${missing.join(" ")}`);
    mkdirSync(join(output, name), { recursive: true });
    for (const [first, glyphs] of ranges) {
      const range = `${first}-${first + RANGE - 1}`;
      glyphs.sort((a, b) => a.id - b.id);
      writeFileSync(join(output, name, `${range}.pbf`), encode(name, range, glyphs));
    }
    console.log(`${name}: ${drawn.size} glyphs in ${ranges.size} ranges, border ${BORDER}`);
  }
}

const output = process.argv[2];
if (!output) throw new Error("usage: node glyphs/build.mjs OUTPUT");
build(output);
