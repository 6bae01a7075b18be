// What the pointer is over: name, class, and the count beside what was expected.

import { h } from "./dom";
import type { Table } from "./figures";
import type { Texts } from "./i18n";
import { className, swatch } from "./legend";
import { hasColumn, hasMonths, type LayerInfo } from "./model";
import type { Place } from "./places";

const AWAY = 14;

export class Tooltip {
  readonly element = h("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });

  show(texts: Texts, layer: LayerInfo, few: number, one: number, place: Place | undefined, code: string, table: Table | null, month: string, per: number): void {
    const parent = place ? texts.name(place.row, "parent_name") : "";
    const name = place ? texts.name(place.row) : code;
    this.element.replaceChildren(
      h("strong", {}, name),
      parent && parent !== name ? h("small", {}, parent) : "",
      layer.classes?.length ? h("p", { class: "tip-class" }, swatch(layer, few, one), className(texts, layer, one)) : "",
      figures(texts, layer, table, month, code, per) ?? "",
    );
    this.element.hidden = false;
  }

  /** Say what something else than a district is. */
  say(content: HTMLElement[]): void {
    this.element.replaceChildren(...content);
    this.element.hidden = false;
  }

  move(x: number, y: number): void {
    const box = this.element.offsetParent;
    if (!box) return;
    const [width, height] = [this.element.offsetWidth, this.element.offsetHeight];
    const left = x + AWAY + width > box.clientWidth ? x - AWAY - width : x + AWAY;
    const top = y + AWAY + height > box.clientHeight ? y - AWAY - height : y + AWAY;
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}

function figures(texts: Texts, layer: LayerInfo, table: Table | null, month: string, code: string, per: number): HTMLElement | null {
  if (!hasMonths(layer) || !table?.has(month)) return null;
  if (table.value("suppressed", month, code) === true) return h("p", {}, texts.t("web.suppressed"));
  const line = (label: string, text: string) => h("div", {}, h("dt", {}, texts.t(label)), h("dd", {}, text));
  if (hasColumn(layer, "share_filled") || hasColumn(layer, "share")) {
    const [own, peers] = hasColumn(layer, "share_filled") ? ["share_filled", "expected_share"] : ["share", "share_peers"];
    const lines = [[own === "share" ? "web.share" : "web.filled", own], ["web.mix_peers", peers]].filter(([, column]) => table.number(column!, month, code) !== null);
    // All offences are the whole of themselves.
    return lines.length > 1 ? h("dl", {}, ...lines.map(([label, column]) => line(label!, texts.share(table.number(column!, month, code))))) : null;
  }
  const get = (column: string) => table.number(column, month, code);
  const [value, lower, upper] = [get(hasColumn(layer, "count") ? "count" : "rate"), get("lower"), get("upper")];
  if (value === null) return null;
  const range = lower === null || upper === null ? "" : `${texts.amount(lower)} – ${texts.amount(upper)}`;
  return hasColumn(layer, "count")
    ? h("dl", {}, line("web.count", texts.number(value)), get("expected") === null ? "" : line("web.expected", texts.amount(get("expected"))), range ? line("web.range", range) : "")
    : h("dl", {}, h("div", {}, h("dt", {}, texts.t("web.rate", { n: per })), h("dd", {}, texts.amount(value))), range ? line("web.interval", range) : "");
}
