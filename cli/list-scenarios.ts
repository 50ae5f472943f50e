import { formatTime, withPrefix } from '../foundation/units.ts';
import { textTable } from '../reports/text-table.ts';
import type { ArmDeployment, DefaultUsed, ResolvedScenario } from '../scenarios/deployment.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { type AnyScenario, loadAnyScenario } from '../scenarios/files.ts';
import { listTable } from './list-table.ts';
import type { Listing } from './listing.ts';

export async function scenarioList(names: string[]): Promise<Listing> {
  const scenarios = await Promise.all(names.map((name) => loadAnyScenario(name)));
  const columns = [
    { title: 'scenario', align: 'left' as const },
    { title: 'arms' },
    { title: 'for', align: 'left' as const },
    { title: 'question', align: 'left' as const },
  ];
  const rows = scenarios.map((scenario, index) => [
    names[index],
    String(scenario.arms.length),
    commandFor(scenario),
    scenario.settings.question.trim(),
  ]);
  return {
    text: `${listTable(columns, rows)}\n\nRun one: rankfleet ${rows[0][2]} ${names[0]}`,
    data: rows.map(([name, , command, question], index) => ({
      name,
      command,
      question,
      arms: scenarios[index].arms.map((arm) => arm.name),
    })),
  };
}

/** The command that a scenario was written for; `simulate` compares the arms of any. */
function commandFor(scenario: AnyScenario): string {
  if (scenario.settings.plan) return 'plan';
  return !('kind' in scenario) && scenario.settings.sweep ? 'sweep' : 'simulate';
}

export async function scenarioDetails(name: string): Promise<Listing> {
  const scenario = await loadAnyScenario(name);
  return 'kind' in scenario ? distillationDetails(name, scenario) : servingDetails(name, scenario);
}

function servingDetails(name: string, scenario: ResolvedScenario): Listing {
  const { arms, baseline, settings, defaults } = scenario;
  const columns = ['arm', 'model', 'main', 'sparse', 'sharding'].map((title) => ({
    title,
    align: 'left' as const,
  }));
  const rows = arms.map((arm) => [
    arm.name === baseline ? `${arm.name} (baseline)` : arm.name,
    arm.model.name,
    `${arm.main.replicas} × ${arm.main.host.name}`,
    `${Array.isArray(arm.sparse.replicas) ? arm.sparse.replicas.join('+') : arm.sparse.replicas} × ${arm.sparse.host.name} per shard`,
    shardingText(arm.sharding),
  ]);
  return {
    text: details(name, scenario, textTable(columns, rows), defaults),
    data: { name, settings, baseline, defaults, arms: arms.map(({ trace: _, ...arm }) => arm) },
  };
}

function distillationDetails(name: string, scenario: ResolvedDistillation): Listing {
  const { arms, baseline, settings, defaults, horizon } = scenario;
  const columns = [
    { title: 'arm', align: 'left' as const },
    { title: 'teacher', align: 'left' as const },
    { title: 'verticals' },
    { title: 'vertical models', align: 'left' as const },
    { title: 'unique examples a day' },
    { title: 'snapshots every' },
    { title: 'learn by', align: 'left' as const },
  ];
  const rows = arms.map(({ teacher, verticals, ...arm }) => [
    arm.name === baseline ? `${arm.name} (baseline)` : arm.name,
    teacher.model.name,
    String(verticals.reduce((sum, { count }) => sum + count, 0)),
    [...new Set(verticals.map(({ model }) => model.name))].join(', '),
    withPrefix(arm.uniqueExamplesPerDay),
    formatTime(teacher.snapshots.every),
    arm.distillation.kind,
  ]);
  return {
    text: details(name, scenario, textTable(columns, rows), defaults),
    data: { name, kind: scenario.kind, settings, baseline, horizon, defaults, arms },
  };
}

function details(
  name: string,
  scenario: AnyScenario,
  table: string,
  defaults: readonly DefaultUsed[],
): string {
  const assumed = defaults.map(({ path, value }) => `  ${path}: ${value}`).join('\n');
  const question = scenario.settings.question.trim() || name;
  return `${question}\n\nRun it: rankfleet ${commandFor(scenario)} ${name}\n\n${table}\n\nDefaults that it leaves unsaid:\n${assumed}`;
}

function shardingText({ strategy, shards, placement }: ArmDeployment['sharding']): string {
  if (placement !== undefined) return `as in ${placement}`;
  if (strategy === 'singular' || strategy === 'one-shard') return strategy;
  return `${strategy}, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
}
