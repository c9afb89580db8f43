import { type ScriptFinding, scanScript } from '../../scan-scripts.ts';
import { describeScript } from '../describe-script.ts';
import type { ShareFolder } from './share-folder.ts';

/** A script of the share that needs something of the system that it was written for. */
interface ShareScript {
  readonly path: string;
  /** What it does, as far as its name says. */
  readonly description: string;
  readonly findings: readonly ScriptFinding[];
}

export interface ShareScripts {
  readonly scripts: readonly ShareScript[];
  /** Text files that were looked into. */
  readonly looked: number;
  /** There are more than were looked at. */
  readonly isMore: boolean;
}

const FOLDERS = ['Scripts', 'Applications', '$OEM$', 'Templates', 'Tools'];
const TEXT = /\.(?:ps1|psm1|psd1|vbs|vbe|js|wsf|wsc|cmd|bat|hta|au3|py)$/i;
/** MDT's own scripts are not run here. */
const TOOLKIT =
  /^Scripts\\(?:ZTI|LTI|BDD_|DeployWiz|WelcomeWiz|Wizard|Wiz|UDI|OSD|LiteTouch|Summary|Credentials|NICSettings)/i;
const MAX_FILES = 20_000;
const MAX_TEXT_FILES = 3000;
const MAX_BYTES = 512 * 1024;
const MAX_TOLD = 1000;

/** Looks into the scripts of a share for what they call: Microsoft.SMS.TSEnvironment, files of the share. */
export async function scanShareScripts(share: ShareFolder): Promise<ShareScripts> {
  const scripts: ShareScript[] = [];
  let looked = 0;
  let isMore = false;
  for (const folder of FOLDERS)
    for await (const { path, name } of share.walk(folder, MAX_FILES)) {
      if (!TEXT.test(name) || TOOLKIT.test(path)) continue;
      if (looked >= MAX_TEXT_FILES || scripts.length >= MAX_TOLD) {
        isMore = true;
        break;
      }
      looked += 1;
      const findings = scanScript(textOf(await share.head(path, MAX_BYTES)));
      if (findings.length > 0)
        scripts.push({ path, description: describeScript(name) ?? '', findings });
    }
  return { scripts, looked, isMore };
}

/** Names and calls are in ASCII, whatever the encoding. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes).replaceAll('\0', '');
}
