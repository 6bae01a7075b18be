// What lies over the map: which clusters and paths are looked at, and what each month has of them.

import { type Finding, Findings, type Overlay, type Seen, seenIn } from "./findings";
import type { LayerInfo } from "./model";
import type { Offences } from "./offences";
import type { Store } from "./state";

/** An overlay in one month. */
export interface Findable {
  layer: LayerInfo;
  on: boolean;
  /** What the month has of it; null while that is fetched. */
  seen: Seen[] | null;
  /** Why it was not even looked for: the offence, or the month, or nothing. */
  unsought: "offence" | "month" | "";
}

export class Overlaid {
  private readonly found = new Map<Overlay, Finding[]>();
  private readonly findings = new Findings();
  private turn = 0;

  constructor(
    readonly layers: LayerInfo[],
    private readonly store: Store,
    private readonly offences: () => Offences | null,
  ) {}

  /** Fetch what the overlays show; false where something else was chosen meanwhile. */
  async load(): Promise<boolean> {
    const turn = ++this.turn;
    const wanted = this.layers.filter((layer) => this.isOver(layer) && this.sought(layer).length);
    this.found.clear();
    const all = (layer: LayerInfo) => this.sought(layer).length === layer.offences?.length;
    const found = await Promise.all(
      wanted.map(async (layer) => [layer.id as Overlay, await this.findings.of(layer.id as Overlay, all(layer) ? null : this.sought(layer))] as const),
    );
    if (turn !== this.turn) return false;
    for (const [overlay, some] of found) this.found.set(overlay, some);
    // What is told about may be of another offence.
    if (this.store.now.found && !this.named().length) this.store.set({ found: "" });
    return true;
  }

  isOver(layer: LayerInfo): boolean {
    return this.store.now.overlays.split(",").includes(layer.id);
  }

  /**
   * The offences that an overlay shows. Paths are of leaves alone, so that what is put together by others is shown by
   * its parts; clusters are of each offence by itself.
   */
  sought(layer: LayerInfo): string[] {
    const offence = this.store.now.offence || "all";
    const offered = layer.offences ?? [];
    if (offered.includes(offence)) return [offence];
    return layer.id === "spread_paths" ? (offence === "all" ? offered : (this.offences()?.within(offence, offered) ?? [])) : [];
  }

  /** What the month that is chosen shows of an overlay. */
  inMonth(layer: LayerInfo): Findable {
    const { month } = this.store.now;
    const found = this.found.get(layer.id as Overlay);
    const unsought = !this.sought(layer).length ? "offence" : layer.months?.includes(month) ? "" : "month";
    return { layer, on: this.isOver(layer), seen: found ? seenIn(found, month) : null, unsought };
  }

  /** The finding of a name, the one that is told about by default: the steps of a chain in their order. */
  named(name = this.store.now.found): Finding[] {
    const all = [...this.found.values()].flat().filter((one) => one.name === name);
    return all.toSorted((a, b) => Number(a.row["step"] ?? 0) - Number(b.row["step"] ?? 0));
  }

  /** The overlays that are on once one of them is put on or taken away, as the address has them. */
  with(id: Overlay, on: boolean): string {
    return this.layers.filter((layer) => (layer.id === id ? on : this.isOver(layer))).map((layer) => layer.id).join();
  }

  /** The colour of a kind of path. */
  colour(kind: string): string {
    const layer = this.layers.find((one) => one.id === "spread_paths");
    return layer?.classes?.find((one) => one.value === kind)?.colour ?? "#333333";
  }
}
