import { formatTime, significant } from '../../foundation/units.ts';
import type { ArmResult, Measured, Percentile, Result } from '../../sim/result.ts';
import { percentChange, plusMinus, timeUnit } from '../numbers.ts';
import { busiestShare, hostsOf } from '../simulation-report.ts';
import type { Cell, PageTable } from './content.ts';
import { stateBadge } from './state-badge.ts';
import { amount, columnsIf, figures, type ItemColumn, tableOfItems, words } from './table-of-items.ts';

type ArmColumn = ItemColumn<ArmResult>;

const usualPercentiles: readonly Percentile[] = ['p50', 'p90', 'p99'];

/** Percentiles of each arm, how they differ from the baseline's, and whether they can be believed. */
export function latencyTable({ arms, scenario }: Result): PageTable {
  const { sla, baseline, replications, confidence } = scenario;
  const judged = sla?.percentile;
  const isUsual = judged === undefined || usualPercentiles.includes(judged);
  const shown = isUsual ? usualPercentiles : [...usualPercentiles, judged];
  const unit = timeUnit(arms.map(({ measured }) => measured?.latencyS.p50.mean ?? 0));
  const isCompared = arms.some(({ measured }) => measured?.overBaseline);
  const differences = shown.map((percentile) =>
    measuredFigures(
      percentile,
      ({ overBaseline }) => overBaseline && percentChange(overBaseline[percentile]),
      `% over ${baseline}`,
    ),
  );
  const columns: ArmColumn[] = [
    words('arm', ({ name }) => name),
    words('verdict', ({ verdict }) => stateBadge(verdict.state)),
    ...(sla ? [words<ArmResult>(limitInWords(sla), (arm) => arm.sla && stateBadge(arm.sla.met))] : []),
    ...shown.map((percentile) =>
      measuredFigures(
        percentile,
        ({ latencyS }) => plusMinus(latencyS[percentile], unit.perS),
        `latency, ${unit.name}`,
      ),
    ),
    ...(isCompared ? differences : []),
    measuredFigures('ρ', busiestShare),
  ];
  const interval =
    replications < 2
      ? 'one replication: no intervals'
      : `± ${significant(confidence * 100, 2)} % interval over ${replications} replications` +
        `${arms.some(hasCost) ? ' and the error of measured costs' : ''}${isCompared ? '; differences paired' : ''}`;
  return tableOfItems(`Latency (${interval}; ρ: use of the busiest resource)`, columns, arms);
}

/** What a request of each arm takes, and what its hosts cost; nothing where no arm was simulated. */
export function costTable({ arms, scenario }: Result): PageTable[] {
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return [];
  const where = columnsIf<ArmResult>;
  const isAccelerated = measured.some((arm) => arm.measured!.computeS.accelerator.mean > 0);
  const isCompared = measured.some((arm) => arm.measured!.overBaseline);
  const perRequest = 'per request';
  const columns: ArmColumn[] = [
    words('arm', ({ name }) => name),
    measuredFigures('CPU, ms', ({ computeS }) => amount(computeS.cpu.mean, 1e3), perRequest),
    ...where(
      isAccelerated,
      measuredFigures(
        'accelerator, ms',
        ({ computeS }) => amount(computeS.accelerator.mean, 1e3),
        perRequest,
      ),
    ),
    ...where(
      isCompared,
      measuredFigures(
        `compute, % over ${scenario.baseline}`,
        ({ overBaseline }) => overBaseline && percentChange(overBaseline.compute),
        perRequest,
      ),
    ),
    measuredFigures('RPCs', ({ rpcsPerRequest }) => amount(rpcsPerRequest.mean), perRequest),
    measuredFigures(
      'network, MB',
      ({ networkBytesPerRequest }) => amount(networkBytesPerRequest.mean, 1e-6),
      perRequest,
    ),
    figures('least', ({ shards }) => gigabytes(Math.min, shards), 'shards, GB'),
    figures('largest', ({ shards }) => gigabytes(Math.max, shards), 'shards, GB'),
    figures('hosts', ({ fleet }) => hostsOf(fleet)),
    ...where(
      measured.some(({ fleet }) => fleet.powerW !== undefined),
      figures('power, kW', ({ fleet }) => amount(fleet.powerW, 1e-3)),
    ),
    figures('USD/h', ({ fleet }) => significant(fleet.pricePerHourUsd)),
    ...where(
      measured.some(({ fleet }) => fleet.usdPerMillionRequests !== undefined),
      figures('USD per million requests', ({ fleet }) => amount(fleet.usdPerMillionRequests)),
    ),
  ];
  const hasTier = measured.some(({ fleet }) => fleet.preprocessingHosts !== undefined);
  const caption = `Cost and placement (compute: CPU and accelerator seconds; hosts: ${hasTier ? 'in front → ' : ''}main + sparse)`;
  return [tableOfItems(caption, columns, measured)];
}

function limitInWords({ percentile, limitS }: NonNullable<Result['scenario']['sla']>): string {
  return `${percentile} ≤ ${formatTime(limitS)}`;
}

function measuredFigures(
  title: string,
  cell: (measured: Measured) => Cell | undefined,
  group?: string,
): ArmColumn {
  return figures(title, ({ measured }) => measured && cell(measured), group);
}

function gigabytes(choose: (...sizes: number[]) => number, shards: ArmResult['shards']): string | undefined {
  if (shards.length === 0) return undefined;
  return significant(choose(...shards.map(({ sizeBytes }) => sizeBytes)) / 1e9);
}

function hasCost({ measured }: ArmResult): boolean {
  return measured?.latencyS.p50.cost !== undefined;
}
