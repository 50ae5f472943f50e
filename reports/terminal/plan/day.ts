import { formatPercent, formatTime, significant, withPrefix } from '../../../foundation/units.ts';
import type { DayResult } from '../../../sim/fleet/day/day-result.ts';
import { dayInWords } from '../../plan-day-section.ts';
import { sparkline } from '../bars.ts';
import { faint, type Line } from '../line.ts';
import { paragraph, table } from '../table.ts';

/** A day of load: the answer, the day as columns of bars, and fleets that follow it or do not. */
export function dayLines(day: DayResult, width: number): Line[] {
  return [
    ...paragraph(dayInWords(day), width),
    [''],
    ...series(day, width),
    ...day.days.flatMap(({ day: name, policies }) => [
      [''],
      [faint(name === 'surge' ? 'The day of the surge' : 'An ordinary day')],
      ...table(
        [
          { title: 'fleet', align: 'left' },
          { title: 'hosts' },
          { title: 'USD/day' },
          { title: 'SLA missed for' },
          { title: 'requests late', optional: true },
          { title: 'mean ρ', optional: true },
        ],
        policies.map(({ policy, hosts: { fewest, most }, usd, violationS, missedShare, meanUse }) => [
          policy,
          fewest === most ? String(most) : `${fewest}–${most}`,
          withPrefix(usd).trim(),
          violationS === 0 ? 'no time' : { text: formatTime(violationS), tone: 'bad' },
          formatPercent(missedShare),
          meanUse.toFixed(2),
        ]),
        width,
      ),
    ]),
  ];
}

/** What the day asks, how many hosts answer, and how fast, from its first hour to its last. */
function series({ series: day, percentile, limitS }: DayResult, width: number): Line[] {
  const bars = Math.max(8, width - 24);
  const row = (name: string, values: readonly number[], most: string): Line => [
    name.padEnd(8),
    { text: sparkline(values, bars), tone: 'accent' },
    faint(`  most ${most}`),
  ];
  const worst = Math.max(...day.latencyS);
  return [
    ...paragraph(
      `The autoscaled fleet over the ${day.day === 'surge' ? 'day of the surge' : 'day'}`,
      width,
      'faint',
    ),
    row('load', day.ratePerS, `${significant(Math.max(...day.ratePerS))} QPS`),
    row('hosts', day.serving, String(Math.ceil(Math.max(...day.serving)))),
    row('ρ', day.use, Math.max(...day.use).toFixed(2)),
    row(
      percentile,
      // A backlog of minutes would flatten all else.
      day.latencyS.map((timeS) => Math.min(timeS, 2 * limitS)),
      `${formatTime(worst)}`,
    ),
  ];
}
