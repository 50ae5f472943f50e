import type { ArmResult, Result } from '../../sim/result.ts';
import { positionAxis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from './drawing.ts';
import { bytes, percent, share } from './quantity.ts';
import { legend, lineSwatch, type Series, seriesItems, seriesOf, symbol } from './series.ts';
import { element, line, pathOf } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.cache;
const plotHeight = 280;

type Cache = NonNullable<NonNullable<ArmResult['accelerator']>['cache']>;

/** Share of lookups that find their row in accelerator memory, over the size of the cache. */
export function cacheCurve({ arms, scenario }: Result): Chart | Absence {
  const caches = arms.flatMap(({ name, accelerator }) => {
    const cache = accelerator?.cache;
    return cache && cache.curve.sizeBytes.length > 1 ? [{ name, cache }] : [];
  });
  if (caches.length === 0) {
    return {
      title,
      reason: 'no arm caches rows of tables in accelerator memory (accelerator tables: cached)',
    };
  }
  const series = seriesOf(
    caches.map(({ name }) => name),
    [scenario.baseline, caches[0].name],
  );
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: 12 });
  const top = key.height + 34;
  const area: Area = { left: 62, right: width - 20, top, bottom: top + plotHeight };
  const x = positionAxis({
    values: caches.flatMap(({ cache }) => [...cache.curve.sizeBytes, cache.sizeBytes]),
    range: [area.left, area.right],
    quantity: bytes,
    name: 'size of the cache',
  });
  const y = zeroBasedAxis({
    values: [1],
    range: [area.bottom, area.top],
    quantity: share,
    name: 'lookups that hit',
  });
  const id = 'cache';
  const note =
    'Share of all lookups that find their row in a cache of each size in accelerator memory. Vertical lines stand at ' +
    'the size that the arm has.';
  const drawn = caches.map(({ name, cache }, index) => curve(name, cache, series[index], x.at, y.at, area));
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    ...drawn,
  );
  return { id, title, note, svg, table: tableOf(caches) };
}

type Place = (value: number) => number;

function curve(
  name: string,
  cache: Cache,
  series: Series,
  atX: Place,
  atY: Place,
  { top, bottom }: Area,
): string {
  const { curve: hits, sizeBytes, hitShare, policy } = cache;
  const points = hits.sizeBytes.map((size, index): [number, number] => [
    atX(size),
    atY(hits.hitShare[index]),
  ]);
  const here = atX(sizeBytes);
  const lines = (size: number, hit: number) => [
    `${name}, ${policy}`,
    `${bytes.format(size)} of cache`,
    `${percent(hit)} of lookups hit`,
  ];
  return [
    element('path', { class: `line ${series.className}`, d: pathOf(points) }),
    line(here, top, here, bottom, `line thin ${series.className}`),
    ...points.map(([x, y], index) =>
      symbol(series, x, y, lines(hits.sizeBytes[index], hits.hitShare[index])),
    ),
    symbol(series, here, atY(hitShare), [...lines(sizeBytes, hitShare), 'as the arm has it'], 120),
  ].join('');
}

function tableOf(caches: readonly { name: string; cache: Cache }[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'policy', align: 'left' },
      { title: 'size of the cache' },
      { title: 'lookups that hit' },
      { title: '', align: 'left' },
    ],
    rows: caches.flatMap(({ name, cache: { policy, curve: hits, sizeBytes, hitShare } }) => [
      [name, policy, bytes.format(sizeBytes), percent(hitShare), 'as it is'],
      ...hits.sizeBytes.map((size, index) => [
        name,
        policy,
        bytes.format(size),
        percent(hits.hitShare[index]),
        '',
      ]),
    ]),
  };
}
