// The legend: every class with its colour and how many districts it holds this month.

import { outbreaksAlone } from "./borrow";
import { NO_DATA } from "./classes";
import { h } from "./dom";
import type { Texts } from "./i18n";
import { isSignalled, type LayerInfo, QUIET } from "./model";
import { patternSwatch } from "./pattern";
import { BLANK } from "./style";

export function swatch(layer: LayerInfo, few: number, one: number): HTMLElement {
  const box = h("span", { class: "swatch", "aria-hidden": "true" });
  if (one === few) box.append(patternSwatch("few"));
  else if (one === NO_DATA && outbreaksAlone(layer)) box.style.background = BLANK;
  else if (one === NO_DATA) box.append(patternSwatch("none"));
  else box.style.background = layer.classes?.[one]?.colour ?? "";
  return box;
}

export function className(texts: Texts, layer: LayerInfo, one: number): string {
  return one === NO_DATA ? texts.t(without(layer)) : texts.pick(layer.classes?.[one]?.label);
}

/** What a district without a class is: `structure` has no figure where too few offences make a mix. */
function without(layer: LayerInfo): string {
  if (outbreaksAlone(layer)) return "web.no_outbreak";
  if (layer.id !== "structure") return "web.no_data";
  return layer.default_column === "imbalance" ? "signal.too_few" : "web.too_few_shown";
}

export function legend(texts: Texts, layer: LayerInfo, few: number, counts: Map<number, number> | null): HTMLElement {
  const order = (layer.classes ?? []).map((_, i) => i).filter((i) => i !== few);
  // Levels say what they are; figures need the name of what is counted.
  const measured = `web.${layer.default_column}`;
  const unit = isSignalled(layer) || !texts.has(measured) ? "" : texts.t(measured);
  // The most serious first, as one looks for it; what cannot be judged last.
  const rows = [...order.toReversed(), ...(few >= 0 ? [few] : []), NO_DATA];
  return h(
    "section",
    { class: "legend", hidden: !order.length, "aria-label": texts.t("web.legend") },
    h("h2", {}, h("span", {}, texts.t("web.legend")), h("small", {}, texts.t("web.districts"))),
    unit && h("p", { class: "measured" }, unit),
    h(
      "ul",
      {},
      ...rows.map((one) => {
        const count = counts?.get(one) ?? 0;
        return h(
          "li",
          { class: counts && !count ? "empty" : "", "data-class": one },
          swatch(layer, few, one),
          h("span", { class: "class-name" }, className(texts, layer, one)),
          h("b", {}, counts ? texts.number(count) : ""),
        );
      }),
    ),
  );
}

/** A label without what it says in brackets. */
const short = (label: string): string => label.replace(/\s*\([^)]*\)$/, "");

/** The classes in one line, for the top of a closed sheet: the colours between their two ends. */
export function ramp(texts: Texts, layer: LayerInfo, few: number): HTMLElement {
  const order = (layer.classes ?? []).map((_, i) => i).filter((i) => i !== few);
  if (isSignalled(layer)) return named(texts, layer, few, order);
  const [first, last] = [order[0] ?? 0, order.at(-1) ?? 0];
  return h(
    "p",
    { class: "ramp", hidden: !order.length },
    h("span", {}, short(className(texts, layer, first))),
    h("span", { class: "ramp-colours" }, ...order.map((one) => swatch(layer, few, one))),
    h("span", {}, short(className(texts, layer, last))),
  );
}

/** Signals have no order that a ramp could show: each that asks for a look, by its name. */
function named(texts: Texts, layer: LayerInfo, few: number, order: number[]): HTMLElement {
  const shown = order.filter((i) => !QUIET.includes(String(layer.classes?.[i]?.value)));
  return h(
    "p",
    { class: "ramp named", hidden: !shown.length },
    ...shown.toReversed().map((i) => h("span", {}, swatch(layer, few, i), className(texts, layer, i).split(":")[0]!)),
  );
}
