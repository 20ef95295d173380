// Runs the programs that set-up needs, keeps what they print for the error message, and turns the failures that
// people meet (no network, full disk) into sentences.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { megabytes, UserError } from "./terminal.mjs";

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number | null, output: string }>} code is null when the program could not be started
 */
export function run(command, args, { onLine, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let rest = "";
    /** @param {Buffer} chunk */
    const read = (chunk) => {
      const text = chunk.toString();
      output = (output + text).slice(-20_000);
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", () => resolve({ code: null, output }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** @type {[RegExp, string][]} what package managers print, and what it means to a person */
const causes = [
  [/ENOSPC|No space left on device|Disk quota exceeded/i, "the disk is full; free about 3 GB"],
  [
    /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|unable to (get|verify)|CERT_/,
    "the certificate of the package registry is not trusted; behind a proxy that has one of its own, name that to npm (setting cafile) and to pip (setting cert)",
  ],
  [
    /\bE40[137]\b|\b40[137] (Client Error|Unauthorized|Forbidden|Proxy Authentication)/i,
    "the package registry refuses access; check the user name and password in the registry and proxy settings of npm and pip",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|Temporary failure in name resolution|Name or service not known|NewConnectionError|Failed to establish a new connection|Network is unreachable|ReadTimeoutError|ConnectTimeoutError|Could not fetch URL|ProxyError|from versions: none/i,
    "the package registry could not be reached; check the network, and the proxy and registry settings of npm and pip",
  ],
  [/EACCES|EPERM|Permission denied/i, "a folder is not writable; check who owns the project's folder"],
  [
    /THESE PACKAGES DO NOT MATCH THE HASHES|EINTEGRITY/i,
    "a downloaded package is not the pinned one (its checksum differs); clear the npm or pip cache",
  ],
];

/** @param {string} output what a program printed @returns {string | undefined} why it failed, if that is known */
export const causeOf = (output) => causes.find(([pattern]) => pattern.test(output))?.[1];

/**
 * @param {string} what the thing that could not be had, as the subject of a sentence: "Node packages"
 * @param {string} output what the failed program printed
 */
export function failure(what, output) {
  const cause = causeOf(output);
  const lines = output.trim().split("\n");
  const errors = lines.filter((line) => /error/i.test(line)).slice(0, 8);
  const printed = (errors.length > 0 ? errors : lines.slice(-8)).join("\n");
  return new UserError(
    cause
      ? `${what} could not be installed: ${cause}. Then run the same command again.`
      : `${what} could not be installed:\n${printed}`,
  );
}

/**
 * @param {string} folder any existing folder on the disk in question
 * @param {number} needed bytes
 * @returns {string | undefined} a sentence, where so much is not free
 */
export function lackOfSpace(folder, needed) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = bavail * bsize;
  return free < needed
    ? `${megabytes(needed)} of disk space are needed in ${folder} and ${megabytes(free)} are free: make room.`
    : undefined;
}
