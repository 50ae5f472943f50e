import { type Evidence, weakest } from '../foundation/evidence.ts';
import { evidenceByField } from '../hardware-profiles/evidenced-fields.ts';
import type { Network } from '../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import type { Coverage } from './operators/coverage.ts';
import type { Component } from './serving/components.ts';

export type EvidenceShares = Partial<Record<Evidence, number>>;

/** How many input figures of hosts, network and model rest on each evidence level. */
export function figuresByEvidence(arm: ArmDeployment): EvidenceShares {
  const { main, sparse, preprocessing, network, model } = arm;
  const tier = preprocessing?.tier ? [preprocessing.tier.host] : [];
  const used = [main.host, sparse.host, ...tier, network];
  const profiles = new Map(used.map((profile) => [profile.name, profile]));
  const levels = [...profiles.values()].flatMap((profile) => Object.values(evidenceByField(profile)));
  const counts: EvidenceShares = {};
  for (const level of [...levels, model.evidence]) counts[level] = (counts[level] ?? 0) + 1;
  return counts;
}

/**
 * Share of a latency by the evidence for what each part of it costs. Operators are told apart: their times at a
 * typical batch divide the part that they make up. The model itself is what was asked about; its evidence is among
 * the figures.
 * @param coverage of the arm's operators
 */
export function timeByEvidence(
  arm: ArmDeployment,
  coverage: readonly Coverage[],
  parts: Record<Component, number>,
): EvidenceShares {
  const byComponent = componentEvidence(arm, coverage);
  const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  const shares: EvidenceShares = {};
  for (const [component, seconds] of Object.entries(parts) as [Component, number][]) {
    if (seconds <= 0) continue;
    for (const [level, share] of Object.entries(byComponent[component]) as [Evidence, number][]) {
      shares[level] = (shares[level] ?? 0) + (share * seconds) / total;
    }
  }
  return shares;
}

/** What each component's time rests on, as shares. Waiting rests on whatever is waited for: its weakest. */
function componentEvidence(
  arm: ArmDeployment,
  coverage: readonly Coverage[],
): Record<Component, EvidenceShares> {
  const { main, sparse, preprocessing, network } = arm;
  const sharesOf = (isMeant: (line: Coverage) => boolean) => sharesByTime(coverage.filter(isMeant));
  const isLookup = ({ kind }: Coverage) => kind === 'embedding-bag' || kind === 'memory-gather';
  const isLink = ({ kind }: Coverage) => kind === 'link';
  const isExchange = (line: Coverage) => isLink(line) && line.operator === 'all-to-all';
  const dense = sharesOf((line) => !isLookup(line) && !isLink(line) && !line.isPreprocessing);
  const transforms = sharesOf((line) => line.isPreprocessing === true);
  const lookups = sharesOf(isLookup);
  const messages = weakest(network.perMessageCpuS.evidence, network.perByteCpuSPerByte.evidence);
  const links = weakest(main.host.nicBytesPerS.evidence, sparse.host.nicBytesPerS.evidence);
  const tierHost = preprocessing?.tier?.host ?? main.host;
  const tierLinks = weakest(main.host.nicBytesPerS.evidence, tierHost.nicBytesPerS.evidence);
  const assumed: EvidenceShares = { assumed: 1 };
  const only = (level: Evidence): EvidenceShares => ({ [level]: 1 });
  const afterAll = (shares: EvidenceShares) => only([...levelsOf(shares), messages].reduce(weakest));
  return {
    dense,
    rpcSerialisation: only(messages),
    rpcService: assumed,
    netOverhead: assumed,
    queue: afterAll(dense),
    batching: afterAll(dense),
    copy: sharesOf((line) => isLink(line) && !isExchange(line)),
    exchange: sharesOf(isExchange),
    preprocessing: transforms,
    tierQueue: afterAll(transforms),
    tierSerialisation: only(messages),
    tierService: assumed,
    tierNetwork: only(weakest(tierLinks, roundTripEvidence(network))),
    tierOverhead: only(preprocessing?.overhead?.evidence ?? 'assumed'),
    network: only(weakest(links, roundTripEvidence(network))),
    sparse: lookups,
    shardSerialisation: only(messages),
    shardService: assumed,
    shardNetOverhead: assumed,
    shardQueue: afterAll(lookups),
  };
}

/** Shares of the time of some operators, or nothing known where there are none. */
function sharesByTime(lines: readonly Coverage[]): EvidenceShares {
  const total = lines.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total === 0) return { assumed: 1 };
  const shares: EvidenceShares = {};
  for (const { evidence, seconds } of lines) shares[evidence] = (shares[evidence] ?? 0) + seconds / total;
  return shares;
}

function levelsOf(shares: EvidenceShares): Evidence[] {
  return Object.keys(shares) as Evidence[];
}

function roundTripEvidence({ roundTrip: { minimumS, medianS, p99S } }: Network): Evidence {
  return [minimumS, medianS, p99S].map(({ evidence }) => evidence).reduce(weakest);
}
