import type { ArmResult } from '../../sim/result.ts';
import type { ArmRow } from '../../sim/sweep-result.ts';
import type { Span } from './line.ts';

/** How an item stands: a sign, a word, and the tone of both. */
export interface Status {
  sign: '✓' | '✗' | '?' | '…' | '·' | '↑' | '↓' | '=';
  word: string;
  tone: 'good' | 'doubtful' | 'bad' | 'faint' | 'accent';
}

export function good(word: string): Status {
  return { sign: '✓', word, tone: 'good' };
}

export function bad(word: string): Status {
  return { sign: '✗', word, tone: 'bad' };
}

export function doubtful(word: string): Status {
  return { sign: '?', word, tone: 'doubtful' };
}

/** `✓ STABLE`. */
export function statusSpan({ sign, word, tone }: Status): Span {
  return { text: `${sign} ${word}`, tone };
}

/** An arm whose first replication is still to come has no figures, but fits. */
export function isWaiting({ measured, verdict }: Pick<ArmResult, 'measured' | 'verdict'>): boolean {
  return measured === undefined && verdict.state === 'UNDER-SAMPLED';
}

/** An arm by its verdict, and by the SLA where one is stated. */
export function armStatus(arm: ArmResult): Status {
  if (isWaiting(arm)) return { sign: '…', word: 'RUNNING', tone: 'faint' };
  return verdictStatus(arm.verdict.state, arm.sla?.met);
}

/** A row of a sweep. */
export function rowStatus({ verdict, slaMet }: ArmRow): Status {
  return verdictStatus(verdict, slaMet);
}

/** A verdict that holds is replaced by what it says of the SLA. */
function verdictStatus(verdict: ArmRow['verdict'], met: 'yes' | 'no' | 'uncertain' | undefined): Status {
  switch (verdict) {
    case 'UNDER-SAMPLED':
      return doubtful(verdict);
    case 'STABLE':
      return met === undefined ? good(verdict) : slaStatus(met);
    default:
      return bad(verdict);
  }
}

export function slaStatus(met: 'yes' | 'no' | 'uncertain'): Status {
  if (met === 'yes') return good('MEETS SLA');
  return met === 'no' ? bad('MISSES SLA') : doubtful('SLA UNSURE');
}
