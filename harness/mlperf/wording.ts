import type { RowOutcome, RowPrediction } from './predict.ts';
import { isPredicted } from './predict.ts';
import type { GroupSummary, Summary } from './summary.ts';
import { targets } from './summary.ts';

/** What every page and table of these predictions says of itself. */
export const honesty =
  'Predicted figures are simulated and unverified; they are not MLPerf results. Published figures are those of MLPerf ' +
  'Inference, datacenter, closed division, of the submitter, round, model, scenario and system named in each row. ' +
  'Nothing is fitted to a row: kernels measured on one device, datasheets, and the published rate and batch cap go in. ' +
  'MLPerf is a trademark of MLCommons.';

/** `+4 %` or `−4 %`. */
export function signed(share: number): string {
  const size = Math.abs(100 * share).toFixed(0);
  return `${share < 0 && size !== '0' ? '−' : '+'}${size} %`;
}

export function milliseconds(seconds: number): string {
  return (seconds * 1e3).toPrecision(3);
}

/** `8 × h100-sxm`, `2 × xeon-8592-plus`. */
export function systemName({ system }: RowPrediction): string {
  const { accelerator, accelerators, cpu, sockets } = system;
  return accelerator === undefined ? `${sockets} × ${cpu}` : `${accelerators} × ${accelerator}`;
}

/** Words of one row, the same in the terminal and on the page. */
export const offlineHeadings = [
  'round',
  'submitter',
  'system',
  'model',
  'target',
  'cross layers',
  'cap',
  'published /s',
  'predicted /s',
  'error',
];

export function offlineCells(prediction: RowPrediction): string[] {
  const { throughput } = prediction;
  return [
    ...commonCells(prediction),
    throughput.published!.toFixed(0),
    throughput.predicted.toFixed(0),
    signed(throughput.error!),
  ];
}

export const serverHeadings = [
  'round',
  'submitter',
  'system',
  'model',
  'target',
  'cross layers',
  'cap',
  'rate /s',
  'ρ',
  ...['p50', 'p90', 'p99', 'p99.9'].flatMap((name) => [`${name} ms`, 'error']),
];

/** Latencies as predicted over published. */
export function serverCells(prediction: RowPrediction): string[] {
  const { row, load, latency } = prediction;
  const cells = (['p50', 'p90', 'p99', 'p99.9'] as const).flatMap((name) => {
    const published = row.latencyS[name];
    const of = published === undefined ? '–' : milliseconds(published);
    if (!latency) return [`– / ${of}`, published === undefined ? '–' : 'saturated'];
    const { predicted, error } = latency[name];
    return [`${milliseconds(predicted)} / ${of}`, error === undefined ? '–' : signed(error)];
  });
  return [...commonCells(prediction), row.samplesPerS.toFixed(0), load!.toFixed(2), ...cells];
}

function commonCells(prediction: RowPrediction): string[] {
  const { row, system, capPairs, isOwnCap } = prediction;
  const isCross = row.model === 'DLRM-v2' && system.accelerator !== undefined;
  const cap = system.accelerator === undefined ? '–' : `${capPairs}${isOwnCap ? '' : '*'}`;
  return [
    row.round,
    row.submitter,
    systemName(prediction),
    row.model,
    row.accuracy,
    isCross ? system.cross : '–',
    cap,
  ];
}

export const summaryHeadings = [
  'device',
  'model',
  'scenario',
  'rows',
  'throughput',
  'bias',
  'saturated',
  'p50',
  'p99',
  'p99 bias',
  'within target',
];

export function summaryCells(group: GroupSummary): string[] {
  const { device, model, scenario, rows, throughput, saturated, p50, p99, within, judged } = group;
  const size = (error: { medianError: number } | undefined) =>
    error ? `${(100 * error.medianError).toFixed(0)} %` : '–';
  const bias = (error: { bias: number } | undefined) => (error ? signed(error.bias) : '–');
  return [
    device,
    model,
    scenario,
    String(rows),
    size(throughput),
    bias(throughput),
    saturated === undefined ? '–' : String(saturated),
    size(p50),
    size(p99),
    bias(p99),
    `${within} of ${judged}`,
  ];
}

export const summaryNote =
  'Throughput, p50, p99: median size of the error; bias: median with its sign, above 0 where predicted is more. ' +
  `Targets: ${100 * targets.throughput} % on Offline throughput, ${100 * targets.p99} % on Server p99. ρ: published rate over ` +
  'predicted capacity with batches at the cap; from 0.99 on the prediction is saturated: it has no latencies and misses. ' +
  '*: the row states no cap; Offline takes 300,000 pairs, Server as many as take 3 ms.';

export function totals({ offline, server, unpredicted }: Summary): string {
  const none = unpredicted > 0 ? `; ${unpredicted} rows have no prediction` : '';
  return (
    `Offline throughput within ${100 * targets.throughput} %: ${offline.within} of ${offline.rows}. ` +
    `Server p99 within ${100 * targets.p99} %: ${server.within} of ${server.rows} with a published p99, of which ` +
    `${server.saturated} are predicted saturated${none}.`
  );
}

export function rowsOf(outcomes: readonly RowOutcome[], scenario: 'Offline' | 'Server'): RowPrediction[] {
  return outcomes.filter(isPredicted).filter(({ row }) => row.scenario === scenario);
}
