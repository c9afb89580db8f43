import { findPlainSecrets } from './plain-secrets.ts';

/** What a script or command line needs of the system that it was written for. */
export interface ScriptFinding {
  readonly kind: /** Reads and sets variables by the COM object Microsoft.SMS.TSEnvironment. */
    | 'ts-environment'
    /** Hides or shows the progress window by Microsoft.SMS.TSProgressUI. */
    | 'ts-progress-ui'
    /** Reaches files of an MDT deployment share. */
    | 'deployment-share'
    /** Reaches files of a server. */
    | 'server-share'
    /** Asks the Configuration Manager client or its WMI classes. */
    | 'client'
    /** A password, or another secret, stands in it in plain text. */
    | 'plain-secret';
  /** What was found, as it is told; no secret is in it. */
  readonly what: string;
}

const patterns: readonly {
  readonly kind: ScriptFinding['kind'];
  readonly pattern: RegExp;
  /** The text that was found, as it is told. */
  readonly tell?: (found: string) => string;
}[] = [
  { kind: 'ts-environment', pattern: /Microsoft\.SMS\.TSEnvironment/gi },
  { kind: 'ts-progress-ui', pattern: /Microsoft\.SMS\.TSProgressUI/gi },
  {
    kind: 'deployment-share',
    pattern: /%(?:SCRIPTROOT|DEPLOYROOT|TOOLROOT|RESOURCEROOT)%/gi,
    tell: (found) => found.toUpperCase(),
  },
  {
    kind: 'deployment-share',
    pattern:
      /\bZTIUtility\.vbs|\b(?:Import-Module|ipmo)\s+\S*\b(?:ZTIUtility|Microsoft\.BDD\.\w+)/gi,
  },
  // A host, not a device path (\\.\pipe) and not an escaped one (\\\\).
  {
    kind: 'server-share',
    pattern: /(?<![\w\\:])\\\\(?:%[\w-]+%|[a-z0-9][\w.-]*)\\[\w$%.-]+/gi,
  },
  {
    kind: 'client',
    pattern:
      /root[\\/]{1,2}ccm\b[\\/\w]*|root[\\/]{1,2}sms\b[\\/\w]*|\b(?:CCM_|SMS_)\w+Class\b|UIResource\.UIResourceMgr|Microsoft\.SMS\.Client|\bccm(?:setup|exec|eval)\.exe\b/gi,
  },
];

/** Of one kind in one text, this many different ones are told. */
const MAX_TOLD = 5;
const MAX_TEXT = 400_000;

/** Looks through the text of a script or command line. Each finding once, secrets not told. */
export function scanScript(text: string): readonly ScriptFinding[] {
  const looked = text.slice(0, MAX_TEXT);
  const findings = patterns.flatMap(({ kind, pattern, tell = (found) => found }) => {
    const found = new Map<string, string>();
    for (const [match] of looked.matchAll(pattern)) {
      const key = match.toLowerCase();
      if (!found.has(key)) found.set(key, tell(match));
      if (found.size >= MAX_TOLD) break;
    }
    return [...found.values()].map((what) => ({ kind, what }));
  });
  const secrets = new Set(findPlainSecrets(looked).map(({ what }) => what));
  return [...findings, ...[...secrets].map((what) => ({ kind: 'plain-secret' as const, what }))];
}
