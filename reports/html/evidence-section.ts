import { type Evidence, evidenceLevels } from '../../foundation/evidence.ts';
import type { PageTable } from './content.ts';

/** Shares or numbers by evidence, of one thing. */
export type ByEvidence = Partial<Record<Evidence, number>>;

/** What of a thing rests on what: columns of the same group are of one kind, as parts of a latency. */
export interface EvidenceGroup {
  title: string;
  /** How a share or a number is written. */
  format: (value: number) => string;
  /** One for each row. */
  values: readonly (ByEvidence | undefined)[];
}

/** Names side by side with what they rest on, strongest evidence first; levels that nothing has are left out. */
export function evidenceTable(
  caption: string,
  nameTitle: string,
  names: readonly string[],
  groups: readonly EvidenceGroup[],
): PageTable {
  const shown = groups.map((group) => ({
    ...group,
    levels: evidenceLevels.filter((level) => group.values.some((value) => (value?.[level] ?? 0) > 0)),
  }));
  return {
    caption,
    columns: [
      { title: nameTitle, align: 'left' },
      ...shown.flatMap(({ title, levels }) => levels.map((level) => ({ title: level, group: title }))),
    ],
    rows: names.map((name, row) => [
      name,
      ...shown.flatMap(({ levels, values, format }) =>
        levels.map((level) => {
          const value = values[row]?.[level];
          return value === undefined ? '–' : format(value);
        }),
      ),
    ]),
  };
}

/** A share in percent, without its sign: the heading has it. */
export function inPercent(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.1 ? '< 0.1' : String(Number(percent.toPrecision(3)));
}
