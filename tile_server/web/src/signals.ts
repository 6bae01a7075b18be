// The districts that a month's signals name, by signal: an analyst's list beside layers whose classes are signals.

import { h } from "./dom";
import type { Table } from "./figures";
import type { Texts } from "./i18n";
import { swatch } from "./legend";
import { hasAttributes, hasColumn, type LayerInfo, QUIET } from "./model";
import type { Places } from "./places";

const SHOWN = 8;
/** The heading of each signal's list. */
const LISTED: Record<string, string> = { outbreak: "web.listed_outbreak", fall: "web.listed_fall", low: "web.listed_low" };

export function signals(
  texts: Texts, layer: LayerInfo, few: number, table: Table | null, month: string, places: Places | null,
  choose: (district: string) => void,
): HTMLElement {
  const box = h("section", { class: "ranking" });
  if (!table) {
    box.append(h("p", { class: "quiet" }, texts.t("web.loading")));
    return box;
  }
  const column = layer.default_column!;
  const number = (name: string, district: string) => table.number(name, month, district);
  const fields = hasAttributes(layer);
  const [measured, empty] = fields ? ["web.filled", "web.none_low"] : hasColumn(layer, "gi_star") ? ["web.gi_star", "web.no_hotspot"] : ["web.count", "web.no_signal"];
  // The rarest first; of fields, the one furthest behind.
  const weight = (district: string): number =>
    fields ? (number("share_filled", district) ?? 0) - (number("expected_share", district) ?? 0) : (number("q_value", district) ?? 1);
  const row = (district: string, one: number) => {
    const place = places?.byCode.get(district);
    const [how, against] = fields
      ? [texts.share(number("share_filled", district)), `${texts.t("web.mix_peers")}: ${texts.share(number("expected_share", district))}`]
      : hasColumn(layer, "gi_star")
      ? [texts.amount(number("gi_star", district)), `q ${texts.small(number("q_value", district))}`]
      : [texts.number(number("count", district)), `${texts.t("web.expected")}: ${texts.amount(number("expected", district))}`];
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-district": district, onclick: () => choose(district) },
        swatch(layer, few, one),
        h("span", { class: "who" }, place ? texts.name(place.row) : district),
        h("span", { class: "how" }, how),
        h("small", { class: "where" }, place ? texts.name(place.row, "parent_name") : ""),
        h("small", { class: "against" }, against),
      ),
    );
  };
  const classes = layer.classes ?? [];
  const told = classes.map((one, i) => ({ value: String(one.value), i })).filter(({ value }) => !QUIET.includes(value)).toReversed();
  for (const { value, i } of told) {
    const found = table.districts.filter((district) => String(table.value(column, month, district)) === value).sort((a, b) => weight(a) - weight(b));
    if (!found.length) continue;
    box.append(h("h2", {}, LISTED[value] ? texts.t(LISTED[value]) : texts.pick(classes[i]?.label), h("small", {}, texts.t(measured))));
    box.append(h("ol", {}, ...found.slice(0, SHOWN).map((district) => row(district, i))));
    if (found.length > SHOWN) box.append(h("p", { class: "quiet" }, texts.t("web.and_more", { n: found.length - SHOWN })));
  }
  if (!box.childElementCount) box.append(h("p", { class: "hint" }, texts.t(empty)));
  return box;
}
