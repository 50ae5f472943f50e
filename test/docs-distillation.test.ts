import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { excerpt, isLong, shownOutputs } from '../bench/shown-outputs.ts';
import { loadExperiment } from '../distil/experiment/load-experiment.ts';
import { readLayout } from '../distil/streams/csv/layout.ts';
import { packageRoot } from '../foundation/files.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { loadAnyScenario } from '../scenarios/files.ts';
import { program, rankfleet } from './cli/program.ts';
import { blocks } from './documentation.ts';

const docs = suite('docs: distillation');

const pages = ['distillation', 'distillation-experiment'].map((name) => `docs/${name}.md`);
const textOf = (page: string) => readFileSync(join(packageRoot, page), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'rankfleet-docs-'));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function scenario(name: string, text: string): Promise<ResolvedDistillation> {
  const loaded = await loadAnyScenario(written(name, text));
  assert.ok('kind' in loaded && loaded.kind === 'distillation');
  return loaded as ResolvedDistillation;
}

const [smallest, full, transfer, plan] = blocks(pages[0], 'yaml');

docs('the scenario with all fields states the defaults of the smallest one', async () => {
  const [few, all] = [await scenario('few.yaml', smallest), await scenario('all.yaml', full)];
  // The horizon is that of both together with what depends on the arms.
  const { question: _, horizon: __, ...settings } = all.settings;
  const { question: ___, horizon: ____, ...usual } = few.settings;
  assert.equal(settings, usual);
  assert.equal(all.arms, few.arms);
  assert.equal(all.horizon, few.horizon);
});

docs('it names every field, those that have no default in comments', () => {
  const schema = JSON.parse(rankfleet(['schema', 'scenario']).stdout).then;
  const fields = new Set<string>();
  const collect = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { properties?: Record<string, unknown> };
    for (const name of Object.keys(properties ?? {})) fields.add(name);
    for (const [name, inner] of Object.entries(value)) if (name !== 'quality') collect(inner);
  };
  const { plan: ofPlan, quality: _, ...rest } = schema.properties;
  collect({ properties: rest });
  const elsewhere = ['extends', 'name', 'baseline', 'arms', 'vary', 'plan', 'quality'];
  const missing = (text: string) =>
    [...fields].filter((name) => !elsewhere.includes(name) && !new RegExp(`\\b${name}:`).test(text));
  assert.ok(fields.size > 50, `${fields.size} fields`);
  assert.equal(missing(full), []);
  fields.clear();
  collect(ofPlan);
  assert.ok(fields.size > 12, `${fields.size} fields of a plan`);
  assert.equal(missing(plan), []);
});

docs('arms may state a constant, and the plan is one', async () => {
  const [remembered, known] = (await scenario('transfer.yaml', transfer)).arms;
  assert.ok(
    known.quality.transfer_at_equal_size!.value <
      (remembered.quality.transfer_at_equal_size?.value ?? 0.6) / 5,
  );
  const { settings, arms } = await scenario('plan.yaml', plan);
  assert.ok(settings.plan?.budget && arms.length > 1);
});

docs('the experiment and the layout are valid', () => {
  const [experiment, layout] = blocks(pages[1], 'yaml');
  written('layout.yaml', layout);
  const { spec } = loadExperiment(written('mine.yaml', experiment));
  assert.is(spec.source.kind, 'csv');
  assert.equal(Object.keys(readLayout(join(folder, 'layout.yaml')).labels), ['click', 'purchase']);
});

docs('what it shows is what commands print (node dist/bench/distillation-pages.js writes it)', () => {
  const outputs = new Map<string, string>();
  for (const page of pages) {
    const shown = shownOutputs(textOf(page));
    assert.ok(shown.length >= 2, `${page}: ${shown.length} outputs`);
    for (const { command, starts, text } of shown) {
      if (isLong(command)) continue;
      const run = command.replace(/^rankfleet/, `"${process.execPath}" "${program}"`);
      const options = { cwd: packageRoot, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
      const output = outputs.get(command) ?? execFileSync('sh', ['-c', run], options);
      outputs.set(command, output);
      assert.is(text, excerpt(output, starts), `${page}: ${command}`);
    }
  }
});

docs('links point to pages, and to headings of them', () => {
  for (const page of pages) {
    const links = [...textOf(page).matchAll(/\]\(([^):#]+\.md)(?:#([^)]+))?\)/g)];
    assert.ok(links.length >= 2, page);
    for (const [, file, heading] of links) {
      const headings = [...textOf(`docs/${file}`).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        anchorOf(title),
      );
      if (heading !== undefined) assert.ok(headings.includes(heading), `${page}: ${file}#${heading}`);
    }
  }
});

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

docs.after(() => rmSync(folder, { recursive: true }));
docs.run();
