// Figures by district and month, from `/values`: the small tables that colour the map without a new tile.

import { getJSON } from "./api";
import { hasAttributes, hasColumn, hasOffences, type LayerInfo, type Properties, type Rows, type Value, type Values } from "./model";

const DETAILS = [
  "count", "expected", "lower", "upper", "rate", "magnitude", "standing", "points_12m", "provisional", "suppressed",
  "change_month", "change_year", "ytd_last_year", "change_ytd", "imbalance", "p_value", "share", "share_peers",
  "lift", "cards", "share_filled", "expected_share", "q_value", "gi_star", "pattern",
]; // prettier-ignore

/** Which rows of a layer: those of an offence, or of a field of the cards. */
export interface What {
  offence: string;
  attribute: string;
}

/** A message and what it is filled with. */
export interface Item {
  code: string;
  values: Record<string, string | number>;
}

export interface Told {
  text: string;
  /** What was tested behind a signal of `dynamics`. */
  evidence: Item[];
}

interface Answer {
  text?: string | string[];
  story?: { dynamics?: { evidence?: Item[] } | null };
}

/** A table of figures with its rows and columns found by name. */
export class Table {
  readonly rowOf: Map<string, number>;
  readonly columnOf: Map<string, number>;

  constructor(
    private readonly values: Values,
    private readonly lent: Table | null = null,
  ) {
    this.rowOf = new Map(values.months.map((month, i) => [month.slice(0, 7), i]));
    this.columnOf = new Map(values.districts.map((district, i) => [district, i]));
  }

  get districts(): string[] {
    return this.values.districts;
  }

  /** This table with another's columns beside its own. */
  beside(lent: Table): Table {
    return new Table(this.values, lent);
  }

  /** Whether a month is known, here or beside. */
  has(month: string): boolean {
    return this.rowOf.has(month) || Boolean(this.lent?.has(month));
  }

  value(column: string, month: string, district: string): Value {
    if (this.lent && !(column in this.values.columns)) return this.lent.value(column, month, district);
    const row = this.rowOf.get(month);
    const at = this.columnOf.get(district);
    if (row === undefined || at === undefined) return null;
    return this.values.columns[column]?.[row]?.[at] ?? null;
  }

  number(column: string, month: string, district: string): number | null {
    const value = this.value(column, month, district);
    return typeof value === "number" ? value : null;
  }

  /** The months in which any district has a true value, e.g. of `provisional`. */
  monthsWith(column: string): string[] {
    const rows = this.values.columns[column] ?? [];
    if (this.lent && !(column in this.values.columns)) return this.lent.monthsWith(column);
    return [...this.rowOf.keys()].filter((_, i) => rows[i]?.some((value) => value === true || value === 1));
  }
}

export class Figures {
  private readonly cache = new Map<string, Promise<Table>>();

  private load(layer: LayerInfo, what: What, from: string, to: string, columns: string[]): Promise<Table> {
    const key = [layer.id, what.offence, what.attribute, from, to, columns.join()].join("|");
    let table = this.cache.get(key);
    if (!table) {
      table = getJSON<Values>(`collections/${layer.id}/values`, {
        offence: hasOffences(layer) ? what.offence : undefined,
        attribute: hasAttributes(layer) ? what.attribute : undefined,
        datetime: from === to ? from : `${from}/${to}`,
        properties: columns.join(","),
      }).then((values) => new Table(values));
      this.cache.set(key, table);
      // A failure is not remembered, so that the next look tries again.
      table.catch(() => this.cache.delete(key));
    }
    return table;
  }

  /** The column that colours the map, for every month of the layer. */
  colours(layer: LayerInfo, what: What): Promise<Table> {
    const months = layer.months ?? [];
    return this.load(layer, what, months[0] ?? "", months.at(-1) ?? "", [layer.default_column ?? "level"]);
  }

  /** What tooltips, lists and the series need, for the calendar year of a month: fetched once a year of months. */
  async details(layer: LayerInfo, what: What, month: string): Promise<Table> {
    const year = month.slice(0, 4);
    const months = (layer.months ?? []).filter((one) => one.startsWith(year));
    const columns = [layer.default_column ?? "level", ...DETAILS].filter(
      (name, i, all) => hasColumn(layer, name) && all.indexOf(name) === i,
    );
    const { lender, columns: lent } = layer.borrowed ?? { lender: null, columns: [] as string[] };
    const [first, last] = [months[0] ?? month, months.at(-1) ?? month];
    const own = this.load(layer, what, first, last, columns.filter((name) => !lent.includes(name)));
    if (!lender) return own;
    return (await own).beside(await this.load(lender, what, first, last, lent));
  }

  /** The shares of some offences in a district's month. */
  async mix(layer: LayerInfo, offences: string[], month: string, district: string): Promise<Properties[]> {
    const rows = await getJSON<Rows>(`collections/${layer.id}/items`, {
      f: "json", datetime: month, district, offence: offences.join(","), limit: offences.length,
      properties: ["district", "offence", "month", "share", "share_peers"].join(","),
    }); // prettier-ignore
    return rows.features.map((feature) => feature.properties ?? {});
  }

  /** What is told of one cell. */
  async words(layer: LayerInfo, offence: string, month: string, district: string, lang: string): Promise<Told> {
    if (hasColumn(layer, `text_${lang}`)) {
      const rows = await getJSON<Rows>(`collections/${layer.id}/items`, {
        f: "json", datetime: month, district, offence: hasOffences(layer) ? offence : undefined,
      }); // prettier-ignore
      return { text: String(rows.features[0]?.properties?.[`text_${lang}`] ?? ""), evidence: [] };
    }
    const answer = await getJSON<Answer>("explain", {
      district, offence: hasOffences(layer) ? offence : undefined, datetime: month, lang,
    }); // prettier-ignore
    const text = Array.isArray(answer.text) ? answer.text.join("\n") : (answer.text ?? "");
    return { text, evidence: layer.id === "dynamics" ? (answer.story?.dynamics?.evidence ?? []) : [] };
  }
}
