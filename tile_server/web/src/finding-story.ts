// The story of one cluster or path: how sure it is, when and where, why it is there, and what would make it vanish.

import { h } from "./dom";
import { evidence as parts } from "./evidence";
import type { Item } from "./figures";
import { type Finding, isLow, isTrack, number, parsed, text } from "./findings";
import { titleOf, way as through } from "./findings-panel";
import type { Texts } from "./i18n";
import { className } from "./legend";
import type { LayerInfo, Properties } from "./model";

/** Years beyond which it does not matter how many. */
const MILLENNIUM = 1000;

export interface Told {
  layer: LayerInfo;
  /** A cluster or an edge, or the steps of a chain in their order. */
  steps: Finding[];
  offence: string;
  place: (code: string) => string;
  goTo: (district: string) => void;
  back: () => void;
  zoom: () => void;
}

export function findingStory(texts: Texts, told: Told): HTMLElement {
  const { steps, layer, place } = told;
  const finding = steps[0]!;
  const { row, overlay } = finding;
  const kind = (layer.classes ?? []).findIndex((one) => one.value === row["kind"]);
  const sort = overlay === "clusters" ? texts.t(isLow(finding) ? "web.cluster_low" : "web.cluster_high") : className(texts, layer, kind);
  return h(
    "section",
    { class: "detail finding", "aria-labelledby": "finding-name", "data-found": finding.name },
    h("button", { type: "button", class: "back", onclick: told.back }, "‹ ", texts.t("web.back")),
    h(
      "header",
      {},
      h("div", {}, h("h2", { id: "finding-name", tabindex: -1 }, heading(texts, told)), h("p", { class: "parent" }, sort)),
      h("button", { type: "button", class: "round", onclick: told.zoom, "aria-label": texts.t("web.zoom_to_finding"), title: texts.t("web.zoom_to_finding") }, h("i", { class: "icon-target" })),
    ),
    h("p", { class: "when" }, [told.offence, texts.span(text(row, "first_month"), text(steps.at(-1)!.row, "last_month"))].filter(Boolean).join(" · ")),
    ...(isTrack(finding) ? [track(texts, told)] : [figures(texts, finding), overlay === "clusters" ? districts(texts, told) : way(texts, told)]),
    why(texts, parsed<Item[]>(row, "evidence", []), place),
  );
}

/** What the pointer is told: what it is, when, and how sure. */
export function findingTip(texts: Texts, { steps, place, offence }: Told): HTMLElement[] {
  const [{ row }, sure] = [steps[0]!, steps[0]!.row["p_value"] === undefined ? "q" : "p"];
  return [
    h("strong", {}, titleOf(texts, steps[0]!, steps, place, offence)),
    ...(isTrack(steps[0]!) ? [] : [h("p", {}, `${sure}: ${texts.small(number(row, `${sure}_value`))}`)]),
  ];
}

function heading(texts: Texts, { layer, steps, place }: Told): string {
  const row = steps[0]!.row;
  if (steps[0]!.overlay === "clusters") return texts.t("web.cluster_of", { n: parsed<string[]>(row, "districts", []).length });
  if (isTrack(steps[0]!)) return [texts.t("web.track"), through(steps).map(place).join(" → ")].filter(Boolean).join(" · ");
  const stops = [text(row, "district_from"), text(steps.at(-1)!.row, "district_to")].filter(Boolean);
  return stops.map(place).join(" → ") || texts.pick(layer.title);
}

function figures(texts: Texts, { overlay, row }: Finding): HTMLElement {
  const years = number(row, "recurrence_interval");
  const known: [string, string][] =
    overlay === "clusters"
      ? [
          [texts.t("web.count"), texts.number(row["count"])],
          [texts.t("web.expected"), texts.amount(row["expected"])],
          [texts.t("web.times_expected"), texts.amount(row["ratio"])],
          [texts.t("web.p_value"), texts.small(row["p_value"])],
          ...(years === null ? [] : [[texts.t("web.recurrence"), years > MILLENNIUM ? `> ${texts.number(MILLENNIUM)}` : texts.amount(years)] as [string, string]]),
        ]
      : [
          // A chain has a strength for each of its steps.
          ...(row["kind"] === "edge" ? edge(texts, row) : []),
          [texts.t("web.q_value"), texts.small(row["q_value"])],
        ];
  return h("dl", { class: "facts three" }, ...known.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}

const edge = (texts: Texts, row: Properties): [string, string][] => [
  [texts.t("web.strength"), texts.amount(row["strength"])],
  [texts.t("web.interval"), `${texts.amount(row["lower"])} – ${texts.amount(row["upper"])}`],
];

/** Every step of the way, the strength with which it was passed on, and when it arrived. */
function way(texts: Texts, { steps, place }: Told): HTMLElement {
  const step = ({ row }: Finding): HTMLElement => {
    const ends = { from: place(text(row, "district_from")), to: place(text(row, "district_to")), lag: number(row, "lag_months") ?? 0 };
    const size = { strength: number(row, "strength") ?? 0, lower: number(row, "lower") ?? 0, upper: number(row, "upper") ?? 0 };
    const when = row["kind"] === "edge" ? null : h("small", {}, texts.month(text(row, "last_month")));
    return h("li", {}, texts.t("explain.path_step", { ...ends, ...size }), when);
  };
  return h("ol", { class: "way" }, ...steps.map(step));
}

/** Where a track went, in a sentence: its steps are metres long, and no test measured any of them. */
function track(texts: Texts, { steps, place }: Told): HTMLElement {
  const [first, last] = [text(steps[0]!.row, "first_month").slice(0, 7), text(steps.at(-1)!.row, "last_month").slice(0, 7)];
  const names = through(steps).map(place).join(" → ") || "—";
  return h("p", { class: "track" }, texts.t("explain.track_way", { n: steps.length, first, last, span: first === last ? "month" : "months", names }));
}

function districts(texts: Texts, { steps, place, goTo }: Told): HTMLElement {
  const codes = parsed<string[]>(steps[0]!.row, "districts", []);
  const name = (code: string) => h("li", {}, h("button", { type: "button", "data-district": code, onclick: () => goTo(code) }, place(code)));
  return h("ul", { class: "members" }, ...codes.map((code) => ({ code, name: place(code) })).toSorted((a, b) => a.name.localeCompare(b.name, texts.language)).map(({ code }) => name(code)));
}

/** Why it is there and what would make it vanish, districts by their names. */
function why(texts: Texts, items: Item[], place: (code: string) => string): HTMLElement | null {
  const named = items.map((item) => ("district" in item.values ? { ...item, values: { ...item.values, district: place(String(item.values["district"])) } } : item));
  return parts(texts, named, (code) => code, "web.why_found");
}
