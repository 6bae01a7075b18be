// How clusters and paths are drawn: outlines, lines as wide as they are strong, and arrow heads.

import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";

export const LINES = "findings";
export const HEADS = "findings-heads";
export const HIGH = "#8b1e2d";
export const LOW = "#1b548d";
const INK = "#0b1a22";
const PAPER = "#ffffff";
/** A path of strength 0, and of `STRONG` and beyond, in pixels. */
const [THIN, THICK, STRONG] = [1.8, 6.5, 3];

const WIDTH: ExpressionSpecification = ["interpolate", ["linear"], ["get", "strength"], 0, THIN, STRONG, THICK];
const OPACITY: ExpressionSpecification = ["get", "opacity"];
const COLOUR: ExpressionSpecification = ["get", "colour"];
const wider = (by: number): ExpressionSpecification => ["interpolate", ["linear"], ["get", "strength"], 0, THIN + by, STRONG, THICK + by];
const is = (name: string, value: string | boolean): ExpressionSpecification => ["==", ["get", name], value];
/** Steps of tracks of incidents. */
const TRACK: ExpressionSpecification = is("kind", "incidents");
/** A dot of their lines, in pixels. */
const DOT = 2;

const rounded = { "line-cap": "round", "line-join": "round" } as const;
const lines = { source: LINES, type: "line" } as const;

export const findingsSources: Record<string, SourceSpecification> = {
  [LINES]: { type: "geojson", lineMetrics: true, data: { type: "FeatureCollection", features: [] } },
  [HEADS]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
};

export const findingsLayers: LayerSpecification[] = [
  {
    id: "clusters-chosen", ...lines, filter: ["all", is("overlay", "clusters"), is("chosen", true)], layout: rounded,
    paint: { "line-color": INK, "line-width": 9.5 },
  },
  {
    id: "clusters-halo", ...lines, filter: is("overlay", "clusters"), layout: { "line-join": "round" },
    paint: { "line-color": PAPER, "line-width": 6, "line-opacity": OPACITY },
  },
  {
    id: "clusters-high", ...lines, filter: ["all", is("overlay", "clusters"), is("low", false)], layout: { "line-join": "round" },
    paint: { "line-color": HIGH, "line-width": 3, "line-opacity": OPACITY },
  },
  {
    id: "clusters-low", ...lines, filter: ["all", is("overlay", "clusters"), is("low", true)], layout: { "line-join": "round" },
    paint: { "line-color": LOW, "line-width": 3, "line-dasharray": [1.6, 1.2], "line-opacity": OPACITY },
  },
  {
    id: "paths-chosen", ...lines, filter: ["all", is("overlay", "spread_paths"), is("chosen", true), ["!", TRACK]], layout: rounded,
    paint: { "line-color": INK, "line-width": wider(6), "line-opacity": OPACITY },
  },
  {
    id: "paths-halo", ...lines, filter: ["all", is("overlay", "spread_paths"), is("arriving", false), ["!", TRACK]], layout: rounded,
    paint: { "line-color": PAPER, "line-width": wider(2.6), "line-opacity": ["*", 0.9, OPACITY] },
  },
  {
    // Dashed without round ends, which would fill the gaps.
    id: "paths-edge", ...lines, filter: is("kind", "edge"),
    paint: { "line-color": COLOUR, "line-width": WIDTH, "line-dasharray": [2.4, 1.2], "line-opacity": OPACITY },
  },
  {
    id: "paths-chain", ...lines, filter: ["all", is("overlay", "spread_paths"), is("kind", "chain"), is("arriving", false)], layout: rounded,
    paint: { "line-color": COLOUR, "line-width": WIDTH, "line-opacity": OPACITY },
  },
  {
    // Dots of their own width: a track is no tested way, and of one spot it has no length.
    id: "paths-track", ...lines, filter: TRACK, layout: rounded,
    paint: { "line-color": COLOUR, "line-width": DOT, "line-dasharray": [0.1, 2], "line-opacity": OPACITY },
  },
  {
    id: "paths-track-ends", type: "circle", source: HEADS, filter: TRACK,
    paint: {
      "circle-color": ["case", is("chosen", true), INK, COLOUR], "circle-radius": ["case", is("chosen", true), 5, 4], "circle-stroke-color": PAPER,
      "circle-stroke-width": 1.5, "circle-opacity": OPACITY, "circle-stroke-opacity": OPACITY,
    },
  },
  { id: "paths-arriving-halo", ...lines, filter: is("arriving", true), paint: { "line-width": wider(2.6) } },
  { id: "paths-arriving", ...lines, filter: is("arriving", true), paint: { "line-width": WIDTH } },
  {
    id: "paths-heads", type: "symbol", source: HEADS, filter: ["!", TRACK],
    layout: {
      "icon-image": ["concat", "head-", COLOUR], "icon-rotate": ["get", "angle"], "icon-rotation-alignment": "map",
      "icon-size": ["interpolate", ["linear"], ["get", "strength"], 0, 0.62, STRONG, 1.1], "icon-allow-overlap": true, "icon-ignore-placement": true,
    },
    paint: { "icon-opacity": OPACITY },
  },
]; // prettier-ignore

/** What the pointer may hit. */
export const HIT = ["clusters-halo", "paths-halo", "paths-arriving-halo", "paths-heads", "paths-track", "paths-track-ends"];

/** The part of an arriving line that has been drawn, as the paint of `line-gradient`. */
export const drawnUpTo = (share: number, colour: string): ExpressionSpecification => ["step", ["line-progress"], colour, Math.max(share, 1e-6), "rgba(0, 0, 0, 0)"];
export const HALO = PAPER;

/** An arrow head that points up, in a colour with a rim of paper, at twice the density of the screen. */
export function headImage(colour: string): ImageData {
  const side = 44;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.beginPath();
  context.moveTo(side / 2, 5);
  context.lineTo(side - 8, side - 7);
  context.lineTo(side / 2, side - 14);
  context.lineTo(8, side - 7);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 6;
  context.strokeStyle = PAPER;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  return context.getImageData(0, 0, side, side);
}
