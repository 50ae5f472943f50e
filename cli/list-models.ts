import { formatBytes, significant, withPrefix } from '../foundation/units.ts';
import { loadModel } from '../models/files.ts';
import type { EmbeddingTable, Net } from '../models/model.ts';
import { type ModelSummary, summariseModel } from '../models/summary.ts';
import { textTable } from '../reports/text-table.ts';
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
    { title: 'nets' },
    { title: 'tables' },
    { title: 'dense params' },
    { title: 'embeddings' },
    { title: 'FLOP/candidate' },
    { title: 'gathered/candidate' },
    { title: 'evidence', align: 'left' as const },
    { title: 'what it is', align: 'left' as const },
  ];
  const note =
    'Per candidate in a batch of 64; user-level work is shared by the batch. FLOP count a multiply-add as two.';
  return {
    text: `${textTable(columns, rows)}\n\n${note}`,
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
    String(summary.nets),
    String(summary.tables),
    withPrefix(summary.denseParameters).trim(),
    formatBytes(summary.embeddingBytes),
    withPrefix(perCandidate(summary.flops)).trim(),
    formatBytes(perCandidate(summary.gatheredBytes)),
  ];
}

export function modelDetails(name: string): Listing {
  const model = loadModel(name);
  const summary = summariseModel(model);
  const head = [
    `${model.name}: ${model.description}`,
    `evidence ${model.evidence}: ${model.source}`,
    `${summary.tables} tables with ${withPrefix(summary.embeddingParameters)}parameters in ${formatBytes(summary.embeddingBytes)}, ` +
      `${summary.denseParameters} dense parameters`,
    `FLOP of a batch: ${affineText(summary.flops)}; bytes gathered: ${affineText(summary.gatheredBytes)}; rows: ${affineText(summary.lookups)}`,
  ].join('\n');
  return { text: [head, ...model.nets.map(netText)].join('\n\n'), data: { summary, model } };
}

function affineText({ fixed, perCandidate }: { fixed: number; perCandidate: number }): string {
  return `${withPrefix(fixed).trim()} + ${withPrefix(perCandidate).trim()} per candidate`;
}

function netText(net: Net): string {
  const operators = textTable(
    [
      { title: 'operator', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'stage', align: 'left' },
      { title: 'level', align: 'left' },
      { title: 'FLOP/candidate' },
      { title: 'parameters' },
    ],
    net.operators.map(({ name, kind, stage, level, flops, parameters }) => [
      name,
      kind,
      stage,
      level,
      flops.fixed > 0
        ? `${withPrefix(flops.fixed).trim()} + ${withPrefix(flops.perCandidate).trim()}`
        : withPrefix(flops.perCandidate).trim(),
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
