/** How many jobs there are, and where they stand. */
export class Population {
  /** Jobs drawn from the source, whether or not they have arrived yet. */
  drawn = 0;
  arrived = 0;
  completed = 0;
  /** Jobs between arrival and completion, and the integral of that number over time (job-seconds). */
  inSystem = 0;
  inSystemArea = 0;
  /** Whether the run stopped drawing jobs since too many were in flight. */
  isCutShort = false;
  private changedAt = 0;

  arrive(now: number): void {
    this.arrived++;
    this.change(1, now);
  }

  complete(now: number): void {
    this.completed++;
    this.change(-1, now);
  }

  private change(by: number, now: number): void {
    this.inSystemArea += this.inSystem * (now - this.changedAt);
    this.changedAt = now;
    this.inSystem += by;
  }
}
