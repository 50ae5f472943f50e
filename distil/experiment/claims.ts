import { counted } from '../../foundation/counted.ts';
import type { ExperimentClaim, ExperimentDifference } from '../../sim/training/experiment-result.ts';
import type { ExampleStream } from '../streams/stream.ts';
import { calibrationHarm, type Differences, gain } from './difference.ts';
import { judgeClaim, judgePart } from './judge-claim.ts';
import type { Outcomes, StudentKey } from './outcomes.ts';
import { verticalsOf } from './plan-jobs.ts';
import type { ExperimentSpec } from './spec.ts';

type Cell = { where: string; difference: ExperimentDifference };

/** A place in the grid, and how it is called. */
interface Place extends Omit<StudentKey, 'arm'> {
  where: string;
}

/** The claims (a) to (g) about external distillation, each judged by the cells that it is about. */
export class Claims {
  private readonly spec: ExperimentSpec;
  private readonly outcomes: Outcomes;
  private readonly differences: Differences;
  private readonly places: Place[];
  private readonly everyVertical: Place[];
  private readonly least: number;
  private readonly most: number;

  constructor(spec: ExperimentSpec, stream: ExampleStream, outcomes: Outcomes, differences: Differences) {
    const { grid, others } = verticalsOf(spec, stream);
    const { tasks } = spec.student;
    const place = (vertical: number, task: string, stalenessDays: number): Place => {
      return {
        vertical,
        task,
        stalenessDays,
        where: `${stream.verticals[vertical]}, ${task}, ${stalenessDays} d`,
      };
    };
    this.spec = spec;
    this.outcomes = outcomes;
    this.differences = differences;
    this.least = Math.min(...spec.stalenessDays);
    this.most = Math.max(...spec.stalenessDays);
    this.places = grid.flatMap((vertical) =>
      tasks.flatMap((task) => spec.stalenessDays.map((staleness) => place(vertical, task, staleness))),
    );
    this.everyVertical = [...grid, ...others].flatMap((vertical) =>
      tasks.map((task) => place(vertical, task, this.least)),
    );
  }

  judged(): ExperimentClaim[] {
    return [
      this.teacherIsBetter(),
      this.teacherAges(),
      this.headsGain(),
      this.headsKeepBiasOff(),
      this.moreWeightGains(),
      this.adapterHelpsWhenStale(),
      this.everyVerticalGains(),
    ];
  }

  private teacherIsBetter(): ExperimentClaim {
    const { teacher } = this.spec;
    const cells = this.everyVertical
      .filter(({ task }) => task === teacher.task)
      .flatMap((place): Cell[] => {
        const base = this.days('base', place);
        const said = this.outcomes
          .teacher(1)
          .map(({ verticals }) => verticals[this.leastAt()][place.vertical].days);
        if (!base || !this.differences.areOfSameExamples(said, base)) return [];
        return [{ where: place.where, difference: this.differences.of(gain, said, base) }];
      });
    const statement =
      'the teacher, as fresh as it was run, has a lower NE than the student trained on labels alone';
    return judgeClaim('a', statement, 'all parts', [judgePart('gain of teacher over base', 'above', cells)]);
  }

  private teacherAges(): ExperimentClaim {
    const ages = this.spec.stalenessDays.map((days, at) => ({ days, at })).sort((a, b) => a.days - b.days);
    const whole = (at: number) => this.outcomes.teacher(1).map(({ whole }) => whole[at].days);
    const cells = ages.slice(1).flatMap(({ days, at }, before): Cell[] => {
      const fresher = ages[before];
      if (!this.differences.areOfSameExamples(whole(fresher.at), whole(at))) return [];
      const difference = this.differences.of(gain, whole(fresher.at), whole(at));
      return [{ where: `${fresher.days} d against ${days} d, every example`, difference }];
    });
    return judgeClaim('b', 'the teacher’s NE is the worse, the staler it is', 'all parts', [
      judgePart('gain of a fresher teacher over the next staler', 'above', cells),
    ]);
  }

  private headsGain(): ExperimentClaim {
    return judgeClaim('c', 'distillation by an auxiliary head improves the student’s NE', 'all parts', [
      judgePart('gain of AH over base', 'above', this.gains('ah', this.places)),
    ]);
  }

