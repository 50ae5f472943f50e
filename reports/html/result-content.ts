import { counted } from '../../foundation/counted.ts';
import { formatTime, significant, withPrefix } from '../../foundation/units.ts';
import type { ArmResult, Measured, Result } from '../../sim/result.ts';
import { acceleratorsInWords } from '../accelerator-section.ts';
import { answerInWords } from '../answer-in-words.ts';
import { compressionNotes, compressionTable } from '../compression-section.ts';
import { plusMinus, timeUnit } from '../numbers.ts';
import { preprocessingInWords } from '../preprocessing-section.ts';
import { busiestShare, cautions, doesNotFit, provenPlacements } from '../simulation-report.ts';
import type { Content, KeyFigure, Section } from './content.ts';
import { evidenceTable, inPercent } from './evidence-section.ts';
import { costTable, latencyTable } from './result-tables.ts';
import { argument } from './shell-argument.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of a simulated scenario. */
export function resultContent(result: Result): Content {
  const { scenario, fingerprint, arms } = result;
  return {
    kind: 'simulation',
    question: scenario.question || scenario.name,
    answer: [answerInWords(result)],
    figures: keyFigures(result),
    sections: [
      {
        id: 'arms',
        title: arms.length === 1 ? 'The arm' : `The ${arms.length} arms`,
        tables: [latencyTable(result), ...costTable(result)],
        points: [...doesNotFit(result), ...cautions(result)],
      },
      ...storage(result),
    ],
    evidence: evidence(result),
    defaults: result.defaults,
    fingerprint: [
      ['scenario', scenario.name],
      ['simulated by', fingerprint.product],
      ['seed', String(fingerprint.seed)],
      ['replications', String(scenario.replications)],
      ['hash of the input', fingerprint.inputHash],
    ],
    reproduce: {
      commands: [
        `rankfleet simulate ${argument(scenario.name)} --seed ${fingerprint.seed} --replications ${scenario.replications}`,
      ],
      note:
        `${scenario.name} stands for the file of the scenario, unless it is one of the library. Beside a result, ` +
        'simulate --out keeps scenario.json: the scenario and all files that it names in one, for the same command.',
    },
  };
}

type MeasuredArm = ArmResult & { measured: Measured };

function keyFigures({ arms, scenario }: Result): KeyFigure[] {
  const measured = arms.filter((arm): arm is MeasuredArm => arm.measured !== undefined);
  const judged = scenario.sla?.percentile ?? 'p99';
  const sound = measured.filter(({ verdict }) => verdict.state !== 'SATURATED');
  return [
    ...(scenario.sla ? [slaFigure(arms, scenario.sla)] : []),
    ...(sound.length > 0
      ? [
          latencyFigure(
            judged,
            least(sound, (arm) => arm.measured.latencyS[judged].mean),
          ),
          computeFigure(least(sound, computeOf)),
          priceFigure(least(sound, ({ fleet }) => fleet.pricePerHourUsd)),
        ]
      : []),
    ...(measured.length > 0 ? [simulatedFigure(measured)] : []),
  ];
}

function slaFigure(
  arms: readonly ArmResult[],
  { percentile, limitS }: { percentile: string; limitS: number },
): KeyFigure {
  const meeting = arms.filter(({ sla }) => sla?.met === 'yes').length;
  return {
    label: `${percentile} ≤ ${formatTime(limitS)} is met by`,
    value: String(meeting),
    unit: `of ${counted(arms.length, 'arm')}`,
  };
}

function latencyFigure(judged: keyof Measured['latencyS'] & `p${string}`, { name, measured }: MeasuredArm) {
  const latency = measured.latencyS[judged];
  const unit = timeUnit([latency.mean]);
  return {
    label: `Lowest ${judged}`,
    value: plusMinus(latency, unit.perS),
    unit: unit.name,
    note: `${name}, ρ ${busiestShare(measured)}`,
  };
}

function computeOf({ measured: { computeS } }: MeasuredArm): number {
  return computeS.cpu.mean + computeS.accelerator.mean;
}

function computeFigure(arm: MeasuredArm): KeyFigure {
  const [value, unit] = formatTime(computeOf(arm)).split(' ');
  return { label: 'Least compute per request', value, unit, note: arm.name };
}

function priceFigure({ name, fleet }: MeasuredArm): KeyFigure {
  return { label: 'Lowest price', value: significant(fleet.pricePerHourUsd), unit: 'USD/h', note: name };
}

function simulatedFigure(measured: readonly MeasuredArm[]): KeyFigure {
  const sum = (of: (measured: Measured) => number) =>
    measured.reduce((total, arm) => total + of(arm.measured), 0);
  const [value, unit = ''] = withPrefix(sum(({ requests }) => requests)).split(' ');
  return {
    label: 'Simulated',
    value,
    unit: `${unit} requests`.trim(),
    note: `${withPrefix(sum(({ events }) => events)).trim()} events`,
  };
}

function least(arms: readonly MeasuredArm[], value: (arm: MeasuredArm) => number): MeasuredArm {
  return arms.reduce((best, arm) => (value(arm) < value(best) ? arm : best));
}

/** How tables are stored and placed, and where requests are prepared, where an arm has something to say of it. */
function storage(result: Result): Section[] {
  const table = compressionTable(result);
  const points = [
    ...compressionNotes(result),
    ...provenPlacements(result).map((text) => `Optimised placement of ${text}`),
    ...acceleratorsInWords(result).map((text) => `In accelerator memory, ${text}`),
    ...preprocessingInWords(result).map((text) => `Preprocessing, ${text}`),
  ];
  if (points.length === 0) return [];
  return [{ id: 'storage', title: 'Where tables lie', points, tables: table ? [pageTable(table)] : [] }];
}

function evidence({ arms }: Result): Section {
  const table = evidenceTable(
    'Share of the latency by its weakest input, and number of input figures, by evidence',
    'arm',
    arms.map(({ name }) => name),
    [
      { title: 'typical request, %', format: inPercent, values: arms.map((arm) => arm.evidence.typicalTime) },
      { title: 'slowest 1 %, %', format: inPercent, values: arms.map((arm) => arm.evidence.tailTime) },
      { title: 'input figures', format: String, values: arms.map((arm) => arm.evidence.figures) },
    ],
  );
  return { id: 'evidence', title: 'What it rests on', tables: [table] };
}
