/**
 * Who gives a running container its size: the runtime alone, or the node writes the
 * container's cgroup files first and the runtime then writes the same.
 */
export const actuationModes = ['runtime', 'kernel-first'] as const
export type ActuationMode = (typeof actuationModes)[number]
