/** Name of the script that iPXE gets for Linux PE. */
export const LINUX_PE_SCRIPT = 'ipxe/linux-pe.ipxe';
