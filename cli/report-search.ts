import { join } from 'node:path';
import { InputError } from '../foundation/problem.ts';
import { standaloneSvg } from '../reports/charts/standalone-svg.ts';
import { markdownReport } from '../reports/files/markdown-report.ts';
import { searchPage, searchParts } from '../reports/search/search-page.ts';
import type { SearchReport } from '../reports/search/search-report.ts';
import { searchText } from '../reports/search/search-text.ts';
import { reportOf, searchAt } from './evolve/stored-search.ts';
import { exitCodes } from './exit-codes.ts';
import { linkTo, type Piece } from './exporters.ts';
import { pageScript } from './page-script.ts';
import { print } from './print.ts';
import { productVersion } from './product.ts';
import type { SourceOptions } from './report-source.ts';
import { type Format, type FormatOptions, targetsOf } from './report-targets.ts';
import { writePieces } from './write-pieces.ts';

/** Those of every report; a search takes some of them. */
type Options = FormatOptions & SourceOptions & { table?: string };

/** `rankfleet report` of a kernel search: its last session, as `rankfleet evolve report` shows it; returns the exit code. */
export async function reportKernelSearch(named: string, options: Options): Promise<number> {
  const targets = targetsOf(options, named);
  checkOptions(named, options);
  const report = reportOf(await searchAt(named), named);
  if (targets.length === 0) await print(searchText(report));
  await writePieces(targets.flatMap(({ format, named: file }) => piecesOf(format, report, file, options)));
  return exitCodes.answered;
}

function checkOptions(named: string, options: Options): void {
  const words = ['csv', 'parquet', 'trace', 'table', 'seed', 'replications', 'workers'] as const;
  const given = [
    ...words.filter((option) => options[option] !== undefined),
    ...(options.arm.length > 0 ? ['arm'] : []),
  ].map((option) => `--${option}`);
  if (given.length > 0) {
    throw new InputError(
      `${given.join(' and ')}: ${named} is a kernel search, which has none of it; --html, --svg, --markdown and --json report on it`,
    );
  }
}

function piecesOf(format: Format, report: SearchReport, file: string, { svg }: Options): Piece[] {
  const product = `rankfleet ${productVersion()}`;
  switch (format) {
    case 'html':
      return [{ file, content: [searchPage(report, { script: pageScript(), product })] }];
    case 'svg':
      return searchParts(report).charts.map((chart) => ({
        file: join(file, `${chart.id}.svg`),
        content: [`${standaloneSvg(chart)}\n`],
      }));
    case 'markdown': {
      const pictureOf = (id: string) => linkTo(join(svg!, `${id}.svg`), file);
      const pictures = svg === undefined ? {} : { pictureOf };
      return [{ file, content: [markdownReport({ ...searchParts(report), ...pictures, product })] }];
    }
    default:
      return [{ file, content: [`${JSON.stringify(report, null, 2)}\n`] }];
  }
}
