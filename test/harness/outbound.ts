import { secretBox } from '#db/secrets/secret-box.ts'
import { egressRules } from '#engine/egress/egress-rules.ts'

/** What a test's house seals secrets with, and where its connections may lead: to fakes on loopback, and outside. */
export const outbound = {
  secrets: secretBox([Buffer.alloc(32, 7)]),
  egressRules: egressRules(['127.0.0.1']),
  /** No worker runs, so nobody answers. */
  askForTest: async () => undefined,
}
