import type { Command } from 'commander';
import { z } from 'zod';
import type { DeviceScope } from '../inventory/device-scope.ts';
import { parseNames } from './units.ts';

const ScopeOptions = z.object({
  subnet: z.array(z.string()).optional(),
  ports: z.string().optional(),
  switch: z.string().optional(),
  relay: z.string().optional(),
  interface: z.string().optional(),
  model: z.string().optional(),
});

/** Adds the options that name machines by where they are plugged in and what they are. */
export function withScopeOptions(command: Command): Command {
  return command
    .option('--subnet <subnet...>', 'machines with an address in it: 10.0.5.0/24')
    .option('--ports <ports>', 'machines at these switch ports (option 82): eth1/1-24,eth2/3')
    .option('--switch <id>', 'machines at this switch (remote id of option 82)')
    .option('--relay <address>', 'machines behind this DHCP relay')
    .option('--interface <name>', 'machines heard on this interface of the server')
    .option('--model <model>', 'machines of this model, or make and model; * stands for anything');
}

/** The scope that those options name; empty where none was given. */
export function scopeOf(options: unknown): DeviceScope {
  const {
    subnet,
    ports,
    switch: switchId,
    relay,
    interface: interfaceName,
    model,
  } = ScopeOptions.parse(options);
  return {
    ...(subnet === undefined ? {} : { subnets: subnet }),
    ...(ports === undefined ? {} : { ports: parseNames(ports) }),
    ...(switchId === undefined ? {} : { switchId }),
    ...(relay === undefined ? {} : { relay }),
    ...(interfaceName === undefined ? {} : { interfaceName }),
    ...(model === undefined ? {} : { model }),
  };
}
