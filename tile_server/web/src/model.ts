// What the server sends.

export type Labels = Record<string, string>;
export type Value = number | string | boolean | null;

export interface Class {
  value?: number | string;
  min?: number | null;
  max?: number | null;
  label: Labels;
  colour: string;
}

export interface LayerInfo {
  id: string;
  title: Labels;
  description?: Labels;
  geometry: string;
  keys: string[];
  columns: { name: string; type: string; unit?: string | null; description?: string | Labels }[];
  period?: string | null;
  months?: string[];
  offences?: string[];
  default_column?: string | null;
  classes?: Class[];
  /** Fields of the cards, of a layer with a row for each. */
  attributes?: string[];
  /** Columns of another layer's same cells. */
  borrowed?: { lender: LayerInfo; columns: string[] };
}

/** Where a series may not be followed: a month from which figures are others, or a span that is none of its past. */
export interface Break {
  id: string;
  kind: "level" | "excluded" | "boundaries";
  from: string;
  to: string | null;
  /** Null is every one. */
  offences: string[] | null;
  districts: string[] | null;
  name: Labels;
  reason?: Labels | null;
}

export interface Catalogue {
  release?: string;
  edition: "public" | "analyst";
  area: {
    id: string;
    name: Labels;
    invented: boolean;
    attribution: string;
    languages: string[];
    bbox: [number, number, number, number] | null;
    rate_per?: number;
    period?: string;
    complete_until?: string | null;
    breaks?: Break[];
  };
  layers: LayerInfo[];
  absent?: { id: string; text?: Labels }[];
  basemap?: string | { url: string; attribution?: string } | null;
  tiles?: { minzoom?: number; maxzoom?: number };
}

/** The answer of `/values`. */
export interface Values {
  release?: string;
  months: string[];
  districts: string[];
  columns: Record<string, Value[][]>;
}

export type Properties = Record<string, unknown>;
export type Rows = GeoJSON.FeatureCollection<GeoJSON.Geometry | null, Properties>;

/** A month as a number of months, to count with. */
export const serial = (month: string): number => 12 * Number(month.slice(0, 4)) + Number(month.slice(5, 7));

/** A layer that the map can colour: figures by district, or the districts themselves. */
export function isDrawable(layer: LayerInfo): boolean {
  return (
    layer.geometry === "polygon" &&
    layer.keys.includes("district") &&
    layer.keys.every((key) => ["district", "month", "offence"].includes(key) || (key === "attribute" && Boolean(layer.attributes?.length))) &&
    Boolean(layer.default_column) &&
    Boolean(layer.classes?.length) &&
    (layer.keys.includes("month") ? Boolean(layer.months?.length) : layer.id === "districts")
  );
}

/** The breaks of one series that stand between two months, both included. */
export const breaksOf = (catalogue: Catalogue, district: string, offence: string, first: string, last: string): Break[] =>
  (catalogue.area.breaks ?? []).filter(
    (one) =>
      one.from <= last &&
      (one.to ?? one.from) >= first &&
      (one.offences === null || one.offences.includes(offence)) &&
      (one.districts === null || one.districts.includes(district)),
  );

export const hasMonths = (layer: LayerInfo): boolean => layer.keys.includes("month");
export const hasOffences = (layer: LayerInfo): boolean => layer.keys.includes("offence");
export const hasAttributes = (layer: LayerInfo): boolean => layer.keys.includes("attribute");
export const hasColumn = (layer: LayerInfo, name: string): boolean =>
  layer.columns.some((column) => column.name === name);
/** Whether a layer judges: one without population holds counts alone, and there is nothing to rank. */
export const isJudged = (layer: LayerInfo): boolean => layer.default_column === "level" && hasColumn(layer, "magnitude");
/** Whether a layer tells by its class alone which districts to look at. */
export const isSignalled = (layer: LayerInfo): boolean => layer.default_column === "signal";
/** Signals that nothing need be done about. */
export const QUIET = ["too_few", "incomplete", "norm_rise_only", "norm", "none"];
