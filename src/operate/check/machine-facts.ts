/** What this machine's kernel offers; only of use where pods run on this machine. */
export interface MachineFacts {
  readonly cgroups:
    | {
        readonly version: 'v1' | 'v2'
        readonly controllers: readonly string[]
        readonly pods: number
        readonly systemd: boolean
      }
    | { readonly why: string }
  /** What carries out resizes for containerd and CRI-O, as far as it is here: `runc://1.1.5`. */
  readonly runtimes: readonly string[]
  /** Bytes of swap in use or to be used. */
  readonly swap: boolean
}
