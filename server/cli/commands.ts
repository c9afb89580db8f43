import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** Adds one command, or a few that belong together, to the program. */
type AddCommand = (program: Command, terminal: Terminal) => void;

/** A command by the words that it begins with. Its modules are loaded when it is asked for, or help of all. */
interface CommandEntry {
  readonly words: readonly string[];
  readonly load: () => Promise<AddCommand>;
}

/** Every command, in the order help shows them. */
const entries: readonly CommandEntry[] = [
  { words: ['serve'], load: async () => (await import('./serve.ts')).serveCommand },
  { words: ['status'], load: async () => (await import('./status.ts')).statusCommand },
  { words: ['admin-link'], load: async () => (await import('./admin-link.ts')).adminLinkCommand },
  { words: ['person'], load: async () => (await import('./person.ts')).personCommand },
  { words: ['token'], load: async () => (await import('./token.ts')).tokenCommand },
  { words: ['audit'], load: async () => (await import('./audit.ts')).auditCommand },
  { words: ['doctor'], load: async () => (await import('./doctor.ts')).doctorCommand },
  { words: ['config'], load: async () => (await import('./config.ts')).configCommand },
  { words: ['backup'], load: async () => (await import('./backup.ts')).backupCommand },
  { words: ['restore'], load: async () => (await import('./backup.ts')).restoreCommand },
  { words: ['migrate'], load: async () => (await import('./migrate.ts')).migrateCommand },
  { words: ['database'], load: async () => (await import('./database.ts')).databaseCommand },
  { words: ['netboot'], load: async () => (await import('./netboot.ts')).netbootCommand },
  { words: ['dhcp'], load: async () => (await import('./dhcp.ts')).dhcpCommand },
  { words: ['feature'], load: async () => (await import('./feature.ts')).featureCommand },
  { words: ['image'], load: async () => (await import('./image.ts')).imageCommand },
  { words: ['boot-image'], load: async () => (await import('./boot-image.ts')).bootImageCommand },
  { words: ['media'], load: async () => (await import('./media.ts')).mediaCommand },
  { words: ['package'], load: async () => (await import('./package.ts')).packageCommand },
  {
    words: ['dp'],
    load: async () => (await import('./distribution-point.ts')).distributionPointCommand,
  },
  {
    words: ['boundary-group'],
    load: async () => (await import('./boundary-group.ts')).boundaryGroupCommand,
  },
  {
    words: ['driver-pack'],
    load: async () => (await import('./driver-pack.ts')).driverPackCommand,
  },
  { words: ['driver'], load: async () => (await import('./driver.ts')).driverCommand },
  {
    words: ['application'],
    load: async () => (await import('./application.ts')).applicationCommand,
  },
  { words: ['sequence'], load: async () => (await import('./sequence.ts')).sequenceCommand },
  { words: ['import'], load: async () => (await import('./import.ts')).importCommand },
  { words: ['collection'], load: async () => (await import('./collection.ts')).collectionCommand },
  { words: ['variable'], load: async () => (await import('./variable.ts')).variableCommand },
  { words: ['window'], load: async () => (await import('./window.ts')).windowCommand },
  { words: ['account'], load: async () => (await import('./account.ts')).accountCommand },
  {
    words: ['deploy', 'deployment'],
    load: async () => (await import('./deploy.ts')).deployCommand,
  },
  { words: ['diff', 'apply'], load: async () => (await import('./apply/apply.ts')).applyCommand },
  { words: ['device'], load: async () => (await import('./device.ts')).deviceCommand },
  { words: ['naming'], load: async () => (await import('./naming.ts')).namingCommand },
  { words: ['run'], load: async () => (await import('./run.ts')).runCommand },
  { words: ['report'], load: async () => (await import('./report.ts')).reportCommand },
  { words: ['retention'], load: async () => (await import('./report.ts')).retentionCommand },
  { words: ['webhook'], load: async () => (await import('./webhook.ts')).webhookCommand },
];

/** What adds the command that a word names; all of them where it names none. */
export async function commandsFor(word: string | undefined): Promise<readonly AddCommand[]> {
  const named = entries.filter(({ words }) => word !== undefined && words.includes(word));
  return await Promise.all((named.length > 0 ? named : entries).map(({ load }) => load()));
}
