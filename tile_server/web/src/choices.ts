// What may be chosen in an area.

import { type Catalogue, hasOffences, type LayerInfo } from "./model";
import { overlaysOf } from "./findings";
import type { State } from "./state";

/** What is shown where nothing was judged or counted: the districts, without classes. */
export const PLAIN: LayerInfo = { id: "districts", title: {}, geometry: "polygon", keys: ["district"], columns: [], classes: [] };

/** Replace what the area does not have by what it has: an address may be old, or of another area. */
export function settled(catalogue: Catalogue, layers: LayerInfo[], state: State): State {
  const preferred = catalogue.edition === "analyst" ? "rating" : "safety";
  const find = (id: string) => layers.find((layer) => layer.id === id);
  const layer = find(state.layer) ?? find(preferred) ?? layers[0];
  const offences = layer && hasOffences(layer) ? (layer.offences ?? ["all"]) : [];
  const months = layer?.months ?? [];
  const overlays = overlaysOf(catalogue).map((one) => one.id).filter((id) => state.overlays.split(",").includes(id));
  const complete = catalogue.area.complete_until?.slice(0, 7);
  const newest = months.filter((month) => !complete || month <= complete).at(-1) ?? months.at(-1) ?? "";
  return {
    ...state,
    layer: layer?.id ?? "",
    offence: offences.includes(state.offence) ? state.offence : offences.includes("all") ? "all" : (offences[0] ?? ""),
    attribute: !layer?.attributes ? "" : layer.attributes.includes(state.attribute) ? state.attribute : layer.attributes[0]!,
    month: months.includes(state.month) ? state.month : newest,
    overlays: overlays.join(),
    found: overlays.some((id) => state.found.startsWith(`${id}/`)) ? state.found : "",
    lang: catalogue.area.languages.includes(state.lang) ? state.lang : "",
  };
}
