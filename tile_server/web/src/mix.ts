// The districts of a month by class: each of them for the map, all of them as shares for the strip of months.

import { classOf, NO_DATA } from "./classes";
import type { Table } from "./figures";
import type { LayerInfo } from "./model";

/** What hatched classes look like in the strip, where there is no room for hatching. */
const STRIP_FEW = "#d5d3cb";
const STRIP_NONE = "#f1f0ec";

/** The class of every district in a month. */
export function classesOf(layer: LayerInfo, table: Table, month: string): Map<string, number> {
  const column = layer.default_column ?? "level";
  return new Map(table.districts.map((code) => [code, classOf(table.value(column, month, code), layer.classes ?? [])]));
}

/** The share of each class, as the strip of months draws it: without the classes in `plain`. */
export function mix(classes: Map<string, number>, colours: string[], few: number, plain: number[]): { colour: string; share: number }[] {
  const counts = new Map<number, number>();
  for (const one of classes.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
  const order = [NO_DATA, few, ...colours.map((_, i) => i)].filter((one, i, all) => all.indexOf(one) === i && counts.has(one) && !plain.includes(one));
  return order.map((one) => ({
    colour: one === NO_DATA ? STRIP_NONE : one === few ? STRIP_FEW : (colours[one] ?? STRIP_NONE),
    share: (counts.get(one) ?? 0) / classes.size,
  }));
}
