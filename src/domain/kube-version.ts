/** The releases whose resize rules podfit knows, oldest first. */
export const kubeVersions = [
  '1.27',
  '1.28',
  '1.29',
  '1.30',
  '1.31',
  '1.32',
  '1.33',
  '1.34',
  '1.35',
  '1.36',
] as const

/** A minor release of Kubernetes with in-place resize (alpha from 1.27, on by default from 1.33). */
export type KubeVersion = (typeof kubeVersions)[number]

/** The rules podfit's own API server and node follow. */
export const defaultVersion = '1.36' satisfies KubeVersion

export function atLeast(version: KubeVersion, floor: KubeVersion): boolean {
  return kubeVersions.indexOf(version) >= kubeVersions.indexOf(floor)
}

/** Whether pod-level resources can be resized, with the release's default feature gates. */
export function resizesPodLevel(version: KubeVersion): boolean {
  return atLeast(version, '1.36')
}

/**
 * The rules that apply to a server which calls itself `gitVersion`, such as
 * `v1.33.2+k3s1` or `v1.32.4-eks-5f1`. Releases newer than the table get the newest
 * rules; `undefined` means too old for in-place resize, or not a version.
 */
export function parseKubeVersion(gitVersion: string): KubeVersion | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? []
  if (major === undefined || minor === undefined) return undefined
  const known = kubeVersions.find((version) => version === `${major}.${minor}`)
  if (known !== undefined) return known
  const newer = Number(major) > 1 || (major === '1' && Number(minor) > 36)
  return newer ? defaultVersion : undefined
}
