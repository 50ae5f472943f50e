/** What one expansion took: its operator, and a device. */
export interface ExpansionTimes {
  generationS: number;
  heldS: number;
}

export interface DispatchOutcome {
  /** Seconds until the last expansion is done. */
  makespanS: number;
  /** Seconds that devices were taken, over all of them. */
  heldS: number;
  /** Share of the devices' time in which they evaluated. */
  utilisation: number;
}

export interface DispatchComparison {
  /** Agents generate without a device and take one only to evaluate. */
  shared: DispatchOutcome;
  /** Each agent keeps a device to itself: no more agents than devices, and these idle while it writes. */
  heldByAgent: DispatchOutcome;
  /** Utilisation that sharing cannot exceed: min(1, A·e / ((g + e)·D)). */
  sharedBound: number;
}

/**
 * What sharing devices between agents gains, played through with the times of a search: expansions begin in their order,
 * whoever asks first for a device has it first.
 */
export function compareDispatch(
  expansions: readonly ExpansionTimes[],
  agents: number,
  devices: number,
): DispatchComparison {
  const total = (of: (times: ExpansionTimes) => number) =>
    expansions.reduce((sum, each) => sum + of(each), 0);
  const generationS = total((times) => times.generationS);
  const heldS = total((times) => times.heldS);
  const outcome = (makespanS: number, taken: number): DispatchOutcome => ({
    makespanS,
    heldS: taken,
    utilisation: makespanS > 0 ? heldS / (devices * makespanS) : 0,
  });
  const alone = Math.min(agents, devices);
  const whole = generationS + heldS;
  return {
    shared: outcome(makespan(expansions, agents, devices), heldS),
    // With a device for each agent nobody waits for one.
    heldByAgent: outcome(makespan(expansions, alone, alone), whole),
    sharedBound: whole > 0 ? Math.min(1, (agents * heldS) / (whole * devices)) : 0,
  };
}

function makespan(expansions: readonly ExpansionTimes[], agents: number, devices: number): number {
  const freeAt = new Float64Array(devices);
  /** When each agent next does something; with an expansion, that is to ask for a device. */
  const clocks = new Float64Array(agents);
  const holding: (ExpansionTimes | undefined)[] = Array(agents).fill(undefined);
  let begun = 0;
  for (;;) {
    const agent = earliest(clocks, (index) => holding[index] !== undefined || begun < expansions.length);
    if (agent < 0) return Math.max(0, ...clocks);
    const expansion = holding[agent];
    if (expansion) {
      holding[agent] = undefined;
      // What fails before it reaches a device waits for none.
      if (expansion.heldS === 0) continue;
      const device = earliest(freeAt, () => true);
      clocks[agent] = Math.max(clocks[agent], freeAt[device]) + expansion.heldS;
      freeAt[device] = clocks[agent];
    } else {
      holding[agent] = expansions[begun++];
      clocks[agent] += holding[agent].generationS;
    }
  }
}

/** Index of the lowest of those that count; −1 without any. */
function earliest(times: Float64Array, counts: (index: number) => boolean): number {
  let lowest = -1;
  for (let index = 0; index < times.length; index++) {
    if (counts(index) && (lowest < 0 || times[index] < times[lowest])) lowest = index;
  }
  return lowest;
}
