/**
 * A lazily imported module that shares its file with others needs an object for its exports. What makes
 * that would come in a file of its own, which a connection waits for once it has the file that asks for
 * it: here each has it itself.
 *
 * @type {import("vite").Rolldown.Plugin}
 */
const ownNamespaces = {
  name: "webtls-own-namespaces",
  renderChunk(code) {
    return code.replace(
      /^import \{ \w+ as __exportAll \} from ".*";$/m,
      `const __exportAll = (all) => {
        const namespace = {};
        for (const name in all) Object.defineProperty(namespace, name, { get: all[name] });
        return namespace;
      };`,
    );
  },
};

/**
 * How the worker's bundle is cut into files: what every connection needs is one file. Left alone, a
 * bundler gives a file of its own to whatever two lazily loaded parts share: some forty to fetch before
 * a worker runs.
 *
 * @type {import("vite").Rolldown.OutputOptions}
 */
export const workerOutput = {
  minify: true,
  // Has V8 compile the file while it is being fetched, instead of each function when a connection that
  // waits calls it for the first time: that was a third of a first handshake.
  postBanner: ({ name }) => (name === "webtls" ? "//# allFunctionsCalledOnLoad" : ""),
  plugins: [ownNamespaces],
  // Hints for other bundlers' tree shaking, which this bundle has behind it.
  comments: { annotation: false },
  codeSplitting: {
    groups: [
      // Not what starts it: lazily loaded parts import this file, and would run the start again where
      // the worker's own script was asked for by another URL, e.g. with a query. Base64 is what roots
      // and a caller's certificates are read by: whoever loads those need not ask for it once they are
      // there.
      { name: "webtls", test: /src\/(worker\/host|x509\/base64)\.ts$/, priority: 1 },
      { name: "trust", test: /src\/tls\/given-trust\.ts$/ },
    ],
  },
};
