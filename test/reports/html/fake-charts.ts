import type { Chart, ChartPoints } from '../../../reports/charts/chart.ts';
import { escapeText } from '../../../reports/html/markup.ts';
import { hostileName } from './subjects.ts';

const size = { width: 860, height: 240 };

/** A chart of each kind that the page tells apart, drawn as the contract of charts says. */
export const fakeCharts: Chart[] = [bars(), lines(), scatter(2000)];

function chartOf(id: string, title: string, parts: string[], points?: ChartPoints): Chart {
  const name = escapeText(title);
  return {
    id,
    title,
    note: `What ${title} shows.`,
    svg:
      `<svg class="chart" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title ${id}-note">` +
      `<title id="${id}-title">${name}</title><desc id="${id}-note">note</desc>${parts.join('')}</svg>`,
    table: {
      columns: [{ title: 'arm', align: 'left' }, { title: 'p99, ms' }],
      rows: [
        ['slow', '900 ms'],
        ['slowest', '1.20 s'],
        ['fast', '850 µs'],
        ['unknown', '–'],
      ],
    },
    ...(points && { points }),
  };
}

/** One bar each, whose `<title>` is what a reader is told. */
function bars(): Chart {
  const marks = ['slow', 'slowest', hostileName].map(
    (name, index) =>
      `<rect class="mark bar series-1" x="200" y="${20 + 40 * index}" width="${200 + 100 * index}" height="24"><title>${escapeText(`${name}\np99 ${index + 1} ms`)}</title></rect>`,
  );
  return chartOf('fake-bars', `Bars of ${hostileName}`, marks);
}

/** Two series with a legend. */
function lines(): Chart {
  const series = ['series-1', 'series-2'].map(
    (name, index) =>
      `<line class="line ${name}" x1="${10 + 200 * index}" y1="12" x2="${32 + 200 * index}" y2="12"></line>` +
      `<text class="label" x="${40 + 200 * index}" y="16">${name} in words</text>` +
      `<path class="line ${name}" d="M60,${200 - 50 * index}L800,40"></path>` +
      `<circle class="mark symbol ${name}" cx="400" cy="${130 - 30 * index}" r="6"><title>${name}, middle</title></circle>`,
  );
  return chartOf('fake-lines', 'Lines', series);
}

/** Dots in rows of a hundred, each 8 units from its neighbours, and one mark over them. */
export function scatter(count: number): Chart {
  const dots = Array.from({ length: count }, (_, index) => index);
  const x = dots.map((dot) => 30 + 8 * (dot % 100));
  const y = dots.map((dot) => 30 + 8 * Math.floor(dot / 100));
  const path = dots.map((dot) => `M${x[dot]},${y[dot]}h0`).join('');
  const points: ChartPoints = {
    x,
    y,
    columns: [
      { title: 'point', numbers: dots },
      { title: 'arm', texts: ['even', hostileName], codes: dots.map((dot) => dot % 2) },
      { title: 'USD/h', numbers: dots.map((dot) => (dot === 0 ? null : 10_000 - dot)) },
    ],
  };
  const mark =
    '<circle class="mark symbol good" cx="845" cy="30" r="5"><title>the best of all</title></circle>';
  return chartOf('fake-scatter', 'Scatter', [`<path class="dots good" d="${path}"></path>`, mark], points);
}
