/**
 * Instances with so many tasks in all at most, by the rank of what they serve. Where they become too many, the last
 * ranks go, each of them whole; one that is too large by itself loses the instances that were added first.
 */
export class RankedInstances<Instance extends { tasks: readonly unknown[] }> {
  private readonly mostTasks: number;
  private readonly byRank: Instance[][] = [];
  private tasks = 0;
  /** Ranks from this one on are left out. */
  private end = Number.POSITIVE_INFINITY;
  /** By rank: instances that it lost, being too large by itself. */
  private readonly lost: number[] = [];

  constructor(mostTasks: number) {
    this.mostTasks = mostTasks;
  }

  add(rank: number, instance: Instance): void {
    if (rank >= this.end) return;
    while (this.byRank.length <= rank) {
      this.byRank.push([]);
      this.lost.push(0);
    }
    this.byRank[rank].push(instance);
    this.tasks += instance.tasks.length;
    while (this.tasks > this.mostTasks) {
      const last = this.byRank.findLastIndex((instances) => instances.length > 0);
      const isAlone = this.byRank.findIndex((instances) => instances.length > 0) === last;
      if (isAlone && this.byRank[last].length === 1) return;
      if (isAlone) this.loseOne(last);
      else this.drop(last);
    }
  }

  isLeftOut(rank: number): boolean {
    return rank >= this.end;
  }

  /** Instances that a rank lost although it is not left out. */
  lostBy(rank: number): number {
    return this.isLeftOut(rank) ? 0 : (this.lost[rank] ?? 0);
  }

  ofRank(rank: number): readonly Instance[] {
    return this.byRank[rank] ?? [];
  }

  private loseOne(rank: number): void {
    this.tasks -= this.byRank[rank].shift()!.tasks.length;
    this.lost[rank]++;
  }

  private drop(rank: number): void {
    for (const { tasks } of this.byRank[rank]) this.tasks -= tasks.length;
    this.byRank.length = rank;
    this.end = rank;
  }
}
