// What the strip of months shows of a layer: which classes are drawn, which months are unfinished.

import { NO_DATA } from "./classes";
import { classesOf, mix } from "./mix";
import { isJudged, isSignalled, type LayerInfo, QUIET } from "./model";
import type { Situation } from "./situation";
import type { Strip } from "./timeline";

export function stripOf(situation: Situation, layer: LayerInfo): Strip {
  const { colours, few, provisional, catalogue } = situation;
  const complete = catalogue.area.complete_until?.slice(0, 7);
  const painted = (layer.classes ?? []).map((one) => one.colour);
  const plain = usual(layer, few);
  return {
    months: layer.months ?? [],
    period: layer.period,
    mix: (month) => (colours ? mix(classesOf(layer, colours, month), painted, few, plain) : []),
    incomplete: (month) => Boolean(complete) && month > complete!,
    provisional: (month) => provisional.has(month),
  };
}

/** Classes left out: where most districts are as usual, the strip shows those that are not. */
function usual(layer: LayerInfo, few: number): number[] {
  if (isJudged(layer)) return [NO_DATA, few, few + 1];
  if (isSignalled(layer)) return [NO_DATA, ...(layer.classes ?? []).flatMap((one, i) => (QUIET.includes(String(one.value)) ? [i] : []))];
  return layer.default_column === "imbalance" ? [NO_DATA, 0] : [];
}
