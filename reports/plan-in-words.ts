import { counted } from '../foundation/counted.ts';
import { formatPercent, formatTime, significant } from '../foundation/units.ts';
import type { Alternative } from '../sim/fleet/plan-result.ts';
import { plainRate, plusMinus, timeUnit, usdPerMillion, wholeUsd } from './numbers.ts';
import type { FleetPlan } from './plan-fleet-sections.ts';

/** The answer in two or three sentences. */
export function planInWords(plan: FleetPlan): string {
  const best = plan.alternatives.find(({ name }) => name === plan.best);
  if (!best) return infeasible(plan);
  const now = plan.scenario.targetPerS === undefined ? capacityOnly(plan, best) : fleet(plan, best);
  const later =
    plan.growth?.state === 'INFEASIBLE' ? ' Its growth cannot be served as asked: see below.' : '';
  return `${now}${later}`;
}

function fleet({ scenario, alternatives }: FleetPlan, best: Alternative): string {
  const { sla, targetPerS, objective } = scenario;
  const { usdPerMonth, usdPerMillionRequests } = best.money!;
  const latency = best.states[0].latencyS[sla.percentile];
  const unit = timeUnit([latency.mean]);
  const { group, resource, offered } = best.bottleneck!;
  const sized = alternatives.filter(({ state }) => state === 'SIZED').length;
  const among =
    sized > 1 ? ` (least ${objective} of ${sized} alternatives${tieInWords(alternatives, best)})` : '';
  return (
    `${plainRate(targetPerS!)} requests/s with ${sla.percentile} ≤ ${formatTime(sla.limitS)}: ${best.name}, ` +
    `${counted(best.fleet!.hosts, 'host')}, ${wholeUsd(usdPerMonth)} USD/month ` +
    `(${usdPerMillion(usdPerMillionRequests)} USD per million requests), ${significant(best.power!.watts / 1e3)} kW${among}. ` +
    `In normal operation ${sla.percentile} is ${plusMinus(latency, unit.perS)} ${unit.name}. ` +
    `Bottleneck: ${resource} of ${group}, ${formatPercent(offered)} used when load takes all headroom.`
  );
}

/** Others that cost the same, which the best one beat by power or latency. */
function tieInWords(alternatives: readonly Alternative[], best: Alternative): string {
  const price = best.money!.usdPerHour;
  const alike = alternatives.filter(
    ({ name, state, money }) =>
      name !== best.name && state === 'SIZED' && Math.abs(money!.usdPerHour - price) <= 1e-9 * price,
  );
  if (alike.length === 0) return '';
  return alike.length === 1 ? `; ${alike[0].name} costs the same` : `; ${alike.length} others cost the same`;
}

function capacityOnly({ scenario, alternatives }: FleetPlan, best: Alternative): string {
  const { sla } = scenario;
  const { ratePerS } = best.capacity!;
  const among = alternatives.length > 1 ? ', the cheapest per request' : '';
  return (
    `One replica set of ${best.name} bears ${plusMinus(ratePerS)} requests/s with ${sla.percentile} ≤ ` +
    `${formatTime(sla.limitS)}: ${significant(best.money!.usdPerMillionRequests)} USD per million requests${among}. ` +
    'Without a target rate no fleet was sized: state plan.target, an open load, or --target.'
  );
}

function infeasible({ alternatives, scenario, relaxations }: FleetPlan): string {
  const { sla, targetPerS } = scenario;
  const rate = targetPerS === undefined ? '' : `${plainRate(targetPerS)} requests/s with `;
  const counts = new Map<string, number>();
  for (const { state } of alternatives) counts.set(state, (counts.get(state) ?? 0) + 1);
  const why = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  const help = relaxations.length > 0 ? ' The nearest relaxation of each constraint is below.' : '';
  return `No alternative serves ${rate}${sla.percentile} ≤ ${formatTime(sla.limitS)} (${why}).${help}`;
}
