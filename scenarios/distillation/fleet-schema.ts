import { z } from 'zod';
import { integerIn, mapping, numberIn, oneOf, quantity } from '../../foundation/schema.ts';

const hostName = z.string().min(1).describe('accelerator host of the catalogue, or a path to a host file');
const networkName = z.string().min(1).describe('network of the catalogue, or a path to a network file');
const count = (max: number) => integerIn({ min: 1, max });

/** Most hosts of one fleet, stated or found. */
export const mostHosts = 4096;

/** Hosts that train one model together: dense parameters data parallel, tables model parallel. */
const trainingFleetShape = (examples: number, denseState: 'replicated' | 'sharded') => ({
  host: hostName.prefault('h100x8'),
  hosts: count(mostHosts)
    .optional()
    .describe('default: the fewest that hold the model and keep up with its examples and the headroom'),
  network: networkName.prefault('datacentre-rdma'),
  examples_per_device: count(1_000_000).prefault(examples).describe('examples of a step on each accelerator'),
  optimizer: oneOf(['adam', 'adagrad', 'sgd'])
    .prefault('adam')
    .describe('of dense parameters; embedding rows always take row-wise Adagrad'),
  dense_state: oneOf(['replicated', 'sharded'])
    .prefault(denseState)
    .describe('sharded: every accelerator keeps gradients and optimizer state of its own part only'),
  overlap: oneOf(['pipelined', 'none'])
    .prefault('pipelined')
    .describe('whether communication and input run beside compute'),
  execution: oneOf(['kernels', 'pytorch'])
    .prefault('kernels')
    .describe(
      'kernels: steps as fast as the measured kernels allow, an optimised trainer; ' +
        'pytorch: as PyTorch runs them in a captured graph, by what measured steps took over simulated ones; ' +
        'the teacher’s also counts for its label batches',
    ),
  memory_reserved: quantity('percent', { max: 0.9 })
    .prefault('10 %')
    .describe('share of accelerator memory kept for workspaces and fragmentation'),
  headroom: quantity('percent', { max: 10 })
    .prefault('20 %')
    .describe(
      'throughput above the mean rate of examples that a fleet is sized for, to catch up after a failure',
    ),
});

export const teacherFleetSchema = mapping(trainingFleetShape(512, 'sharded'));

/** A vertical model may take a part of a host: then so many of its accelerators, with their part of its price. */
export const verticalFleetSchema = mapping({
  ...trainingFleetShape(4096, 'replicated'),
  accelerators: count(1024)
    .optional()
    .describe('of one host; default: the fewest that hold the model and keep up, as far as one host does'),
}).refine(({ hosts, accelerators }) => hosts === undefined || accelerators === undefined, {
  path: ['accelerators'],
  error: 'state hosts or accelerators, not both',
});

/** Replicas of the teacher that label; each is one server of so many hosts. */
export const labellingSchema = mapping({
  host: hostName.optional().describe('default: the host of the teacher’s training fleet'),
  network: networkName.optional().describe('default: the network of the teacher’s training fleet'),
  hosts_per_server: count(mostHosts)
    .optional()
    .describe('hosts that hold one copy of the teacher; default: the fewest that do'),
  servers: count(100_000)
    .optional()
    .describe(
      'copies of the teacher; default: as many as the busiest hour of the day needs with the headroom',
    ),
  examples_per_device: count(1_000_000).prefault(512).describe('examples of a batch on each accelerator'),
  max_fill: quantity('time').prefault('1 s').describe('longest time that a batch waits to fill'),
  headroom: quantity('percent', { max: 10 })
    .prefault('10 %')
    .describe('capacity above the busiest hour of the day that servers are sized for'),
});

export const snapshotsSchema = mapping({
  every: quantity('time', { min: 60 }).prefault('6 h').describe('time between two snapshots of the teacher'),
  publish: quantity('time')
    .optional()
    .describe('mean time to publish one; default: its bytes at publish_bandwidth'),
  publish_bandwidth: quantity('bandwidth', { positive: true }).prefault('10 GB/s'),
  publish_variation: numberIn({ min: 0, max: 1 })
    .prefault(0.1)
    .describe('coefficient of variation of the time to publish'),
  load: quantity('time')
    .optional()
    .describe('time to load one beside the one in use; default: its bytes at load_bandwidth'),
  load_bandwidth: quantity('bandwidth', { positive: true })
    .prefault('10 GB/s')
    .describe('of each host of a label server, as far as its NIC goes'),
});

export type TrainingFleetFields = z.output<typeof teacherFleetSchema>;
export type LabellingFields = z.output<typeof labellingSchema>;
export type SnapshotFields = z.output<typeof snapshotsSchema>;
export type VerticalFleetFields = z.output<typeof verticalFleetSchema>;
