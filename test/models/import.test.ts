import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summariseModel } from '../../models/summary.ts';
import { inputErrorOf, modelOf, netWith } from './fixtures.ts';

const importers = suite('importers');

const dlrm = (args: string) => modelOf(`name: imported\nimport:\n  dlrm_args: >-\n    ${args}\n`);
const layers = (model: ReturnType<typeof dlrm>, mlp: string) =>
  model.nets[0].operators
    .filter(({ name }) => name.startsWith(`${mlp}-fc`))
    .map(({ shape }) => `${shape.k}x${shape.n}`)
    .join(' ');

importers("dlrm: the benchmark's string", () => {
  const model = dlrm(
    'python dlrm_s_pytorch.py --mini-batch-size=2048 --num-batches=1000 --data-generation=random ' +
      '--arch-mlp-bot="512-512-64" --arch-mlp-top="1024-1024-1024-1" --arch-sparse-feature-size=64 ' +
      '--arch-embedding-size="1000000-1000000-1000000-1000000-1000000-1000000-1000000-1000000" ' +
      '--num-indices-per-lookup=100 --num-indices-per-lookup-fixed=1 --arch-interaction-op="dot" --numpy-rand-seed=727',
  );
  const [{ denseFeatures, tables }] = model.nets;
  assert.is(denseFeatures, 512);
  assert.is(tables.length, 8);
  assert.equal([tables[0].numEmbeddings, tables[0].embeddingDim, tables[0].poolingFactor], [1e6, 64, 100]);
  assert.is(layers(model, 'bottom'), '512x512 512x64');
  assert.is(layers(model, 'top'), '100x1024 1024x1024 1024x1024 1024x1', '9·8/2 + 64 = 100 inputs');
});

importers("dlrm: the Criteo Terabyte script's layers with three tables", () => {
  const model = dlrm(
    '--arch-sparse-feature-size=64 --arch-mlp-bot="13-512-256-64" --arch-mlp-top="512-512-256-1" ' +
      '--max-ind-range=20000000 --arch-embedding-size=20000000-39043-3 --loss-function=bce --round-targets=True',
  );
  assert.is(model.nets[0].denseFeatures, 13);
  assert.is(layers(model, 'top'), '70x512 512x512 512x256 256x1');
  const [first, , third] = model.nets[0].tables;
  assert.is(first.poolingFactor, 101 / 20, "up to the reference's default of 10");
  assert.is(third.poolingFactor, 10 / 6, 'at most as many as it has rows');
});

importers('dlrm: random data draws up to the number of indices, with its mean and variance', () => {
  for (const [rows, indices] of [
    [1000, 100],
    [1000, 2],
    [3, 80],
    [1, 10],
  ]) {
    const m = Math.min(rows, indices);
    const draws = Array.from({ length: 200_000 }, (_, i) => Math.round(Math.max(1, ((i + 0.5) / 2e5) * m)));
    const mean = draws.reduce((sum, k) => sum + k, 0) / draws.length;
    const square = draws.reduce((sum, k) => sum + k * k, 0) / draws.length;
    const table = dlrm(`--arch-embedding-size=${rows} --num-indices-per-lookup=${indices}`).nets[0].tables[0];
    const variation =
      'coefficientOfVariation' in table.poolingDistribution
        ? table.poolingDistribution.coefficientOfVariation
        : 0;
    assert.ok(Math.abs(table.poolingFactor / mean - 1) < 1e-4, `${rows}, ${indices}: mean`);
    assert.ok(
      Math.abs(variation - Math.sqrt(square / mean ** 2 - 1)) < 1e-4,
      `${rows}, ${indices}: variation`,
    );
  }
});

importers('dlrm: the fixed flag, table_defaults and data sets decide the lookups', () => {
  const lookups = (args: string, defaults = '{}') => {
    const yaml = `name: m\nimport:\n  dlrm_args: ${args}\n  table_defaults: ${defaults}\n`;
    const { poolingFactor, poolingDistribution } = modelOf(yaml).nets[0].tables[0];
    return `${poolingFactor} ${poolingDistribution.kind}`;
  };
  const rows = '--arch-embedding-size=1000';
  assert.is(lookups(`${rows} --num-indices-per-lookup=8 --num-indices-per-lookup-fixed=True`), '8 fixed');
  assert.is(lookups(`${rows} --num-indices-per-lookup=8`), '4.0625 gamma');
  assert.is(
    lookups(`${rows} --num-indices-per-lookup=8`, '{pooling_distribution: {kind: poisson}}'),
    '4.0625 poisson',
  );
  assert.is(lookups(rows, '{pooling_factor: 3}'), '3 fixed');
  assert.is(lookups(`${rows} --data-generation=dataset --data-set=kaggle`), '1 fixed');
  assert.is(lookups('--data-generation=random --data-set=kaggle'), '2.125 gamma', 'random data of 4 rows');
});

