// What is chosen, and what is known of it: names, figures, and the class of every district.

import { outbreaksAlone, withBorrowed } from "./borrow";
import { getJSON } from "./api";
import { PLAIN, settled } from "./choices";
import { classOf, fewClass } from "./classes";
import { pause } from "./dom";
import { overlaysOf } from "./findings";
import { Figures, type Table, type What } from "./figures";
import type { Texts } from "./i18n";
import { classesOf } from "./mix";
import { type Catalogue, hasAttributes, hasMonths, hasOffences, isDrawable, isSignalled, type LayerInfo, QUIET, type Rows, type Value } from "./model";
import { Offences } from "./offences";
import { Overlaid } from "./overlaid";
import { type Place, Places } from "./places";
import { readHash, type State, Store } from "./state";

const EVERYTHING = { limit: 10_000, f: "json" };
/** How long a choice rests before a year of figures is asked for. */
const REST = 160;

export class Situation {
  readonly layers: LayerInfo[];
  readonly store: Store;
  readonly figures = new Figures();
  readonly provisional = new Set<string>();
  places: Places | null = null;
  offences: Offences | null = null;
  /** The column that colours the map, in every month. */
  colours: Table | null = null;
  /** All figures of the year around the month. */
  around: Table | null = null;
  readonly overlaid: Overlaid;
  private readonly turns = { colours: 0, around: 0 };

  constructor(readonly catalogue: Catalogue) {
    const drawable = withBorrowed(catalogue, catalogue.layers).filter(isDrawable);
    const figures = drawable.filter(hasMonths);
    this.layers = [figures, drawable, [PLAIN]].find((some) => some.length)!;
    const nothing: State = { layer: "", offence: "", month: "", district: "", lang: "", view: "", attribute: "", overlays: "", found: "" };
    this.store = new Store(settled(catalogue, this.layers, { ...nothing, ...readHash() }));
    this.overlaid = new Overlaid(overlaysOf(catalogue), this.store, () => this.offences);
  }

  // What is chosen -------------------------------------------------------------------------------------------

  get now(): Readonly<State> {
    return this.store.now;
  }

  get layer(): LayerInfo | undefined {
    return this.layers.find((layer) => layer.id === this.now.layer);
  }

  get what(): What {
    return { offence: this.now.offence, attribute: this.now.attribute };
  }

  /** The class "too few to judge" of the layer. */
  get few(): number {
    return this.layer ? fewClass(this.layer) : -1;
  }

  /** Whether a district without a class is without data. */
  get gapsAreUnknown(): boolean {
    return !this.layer || !outbreaksAlone(this.layer);
  }

  choose(patch: Partial<State>): void {
    this.store.set(settled(this.catalogue, this.layers, { ...this.now, ...patch }));
  }

  /** What the figures are of beside the month: an offence, or a field of the cards. */
  subject(texts: Texts): string {
    if (this.layer && hasOffences(this.layer)) return this.offences?.name(texts, this.now.offence) ?? "";
    return this.layer && hasAttributes(this.layer) ? texts.attribute(this.now.attribute) : "";
  }

  // What is known of it --------------------------------------------------------------------------------------

  async loadNames(): Promise<void> {
    const [districts, offences] = await Promise.all([
      getJSON<Rows>("collections/districts/items", EVERYTHING),
      getJSON<Rows>("collections/offences/items", EVERYTHING).catch(() => null),
    ]);
    this.places = new Places(districts);
    if (offences) this.offences = new Offences(offences);
  }

  /** Fetch what colours the map; false where something else was chosen meanwhile. */
  async loadColours(): Promise<boolean> {
    const { layer } = this;
    const turn = ++this.turns.colours;
    this.turns.around++;
    this.around = null;
    if (!layer || !hasMonths(layer)) return true;
    const overtaken = () => turn !== this.turns.colours;
    try {
      const table = await this.figures.colours(layer, this.what);
      if (!overtaken()) this.colours = table;
    } catch (error) {
      if (overtaken()) return false;
      this.colours = null;
      throw error;
    }
    return !overtaken();
  }

  /** Fetch the figures around the month, once the choice rests; false where it did not. */
  async loadAround(): Promise<boolean> {
    const turn = ++this.turns.around;
    await pause(REST);
    const { layer } = this;
    if (turn !== this.turns.around || !layer || !hasMonths(layer)) return false;
    const table = await this.figures.details(layer, this.what, this.now.month);
    if (turn !== this.turns.around) return false;
    this.around = table;
    for (const one of table.monthsWith("provisional")) this.provisional.add(one);
    return true;
  }

  /** The class of every district in the month. */
  classes(): Map<string, number> {
    const { layer, colours, places } = this;
    if (!layer?.classes?.length || (hasMonths(layer) && !colours)) return new Map();
    const out = hasMonths(layer) ? classesOf(layer, colours!, this.now.month) : new Map<string, number>();
    for (const [code, place] of places?.byCode ?? []) {
      if (out.has(code)) continue;
      const value = hasMonths(layer) ? null : place.row[layer.default_column ?? ""];
      out.set(code, classOf(value as Value, layer.classes));
    }
    return out;
  }

  /** The districts whose signal asks for a look. */
  marked(classes: Map<string, number>): { place: Place; colour: string }[] {
    const { layer, places } = this;
    if (!layer || !isSignalled(layer)) return [];
    return [...classes].flatMap(([code, one]) => {
      const [drawn, place] = [layer.classes?.[one], places?.byCode.get(code)];
      return place && drawn && !QUIET.includes(String(drawn.value)) ? [{ place, colour: drawn.colour }] : [];
    });
  }
}
