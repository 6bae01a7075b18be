// Clusters and paths on the map: a step that arrives is drawn from where it came from, and none asks the server for anything.

import type { GeoJSONSource, Map as MapLibre, PointLike } from "maplibre-gl";
import { FADES, type Finding, isChain, isLow, number, type Seen, text } from "./findings";
import { drawnUpTo, HALO, HEADS, headImage, HIGH, HIT, LINES, LOW } from "./findings-style";

/** How long a step takes to be drawn, in milliseconds. */
const DRAWING = 420;
/** How near the pointer must be, in pixels. */
const NEAR = 5;
/** Of a step of the chosen path that its month does not show. */
const GHOST = 0.55;

export interface Shown {
  seen: Seen[];
  /** Every part of the one that is told about. */
  chosen: Finding[];
  /** The colour of a kind of path. */
  colour: (kind: string) => string;
}

export class FindingsOnMap {
  private frame = 0;
  private any = false;

  constructor(private readonly map: MapLibre) {}

  /** `moving`: whether a step that arrives is drawn bit by bit. */
  show({ seen, chosen, colour }: Shown, moving: boolean): void {
    cancelAnimationFrame(this.frame);
    const parts = new Map(seen.map(({ finding, age }) => [finding, { age, opacity: 1 - age / (FADES + 1) }]));
    for (const finding of chosen) parts.set(finding, { age: parts.get(finding)?.age ?? FADES, opacity: Math.max(GHOST, parts.get(finding)?.opacity ?? 0) });
    const features = [...parts].map(([finding, { age, opacity }]): GeoJSON.Feature => {
      const { overlay, name, row, shape } = finding;
      const kind = text(row, "kind");
      const painted = overlay === "clusters" ? (isLow(finding) ? LOW : HIGH) : colour(kind);
      return {
        type: "Feature", geometry: shape, properties: {
          overlay, name, kind, opacity, colour: painted, strength: number(row, "strength") ?? 1, low: overlay === "clusters" && isLow(finding),
          chosen: chosen.includes(finding), arriving: moving && isChain(finding) && age === 0,
        },
      };
    }); // prettier-ignore
    this.any = features.length > 0;
    // The faint below the clear.
    features.sort((a, b) => a.properties!["opacity"] - b.properties!["opacity"]);
    this.put(LINES, features);
    const arriving = features.some((one) => one.properties!["arriving"]);
    const heads = features.flatMap(headOf);
    for (const image of new Set(heads.map((head) => String(head.properties!["colour"])))) {
      if (!this.map.hasImage(`head-${image}`)) this.map.addImage(`head-${image}`, headImage(image), { pixelRatio: 2 });
    }
    this.put(HEADS, arriving ? heads.filter((head) => !head.properties!["arriving"]) : heads);
    if (arriving) this.draw(colour("chain"), performance.now(), () => this.put(HEADS, heads));
  }

  /** The name of what lies at a point, empty where nothing does. */
  at(point: { x: number; y: number }): string {
    if (!this.any) return "";
    const box: [PointLike, PointLike] = [[point.x - NEAR, point.y - NEAR], [point.x + NEAR, point.y + NEAR]]; // prettier-ignore
    return String(this.map.queryRenderedFeatures(box, { layers: HIT })[0]?.properties["name"] ?? "");
  }

  private draw(colour: string, began: number, done: () => void): void {
    const share = Math.min(1, (performance.now() - began) / DRAWING);
    this.map.setPaintProperty("paths-arriving-halo", "line-gradient", drawnUpTo(share, HALO));
    this.map.setPaintProperty("paths-arriving", "line-gradient", drawnUpTo(share, colour));
    if (share < 1) this.frame = requestAnimationFrame(() => this.draw(colour, began, done));
    else done();
  }

  private put(source: string, features: GeoJSON.Feature[]): void {
    (this.map.getSource(source) as GeoJSONSource).setData({ type: "FeatureCollection", features });
  }
}

/** The end of a path, turned the way that it comes from; both ends of a step of a track; a cluster has none. */
function headOf(feature: GeoJSON.Feature): GeoJSON.Feature[] {
  const { geometry, properties } = feature;
  const line = geometry.type === "LineString" ? geometry.coordinates : geometry.type === "MultiLineString" ? geometry.coordinates.at(-1)! : [];
  const [before, end] = line.slice(-2);
  if (!before || !end) return [];
  // A track has a dot at every incident; neighbouring steps share theirs.
  if (properties!["kind"] === "incidents") return [before, end].map((coordinates) => ({ type: "Feature", geometry: { type: "Point", coordinates }, properties }));
  const east = (end[0]! - before[0]!) * Math.cos((end[1]! * Math.PI) / 180);
  const angle = (Math.atan2(east, end[1]! - before[1]!) * 180) / Math.PI;
  return [{ type: "Feature", geometry: { type: "Point", coordinates: end }, properties: { ...properties, angle } }];
}
