// What happens when: the page is opened, and what is chosen is followed by figures, colours and words.

import { loadBase } from "./basemap";
import { loadTexts, rememberLanguage, type Texts } from "./i18n";
import { type Catalogue, hasMonths } from "./model";
import type { Box } from "./places";
import { Situation } from "./situation";
import { readHash, type State } from "./state";
import { View } from "./view";

const WORLD: Box = [-180, -60, 180, 75];

export class App {
  private readonly situation: Situation;
  private readonly view: View;

  constructor(root: HTMLElement, catalogue: Catalogue) {
    this.situation = new Situation(catalogue);
    this.view = new View(root, this.situation);
  }

  async start(texts: Texts): Promise<void> {
    const { situation, view } = this;
    const { store } = situation;
    view.build(texts);
    store.listen((changed) => void view.work.until(Promise.all([this.follow(changed), store.written])));
    window.addEventListener("hashchange", () => situation.choose(readHash()));
    const named = this.loadNames();
    const opened = this.openMap(named).catch((error: unknown) => view.trouble(error, "web.error.map"));
    const coloured = this.changeColours();
    // What an offence is made of is known by the names.
    const found = named.then(() => this.changeFindings());
    void view.work.until(Promise.all([named, opened, coloured, found]).then(() => view.drawn()));
    await Promise.all([opened, coloured]);
  }

  private async loadNames(): Promise<void> {
    const { situation, view } = this;
    try {
      await situation.loadNames();
    } catch (error) {
      return view.trouble(error, "web.error.names");
    }
    view.showControls();
    view.label();
    view.refresh();
  }

  private async openMap(named: Promise<void>): Promise<void> {
    const { situation, view } = this;
    const { catalogue } = situation;
    const { DistrictMap } = await import("./map");
    const base = await loadBase(catalogue.basemap);
    // A catalogue without the area's box: the districts themselves tell it.
    if (!catalogue.area.bbox) await named;
    const home = catalogue.area.bbox ?? situation.places?.box ?? WORLD;
    view.map = new DistrictMap(view.mapBox, catalogue, base, situation.now.view, {
      hover: (district, x, y) => view.hover(district, x, y),
      leave: () => view.leave(),
      hoverFinding: (name, x, y) => view.hoverFinding(name, x, y),
      choose: (district) => situation.choose({ district, found: "" }),
      chooseFinding: (found) => situation.choose({ found, district: "" }),
      moving: () => void view.work.until(view.drawn()),
      moved: (seen) => situation.store.set({ view: seen }),
      trouble: (message) => view.trouble(message, "web.error.map"),
    }, home, view.covered()); // prettier-ignore
    void view.map.setChosen(situation.now.district);
    view.paint();
    view.showFindings();
    view.label();
  }

  private async follow(changed: Set<keyof State>): Promise<void> {
    const { view } = this;
    if (changed.has("lang") && !(await this.changeLanguage())) return;
    if (changed.has("district") || changed.has("found")) view.showChosen();
    const sought = changed.has("offence") || changed.has("overlays") ? this.changeFindings() : null;
    if (changed.has("layer") || changed.has("offence") || changed.has("attribute")) await this.changeColours();
    else {
      if (changed.has("month")) view.refreshMonth();
      if (changed.has("found")) view.showFindings();
      if (changed.has("district") || changed.has("found")) {
        view.tell();
        view.scrollToStory();
      }
    }
    await sought;
    await view.drawn();
  }

  /** Speak another language; false where it cannot be had. */
  private async changeLanguage(): Promise<boolean> {
    const { situation, view } = this;
    const { lang } = situation.now;
    if (!lang) return true;
    rememberLanguage(lang);
    try {
      view.build(await loadTexts(lang));
    } catch (error) {
      view.trouble(error, "web.error.language");
      return false;
    }
    view.label();
    view.refresh();
    return true;
  }

  private async changeColours(): Promise<void> {
    const { situation, view } = this;
    const { layer } = situation;
    view.showControls();
    if (layer && hasMonths(layer)) view.say("web.loading");
    try {
      if (!(await situation.loadColours())) return;
      view.say("");
    } catch (error) {
      view.trouble(error, "web.error.figures");
    }
    view.refresh();
  }
  /** Fetch and show what the overlays have of the offence. */
  private async changeFindings(): Promise<void> {
    const { situation, view } = this;
    const loading = situation.overlaid.load();
    view.showFindings();
    try {
      if (!(await loading)) return;
    } catch (error) {
      view.trouble(error, "web.error.findings");
    }
    view.showFindings();
    view.tell();
  }
}
