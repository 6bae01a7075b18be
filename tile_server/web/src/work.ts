// Whether anything is under way, said where everyone can read it: `aria-busy` of an element.

export class Work {
  private pieces = 0;

  constructor(private readonly element: HTMLElement) {}

  /** Be busy until a piece of work has ended, well or not. */
  async until<T>(piece: Promise<T>): Promise<T> {
    this.count(1);
    try {
      return await piece;
    } finally {
      this.count(-1);
    }
  }

  private count(by: number): void {
    this.pieces += by;
    this.element.setAttribute("aria-busy", String(this.pieces > 0));
  }
}
