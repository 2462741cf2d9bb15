/**
 * Takes the sentences of errors out of the worker's bundle: they are a tenth of what a handshake would
 * load, and none of them is needed unless something fails.
 *
 * In the source each stands where it is thrown, and there it stays when nothing is bundled. In the
 * worker's bundle
 *
 *     throw new TlsError("handshake/illegal-parameter", `The server chose ${name}, which …`);
 *
 * becomes `throw new TlsError("handshake/illegal-parameter", said(12, name))`: a reference, which is a
 * string as well, so that it may be put into another sentence. All sentences are one list, a file of
 * their own, in the place of `src/worker/sentences.ts`. The worker loads it when an error is on its way
 * to the page (`src/worker/outbox.ts`), and writes the sentences out (`src/worker/spelling.ts`).
 *
 * Names of certificates' holders (`src/x509/describe-name.ts`) are references, too, which hold the name
 * itself (`src/worker/naming.ts`).
 *
 * What is taken out are literals with blanks in them, wherever they stand among the arguments of
 * `new TlsError(…)` or of a function or method that is declared to return a TlsError, within one that
 * is declared to return a Sentence, and in constants that are declared to hold some. What stays:
 *
 * - what is said when the network is gone, and with it that file: of a bridge that can't be reached, of
 *   time limits, of ends of connections, and of files that could not be loaded;
 * - the messages that `src/x509/ocsp/errors.ts` takes apart, but not what is put into them.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";

const src = fileURLToPath(new URL("../src/", import.meta.url));

const places =
  /^(errors|bridge\/(dial|open|outcome)|(crypto|stream|tls|worker|x509)\/.*)(?<!\.test)\.ts$/;

/** By their codes: messages that stay. */
const kept =
  /^(aborted$|bridge\/(unreachable|closed)$|(timeout|closed)\/|certificate\/(malformed|unsupported-algorithm|weak-key)$)/;

/** @returns {import("vite").Plugin} for the bundle of the worker, and for no other. */
export function sentencesApart() {
  const modules = readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => places.test(path))
    .sort()
    .map((path) => parse(readFileSync(`${src}${path}`, "utf8")));
  const makers = new Set(modules.flatMap(makersOf));
  // Their numbers follow from the source alone, so that the same source gives the same files.
  const all = modules.flatMap((module) => sentencesOf(module, makers)).map(keyOf);
  const sentences = [...new Set(all)];
  return {
    name: "webtls-sentences",
    enforce: "pre",
    resolveId(source, importer) {
      const isWriter = importer?.replaceAll("\\", "/").startsWith(`${src}worker/spelling.ts`);
      return source.endsWith("/describe-name.ts") && !isWriter ? `${src}worker/naming.ts` : null;
    },
    transform(code, id) {
      const [path = ""] = id.replaceAll("\\", "/").split("?");
      if (!path.startsWith(src) || !places.test(path.slice(src.length))) return null;
      if (path === `${src}worker/sentences.ts`) {
        return { code: `export const sentences = [${sentences}];`, map: null };
      }
      const found = sentencesOf(parse(code), makers);
      if (found.length === 0) return null;
      const edits = found.flatMap((sentence) =>
        editsOf(sentence, sentences.indexOf(keyOf(sentence))),
      );
      const wording = JSON.stringify(`${src}worker/wording.ts`);
      return {
        code: `import { said as $said } from ${wording};\n${edited(code, edits)}`,
        map: null,
      };
    },
  };
}

/**
 * A sentence: its pieces, one more than there are expressions between them.
 *
 * @typedef {{ node: Node, pieces: string[], expressions: Node[] }} Sentence
 * @typedef {{ start: number, end: number, text: string }} Edit
 * @typedef {import("vite").ESTree.Node & Record<string, any>} Node
 */

/** @param {string} code TypeScript. @returns {Node} */
function parse(code) {
  return parseAst(code, { lang: "ts" });
}

/** Names of the functions and methods of a module that make errors. @param {Node} module */
function makersOf(module) {
  /** @type {string[]} */
  const makers = [];
  visit(module, (node) => {
    const isMethod = node.type === "MethodDefinition";
    const name = (isMethod ? node.key : node.id)?.name;
    if (name !== undefined && typeReturned(isMethod ? node.value : node) === "TlsError") {
      makers.push(name);
    }
    return true;
  });
  return makers;
}

