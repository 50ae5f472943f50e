import { type Evidence, weakest } from '../foundation/evidence.ts';
import { evidenceByField } from '../hardware-profiles/evidenced-fields.ts';
import type { Network } from '../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import { acceleratorRoofline, coreRoofline } from './cost/roofline.ts';
import type { Component } from './serving/components.ts';

export type EvidenceShares = Partial<Record<Evidence, number>>;

/** How many input figures of hosts, network and model rest on each evidence level. */
export function figuresByEvidence({ main, sparse, network, model }: ArmDeployment): EvidenceShares {
  const profiles = new Map([main.host, sparse.host, network].map((profile) => [profile.name, profile]));
  const levels = [...profiles.values()].flatMap((profile) => Object.values(evidenceByField(profile)));
  const counts: EvidenceShares = {};
  for (const level of [...levels, model.evidence]) counts[level] = (counts[level] ?? 0) + 1;
  return counts;
}

/** Share of a latency by the weakest evidence behind each part of it. */
export function timeByEvidence(arm: ArmDeployment, parts: Record<Component, number>): EvidenceShares {
  const levels = componentEvidence(arm);
  const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  const shares: EvidenceShares = {};
  for (const [component, seconds] of Object.entries(parts) as [Component, number][]) {
    if (seconds > 0) shares[levels[component]] = (shares[levels[component]] ?? 0) + seconds / total;
  }
  return shares;
}

/** What each component's time rests on. Waiting rests on whatever is waited for: its weakest. */
function componentEvidence(arm: ArmDeployment): Record<Component, Evidence> {
  const { main, sparse, network } = arm;
  const { accelerators } = main.host;
  const unit =
    arm.accelerated && accelerators ? acceleratorRoofline(accelerators.device) : coreRoofline(main.host.cpu);
  const dense = weakest(unit.evidence, arm.model.evidence);
  const gathers = [main.host, sparse.host].flatMap(({ cpu }) => [
    cpu.memory.bandwidthBytesPerS.evidence,
    cpu.efficiency.gather.evidence,
    cpu.coreBandwidthBytesPerS?.evidence ?? 'assumed',
  ]);
  const sparseOperators = [arm.model.evidence, ...gathers].reduce(weakest);
  const messages = weakest(network.perMessageCpuS.evidence, network.perByteCpuSPerByte.evidence);
  const links = weakest(main.host.nicBytesPerS.evidence, sparse.host.nicBytesPerS.evidence);
  return {
    dense,
    rpcSerialisation: messages,
    rpcService: 'assumed',
    netOverhead: 'assumed',
    queue: weakest(dense, messages),
    batching: weakest(dense, messages),
    copy: accelerators?.hostLinkBytesPerS.evidence ?? 'assumed',
    exchange: accelerators?.peerLinkBytesPerS.evidence ?? 'assumed',
    network: weakest(links, roundTripEvidence(network)),
    sparse: sparseOperators,
    shardSerialisation: messages,
    shardService: 'assumed',
    shardNetOverhead: 'assumed',
    shardQueue: weakest(sparseOperators, messages),
  };
}

function roundTripEvidence({ roundTrip: { minimumS, medianS, p99S } }: Network): Evidence {
  return [minimumS, medianS, p99S].map(({ evidence }) => evidence).reduce(weakest);
}
