// One district in one month: what was counted, what was expected, how serious it is and why, in words.

import { outbreaksAlone } from "./borrow";
import { classOf, inkOn, NO_DATA } from "./classes";
import { h } from "./dom";
import { evidence } from "./evidence";
import type { Item, Table } from "./figures";
import type { Texts } from "./i18n";
import { className, swatch } from "./legend";
import { type Break, breaksOf, type Catalogue, hasAttributes, hasColumn, hasMonths, hasOffences, isJudged, isSignalled, type LayerInfo, QUIET, serial } from "./model";
import { bars, type Part } from "./parts";
import type { Place } from "./places";
import { series, type Point } from "./series";

const SERIES_MONTHS = 12;

const percent = (texts: Texts, value: number): string => texts.percent(value, false);
const change = (texts: Texts, value: number): string => texts.percent(value, true);
const amount = (texts: Texts, value: number): string => texts.amount(value);

/** Changes are told also where there is no percentage: the base was under ten. */
const LEAST_BASE = 10;
const YEAR = 12;
/** The own half wants three years of a series. */
const YEARS_OF_PAST = 3;

/** What layers of change and of shares tell of a district, in this order. */
const CHANGES: [string, string, (texts: Texts, value: number) => string][] = [
  ["change_month", "web.change_month", change],
  ["change_year", "web.change_year", change],
  ["change_ytd", "web.change_ytd", change],
  ["imbalance", "web.imbalance", amount],
  ["gi_star", "web.gi_star", amount],
  ["share", "web.share", percent],
  ["share_peers", "web.share_peers", percent],
  ["lift", "web.lift", amount],
  ["cards", "web.cards", (texts, value) => texts.number(value)],
  ["share_filled", "web.filled", percent],
  ["expected_share", "web.expected_share", percent],
];

/** What a layer's drawing is of: the column of its dots, that of its lines, and the names of dots, lines and band. */
const SERIES: [string, string, string, string, string][] = [
  ["count", "expected", "web.count", "web.expected", "web.range"],
  ["share_filled", "expected_share", "web.filled", "web.mix_peers", ""],
  ["share", "share_peers", "web.share", "web.mix_peers", ""],
  ["rate", "", "web.rate_short", "", "web.interval"],
];
/** A figure that is a sentence is set smaller. */
const LONG = 16;

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
  evidence: Item[];
  parts: Part[];
  /** The name of an offence by its code. */
  named: (code: string) => string;
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

/** The month a year before one, whose count is the base of a change: nothing where no change is told. */
export function before(layer: LayerInfo, month: string): string[] {
  if (!hasColumn(layer, "change_year")) return [];
  return (layer.months ?? []).filter((one) => serial(one) === serial(month) - YEAR);
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
    sinceBreak(texts, cell),
    ...facts(texts, cell),
    ...words(texts, cell),
    evidence(texts, cell.evidence, cell.named),
    bars(texts, cell.parts),
    picture(texts, cell),
    rest(texts, cell),
    about(texts, cell),
  );
}

const listed = (cell: Cell): boolean => cell.catalogue.edition === "analyst" && (isJudged(cell.layer) || isSignalled(cell.layer));

function badge(texts: Texts, { layer, few, one, tables, month, district }: Cell): HTMLElement | null {
  if (!layer.classes?.length) return null;
  // What was counted but has no class is not without data: the words say why it was not judged.
  const counted = hasColumn(layer, "count") && tables?.find((table) => table.has(month))?.number("count", month, district);
  const unjudged = one === NO_DATA && typeof counted === "number" && !outbreaksAlone(layer);
  const label = unjudged ? texts.t("web.not_judged") : classSaid(texts, layer, one);
  const colour = layer.classes?.[one]?.colour;
  if (one === NO_DATA || one === few || !colour) return h("p", { class: "badge plainly" }, swatch(layer, few, one), label);
  const element = h("p", { class: "badge" }, label);
  element.style.background = colour;
  element.style.color = inkOn(colour);
  return element;
}

