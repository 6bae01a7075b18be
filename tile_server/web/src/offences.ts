// The codebook as a tree for the offence list.

import type { Option } from "./combobox";
import type { Texts } from "./i18n";
import type { Properties, Rows } from "./model";

export class Offences {
  private readonly rows = new Map<string, Properties>();

  constructor(rows: Rows) {
    for (const feature of rows.features) {
      const row = feature.properties ?? {};
      const code = String(row["offence"] ?? row["code"] ?? feature.id ?? "");
      if (code) this.rows.set(code, row);
    }
  }

  name(texts: Texts, code: string): string {
    const row = this.rows.get(code);
    return (row && texts.name(row)) || (code === "all" ? texts.t("web.all_offences") : code);
  }

  /** Of the offences of a layer, the parts of one; where it has none, those that it stands among. */
  parts(code: string, codes: string[]): string[] {
    const parent = (one: string) => String(this.rows.get(one)?.["parent"] ?? "");
    const below = (above: string) => codes.filter((one) => above && parent(one) === above);
    return below(code).length ? below(code) : below(parent(code));
  }

  /** Of the offences of a layer, one with all that it is made of. */
  within(code: string, codes: string[]): string[] {
    const above = (one: string): string[] => {
      const row = this.rows.get(one);
      const parent = String(row?.["parent"] ?? "");
      return [one, String(row?.["severity"] ?? ""), ...(parent ? above(parent) : [])];
    };
    return codes.filter((one) => above(one).includes(code));
  }

  /** The offences of a layer, parents before their parts; severities, another roll-up of the same, after them. */
  options(texts: Texts, codes: string[]): Option[] {
    const offered = new Set(codes);
    const severe = (code: string) => this.rows.get(code)?.["kind"] === "severity";
    const children = new Map<string, string[]>();
    for (const code of codes) {
      if (severe(code)) continue;
      let parent = String(this.rows.get(code)?.["parent"] ?? "");
      // A parent that the layer lacks is passed over, so that its parts are still found.
      while (parent && !offered.has(parent)) parent = String(this.rows.get(parent)?.["parent"] ?? "");
      children.set(parent, [...(children.get(parent) ?? []), code]);
    }
    const out: Option[] = [];
    const walk = (code: string, depth: number) => {
      out.push({ id: code, text: this.name(texts, code), depth });
      for (const child of children.get(code) ?? []) walk(child, depth + 1);
    };
    for (const root of children.get("") ?? []) walk(root, 0);
    const severities = codes.filter(severe);
    if (severities.length) {
      out.push({ id: "", text: texts.t("web.by_severity"), heading: true });
      out.push(...severities.map((code) => ({ id: code, text: this.name(texts, code), depth: 1 })));
    }
    return out;
  }
}
