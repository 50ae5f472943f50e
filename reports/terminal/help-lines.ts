import type { Line } from './line.ts';
import { facts, paragraph, sections } from './table.ts';

/** What every key does, and what the signs mean. */
export function helpLines(width: number): Line[] {
  return sections(
    width,
    [
      'Keys',
      facts(
        [
          ['↑ ↓ or k j', 'the item above or below'],
          ['K J', 'a page of items up or down'],
          ['g G', 'the first or last item'],
          ['← → or Tab', 'the tab beside, either way'],
          ['1 … 7', 'that tab'],
          ['PgUp PgDn, b Space', 'scroll the tab'],
          ['Home End', 'its first or last line'],
          ['/', 'keep items with these words in name, values or verdict; Esc shows all again'],
          ['s', 'the next order of the list; S turns it round'],
          ['c', 'mark the item as A; on another item, show both side by side'],
          ['e', 'write the tab or the whole answer to a file'],
          ['o', 'open another answer, where several were found'],
          ['Ctrl-L Ctrl-Z', 'draw anew; suspend'],
          ['q, Ctrl-C', 'quit'],
        ],
        width,
      ),
    ],
    [
      'Signs',
      facts(
        [
          ['✓', 'holds: figures can be trusted, and an SLA is surely met'],
          ['?', 'not sure: too little was simulated, or the interval holds the limit'],
          ['✗', 'does not hold: overloaded, misses the SLA, or does not fit'],
          ['( )', 'a tab that has nothing to show, and says why'],
          ['±', 'half of the confidence interval'],
          ['ρ', 'use of the busiest resource; from 1 on, requests pile up'],
        ],
        width,
      ),
    ],
    ['', paragraph('Bars: █ up to the lower end of an interval, ▒ within it, │ the limit.', width, 'faint')],
  );
}
