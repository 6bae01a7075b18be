// Signed distance fields of glyph outlines, exact: the distance of each pixel to the nearest segment.
//
// The numbers are those that MapLibre expects (after Mapbox's node-fontnik): 24 pixels to the em, a border of
// 3 pixels, distances up to 8 pixels, the outline at 192 of 255.

export const SIZE = 24;
export const BORDER = 3;
const RADIUS = 8;
const CUTOFF = 0.25;
const CURVE_STEPS = 8;

/**
 * Flatten an outline to segments.
 *
 * @param {{type: string, x?: number, y?: number, x1?: number, y1?: number, x2?: number, y2?: number}[]} commands
 *   path commands of opentype.js, y downwards, in pixels
 * @returns {number[]} x0, y0, x1, y1 of each segment, y upwards
 */
export function segments(commands) {
  const out = [];
  let [startX, startY, x, y] = [0, 0, 0, 0];
  const line = (toX, toY) => {
    if (toX !== x || toY !== y) out.push(x, -y, toX, -toY);
    [x, y] = [toX, toY];
  };
  for (const c of commands) {
    const [fromX, fromY] = [x, y];
    if (c.type === "M") [startX, startY, x, y] = [c.x, c.y, c.x, c.y];
    else if (c.type === "L") line(c.x, c.y);
    else if (c.type === "Z") line(startX, startY);
    else {
      for (let step = 1; step <= CURVE_STEPS; step++) {
        const t = step / CURVE_STEPS;
        const u = 1 - t;
        if (c.type === "Q") {
          line(u * u * fromX + 2 * u * t * c.x1 + t * t * c.x, u * u * fromY + 2 * u * t * c.y1 + t * t * c.y);
        } else {
          const [a, b, d, e] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
          line(a * fromX + b * c.x1 + d * c.x2 + e * c.x, a * fromY + b * c.y1 + d * c.y2 + e * c.y);
        }
      }
    }
  }
  return out;
}

/**
 * Draw the distance field of an outline.
 *
 * @param {number[]} outline segments as `segments` returns them
 * @returns {{left: number, top: number, width: number, height: number, bitmap: Uint8Array} | null}
 *   the box without its border and the field with it; null where there is nothing to draw
 */
export function field(outline) {
  if (!outline.length) return null;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < outline.length; i += 2) {
    minX = Math.min(minX, outline[i]);
    maxX = Math.max(maxX, outline[i]);
    minY = Math.min(minY, outline[i + 1]);
    maxY = Math.max(maxY, outline[i + 1]);
  }
  const left = Math.floor(minX);
  const top = Math.ceil(maxY);
  const width = Math.ceil(maxX) - left;
  const height = top - Math.floor(minY);
  const columns = width + 2 * BORDER;
  const rows = height + 2 * BORDER;
  const bitmap = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const y = top + BORDER - row - 0.5;
    for (let column = 0; column < columns; column++) {
      const x = left - BORDER + column + 0.5;
      bitmap[row * columns + column] = level(outline, x, y);
    }
  }
  return { left, top, width, height, bitmap };
}

function level(outline, x, y) {
  let nearest = Infinity;
  let winding = 0;
  for (let i = 0; i < outline.length; i += 4) {
    const [x0, y0, x1, y1] = [outline[i], outline[i + 1], outline[i + 2], outline[i + 3]];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
    const [ex, ey] = [x - x0 - t * dx, y - y0 - t * dy];
    nearest = Math.min(nearest, ex * ex + ey * ey);
    // Non-zero winding, as fonts are filled: outlines of one glyph may overlap.
    if (y0 <= y !== y1 <= y && (x - x0) * dy < (y - y0) * dx === dy > 0) winding += dy > 0 ? 1 : -1;
  }
  const distance = Math.sqrt(nearest) * (winding ? -1 : 1);
  return Math.max(0, Math.min(255, Math.round(255 - 255 * (distance / RADIUS + CUTOFF))));
}
