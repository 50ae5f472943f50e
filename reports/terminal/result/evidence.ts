import type { ArmResult, Result } from '../../../sim/result.ts';
import { evidenceBars } from '../evidence-lines.ts';
import type { Line } from '../line.ts';
import { facts, paragraph, sections } from '../table.ts';

/** What an arm's figures rest on, and what was assumed where the scenario says nothing. */
export function evidenceLines(
  { defaults, fingerprint }: Result,
  { evidence }: ArmResult,
  width: number,
): Line[] {
  const { typicalTime, tailTime, figures } = evidence;
  return sections(
    width,
    [
      'Share of the time by its weakest input',
      evidenceBars(
        [
          ...(typicalTime ? [{ name: 'typical request', shares: typicalTime }] : []),
          ...(tailTime ? [{ name: 'slowest 1 %', shares: tailTime }] : []),
        ],
        width,
      ),
    ],
    [
      'Figures of hosts, network and model, by evidence',
      facts(
        Object.entries(figures).map(([name, count]) => [name, String(count)]),
        width,
      ),
    ],
    ['Defaults that were assumed', defaultLines(defaults, width)],
    [
      '',
      paragraph(
        `${fingerprint.product}, seed ${fingerprint.seed}, input ${fingerprint.inputHash}`,
        width,
        'faint',
      ),
    ],
  );
}

export function defaultLines(defaults: Result['defaults'], width: number): Line[] {
  if (defaults.length === 0) return [['none: the scenario states all it needs']];
  return facts(
    defaults.map(({ path, value }) => [path, String(value)]),
    width,
  );
}
