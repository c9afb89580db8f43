import type { DeviceView } from '../../../../http/api.ts';
import { call } from '../../api/call.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Lines, Mono, Name, Quiet, Wrong } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { benchText } from '../../text/bench.ts';
import { makeOf } from '../devices/device-state.ts';

const text = benchText.machines;

/** Who a machine is: the one of name and model that tells it apart here comes first. */
export function DeviceName({
  device,
  first,
}: {
  readonly device: DeviceView;
  readonly first: 'name' | 'model';
}) {
  const make = makeOf(device) || text.noModel;
  return (
    <Lines>
      <Name>{first === 'name' ? device.name : make}</Name>
      <Quiet>{first === 'name' ? make : device.name}</Quiet>
    </Lines>
  );
}

/** By what a machine is known again. */
export function DeviceNumbers({ device }: { readonly device: DeviceView }) {
  return (
    <Lines>
      <span>{device.serialNumber ? text.serial(device.serialNumber) : text.noSerial}</span>
      <Mono>{device.macAddresses.join(' ')}</Mono>
    </Lines>
  );
}

/** What a machine has no driver for in its boot environment. */
export function MissingDrivers({ device }: { readonly device: DeviceView }) {
  if (device.unclaimedDevices.length === 0) return null;
  return <Wrong>{text.noDriver(device.unclaimedDevices.join(', '))}</Wrong>;
}

/** Buttons that let a machine in or keep it out, for those who may. */
export function DecideButtons({
  device,
  ignore = false,
}: {
  readonly device: DeviceView;
  readonly ignore?: boolean;
}) {
  const may = useMay();
  if (!may('POST /devices/:id/approve')) return null;
  const decide = async (act: 'approve' | 'ignore') => {
    await call('POST', `/devices/${device.id}/${act}`, {});
    announce(act === 'approve' ? text.approved(device.name) : text.ignored(device.name));
  };
  return (
    <>
      <ActButton variant="filled" label={text.approveOf(device.name)} act={() => decide('approve')}>
        {text.approve}
      </ActButton>
      {ignore && (
        <ActButton label={text.ignoreOf(device.name)} act={() => decide('ignore')}>
          {text.ignore}
        </ActButton>
      )}
    </>
  );
}
