import type { ToolCommand, ToolRun } from '../../run-tool.ts';

/** bcdedit with a store in memory, as far as staging needs it; its titles are French. */
export class SimulatedBcdedit {
  readonly objects = new Map<string, Map<string, string>>([
    ['{bootmgr}', new Map([['default', '{current}']])],
    ['{fwbootmgr}', new Map()],
  ]);
  /** The first options of each command: `/store S:\…`. */
  readonly stores: (string | undefined)[] = [];
  /** Ends well and does none of what matches. */
  ignores = /^$/;

  readonly run = async ({ argv }: ToolCommand): Promise<Partial<ToolRun>> => {
    const isStore = argv[1] === '/store';
    this.stores.push(isStore ? argv[2] : undefined);
    const [command = '', id = '', name = '', value = ''] = argv.slice(isStore ? 3 : 1);
    if (this.ignores.test([command, id, name].join(' '))) return {};
    const known = this.objects.get(id);
    switch (command) {
      case '/create':
        if (known) return { code: 1, output: "L'objet existe." };
        this.objects.set(id, new Map([['description', value]]));
        return {};
      case '/set':
        known?.set(name, value);
        return known ? {} : { code: 1 };
      case '/bootsequence':
        this.objects.get('{bootmgr}')?.set('bootsequence', id);
        return {};
      case '/delete': {
        if (!known) return { code: 1 };
        this.objects.delete(id);
        const manager = this.objects.get('{bootmgr}');
        if (manager?.get('bootsequence') === id) manager.delete('bootsequence');
        return {};
      }
      case '/enum': {
        if (!known) return { code: 1 };
        const lines = [...known].map(([key, text]) => `${key.padEnd(24)}${text}`);
        return {
          output: ['', 'Chargeur', '--------', `identificateur          ${id}`, ...lines, ''].join(
            '\r\n',
          ),
        };
      }
      default:
        return { code: 1 };
    }
  };
}
