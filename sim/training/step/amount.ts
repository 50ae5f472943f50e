import type { OperatorTime } from '../../cost/cost-errors.ts';
import type { Amount } from './step-result.ts';

/** Work with its time. */
export function amountOf(
  { seconds, evidence, logError }: OperatorTime,
  { flops, bytes }: { flops: number; bytes: number },
): Amount {
  return { seconds, flops, bytes, logError, secondsBy: seconds > 0 ? { [evidence]: seconds } : {} };
}

/** Amounts one after the other; errors weigh by time. */
export function addAmounts(amounts: readonly Amount[]): Amount {
  const total: Amount = { seconds: 0, flops: 0, bytes: 0, logError: 0, secondsBy: {} };
  let weighed = 0;
  for (const { seconds, flops, bytes, logError, secondsBy } of amounts) {
    total.seconds += seconds;
    total.flops += flops;
    total.bytes += bytes;
    weighed += logError * seconds;
    for (const [level, part] of Object.entries(secondsBy) as [keyof Amount['secondsBy'], number][]) {
      total.secondsBy[level] = (total.secondsBy[level] ?? 0) + part;
    }
  }
  if (total.seconds > 0) total.logError = weighed / total.seconds;
  return total;
}

/** The amount that takes longest. */
export function longest(amounts: readonly Amount[]): Amount {
  return amounts.reduce((most, amount) => (amount.seconds > most.seconds ? amount : most));
}
