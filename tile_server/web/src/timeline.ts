// The months: a native range input (keyboard and screen readers for free) over a strip that shows each month's mix.

import { h } from "./dom";
import type { Texts } from "./i18n";

export interface Strip {
  months: string[];
  /** What a row covers. */
  period?: string | null;
  /** Share of each colour in each month, drawn from the bottom; the fullest month fills the strip. */
  mix: (month: string) => { colour: string; share: number }[];
  incomplete: (month: string) => boolean;
  provisional: (month: string) => boolean;
}

const STEP = 650;
const THUMB = 22;

export class Timeline {
  readonly element: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private readonly title = h("output", { class: "month", for: "month" });
  private readonly note = h("span", { class: "month-note" });
  private readonly play: HTMLButtonElement;
  private readonly years = h("div", { class: "years", "aria-hidden": "true" });
  private readonly marker = h("i", { class: "marker", "aria-hidden": "true" });
  private strip: Strip | null = null;
  private timer = 0;

  constructor(
    private readonly texts: Texts,
    private readonly changed: (month: string) => void,
  ) {
    const { t } = { t: texts.t.bind(texts) };
    const step = (by: number) => () => this.go(Number(this.range.value) + by);
    this.play = h("button", { type: "button", class: "round play", onclick: () => this.toggle() });
    this.range = h("input", {
      type: "range", id: "month", min: 0, max: 0, step: 1, value: 0, "aria-label": t("web.month"),
      oninput: () => { this.stop(); this.announce(); },
    }); // prettier-ignore
    this.element = h(
      "section",
      { class: "timeline", "aria-label": t("web.months") },
      h(
        "div",
        { class: "timeline-head" },
        this.play,
        h("button", { type: "button", class: "round step", "aria-label": t("web.previous"), title: t("web.previous"), onclick: step(-1) }, "‹"),
        h("button", { type: "button", class: "round step", "aria-label": t("web.next"), title: t("web.next"), onclick: step(1) }, "›"),
        h("div", { class: "month-name" }, this.title, this.note),
      ),
      h("div", { class: "track", title: t("web.strip") }, this.canvas, this.marker, this.range, this.years),
    );
    this.setPlaying(false);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  show(strip: Strip, month: string): void {
    const same = this.strip?.months === strip.months;
    this.strip = strip;
    if (!same) {
      this.range.max = String(strip.months.length - 1);
      this.drawYears();
    }
    this.draw();
    this.setMonth(month);
  }

  setMonth(month: string): void {
    if (!this.strip) return;
    const at = Math.max(0, this.strip.months.indexOf(month));
    this.range.value = String(at);
    const name = this.texts.month(month, this.strip.period);
    this.title.textContent = name;
    const note = this.strip.incomplete(month) ? "web.incomplete" : this.strip.provisional(month) ? "web.provisional" : "";
    this.note.textContent = note && this.texts.t(note);
    this.range.setAttribute("aria-valuetext", note ? `${name}, ${this.note.textContent}` : name);
    this.marker.style.left = this.position(at);
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.setPlaying(false);
  }

  private position(at: number): string {
    const n = Math.max(1, (this.strip?.months.length ?? 1) - 1);
    return `calc(${THUMB / 2}px + (100% - ${THUMB}px) * ${at / n})`;
  }

  private go(at: number): void {
    this.range.value = String(at);
    this.announce();
  }

  private announce(): void {
    const month = this.strip?.months[Number(this.range.value)];
    if (month) this.changed(month);
  }

  private toggle(): void {
    if (this.timer) return this.stop();
    const last = Number(this.range.max);
    if (Number(this.range.value) >= last) this.go(0);
    this.timer = window.setInterval(() => {
      const next = Number(this.range.value) + 1;
      if (next > last) this.stop();
      else this.go(next);
    }, STEP);
    this.setPlaying(true);
  }

  private setPlaying(on: boolean): void {
    const label = this.texts.t(on ? "web.pause" : "web.play");
    this.play.classList.toggle("playing", on);
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
    this.play.replaceChildren(h("i", { class: on ? "icon-pause" : "icon-play" }));
  }

  private drawYears(): void {
    const months = this.strip?.months ?? [];
    const starts = months
      .map((month, at) => ({ year: month.slice(0, 4), at }))
      .filter(({ year, at }) => at === 0 || year !== months[at - 1]!.slice(0, 4));
    this.years.replaceChildren(
      ...starts.map(({ year, at }, i) => {
        const mark = h("span", {}, year);
        // A first year of a few months only would be written over by the next.
        if (i === 0 && starts.length > 2 && starts[1]!.at < (starts[2]!.at - starts[1]!.at) / 2) mark.textContent = "";
        // On a narrow screen only every other year is written.
        if (i % 2) mark.className = "odd";
        mark.style.left = this.position(at);
        return mark;
      }),
    );
  }

  private draw(): void {
    const { strip, canvas } = this;
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (!strip || !width) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d")!;
    context.scale(scale, scale);
    const pitch = (width - THUMB) / Math.max(1, strip.months.length - 1);
    const bar = Math.min(14, Math.max(1, pitch - (pitch > 4 ? 1 : 0.25)));
    const mixes = strip.months.map(strip.mix);
    const full = Math.max(...mixes.map((mix) => mix.reduce((sum, { share }) => sum + share, 0)), 1e-9);
    strip.months.forEach((month, i) => {
      const x = THUMB / 2 + i * pitch - bar / 2;
      let y = height;
      context.globalAlpha = strip.incomplete(month) ? 0.35 : strip.provisional(month) ? 0.6 : 1;
      context.fillStyle = "#e6e4dc";
      context.fillRect(x, height - 1, bar, 1);
      for (const { colour, share } of mixes[i]!) {
        const tall = (share / full) * height;
        context.fillStyle = colour;
        context.fillRect(x, y - tall, bar, tall);
        y -= tall;
      }
      context.globalAlpha = 1;
      if (strip.incomplete(month) || strip.provisional(month)) {
        context.fillStyle = "#14212b";
        for (let mark = strip.incomplete(month) ? 0 : height - 2; mark < height; mark += 4) context.fillRect(x, mark, bar, 1.5);
      }
    });
  }
}
