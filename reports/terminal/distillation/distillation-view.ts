import type { DistillationArmResult, DistillationResult } from '../../../sim/training/distillation-result.ts';
import { type AnsweredArm, sharedOf, stalest } from '../../distillation/arms.ts';
import { fleetTable } from '../../distillation/step-tables.ts';
import { assumedText, swingsTable } from '../../distillation/swings.ts';
import { memoryNote, resourceTable, systemTable } from '../../distillation/system-tables.ts';
import { gapTable } from '../../distillation/vertical-tables.ts';
import { evidenceBars } from '../evidence-lines.ts';
import type { Line } from '../line.ts';
import { short } from '../short-numbers.ts';
import { always, never, type SubjectView, type Tab } from '../subject-view.ts';
import { facts, paragraph, sections } from '../table.ts';
import type { Tools } from '../tools.ts';
import { comparedDistillationLines } from './compared-distillation-lines.ts';
import { distillationOverviewLines } from './distillation-overview.ts';
import { ageLines, gainLines, stepLines } from './distillation-parts.ts';
import { statusOf } from './distillation-status.ts';
import { titledLines } from './titled-lines.ts';

/** An answer about external distillation: its arms. */
export function distillationView(result: DistillationResult, tools: Tools): SubjectView {
  const { arms, scenario } = result;
  const gain = (arm: DistillationArmResult) =>
    arm.answer ? sharedOf(arm as AnsweredArm).meanGain.value : undefined;
  const money = (arm: DistillationArmResult) =>
    arm.answer ? sharedOf(arm as AnsweredArm).extraUsdPerDay : undefined;
  const gapS = (arm: DistillationArmResult) =>
    arm.answer ? stalest(arm as AnsweredArm)?.feed.exampleGapS?.p99.mean : undefined;
  const inHours = (timeS: number | undefined) => short(timeS === undefined ? undefined : timeS / 3600);
  const inPercent = (share: number | undefined) => short(share === undefined ? undefined : share * 100);
  const ofAnswered = (lines: (arm: AnsweredArm, width: number) => Line[]): Tab => ({
    missing: (index) => whyUnanswered(arms[index]),
    lines: ({ index, width }) => lines(arms[index] as AnsweredArm, width),
  });
  return {
    title: `distillation ${scenario.name}`,
    goal: 'gain in NE ≥ 0.02 %',
    what: 'arm',
    size: arms.length,
    start: 0,
    baseline: Math.max(
      0,
      arms.findIndex(({ name }) => name === scenario.baseline),
    ),
    hasLongNames: false,
    figureTitles: ['gain %', 'USD/d', 'p99 h'],
    key: (index) => arms[index].name,
    item: (index) => ({
      name: arms[index].name,
      status: statusOf(arms[index]),
      figures: [inPercent(gain(arms[index])), short(money(arms[index])), inHours(gapS(arms[index]))],
    }),
    searchText: (index) => `${arms[index].name} ${statusOf(arms[index]).word}`.toLowerCase(),
    sorts: [
      { title: 'gain', of: (index) => gain(arms[index]) },
      { title: 'cost', of: (index) => money(arms[index]) },
      { title: 'gap', of: (index) => gapS(arms[index]) },
      { title: 'name', of: (index) => arms[index].name },
    ],
    tabs: {
      overview: always(({ index, width }) => distillationOverviewLines(result, arms[index], width)),
      latency: ofAnswered((arm, width) =>
        sections(
          width,
          ['Age of the teacher that labels', ageLines(arm, width)],
          ['Freshness by task', titledLines(gapTable(arm), width)],
        ),
      ),
      breakdown: ofAnswered((arm, width) =>
        sections(
          width,
          ['Where gains come from', gainLines(arm, width)],
          ['Where steps go', stepLines(arm, width)],
        ),
      ),
      shards: never('tables of a training step lie on all its accelerators: see Fleet for their memory'),
      fleet: ofAnswered((arm, width) =>
        sections(
          width,
          ['Fleets', titledLines(fleetTable(arm), width)],
          ['What ways to train gain and cost', titledLines(systemTable(arm), width)],
          [
            'What they take',
            [...titledLines(resourceTable(arm), width), ...paragraph(memoryNote(arm), width, 'faint')],
          ],
        ),
      ),
      evidence: always(({ index, width }) => evidenceLines(result, arms[index], width)),
      compare: {
        missing: (index) => (arms.length < 2 ? 'there is no other arm' : whyUnanswered(arms[index])),
        lines: ({ index, other, width }) => {
          const pair = tools.compareDistilled(result, arms[other].name, arms[index].name);
          return comparedDistillationLines(pair, scenario.confidence, width);
        },
      },
    },
  };
}

function whyUnanswered({ answer }: DistillationArmResult): string | undefined {
  return answer ? undefined : 'the arm does not fit, so nothing was simulated: see Overview';
}

/** What device time rests on, the constants that move the gain, and what was assumed. */
function evidenceLines(result: DistillationResult, arm: DistillationArmResult, width: number): Line[] {
  const { teacherStep, deviceHours, figures } = arm.evidence;
  return sections(
    width,
    [
      'Share of time by the evidence for it',
      evidenceBars(
        [
          ...(teacherStep ? [{ name: 'teacher’s step', shares: teacherStep }] : []),
          ...(deviceHours ? [{ name: 'busy devices', shares: deviceHours }] : []),
        ],
        width,
      ),
    ],
    [
      'Figures of hosts, networks and models, by evidence',
      facts(
        Object.entries(figures).map(([name, count]) => [name, String(count)]),
        width,
      ),
    ],
    ['What moves the gain', arm.answer ? titledLines(swingsTable(arm as AnsweredArm, result), width) : []],
    [
      'Defaults that were assumed',
      facts(
        result.assumptions
          .filter(({ group }) => group !== 'quality')
          .map((one) => [one.name, `${assumedText(one, one.value)}, ${one.evidence}`]),
        width,
      ),
    ],
    [
      '',
      paragraph(
        `${result.fingerprint.product}, seed ${result.fingerprint.seed}, input ${result.fingerprint.inputHash}`,
        width,
        'faint',
      ),
    ],
  );
}
