import { counted } from '../../foundation/counted.ts';
import type {
  ClaimVerdict,
  ExperimentClaim,
  ExperimentResult,
} from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';
import { levelInWords, listed, percentPoints, signed } from './wording.ts';

type Part = ExperimentClaim['parts'][number];

/** Each claim with its verdict, the rule that gave it, and the figures that it rests on. */
export function claimsSection({ claims, protocol }: ExperimentResult, isBrief: boolean): Section {
  return {
    id: 'claims',
    title: 'The claims',
    paragraphs: [
      `${protocol.seeds.length === 1 ? 'A single seed has no interval over seeds, so that every figure is open. ' : ''}The rules were there before the figures. A figure is on one side of zero where all of its ${levelInWords(protocol.level)} intervals are; of differences of NE the unit is % of NE, of calibration % of the ratio Σp/Σy.`,
    ],
    tables: [verdictTable(claims), partTable(claims), ...(isBrief ? [] : [cellTable(claims)])],
    points: rulesInWords(claims),
  };
}

function verdictTable(claims: readonly ExperimentClaim[]): PageTable {
  return {
    caption: 'Verdicts',
    columns: [
      { title: 'claim', align: 'left' },
      { title: 'verdict', align: 'left' },
      { title: 'what is claimed', align: 'left' },
    ],
    rows: claims.map(({ id, verdict, statement }) => [`(${id})`, verdict, statement]),
  };
}

/** Each rule once, with the claims that it is of. */
function rulesInWords(claims: readonly ExperimentClaim[]): string[] {
  const rules = [...new Set(claims.map(({ rule }) => rule))];
  return rules.map((rule) => {
    const of = claims.filter((claim) => claim.rule === rule).map(({ id }) => `(${id})`);
    return `Rule of ${listed(of)}: ${rule}`;
  });
}

/** How many figures of each part are where they were claimed to be. */
function partTable(claims: readonly ExperimentClaim[]): PageTable {
  return {
    caption: 'What the verdicts rest on: figures on the claimed side of zero, on the other, and open',
    columns: [
      { title: 'claim', align: 'left' },
      { title: 'verdict', align: 'left' },
      { title: 'as claimed' },
      { title: 'contrary' },
      { title: 'open' },
      { title: 'means, %' },
      { title: 'part', align: 'left' },
    ],
    rows: claims.flatMap(({ id, parts }) =>
      parts.map((part, index) => {
        const { asClaimed, contrary, open } = countsOf(part);
        return [
          partName(id, parts, index),
          part.verdict,
          String(asClaimed),
          String(contrary),
          String(open),
          meansOf(part),
          part.statement,
        ];
      }),
    ),
  };
}

function partName(id: string, parts: readonly Part[], index: number): string {
  return parts.length > 1 ? `(${id}) ${index + 1}` : `(${id})`;
}

function countsOf({ cells, claimed }: Part) {
  const other = claimed === 'above' ? 'below' : 'above';
  const at = (side: string) => cells.filter(({ difference }) => difference.side === side).length;
  return { asClaimed: at(claimed), contrary: at(other), open: at('open') };
}

/** `+0.15 … +0.39`: the least and the most of the means. */
function meansOf({ cells }: Part): string {
  const means = cells.map(({ difference }) => 100 * difference.mean);
  const ends = [...new Set([Math.min(...means), Math.max(...means)])];
  return means.length === 0 ? '' : ends.map((mean) => signed(mean, 2)).join(' … ');
}

function cellTable(claims: readonly ExperimentClaim[]): PageTable {
  return {
    caption: 'Every figure of the claims',
    columns: [
      { title: 'claim', align: 'left' },
      { title: 'where', align: 'left' },
      { title: 'difference, %' },
      { title: 'claimed', align: 'left' },
      { title: 'is', align: 'left' },
    ],
    rows: claims.flatMap(({ id, parts }) =>
      parts.flatMap(({ cells, claimed }, index) =>
        cells.map(({ where, difference }) => [
          partName(id, parts, index),
          where,
          percentPoints(difference),
          claimed,
          difference.side,
        ]),
      ),
    ),
  };
}

/** `4 of 7 claims hold: (a), (c), (d) and (g); (e) does not hold; (b) and (f) are not shown.` */
export function claimsInWords(claims: readonly ExperimentClaim[]): string {
  const named = (verdict: ClaimVerdict) =>
    claims.filter((claim) => claim.verdict === verdict).map(({ id }) => `(${id})`);
  const [hold, fail, unshown, notRun] = (['holds', 'does not hold', 'not shown', 'not run'] as const).map(
    named,
  );
  const also = [
    ...(fail.length > 0 ? [`${listed(fail)} ${fail.length === 1 ? 'does' : 'do'} not hold`] : []),
    ...(unshown.length > 0 ? [`${listed(unshown)} ${unshown.length === 1 ? 'is' : 'are'} not shown`] : []),
    ...(notRun.length > 0 ? [`${listed(notRun)} ${notRun.length === 1 ? 'was' : 'were'} not run`] : []),
  ];
  const rest = also.map((one) => `; ${one}`).join('');
  if (unshown.length === claims.length && claims.length > 1)
    return `None of the ${counted(claims.length, 'claim')} is shown, one way or the other.`;
  if (hold.length === 0) return `Of ${counted(claims.length, 'claim')} none holds${rest}.`;
  return `Of ${counted(claims.length, 'claim')} ${hold.length} ${hold.length === 1 ? 'holds' : 'hold'}: ${listed(hold)}${rest}.`;
}
