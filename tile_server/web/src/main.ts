// Start: what the server offers, in which language, and then the screen.

import { App } from "./app";
import { getJSON } from "./api";
import { h } from "./dom";
import { loadTexts, wantedLanguages } from "./i18n";
import type { Catalogue } from "./model";
import { readHash } from "./state";

// Fetched beside the catalogue rather than after it: the map is the largest part.
void import("./map");

/** For the one case in which no message file can be had: the three languages side by side. */
const UNREACHABLE = [
  "The server does not answer. Try again in a moment.",
  "Сервер не отвечает. Попробуйте ещё раз чуть позже.",
  "Сервер жауап бермейді. Біраздан кейін қайталап көріңіз.",
];

async function start(): Promise<void> {
  const root = document.getElementById("app")!;
  try {
    const wanted = wantedLanguages(readHash().lang);
    // Asked for at once, before the catalogue says which languages the area has: it mostly has this one.
    const guessed = wanted[0] && /^(en|ru|kk)$/.test(wanted[0]) ? wanted[0] : "en";
    const [catalogue, guess] = await Promise.all([getJSON<Catalogue>("catalogue"), loadTexts(guessed).catch(() => null)]);
    const offered = catalogue.area.languages;
    const language = wanted.find((tag) => offered.includes(tag)) ?? offered[0] ?? "en";
    const texts = guess && language === guessed ? guess : await loadTexts(language);
    await new App(root, catalogue).start(texts);
  } catch (error) {
    console.warn(error);
    root.replaceChildren(
      h("div", { class: "plain", role: "alert" }, ...UNREACHABLE.map((text) => h("p", {}, text)),
        h("button", { type: "button", onclick: () => location.reload() }, "↻")),
    ); // prettier-ignore
  } finally {
    root.removeAttribute("aria-busy");
  }
}

void start();
