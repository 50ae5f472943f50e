import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartsOf } from '../../../reports/charts/charts-of.ts';
import { standaloneSvg } from '../../../reports/charts/standalone-svg.ts';
import type { Subject } from '../../../reports/subject.ts';
import type { ArmResult, Interval, Measured } from '../../../sim/result.ts';
import type { ArmRow, SweepResult } from '../../../sim/sweep-result.ts';
import { attributionOf, comparisonOf, figureOf, pairOf } from './comparisons.ts';
import { alternativeOf, dayOf, growthOf, knobOf, mixOf, planOf, sensitivityOf } from './plans.ts';
import { armOf, measuredOf, misfit, partsOf, resultOf, shardOf, sla } from './results.ts';
import { soundDrawing } from './sound.ts';
import { allOf, parseXml } from './xml.ts';

const name = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('<&"\'>', '', ' ', ']]>', 'a'.repeat(400), 'Größe µ → 模型', '__proto__', 'constructor'),
);

const nothing = fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, -1);

/** What a figure may be: as it should, none, or nothing that can be drawn. */
const amountFrom = (least: number) =>
  fc.oneof({ weight: 6, arbitrary: fc.double({ min: least, max: least + 1e5, noNaN: true }) }, nothing);

const seconds = fc.oneof(amountFrom(1e-8), fc.constantFrom(1e-18, 1e-5));
const amount = fc.oneof(amountFrom(0.01), fc.constantFrom(1e12));

const intervalOf = (mean: fc.Arbitrary<number>): fc.Arbitrary<Interval> =>
  fc.oneof(
    fc.tuple(mean, mean).map(([middle, half]) => ({
      mean: middle,
      low: middle - half,
      high: middle + half,
      cost: half / 2,
    })),
    mean.map((middle) => ({ mean: middle })),
    mean.map((middle) => ({ mean: middle, low: middle, high: middle })),
  );

const interval = intervalOf(seconds);

const signed: fc.Arbitrary<Interval> = fc
  .tuple(intervalOf(amountFrom(1e-4)), fc.constantFrom(1, -1))
  .map(([{ mean, low, high }, sign]) => ({
    mean: sign * mean,
    ...(low !== undefined && high !== undefined && (sign > 0 ? { low, high } : { low: -high, high: -low })),
  }));

const shares = fc.dictionary(
  fc.constantFrom('assumed', 'fitted', 'measured', 'datasheet'),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

const measured: fc.Arbitrary<Measured> = fc
  .record({
    latencies: fc.tuple(interval, interval, interval, interval, interval, interval),
    max: seconds,
    parts: fc.dictionary(
      fc.constantFrom('dense', 'queue', 'network', 'sparse', 'copy', 'rpcService'),
      seconds.map(Math.abs),
    ),
    rho: intervalOf(amountFrom(0.01)),
    curve: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), seconds), { maxLength: 12 }),
  })
  .map(({ latencies: [mean, p50, p90, p95, p99, p999], max, parts, rho, curve }) => ({
    ...measuredOf(0.01),
    latencyS: { mean, max, p50, p90, p95, p99, 'p99.9': p999 },
    breakdownS: { typical: partsOf(parts), tail: partsOf(parts) },
    utilisation: [{ group: 'main', resource: 'cores', mean: rho, busiest: rho.mean }],
    curve: { probability: curve.map(([share]) => share), latencyS: curve.map(([, latencyS]) => latencyS) },
  }));

const arm: fc.Arbitrary<ArmResult> = fc
  .record({
    title: name,
    figures: fc.option(measured, { nil: undefined }),
    state: fc.constantFrom('STABLE', 'SATURATED', 'UNDER-SAMPLED'),
    met: fc.constantFrom('yes', 'no', 'uncertain', undefined),
    sizes: fc.array(amountFrom(1e6), { maxLength: 12 }),
    price: amount,
    hosts: fc.nat({ max: 5000 }),
    evidence: shares,
  })
  .map(({ title, figures, state, met, sizes, price, hosts, evidence }) => {
    if (!figures) return misfit(title);
    const plain = armOf(title, 0.01);
    return {
      ...plain,
      measured: figures,
      verdict: { state: state as 'STABLE', reason: '' },
      ...(met && { sla: { ...sla, met: met as 'yes' } }),
      shards: sizes.map(shardOf),
      fleet: { ...plain.fleet, mainHosts: hosts, sparseHosts: sizes.length, pricePerHourUsd: price },
      evidence: { ...plain.evidence, typicalTime: evidence, tailTime: evidence },
    };
  });

/** A chart of whatever data is sound, the same each time, and a file of its own. */
function isSound(subject: Subject): void {
  const { charts, absent } = chartsOf(subject);
  assert.is(new Set(charts.map(({ id }) => id)).size, charts.length, 'an id twice');
  for (const chart of charts) {
    const drawing = soundDrawing(chart);
    for (const { text, attributes } of allOf(drawing).filter((one) => one.name === 'text')) {
      assert.not.match(text, /\bNaN\b|\bInfinity\b|\bundefined\b/, JSON.stringify(attributes));
    }
    assert.match(chart.id, /^[a-z][a-z0-9-]*$/);
    assert.ok(chart.title !== '' && chart.note !== '');
    parseXml(standaloneSvg(chart));
  }
  for (const { title, reason } of absent) assert.ok(title !== '' && reason !== '');
  assert.is(JSON.stringify(chartsOf(subject)), JSON.stringify({ charts, absent }));
}

/** Enough to meet every kind of data often, in a second or two. */
const runs = { numRuns: 40 };

const test = suite('charts: any answer');

