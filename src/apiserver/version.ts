/** The Kubernetes release whose behaviour this server follows. */
const major = '1'
const minor = '36'

export const gitVersion = `v${major}.${minor}.0+podfit`

/** `/version` */
export function versionInfo() {
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.version}`,
    compiler: 'v8',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
