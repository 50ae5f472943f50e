/**
 * Test runner: `node --import tsx test/run.ts [name-filter ...]`. Runs every test file in a process of its
 * own and fails on what uvu lets pass: no tests, a suite that is never run, a process that does not end.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killRunning, runTests } from './runner.ts';

process.on('exit', killRunning);
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const folder = dirname(fileURLToPath(import.meta.url));
const passed = await runTests(folder, process.argv.slice(2), (line) => console.log(line));
process.exitCode = passed ? 0 : 1;
