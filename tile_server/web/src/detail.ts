// One district in one month: what was counted, what was expected, how serious it is and why, in words.

import { classOf, inkOn, NO_DATA } from "./classes";
import { h } from "./dom";
import type { Table } from "./figures";
import type { Texts } from "./i18n";
import { className, swatch } from "./legend";
import { type Break, breaksOf, type Catalogue, hasColumn, hasMonths, isJudged, type LayerInfo, serial } from "./model";
import type { Place } from "./places";
import { series, type Point } from "./series";

const SERIES_MONTHS = 12;

const percent = (texts: Texts, value: number): string => texts.percent(value, false);
const change = (texts: Texts, value: number): string => texts.percent(value, true);
const amount = (texts: Texts, value: number): string => texts.amount(value);

/** What layers of change and of shares tell of a district, in this order. */
const CHANGES: [string, string, (texts: Texts, value: number) => string][] = [
  ["change_month", "web.change_month", change],
  ["change_year", "web.change_year", change],
  ["change_ytd", "web.change_ytd", change],
  ["imbalance", "web.imbalance", amount],
  ["share", "web.share", percent],
  ["share_peers", "web.share_peers", percent],
  ["lift", "web.lift", amount],
];

export interface Cell {
  catalogue: Catalogue;
  layer: LayerInfo;
  few: number;
  month: string;
  district: string;
  place: Place | undefined;
  offence: string;
  /** Code of the offence; `all` for a layer without. */
  code: string;
  /** The class as the map shows it. */
  one: number;
  /** Figures of this calendar year and the one before; null while they are under way. */
  tables: Table[] | null;
  words: string | null;
  failed: boolean;
  back: () => void;
  zoom: () => void;
}

/** The months of the year that ends with one, oldest first: twelve, or fewer where a layer has fewer. */
export function monthsUpTo(layer: LayerInfo, month: string): string[] {
  const first = serial(month) - (SERIES_MONTHS - 1);
  // A layer that moves by quarters or years shows as many of them: four points say little.
  const months = (layer.months ?? []).filter((one) => one <= month);
  const year = months.filter((one) => serial(one) >= first);
  return year.length >= SERIES_MONTHS / 2 ? year : months.slice(-SERIES_MONTHS);
}

export function detail(texts: Texts, cell: Cell): HTMLElement {
  const { layer, place, district } = cell;
  const name = place ? texts.name(place.row) : district;
  const parent = place ? texts.name(place.row, "parent_name") : "";
  return h(
    "section",
    { class: "detail", "aria-labelledby": "district-name" },
    h("button", { type: "button", class: "back", onclick: cell.back }, "‹ ", texts.t(listed(cell) ? "web.back_to_list" : "web.back")),
    h(
      "header",
      {},
      h("div", {}, h("h2", { id: "district-name", tabindex: -1 }, name), parent && parent !== name ? h("p", { class: "parent" }, parent) : null),
      place?.box ? h("button", { type: "button", class: "round", onclick: cell.zoom, "aria-label": texts.t("web.zoom_to"), title: texts.t("web.zoom_to") }, h("i", { class: "icon-target" })) : null,
    ),
    h("p", { class: "when" }, [hasMonths(layer) ? texts.month(cell.month, layer.period) : "", cell.offence].filter(Boolean).join(" · ")),
    badge(texts, cell),
    ...facts(texts, cell),
    ...words(texts, cell),
    picture(texts, cell),
    rest(texts, cell),
    about(texts, cell),
  );
}

const listed = (cell: Cell): boolean => cell.catalogue.edition === "analyst" && isJudged(cell.layer);

function badge(texts: Texts, { layer, few, one, tables, month, district }: Cell): HTMLElement | null {
  if (!layer.classes?.length) return null;
  // What was counted but has no class is not without data: the words say why it was not judged.
  const counted = hasColumn(layer, "count") && tables?.find((table) => table.rowOf.has(month))?.number("count", month, district);
  const label = one === NO_DATA && typeof counted === "number" ? texts.t("web.not_judged") : className(texts, layer, one);
  const colour = layer.classes?.[one]?.colour;
  if (one === NO_DATA || one === few || !colour) return h("p", { class: "badge plainly" }, swatch(layer, few, one), label);
  const element = h("p", { class: "badge" }, label);
  element.style.background = colour;
  element.style.color = inkOn(colour);
  return element;
}

/** The sentences, without a first one that only names what stands above already. */
const sentences = (cell: Cell): string[] =>
  (cell.words ?? "").split("\n").filter((line, i) => line.trim() && !(i === 0 && line.includes(`(${cell.district})`)));

function words(texts: Texts, cell: Cell): HTMLElement[] {
  if (!hasMonths(cell.layer)) return [];
  if (cell.failed) return [h("p", { class: "words quiet" }, texts.t("web.error.words"))];
  if (cell.words === null) return [h("p", { class: "words quiet" }, texts.t("web.loading"))];
  return sentences(cell).slice(0, 1).map((line) => h("p", { class: "words" }, line));
}

/** What else is known of the cell, for those who ask. */
function rest(texts: Texts, cell: Cell): HTMLElement | null {
  const lines = sentences(cell).slice(1);
  return lines.length ? h("details", { class: "more" }, h("summary", {}, texts.t("web.whole_story")), ...lines.map((line) => h("p", {}, line))) : null;
}

