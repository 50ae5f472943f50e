import { textTable } from '../reports/text-table.ts';
import type { ArmDeployment, ResolvedScenario } from '../scenarios/deployment.ts';
import { loadScenario } from '../scenarios/files.ts';
import { listTable } from './list-table.ts';
import type { Listing } from './listing.ts';

export async function scenarioList(names: string[]): Promise<Listing> {
  const scenarios = await Promise.all(names.map((name) => loadScenario(name)));
  const columns = [
    { title: 'scenario', align: 'left' as const },
    { title: 'arms' },
    { title: 'for', align: 'left' as const },
    { title: 'question', align: 'left' as const },
  ];
  const rows = scenarios.map(({ arms, settings }, index) => [
    names[index],
    String(arms.length),
    commandFor(settings),
    settings.question.trim(),
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
function commandFor({ plan, sweep }: ResolvedScenario['settings']): string {
  return plan ? 'plan' : sweep ? 'sweep' : 'simulate';
}

export async function scenarioDetails(name: string): Promise<Listing> {
  const { arms, baseline, settings, defaults } = await loadScenario(name);
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
  const assumed = defaults.map(({ path, value }) => `  ${path}: ${value}`).join('\n');
  return {
    text: `${settings.question.trim() || name}\n\nRun it: rankfleet ${commandFor(settings)} ${name}\n\n${textTable(columns, rows)}\n\nDefaults that it leaves unsaid:\n${assumed}`,
    data: { name, settings, baseline, defaults, arms: arms.map(({ trace: _, ...arm }) => arm) },
  };
}

function shardingText({ strategy, shards, placement }: ArmDeployment['sharding']): string {
  if (placement !== undefined) return `as in ${placement}`;
  if (strategy === 'singular' || strategy === 'one-shard') return strategy;
  return `${strategy}, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
}
