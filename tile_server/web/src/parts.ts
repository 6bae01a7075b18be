// What a district's offences are made of: a bar for each part, and a mark where similar districts have it.

import { h } from "./dom";
import type { Texts } from "./i18n";
import type { Properties } from "./model";

export interface Part {
  name: string;
  share: number;
  peers: number | null;
}

/** The rows of `structure` as parts, the largest first. */
export function partsOf(rows: Properties[], name: (code: string) => string): Part[] {
  return rows
    .filter((row) => typeof row["share"] === "number")
    .map((row) => ({
      name: name(String(row["offence"])), share: row["share"] as number,
      peers: typeof row["share_peers"] === "number" ? row["share_peers"] : null,
    })) // prettier-ignore
    .sort((a, b) => b.share - a.share);
}

export function bars(texts: Texts, parts: Part[]): HTMLElement | null {
  // One part alone, or none of any, is no mix.
  if (parts.length < 2 || parts.every((part) => part.share === 0)) return null;
  const most = Math.max(...parts.flatMap((part) => [part.share, part.peers ?? 0]), 1e-9);
  const list = h("ul", {});
  for (const part of parts) {
    const bar = h("i", { class: "own" });
    bar.style.width = `${(100 * part.share) / most}%`;
    const track = h("span", { class: "bar" }, bar);
    if (part.peers !== null) {
      const mark = h("i", { class: "peers" });
      mark.style.left = `${(100 * part.peers) / most}%`;
      track.append(mark);
    }
    const peers = part.peers === null ? null : h("small", { title: texts.t("web.mix_peers") }, texts.share(part.peers));
    list.append(h("li", {}, h("span", { class: "part" }, part.name), h("span", {}, h("b", {}, texts.share(part.share)), " ", peers), track));
  }
  return h(
    "section",
    { class: "parts" },
    h("h3", {}, texts.t("web.mix")),
    list,
    h("p", { class: "key" }, h("span", {}, h("i", { class: "key-own" }), texts.t("web.mix_own")), h("span", {}, h("i", { class: "key-peers" }), texts.t("web.mix_peers"))),
  );
}
