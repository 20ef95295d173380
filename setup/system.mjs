// What people type to install a program, on the system that they have.
import fs from "node:fs";

/** @typedef {"python" | "venv" | "compiler"} Program venv: the part of Python that makes environments */
/** @typedef {{ platform: NodeJS.Platform, release: string, root: boolean }} System release: what /etc/os-release holds */

/** By the names that /etc/os-release gives a system, or those that it is like. Elsewhere Python comes with its venv. */
const managers = [
  { names: ["debian"], install: "apt install", python: "python3 python3-venv", venv: "python3-venv", compiler: "g++" },
  { names: ["fedora"], install: "dnf install", python: "python3", compiler: "gcc-c++" },
  { names: ["rhel"], install: "dnf install", python: "python3.12", compiler: "gcc-c++" },
  { names: ["arch"], install: "pacman -S", python: "python", compiler: "gcc" },
  { names: ["suse", "opensuse"], install: "zypper install", python: "python312", compiler: "gcc-c++" },
];

/** @returns {System} */
function thisSystem() {
  const file = "/etc/os-release";
  return {
    platform: process.platform,
    release: fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "",
    root: process.getuid?.() === 0,
  };
}

/**
 * @param {Program} program
 * @param {System} [system]
 * @returns {string} the end of a sentence: "with `sudo apt install g++`"
 */
export function howToInstall(program, { platform, release, root } = thisSystem()) {
  if (platform === "darwin")
    return program === "compiler" ? "with `xcode-select --install`" : "with `brew install python`";
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(release)?.[1] ?? "";
  const names = [field("ID"), ...field("ID_LIKE").split(" ")];
  const manager = names
    .map((name) => managers.find((one) => one.names.includes(name)))
    .find((found) => found !== undefined);
  if (!manager) return "with the package manager of your system";
  const packages = manager[program] ?? manager.python;
  return `with \`${root ? "" : "sudo "}${manager.install} ${packages}\``;
}

/**
 * @param {string} platform e.g. "linux-x64"
 * @param {boolean} musl whether the C library is musl, as in Alpine Linux
 * @returns {string | undefined} a sentence, where TensorFlow is not published for the system
 */
export function unsupported(platform = `${process.platform}-${process.arch}`, musl = hasMusl()) {
  if (platform.startsWith("win32"))
    return "On Windows, this runs in the Windows Subsystem for Linux: run `wsl --install` in PowerShell, open Ubuntu, install Node there, and run the same command there. (If you are in it already: this Node is that of Windows.)";
  if (!["linux-x64", "linux-arm64", "darwin-arm64"].includes(platform))
    return `TensorFlow is not published for ${platform}: use Linux (x64 or arm64), a Mac with Apple silicon, or Windows with its Subsystem for Linux.`;
  if (musl)
    return "TensorFlow is not published for systems with the C library musl, as Alpine Linux: use one with glibc, such as Debian, Ubuntu or Fedora; in a container, an image such as node:24-bookworm.";
  return undefined;
}

function hasMusl() {
  if (process.platform !== "linux") return false;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime === undefined;
}
