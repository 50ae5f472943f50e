import { setTimeout } from 'node:timers/promises';
import type { ArmRow, PointTask } from '../../sim/sweep-result.ts';
import type { Engine } from '../../sweep/engine.ts';
import type { SweepBundle } from '../../sweep/point.ts';

/** A bundle that only an echo understands. */
export const echoBundle: SweepBundle = {
  key: '0123456789abcdef',
  sweep: 'fedcba9876543210',
  product: '1.2.3',
  name: 'echo',
  scenario: {},
  fields: ['x'],
  earlyStop: false,
  files: { models: {}, hosts: {}, networks: {}, placements: {}, traces: {} },
};

/** Rows that hold a point's own values, awkward numbers among them. */
export function rowsOf({ key, values }: PointTask): ArmRow[] {
  return [
    {
      arm: key,
      verdict: 'STABLE',
      reason: values.join(),
      dominated: false,
      replications: 3,
      usdPerHour: Number(values[0]) / 3,
      powerW: 1e-7 * Number(values[0]),
    },
  ];
}

interface EchoOptions {
  onPoint?: (task: PointTask) => void;
  perPointMs?: number;
}

/** An engine that takes several points at a time and answers with `rowsOf`. */
export function echo({ onPoint = () => {}, perPointMs = 0 }: EchoOptions = {}): Engine {
  return {
    async *run(_bundle, tasks, { signal }) {
      for await (const task of tasks) {
        if (signal.aborted) return;
        onPoint(task);
        if (perPointMs > 0) await setTimeout(perPointMs);
        yield { ...task, rows: rowsOf(task) };
      }
    },
  };
}
