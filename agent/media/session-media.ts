import type { KeyObject } from 'node:crypto';
import type { MediaFacts } from '../driver/built-in-variables.ts';
import type { DeploymentId } from '../protocol/identity.ts';
import type { AskedVariable } from '../protocol/policy.ts';
import type { VariableChange } from '../protocol/run-event.ts';
import type { MediaFolder } from '../transport/media-chunks.ts';

/** Media that were checked and opened, as a session needs them. */
export interface SessionMedia extends MediaFacts {
  /** Proves to the server by which media this machine was started; an installed system has it not. */
  readonly key?: KeyObject;
  /** Of the media, then of their prestart command: over those of the grant. */
  readonly variables: readonly VariableChange[];
  /** Variables of the media that are set to nothing: a person is asked for them. */
  readonly asks?: readonly AskedVariable[];
  /** Where content is: all of it on stand-alone media, on prestaged media what was there when they were made. */
  readonly contentFolder?: MediaFolder;
  /** `SMSTSPreferredAdvertID`, where media or their prestart command say it. */
  readonly preferredDeployment: DeploymentId | undefined;
}
