// What is shown, kept in the address so that a view can be shared.

import { pause } from "./dom";

export interface State {
  layer: string;
  offence: string;
  month: string;
  district: string;
  lang: string;
  view: string;
  attribute: string;
  /** What lies over the map, with commas between. */
  overlays: string;
  /** The cluster or path that is told about. */
  found: string;
}

type Key = keyof State;
const KEYS: Key[] = ["layer", "offence", "month", "district", "lang", "view", "attribute", "overlays", "found"];

export function readHash(): Partial<State> {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const out: Partial<State> = {};
  for (const key of KEYS) {
    const value = parameters.get(key);
    if (value) out[key] = value;
  }
  return out;
}

/** Browsers limit how often the address may change: a playing slider would pass the limit. */
const REST = 250;

type Listener = (changed: Set<Key>) => void;

export class Store {
  private readonly listeners: Listener[] = [];
  /** Kept as soon as the address says what is chosen. */
  written = Promise.resolve();
  private turn = 0;

  constructor(readonly now: State) {
    this.writeHash();
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  set(patch: Partial<State>): void {
    const changed = new Set<Key>();
    for (const key of KEYS) {
      const value = patch[key];
      if (value !== undefined && value !== this.now[key]) {
        this.now[key] = value;
        changed.add(key);
      }
    }
    if (!changed.size) return;
    this.written = this.writeOnceAtRest();
    for (const listener of this.listeners) listener(changed);
  }

  private async writeOnceAtRest(): Promise<void> {
    const turn = ++this.turn;
    await pause(REST);
    if (turn === this.turn) this.writeHash();
  }

  private writeHash(): void {
    const parameters = new URLSearchParams();
    for (const key of KEYS) if (this.now[key]) parameters.set(key, this.now[key]);
    const hash = parameters.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
    history.replaceState(history.state, "", `#${hash}`);
  }
}
