/** Where the kernel or the status has another size than the node has granted. */
export const resizeAgain =
  'Ask for the size again (a resize by 1m is enough) and see who else writes cgroups on the node'
