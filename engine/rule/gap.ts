/** `stopped`: no ticker ran. `late`: one did, and the answers were so slow that slots went by. */
export type GapReason = 'stopped' | 'late'
