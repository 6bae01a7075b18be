// What lies beneath the districts, where an area names a map of somebody else.

import type { RasterSourceSpecification, StyleSpecification } from "maplibre-gl";
import { getJSON } from "./api";
import type { Catalogue } from "./model";

/** Text as it may stand in a map's attribution, which is markup. */
export function escape(text: string): string {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

/**
 * The area's base map, null where there is none or it cannot be had: the districts stand without it.
 *
 * Its address is a template of picture tiles, or that of a MapLibre style.
 */
export async function loadBase(base: Catalogue["basemap"]): Promise<StyleSpecification | null> {
  if (!base) return null;
  const { url, attribution } = typeof base === "string" ? { url: base, attribution: undefined } : base;
  if (url.includes("{z}")) {
    const raster: RasterSourceSpecification = { type: "raster", tiles: [url], tileSize: 256 };
    if (attribution) raster.attribution = escape(attribution);
    return { version: 8, sources: { raster }, layers: [{ id: "raster", type: "raster", source: "raster" }] };
  }
  try {
    return await getJSON<StyleSpecification>(url);
  } catch {
    return null;
  }
}
