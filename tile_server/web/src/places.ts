// Districts and their parents: names for lists and search, points for labels, boxes to fly to.

import type { Properties, Rows } from "./model";

export type Box = [number, number, number, number];

export interface Place {
  code: string;
  row: Properties;
  parent: string;
  anchor: [number, number] | null;
  box: Box | null;
  size: number;
}

export class Places {
  readonly byCode = new Map<string, Place>();
  /** One place per parent, its row that of a district in it (for the parent's names). */
  readonly parents = new Map<string, Place>();

  /** The box around all, null where no row has a shape. */
  get box(): Box | null {
    const boxes = [...this.byCode.values()].map((place) => place.box).filter((box) => box !== null);
    return boxes.length ? boxes.reduce(union) : null;
  }

  constructor(rows: Rows) {
    for (const feature of rows.features) {
      const row = feature.properties ?? {};
      const code = String(row["district"] ?? feature.id ?? "");
      if (code) this.byCode.set(code, { code, row, parent: String(row["parent"] ?? ""), ...shape(feature.geometry) });
    }
    for (const [code, places] of byParent(this.byCode.values())) if (code) this.parents.set(code, merged(code, places));
  }
}

function byParent(places: Iterable<Place>): Map<string, Place[]> {
  const out = new Map<string, Place[]>();
  for (const place of places) out.set(place.parent, [...(out.get(place.parent) ?? []), place]);
  return out;
}

function merged(code: string, places: Place[]): Place {
  const drawn = places.filter((place) => place.anchor && place.box);
  const size = drawn.reduce((sum, place) => sum + place.size, 0);
  const mean = (axis: 0 | 1) => drawn.reduce((sum, p) => sum + p.anchor![axis] * p.size, 0) / size;
  const boxes = drawn.map((place) => place.box!);
  return {
    code,
    row: places[0]!.row,
    parent: "",
    size,
    anchor: size ? [mean(0), mean(1)] : null,
    box: boxes.length ? boxes.reduce(union) : null,
  };
}

const union = (a: Box, b: Box): Box => [
  Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3]),
]; // prettier-ignore

/** The box around some shapes. */
export function boxOf(shapes: GeoJSON.Geometry[]): Box {
  const positions = shapes.flatMap((one) => ("coordinates" in one ? (one.coordinates as unknown[]).flat(Infinity) : [])) as number[];
  const [x, y] = [positions.filter((_, i) => i % 2 === 0), positions.filter((_, i) => i % 2 === 1)];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

function shape(geometry: GeoJSON.Geometry | null): Pick<Place, "anchor" | "box" | "size"> {
  const polygons =
    geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
  let best: GeoJSON.Position[][] | null = null;
  let size = 0;
  let box: Box | null = null;
  for (const polygon of polygons) {
    const ring = polygon[0] ?? [];
    const area = Math.abs(ringArea(ring));
    if (!best || area > size) [best, size] = [polygon, area];
    for (const [x = 0, y = 0] of ring) box = box ? union(box, [x, y, x, y]) : [x, y, x, y];
  }
  return { anchor: best ? inside(best) : null, box, size };
}

function ringArea(ring: GeoJSON.Position[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length - 1; i++) sum += ring[i]![0]! * ring[i + 1]![1]! - ring[i + 1]![0]! * ring[i]![1]!;
  return sum / 2;
}

const SCANS = 15;

/** A point well inside: the middle of the widest stretch over a few scan lines, favouring those near the middle. */
function inside(polygon: GeoJSON.Position[][]): [number, number] {
  const ys = polygon[0]!.map((p) => p[1]!);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  let best: [number, number] = [polygon[0]![0]![0]!, (low + high) / 2];
  let score = -1;
  for (let i = 1; i <= SCANS; i++) {
    const part = i / (SCANS + 1);
    const y = low + (high - low) * part;
    const cuts: number[] = [];
    for (const ring of polygon) {
      for (let k = 0; k < ring.length - 1; k++) {
        const [x0, y0] = ring[k] as [number, number];
        const [x1, y1] = ring[k + 1] as [number, number];
        if (y0 <= y !== y1 <= y) cuts.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
      }
    }
    cuts.sort((a, b) => a - b);
    for (let k = 0; k + 1 < cuts.length; k += 2) {
      const width = (cuts[k + 1]! - cuts[k]!) * (0.4 + 4 * 0.6 * part * (1 - part));
      if (width > score) [score, best] = [width, [(cuts[k]! + cuts[k + 1]!) / 2, y]];
    }
  }
  return best;
}
