import type { GrowthInstance, Role, ServingOption } from './instance.ts';

/**
 * Which alternatives are worth a look in a quarter: those that can serve, without any that another one equals or beats in
 * every role. Its share could move there and no type would need a host more, since rounding up two parts never takes
 * less than rounding up their sum.
 */
export function worthwhile({ alternatives }: GrowthInstance, quarter: number): boolean[] {
  const options = alternatives.map((alternative) => alternative.options[quarter]);
  return options.map(
    (option, index) =>
      option !== undefined &&
      !options.some(
        (other, at) =>
          other !== undefined &&
          at !== index &&
          beats(other, option) &&
          // Of two that are alike the first one stays.
          (at < index || !beats(option, other)),
      ),
  );
}

/** Whether one option needs no more than the other, role by role of each type, the largest first. */
function beats(one: ServingOption, other: ServingOption): boolean {
  if (one.dynamicW > other.dynamicW) return false;
  const types = new Set(one.roles.map(({ type }) => type));
  return [...types].every((type) => {
    const [mine, theirs] = [rolesOf(one, type), rolesOf(other, type)];
    return mine.length <= theirs.length && mine.every((role, index) => needsNoMore(role, theirs[index]));
  });
}

function rolesOf({ roles }: ServingOption, type: number): Role[] {
  const size = ({ lines }: Role) => Math.max(...lines.map(({ slope }) => slope));
  return roles.filter((role) => role.type === type).sort((a, b) => size(b) - size(a));
}

function needsNoMore(one: Role, other: Role): boolean {
  return (
    one.times === other.times &&
    one.least <= other.least &&
    one.lines.length === other.lines.length &&
    one.lines.every(
      ({ slope, constant }, index) =>
        slope <= other.lines[index].slope && constant <= other.lines[index].constant,
    )
  );
}
