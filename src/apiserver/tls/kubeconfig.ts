import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeWhole, type Pki } from './pki.ts'

const context = 'podfit'

/**
 * A kubeconfig with all rights on the server at `url`; its context is `podfit`.
 * It holds a private key.
 */
function printKubeconfig(url: string, pki: Pki): string {
  return `apiVersion: v1
kind: Config
current-context: ${context}
clusters:
- name: ${context}
  cluster:
    server: ${url}
    certificate-authority-data: ${base64(pki.authority.certificate)}
users:
- name: ${context}
  user:
    client-certificate-data: ${base64(pki.admin.certificate)}
    client-key-data: ${base64(pki.admin.privateKey)}
contexts:
- name: ${context}
  context:
    cluster: ${context}
    user: ${context}
`
}

/** Writes it to `path`, readable by its owner only. */
export async function writeKubeconfig(path: string, url: string, pki: Pki): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeWhole(path, printKubeconfig(url, pki), 0o600)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
