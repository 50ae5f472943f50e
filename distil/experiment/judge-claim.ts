import type {
  ClaimVerdict,
  ExperimentClaim,
  ExperimentDifference,
} from '../../sim/training/experiment-result.ts';

type Part = ExperimentClaim['parts'][number];

/** What every claim is judged by; it knows no threshold that could be tuned. */
export const claimRule =
  'A part holds where every cell lies on the claimed side of zero with each of its intervals wholly (over seeds, and over days where it is a sum over days); it does not hold where a cell lies wholly on the other side; else it is not shown.';

/** A statement about cells that should all be on one side of zero. */
export function judgePart(
  statement: string,
  claimed: 'above' | 'below',
  cells: readonly { where: string; difference: ExperimentDifference }[],
): Part {
  return { statement, claimed, cells: [...cells], verdict: verdictOf(claimed, cells) };
}

function verdictOf(
  claimed: 'above' | 'below',
  cells: readonly { difference: ExperimentDifference }[],
): ClaimVerdict {
  if (cells.length === 0) return 'not run';
  if (cells.every(({ difference }) => difference.side === claimed)) return 'holds';
  const isAgainst = cells.some(({ difference }) => difference.side !== claimed && difference.side !== 'open');
  return isAgainst ? 'does not hold' : 'not shown';
}

/** A claim of several parts that must all hold, or of which any will do. */
export function judgeClaim(
  id: string,
  statement: string,
  combine: ExperimentClaim['combine'],
  parts: Part[],
): ExperimentClaim {
  const rule =
    parts.length === 1
      ? claimRule
      : `${claimRule} The claim holds where ${combine === 'all parts' ? 'every part does, and does not hold where one part does not' : 'any part does, and does not hold where no part does'}.`;
  return { id, statement, rule, combine, parts, verdict: combined(combine, parts) };
}

function combined(combine: ExperimentClaim['combine'], parts: readonly Part[]): ClaimVerdict {
  const ran = parts.filter(({ verdict }) => verdict !== 'not run');
  const has = (verdict: ClaimVerdict) => ran.some((part) => part.verdict === verdict);
  const isAll = (verdict: ClaimVerdict) => ran.length > 0 && ran.every((part) => part.verdict === verdict);
  if (ran.length === 0) return 'not run';
  if (combine === 'any part')
    return has('holds') ? 'holds' : isAll('does not hold') ? 'does not hold' : 'not shown';
  if (has('does not hold')) return 'does not hold';
  if (ran.length < parts.length) return 'not run';
  return isAll('holds') ? 'holds' : 'not shown';
}
