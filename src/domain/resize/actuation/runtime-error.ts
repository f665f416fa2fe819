/** Whether a failed actuation is worth waiting for. */
export type ErrorOutlook =
  /** It goes away by itself; the node tries again. */
  | 'transient'
  /** It goes away when something in the container or on the node changes. */
  | 'conditional'
  /** Trying again does the same. */
  | 'permanent'
  | 'unknown'

export interface RuntimeErrorMeaning {
  readonly outlook: ErrorOutlook
  readonly meaning: string
  readonly cure: string
}

interface Pattern extends RuntimeErrorMeaning {
  readonly pattern: RegExp
}

/** From the most telling to the most general; the first that matches counts. */
const patterns: readonly Pattern[] = [
  {
    pattern: /unable to (freeze|thaw)|waiting for the cgroup to freeze/i,
    outlook: 'transient',
    meaning: 'the kernel could not stop the processes of the container for a moment',
    cure: 'wait; if it stays, look for processes in uninterruptible sleep (state D), or use cgroup v2',
  },
  {
    pattern: /OOM-killed|out of memory|cannot allocate memory|ENOMEM/i,
    outlook: 'conditional',
    meaning: 'there was not enough memory inside the limit, or on the node',
    cure: 'ask for a larger memory limit, or free memory on the node',
  },
  {
    pattern: /missing (container|pod) memory usage|failed to (get|read) .*(usage|stats)/i,
    outlook: 'transient',
    meaning: 'the node has no figure for the memory in use yet, and does not shrink without one',
    cure: 'wait; if it stays, ask for a smaller step (autoscaler#10093)',
  },
  {
    pattern: /cannot decrease memory limits|below current usage|memory limit .* less than .*usage/i,
    outlook: 'conditional',
    meaning: 'the container uses more memory than the limit that is asked for',
    cure: 'free memory inside the container, ask for a limit above what is in use, or restart it',
  },
  {
    pattern: /device or resource busy|EBUSY/i,
    outlook: 'conditional',
    meaning: 'the kernel does not take the value while more is in use',
    cure: 'free memory inside the container, or ask for more',
  },
  {
    pattern:
      /no answer from|cannot reach|deadline ?exceeded|unavailable|connection refused|connection reset|timed out/i,
    outlook: 'transient',
    meaning: 'the container runtime did not answer',
    cure: 'look at the runtime on the node: systemctl status containerd (or crio)',
  },
  {
    pattern: /unimplemented|not supported|not implemented/i,
    outlook: 'permanent',
    meaning: 'the runtime cannot change running containers of this kind',
    cure: 'restart the pod with the size, or use another runtime class',
  },
  {
    pattern: /permission denied|operation not permitted|read-only file system|EPERM|EACCES|EROFS/i,
    outlook: 'permanent',
    meaning: 'the runtime may not write the cgroup',
    cure: 'see how the node mounts /sys/fs/cgroup, and whether the runtime is rootless',
  },
  {
    pattern: /not running|no such process|container not found|is not in running state|not ?found/i,
    outlook: 'transient',
    meaning: 'the container was not running at that moment',
    cure: 'wait until it runs; it then starts with the size',
  },
  {
    pattern: /no such file or directory|ENOENT/i,
    outlook: 'permanent',
    meaning: 'the cgroup or one of its files is not there',
    cure: 'see which controllers are enabled for the pod on the node',
  },
  {
    pattern: /invalid argument|EINVAL|numerical result out of range|ERANGE/i,
    outlook: 'permanent',
    meaning: 'the kernel refuses the value, most often since a cgroup above has a smaller limit',
    cure: "compare with podfit verify, which shows the pod's cgroup and those above it",
  },
]

/** The runtime's own words, and behind them what they mean and what helps, where podfit knows. */
export function explainRuntimeError(message: string): string {
  const { outlook, meaning, cure } = classifyRuntimeError(message)
  return outlook === 'unknown' ? message : `${message} (${meaning}: ${cure})`
}

/**
 * Whether a container failed to start because of its cgroup and not of its program:
 * the cgroup could not be made, written, frozen, or was too small for the runtime itself.
 */
export function isCgroupError(message: string): boolean {
  return /cgroup|unable to (freeze|thaw)|resource busy|\bEBUSY\b|OOM-killed/i.test(message)
}

/** What the error of a failed actuation means, as far as its text tells. */
export function classifyRuntimeError(message: string): RuntimeErrorMeaning {
  const found = patterns.find(({ pattern }) => pattern.test(message))
  if (found !== undefined) {
    const { outlook, meaning, cure } = found
    return { outlook, meaning, cure }
  }
  return {
    outlook: 'unknown',
    meaning: 'podfit does not know this error',
    cure: 'see the log of the kubelet and of the runtime on the node',
  }
}
