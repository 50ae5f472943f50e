import type { DenseOperator } from '../../models/model.ts';
import { atCandidates } from '../../models/operators.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { callsOf } from '../cost/operator-calls.ts';
import { searchedCallsOf } from '../cost/searched-calls.ts';
import { type Coverage, lineOf, type Runner } from './coverage.ts';

/** The dense operators of all nets, for a batch of so many candidates of one user. */
export function denseOn(runner: Runner, { model }: ArmDeployment, candidates: number): Coverage[] {
  return model.nets.flatMap(({ name, operators }) =>
    operators.map((operator) =>
      operatorOn(runner, operator, candidates, {
        net: model.nets.length > 1 ? name : undefined,
        launches: 1,
      }),
    ),
  );
}

/** The transforms of raw features of a model that has some. */
export function transformsOn(
  runner: Runner,
  { model, preprocessing }: ArmDeployment,
  candidates: number,
): Coverage[] {
  const operators = preprocessing ? (model.preprocessing ?? []) : [];
  return operators.map((operator) => ({
    ...operatorOn(runner, operator, candidates, { net: undefined, launches: operator.launches }),
    isPreprocessing: true,
  }));
}

/** @param launches one after the other, whose work and time are added up */
function operatorOn(
  runner: Runner,
  operator: DenseOperator,
  candidates: number,
  { net, launches }: { net: string | undefined; launches: number },
): Coverage {
  const { name, kind, dataType, flops, bytes } = operator;
  const time = runner.unit.operator(operator, candidates);
  const ways = callsOf(operator, candidates);
  const line = lineOf(
    runner,
    { net, operator: name, kind, dataType, shape: shapeOf(operator, candidates, launches) },
    {
      flops: launches * atCandidates(flops, candidates),
      bytes: launches * atCandidates(bytes, candidates),
      bytesFrom: runner.roofs.cacheBytesPerS ? 'cache' : 'memory',
    },
    { ...time, seconds: launches * time.seconds },
    ways,
  );
  const alone = ways.flatMap((calls) => (calls.length === 1 ? calls : []));
  return { ...line, calls: [...alone, ...searchedCallsOf(operator, candidates)] };
}

/** The shape as the measured operator has it, or as the model says where none is like it. */
function shapeOf(operator: DenseOperator, candidates: number, launches: number): string {
  const [calls] = callsOf(operator, candidates);
  const shape = calls?.[0]?.shape ?? operator.shape;
  const axes = Object.entries(shape).map(([axis, value]) => `${axis} ${Math.round(value * 10) / 10}`);
  return `${axes.join(', ')}${launches > 1 ? `, ${launches} launches` : ''}`;
}
