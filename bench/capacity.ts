import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** A search for latency-bounded throughput, from the start of the process to its end. */
export interface CapacityBenchRow {
  case: string;
  seconds: number;
}

const runs = 3;

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** Times `rankfleet plan --capacity` over the ten shardings of a 257-table model; the median of three runs counts. */
export function benchCapacity(): CapacityBenchRow[] {
  return [4, 6].map((replications) => {
    const args = [
      'plan',
      'scale-out-drm1',
      '--capacity',
      '--no-sensitivity',
      '--replications',
      `${replications}`,
    ];
    const seconds = Array.from({ length: runs }, () => {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return (performance.now() - started) / 1e3;
    });
    return {
      case: `p99 capacity of 10 arms, at most ${replications} replications`,
      seconds: seconds.sort((a, b) => a - b)[Math.floor(runs / 2)],
    };
  });
}
