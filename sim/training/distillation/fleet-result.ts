import { z } from 'zod';
import { stepParts } from '../step/step-result.ts';
import { sharesByEvidence } from './figure-result.ts';

const partSchema = z.object({
  name: z.enum(stepParts),
  kind: z.enum(['input', 'communication', 'compute']),
  seconds: z.number(),
  exposedS: z.number().describe('by which it lengthens the step'),
  flops: z.number(),
  bytes: z.number(),
  secondsBy: sharesByEvidence.describe('seconds by the evidence for them'),
  logError: z.number().describe('standard deviation of the error in log time'),
});

const memorySchema = z
  .object({
    denseBytes: z.number(),
    tableBytes: z.number(),
    activationBytes: z.number(),
    exchangeBytes: z.number(),
    reservedBytes: z.number(),
    totalBytes: z.number(),
    capacityBytes: z.number(),
  })
  .describe('on the fullest accelerator');

/** A training step of a model on its fleet. */
export const stepSchema = z.object({
  devices: z.number(),
  examplesPerDevice: z.number(),
  examplesPerStep: z.number(),
  stepS: z.number(),
  examplesPerS: z.number(),
  parts: z.array(partSchema).describe('in the order in which a step without overlap runs them'),
  computeS: z.number(),
  communicationS: z.number(),
  exposedCommunicationS: z.number(),
  exposedInputS: z.number(),
  evidence: sharesByEvidence.describe('share of the step by the evidence for its time'),
  logError: z.number(),
  flopsPerExample: z.object({ forward: z.number(), trainingOnly: z.number(), training: z.number() }),
  mfu: z.number().describe('model FLOPs utilisation'),
  tableImbalance: z.number().describe('lookups and updates: the accelerator with most of them over the mean'),
  memory: memorySchema,
});

/** A batch that one label server labels. */
export const labelBatchSchema = z.object({
  examplesPerBatch: z.number(),
  batchS: z.number(),
  examplesPerS: z.number(),
  parts: z.array(partSchema),
});

/** Hosts that train one model, or label with one. */
export const fleetSchema = z.object({
  role: z.enum(['teacher training', 'labelling', 'vertical training']),
  vertical: z.string().optional(),
  host: z.string(),
  device: z.string(),
  network: z.string(),
  hosts: z
    .number()
    .describe('of one run of one vertical, which may take a part of a host; of all label servers'),
  devices: z.number(),
  servers: z.number().optional().describe('of labelling: copies of the teacher'),
  copies: z.number().describe('fleets like this: runs of all verticals alike; 1 for the teacher'),
  sizedBy: z
    .enum(['stated', 'memory', 'throughput'])
    .describe('memory: the fewest hosts that hold the model already keep up'),
  capacityPerS: z.number().describe('examples per second of one such fleet'),
  meanPerS: z.number().describe('examples per second that it is asked for on the mean'),
  peakPerS: z.number().describe('the same at the busiest moment of the day, the weather aside'),
  use: z.number().describe('mean over capacity'),
  usdPerDay: z.number().describe('of whole hosts held all day, all copies'),
});

export type Step = z.infer<typeof stepSchema>;
export type StepPart = z.infer<typeof partSchema>;
export type LabelBatchFigures = z.infer<typeof labelBatchSchema>;
export type Fleet = z.infer<typeof fleetSchema>;
