// Clusters and spread paths: findings that have a place and a time of their own, fetched once an offence.

import { getJSON } from "./api";
import { type Catalogue, type LayerInfo, type Properties, type Rows, serial } from "./model";

/** Layers that lie over whatever colours the map, lowest first. */
export const OVERLAYS = ["clusters", "spread_paths"] as const;
export type Overlay = (typeof OVERLAYS)[number];

const EVERYTHING = { limit: 10_000, f: "json" };
/** Months in which a step is still seen after it was made. */
export const FADES = 3;

/** A cluster, an edge, or one step of a chain or of a track of incidents. */
export interface Finding {
  overlay: Overlay;
  /** Its name in the address; the steps of a chain share it. */
  name: string;
  row: Properties;
  shape: GeoJSON.Geometry;
  /** First and last month, both included, as `serial` numbers them. */
  first: number;
  last: number;
}

/** A finding as it is seen in a month: so many months after it was made, 0 while it lasts. */
export interface Seen {
  finding: Finding;
  age: number;
}

/** The overlays that an edition has. */
export const overlaysOf = (catalogue: Catalogue): LayerInfo[] =>
  OVERLAYS.flatMap((id) => catalogue.layers.find((layer) => layer.id === id && layer.columns.some((column) => column.name === "last_month")) ?? []);

export const isChain = (finding: Finding): boolean => finding.row["kind"] === "chain";
/** Whether it is a step from incident to incident, mostly within a district. */
export const isTrack = (finding: Finding): boolean => finding.row["kind"] === "incidents";
/** Whether fewer were recorded than expected. */
export const isLow = ({ row }: Finding): boolean => Number(row["count"]) < Number(row["expected"]);
export const text = (row: Properties, column: string): string => String(row[column] ?? "");
export const number = (row: Properties, column: string): number | null => (typeof row[column] === "number" ? row[column] : null);

/** A column of JSON, which some formats carry as text. */
export function parsed<T>(row: Properties, column: string, otherwise: T): T {
  const value = row[column];
  try {
    return ((typeof value === "string" ? JSON.parse(value) : value) ?? otherwise) as T;
  } catch {
    return otherwise;
  }
}

/**
 * What is seen in a month. A cluster, an edge or a step of a track is there as long as it lasts; a step of a chain comes
 * when it arrives, since only then it is known, and fades.
 */
export function seenIn(findings: Finding[], month: string): Seen[] {
  const now = serial(month);
  return findings.flatMap((finding) => {
    const lasting = finding.overlay === "clusters" || finding.row["kind"] === "edge" || isTrack(finding);
    const age = lasting ? 0 : now - finding.last;
    const there = lasting ? finding.first <= now && now <= finding.last : age >= 0 && age <= FADES;
    return there ? [{ finding, age }] : [];
  });
}

export class Findings {
  private readonly cache = new Map<string, Promise<Finding[]>>();

  /** All findings of some offences, of every offence where none is named. */
  of(overlay: Overlay, offences: string[] | null): Promise<Finding[]> {
    const key = `${overlay}|${offences?.join() ?? ""}`;
    let found = this.cache.get(key);
    if (!found) {
      found = getJSON<Rows>(`collections/${overlay}/items`, { ...EVERYTHING, offence: offences?.join() }).then((rows) =>
        rows.features.flatMap((feature) => (feature.geometry ? [finding(overlay, feature.properties ?? {}, feature.geometry)] : [])),
      );
      this.cache.set(key, found);
      found.catch(() => this.cache.delete(key));
    }
    return found;
  }
}

function finding(overlay: Overlay, row: Properties, shape: GeoJSON.Geometry): Finding {
  const name = `${overlay}/${text(row, overlay === "clusters" ? "cluster" : "path")}`;
  return { overlay, name, row, shape, first: serial(text(row, "first_month")), last: serial(text(row, "last_month")) };
}