/** "Too few to judge" by its own past, of a series that is long enough but for a break, is explained by the break. */
function sinceBreak(texts: Texts, { catalogue, layer, one, few, month, district, code, tables }: Cell): HTMLElement | null {
  if (layer.id !== "dynamics" || !tables?.some((table) => table.has(month) && table.number("count", month, district) !== null)) return null;
  const first = String(Number(month.slice(0, 4)) - YEARS_OF_PAST) + month.slice(4);
  const known = breaksOf(catalogue, district, code, first, month).filter((a) => a.from <= month);
  const last = known.at(-1);
  if (one !== few) {
    // Just after a span that nothing is learnt from, what is usual is what was usual before it.
    const skipped = known.find((a) => a.kind === "excluded" && serial(a.to ?? a.from) > serial(month) - YEAR);
    const loud = !QUIET.includes(String(layer.classes?.[one]?.value ?? "norm"));
    return skipped && loud ? h("p", { class: "note" }, texts.t("web.past_before", { name: texts.pick(skipped.name) })) : null;
  }
  return last ? h("p", { class: "note" }, texts.t("web.since_break", { name: texts.pick(last.name) })) : null;
}

/** A class by its name; a span of figures with what it is a span of. */
function classSaid(texts: Texts, layer: LayerInfo, one: number): string {
  const [name, measured] = [className(texts, layer, one), `web.${layer.default_column}`];
  const spans = one !== NO_DATA && layer.classes?.[one]?.value === undefined && texts.has(measured);
  return spans ? `${texts.t(measured)}: ${name}` : name;
}

/** The sentences, without a first one that only names what stands above already. */
const sentences = (cell: Cell): string[] =>
  (cell.words ?? "").split("\n").filter((line, i) => line.trim() && !(i === 0 && line.includes(`(${cell.district})`)));

function words(texts: Texts, cell: Cell): HTMLElement[] {
  if (!hasMonths(cell.layer) || hasAttributes(cell.layer)) return [];
  if (cell.failed) return [h("p", { class: "words quiet" }, texts.t("web.error.words"))];
  if (cell.words === null) return [h("p", { class: "words quiet" }, texts.t("web.loading"))];
  return sentences(cell).slice(0, leading(cell)).map((line) => h("p", { class: "words" }, line));
}

/** How many sentences stand in the open: the first is of the rating, which is not what other layers show. */
const leading = ({ layer }: Cell): number => (["dynamics", "structure", "hotspots"].includes(layer.id) ? 0 : 1);

/** What else is known of the cell, for those who ask. */
function rest(texts: Texts, cell: Cell): HTMLElement | null {
  const lines = sentences(cell).slice(leading(cell));
  return lines.length ? h("details", { class: "more" }, h("summary", {}, texts.t("web.whole_story")), ...lines.map((line) => h("p", {}, line))) : null;
}

