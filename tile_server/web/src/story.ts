// What the panel tells: of a district, or of all of them where none is chosen.

import { NO_DATA } from "./classes";
import { before, type Cell, detail, monthsUpTo } from "./detail";
import { h } from "./dom";
import { refill } from "./focus";
import type { Texts } from "./i18n";
import { hasAttributes, hasMonths, hasOffences, isJudged, isSignalled } from "./model";
import { partsOf } from "./parts";
import { type Box, boxOf } from "./places";
import type { Finding } from "./findings";
import { findingStory, findingTip, type Told } from "./finding-story";
import { titleOf } from "./findings-panel";
import { ranking } from "./ranking";
import { signals } from "./signals";
import type { Situation } from "./situation";

export interface Ways {
  goTo: (district: string) => void;
  zoom: (box: Box) => void;
  /** Leave the story of a finding. */
  back: (found: string) => void;
}

/** Who followed a story to another goes on at its heading. */
const fill = (slot: HTMLElement, story: HTMLElement): void => refill(slot, [story], "h2[tabindex]");

export class Story {
  private turn = 0;

  constructor(
    private readonly situation: Situation,
    private readonly ways: Ways,
  ) {}

  /** Fill the slot; what must be fetched for it follows. */
  async tell(texts: Texts, slot: HTMLElement): Promise<void> {
    this.turn++;
    const steps = this.situation.overlaid.named();
    if (steps.length) return fill(slot, findingStory(texts, this.told(texts, steps)));
    if (this.situation.now.district) return this.ofDistrict(texts, slot);
    fill(slot, this.ofAll(texts));
  }

  /** What the pointer is told of a finding. */
  tip(texts: Texts, name: string): HTMLElement[] {
    const steps = this.situation.overlaid.named(name);
    return steps.length ? findingTip(texts, this.told(texts, steps)) : [];
  }

  /** A finding in a line, beside the offence that is chosen. */
  title(texts: Texts, finding: Finding): string {
    const told = this.told(texts, this.situation.overlaid.named(finding.name));
    const other = finding.row["offence"] !== this.situation.now.offence;
    return titleOf(texts, finding, told.steps, told.place, other ? told.offence : "");
  }

  private told(texts: Texts, steps: Finding[]): Told {
    const { overlaid, offences, places } = this.situation;
    const offence = String(steps[0]!.row["offence"] ?? "");
    const place = (code: string) => {
      const row = places?.byCode.get(code)?.row;
      return (row && texts.name(row)) || code;
    };
    return {
      steps, place, layer: overlaid.layers.find((one) => one.id === steps[0]!.overlay)!, offence: offences?.name(texts, offence) ?? offence,
      goTo: this.ways.goTo, back: () => this.ways.back(steps[0]!.name), zoom: () => this.ways.zoom(boxOf(steps.map((one) => one.shape))),
    }; // prettier-ignore
  }

  private ofAll(texts: Texts): HTMLElement {
    const { layer, few, around, places, catalogue, now } = this.situation;
    if (catalogue.edition === "analyst" && layer) {
      if (isSignalled(layer)) return signals(texts, layer, few, around, now.month, places, this.ways.goTo);
      if (isJudged(layer)) return ranking(texts, layer, few, around, now.month, places, this.ways.goTo);
    }
    return h("p", { class: "hint" }, texts.t("web.hint"));
  }

  private async ofDistrict(texts: Texts, slot: HTMLElement): Promise<void> {
    const { turn } = this;
    const cell = this.cell(texts);
    const draw = () => {
      if (turn === this.turn && cell.district === this.situation.now.district) fill(slot, detail(texts, cell));
    };
    // The story before stays until this one can be told: a playing slider would make it flicker.
    if (!slot.querySelector(".detail") || !hasMonths(cell.layer)) draw();
    if (!hasMonths(cell.layer)) return;
    await this.fetch(texts, cell);
    draw();
  }

  private cell(texts: Texts): Cell {
    const { catalogue, few, places, offences, now } = this.situation;
    const layer = this.situation.layer!;
    const { month, district, offence } = now;
    const place = places?.byCode.get(district);
    return {
      catalogue, layer, few, month, district, place, code: hasOffences(layer) ? offence : "all",
      one: this.situation.classes().get(district) ?? NO_DATA, offence: this.situation.subject(texts),
      tables: null, words: null, failed: false, evidence: [], parts: [],
      named: (code) => offences?.name(texts, code) ?? code,
      back: () => this.situation.choose({ district: "" }),
      zoom: () => place?.box && this.ways.zoom(place.box),
    }; // prettier-ignore
  }

  /** Put into the cell what can be had: its figures, its words, its parts. */
  private async fetch(texts: Texts, cell: Cell): Promise<void> {
    const { figures, offences, what } = this.situation;
    const { layer, month, district } = cell;
    const { offence } = what;
    const years = new Map([...before(layer, month), ...monthsUpTo(layer, month)].map((one) => [one.slice(0, 4), one]));
    const tables = Promise.all([...years.values()].map((one) => figures.details(layer, what, one)));
    // A field of the cards is told by its own figures: the story is that of an offence.
    const words = hasAttributes(layer) ? Promise.resolve({ text: "", evidence: [] }) : figures.words(layer, offence, month, district, texts.language);
    const parts = layer.id === "structure" ? (offences?.parts(offence, layer.offences ?? []) ?? []) : [];
    const mixed = parts.length ? figures.mix(layer, parts, month, district) : Promise.resolve([]);
    await Promise.allSettled([
      tables.then((value) => { cell.tables = value; }),
      words.then((told) => { cell.words = told.text; cell.evidence = told.evidence; }, () => { cell.failed = true; }),
      mixed.then((rows) => { cell.parts = partsOf(rows, cell.named); }),
    ]); // prettier-ignore
  }
}
