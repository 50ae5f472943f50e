import type { Members } from '../engine/job.ts';
import type { LookupTotals, RequestLookups } from '../workload/lookups.ts';

/** What the members of one batch look up together, by group. Arrays are reused for the next batch. */
export class BatchTotals {
  /** Members: each has one user. */
  users = 0;
  candidates = 0;
  readonly rows: Float64Array;
  readonly dramBytes: Float64Array;
  readonly cacheBytes: Float64Array;
  /** Values (elements) of the pooled vectors. */
  readonly values: Float64Array;
  /** Tables touched: of the member that touches most. */
  readonly operators: Float64Array;

  constructor(groups: number) {
    this.rows = new Float64Array(groups);
    this.dramBytes = new Float64Array(groups);
    this.cacheBytes = new Float64Array(groups);
    this.values = new Float64Array(groups);
    this.operators = new Float64Array(groups);
  }

  /** Sums over the members, each of which brings at most `most` candidates of its request. */
  sum({ count, jobIndex, size, part }: Members, most: number, lookups: RequestLookups): void {
    this.users = count;
    this.candidates = 0;
    if (lookups.constant) {
      for (let member = 0; member < count; member++) {
        this.candidates += candidatesOf(size[member], part[member], most);
      }
      this.set(lookups.constant, count, this.candidates);
      return;
    }
    for (let member = 0; member < count; member++) {
      const candidates = candidatesOf(size[member], part[member], most);
      this.candidates += candidates;
      const totals = lookups.of(jobIndex[member], size[member]);
      if (member === 0) this.set(totals, 1, candidates);
      else this.add(totals, candidates);
    }
  }

  private set(totals: LookupTotals, users: number, candidates: number): void {
    const { rows, dramBytes, cacheBytes, values, operators } = this;
    for (let group = 0; group < rows.length; group++) {
      rows[group] = users * totals.userRows[group] + candidates * totals.candidateRows[group];
      dramBytes[group] = users * totals.userDramBytes[group] + candidates * totals.candidateDramBytes[group];
      cacheBytes[group] =
        users * totals.userCacheBytes[group] + candidates * totals.candidateCacheBytes[group];
      values[group] = users * totals.userValues[group] + candidates * totals.candidateValues[group];
      operators[group] = totals.operators[group];
    }
  }

  private add(totals: LookupTotals, candidates: number): void {
    const { rows, dramBytes, cacheBytes, values, operators } = this;
    for (let group = 0; group < rows.length; group++) {
      rows[group] += totals.userRows[group] + candidates * totals.candidateRows[group];
      dramBytes[group] += totals.userDramBytes[group] + candidates * totals.candidateDramBytes[group];
      cacheBytes[group] += totals.userCacheBytes[group] + candidates * totals.candidateCacheBytes[group];
      values[group] += totals.userValues[group] + candidates * totals.candidateValues[group];
      operators[group] = Math.max(operators[group], totals.operators[group]);
    }
  }
}

/** Candidates of one part of a request that is cut into parts of at most `most`. */
function candidatesOf(size: number, part: number, most: number): number {
  return part === 0 ? Math.min(most, size) : Math.min(most, size - part * most);
}
