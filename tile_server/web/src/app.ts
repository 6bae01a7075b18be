// The situation on one screen: what is chosen decides what is fetched, painted and said.

import type { Option } from "./combobox";
import { getJSON } from "./api";
import { PLAIN, settled } from "./choices";
import { classOf, fewClass, NO_DATA } from "./classes";
import { before, detail, monthsUpTo } from "./detail";
import { debounce, h } from "./dom";
import { outbreaksAlone, withBorrowed } from "./borrow";
import { Figures, type Item, type Table, type What } from "./figures";
import { loadTexts, rememberLanguage, type Texts } from "./i18n";
import { legend, ramp } from "./legend";
import type { DistrictMap } from "./map";
import { type Catalogue, hasAttributes, hasMonths, hasOffences, isDrawable, isJudged, isSignalled, type LayerInfo, QUIET, type Rows } from "./model";
import { Offences } from "./offences";
import { type Box, type Place, Places } from "./places";
import { classesOf, mix } from "./mix";
import { ranking } from "./ranking";
import { buildScreen, type Screen, showLayer } from "./screen";
import { partsOf, type Part } from "./parts";
import { Sheet } from "./sheet";
import { signals } from "./signals";
import { readHash, type State, Store } from "./state";
import { Timeline } from "./timeline";
import { Tooltip } from "./tooltip";

const EVERYTHING = { limit: 10_000, f: "json" };
/** Heights in pixels of what lies over the map, as in style.css. */
const MONTHS_HIGH = 118;
const PEEK_HIGH = 92 + 112;
const HANDLE_HIGH = 24;
const WORLD: Box = [-180, -60, 180, 75];

const narrow = (): boolean => matchMedia("(max-width: 760px)").matches;

