// time-limit: 1200 s
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { excerpt, isLong, shownOutputs } from '../../bench/shown-outputs.ts';
import { syntheticOptions } from '../../distil/streams/synthetic/options.ts';
import { syntheticStream } from '../../distil/streams/synthetic/synthetic-stream.ts';
import { packageRoot } from '../../foundation/files.ts';
import { rankfleet } from '../cli/program.ts';
import { csvOf, everyRow } from '../distil/csv-of-stream.ts';
import { blocks, commandsOf, projectFolder } from '../documentation.ts';

const docs = suite('docs: commands of the pages on distillation');

const pages = ['docs/distillation.md', 'docs/distillation-experiment.md'];
const folder = projectFolder();
symlinkSync(join(packageRoot, 'distil'), join(folder, 'distil'));
const [experiment, layout] = blocks(pages[1], 'yaml');
writeFileSync(join(folder, 'mine.yaml'), experiment);
writeFileSync(join(folder, 'layout.yaml'), layout);
writeFileSync(join(folder, 'impressions.csv'), impressions());

/** A file in the layout of the page. */
function impressions(): string {
  const { stream } = syntheticStream(
    syntheticOptions({
      days: 9,
      examples_per_day: 600,
      cardinalities: [40, 40],
      verticals: 2,
      tasks: [
        { name: 'click', mean_delay_s: 600 },
        { name: 'purchase', base_rate: 0.1, alike: 0.8 },
      ],
    }),
  );
  const [user, ad, home] = stream.fields;
  const [click, purchase] = stream.tasks;
  const head = ['time_s', 'click', 'click_s', 'purchase', 'user', 'ad', 'placement'];
  return csvOf(head, everyRow(stream), (row) => {
    const timeS = stream.impressionS[row];
    const placement = home.ids[row] === 0 ? 'feed' : 'stories';
    const labels = [click.labels[row], timeS + click.delayS[row], purchase.labels[row]];
    return [timeS, ...labels, user.ids[row], ad.ids[row], placement];
  });
}

for (const command of commandsOf(pages)) {
  docs(command, () => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.is(status, 0, `${stdout}\n${stderr}`);
    assert.ok(stdout.length > 100 || /^wrote /m.test(stderr), `${stdout}\n${stderr}`);
  });
}

docs('plans and fits are shown as commands print them', () => {
  const shown = pages.flatMap((page) => shownOutputs(readFileSync(join(packageRoot, page), 'utf8')));
  const long = shown.filter(({ command }) => isLong(command));
  assert.is(long.length, 3);
  for (const { command, starts, text } of long) {
    const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    const { stdout, stderr } = rankfleet(args.slice(1), { cwd: packageRoot });
    assert.is(text, excerpt(stdout, starts), stderr);
  }
});

docs.after(() => rmSync(folder, { recursive: true }));
docs.run();
