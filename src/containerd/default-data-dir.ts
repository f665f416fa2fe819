/** Where `podfit up` keeps everything unless told otherwise. */
export const defaultDataDir = '/var/lib/podfit'
