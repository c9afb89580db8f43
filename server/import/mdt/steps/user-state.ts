import type { MappedAction } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { hasSwitch } from '../script-name.ts';
import {
  builtIn,
  equivalent,
  inFullOs,
  inPe,
  type MapMdtStep,
  quietAccount,
  variable,
} from '../step-parts.ts';

const USMT = 'User State Migration Tool for Windows';

/** There is state to keep: the wizard or a rule has said where. */
const isWanted = {
  all: [variable('UserDataLocation', 'exists'), variable('UserDataLocation', 'notEquals', 'NONE')],
};

function usmt(reader: StepReader): { readonly name: string } {
  reader.need({
    kind: 'reference',
    message: 'The User State Migration Tool came with the deployment share',
    hint: `Make a package of its files (Windows ADK): metalwright package add <folder> --name "${USMT}".`,
  });
  return { name: reader.objectName('package', USMT) ?? USMT };
}

const captured = (content: { readonly name: string }, offline: boolean): MappedAction => ({
  name: offline ? 'Capture user state off line' : 'Capture user state',
  type: 'capture-user-state',
  params: {
    package: content,
    ...(offline ? { offline } : {}),
    additionalOptions: '%ScanStateArgs%',
  },
  condition: { all: [isWanted, offline ? inPe : inFullOs] },
});

/** ZTIUserState: `/capture`, `/restore`, `/estimate`. */
export const userState: MapMdtStep = (reader, script) => {
  if (hasSwitch(script, 'estimate'))
    return builtIn(
      reader,
      'Capture User State fails by itself where there is no room for the state',
    );
  quietAccount(reader);
  const content = usmt(reader);
  const request = (kind: 'capture' | 'restore'): MappedAction => ({
    name: 'Request state store',
    type: 'request-state-store',
    params: { request: kind },
    condition: isWanted,
  });
  const release: MappedAction = {
    name: 'Release state store',
    type: 'release-state-store',
    params: {},
    condition: { all: [isWanted, inFullOs] },
  };
  if (hasSwitch(script, 'restore'))
    return equivalent(
      'The state store and Restore User State do it, where UserDataLocation says that there is state',
      request('restore'),
      {
        name: 'Restore user state',
        type: 'restore-user-state',
        params: { package: content, additionalOptions: '%LoadStateArgs%' },
        condition: isWanted,
      },
      release,
    );
  return equivalent(
    'The state store and Capture User State do it, where UserDataLocation says that state is to be kept',
    request('capture'),
    captured(content, false),
    captured(content, true),
    release,
  );
};
