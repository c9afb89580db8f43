import type { Detection } from '#agent/sequence/application.ts';
import {
  compareVersions,
  parseVersion,
  versionAtStart,
} from '#agent/sequence/condition/dotted-version.ts';
import type { Condition, Verdict } from '#agent/sequence/condition.ts';
import { answerCondition } from '#agent/sequence/condition-answer.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { withheldInCondition } from '#agent/sequence/withheld-reads.ts';
import { runRuleScript } from './run-script.ts';

/** Whether an application is there, and what was seen. A script finds it by printing something and ending with 0. */
export async function detect(detection: Detection, context: StepContext): Promise<Verdict> {
  if ('script' in detection) {
    const { code, output } = await runRuleScript(detection.script, context);
    const verdict = code === 0 && output !== '';
    const printed = output === '' ? 'nothing' : JSON.stringify(output.slice(0, 200));
    return { verdict, detail: `its script ended with ${code} and printed ${printed}` };
  }
  if ('condition' in detection) return await ask(detection.condition, context);
  return await findProduct(detection, context);
}

/** What the machine says to a condition. */
export async function ask(
  condition: Condition,
  { platform, variables, signal }: Pick<StepContext, 'platform' | 'variables' | 'signal'>,
): Promise<Verdict> {
  await variables.reveal(withheldInCondition(condition, variables.current));
  return await answerCondition(condition, {
    variables: variables.current,
    query: platform.query,
    signal,
  });
}

/** An MSI product by its code, of a version or a newer one. */
async function findProduct(
  { productCode, version }: Extract<Detection, { productCode: string }>,
  { platform, signal }: StepContext,
): Promise<Verdict> {
  const { software } = platform.query;
  if (software === undefined)
    return { verdict: false, detail: 'this system has no Windows Installer' };
  const key = bare(productCode);
  const found = (await software(signal)).find((product) => bare(product.productCode) === key);
  if (found === undefined) return { verdict: false, detail: `product ${productCode} is not there` };
  const [has, wanted] = [versionAtStart(found.version), parseVersion(version ?? '')];
  const isNewEnough =
    wanted === undefined || (has !== undefined && compareVersions(has, wanted) >= 0);
  const least = version === undefined ? '' : `, at least ${version} is wanted`;
  return { verdict: isNewEnough, detail: `${found.name} ${found.version} is there${least}` };
}

function bare(guid: string): string {
  return guid.replaceAll(/[{}]/g, '').toLowerCase();
}
