// The frame of the page in one language: header, controls, slots that the app fills, the map's own buttons.

import { Combobox, type ComboboxSettings } from "./combobox";
import { h } from "./dom";
import type { Texts } from "./i18n";
import { type Catalogue, hasAttributes, hasOffences, type LayerInfo } from "./model";
import type { State } from "./state";

const LANGUAGE_NAMES: Record<string, string> = { en: "English", ru: "Русский", kk: "Қазақша" };

export interface ScreenSettings {
  texts: Texts;
  catalogue: Catalogue;
  layers: LayerInfo[];
  state: State;
  set: (patch: Partial<State>) => void;
  offence: Pick<ComboboxSettings, "options" | "shown">;
  search: Pick<ComboboxSettings, "options" | "pick">;
  zoom: (step: number) => void;
  home: () => void;
}

export interface Screen {
  panel: HTMLElement;
  legend: HTMLElement;
  story: HTMLElement;
  findings: HTMLElement;
  offence: Combobox;
  search: Combobox;
  layer: HTMLSelectElement;
  offenceField: HTMLElement;
  attribute: HTMLSelectElement;
  attributeField: HTMLElement;
  about: HTMLElement;
  /** What is shown, and its colours, in two lines: all that a closed sheet has room for. */
  summary: HTMLElement;
  ramp: HTMLElement;
  mapButtons: HTMLElement;
  ribbon: HTMLElement | null;
}

export function buildScreen(settings: ScreenSettings): Screen {
  const { texts, catalogue, layers, state, set } = settings;
  const { area } = catalogue;
  const t = texts.t.bind(texts);
  const language = h(
    "select",
    { id: "language", "aria-label": t("web.language"), onchange: (event: Event) => set({ lang: (event.target as HTMLSelectElement).value }) },
    ...area.languages.map((tag) => h("option", { value: tag, lang: tag, selected: tag === texts.language }, LANGUAGE_NAMES[tag] ?? tag)),
  );
  const layer = h(
    "select",
    { id: "layer", onchange: (event: Event) => set({ layer: (event.target as HTMLSelectElement).value }) },
    ...layers.map((one) => h("option", { value: one.id, selected: one.id === state.layer }, texts.pick(one.title))),
  );
  const only = layers[0]?.classes?.length ? h("p", { class: "only-layer" }, texts.pick(layers[0].title)) : null;
  const offence = new Combobox({
    id: "offence", label: t("web.offence"), placeholder: t("web.search_offence"), nothing: t("web.nothing_found"),
    ...settings.offence, chosen: () => state.offence, pick: (code) => set({ offence: code }),
  }); // prettier-ignore
  const search = new Combobox({
    id: "search", label: t("web.find_district"), placeholder: t("web.search_district"), nothing: t("web.nothing_found"),
    ...settings.search, shown: () => "",
  }); // prettier-ignore
  const attribute = h("select", { id: "attribute", onchange: (event: Event) => set({ attribute: (event.target as HTMLSelectElement).value }) });
  const attributeField = h("div", { class: "field", hidden: true }, h("label", { for: "attribute" }, t("web.attribute")), attribute);
  const legend = h("div", { class: "slot" });
  const story = h("div", { class: "slot story" });
  const findings = h("div", { class: "slot" });
  const summary = h("p", { class: "summary" });
  const ramp = h("div", { class: "ramp-slot" });
  const about = h("p", { class: "layer-about" });
  const absent = (catalogue.absent ?? []).map((one) => texts.pick(one.text)).filter(Boolean);
  const panel = h(
    "aside",
    { class: "panel", id: "panel", "aria-label": t("web.panel") },
    h(
      "header",
      { class: "brand" },
      h("div", {}, h("span", { class: "mark" }, "Audan"), h("h1", {}, texts.pick(area.name)), summary),
      language,
    ),
    ramp,
    area.invented ? h("p", { class: "invented" }, h("b", {}, t("web.invented")), " ", t("web.invented_note")) : null,
    h(
      "div",
      { class: "controls" },
      layers.length > 1 ? h("div", { class: "field" }, h("label", { for: "layer" }, t("web.layer")), layer) : only,
      offence.element,
      attributeField,
    ),
    about,
    findings,
    legend,
    story,
    absent.length
      ? h("details", { class: "absent" }, h("summary", {}, t("web.absent")), h("ul", {}, ...absent.map((text) => h("li", {}, text))))
      : null,
    h(
      "footer",
      {},
      h("span", {}, t(catalogue.edition === "analyst" ? "web.edition_analyst" : "web.edition_public")),
      h("a", { href: "collections?f=html" }, t("web.data")),
      h("span", {}, t("web.areas_not_persons")),
    ),
  );
  const button = (label: string, text: string, onclick: () => void) =>
    h("button", { type: "button", "aria-label": t(label), title: t(label), onclick }, text);
  const mapButtons = h(
    "div",
    { class: "map-buttons" },
    button("web.zoom_in", "+", () => settings.zoom(1)),
    button("web.zoom_out", "−", () => settings.zoom(-1)),
    button("web.whole_area", "⤢", settings.home),
  );
  const ribbon = area.invented ? h("p", { class: "ribbon" }, t("web.invented")) : null;
  return { panel, legend, story, findings, offence, search, layer, offenceField: offence.element, attribute, attributeField, about, summary, ramp, mapButtons, ribbon };
}

export function showLayer(screen: Screen, texts: Texts, layer: LayerInfo | undefined, attribute: string): void {
  screen.offenceField.hidden = !layer || !hasOffences(layer);
  screen.attributeField.hidden = !layer || !hasAttributes(layer);
  const named = (layer?.attributes ?? []).map((code) => ({ code, name: texts.attribute(code) }));
  named.sort((a, b) => a.name.localeCompare(b.name, texts.language));
  screen.attribute.replaceChildren(...named.map(({ code, name }) => h("option", { value: code, selected: code === attribute }, name)));
  screen.about.textContent = layer?.classes?.length ? texts.pick(layer.description) : texts.t("web.no_layers");
}
