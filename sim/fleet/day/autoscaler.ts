/** How one tier follows its use. */
export interface ScalingRule {
  targetUse: number;
  /** Nothing happens while use is this near to its target, relative to it. */
  tolerance: number;
  provisioningS: number;
  scaleDownS: number;
  least: number;
  most: number;
}

/**
 * The hosts of one tier. At each look it takes as many as would have held the use at its target: at once up, where new
 * hosts serve after the provisioning delay; down when for the scale-down delay fewer would have done. Hosts on their way
 * go first, unpaid from then on.
 */
export class Autoscaler {
  private readonly rule: ScalingRule;
  private count: number;
  /** Hosts on their way, by the time at which they serve, ascending. */
  private coming: { readyS: number; count: number }[] = [];
  /** What was wanted lately, in descending order of count: the first is the most. */
  private wanted: { timeS: number; count: number }[] = [];

  constructor(rule: ScalingRule, hosts: number) {
    this.rule = rule;
    this.count = this.within(hosts);
  }

  /** Hosts that serve, once those that are ready by `timeS` do. */
  servingAt(timeS: number): number {
    while (this.coming.length > 0 && this.coming[0].readyS <= timeS) this.count += this.coming.shift()!.count;
    return this.count;
  }

  /** Mean of the hosts that serve from `timeS` on for a while; those that become ready in it count in part. */
  meanServing(timeS: number, durationS: number): number {
    const now = this.servingAt(timeS);
    return this.coming.reduce(
      (sum, { readyS, count }) => sum + count * Math.max(0, (timeS + durationS - readyS) / durationS),
      now,
    );
  }

  /** Hosts that are paid for: those that serve and those on their way. */
  get paid(): number {
    return this.coming.reduce((sum, { count }) => sum + count, this.count);
  }

  /** @param use of the hosts that serve, since the last look; at most 1 */
  look(timeS: number, use: number): void {
    const { targetUse, tolerance, provisioningS } = this.rule;
    const serving = this.servingAt(timeS);
    const ratio = use / targetUse;
    const desired = Math.abs(ratio - 1) <= tolerance ? serving : Math.ceil(serving * ratio - 1e-9);
    const wanted = this.mostLately(timeS, this.within(desired));
    const more = wanted - this.paid;
    if (more > 0) {
      if (provisioningS === 0) this.count += more;
      else this.coming.push({ readyS: timeS + provisioningS, count: more });
    } else if (more < 0) {
      this.remove(-more);
    }
  }

  private within(count: number): number {
    return Math.min(this.rule.most, Math.max(this.rule.least, count));
  }

  /** The most that was wanted within the scale-down delay, this look included. */
  private mostLately(timeS: number, count: number): number {
    while (this.wanted.length > 0 && this.wanted.at(-1)!.count <= count) this.wanted.pop();
    this.wanted.push({ timeS, count });
    while (this.wanted[0].timeS < timeS - this.rule.scaleDownS) this.wanted.shift();
    return this.wanted[0].count;
  }

  private remove(count: number): void {
    let left = count;
    while (left > 0 && this.coming.length > 0) {
      const last = this.coming.at(-1)!;
      const taken = Math.min(left, last.count);
      last.count -= taken;
      left -= taken;
      if (last.count === 0) this.coming.pop();
    }
    this.count -= left;
  }
}
