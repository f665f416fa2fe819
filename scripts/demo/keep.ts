import { delimiter, dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { podfitProgram, type Machine } from './machine.ts'
import type { Screen } from './screen.ts'

const checkout = join(import.meta.dirname, '../..')
const fetched = join(checkout, '.cache/debian/trixie/kubectl/usr/bin/kubectl')

function kubectlHint(): string {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => existsSync(join(directory, 'kubectl')))
  if (onPath) return ''
  const where = existsSync(fetched) ? fetched : `$(${join(checkout, 'scripts/fetch-kubectl')})`
  return `alias kubectl=${where}\n`
}

/** Says how to go on with a podfit that was left running. */
export function explainKeeping({ dataDir, kubeconfig }: Machine, screen: Screen): void {
  const patch = JSON.stringify({
    spec: { containers: [{ name: 'server', resources: { limits: { cpu: '900m' } } }] },
  })
  screen.title('It goes on in the background')
  screen.line(`For kubectl and podfit in this shell:

export KUBECONFIG=${kubeconfig}
export PATH=${dirname(podfitProgram)}:$PATH
${kubectlHint()}
To try:

kubectl get pods -o wide
kubectl patch pod web --subresource resize -p '${patch}'
kubectl describe pod web
podfit resize web --cpu +20%
podfit verify web

To stop it, and remove everything:

podfit down --data-dir ${dataDir} --purge`)
}
