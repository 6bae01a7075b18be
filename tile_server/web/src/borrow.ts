// What a layer lacks of its own and another holds: `dynamics` keeps no counts, the rating of the same cells does.

import { type Catalogue, hasColumn, hasMonths, hasOffences, type LayerInfo } from "./model";

const COUNTS = ["count", "provisional", "suppressed"];

/**
 * The layers with what they borrow. Rows of the public `dynamics` are outbreaks alone, so its months have gaps that
 * mean "none": they are filled from the rating, which has every month.
 */
export function withBorrowed(catalogue: Catalogue, layers: LayerInfo[]): LayerInfo[] {
  const lender = catalogue.layers.find((one) => one.id === "rating" && hasColumn(one, "count") && hasMonths(one));
  return layers.map((layer) => {
    if (!lender || layer === lender || !hasColumn(layer, "expected") || hasColumn(layer, "count") || !hasOffences(layer)) return layer;
    const columns = lender.columns.filter((one) => COUNTS.includes(one.name) && !hasColumn(layer, one.name));
    const months = outbreaksAlone(layer) ? (lender.months ?? []).filter((one) => one >= (layer.months?.[0] ?? "")) : layer.months;
    return { ...layer, months, columns: [...layer.columns, ...columns], borrowed: { lender, columns: columns.map((one) => one.name) } };
  });
}

/** Whether only outbreaks have rows: a district without one is not without data. */
export const outbreaksAlone = (layer: LayerInfo): boolean =>
  layer.default_column === "signal" && layer.classes?.length === 1 && layer.classes[0]!.value === "outbreak";
