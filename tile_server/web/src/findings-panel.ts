// The panel's part on clusters and paths: what to lay over the map, what its signs mean, and what this month has.

import { h, s } from "./dom";
import { type Finding, isLow, isTrack, number, type Overlay, parsed, type Seen, text } from "./findings";
import { HIGH, LOW } from "./findings-style";
import type { Texts } from "./i18n";
import type { LayerInfo } from "./model";
import type { Findable } from "./overlaid";

const LISTED = 6;

export interface Telling {
  texts: Texts;
  /** The finding that is told about. */
  chosen: string;
  toggle: (overlay: Overlay, on: boolean) => void;
  choose: (name: string) => void;
  /** Overlays whose list is unfolded; kept from month to month. */
  unfolded: Set<Overlay>;
  title: (finding: Finding) => string;
}

/** Everything about the overlays; nothing where an edition has none. */
export function findings(findable: Findable[], telling: Telling): HTMLElement | "" {
  if (!findable.length) return "";
  const { texts } = telling;
  return h(
    "fieldset",
    { class: "findings" },
    h("legend", {}, texts.t("web.overlays")),
    ...findable.flatMap((one) => [box(one, telling), one.on ? content(one, telling) : null]),
  );
}

function box({ layer, on }: Findable, { texts, toggle }: Telling): HTMLElement {
  const change = (event: Event) => toggle(layer.id as Overlay, (event.target as HTMLInputElement).checked);
  return h("label", { class: "check", title: texts.pick(layer.description) }, h("input", { type: "checkbox", id: `over-${layer.id}`, checked: on, onchange: change }), texts.pick(layer.title));
}

function content(findable: Findable, telling: Telling): HTMLElement {
  const { layer, seen } = findable;
  const { texts } = telling;
  const quiet = (code: string) => h("p", { class: "quiet", "data-empty": layer.id }, texts.t(code));
  const clusters = layer.id === "clusters";
  if (findable.unsought) return quiet(findable.unsought === "offence" ? "web.unsought_offence" : "web.unsought_month");
  if (!seen) return quiet("web.loading");
  if (!seen.length) return quiet(clusters ? "web.no_cluster" : "web.no_path");
  return h("div", { class: "found" }, clusters ? clusterKey(texts) : pathKey(texts, layer, seen), list(layer.id as Overlay, seen, telling));
}

/** The month's findings, the surest first; a chain stands once. */
function list(overlay: Overlay, seen: Seen[], { texts, chosen, choose, title, unfolded }: Telling): HTMLElement {
  const sure = ({ row }: Finding): number => number(row, "p_value") ?? number(row, "q_value") ?? 1;
  const order = seen.toSorted((a, b) => a.age - b.age || sure(a.finding) - sure(b.finding)).map(({ finding }) => finding);
  const shown = order.filter((finding, i) => order.findIndex((one) => one.name === finding.name) === i);
  const row = (finding: Finding) =>
    h("li", {}, h("button", { type: "button", "data-found": finding.name, "aria-pressed": String(finding.name === chosen), onclick: () => choose(finding.name) }, title(finding)));
  return h(
    "div",
    {},
    h("ul", {}, ...shown.slice(0, LISTED).map(row)),
    shown.length > LISTED ? rest() : null,
  );

  /** Those beyond the first few, made when they are asked for: a country has hundreds. */
  function rest(): HTMLElement {
    const open = unfolded.has(overlay);
    const rows = () => shown.slice(LISTED).map(row);
    const others = h("ul", {}, ...(open ? rows() : []));
    const toggled = (event: Event) => {
      const now = (event.target as HTMLDetailsElement).open;
      if (now) unfolded.add(overlay);
      else unfolded.delete(overlay);
      if (now && !others.childElementCount) others.append(...rows());
    };
    return h("details", { class: "rest", open, ontoggle: toggled }, h("summary", { id: `more-${overlay}` }, texts.t("web.and_more", { n: shown.length - LISTED })), others);
  }
}

const clusterKey = (texts: Texts): HTMLElement =>
  h("p", { class: "key" }, h("span", {}, sign(HIGH, { outline: true }), texts.t("web.cluster_high")), h("span", {}, sign(LOW, { outline: true, dashed: true }), texts.t("web.cluster_low")));

function pathKey(texts: Texts, layer: LayerInfo, seen: Seen[]): HTMLElement {
  const kinds = new Set(seen.map(({ finding }) => text(finding.row, "kind")));
  const classes = (layer.classes ?? []).filter((one) => kinds.has(String(one.value)));
  return h(
    "p",
    { class: "key" },
    ...classes.map((one) => h("span", {}, one.value === "incidents" ? trackSign(one.colour) : sign(one.colour, { dashed: one.value === "edge", arrow: true }), texts.pick(one.label))),
    // A track has no strength.
    seen.some(({ finding }) => !isTrack(finding)) ? h("span", {}, texts.t("web.width_strength")) : null,
  );
}

/** A short piece of what the map draws. */
function sign(colour: string, { dashed = false, outline = false, arrow = false }): SVGElement {
  const dash = dashed ? "5 3" : undefined;
  const picture = s("svg", { viewBox: "0 0 30 12", class: "sign", "aria-hidden": "true" });
  if (outline) picture.append(s("rect", { x: 2, y: 2, width: 26, height: 8, rx: 3, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }));
  else picture.append(s("path", { d: "M1,9 Q12,1 23,6", fill: "none", stroke: colour, "stroke-width": 2.4, "stroke-dasharray": dash }));
  if (arrow) picture.append(s("path", { d: "M30,8 L20,9 L23,2 Z", fill: colour }));
  return picture;
}

/** A dotted line with an incident at either end. */
function trackSign(colour: string): SVGElement {
  const picture = s("svg", { viewBox: "0 0 30 12", class: "sign", "aria-hidden": "true" });
  picture.append(s("path", { d: "M3,6 H27", stroke: colour, "stroke-width": 2, "stroke-linecap": "round", "stroke-dasharray": "0.2 4" }));
  for (const cx of [3, 27]) picture.append(s("circle", { cx, cy: 6, r: 3, fill: colour }));
  return picture;
}

/** The districts that steps go through, each as often as they come to it. */
export function way(steps: Finding[]): string[] {
  const stops = [text(steps[0]?.row ?? {}, "district_from"), ...steps.map(({ row }) => text(row, "district_to"))];
  return stops.filter((code, i) => code && code !== stops[i - 1]);
}

/** A finding in a line: a cluster by its time, a path by its way. */
export function titleOf(texts: Texts, finding: Finding, steps: Finding[], place: (code: string) => string, offence: string): string {
  const { overlay, row } = finding;
  const [first, last] = [steps[0]?.row ?? row, steps.at(-1)?.row ?? row];
  const when = texts.span(text(first, "first_month"), text(last, "last_month"));
  if (overlay === "clusters") {
    const [one, ...others] = parsed<string[]>(row, "districts", []);
    const where = one && [place(one), others.length ? `+ ${others.length}` : ""].filter(Boolean).join(" ");
    return [where, texts.t(isLow(finding) ? "web.cluster_low" : "web.cluster_high"), offence, when].filter(Boolean).join(" · ");
  }
  if (isTrack(finding)) return [texts.t("web.track"), way(steps.length ? steps : [finding]).map(place).join(" → "), offence, when].filter(Boolean).join(" · ");
  const stops = [text(first, "district_from"), text(last, "district_to")].filter(Boolean).map(place);
  return [stops.join(" → "), offence, row["kind"] === "edge" ? texts.t("web.again") : when].filter(Boolean).join(" · ");
}
