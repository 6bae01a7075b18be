// Who uses the keyboard must not be thrown back to the top of the page where a part of it is built anew.

/** How an element is found again among those that take the place of its own. */
function mark(element: Element): string {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const { found, district } = (element as HTMLElement).dataset;
  if (found) return `button[data-found="${CSS.escape(found)}"]`;
  if (district) return `button[data-district="${CSS.escape(district)}"]`;
  const classes = [...element.classList].map((one) => `.${CSS.escape(one)}`).join("");
  return element.localName + classes;
}

/** Focus an element, also one that is folded away, and scroll to it where asked; false where there is none. */
export function focusOn(element: Element | null | undefined, scroll = true): boolean {
  if (!(element instanceof HTMLElement)) return false;
  const folded = element.closest("details");
  if (folded && element.localName !== "summary") folded.open = true;
  element.focus({ preventScroll: !scroll });
  return true;
}

/**
 * Put other content into a slot. Focus that was within it goes to what stands for the same thing now, else to the first
 * of `otherwise` that is there; focus that is elsewhere stays.
 */
export function refill(slot: HTMLElement, content: Node[], ...otherwise: string[]): void {
  const had = document.activeElement;
  const within = had !== slot && slot.contains(had);
  slot.replaceChildren(...content);
  if (!within || !had || had.isConnected) return;
  [mark(had), ...otherwise].some((one) => focusOn(slot.querySelector(one), false));
}

/** Move an element to after another, with the focus that is within it. */
export function putAfter(anchor: Element, element: HTMLElement): void {
  if (anchor.nextElementSibling === element) return;
  const had = document.activeElement;
  anchor.after(element);
  if (had instanceof HTMLElement && element.contains(had)) had.focus({ preventScroll: true });
}