  private headsKeepBiasOff(): ExperimentClaim {
    const biased = this.places.filter(({ task }) => task !== this.spec.teacher.task);
    const statement =
      'taught by a biased (cross-task) teacher, one head harms NE and calibration and an auxiliary head does not';
    return judgeClaim('d', statement, 'all parts', [
      judgePart('gain of one head over base', 'below', this.gains('one-head', biased)),
      judgePart('harm of one head to calibration', 'above', this.harms('one-head', biased)),
      judgePart('gain of AH over base', 'above', this.gains('ah', biased)),
      judgePart(
        'harm of one head to calibration, less that of AH',
        'above',
        this.cells(biased, ['one-head', 'ah'], (one, ah) => calibrationHarm(one, ah)),
      ),
    ]);
  }

  private moreWeightGains(): ExperimentClaim {
    const over = (arm: string) => this.cells(this.places, [arm, 'ah'], gain);
    return judgeClaim('e', 'β or w above 1 beats the plain auxiliary head', 'any part', [
      judgePart('gain of AH+GS over AH', 'above', over('ah-gs')),
      judgePart('gain of AH with w doubled over AH', 'above', over('double-weight')),
    ]);
  }

  private adapterHelpsWhenStale(): ExperimentClaim {
    const statement =
      this.least === this.most
        ? 'the student adapter helps more, the staler the teacher is'
        : `the student adapter helps more when the teacher is ${counted(this.most, 'day')} stale than when it is ${this.least}`;
    return judgeClaim('f', statement, 'all parts', [
      judgePart('growth of the gain of AH+SA over AH', 'above', this.growths('ah')),
      judgePart(
        'growth of the gain of AH+SA over two heads on y_F, of equal weight',
        'above',
        this.growths('two-heads'),
      ),
    ]);
  }

  private everyVerticalGains(): ExperimentClaim {
    return judgeClaim('g', 'one teacher improves the NE of every vertical', 'all parts', [
      judgePart(`gain of AH over base, ${this.least} d`, 'above', this.gains('ah', this.everyVertical)),
    ]);
  }

  private gains(arm: string, places: readonly Place[]): Cell[] {
    return this.cells(places, [arm, 'base'], gain);
  }

  private harms(arm: string, places: readonly Place[]): Cell[] {
    return this.cells(places, [arm, 'base'], calibrationHarm);
  }

  /** Where every arm was run, the statistic of them. */
  private cells(places: readonly Place[], arms: readonly string[], statistic: typeof gain): Cell[] {
    return places.flatMap((place) => {
      const parts = arms.map((arm) => this.days(arm, place));
      if (parts.some((part) => part === undefined)) return [];
      return [
        { where: place.where, difference: this.differences.of(statistic, ...parts.map((part) => part!)) },
      ];
    });
  }

  /** By how much the gain of AH+SA over an arm is larger at the most staleness than at the least. */
  private growths(over: string): Cell[] {
    if (this.least === this.most) return [];
    return this.places
      .filter(({ stalenessDays }) => stalenessDays === this.least)
      .flatMap((fresh) => {
        const stale = { ...fresh, stalenessDays: this.most };
        const parts = [
          this.days('ah-sa', stale),
          this.days(over, stale),
          this.days('ah-sa', fresh),
          this.days(over, fresh),
        ];
        if (parts.some((part) => part === undefined)) return [];
        const growth = this.differences.of(
          (staleSa, staleOther, freshSa, freshOther) => gain(staleSa, staleOther) - gain(freshSa, freshOther),
          ...parts.map((part) => part!),
        );
        return [{ where: `${fresh.where} to ${this.most} d`, difference: growth }];
      });
  }

  /** Sums by day of each seed; base has no staleness. */
  private days(arm: string, { vertical, task, stalenessDays }: Place) {
    const key = arm === 'base' ? { arm, vertical, task } : { arm, vertical, task, stalenessDays };
    return this.outcomes.student(key)?.map(({ days }) => days);
  }

  private leastAt(): number {
    return this.spec.stalenessDays.indexOf(this.least);
  }
}
