// What was tested behind a signal: each test with its numbers, those that speak for a check first.

import { h } from "./dom";
import type { Item } from "./figures";
import type { Texts } from "./i18n";

/** The evidence as a list; null where there is none, as in the public edition. */
export function evidence(texts: Texts, items: Item[], offence: (code: string) => string, heading = "web.evidence"): HTMLElement | null {
  const known = items.filter((one) => texts.has(one.code));
  if (!known.length) return null;
  const holds = (one: Item): boolean | null => ("holds" in one.values ? one.values["holds"] === "yes" : null);
  // What holds, then what was tested in vain, then what merely describes.
  const rank = (one: Item): number => ({ true: 0, false: 1, null: 2 })[String(holds(one))] ?? 2;
  return h(
    "section",
    { class: "evidence" },
    h("h3", {}, texts.t(heading)),
    h(
      "ul",
      {},
      ...known.toSorted((a, b) => rank(a) - rank(b)).map((one) => {
        const held = holds(one);
        const values = { ...one.values };
        if (typeof values["offence"] === "string") values["offence"] = offence(values["offence"]);
        if (typeof values["attribute"] === "string") values["attribute"] = texts.attribute(values["attribute"]);
        const proxy = `proxy.${values["proxy"]}`;
        if (texts.has(proxy)) values["proxy"] = texts.t(proxy);
        return h(
          "li",
          { class: held === null ? "told" : held ? "held" : "failed", "data-test": one.code },
          held === null ? null : h("b", {}, texts.t(held ? "web.evidence_for" : "web.evidence_other")),
          h("span", {}, texts.t(one.code, values)),
        );
      }),
    ),
  );
}
