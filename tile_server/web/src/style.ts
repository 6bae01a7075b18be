// The map's style: districts coloured by feature state, hatchings, borders, labels, and perhaps a base map.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { address } from "./api";
import { findingsLayers, findingsSources } from "./findings-style";
import type { Catalogue, Class } from "./model";

export const SOURCE = "districts";
export const PAPER = "#eef1f0";
const INK = "#22313a";
const REGULAR = ["Noto Sans Regular"];
const BOLD = ["Noto Sans Bold"];

/** Class numbers in the feature state `c`: absent until figures have come. */
const UNKNOWN = -9;
const CLASS: ExpressionSpecification = ["coalesce", ["feature-state", "c"], UNKNOWN];
/** A district of no class. */
export const BLANK = "#dfe3e1";

export function fillColour(classes: Class[]): ExpressionSpecification | string {
  if (!classes.length) return BLANK;
  return ["match", CLASS, ...classes.flatMap((one, i) => [i, one.colour]), BLANK] as unknown as ExpressionSpecification;
}

/** Opaque where the class is `wanted`, else clear: a pattern itself cannot depend on the feature state. */
export const shownFor = (wanted: number): ExpressionSpecification => ["case", ["==", CLASS, wanted], 1, 0];

const whenState = (name: string, yes: number, no: number): ExpressionSpecification => [
  "case", ["boolean", ["feature-state", name], false], yes, no,
]; // prettier-ignore

/** The style of an area that fits the map at the zoom `fit`. */
export function buildStyle(catalogue: Catalogue, fit: number): StyleSpecification {
  const tile = address("collections/districts/tiles/WebMercatorQuad/") + "{z}/{y}/{x}?f=mvt";
  const polygons = { source: SOURCE, "source-layer": "districts" } as const;
  const thin: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], fit, 0.4, fit + 4, 1.2];
  const layers: LayerSpecification[] = [
    { id: "paper", type: "background", paint: { "background-color": PAPER } },
    { id: "districts-fill", type: "fill", ...polygons, paint: { "fill-color": BLANK, "fill-opacity": 1 } },
    { id: "districts-few", type: "fill", ...polygons, paint: { "fill-pattern": "few", "fill-opacity": 0 } },
    { id: "districts-none", type: "fill", ...polygons, paint: { "fill-pattern": "none", "fill-opacity": 0 } },
    { id: "districts-line", type: "line", ...polygons, paint: { "line-color": "#7d8a8e", "line-width": thin } },
    {
      id: "parents-halo", type: "line", source: SOURCE, "source-layer": "parents",
      layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], fit, 2.6, fit + 4, 5] },
    },
    {
      id: "parents-line", type: "line", source: SOURCE, "source-layer": "parents",
      layout: { "line-join": "round" },
      paint: { "line-color": INK, "line-width": ["interpolate", ["linear"], ["zoom"], fit, 1.1, fit + 4, 2.2] },
    },
    {
      id: "districts-hover", type: "line", ...polygons, layout: { "line-join": "round" },
      paint: { "line-color": INK, "line-width": 2, "line-opacity": whenState("hover", 1, 0) },
    },
    {
      id: "districts-chosen-halo", type: "line", ...polygons, layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-width": 6, "line-opacity": whenState("chosen", 1, 0) },
    },
    {
      id: "districts-chosen", type: "line", ...polygons, layout: { "line-join": "round" },
      paint: { "line-color": "#0b1a22", "line-width": 3, "line-opacity": whenState("chosen", 1, 0) },
    },
    ...findingsLayers,
    {
      id: "districts-label", type: "symbol", source: "labels", filter: ["==", ["get", "kind"], "district"],
      layout: {
        "text-field": ["get", "name"], "text-font": REGULAR, "text-max-width": 7, "text-padding": 4,
        "text-size": ["interpolate", ["linear"], ["zoom"], fit, 11, fit + 4, 14],
        "symbol-sort-key": ["-", ["get", "size"]],
      },
      paint: { "text-color": "#1d2a31", "text-halo-color": "#ffffff", "text-halo-width": 1.7 },
    },
    {
      id: "parents-label", type: "symbol", source: "labels", filter: ["==", ["get", "kind"], "parent"],
      layout: {
        "text-field": ["get", "name"], "text-font": BOLD, "text-max-width": 8, "text-padding": 6,
        "text-size": ["interpolate", ["linear"], ["zoom"], fit - 1, 10.5, fit + 2, 14],
        "text-letter-spacing": 0.03, "symbol-sort-key": ["-", ["get", "size"]],
      },
      paint: { "text-color": "#14212b", "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 },
    },
    {
      // A signal in a town of a few pixels would be overlooked.
      id: "marks", type: "circle", source: "marks", maxzoom: fit + 2.5,
      paint: {
        "circle-radius": 6, "circle-color": ["get", "colour"], "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.8,
      },
    },
  ]; // prettier-ignore
  return {
    version: 8,
    glyphs: address("glyphs/") + "{fontstack}/{range}.pbf",
    sources: {
      [SOURCE]: {
        type: "vector",
        tiles: [tile],
        minzoom: catalogue.tiles?.minzoom ?? 0,
        maxzoom: catalogue.tiles?.maxzoom ?? 14,
        ...(catalogue.area.bbox ? { bounds: catalogue.area.bbox } : {}),
        promoteId: { districts: "district" },
      },
      marks: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      labels: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      ...findingsSources,
    },
    layers,
  };
}

/**
 * Put another map's drawing beneath ours. Its symbols are left out: their fonts and pictures are not ours to
 * serve, and two sets of names would lie over each other.
 */
export function withBase(style: StyleSpecification, base: StyleSpecification): StyleSpecification {
  const rename = (name: string) => `base-${name}`;
  const sources = Object.fromEntries(Object.entries(base.sources).map(([name, source]) => [rename(name), source]));
  const layers = base.layers
    .filter((layer) => layer.type !== "symbol")
    .map((layer) => ({
      ...layer,
      id: rename(layer.id),
      ...("source" in layer && typeof layer.source === "string" ? { source: rename(layer.source) } : {}),
    })) as LayerSpecification[];
  const ours = style.layers.map((layer) =>
    layer.id === "districts-fill" ? { ...layer, paint: { ...layer.paint, "fill-opacity": 0.72 } } : layer,
  ) as LayerSpecification[];
  return { ...style, sources: { ...sources, ...style.sources }, layers: [...layers, ...ours.slice(1)] };
}
