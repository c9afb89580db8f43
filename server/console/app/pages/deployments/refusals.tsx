import { Checkbox } from '@mantine/core';
import type { DeploymentCreate } from '../../../../http/api.ts';
import type { DeploymentsChecked } from '../../../../http/api-deployment-check.ts';
import { Notice } from '../../parts/notice.tsx';
import { deploymentsText } from '../../text/deployments.ts';

const text = deploymentsText.form;
type Refusal = DeploymentsChecked[number]['refusals'][number];
type Code = NonNullable<DeploymentCreate['accepts']>[number];
const codes: readonly Code[] = ['size', 'servers'];

interface Accepted {
  readonly accepts: readonly Code[];
  readonly unhide: boolean;
}

/** What the server would refuse a deployment for: what can be accepted one by one, and what cannot. */
export function Refusals({
  refusals,
  accepted,
  accept,
}: {
  readonly refusals: readonly Refusal[];
  readonly accepted: Accepted;
  readonly accept: (next: Accepted) => void;
}) {
  const { accepts, unhide } = accepted;
  const warnings = refusals.flatMap(({ code, problems = [] }) =>
    code === 'deployment.warnings' ? problems : [],
  );
  const hidden = refusals.find(({ code }) => code === 'deployment.unhide');
  const hard = refusals.filter(
    ({ code }) => code !== 'deployment.warnings' && code !== 'deployment.unhide',
  );
  return (
    <div role="status">
      {hard.map(({ code, message, hint }) => (
        <Notice key={code} tone="bad">
          <p>
            <strong>{text.refused}:</strong> {message}. {hint}
          </p>
        </Notice>
      ))}
      {(hidden !== undefined || unhide || warnings.length > 0 || accepts.length > 0) && (
        <Notice tone="bad">
          <strong>{text.warnings}</strong>
          {(hidden !== undefined || unhide) && (
            <Checkbox
              mt="xs"
              label={hidden === undefined ? text.unhide : `${text.unhide}. ${hidden.message}.`}
              checked={unhide}
              onChange={(event) => accept({ accepts, unhide: event.currentTarget.checked })}
            />
          )}
          {codes
            .filter((code) => accepts.includes(code) || warnings.some((one) => one.code === code))
            .map((code) => (
              <Checkbox
                key={code}
                mt="xs"
                label={text.accept(warnings.find((one) => one.code === code)?.message ?? code)}
                checked={accepts.includes(code)}
                onChange={(event) =>
                  accept({
                    unhide,
                    accepts: event.currentTarget.checked
                      ? [...accepts, code]
                      : accepts.filter((each) => each !== code),
                  })
                }
              />
            ))}
        </Notice>
      )}
    </div>
  );
}
