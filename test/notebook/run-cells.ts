// Runs cells in a real kernel, as Jupyter does, and returns its answers.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../..");

export interface Answer {
  stdout: string;
  stderr: string;
  displays: Record<string, unknown>[];
  /** The value of the last expression. */
  result?: { count: number; data: Record<string, unknown> };
  /** The cell's number in each execute_input message. */
  inputs: number[];
  error?: { ename: string; evalue: string; traceback: string[] };
  status: "ok" | "error" | "aborted";
  count: number;
  /** Messages of other types that the kernel has published. */
  others?: Message[];
  /** Of a message that is not a cell. */
  reply?: Message;
}

/** What a reader sees below the cell: what it has printed, and the value of its last expression. */
export const textBelow = ({ stdout, result }: Answer): string =>
  stdout + (result ? `${result.data["text/plain"]}\n` : "");

interface Message {
  type: string;
  content: Record<string, unknown>;
}

/** A cell with its id in the notebook, or with other fields of an execute_request than usual. */
interface Request {
  code: string;
  cellId?: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
}

export type Cell =
  | string
  | Request
  | { write: string; text: string }
  | { interrupt: number; shown?: boolean }
  | { stopAt: string }
  | { wait: number }
  | { atOnce: (string | (Request & { after?: string }))[] }
  | { message: string; content: object; channel?: "shell" | "control" };

/** Runs cells in one kernel, whose notebook is in `folder`. */
export function runCells(cells: Cell[], folder = path.join(root, "notebooks")): Answer[] {
  const python = path.join(root, ".setup", "python", "bin", "python");
  const answers = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "cells-")), "answers.json");
  const { stdout, stderr, status } = spawnSync(python, [path.join(__dirname, "run_cells.py"), folder, answers], {
    input: JSON.stringify(cells),
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stdout, "", "nothing but messages: what goes past Jupyter is lost to the notebook");
  return JSON.parse(fs.readFileSync(answers, "utf8"));
}
