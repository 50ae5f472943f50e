// time-limit: 300 s
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { csvOf } from '../../foundation/csv.ts';
import type { Cell, ColumnHead, DataTable } from '../../foundation/data-table.ts';
import { packageRoot, writeWhole } from '../../foundation/files.ts';
import { tableNames, tablesOf } from '../../reports/files/tables.ts';
import type { Comparison } from '../../sim/compare/comparison-result.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Result } from '../../sim/result.ts';
import { importDuckDb, storeCsv } from '../../sweep/duckdb.ts';
import { Answers, answerNames } from './answers.ts';

const answers = new Answers();
const tables = new Map(answerNames.map((name) => [name, new Map(tablesOf(answers.subject(name)))]));

const data = suite('tables of data');
data.after(() => answers.remove());

/** Every table of every answer. */
function eachTable(check: (table: DataTable, what: string) => void): void {
  for (const [name, own] of tables) {
    for (const [table, made] of own) check(made, `${table} of ${name}`);
  }
}

const textOf = (table: DataTable) => [...csvOf(table)].join('');

/** A cell as it stands in a table of its column; an empty one that is not quoted is null. */
function typed(text: string, wasQuoted: boolean, { type }: ColumnHead): Cell {
  if (text === '' && !wasQuoted) return null;
  if (type === 'VARCHAR') return text;
  return type === 'BOOLEAN' ? text === 'true' : Number(text);
}

/** Rows of a CSV as a reader of the standard sees them. */
function rowsIn(csv: string, columns: readonly ColumnHead[]): Cell[][] {
  const [head, ...rows] = parse(csv, {
    // A quoted empty text is told from nothing by the flag alone.
    cast: (text, { quoting, records, index }) =>
      records === 0 ? text : typed(text, quoting, columns[index]),
  }) as Cell[][];
  assert.equal(
    head,
    columns.map(({ name }) => name),
  );
  return rows;
}

data('there is one of every name in some answer, and answers have no others', () => {
  const kinds = {
    result: ['result'],
    plan: ['plan', 'mix'],
    comparison: ['comparison'],
    sweep: ['sweep'],
    distillation: ['distillation'],
    'distillation-comparison': ['distillation-comparison'],
  };
  for (const [kind, names] of Object.entries(kinds)) {
    const found = new Set(names.flatMap((name) => [...tables.get(name)!.keys()]));
    assert.equal([...found].sort(), [...tableNames[kind as keyof typeof tableNames]].sort(), kind);
  }
  const usual = answerNames.map((name) => [...tables.get(name)!.keys()][0]);
  assert.equal(usual, ['arms', 'alternatives', 'pairs', 'figures', 'points', 'arms', 'figures']);
});

data('cells are of the type of their column, and columns have names of their own', () => {
  const fits: Record<ColumnHead['type'], (cell: Cell) => boolean> = {
    VARCHAR: (cell) => typeof cell === 'string',
    DOUBLE: (cell) => typeof cell === 'number' && Number.isFinite(cell),
    INTEGER: (cell) => Number.isInteger(cell) && Math.abs(cell as number) < 2 ** 31,
    BOOLEAN: (cell) => typeof cell === 'boolean',
  };
  eachTable((table, what) => {
    const names = table.columns.map(({ name }) => name);
    assert.is(new Set(names).size, names.length, what);
    for (const name of names) assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, what);
    let rows = 0;
    for (const row of table.rows()) {
      rows++;
      assert.is(row.length, names.length, what);
      row.forEach((cell, index) => {
        const { name, type } = table.columns[index];
        assert.ok(cell === null || fits[type](cell), `${what}: ${name} is ${JSON.stringify(cell)}`);
      });
    }
    assert.is(rows, table.size, what);
  });
});

data('CSV gives back every cell, with all its digits', () => {
  eachTable((table, what) => {
    assert.equal(rowsIn(textOf(table), table.columns), [...table.rows()], what);
  });
});

/** The cells of some columns, by the texts of others. */
function cellsOf(table: DataTable, keys: string[], ...names: string[]): Record<string, Cell[]> {
  const at = (name: string) => table.columns.findIndex((column) => column.name === name);
  return Object.fromEntries(
    [...table.rows()].map((row) => [
      keys.map((key) => row[at(key)]).join('/'),
      names.map((name) => row[at(name)]),
    ]),
  );
}

function answerIn<Answer>(name: string): Answer {
  return JSON.parse(readFileSync(join(answers.path, name), 'utf8'));
}

