import type { KubeVersion } from '../domain/kube-version.ts'

/** How a server that follows Kubernetes `version` calls itself: `v1.36.0+podfit`. */
export function gitVersionOf(version: KubeVersion): string {
  return `v${version}.0+podfit`
}

/** `/version` */
export function versionInfo(version: KubeVersion) {
  const [major, minor] = version.split('.')
  return {
    major,
    minor,
    gitVersion: gitVersionOf(version),
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.version}`,
    compiler: 'v8',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
