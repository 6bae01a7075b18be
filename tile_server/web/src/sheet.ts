// The panel as a bottom sheet on narrow screens: three heights, by drag, tap or key.

import { h } from "./dom";

export type Height = "peek" | "half" | "full";
const HEIGHTS: Height[] = ["peek", "half", "full"];
const DRAG = 40;

export class Sheet {
  readonly handle: HTMLButtonElement;
  private from = 0;
  private moved = false;

  constructor(
    private readonly panel: HTMLElement,
    label: string,
    private readonly resized: () => void,
  ) {
    this.handle = h("button", { type: "button", class: "sheet-handle", "aria-label": label, "aria-controls": "panel" }, h("i", {}));
    this.handle.addEventListener("pointerdown", (event) => {
      this.from = event.clientY;
      this.moved = false;
      this.handle.setPointerCapture(event.pointerId);
    });
    this.handle.addEventListener("pointermove", (event) => {
      if (!this.handle.hasPointerCapture(event.pointerId) || Math.abs(event.clientY - this.from) < DRAG) return;
      this.step(event.clientY < this.from ? 1 : -1);
      this.from = event.clientY;
      this.moved = true;
    });
    this.handle.addEventListener("click", () => {
      if (!this.moved) this.set(this.height === "peek" ? "half" : "peek");
      this.moved = false;
    });
    this.set(this.height);
  }

  get height(): Height {
    return (this.panel.dataset["height"] as Height | undefined) ?? "peek";
  }

  set(height: Height): void {
    this.panel.dataset["height"] = height;
    this.handle.setAttribute("aria-expanded", String(height !== "peek"));
    this.resized();
  }

  private step(by: number): void {
    const at = HEIGHTS.indexOf(this.height) + by;
    const next = HEIGHTS[Math.max(0, Math.min(HEIGHTS.length - 1, at))];
    if (next) this.set(next);
  }
}
