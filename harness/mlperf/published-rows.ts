import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';

/** The rows that come with rankfleet. */
export const publishedFile = join(packageRoot, 'harness/published/mlperf-dlrm-inference.csv');

/** Percentiles that a Server log states. */
export const latencyPercentiles = ['p50', 'p90', 'p99', 'p99.9'] as const;
export type LatencyPercentile = (typeof latencyPercentiles)[number];

/** The models that MLPerf Inference calls DLRM. */
export type BenchmarkModel = 'DLRM-v1' | 'DLRM-v2';

/** One published result of MLPerf Inference, as its submitter reported it. */
export interface PublishedRow {
  /** Line of the file. */
  line: number;
  round: string;
  submitter: string;
  system: string;
  model: BenchmarkModel;
  accuracy: string;
  scenario: 'Offline' | 'Server';
  /** As the submitter writes it; empty on a system that has none. */
  accelerator: string;
  accelerators: number;
  nodes: number;
  cpu: string;
  cpusPerNode: number;
  /** Samples (requests) per second: reached in Offline, sent in Server. */
  samplesPerS: number;
  latencyS: Partial<Record<LatencyPercentile, number>>;
  /** Most user-item pairs of a batch. */
  capPairs?: number;
  crossPrecision?: string;
  /** Share of the embedding tables that accelerator memory holds. */
  shareOnAccelerator?: number;
  /** What of the line could not be read; such a row is listed and not predicted. */
  problem?: string;
}

const required = [
  'round',
  'submitter',
  'system_name',
  'model',
  'accuracy_target',
  'scenario',
  'accelerator_model',
  'accelerators_total',
  'host_cpu_model',
  'result',
];

const maxBytes = 16 * 2 ** 20;

/**
 * Reads a file with the columns of `harness/published/mlperf-dlrm-inference.csv`; those of `required` have to be there.
 * @throws InputError when it is no such file; a line that cannot be understood becomes a row with a `problem`
 */
export function readPublishedRows(file: string): PublishedRow[] {
  const text = readTextFile(file, maxBytes);
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      columns: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as typeof records;
  } catch (error) {
    throw new InputError([{ file, message: (error as Error).message }]);
  }
  if (records.length === 0) throw new InputError([{ file, message: 'holds no rows' }]);
  const missing = required.filter((column) => records[0].record[column] === undefined);
  if (missing.length > 0) {
    const message = `has no column ${missing.join(', ')}: expected those of harness/published/mlperf-dlrm-inference.csv`;
    throw new InputError([{ file, line: 1, column: 1, message }]);
  }
  return records.map(({ record, info }) => new RowReader(record).row(info.lines));
}

/** Reads the cells of one line and keeps what is wrong with them. */
class RowReader {
  private readonly wrong: string[] = [];
  private readonly cells: Record<string, string>;

  constructor(cells: Record<string, string>) {
    this.cells = cells;
  }

  row(line: number): PublishedRow {
    const accelerator = /^(n\/?a|none|-)?$/i.test(this.text('accelerator_model'))
      ? ''
      : this.text('accelerator_model');
    const nodes = this.number('nodes') ?? 1;
    const row: PublishedRow = {
      line,
      round: this.text('round'),
      submitter: this.text('submitter'),
      system: this.text('system_name'),
      model: this.model(),
      accuracy: this.text('accuracy_target'),
      scenario: this.scenario(),
      accelerator,
      accelerators: accelerator === '' ? 0 : (this.number('accelerators_total') ?? 1),
      nodes,
      cpu: this.text('host_cpu_model'),
      cpusPerNode: this.number('host_cpus_per_node') ?? 1,
      samplesPerS: this.rate(),
      latencyS: this.latencies(),
      ...defined('capPairs', this.number('cfg_max_batch_pairs')),
      ...defined('crossPrecision', this.text('cfg_interaction_precision') || undefined),
      ...defined('shareOnAccelerator', this.number('cfg_embedding_share_on_gpu')),
    };
    if (accelerator !== '' && row.accelerators < 1) this.wrong.push('accelerators_total is below 1');
    if (this.wrong.length > 0) row.problem = this.wrong.join('; ');
    return row;
  }

  private model(): BenchmarkModel {
    const text = this.text('model');
    if (/dcn|v2|multi-hot/i.test(text)) return 'DLRM-v2';
    if (!/dlrm/i.test(text)) this.wrong.push(`model '${text}' is no DLRM`);
    return 'DLRM-v1';
  }

  private scenario(): PublishedRow['scenario'] {
    const text = this.text('scenario');
    if (!/^(offline|server)$/i.test(text))
      this.wrong.push(`scenario '${text}' is neither Offline nor Server`);
    return /server/i.test(text) ? 'Server' : 'Offline';
  }

  private rate(): number {
    const rate = this.number('result');
    if (rate === undefined || rate <= 0) this.wrong.push('result is no rate');
    return rate ?? 0;
  }

  private latencies(): PublishedRow['latencyS'] {
    return Object.fromEntries(
      latencyPercentiles.flatMap((name) => {
        const nanoseconds = this.number(`lat_${name}_ns`);
        return nanoseconds === undefined ? [] : [[name, nanoseconds * 1e-9]];
      }),
    );
  }

  private text(column: string): string {
    return this.cells[column] ?? '';
  }

  private number(column: string): number | undefined {
    const text = this.text(column).replace(/,/g, '');
    if (text === '' || /^n\/?a$/i.test(text)) return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    this.wrong.push(`${column} '${text}' is no number`);
    return undefined;
  }
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
}

/** `v3.1` as 3.1, to compare rounds; 0 for what is none. */
export function roundNumber(round: string): number {
  const found = /(\d+)\.(\d+)/.exec(round);
  return found ? Number(found[1]) + Number(found[2]) / 10 : 0;
}
