// The month's most unusual districts: an analyst's list. Standing ones ("high for its group") stand apart.

import { classOf } from "./classes";
import { h } from "./dom";
import type { Table } from "./figures";
import type { Texts } from "./i18n";
import { swatch } from "./legend";
import type { LayerInfo } from "./model";
import type { Places } from "./places";

const SHOWN = 12;
/** From this level on a district is listed. */
const LISTED_LEVEL = 3;

interface Entry {
  district: string;
  magnitude: number;
  level: number;
  standing: boolean;
}

export function ranked(table: Table, month: string): Entry[] {
  return table.districts
    .map((district) => ({
      district,
      magnitude: table.number("magnitude", month, district) ?? 0,
      level: table.number("level", month, district) ?? 0,
      standing: table.value("standing", month, district) === true,
    }))
    .filter((entry) => entry.level >= LISTED_LEVEL)
    .sort((a, b) => b.level - a.level || b.magnitude - a.magnitude);
}

export function ranking(
  texts: Texts, layer: LayerInfo, few: number, table: Table | null, month: string, places: Places | null,
  choose: (district: string) => void,
): HTMLElement {
  const box = h("section", { class: "ranking" });
  if (!table) {
    box.append(h("h2", {}, texts.t("web.unusual", { period: layer.period ?? "" })), h("p", { class: "quiet" }, texts.t("web.loading")));
    return box;
  }
  const entries = ranked(table, month);
  const row = (entry: Entry) => {
    const place = places?.byCode.get(entry.district);
    const value = (column: string) => table.number(column, month, entry.district);
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-district": entry.district, onclick: () => choose(entry.district) },
        swatch(layer, few, classOf(entry.level, layer.classes ?? [])),
        h("span", { class: "who" }, place ? texts.name(place.row) : entry.district),
        h("span", { class: "how" }, texts.magnitude(entry.magnitude)),
        h("small", { class: "where" }, place ? texts.name(place.row, "parent_name") : ""),
        h("small", { class: "against" }, texts.t("web.against", { count: texts.number(value("count")), expected: texts.amount(value("expected")) })),
      ),
    );
  };
  const list = (title: string, some: Entry[], empty: string | null) =>
    some.length || empty
      ? [
          h("h2", {}, title, some.length ? h("small", {}, texts.t("web.magnitude")) : null),
          some.length ? h("ol", {}, ...some.slice(0, SHOWN).map(row)) : h("p", { class: "quiet" }, empty),
          some.length > SHOWN ? h("p", { class: "quiet" }, texts.t("web.and_more", { n: some.length - SHOWN })) : null,
        ]
      : [];
  const parts = [
    ...list(texts.t("web.unusual", { period: layer.period ?? "" }), entries.filter((entry) => !entry.standing), texts.t("web.none_unusual", { period: layer.period ?? "" })),
    ...list(texts.t("web.standing"), entries.filter((entry) => entry.standing), null),
  ];
  box.append(...parts.filter((part) => part !== null));
  return box;
}
