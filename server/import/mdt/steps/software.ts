import type { DynamicRule } from '../rules/rule-parts.ts';
import { equivalent, type MapMdtStep, quietAccount, typed, variable } from '../step-parts.ts';

/** MDT numbers its lists with three digits, Install Application with two. */
const LISTED = 99;
const renumbered = (list: string): DynamicRule => ({
  variables: Array.from({ length: LISTED }, (_, index) => ({
    name: `${list}${String(index + 1).padStart(2, '0')}`,
    value: `%${list}${String(index + 1).padStart(3, '0')}%`,
  })),
});
const LISTS = ['MandatoryApplications', 'Applications'];
const USUAL_CODES = new Set(['', '0', '0 3010']);

/** ZTIApplications: one application, or those that rules have put into two lists. */
export const applications: MapMdtStep = (reader) => {
  quietAccount(reader);
  const codes = reader.text('ApplicationSuccessCodes')?.trim() ?? '';
  if (!USUAL_CODES.has(codes))
    reader.need({
      kind: 'setting',
      message: `The exit codes that count as success, ${codes}, belong to the application here`,
    });
  const guid = reader.text('ApplicationGUID')?.trim();
  if (guid !== undefined && guid !== '') {
    const name = reader.objectName('application', guid) ?? guid;
    return typed({ type: 'install-application', params: { applications: [{ name }] } });
  }
  return equivalent(
    'Install Application installs those in the lists MandatoryApplications and Applications',
    {
      name: 'Number the lists with two digits',
      type: 'set-dynamic-variables',
      params: { rules: LISTS.map(renumbered) },
    },
    ...LISTS.map((list) => ({
      name: `Install ${list}`,
      type: 'install-application',
      params: { baseVariable: list, continueOnInstallError: true },
      condition: variable(`${list}01`, 'exists'),
    })),
  );
};

/** ZTIWindowsUpdate. */
export const windowsUpdate: MapMdtStep = (reader) => {
  quietAccount(reader);
  return typed({ type: 'install-updates', params: { target: 'all' } });
};
