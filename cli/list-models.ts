import { formatBytes, significant, withPrefix } from '../foundation/units.ts';
import { loadModel } from '../models/files.ts';
import type { Affine, EmbeddingTable, Model, Net } from '../models/model.ts';
import { type ModelSummary, summariseModel } from '../models/summary.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import { listTable, pageWidth } from './list-table.ts';
import type { Listing } from './listing.ts';

/** Most tables that a detail page shows; --json has them all. */
const shownTables = 10;

export function modelList(names: string[]): Listing {
  const models = names.map((name) => loadModel(name));
  const rows = models.map((model) => [
    ...summaryCells(summariseModel(model)),
    model.evidence,
    model.description,
  ]);
  const columns = [
    { title: 'model', align: 'left' as const },
    { title: 'tables' },
    { title: 'embeddings' },
    { title: 'params', group: 'dense' },
    { title: 'FLOP', group: 'per candidate' },
    { title: 'gathered', group: 'per candidate' },
    { title: 'evidence', align: 'left' as const },
    { title: 'what it is', align: 'left' as const },
  ];
  const note =
    'Per candidate in a batch of 64; user-level work is shared by the batch. FLOP count a multiply-add as two.';
  return {
    text: `${listTable(columns, rows)}\n\n${note}`,
    data: models.map((model) => ({
      description: model.description,
      evidence: model.evidence,
      ...summariseModel(model),
    })),
  };
}

function summaryCells(summary: ModelSummary): string[] {
  const perCandidate = ({ fixed, perCandidate: each }: { fixed: number; perCandidate: number }) =>
    fixed / 64 + each;
  return [
    summary.name,
    String(summary.tables),
    formatBytes(summary.embeddingBytes),
    prefixed(summary.denseParameters),
    prefixed(perCandidate(summary.flops)),
    formatBytes(perCandidate(summary.gatheredBytes)),
  ];
}

export function modelDetails(name: string): Listing {
  const model = loadModel(name);
  const summary = summariseModel(model);
  const head = [
    wrap(`${model.name}: ${model.description}`, pageWidth),
    wrap(`evidence ${model.evidence}: ${model.source}`, pageWidth),
    `${summary.tables} tables with ${prefixed(summary.embeddingParameters)} parameters in ${formatBytes(summary.embeddingBytes)}, ` +
      `${summary.denseParameters} dense parameters`,
  ].join('\n');
  const parts = [head, workText(summary), ...preprocessingText(model), ...model.nets.map(netText)];
  const text = parts.join('\n\n');
  return { text, data: { summary, model } };
}

/** The two parts of a cost: what a batch costs whatever its size, and what each of its candidates adds. */
const workColumns = [{ title: 'fixed per batch' }, { title: 'per candidate' }];

function workText({ flops, gatheredBytes, lookups }: ModelSummary): string {
  const row = (work: string, { fixed, perCandidate }: Affine, format: (value: number) => string) => [
    work,
    format(fixed),
    format(perCandidate),
  ];
  return textTable(
    [{ title: 'work of a batch', align: 'left' }, ...workColumns],
    [
      row('dense FLOP', flops, prefixed),
      row('embedding rows gathered', lookups, prefixed),
      row('embedding bytes gathered', gatheredBytes, formatBytes),
    ],
  );
}

/** What is done to raw features before the first net, all launches of an operator together. */
function preprocessingText({ preprocessing }: Model): string[] {
  if (!preprocessing) return [];
  const table = textTable(
    [
      { title: 'preprocessing', align: 'left' },
      { title: 'launches' },
      ...['bytes in', 'bytes out', 'steps'].flatMap((group) =>
        ['fixed', 'per candidate'].map((title) => ({ title, group })),
      ),
    ],
    preprocessing.map(({ name, launches, inputBytes, outputBytes, flops }) => [
      name,
      String(launches),
      ...[inputBytes, outputBytes].flatMap(({ fixed, perCandidate }) => [
        formatBytes(fixed),
        formatBytes(perCandidate),
      ]),
      prefixed(flops.fixed * launches),
      prefixed(flops.perCandidate * launches),
    ]),
  );
  return [table];
}

function prefixed(value: number): string {
  return withPrefix(value).trim();
}

function netText(net: Net): string {
  const operators = textTable(
    [
      { title: 'operator', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'stage', align: 'left' },
      { title: 'level', align: 'left' },
      ...workColumns.map((column) => ({ ...column, group: 'FLOP' })),
      { title: 'parameters' },
    ],
    net.operators.map(({ name, kind, stage, level, flops, parameters }) => [
      name,
      kind,
      stage,
      level,
      prefixed(flops.fixed),
      prefixed(flops.perCandidate),
      String(parameters),
    ]),
  );
  return `net ${net.name}: ${net.denseFeatures} dense features, ${net.tables.length} tables\n${operators}\n\n${tablesText(net.tables)}`;
}

function tablesText(tables: EmbeddingTable[]): string {
  const largest = [...tables].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, shownTables);
  const rows = largest.map((table) => [
    table.name,
    String(table.numEmbeddings),
    String(table.embeddingDim),
    table.dataType,
    formatBytes(table.sizeBytes),
    significant(table.poolingFactor),
    `${significant(table.presence * 100)} %`,
    table.level,
  ]);
  const more =
    tables.length > shownTables
      ? `\n… and ${tables.length - shownTables} smaller tables (--json lists all)`
      : '';
  const columns = ['table', 'rows', 'dim', 'type', 'size', 'pooling', 'present', 'level'];
  return (
    textTable(
      columns.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
      rows,
    ) + more
  );
}
