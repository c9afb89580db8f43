import type { Requirement } from '#agent/sequence/application.ts';
import type { Verdict } from '#agent/sequence/condition.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { ask } from './detect.ts';
import { runRuleScript } from './run-script.ts';

const MB = 1024 ** 2;

/** The first rule that the machine does not meet, in words; undefined where it meets them all. */
export async function unmetRequirement(
  requirements: readonly Requirement[],
  context: StepContext,
): Promise<string | undefined> {
  for (const requirement of requirements) {
    const { verdict, detail } = await decide(requirement, context);
    if (!verdict) return detail;
  }
  return undefined;
}

async function decide(requirement: Requirement, context: StepContext): Promise<Verdict> {
  const { platform, signal, variables } = context;
  if ('platforms' in requirement)
    return await ask({ kind: 'os-version', platforms: requirement.platforms }, context);
  if ('condition' in requirement) return await ask(requirement.condition, context);
  if ('memoryMb' in requirement) {
    const rows = (await platform.query.inventory(signal))['Win32_ComputerSystem'] ?? [];
    const bytes = Number(rows[0]?.['TotalPhysicalMemory'] ?? Number.NaN);
    return needs('memory', { haveBytes: bytes, wantedMb: requirement.memoryMb });
  }
  if ('freeDiskMb' in requirement) {
    const bytes = (await platform.disk.freeBytes(null, signal)) ?? Number.NaN;
    return needs('free disk space', { haveBytes: bytes, wantedMb: requirement.freeDiskMb });
  }
  if ('primaryDevice' in requirement) {
    const isPrimary = (variables.value('SMSTSUdaUsers')?.trim() ?? '') !== '';
    const verdict = isPrimary === requirement.primaryDevice;
    return { verdict, detail: `it is ${isPrimary ? '' : 'not '}somebody's primary device` };
  }
  const { code, output } = await runRuleScript(requirement.script, context);
  const verdict = code === 0 && holds(output, requirement.operator, requirement.value);
  const detail = `its script printed ${JSON.stringify(output.slice(0, 200))}, which is to be ${requirement.operator} ${JSON.stringify(requirement.value)}, and ended with ${code}`;
  return { verdict, detail };
}

/** What is not known is not met. */
function needs(
  what: string,
  { haveBytes, wantedMb }: { readonly haveBytes: number; readonly wantedMb: number },
): Verdict {
  const have = Number.isNaN(haveBytes) ? 'an unknown amount' : `${Math.floor(haveBytes / MB)} MB`;
  return {
    verdict: haveBytes >= wantedMb * MB,
    detail: `it has ${have} of ${what}, and needs ${wantedMb} MB`,
  };
}

type Script = Extract<Requirement, { readonly script: string }>;

function holds(left: string, operator: Script['operator'], right: string): boolean {
  const [one, other] = [Number(left), Number(right)];
  const areNumbers = left !== '' && right !== '' && !Number.isNaN(one) && !Number.isNaN(other);
  const difference = areNumbers
    ? one - other
    : Number(left.toLowerCase() > right.toLowerCase()) -
      Number(left.toLowerCase() < right.toLowerCase());
  switch (operator) {
    case 'equals':
      return difference === 0;
    case 'not-equals':
      return difference !== 0;
    case 'at-least':
      return difference >= 0;
    case 'at-most':
      return difference <= 0;
    case 'greater':
      return difference > 0;
    case 'less':
      return difference < 0;
  }
}
