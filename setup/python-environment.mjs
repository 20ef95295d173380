// A Python environment of the project's own with the pinned JupyterLab, nbconvert, papermill and Plotly renderer.
// A stamp written last tells a finished environment from an interrupted one, and from one that was moved or is old.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { python, pythonFolder, root } from "./layout.mjs";
import { failure, requireDiskSpace, run } from "./run.mjs";
import { SetupError, step } from "./terminal.mjs";

const requirements = path.join(root, "setup", "requirements.txt");
const translator = path.join(root, "setup", "papermill-typescript");
const stampFile = path.join(pythonFolder, "complete");

const install =
  process.platform === "darwin"
    ? "`brew install python`"
    : "`sudo apt install python3 python3-venv` (or your system's equivalent)";

/**
 * @returns {Promise<string>} the command of a Python that can make environments
 * @throws {SetupError} that says what to install
 */
async function findPython() {
  const candidates = process.env.PYTHON
    ? [process.env.PYTHON]
    : ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
  const probe =
    "import sys\nprint(sys.version_info >= (3, 10), sys.version.split()[0])\ntry:\n import venv, ensurepip\n print('venv')\nexcept ImportError: pass";
  let found = "";
  for (const candidate of candidates) {
    const { code, output } = await run(candidate, ["-c", probe]);
    if (code !== 0) continue;
    const [recent, version] = output.split(/\s+/);
    if (recent !== "True")
      found ||= `Python ${version} is too old: Python 3.10 or newer is needed; install it with ${install}.`;
    else if (!output.includes("venv"))
      found ||= `Python ${version} lacks the venv module: install it with ${process.platform === "darwin" ? install : "`sudo apt install python3-venv`"}.`;
    else return candidate;
  }
  const missing = process.env.PYTHON
    ? `PYTHON=${process.env.PYTHON} is not a Python that runs.`
    : `Python 3.10 or newer was not found: install it with ${install}.`;
  throw new SetupError(found || missing);
}

function stamp() {
  const hash = createHash("sha256").update(pythonFolder);
  for (const file of [requirements, ...fs.readdirSync(translator).map((name) => path.join(translator, name))])
    hash.update(fs.readFileSync(file));
  return hash.digest("hex");
}

export async function pythonEnvironment() {
  const wanted = stamp();
  if (fs.existsSync(stampFile) && fs.existsSync(python) && fs.readFileSync(stampFile, "utf8") === wanted) return;
  const base = await findPython();
  requireDiskSpace(root, 2e9);
  const line = step("Python environment with JupyterLab");
  try {
    fs.rmSync(pythonFolder, { recursive: true, force: true });
    const created = await run(base, ["-m", "venv", pythonFolder]);
    if (created.code !== 0) {
      if (/ensurepip/.test(created.output))
        throw new SetupError("Python's venv module is incomplete: install it with `sudo apt install python3-venv`.");
      throw failure("The Python environment", created.output);
    }
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"];
    /** @param {string} text */
    const onLine = (text) => {
      const name = /^\s*(?:Collecting|Downloading) ([\w.-]+)/.exec(text)?.[1];
      if (name && process.stdout.isTTY) line.progress(name.split(/[=<>]/)[0]);
      else if (/^Installing collected/.test(text)) line.progress("installing");
    };
    const packages = await run(python, [...pip, "--require-hashes", "-r", requirements], { onLine });
    if (packages.code !== 0) throw failure("JupyterLab", packages.output);
    const copy = path.join(pythonFolder, "papermill-typescript"); // setuptools builds in place
    fs.cpSync(translator, copy, { recursive: true });
    const own = await run(python, [...pip, "--no-deps", "--no-index", "--no-build-isolation", copy]);
    if (own.code !== 0) throw failure("The papermill translator", own.output);
  } catch (error) {
    line.failed();
    throw error;
  }
  fs.writeFileSync(`${stampFile}.part`, wanted);
  fs.renameSync(`${stampFile}.part`, stampFile);
  line.done();
}
