/** Training runs alike that each take a part of one host. */
export interface RunLoad {
  vertical: string;
  copies: number;
  /** Accelerators of one run. */
  devices: number;
}

/** One host with the runs that share it. */
export interface PackedHost {
  runs: { vertical: string; copies: number }[];
  free: number;
}

/** Runs on hosts of so many accelerators: the largest first, each on the first host with enough of them free. */
export function packRuns(loads: readonly RunLoad[], devicesPerHost: number): PackedHost[] {
  const hosts: PackedHost[] = [];
  for (const { vertical, copies, devices } of [...loads].sort((a, b) => b.devices - a.devices)) {
    let left = copies;
    const put = (host: PackedHost) => {
      const placed = Math.min(left, Math.floor(host.free / devices));
      if (placed === 0) return;
      host.runs.push({ vertical, copies: placed });
      host.free -= placed * devices;
      left -= placed;
    };
    if (devices > devicesPerHost)
      throw new RangeError(`a run of ${devices} accelerators fits no host of ${devicesPerHost}`);
    for (const host of hosts) put(host);
    while (left > 0) {
      const host = { runs: [], free: devicesPerHost };
      hosts.push(host);
      put(host);
    }
  }
  return hosts;
}
