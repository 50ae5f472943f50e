import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Section } from '../html/content.ts';
import { claimsSection } from './claims-section.ts';
import { controlSection, gainSection } from './gain-sections.ts';
import { costSection, evidenceSection, maskedSection, servingSection } from './run-sections.ts';
import { streamSection } from './stream-section.ts';
import { teacherSection, transferSection } from './teacher-sections.ts';
import { verticalSection } from './vertical-section.ts';

/**
 * All that is said of an experiment beside its answer, in the order in which it is read.
 * @param isBrief without what a terminal has no room for
 */
export function sectionsOf(
  result: ExperimentResult,
  { isBrief = false } = {},
): { sections: Section[]; evidence: Section } {
  const sections = [
    claimsSection(result, isBrief),
    gainSection(result, isBrief),
    controlSection(result, isBrief),
    verticalSection(result),
    teacherSection(result),
    transferSection(result),
    streamSection(result),
    maskedSection(result),
    servingSection(result),
    costSection(result),
  ];
  return {
    sections: sections.filter((section) => section !== undefined),
    evidence: evidenceSection(result),
  };
}
