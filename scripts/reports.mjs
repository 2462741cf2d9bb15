/**
 * Reads what the test runners report: how many tests passed, failed or were skipped, and which
 * failed of what. The names go at the end of a log, where a reader looks first.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Outcome
 */

/** Of a message: what tells the cause, and not how the runner came to it. */
const maxLines = 12;

/** @returns {Outcome} of Vitest's JSON */
export function readVitest({
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests,
  testResults,
}) {
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
    failures: testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === "failed");
      // A file that could not be loaded has failed without a test of it.
      if (status === "failed" && failed.length === 0) return [failure(name, message)];
      return failed.map((test) => failure(test.fullName, ...test.failureMessages));
    }),
  };
}

/**
 * A flaky test failed before it passed: that is a failure.
 *
 * @returns {Outcome} of Playwright's JSON
 */
export function readPlaywright({ stats, errors, suites }) {
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
    failures: [
      ...errors.map(({ message }) => failure("outside of the tests", message)),
      ...suites.flatMap(failuresOfSuite),
    ],
  };
}

/** @returns {string[]} */
function failuresOfSuite({ specs = [], suites = [] }) {
  return [
    ...suites.flatMap(failuresOfSuite),
    ...specs.flatMap(({ file, title, tests }) =>
      tests
        .filter(({ status }) => status === "unexpected" || status === "flaky")
        .map(({ results }) =>
          failure(
            `${file} › ${title}`,
            ...results.flatMap(({ errors }) => errors.map(({ message }) => message)),
          ),
        ),
    ),
  ];
}

/**
 * Where the runner could not be had, that counts as one test that was skipped.
 *
 * @returns {Outcome} of `reports/bogo.json`
 */
export function readBogo({
  num_failures_by_type: { PASS = 0, FAIL = 0, SKIP = 0 },
  tests,
  not_found,
}) {
  return {
    passed: PASS,
    failed: FAIL,
    skipped: not_found === undefined ? SKIP : 1,
    failures: Object.keys(tests)
      .filter((name) => tests[name].actual === "FAIL")
      .map((name) => failure(name, tests[name].error)),
  };
}

/**
 * @param {string} name
 * @param {...(string | undefined)} messages
 */
function failure(name, ...messages) {
  const lines = messages
    .flatMap((message) => (message ?? "").split("\n"))
    .filter((line) => !line.includes("/node_modules/"));
  return [name, ...lines.slice(0, maxLines).map((line) => `    ${line}`)].join("\n");
}
