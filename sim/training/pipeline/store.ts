import type { LabelLog } from './label-service.ts';
import type { StoreOutcome, VerticalFeed } from './pipeline-result.ts';
import { type PipelineSpec, secondsPerDay } from './pipeline-spec.ts';
import type { Traffic } from './traffic.ts';

/**
 * The shared annotated store: one record a label, b bytes, kept for R. What it holds is the rate of writing times R
 * (Little); each run of a VM reads the records of its own examples.
 */
export function storeOutcome(
  { store, verticals }: PipelineSpec,
  { steps, stepS, firstStep }: Traffic,
  log: LabelLog,
  feeds: readonly VerticalFeed[],
): StoreOutcome {
  const measuredDays = ((steps - firstStep) * stepS) / secondsPerDay;
  const written = log.amount.reduce(
    (sum, amount, entry) => (log.step[entry] < firstStep ? sum : sum + amount),
    0,
  );
  const writtenBytesPerDay = (written * store.recordBytes) / measuredDays;
  // An example is read once for all tasks: with the label of the task that waits longest.
  const read = feeds.map(({ tasks }, index) => {
    const last = tasks.reduce((a, b) => (b.windowS > a.windowS ? b : a));
    const days = measuredDays * (1 - last.waiting / last.arrived);
    const { runs, count = 1 } = verticals[index];
    return days > 0 ? (count * runs * last.withLabel) / days : 0;
  });
  return {
    writtenBytesPerDay,
    heldBytes: (writtenBytesPerDay * store.retentionS) / secondsPerDay,
    readBytesPerDay: read.reduce((sum, records) => sum + records, 0) * store.recordBytes,
  };
}
