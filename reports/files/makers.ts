import {
  type DataColumn,
  type DataTable,
  dataTable,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';

/**
 * What makes the tables of a kind of answer, by their names, the usual one first. A maker gives nothing where an answer
 * lacks what its table is about.
 */
export type Makers<Answer> = Record<string, (answer: Answer) => DataTable | undefined>;

/** Answers to scenarios say which inputs they rest on. */
type Answered = Pick<PlanResult, 'fingerprint' | 'defaults'> & { scenario: { name: string } };

/** Columns that tell where a row comes from, so that rows of several answers can stand in one table. */
export function originColumns<Item>({ scenario, fingerprint }: Answered): DataColumn<Item>[] {
  return [
    textColumn('scenario', () => scenario.name),
    textColumn('product', () => fingerprint.product),
    textColumn('input_hash', () => fingerprint.inputHash),
    wholeColumn('seed', () => fingerprint.seed),
  ];
}

/** Every default that the scenario left to the product. */
export function defaultsTable({ defaults }: Answered): DataTable {
  return dataTable(defaults, [
    textColumn('field', ({ path }) => path),
    textColumn('value', ({ value }) => String(value)),
  ]);
}
