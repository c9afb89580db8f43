/** Display, memory, bridge, system peripheral, processor, signal processing, accelerators: fine without. */
const CLASSES_WITHOUT_DRIVER = new Set(['03', '05', '06', '08', '0b', '11', '12', '13']);

/** Whether a deployment may miss the driver of a device. @param pciClass six hex digits, lower case */
export function needsDriver(pciClass: string): boolean {
  return !CLASSES_WITHOUT_DRIVER.has(pciClass.slice(0, 2));
}
