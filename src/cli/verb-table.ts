import type { Verb } from './verb.ts'

/** What `podfit` can do, as its help lists it. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'Start a Kubernetes with one node on this machine',
    load: () => import('./verbs/up.ts'),
  },
  {
    name: 'down',
    summary: 'Stop what up started; its data stays',
    load: () => import('./verbs/down.ts'),
  },
  {
    name: 'plan',
    summary: 'Say what would happen to a resize, without changing anything',
    load: () => import('./verbs/plan.ts'),
  },
  {
    name: 'resize',
    summary: 'Resize running pods in place and follow it to the kernel',
    load: () => import('./verbs/resize.ts'),
  },
  {
    name: 'verify',
    summary: 'Compare what the API says with what the kernel holds',
    load: () => import('./verbs/verify.ts'),
  },
  {
    name: 'get',
    summary: 'Show the sizes of pods, and where their resizes stand',
    load: () => import('./verbs/get.ts'),
  },
  {
    name: 'top',
    summary: 'Show what pods use beside their sizes',
    load: () => import('./verbs/top.ts'),
  },
  {
    name: 'why',
    summary: 'Say what a resize waits for, or what it failed on',
    load: () => import('./verbs/why.ts'),
  },
  {
    name: 'explain',
    summary: 'Explain the code of a finding or warning',
    load: () => import('./verbs/explain.ts'),
  },
  {
    name: 'check',
    summary: 'Check whether cluster, nodes and user can resize in place',
    load: () => import('./verbs/check.ts'),
  },
  {
    name: 'undo',
    summary: 'Bring pods back to the size before a resize',
    load: () => import('./verbs/undo.ts'),
  },
  {
    name: 'history',
    summary: 'List the resizes that were made from here',
    load: () => import('./verbs/history.ts'),
  },
  {
    name: 'image',
    summary: 'Load container images for the pods of up',
    load: () => import('./verbs/image.ts'),
  },
  {
    name: 'completion',
    summary: 'Print the completion script for bash, zsh or fish',
    load: () => import('./verbs/completion.ts'),
  },
  { name: 'version', summary: 'Print the version', load: () => import('./verbs/version.ts') },
]