function facts(texts: Texts, cell: Cell): (HTMLElement | null)[] {
  const { layer, tables, month, district } = cell;
  if (!tables || !hasMonths(layer)) return [];
  const now = tables.find((table) => table.rowOf.has(month));
  if (!now) return [];
  const get = (column: string) => (hasColumn(layer, column) ? now.number(column, month, district) : null);
  if (now.value("suppressed", month, district) === true) return [h("p", { class: "note" }, texts.t("web.suppressed"))];
  const [count, expected, lower, upper, rate] = ["count", "expected", "lower", "upper", "rate"].map(get) as (number | null)[];
  const counted = hasColumn(layer, "count");
  const range = lower === null || upper === null ? "–" : `${texts.amount(lower)} – ${texts.amount(upper)}`;
  const told = CHANGES.flatMap(([column, code, write]): [string, string][] => {
    const value = get(column);
    return value === null ? [] : [[texts.t(code), write(texts, value)]];
  });
  const known: [string, string][] = told.length
    ? [...(expected === null ? [] : ([[texts.t("web.expected"), texts.amount(expected)], [texts.t("web.range"), range]] as [string, string][])), ...told]
    : counted
    ? [
        [texts.t("web.count"), texts.number(count)],
        [texts.t("web.expected"), texts.amount(expected)],
        [texts.t("web.range"), range],
      ]
    : [
        [texts.t("web.rate", { n: cell.catalogue.area.rate_per ?? 10_000 }), texts.amount(rate)],
        [texts.t("web.interval"), range],
      ];
  if (get("magnitude") !== null) known.push([texts.t("web.magnitude"), texts.magnitude(get("magnitude"))]);
  if (counted && rate !== null) known.push([texts.t("web.rate", { n: cell.catalogue.area.rate_per ?? 10_000 }), texts.amount(rate)]);
  if (get("points_12m") !== null) known.push([texts.t("web.points"), texts.number(get("points_12m"))]);
  const empty = known.every(([, value]) => value === "–");
  return [
    empty ? null : h("dl", { class: counted ? "facts three" : "facts" }, ...known.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    now.value("provisional", month, district) === true ? h("p", { class: "note" }, texts.t("web.provisional_note")) : null,
  ];
}

function picture(texts: Texts, cell: Cell): HTMLElement | null {
  const { layer, district, month, tables } = cell;
  if (!tables || !hasMonths(layer)) return null;
  const counted = hasColumn(layer, "count");
  const points = monthsUpTo(layer, month).map((one): Point => {
    const table = tables.find((candidate) => candidate.rowOf.has(one));
    const get = (column: string) => (hasColumn(layer, column) ? (table?.number(column, one, district) ?? null) : null);
    const drawn = classOf(table?.value(layer.default_column ?? "level", one, district), layer.classes ?? []);
    return {
      month: one,
      value: get(counted ? "count" : "rate"),
      expected: counted ? get("expected") : null,
      lower: get("lower"),
      upper: get("upper"),
      colour: drawn === NO_DATA || drawn === cell.few ? "#ffffff" : (layer.classes?.[drawn]?.colour ?? "#ffffff"),
    };
  });
  if (!points.some((point) => point.value !== null)) return null;
  const caption = !counted ? "web.series_rates" : layer.period === "year" ? "web.series_years" : "web.series_counts";
  // A row of a year or of twelve months holds more than the month it is named by.
  const shown = points.map((point) => point.month);
  const breaks = breaksOf(cell.catalogue, district, cell.code, shown[0]!, layer.period === "year" ? `${shown.at(-1)!.slice(0, 4)}-12` : shown.at(-1)!);
  return h(
    "div",
    {},
    series(texts, points, month, texts.t(caption), layer.period, breaks),
    breakList(texts, breaks),
    h("p", { class: "key" }, h("i", { class: "key-dot" }), texts.t(counted ? "web.count" : "web.rate_short"), h("i", { class: "key-band" }), texts.t(counted ? "web.range" : "web.interval"), counted ? h("i", { class: "key-line" }) : null, counted ? texts.t("web.expected") : null),
    h(
      "table",
      { class: "unseen" },
      h("caption", {}, texts.t(caption)),
      ...points.map((p) => h("tr", {}, h("th", { scope: "row" }, texts.month(p.month, layer.period)), h("td", {}, texts.amount(p.value)), h("td", {}, `${texts.amount(p.lower)} – ${texts.amount(p.upper)}`))),
    ),
  );
}

/** What the numbered lines of the drawing are. */
function breakList(texts: Texts, breaks: Break[]): HTMLElement | null {
  if (!breaks.length) return null;
  const when = (one: Break): string =>
    one.to && one.to !== one.from ? texts.t("web.break_span", { from: texts.month(one.from), to: texts.month(one.to) }) : texts.month(one.from);
  return h(
    "div",
    { class: "breaks" },
    h("p", {}, texts.t("web.breaks")),
    h("ol", {}, ...breaks.map((one) => h("li", {}, `${when(one)}: ${texts.pick(one.name)}`, one.reason ? h("small", {}, ` ${texts.pick(one.reason)}`) : null))),
  );
}

function about(texts: Texts, { place }: Cell): HTMLElement | null {
  if (!place) return null;
  const { row } = place;
  const facts: [string, string][] = [];
  if (typeof row["population"] === "number") facts.push([texts.t("web.population"), texts.number(row["population"])]);
  if (typeof row["density"] === "number") facts.push([texts.t("web.density"), texts.amount(row["density"])]);
  if (row["peer_group"]) facts.push([texts.t("web.peer_group"), String(row["peer_group"])]);
  facts.push([texts.t("web.code"), place.code]);
  return h("dl", { class: "about" }, ...facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}