importers('dlrm: the tables of a data set are to be stated', () => {
  const cases: [string, string][] = [
    ['--data-generation=dataset --data-set=terabyte', '--data-generation=dataset'],
    ['--data-set kaggle --arch-mlp-bot=13-64-2', '--data-set=kaggle'],
    ['--raw_data_file=./day', '--raw-data-file=./day'],
    ['--processed-data-file=./day.npz', '--processed-data-file=./day.npz'],
  ];
  for (const [args, named] of cases) {
    const message = inputErrorOf(() => dlrm(args));
    assert.ok(message.includes(`with ${named} the rows of the tables come from the data set`), message);
    assert.ok(message.includes('state --arch-embedding-size='), message);
  }
});

importers("dlrm: the README's tiny model is what no argument says", () => {
  const model = dlrm('--mini-batch-size=2 --data-size=6');
  assert.is(layers(model, 'bottom'), '4x3 3x2');
  assert.is(layers(model, 'top'), '8x4 4x2 2x1', 'as printed by --debug-mode');
  assert.equal(
    model.nets[0].tables.map(({ numEmbeddings }) => numEmbeddings),
    [4, 3, 2],
  );
});

importers('dlrm: separate values, single quotes, interaction with itself', () => {
  const model = dlrm(
    "--arch-mlp-bot '13-512-64' --arch-sparse-feature-size 64 --arch-interaction-itself --print-time",
  );
  assert.is(model.nets[0].denseFeatures, 13);
  assert.is(layers(model, 'top').split(' ')[0], `${(4 * 5) / 2 + 64}x4`);
});

importers("DeepRecSys' underscores and cat", () => {
  const model = dlrm(
    '--arch_mlp_bot 128-64-32 --arch_mlp_top 256-64-1 --arch_embedding_size 4000000-4000000 ' +
      '--arch_sparse_feature_size 32 --num_indices_per_lookup_fixed True --num_indices_per_lookup 80 ' +
      '--arch_interaction_op cat --model_type dlrm',
  );
  assert.is(layers(model, 'top'), '96x256 256x64 64x1');
  assert.is(model.nets[0].tables[1].poolingFactor, 80);
});

importers('dlrm: wrong arguments are named with their position', () => {
  const cases: [string, string][] = [
    ['--arch-mlp-bto=13-64', "unknown argument --arch-mlp-bto (did you mean 'arch-mlp-bot'?)"],
    ['--arch-mlp-bot=13-x-64', "--arch-mlp-bot expects whole numbers such as '512-256-64'"],
    ['--arch-mlp-bot=13-0-64', "got '13-0-64'"],
    ['--arch-embedding-size=', '--arch-embedding-size expects'],
    ['--arch-interaction-op=sum', "--arch-interaction-op is dot or cat, got 'sum'"],
    ['--qr-flag --arch-mlp-bot=13-64', '--qr-flag is not supported'],
    ['--arch-mlp-bot', '--arch-mlp-bot needs a value'],
    ['hello', "expected arguments such as '--arch-mlp-bot=13-512-256-64'"],
    ['--arch-mlp-bot="13-64', 'a quote is not closed'],
    ['--arch-sparse-feature-size=2000000000', 'from 1 to 65536'],
    [
      '--num-indices-per-lookup-fixed=False',
      'reads --num-indices-per-lookup-fixed=False as true; leave it out',
    ],
  ];
  for (const [args, expected] of cases) {
    const message = inputErrorOf(() => dlrm(args));
    assert.ok(message.includes(expected), message);
    assert.match(message, /^model\.yaml:3:14: import\.dlrm_args: /);
  }
});

importers('dlrm: dimensions that do not meet are an error, as in the reference', () => {
  const message = inputErrorOf(() => dlrm('--arch-mlp-bot=13-64 --arch-sparse-feature-size=32'));
  assert.match(
    message,
    'dot needs vectors of one dimension, got 32 (emb-0, emb-1, emb-2) and 64 (bottom_mlp)',
  );
});

const csvNet = netWith(
  '- csv: tables.csv',
  'table_defaults: {embedding_dim: 16}\n    interaction: {kind: cat}',
);
const fromCsv = (csv: string) => modelOf(csvNet, { 'tables.csv': csv });

importers('csv: TorchRec names, defaults, quotes, a byte-order mark and windows lines', () => {
  const model = fromCsv(
    '\uFEFFname,num_embeddings,embedding_dim,pooling_factor,data_type,level\r\n' +
      'user,1000,64,20,FP16,user\r\n' +
      '"ad",2000,,1.5,int8,\r\n',
  );
  const [user, ad] = model.nets[0].tables;
  assert.equal([user.name, user.rowBytes, user.poolingFactor, user.level], ['user', 128, 20, 'user']);
  assert.equal([ad.name, ad.embeddingDim, ad.rowBytes, ad.level], ['ad', 16, 24, 'candidate']);
  assert.is(summariseModel(model).embeddingBytes, 1000 * 128 + 2000 * 24);
});

