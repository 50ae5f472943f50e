/** A training run that fits one host, and the parts of it that the run takes at the busiest moment of its day. */
export interface RunLoad {
  vertical: string;
  /** Of the time of the host. */
  use: number;
  /** Of the memory of the host's accelerators. */
  memory: number;
}

/** One host with the runs that share it. */
export interface PackedHost {
  runs: RunLoad[];
  use: number;
  memory: number;
}

/**
 * Hosts that runs share: the largest first, each on the first host that has time and memory left for it. Runs take
 * turns on the accelerators while the models of all stay in memory. [model choice] First fit decreasing takes at most
 * 22 % more hosts than the fewest where one of the two decides. (Johnson 1974)
 */
export function packRuns(loads: readonly RunLoad[]): PackedHost[] {
  const largest = ({ use, memory }: RunLoad) => Math.max(use, memory);
  const hosts: PackedHost[] = [];
  for (const load of [...loads].sort((a, b) => largest(b) - largest(a))) {
    const host = hosts.find(({ use, memory }) => fits(use + load.use) && fits(memory + load.memory));
    if (host) {
      host.runs.push(load);
      host.use += load.use;
      host.memory += load.memory;
    } else hosts.push({ runs: [load], use: load.use, memory: load.memory });
  }
  return hosts;
}

/** A host that is full to the last digit is full, whatever the sums have rounded. */
function fits(share: number): boolean {
  return share <= 1 + 1e-9;
}