data('the table of a result has the figures of its JSON', () => {
  const { arms, fingerprint } = answerIn<Result>('result/result.json');
  const own = tables.get('result')!;
  const cells = cellsOf(
    own.get('arms')!,
    ['arm'],
    'p99_s',
    'p99_low_s',
    'p99_high_s',
    'p99_9_s',
    'p50_over_baseline_high',
    'cpu_s_per_request',
    'usd_per_hour',
    'sla_met',
    'input_hash',
  );
  assert.is(Object.keys(cells).length, 2);
  for (const { name, measured, fleet, sla } of arms) {
    const { latencyS, computeS, overBaseline } = measured!;
    const { mean, low, high } = latencyS.p99;
    assert.equal(cells[name], [
      mean,
      low,
      high,
      latencyS['p99.9'].mean,
      overBaseline?.p50.high ?? null,
      computeS.cpu.mean,
      fleet.pricePerHourUsd,
      sla!.met,
      fingerprint.inputHash,
    ]);
  }
  const parts = cellsOf(own.get('breakdown')!, ['arm', 'request', 'component'], 'time_s');
  assert.equal(parts['one/tail/dense'], [arms[0].measured!.breakdownS.tail.dense]);
  assert.is(own.get('replications')!.size, 6);
});

data('the tables of a plan and of a comparison have the figures of their JSON', () => {
  const { alternatives, growth, day } = answerIn<PlanResult>('plan/plan.json');
  const own = tables.get('plan')!;
  const fleets = cellsOf(own.get('alternatives')!, ['alternative'], 'hosts', 'usd_per_hour', 'p99_s');
  for (const { name, fleet, money, states } of alternatives) {
    assert.equal(fleets[name], [fleet!.hosts, money!.usdPerHour, states[0].latencyS.p99.mean]);
  }
  const quarters = cellsOf(own.get('growth')!, ['quarter'], 'demand_per_s');
  assert.equal(
    Object.values(quarters),
    growth!.demand.map(({ ratePerS }) => [ratePerS]),
  );
  assert.is(own.get('day-series')!.size, day!.series.timeS.length);
  const { pairs } = answerIn<Comparison>('comparison/comparison.json');
  const figures = cellsOf(
    tables.get('comparison')!.get('figures')!,
    ['arm_b', 'figure'],
    'a',
    'difference_low',
  );
  for (const { b, figures: expected } of pairs) {
    for (const { key, a, difference } of expected) {
      assert.equal(figures[`${b.name}/${key}`], [a?.mean ?? null, difference?.low ?? null]);
    }
  }
});

data('the table of a sweep is its results.csv, byte for byte', () => {
  const points = tables.get('sweep')!.get('points')!;
  assert.is(textOf(points), readFileSync(join(answers.path, 'sweep/results.csv'), 'utf8'));
});

data('arms of a result and points of a sweep can be joined: what both know has one name', () => {
  const heads = (name: string, table: string) =>
    new Map(
      tables
        .get(name)!
        .get(table)!
        .columns.map(({ name: head, type }) => [head, type]),
    );
  const arms = heads('result', 'arms');
  const onlyOfSweeps = ['point', 'key', 'dominated', 'load_arrivals_rate_qps', 'sharding_shards'];
  for (const [name, type] of heads('sweep', 'points')) {
    if (onlyOfSweeps.includes(name)) assert.ok(!arms.has(name), name);
    else assert.is(arms.get(name), type, name);
  }
});

const hasDuckDb = (await importDuckDb()) !== undefined;
const withDuckDb = hasDuckDb
  ? data
  : (name: string, _: unknown) => console.log(`skipped: ${name}: DuckDB is not installed`);

withDuckDb('Parquet holds the same rows, and is the same bytes each time', async () => {
  const { DuckDBInstance } = (await importDuckDb())!;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const scratch = mkdtempSync(join(tmpdir(), 'rankfleet-tables-'));
  const parquetOf = async (table: DataTable, name: string) => {
    writeWhole(join(scratch, 'rows.csv'), csvOf(table));
    await storeCsv(join(scratch, 'rows.csv'), table.columns, 'parquet', join(scratch, name));
    return readFileSync(join(scratch, name));
  };
  for (const [name, own] of tables) {
    const [usual] = own.values();
    for (const [title, table] of own) {
      const bytes = await parquetOf(table, 'rows.parquet');
      const read = await connection.runAndReadAll(`SELECT * FROM '${join(scratch, 'rows.parquet')}'`);
      assert.equal(
        read.columnNames(),
        table.columns.map((column) => column.name),
      );
      assert.equal(read.getRows(), [...table.rows()], `${title} of ${name}`);
      if (table === usual) assert.ok(bytes.equals(await parquetOf(table, 'again.parquet')), name);
    }
  }
  connection.closeSync();
  rmSync(scratch, { recursive: true });
});

data('docs/reports.md names every table and every column', () => {
  const page = readFileSync(join(packageRoot, 'docs/reports.md'), 'utf8');
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => [/^`([a-z-]+)`/.exec(section)?.[1] ?? '', section]),
  );
  eachTable(({ columns }, what) => {
    const section = sections.get(what.split(' ')[0]) ?? '';
    assert.ok(section !== '', `${what} has no section`);
    for (const { name } of columns) {
      // Bounds of an interval go with their mean; swept fields are those of the sweep.
      const base = name.replace(/_(low|high)(?=_|$)/, '');
      const isSwept = what.endsWith('sweep') && /^(load|sharding)_/.test(name);
      assert.ok(isSwept || section.includes(`\`${base}\``), `${what}: ${name}`);
    }
  });
});

data.run();
