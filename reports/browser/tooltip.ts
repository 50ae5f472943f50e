import { make } from './elements.ts';

/** Pixels between a tooltip and what it is about, and between it and the edge of the window. */
const gap = 14;
const margin = 6;

/** The one box of the page that tells exact values; readers of the screen hear them from the mark itself. */
export class Tooltip {
  private readonly box = make('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: '' });

  constructor() {
    document.body.append(this.box);
    // What it was about moves away below it.
    addEventListener('scroll', () => this.hide(), { capture: true, passive: true });
  }

  /** Shows a text beside a point of the window. */
  showAt(text: string, x: number, y: number): void {
    const { box } = this;
    box.textContent = text;
    box.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = box;
    const right = x + gap + width <= innerWidth - margin;
    const below = y + gap + height <= innerHeight - margin;
    box.style.left = `${Math.max(margin, right ? x + gap : x - gap - width)}px`;
    box.style.top = `${Math.max(margin, below ? y + gap : y - gap - height)}px`;
  }

  /** Shows a text beside an element. */
  showBeside(text: string, target: Element): void {
    const { left, width, top, height } = target.getBoundingClientRect();
    this.showAt(text, left + width / 2, top + height / 2);
  }

  hide(): void {
    this.box.hidden = true;
  }
}