export class App {
  private texts!: Texts;
  private screen!: Screen;
  private store!: Store;
  private timeline!: Timeline;
  private sheet!: Sheet;
  private readonly layers: LayerInfo[];
  private readonly figures = new Figures();
  private readonly tooltip = new Tooltip();
  private readonly status = h("p", { class: "status", role: "status" });
  private readonly mapBox = h("div", { class: "map", id: "map" });
  private readonly stage = h("main", { class: "stage" });
  private map: DistrictMap | null = null;
  private places: Places | null = null;
  private offences: Offences | null = null;
  private colours: Table | null = null;
  private around: Table | null = null;
  private provisional = new Set<string>();
  private hovered = "";
  private turn = 0;
  private named: Promise<void> | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly catalogue: Catalogue,
  ) {
    const drawable = withBorrowed(catalogue, catalogue.layers).filter(isDrawable);
    const figures = drawable.filter(hasMonths);
    this.layers = [figures, drawable, [PLAIN]].find((some) => some.length)!;
  }

  async start(texts: Texts): Promise<void> {
    this.texts = texts;
    const hash = readHash();
    this.store = new Store(settled(this.catalogue, this.layers, { layer: "", offence: "", month: "", district: "", view: "", attribute: "", ...hash, lang: hash.lang ?? "" }));
    this.stage.append(this.mapBox);
    this.build();
    this.store.listen((changed) => void this.follow(changed));
    window.addEventListener("hashchange", () => this.store.set(settled(this.catalogue, this.layers, { ...this.store.now, ...readHash() })));
    this.named = this.loadNames();
    const map = this.openMap();
    await Promise.all([this.loadColours(), map.catch((error: unknown) => this.trouble(error, "web.error.map"))]);
  }

  // What is chosen -------------------------------------------------------------------------------------------

  private get layer(): LayerInfo | undefined {
    return this.layers.find((layer) => layer.id === this.store.now.layer);
  }

  private get what(): What {
    return { offence: this.store.now.offence, attribute: this.store.now.attribute };
  }

  private get few(): number {
    return this.layer ? fewClass(this.layer) : -1;
  }

  private choose(patch: Partial<State>): void {
    this.store.set(settled(this.catalogue, this.layers, { ...this.store.now, ...patch }));
  }

  private async follow(changed: Set<keyof State>): Promise<void> {
    if (changed.has("lang") && this.store.now.lang) {
      rememberLanguage(this.store.now.lang);
      try {
        this.texts = await loadTexts(this.store.now.lang);
      } catch (error) {
        return this.trouble(error, "web.error.language");
      }
      this.build();
      this.label();
      this.refresh();
    }
    if (changed.has("district")) {
      void this.map?.setChosen(this.store.now.district);
      if (this.store.now.district && narrow()) {
        if (this.sheet.height === "peek") this.sheet.set("half");
        const box = this.places?.byCode.get(this.store.now.district)?.box;
        if (box) this.map?.show(box);
      }
    }
    if (changed.has("layer") || changed.has("offence") || changed.has("attribute")) return this.loadColours();
    if (changed.has("month")) this.refreshMonth();
    if (changed.has("district")) {
      this.tellStory();
      if (narrow()) this.screen.panel.scrollTop = this.store.now.district ? this.screen.story.offsetTop - HANDLE_HIGH : 0;
    }
  }

  // What is fetched ------------------------------------------------------------------------------------------

  private async openMap(): Promise<void> {
    const { DistrictMap, loadBase } = await import("./map");
    const base = await loadBase(this.catalogue.basemap);
    // A catalogue without the area's box: the districts themselves tell it.
    if (!this.catalogue.area.bbox) await this.named;
    const home = this.catalogue.area.bbox ?? this.places?.box ?? WORLD;
    this.map = new DistrictMap(this.mapBox, this.catalogue, base, this.store.now.view, {
      hover: (district, x, y) => this.hover(district, x, y),
      leave: () => { this.hovered = ""; this.tooltip.hide(); },
      choose: (district) => this.choose({ district }),
      moved: (view) => this.store.set({ view }),
      trouble: (message) => { console.warn(message); this.say("web.error.map"); },
    }, home, this.covered()); // prettier-ignore
    void this.map.setChosen(this.store.now.district);
    this.paint();
    this.label();
  }

  private async loadNames(): Promise<void> {
    try {
      const [districts, offences] = await Promise.all([
        getJSON<Rows>("collections/districts/items", EVERYTHING),
        getJSON<Rows>("collections/offences/items", EVERYTHING).catch(() => null),
      ]);
      this.places = new Places(districts);
      if (offences) this.offences = new Offences(offences);
    } catch (error) {
      return this.trouble(error, "web.error.names");
    }
    this.screen.offence.refresh();
    this.label();
    this.refresh();
  }

  private async loadColours(): Promise<void> {
    const { layer } = this;
    const turn = ++this.turn;
    showLayer(this.screen, this.texts, layer, this.store.now.attribute);
    this.screen.offence.refresh();
    this.screen.layer.value = this.store.now.layer;
    this.timeline.element.hidden = !layer || !hasMonths(layer);
    this.around = null;
    if (!layer) return;
    if (hasMonths(layer)) {
      this.say("web.loading");
      try {
        const table = await this.figures.colours(layer, this.what);
        if (turn !== this.turn) return;
        this.colours = table;
        this.say("");
      } catch (error) {
        if (turn !== this.turn) return;
        this.colours = null;
        this.refresh();
        return this.trouble(error, "web.error.figures");
      }
    }
    void this.map?.setClasses(layer.classes ?? [], this.few, !outbreaksAlone(layer));
    this.refresh();
  }

  /** Figures around the month: asked for once the slider rests, since a year comes at a time. */
  private readonly loadAround = debounce(160, async () => {
    const { layer } = this;
    const { offence, attribute, month } = this.store.now;
    if (!layer || !hasMonths(layer)) return;
    try {
      const table = await this.figures.details(layer, this.what, month);
      if (layer !== this.layer || offence !== this.store.now.offence || attribute !== this.store.now.attribute || month !== this.store.now.month) return;
      this.around = table;
      for (const one of table.monthsWith("provisional")) this.provisional.add(one);
      this.refreshTimeline();
      this.tellStory();
    } catch (error) {
      this.trouble(error, "web.error.figures");
    }
  });

  // What is shown --------------------------------------------------------------------------------------------

  private build(): void {
    const { texts, catalogue } = this;
    document.documentElement.lang = texts.language;
    this.timeline?.stop();
    const height = this.screen?.panel.dataset["height"];
    this.screen = buildScreen({
      texts, catalogue, layers: this.layers, state: this.store.now, set: (patch) => this.choose(patch),
      offence: {
        options: () => this.offences?.options(texts, this.layer?.offences ?? []) ?? [],
        shown: () => this.offences?.name(texts, this.store.now.offence) ?? "",
      },
      search: { options: () => this.searchOptions(), pick: (district) => this.goTo(district) },
      zoom: (step) => this.map?.zoomBy(step),
      home: () => this.map?.fit(),
    }); // prettier-ignore
    if (height) this.screen.panel.dataset["height"] = height;
    this.timeline = new Timeline(texts, (month) => this.store.set({ month }));
    this.sheet = new Sheet(this.screen.panel, texts.t("web.panel"), () => this.cover());
    this.screen.panel.prepend(this.sheet.handle);
    this.mapBox.setAttribute("aria-label", texts.t("web.map"));
    this.stage.replaceChildren(
      this.mapBox, this.screen.search.element, this.screen.mapButtons, ...(this.screen.ribbon ? [this.screen.ribbon] : []),
      this.status, this.tooltip.element, this.timeline.element,
    ); // prettier-ignore
    this.root.replaceChildren(this.screen.panel, this.stage);
    showLayer(this.screen, texts, this.layer, this.store.now.attribute);
    this.timeline.element.hidden = !this.layer || !hasMonths(this.layer);
  }

  /** How much of the map's lower edge the months, and on a narrow screen the sheet, lie over. */
  private covered(): number {
    if (!this.layer || !hasMonths(this.layer)) return narrow() ? PEEK_HIGH - MONTHS_HIGH : 0;
    if (!narrow()) return MONTHS_HIGH;
    return this.sheet && this.sheet.height !== "peek" ? window.innerHeight * 0.5 : PEEK_HIGH;
  }

  private cover(): void {
    this.map?.setCovered(this.covered());
  }

  private refresh(): void {
    const { layer } = this;
    if (!layer) return;
    this.refreshTimeline();
    this.refreshMonth();
  }

  private refreshTimeline(): void {
    const { layer, colours } = this;
    if (!layer || !hasMonths(layer)) return;
    const classes = layer.classes ?? [];
    const complete = this.catalogue.area.complete_until?.slice(0, 7);
    // Where most districts are as usual, the strip shows those that are not.
    const quiet = classes.flatMap((one, i) => (QUIET.includes(String(one.value)) ? [i] : []));
    const plain = isJudged(layer) ? [NO_DATA, this.few, this.few + 1] : isSignalled(layer) ? [NO_DATA, ...quiet] : layer.default_column === "imbalance" ? [NO_DATA, 0] : [];
    this.timeline.show(
      {
        months: layer.months ?? [],
        period: layer.period,
        mix: (month) => (colours ? mix(classesOf(layer, colours, month), classes.map((one) => one.colour), this.few, plain) : []),
        incomplete: (month) => Boolean(complete) && month > complete!,
        provisional: (month) => this.provisional.has(month),
      },
      this.store.now.month,
    );
  }

  private refreshMonth(): void {
    const { layer, texts } = this;
    if (!layer) return;
    const { month } = this.store.now;
    if (hasMonths(layer)) this.timeline.setMonth(month);
    const classes = this.paint();
    const counts = new Map<number, number>();
    for (const one of classes.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
    const offence = hasOffences(layer) ? (this.offences?.name(texts, this.store.now.offence) ?? "") : hasAttributes(layer) ? texts.attribute(this.store.now.attribute) : "";
    this.screen.summary.textContent = [texts.pick(layer.title), offence].filter(Boolean).join(" · ");
    this.screen.ramp.replaceChildren(ramp(texts, layer, this.few));
    this.screen.legend.replaceChildren(legend(texts, layer, this.few, classes.size ? counts : null));
    if (this.around && !this.around.has(month)) this.around = null;
    const when = hasMonths(layer) ? texts.month(month, layer.period) : "";
    document.title = [texts.pick(layer.title), when, texts.pick(this.catalogue.area.name), "Audan"].filter(Boolean).join(" · ");
    this.tellStory();
    this.loadAround();
    if (this.hovered) this.tip();
  }

  private classes(): Map<string, number> {
    const { layer, colours, places } = this;
    if (!layer?.classes?.length || (hasMonths(layer) && !colours)) return new Map();
    const out = hasMonths(layer) ? classesOf(layer, colours!, this.store.now.month) : new Map<string, number>();
    for (const [code, place] of places?.byCode ?? []) {
      if (out.has(code)) continue;
      const value = hasMonths(layer) ? null : place.row[layer.default_column ?? ""];
      out.set(code, classOf(value as number | string | null, layer.classes ?? []));
    }
    return out;
  }

  private paint(): Map<string, number> {
    const classes = this.classes();
    if (this.map && this.layer) {
      void this.map.setClasses(this.layer.classes ?? [], this.few, !outbreaksAlone(this.layer));
      void this.map.paint(classes);
      void this.map.setMarks(this.marked(classes));
    }
    return classes;
  }

  /** The districts whose signal asks for a look. */
  private marked(classes: Map<string, number>): { place: Place; colour: string }[] {
    const { layer, places } = this;
    if (!layer || !isSignalled(layer)) return [];
    return [...classes].flatMap(([code, one]) => {
      const [drawn, place] = [layer.classes?.[one], places?.byCode.get(code)];
      return place && drawn && !QUIET.includes(String(drawn.value)) ? [{ place, colour: drawn.colour }] : [];
    });
  }

  private label(): void {
    const { map, places, texts } = this;
    if (map && places) void map.setLabels(places, (place) => texts.name(place.row), (place) => texts.name(place.row, "parent_name"));
  }

  private tellStory(): void {
    const { layer, texts, screen } = this;
    if (!layer) return;
    const { district, month } = this.store.now;
    // What was asked about comes first.
    if (district) screen.story.after(screen.legend);
    else screen.legend.after(screen.story);
    if (district) return void this.tellDistrict();
    const analyst = this.catalogue.edition === "analyst";
    const listed = analyst && isJudged(layer);
    const story = analyst && isSignalled(layer)
      ? signals(texts, layer, this.few, this.around, month, this.places, (code) => this.goTo(code))
      : listed
      ? ranking(texts, layer, this.few, this.around, month, this.places, (code) => this.goTo(code))
      : h("p", { class: "hint" }, texts.t("web.hint"));
    screen.story.replaceChildren(story);
  }

  private storyTurn = 0;

  private async tellDistrict(): Promise<void> {
    const { layer, texts, catalogue, few, places } = this;
    const { district, month, offence } = this.store.now;
    if (!layer) return;
    const turn = ++this.storyTurn;
    const place = places?.byCode.get(district);
    const cell = {
      catalogue, layer, few, month, district, place, code: hasOffences(layer) ? offence : "all", one: this.classes().get(district) ?? NO_DATA,
      offence: hasOffences(layer) ? (this.offences?.name(texts, offence) ?? "") : hasAttributes(layer) ? texts.attribute(this.store.now.attribute) : "",
      tables: null as Table[] | null, words: null as string | null, failed: false, evidence: [] as Item[], parts: [] as Part[],
      named: (code: string) => this.offences?.name(texts, code) ?? code,
      back: () => this.choose({ district: "" }),
      zoom: () => place?.box && this.map?.fit(place.box),
    }; // prettier-ignore
    const draw = () => {
      if (turn === this.storyTurn && district === this.store.now.district) this.screen.story.replaceChildren(detail(texts, cell));
    };
    if (!this.screen.story.querySelector(".detail")) draw();
    if (!hasMonths(layer)) return draw();
    const years = new Map([...before(layer, month), ...monthsUpTo(layer, month)].map((one) => [one.slice(0, 4), one]));
    const tables = Promise.all([...years.values()].map((one) => this.figures.details(layer, this.what, one)));
    // A field of the cards is told by its own figures: the story is that of an offence.
    const words = hasAttributes(layer) ? Promise.resolve({ text: "", evidence: [] }) : this.figures.words(layer, offence, month, district, texts.language);
    const parts = layer.id === "structure" ? (this.offences?.parts(offence, layer.offences ?? []) ?? []) : [];
    const mixed = parts.length ? this.figures.mix(layer, parts, month, district) : Promise.resolve([]);
    await Promise.allSettled([
      tables.then((value) => { cell.tables = value; }),
      words.then((told) => { cell.words = told.text; cell.evidence = told.evidence; }, () => { cell.failed = true; }),
      mixed.then((rows) => { cell.parts = partsOf(rows, cell.named); }),
    ]); // prettier-ignore
    draw();
  }

  private searchOptions(): Option[] {
    const { places, texts } = this;
    return [...(places?.byCode.values() ?? [])]
      .map((place) => ({ id: place.code, text: texts.name(place.row) || place.code, note: texts.name(place.row, "parent_name") }))
      .sort((a, b) => a.text.localeCompare(b.text, texts.language));
  }

  private goTo(district: string): void {
    this.choose({ district });
    const box = this.places?.byCode.get(district)?.box;
    if (box) this.map?.show(box);
  }

  private hover(district: string, x: number, y: number): void {
    if (district !== this.hovered) {
      this.hovered = district;
      this.tip();
    }
    this.tooltip.move(x, y);
  }

  private tip(): void {
    const { layer, hovered, texts } = this;
    if (!layer) return;
    const one = this.classes().get(hovered) ?? NO_DATA;
    this.tooltip.show(texts, layer, this.few, one, this.places?.byCode.get(hovered), hovered, this.around, this.store.now.month, this.catalogue.area.rate_per ?? 10_000);
  }

  private say(code: string): void {
    this.status.textContent = code && this.texts.t(code);
  }

  private trouble(error: unknown, code: string): void {
    console.warn(error);
    this.say(code);
  }
}