importers('csv: feature_names, hash_size and a numeric or a named pooling', () => {
  const model = fromCsv('feature_names,hash_size,pooling\na,10,12.5\nb,10,MEAN\n');
  assert.equal(
    model.nets[0].tables.map(({ name, poolingFactor }) => [name, poolingFactor]),
    [
      ['a', 12.5],
      ['b', 1],
    ],
  );
});

importers("csv: a name beside TorchRec's feature_names, in either order", () => {
  const named = (csv: string) => fromCsv(csv).nets[0].tables.map(({ name }) => name);
  const torchRec = `feature_names,name,num_embeddings,data_type,pooling
['f1'],t1,10,DataType.FP16,PoolingType.MEAN
"['f2', 'f3']",t2,10,,
`;
  assert.equal(named(torchRec), ['t1', 't2']);
  assert.is(fromCsv(torchRec).nets[0].tables[0].dataType, 'fp16');
  assert.equal(named('name,feature_names,num_embeddings\na,f,10\n'), ['a']);
  assert.equal(
    named("feature_names,num_embeddings\n['f1'],10\n"),
    ['f1'],
    'without a name, the feature is one',
  );
});

importers('csv: what is found out after reading is reported at the line too', () => {
  const head = 'num_embeddings,name,pooling_factor,embedding_dim\n';
  const duplicate = inputErrorOf(() => fromCsv(`${head}10,a,1,8\n10,a,1,8\n`));
  assert.is(duplicate, "tables.csv:3:4: name: a second table named 'a'");
  const bare = netWith('- csv: tables.csv');
  const dimless = inputErrorOf(() => modelOf(bare, { 'tables.csv': 'name,num_embeddings\na,1\n' }));
  assert.match(dimless, "tables.csv:2:1: embedding_dim: table 'a' has no embedding_dim");
  const geometric = netWith(
    '- csv: tables.csv',
    'table_defaults: {pooling_distribution: {kind: geometric}}\n    interaction: {kind: cat}',
  );
  const rare = inputErrorOf(() => modelOf(geometric, { 'tables.csv': `${head}10,a,0.5,8\n` }));
  assert.match(rare, 'tables.csv:2:6: pooling_factor: a geometric distribution counts 1, 2, ... lookups');
});

importers('csv: errors have file, line and column', () => {
  const cases: [string, string][] = [
    ['', 'tables.csv: is empty: expected a header'],
    ['name,num_embeddings\n', 'tables.csv:1:1: has a header but no tables'],
    [
      'name,num_embedings\na,1\n',
      "tables.csv:1:6: unknown column 'num_embedings' (did you mean 'num_embeddings'?)",
    ],
    ['name,num_embeddings\na,10\nb,0\n', 'tables.csv:3:3: num_embeddings: must be at least 1, got 0'],
    [
      'name,num_embeddings\na,10\nb,many\n',
      "tables.csv:3:3: num_embeddings: expected a whole number, got 'many'",
    ],
    [
      'name,num_embeddings\na,1e3\nb,1.5\n',
      'tables.csv:3:3: num_embeddings: expected a whole number, got 1.5',
    ],
    ['name,num_embeddings\na,NaN\n', "tables.csv:2:3: num_embeddings: expected a whole number, got 'NaN'"],
    ['name,num_embeddings,data_type\na,1,fp31\n', 'tables.csv:2:5: data_type: expected one of fp32, fp16'],
    ['name,embedding_dim\na,8\n', 'tables.csv:2:1: num_embeddings: required, but missing: a whole number'],
    [
      'name,hash_size,num_embeddings\na,8,8\n',
      "tables.csv:1:16: 'num_embeddings' says the same as 'hash_size'",
    ],
    ['"na""me",num_embeddings\n', 'tables.csv:1:1'],
    ['name,level,num_embeddings\n"a\nb",user,1\nc,item,1\n', 'tables.csv:2:1: name: a name has letters'],
    [
      'name,level,num_embeddings\n"a\nb",user,1\nc,item,1\n',
      'tables.csv:4:3: level: expected one of user, candidate',
    ],
  ];
  for (const [csv, expected] of cases) {
    const message = inputErrorOf(() => fromCsv(csv));
    assert.ok(message.includes(expected), `${message}\n  should have: ${expected}`);
  }
});

importers('csv: ragged lines and open quotes are located', () => {
  assert.match(
    inputErrorOf(() => fromCsv('name,num_embeddings\na,1\nb\n')),
    /^tables\.csv:3:1: /,
  );
  assert.match(
    inputErrorOf(() => fromCsv('name,num_embeddings\n"a,1\n')),
    /^tables\.csv:\d+:1: /,
  );
});

importers('csv: a missing file is named', () => {
  assert.match(
    inputErrorOf(() => modelOf(csvNet)),
    'tables.csv: no such file',
  );
});

importers.run();
