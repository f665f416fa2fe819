/**
 * What runs inside a container, with its ID as `$1`: shell built-ins only, since an image
 * may have a shell and nothing else. It prints `=NAME` before the lines of each file.
 *
 * In a cgroup namespace of its own (v2), or where the runtime mounts only the container's
 * own cgroups (v1), those are at `/sys/fs/cgroup`; with the node's tree there, they are
 * below it where /proc/self/cgroup says. A shell that an exec started may be in a cgroup
 * below the container's: the path counts only up to the name with the container's ID.
 */
export const insideScript = `
show() { [ -r "$2" ] && { echo "=$1"; while read -r line; do echo "$line"; done <"$2"; }; }
show uptime /proc/uptime
while read -r key value unit; do
  [ "$key" = KernelPageSize: ] && { echo "=page"; echo "$value"; break; }
done </proc/self/smaps
path=/none
while IFS=: read -r number controllers one; do
  case $one in *"$1"*) before=\${one%%"$1"*}; rest=\${one#"$before"}; path=$before\${rest%%/*} ;; esac
done </proc/self/cgroup
top=/sys/fs/cgroup
at=$top$path; [ -e "$at/cpu.max" ] || at=$top
for file in cpu.max cpu.weight memory.max cpu.stat memory.current memory.stat; do
  show "/$file" "$at/$file"
done
for file in cpu/cpu.shares cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu/cpu.stat \\
  cpuacct/cpuacct.usage memory/memory.limit_in_bytes memory/memory.usage_in_bytes memory/memory.stat
do
  at=$top/\${file%/*}$path; [ -e "$at" ] || at=$top/\${file%/*}
  show "/$file" "$at/\${file#*/}"
done
exit 0
`

/** What the script found. */
export interface InsideView {
  /** Texts of cgroup files: `/cpu.max` (v2), `/cpu/cpu.shares` (v1). */
  readonly texts: ReadonlyMap<string, string>
  /** Bytes; undefined if the kernel does not tell. */
  readonly pageSize: number | undefined
  /** Milliseconds since the node started. */
  readonly uptimeMs: number
}

/** Reads what the script printed. Cut or foreign output gives fewer files, never an exception. */
export function parseInsideView(stdout: string): InsideView {
  const texts = new Map<string, string>()
  for (const block of stdout.split(/^=/m).slice(1)) {
    const [name = '', ...lines] = block.trimEnd().split('\n')
    texts.set(name, lines.join('\n'))
  }
  const pageKib = Number(texts.get('page'))
  const uptime = Number.parseFloat(texts.get('uptime') ?? '')
  return {
    texts: new Map(texts.entries().filter(([name]) => name.startsWith('/'))),
    pageSize: pageKib > 0 ? pageKib * 1024 : undefined,
    uptimeMs: Number.isFinite(uptime) ? uptime * 1000 : 0,
  }
}
