// What is shown: panel, map and months, each drawn from the situation.

import type { Option } from "./combobox";
import { NO_DATA } from "./classes";
import { h } from "./dom";
import type { Overlay } from "./findings";
import { focusOn, putAfter, refill } from "./focus";
import type { Texts } from "./i18n";
import { findings } from "./findings-panel";
import { legend, ramp } from "./legend";
import type { DistrictMap } from "./map";
import { hasMonths } from "./model";
import { boxOf } from "./places";
import { buildScreen, type Screen, showLayer } from "./screen";
import { Sheet } from "./sheet";
import type { Situation } from "./situation";
import { Story } from "./story";
import { stripOf } from "./strip";
import { Timeline } from "./timeline";
import { Tooltip } from "./tooltip";
import { Work } from "./work";

/** Heights in pixels of what lies over the map, as in style.css. */
const MONTHS_HIGH = 118;
const PEEK_HIGH = 92 + 112;
const HANDLE_HIGH = 24;

const narrow = (): boolean => matchMedia("(max-width: 760px)").matches;

export class View {
  map: DistrictMap | null = null;
  readonly mapBox = h("div", { class: "map", id: "map" });
  readonly work = new Work(this.mapBox);
  private texts!: Texts;
  private screen!: Screen;
  private timeline!: Timeline;
  private sheet!: Sheet;
  private readonly story: Story;
  private readonly tooltip = new Tooltip();
  private readonly status = h("p", { class: "status", role: "status" });
  private readonly stage = h("main", { class: "stage" }, this.mapBox);
  private readonly unfolded = new Set<Overlay>();
  private hovered = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly situation: Situation,
  ) {
    this.story = new Story(situation, { goTo: (district) => this.goTo(district), zoom: (box) => this.map?.fit(box), back: (found) => this.leaveFinding(found) });
  }

  // The frame ------------------------------------------------------------------------------------------------

  /** Build the page anew in a language. */
  build(texts: Texts): void {
    const { situation } = this;
    const { catalogue, layers, now } = situation;
    this.texts = texts;
    document.documentElement.lang = texts.language;
    this.timeline?.stop();
    const height = this.screen?.panel.dataset["height"];
    this.screen = buildScreen({
      texts, catalogue, layers, state: now, set: (patch) => situation.choose(patch),
      offence: {
        options: () => situation.offences?.options(texts, situation.layer?.offences ?? []) ?? [],
        shown: () => situation.offences?.name(texts, now.offence) ?? "",
      },
      search: { options: () => this.searchOptions(), pick: (district) => this.goTo(district) },
      zoom: (step) => this.map?.zoomBy(step),
      home: () => this.map?.fit(),
    }); // prettier-ignore
    if (height) this.screen.panel.dataset["height"] = height;
    this.timeline = new Timeline(texts, (month) => situation.store.set({ month }));
    this.sheet = new Sheet(this.screen.panel, texts.t("web.panel"), () => this.map?.setCovered(this.covered()));
    this.screen.panel.prepend(this.sheet.handle);
    this.mapBox.setAttribute("aria-label", texts.t("web.map"));
    this.stage.replaceChildren(
      this.mapBox, this.screen.search.element, this.screen.mapButtons, ...(this.screen.ribbon ? [this.screen.ribbon] : []),
      this.status, this.tooltip.element, this.timeline.element,
    ); // prettier-ignore
    refill(this.root, [this.screen.panel, this.stage]);
    this.showControls();
  }

  /** Show the controls that the layer has a use for. */
  showControls(): void {
    const { layer, now } = this.situation;
    showLayer(this.screen, this.texts, layer, now.attribute);
    this.screen.offence.refresh();
    this.screen.layer.value = now.layer;
    this.timeline.element.hidden = !layer || !hasMonths(layer);
  }

  /** How much of the map's lower edge the months, and on a narrow screen the sheet, lie over. */
  covered(): number {
    const { layer } = this.situation;
    if (!layer || !hasMonths(layer)) return narrow() ? PEEK_HIGH - MONTHS_HIGH : 0;
    if (!narrow()) return MONTHS_HIGH;
    return this.sheet.height === "peek" ? PEEK_HIGH : window.innerHeight * 0.5;
  }

  private searchOptions(): Option[] {
    const { texts } = this;
    return [...(this.situation.places?.byCode.values() ?? [])]
      .map((place) => ({ id: place.code, text: texts.name(place.row) || place.code, note: texts.name(place.row, "parent_name") }))
      .sort((a, b) => a.text.localeCompare(b.text, texts.language));
  }

  // What fills it --------------------------------------------------------------------------------------------

  refresh(): void {
    this.refreshTimeline();
    this.refreshMonth();
  }

  refreshTimeline(): void {
    const { layer, now } = this.situation;
    if (layer && hasMonths(layer)) this.timeline.show(stripOf(this.situation, layer), now.month);
  }

  refreshMonth(): void {
    const { texts, situation } = this;
    const { layer, few, now, catalogue, around } = situation;
    if (!layer) return;
    if (hasMonths(layer)) this.timeline.setMonth(now.month);
    const classes = this.paint();
    const counts = new Map<number, number>();
    for (const one of classes.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
    this.screen.summary.textContent = [texts.pick(layer.title), situation.subject(texts)].filter(Boolean).join(" · ");
    this.screen.ramp.replaceChildren(ramp(texts, layer, few));
    this.screen.legend.replaceChildren(legend(texts, layer, few, classes.size ? counts : null));
    if (around && !around.has(now.month)) situation.around = null;
    const when = hasMonths(layer) ? texts.month(now.month, layer.period) : "";
    document.title = [texts.pick(layer.title), when, texts.pick(catalogue.area.name), "Audan"].filter(Boolean).join(" · ");
    this.showFindings();
    this.tell();
    void this.work.until(this.lookAround());
    if (this.hovered) this.tip();
  }

  tell(): void {
    const { layer, now } = this.situation;
    const { story, legend, about } = this.screen;
    if (!layer) return;
    // What was asked about comes first.
    putAfter(now.district || now.found ? about : legend, story);
    void this.work.until(this.story.tell(this.texts, story));
  }

  /** Show what the month has of the overlays, on the map and in the panel. */
  showFindings(): void {
    const { texts, situation, story } = this;
    const { overlaid, now } = situation;
    const findable = overlaid.layers.map((layer) => overlaid.inMonth(layer));
    const made = findings(findable, {
      texts, chosen: now.found, unfolded: this.unfolded, toggle: (id, on) => situation.choose({ overlays: overlaid.with(id, on) }),
      choose: (found) => this.goToFinding(found), title: (finding) => story.title(texts, finding),
    }); // prettier-ignore
    // A month may not have what was focused: its list begins with the box.
    refill(this.screen.findings, made ? [made] : [], ...findable.filter((one) => one.on).map(({ layer }) => `#over-${layer.id}`));
    void this.map?.setFindings({
      seen: findable.flatMap((one) => one.seen ?? []), chosen: overlaid.named(), colour: (kind) => overlaid.colour(kind),
    }); // prettier-ignore
  }

  private async lookAround(): Promise<void> {
    try {
      if (!(await this.situation.loadAround())) return;
      this.refreshTimeline();
      this.tell();
    } catch (error) {
      this.trouble(error, "web.error.figures");
    }
  }

  /** Bring the chosen district, cluster or path before the reader. */
  showChosen(): void {
    const { district, found } = this.situation.now;
    void this.map?.setChosen(district);
    if (!narrow() || !(district || found)) return;
    if (this.sheet.height === "peek") this.sheet.set("half");
    this.bringIntoSight();
  }

  scrollToStory(): void {
    const { district, found } = this.situation.now;
    if (narrow()) this.screen.panel.scrollTop = district || found ? this.screen.story.offsetTop - HANDLE_HIGH : 0;
    else if (found) this.screen.panel.scrollTop = 0;
  }

  private bringIntoSight(): void {
    const { now, places } = this.situation;
    const steps = this.situation.overlaid.named();
    const box = steps.length ? boxOf(steps.map((one) => one.shape)) : places?.byCode.get(now.district)?.box;
    if (box) this.map?.show(box);
  }

  private goTo(district: string): void {
    this.situation.choose({ district, found: "" });
    this.bringIntoSight();
  }

  private goToFinding(found: string): void {
    this.situation.choose({ found, district: "" });
    this.bringIntoSight();
    focusOn(this.screen.story.querySelector("#finding-name"));
  }

  /** Back to where the finding was chosen: its place in the list, or the box above where this month has it not. */
  private leaveFinding(found: string): void {
    this.situation.choose({ found: "" });
    const overlay = found.split("/")[0] as Overlay;
    const { findings: list } = this.screen;
    const button = () => list.querySelector(`button[data-found="${CSS.escape(found)}"]`);
    if (!button() && list.querySelector(`#more-${overlay}`)) {
      this.unfolded.add(overlay);
      this.showFindings();
    }
    focusOn(button() ?? list.querySelector(`#over-${overlay}`));
  }

  // The map --------------------------------------------------------------------------------------------------

  paint(): Map<string, number> {
    const { map, situation } = this;
    const classes = situation.classes();
    if (map && situation.layer) {
      void map.setClasses(situation.layer.classes ?? [], situation.few, situation.gapsAreUnknown);
      void map.paint(classes);
      void map.setMarks(situation.marked(classes));
    }
    return classes;
  }

  label(): void {
    const { map, texts } = this;
    const { places } = this.situation;
    if (map && places) void map.setLabels(places, (place) => texts.name(place.row), (place) => texts.name(place.row, "parent_name"));
  }

  /** Wait until the map shows all of this. */
  async drawn(): Promise<void> {
    await this.map?.drawn();
  }

  hover(district: string, x: number, y: number): void {
    if (district !== this.hovered) {
      this.hovered = district;
      this.tip();
    }
    this.tooltip.move(x, y);
  }

  hoverFinding(name: string, x: number, y: number): void {
    if (name !== this.hovered) this.tooltip.say(this.story.tip(this.texts, name));
    this.hovered = name;
    this.tooltip.move(x, y);
  }

  leave(): void {
    this.hovered = "";
    this.tooltip.hide();
  }

  private tip(): void {
    const { layer, few, places, around, now, catalogue } = this.situation;
    if (!layer) return;
    const one = this.situation.classes().get(this.hovered) ?? NO_DATA;
    this.tooltip.show(this.texts, layer, few, one, places?.byCode.get(this.hovered), this.hovered, around, now.month, catalogue.area.rate_per ?? 10_000);
  }

  // What is said ---------------------------------------------------------------------------------------------

  say(code: string): void {
    this.status.textContent = code && this.texts.t(code);
  }

  trouble(error: unknown, code: string): void {
    console.warn(error);
    this.say(code);
  }
}
