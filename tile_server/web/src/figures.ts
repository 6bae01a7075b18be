// Figures by district and month, from `/values`: the small tables that colour the map without a new tile.

import { getJSON } from "./api";
import { hasColumn, hasOffences, type LayerInfo, type Rows, type Value, type Values } from "./model";

const DETAILS = [
  "count", "expected", "lower", "upper", "rate", "magnitude", "standing", "points_12m", "provisional", "suppressed",
  "change_month", "change_year", "change_ytd", "imbalance", "share", "share_peers", "lift",
]; // prettier-ignore

/** A table of figures with its rows and columns found by name. */
export class Table {
  readonly rowOf: Map<string, number>;
  readonly columnOf: Map<string, number>;

  constructor(private readonly values: Values) {
    this.rowOf = new Map(values.months.map((month, i) => [month.slice(0, 7), i]));
    this.columnOf = new Map(values.districts.map((district, i) => [district, i]));
  }

  get districts(): string[] {
    return this.values.districts;
  }

  value(column: string, month: string, district: string): Value {
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
    return [...this.rowOf.keys()].filter((_, i) => rows[i]?.some((value) => value === true || value === 1));
  }
}

export class Figures {
  private readonly cache = new Map<string, Promise<Table>>();

  private load(layer: LayerInfo, offence: string, from: string, to: string, columns: string[]): Promise<Table> {
    const key = [layer.id, offence, from, to, columns.join()].join("|");
    let table = this.cache.get(key);
    if (!table) {
      table = getJSON<Values>(`collections/${layer.id}/values`, {
        offence: hasOffences(layer) ? offence : undefined,
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
  colours(layer: LayerInfo, offence: string): Promise<Table> {
    const months = layer.months ?? [];
    return this.load(layer, offence, months[0] ?? "", months.at(-1) ?? "", [layer.default_column ?? "level"]);
  }

  /** What tooltips, lists and the series need, for the calendar year of a month: fetched once a year of months. */
  details(layer: LayerInfo, offence: string, month: string): Promise<Table> {
    const year = month.slice(0, 4);
    const months = (layer.months ?? []).filter((one) => one.startsWith(year));
    const columns = [layer.default_column ?? "level", ...DETAILS].filter(
      (name, i, all) => hasColumn(layer, name) && all.indexOf(name) === i,
    );
    return this.load(layer, offence, months[0] ?? month, months.at(-1) ?? month, columns);
  }

  /** The sentences on one cell. */
  async words(layer: LayerInfo, offence: string, month: string, district: string, lang: string): Promise<string> {
    if (hasColumn(layer, `text_${lang}`)) {
      const rows = await getJSON<Rows>(`collections/${layer.id}/items`, {
        f: "json", datetime: month, district, offence: hasOffences(layer) ? offence : undefined,
      }); // prettier-ignore
      return String(rows.features[0]?.properties?.[`text_${lang}`] ?? "");
    }
    const answer = await getJSON<{ text?: string | string[] }>("explain", {
      district, offence: hasOffences(layer) ? offence : undefined, datetime: month, lang,
    }); // prettier-ignore
    return Array.isArray(answer.text) ? answer.text.join("\n") : (answer.text ?? "");
  }
}
