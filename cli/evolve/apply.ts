import { type AppliedArm, applyToArm, type Range } from '../../evolve/deploy/apply.ts';
import { type BreakEven, breakEven } from '../../evolve/deploy/break-even.ts';
import { type Deployment, needDeployment } from '../../evolve/deploy/deployment.ts';
import { type SearchCost, searchCost } from '../../evolve/deploy/search-cost.ts';
import { formatPercent, formatTime, significant } from '../../foundation/units.ts';
import { hours } from '../../reports/search/search-text.ts';
import { textTable, titledTable, wrap } from '../../reports/text-table.ts';
import { armsNamed } from '../arms-named.ts';
import { exitCodes } from '../exit-codes.ts';
import { readScenarioSource } from '../scenario-source.ts';
import { onCores } from './profile.ts';
import { searchAt, sessionIn } from './stored-search.ts';

export interface ApplyCommandOptions {
  session?: number;
  arm: string[];
  fleet?: number;
  share?: number;
  months: number[];
  json?: boolean;
}

interface Applied extends AppliedArm {
  breakEven: { held: BreakEven; busy: BreakEven }[];
}

const textWidth = 100;

/** `rankfleet evolve apply`: what the kernels of a search do to the arms of a scenario, and when they have paid. */
export async function applySearch(
  path: string,
  scenario: string,
  options: ApplyCommandOptions,
): Promise<number> {
  const search = await searchAt(path);
  const session = sessionIn(search, path, options.session);
  const deployment = needDeployment(search.deployments ?? [], path, session.id);
  const isOwn = (one: { session: number }) => one.session === session.id;
  const cost = searchCost(session.device, search.runs.filter(isOwn), search.nodes.filter(isOwn));
  const { scenario: resolved } = await readScenarioSource(scenario);
  const arms = armsNamed(resolved.arms, options.arm).map((arm): Applied => {
    const applied = applyToArm(arm, deployment, { devices: options.fleet, share: options.share });
    return { ...applied, breakEven: options.months.map((months) => both(cost, applied, months)) };
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ deployment, cost, arms }, null, 2)}\n`);
  } else process.stdout.write(report(scenario, deployment, cost, arms));
  return exitCodes.answered;
}

function both(
  { heldDeviceHours, busyDeviceHours }: SearchCost,
  { devicesSaved }: AppliedArm,
  months: number,
) {
  return {
    held: breakEven(heldDeviceHours, devicesSaved.mean, months),
    busy: breakEven(busyDeviceHours, devicesSaved.mean, months),
  };
}

function report(
  scenario: string,
  deployment: Deployment,
  cost: SearchCost,
  arms: readonly Applied[],
): string {
  const { task, operator, dataType, device, rows } = deployment;
  const used = rows.filter(({ use }) => use === 'kernel').length;
  const heading = `What the kernels of ${task} (${operator}, ${dataType}, on ${device}${onCores(deployment)}; ${used} of ${rows.length} shapes run one, the others the reference) would do to ${scenario}. Shares are of the time of a typical batch's operators on the serving device; everything else is taken to stay as it is.`;
  const blocks = [
    wrap(heading, textWidth),
    summary(arms),
    withoutOperator(arms, deployment),
    ...arms.map(block),
    closing(cost, arms),
  ];
  return `${blocks.filter((part) => part !== '').join('\n\n')}\n`;
}

function summary(arms: readonly Applied[]): string {
  return titledTable({
    title: 'Whole device, by Amdahl’s law over its operators (at worst … at best):',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'device', align: 'left' },
      { title: 'share' },
      { title: 'times as fast' },
      { title: 'devices' },
      { title: 'then' },
      { title: 'saved' },
      { title: 'evidence', align: 'left' },
    ],
    rows: arms.map((arm) => [
      arm.arm,
      arm.device,
      formatPercent(arm.share),
      rangeOf(arm.speedup),
      significant(arm.devices),
      rangeOf(arm.devicesAfter),
      rangeOf(arm.devicesSaved),
      arm.replaced.length > 0 || arm.isStatedShare ? arm.evidence : 'not in the model',
    ]),
  });
}

function rangeOf({ mean, low, high }: Range): string {
  return low === high
    ? significant(mean)
    : `${significant(mean)} (${significant(low)} … ${significant(high)})`;
}

function block(arm: Applied): string {
  const parts = [
    ...(arm.replaced.length > 0 ? [replacedTable(arm), foundInWords(arm)] : []),
    wrap(enablementInWords(arm), textWidth),
  ].filter((part) => part !== '');
  return parts.length > 0 ? [`${arm.arm}:`, ...parts].join('\n') : '';
}

