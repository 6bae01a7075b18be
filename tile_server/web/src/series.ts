// The past twelve months of one district as a small drawing: counts as dots, the usual range as a band.

import { h, s } from "./dom";
import type { Texts } from "./i18n";
import { type Break, serial } from "./model";

export interface Point {
  month: string;
  value: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
  colour: string;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [330, 132, 38, 8, 8, 22];

/** Round numbers for the axis: at most four, from zero. */
export function ticks(most: number): number[] {
  const rough = Math.max(most, 1e-9) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough)!;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => i * step);
}

export function series(texts: Texts, points: Point[], chosen: string, caption: string, period?: string | null, breaks: Break[] = [], shares = false): HTMLElement {
  const write = (value: number): string => (shares ? texts.share(value) : texts.number(value, 1));
  const most = Math.max(shares ? 0.01 : 1, ...points.flatMap((p) => [p.value, p.upper, p.expected].map((value) => value ?? 0)));
  const axis = ticks(most);
  const top = axis.at(-1)!;
  const x = (i: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (i + 0.5)) / points.length;
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  const half = (WIDTH - LEFT - RIGHT) / points.length / 2;
  const band = points.map((p, i) =>
    p.lower === null || p.upper === null
      ? null
      : s("rect", { class: "band", x: x(i) - half, width: 2 * half, y: y(p.upper), height: Math.max(1, y(p.lower) - y(p.upper)) }),
  );
  const expected = points.map((p, i) =>
    p.expected === null ? null : s("line", { class: "expected", x1: x(i) - half, x2: x(i) + half, y1: y(p.expected), y2: y(p.expected) }),
  );
  const line = points
    .map((p, i) => (p.value === null ? "" : `${i === 0 || points[i - 1]!.value === null ? "M" : "L"}${x(i)},${y(p.value)}`))
    .join("");
  const dots = points.map((p, i) => {
    if (p.value === null) return null;
    const dot = s("circle", { class: p.month === chosen ? "dot now" : "dot", cx: x(i), cy: y(p.value), r: p.month === chosen ? 5.5 : 3.8, fill: p.colour });
    dot.append(s("title", {}, `${texts.month(p.month, period)}: ${shares ? texts.share(p.value) : texts.amount(p.value)}`));
    return dot;
  });
  // A line stands before the first row of the new state; a span is shaded, for nothing is learnt from it.
  const marks = breaks.map((one, number) => {
    const reach = (p: Point) => (period === "year" ? `${p.month.slice(0, 4)}-12` : p.month);
    const from = Math.max(0, points.findIndex((p) => reach(p) >= one.from));
    const upto = points.filter((p) => p.month <= (one.to ?? one.from)).length;
    const at = Math.min(Math.max(x(from) - half, LEFT + 1), WIDTH - RIGHT - 1);
    const mark = s("g", { class: "break", "data-break": one.id });
    mark.append(s("title", {}, texts.pick(one.name)));
    if (one.to && upto > from) mark.append(s("rect", { class: "span", x: at, width: (upto - from) * 2 * half, y: TOP, height: HEIGHT - TOP - BOTTOM }));
    mark.append(s("line", { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }));
    mark.append(s("text", { x: at + (at > WIDTH / 2 ? -3 : 3), y: TOP + 9 + 11 * (breaks.slice(0, number).filter((b) => b.from === one.from).length), "text-anchor": at > WIDTH / 2 ? "end" : "start" }, String(number + 1)));
    return mark;
  });
  const last = points.length - 1;
  const years = last > 0 && serial(points[last]!.month) - serial(points[0]!.month) >= 12;
  const every = years ? 3 : points.length > 8 ? 2 : 1;
  const labels = points.map((p, i) =>
    (last - i) % every ? null : s("text", { class: p.month === chosen ? "tick now" : "tick", x: x(i), y: HEIGHT - 6, "text-anchor": i === last && years ? "end" : "middle", dx: i === last && years ? half : 0 }, texts.monthShort(p.month, years, period)),
  );
  return h(
    "figure",
    { class: "series" },
    h("figcaption", {}, caption),
    s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": caption },
      ...axis.map((value) =>
        s("g", {}, s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }), s("text", { class: "tick", x: LEFT - 6, y: y(value) + 3.5, "text-anchor": "end" }, write(value))),
      ),
      ...band,
      ...expected,
      ...marks,
      s("path", { class: "line", d: line }),
      ...dots,
      ...labels,
    ),
  );
}
