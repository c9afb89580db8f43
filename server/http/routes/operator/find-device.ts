import type { Device } from '../../../inventory/device.ts';
import type { Store } from '../../../store/operations.ts';
import { notFound } from './not-found.ts';

/** The device that an id, name, serial number, asset tag, MAC or GUID means. @throws {HttpError} `device.not-found` */
export async function findDevice(store: Store, wanted: string): Promise<Device> {
  const device = await store.devices.find(wanted);
  if (device !== null) return device;
  const names = (await store.devices.list()).map(({ name }) => name);
  throw notFound(wanted, { what: 'device', code: 'device', names });
}
