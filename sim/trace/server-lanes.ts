/** Which server of each pool a task runs on: the lowest that is free. The executor itself only counts them. */
export class ServerLanes {
  /** By pool and server. */
  private readonly isTaken: Uint8Array[];

  constructor(servers: Int32Array) {
    this.isTaken = Array.from(servers, (count) => new Uint8Array(count));
  }

  take(pool: number): number {
    const lane = this.isTaken[pool].indexOf(0);
    if (lane < 0) throw new Error(`pool ${pool} has no server left for a task that starts`);
    this.isTaken[pool][lane] = 1;
    return lane;
  }

  free(pool: number, lane: number): void {
    this.isTaken[pool][lane] = 0;
  }
}