/** @param {Node} node @returns {string | undefined} the type that it is declared to return, by name. */
function typeReturned(node) {
  return node.returnType?.typeAnnotation.typeName?.name;
}

/** Whether a type has to do with sentences. @param {Node | null | undefined} type */
function holdsSentences(type) {
  let holds = false;
  if (type) {
    visit(type, (node) => {
      holds ||= node.typeName?.name === "Sentence";
      return !holds;
    });
  }
  return holds;
}

/** What is put into a sentence, or where it is none, all of it. @param {Node} node */
function withoutItself(node) {
  return sentenceOf(node)?.expressions ?? [node];
}

/**
 * What can be taken out of a module.
 *
 * @param {Node} module @param {ReadonlySet<string>} makers
 * @returns {Sentence[]}
 */
function sentencesOf(module, makers) {
  /** @type {Sentence[]} */
  const found = [];
  visit(module, (node) => {
    // A type of functions has no body.
    if (typeReturned(node) === "Sentence" && node.body) {
      visit(node.body, take);
      return false;
    }
    if (node.type === "VariableDeclarator" && holdsSentences(node.id.typeAnnotation)) {
      visit(node.init, take);
      return false;
    }
    if (!makesError(node)) return true;
    const [code, ...said] = node.arguments;
    const stays = typeof code?.value === "string" && kept.test(code.value);
    for (const argument of stays ? said.flatMap(withoutItself) : node.arguments) {
      visit(argument, take);
    }
    return false;
  });
  return found;

  /** @param {Node} node */
  function makesError({ type, callee }) {
    if (type === "NewExpression") return callee.name === "TlsError";
    return type === "CallExpression" && makers.has(callee.name ?? callee.property?.name);
  }

  /** @param {Node} node */
  function take(node) {
    const sentence = sentenceOf(node);
    if (sentence === undefined || !/\S \S/.test(sentence.pieces.join("…"))) return true;
    found.push(sentence);
    for (const expression of sentence.expressions) visit(expression, take);
    return false;
  }
}

/**
 * A literal, a template, or such that are joined.
 *
 * @param {Node} node
 * @returns {Sentence | undefined}
 */
function sentenceOf(node) {
  if (node.type === "Literal") {
    return typeof node.value === "string"
      ? { node, pieces: [node.value], expressions: [] }
      : undefined;
  }
  if (node.type === "TemplateLiteral") {
    const pieces = node.quasis.map((/** @type {Node} */ { value }) => value.cooked);
    return { node, pieces, expressions: node.expressions };
  }
  if (node.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const left = sentenceOf(node.left);
  const right = sentenceOf(node.right);
  if (left === undefined || right === undefined) return undefined;
  const [first = "", ...rest] = right.pieces;
  const pieces = [...left.pieces.slice(0, -1), `${left.pieces.at(-1)}${first}`, ...rest];
  return { node, pieces, expressions: [...left.expressions, ...right.expressions] };
}

/** @param {Sentence} sentence */
function keyOf({ pieces }) {
  return JSON.stringify(pieces);
}

/**
 * Makes a sentence the reference to it; what is put into it stays as it is.
 *
 * @param {Sentence} sentence @param {number} number
 * @returns {Edit[]}
 */
function editsOf({ node, expressions }, number) {
  const starts = [node.start, ...expressions.map(({ end }) => end)];
  const ends = [...expressions.map(({ start }) => start), node.end];
  return starts.map((start, index) => {
    const before = index === 0 ? `$said(${number}` : "";
    return { start, end: ends[index], text: `${before}${index < expressions.length ? "," : ")"}` };
  });
}

/** @param {string} code @param {readonly Edit[]} edits */
function edited(code, edits) {
  let changed = code;
  // From the end on: nothing moves what is still to be replaced.
  for (const { start, end, text } of [...edits].sort((one, other) => other.start - one.start)) {
    changed = changed.slice(0, start) + text + changed.slice(end);
  }
  return changed;
}

/**
 * Visits a node and what is in it.
 *
 * @param {Node} node @param {(node: Node) => boolean} enter whether to go on with what is in a node.
 */
function visit(node, enter) {
  if (!enter(node)) return;
  for (const member of Object.values(node)) {
    for (const inner of Array.isArray(member) ? member : [member]) {
      if (typeof inner?.type === "string") visit(inner, enter);
    }
  }
}
