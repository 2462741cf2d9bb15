/**
 * How the worker's bundle is cut into files: what every connection needs is one file, and so is what
 * verifies a path, which all but resumed connections need. Left alone, a bundler gives a file of its
 * own to whatever two lazily loaded parts share: some forty to fetch before a worker runs.
 *
 * @type {import("vite").Rolldown.OutputOptions}
 */
export const workerOutput = {
  minify: true,
  // Hints for other bundlers' tree shaking, which this bundle has behind it.
  comments: { annotation: false },
  codeSplitting: {
    groups: [
      // Not what starts it: lazily loaded parts import this file, and would run the start again where
      // the worker's own script was asked for by another URL, e.g. with a query.
      { name: "webtls", tags: ["$initial"], test: /(?<!worker\/entry)\.ts$/, priority: 1 },
      // The roots need it as well as what a caller gives, and each is loaded without the other.
      { name: "base64", test: /src\/x509\/base64\.ts$/, priority: 1 },
      { name: "path", test: /src\/x509\/path\.ts$/ },
      { name: "trust", test: /src\/tls\/given-trust\.ts$/ },
    ],
  },
};
