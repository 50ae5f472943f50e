import type { Evidenced } from '../../../foundation/evidence.ts';
import type { Host } from '../../../hardware-profiles/profile.ts';
import type { ArmDeployment, Tier } from '../../../scenarios/deployment.ts';
import type { Component } from '../../serving/components.ts';
import type { ArmPlan } from '../../serving/plan.ts';
import type { LimitedBy } from '../capacity-search.ts';
import type { KnobKind } from './sensitivity-result.ts';

/** What a knob turns: a placed arm, the rate at which it is judged, and the limit of its SLA. */
export interface Question {
  plan: ArmPlan;
  /** Requests per second. */
  ratePerS: number;
  limitS: number;
}

/** A question with a knob turned, in words too; or why the knob cannot be turned so far. */
export type Turned =
  | { value: string; arm?: ArmDeployment; ratePerS?: number; limitS?: number }
  | { cannot: string };

/** One input that may be larger or smaller. */
export interface Knob {
  id: string;
  name: string;
  kind: KnobKind;
  /** As it stands, with its unit. */
  value: string;
  /** @param factor of the present value, such as 1.2; whole numbers take the nearest step, one at least */
  turn(factor: number): Turned;
  /** What of the plan follows from it: what caches hold, or where the tables lie. */
  changes?: 'caches' | 'placement' | undefined;
  /** No request notices it as long as the tables stay where they are: prices, watts, room. */
  isUnseen?: boolean | undefined;
  acts: Acts;
}

/** Where a knob makes itself felt, from which a result tells why one does nothing. */
export interface Acts {
  /** Parts of a latency that it changes. */
  components?: readonly Component[];
  /** Resources that it makes faster or more, as the beginnings of 'main cores' or 'shard NIC'. */
  resources?: readonly string[];
  /** It changes no more than the time for which its resources, which are links, are busy. */
  isTransfer?: true;
  /** It helps and hurts at once, so that its sides may cancel. */
  cutsBothWays?: true;
  /** Why the work may stay the same although the knob acts on it. */
  hiddenBy?: string;
  /** What else is in the way, by the plan as it is; undefined where nothing is. */
  unnoticed?(plan: ArmPlan, limitedBy: LimitedBy): string | undefined;
}

/** A knob that this alternative has no use for. */
export interface UnusedKnob {
  id: string;
  name: string;
  kind: KnobKind;
  unused: string;
}

export const isUnused = (knob: Knob | UnusedKnob): knob is UnusedKnob => 'unused' in knob;

/** A whole number turned: the nearest step, one at least; undefined where that leaves what is allowed. */
export function wholeStep(now: number, factor: number, [least, most]: [number, number]): number | undefined {
  const rounded = Math.round(now * factor);
  const next = factor > 1 ? Math.max(now + 1, rounded) : Math.min(now - 1, rounded);
  return next < least || next > most ? undefined : next;
}

/** A knob with a whole number. */
export function wholeKnob(
  knob: Omit<Knob, 'turn' | 'value'> & {
    now: number;
    unit: string;
    range: [number, number];
    set(value: number): ArmDeployment;
  },
): Knob {
  const { now, unit, range, set, ...rest } = knob;
  const words = (value: number) => (unit === '' ? `${value}` : `${value} ${unit}`);
  return {
    ...rest,
    value: words(now),
    turn: (factor) => {
      const next = wholeStep(now, factor, range);
      if (next !== undefined) return { value: words(next), arm: set(next) };
      return { cannot: `${words(now)} is as ${factor < 1 ? 'few' : 'many'} as there can be` };
    },
  };
}

/** A knob with a number that may be anything above zero. */
export function scaleKnob(
  knob: Omit<Knob, 'turn' | 'value'> & {
    now: number;
    words(value: number): string;
    set(factor: number): ArmDeployment;
  },
): Knob {
  const { now, words, set, ...rest } = knob;
  return {
    ...rest,
    value: words(now),
    turn: (factor) => (now === 0 ? { cannot: 'it is 0' } : { value: words(now * factor), arm: set(factor) }),
  };
}

export function times(figure: Evidenced, factor: number): Evidenced {
  return { ...figure, value: figure.value * factor };
}

export type TierName = 'main' | 'sparse' | 'preprocessing';

/** One tier of an arm; undefined where it has none of that name. */
export function tierNamed(arm: ArmDeployment, name: TierName): AnyTier | undefined {
  return name === 'preprocessing' ? arm.preprocessing?.tier : arm[name];
}

type AnyTier = Tier & { replicas: number | number[] };

/** The arm with something else about one of its tiers. */
export function withTier(arm: ArmDeployment, name: TierName, change: Partial<AnyTier>): ArmDeployment {
  const tier = { ...tierNamed(arm, name)!, ...change };
  return (
    name === 'preprocessing'
      ? { ...arm, preprocessing: { ...arm.preprocessing!, tier } }
      : { ...arm, [name]: tier }
  ) as ArmDeployment;
}

/** The arm with another host in one of its tiers. */
export function withHost(arm: ArmDeployment, name: TierName, change: (host: Host) => Host): ArmDeployment {
  return withTier(arm, name, { host: change(tierNamed(arm, name)!.host) });
}
