import { formatTime, significant } from '../../foundation/units.ts';
import {
  type ArmResult,
  type Measured,
  type Percentile,
  percentileSchema,
  type Result,
} from '../../sim/result.ts';
import { percentChange, plusMinus, timeUnit } from '../numbers.ts';
import { busiestShare, hostsOf } from '../simulation-report.ts';
import { byteUnit } from './byte-unit.ts';
import type { Cell, PageTable } from './content.ts';
import { stateBadge } from './state-badge.ts';
import { amount, columnsIf, figures, type ItemColumn, tableOfItems, words } from './table-of-items.ts';

type ArmColumn = ItemColumn<ArmResult>;

const usualPercentiles = new Set<Percentile>(['p50', 'p90', 'p99']);

/** Percentiles of each arm, how they differ from the baseline's, and whether they can be believed. */
export function latencyTable({ arms, scenario }: Result): PageTable {
  const { sla, baseline, replications, confidence } = scenario;
  const judged = sla?.percentile;
  const shown = percentileSchema.options.filter((one) => one === judged || usualPercentiles.has(one));
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
  const simulated = arms.filter(({ measured }) => measured);
  if (simulated.length === 0) return [];
  const hasTier = simulated.some(({ fleet }) => fleet.preprocessingHosts !== undefined);
  const caption = `Cost and placement (compute: CPU and accelerator seconds; hosts: ${hasTier ? 'in front → ' : ''}main + sparse)`;
  const columns = [
    words<ArmResult>('arm', ({ name }) => name),
    ...requestColumns(simulated, scenario.baseline),
    ...fleetColumns(simulated),
  ];
  return [tableOfItems(caption, columns, simulated)];
}

function requestColumns(arms: readonly ArmResult[], baseline: string): ArmColumn[] {
  const group = 'per request';
  const all = arms.flatMap(({ measured }) => measured ?? []);
  const time = timeUnit(all.map(({ computeS }) => computeS.cpu.mean));
  const size = byteUnit(all.map(({ networkBytesPerRequest }) => networkBytesPerRequest.mean));
  const column = (title: string, of: (measured: Measured) => string | undefined) =>
    measuredFigures(title, of, group);
  return [
    column(`CPU, ${time.name}`, ({ computeS }) => amount(computeS.cpu.mean, time.perS)),
    ...columnsIf(
      all.some(({ computeS }) => computeS.accelerator.mean > 0),
      column(`accelerator, ${time.name}`, ({ computeS }) => amount(computeS.accelerator.mean, time.perS)),
    ),
    ...columnsIf(
      all.some(({ overBaseline }) => overBaseline),
      column(
        `compute, % over ${baseline}`,
        ({ overBaseline }) => overBaseline && percentChange(overBaseline.compute),
      ),
    ),
    column('RPCs', ({ rpcsPerRequest }) => amount(rpcsPerRequest.mean)),
    column(`network, ${size.name}`, ({ networkBytesPerRequest }) =>
      amount(networkBytesPerRequest.mean, size.perByte),
    ),
  ];
}

function fleetColumns(arms: readonly ArmResult[]): ArmColumn[] {
  const size = byteUnit(arms.flatMap(({ shards }) => shards.map(({ sizeBytes }) => sizeBytes)));
  const sharded = (title: string, choose: (...sizes: number[]) => number) =>
    figures<ArmResult>(
      title,
      ({ shards }) =>
        shards.length > 0
          ? amount(choose(...shards.map(({ sizeBytes }) => sizeBytes)), size.perByte)
          : undefined,
      `shards, ${size.name}`,
    );
  const where = columnsIf<ArmResult>;
  return [
    ...where(
      arms.some(({ shards }) => shards.length > 0),
      sharded('least', Math.min),
      sharded('largest', Math.max),
    ),
    figures('hosts', ({ fleet }) => hostsOf(fleet)),
    ...where(
      arms.some(({ fleet }) => fleet.powerW !== undefined),
      figures('power, kW', ({ fleet }) => amount(fleet.powerW, 1e-3)),
    ),
    figures('USD/h', ({ fleet }) => amount(fleet.pricePerHourUsd)),
    ...where(
      arms.some(({ fleet }) => fleet.usdPerMillionRequests !== undefined),
      figures('USD per million requests', ({ fleet }) => amount(fleet.usdPerMillionRequests)),
    ),
  ];
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

function hasCost({ measured }: ArmResult): boolean {
  return measured?.latencyS.p50.cost !== undefined;
}
