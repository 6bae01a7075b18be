// A searchable list after the ARIA combobox pattern; a tree is shown by indentation.

import { h } from "./dom";

export interface Option {
  id: string;
  text: string;
  note?: string;
  depth?: number;
  heading?: boolean;
}

export interface ComboboxSettings {
  id: string;
  label: string;
  placeholder: string;
  nothing: string;
  options: () => Option[];
  /** Text that stands in the field while it is not being searched. */
  shown: () => string;
  pick: (id: string) => void;
  chosen?: () => string;
}

const MOST = 400;

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export class Combobox {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly list: HTMLUListElement;
  private found: Option[] = [];
  private active = -1;

  constructor(private readonly settings: ComboboxSettings) {
    const { id, label, placeholder } = settings;
    this.list = h("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, class: "options", hidden: true });
    this.input = h("input", {
      id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder,
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
      onfocus: () => this.input.select(), onclick: () => this.open(),
      oninput: () => { this.open(); this.filter(this.input.value); },
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onblur: () => this.close(),
    }); // prettier-ignore
    this.element = h("div", { class: "field combobox" }, h("label", { for: id }, label), h("div", { class: "combobox-box" }, this.input, this.list));
    this.refresh();
  }

  refresh(): void {
    if (this.list.hidden) this.input.value = this.settings.shown();
  }

  private open(): void {
    if (!this.list.hidden) return;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.filter("");
    const at = this.found.findIndex((option) => option.id === this.settings.chosen?.());
    this.setActive(at);
  }

  private close(): void {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.refresh();
  }

  private filter(query: string): void {
    const words = plain(query).split(/\s+/).filter(Boolean);
    const matches = (option: Option) => words.every((word) => plain(`${option.text} ${option.note ?? ""} ${option.id}`).includes(word));
    this.found = this.settings
      .options()
      .filter((option) => (option.heading ? !words.length : matches(option)))
      .slice(0, MOST);
    this.active = -1;
    this.list.replaceChildren(...this.found.map((option, i) => this.row(option, i)));
    if (!this.found.length) this.list.append(h("li", { class: "nothing", role: "presentation" }, this.settings.nothing));
    if (words.length) this.setActive(this.found.findIndex((option) => !option.heading));
  }

  private row(option: Option, i: number): HTMLLIElement {
    if (option.heading) return h("li", { class: "heading", role: "presentation" }, option.text);
    const depth = Math.min(option.depth ?? 0, 4);
    return h(
      "li",
      {
        id: `${this.settings.id}-${i}`, role: "option", class: `option depth-${depth}`,
        "aria-selected": String(option.id === this.settings.chosen?.()),
        // A press would take the focus, and with it the list, before the click.
        onpointerdown: (event: Event) => event.preventDefault(),
        onclick: () => this.choose(i),
      },
      h("span", {}, option.text),
      option.note && h("small", {}, option.note),
    ); // prettier-ignore
  }

  private choose(i: number): void {
    const option = this.found[i];
    if (!option || option.heading) return;
    this.close();
    this.settings.pick(option.id);
    this.refresh();
  }

  private setActive(i: number): void {
    this.list.children[this.active]?.classList.remove("active");
    this.active = i;
    const row = this.list.children[i];
    if (!row) return void this.input.removeAttribute("aria-activedescendant");
    row.classList.add("active");
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      let next = this.active + step;
      while (this.found[next]?.heading) next += step;
      if (next >= 0 && next < this.found.length) this.setActive(next);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape") {
      this.close();
    }
  }
}
