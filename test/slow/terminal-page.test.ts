import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSubject } from '../../cli/read-subject.ts';
import { tools } from '../../cli/terminal.ts';
import { packageRoot } from '../../foundation/files.ts';
import { stillFeed } from '../../reports/terminal/feed.ts';
import { plain } from '../../reports/terminal/line.ts';
import { Viewer } from '../../reports/terminal/viewer.ts';
import { blocks, checkCommand, commandsOf, projectFolder } from '../documentation.ts';

const page = suite('terminal: its page');
const folder = projectFolder();
page.after(() => rmSync(folder, { recursive: true }));

page('shows commands that do what it says, without a terminal as well', () => {
  const commands = commandsOf(['docs/terminal.md']);
  assert.ok(commands.length >= 7);
  for (const command of commands) checkCommand(command, folder);
});

page('shows the screens that its commands show', () => {
  const viewer = new Viewer({
    shown: stillFeed({ subject: readSubject(join(folder, 'results')), exporters: [] }),
    tools,
    files: { exists: () => false, write: () => {} },
    columns: 80,
    rows: 24,
    onEffect: () => {},
  });
  const screenAfter = (keys: string) => {
    viewer.press([...keys].map((text) => ({ name: 'text', text })));
    const { header, body, footer } = viewer.frame();
    return [...header, ...body, ...footer].map((line) => plain(line).trimEnd()).join('\n');
  };
  const shown = blocks('docs/terminal.md', 'text').map((block) => block.trimEnd());
  assert.equal(shown, [screenAfter('jjj'), screenAfter('2')], 'the page is stale');
});

page('names every key that help names', () => {
  const text = readFileSync(join(packageRoot, 'docs/terminal.md'), 'utf8');
  for (const key of [
    'PgUp PgDn',
    'Home End',
    'Ctrl-L',
    'Ctrl-Z',
    'Shift-Tab',
    '| / |',
    '| s, S |',
    '| c |',
    '| e |',
    '| o |',
  ]) {
    assert.ok(text.includes(key), key);
  }
});

page.run();