function facts(texts: Texts, cell: Cell): (HTMLElement | null)[] {
  const { layer, tables, month, district } = cell;
  if (!tables || !hasMonths(layer)) return [];
  const now = tables.find((table) => table.has(month));
  if (!now) return [];
  const get = (column: string) => (hasColumn(layer, column) ? now.number(column, month, district) : null);
  if (now.value("suppressed", month, district) === true) return [h("p", { class: "note" }, texts.t("web.suppressed"))];
  const [count, expected, lower, upper, rate] = ["count", "expected", "lower", "upper", "rate"].map(get) as (number | null)[];
  const counted = hasColumn(layer, "count");
  const range = lower === null || upper === null ? "–" : `${texts.amount(lower)} – ${texts.amount(upper)}`;
  const told = CHANGES.flatMap(([column, code, write]): [string, string][] => {
    // All offences are the whole of themselves.
    const value = column === "share" && cell.code === "all" && hasOffences(layer) ? null : get(column);
    if (value !== null) return [[texts.t(code), write(texts, value)]];
    const base = column.startsWith("change_") ? baseOf(cell, column) : null;
    return base !== null && base < LEAST_BASE ? [[texts.t(code), texts.t("web.base_small")]] : [];
  });
  const known: [string, string][] = told.length
    ? [...(counted ? ([[texts.t("web.count"), texts.number(count)]] as [string, string][]) : []), ...(expected === null ? [] : ([[texts.t("web.expected"), texts.amount(expected)], [texts.t("web.range"), range]] as [string, string][])), ...told]
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
  const [kind = "", sign = ""] = String(hasColumn(layer, "pattern") ? (now.value("pattern", month, district) ?? "") : "").split("_");
  return [
    kind ? h("p", { class: "words" }, texts.t("explain.hotspot_pattern", { kind, sign })) : null,
    empty ? null : h("dl", { class: counted && !told.length ? "facts three" : "facts" }, ...known.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", value.length > LONG ? { class: "said" } : {}, value)))),
    now.value("provisional", month, district) === true ? h("p", { class: "note" }, texts.t("web.provisional_note")) : null,
  ];
}

/** The count that a change is told on: null where it is not known. */
function baseOf({ layer, tables, month, district }: Cell, column: string): number | null {
  const count = (months: number): number | null => {
    const then = (layer.months ?? []).find((one) => serial(one) === serial(month) - months);
    return then ? (tables?.find((table) => table.has(then))?.number("count", then, district) ?? null) : null;
  };
  if (column === "change_year") return count(YEAR);
  if (column === "change_month") return count(layer.period === "year" ? YEAR : layer.period === "quarter" ? YEAR / 4 : 1);
  return tables?.find((table) => table.has(month))?.number("ytd_last_year", month, district) ?? null;
}

function picture(texts: Texts, cell: Cell): HTMLElement | null {
  const { layer, district, month, tables } = cell;
  if (!tables || !hasMonths(layer)) return null;
  const counted = hasColumn(layer, "count");
  const drawn = SERIES.find(([value]) => hasColumn(layer, value));
  if (!drawn) return null;
  const shares = drawn[0].startsWith("share");
  // All offences are the whole of themselves.
  if (shares && cell.code === "all" && !hasAttributes(layer)) return null;
  const points = monthsUpTo(layer, month).map((one): Point => {
    const table = tables.find((candidate) => candidate.has(one));
    const get = (column: string) => (hasColumn(layer, column) ? (table?.number(column, one, district) ?? null) : null);
    const painted = classOf(table?.value(layer.default_column ?? "level", one, district), layer.classes ?? []);
    return {
      month: one,
      value: get(drawn[0]),
      expected: drawn[1] ? get(drawn[1]) : null,
      lower: get("lower"),
      upper: get("upper"),
      colour: painted === NO_DATA || painted === cell.few ? "#ffffff" : (layer.classes?.[painted]?.colour ?? "#ffffff"),
    };
  });
  if (!points.some((point) => point.value !== null)) return null;
  const caption = shares ? "web.series_shares" : !counted ? "web.series_rates" : layer.period === "year" ? "web.series_years" : "web.series_counts";
  // A row of a year or of twelve months holds more than the month it is named by.
  const shown = points.map((point) => point.month);
  const breaks = breaksOf(cell.catalogue, district, cell.code, shown[0]!, layer.period === "year" ? `${shown.at(-1)!.slice(0, 4)}-12` : shown.at(-1)!);
  return h(
    "div",
    {},
    series(texts, points, month, texts.t(caption), layer.period, breaks, shares),
    breakList(texts, breaks),
    keyOf(texts, drawn, points),
    h(
      "table",
      { class: "unseen" },
      h("caption", {}, texts.t(caption)),
      ...points.map((p) => h("tr", {}, h("th", { scope: "row" }, texts.month(p.month, layer.period)), h("td", {}, shares ? texts.share(p.value) : texts.amount(p.value)), h("td", {}, shares ? texts.share(p.expected) : `${texts.amount(p.lower)} – ${texts.amount(p.upper)}`))),
    ),
  );
}

/** What the signs of the drawing mean, of those that are in it. */
function keyOf(texts: Texts, [, , value, expected, band]: (typeof SERIES)[number], points: Point[]): HTMLElement {
  const shown = (has: (point: Point) => boolean, sign: string, text: string) => (text && points.some(has) ? [h("span", {}, h("i", { class: sign }), texts.t(text))] : []);
  return h(
    "p",
    { class: "key" },
    h("span", {}, h("i", { class: "key-dot" }), texts.t(value)),
    ...shown((point) => point.lower !== null, "key-band", band),
    ...shown((point) => point.expected !== null, "key-line", expected),
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
    h("ol", {}, ...breaks.map((one) => h("li", {}, `${when(one)}: ${texts.pick(one.name)}`, one.reason ? h("small", {}, texts.pick(one.reason)) : null))),
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
