import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { csvOf } from '../foundation/csv.ts';
import type { DataTable } from '../foundation/data-table.ts';
import { writeWhole } from '../foundation/files.ts';
import type { chartsOf } from '../reports/charts/charts-of.ts';
import { standaloneSvg } from '../reports/charts/standalone-svg.ts';
import { jsonOf } from '../reports/files/json.ts';
import { markdownReport } from '../reports/files/markdown-report.ts';
import { contentOf } from '../reports/html/content-of.ts';
import { htmlReport } from '../reports/html/html-report.ts';
import type { Subject } from '../reports/subject.ts';
import { planScenario } from '../sim/run.ts';
import { storeCsv } from '../sweep/duckdb.ts';
import { pageScript } from './page-script.ts';
import { productVersion } from './product.ts';
import { type ReportSource, scenarioOf } from './report-source.ts';
import { wantedTable } from './report-table.ts';
import { type Format, stdout } from './report-targets.ts';
import { reportText } from './report-text.ts';
import { requestTrace } from './request-trace.ts';

/** What an exporter is given. */
export interface ExportRequest {
  source: ReportSource;
  subject: Subject;
  /** Drawn once, for all that show them. */
  charts(): ReturnType<typeof chartsOf>;
  /** The file that is written, or the folder of --svg. */
  named: string;
  /** Name of a table of data; absent for the usual one. */
  table: string | undefined;
  /** Folder of the charts, where they are written, too. */
  svg: string | undefined;
  /** Threads of what is simulated. */
  workers: number | undefined;
}

/** A file to write. */
export interface Piece {
  /** As the user named it, or - for stdout. */
  file: string;
  content: Iterable<string | Uint8Array>;
  /** Of a table of data. */
  rows?: number;
}

/** What makes the files of each option; rows and points become text as they are written. */
export const exporters: Record<Format, (request: ExportRequest) => Piece[] | Promise<Piece[]>> = {
  html: ({ subject, named, charts }) => [{ file: named, content: [pageOf(subject, charts())] }],
  svg: ({ named, charts }) =>
    charts().charts.map((chart) => ({
      file: join(named, `${chart.id}.svg`),
      content: [`${standaloneSvg(chart)}\n`],
    })),
  markdown: ({ subject, named, svg, charts }) => {
    const text = markdownReport({
      content: contentOf(subject),
      ...charts(),
      ...(svg !== undefined && { pictureOf: (id: string) => linkTo(join(svg, `${id}.svg`), named) }),
      product: `rankfleet ${productVersion()}`,
    });
    return [{ file: named, content: [text] }];
  },
  csv: ({ subject, named, table }) => {
    const data = wantedTable(subject, table);
    return [{ file: named, content: csvOf(data), rows: data.size }];
  },
  parquet: async ({ subject, named, table }) => {
    const data = wantedTable(subject, table);
    return [{ file: named, content: [await parquetOf(data)], rows: data.size }];
  },
  trace: async ({ source, named, workers }) => {
    const { scenario, arm } = await scenarioOf(source, '--trace');
    const { text, notes, traces } = await requestTrace(scenario, await planScenario(scenario), {
      arm,
      ...(workers !== undefined && { workers }),
    });
    const isEmpty = traces.length === 0;
    for (const note of [...notes, ...(isEmpty ? [`${named} is not written: no arm fits`] : [])]) {
      process.stderr.write(`${note}\n`);
    }
    return isEmpty ? [] : [{ file: named, content: [text] }];
  },
  json: ({ subject, named }) => [{ file: named, content: jsonOf(subject) }],
};

/** A file as a document beside or above it links to it; one that is printed lies in the working directory. */
export function linkTo(file: string, document: string): string {
  const folder = document === stdout ? '.' : dirname(document);
  return relative(folder, file).split(sep).map(encodeURIComponent).join('/');
}

function pageOf(subject: Subject, charts: ReturnType<typeof chartsOf>): string {
  return htmlReport({
    subject,
    ...charts,
    text: reportText(subject),
    script: pageScript(),
    product: `rankfleet ${productVersion()}`,
  });
}

/** A table as the bytes of a Parquet file. */
export async function parquetOf(table: DataTable): Promise<Uint8Array> {
  const scratch = mkdtempSync(join(tmpdir(), 'rankfleet-parquet-'));
  try {
    const [csv, parquet] = ['rows.csv', 'rows.parquet'].map((name) => join(scratch, name));
    writeWhole(csv, csvOf(table));
    await storeCsv(csv, table.columns, 'parquet', parquet);
    return readFileSync(parquet);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
