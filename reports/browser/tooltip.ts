import { make } from './elements.ts';

/** Pixels between a tooltip and what it is about, and between it and the edge of the window. */
const gap = 14;
const margin = 6;

/** The one box of the page that tells exact values; readers of the screen hear them from the mark itself. */
export class Tooltip {
  private readonly box = make('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: '' });

  /** The element that it stands beside, and moves with. */
  private beside: Element | undefined;

  constructor() {
    document.body.append(this.box);
    addEventListener('scroll', () => this.follow(), { capture: true, passive: true });
    document.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.hide();
    });
  }

  /** Shows a text beside a point of the window. */
  showAt(text: string, x: number, y: number): void {
    this.beside = undefined;
    this.box.textContent = text;
    this.box.hidden = false;
    this.moveTo(x, y);
  }

  /** Shows a text beside an element. */
  showBeside(text: string, target: Element): void {
    this.showAt(text, 0, 0);
    this.beside = target;
    this.follow();
  }

  hide(): void {
    this.box.hidden = true;
  }

  private follow(): void {
    if (!this.beside) return;
    const { left, width, top, height } = this.beside.getBoundingClientRect();
    this.moveTo(left + width / 2, top + height / 2);
  }

  private moveTo(x: number, y: number): void {
    const { box } = this;
    const { offsetWidth: width, offsetHeight: height } = box;
    const right = x + gap + width <= innerWidth - margin;
    const below = y + gap + height <= innerHeight - margin;
    box.style.left = `${Math.max(margin, right ? x + gap : x - gap - width)}px`;
    box.style.top = `${Math.max(margin, below ? y + gap : y - gap - height)}px`;
  }
}