/** Arms whose model does not have the operator, in a sentence. */
function withoutOperator(arms: readonly Applied[], { operator, dataType }: Deployment): string {
  const without = arms.filter(({ replaced }) => replaced.length === 0);
  if (without.length === 0) return '';
  const names =
    without.length === arms.length ? 'No arm' : `Not in ${without.map(({ arm }) => arm).join(', ')}:`;
  const has = without.length === arms.length ? ' has' : ' no model has';
  const lacks = `${names}${has} an operator that is priced as ${operator} in ${dataType} on the device that serves.`;
  const [stated] = without.filter(({ isStatedShare }) => isStatedShare);
  return wrap(
    stated
      ? `${lacks} Its share of ${formatPercent(stated.share)} is the one that you state (assumed), and it becomes faster as the shapes of the table do in the geometric mean.`
      : `${lacks} Nothing becomes faster there, as far as the cost model knows; where you know better, --share states its part of the time.`,
    textWidth,
  );
}

function replacedTable({ replaced }: Applied): string {
  return textTable(
    [
      { title: 'operator', align: 'left' },
      { title: 'shape', align: 'left' },
      { title: 'time' },
      { title: 'share' },
      { title: 'times as fast' },
      { title: 'found by', align: 'left' },
      { title: 'apart' },
      { title: 'evidence', align: 'left' },
    ],
    replaced.map(({ name, shape, seconds, share, speedup, matchedBy, apart, row, evidence }) => [
      name,
      shape,
      formatTime(seconds),
      formatPercent(share),
      row.use === 'fallback' ? '1 (fallback)' : rangeOf(speedup),
      matchedBy,
      `${significant(apart)}×`,
      evidence,
    ]),
  );
}

/** How rows were found for the operators of an arm. */
function foundInWords({ replaced }: Applied): string {
  const byWork = replaced.filter(({ matchedBy }) => matchedBy === 'work').length;
  const axes = 'Each operator takes the row whose axes are nearest to its own.';
  if (byWork === 0) return axes;
  const work =
    'takes the row that is nearest in FLOPs and bytes, since the model does not tell its axes as the kernel has them';
  return wrap(
    byWork === replaced.length ? `Each operator ${work}.` : `${axes} One that is found by its work ${work}.`,
    textWidth,
  );
}

/** Kernels that are missing are a step, not a slope: all of them or the tier in front. */
function enablementInWords({ enablement, device }: Applied): string {
  const { missing, stillMissing, tierHosts, overhead } = enablement;
  if (missing.length === 0) return '';
  const tier =
    tierHosts > 0
      ? ` CPU hosts in front (${tierHosts}) preprocess because of it${overhead ? `, and add ${formatTime(overhead.fromS)} to ${formatTime(overhead.toS)} to a request (${overhead.evidence})` : ''}.`
      : '';
  const lacks = `${device} lacks kernels for ${missing.join(', ')}.${tier}`;
  if (stillMissing.length === missing.length) return `${lacks} This search is for none of them.`;
  return stillMissing.length === 0
    ? `${lacks} With the kernel of this search nothing is missing any more: the hosts in front and what they add are gone.`
    : `${lacks} With the kernel of this search, ${stillMissing.join(', ')} would still be missing, and the hosts in front stay: a step is taken whole or not at all.`;
}

function closing(cost: SearchCost, arms: readonly Applied[]): string {
  const spent = `The search had devices at hand for ${hours(cost.heldDeviceHours)}, in which they were busy for ${hours(cost.busyDeviceHours)} (measured).`;
  const saving = arms.filter(({ devicesSaved }) => devicesSaved.mean > 0);
  if (saving.length === 0) return wrap(`${spent} No arm saves a device by it: it does not pay.`, textWidth);
  const worth =
    'A kernel is worth what its devices save until the next refresh of hardware, for as many months as you state:';
  const rows = saving.flatMap((arm) =>
    arm.breakEven.map(({ held, busy }) => [
      arm.arm,
      `${held.months} months`,
      hours(held.savedDeviceHours),
      inTime(held),
      inTime(busy),
      held.returnOnSearch === undefined ? '' : `${significant(held.returnOnSearch)}×`,
    ]),
  );
  const columns = [
    { title: 'arm', align: 'left' as const },
    { title: 'over' },
    { title: 'saves' },
    { title: 'pays after (at hand)' },
    { title: 'pays after (busy)' },
    { title: 'saved over spent' },
  ];
  return `${wrap(`${spent} ${worth}`, textWidth)}\n${textTable(columns, rows)}`;
}

function inTime({ breakEvenHours }: BreakEven): string {
  return breakEvenHours === undefined ? 'never' : formatTime(breakEvenHours * 3600);
}
