import { significant } from '../../foundation/units.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Result } from '../../sim/result.ts';
import {
  bestArm,
  intervalsInWords,
  judgedOf,
  type MeasuredArm,
  measuredArms,
  noneFits,
  slaInWords,
  soundArms,
  standing,
} from './arms.ts';
import type { Absence, Chart } from './chart.ts';
import { mostWhiskers, priceScatter } from './price-scatter.ts';
import { kindOf, type PricedPoint } from './priced-point.ts';
import { time, usdPerHour, usdPerMillion, watts, withInterval } from './quantity.ts';
import { titles } from './titles.ts';

const id = 'price-of-latency';
const title = titles.price;
const steps = 'The stepped line joins those that no other is both cheaper and faster than';

/** Arms of a result: price of the fleet against the judged percentile. */
export function priceOfArms(result: Result): Chart | Absence {
  const steady = soundArms(result);
  const money = moneyOf(steady);
  const sound = steady.filter((arm) => Number.isFinite(money.of(arm)));
  if (measuredArms(result).length === 0) return { title, reason: noneFits };
  if (sound.length === 0) {
    return { title, reason: 'no arm has a steady latency: those that fit are overloaded' };
  }
  const judged = judgedOf(result);
  const omitted = measuredArms(result).length - steady.length;
  const points = sound.map((arm): PricedPoint => {
    const latencyS = arm.measured.latencyS[judged];
    const price = money.of(arm);
    return {
      price,
      latencyS,
      kind: kindOf(arm.sla?.met),
      isFeasible: arm.sla === undefined || arm.sla.met === 'yes',
      label: arm.name === bestArm(result) ? `${arm.name} ◂` : arm.name,
      lines: () => [
        arm.name,
        money.quantity.format(price),
        `${judged} ${withInterval(latencyS, time)}`,
        standing(arm),
      ],
    };
  });
  const { sla } = result.scenario;
  const intervals = points.length > mostWhiskers ? 'intervals stand in the table' : intervalsInWords(result);
  const note =
    `What each arm costs and its ${judged}; ${intervals}. ${steps}; ◂ is the arm of the lowest ` +
    `${judged}${sla ? ', of those that meet the SLA where some do' : ''}.` +
    (omitted > 0 ? ` Not drawn: ${omitted} SATURATED, whose latency grows with the length of the run.` : '');
  const { chart, frontier } = priceScatter({
    id,
    title,
    noteOf: () => note,
    points,
    price: { name: money.name, quantity: money.quantity },
    latencyName: judged,
    ...(sla && { limit: { latencyS: sla.limitS, words: `SLA ${slaInWords(sla)}` } }),
  });
  const rows = sound.map((arm, index) => [
    arm.name,
    money.quantity.format(money.of(arm)),
    withInterval(arm.measured.latencyS[judged], time),
    standing(arm),
    frontier.includes(index) ? 'yes' : 'no',
  ]);
  return { ...chart, table: { columns: columnsOf('arm', judged, 'standing'), rows } };
}

/** Fleets of arms with different loads are compared by the price of a request. */
function moneyOf(arms: readonly MeasuredArm[]) {
  const rates = new Set(arms.map(({ offeredPerS }) => offeredPerS));
  const isPerRequest = rates.size > 1 && arms.every(({ fleet }) => fleet.usdPerMillionRequests !== undefined);
  return isPerRequest
    ? {
        name: 'price',
        quantity: usdPerMillion,
        of: ({ fleet }: MeasuredArm) => fleet.usdPerMillionRequests!,
      }
    : { name: 'price', quantity: usdPerHour, of: ({ fleet }: MeasuredArm) => fleet.pricePerHourUsd };
}

function columnsOf(what: string, latency: string, last: string): Chart['table']['columns'] {
  return [
    { title: what, align: 'left' },
    { title: 'price' },
    { title: latency },
    { title: last, align: 'left' },
    { title: 'on the line', align: 'left' },
  ];
}

/** Fleets of a plan, some larger than they need to be: what more money buys. */
export function priceOfFleets({ frontier, scenario, alternatives }: PlanResult): Chart | Absence {
  const { sla } = scenario;
  const fleets = frontier.filter(
    ({ usdPerHour: price, latencyS }) => Number.isFinite(price) && Number.isFinite(latencyS.mean),
  );
  if (!sla || fleets.length === 0) {
    return { title, reason: 'no fleet was sized: the plan has no target rate, or nothing meets its SLA' };
  }
  const points = fleets.map(
    ({ alternative, oversize, usdPerHour: price, latencyS, watts: power, isEfficient }): PricedPoint => ({
      price,
      latencyS,
      kind: latencyS.mean <= sla.limitS ? 'good' : 'bad',
      isFeasible: true,
      label: oversize === 1 ? alternative : `${alternative} × ${significant(oversize)}`,
      lines: () => [
        alternative,
        oversize === 1
          ? 'as many hosts as it needs'
          : `${significant(oversize)} times the hosts that it needs`,
        usdPerHour.format(price),
        `${sla.percentile} ${withInterval(latencyS, time)}`,
        watts.format(power),
        isEfficient
          ? 'no other is as good in price, latency and power'
          : 'another is as good in price, latency and power',
      ],
    }),
  );
  const note =
    `Fleets of each alternative as large as they need to be and larger (× n), and their ${sla.percentile} in normal ` +
    `operation. ${steps}.`;
  const { chart, frontier: onLine } = priceScatter({
    id,
    title,
    noteOf: () => note,
    points,
    price: { name: 'price', quantity: usdPerHour },
    latencyName: sla.percentile,
    limit: { latencyS: sla.limitS, words: `SLA ${slaInWords(sla)}` },
  });
  const rows = fleets.map((one, index) => [
    `${one.alternative} × ${significant(one.oversize)}`,
    usdPerHour.format(one.usdPerHour),
    withInterval(one.latencyS, time),
    watts.format(one.watts),
    onLine.includes(index) ? 'yes' : 'no',
  ]);
  const drawn = alternatives.length === 1 ? 'fleet' : 'alternative';
  return { ...chart, table: { columns: columnsOf(drawn, sla.percentile, 'power'), rows } };
}
