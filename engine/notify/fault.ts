/** Whose fault it is that nothing arrived; says what a person can do about it. */
export type Fault =
  /** The credentials are wrong or were taken away. */
  | 'auth'
  /** What the connection leads to is no more. */
  | 'gone'
  | 'rate-limited'
  /** They do not take this message. */
  | 'client'
  | 'server'
  | 'timeout'
  | 'network'
  /** What was entered here cannot work. */
  | 'config'