test('of arms of any kind is drawn soundly', () => {
  fc.assert(
    fc.property(
      fc.array(arm, { minLength: 1, maxLength: 14 }),
      fc.boolean(),
      fc.constantFrom(1e-6, 0.06, 1e4),
      (arms, hasSla, limitS) => {
        const result = resultOf(arms, { ...(hasSla && { sla: { ...sla, limitS } }) });
        isSound({ kind: 'result', source: 'x', result });
      },
    ),
    runs,
  );
});

test('of plans of any kind is drawn soundly', () => {
  const knob = fc.tuple(name, signed, signed, fc.constantFrom('moves', 'explained', 'unexplained'));
  const alternatives = fc.array(
    fc.tuple(name, fc.array(fc.tuple(amount, seconds), { maxLength: 6 }), intervalOf(amount), fc.boolean()),
    {
      minLength: 1,
      maxLength: 14,
    },
  );
  const fleets = fc.array(fc.tuple(name, amount, interval), { maxLength: 12 });
  fc.assert(
    fc.property(alternatives, fleets, fc.array(knob, { maxLength: 30 }), (some, frontier, knobs) => {
      const plan = planOf(
        some.map(([title, curve, ratePerS, hasFleet]) => {
          const plain = alternativeOf(title);
          const capacity = {
            ...plain.capacity!,
            ratePerS,
            curve: curve.map(([rate, latencyS]) => ({ ratePerS: rate, latencyS })),
          };
          const { fleet: _, money: __, ...rest } = plain;
          return hasFleet ? { ...plain, capacity } : { ...rest, capacity, state: 'MISSES SLA' as const };
        }),
        {
          frontier: frontier.map(([alternative, usdPerHour, latencyS]) => ({
            alternative,
            oversize: 1.5,
            usdPerHour,
            latencyS,
            watts: 1000,
            isEfficient: false,
          })),
          sensitivity: sensitivityOf(
            knobs.map(([title, throughput, latency, state]) => {
              const side = { value: title, throughput, latency };
              return knobOf(title, Math.abs(throughput.mean) || 0, {
                state: state as 'moves',
                up: side,
                down: side,
              });
            }),
          ),
        },
      );
      isSound({ kind: 'plan', source: 'x', plan });
    }),
    runs,
  );
});

test('of growth, days and mixes of any size is drawn soundly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(seconds, { minLength: 24, maxLength: 24 }),
      fc.array(amount, { minLength: 24, maxLength: 24 }),
      name,
      (quarters, values, rates, title) => {
        const growth = growthOf(quarters);
        growth.presentFleet.capacityPerS = growth.demand.map((_, index) => rates[index % 24]);
        growth.orders = [{ ordered: 1, delivered: quarters, host: title, count: 1, usdToEnd: rates[0] }];
        growth.returns = [{ quarter: quarters, host: title, count: 2 }];
        const plainDay = dayOf();
        const series = {
          ...plainDay.series,
          latencyS: values,
          lowS: values,
          highS: values,
          ratePerS: rates,
        };
        const mix = mixOf();
        mix.stock[0].host = title;
        const day = { ...plainDay, series };
        isSound({ kind: 'plan', source: 'x', plan: planOf([], { growth, day, mix }) });
      },
    ),
    runs,
  );
});

test('of comparisons of any kind is drawn soundly', () => {
  const figure = fc.tuple(
    name,
    signed,
    fc.constantFrom('s', 'B', 'USD/h', 'count', 'share'),
    fc.constantFrom('latency', 'compute', 'fleet'),
  );
  fc.assert(
    fc.property(
      fc.array(figure, { maxLength: 12 }),
      name,
      signed,
      fc.boolean(),
      (figures, title, difference, isAttributed) => {
        const pair = pairOf({
          figures: figures.map(([key, relative, unit, group]) =>
            figureOf(key, { relative, difference: relative, unit: unit as 's', group: group as 'latency' }),
          ),
          ...(isAttributed && { attribution: attributionOf() }),
        });
        pair.a.name = title;
        pair.breakdown!.tail.parts[0].differenceS = difference;
        if (pair.attribution) {
          pair.attribution.factors[0].fields = [title, title, title];
          pair.attribution.latency.total = difference;
        }
        isSound({ kind: 'comparison', source: 'x', comparison: comparisonOf([pair, pair]) });
      },
    ),
    runs,
  );
});

test('of sweeps of any kind is drawn soundly', () => {
  const row: fc.Arbitrary<ArmRow> = fc
    .tuple(
      name,
      amount,
      seconds,
      fc.constantFrom('STABLE', 'SATURATED', 'FAILED'),
      fc.constantFrom('yes', 'no', undefined),
    )
    .map(([title, usdPerHour, mean, verdict, slaMet]) => {
      const latency = { mean, low: mean, high: mean };
      const latencyS = {
        mean: latency,
        p50: latency,
        p90: latency,
        p95: latency,
        p99: latency,
        'p99.9': latency,
      };
      const plain = { arm: title, verdict, reason: '', dominated: false, replications: 2 } as const;
      return { ...plain, usdPerHour, latencyS, ...(slaMet && { slaMet: slaMet as 'yes' }) };
    });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), fc.constantFrom(1, 20), name, (rows, times, value) => {
      const all = Array.from({ length: times }, () => rows).flat();
      const sweep: SweepResult = {
        name: value,
        method: 'grid',
        product: 'rankfleet',
        key: '',
        total: all.length,
        fields: [{ field: value, column: 'x', type: 'VARCHAR' }],
        judged: 'p99',
        money: 'usdPerHour',
        points: all.map((one, index) => ({ index, key: '', values: [value], rows: [one] })),
      };
      isSound({ kind: 'sweep', source: 'x', sweep });
    }),
    runs,
  );
});

test.run();
