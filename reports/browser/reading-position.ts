/** Pixels below the top of the window at which a part begins to be read. */
const readingLine = 160;

/** Marks in the navigation which part is being read: the last one that has come up to the reading line. */
export function followReading(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('nav a')];
  const parts = links.flatMap((link) => {
    const target = document.getElementById(link.hash.slice(1));
    return target ? [{ link, target }] : [];
  });
  let isAsked = false;
  let shown: HTMLAnchorElement | undefined;
  const update = () => {
    isAsked = false;
    const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const passed = parts.filter(({ target }) => target.getBoundingClientRect().top < readingLine);
    const current = isAtEnd ? parts.at(-1) : (passed.at(-1) ?? parts[0]);
    for (const { link } of parts) {
      if (link === current?.link) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    if (current && current.link !== shown) keepInView(current.link);
    shown = current?.link;
  };
  const ask = () => {
    if (!isAsked) requestAnimationFrame(update);
    isAsked = true;
  };
  addEventListener('scroll', ask, { passive: true });
  addEventListener('resize', ask, { passive: true });
  ask();
}

/** The navigation is a column that may be higher than the window, or a strip that may be wider. */
function keepInView(link: HTMLAnchorElement): void {
  const strip = link.closest('ol')!;
  const column = link.closest('nav')!;
  strip.scrollLeft = link.offsetLeft - strip.clientWidth / 4;
  column.scrollTop = link.offsetTop - column.clientHeight / 2;
}
