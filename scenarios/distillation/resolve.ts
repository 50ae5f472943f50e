import type { SourceDocument } from '../../foundation/document.ts';
import { InputError, locate } from '../../foundation/problem.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import { checkStock } from '../check-stock.ts';
import type { DefaultUsed } from '../deployment.ts';
import type { Locating } from '../locating.ts';
import { checkProfileNames, type UsedProfile } from '../profile-names.ts';
import { locating } from '../read-variant.ts';
import type { Library } from '../resolve.ts';
import { statedDefaults } from '../stated-defaults.ts';
import type { DistillationArm, ResolvedDistillation, VerticalSpec } from './deployment.ts';
import { checkSteps, horizonOf, longestWindow } from './horizon.ts';
import { readDistillation } from './read.ts';
import { type DistillationFields, distillationArmSchema, distillationSettingsSchema } from './schema.ts';
import { uniqueExamples } from './unique-examples.ts';
import { distilledSourceOf, withVerticalDefaults } from './vertical-defaults.ts';
import type { VerticalFields } from './vertical-schema.ts';

/**
 * Joins a scenario of external distillation with the models, hosts and networks that it names.
 * @throws InputError with the position of every problem
 */
export async function resolveDistillation(
  document: SourceDocument,
  library: Library,
  defaultName: string,
): Promise<ResolvedDistillation> {
  const { settings, fields, variants, specs } = readDistillation(document);
  const arms = variants.map((variant, index) =>
    deploy(variant.name, specs[index], library, locating(document, variant, distilledSourceOf)),
  );
  checkProfileNames(document, arms.flatMap(profilesOf));
  const stock = settings.plan?.stock ?? {};
  checkStock(document, stock, hostsUsed(arms), (host) => library.host(host, document.file));
  const { arms: _, extends: __, ...kept } = settings;
  const { horizon, defaults } = horizonOf(settings, arms);
  locate(
    (message) => document.problemAt(['horizon'], message),
    () => checkSteps(horizon),
  );
  return {
    kind: 'distillation',
    name: settings.name ?? defaultName,
    settings: kept,
    baseline: settings.baseline ?? arms[0].name,
    horizon,
    referenceExamplesPerDay: Math.max(...arms.map(({ uniqueExamplesPerDay }) => uniqueExamplesPerDay)),
    arms,
    problemAt: (arm, path, message) => {
      const variant = variants.find(({ name }) => name === arm);
      return document.problemAt(variant ? distilledSourceOf(document, variant, path) : path, message);
    },
    defaults: [
      ...ofVerticals(statedDefaults(distillationArmSchema, withVerticalDefaults(variants[0].value))),
      ...impliedDefaults(specs[0], arms[0]),
      ...statedDefaults(distillationSettingsSchema, fields),
      ...defaults,
    ],
  };
}

/** Defaults that every vertical, or every task, leaves unsaid are told once, of `*`. */
function ofVerticals(defaults: readonly DefaultUsed[]): DefaultUsed[] {
  const isVertical = ({ path }: DefaultUsed) => path.startsWith('verticals.');
  const told = new Map<string, DefaultUsed>();
  for (const { path, value } of defaults.filter(isVertical)) {
    const [section, , ...inner] = path.split('.');
    const shown = inner[0] === 'tasks' ? ['tasks', '*', ...inner.slice(2)] : inner;
    const general = [section, '*', ...shown].join('.');
    told.set(general, { path: general, value });
  }
  return [...defaults.filter((each) => !isVertical(each)), ...told.values()];
}

/** Defaults that depend on other fields. */
function impliedDefaults({ teacher }: DistillationFields, { verticals }: DistillationArm): DefaultUsed[] {
  const { host, network } = teacher.labelling;
  return [
    ...(teacher.train_after === undefined
      ? [{ path: 'teacher.train_after', value: `${longestWindow(verticals)} s` }]
      : []),
    ...(host === undefined ? [{ path: 'teacher.labelling.host', value: teacher.fleet.host }] : []),
    ...(network === undefined ? [{ path: 'teacher.labelling.network', value: teacher.fleet.network }] : []),
  ];
}

