import type { ComparedPair } from './comparison-result.ts';
import type { Side } from './sides.ts';

/** Changes of a field under `load` ask other requests; so do these. */
const loadFields = /^(load\.|pooling_scale)/;

/** What a reader should know before believing a difference, most important first. */
export function warningsFor([a, b]: readonly [Side, Side], pairs: readonly ComparedPair[]): string[] {
  return [
    ...loads(pairs),
    ...seeds(a, b),
    ...settings(a, b),
    ...pairing([a, b], pairs),
    ...slas(a, b),
    ...products(a, b),
    ...verdicts(pairs),
  ];
}

function loads(pairs: readonly ComparedPair[]): string[] {
  const other = pairs.filter(({ inputs }) => inputs.some(({ path }) => loadFields.test(path)));
  if (other.length === 0) return [];
  const fields = new Set(
    other.flatMap(({ inputs }) => inputs.map(({ path }) => path).filter((path) => loadFields.test(path))),
  );
  const which =
    other.length === pairs.length
      ? ''
      : ` in ${other.map(({ a, b }) => pairName(a.name, b.name)).join(', ')}`;
  return [
    `A and B do not answer the same load${which}: ${[...fields].join(', ')} differ`.replace(
      /^(.*: [^,]*) differ$/,
      '$1 differs',
    ),
  ];
}

function seeds(a: Side, b: Side): string[] {
  const [ofA, ofB] = [a.result.fingerprint.seed, b.result.fingerprint.seed];
  return ofA === ofB
    ? []
    : [
        `A has seed ${ofA} and B has seed ${ofB}: they answer other requests, so differences hold the chance of both`,
      ];
}

/** Both sides answer the same requests, so one of them does not do as its file says. */
function settings(a: Side, b: Side): string[] {
  return [['A', 'B', a] as const, ['B', 'A', b] as const].flatMap(([name, other, { setAside }]) =>
    setAside === undefined
      ? []
      : [`${name} takes the sampling of ${other}; its own is set aside: ${setAside}`],
  );
}

function pairing([a, b]: readonly [Side, Side], pairs: readonly ComparedPair[]): string[] {
  const measured = pairs.filter(({ figures }) => figures.length > 0);
  if (measured.every(({ paired }) => paired)) return [];
  const [ofA, ofB] = [a.result.scenario.replications, b.result.scenario.replications];
  const why =
    a.result.fingerprint.seed !== b.result.fingerprint.seed
      ? 'the seeds differ'
      : ofA !== ofB
        ? `A has ${ofA} replications and B has ${ofB}`
        : 'a result does not keep the figures of each replication';
  return [
    `Intervals of differences are combined as if A and B were independent (in quadrature), since ${why}: wider than paired ones, and an error of measured costs that both share does not cancel`,
  ];
}

function slas(a: Side, b: Side): string[] {
  const [ofA, ofB] = [a, b].map(({ result }) => result.scenario.sla);
  const told = (sla: typeof ofA) =>
    sla ? `${sla.percentile} ≤ ${Number((sla.limitS * 1e3).toPrecision(6))} ms` : 'none';
  return told(ofA) === told(ofB) ? [] : [`The SLAs differ: A has ${told(ofA)}, B has ${told(ofB)}`];
}

function products(a: Side, b: Side): string[] {
  const [ofA, ofB] = [a.result.fingerprint.product, b.result.fingerprint.product];
  return ofA === ofB ? [] : [`A was simulated by ${ofA}, B by ${ofB}: the simulator may differ, too`];
}

function verdicts(pairs: readonly ComparedPair[]): string[] {
  const underSampled = pairs.flatMap(({ a, b }) =>
    (['A', 'B'] as const).flatMap((side) => {
      const { name, verdict } = side === 'A' ? a : b;
      return verdict.state === 'UNDER-SAMPLED'
        ? [`${side} (${name}) is UNDER-SAMPLED: ${verdict.reason}`]
        : [];
    }),
  );
  return [...new Set(underSampled)];
}

function pairName(a: string, b: string): string {
  return a === b ? a : `${a} / ${b}`;
}
