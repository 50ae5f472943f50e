import { mostHosts, type TrainingRates } from './training-rates.ts';

/** Hosts of one training job, or why no number of them is enough. */
export type SizedTraining =
  | { state: 'SIZED'; hosts: number; examplesPerS: number }
  | { state: 'DOES NOT FIT'; hosts: number; reason: string }
  | { state: 'CANNOT KEEP UP'; hosts: number; examplesPerS: number };

/** Growth of the rate over a doubling of hosts below which more of them are taken to bring no more. */
const leastGrowth = 1.02;

/**
 * Fewest hosts on which a job fits and trains at least so many examples a second: of fewer, one less does not. Each
 * accelerator keeps its examples of a step, so that the examples of a step grow with the hosts.
 */
export function sizeTraining(rates: TrainingRates, neededPerS: number): SizedTraining {
  const least = rates.leastThatFit();
  if (least === undefined)
    return { state: 'DOES NOT FIT', hosts: mostHosts, reason: rates.whyNot(mostHosts) };
  const rateOf = (hosts: number) => rates.step(hosts)?.examplesPerS ?? 0;
  let hosts = least;
  let [seen, seenPerS] = [hosts, rateOf(hosts)];
  while (rateOf(hosts) < neededPerS) {
    // As many more as the rate lacks; hosts hinder each other, so that this seldom goes too far.
    const next = Math.max(hosts + 1, Math.floor((hosts * neededPerS) / rateOf(hosts)));
    if (next > mostHosts) return tooSlow(rates, hosts);
    hosts = next;
    if (hosts < 2 * seen) continue;
    if (rateOf(hosts) < leastGrowth * seenPerS && rateOf(hosts) < neededPerS) return tooSlow(rates, hosts);
    [seen, seenPerS] = [hosts, rateOf(hosts)];
  }
  while (hosts > least && rateOf(hosts - 1) >= neededPerS) hosts--;
  return { state: 'SIZED', hosts, examplesPerS: rateOf(hosts) };
}

/** The most that any number of hosts was found to train, with the fewest that do. */
function tooSlow(rates: TrainingRates, hosts: number): SizedTraining {
  const rateOf = (count: number) => rates.step(count)?.examplesPerS ?? 0;
  return { state: 'CANNOT KEEP UP', hosts, examplesPerS: rateOf(hosts) };
}