function deploy(
  name: string,
  spec: DistillationFields,
  library: Library,
  located: Locating,
): DistillationArm {
  const { teacher, verticals, overlap: _, vertical_defaults: __, ...rest } = spec;
  const host = (path: PropertyKey[], wanted: string) =>
    located(path, (from) => withAccelerators(library.host(wanted, from)));
  const network = (path: PropertyKey[], wanted: string) =>
    located(path, (from) => library.network(wanted, from));
  const { fleet, labelling } = teacher;
  const teacherHost = host(['teacher', 'fleet', 'host'], fleet.host);
  const teacherNetwork = network(['teacher', 'fleet', 'network'], fleet.network);
  const atLabelling = (field: string) => ['teacher', 'labelling', field];
  return {
    ...rest,
    name,
    teacher: {
      ...teacher,
      model: located(['teacher', 'model'], (from) => library.model(teacher.model, from)),
      fleet: { ...fleet, host: teacherHost, network: teacherNetwork },
      labelling: {
        ...labelling,
        host: labelling.host === undefined ? teacherHost : host(atLabelling('host'), labelling.host),
        network:
          labelling.network === undefined
            ? teacherNetwork
            : network(atLabelling('network'), labelling.network),
      },
    },
    verticals: Object.entries(verticals).map(([vertical, fields]): VerticalSpec => {
      const at = (...path: string[]) => ['verticals', vertical, ...path];
      const accelerated = host(at('fleet', 'host'), fields.fleet.host);
      located(at('fleet', 'accelerators'), () => checkAccelerators(fields, accelerated));
      return {
        ...fields,
        name: vertical,
        model: located(at('model'), (from) => library.model(fields.model, from)),
        fleet: {
          ...fields.fleet,
          host: accelerated,
          network: network(at('fleet', 'network'), fields.fleet.network),
        },
        tasks: Object.entries(fields.tasks).map(([task, each]) => ({ ...each, name: task })),
      };
    }),
    uniqueExamplesPerDay: located(['overlap'], () => uniqueExamples(spec)),
  };
}

function withAccelerators(host: Host): Host {
  if (host.accelerators) return host;
  throw new InputError(`training needs accelerators, and host '${host.name}' has none`);
}

function checkAccelerators({ fleet: { accelerators } }: VerticalFields, host: Host): void {
  const count = host.accelerators!.count.value;
  if (accelerators !== undefined && accelerators > count)
    throw new InputError(`${host.name} has ${count} accelerators; got ${accelerators}`);
}

function hostsUsed(arms: readonly DistillationArm[]): Set<string> {
  return new Set(
    arms.flatMap(({ teacher, verticals }) =>
      [teacher.fleet, teacher.labelling, ...verticals.map(({ fleet }) => fleet)].map(({ host }) => host.name),
    ),
  );
}

function profilesOf({ teacher, verticals }: DistillationArm): UsedProfile[] {
  const fleets = [
    { path: ['teacher', 'fleet'], ...teacher.fleet },
    { path: ['teacher', 'labelling'], ...teacher.labelling },
    ...verticals.map(({ name, fleet }) => ({ path: ['verticals', name, 'fleet'], ...fleet })),
  ];
  return [
    { kind: 'model', path: ['teacher', 'model'], profile: teacher.model },
    ...verticals.map(({ name, model }) => ({
      kind: 'model' as const,
      path: ['verticals', name, 'model'],
      profile: model,
    })),
    ...fleets.flatMap(({ path, host, network }) => [
      { kind: 'host' as const, path: [...path, 'host'], profile: host },
      { kind: 'network' as const, path: [...path, 'network'], profile: network },
    ]),
  ];
}
