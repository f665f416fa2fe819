import { configureGlobal } from 'fast-check'

/**
 * To be imported before property tests: they try the same cases in every run, so that a change
 * is refused for what it does, and what fails, fails again. `PODFIT_TEST_SEED=123` tries others.
 */
const seed = Number(process.env['PODFIT_TEST_SEED'] ?? 20_260_131)

configureGlobal({ seed })
