/** Classes that tell what belongs together. */
const series = /^(series-\w+|shade-\d+|evidence-\w+|good|bad|unsure)$/;

/**
 * Turns the names of a legend into buttons: pointed at, or pressed, a series stands out and all others stand back.
 * Several may be pressed; Tab comes to one of them, the arrows go to its neighbours.
 */
export function enlivenLegend(svg: SVGSVGElement): void {
  const members = [...svg.querySelectorAll<SVGElement>('[class]')].flatMap((element) => {
    const name = seriesOf(element);
    return name === undefined ? [] : [{ element, name }];
  });
  const entries = [...svg.querySelectorAll<SVGElement>('text.label')].flatMap((label) => {
    const before = label.previousElementSibling;
    const name = before ? seriesOf(before) : undefined;
    return name === undefined ? [] : [{ label, name }];
  });
  if (entries.length < 2) return;
  const pressed = new Set<string>();
  const bringOut = (names: ReadonlySet<string>) => {
    for (const { element, name } of members) {
      const isFaded = names.size > 0 && !names.has(name);
      for (const one of [element, ...intervalBefore(element)]) one.classList.toggle('faded', isFaded);
    }
  };
  entries.forEach(({ label, name }, index) => {
    label.setAttribute('role', 'button');
    label.setAttribute('aria-pressed', 'false');
    label.setAttribute('tabindex', index === 0 ? '0' : '-1');
    const press = () => {
      if (!pressed.delete(name)) pressed.add(name);
      label.setAttribute('aria-pressed', String(pressed.has(name)));
      bringOut(pressed);
    };
    label.addEventListener('click', press);
    label.addEventListener('pointerenter', () => bringOut(new Set([...pressed, name])));
    label.addEventListener('pointerleave', () => bringOut(pressed));
    label.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && entries[index + step];
      if (event.key === 'Enter' || event.key === ' ') press();
      else if (next) {
        label.setAttribute('tabindex', '-1');
        next.label.setAttribute('tabindex', '0');
        next.label.focus();
      } else return;
      event.preventDefault();
    });
  });
}

function seriesOf(element: Element): string | undefined {
  return [...element.classList].find((name) => series.test(name));
}

/** The whisker of a symbol and the light rim under it, which are drawn before it. */
function intervalBefore(element: Element): Element[] {
  const found: Element[] = [];
  let before = element.previousElementSibling;
  while (before?.matches('.whisker,.halo')) {
    found.push(before);
    before = before.previousElementSibling;
  }
  return found;
}
