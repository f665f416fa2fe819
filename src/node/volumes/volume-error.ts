/** A volume that cannot be made ready; the pod waits with this as its message. */
export class VolumeError extends Error {}
