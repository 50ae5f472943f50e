import type { Tooltip } from './tooltip.ts';

/**
 * Lets the keyboard walk over what a drawing tells: Tab comes to one mark of it, the arrows go to its neighbours. The
 * browser's own tooltips go, their text becomes the name of each mark.
 */
export function makeWalkable(figure: HTMLElement, svg: SVGSVGElement, tooltip: Tooltip): void {
  nameDrawing(svg);
  const marks = [...svg.querySelectorAll<SVGElement>('.mark')];
  for (const mark of marks) takeTitle(mark);
  if (marks.length === 0) return;
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-roledescription', 'chart; arrow keys go over its values');
  marks[0].setAttribute('tabindex', '0');
  let at = 0;
  const goTo = (next: number) => {
    marks[at].setAttribute('tabindex', '-1');
    at = Math.max(0, Math.min(next, marks.length - 1));
    marks[at].setAttribute('tabindex', '0');
    marks[at].focus();
  };
  // Not on the drawing itself, which that would make a stop of its own in Chromium.
  figure.addEventListener('focusin', ({ target }) => {
    const mark = markAt(target);
    if (!mark) return;
    at = marks.indexOf(mark);
    tooltip.showBeside(textOf(mark), mark);
  });
  figure.addEventListener('focusout', () => tooltip.hide());
  figure.addEventListener('keydown', (event) => {
    if (!markAt(event.target)) return;
    const next = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    goTo(next);
  });
}

/** The mark that an event is about. */
export function markAt(target: EventTarget | null): SVGElement | undefined {
  return (target instanceof Element && target.closest<SVGElement>('.mark')) || undefined;
}

/** What a mark tells, a value a line. */
export function textOf(mark: SVGElement): string {
  return mark.getAttribute('aria-label') ?? '';
}

function takeTitle(mark: SVGElement): void {
  const title = mark.querySelector(':scope > title');
  mark.setAttribute('aria-label', title?.textContent ?? '');
  mark.setAttribute('role', 'img');
  title?.remove();
}

/** A title of the whole would be a tooltip over all of it. */
function nameDrawing(svg: SVGSVGElement): void {
  const title = svg.querySelector(':scope > title');
  const description = svg.querySelector(':scope > desc');
  svg.removeAttribute('aria-labelledby');
  svg.setAttribute('aria-label', title?.textContent ?? '');
  if (description) svg.setAttribute('aria-describedby', description.id);
  title?.remove();
}
