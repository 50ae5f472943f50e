import { formatTime, significant } from '../../foundation/units.ts';
import type { Alternative } from '../../sim/fleet/plan-result.ts';
import { plusMinus, timeUnit, usdPerMillion, wholeUsd } from '../numbers.ts';
import { type FleetPlan, hostsInWords } from '../plan-fleet-sections.ts';
import type { PageTable } from './content.ts';
import { html } from './markup.ts';
import { stateBadge } from './state-badge.ts';
import { columnsIf, figures, type ItemColumn, tableOfItems, words } from './table-of-items.ts';

/** Alternatives side by side: their fleets, money, power, and the percentile that decides. */
export function alternativesTable({ alternatives, scenario, best }: FleetPlan): PageTable {
  const { sla, objective } = scenario;
  const { name: unit, perS } = timeUnit([sla.limitS]);
  const where = columnsIf<Alternative>;
  const hasFleet = alternatives.some(({ fleet }) => fleet !== undefined);
  const hasMoney = alternatives.some(({ money }) => money !== undefined);
  const columns: ItemColumn<Alternative>[] = [
    words('alternative', ({ name }) => (name === best ? html`${name} <span class="best">best</span>` : name)),
    words('state', ({ state }) => stateBadge(state)),
    ...where(
      hasFleet,
      words('hosts', (one) => one.fleet && hostsInWords(one)),
      figures('hosts in all', ({ fleet }) => fleet && String(fleet.hosts)),
      figures('USD/month', ({ fleet, money }) => fleet && money && wholeUsd(money.usdPerMonth)),
    ),
    ...where(
      hasMoney && !hasFleet,
      figures('USD/h', ({ money }) => money && significant(money.usdPerHour)),
    ),
    ...where(
      hasMoney,
      figures('USD per million requests', ({ money }) => money && usdPerMillion(money.usdPerMillionRequests)),
    ),
    ...where(
      alternatives.some(({ power }) => power),
      figures('power, kW', ({ power }) => power && significant(power.watts / 1e3)),
      figures('requests per joule', ({ power }) => power && significant(power.requestsPerJoule)),
    ),
    ...where(
      alternatives.some(({ states }) => states.length > 0),
      figures(
        `${sla.percentile}, ${unit}`,
        ({ states: [normal] }) => normal && plusMinus(normal.latencyS[sla.percentile], perS),
      ),
      words(`≤ ${formatTime(sla.limitS)}`, ({ states: [normal] }) => normal && stateBadge(normal.met)),
      figures('ρ', ({ states: [normal] }) => normal?.utilisation[0].offered.toFixed(2)),
    ),
  ];
  const caption =
    `Alternatives (best: least ${objective}; ${sla.percentile} and ρ, the use of the busiest resource, in normal ` +
    'operation)';
  return tableOfItems(caption, columns, alternatives);
}
