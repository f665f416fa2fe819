/** A volume that cannot be made ready; the pod waits with this as its message. */
export class VolumeError extends Error {}

/** In the words of a kubelet. */
export function setUpFailed(volume: string, message: string): VolumeError {
  return new VolumeError(`MountVolume.SetUp failed for volume "${volume}" : ${message}`)
}
