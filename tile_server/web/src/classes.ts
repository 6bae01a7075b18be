// From a value to the class it is drawn as.

import type { Class, LayerInfo, Value } from "./model";

/** The class of "no data": not one of the catalogue's. */
export const NO_DATA = -1;

/** The number of the class that a value falls into, `NO_DATA` for null or where no class fits. */
export function classOf(value: Value | undefined, classes: Class[]): number {
  if (value === null || value === undefined) return NO_DATA;
  return classes.findIndex((one) => {
    if (one.value !== undefined && one.value !== null) return String(one.value) === String(value);
    if (typeof value !== "number") return false;
    // Classes are closed below and open above, save the last, which holds the largest value too.
    const last = one === classes.at(-1);
    const below = one.max === undefined || one.max === null || value < one.max || (last && value === one.max);
    return (one.min === undefined || one.min === null || value >= one.min) && below;
  });
}

/** What `fewClass` says of a layer that judges nothing: no class and not "no data" either. */
const NO_FEW = -2;

/** The class "too few to judge" (level 0, or the signal of that name), `NO_FEW` where the layer has none. */
export function fewClass(layer: LayerInfo): number {
  if (layer.default_column !== "level" && layer.default_column !== "signal") return NO_FEW;
  const at = (layer.classes ?? []).findIndex((one) => one.value === 0 || one.value === "too_few");
  return at < 0 ? NO_FEW : at;
}

/** Black or white, whichever is read better on a colour. */
export function inkOn(colour: string): string {
  const hex = /^#?([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!hex) return "#14212b";
  const [r, g, b] = [0, 2, 4].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 ? "#14212b" : "#ffffff";
}
