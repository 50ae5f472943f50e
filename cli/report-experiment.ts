import { join } from 'node:path';
import { experimentNames } from '../distil/experiment/load-experiment.ts';
import { csvOf } from '../foundation/csv.ts';
import type { DataTable } from '../foundation/data-table.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { standaloneSvg } from '../reports/charts/standalone-svg.ts';
import { experimentPage, experimentParts } from '../reports/experiment/experiment-page.ts';
import { experimentTables } from '../reports/experiment/experiment-tables.ts';
import { experimentText } from '../reports/experiment/experiment-text.ts';
import { markdownReport } from '../reports/files/markdown-report.ts';
import type { ExperimentResult } from '../sim/training/experiment-result.ts';
import { requireDuckDb } from '../sweep/duckdb.ts';
import { readExperiment } from './distil/experiment-source.ts';
import { exitCodes } from './exit-codes.ts';
import { linkTo, type Piece, parquetOf } from './exporters.ts';
import { pageScript } from './page-script.ts';
import { print } from './print.ts';
import { productVersion } from './product.ts';
import type { SourceOptions } from './report-source.ts';
import { type Format, type FormatOptions, targetsOf } from './report-targets.ts';
import { writePieces } from './write-pieces.ts';

/** Those of every report; an experiment takes some of them. */
type Options = FormatOptions & SourceOptions & { table?: string };

/** `rankfleet report` of a distillation experiment; returns the exit code. */
export async function reportExperiment(named: string, options: Options): Promise<number> {
  const targets = targetsOf(options, named);
  await checkOptions(named, options);
  const result = readExperiment(named);
  if (targets.length === 0) await print(experimentText(result));
  const pieces: Piece[] = [];
  for (const { format, named: file } of targets)
    pieces.push(...(await piecesOf(format, result, file, named, options)));
  await writePieces(pieces);
  return exitCodes.answered;
}

async function checkOptions(named: string, options: Options): Promise<void> {
  const words = ['trace', 'seed', 'replications', 'workers'] as const;
  const given = [
    ...words.filter((option) => options[option] !== undefined),
    ...(options.arm.length > 0 ? ['arm'] : []),
  ].map((option) => `--${option}`);
  if (given.length > 0) {
    throw new InputError(
      `${given.join(' and ')}: ${named} is a distillation experiment, which has none of it; --html, --svg, --markdown, --csv, --parquet and --json report on it`,
    );
  }
  const { table, csv, parquet } = options;
  if (table !== undefined && csv === undefined && parquet === undefined)
    throw new InputError('--table says what --csv and --parquet write: give one of them, too');
  if (table !== undefined && !Object.hasOwn(experimentTables, table)) {
    const names = Object.keys(experimentTables);
    throw new InputError(
      `--table ${table}: an experiment has no such table${didYouMean(table, names)}; it has ${names.join(', ')}`,
    );
  }
  if (parquet !== undefined) await requireDuckDb('--parquet');
}

async function piecesOf(
  format: Format,
  result: ExperimentResult,
  file: string,
  named: string,
  { svg, table }: Options,
): Promise<Piece[]> {
  const product = `rankfleet ${productVersion()}`;
  const origin = { source: named, commands: commandsOf(result) };
  switch (format) {
    case 'html':
      return [{ file, content: [experimentPage(result, origin, { script: pageScript(), product })] }];
    case 'svg':
      return experimentParts(result, origin).charts.map((chart) => ({
        file: join(file, `${chart.id}.svg`),
        content: [`${standaloneSvg(chart)}\n`],
      }));
    case 'markdown': {
      const pictureOf = (id: string) => linkTo(join(svg!, `${id}.svg`), file);
      const pictures = svg === undefined ? {} : { pictureOf };
      return [
        { file, content: [markdownReport({ ...experimentParts(result, origin), ...pictures, product })] },
      ];
    }
    case 'csv': {
      const data = wantedTable(result, table);
      return [{ file, content: csvOf(data), rows: data.size }];
    }
    case 'parquet': {
      const data = wantedTable(result, table);
      return [{ file, content: [await parquetOf(data)], rows: data.size }];
    }
    default:
      return [{ file, content: [`${JSON.stringify(result, null, 2)}\n`] }];
  }
}

/** What runs it again. Of an experiment in a file, the result knows the name alone. */
function commandsOf({ name, protocol }: ExperimentResult): string[] {
  const experiment = experimentNames().includes(name) ? name : `${name}.yaml`;
  return [`rankfleet distil ${experiment} --seeds ${protocol.seeds.length} --out results`];
}

/** @throws InputError where the experiment lacks what the table is about */
function wantedTable(result: ExperimentResult, name = Object.keys(experimentTables)[0]): DataTable {
  const table = experimentTables[name](result);
  if (table) return table;
  throw new InputError(`--table ${name}: this experiment holds nothing of it`);
}
