import { mostHosts, type TrainingRates } from './training-rates.ts';

/** Hosts of one training job, or why no number of them is enough. */
export type SizedTraining =
  | {
      state: 'SIZED';
      rates: TrainingRates;
      hosts: number;
      examplesPerS: number;
      limitedBy: 'throughput' | 'memory';
    }
  | { state: 'DOES NOT FIT'; reason: string }
  | { state: 'CANNOT KEEP UP'; hosts: number; examplesPerS: number; neededPerS: number };

/** Growth of the rate over a doubling of hosts below which more of them are taken to bring no more. */
const leastGrowth = 1.02;

/**
 * Fewest hosts on which a job fits and trains at least so many examples a second: one less does not. Each accelerator
 * keeps its examples of a step, so that the examples of a step grow with the hosts.
 */
export function sizeTraining(rates: TrainingRates, neededPerS: number): SizedTraining {
  const rateOf = (hosts: number) => rateOn(rates, hosts);
  const least = rates.leastThatFit();
  if (least === undefined) return { state: 'DOES NOT FIT', reason: rates.whyNot(1) };
  let hosts = least;
  let seen = hosts;
  while (rateOf(hosts) < neededPerS) {
    if (hosts >= 2 * seen) {
      if (rateOf(hosts) < leastGrowth * rateOf(seen)) return mostOf(rates, seen, hosts, neededPerS);
      seen = hosts;
    }
    // As many more as the rate lacks; hosts hinder each other, so that this seldom goes too far.
    const next = rateOf(hosts) === 0 ? 0 : Math.floor((hosts * neededPerS) / rateOf(hosts));
    if (hosts === mostHosts) return mostOf(rates, seen, hosts, neededPerS);
    hosts = Math.min(Math.max(hosts + 1, next), mostHosts);
  }
  while (hosts > least && rateOf(hosts - 1) >= neededPerS) hosts--;
  const limitedBy = hosts === least ? 'memory' : 'throughput';
  return { state: 'SIZED', rates, hosts, examplesPerS: rateOf(hosts), limitedBy };
}

/** Examples per second on so many hosts; 0 where pieces of tables do not fit them, which more hosts need not mend. */
function rateOn(rates: TrainingRates, hosts: number): number {
  return rates.fits(hosts) ? rates.step(hosts).examplesPerS : 0;
}

/** Of two fleets that are too slow, the faster one; of equals the smaller. */
function mostOf(rates: TrainingRates, few: number, many: number, neededPerS: number): SizedTraining {
  const [slow, fast] = [few, many].map((hosts) => rateOn(rates, hosts));
  const [hosts, examplesPerS] = fast > slow ? [many, fast] : [few, slow];
  return { state: 'CANNOT KEEP UP', hosts, examplesPerS, neededPerS };
}

/** Halvings of the examples of a step on each accelerator that are tried. */
const mostHalvings = 5;

/**
 * The same with smaller steps where memory decides: the examples of each accelerator are halved as long as that makes
 * the job fit, or takes fewer hosts.
 * @param ratesOf so many examples of a step on each accelerator
 */
export function sizeWithBatch(
  ratesOf: (examplesPerDevice: number) => TrainingRates,
  examplesPerDevice: number,
  neededPerS: number,
): SizedTraining {
  let best = sizeTraining(ratesOf(examplesPerDevice), neededPerS);
  let examples = examplesPerDevice;
  for (let halving = 0; halving < mostHalvings && examples > 1; halving++) {
    if (best.state === 'CANNOT KEEP UP') break;
    if (best.state === 'SIZED' && (best.limitedBy === 'throughput' || best.hosts === 1)) break;
    examples = Math.floor(examples / 2);
    const smaller = sizeTraining(ratesOf(examples), neededPerS);
    const helps = smaller.state === 'SIZED' && (best.state !== 'SIZED' || smaller.hosts < best.hosts);
    if (!helps && best.state === 'SIZED') break;
    if (helps) best = smaller;
  }
  return best;
}
