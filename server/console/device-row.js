import { call } from './api.js';
import { element, setText } from './dom.js';

/**
 * What the rows of a machine have in common, whether it waits or not: who it is, what it lacks, and buttons.
 * `deviceNow` answers the device that the row shows; `title` says which of `name` and `model` is its title.
 */
export function devicePieces(deviceNow, { title, announce, fail }) {
  const classOf = (piece) => (piece === title ? 'name' : 'quiet small');
  const model = element('span', { class: classOf('model') });
  const name = element('span', { class: classOf('name') });
  const serial = element('span', { class: 'small' });
  const mac = element('span', { class: 'mono' });
  const drivers = element('span', { class: 'small error-text' });
  /** A button that has the device approved or ignored. */
  const button = (label, kind, act) =>
    element(
      'button',
      {
        type: 'button',
        class: kind,
        onclick: async (event) => {
          const pressed = event.currentTarget;
          const { id, name: called } = deviceNow();
          pressed.disabled = true;
          try {
            await call('POST', `/devices/${id}/${act}`, {});
            announce(`${called}: ${act === 'approve' ? 'approved' : 'ignored'}`);
          } catch (error) {
            fail(error);
          } finally {
            pressed.disabled = false;
          }
        },
      },
      label,
    );
  return {
    model,
    name,
    serial,
    mac,
    drivers,
    button,
    show(device) {
      const make = [device.manufacturer, device.model].filter(Boolean).join(' ');
      setText(model, make || 'make and model not known yet');
      setText(name, device.name);
      setText(
        serial,
        device.serialNumber ? `Serial ${device.serialNumber}` : 'no serial number known',
      );
      setText(mac, device.macAddresses.join(' '));
      drivers.hidden = device.unclaimedDevices.length === 0;
      setText(drivers, `no driver for ${device.unclaimedDevices.join(', ')}`);
    },
  };
}
