/** An exception as a JVM prints it, thrown somewhere in the class that logs it. */
export function withStack(exception: string, logger: string): string {
  const className = logger.slice(logger.lastIndexOf('.') + 1)
  const line = 40 + ((logger.length * 37) % 300)
  return [
    exception,
    `at ${logger}.run(${className}.java:${line})`,
    'at java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)',
    'at java.base/java.lang.Thread.run(Thread.java:1583)',
  ].join('\n\t')
}
