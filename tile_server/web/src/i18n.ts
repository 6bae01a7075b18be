// Sentences from the project's message files, numbers and months in the reader's language.

import { type Formatters, IntlMessageFormat } from "intl-messageformat";
import { getJSON } from "./api";
import type { Labels } from "./model";

/** Chromium comes without Kazakh numbers and writes them the English way; in Kazakh they are as in Russian. */
const NUMBERS_OF: Record<string, string> = { kk: "ru" };
/** Below this a number is told by its first digits: a p of .00002 is not 0, nor is one of .0025 .003. */
const SMALL = 0.01;
/** Beyond these it is told by its power of ten: nobody counts thirty zeros. */
const [TINY, VAST] = [1e-6, 1e12];

/** Numbers and months as we write them; a month arrives as "2022-08". */
const formatters = (month: (value: string) => string): Formatters => ({
  getNumberFormat: (locales, options) => {
    const [usual, small] = [new Intl.NumberFormat(locales, options), new Intl.NumberFormat(locales, { ...options, maximumSignificantDigits: 2 })];
    const vast = new Intl.NumberFormat(locales, { ...options, maximumSignificantDigits: 2, notation: "scientific" });
    const format = (value: number | bigint) => {
      const size = Math.abs(Number(value));
      return (size && (size < TINY || size > VAST) ? vast : size && size < SMALL ? small : usual).format(value);
    };
    return { format } as Intl.NumberFormat;
  },
  getDateTimeFormat: () => ({ format: (value) => month(String(value)) }) as Intl.DateTimeFormat,
  getPluralRules: (...given) => new Intl.PluralRules(...given),
});
/** Chances below it are not told apart. */
const LEAST = 0.0001;
const REMEMBERED = "audan-language";

export class Texts {
  private readonly formats = new Map<string, IntlMessageFormat>();
  private readonly numbers = new Map<number, Intl.NumberFormat>();
  private readonly formatters = formatters((value) => this.month(value));

  constructor(
    readonly language: string,
    private readonly messages: Record<string, string>,
  ) {
  }

  has(code: string): boolean {
    return code in this.messages;
  }

  /** The sentence of a code; the code itself where the message file lacks it, so that the gap is seen. */
  t(code: string, values: Record<string, string | number> = {}): string {
    const message = this.messages[code];
    if (message === undefined) return code;
    let format = this.formats.get(code);
    if (!format) {
      format = new IntlMessageFormat(message, NUMBERS_OF[this.language] ?? this.language, undefined, { formatters: this.formatters });
      this.formats.set(code, format);
    }
    return String(format.format(values));
  }

  /** One of several labels by language: ours, else English, else any. */
  pick(labels: Labels | string | null | undefined): string {
    if (!labels) return "";
    if (typeof labels === "string") return labels;
    return labels[this.language] ?? labels["en"] ?? Object.values(labels)[0] ?? "";
  }

  /** `name_<lang>` of a row, else `name`. */
  name(row: Record<string, unknown>, column = "name"): string {
    for (const key of [`${column}_${this.language}`, column, `${column}_en`]) {
      if (typeof row[key] === "string" && row[key]) return row[key];
    }
    return "";
  }

  number(value: unknown, digits = 0): string {
    if (typeof value !== "number" || !Number.isFinite(value)) return "–";
    let format = this.numbers.get(digits);
    if (!format) {
      format = new Intl.NumberFormat(NUMBERS_OF[this.language] ?? this.language, { maximumFractionDigits: digits });
      this.numbers.set(digits, format);
    }
    return format.format(value);
  }

  /** A magnitude: always one decimal, since lists of them are compared. */
  magnitude(value: unknown): string {
    if (typeof value !== "number") return "–";
    return new Intl.NumberFormat(NUMBERS_OF[this.language] ?? this.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
  }

  /** The name of a field of the cards: in words where the message files have it. */
  attribute(code: string): string {
    return this.has(`attribute.${code}`) ? this.t(`attribute.${code}`) : code.replaceAll("_", " ");
  }

  /** An expected count: one decimal while it is small, where the decimal matters. */
  amount(value: unknown): string {
    return this.number(value, typeof value === "number" && Math.abs(value) < 20 ? 1 : 0);
  }

  /** A share in percent; of a change with its sign. */
  percent(value: number, signed: boolean): string {
    return new Intl.NumberFormat(NUMBERS_OF[this.language] ?? this.language, {
      style: "percent", maximumFractionDigits: Math.abs(value) < 0.1 ? 1 : 0, signDisplay: signed ? "exceptZero" : "auto",
    }).format(value).replace("-", "\u2212"); // prettier-ignore
  }

  /** A share in percent, a dash where there is none. */
  share(value: unknown): string {
    return typeof value === "number" ? this.percent(value, false) : "–";
  }

  /** A month's name from the messages: browsers lack those of Kazakh. A row of a year is that year. */
  month(month: string, period?: string | null): string {
    if (period === "year") return month.slice(0, 4);
    return this.t("web.month_year", { month: this.t(`web.month.${month.slice(5, 7)}`), year: month.slice(0, 4) });
  }

  /** From one month to another; one month alone where they are the same. */
  span(first: string, last: string): string {
    const [from, to] = [this.month(first), this.month(last)];
    return from === to ? from : this.t("web.break_span", { from, to });
  }

  /** A chance: two digits that matter, unless it is as good as none. */
  small(value: unknown): string {
    if (typeof value !== "number") return "–";
    if (value < LEAST) return `< ${this.number(LEAST, 4)}`;
    return new Intl.NumberFormat(NUMBERS_OF[this.language] ?? this.language, { maximumSignificantDigits: 2 }).format(value);
  }

  /** "Dec", or "Dec ’25" where months of several years stand side by side. */
  monthShort(month: string, withYear = false, period?: string | null): string {
    if (period === "year") return month.slice(0, 4);
    return this.t(`web.month_short.${month.slice(5, 7)}`) + (withYear ? ` ’${month.slice(2, 4)}` : "");
  }
}

export async function loadTexts(language: string): Promise<Texts> {
  return new Texts(language, await getJSON<Record<string, string>>(`messages/${language}.json`));
}

/** What the reader would like, before the catalogue says what the area offers. */
export function wantedLanguages(fromHash: string | undefined): string[] {
  let remembered: string | null = null;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    // Storage may be forbidden; the browser's languages are enough then.
  }
  return [fromHash, remembered, ...navigator.languages.map((tag) => tag.slice(0, 2))].filter(
    (tag): tag is string => Boolean(tag),
  );
}

export function rememberLanguage(language: string): void {
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // As above.
  }
}
